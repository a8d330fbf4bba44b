#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "auk/hash.h"

void auk_output_init(auk_output *output, const auk_sink *sink)
{
    memset(output, 0, sizeof *output);
    output->sink = *sink;
}

void auk_output_deinit(auk_output *output)
{
    free(output->values);
    memset(output, 0, sizeof *output);
}

void auk_output_fail(auk_output *output, auk_code code, const char *message)
{
    if (output->code == AUK_OK)
        output->code = auk_fail(&output->error, code, "%s", message);
}

static auk_meta_value *add_value(auk_output *output)
{
    if (output->count == output->capacity) {
        output->capacity = output->capacity ? output->capacity * 2 : 64;
        output->values = realloc(output->values, output->capacity * sizeof *output->values);
        if (!output->values)
            abort();
    }
    return &output->values[output->count++];
}

void auk_output_put(auk_output *output, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes)
{
    if (output->code != AUK_OK)
        return;
    output->code = output->sink.put(output->sink.context, kind, field, part, bytes, &output->error);
    if (output->code != AUK_OK)
        return;
    *add_value(output) = (auk_meta_value){.kind = kind,
                                          .field = field,
                                          .part = part,
                                          .size = bytes.size,
                                          .checksum = auk_crc32c(0, bytes)};
}

auk_code auk_output_status(const auk_output *output, auk_error *err)
{
    if (output->code != AUK_OK && err)
        *err = output->error;
    return output->code;
}

static auk_code put_through(void *context, uint8_t kind, uint16_t field, uint32_t part,
                            auk_span bytes, auk_error *err)
{
    auk_output *output = context;
    auk_output_put(output, kind, field, part, bytes);
    return auk_output_status(output, err);
}

auk_sink auk_output_sink(auk_output *output)
{
    return (auk_sink){put_through, output};
}

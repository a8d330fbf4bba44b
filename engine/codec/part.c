#include "part.h"

void auk_part_writer_init(auk_part_writer *writer, const auk_sink *sink, uint8_t kind)
{
    *writer = (auk_part_writer){.sink = *sink, .kind = kind};
    auk_buffer_init(&writer->buffer, AUK_BUFFER_NO_LIMIT);
}

void auk_part_writer_deinit(auk_part_writer *writer)
{
    auk_buffer_deinit(&writer->buffer);
}

void auk_part_writer_restart(auk_part_writer *writer, uint16_t field)
{
    writer->field = field;
    writer->part = 0;
    auk_buffer_reset(&writer->buffer);
}

auk_code auk_part_writer_add(auk_part_writer *writer, size_t size, uint8_t **unit,
                             uint64_t *address, auk_error *err)
{
    if (size > UINT32_MAX - AUK_PART_PAD)
        return auk_fail(err, AUK_TOO_LARGE, "a unit of %zu bytes does not fit a value", size);
    if (writer->buffer.size + size + AUK_PART_PAD > AUK_VALUE_SIZE_TARGET) {
        auk_code code = auk_part_writer_flush(writer, err);
        if (code != AUK_OK)
            return code;
    }

    *address = ((uint64_t)writer->part << 32) | writer->buffer.size;
    *unit = (uint8_t *)auk_buffer_reserve(&writer->buffer, size);
    writer->buffer.size += size;
    return AUK_OK;
}

auk_code auk_part_writer_flush(auk_part_writer *writer, auk_error *err)
{
    if (writer->buffer.size == 0)
        return AUK_OK;
    char *pad = auk_buffer_reserve(&writer->buffer, AUK_PART_PAD);
    memset(pad, 0, AUK_PART_PAD);
    writer->buffer.size += AUK_PART_PAD;

    auk_code code = writer->sink.put(writer->sink.context, writer->kind, writer->field,
                                     writer->part, auk_buffer_span(&writer->buffer), err);
    auk_buffer_reset(&writer->buffer);
    writer->part++;
    return code;
}

/*
 * Any bytes as a chunked body. The first byte sets the size of the pieces in which they arrive;
 * however they are cut, the same bytes must come out.
 */
#include <stdlib.h>
#include <string.h>

#include "chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    auk_http_step step;
    size_t used;
    size_t size;
    char *body;
};

static struct outcome decode(auk_span bytes, size_t piece)
{
    auk_http_chunked chunked = {0};
    auk_http_refusal refusal;
    struct outcome outcome = {.step = AUK_HTTP_MORE, .body = malloc(bytes.size + 1)};
    while (outcome.step == AUK_HTTP_MORE && outcome.used < bytes.size) {
        size_t left = bytes.size - outcome.used;
        auk_span in = {bytes.data + outcome.used, left < piece ? left : piece};
        size_t given = in.size;
        while (in.size && outcome.step == AUK_HTTP_MORE) {
            auk_span data;
            outcome.step = auk_http_chunked_take(&chunked, &in, &data, &refusal);
            if (data.size)
                memcpy(outcome.body + outcome.size, data.data, data.size);
            outcome.size += data.size;
        }
        outcome.used += given - in.size;
    }
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    auk_span bytes = auk_span_make(data + 1, size - 1);
    struct outcome whole = decode(bytes, bytes.size);
    struct outcome pieces = decode(bytes, (size_t)data[0] % 32 + 1);
    if (whole.step != pieces.step || whole.used != pieces.used || whole.size != pieces.size ||
        memcmp(whole.body, pieces.body, whole.size) != 0)
        abort();
    free(whole.body);
    free(pieces.body);
    return 0;
}

/*
 * Any bytes as a request head. The first byte sets the size of the pieces in which they arrive;
 * however they are cut, scanner and parser must come to the same end.
 */
#include <stdlib.h>

#include "head.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const auk_http_limits limits = {.request_line_bytes = 512,
                                       .head_bytes = 2048,
                                       .body_bytes = 1000,
                                       .headers = 20};

static auk_http_step scan(auk_span bytes, size_t piece, auk_http_scanner *scanner)
{
    auk_http_refusal refusal;
    auk_http_step step = AUK_HTTP_MORE;
    for (size_t at = 0; at < bytes.size && step == AUK_HTTP_MORE; at += piece) {
        size_t left = bytes.size - at;
        auk_span in = {bytes.data + at, left < piece ? left : piece};
        step = auk_http_scanner_feed(scanner, &limits, in, &refusal);
    }
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    auk_span bytes = auk_span_make(data + 1, size - 1);
    auk_http_scanner whole = {0};
    auk_http_scanner pieces = {0};
    auk_http_step step = scan(bytes, bytes.size, &whole);
    if (scan(bytes, (size_t)data[0] % 64 + 1, &pieces) != step || pieces.size != whole.size)
        abort();
    /* the parser alone must bear any bytes as well */
    if (step == AUK_HTTP_DONE)
        bytes.size = whole.size;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_request request = {.arena = arena};
    auk_http_refusal refusal = {0};
    auk_http_head head;
    bool taken = auk_http_head_parse(bytes, &limits, arena, &head, &refusal);
    if (taken && step != AUK_HTTP_DONE)
        abort();
    if (taken && head.chunked && head.length)
        abort();
    if (taken)
        taken = auk_http_target_parse(head.target, &request, &refusal);
    if (taken != (refusal.status == 0))
        abort();
    auk_arena_destroy(arena);
    return 0;
}

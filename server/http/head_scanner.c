#include "characters.h"
#include "head.h"

static auk_http_step refused(auk_http_refusal *refusal, int status, const char *reason)
{
    auk_http_refuse(refusal, status, "%s", reason);
    return AUK_HTTP_REFUSED;
}

/* A line has ended; the empty one ends the head. */
static auk_http_step end_line(auk_http_scanner *scanner, const auk_http_limits *limits,
                              auk_http_refusal *refusal)
{
    scanner->after_cr = false;
    if (scanner->line_size == 0)
        return scanner->lines ? AUK_HTTP_DONE
                              : refused(refusal, 400, "empty line before the request line");
    scanner->line_size = 0;
    scanner->lines++;
    if (scanner->lines - 1 > limits->headers)
        return refused(refusal, 431, "too many headers");
    return AUK_HTTP_MORE;
}

static auk_http_step next_byte(auk_http_scanner *scanner, const auk_http_limits *limits, char byte,
                               auk_http_refusal *refusal)
{
    if (++scanner->size > limits->head_bytes)
        return scanner->lines ? refused(refusal, 431, "request head is too large")
                              : refused(refusal, 414, "request line is too long");
    if (scanner->after_cr)
        return byte == '\n'
                   ? end_line(scanner, limits, refusal)
                   : refused(refusal, 400, "carriage return without line feed in the head");
    if (byte == '\r') {
        scanner->after_cr = true;
        return AUK_HTTP_MORE;
    }
    if (byte == '\n')
        return refused(refusal, 400, "line feed without carriage return in the head");
    if (!auk_http_is_text(byte))
        return refused(refusal, 400, "control byte in the head");
    if (++scanner->line_size > limits->request_line_bytes && scanner->lines == 0)
        return refused(refusal, 414, "request line is too long");
    return AUK_HTTP_MORE;
}

auk_http_step auk_http_scanner_feed(auk_http_scanner *scanner, const auk_http_limits *limits,
                                    auk_span bytes, auk_http_refusal *refusal)
{
    for (size_t i = 0; i < bytes.size; i++) {
        auk_http_step step = next_byte(scanner, limits, bytes.data[i], refusal);
        if (step != AUK_HTTP_MORE)
            return step;
    }
    return AUK_HTTP_MORE;
}

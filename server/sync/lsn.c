#include "lsn.h"

#include <stdio.h>

static bool parse_half(auk_span text, uint32_t *out)
{
    uint32_t value = 0;
    if (text.size == 0 || text.size > 8)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16)
            return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

bool auk_lsn_parse(auk_span text, auk_lsn *out)
{
    const char *slash = text.size ? memchr(text.data, '/', text.size) : NULL;
    uint32_t high, low;
    if (!slash)
        return false;
    size_t size = (size_t)(slash - text.data);
    if (!parse_half(auk_span_make(text.data, size), &high) ||
        !parse_half(auk_span_from(text, size + 1), &low))
        return false;
    *out = (auk_lsn)high << 32 | low;
    return true;
}

const char *auk_lsn_format(auk_lsn lsn, char out[24])
{
    (void)snprintf(out, 24, "%X/%X", (unsigned)(lsn >> 32), (unsigned)lsn);
    return out;
}

#include "unescape.h"

#include "auk/utf8.h"

/* Four hexadecimal digits, or -1. */
static int32_t read_hex(const char *at, const char *end)
{
    if (end - at < 4)
        return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        else
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* at stands behind the u. Answers where it ends, or NULL. */
static const char *read_unicode(const char *at, const char *end, uint32_t *code_point)
{
    int32_t unit = read_hex(at, end);
    if (unit < 0)
        return NULL;
    at += 4;
    *code_point = (uint32_t)unit;
    if (unit < 0xD800 || unit > 0xDFFF)
        return at;
    if (unit > 0xDBFF || end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return NULL;
    int32_t low = read_hex(at + 2, end);
    if (low < 0xDC00 || low > 0xDFFF)
        return NULL;
    *code_point = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
    return at + 6;
}

static char simple_escape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* One sequence from its backslash on: writes its text at *to. Answers where it ends, or NULL. */
static const char *read_escape(const char *at, const char *end, char **to)
{
    if (end - at < 2)
        return NULL;
    if (at[1] == 'u') {
        uint32_t code_point;
        const char *next = read_unicode(at + 2, end, &code_point);
        if (next != NULL)
            *to += auk_utf8_encode(code_point, *to);
        return next;
    }
    char byte = simple_escape(at[1]);
    if (byte == '\0')
        return NULL;
    *(*to)++ = byte;
    return at + 2;
}

const char *auk_json_unescape(auk_span raw, const char *first_escape, auk_arena *arena,
                              auk_span *out)
{
    const char *at = raw.data;
    const char *end = raw.data + raw.size;
    const char *escape = first_escape;
    char *start = auk_arena_alloc(arena, raw.size); /* no escape is shorter than its text */
    char *to = start;
    while (escape != NULL) {
        memcpy(to, at, (size_t)(escape - at));
        to += escape - at;
        at = read_escape(escape, end, &to);
        if (at == NULL)
            return escape;
        escape = memchr(at, '\\', (size_t)(end - at));
    }
    memcpy(to, at, (size_t)(end - at));
    to += end - at;
    *out = auk_span_make(start, (size_t)(to - start));
    return NULL;
}

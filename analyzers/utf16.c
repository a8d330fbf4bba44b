#include "utf16.h"

#include <stdlib.h>
#include <unicode/ustring.h>

#include "auk/log.h"
#include "auk/utf8.h"
#include "unicode.h"

void auk_utf16_deinit(auk_utf16 *text)
{
    free(text->units);
    *text = (auk_utf16){0};
}

void auk_utf16_reserve(auk_utf16 *text, int32_t capacity)
{
    enum { FIRST = 256 };
    if (capacity <= text->capacity)
        return;
    int32_t grown = text->capacity ? text->capacity : FIRST;
    while (grown < capacity)
        grown = grown > INT32_MAX / 2 ? INT32_MAX : grown * 2;
    uint16_t *units = realloc(text->units, (size_t)grown * sizeof *units);
    if (!units)
        auk_fatal("no memory for a text of %d units", (int)grown);
    text->units = units;
    text->capacity = grown;
}

void auk_utf16_read(auk_utf16 *text, auk_span utf8)
{
    auk_utf16_reserve(text, (int32_t)utf8.size + 1);
    const char *end = utf8.data + utf8.size;
    uint16_t *out = text->units;
    for (const char *at = utf8.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        if (character > 0xffff) {
            *out++ = (uint16_t)(0xd7c0 + (character >> 10));
            *out++ = (uint16_t)(0xdc00 | (character & 0x3ff));
        } else {
            *out++ = (uint16_t)character;
        }
    }
    text->size = (int32_t)(out - text->units);
}

void auk_utf16_change_case(const auk_utf16 *from, auk_utf16 *to, bool upper)
{
    auk_utf16_reserve(to, from->size + 1);
    for (int attempt = 0; attempt < 2; attempt++) {
        UErrorCode status = U_ZERO_ERROR;
        to->size =
            upper ? u_strToUpper(to->units, to->capacity, from->units, from->size, "en", &status)
                  : u_strToLower(to->units, to->capacity, from->units, from->size, "en", &status);
        if (status != U_BUFFER_OVERFLOW_ERROR)
            return;
        auk_utf16_reserve(to, to->size + 1);
    }
}

void auk_utf16_write(const auk_utf16 *text, auk_buffer *out)
{
    for (int32_t at = 0; at < text->size;) {
        uint32_t character = text->units[at++];
        if (character >= 0xd800 && character <= 0xdfff) {
            uint32_t low = at < text->size ? text->units[at] : 0;
            bool pair = character < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
            character = pair ? 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
            at += pair;
        }
        char bytes[4];
        auk_buffer_append(out, auk_span_make(bytes, auk_utf8_encode(character, bytes)));
    }
}

#include <string.h>

#include "auk/varint.h"
#include "text_kernels.h"
#include "unicode.h"

static bool is_two_byte_lead(uint8_t byte)
{
    return byte >= 0xc0 && byte < 0xe0;
}

/* Are the eight bytes four plain characters of two bytes? */
static bool are_four_plain(const char *text)
{
    uint64_t word = auk_load_u64(text);
    if ((word & 0xC0E0C0E0C0E0C0E0u) != 0x80C080C080C080C0u)
        return false;
    bool others = false; /* one question about all four */
    for (unsigned i = 0; i < 64; i += 16)
        others |= auk_text_has(auk_text_rows_table.not_plain, (uint8_t)(word >> i),
                               (uint8_t)(word >> (i + 8)));
    return !others;
}

static size_t plain_prefix(const char *text, size_t size)
{
    size_t at = auk_unicode_ascii_prefix(text, size);
    while (at < size) {
        if ((uint8_t)text[at] < 0x80) {
            at++;
            if (size - at >= 32 && (uint8_t)text[at] < 0x80)
                at += auk_unicode_ascii_prefix(text + at, size - at);
            continue;
        }
        if (size - at >= 8 && are_four_plain(text + at)) {
            at += 8;
            continue;
        }
        size_t bytes = auk_text_plain_bytes(text + at, size - at);
        if (bytes == 0)
            break;
        at += bytes;
    }
    return at;
}

static unsigned letter_case(const char *text, size_t size)
{
    const auk_text_rows *rows = &auk_text_rows_table;
    unsigned found = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)text[i], second = i + 1 < size ? (uint8_t)text[i + 1] : 0;
        if (byte < 0x80)
            found |= (uint8_t)(byte - 'A') < 26 ? AUK_TEXT_HAS_CAPITALS : 0;
        else if (is_two_byte_lead(byte))
            found |= (auk_text_has(rows->capitals, byte, second) ? AUK_TEXT_HAS_CAPITALS : 0u) |
                     (auk_text_has(rows->odd, byte, second) ? AUK_TEXT_IS_ODD : 0u);
        else if (byte >= 0xe0)
            found |= auk_text_is_caseless(byte, second) ? 0 : AUK_TEXT_IS_ODD;
    }
    return found;
}

static void lower(const char *text, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)text[i];
        out[i] = (char)(byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0));
        if (!is_two_byte_lead(byte) || i + 1 == size)
            continue;
        memcpy(out + i, auk_text_rows_table.small[(byte & 0x1f) << 6 | (text[i + 1] & 0x3f)], 2);
        i++;
    }
}

const auk_text_kernels auk_text_kernels_portable = {
    .name = "portable",
    .plain_prefix = plain_prefix,
    .letter_case = letter_case,
    .lower = lower,
};

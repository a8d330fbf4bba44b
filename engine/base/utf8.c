#include "auk/utf8.h"

#include "auk/cpu.h"
#include "auk/varint.h"
#include "utf8_kernels.h"

enum { WIDE_WORTH = 32 };

#define HIGH_BITS 0x8080808080808080u

/* Everything but ASCII. least: the smallest second byte, most: the largest, which between them
 * refuse overlong forms, surrogates and code points past U+10FFFF. */
static size_t decode_long(const uint8_t *bytes, size_t size, uint32_t *code_point)
{
    uint8_t first = bytes[0];
    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || length > size)
        return 0;
    uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < least || bytes[1] > most)
        return 0;
    uint32_t result = (uint32_t)(first & (0x7F >> length)) << 6 | (bytes[1] & 0x3Fu);
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        result = result << 6 | (bytes[i] & 0x3Fu);
    }
    *code_point = result;
    return length;
}

size_t auk_utf8_decode(auk_span text, uint32_t *code_point)
{
    if (text.size == 0)
        return 0;
    const uint8_t *bytes = auk_span_bytes(text);
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    return decode_long(bytes, text.size, code_point);
}

/* Are the eight bytes four characters of two bytes each? Most of Greek and Cyrillic words. */
static bool is_four_of_two(uint64_t word)
{
    const uint64_t leads = word & 0x001E001E001E001Eu; /* zero in a lead below 0xC2 */
    return (word & 0xC0E0C0E0C0E0C0E0u) == 0x80C080C080C080C0u &&
           ((leads + 0x7FFF7FFF7FFF7FFFu) & 0x8000800080008000u) == 0x8000800080008000u;
}

bool auk_utf8_valid_portable(auk_span text)
{
    const uint8_t *bytes = auk_span_bytes(text);
    size_t at = 0;
    while (at < text.size) {
        uint64_t word = text.size - at >= 8 ? auk_load_u64(bytes + at) : HIGH_BITS;
        if ((word & HIGH_BITS) == 0 || is_four_of_two(word)) {
            at += 8;
            continue;
        }
        if (bytes[at] < 0x80) {
            at++;
            continue;
        }
        uint32_t ignored;
        size_t used = decode_long(bytes + at, text.size - at, &ignored);
        if (used == 0)
            return false;
        at += used;
    }
    return true;
}

bool auk_utf8_valid(auk_span text)
{
#if defined(__x86_64__)
    if (text.size >= WIDE_WORTH && auk_cpu_level() >= AUK_CPU_AVX2)
        return auk_utf8_valid_avx2(text);
#endif
    return auk_utf8_valid_portable(text);
}

size_t auk_utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

/* A unit for each byte that begins a code point, and a second for those of four bytes. */
size_t auk_utf8_utf16_length(auk_span text)
{
    const uint8_t *bytes = auk_span_bytes(text);
    size_t units = 0;
    for (size_t i = 0; i < text.size; i++)
        units += (size_t)((bytes[i] & 0xC0) != 0x80) + (size_t)(bytes[i] >= 0xF0);
    return units;
}

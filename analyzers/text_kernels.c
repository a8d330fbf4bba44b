/* The rows that all kernels look into, and the choice of them. */
#include "text_kernels.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "auk/cpu.h"
#include "auk/utf8.h"
#include "unicode.h"

enum { GENERAL = 0x2000, GENERAL_COUNT = 0x100 };

enum kind { LIKE_SPACE, LIKE_LETTER, NOT_PLAIN };

auk_text_rows auk_text_rows_table;

static enum kind kind_of(UChar32 character)
{
    if (u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC) ||
        u_hasBinaryProperty(character, UCHAR_EMOJI) ||
        u_getIntPropertyValue(character, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
        return NOT_PLAIN;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(character, &status);
    if (U_FAILURE(status) || script == USCRIPT_HANGUL || script == USCRIPT_HAN ||
        script == USCRIPT_HIRAGANA)
        return NOT_PLAIN;
    switch (u_getIntPropertyValue(character, UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
        return LIKE_LETTER;
    case U_WB_OTHER:
    case U_WB_NEWLINE:
    case U_WB_WSEGSPACE:
        return LIKE_SPACE;
    default:
        return NOT_PLAIN;
    }
}

static void put_small_letter(auk_text_rows *rows, uint32_t character, uint64_t bit)
{
    char bytes[4];
    uint32_t small = auk_unicode_lower(character);
    bool same_size = auk_utf8_encode(small, bytes) == 2;
    if (small != character)
        (same_size ? rows->capitals : rows->odd)[character >> 6] |= bit;
    (void)auk_utf8_encode(same_size ? small : character, bytes);
    memcpy(rows->small[character], bytes, 2);
}

static void make_rows(void)
{
    auk_text_rows *rows = &auk_text_rows_table;
    for (uint32_t i = 0x80; i < AUK_TEXT_TWO_BYTES; i++) {
        uint64_t bit = UINT64_C(1) << (i & 0x3f);
        enum kind kind = kind_of((UChar32)i);
        rows->letters[i >> 6] |= kind == LIKE_LETTER ? bit : 0;
        rows->not_plain[i >> 6] |= kind == NOT_PLAIN ? bit : 0;
        put_small_letter(rows, i, bit);
    }
    /* Letters there are left to ICU, since they are three bytes long. */
    for (UChar32 i = 0; i < GENERAL_COUNT; i++)
        if (kind_of(GENERAL + i) == LIKE_SPACE)
            rows->general_plain[i / 8] |= (uint8_t)(1u << i % 8);
}

const auk_text_kernels *auk_text_kernels_best(void)
{
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, make_rows);
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_text_kernels_avx2;
#endif
    return &auk_text_kernels_portable;
}

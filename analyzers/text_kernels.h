/*
 * text_kernels.h - the loops over all bytes of a text, behind one table of functions (cpu.h).
 *
 * They know characters of one and two bytes by heart: a character of two bytes is a bit in a row of
 * 64, the row by its first byte, the bit by its second. Texts are valid UTF-8.
 *
 * Plain text is ASCII, and those other characters that the rules of UAX #29 treat like an ASCII
 * letter or like a space; standard_fast.h says more.
 *
 *   Lifetime  static; the rows are made at first use.   Threads  any.   Memory  6 KB.
 *   Errors    none.
 */
#ifndef AUK_TEXT_KERNELS_H
#define AUK_TEXT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUK_TEXT_STEP = 64, AUK_TEXT_ROWS = 32, AUK_TEXT_TWO_BYTES = 0x800 };

typedef struct auk_text_rows {
    uint64_t letters[AUK_TEXT_ROWS];   /* Word_Break is ALetter, and nothing is special about it */
    uint64_t not_plain[AUK_TEXT_ROWS]; /* nor like a space */
    uint64_t capitals[AUK_TEXT_ROWS];  /* have a small letter of two bytes */
    uint64_t odd[AUK_TEXT_ROWS];       /* or one of another length */
    uint8_t small[AUK_TEXT_TWO_BYTES][2]; /* the small letter of a capital; else the character */
    uint8_t general_plain[32];            /* U+2000 to U+20FF, a bit each: like a space */
} auk_text_rows;

extern auk_text_rows auk_text_rows_table; /* filled by auk_text_kernels_best */

static inline bool auk_text_has(const uint64_t *rows, uint8_t lead, uint8_t second)
{
    return (rows[lead & 0x1f] >> (second & 0x3f) & 1) != 0;
}

enum { AUK_TEXT_HAS_CAPITALS = 1, AUK_TEXT_IS_ODD = 2 };

typedef struct auk_text_kernels {
    const char *name;
    /* How many bytes at the front are plain. */
    size_t (*plain_prefix)(const char *text, size_t size);
    /* Has it letters that _lower changes, or such that only auk_unicode_lower knows? */
    unsigned (*letter_case)(const char *text, size_t size);
    /* A copy with small letters for capitals, byte for byte; letters that are odd stay. */
    void (*lower)(const char *text, size_t size, char *out);
} auk_text_kernels;

/* The best for this machine. */
const auk_text_kernels *auk_text_kernels_best(void);
/* The others are compared with it; call _best before. */
extern const auk_text_kernels auk_text_kernels_portable;
extern const auk_text_kernels auk_text_kernels_avx2; /* where the compiler targets x86-64 */

/* Has a character of three bytes and more never another case? By its first two bytes. */
static inline bool auk_text_is_caseless(uint8_t lead, uint8_t second)
{
    return (lead >= 0xe3 && lead <= 0xed && lead != 0xea) || lead == 0xe0 ||
           (lead == 0xe2 && second < 0x84);
}

/* Bytes of the plain character at text, which is not ASCII, or 0. */
static inline size_t auk_text_plain_bytes(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    const auk_text_rows *rows = &auk_text_rows_table;
    if (at[0] < 0xe0)
        return size >= 2 && !auk_text_has(rows->not_plain, at[0], at[1]) ? 2 : 0;
    if (at[0] != 0xe2 || size < 3 || at[1] > 0x83)
        return 0;
    unsigned general = (at[1] & 3u) << 6 | (at[2] & 0x3fu);
    return (rows->general_plain[general / 8] >> general % 8 & 1) != 0 ? 3 : 0;
}

#endif

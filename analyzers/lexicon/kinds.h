/*
 * kinds.h - what a character is to icu_tokenizer, by one look into a table.
 *
 * The kinds are those that let a text be cut without ICU's rules: signs that are never part of a
 * word, digits with what may stand between them, and characters that the dictionaries divide. All
 * others, and everything beyond U+FFFF, are ICU's.
 *
 *   Lifetime  made at first use, as long as the process.   Threads  any.
 *   Memory    136 KB.   Errors  none.
 */
#ifndef AUK_LEXICON_KINDS_H
#define AUK_LEXICON_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum auk_word_kind {
    AUK_WORD_KIND_RULES,   /* ICU's rules say what it does */
    AUK_WORD_KIND_SIGN,    /* no part of any word, and nothing behind it is joined with it */
    AUK_WORD_KIND_QUIET,   /* no part of a word unless there are letters */
    AUK_WORD_KIND_BETWEEN, /* the same, and joins two digits */
    AUK_WORD_KIND_DIGIT,
    AUK_WORD_KIND_CJ,             /* Chinese and Japanese, of three bytes, in its composed form */
    AUK_WORD_KIND_COMPLEX_SCRIPT, /* of three bytes, of a script in auk_lexicon_id */
    AUK_WORD_KIND_MARK            /* the same, and never the first of a word */
} auk_word_kind;

enum { AUK_WORD_KIND_CHARACTERS = 0x10000 };

typedef struct auk_word_kinds {
    uint8_t kind[AUK_WORD_KIND_CHARACTERS];
    uint8_t script[AUK_WORD_KIND_CHARACTERS];         /* auk_unicode_script */
    uint8_t in_any_run[AUK_WORD_KIND_CHARACTERS / 8]; /* a bit each: common, inherited, a mark */
} auk_word_kinds;

extern auk_word_kinds auk_word_kinds_table; /* filled by the first call to _get */

const auk_word_kinds *auk_word_kinds_get(void);

static inline auk_word_kind auk_word_kind_of(uint32_t character)
{
    return (auk_word_kind)auk_word_kinds_table.kind[character];
}

#endif

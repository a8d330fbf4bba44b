/*
 * divide.h - words of a script that is written without spaces, by ICU's dictionaries.
 *
 * What ICU's break engines do, over lexicon.h: Chinese and Japanese are cut where the costs of
 * the words have the least sum, the scripts of Southeast Asia word by word with a look at the two
 * that follow. test_lexicon holds every boundary to ICU's.
 *
 *   Lifetime  a text is borrowed for the call.   Threads  any.
 *   Memory    a few KB on the stack; for Chinese and Japanese 8 bytes a character of the longest
 *             stretch in which words overlap, on the heap where that is above some hundred.
 *   Errors    none.
 */
#ifndef AUK_DIVIDE_H
#define AUK_DIVIDE_H

#include "auk/span.h"
#include "lexicon.h"

/* Bytes of text from start to end are a word; words come in order and leave nothing out. */
typedef void (*auk_divide_word)(void *context, uint32_t start, uint32_t end);

/*
 * text  characters of three bytes each that auk_word_kind_of calls AUK_WORD_KIND_CJ, not cut off on
 *       either side
 */
void auk_divide_cj(const auk_lexicon *dictionary, auk_span text, auk_divide_word word,
                   void *context);

/* How words of one script are put together where the dictionary leaves off. */
typedef struct auk_divide_script {
    uint32_t shortest;     /* text of fewer characters is one word */
    uint32_t begins[3][2]; /* first and last character that a word may begin with */
    uint32_t no_end[2][2]; /* and that it never ends with */
    uint32_t shortening;   /* two signs that stay with the word before them, or 0 */
    uint32_t repetition;
} auk_divide_script;

/* By the script's dictionary; NULL for that of Chinese and Japanese. */
const auk_divide_script *auk_divide_script_of(auk_lexicon_id id);

/*
 * text  characters of three bytes each of that script that are AUK_WORD_KIND_COMPLEX_SCRIPT or
 *       _MARK, not cut off on either side
 */
void auk_divide_southeast(const auk_lexicon *dictionary, const auk_divide_script *script,
                          auk_span text, auk_divide_word word, void *context);

/* The character of three bytes that begins there. */
static inline uint32_t auk_divide_character(const char *text, size_t index)
{
    const uint8_t *at = (const uint8_t *)text + index * 3;
    return (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
}

#endif

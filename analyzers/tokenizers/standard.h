/*
 * standard.h - the standard tokenizer for a part of a text, and for a word that is too long.
 *
 *   Lifetime  none.   Threads  those of the break iterator.   Memory  none.   Errors  ICU's.
 */
#ifndef AUK_STANDARD_H
#define AUK_STANDARD_H

#include "word_break.h"

struct auk_standard_word {
    uint32_t size; /* bytes; 0: no word of at most max_length units begins here */
    uint8_t type;
    uint32_t skip; /* then the bytes to where the next one may */
};

/* The tokens of text[from, to), which begins and ends at white space or the text's ends. */
AUK_MUST_CHECK auk_code auk_standard_tokenize(uint32_t max_length, auk_analyzer_scratch *scratch,
                                              auk_span text, size_t from, size_t to,
                                              auk_tokens *tokens, auk_error *err);

/*
 * Of the first max_length units of text[from, to), as if the text ended there, the first word; what
 * follows it is to be analysed again from its end. This is how Lucene's scanner, whose buffer has
 * max_length units, reads it. The break iterator has to be started anew afterwards.
 */
AUK_MUST_CHECK auk_code auk_standard_cut_word(uint32_t max_length, auk_word_break *breaker,
                                              auk_span text, uint32_t from, uint32_t to,
                                              struct auk_standard_word *out, auk_error *err);

#endif

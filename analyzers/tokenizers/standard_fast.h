/*
 * standard_fast.h - the standard tokenizer for plain text, 64 bytes a step.
 *
 * Plain text is ASCII, and those other characters that behave as an ASCII letter or as a space do:
 * letters of Latin, Greek, Cyrillic, Armenian with their marks composed, and much punctuation. For
 * it the rules of UAX #29 look at one neighbour on each side, so they are bit operations: a byte
 * belongs to a word if it is a letter (or part of one), a digit or "_"; or one of . : ' between two
 * letters; or one of . , ; ' between two digits. A run of such bytes is a word, unless it is all
 * "_".
 *
 *   Lifetime  see analyzer.h.   Threads  any.   Memory  the list grows.
 *   Errors    none.
 */
#ifndef AUK_STANDARD_FAST_H
#define AUK_STANDARD_FAST_H

#include "auk/analyzer.h"

/* How many bytes at the front are plain. text is valid UTF-8. */
size_t auk_standard_plain_prefix(const char *text, size_t size);

/*
 * Appends the tokens of text[from, to), which is plain, split at max_length UTF-16 code units. Call
 * auk_standard_plain_prefix before.
 */
void auk_standard_fast(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                       auk_tokens *tokens);

/* The same a level of cpu.h each, for the test that compares them. */
void auk_standard_fast_portable(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                                auk_tokens *tokens);
void auk_standard_fast_avx2(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                            auk_tokens *tokens);

#endif

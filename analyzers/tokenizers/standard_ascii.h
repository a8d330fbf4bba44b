/*
 * standard_ascii.h - the standard tokenizer for text that is all ASCII, 64 bytes a step.
 *
 * In ASCII the rules of UAX #29 look at one neighbour on each side, so they are bit operations: a
 * byte belongs to a word if it is a letter, a digit or "_"; or one of . : ' between two letters; or
 * one of . , ; ' between two digits. A run of such bytes is a word, unless it is all "_".
 *
 *   Lifetime  see analyzer.h.   Threads  any.   Memory  the list grows.   Errors  none.
 */
#ifndef AUK_STANDARD_ASCII_H
#define AUK_STANDARD_ASCII_H

#include "auk/analyzer.h"

/* Appends the tokens of text[from, to), split at max_length bytes. */
void auk_standard_ascii(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                        auk_tokens *tokens);

#endif

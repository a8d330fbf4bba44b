/*
 * icu_pieces.h - icu_tokenizer for those parts of a text that need no rules of ICU.
 *
 * A run of one script falls into pieces, each from one sign (a space, punctuation) to the next.
 * Pieces of characters that lexicon/kinds.h knows are cut here, by the dictionaries; the others are
 * ICU's. No rule looks from one piece into the next.
 *
 *   Lifetime  none.   Threads  any.   Memory  that of divide.h.   Errors  none.
 */
#ifndef AUK_ICU_PIECES_H
#define AUK_ICU_PIECES_H

#include "auk/analyzer.h"

/* Where the run of one script that begins at `at` ends, and its script, as auk_unicode_script. */
size_t auk_icu_run_end(auk_span text, size_t at, int *script);

/* Is it one whose pieces may be cut here? */
bool auk_icu_knows_script(int script);

/*
 * Appends the tokens of the first pieces of text[from, to), a run of one script or what is left of
 * one in front of a sign, up to one that is ICU's; returns where it begins, or to.
 */
size_t auk_icu_cut_pieces(auk_span text, size_t from, size_t to, int script, auk_tokens *tokens);

/* Where the pieces from there on that are ICU's end. */
size_t auk_icu_skip_pieces(auk_span text, size_t from, size_t to, int script);

#endif

/*
 * analysis_text.h - chains and tokens as one line of text, which golden tables are written in.
 *
 * A chain is settings, one a line: "tokenizer=standard", "filter.0.type=stop",
 * "filter=[lowercase,stop]". Tokens are words with a space between, or all attributes:
 *
 *      fox:8-11@2/ALPHANUM      text, offsets, position, type as its constant's name
 *
 *   Lifetime  texts: that of the arena.   Threads  one.   Memory  in the arena.   Errors  none.
 */
#ifndef AUK_ANALYSIS_TEXT_H
#define AUK_ANALYSIS_TEXT_H

#include "auk/analyzer.h"

/* Each line starts with prefix, which it does not repeat. The caller destroys the result. */
auk_settings *auk_settings_from_text(const char *prefix, const char *lines);

/* Only texts: "quick brown". */
const char *auk_tokens_as_words(auk_arena *arena, const auk_tokens *tokens);

/* All attributes; position_length follows as *n and a keyword as ! where they are not the usual. */
const char *auk_tokens_as_text(auk_arena *arena, const auk_tokens *tokens);

#endif

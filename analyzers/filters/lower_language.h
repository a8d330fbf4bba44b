/*
 * lower_language.h - lower case as a language has it: Greek, Irish, Turkish.
 *
 *   Lifetime, Threads, Errors  none.   Memory  the tokens' room.
 */
#ifndef AUK_LOWER_LANGUAGE_H
#define AUK_LOWER_LANGUAGE_H

#include "auk/analyzer.h"

typedef void auk_lower_language(auk_tokens *tokens, auk_token *token);

/* NULL: no such language. */
auk_lower_language *auk_lower_language_find(auk_span name);

#endif

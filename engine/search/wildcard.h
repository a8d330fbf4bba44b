/*
 * wildcard.h - does a term fit a pattern of *, ? and escapes?
 *
 * '*' stands for any characters, '?' for one, a backslash takes the character behind it as it is.
 *
 *   Lifetime  borrows the pattern.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_WILDCARD_H
#define AUK_WILDCARD_H

#include <stdbool.h>

#include "auk/arena.h"
#include "auk/span.h"

/* Steps are bounded by the product of both sizes. any_case: that of ASCII letters. */
bool auk_wildcard_matches(auk_span pattern, auk_span text, bool any_case);
/* The least size of a match. */
size_t auk_wildcard_least(auk_span pattern);
/* What every match begins with, without escapes. */
auk_span auk_wildcard_beginning(auk_span pattern, auk_arena *arena);

#endif

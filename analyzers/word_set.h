/*
 * word_set.h - an immutable set of words: stop words, keywords.
 *
 *   Lifetime  that of the arena it was made in.   Threads  any.   Memory  in that arena.
 *   Errors    none.
 */
#ifndef AUK_WORD_SET_H
#define AUK_WORD_SET_H

#include "auk/arena.h"
#include "auk/span.h"

typedef struct auk_word_set auk_word_set;

/* ignore_case: words are kept in lower case, and _has lowers what it is asked. Words are copied. */
const auk_word_set *auk_word_set_create(auk_arena *arena, const auk_span *words, size_t count,
                                        bool ignore_case);
bool auk_word_set_has(const auk_word_set *set, auk_span word);

#endif

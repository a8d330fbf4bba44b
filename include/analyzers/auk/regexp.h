/*
 * regexp.h - is a whole text of a regular expression in Lucene's syntax?
 *
 * The expression is a deterministic automaton, which reads a text once and knows at each character
 * whether anything that begins so can fit. Walking a sorted dictionary is fast by that: what cannot
 * go on is passed over with all that begins like it.
 *
 *   Lifetime  that of the arena.   Threads  any, once compiled.
 *   Memory    at most 8 MB.
 *   Errors    AUK_INVALID in Lucene's words for broken syntax and for what grows too large.
 */
#ifndef AUK_REGEXP_H
#define AUK_REGEXP_H

#include <stdbool.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/span.h"

/* Operators that there are; without its flag one is a character like others. */
enum {
    AUK_REGEXP_INTERSECTION = 1, /* & */
    AUK_REGEXP_COMPLEMENT = 2,   /* ~ */
    AUK_REGEXP_EMPTY = 4,        /* # */
    AUK_REGEXP_ANYSTRING = 8,    /* @ */
    AUK_REGEXP_AUTOMATON = 16,   /* <name>, of which there are none */
    AUK_REGEXP_INTERVAL = 32,    /* <1-31> */
    AUK_REGEXP_ALL = 63
};

typedef struct auk_regexp auk_regexp;

/* any_case: letters of ASCII in both cases, but for those of ranges, as in Lucene. */
AUK_MUST_CHECK auk_code auk_regexp_compile(auk_span expression, unsigned operators, bool any_case,
                                           auk_arena *arena, const auk_regexp **out,
                                           auk_error *err);

/* text: sound UTF-8. *dead: the size of its front that nothing that fits begins with; 0: none. */
bool auk_regexp_fits(const auk_regexp *regexp, auk_span text, size_t *dead);

/* What every text that fits begins with. */
auk_span auk_regexp_beginning(const auk_regexp *regexp);

#endif

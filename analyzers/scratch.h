/*
 * scratch.h - what changes while an analyzer runs: one a thread, filled at first use.
 *
 *   Lifetime  _create .. _destroy.   Threads  one.
 *   Memory    a break iterator and, per stemmer, Snowball's own and a cache of 256 KB.
 *   Errors    AUK_IO from ICU, AUK_INVALID for a stemmer that Snowball lacks.
 */
#ifndef AUK_SCRATCH_H
#define AUK_SCRATCH_H

#include "stemmer.h"
#include "word_break.h"

struct auk_analyzer_scratch {
    auk_word_break *breaker;                  /* NULL: not needed yet */
    auk_stemmer *stemmers[AUK_STEMMER_COUNT]; /* likewise */
    auk_tokens tokens;                        /* for _normalize and the stages of _run_stages */
    uint64_t *seen;                           /* filters/unique.c: a table of tokens */
    size_t seen_capacity;
};

AUK_MUST_CHECK auk_code auk_scratch_breaker(auk_analyzer_scratch *scratch, auk_word_break **out,
                                            auk_error *err);
AUK_MUST_CHECK auk_code auk_scratch_stemmer(auk_analyzer_scratch *scratch, auk_stemmer_id id,
                                            auk_stemmer **out, auk_error *err);

#endif

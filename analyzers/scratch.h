/*
 * scratch.h - what changes while an analyzer runs: one a thread, filled at first use.
 *
 *   Lifetime  _create .. _destroy.   Threads  one.
 *   Memory    a break iterator and, per stemmer, Snowball's own and a cache of 512 KB.
 *   Errors    AUK_IO from ICU, AUK_INVALID for a stemmer that Snowball lacks.
 */
#ifndef AUK_SCRATCH_H
#define AUK_SCRATCH_H

#include "auk/buffer.h"
#include "stemmer.h"
#include "utf16.h"
#include "word_break.h"

enum { AUK_SCRATCH_LOCALS = 64 };

/* A thread's clone of something that is compiled: a matcher, a transliterator. */
typedef struct auk_local {
    uint64_t id; /* 0: free */
    void *object;
    void (*destroy)(void *object);
} auk_local;

struct auk_analyzer_scratch {
    auk_word_break *breakers[AUK_WORD_BREAK_KINDS]; /* NULL: not needed yet */
    auk_stemmer *stemmers[AUK_STEMMER_COUNT];       /* likewise */
    auk_tokens tokens; /* for _normalize and the stages of _run_stages */
    uint64_t *seen;    /* filters/unique.c: a table of tokens */
    size_t seen_capacity;
    auk_local locals[AUK_SCRATCH_LOCALS];
    unsigned next_local; /* whom a newcomer replaces */
    auk_utf16 wide[2];   /* for ICU */
    auk_buffer text;     /* where a stage puts one text together */
};

/* Gives back what one large text needed, so that it is not held as long as the thread lives. */
void auk_scratch_trim(auk_analyzer_scratch *scratch);

/* An id that nothing else in this process has. */
uint64_t auk_scratch_new_id(void);
/* NULL: not there (any more). What is kept lives until some dozens of others came. */
void *auk_scratch_local(auk_analyzer_scratch *scratch, uint64_t id);
void auk_scratch_keep_local(auk_analyzer_scratch *scratch, uint64_t id, void *object,
                            void (*destroy)(void *object));

AUK_MUST_CHECK auk_code auk_scratch_breaker(auk_analyzer_scratch *scratch, auk_word_break_kind kind,
                                            auk_word_break **out, auk_error *err);
AUK_MUST_CHECK auk_code auk_scratch_stemmer(auk_analyzer_scratch *scratch, auk_stemmer_id id,
                                            auk_stemmer **out, auk_error *err);

#endif

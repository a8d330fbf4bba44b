/*
 * sort_collector.h - what a collector of sorted hits is made of, for the files that make it up:
 * sort_collector.c (values, heap), sort_zones.c (whole blocks).
 *
 *   Lifetime  arena.   Threads  one.   Memory  k rows.   Errors  sticky in the cursors.
 */
#ifndef AUK_SORT_COLLECTOR_H
#define AUK_SORT_COLLECTOR_H

#include "sort.h"

typedef struct auk_sort_reader {
    const auk_sort_source *source;
    const auk_column *column;
    auk_column_cursor *cursor; /* NULL: every document lacks a value here, or no column is read */
    const auk_terms *terms;    /* of a keyword */
    bool greatest;             /* of several values */
    int64_t missing;           /* before complementing; of a keyword: a doubled ordinal */
} auk_sort_reader;

typedef struct auk_sort_row {
    auk_doc doc;
    float score;
    int64_t orders[];
} auk_sort_row;

struct auk_sort_collector {
    auk_sort_place place;
    const auk_sort_source *sources;
    uint32_t count;
    auk_sort_reader *readers;
    int64_t *after; /* NULL: none; orders in this segment */
    const auk_sort_after *after_given;
    auk_arena *arena;
    char *rows;
    size_t stride;
    uint32_t used, limit;
    uint32_t wanted;              /* limit, or more than there are documents */
    const auk_sort_value *joined; /* the text that floor stands for */
    int64_t floor;                /* of the first key: k hits elsewhere reach it */
    auk_sort_row *offered;        /* room for one */
};

static inline bool auk_sort_is_textual(const auk_sort_source *source)
{
    return source->class == AUK_CLASS_TEXT || source->class == AUK_CLASS_IP;
}

/* Rows are a heap with the worst at 0. */
static inline auk_sort_row *auk_sort_row_at(const auk_sort_collector *self, uint32_t index)
{
    return (auk_sort_row *)(self->rows + self->stride * index);
}

/* Where a text stands among the doubled ordinals: on one, or on the odd place in front of one. */
AUK_MUST_CHECK auk_code auk_sort_rank_of(const auk_terms *terms, auk_span text, auk_arena *arena,
                                         int64_t *out, auk_error *err);

#endif

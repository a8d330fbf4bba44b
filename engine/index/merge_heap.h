/*
 * merge_heap.h - the terms of one field of several segments, in byte order.
 *
 *   Lifetime  _init .. _deinit, used for one field after the other; terms are valid as long as
 *             their segments.
 *   Threads   one.
 *   Memory    a cursor a source, 4 bytes a term where ordinals are wanted.
 *   Errors    AUK_CORRUPT of a source.
 */
#ifndef AUK_MERGE_HEAP_H
#define AUK_MERGE_HEAP_H

#include "merge.h"

/* The fields of which some source has terms, length codes or a column. */
typedef struct auk_merge_fields {
    uint64_t bits[65536 / 64];
} auk_merge_fields;

void auk_merge_fields_collect(const auk_merge_source *sources, uint32_t count,
                              auk_merge_fields *out);
static inline bool auk_merge_fields_has(const auk_merge_fields *fields, uint32_t field)
{
    return (fields->bits[field / 64] >> (field % 64) & 1) != 0;
}

typedef struct auk_merge_cursor {
    uint32_t source;
    const auk_terms *terms;
    auk_terms_cursor *cursor;
    auk_span text;
    uint32_t *ordinals; /* old ordinal to new, filled by whoever wants them; NULL: not wanted */
} auk_merge_cursor;

typedef struct auk_merge_heap {
    const auk_merge_source *sources;
    uint32_t source_count;
    auk_arena *arena;          /* a field */
    auk_merge_cursor *cursors; /* by source */
    auk_merge_cursor **items;  /* least text first, then least source */
    uint32_t count;            /* 0: the end */
} auk_merge_heap;

void auk_merge_heap_init(auk_merge_heap *heap, const auk_merge_source *sources, uint32_t count);
void auk_merge_heap_deinit(auk_merge_heap *heap);

/* Stands on the field's first term; what was known of another field is forgotten. */
AUK_MUST_CHECK auk_code auk_merge_heap_open(auk_merge_heap *heap, uint16_t field, bool ordinals,
                                            auk_error *err);
/* heap->items[0] steps on; at its end it leaves. */
AUK_MUST_CHECK auk_code auk_merge_heap_step(auk_merge_heap *heap, auk_error *err);

/* Does the least term have that text? */
static inline bool auk_merge_heap_has(const auk_merge_heap *heap, auk_span text)
{
    return heap->count > 0 && auk_span_equal(heap->items[0]->text, text);
}

#endif

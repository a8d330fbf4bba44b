/*
 * value_reader.h - the values of a batch of documents, as pairs of (place in the batch, value).
 *
 * Of single-valued columns the values are picked a block at a time; documents without a value take
 * the request's "missing", if there is one.
 *
 *   Lifetime  the collector's arena; pairs are borrowed until the next call.
 *   Threads   one.
 *   Memory    some 12 KB, charged; nothing a document.
 *   Errors    a damaged column fails the collector.
 */
#ifndef AUK_VALUE_READER_H
#define AUK_VALUE_READER_H

#include "aggregation_kind.h"

typedef struct auk_value_reader {
    /* the pairs: values ascend within a document */
    uint32_t count;
    uint32_t places[AUK_AGGREGATION_BATCH];
    int64_t values[AUK_AGGREGATION_BATCH];

    auk_aggregation_collector *collector;
    const auk_column_stats *stats; /* NULL: no column in this segment */
    const auk_terms *terms;        /* of ordinals */
    uint64_t term_count;
    bool single;      /* no document has two values */
    bool has_range;   /* there is a value at all */
    int64_t min, max; /* of what may come */
    bool distinct;    /* equal values of one document count once */
    bool has_missing;
    bool extra; /* missing is an ordinal of its own: the one after the last */
    int64_t missing;
    const auk_column *column; /* NULL: none in this segment */
    auk_column_cursor *cursor;
    uint32_t next_doc, next_value; /* where the batch goes on */
} auk_value_reader;

/* NULL: no document of this segment has a value, nor is there one for those that have none; or the
 * collector has failed. */
auk_value_reader *auk_value_reader_open(auk_aggregation_collector *collector,
                                        const auk_aggregation_plan *plan, bool distinct);
/* Starts a batch. */
static inline void auk_value_reader_begin(auk_value_reader *reader)
{
    reader->next_doc = 0;
    reader->next_value = 0;
}
/* Up to a batch of pairs; false when all were read, or after a failure. */
bool auk_value_reader_next(auk_value_reader *reader, const auk_doc *docs, uint32_t count);
/* Keeps of each run of equal pairs the first: values that became buckets. */
void auk_value_reader_unite(auk_value_reader *reader);

#endif

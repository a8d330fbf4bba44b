/*
 * aggregation_kind.h - what a kind of aggregation is made of: a row of functions, and what they
 * share.
 *
 * A kind is one row (auk_aggregation_kind) that its file owns and aggregation_list.c lists. An
 * aggregation goes through the forms below; each stage reads what the one before left:
 *
 *      auk_aggregation       parsed; knows no index
 *      auk_aggregation_plan  prepared for an index: field, format, missing value, filters
 *      auk_aggregation_node  collecting in one segment
 *      auk_partial           collected (keys, counts, sums), then merged (buckets in answer order)
 *
 * A node is fed pairs of a document and the bucket of its parent that the document fell into (the
 * owner). Buckets of a node are numbered from 0 over all owners, and those numbers are the owners
 * of its sub-aggregations; so any nesting is flat arrays, and nothing is allocated a document.
 *
 * To add a kind: write its row in a file aggregation_<family>.c, name it below and in
 * aggregation_list.c. A kind of buckets fills an auk_bucket_table and hands it to
 * auk_bucket_table_finish; one that computes a figure keeps an array by owner.
 *
 *   Lifetime  see aggregation.h.
 *   Threads   a node is one thread's at a time.
 *   Memory    auk_aggregation_alloc and auk_merger_alloc, which charge first.
 *   Errors    collecting is sticky: the collector keeps the first failure, its nodes then do
 * nothing.
 */
#ifndef AUK_AGGREGATION_KIND_H
#define AUK_AGGREGATION_KIND_H

#include "aggregation.h"
#include "auk/date_format.h"
#include "value_shape.h"

#define AUK_AGGREGATION_BATCH 1024u /* pairs that a node is fed at once, at most */
#define AUK_BUCKET_NONE       UINT32_MAX

struct auk_column_window;
typedef struct auk_aggregation_kind auk_aggregation_kind;
typedef struct auk_aggregation_plan auk_aggregation_plan;
typedef struct auk_aggregation_node auk_aggregation_node;
typedef struct auk_aggregation_parser auk_aggregation_parser;
typedef struct auk_aggregation_merger auk_aggregation_merger;
typedef struct auk_aggregation_writer auk_aggregation_writer;
typedef struct auk_partial auk_partial;

/* ---- parsed ---- */

typedef enum auk_bucket_order_by {
    AUK_ORDER_BY_COUNT,
    AUK_ORDER_BY_KEY,
    AUK_ORDER_BY_METRIC
} auk_bucket_order_by;

typedef struct auk_bucket_order {
    auk_bucket_order_by by;
    bool descending;
    const uint32_t *steps; /* metric: the sub-aggregation at each level down */
    uint32_t step_count;
    auk_span metric; /* of a figure that has several; empty: its value, or a bucket's count */
} auk_bucket_order;

typedef struct auk_range_given {
    auk_span key; /* empty: made from the ends */
    const auk_json *from, *to;
} auk_range_given;

typedef struct auk_bounds_given {
    const auk_json *min, *max;
} auk_bounds_given;

struct auk_aggregation {
    auk_span name;
    const auk_aggregation_kind *kind;
    const auk_json *meta;
    const auk_aggregation *subs;
    uint32_t sub_count;

    auk_span field, format, time_zone;
    const auk_json *missing;
    bool keyed;
    bool shows_zero; /* it, or one inside it, shows terms that no document of a bucket has */
    uint64_t min_doc_count;
    const auk_json *order_given;
    const auk_bucket_order *orders; /* never ends undecided: by key at last */
    uint32_t order_count;
    auk_bounds_given extended, hard;
    union {
        struct {
            uint32_t size; /* 0: not given */
            bool show_error;
            const auk_json *include, *exclude;
        } terms;
        struct {
            double interval, offset;
        } histogram;
        struct {
            char unit;           /* of auk_date_floor; 0: interval_ms counts */
            int64_t interval_ms; /* 0: not given */
            int64_t offset_ms;
        } date;
        struct {
            const auk_range_given *items;
            uint32_t count;
        } ranges;
        struct {
            const auk_query *const *queries;
            const auk_span *names;
            uint32_t count;
            bool other;
            auk_span other_name;
        } filters;
        struct {
            double sigma;
        } stats;
    } u;
};

struct auk_aggregation_parser {
    auk_arena *arena;
    auk_error *err;
    uint32_t count; /* so far, of all levels */
};

typedef struct auk_aggregation_member {
    const char *name;
    auk_code (*read)(auk_aggregation_parser *parser, const auk_json *value, auk_aggregation *out);
} auk_aggregation_member;

/* ---- prepared ---- */

struct auk_aggregation_plan {
    const auk_aggregation *spec;
    auk_value_shape shape;
    bool has_missing;
    int64_t missing;       /* numbers */
    auk_span missing_term; /* terms */
    const auk_aggregation_plan *subs;
    const void *own; /* of the kind */
};

struct auk_aggregation_set {
    const auk_aggregation_plan *items;
    uint32_t count;
    const auk_aggregation_environment *environment;
};

typedef struct auk_aggregation_preparer {
    auk_resolver *resolver;
    const auk_aggregation_environment *environment;
    auk_error *err;
} auk_aggregation_preparer;

/* ---- collecting ---- */

struct auk_aggregation_collector {
    const auk_aggregation_set *set;
    const auk_segment_view *view;
    auk_arena *arena;
    auk_aggregation_node *nodes;
    auk_code status;
    auk_error error;
};

struct auk_aggregation_node {
    const auk_aggregation_plan *plan;
    auk_aggregation_collector *collector;
    bool single; /* the only owner is 0 */
    auk_aggregation_node *subs;
    uint32_t sub_count;
    void *own;    /* of the kind; NULL: it has nothing to do in this segment */
    bool has_all; /* collect_all was enough */
    /* pairs on their way to the subs */
    auk_doc *docs;
    uint32_t *buckets;
    uint32_t batched;
};

/* ---- partial ---- */

/* A bucket as collected in one segment. */
typedef struct auk_collected_bucket {
    int64_t key; /* ordinal, number or index */
    uint32_t count;
    uint32_t id; /* row of the subs' partials; AUK_BUCKET_NONE: none */
} auk_collected_bucket;

/* What the buckets of all owners of one node share. */
typedef struct auk_gathered {
    auk_collected_bucket *all;
    uint32_t all_count;
    const auk_partial **subs; /* [sub][id] */
    uint32_t absent;          /* id of what the subs say of a bucket that is not here, or NONE */
    const auk_terms *terms;   /* of ordinals; NULL: keys are numbers */
    /* The one owner's buckets as counts of the keys from slot_base on, where `all` was not made of
     * them yet (bucket_joiner.h). */
    const uint32_t *slots;
    uint32_t slot_count;
    int64_t slot_base;
    bool has_extra; /* the ordinal after the last stands for missing_term */
    int64_t extra;
    /* texts of the ordinals above, ascending, made when first needed (by the one that merges) */
    const int64_t *ordinals;
    const auk_span *texts;
    uint32_t text_count;
} auk_gathered;

/* A bucket of the answer. */
typedef struct auk_bucket {
    int64_t key;
    auk_span term;
    uint64_t count;
    auk_partial *subs;            /* one a sub-aggregation */
    uint32_t first, source_count; /* see bucket_joiner.h */
    double *figures;              /* by which it is ordered */
} auk_bucket;

typedef struct auk_metric {
    uint64_t count;
    double sum, min, max, squares;
} auk_metric;

struct auk_partial {
    const auk_aggregation_plan *plan; /* NULL: over no documents at all */
    union {
        auk_metric metric;
        uint64_t cardinality;
        struct {
            const auk_collected_bucket *items; /* ascending keys */
            uint32_t count;
            auk_gathered *gathered;
        } collected;
        struct {
            auk_bucket *items;
            uint32_t count;
            uint64_t others; /* documents in buckets that were cut off */
        } merged;
    } u;
};

struct auk_aggregation_result {
    auk_partial *items;
    uint32_t count;
};

struct auk_aggregation_merger {
    const auk_aggregation_environment *environment;
    auk_arena *arena;
    auk_error *err;
    uint32_t width; /* partials that there can be of one aggregation */
    uint64_t buckets;
};

struct auk_aggregation_writer {
    auk_json_writer *json;
    bool typed_keys;
};

/* ---- the row ---- */

#define AUK_FORM_BIT(form) (1u << (form))
#define AUK_FORMS_NUMBER   (AUK_FORM_BIT(AUK_FORM_WHOLE) | AUK_FORM_BIT(AUK_FORM_REAL))
#define AUK_FORMS_ANY      (AUK_FORMS_NUMBER | AUK_FORM_BIT(AUK_FORM_TERM))

struct auk_aggregation_kind {
    const char *name;
    bool has_subs;
    bool is_single_bucket;
    bool keyed_by_value; /* kinds of values do not mix, from index to index */
    unsigned forms;      /* of the field's values; 0: takes no field */
    const auk_aggregation_member *members;
    uint32_t member_count;
    /* What an order may name of it, ended by NULL; "value" alone: no name needed. NULL: nothing. */
    const char *const *metrics;
    void (*defaults)(auk_aggregation *aggregation); /* or NULL */
    /* after the members were read; or NULL */
    auk_code (*check)(auk_aggregation_parser *parser, auk_aggregation *aggregation);
    /* after the field was found; or NULL */
    auk_code (*prepare)(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan);
    void (*open)(auk_aggregation_node *node);
    /* owners NULL: all are 0. owner_count: of the parent's buckets so far. */
    void (*collect)(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count);
    /* The same of a node without subs, owner 0, for a window as a whole (column_window.h). False:
     * it has to be given as documents. NULL: always. */
    bool (*collect_window)(auk_aggregation_node *node, const struct auk_column_window *window);
    /* The same for all documents of a segment that has lost none, instead of all windows. */
    bool (*collect_all)(auk_aggregation_node *node);
    /* One partial for each owner; the plan in them is set already. */
    void (*finish)(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out);
    /* The same as one; source_count 0: of no documents. out->plan is set already. */
    auk_code (*merge)(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out);
    /* metric: one of metrics */
    double (*figure)(const auk_aggregation *aggregation, const auk_partial *partial,
                     auk_span metric);
    void (*write)(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                  const auk_partial *partial);
    /* in front of # of typed keys; NULL: the kind's name */
    const char *(*typed_name)(const auk_partial *partial);
};

extern const auk_aggregation_kind auk_aggregation_terms, auk_aggregation_histogram,
    auk_aggregation_date_histogram, auk_aggregation_range, auk_aggregation_date_range,
    auk_aggregation_filter, auk_aggregation_filters, auk_aggregation_missing,
    auk_aggregation_cardinality, auk_aggregation_min, auk_aggregation_max, auk_aggregation_sum,
    auk_aggregation_avg, auk_aggregation_value_count, auk_aggregation_stats,
    auk_aggregation_extended_stats;

/* ---- what rows call ---- */

/* Zeroed memory, charged; NULL when the budget refuses, and the collector has failed then. */
void *auk_aggregation_alloc(auk_aggregation_collector *collector, size_t count, size_t size);
/* The same, of whatever it held. */
void *auk_aggregation_alloc_raw(auk_aggregation_collector *collector, size_t count, size_t size);
/* Keeps the first failure. */
void auk_aggregation_fail(auk_aggregation_collector *collector, auk_code code, const char *format,
                          ...) AUK_PRINTF(3, 4);
/* An array that grows: at least `need` items, the new ones zero. False when the budget refuses. */
bool auk_aggregation_grow(auk_aggregation_collector *collector, void *array, uint32_t *capacity,
                          uint32_t need, size_t size);

/* The pairs that wait go to the subs, which then know of bucket_count buckets. */
void auk_aggregation_flush(auk_aggregation_node *node, uint32_t bucket_count);
static inline void auk_aggregation_emit(auk_aggregation_node *node, auk_doc doc, uint32_t bucket,
                                        uint32_t bucket_count)
{
    node->docs[node->batched] = doc;
    node->buckets[node->batched] = bucket;
    if (++node->batched == AUK_AGGREGATION_BATCH)
        auk_aggregation_flush(node, bucket_count);
}
/* A batch of at most AUK_AGGREGATION_BATCH, when none waits. */
void auk_aggregation_emit_all(auk_aggregation_node *node, const auk_doc *docs,
                              const uint32_t *places, const uint32_t *buckets, uint32_t count,
                              uint32_t bucket_count);
/* The subs' partials, [sub][bucket]; NULL when refused. */
const auk_partial **auk_aggregation_finish_subs(auk_aggregation_node *node, uint32_t bucket_count);

void *auk_merger_alloc(auk_aggregation_merger *merger, size_t count, size_t size);
/* Counts buckets of the answer against the limit. */
AUK_MUST_CHECK auk_code auk_merger_count(auk_aggregation_merger *merger, uint64_t buckets);
AUK_MUST_CHECK auk_code auk_partial_merge(auk_aggregation_merger *merger,
                                          const auk_aggregation *aggregation,
                                          const auk_partial *const *sources, uint32_t source_count,
                                          auk_partial *out);
void auk_partials_write(const auk_aggregation_writer *writer, const auk_aggregation *aggregations,
                        uint32_t count, const auk_partial *partials);
/* Numbers of no field's shape when there is no plan. */
const auk_value_shape *auk_partial_shape(const auk_partial *partial);

#endif

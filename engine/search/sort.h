/*
 * sort.h - hits in the order of fields instead of scores.
 *
 * Every value becomes an int64 whose order is the order wished for (descending ones complemented,
 * missing ones at the ends), so that a heap compares plain numbers. Within a segment a keyword is
 * its ordinal, doubled, so that a text between two ordinals has a place as well; when a segment is
 * done, its best hits get their texts, and segments are merged by those.
 *
 *      request's keys --resolve (index)--> sources --open (segment)--> collector -> hits with
 * values
 *
 *   Lifetime  arena.
 *   Threads   keys and sources are immutable; a collector is one thread's.
 *   Memory    k entries a segment.
 *   Errors    AUK_INVALID with Elasticsearch's wording: no mapping, fielddata disabled, formats of
 *             search_after.
 */
#ifndef AUK_SORT_H
#define AUK_SORT_H

#include <stdatomic.h>

#include "auk/search.h"

typedef enum auk_sort_by {
    AUK_SORT_SCORE,
    AUK_SORT_DOC,       /* order of the index, cheapest */
    AUK_SORT_SHARD_DOC, /* the same, as a value to come back to */
    AUK_SORT_FIELD,
} auk_sort_by;

typedef enum auk_sort_mode {
    AUK_MODE_DEFAULT, /* min ascending, max descending */
    AUK_MODE_MIN,
    AUK_MODE_MAX,
    AUK_MODE_AVG,
    AUK_MODE_SUM,
    AUK_MODE_MEDIAN,
} auk_sort_mode;

#define AUK_SORT_KEY_LIMIT 32

struct auk_sort_key {
    auk_sort_by by;
    auk_span field;
    bool descending;
    auk_sort_mode mode;
    bool missing_first;
    const auk_json *missing; /* a value of the user's; NULL: first or last */
    auk_span unmapped_type;  /* empty: an unmapped field is refused */
    auk_span format;         /* of dates; empty: milliseconds */
};

/* "sort": ["a", {"b": "desc"}, {"c": {"order": "desc", ...}}, "_score"] or one of them. */
AUK_MUST_CHECK auk_code auk_sort_parse(const auk_json *value, auk_arena *arena,
                                       const auk_sort_key **out, uint32_t *count, auk_error *err);
/* The URL's form: "a:desc,b,_score". */
AUK_MUST_CHECK auk_code auk_sort_parse_text(auk_span text, auk_arena *arena,
                                            const auk_sort_key **out, uint32_t *count,
                                            auk_error *err);

/* How a key's values compare and print. */
typedef enum auk_sort_class {
    AUK_CLASS_NONE, /* unmapped here: always missing */
    AUK_CLASS_INTEGER,
    AUK_CLASS_DATE,
    AUK_CLASS_DOUBLE, /* order is auk_double_to_sortable */
    AUK_CLASS_FLOAT,  /* the same, printed as float */
    AUK_CLASS_TEXT,
    AUK_CLASS_IP, /* text, printed as address */
} auk_sort_class;

typedef struct auk_sort_value {
    int64_t order; /* numbers; texts: -1, 0, 1 for missing first, there, missing last */
    auk_span text; /* when order is 0 */
} auk_sort_value;

/* A key in one index. */
typedef struct auk_sort_source {
    const auk_sort_key *key;
    const auk_field *field; /* NULL: none */
    auk_sort_class class;   /* of all indices of the search */
    bool widen;             /* integers here, doubles elsewhere */
    int64_t missing;        /* numbers: before complementing; texts: see missing_text */
    auk_span missing_text;  /* of the user's; data NULL: none */
} auk_sort_source;

/* sources: [target][key]. Classes are settled over all targets. */
AUK_MUST_CHECK auk_code auk_sort_resolve(const auk_search_target *targets, uint32_t target_count,
                                         const auk_sort_key *keys, uint32_t count, int64_t now_ms,
                                         auk_arena *arena, auk_sort_source ***out, auk_error *err);

/* A hit must come behind this. */
typedef struct auk_sort_after {
    const auk_sort_value *values; /* one a key */
    bool has_place;               /* of equal ones, behind that document */
    uint32_t unit;
    auk_doc doc;
} auk_sort_after;

/* values: the request's search_after. sources: of any target. */
AUK_MUST_CHECK auk_code auk_sort_parse_after(const auk_json *values, const auk_sort_source *sources,
                                             uint32_t count, int64_t now_ms, auk_arena *arena,
                                             const auk_sort_after **out, auk_error *err);

typedef struct auk_sort_collector auk_sort_collector;

typedef struct auk_sort_place {
    const auk_segment_view *view;
    uint32_t unit; /* rank of the segment in the search */
    int64_t
        first_doc; /* of the segment, counted through its shard, the shard's rank above bit 32 */
} auk_sort_place;

AUK_MUST_CHECK auk_code auk_sort_collector_open(const auk_sort_source *sources, uint32_t count,
                                                const auk_sort_place *place,
                                                const auk_sort_after *after, uint32_t limit,
                                                auk_arena *arena, auk_sort_collector **out,
                                                auk_error *err);
/* scores: NULL when no key and nobody else wants them */
void auk_sort_collector_offer(auk_sort_collector *collector, const auk_doc *docs,
                              const float *scores, uint32_t count);

/*
 * By zones: a block of 4096 documents whose best first key is behind what is known to be reached
 * need not be looked at. Only where _ranks says so, and where nobody wants scores.
 */
struct auk_column_window;
struct auk_sorted_hit;
bool auk_sort_collector_ranks(const auk_sort_collector *collector);
/* The least order of the first key that a document of the block may have. */
int64_t auk_sort_collector_best(const auk_sort_collector *collector, uint32_t block);
/* May a document of the block be a hit still? */
bool auk_sort_collector_wants(const auk_sort_collector *collector, uint32_t block);
void auk_sort_collector_offer_window(auk_sort_collector *collector,
                                     const struct auk_column_window *window);

/*
 * What k hits reach in the first key, over all segments and tasks of a search: whose order is
 * greater is none of the best k. Numbers are told at once, texts when a segment is done.
 */
typedef struct auk_sort_floor {
    atomic_int_least64_t order;
    _Atomic(const auk_sort_value *) text; /* NULL: none yet */
} auk_sort_floor;
void auk_sort_floor_init(auk_sort_floor *floor);
/* Takes over what others have reached; again from time to time. */
AUK_MUST_CHECK auk_code auk_sort_collector_join(auk_sort_collector *collector,
                                                auk_sort_floor *floor, auk_error *err);
void auk_sort_collector_tell(const auk_sort_collector *collector, auk_sort_floor *floor);
/* Texts of hits that _finish made. */
void auk_sort_collector_tell_text(const auk_sort_collector *collector, auk_sort_floor *floor,
                                  const struct auk_sorted_hit *hits, uint32_t count);

typedef struct auk_sorted_hit {
    const auk_sort_value *values;
    uint32_t unit;
    auk_doc doc;
    float score;
} auk_sorted_hit;

/* The best, unordered, with texts. */
AUK_MUST_CHECK auk_code auk_sort_collector_finish(auk_sort_collector *collector,
                                                  auk_sorted_hit **out, uint32_t *count,
                                                  auk_error *err);

int auk_sort_compare(const auk_sort_value *a, const auk_sort_value *b,
                     const auk_sort_source *sources, uint32_t count);
/* As Elasticsearch prints it in "sort": [..]. */
void auk_sort_value_write(const auk_sort_source *source, const auk_sort_value *value,
                          auk_json_writer *out);

#endif

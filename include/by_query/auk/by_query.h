/*
 * by_query.h - the documents that a query finds, page by page, copied to another index, written
 * anew, or deleted: _reindex, _update_by_query, _delete_by_query.
 *
 *     views of one moment, or another server --> page --> transforms --> auk_catalog_write
 *                                                 ^                            |
 *                                                 +---- pace, cancel, count <--+
 *
 * What is read is pinned; what is written goes the way of any client's bulk, so that templates,
 * blocks, refusals and durability are those of a bulk. A document that somebody changed since the
 * moment is a version conflict: updates and deletes are conditional on the sequence number that was
 * read.
 *
 * A run is a job (job.h). It does not go on after a restart: what it wrote stays written, and the
 * job says that it was interrupted and how far it had come.
 *
 *   Lifetime  _start takes the arena and what `release` releases; they end with the run.
 *   Threads   any; a run has the job's thread, and one more for each further slice.
 *   Memory    a page for each slice, at most about four megabytes and a document, and what the
 *             views pin.
 *   Errors    of what is asked for, at _start; later ones are the job's.
 */
#ifndef AUK_BY_QUERY_H
#define AUK_BY_QUERY_H

#include "auk/catalog.h"
#include "auk/search.h"
#include "auk/transform.h"

typedef enum auk_by_query_kind {
    AUK_BY_QUERY_REINDEX,
    AUK_BY_QUERY_UPDATE,
    AUK_BY_QUERY_DELETE,
    AUK_BY_QUERY_RESIZE /* all of one index, with its versions, into one with other shards */
} auk_by_query_kind;

/* A document on its way; its spans lie in the page's arena. */
typedef struct auk_page_item {
    auk_span index, id, routing, source;
    bool source_is_padded; /* AUK_JSON_PADDING bytes are readable behind it */
    int64_t seq_no, primary_term, version;
} auk_page_item;

typedef struct auk_page {
    auk_page_item *items;
    uint32_t count;
    uint64_t total;   /* of the source, when it is known only now; 0: as it said */
    uint32_t retries; /* that it took */
} auk_page;

/*
 * Where pages come from.
 *
 * next   up to `most` documents for a reader of that number; none: there are no more. They lie in
 *        the arena, or are borrowed until the next call. Readers of different numbers ask at once.
 * close  once, when nobody asks any more; NULL: nothing is to be closed.
 */
typedef struct auk_page_source {
    void *context;
    auk_code (*next)(void *context, unsigned reader, uint32_t most, auk_arena *arena, auk_page *out,
                     auk_error *err);
    void (*close)(void *context);
    uint64_t total;        /* documents there will be */
    bool total_is_a_guess; /* until the end */
} auk_page_source;

/* "_id modulo max is id": what a client that slices by itself asks for. */
typedef struct auk_slice {
    uint32_t id, max; /* max 0: all */
} auk_slice;

typedef enum auk_routing_way {
    AUK_ROUTING_KEEP,
    AUK_ROUTING_DISCARD,
    AUK_ROUTING_SET
} auk_routing_way;

/* Where a reindex writes to. */
typedef struct auk_destination {
    auk_span index;
    bool create_only, require_alias;
    auk_version_type version_type; /* all but internal: with the version that was read */
    auk_routing_way routing_way;
    auk_span routing;
    auk_source_filter filter; /* of the source */
    bool has_filter;
    auk_transforms transforms;
} auk_destination;

typedef struct auk_by_query_wishes {
    auk_by_query_kind kind;
    auk_span description; /* of the task */
    /* views and mappings that `release` releases */
    const auk_search_target *targets;
    uint32_t target_count;
    const auk_query *query;   /* NULL: all */
    const auk_sort_key *sort; /* count 0: as they lie */
    uint32_t sort_count;
    auk_slice slice;
    auk_page_source other; /* with a context: instead of the targets */
    auk_destination destination;
    const struct auk_resize *resize; /* of that kind */
    uint64_t max_docs;               /* UINT64_MAX: all */
    uint32_t page_size;
    unsigned slices;                /* at most AUK_SLICES_MOST work at once */
    bool proceed;                   /* conflicts are counted, and no reason to stop */
    bool refresh;                   /* what was written to, at the end */
    double rate;                    /* documents a second; INFINITY */
    bool is_awaited;                /* somebody waits for the job (job.h) */
    auk_arena *arena;               /* taken: all of the above lies in it */
    void (*release)(void *context); /* may be NULL */
    void *context;
} auk_by_query_wishes;

#define AUK_SLICES_MOST 16u

void auk_by_query_wishes_init(auk_by_query_wishes *wishes);

/*
 * Begins a run. *out is acquired. The job's answer is that of Elasticsearch, failures included;
 * only what ends a run that is not about single documents is its error. On failure nothing is
 * taken.
 */
AUK_MUST_CHECK auk_code auk_by_query_start(auk_catalog *catalog, const auk_by_query_wishes *wishes,
                                           auk_job **out, auk_error *err);

#endif

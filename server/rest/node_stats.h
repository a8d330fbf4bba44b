/* node_stats.h - statistics in Elasticsearch's sections, as _stats and _nodes/stats show them.
 *
 *   Lifetime  plain values.   Threads  one.   Memory  none.   Errors  unknown metrics: AUK_INVALID.
 */
#ifndef AUK_REST_NODE_STATS_H
#define AUK_REST_NODE_STATS_H

#include "admin.h"

/* Sums over shards, and over indices when _add is called with more. */
typedef struct auk_index_stats {
    auk_shard_stats shards;
    uint64_t shard_count;
    uint64_t search_count, search_time_us;
} auk_index_stats;

void auk_index_stats_add(auk_index_stats *sum, const auk_index_view *view);

/* Section names: docs, store, indexing ...; a list of them is a set of bits. */
AUK_MUST_CHECK auk_code auk_index_stats_sections(const auk_call *call, auk_span list,
                                                 unsigned *sections, auk_error *err);
/* The members of an open object. */
void auk_index_stats_write(auk_call *call, const auk_index_stats *stats, unsigned sections);

#endif

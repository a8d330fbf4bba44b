#include "node_stats.h"

#include "auk/nearest.h"

void auk_index_stats_add(auk_index_stats *sum, const auk_index_view *view)
{
    uint64_t count, time_us;
    auk_shard_stats one;
    auk_stats_of_index(view, &one);
    auk_stats_add(&sum->shards, &one);
    auk_index_read_search_stats(view->index, &count, &time_us);
    sum->shard_count += view->shard_count;
    sum->search_count += count;
    sum->search_time_us += time_us;
}

/* ---- sections ---- */

static void write_docs(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "count", stats->shards.doc_count);
    auk_json_member_uint(&call->out, "deleted", stats->shards.deleted_count);
}

static void write_store(auk_call *call, const auk_index_stats *stats)
{
    uint64_t bytes = stats->shards.segment_bytes + stats->shards.journal_bytes;
    auk_write_bytes(call, "size", bytes);
    auk_write_bytes(call, "total_data_set_size", bytes);
    auk_write_bytes(call, "reserved", 0);
}

static void write_indexing(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "index_total", stats->shards.index_total);
    auk_write_time(call, "index_time", stats->shards.index_time_us);
    auk_json_member_uint(&call->out, "index_failed", stats->shards.index_failed);
    auk_json_member_uint(&call->out, "delete_total", stats->shards.delete_total);
}

static void write_get(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "total", stats->shards.get_total);
}

static void write_search(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "query_total", stats->search_count);
    auk_write_time(call, "query_time", stats->search_time_us);
}

static void write_merges(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "current", stats->shards.merges_running);
    auk_json_member_uint(&call->out, "total", stats->shards.merge_total);
    auk_write_time(call, "total_time", stats->shards.merge_time_us);
    auk_json_member_uint(&call->out, "total_docs", stats->shards.merge_docs);
    auk_write_bytes(call, "total_size", stats->shards.merge_bytes);
}

static void write_refresh(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "total", stats->shards.refresh_total);
    auk_write_time(call, "total_time", stats->shards.refresh_time_us);
}

static void write_flush(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "total", stats->shards.flush_total);
    auk_write_time(call, "total_time", stats->shards.flush_time_us);
}

static void write_segments(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "count",
                         stats->shards.segment_count + stats->shards.memory_segment_count);
    auk_write_bytes(call, "memory", 0); /* segments on disk are mapped, not loaded */
    auk_write_bytes(call, "index_writer_memory", stats->shards.memory_bytes);
}

static void write_translog(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "operations", stats->shards.journal_operations);
    auk_write_bytes(call, "size", stats->shards.journal_bytes);
    auk_json_member_uint(&call->out, "uncommitted_operations", stats->shards.journal_operations);
    auk_write_bytes(call, "uncommitted_size", stats->shards.journal_bytes);
}

static void write_shard_stats(auk_call *call, const auk_index_stats *stats)
{
    auk_json_member_uint(&call->out, "total_count", stats->shard_count);
}

static const struct section {
    const char *name;   /* member of the answer */
    const char *metric; /* as asked for; merge and merges differ */
    void (*write)(auk_call *call, const auk_index_stats *stats);
} sections_table[] = {
    {"docs", "docs", write_docs},
    {"shard_stats", "shard_stats", write_shard_stats},
    {"store", "store", write_store},
    {"indexing", "indexing", write_indexing},
    {"get", "get", write_get},
    {"search", "search", write_search},
    {"merges", "merge", write_merges},
    {"refresh", "refresh", write_refresh},
    {"flush", "flush", write_flush},
    {"segments", "segments", write_segments},
    {"translog", "translog", write_translog},
};
#define SECTIONS (sizeof sections_table / sizeof sections_table[0])

/* Metrics of Elasticsearch that have nothing to count here. */
static bool is_empty_metric(auk_span name)
{
    static const char *const names[] = {"warmer",        "query_cache",   "fielddata", "completion",
                                        "request_cache", "recovery",      "bulk",      "suggest",
                                        "dense_vector",  "sparse_vector", "mappings"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (auk_span_is(name, names[i]))
            return true;
    return false;
}

static auk_code unknown_metric(const auk_call *call, auk_span name, auk_error *err)
{
    auk_span known[SECTIONS];
    for (size_t i = 0; i < SECTIONS; i++)
        known[i] = auk_span_of(sections_table[i].metric);
    auk_span close = auk_nearest(name, known, SECTIONS);
    return auk_fail(err, AUK_INVALID, "request [%.*s] contains unrecognized metric: [%.*s]%s%.*s%s",
                    AUK_SPAN_ARG(call->request->path), AUK_SPAN_ARG(name),
                    close.size ? " -> did you mean [" : "", AUK_SPAN_ARG(close),
                    close.size ? "]?" : "");
}

auk_code auk_index_stats_sections(const auk_call *call, auk_span list, unsigned *sections,
                                  auk_error *err)
{
    auk_span one;
    *sections = list.size ? 0 : UINT32_MAX;
    while (auk_span_cut(&list, ',', &one)) {
        size_t i = 0;
        while (i < SECTIONS && !auk_span_is(one, sections_table[i].metric) &&
               !auk_span_is(one, sections_table[i].name))
            i++;
        if (i < SECTIONS)
            *sections |= 1u << i;
        else if (auk_span_is(one, "_all"))
            *sections = UINT32_MAX;
        else if (!is_empty_metric(one))
            return unknown_metric(call, one, err);
    }
    return AUK_OK;
}

void auk_index_stats_write(auk_call *call, const auk_index_stats *stats, unsigned sections)
{
    for (size_t i = 0; i < SECTIONS; i++) {
        if (!(sections & 1u << i))
            continue;
        auk_json_member_object(&call->out, sections_table[i].name);
        sections_table[i].write(call, stats);
        auk_json_end_object(&call->out);
    }
}

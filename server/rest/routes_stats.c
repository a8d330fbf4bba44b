/* _stats: one node, no replicas, so primaries and total are the same sums. */
#include "health.h"
#include "node_stats.h"

static void write_both(auk_call *call, const auk_index_stats *stats, unsigned sections)
{
    auk_json_member_object(&call->out, "primaries");
    auk_index_stats_write(call, stats, sections);
    auk_json_end_object(&call->out);
    auk_json_member_object(&call->out, "total");
    auk_index_stats_write(call, stats, sections);
    auk_json_end_object(&call->out);
}

static void write_shard(auk_call *call, const auk_index_view *view, uint32_t number,
                        unsigned sections)
{
    auk_json_writer *out = &call->out;
    auk_index_stats one = {.shard_count = 1};
    auk_index_read_stats(view->index, number, &one.shards);
    auk_json_key(out, auk_arena_printf(call->arena, "%u", number));
    auk_json_begin_array(out);
    auk_json_begin_object(out);
    auk_json_member_object(out, "routing");
    auk_json_member_text(out, "state", "STARTED");
    auk_json_member_bool(out, "primary", true);
    auk_json_member_string(out, "node", call->rest->node_id);
    auk_json_end_object(out);
    auk_index_stats_write(call, &one, sections);
    auk_json_member_object(out, "seq_no");
    auk_json_member_int(out, "max_seq_no", one.shards.max_seq_no);
    auk_json_member_int(out, "local_checkpoint", one.shards.checkpoint);
    auk_json_member_int(out, "global_checkpoint", one.shards.checkpoint);
    auk_json_end_object(out);
    auk_json_end_object(out);
    auk_json_end_array(out);
}

static void write_index(auk_call *call, const auk_index_view *view, unsigned sections, bool shards)
{
    auk_json_writer *out = &call->out;
    auk_index_stats stats = {0};
    auk_index_stats_add(&stats, view);
    auk_json_key(out, view->name);
    auk_json_begin_object(out);
    auk_json_member_string(out, "uuid", view->uuid);
    auk_json_member_text(out, "health", auk_health_name(auk_health_of_index(view)));
    auk_json_member_text(out, "status", "open");
    write_both(call, &stats, sections);
    if (shards) {
        auk_json_member_object(out, "shards");
        for (uint32_t i = 0; i < view->shard_count; i++)
            write_shard(call, view, i, sections);
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
}

static void write_stats(auk_call *call, const auk_selection *chosen, unsigned sections,
                        auk_span level)
{
    auk_json_writer *out = &call->out;
    auk_index_stats sum = {0};
    for (uint32_t i = 0; i < chosen->count; i++)
        auk_index_stats_add(&sum, chosen->items[i].view);
    auk_json_begin_object(out);
    auk_call_write_shards(call, sum.shard_count, false);
    auk_json_member_object(out, "_all");
    write_both(call, &sum, sections);
    auk_json_end_object(out);
    if (!auk_span_is(level, "cluster")) {
        auk_json_member_object(out, "indices");
        for (uint32_t i = 0; i < chosen->count; i++)
            write_index(call, chosen->items[i].view, sections, auk_span_is(level, "shards"));
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
}

static auk_code get_stats(auk_call *call, auk_error *err)
{
    unsigned sections;
    auk_selection chosen;
    auk_span level = auk_call_parameter(call, "level");
    if (level.size && !auk_span_is(level, "cluster") && !auk_span_is(level, "indices") &&
        !auk_span_is(level, "shards"))
        return auk_fail(err, AUK_INVALID,
                        "level parameter must be one of [cluster] or [indices] or [shards] but was "
                        "[%.*s]",
                        AUK_SPAN_ARG(level));
    auk_code code =
        auk_index_stats_sections(call, auk_call_variable(call, "metric"), &sections, err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open(call, false, &chosen, err);
    if (code == AUK_OK)
        write_stats(call, &chosen, sections, level);
    auk_selection_close(call, &chosen);
    return code;
}

#define PARAMETERS                                                                                 \
    AUK_SELECT_PARAMETERS " level groups types fields fielddata_fields completion_fields "         \
                          "include_segment_file_sizes include_unloaded_segments "                  \
                          "forbid_closed_indices"
#define ROW(path)                                                                                  \
    {                                                                                              \
        AUK_M_GET, path, PARAMETERS, get_stats, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                \
    }

static const auk_route rows[] = {
    ROW("/_stats"),
    ROW("/_stats/{metric}"),
    ROW("/{index}/_stats"),
    ROW("/{index}/_stats/{metric}"),
};

const auk_route_table auk_routes_stats = {rows, sizeof rows / sizeof rows[0]};

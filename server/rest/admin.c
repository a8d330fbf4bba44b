#include "admin.h"

auk_code auk_selection_open(auk_call *call, bool strict, auk_selection *out, auk_error *err)
{
    auk_resolve_options options = {.allow_no_indices = !strict, .expand_open = true};
    *out = (auk_selection){0};
    auk_code code = auk_call_resolve_options(call, &options, err);
    if (code != AUK_OK)
        return code;
    out->root = auk_root_acquire(call->rest->options.catalog);
    return auk_root_resolve(out->root, auk_call_variable(call, "index"), &options, call->arena,
                            &out->items, &out->count, err);
}

void auk_selection_close(auk_call *call, auk_selection *selection)
{
    auk_root_release(call->rest->options.catalog, selection->root);
}

void auk_stats_add(auk_shard_stats *sum, const auk_shard_stats *more)
{
    sum->doc_count += more->doc_count;
    sum->deleted_count += more->deleted_count;
    sum->segment_count += more->segment_count;
    sum->memory_segment_count += more->memory_segment_count;
    sum->segment_bytes += more->segment_bytes;
    sum->memory_bytes += more->memory_bytes;
    sum->journal_bytes += more->journal_bytes;
    sum->journal_operations += more->journal_operations;
    sum->index_total += more->index_total;
    sum->delete_total += more->delete_total;
    sum->index_time_us += more->index_time_us;
    sum->index_failed += more->index_failed;
    sum->get_total += more->get_total;
    sum->refresh_total += more->refresh_total;
    sum->refresh_time_us += more->refresh_time_us;
    sum->flush_total += more->flush_total;
    sum->flush_time_us += more->flush_time_us;
    sum->merge_total += more->merge_total;
    sum->merge_time_us += more->merge_time_us;
    sum->merge_docs += more->merge_docs;
    sum->merge_bytes += more->merge_bytes;
    sum->merges_running += more->merges_running;
}

void auk_stats_of_index(const auk_index_view *view, auk_shard_stats *sum)
{
    memset(sum, 0, sizeof *sum);
    for (uint32_t i = 0; i < view->shard_count; i++) {
        auk_shard_stats one;
        auk_index_read_stats(view->index, i, &one);
        auk_stats_add(sum, &one);
    }
}

/* Hits to JSON: ids, sources, versions, sort values. */
#include <math.h>

#include "explain.h"
#include "fetch_parts.h"
#include "run.h"

typedef struct fetching {
    const auk_search_request *request;
    const struct auk_search_state *state;
    auk_arena *arena; /* of one hit */
    auk_json_writer *out;
    auk_error *err;
} fetching;

static void write_float(auk_json_writer *out, const char *key, float value)
{
    auk_json_key(out, auk_span_of(key));
    if (isnan(value))
        auk_json_null(out);
    else
        auk_json_float(out, value);
}

static auk_code write_source(fetching *fetch, auk_span source)
{
    const auk_source_filter *filter = &fetch->request->source;
    if (!filter->enabled || source.size == 0)
        return AUK_OK;
    if (filter->include_count == 0 && filter->exclude_count == 0) {
        auk_json_member_raw(fetch->out, "_source", source);
        return AUK_OK;
    }
    auk_buffer filtered;
    auk_buffer_init(&filtered, AUK_BUFFER_NO_LIMIT);
    auk_buffer_set_budget(&filtered, fetch->out->out->budget, AUK_PURPOSE_SEARCH);
    auk_code code = auk_source_filter_apply(filter, source, fetch->arena, &filtered, fetch->err);
    if (code == AUK_OK)
        auk_json_member_raw(fetch->out, "_source", auk_buffer_span(&filtered));
    auk_buffer_deinit(&filtered);
    return code;
}

static void write_numbers(fetching *fetch, const auk_segment *segment, auk_doc doc)
{
    if (fetch->request->version)
        auk_fetch_number(segment, doc, AUK_FIELD_VERSION, "_version", fetch->arena, fetch->out);
    if (!fetch->request->seq_no_primary_term)
        return;
    auk_fetch_number(segment, doc, AUK_FIELD_SEQ_NO, "_seq_no", fetch->arena, fetch->out);
    auk_fetch_number(segment, doc, AUK_FIELD_PRIMARY_TERM, "_primary_term", fetch->arena,
                     fetch->out);
}

static void write_sort(fetching *fetch, const auk_hit *hit)
{
    const auk_run_target *target = &fetch->state->targets[hit->target];
    if (!hit->sort)
        return;
    auk_json_member_array(fetch->out, "sort");
    for (uint32_t i = 0; i < fetch->state->sort_count; i++)
        auk_sort_value_write(&target->sort[i], &hit->sort[i], fetch->out);
    auk_json_end_array(fetch->out);
}

static const auk_run_unit *unit_of(const struct auk_search_state *state, const auk_hit *hit)
{
    for (uint32_t i = 0; i < state->unit_count; i++) {
        const auk_run_unit *unit = &state->units[i];
        if (unit->shard->target == hit->target && unit->shard->shard == hit->shard &&
            unit->segment == hit->segment)
            return unit;
    }
    return NULL;
}

static auk_code write_hit(fetching *fetch, const auk_hit *hit)
{
    const auk_run_unit *unit = unit_of(fetch->state, hit);
    const auk_run_target *target = &fetch->state->targets[hit->target];
    const auk_segment *segment = unit->view->segment;
    auk_stored_document stored;
    auk_json_writer *out = fetch->out;
    auk_code code =
        auk_segment_read_stored(segment, hit->doc, NULL, fetch->arena, &stored, fetch->err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(out);
    auk_json_member_string(out, "_index", target->target->index);
    auk_json_member_string(out, "_id", stored.id);
    write_numbers(fetch, segment, hit->doc);
    write_float(out, "_score", hit->score);
    code = auk_fetch_ignored(segment, hit->doc, fetch->arena, out, fetch->err);
    if (stored.routing.size)
        auk_json_member_string(out, "_routing", stored.routing);
    if (code == AUK_OK)
        code = write_source(fetch, stored.source);
    if (code != AUK_OK)
        return code;
    write_sort(fetch, hit);
    code = auk_fetch_matched_queries(target->plan, unit, hit->doc, fetch->arena, out, fetch->err);
    if (code == AUK_OK && fetch->request->explain) {
        auk_json_key(out, AUK_SPAN("_explanation"));
        code = auk_explain(target->plan, unit, hit->doc, fetch->arena, out, NULL, fetch->err);
    }
    auk_json_end_object(out);
    return code;
}

static void write_total(const auk_search_request *request, const auk_search_result *result,
                        auk_json_writer *out)
{
    if (request->total_hits_as_int) {
        auk_json_member_int(out, "total", result->total_tracked ? (int64_t)result->total : -1);
        return;
    }
    if (!result->total_tracked)
        return;
    auk_json_member_object(out, "total");
    auk_json_member_uint(out, "value", result->total);
    auk_json_member_text(out, "relation", result->total_is_lower_bound ? "gte" : "eq");
    auk_json_end_object(out);
}

auk_code auk_search_write(const auk_search_target *targets, const auk_search_request *request,
                          const auk_search_result *result, auk_arena *arena, auk_json_writer *out,
                          auk_error *err)
{
    (void)targets;
    fetching fetch = {request, result->state, auk_arena_create(1 << 14), out, err};
    auk_code code = AUK_OK;
    /* whoever pays for the answer pays for what it is made of */
    auk_arena_set_budget(fetch.arena, out->out->budget, AUK_PURPOSE_SEARCH);
    auk_json_member_object(out, "hits");
    write_total(request, result, out);
    write_float(out, "max_score", result->max_score);
    auk_json_member_array(out, "hits");
    for (uint32_t i = 0; i < result->hit_count && code == AUK_OK; i++) {
        auk_arena_reset(fetch.arena);
        code = write_hit(&fetch, &result->hits[i]);
        if (code == AUK_OK)
            code = auk_buffer_explain(out->out, err);
        if (code == AUK_OK)
            code = auk_arena_status(fetch.arena, err);
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
    auk_arena_destroy(fetch.arena);
    if (code != AUK_OK || request->aggregation_count == 0)
        return code;
    (void)arena;
    auk_json_member_object(out, "aggregations");
    code = auk_aggregations_write(request->aggregations, request->aggregation_count,
                                  result->aggregations, request->typed_keys, out, err);
    auk_json_end_object(out);
    return code;
}

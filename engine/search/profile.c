/* "profile": in Elasticsearch's shape, and beside it what this engine did. */
#include "profile.h"

#include <time.h>

#include "run.h"

uint64_t auk_profile_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

/* ---- what was asked, in Lucene's words ---- */

static const char *type_of(const auk_plan *plan)
{
    switch (plan->kind) {
    case AUK_PLAN_NONE:
        return "MatchNoDocsQuery";
    case AUK_PLAN_ALL:
        return "MatchAllDocsQuery";
    case AUK_PLAN_TERM:
        return "TermQuery";
    case AUK_PLAN_SYNONYM:
        return "SynonymQuery";
    case AUK_PLAN_PHRASE:
        return "PhraseQuery";
    case AUK_PLAN_BOOLEAN:
        return "BooleanQuery";
    case AUK_PLAN_DIS_MAX:
        return "DisjunctionMaxQuery";
    case AUK_PLAN_CONSTANT:
        return "ConstantScoreQuery";
    case AUK_PLAN_TERMS:
    case AUK_PLAN_IDS:
        return "TermInSetQuery";
    case AUK_PLAN_PREFIX:
        return "PrefixQuery";
    case AUK_PLAN_WILDCARD:
        return "WildcardQuery";
    case AUK_PLAN_REGEXP:
        return "RegexpQuery";
    case AUK_PLAN_RANGE:
        return "RangeQuery";
    }
    return "Query";
}

static void describe(const auk_plan *plan, unsigned depth, auk_buffer *out);

static void describe_list(const auk_plan_list *list, const char *sign, unsigned depth,
                          auk_buffer *out)
{
    for (uint32_t i = 0; i < list->count; i++) {
        auk_buffer_append_text(out, out->size ? " " : "");
        auk_buffer_append_text(out, sign);
        bool nested = list->items[i]->kind == AUK_PLAN_BOOLEAN;
        auk_buffer_append_text(out, nested ? "(" : "");
        describe(list->items[i], depth + 1, out);
        auk_buffer_append_text(out, nested ? ")" : "");
    }
}

static void describe_terms(const auk_plan_term *terms, uint32_t count, auk_buffer *out)
{
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append_text(out, i ? " " : "");
        auk_buffer_append(out, terms[i].text);
    }
}

static void describe(const auk_plan *plan, unsigned depth, auk_buffer *out)
{
    enum { DEEP = 8, LONG = 2000 };
    if (depth > DEEP || out->size > LONG) {
        auk_buffer_append_text(out, "..");
        return;
    }
    bool has_field = plan->field && (plan->kind == AUK_PLAN_TERM || plan->kind == AUK_PLAN_PHRASE ||
                                     plan->kind == AUK_PLAN_SYNONYM);
    if (has_field) {
        auk_buffer_append(out, plan->field->path);
        auk_buffer_append_text(out, ":");
    }
    if (plan->kind == AUK_PLAN_TERM) {
        auk_buffer_append(out, plan->u.term.text);
    } else if (plan->kind == AUK_PLAN_PHRASE) {
        auk_buffer_append_text(out, "\"");
        describe_terms(plan->u.phrase.terms, plan->u.phrase.count, out);
        auk_buffer_append_text(out, "\"");
    } else if (plan->kind == AUK_PLAN_SYNONYM) {
        describe_terms(plan->u.synonym.terms, plan->u.synonym.count, out);
    } else if (plan->kind == AUK_PLAN_BOOLEAN) {
        describe_list(&plan->u.boolean.must, "+", depth, out);
        describe_list(&plan->u.boolean.should, "", depth, out);
        describe_list(&plan->u.boolean.filter, "#", depth, out);
        describe_list(&plan->u.boolean.must_not, "-", depth, out);
    } else if (plan->kind == AUK_PLAN_DIS_MAX) {
        describe_list(&plan->u.dis_max.list, "| ", depth, out);
    } else if (plan->kind == AUK_PLAN_CONSTANT) {
        describe(plan->u.constant.child, depth + 1, out);
    } else {
        auk_buffer_append_text(out, plan->kind == AUK_PLAN_ALL ? "*:*" : type_of(plan));
    }
}

/* ---- how it went ---- */

/* Blocks of columns: a window is one of each column. */
static void write_windows(const auk_run_unit *unit, const auk_profile_entry *entry,
                          auk_json_writer *out)
{
    uint64_t documents = auk_segment_doc_count(unit->view->segment);
    uint64_t windows = (documents + AUK_WINDOW - 1) / AUK_WINDOW;
    auk_json_member_text(out, "aggregations", entry->aggregated ? entry->aggregated : "none");
    auk_json_member_uint(out, "column_blocks_read", entry->columns.blocks);
    auk_json_member_uint(out, "column_blocks_decoded", entry->columns.decoded);
    auk_json_member_uint(out, "column_blocks_compared", entry->columns.compared);
    auk_json_member_uint(out, "column_values_picked", entry->columns.picked);
    if (!entry->by_zones)
        return;
    auk_json_member_uint(out, "windows", windows);
    auk_json_member_uint(out, "windows_sorted", entry->windows);
    auk_json_member_uint(out, "windows_skipped", windows - entry->windows);
}

static void write_entry(const auk_run_unit *unit, const auk_profile_entry *entry,
                        auk_json_writer *out)
{
    const auk_profile_blocks *blocks = &entry->collecting, *counting = &entry->counting;
    auk_json_begin_object(out);
    auk_json_member_uint(out, "segment", unit->segment);
    auk_json_member_uint(out, "documents", auk_segment_doc_count(unit->view->segment));
    auk_json_member_text(out, "total", entry->total ? entry->total : "none");
    auk_json_member_text(out, "evaluator", entry->evaluator ? entry->evaluator : "none");
    if (entry->scorer)
        auk_json_member_text(out, "scorer", entry->scorer);
    auk_json_member_uint(out, "blocks", blocks->listed);
    auk_json_member_uint(out, "blocks_decoded", blocks->decoded);
    auk_json_member_uint(out, "blocks_skipped", blocks->listed - blocks->decoded);
    auk_json_member_uint(out, "blocks_decoded_counting", counting->decoded);
    auk_json_member_uint(out, "blocks_skipped_counting", counting->listed - counting->decoded);
    write_windows(unit, entry, out);
    auk_json_member_uint(out, "documents_collected", entry->collected);
    auk_json_member_uint(out, "documents_scored", entry->scored);
    auk_json_member_double(out, "floor_at_begin", (double)entry->floor);
    auk_json_member_double(out, "floor_at_end", (double)entry->last_floor);
    auk_json_member_uint(out, "count_in_nanos", entry->count_ns);
    auk_json_member_uint(out, "open_in_nanos", entry->open_ns);
    auk_json_member_uint(out, "collect_in_nanos", entry->collect_ns);
    auk_json_member_uint(out, "aggregate_in_nanos", entry->aggregate_ns);
    auk_json_end_object(out);
}

/* Members that typed clients insist on; what has no meaning here is 0. */
static void write_breakdown(const auk_profile_entry *sum, uint32_t segments, auk_json_writer *out)
{
    static const char *const idle[] = {"advance",
                                       "advance_count",
                                       "match",
                                       "match_count",
                                       "shallow_advance",
                                       "shallow_advance_count",
                                       "compute_max_score",
                                       "compute_max_score_count",
                                       "create_weight",
                                       "create_weight_count",
                                       "set_min_competitive_score",
                                       "set_min_competitive_score_count",
                                       "score",
                                       "next_doc_count"};
    auk_json_member_object(out, "breakdown");
    auk_json_member_uint(out, "build_scorer", sum->open_ns);
    auk_json_member_uint(out, "build_scorer_count", segments);
    auk_json_member_uint(out, "count_weight", sum->count_ns);
    auk_json_member_uint(out, "count_weight_count", segments);
    auk_json_member_uint(out, "next_doc", sum->collect_ns);
    auk_json_member_uint(out, "score_count", sum->scored);
    for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++)
        auk_json_member_uint(out, idle[i], 0);
    auk_json_end_object(out);
}

static void write_query(const auk_plan *plan, const auk_profile_entry *sum, uint32_t segments,
                        auk_json_writer *out)
{
    auk_buffer text;
    auk_buffer_init(&text, 1 << 16);
    describe(plan, 0, &text);
    auk_json_begin_object(out);
    auk_json_member_text(out, "type", type_of(plan));
    auk_json_member_string(out, "description", auk_buffer_span(&text));
    auk_json_member_uint(out, "time_in_nanos", sum->count_ns + sum->open_ns + sum->collect_ns);
    write_breakdown(sum, segments, out);
    auk_json_end_object(out);
    auk_buffer_deinit(&text);
}

static void write_collector(const auk_profile_entry *sum, auk_json_writer *out)
{
    auk_json_member_array(out, "collector");
    auk_json_begin_object(out);
    auk_json_member_text(out, "name", "QueryPhaseCollector");
    auk_json_member_text(out, "reason", "search_query_phase");
    auk_json_member_uint(out, "time_in_nanos", sum->collect_ns);
    auk_json_end_object(out);
    auk_json_end_array(out);
}

static void write_shard(const struct auk_search_state *state, const auk_run_shard *shard,
                        auk_span node_id, auk_arena *arena, auk_json_writer *out)
{
    const auk_run_target *target = &state->targets[shard->target];
    const auk_profile *profile = state->profile;
    auk_profile_entry sum = {0};
    uint32_t segments = 0;
    auk_span index = target->target->index;
    auk_json_begin_object(out);
    auk_json_member_string(out, "id",
                           auk_arena_printf(arena, "[%.*s][%.*s][%u]", AUK_SPAN_ARG(node_id),
                                            AUK_SPAN_ARG(index), shard->shard));
    auk_json_member_string(out, "node_id", node_id);
    auk_json_member_uint(out, "shard_id", shard->shard);
    auk_json_member_string(out, "index", index);
    auk_json_member_text(out, "cluster", "(local)");
    auk_json_member_object(out, "auk");
    auk_json_member_double(out, "known_floor", (double)profile->seed);
    auk_json_member_array(out, "segments");
    for (uint32_t i = 0; i < state->unit_count; i++) {
        const auk_profile_entry *entry = &profile->entries[i];
        if (state->units[i].shard != shard)
            continue;
        write_entry(&state->units[i], entry, out);
        sum.count_ns += entry->count_ns;
        sum.open_ns += entry->open_ns;
        sum.collect_ns += entry->collect_ns;
        sum.scored += entry->scored;
        segments++;
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
    auk_json_member_array(out, "searches");
    auk_json_begin_object(out);
    auk_json_member_array(out, "query");
    write_query(target->plan, &sum, segments, out);
    auk_json_end_array(out);
    auk_json_member_uint(out, "rewrite_time", profile->prepare_ns);
    write_collector(&sum, out);
    auk_json_end_object(out);
    auk_json_end_array(out);
    auk_json_member_array(out, "aggregations");
    auk_json_end_array(out);
    auk_json_end_object(out);
}

void auk_search_write_profile(const auk_search_result *result, auk_span node_id, auk_arena *arena,
                              auk_json_writer *out)
{
    const struct auk_search_state *state = result->state;
    if (!state->profile)
        return;
    auk_json_member_object(out, "profile");
    auk_json_member_array(out, "shards");
    for (uint32_t i = 0; i < state->shard_count; i++)
        write_shard(state, &state->shards[i], node_id, arena, out);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

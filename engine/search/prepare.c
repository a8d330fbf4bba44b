/* What a run needs before the first document: plans by index, statistics by shard, segments in
 * line. */
#include "run.h"

bool auk_run_wants_scores(const auk_search_request *request)
{
    if (request->size == 0 && !request->has_min_score && !request->explain)
        return false;
    if (!request->sort || request->track_scores || request->has_min_score)
        return true;
    for (uint32_t i = 0; i < request->sort_count; i++)
        if (request->sort[i].by == AUK_SORT_SCORE)
            return true;
    return false;
}

static auk_code prepare_target(const auk_search_target *target, const auk_search_request *request,
                               const auk_aggregation_environment *environment, int64_t now_ms,
                               auk_arena *arena, auk_run_target *out, auk_error *err)
{
    const auk_plan *filter = NULL;
    auk_resolver *resolver = &out->resolver;
    auk_resolver_init(resolver, target->mapping, target->index, now_ms, arena);
    resolver->shards = target->shards;
    resolver->shard_count = target->shard_count;
    resolver->max_terms_count = target->max_terms_count;
    resolver->max_regex_length = target->max_regex_length;
    resolver->default_fields = target->default_fields;
    resolver->default_field_count = target->default_field_count;
    out->target = target;
    auk_code code = auk_resolve(resolver, request->query, &out->plan, err);
    if (code == AUK_OK && target->filter)
        code = auk_resolve(resolver, target->filter, &filter, err);
    if (code == AUK_OK && request->post_filter)
        code = auk_resolve(resolver, request->post_filter, &out->post_filter, err);
    if (code == AUK_OK && request->aggregation_count)
        code = auk_aggregations_prepare(request->aggregations, request->aggregation_count, resolver,
                                        environment, &out->aggregations, err);
    if (code == AUK_OK)
        out->plan = auk_plan_filtered(resolver, out->plan, filter);
    return code;
}

static void list_units(struct auk_search_state *state, auk_run_shard *shard)
{
    int64_t first_doc = (int64_t)shard->rank << 32;
    for (uint32_t i = 0; i < shard->view->segment_count; i++) {
        const auk_segment_view *view = &shard->view->segments[i];
        state->units[state->unit_count++] = (auk_run_unit){shard, i, first_doc, view};
        first_doc += auk_segment_doc_count(view->segment);
    }
}

static auk_code prepare_shards(struct auk_search_state *state, bool scores, auk_arena *arena,
                               auk_error *err)
{
    for (uint32_t t = 0; t < state->target_count; t++) {
        const auk_run_target *target = &state->targets[t];
        for (uint32_t s = 0; s < target->target->shard_count; s++) {
            auk_run_shard *shard = &state->shards[state->shard_count];
            *shard = (auk_run_shard){t, s, state->shard_count++, target->target->shards[s], NULL};
            auk_code code = auk_statistics_gather(shard->view, target->resolver.slots,
                                                  target->resolver.slot_count, scores, arena,
                                                  &shard->statistics, err);
            if (code != AUK_OK)
                return code;
            list_units(state, shard);
        }
    }
    return AUK_OK;
}

auk_code auk_run_prepare(const auk_search_target *targets, uint32_t target_count,
                         const auk_search_request *request,
                         const auk_aggregation_environment *environment, auk_arena *arena,
                         struct auk_search_state **out, auk_error *err)
{
    struct auk_search_state *state = AUK_ARENA_NEW(arena, struct auk_search_state);
    size_t shards = 0, units = 0;
    for (uint32_t t = 0; t < target_count; t++) {
        shards += targets[t].shard_count;
        for (uint32_t s = 0; s < targets[t].shard_count; s++)
            units += targets[t].shards[s]->segment_count;
    }
    state->targets = AUK_ARENA_ARRAY(arena, auk_run_target, target_count + 1);
    state->shards = auk_arena_alloc(arena, sizeof *state->shards * (shards + 1));
    state->units = auk_arena_alloc(arena, sizeof *state->units * (units + 1));
    state->target_count = target_count;
    state->sort = request->sort;
    state->sort_count = request->sort ? request->sort_count : 0;
    *out = state;
    for (uint32_t t = 0; t < target_count; t++) {
        auk_code code = prepare_target(&targets[t], request, environment, environment->now_ms,
                                       arena, &state->targets[t], err);
        if (code != AUK_OK)
            return code;
    }
    if (state->sort_count) {
        auk_sort_source **sources;
        auk_code code = auk_sort_resolve(targets, target_count, state->sort, state->sort_count,
                                         environment->now_ms, arena, &sources, err);
        if (code != AUK_OK)
            return code;
        for (uint32_t t = 0; t < target_count; t++)
            state->targets[t].sort = sources[t];
    }
    /* Whoever gets hits may have them explained. */
    bool scores = request->size > 0 || auk_run_wants_scores(request);
    return prepare_shards(state, scores, arena, err);
}

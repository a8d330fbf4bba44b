/* What the tasks of a run found, joined: totals, the best hits in order, aggregations. */
#include <math.h>
#include <stdlib.h>

#include "position.h"
#include "run_task.h"

static auk_code reduce_counts(const auk_search_progress *run, const auk_search_task *tasks,
                              uint32_t count, auk_search_result *out, auk_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tasks[i].code != AUK_OK) {
            if (err)
                *err = tasks[i].error;
            return tasks[i].code;
        }
        out->total += tasks[i].total;
        out->timed_out |= tasks[i].timed_out;
        out->terminated_early |= tasks[i].terminated_early;
    }
    out->total_tracked = run->request->track_total_hits != 0;
    if (out->total_tracked && out->total > run->threshold) {
        out->total = run->threshold;
        out->total_is_lower_bound = true;
    }
    return AUK_OK;
}

static void set_hit(const struct auk_search_state *state, uint32_t unit, auk_doc doc, float score,
                    auk_hit *out)
{
    const auk_run_unit *at = &state->units[unit];
    *out = (auk_hit){
        .target = at->shard->target,
        .shard = at->shard->shard,
        .segment = at->segment,
        .doc = doc,
        .score = score,
    };
}

static int compare_scored(const void *a, const void *b)
{
    return auk_top_hit_compare(a, b);
}

static uint32_t join_scored(const auk_search_progress *run, const auk_search_task *tasks,
                            uint32_t count, auk_arena *arena, const auk_top_hit **out)
{
    size_t all = 0;
    *out = tasks[0].best;
    if (count == 1)
        return tasks[0].best_count;
    for (uint32_t i = 0; i < count; i++)
        all += tasks[i].best_count;
    auk_top_hit *best = AUK_ARENA_ARRAY(arena, auk_top_hit, all + 1);
    all = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (tasks[i].best_count)
            memcpy(best + all, tasks[i].best, sizeof *best * tasks[i].best_count);
        all += tasks[i].best_count;
    }
    if (all > 1)
        qsort(best, all, sizeof *best, compare_scored);
    *out = best;
    return all < run->limit ? (uint32_t)all : run->limit;
}

static void reduce_scored(const auk_search_progress *run, const auk_search_task *tasks,
                          uint32_t count, auk_arena *arena, auk_search_result *out)
{
    const auk_top_hit *best = NULL;
    uint32_t best_count = count ? join_scored(run, tasks, count, arena, &best) : 0;
    if (run->after_score)
        out->max_score = run->after_max_score;
    else if (best_count)
        out->max_score = best[0].score;
    uint32_t from = run->request->from;
    out->hits = auk_arena_alloc(arena, sizeof *out->hits * best_count);
    for (uint32_t i = from; i < best_count; i++) {
        const auk_top_hit *hit = &best[i];
        set_hit(run->state, hit->unit, hit->doc, hit->score, &out->hits[out->hit_count++]);
    }
    if (best_count)
        out->position.bytes =
            auk_position_write(&best[best_count - 1], out->max_score, NULL, 0, arena);
}

typedef struct sorting {
    const auk_sort_source *sources;
    uint32_t count;
} sorting;

static int compare_sorted(const void *a, const void *b, void *context)
{
    const auk_sorted_hit *left = a, *right = b;
    const sorting *by = context;
    int order = auk_sort_compare(left->values, right->values, by->sources, by->count);
    if (order != 0)
        return order;
    if (left->unit != right->unit)
        return left->unit < right->unit ? -1 : 1;
    return (left->doc > right->doc) - (left->doc < right->doc);
}

static void reduce_sorted(const auk_search_progress *run, const auk_search_task *tasks,
                          uint32_t count, auk_arena *arena, auk_search_result *out)
{
    const struct auk_search_state *state = run->state;
    size_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all += tasks[i].sorted_count;
    auk_sorted_hit *hits = AUK_ARENA_ARRAY(arena, auk_sorted_hit, all + 1);
    all = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (tasks[i].sorted_count)
            memcpy(hits + all, tasks[i].sorted, sizeof *hits * tasks[i].sorted_count);
        all += tasks[i].sorted_count;
    }
    sorting by = {state->target_count ? state->targets[0].sort : NULL, state->sort_count};
    if (all > 1)
        qsort_r(hits, all, sizeof *hits, compare_sorted, &by);
    uint32_t kept = all < run->limit ? (uint32_t)all : run->limit;
    out->hits = AUK_ARENA_ARRAY(arena, auk_hit, kept + 1);
    for (uint32_t i = 0; i < kept; i++) {
        if (run->scores && !(hits[i].score <= out->max_score))
            out->max_score = hits[i].score;
        if (i < run->request->from)
            continue;
        auk_hit *hit = &out->hits[out->hit_count++];
        set_hit(state, hits[i].unit, hits[i].doc, run->scores ? hits[i].score : NAN, hit);
        hit->sort = hits[i].values;
    }
    if (!run->request->track_scores)
        out->max_score = NAN;
    if (kept) {
        auk_top_hit last = {hits[kept - 1].score, hits[kept - 1].unit, hits[kept - 1].doc};
        out->position.bytes = auk_position_write(&last, out->max_score, hits[kept - 1].values,
                                                 state->sort_count, arena);
    }
}

static auk_code reduce_aggregations(const auk_search_progress *run, const auk_search_task *tasks,
                                    uint32_t count, const auk_aggregation_environment *environment,
                                    auk_arena *arena, auk_search_result *out, auk_error *err)
{
    const auk_search_request *request = run->request;
    if (request->aggregation_count == 0)
        return AUK_OK;
    auk_aggregation_result **results =
        AUK_ARENA_ARRAY(arena, auk_aggregation_result *, run->state->unit_count + 1);
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < tasks[i].unit_count; j++)
            if (tasks[i].aggregations[j])
                results[used++] = tasks[i].aggregations[j];
    return auk_aggregations_merge(request->aggregations, request->aggregation_count, results, used,
                                  environment, arena, &out->aggregations, err);
}

auk_code auk_run_reduce(const auk_search_progress *run, const auk_search_task *tasks,
                        uint32_t count, const auk_aggregation_environment *environment,
                        auk_arena *arena, auk_search_result *out, auk_error *err)
{
    auk_code code = reduce_counts(run, tasks, count, out, err);
    if (code != AUK_OK)
        return code;
    if (run->state->sort_count)
        reduce_sorted(run, tasks, count, arena, out);
    else
        reduce_scored(run, tasks, count, arena, out);
    return reduce_aggregations(run, tasks, count, environment, arena, out, err);
}

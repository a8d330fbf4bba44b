/*
 * The run: segments are shared out as tasks, and the tasks' bests are merged.
 *
 * Neither the number of threads nor their pace shows in the answer. Tasks share the count of
 * matches: past the threshold of the request everybody may leave out what cannot become a hit,
 * because the answer then says "at least". And they share a floor, the best of their k-th scores:
 * what stays below it is none of the best k of all, whoever finds it.
 */
#include "run_segment.h"

#include <math.h>
#include <stddef.h>

#include "auk/clock.h"
#include "auk/pace.h"
#include "position.h"
#include "seed.h"

/* Segments are joined to tasks of at least so many documents: waking a thread costs some 20 us. */
#define TASK_DOCS (1u << 16)

/* Elasticsearch's index.max_result_window where nothing else is set. */
#define DEFAULT_WINDOW 10000u

/* One and a half codes, as many to sort with, and a hit (top_hits.h). */
#define TOP_HIT_BYTES (5 * sizeof(uint64_t) / 2 + sizeof(auk_top_hit))

/* ---- tasks ---- */

const auk_term *auk_run_unit_term(const auk_run_unit *unit, const auk_plan *plan)
{
    return plan->kind == AUK_PLAN_TERM
               ? auk_statistics_term(unit->shard->statistics, unit->segment, plan->u.term.slot)
               : NULL;
}

/* The best hits by segment and document; ranks count the documents of the task's segments. */
static void take_best(auk_search_task *task)
{
    auk_top_hits *top = &task->top;
    auk_top_hits_sort(top, task->arena);
    task->best = auk_arena_alloc(task->arena, sizeof *task->best * top->count);
    task->best_count = top->count;
    for (uint32_t i = 0; i < top->count; i++) {
        uint32_t rank = auk_top_hits_rank(top->codes[i]), low = 0, high = task->unit_count;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (task->bases[middle] <= rank)
                low = middle;
            else
                high = middle;
        }
        task->best[i] = (auk_top_hit){auk_top_hits_score(top->codes[i]), task->first_unit + low,
                                      rank - task->bases[low]};
    }
}

static void count_bases(auk_search_task *task)
{
    uint32_t base = 0;
    task->bases = AUK_ARENA_ARRAY(task->arena, uint32_t, task->unit_count);
    for (uint32_t i = 0; i < task->unit_count; i++) {
        task->bases[i] = base;
        base += auk_segment_doc_count(task->run->state->units[task->first_unit + i].view->segment);
    }
}

static void run_task(void *context, size_t index)
{
    auk_search_task *self = &((auk_search_task *)context)[index];
    auk_search_progress *run = self->run;
    uint64_t shard_taken = 0;
    auk_segment_run *segment = auk_arena_alloc(self->arena, sizeof *segment);
    segment->task = self;
    segment->shard_taken = &shard_taken;
    count_bases(self);
    auk_top_hits_init(&self->top, run->state->sort_count ? 0 : run->limit, self->arena);
    if (run->request->aggregation_count)
        self->aggregations =
            AUK_ARENA_ARRAY(self->arena, auk_aggregation_result *, self->unit_count + 1);
    for (uint32_t i = 0; i < self->unit_count && !auk_run_must_stop(self); i++) {
        segment->rank = self->first_unit + i;
        segment->unit = &run->state->units[segment->rank];
        segment->base = self->bases[i];
        if (segment->unit->segment == 0)
            shard_taken = 0;
        if (run->request->terminate_after && shard_taken >= run->request->terminate_after)
            continue;
        bool before = self->terminated_early;
        self->terminated_early = false;
        self->code = auk_segment_run_go(segment);
        self->terminated_early |= before;
        if (self->code != AUK_OK)
            break;
    }
    if (self->code == AUK_OK)
        take_best(self);
    if (self->code != AUK_OK)
        atomic_store(&run->stopped, true);
}

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

/* An error has room for many words, and hardly any task has one. */
static void init_task(auk_search_task *task)
{
    memset(task, 0, offsetof(auk_search_task, error));
    task->error.code = AUK_OK;
    task->error.type = NULL;
    task->error.message[0] = task->error.hint[0] = '\0';
}

/* With terminate_after a shard is one task; else segments are joined until they are worth a thread.
 */
static auk_search_task *share_out(auk_search_progress *run, auk_arena *arena, uint32_t *out_count)
{
    const struct auk_search_state *state = run->state;
    auk_search_task *tasks = auk_arena_alloc(arena, sizeof *tasks * state->unit_count);
    uint32_t count = 0, task_docs = run->context->task_docs ? run->context->task_docs : TASK_DOCS;
    for (uint32_t i = 0; i < state->unit_count;) {
        auk_search_task *task = &tasks[count++];
        uint64_t docs = 0;
        init_task(task);
        task->run = run;
        task->first_unit = i;
        for (bool more = true; more && i < state->unit_count;) {
            docs += auk_segment_doc_count(state->units[i++].view->segment);
            bool same_shard =
                i < state->unit_count && state->units[i].shard == state->units[i - 1].shard;
            more = docs < task_docs || (run->request->terminate_after && same_shard);
            /* ranks are 32 bits */
            if (i < state->unit_count)
                more &= docs + auk_segment_doc_count(state->units[i].view->segment) <= UINT32_MAX;
        }
        task->unit_count = i - task->first_unit;
        task->arena = arena;
        /* aggregations charge by themselves; in the request's arena they would pay twice */
        if (count > 1 || run->request->aggregation_count > 0) {
            task->arena = auk_arena_create(1 << 16);
            auk_arena_defer(arena, destroy_arena, task->arena);
        }
    }
    *out_count = count;
    return tasks;
}

/* ---- the whole ---- */

static auk_code check_window(const auk_search_target *targets, uint32_t target_count,
                             const auk_search_request *request, auk_error *err)
{
    uint32_t most = target_count ? UINT32_MAX : DEFAULT_WINDOW;
    for (uint32_t i = 0; i < target_count; i++) {
        uint32_t own = targets[i].max_result_window ? targets[i].max_result_window : DEFAULT_WINDOW;
        most = own < most ? own : most;
    }
    uint64_t window = (uint64_t)request->from + request->size;
    if (window <= most)
        return AUK_OK;
    return auk_fail_type(
        err, AUK_INVALID, "illegal_argument_exception",
        "Result window is too large, from + size must be less than or equal to: [%u] but was "
        "[%llu]. See the scroll api for a more efficient way to request large data sets. This "
        "limit can be set by changing the [index.max_result_window] index level setting.",
        most, (unsigned long long)window);
}

typedef struct charge {
    auk_budget *budget;
    atomic_size_t bytes;
} charge;

static void release_charge(void *object)
{
    charge *charged = object;
    auk_budget_release(charged->budget, AUK_PURPOSE_SEARCH, atomic_load(&charged->bytes));
}

static auk_code start(auk_search_progress *run, auk_arena *arena, auk_error *err)
{
    const auk_search_request *request = run->request;
    auk_sort_after *after = AUK_ARENA_NEW(arena, auk_sort_after);
    auk_top_hit *hit = AUK_ARENA_NEW(arena, auk_top_hit);
    uint32_t keys = run->state->sort_count;
    if (request->after.bytes.size) {
        auk_code code = auk_position_read(request->after.bytes, keys, arena, hit,
                                          &run->after_max_score, after, err);
        if (code != AUK_OK)
            return code;
        run->after_score = keys ? NULL : hit;
        run->after_sort = keys ? after : NULL;
    } else if (request->search_after) {
        if (keys == 0)
            return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                                 "Sort must contain at least one field.");
        if (request->from > 0)
            return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                                 "`from` parameter must be set to 0 when `search_after` is used");
        if (run->state->target_count == 0)
            return AUK_OK;
        return auk_sort_parse_after(request->search_after, run->state->targets[0].sort, keys,
                                    run->context->now_ms, arena, &run->after_sort, err);
    }
    return AUK_OK;
}

/* What the request's arena charges is given back when it goes; without a budget nobody wants it. */
static auk_aggregation_environment *make_environment(const auk_search_target *targets,
                                                     uint32_t target_count,
                                                     const auk_search_context *context,
                                                     auk_arena *arena)
{
    struct {
        auk_aggregation_environment environment;
        charge charged;
    } *both = auk_arena_alloc(arena, sizeof *both);
    auk_aggregation_environment *environment = &both->environment;
    both->charged.budget = context->budget;
    atomic_init(&both->charged.bytes, 0);
    if (context->budget)
        auk_arena_defer(arena, release_charge, &both->charged);
    *environment = (auk_aggregation_environment){
        .budget = context->budget,
        .now_ms = context->now_ms,
        .charged = &both->charged.bytes,
    };
    for (uint32_t i = 0; i < target_count; i++)
        if (targets[i].max_buckets &&
            (!environment->max_buckets || targets[i].max_buckets < environment->max_buckets))
            environment->max_buckets = targets[i].max_buckets;
    return environment;
}

static uint64_t deadline_of(const auk_search_request *request, const auk_search_context *context)
{
    if (request->timeout_ms < 0 || request->timeout_ms > INT64_MAX / 2000)
        return context->deadline_us;
    uint64_t own = auk_clock_monotonic_us() + (uint64_t)request->timeout_ms * 1000;
    return context->deadline_us && context->deadline_us < own ? context->deadline_us : own;
}

static void make_progress(const auk_search_request *request, const auk_search_context *context,
                          const struct auk_search_state *state, auk_search_progress *out)
{
    *out = (auk_search_progress){
        .request = request,
        .context = context,
        .state = state,
        .deadline_us = deadline_of(request, context),
        .scores = auk_run_wants_scores(request),
        .may_count =
            !request->has_min_score && !request->post_filter && request->terminate_after == 0,
        .limit = request->size ? request->from + request->size : 0,
        .threshold = request->track_total_hits < 0 ? 0 : (uint64_t)request->track_total_hits,
    };
}

/* Documents are looked up in the largest segment alone. */
static void seed_floor(auk_search_progress *run, auk_arena *arena)
{
    uint32_t largest = 0, docs = 0;
    float most = 0;
    if (!run->may_count || !run->scores || run->state->sort_count || run->after_score ||
        run->limit == 0)
        return;
    for (uint32_t i = 0; i < run->state->unit_count; i++) {
        uint32_t here = auk_segment_doc_count(run->state->units[i].view->segment);
        largest = here > docs ? i : largest;
        docs = here > docs ? here : docs;
    }
    for (uint32_t i = 0; i < run->state->unit_count; i++) {
        const auk_run_unit *unit = &run->state->units[i];
        float floor = auk_seed_floor(run->state->targets[unit->shard->target].plan, unit,
                                     run->limit, i == largest ? arena : NULL);
        most = floor > most ? floor : most;
    }
    uint32_t bits;
    memcpy(&bits, &most, sizeof bits);
    atomic_store(&run->floor_bits, bits);
    if (run->state->profile)
        run->state->profile->seed = most;
}

/* A total and nothing else, which the index knows without looking: no task is needed. */
static bool is_settled(const auk_search_progress *run, uint64_t *total)
{
    const auk_search_request *request = run->request;
    const struct auk_search_state *state = run->state;
    const atomic_bool *cancelled = run->context->cancelled;
    if (run->limit > 0 || !run->may_count || request->aggregation_count > 0 || state->profile ||
        request->after.bytes.size || request->search_after ||
        (cancelled && atomic_load_explicit(cancelled, memory_order_relaxed)))
        return false;
    uint64_t count, sum = 0;
    for (uint32_t i = 0; i < state->unit_count; i++) {
        const auk_run_unit *unit = &state->units[i];
        if (!auk_plan_known_count(state->targets[unit->shard->target].plan, unit, &count))
            return false;
        sum += count;
    }
    *total = sum;
    return true;
}

/* By score alone is the default order, which Elasticsearch answers without sort values. */
static const auk_search_request *normalise(const auk_search_request *given, auk_arena *arena)
{
    if (!given->sort)
        return given;
    bool by_score =
        given->sort_count == 1 && given->sort[0].by == AUK_SORT_SCORE && given->sort[0].descending;
    if (given->sort_count > 0 && (!by_score || given->search_after))
        return given;
    auk_search_request *request = auk_arena_alloc(arena, sizeof *request);
    *request = *given;
    request->sort = NULL;
    return request;
}

static void make_profile(struct auk_search_state *state, uint64_t begin_ns, auk_arena *arena)
{
    state->profile = AUK_ARENA_NEW(arena, auk_profile);
    state->profile->entries = AUK_ARENA_ARRAY(arena, auk_profile_entry, state->unit_count + 1);
    state->profile->prepare_ns = auk_profile_now() - begin_ns;
}

auk_code auk_search_run(const auk_search_target *targets, uint32_t target_count,
                        const auk_search_request *given, const auk_search_context *context,
                        auk_arena *arena, auk_search_result *out, auk_error *err)
{
    const auk_search_request *request = normalise(given, arena);
    auk_aggregation_environment *environment =
        make_environment(targets, target_count, context, arena);
    *out = (auk_search_result){.max_score = NAN, .position = given->after};
    uint64_t begin_ns = request->profile ? auk_profile_now() : 0;
    auk_code code = check_window(targets, target_count, request, err);
    if (code == AUK_OK)
        code =
            auk_run_prepare(targets, target_count, request, environment, arena, &out->state, err);
    if (code == AUK_OK && request->profile)
        make_profile(out->state, begin_ns, arena);
    if (code != AUK_OK)
        return code;

    auk_search_progress run;
    uint32_t count;
    make_progress(request, context, out->state, &run);
    out->shard_count = out->state->shard_count;
    if (is_settled(&run, &out->total))
        return auk_run_reduce(&run, NULL, 0, environment, arena, out, err);
    auk_sort_floor_init(&run.sort_floor);
    auk_search_task *tasks = share_out(&run, arena, &count);
    size_t heap_bytes = (size_t)run.limit * count *
                        (TOP_HIT_BYTES + sizeof(auk_sort_value) * out->state->sort_count);
    code = start(&run, arena, err);
    if (code == AUK_OK)
        code = auk_aggregation_charge(environment, heap_bytes, err);
    if (code != AUK_OK)
        return code;
    seed_floor(&run, arena);
    auk_pace_wait_begin();
    auk_pool_for(count > 1 ? context->pool : NULL, count, run_task, tasks);
    auk_pace_wait_end();
    return auk_run_reduce(&run, tasks, count, environment, arena, out, err);
}

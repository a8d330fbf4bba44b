/*
 * The run: segments are shared out as tasks, each window of each segment goes through live bits,
 * filters, aggregations and collectors, and the tasks' bests are merged.
 *
 * Neither the number of threads nor their pace shows in the answer. Tasks share the count of
 * matches: past the threshold of the request everybody may leave out what cannot become a hit,
 * because the answer then says "at least". And they share a floor, the best of their k-th scores:
 * what stays below it is none of the best k of all, whoever finds it.
 */
#include "run_task.h"

#include <math.h>

#include "auk/clock.h"
#include "position.h"
#include "score_kernels.h"
#include "seed.h"

/* Segments are joined to tasks of at least so many documents: waking a thread costs some 20 us. */
#define TASK_DOCS (1u << 16)

/* Elasticsearch's index.max_result_window where nothing else is set. */
#define DEFAULT_WINDOW 10000u

/* One and a half codes, as many to sort with, and a hit (top_hits.h). */
#define TOP_HIT_BYTES (5 * sizeof(uint64_t) / 2 + sizeof(auk_top_hit))

/* Of one segment. */
typedef struct segment_run {
    auk_search_task *task;
    const auk_run_unit *unit;
    uint32_t rank; /* of the unit */
    uint32_t base; /* documents of the task in front of it */
    auk_scorer *scorer;
    auk_filter *post_filter;
    auk_aggregation_collector *aggregations;
    auk_sort_collector *sort;
    bool known;            /* the total came from statistics */
    uint64_t *shard_taken; /* matches taken in this shard, for terminate_after */
    auk_doc docs[AUK_WINDOW];
    float scores[AUK_WINDOW];
    auk_doc kept[AUK_WINDOW];
} segment_run;

/* ---- one window ---- */

static uint32_t keep_live(const uint64_t *live, auk_doc *docs, float *scores, uint32_t count)
{
    uint32_t kept = 0;
    if (!live)
        return count;
    for (uint32_t i = 0; i < count; i++) {
        auk_doc doc = docs[i];
        docs[kept] = doc;
        scores[kept] = scores[i];
        kept += (uint32_t)(live[doc / 64] >> (doc % 64) & 1);
    }
    return kept;
}

static uint32_t keep_scored(float least, auk_doc *docs, float *scores, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        docs[kept] = docs[i];
        scores[kept] = scores[i];
        kept += scores[i] >= least;
    }
    return kept;
}

static uint32_t keep_filtered(segment_run *segment, uint32_t count)
{
    uint32_t kept = auk_filter_keep(segment->post_filter, segment->docs, count, segment->kept);
    for (uint32_t i = 0, from = 0; i < kept; i++, from++) {
        while (segment->docs[from] != segment->kept[i])
            from++;
        segment->docs[i] = segment->kept[i];
        segment->scores[i] = segment->scores[from];
    }
    return kept;
}

/* Keeps what lies behind the last hit of the page before. */
static uint32_t keep_behind(segment_run *segment, const auk_top_hit *after, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        auk_top_hit hit = {segment->scores[i], segment->rank, segment->docs[i]};
        segment->docs[kept] = hit.doc;
        segment->scores[kept] = hit.score;
        kept += auk_top_hit_compare(&hit, after) > 0;
    }
    return kept;
}

static void offer(segment_run *segment, uint32_t count)
{
    auk_search_task *task = segment->task;
    const auk_search_progress *run = task->run;
    if (run->limit == 0)
        return;
    if (segment->sort) {
        auk_sort_collector_offer(segment->sort, segment->docs, run->scores ? segment->scores : NULL,
                                 count);
        return;
    }
    if (run->after_score)
        count = keep_behind(segment, run->after_score, count);
    auk_top_hits_offer(&task->top, segment->base, segment->docs, segment->scores, count);
}

static auk_profile_entry *entry_of(const segment_run *segment)
{
    const auk_profile *profile = segment->task->run->state->profile;
    return profile ? &profile->entries[segment->rank] : NULL;
}

static auk_code take_window(segment_run *segment, uint32_t count)
{
    auk_search_task *task = segment->task;
    const auk_search_request *request = task->run->request;
    count = keep_live(segment->unit->view->live, segment->docs, segment->scores, count);
    if (request->has_min_score)
        count = keep_scored(request->min_score, segment->docs, segment->scores, count);
    if (request->terminate_after) {
        uint64_t left = request->terminate_after - *segment->shard_taken;
        if (count >= left) {
            task->terminated_early = true;
            count = (uint32_t)left;
        }
        *segment->shard_taken += count;
    }
    if (segment->aggregations && count) {
        auk_code code =
            auk_aggregation_collect(segment->aggregations, segment->docs, count, &task->error);
        if (code != AUK_OK)
            return code;
    }
    if (segment->post_filter)
        count = keep_filtered(segment, count);
    if (entry_of(segment))
        entry_of(segment)->scored += count;
    if (!segment->known) {
        task->total += count;
        atomic_fetch_add_explicit(&task->run->counted, count, memory_order_relaxed);
    }
    offer(segment, count);
    return AUK_OK;
}

/* ---- one segment ---- */

/* One clause decides what matches, the others only add to its score. */
static bool is_alone(const auk_plan *plan)
{
    return plan->u.boolean.must.count == 1 && plan->u.boolean.filter.count == 0 &&
           plan->u.boolean.must_not.count == 0 && plan->u.boolean.minimum == 0;
}

/* The number of matches where the index knows it without looking. */
static bool known_count(const auk_plan *plan, const auk_run_unit *unit, uint64_t *out)
{
    const auk_segment_view *view = unit->view;
    if (plan->kind == AUK_PLAN_CONSTANT)
        return known_count(plan->u.constant.child, unit, out);
    if (plan->kind == AUK_PLAN_ALL) {
        *out = view->live ? view->live_count : auk_segment_doc_count(view->segment);
        return true;
    }
    if (plan->kind == AUK_PLAN_BOOLEAN && is_alone(plan))
        return known_count(plan->u.boolean.must.items[0], unit, out);
    if (plan->kind == AUK_PLAN_TERM && !view->live) {
        const auk_term *term =
            auk_statistics_term(unit->shard->statistics, unit->segment, plan->u.term.slot);
        *out = term ? term->doc_freq : 0;
        return true;
    }
    return false;
}

/* The total of the answer is settled: known, past its threshold, or not asked for. */
static bool counted_enough(const segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    return segment->known || run->threshold == 0 ||
           atomic_load_explicit(&run->counted, memory_order_relaxed) > run->threshold;
}

/* Counting alone is so much cheaper than scoring every match that a pass of its own pays: the best
 * hits are then found with floors. Not so for conjunctions, whose matches are few. */
static bool counts_apart(const auk_plan *plan)
{
    if (plan->kind == AUK_PLAN_TERM)
        return true;
    if (plan->kind != AUK_PLAN_BOOLEAN || plan->u.boolean.must_not.count > 0 ||
        plan->u.boolean.filter.count > 0 || plan->u.boolean.minimum > 1)
        return false;
    const auk_plan_list *should = &plan->u.boolean.should;
    if (is_alone(plan))
        return counts_apart(plan->u.boolean.must.items[0]);
    for (uint32_t i = 0; i < should->count; i++)
        if (!counts_apart(should->items[i]))
            return false;
    return plan->u.boolean.must.count == 0 && should->count > 0;
}

static float read_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The floor of the task or of all tasks, whichever is higher. The task's k-th best is told to the
 * others: k hits are as good, so what scores less is out, while an equal score may still win by its
 * place. */
static float raise_floor(auk_search_task *task)
{
    atomic_uint_least32_t *shared = &task->run->floor_bits;
    float least = auk_top_hits_least(&task->top);
    uint32_t bits = atomic_load_explicit(shared, memory_order_relaxed), own;
    memcpy(&own, &least, sizeof own);
    if (!(least < INFINITY))
        return least;
    while (least > read_bits(bits) &&
           !atomic_compare_exchange_weak_explicit(shared, &bits, own, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
    float others = read_bits(bits), floor = auk_top_hits_floor(&task->top);
    return floor > others ? floor : others;
}

/* What a score must reach to be of use; 0: everything is looked at. */
static float window_floor(const segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    if (!run->may_count || segment->sort || !run->scores)
        return 0;
    return counted_enough(segment) ? raise_floor(segment->task) : 0;
}

static bool wants_best(const segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    return segment->scorer && segment->scorer->class->fill_best && run->may_count && run->scores &&
           !segment->sort && counted_enough(segment);
}

static bool must_stop(auk_search_task *task)
{
    const auk_search_progress *run = task->run;
    const auk_search_context *context = run->context;
    if (atomic_load_explicit(&run->stopped, memory_order_relaxed))
        return true;
    if (context->cancelled && atomic_load_explicit(context->cancelled, memory_order_relaxed)) {
        task->code = auk_fail(&task->error, AUK_CANCELLED, "the search was cancelled");
        return true;
    }
    if (auk_arena_status(task->arena, NULL) != AUK_OK) {
        task->code = auk_arena_status(task->arena, &task->error);
        return true;
    }
    if (run->deadline_us && auk_clock_monotonic_us() >= run->deadline_us)
        task->timed_out = true;
    return task->timed_out;
}

static auk_scorer_context scorer_context(const segment_run *segment, bool scores)
{
    return (auk_scorer_context){
        .view = segment->unit->view,
        .statistics = segment->unit->shard->statistics,
        .segment = segment->unit->segment,
        .scores = scores,
        .arena = segment->task->arena,
    };
}

static auk_code open_segment(segment_run *segment, const auk_run_target *target)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    const auk_run_unit *unit = segment->unit;
    auk_error *err = &task->error;
    auk_scorer_context context = scorer_context(segment, run->scores);
    auk_code code = auk_scorer_open(target->plan, &context, &segment->scorer, err);
    if (code == AUK_OK && target->post_filter)
        code = auk_filter_open(target->post_filter, unit->view, task->arena, &segment->post_filter,
                               err);
    if (code == AUK_OK && target->aggregations)
        code = auk_aggregation_open(target->aggregations, unit->view, task->arena,
                                    &segment->aggregations, err);
    if (code == AUK_OK && run->state->sort_count && run->limit > 0) {
        auk_sort_place place = {unit->view, segment->rank, unit->first_doc};
        code =
            auk_sort_collector_open(target->sort, run->state->sort_count, &place, run->after_sort,
                                    run->limit, task->arena, &segment->sort, err);
    }
    return code;
}

/* Adds to the total what matches, until that is settled. */
static auk_code count_windows(segment_run *segment, auk_scorer *scorer)
{
    auk_search_task *task = segment->task;
    const uint64_t *live = segment->unit->view->live;
    const auk_score_kernels *kernels = auk_score_kernels_best();
    uint32_t words = (auk_segment_doc_count(segment->unit->view->segment) + 63) / 64;
    while (scorer && scorer->doc != AUK_DOC_END && !must_stop(task) && !counted_enough(segment)) {
        uint64_t marks[AUK_WINDOW_WORDS] = {0};
        auk_doc base = scorer->doc - scorer->doc % AUK_WINDOW;
        auk_scorer_mark(scorer, base, base + AUK_WINDOW, marks);
        uint32_t first = base / 64;
        uint32_t here = words - first < AUK_WINDOW_WORDS ? words - first : AUK_WINDOW_WORDS;
        uint32_t count = kernels->count_bits(marks, live ? live + first : NULL, here);
        task->total += count;
        atomic_fetch_add_explicit(&task->run->counted, count, memory_order_relaxed);
    }
    auk_code code = auk_scorer_status(scorer);
    if (code != AUK_OK)
        return auk_fail(&task->error, code, "a segment is damaged");
    return task->code;
}

static void note_total(segment_run *segment, const char *how)
{
    if (entry_of(segment))
        entry_of(segment)->total = how;
}

/* The total of the segment, where it can be had without its hits. */
static auk_code count_segment(segment_run *segment, const auk_plan *plan)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    uint64_t count = 0;
    bool apart = run->limit == 0 || (run->scores && !run->state->sort_count && counts_apart(plan));
    segment->known = false;
    if (!run->may_count)
        return AUK_OK;
    if (known_count(plan, segment->unit, &count)) {
        note_total(segment, "statistics");
        task->total += count;
        atomic_fetch_add_explicit(&run->counted, count, memory_order_relaxed);
    } else if (!apart) {
        return AUK_OK;
    } else if (!counted_enough(segment)) {
        note_total(segment, "marks");
        auk_scorer_context context = scorer_context(segment, false);
        auk_scorer *scorer = NULL;
        auk_code code = auk_scorer_open(plan, &context, &scorer, &task->error);
        if (code == AUK_OK)
            code = count_windows(segment, scorer);
        if (code != AUK_OK)
            return code;
    }
    segment->known = true;
    return AUK_OK;
}

/* Where only the best hits are wanted and the scorer knows where they are. */
static auk_code run_best(segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_scorer *scorer = segment->scorer;
    task->top.any_order = true;
    while (!must_stop(task)) {
        float floor = raise_floor(task);
        uint32_t count = scorer->class->fill_best(scorer, floor, segment->docs, segment->scores);
        if (count == 0)
            break;
        count = auk_scorer_keep_above(floor, segment->docs, segment->scores, count);
        auk_code code = take_window(segment, count);
        if (code != AUK_OK)
            return code;
    }
    task->top.any_order = false;
    return task->code;
}

static auk_code run_windows(segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    auk_scorer *scorer = segment->scorer;
    while (scorer && scorer->doc != AUK_DOC_END && !must_stop(task) && !task->terminated_early) {
        float floor = window_floor(segment);
        if (floor > 0)
            auk_scorer_skip(scorer, floor);
        auk_doc limit = scorer->doc - scorer->doc % AUK_WINDOW + AUK_WINDOW;
        uint32_t count = auk_scorer_fill(scorer, limit, floor, segment->docs,
                                         run->scores ? segment->scores : NULL);
        if (floor > 0)
            count = auk_scorer_keep_above(floor, segment->docs, segment->scores, count);
        auk_code code = take_window(segment, count);
        if (code != AUK_OK)
            return code;
    }
    return task->code;
}

static void keep_sorted(auk_search_task *task, const auk_sorted_hit *hits, uint32_t count)
{
    if (task->sorted_count + count > task->sorted_capacity) {
        uint32_t capacity = (task->sorted_count + count) * 2;
        auk_sorted_hit *more = AUK_ARENA_ARRAY(task->arena, auk_sorted_hit, capacity);
        if (task->sorted_count)
            memcpy(more, task->sorted, sizeof *more * task->sorted_count);
        task->sorted = more;
        task->sorted_capacity = capacity;
    }
    if (count)
        memcpy(task->sorted + task->sorted_count, hits, sizeof *hits * count);
    task->sorted_count += count;
}

static auk_code close_segment(segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_error *err = &task->error;
    auk_code code = auk_scorer_status(segment->scorer);
    if (code != AUK_OK)
        return auk_fail(err, code, "a segment is damaged");
    if (segment->post_filter)
        code = auk_filter_status(segment->post_filter, err);
    if (code == AUK_OK && segment->aggregations)
        code = auk_aggregation_finish(segment->aggregations,
                                      &task->aggregations[segment->rank - task->first_unit], err);
    if (code == AUK_OK && segment->sort) {
        auk_sorted_hit *hits;
        uint32_t count;
        code = auk_sort_collector_finish(segment->sort, &hits, &count, err);
        if (code == AUK_OK)
            keep_sorted(task, hits, count);
    }
    return code;
}

/* ---- for a profile ---- */

typedef struct stopwatch {
    uint64_t ns, blocks;
} stopwatch;

static stopwatch start_watch(const auk_profile_entry *entry)
{
    return entry ? (stopwatch){auk_profile_now(), auk_postings_blocks_read()} : (stopwatch){0, 0};
}

static void lap(stopwatch *watch, uint64_t *ns, uint64_t *blocks)
{
    stopwatch now = {auk_profile_now(), auk_postings_blocks_read()};
    *ns += now.ns - watch->ns;
    *blocks += now.blocks - watch->blocks;
    *watch = now;
}

static void note_begin(const segment_run *segment, auk_profile_entry *entry, stopwatch *watch)
{
    lap(watch, &entry->open_ns, &entry->collected_blocks);
    entry->floor = window_floor(segment);
    if (!segment->scorer)
        entry->evaluator = "nothing matches";
    else if (wants_best(segment))
        entry->evaluator = "best blocks first";
    else
        entry->evaluator =
            segment->known || counted_enough(segment) ? "windows above a floor" : "every match";
    if (!entry->total && !segment->known)
        entry->total = "hits";
}

static auk_code run_segment(segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    const auk_run_unit *unit = segment->unit;
    const auk_run_target *target = &run->state->targets[unit->shard->target];
    segment->scorer = NULL;
    segment->post_filter = NULL;
    segment->aggregations = NULL;
    segment->sort = NULL;
    auk_profile_entry *entry = entry_of(segment);
    stopwatch watch = start_watch(entry);
    auk_code code = count_segment(segment, target->plan);
    if (entry)
        lap(&watch, &entry->count_ns, &entry->counted_blocks);
    if (code != AUK_OK || (segment->known && run->limit == 0))
        return code;
    code = open_segment(segment, target);
    if (entry)
        note_begin(segment, entry, &watch);
    if (code == AUK_OK)
        code = wants_best(segment) ? run_best(segment) : run_windows(segment);
    if (entry) {
        lap(&watch, &entry->collect_ns, &entry->collected_blocks);
        entry->last_floor = window_floor(segment);
    }
    if (code == AUK_OK)
        code = close_segment(segment);
    return auk_segment_explain(unit->view->segment, code, &task->error);
}

/* ---- tasks ---- */

/* The best hits by segment and document; ranks count the documents of the task's segments. */
static void take_best(auk_search_task *task)
{
    auk_top_hits *top = &task->top;
    auk_top_hits_sort(top, task->arena);
    task->best = AUK_ARENA_ARRAY(task->arena, auk_top_hit, top->count + 1);
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
    segment_run *segment = auk_arena_alloc(self->arena, sizeof *segment);
    segment->task = self;
    segment->shard_taken = &shard_taken;
    count_bases(self);
    auk_top_hits_init(&self->top, run->state->sort_count ? 0 : run->limit, self->arena);
    if (run->request->aggregation_count)
        self->aggregations =
            AUK_ARENA_ARRAY(self->arena, auk_aggregation_result *, self->unit_count + 1);
    for (uint32_t i = 0; i < self->unit_count && !must_stop(self); i++) {
        segment->rank = self->first_unit + i;
        segment->unit = &run->state->units[segment->rank];
        segment->base = self->bases[i];
        if (segment->unit->segment == 0)
            shard_taken = 0;
        if (run->request->terminate_after && shard_taken >= run->request->terminate_after)
            continue;
        bool before = self->terminated_early;
        self->terminated_early = false;
        self->code = run_segment(segment);
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

/* With terminate_after a shard is one task; else segments are joined until they are worth a thread.
 */
static auk_search_task *share_out(auk_search_progress *run, auk_arena *arena, uint32_t *out_count)
{
    const struct auk_search_state *state = run->state;
    auk_search_task *tasks = AUK_ARENA_ARRAY(arena, auk_search_task, state->unit_count + 1);
    uint32_t count = 0, task_docs = run->context->task_docs ? run->context->task_docs : TASK_DOCS;
    for (uint32_t i = 0; i < state->unit_count;) {
        auk_search_task *task = &tasks[count++];
        uint64_t docs = 0;
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

/* What the request's arena charges is given back when it goes. */
static auk_aggregation_environment *make_environment(const auk_search_target *targets,
                                                     uint32_t target_count,
                                                     const auk_search_context *context,
                                                     auk_arena *arena)
{
    charge *charged = AUK_ARENA_NEW(arena, charge);
    charged->budget = context->budget;
    auk_arena_defer(arena, release_charge, charged);
    auk_aggregation_environment *environment = AUK_ARENA_NEW(arena, auk_aggregation_environment);
    *environment = (auk_aggregation_environment){
        .budget = context->budget,
        .now_ms = context->now_ms,
        .charged = &charged->bytes,
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
        .may_count = !request->has_min_score && !request->post_filter &&
                     request->aggregation_count == 0 && request->terminate_after == 0,
        .limit = request->size ? request->from + request->size : 0,
        .threshold = request->track_total_hits < 0 ? 0 : (uint64_t)request->track_total_hits,
    };
}

static void seed_floor(auk_search_progress *run)
{
    float most = 0;
    if (!run->may_count || !run->scores || run->state->sort_count || run->after_score ||
        run->limit == 0)
        return;
    for (uint32_t i = 0; i < run->state->unit_count; i++) {
        const auk_run_unit *unit = &run->state->units[i];
        float floor =
            auk_seed_floor(run->state->targets[unit->shard->target].plan, unit, run->limit);
        most = floor > most ? floor : most;
    }
    uint32_t bits;
    memcpy(&bits, &most, sizeof bits);
    atomic_store(&run->floor_bits, bits);
    if (run->state->profile)
        run->state->profile->seed = most;
}

/* A copy: by score alone is the default order, which Elasticsearch answers without sort values. */
static auk_search_request *normalise(const auk_search_request *given, auk_arena *arena)
{
    auk_search_request *request = AUK_ARENA_NEW(arena, auk_search_request);
    *request = *given;
    bool by_score = request->sort && request->sort_count == 1 &&
                    request->sort[0].by == AUK_SORT_SCORE && request->sort[0].descending;
    if (request->sort_count == 0 || (by_score && !request->search_after))
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
    auk_search_task *tasks = share_out(&run, arena, &count);
    size_t heap_bytes = (size_t)run.limit * count *
                        (TOP_HIT_BYTES + sizeof(auk_sort_value) * out->state->sort_count);
    code = start(&run, arena, err);
    if (code == AUK_OK)
        code = auk_aggregation_charge(environment, heap_bytes, err);
    if (code != AUK_OK)
        return code;
    seed_floor(&run);
    auk_pool_for(count > 1 ? context->pool : NULL, count, run_task, tasks);
    return auk_run_reduce(&run, tasks, count, environment, arena, out, err);
}

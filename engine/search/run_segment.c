/* Each window of a segment goes through live bits, filters, aggregations and collectors. */
#include "run_segment.h"

#include <math.h>

#include "auk/clock.h"

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

static uint32_t keep_filtered(auk_segment_run *segment, uint32_t count)
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
static uint32_t keep_behind(auk_segment_run *segment, const auk_top_hit *after, uint32_t count)
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

static void offer(auk_segment_run *segment, uint32_t count)
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

auk_profile_entry *auk_segment_entry(const auk_segment_run *segment)
{
    const auk_profile *profile = segment->task->run->state->profile;
    return profile ? &profile->entries[segment->rank] : NULL;
}

static auk_code take_window(auk_segment_run *segment, uint32_t count)
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
    if (segment->aggregations && !segment->apart && count) {
        uint64_t left_ns = auk_profile_watch_leave(&segment->watch);
        auk_code code =
            auk_aggregation_collect(segment->aggregations, segment->docs, count, &task->error);
        auk_profile_watch_return(&segment->watch, left_ns);
        if (code != AUK_OK)
            return code;
    }
    if (segment->post_filter)
        count = keep_filtered(segment, count);
    if (segment->watch.entry)
        segment->watch.entry->collected += count;
    if (!segment->known) {
        task->total += count;
        atomic_fetch_add_explicit(&task->run->counted, count, memory_order_relaxed);
    }
    offer(segment, count);
    return AUK_OK;
}

/* ---- one segment ---- */

bool auk_segment_counted_enough(const auk_segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    return segment->known || run->threshold == 0 ||
           atomic_load_explicit(&run->counted, memory_order_relaxed) > run->threshold;
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
static float window_floor(const auk_segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    if (!segment->may_prune || segment->sort || !run->scores)
        return 0;
    return auk_segment_counted_enough(segment) ? raise_floor(segment->task) : 0;
}

/* Whatever comes first, as long as the best hits are there. */
static bool may_take_best(const auk_segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    return segment->may_prune && run->scores && !segment->sort &&
           auk_segment_counted_enough(segment);
}

static bool wants_best(const auk_segment_run *segment)
{
    return segment->scorer && segment->scorer->class->fill_best && may_take_best(segment);
}

static bool wants_batches(const auk_segment_run *segment)
{
    return segment->scorer && segment->scorer->batches && segment->may_prune &&
           segment->task->run->scores && !segment->sort;
}

bool auk_run_must_stop(auk_search_task *task)
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

auk_scorer_context auk_segment_context(const auk_segment_run *segment, bool scores)
{
    return (auk_scorer_context){
        .view = segment->unit->view,
        .statistics = segment->unit->shard->statistics,
        .segment = segment->unit->segment,
        .scores = scores,
        .arena = segment->task->arena,
    };
}

static auk_code open_segment(auk_segment_run *segment, const auk_run_target *target)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    const auk_run_unit *unit = segment->unit;
    auk_error *err = &task->error;
    auk_code code = AUK_OK;
    if (target->post_filter)
        code = auk_filter_open(target->post_filter, unit->view, task->arena, &segment->post_filter,
                               err);
    if (code == AUK_OK && target->aggregations && !segment->apart)
        code = auk_aggregation_open(target->aggregations, unit->view, task->arena,
                                    &segment->aggregations, err);
    if (code == AUK_OK && run->state->sort_count && run->limit > 0) {
        auk_sort_place place = {unit->view, segment->rank, unit->first_doc};
        code =
            auk_sort_collector_open(target->sort, run->state->sort_count, &place, run->after_sort,
                                    run->limit, task->arena, &segment->sort, err);
    }
    segment->by_zones = code == AUK_OK && auk_segment_sorts_by_zones(segment);
    if (code == AUK_OK && !segment->by_zones) {
        auk_scorer_context context = auk_segment_context(segment, run->scores);
        context.vague = target->plan->kind == AUK_PLAN_TERM; /* it is filled and nothing else */
        if (context.vague && may_take_best(segment) && !run->after_score)
            context.best = run->limit;
        code = auk_scorer_open(target->plan, &context, &segment->scorer, err);
    }
    return code;
}

void auk_segment_note_total(const auk_segment_run *segment, const char *how)
{
    if (auk_segment_entry(segment))
        auk_segment_entry(segment)->total = how;
}

/* ---- hits ---- */

/* Where only the best hits are wanted and the scorer knows where they are. */
static auk_code run_best(auk_segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_scorer *scorer = segment->scorer;
    task->top.any_order = true;
    while (!auk_run_must_stop(task)) {
        float floor = raise_floor(task);
        uint32_t count = scorer->class->fill_best(scorer, floor, segment->docs, segment->scores);
        if (count == 0)
            break;
        auk_code code = take_window(segment, count);
        if (code != AUK_OK)
            return code;
    }
    task->top.any_order = false;
    return task->code;
}

static float note_floor(const auk_segment_run *segment)
{
    float floor = window_floor(segment);
    if (floor > 0 && segment->watch.entry)
        segment->watch.entry->has_floored = true;
    return floor;
}

static auk_code take_above(auk_segment_run *segment, float floor, uint32_t count)
{
    if (floor > 0)
        count = auk_scorer_keep_above(floor, segment->docs, segment->scores, count);
    return take_window(segment, count);
}

/* Where a window would hold few documents, or a list tells of whole blocks what they can reach. */
static auk_code run_batches(auk_segment_run *segment)
{
    auk_search_task *task = segment->task;
    uint32_t count = 1;
    while (count > 0 && !auk_run_must_stop(task)) {
        float floor = note_floor(segment);
        count = auk_scorer_batch(segment->scorer, floor, segment->docs, segment->scores);
        auk_code code = take_above(segment, floor, count);
        if (code != AUK_OK)
            return code;
    }
    return task->code;
}

auk_code auk_segment_run_windows(auk_segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    auk_scorer *scorer = segment->scorer;
    auk_segment_pace pace = auk_segment_pace_begin(segment);
    /* the end is where the vague go on */
    while (scorer && scorer->doc < segment->end && !auk_run_must_stop(task) &&
           !task->terminated_early) {
        uint32_t pieces = auk_segment_pieces(segment, &pace);
        if (pieces > 0)
            return auk_segment_split(segment, pieces);
        float floor = note_floor(segment);
        if (floor > 0)
            auk_scorer_skip(scorer, floor);
        auk_doc limit = scorer->doc - scorer->doc % AUK_WINDOW + AUK_WINDOW;
        uint32_t count = auk_scorer_fill(scorer, limit, floor, segment->docs,
                                         run->scores ? segment->scores : NULL);
        auk_code code = take_above(segment, floor, count);
        if (code != AUK_OK)
            return code;
    }
    return task->code;
}

static auk_code run_scorer(auk_segment_run *segment)
{
    if (wants_best(segment))
        return run_best(segment);
    return wants_batches(segment) ? run_batches(segment) : auk_segment_run_windows(segment);
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

static auk_code close_segment(auk_segment_run *segment)
{
    auk_search_task *task = segment->task;
    auk_error *err = &task->error;
    auk_code code = auk_scorer_status(segment->scorer);
    if (code != AUK_OK)
        return auk_fail(err, code, "a segment is damaged");
    if (segment->post_filter)
        code = auk_filter_status(segment->post_filter, err);
    if (code == AUK_OK && segment->aggregations) {
        uint64_t left_ns = auk_profile_watch_leave(&segment->watch);
        code = auk_aggregation_finish(segment->aggregations,
                                      &task->aggregations[segment->rank - task->first_unit], err);
        auk_profile_watch_return(&segment->watch, left_ns);
    }
    if (code == AUK_OK && segment->sort) {
        auk_sorted_hit *hits;
        uint32_t count;
        code = auk_sort_collector_finish(segment->sort, &hits, &count, err);
        if (code == AUK_OK)
            keep_sorted(task, hits, count);
        if (code == AUK_OK && segment->by_zones)
            auk_sort_collector_tell_text(segment->sort, &task->run->sort_floor, hits, count);
    }
    return code;
}

/* ---- for a profile ---- */

/* May some window leave out what stays below a floor? */
static bool has_floors(const auk_segment_run *segment)
{
    return segment->may_prune && !segment->sort && segment->task->run->scores;
}

static const char *name_pass(const auk_segment_run *segment)
{
    if (!segment->scorer)
        return "nothing matches";
    const auk_scorer_class *class = segment->scorer->class;
    if (wants_best(segment) && class->best_pass)
        return class->best_pass;
    if (wants_best(segment))
        return class->fill ? "best blocks first" : "best documents";
    if (!has_floors(segment) || !auk_segment_counted_enough(segment))
        return "every match";
    return wants_batches(segment) ? "batches above a floor" : "windows above a floor";
}

static void note_begin(auk_segment_run *segment, auk_profile_entry *entry)
{
    bool counts = segment->task->run->threshold > 0 && !auk_segment_counted_enough(segment);
    auk_profile_watch_lap(&segment->watch, &entry->open_ns, &entry->collecting);
    entry->floor = window_floor(segment);
    entry->by_zones = segment->by_zones;
    if (segment->aggregations && !segment->apart)
        entry->aggregated = "every match";
    entry->scorer = segment->scorer ? segment->scorer->class->name : NULL;
    if (!segment->by_zones)
        entry->evaluator = name_pass(segment);
    if (!entry->total && counts)
        entry->total = segment->by_zones ? "marks" : "hits";
}

static void note_end(auk_segment_run *segment, auk_profile_entry *entry)
{
    auk_profile_watch_lap(&segment->watch, &entry->collect_ns, &entry->collecting);
    entry->last_floor = window_floor(segment);
    if (entry->has_floored && strcmp(entry->evaluator, "every match") == 0)
        entry->evaluator = "every match, then above a floor";
}

/* ---- the whole ---- */

static void reset(auk_segment_run *segment, const auk_plan *plan)
{
    const auk_search_progress *run = segment->task->run;
    segment->scorer = NULL;
    segment->post_filter = NULL;
    segment->aggregations = NULL;
    segment->sort = NULL;
    segment->known = false;
    segment->by_zones = false;
    segment->is_piece = false;
    segment->end = auk_segment_doc_count(segment->unit->view->segment);
    segment->apart = auk_segment_aggregates_apart(segment, plan);
    segment->may_prune = run->may_count && (segment->apart || !run->request->aggregation_count);
    auk_profile_watch_start(&segment->watch, auk_segment_entry(segment));
}

/* The total and, where they have a pass of their own, the aggregations. */
static auk_code run_before_hits(auk_segment_run *segment, const auk_run_target *target)
{
    auk_profile_entry *entry = segment->watch.entry;
    auk_code code = AUK_OK;
    if (segment->apart) {
        code = auk_segment_aggregate(segment, target);
        if (entry)
            auk_profile_watch_lap(&segment->watch, &entry->aggregate_ns, &entry->counting);
    }
    if (code == AUK_OK)
        code = auk_segment_count(segment, target->plan);
    if (entry)
        auk_profile_watch_lap(&segment->watch, &entry->count_ns, &entry->counting);
    return code;
}

static auk_code collect_hits(auk_segment_run *segment, const auk_run_target *target)
{
    auk_profile_entry *entry = segment->watch.entry;
    auk_code code = open_segment(segment, target);
    if (code != AUK_OK)
        return code;
    if (entry)
        note_begin(segment, entry);
    if (segment->by_zones)
        code = auk_segment_sort(segment, target);
    else
        code = run_scorer(segment);
    if (entry)
        note_end(segment, entry);
    return code;
}

auk_code auk_segment_run_go(auk_segment_run *segment)
{
    auk_search_task *task = segment->task;
    const auk_search_progress *run = task->run;
    const auk_run_target *target = &run->state->targets[segment->unit->shard->target];
    reset(segment, target->plan);
    auk_code code = run_before_hits(segment, target);
    bool done = segment->known && run->limit == 0;
    if (code == AUK_OK && !done)
        code = collect_hits(segment, target);
    if (code == AUK_OK && (!done || segment->apart))
        code = close_segment(segment);
    if (segment->watch.entry)
        auk_profile_watch_lap(&segment->watch, &segment->watch.entry->collect_ns, NULL);
    return auk_segment_explain(segment->unit->view->segment, code, &task->error);
}

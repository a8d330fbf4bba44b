/* How many documents of a segment match, where that is had without its hits. */
#include "column_kernels.h"
#include "run_segment.h"
#include "score_kernels.h"

/* ---- what is known, and what pays ---- */

bool auk_plan_is_alone(const auk_plan *plan)
{
    return plan->u.boolean.must.count == 1 && plan->u.boolean.filter.count == 0 &&
           plan->u.boolean.must_not.count == 0 && plan->u.boolean.minimum == 0;
}

/* The one clause that decides what matches, scored or not; NULL: there is none, or several do. */
static const auk_plan *sole_clause(const auk_plan *plan)
{
    if (plan->u.boolean.must_not.count > 0 || plan->u.boolean.minimum > 0 ||
        plan->u.boolean.must.count + plan->u.boolean.filter.count != 1)
        return NULL;
    return plan->u.boolean.must.count ? plan->u.boolean.must.items[0]
                                      : plan->u.boolean.filter.items[0];
}

/* Of numbers, in a segment that keeps them sorted. */
static bool count_range(const auk_plan *plan, const auk_segment_view *view, uint64_t *out)
{
    const auk_column *column =
        plan->u.range.numeric ? auk_segment_column(view->segment, plan->number) : NULL;
    return column && auk_column_count(column, plan->u.range.from, plan->u.range.to, out);
}

bool auk_plan_known_count(const auk_plan *plan, const auk_run_unit *unit, uint64_t *out)
{
    const auk_segment_view *view = unit->view;
    if (plan->kind == AUK_PLAN_CONSTANT)
        return auk_plan_known_count(plan->u.constant.child, unit, out);
    if (plan->kind == AUK_PLAN_ALL) {
        *out = view->live ? view->live_count : auk_segment_doc_count(view->segment);
        return true;
    }
    if (plan->kind == AUK_PLAN_BOOLEAN)
        return sole_clause(plan) && auk_plan_known_count(sole_clause(plan), unit, out);
    if (plan->kind == AUK_PLAN_RANGE && !view->live)
        return count_range(plan, view, out);
    if (plan->kind == AUK_PLAN_TERM && !view->live) {
        const auk_term *term =
            auk_statistics_term(unit->shard->statistics, unit->segment, plan->u.term.slot);
        *out = term ? term->doc_freq : 0;
        return true;
    }
    return false;
}
/* Counting goes by marks where a list has a document in so many, else by batches; one in so many
 * will do for lists that are marked far ahead. */
enum { SPARSE = 16, SPARSE_FAR = 4096 };

/* Documents whose bits lie in memory that is close at hand. */
#define FAR (1u << 17)

static bool is_sparse(const auk_segment_run *segment, uint64_t count)
{
    return count < auk_segment_doc_count(segment->unit->view->segment) / SPARSE;
}

/* Counting alone is so much cheaper than scoring every match that a pass of its own pays: the best
 * hits are then found with floors. Not so for conjunctions, unless all their lists are long. */
static bool counts_apart(const auk_plan *plan)
{
    if (plan->kind == AUK_PLAN_TERM)
        return true;
    if (plan->kind != AUK_PLAN_BOOLEAN || plan->u.boolean.must_not.count > 0 ||
        plan->u.boolean.filter.count > 0 || plan->u.boolean.minimum > 1)
        return false;
    const auk_plan_list *should = &plan->u.boolean.should;
    if (auk_plan_is_alone(plan))
        return counts_apart(plan->u.boolean.must.items[0]);
    for (uint32_t i = 0; i < should->count; i++)
        if (!counts_apart(should->items[i]))
            return false;
    return plan->u.boolean.must.count == 0 && should->count > 0;
}

/* Are all that must match words of which the segment is full? */
static bool has_dense_lists(const auk_segment_run *segment, const auk_plan *plan)
{
    if (plan->kind != AUK_PLAN_BOOLEAN || plan->u.boolean.filter.count > 0 ||
        plan->u.boolean.minimum > 0)
        return false;
    const auk_plan_list *must = &plan->u.boolean.must;
    for (uint32_t i = 0; i < must->count; i++) {
        const auk_plan *item = must->items[i];
        const auk_term *term = auk_run_unit_term(segment->unit, item);
        if (!term || is_sparse(segment, term->doc_freq))
            return false;
    }
    return must->count > 0;
}

/* ---- counting ---- */

bool auk_segment_aggregates_apart(const auk_segment_run *segment, const auk_plan *plan)
{
    const auk_search_progress *run = segment->task->run;
    return run->request->aggregation_count && run->may_count &&
           (run->limit == 0 || auk_plan_matches_all(plan) || counts_apart(plan));
}

static void add_total(auk_segment_run *segment, uint64_t count)
{
    segment->task->total += count;
    atomic_fetch_add_explicit(&segment->task->run->counted, count, memory_order_relaxed);
}

static bool must_count(auk_segment_run *segment)
{
    return !auk_run_must_stop(segment->task) && !auk_segment_counted_enough(segment);
}

/* A search that counts no further than its threshold looks no further either. */
static bool counts_far(const auk_segment_run *segment, const auk_scorer *scorer)
{
    return scorer->class->marks_far && segment->task->run->threshold > INT32_MAX;
}

static void count_windows(auk_segment_run *segment, auk_scorer *scorer)
{
    const uint64_t *live = segment->unit->view->live;
    const auk_score_kernels *kernels = auk_score_kernels_best();
    uint32_t words = (auk_segment_doc_count(segment->unit->view->segment) + 63) / 64;
    uint32_t most = counts_far(segment, scorer) ? FAR / 64 : AUK_WINDOW_WORDS;
    while (scorer->doc / 64 < words && must_count(segment)) {
        uint64_t marks[FAR / 64];
        auk_doc base = scorer->doc - scorer->doc % AUK_WINDOW;
        uint32_t first = base / 64, here = words - first < most ? words - first : most;
        memset(marks, 0, sizeof *marks * most);
        auk_scorer_mark(scorer, base, base + most * 64, marks);
        add_total(segment, kernels->count_bits(marks, live ? live + first : NULL, here));
    }
}

/* Where windows would be nearly empty. */
static void count_batches(auk_segment_run *segment, auk_scorer *scorer)
{
    const uint64_t *live = segment->unit->view->live;
    uint32_t count = 1;
    while (count > 0 && must_count(segment)) {
        count = auk_scorer_batch(scorer, 0, segment->docs, NULL);
        uint32_t lives = live ? 0 : count;
        for (uint32_t i = 0; live && i < count; i++)
            lives += (uint32_t)(live[segment->docs[i] / 64] >> (segment->docs[i] % 64) & 1);
        add_total(segment, lives);
    }
}

/* Adds to the total what matches, until that is settled. */
static auk_code count_matches(auk_segment_run *segment, auk_scorer *scorer)
{
    auk_search_task *task = segment->task;
    if (!scorer)
        return task->code;
    uint32_t few = auk_segment_doc_count(segment->unit->view->segment) / SPARSE_FAR;
    bool sparse =
        counts_far(segment, scorer) ? scorer->cost < few : is_sparse(segment, scorer->cost);
    auk_segment_note_total(segment, sparse ? "batches" : "marks");
    if (sparse)
        count_batches(segment, scorer);
    else
        count_windows(segment, scorer);
    auk_code code = auk_scorer_status(scorer);
    if (code != AUK_OK)
        return auk_fail(&task->error, code, "a segment is damaged");
    return task->code;
}

/* Sorted hits may be had by zones. */
static bool by_field(const auk_search_progress *run)
{
    return run->state->sort_count && !run->scores && run->state->sort[0].by != AUK_SORT_SCORE;
}

/* ---- a range of numbers, with deletions ---- */

/* Those that are gone and have a value in the range, which the ranks count with the others. */
static auk_code count_deleted(auk_segment_run *segment, const auk_plan *plan, uint64_t *out)
{
    const auk_segment_view *view = segment->unit->view;
    auk_column_cursor *cursor =
        auk_column_cursor_open(auk_segment_column(view->segment, plan->number),
                               segment->task->arena);
    uint32_t docs = auk_segment_doc_count(view->segment);
    auk_doc gone[AUK_COLUMN_LIST_ROOM];
    int64_t values[AUK_WINDOW];
    *out = 0;
    for (auk_doc base = 0; base < docs && !auk_run_must_stop(segment->task); base += AUK_WINDOW) {
        uint64_t dead[AUK_WINDOW_WORDS];
        uint32_t rows = docs - base < AUK_WINDOW ? docs - base : AUK_WINDOW;
        for (uint32_t i = 0; i < (rows + 63) / 64; i++)
            dead[i] = ~view->live[base / 64 + i];
        if (rows % 64)
            dead[rows / 64] &= ~(UINT64_MAX << (rows % 64));
        uint32_t count = auk_column_kernels_best()->list_bits(dead, (rows + 63) / 64, base, gone);
        count = auk_column_cursor_pick(cursor, gone, count, NULL, values);
        for (uint32_t i = 0; i < count; i++)
            *out += values[i] >= plan->u.range.from && values[i] <= plan->u.range.to;
    }
    auk_code code = auk_column_cursor_status(cursor);
    return code == AUK_OK ? segment->task->code
                          : auk_fail(&segment->task->error, code, "a segment is damaged");
}

/* *found false: it is counted as others are. */
static auk_code count_among_live(auk_segment_run *segment, const auk_plan *plan, bool *found,
                                 uint64_t *out)
{
    enum { MANY = 16 }; /* a document in so many is looked up */
    const auk_segment_view *view = segment->unit->view;
    uint32_t docs = auk_segment_doc_count(view->segment);
    while (plan && (plan->kind == AUK_PLAN_CONSTANT || plan->kind == AUK_PLAN_BOOLEAN))
        plan = plan->kind == AUK_PLAN_CONSTANT ? plan->u.constant.child : sole_clause(plan);
    uint64_t gone, all;
    *found = plan && plan->kind == AUK_PLAN_RANGE && view->live &&
             docs - view->live_count <= docs / MANY && count_range(plan, view, &all);
    if (!*found)
        return AUK_OK;
    auk_code code = count_deleted(segment, plan, &gone);
    *out = code == AUK_OK ? all - gone : 0;
    return code;
}

auk_code auk_segment_count(auk_segment_run *segment, const auk_plan *plan)
{
    auk_search_task *task = segment->task;
    auk_search_progress *run = task->run;
    uint64_t count = 0;
    bool scored = run->scores && !run->state->sort_count;
    bool apart = run->limit == 0 || ((scored || by_field(run)) && counts_apart(plan)) ||
                 (scored && has_dense_lists(segment, plan));
    if (!segment->may_prune || segment->known)
        return AUK_OK;
    bool known = auk_plan_known_count(plan, segment->unit, &count);
    if (!known && !auk_segment_counted_enough(segment)) {
        auk_code code = count_among_live(segment, plan, &known, &count);
        if (code != AUK_OK)
            return code;
    }
    if (known) {
        auk_segment_note_total(segment, "statistics");
        add_total(segment, count);
    } else if (!apart) {
        return AUK_OK;
    } else if (!auk_segment_counted_enough(segment)) {
        auk_segment_note_total(segment, "statistics"); /* where no list is left to open */
        auk_scorer_context context = auk_segment_context(segment, false);
        auk_scorer *scorer = NULL;
        auk_code code = auk_scorer_open(plan, &context, &scorer, &task->error);
        if (code == AUK_OK)
            code = count_matches(segment, scorer);
        if (code != AUK_OK)
            return code;
    }
    segment->known = true;
    return AUK_OK;
}

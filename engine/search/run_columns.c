/*
 * Passes over a segment that look at columns by blocks: aggregations over all matches, and hits in
 * the order of a field. Matches come a window at a time, which is a block of every column, as bits
 * or as a list.
 */
#include <stdlib.h>

#include "column_window.h"
#include "run_segment.h"
#include "score_kernels.h"

bool auk_plan_matches_all(const auk_plan *plan)
{
    if (plan->kind == AUK_PLAN_CONSTANT)
        return auk_plan_matches_all(plan->u.constant.child);
    if (plan->kind == AUK_PLAN_BOOLEAN && auk_plan_is_alone(plan))
        return auk_plan_matches_all(plan->u.boolean.must.items[0]);
    return plan->kind == AUK_PLAN_ALL;
}

static void add_total(auk_search_task *task, uint64_t count)
{
    task->total += count;
    atomic_fetch_add_explicit(&task->run->counted, count, memory_order_relaxed);
}

/* ---- windows ---- */

static void mark_live(const uint64_t *live, uint32_t first, uint32_t rows, uint64_t *bits)
{
    uint32_t words = (rows + 63) / 64;
    memcpy(bits, live + first, words * sizeof *bits);
    if (rows % 64)
        bits[words - 1] &= ~(UINT64_MAX << (rows % 64));
}

static void mark_matches(const uint64_t *live, auk_scorer *scorer, auk_doc base, uint32_t words,
                         uint64_t *bits)
{
    memset(bits, 0, AUK_WINDOW_WORDS * sizeof *bits);
    auk_scorer_mark(scorer, base, base + AUK_WINDOW, bits);
    for (uint32_t i = 0; live && i < words; i++)
        bits[i] &= live[base / 64 + i];
}

/* Those of a list in a block; answers how many. */
static uint32_t list_matches(const uint64_t *live, auk_scorer *scorer, auk_doc base, auk_doc *docs)
{
    auk_scorer_seek(scorer, base);
    if (scorer->doc >= base + AUK_WINDOW)
        return 0;
    uint32_t count = auk_scorer_fill(scorer, base + AUK_WINDOW, 0, docs, NULL), kept = 0;
    if (!live)
        return count;
    for (uint32_t i = 0; i < count; i++) {
        auk_doc doc = docs[i];
        docs[kept] = doc;
        kept += (uint32_t)(live[doc / 64] >> (doc % 64) & 1);
    }
    return kept;
}

/* Bits that are few enough for it become a list. */
static void list_window(auk_column_window *window, auk_doc docs[AUK_COLUMN_LIST_ROOM])
{
    auk_doc base = window->block * AUK_WINDOW;
    if (window->count >= AUK_COLUMN_FEW && window->count > window->rows - window->rows / 4)
        return;
    if (window->bits)
        auk_column_kernels_best()->list_bits(window->bits, (window->rows + 63) / 64, base, docs);
    else
        for (uint32_t i = 0; i < window->rows; i++)
            docs[i] = base + i;
    window->docs = docs;
    window->bits = NULL;
}

/* What a window borrows. */
typedef struct window_room {
    uint64_t bits[AUK_WINDOW_WORDS];
    auk_doc docs[AUK_COLUMN_LIST_ROOM];
} window_room;

/* The matches of a block; scorer NULL: all. */
static void make_window(const auk_segment_run *segment, auk_scorer *scorer, uint32_t block,
                        window_room *room, auk_column_window *out)
{
    const auk_segment_view *view = segment->unit->view;
    auk_doc base = block * AUK_WINDOW;
    uint32_t rest = auk_segment_doc_count(view->segment) - base;
    uint32_t rows = rest < AUK_WINDOW ? rest : AUK_WINDOW, words = (rows + 63) / 64;
    *out = (auk_column_window){.block = block, .rows = rows, .count = rows};
    if (scorer && scorer->lists) {
        out->docs = room->docs;
        out->count = list_matches(view->live, scorer, base, room->docs);
        return;
    }
    if (scorer || view->live) {
        out->bits = room->bits;
        if (scorer)
            mark_matches(view->live, scorer, base, words, room->bits);
        else
            mark_live(view->live, base / 64, rows, room->bits);
        out->count = auk_score_kernels_best()->count_bits(room->bits, NULL, words);
    }
    list_window(out, room->docs);
}

/* ---- aggregations ---- */

static auk_code aggregate_windows(auk_segment_run *segment, auk_scorer *scorer, bool all)
{
    auk_search_task *task = segment->task;
    window_room room;
    auk_column_window window;
    uint32_t blocks =
        (auk_segment_doc_count(segment->unit->view->segment) + AUK_WINDOW - 1) / AUK_WINDOW;
    for (uint32_t block = 0; block < blocks && !auk_run_must_stop(task); block++) {
        if (!all && (!scorer || scorer->doc == AUK_DOC_END))
            break;
        if (scorer)
            block = scorer->doc / AUK_WINDOW;
        make_window(segment, scorer, block, &room, &window);
        add_total(task, window.count);
        auk_code code =
            auk_aggregation_collect_window(segment->aggregations, &window, &task->error);
        if (code != AUK_OK)
            return code;
    }
    auk_code code = auk_scorer_status(scorer);
    if (code != AUK_OK)
        return auk_fail(&task->error, code, "a segment is damaged");
    return task->code;
}

auk_code auk_segment_aggregate(auk_segment_run *segment, const auk_run_target *target)
{
    auk_search_task *task = segment->task;
    const auk_segment_view *view = segment->unit->view;
    bool all = auk_plan_matches_all(target->plan), done = false;
    auk_scorer *scorer = NULL;
    auk_code code = auk_aggregation_open(target->aggregations, view, task->arena,
                                         &segment->aggregations, &task->error);
    segment->known = true;
    auk_segment_note_total(segment, all && !view->live ? "statistics" : "marks");
    if (code == AUK_OK && all && !view->live)
        code = auk_aggregation_collect_all(segment->aggregations, &done, &task->error);
    if (segment->watch.entry)
        segment->watch.entry->aggregated = done ? "dictionary" : "windows";
    if (code == AUK_OK && done) {
        add_total(task, auk_segment_doc_count(view->segment));
        return AUK_OK;
    }
    if (code == AUK_OK && !all) {
        auk_scorer_context context = auk_segment_context(segment, false);
        code = auk_scorer_open(target->plan, &context, &scorer, &task->error);
    }
    return code == AUK_OK ? aggregate_windows(segment, scorer, all) : code;
}

/* ---- hits in the order of a field ---- */

/* Blocks that a round looks at, in the order of documents, before what they hold tells which others
 * are of use; each round needs the matches anew. The first is the best block alone: where values
 * fall with the documents, of several all but the last would be hits for a while. */
#define FIRST_ROUND 1u
#define ROUND_RATIO 4u

/* A block and the best first key it may hold; a heap has the best on top. */
typedef struct ranked {
    int64_t best;
    uint32_t block;
} ranked;

static bool before(const ranked *a, const ranked *b)
{
    return a->best < b->best || (a->best == b->best && a->block < b->block);
}

static void sink(ranked *heap, uint32_t count, uint32_t at)
{
    ranked moved = heap[at];
    for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static ranked *rank_blocks(const auk_segment_run *segment, uint32_t *count)
{
    uint32_t docs = auk_segment_doc_count(segment->unit->view->segment);
    uint32_t blocks = docs / AUK_WINDOW + (docs % AUK_WINDOW != 0), used = 0;
    ranked *heap = AUK_ARENA_ARRAY(segment->task->arena, ranked, blocks + 1);
    for (uint32_t block = 0; block < blocks; block++)
        if (auk_sort_collector_wants(segment->sort, block))
            heap[used++] = (ranked){auk_sort_collector_best(segment->sort, block), block};
    for (uint32_t i = used / 2; i-- > 0;)
        sink(heap, used, i);
    *count = used;
    return heap;
}

static ranked take_best(ranked *heap, uint32_t *count)
{
    ranked best = heap[0];
    heap[0] = heap[--*count];
    if (*count)
        sink(heap, *count, 0);
    return best;
}

static int by_block(const void *a, const void *b)
{
    const ranked *left = a, *right = b;
    return (left->block > right->block) - (left->block < right->block);
}

static void note_sorted(const auk_segment_run *segment, const auk_column_window *window)
{
    auk_profile_entry *entry = segment->watch.entry;
    if (!entry)
        return;
    entry->collected += window->count;
    entry->windows++;
}

/* Offers the matches of a block that is still of use. */
static auk_code sort_block(auk_segment_run *segment, auk_scorer *scorer, uint32_t block)
{
    auk_search_task *task = segment->task;
    auk_sort_floor *floor = &task->run->sort_floor;
    window_room room;
    auk_column_window window;
    auk_code code = auk_sort_collector_join(segment->sort, floor, &task->error);
    if (code != AUK_OK || !auk_sort_collector_wants(segment->sort, block))
        return code;
    make_window(segment, scorer, block, &room, &window);
    note_sorted(segment, &window);
    if (window.count)
        auk_sort_collector_offer_window(segment->sort, &window);
    auk_sort_collector_tell(segment->sort, floor);
    return AUK_OK;
}

/* Opening it again costs little: no list is walked for it. */
static bool opens_quickly(const auk_plan *plan)
{
    const auk_plan_list *lists[] = {&plan->u.boolean.must, &plan->u.boolean.filter,
                                    &plan->u.boolean.should, &plan->u.boolean.must_not};
    switch (plan->kind) {
    case AUK_PLAN_NONE:
    case AUK_PLAN_ALL:
    case AUK_PLAN_TERM:
    case AUK_PLAN_PHRASE:
        return true;
    case AUK_PLAN_CONSTANT:
        return opens_quickly(plan->u.constant.child);
    case AUK_PLAN_RANGE:
        return plan->u.range.numeric;
    case AUK_PLAN_BOOLEAN:
        for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
            for (uint32_t i = 0; i < lists[l]->count; i++)
                if (!opens_quickly(lists[l]->items[i]))
                    return false;
        return true;
    default:
        return false;
    }
}

static auk_code open_matches(auk_segment_run *segment, const auk_plan *plan, auk_scorer **out)
{
    auk_scorer_context context = auk_segment_context(segment, false);
    return auk_scorer_open(plan, &context, out, &segment->task->error);
}

static auk_code check_matches(auk_segment_run *segment, const auk_scorer *scorer)
{
    auk_code code = auk_scorer_status(scorer);
    return code == AUK_OK ? segment->task->code
                          : auk_fail(&segment->task->error, code, "a segment is damaged");
}

/* All documents match: block after block, the best first. */
static auk_code sort_all(auk_segment_run *segment)
{
    uint32_t count;
    ranked *heap = rank_blocks(segment, &count);
    auk_code code = AUK_OK;
    while (count && code == AUK_OK && !auk_run_must_stop(segment->task))
        code = sort_block(segment, NULL, take_best(heap, &count).block);
    return code == AUK_OK ? segment->task->code : code;
}

/* Matches are walked upwards, so the best blocks are taken by rounds. */
static auk_code sort_rounds(auk_segment_run *segment, const auk_plan *plan)
{
    uint32_t count, round = FIRST_ROUND;
    ranked *heap = rank_blocks(segment, &count);
    ranked *chosen = AUK_ARENA_ARRAY(segment->task->arena, ranked, count + 1);
    auk_code code = AUK_OK;
    for (; count && code == AUK_OK; round *= ROUND_RATIO) {
        auk_scorer *scorer = NULL;
        uint32_t used = 0;
        while (count && used < round) {
            chosen[used] = take_best(heap, &count);
            used += auk_sort_collector_wants(segment->sort, chosen[used].block);
        }
        if (used == 0)
            break;
        qsort(chosen, used, sizeof *chosen, by_block);
        code = open_matches(segment, plan, &scorer);
        for (uint32_t i = 0; i < used && scorer && code == AUK_OK; i++) {
            if (auk_run_must_stop(segment->task))
                break;
            code = sort_block(segment, scorer, chosen[i].block);
        }
        if (code == AUK_OK)
            code = check_matches(segment, scorer);
        if (!scorer || auk_run_must_stop(segment->task))
            break;
    }
    return code;
}

/* In the order of documents: while all have to be counted, or where matches are dear to find. */
static auk_code sort_upwards(auk_segment_run *segment, const auk_plan *plan)
{
    auk_search_task *task = segment->task;
    window_room room;
    auk_column_window window;
    auk_scorer *scorer = NULL;
    auk_code code = open_matches(segment, plan, &scorer);
    while (scorer && code == AUK_OK && scorer->doc != AUK_DOC_END && !auk_run_must_stop(task)) {
        uint32_t block = scorer->doc / AUK_WINDOW;
        code = auk_sort_collector_join(segment->sort, &task->run->sort_floor, &task->error);
        if (code != AUK_OK)
            break;
        bool wanted = auk_sort_collector_wants(segment->sort, block);
        if (!wanted && auk_segment_counted_enough(segment)) {
            auk_scorer_seek(scorer, (block + 1) * AUK_WINDOW);
            continue;
        }
        make_window(segment, scorer, block, &room, &window);
        if (!segment->known)
            add_total(task, window.count);
        if (wanted)
            note_sorted(segment, &window);
        if (wanted && window.count)
            auk_sort_collector_offer_window(segment->sort, &window);
        auk_sort_collector_tell(segment->sort, &task->run->sort_floor);
    }
    return code == AUK_OK ? check_matches(segment, scorer) : code;
}

bool auk_segment_sorts_by_zones(const auk_segment_run *segment)
{
    return segment->sort && segment->may_prune && !segment->task->run->scores &&
           auk_sort_collector_ranks(segment->sort);
}

auk_code auk_segment_sort(auk_segment_run *segment, const auk_run_target *target)
{
    bool settled = auk_segment_counted_enough(segment);
    bool all = settled && auk_plan_matches_all(target->plan);
    bool rounds = settled && opens_quickly(target->plan);
    if (segment->watch.entry)
        segment->watch.entry->evaluator = all      ? "best zones first"
                                          : rounds ? "rounds of the best zones"
                                                   : "windows without the worst zones";
    if (all)
        return sort_all(segment);
    return rounds ? sort_rounds(segment, target->plan) : sort_upwards(segment, target->plan);
}

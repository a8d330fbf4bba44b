/*
 * A long walk through one segment goes on in pieces, which idle threads of the pool share.
 *
 * Whether a search is long shows while it runs: by the time that its first windows took. Each piece
 * has a scorer, an arena and best hits of its own; what they know of totals and floors is shared as
 * between the tasks of a run, and the best of the pieces are offered to the segment's in the end.
 * So the answer is the same whoever ran which piece.
 */
#include "auk/clock.h"

#include "run_segment.h"

/* Waking a thread and opening a scorer cost some 50 us together. */
#define LONG_US  200u
#define PIECE_US 250u
/* Late pieces are shorter than the early ones let expect, and threads come late: several a thread.
 */
#define PIECES_A_THREAD 3u
#define PIECES_MOST     24u
#define LIMIT_MOST      1000u

typedef struct piece {
    const auk_segment_run *whole;
    auk_search_task task;
    auk_doc from, end;
} piece;

auk_segment_pace auk_segment_pace_begin(const auk_segment_run *segment)
{
    const auk_search_progress *run = segment->task->run;
    auk_segment_pace pace = {0};
    bool may = run->context->pool && segment->scorer && !segment->is_piece &&
               !segment->watch.entry && !segment->post_filter && !segment->aggregations &&
               !segment->sort && !run->after_score && run->request->terminate_after == 0 &&
               run->limit <= LIMIT_MOST;
    if (may)
        pace = (auk_segment_pace){auk_clock_monotonic_us(), segment->scorer->doc};
    return pace;
}

static uint32_t windows_between(auk_doc from, auk_doc end)
{
    return end > from ? (end - 1) / AUK_WINDOW - from / AUK_WINDOW + 1 : 0;
}

uint32_t auk_segment_pieces(const auk_segment_run *segment, const auk_segment_pace *pace)
{
    const auk_search_context *context = segment->task->run->context;
    auk_doc at = segment->scorer->doc;
    if (pace->began_us == 0 || at / AUK_WINDOW == pace->began / AUK_WINDOW)
        return 0;
    uint32_t left = windows_between(at, segment->end);
    if (context->task_docs > 0) /* somebody else says what is worth a thread */
        return left * AUK_WINDOW > context->task_docs ? left : 0;
    uint64_t took_us = auk_clock_monotonic_us() - pace->began_us;
    uint64_t left_us = took_us * left / (at / AUK_WINDOW - pace->began / AUK_WINDOW);
    if (took_us < LONG_US || left_us < 2 * PIECE_US)
        return 0;
    uint32_t idle = auk_pool_idle(context->pool);
    uint64_t count = left_us / PIECE_US, most = (uint64_t)(idle + 1) * PIECES_A_THREAD;
    count = count < most ? count : most;
    return idle == 0 ? 0 : count < left ? (uint32_t)count : left;
}

static auk_code run_piece(piece *self, auk_segment_run *segment)
{
    auk_search_task *task = &self->task;
    const auk_search_progress *run = task->run;
    const auk_run_target *target = &run->state->targets[segment->unit->shard->target];
    auk_scorer_context context = auk_segment_context(segment, run->scores);
    auk_code code = auk_scorer_open(target->plan, &context, &segment->scorer, &task->error);
    if (code != AUK_OK)
        return code;
    if (segment->scorer)
        auk_scorer_seek(segment->scorer, self->from);
    code = auk_segment_run_windows(segment);
    if (code == AUK_OK && auk_scorer_status(segment->scorer) != AUK_OK)
        code = auk_fail(&task->error, auk_scorer_status(segment->scorer), "a segment is damaged");
    return code;
}

static void run_one(void *context, size_t index)
{
    piece *self = &((piece *)context)[index];
    auk_search_task *task = &self->task;
    const auk_segment_run *whole = self->whole;
    if (auk_run_must_stop(task))
        return;
    auk_segment_run *segment = auk_arena_alloc(task->arena, sizeof *segment);
    segment->task = task;
    segment->unit = whole->unit;
    segment->rank = whole->rank;
    segment->base = whole->base;
    segment->end = self->end;
    segment->scorer = NULL;
    segment->post_filter = NULL;
    segment->aggregations = NULL;
    segment->sort = NULL;
    segment->known = whole->known;
    segment->apart = whole->apart;
    segment->by_zones = false;
    segment->is_piece = true;
    segment->may_prune = whole->may_prune;
    segment->watch = (auk_profile_watch){0};
    segment->shard_taken = NULL;
    auk_top_hits_init(&task->top, task->run->limit, task->arena);
    task->code = run_piece(self, segment);
    if (task->code != AUK_OK)
        atomic_store(&task->run->stopped, true);
}

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

/* Pieces of whole windows, which differ by one at most. */
static piece *cut(const auk_segment_run *segment, uint32_t count)
{
    auk_search_task *task = segment->task;
    auk_doc first = segment->scorer->doc / AUK_WINDOW;
    uint64_t windows = windows_between(segment->scorer->doc, segment->end);
    piece *pieces = AUK_ARENA_ARRAY(task->arena, piece, count);
    for (uint32_t i = 0; i < count; i++) {
        piece *one = &pieces[i];
        one->whole = segment;
        one->from = (first + (auk_doc)(windows * i / count)) * AUK_WINDOW;
        one->end = (first + (auk_doc)(windows * (i + 1) / count)) * AUK_WINDOW;
        one->end = one->end < segment->end ? one->end : segment->end;
        one->task.run = task->run;
        one->task.first_unit = task->first_unit;
        one->task.unit_count = task->unit_count;
        one->task.arena = auk_arena_create(1 << 16);
        auk_arena_set_budget(one->task.arena, task->run->context->budget, AUK_PURPOSE_SEARCH);
        auk_arena_defer(task->arena, destroy_arena, one->task.arena);
    }
    return pieces;
}

static void offer_best(auk_segment_run *segment, const auk_top_hits *top)
{
    for (uint32_t i = 0; i < top->count; i++) {
        auk_doc doc = auk_top_hits_rank(top->codes[i]) - segment->base;
        float score = auk_top_hits_score(top->codes[i]);
        auk_top_hits_offer(&segment->task->top, segment->base, &doc, &score, 1);
    }
}

static void join(auk_segment_run *segment, const piece *one)
{
    auk_search_task *task = segment->task;
    task->total += one->task.total;
    task->timed_out |= one->task.timed_out;
    if (task->code == AUK_OK && one->task.code != AUK_OK) {
        task->code = one->task.code;
        task->error = one->task.error;
    }
    offer_best(segment, &one->task.top);
}

auk_code auk_segment_split(auk_segment_run *segment, uint32_t count)
{
    count = count < PIECES_MOST ? count : PIECES_MOST;
    piece *pieces = cut(segment, count);
    auk_pool_for(segment->task->run->context->pool, count, run_one, pieces);
    for (uint32_t i = 0; i < count; i++)
        join(segment, &pieces[i]);
    return segment->task->code;
}

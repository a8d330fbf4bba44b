#include "bisect.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BITS    12u
#define PIECE_DOCS  8192u /* of a run that several threads look at */
#define SPLIT_LEAST 4u    /* runs from which each thread has enough of its own */
#define SETTLED     200u  /* one pair among so many documents is not worth another iteration */
#define AHEAD       6u    /* documents whose terms are on their way */

/* What one thread needs for one run after the other. */
typedef struct scratch {
    uint32_t *left, *right; /* documents of each half that have a term */
    float *weight;
    uint16_t *touched; /* terms of the run */
    uint32_t touched_count;
} scratch;

typedef struct bisection {
    const auk_bisect_graph *graph;
    const auk_bisect_options *options;
    const float *logs; /* by the LOG_BITS leading bits */
    uint32_t *order;
    uint64_t *keys;    /* bias and place of each document of a run */
    uint32_t least;    /* documents of a run that is not cut any more */
    atomic_bool ended; /* early; stays so */
} bisection;

typedef struct run {
    uint32_t from, to;
} run;

static void *must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void scratch_init(scratch *s, uint32_t term_count)
{
    *s = (scratch){.left = must_alloc(term_count, sizeof *s->left),
                   .right = must_alloc(term_count, sizeof *s->right),
                   .weight = must_alloc(term_count, sizeof *s->weight),
                   .touched = must_alloc(term_count, sizeof *s->touched)};
}

static void scratch_deinit(scratch *s)
{
    free(s->left);
    free(s->right);
    free(s->weight);
    free(s->touched);
}

/* ---- logarithms ---- */

/* log2(i + 1) without a library, so that every machine has the same bits. */
static float *make_logs(void)
{
    float *logs = must_alloc((size_t)1 << LOG_BITS, sizeof *logs);
    for (uint32_t i = 1; i < 1u << LOG_BITS; i++) {
        uint32_t whole = 31u - (uint32_t)__builtin_clz(i);
        double rest = (double)i / (double)(1u << whole), bits = 0, unit = 0.5;
        for (uint32_t n = 0; n < 26; n++) {
            rest *= rest;
            if (rest >= 2) {
                rest /= 2;
                bits += unit;
            }
            unit /= 2;
        }
        logs[i] = (float)(whole + bits);
    }
    return logs;
}

/* value is not 0. */
static inline float log_of(const float *logs, uint32_t value)
{
    uint32_t length = 32u - (uint32_t)__builtin_clz(value);
    uint32_t shift = length > LOG_BITS ? length - LOG_BITS : 0;
    return logs[value >> shift] + (float)shift;
}

/* ---- one iteration ---- */

static inline void prefetch(const auk_bisect_graph *graph, uint32_t doc)
{
    const char *row = (const char *)(graph->terms + graph->starts[doc]);
    __builtin_prefetch(row);
    __builtin_prefetch(row + 64);
}

static void count_half(const bisection *b, scratch *s, run half, uint32_t *into)
{
    const auk_bisect_graph *graph = b->graph;
    for (uint32_t i = half.from; i < half.to; i++) {
        if (i + AHEAD < half.to)
            prefetch(graph, b->order[i + AHEAD]);
        uint32_t doc = b->order[i];
        for (uint64_t at = graph->starts[doc]; at < graph->starts[doc + 1]; at++) {
            uint16_t term = graph->terms[at];
            if ((s->left[term] | s->right[term]) == 0)
                s->touched[s->touched_count++] = term;
            into[term]++;
        }
    }
}

static void weigh_terms(const bisection *b, scratch *s)
{
    for (uint32_t i = 0; i < s->touched_count; i++) {
        uint16_t term = s->touched[i];
        s->weight[term] = log_of(b->logs, s->right[term] + 1) - log_of(b->logs, s->left[term] + 1);
    }
}

/* A float as bits that rise with it. */
static inline uint32_t rising(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static void weigh_documents(const bisection *b, const scratch *s, run part)
{
    const auk_bisect_graph *graph = b->graph;
    for (uint32_t i = part.from; i < part.to; i++) {
        if (i + AHEAD < part.to)
            prefetch(graph, b->order[i + AHEAD]);
        uint32_t doc = b->order[i];
        float bias = 0;
        for (uint64_t at = graph->starts[doc]; at < graph->starts[doc + 1]; at++)
            bias += s->weight[graph->terms[at]];
        b->keys[i] = (uint64_t)rising(bias) << 32 | i;
    }
}

static uint64_t left_us(const bisection *b)
{
    return b->options->left_us != NULL ? b->options->left_us(b->options->context) : UINT64_MAX;
}

static bool is_stopped(bisection *b)
{
    const auk_bisect_options *options = b->options;
    bool stopped = options->stopped != NULL && options->stopped(options->context);
    if (stopped || left_us(b) == 0)
        atomic_store_explicit(&b->ended, true, memory_order_relaxed);
    return atomic_load_explicit(&b->ended, memory_order_relaxed);
}

typedef struct pieces {
    bisection *b;
    const scratch *s;
    run whole;
} pieces;

static void weigh_piece(void *context, size_t index)
{
    const pieces *p = context;
    run part = {p->whole.from + (uint32_t)index * PIECE_DOCS, p->whole.to};
    if (part.to - part.from > PIECE_DOCS)
        part.to = part.from + PIECE_DOCS;
    /* Asked so that it can hold us back; the iteration ends whole. */
    (void)is_stopped(p->b);
    weigh_documents(p->b, p->s, part);
}

static inline void swap_keys(uint64_t *a, uint64_t *b)
{
    uint64_t kept = *a;
    *a = *b;
    *b = kept;
}

static uint64_t middle_of(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* The `count` least keys come first; keys differ, as they hold a place. */
static void select_least(uint64_t *keys, uint32_t size, uint32_t count)
{
    uint32_t from = 0, to = size;
    while (to - from > 1) {
        uint64_t pivot = middle_of(keys[from], keys[from + (to - from) / 2], keys[to - 1]);
        uint32_t low = from, high = to - 1;
        for (;;) {
            while (keys[low] < pivot)
                low++;
            while (keys[high] > pivot)
                high--;
            if (low >= high)
                break;
            swap_keys(&keys[low++], &keys[high--]);
        }
        /* Below `low` all are at most the pivot, from it on at least. */
        if (low == from)
            low++;
        if (count < low)
            to = low;
        else if (count > low)
            from = low;
        else
            return;
    }
}

static void move(const bisection *b, uint32_t doc, uint32_t *from, uint32_t *to)
{
    const auk_bisect_graph *graph = b->graph;
    for (uint64_t at = graph->starts[doc]; at < graph->starts[doc + 1]; at++) {
        from[graph->terms[at]]--;
        to[graph->terms[at]]++;
    }
}

/*
 * Documents on the wrong side, pair by pair: the i-th of the right that belongs left takes the
 * place of the i-th of the left that belongs right. Answers how many pairs there were.
 */
static uint32_t swap_sides(const bisection *b, scratch *s, run whole, uint32_t middle)
{
    const uint64_t *keys = b->keys;
    uint32_t swapped = 0;
    uint32_t up = middle; /* in keys: of those that belong right, one that stands left */
    for (uint32_t i = whole.from; i < middle; i++) {
        uint32_t place = (uint32_t)keys[i];
        if (place < middle)
            continue;
        while ((uint32_t)keys[up] >= middle)
            up++;
        uint32_t other = (uint32_t)keys[up++];
        move(b, b->order[place], s->right, s->left);
        move(b, b->order[other], s->left, s->right);
        uint32_t doc = b->order[place];
        b->order[place] = b->order[other];
        b->order[other] = doc;
        swapped++;
    }
    return swapped;
}

/* ---- runs ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Within its runs the order that there was is kept: what rose with it still does mostly. */
static void end_run(const bisection *b, run whole)
{
    qsort(b->order + whole.from, whole.to - whole.from, sizeof *b->order, by_number);
}

static uint32_t middle_of_run(run whole)
{
    return whole.from + (whole.to - whole.from) / 2;
}

/* pool: helps with this run, NULL where the runs are shared out. */
static void cut(bisection *b, scratch *s, run whole, auk_pool *pool)
{
    uint32_t middle = middle_of_run(whole), size = whole.to - whole.from;
    s->touched_count = 0;
    count_half(b, s, (run){whole.from, middle}, s->left);
    count_half(b, s, (run){middle, whole.to}, s->right);
    for (uint32_t n = 0; n < b->options->iterations && !is_stopped(b); n++) {
        weigh_terms(b, s);
        pieces p = {b, s, whole};
        auk_pool_for(pool, (size + PIECE_DOCS - 1) / PIECE_DOCS, weigh_piece, &p);
        select_least(b->keys + whole.from, size, middle - whole.from);
        /* By count, not by how much is gained: from documents that are mixed evenly, a small gain
         * of the first iteration is what the next ones grow from. */
        if (swap_sides(b, s, whole, middle) <= size / SETTLED)
            break;
    }
    for (uint32_t i = 0; i < s->touched_count; i++)
        s->left[s->touched[i]] = s->right[s->touched[i]] = 0;
}

static void cut_all(bisection *b, scratch *s, run whole)
{
    if (whole.to - whole.from <= b->least || is_stopped(b)) {
        end_run(b, whole);
        return;
    }
    cut(b, s, whole, NULL);
    uint32_t middle = middle_of_run(whole);
    cut_all(b, s, (run){whole.from, middle});
    cut_all(b, s, (run){middle, whole.to});
}

typedef struct shares {
    bisection *b;
    const run *runs;
} shares;

static void cut_share(void *context, size_t index)
{
    const shares *all = context;
    scratch s;
    scratch_init(&s, all->b->graph->term_count);
    cut_all(all->b, &s, all->runs[index]);
    scratch_deinit(&s);
}

/* After so many levels that took so long: how far down the rest of the budget lasts, if each of the
 * others takes as long. They take less, as the terms of smaller runs are nearer. */
static void limit_depth(bisection *b, uint32_t levels, uint64_t took_us)
{
    uint64_t each_us = levels > 0 ? took_us / levels : 0, rest_us = left_us(b);
    uint32_t wanted = auk_bisect_levels(b->graph->doc_count, b->options->least);
    if (each_us == 0 || rest_us / each_us >= wanted - levels)
        return;
    uint32_t depth = levels + (uint32_t)(rest_us / each_us);
    while (auk_bisect_levels(b->graph->doc_count, b->least) > depth)
        b->least *= 2;
}

/* The first cuts are made by all threads together, then each thread takes runs of its own. */
static void cut_from_top(bisection *b)
{
    run runs[SPLIT_LEAST * 2] = {{0, b->graph->doc_count}};
    uint32_t count = 1, levels = 0;
    uint64_t begin_us = left_us(b);
    scratch s;
    scratch_init(&s, b->graph->term_count);
    for (; count < SPLIT_LEAST * 2 && runs[0].to - runs[0].from > b->least * 2; levels++) {
        for (uint32_t i = count; i-- > 0;) {
            run whole = runs[i];
            cut(b, &s, whole, b->options->pool);
            runs[2 * i] = (run){whole.from, middle_of_run(whole)};
            runs[2 * i + 1] = (run){middle_of_run(whole), whole.to};
        }
        count *= 2;
    }
    scratch_deinit(&s);
    limit_depth(b, levels, begin_us - left_us(b));
    shares all = {b, runs};
    auk_pool_for(b->options->pool, count, cut_share, &all);
}

bool auk_bisect(const auk_bisect_graph *graph, const auk_bisect_options *options, uint32_t *order)
{
    assert(graph->term_count <= AUK_BISECT_TERMS_MOST && options->least > 1);
    for (uint32_t doc = 0; doc < graph->doc_count; doc++)
        order[doc] = doc;
    float *logs = make_logs();
    bisection b = {.graph = graph,
                   .options = options,
                   .logs = logs,
                   .order = order,
                   .keys = must_alloc(graph->doc_count, sizeof *b.keys),
                   .least = options->least};
    if (graph->doc_count > options->least)
        cut_from_top(&b);
    free(b.keys);
    free(logs);
    return b.least == options->least && !atomic_load_explicit(&b.ended, memory_order_relaxed);
}

/* ---- what an order is worth ---- */

static double cost_of_run(const bisection *b, scratch *s, run whole)
{
    double bits = 0;
    s->touched_count = 0;
    count_half(b, s, whole, s->left);
    for (uint32_t i = 0; i < s->touched_count; i++) {
        uint32_t count = s->left[s->touched[i]];
        bits += count * (double)(log_of(b->logs, whole.to - whole.from) - log_of(b->logs, count));
        s->left[s->touched[i]] = 0;
    }
    return bits;
}

double auk_bisect_cost(const auk_bisect_graph *graph, const uint32_t *order, uint32_t run_docs)
{
    float *logs = make_logs();
    bisection b = {.graph = graph,
                   .logs = logs,
                   .order = must_alloc(graph->doc_count, sizeof *b.order)};
    scratch s;
    scratch_init(&s, graph->term_count);
    for (uint32_t doc = 0; doc < graph->doc_count; doc++)
        b.order[doc] = order != NULL ? order[doc] : doc;
    double bits = 0;
    for (uint32_t from = 0; from < graph->doc_count;) {
        uint32_t to = graph->doc_count - from > run_docs ? from + run_docs : graph->doc_count;
        bits += cost_of_run(&b, &s, (run){from, to});
        from = to;
    }
    scratch_deinit(&s);
    free(b.order);
    free(logs);
    return bits;
}

uint32_t auk_bisect_levels(uint32_t doc_count, uint32_t least)
{
    uint32_t levels = 0;
    for (; doc_count > least; doc_count = doc_count - doc_count / 2)
        levels++;
    return levels;
}

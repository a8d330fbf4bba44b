/*
 * At least `minimum` of several, summed.
 *
 * A window is filled child by child into a table of sums. With a floor (the k-th best score so far)
 * the children are split as in MAXSCORE: those whose bounds together stay below the floor cannot
 * make a hit by themselves, so they are only asked about documents that the others brought.
 */
#include <math.h>
#include <stddef.h>

#include "scorer.h"

#define WORDS (AUK_WINDOW / 64)

typedef struct window {
    uint64_t seen[WORDS];
    double sums[AUK_WINDOW];
    uint16_t counts[AUK_WINDOW]; /* how many children matched, when more than one must */
    auk_doc docs[AUK_WINDOW];    /* of one child */
    float scores[AUK_WINDOW];
} window;

typedef struct pair_window {
    auk_doc docs[2][AUK_WINDOW + 1];
    float scores[2][AUK_WINDOW + 1];
} pair_window;

typedef struct disjunction {
    auk_scorer base;
    auk_scorer **children; /* in clause order */
    uint32_t count, minimum;
    bool scores;
    auk_arena *arena;
    window *window; /* made at the first fill */
    pair_window *pair;
    float *bounds;   /* by child, in the window in hand */
    uint32_t *order; /* children by falling bound */
} disjunction;

/* ---- walking ---- */

static auk_doc least_doc(const disjunction *self)
{
    auk_doc least = AUK_DOC_END;
    for (uint32_t i = 0; i < self->count; i++)
        if (self->children[i]->doc < least)
            least = self->children[i]->doc;
    return least;
}

/* Vague as soon as one of them is. */
static void follow_children(disjunction *self)
{
    bool vague = false;
    for (uint32_t i = 0; i < self->count; i++)
        vague |= self->children[i]->vague;
    self->base.doc = least_doc(self);
    self->base.vague = vague;
}

static uint32_t count_at(const disjunction *self, auk_doc doc)
{
    uint32_t matching = 0;
    for (uint32_t i = 0; i < self->count; i++)
        matching += self->children[i]->doc == doc;
    return matching;
}

static auk_doc disjunction_seek(auk_scorer *scorer, auk_doc target)
{
    disjunction *self = (disjunction *)scorer;
    for (;;) {
        for (uint32_t i = 0; i < self->count; i++)
            auk_scorer_seek(self->children[i], target);
        auk_doc doc = least_doc(self);
        scorer->vague = false;
        if (doc == AUK_DOC_END || self->minimum <= 1 || count_at(self, doc) >= self->minimum)
            return scorer->doc = doc;
        target = doc + 1;
    }
}

static auk_doc disjunction_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : disjunction_seek(scorer, scorer->doc + 1);
}

static float disjunction_score(auk_scorer *scorer)
{
    disjunction *self = (disjunction *)scorer;
    double sum = 0;
    if (!self->scores)
        return 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (self->children[i]->doc == scorer->doc)
            sum += (double)auk_scorer_score(self->children[i]);
    return (float)sum;
}

static float disjunction_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    disjunction *self = (disjunction *)scorer;
    double sum = 0;
    for (uint32_t i = 0; i < self->count; i++)
        sum += (double)auk_scorer_bound(self->children[i], from, limit);
    return (float)(sum * AUK_SUM_MARGIN);
}

/* ---- windows ---- */

static void add_child(disjunction *self, auk_scorer *child, auk_doc base, auk_doc limit,
                      bool scored)
{
    window *w = self->window;
    uint32_t count = auk_scorer_fill(child, limit, 0, w->docs, scored ? w->scores : NULL);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = w->docs[i] - base;
        w->seen[slot / 64] |= UINT64_C(1) << (slot % 64);
    }
    if (scored)
        for (uint32_t i = 0; i < count; i++)
            w->sums[w->docs[i] - base] += (double)w->scores[i];
    if (self->minimum > 1)
        for (uint32_t i = 0; i < count; i++)
            w->counts[w->docs[i] - base]++;
}

/* Empties the table into the arrays; sums below floor may be left out. */
static uint32_t take_window(disjunction *self, auk_doc base, double floor, auk_doc *docs,
                            float *scores)
{
    window *w = self->window;
    uint32_t taken = 0;
    for (uint32_t word = 0; word < WORDS; word++) {
        uint64_t bits = w->seen[word];
        w->seen[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            bool matches =
                w->sums[slot] >= floor && (self->minimum <= 1 || w->counts[slot] >= self->minimum);
            docs[taken] = base + slot;
            if (scores)
                scores[taken] = (float)w->sums[slot];
            taken += matches;
            w->sums[slot] = 0;
            if (self->minimum > 1)
                w->counts[slot] = 0;
        }
    }
    return taken;
}

/* The bounds from `from` to limit, children by falling bound; answers how many are essential:
 * without one of the first so many, a document stays below the floor. 0: nothing here reaches it.
 */
static uint32_t partition(disjunction *self, auk_doc from, auk_doc limit, float floor)
{
    for (uint32_t i = 0; i < self->count; i++) {
        auk_scorer *child = self->children[i];
        auk_doc first = child->doc > from ? child->doc : from;
        float bound = first < limit ? auk_scorer_bound(child, first, limit) : 0;
        uint32_t at = i;
        self->bounds[i] = bound;
        for (; at > 0 && self->bounds[self->order[at - 1]] < bound; at--)
            self->order[at] = self->order[at - 1];
        self->order[at] = i;
    }
    double rest = 0;
    uint32_t essential = self->count;
    while (essential > 0) {
        double with = rest + (double)self->bounds[self->order[essential - 1]];
        if (with * AUK_SUM_MARGIN >= (double)floor)
            break;
        rest = with;
        essential--;
    }
    return essential;
}

static void disjunction_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial);

/* What a union gives is one float in the sum above it, as Lucene has it, and its own _add would sum
 * its children there one by one. */
static void add_score(auk_scorer *child, auk_candidates *candidates, const auk_trial *trial)
{
    if (child->class->add == disjunction_add)
        auk_scorer_add_each(child, candidates, trial);
    else
        auk_scorer_add(child, candidates, trial);
}

/* Adds what the other children give to the candidates; drops those that cannot reach the floor. */
static void probe(disjunction *self, uint32_t essential, auk_candidates *candidates,
                  const auk_trial *trial)
{
    auk_trial own = *trial;
    own.required = false;
    for (uint32_t i = essential; i < self->count; i++)
        own.rest += (double)self->bounds[self->order[i]];
    for (uint32_t i = essential; i < self->count; i++) {
        own.most = (double)self->bounds[self->order[i]];
        own.rest -= own.most;
        add_score(self->children[self->order[i]], candidates, &own);
    }
}

/* The candidates' sums, those that can still reach the floor, front to back in the window's own
 * table. */
static uint32_t take_candidates(disjunction *self, auk_doc base, double needed, auk_doc *docs)
{
    window *w = self->window;
    uint32_t count = 0;
    for (uint32_t word = 0; word < WORDS; word++) {
        uint64_t bits = w->seen[word];
        w->seen[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            double sum = w->sums[slot];
            w->sums[slot] = 0;
            docs[count] = base + slot;
            w->sums[count] = sum;
            count += sum >= needed;
        }
    }
    if (count < AUK_WINDOW)
        w->sums[count] = 0; /* where the last one that was dropped may stand */
    return count;
}

/* The same of one child, which needs no table. */
static uint32_t take_lone(disjunction *self, auk_scorer *child, auk_doc limit, double needed,
                          auk_doc *docs)
{
    window *w = self->window;
    float least = needed > 0 ? (float)needed * 0.999999f : 0;
    uint32_t count = auk_scorer_fill(child, limit, least, docs, w->scores);
    if (least > 0)
        count = auk_scorer_keep_above(least, docs, w->scores, count);
    for (uint32_t i = 0; i < count; i++)
        w->sums[i] = (double)w->scores[i];
    return count;
}

/* Goes on to limit; a block there is read when somebody asks for it. */
static void pass_over(auk_scorer *child, auk_doc limit)
{
    if (!child->leaps) {
        auk_scorer_seek(child, limit);
    } else if (child->doc < limit) {
        child->doc = limit;
        child->vague = true;
    }
}

static uint32_t fill_above(disjunction *self, auk_doc base, auk_doc limit, float floor,
                           auk_doc *docs, float *scores)
{
    window *w = self->window;
    uint32_t essential = partition(self, base, limit, floor), count = 0;
    double rest = 0;
    for (uint32_t i = essential; i < self->count; i++)
        rest += (double)self->bounds[self->order[i]];
    double needed = ((double)floor - rest * AUK_SUM_MARGIN) / AUK_SUM_MARGIN;
    for (uint32_t i = 0; essential > 1 && i < essential; i++)
        add_child(self, self->children[self->order[i]], base, limit, true);
    if (essential == self->count) {
        count = take_window(self, base, needed, docs, scores);
    } else if (essential > 0) {
        uint32_t candidates =
            essential == 1 ? take_lone(self, self->children[self->order[0]], limit, needed, docs)
                           : take_candidates(self, base, needed, docs);
        auk_candidates on_trial = {docs, w->sums, NULL, candidates};
        auk_trial trial = {.limit = limit, .floor = floor};
        probe(self, essential, &on_trial, &trial);
        count = on_trial.count;
        for (uint32_t i = 0; i < count; i++)
            scores[i] = (float)w->sums[i];
        memset(w->sums, 0, sizeof *w->sums * candidates);
    }
    for (uint32_t i = essential; i < self->count; i++)
        pass_over(self->children[self->order[i]], limit);
    return count;
}

/* Two children without a floor: their lists are merged, no table is needed. */
static uint32_t fill_two(disjunction *self, auk_doc limit, auk_doc *docs, float *scores)
{
    pair_window *w = self->pair;
    bool scored = scores && self->scores;
    uint32_t first =
        auk_scorer_fill(self->children[0], limit, 0, w->docs[0], scored ? w->scores[0] : NULL);
    uint32_t second =
        auk_scorer_fill(self->children[1], limit, 0, w->docs[1], scored ? w->scores[1] : NULL);
    w->docs[0][first] = w->docs[1][second] = AUK_DOC_END;
    w->scores[0][first] = w->scores[1][second] = 0;
    const auk_doc *a = w->docs[0], *b = w->docs[1];
    const float *left = w->scores[0], *right = w->scores[1];
    uint32_t count = 0;
    /* Which list comes next is as random as the text: factors of 0 and 1 instead of branches. */
    for (uint32_t i = 0, j = 0; i + j < first + second; count++) {
        uint32_t take_a = a[i] <= b[j], take_b = b[j] <= a[i];
        docs[count] = b[j] ^ ((a[i] ^ b[j]) & -take_a);
        if (scored)
            scores[count] = left[i] * (float)take_a + right[j] * (float)take_b;
        i += take_a;
        j += take_b;
    }
    return count;
}

static void make_bounds(disjunction *self)
{
    self->bounds = AUK_ARENA_ARRAY(self->arena, float, self->count);
    self->order = AUK_ARENA_ARRAY(self->arena, uint32_t, self->count);
}

static void make_window(disjunction *self)
{
    /* Zero between windows; what follows is written before it is read. */
    size_t zeroed = self->minimum > 1 ? offsetof(window, docs) : offsetof(window, counts);
    self->window = auk_arena_alloc(self->arena, sizeof *self->window);
    memset(self->window, 0, zeroed);
    if (!self->bounds)
        make_bounds(self);
}

static uint32_t disjunction_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                                 float *scores)
{
    disjunction *self = (disjunction *)scorer;
    if (scorer->doc >= limit)
        return 0;
    if (self->count == 2 && self->minimum <= 1 && !(floor > 0 && scores && self->scores)) {
        if (!self->pair)
            self->pair = auk_arena_alloc(self->arena, sizeof *self->pair);
        uint32_t count = fill_two(self, limit, docs, scores);
        if (scores && !self->scores)
            memset(scores, 0, sizeof *scores * count);
        follow_children(self);
        return count;
    }
    if (!self->window)
        make_window(self);
    auk_doc base = scorer->doc - scorer->doc % AUK_WINDOW;
    uint32_t count;
    if (floor > 0 && scores && self->scores && self->minimum <= 1) {
        count = fill_above(self, base, limit, floor, docs, scores);
    } else {
        /* A child may stand behind the match: it is past what counted too few. */
        for (uint32_t i = 0; i < self->count; i++) {
            auk_scorer_seek(self->children[i], scorer->doc);
            add_child(self, self->children[i], base, limit, scores && self->scores);
        }
        count = take_window(self, base, 0, docs, scores);
    }
    follow_children(self);
    if (self->minimum > 1 && scorer->doc != AUK_DOC_END)
        disjunction_seek(scorer, scorer->doc);
    return count;
}

static void disjunction_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    disjunction *self = (disjunction *)scorer;
    for (uint32_t i = 0; i < self->count; i++)
        auk_scorer_mark(self->children[i], base, limit, bits);
    follow_children(self);
}

/* One clause after the other, the best first; what matches any of them is not asked for here. */
static void disjunction_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial)
{
    disjunction *self = (disjunction *)scorer;
    enum { MANY = 16 };
    if (trial->required || candidates->count < MANY) {
        auk_scorer_add_each(scorer, candidates, trial);
        return;
    }
    if (!self->bounds)
        make_bounds(self);
    partition(self, candidates->docs[0], trial->limit, 0);
    probe(self, 0, candidates, trial);
    follow_children(self);
}

static auk_code disjunction_status(const auk_scorer *scorer)
{
    const disjunction *self = (const disjunction *)scorer;
    return auk_scorer_status_all(self->children, self->count);
}

static const auk_scorer_class disjunction_class = {
    .name = "union",
    .next = disjunction_next,
    .seek = disjunction_seek,
    .score = disjunction_score,
    .fill = disjunction_fill,
    .mark = disjunction_mark,
    .marks_far = true,
    .add = disjunction_add,
    .bound = disjunction_bound,
    .status = disjunction_status,
};

/* Marks would lose how many children match. */
static const auk_scorer_class counting_class = {
    .name = "union of at least so many",
    .next = disjunction_next,
    .seek = disjunction_seek,
    .score = disjunction_score,
    .fill = disjunction_fill,
    .bound = disjunction_bound,
    .status = disjunction_status,
};

auk_scorer *auk_scorer_disjunction(auk_scorer **children, uint32_t count, uint32_t minimum,
                                   bool scores, auk_arena *arena)
{
    if (count == 0 || count < minimum)
        return NULL;
    if (count == 1)
        return children[0];
    if (count == minimum)
        return auk_scorer_conjunction(children, count, children, scores ? count : 0, arena);
    disjunction *self = AUK_ARENA_NEW(arena, disjunction);
    self->base.class = minimum > 1 ? &counting_class : &disjunction_class;
    self->children = children;
    self->count = count;
    self->minimum = minimum;
    self->scores = scores;
    self->arena = arena;
    double most = 0;
    for (uint32_t i = 0; i < count; i++) {
        self->base.cost += children[i]->cost;
        most += (double)children[i]->max_score;
    }
    self->base.max_score = scores ? (float)(most * AUK_SUM_MARGIN) : 0;
    disjunction_seek(&self->base, 0);
    return self->base.doc == AUK_DOC_END ? NULL : &self->base;
}

/* Two scorers, of which the first decides the pace: required and optional, included and excluded.
 */
#include "optional_stages.h"

typedef struct pair {
    auk_scorer base;
    auk_scorer *first, *second;
    auk_scorer *whole; /* what second was, where it is now a part of that */
    auk_arena *arena;
    double *sums; /* of the second, in a window; made at the first fill */
    auk_optional_stages *stages;
} pair;

static auk_code pair_status(const auk_scorer *scorer)
{
    const pair *self = (const pair *)scorer;
    auk_scorer *const all[] = {self->first, self->second, self->whole};
    return auk_scorer_status_all(all, sizeof all / sizeof all[0]);
}

static auk_scorer *pair_create(const auk_scorer_class *class, auk_scorer *first, auk_scorer *second,
                               auk_arena *arena)
{
    pair *self = AUK_ARENA_NEW(arena, pair);
    self->base = (auk_scorer){.class = class,
                              .doc = first->doc,
                              .vague = first->vague,
                              .cost = first->cost,
                              .max_score = first->max_score};
    self->first = first;
    self->second = second;
    self->arena = arena;
    return &self->base;
}

/* ---- required and optional ---- */

/* Where the first stands the pair stands. */
static void follow_first(pair *self)
{
    self->base.doc = self->first->doc;
    self->base.vague = self->first->vague;
}

static auk_doc optional_next(auk_scorer *scorer)
{
    return scorer->doc = auk_scorer_next(((pair *)scorer)->first);
}

static auk_doc optional_seek(auk_scorer *scorer, auk_doc target)
{
    pair *self = (pair *)scorer;
    auk_scorer_seek(self->first, target);
    follow_first(self);
    return scorer->doc;
}

static float optional_score(auk_scorer *scorer)
{
    pair *self = (pair *)scorer;
    float score = auk_scorer_score(self->first);
    if (auk_scorer_matches(self->second, scorer->doc))
        score += auk_scorer_score(self->second);
    return score;
}

static float optional_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    pair *self = (pair *)scorer;
    return (auk_scorer_bound(self->first, from, limit) +
            auk_scorer_bound(self->second, from, limit)) *
           1.000001f;
}

/* What the second gives is summed apart and added as one float, as Lucene has it: its share counts
 * from the candidate's score, so that pruning sees the whole. */
static uint32_t add_optional(pair *self, const auk_trial *trial, auk_doc *docs, float *scores,
                             uint32_t count)
{
    if (!self->sums)
        self->sums = auk_arena_alloc(self->arena, sizeof *self->sums * AUK_WINDOW);
    for (uint32_t i = 0; i < count; i++)
        self->sums[i] = (double)scores[i];
    auk_candidates candidates = {docs, self->sums, scores, count};
    auk_scorer_add(self->second, &candidates, trial);
    for (uint32_t i = 0; i < candidates.count; i++)
        scores[i] += (float)(self->sums[i] - (double)scores[i]);
    return candidates.count;
}

static uint32_t optional_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                              float *scores)
{
    pair *self = (pair *)scorer;
    if (scorer->doc >= limit)
        return 0;
    float rest = floor > 0 ? auk_scorer_bound(self->second, scorer->doc, limit) : 0;
    float needed = (floor - rest) * 0.999998f;
    uint32_t count = auk_scorer_fill(self->first, limit, needed > 0 ? needed : 0, docs, scores);
    if (scores && needed > 0)
        count = auk_scorer_keep_above(needed, docs, scores, count);
    auk_trial trial = {.limit = limit, .floor = floor, .most = (double)rest};
    if (scores && count > 0)
        count = add_optional(self, &trial, docs, scores, count);
    follow_first(self);
    return count;
}

static void optional_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    pair *self = (pair *)scorer;
    auk_scorer_mark(self->first, base, limit, bits);
    follow_first(self);
}

/* What the second can add to the score of a document of the next batch, where that batch may hold
 * one that reaches floor. Goes over blocks that may not; false: there are no more. */
static bool find_block(pair *self, float floor, double *rest)
{
    auk_scorer *first = self->first;
    *rest = (double)self->second->max_score;
    while (first->doc != AUK_DOC_END && first->class->extent && floor > 0) {
        auk_doc last;
        double most = (double)first->class->extent(first, &last);
        if (last == AUK_DOC_END)
            return false;
        if ((most + (double)self->second->max_score) * AUK_SUM_MARGIN >= (double)floor) {
            *rest = (double)auk_scorer_bound(self->second, first->doc, last + 1);
            if ((most + *rest) * AUK_SUM_MARGIN >= (double)floor)
                return true;
        }
        first->doc = last + 1;
    }
    return first->doc != AUK_DOC_END;
}

static uint32_t optional_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    pair *self = (pair *)scorer;
    auk_scorer *first = self->first;
    if (!scores)
        return auk_scorer_batch(first, 0, docs, NULL);
    for (double rest; find_block(self, floor, &rest);) {
        float needed = (float)((double)floor - rest * AUK_SUM_MARGIN) * 0.999998f;
        bool block = first->class->extent != NULL; /* a floor would lead behind it */
        uint32_t count = block ? auk_scorer_sieve(first, needed, docs, scores)
                               : auk_scorer_batch(first, needed < 0 ? 0 : needed, docs, scores);
        if (count == 0 && !block)
            break;
        if (needed > 0 && !block)
            count = auk_scorer_keep_above(needed, docs, scores, count);
        auk_trial trial = {.limit = count ? docs[count - 1] + 1 : 0, .floor = floor, .most = rest};
        if (count > 0)
            count = add_optional(self, &trial, docs, scores, count);
        if (count > 0)
            return count;
    }
    return 0;
}

/* Where the rarer words are through: upwards, over what has none of them. */
static uint32_t take_rest(pair *self, float floor, auk_doc *docs, float *scores)
{
    for (;;) {
        uint32_t count = self->second ? optional_batch(&self->base, floor, docs, scores)
                                      : auk_scorer_batch(self->first, floor, docs, scores);
        if (count == 0)
            return 0;
        if (floor > 0)
            count = auk_scorer_keep_above(floor, docs, scores, count);
        if (count > 0)
            count = auk_optional_stages_keep_new(self->stages, docs, scores, count);
        if (count > 0)
            return count;
    }
}

static uint32_t optional_fill_best(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    pair *self = (pair *)scorer;
    scorer->doc = AUK_DOC_END;
    if (!self->whole) {
        uint32_t count = auk_optional_stages_take(self->stages, floor, docs, scores);
        if (count > 0)
            return count;
        self->whole = self->second;
        if (!auk_optional_stages_leave(self->stages, floor, &self->second))
            self->first->doc = AUK_DOC_END;
    }
    return self->first->doc == AUK_DOC_END ? 0 : take_rest(self, floor, docs, scores);
}

static const auk_scorer_class optional_class = {
    .name = "required and optional",
    .next = optional_next,
    .seek = optional_seek,
    .score = optional_score,
    .fill = optional_fill,
    .mark = optional_mark,
    .batch = optional_batch,
    .bound = optional_bound,
    .status = pair_status,
};

static const auk_scorer_class staged_class = {
    .name = "required and optional",
    .best_pass = "rarest words first",
    .next = optional_next,
    .seek = optional_seek,
    .score = optional_score,
    .fill = optional_fill,
    .mark = optional_mark,
    .batch = optional_batch,
    .fill_best = optional_fill_best,
    .bound = optional_bound,
    .status = pair_status,
};

auk_scorer *auk_scorer_optional(auk_scorer *required, auk_scorer *optional,
                                auk_scorer *const *children, uint32_t count, auk_arena *arena)
{
    if (!required || !optional)
        return required;
    auk_scorer *scorer = pair_create(&optional_class, required, optional, arena);
    pair *self = (pair *)scorer;
    self->stages = auk_optional_stages_create(required, children, count, arena);
    if (self->stages)
        scorer->class = &staged_class;
    scorer->batches = required->batches || required->class->extent;
    scorer->max_score = (required->max_score + optional->max_score) * 1.000001f;
    return scorer;
}

/* ---- included and excluded ---- */

static auk_doc skip_excluded(pair *self, auk_doc doc)
{
    while (doc != AUK_DOC_END && auk_scorer_matches(self->second, doc))
        doc = auk_scorer_next(self->first);
    self->base.vague = false;
    return self->base.doc = doc;
}

/* Whether that one is excluded is found out when somebody asks. */
static void follow_included(pair *self)
{
    self->base.doc = self->first->doc;
    self->base.vague = true;
}

static auk_doc exclusion_next(auk_scorer *scorer)
{
    pair *self = (pair *)scorer;
    return skip_excluded(self, auk_scorer_next(self->first));
}

static auk_doc exclusion_seek(auk_scorer *scorer, auk_doc target)
{
    pair *self = (pair *)scorer;
    return skip_excluded(self, auk_scorer_seek(self->first, target));
}

static float exclusion_score(auk_scorer *scorer)
{
    return auk_scorer_score(((pair *)scorer)->first);
}

static float exclusion_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    return auk_scorer_bound(((pair *)scorer)->first, from, limit);
}

static uint32_t exclusion_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                               float *scores)
{
    pair *self = (pair *)scorer;
    if (scorer->doc >= limit)
        return 0;
    uint32_t count = auk_scorer_fill(self->first, limit, floor, docs, scores);
    if (scores && floor > 0)
        count = auk_scorer_keep_above(floor, docs, scores, count);
    if (count > 0)
        count = auk_scorer_retain(self->second, docs, scores, count, false);
    follow_included(self);
    return count;
}

static void exclusion_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    pair *self = (pair *)scorer;
    uint64_t marks[AUK_WINDOW_WORDS] = {0};
    auk_scorer_mark(self->first, base, limit, marks);
    auk_scorer_sift(self->second, base, limit, self->first->cost, false, marks);
    for (uint32_t i = 0; i < AUK_WINDOW_WORDS; i++)
        bits[i] |= marks[i];
    follow_included(self);
}

static uint32_t exclusion_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    pair *self = (pair *)scorer;
    for (;;) {
        uint32_t count = auk_scorer_batch(self->first, floor, docs, scores);
        if (count == 0)
            return 0;
        if (scores && floor > 0)
            count = auk_scorer_keep_above(floor, docs, scores, count);
        if (count > 0)
            count = auk_scorer_retain(self->second, docs, scores, count, false);
        if (count > 0)
            return count;
    }
}

static void exclusion_skip(auk_scorer *scorer, float floor)
{
    pair *self = (pair *)scorer;
    auk_scorer_skip(self->first, floor);
    follow_included(self);
}

static const auk_scorer_class exclusion_class = {
    .name = "included and excluded",
    .next = exclusion_next,
    .seek = exclusion_seek,
    .score = exclusion_score,
    .fill = exclusion_fill,
    .mark = exclusion_mark,
    .batch = exclusion_batch,
    .skip = exclusion_skip,
    .bound = exclusion_bound,
    .status = pair_status,
};

auk_scorer *auk_scorer_exclusion(auk_scorer *included, auk_scorer *excluded, auk_arena *arena)
{
    if (!included || !excluded)
        return included;
    auk_scorer *scorer = pair_create(&exclusion_class, included, excluded, arena);
    scorer->batches = included->batches || included->class->extent;
    follow_included((pair *)scorer);
    return scorer;
}

/* All of several: the rarest leads, the others follow; doubts are settled once all agree. */
#include <stdlib.h>

#include "scorer.h"

typedef struct conjunction {
    auk_scorer base;
    auk_scorer **children; /* cheapest first */
    uint32_t count;
    auk_scorer **doubtful; /* those with a confirm, cheapest first */
    uint32_t doubtful_count;
    auk_scorer **scoring; /* in clause order */
    uint32_t scoring_count;
} conjunction;

static auk_doc agree(conjunction *self, auk_doc doc)
{
    auk_scorer *lead = self->children[0];
    uint32_t agreed = 1;
    while (doc != AUK_DOC_END && agreed < self->count) {
        auk_doc other = auk_scorer_approach(self->children[agreed], doc);
        if (other == doc) {
            agreed++;
        } else {
            doc = auk_scorer_approach(lead, other);
            agreed = 1;
        }
    }
    return doc;
}

static auk_doc settle(conjunction *self, auk_doc doc)
{
    for (;;) {
        doc = agree(self, doc);
        uint32_t sure = 0;
        while (doc != AUK_DOC_END && sure < self->doubtful_count &&
               self->doubtful[sure]->class->confirm(self->doubtful[sure]))
            sure++;
        if (doc == AUK_DOC_END || sure == self->doubtful_count)
            return self->base.doc = doc;
        doc = auk_scorer_approach(self->children[0], doc + 1);
    }
}

static auk_doc conjunction_seek(auk_scorer *scorer, auk_doc target)
{
    conjunction *self = (conjunction *)scorer;
    return settle(self, auk_scorer_approach(self->children[0], target));
}

static auk_doc conjunction_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : conjunction_seek(scorer, scorer->doc + 1);
}

static float conjunction_score(auk_scorer *scorer)
{
    conjunction *self = (conjunction *)scorer;
    double sum = 0;
    for (uint32_t i = 0; i < self->scoring_count; i++)
        sum += (double)auk_scorer_score(self->scoring[i]);
    return (float)sum;
}

static float conjunction_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    conjunction *self = (conjunction *)scorer;
    double sum = 0;
    for (uint32_t i = 0; i < self->scoring_count; i++)
        sum += (double)auk_scorer_bound(self->scoring[i], from, limit);
    return (float)sum;
}

static uint32_t conjunction_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                                 float *scores)
{
    if (floor > 0 && scorer->doc < limit) {
        float bound = conjunction_bound(scorer, scorer->doc, limit);
        if (bound * 1.000001f < floor) {
            conjunction_seek(scorer, limit);
            return 0;
        }
    }
    uint32_t count = 0;
    for (auk_doc doc = scorer->doc; doc < limit; doc = conjunction_next(scorer)) {
        docs[count] = doc;
        if (scores)
            scores[count] = conjunction_score(scorer);
        count++;
    }
    return count;
}

static auk_code conjunction_status(const auk_scorer *scorer)
{
    const conjunction *self = (const conjunction *)scorer;
    return auk_scorer_status_all(self->children, self->count);
}

static const auk_scorer_class conjunction_class = {
    .next = conjunction_next,
    .seek = conjunction_seek,
    .score = conjunction_score,
    .fill = conjunction_fill,
    .bound = conjunction_bound,
    .status = conjunction_status,
};

static int by_cost(const void *a, const void *b)
{
    const auk_scorer *left = *(auk_scorer *const *)a, *right = *(auk_scorer *const *)b;
    return (left->cost > right->cost) - (left->cost < right->cost);
}

auk_scorer *auk_scorer_conjunction(auk_scorer **children, uint32_t count, auk_scorer **scoring,
                                   uint32_t scoring_count, auk_arena *arena)
{
    if (count == 1 && scoring_count == 1)
        return children[0];
    if (count == 1)
        return auk_scorer_constant(children[0], 0, arena);
    conjunction *self = AUK_ARENA_NEW(arena, conjunction);
    self->base.class = &conjunction_class;
    self->children = AUK_ARENA_ARRAY(arena, auk_scorer *, count);
    self->doubtful = AUK_ARENA_ARRAY(arena, auk_scorer *, count);
    memcpy(self->children, children, sizeof *children * count);
    self->count = count;
    qsort(self->children, count, sizeof *self->children, by_cost);
    for (uint32_t i = 0; i < count; i++)
        if (self->children[i]->class->confirm)
            self->doubtful[self->doubtful_count++] = self->children[i];
    self->scoring = scoring;
    self->scoring_count = scoring_count;
    self->base.cost = self->children[0]->cost;
    double most = 0;
    for (uint32_t i = 0; i < scoring_count; i++)
        most += (double)scoring[i]->max_score;
    self->base.max_score = (float)most;
    settle(self, self->children[0]->doc);
    return self->base.doc == AUK_DOC_END ? NULL : &self->base;
}

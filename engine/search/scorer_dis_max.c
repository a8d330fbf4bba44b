/* The best of several clauses, plus tie_breaker times the others. */
#include "scorer.h"

typedef struct dis_max {
    auk_scorer base;
    auk_scorer **children;
    uint32_t count;
    float tie_breaker;
} dis_max;

static auk_doc dis_max_seek(auk_scorer *scorer, auk_doc target)
{
    dis_max *self = (dis_max *)scorer;
    auk_doc least = AUK_DOC_END;
    for (uint32_t i = 0; i < self->count; i++) {
        auk_doc doc = auk_scorer_seek(self->children[i], target);
        if (doc < least)
            least = doc;
    }
    return scorer->doc = least;
}

static auk_doc dis_max_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : dis_max_seek(scorer, scorer->doc + 1);
}

static float combine(float best, double others, float tie_breaker)
{
    return (float)((double)best + others * (double)tie_breaker);
}

static float dis_max_score(auk_scorer *scorer)
{
    dis_max *self = (dis_max *)scorer;
    float best = 0;
    double others = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->children[i]->doc != scorer->doc)
            continue;
        float score = auk_scorer_score(self->children[i]);
        if (score >= best) {
            others += (double)best;
            best = score;
        } else {
            others += (double)score;
        }
    }
    return combine(best, others, self->tie_breaker);
}

static float dis_max_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    dis_max *self = (dis_max *)scorer;
    float best = 0;
    double sum = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        float bound = auk_scorer_bound(self->children[i], from, limit);
        sum += (double)bound;
        best = bound > best ? bound : best;
    }
    return combine(best, sum - (double)best, self->tie_breaker) * 1.000001f;
}

static auk_code dis_max_status(const auk_scorer *scorer)
{
    const dis_max *self = (const dis_max *)scorer;
    return auk_scorer_status_all(self->children, self->count);
}

static const auk_scorer_class dis_max_class = {
    .name = "best of several",
    .next = dis_max_next,
    .seek = dis_max_seek,
    .score = dis_max_score,
    .bound = dis_max_bound,
    .status = dis_max_status,
};

auk_scorer *auk_scorer_dis_max(auk_scorer **children, uint32_t count, float tie_breaker,
                               auk_arena *arena)
{
    if (count == 1)
        return children[0];
    dis_max *self = AUK_ARENA_NEW(arena, dis_max);
    self->base.class = &dis_max_class;
    self->children = children;
    self->count = count;
    self->tie_breaker = tie_breaker;
    double sum = 0;
    float best = 0;
    for (uint32_t i = 0; i < count; i++) {
        self->base.cost += children[i]->cost;
        sum += (double)children[i]->max_score;
        best = children[i]->max_score > best ? children[i]->max_score : best;
    }
    self->base.max_score = combine(best, sum - (double)best, tie_breaker) * 1.000001f;
    dis_max_seek(&self->base, 0);
    return self->base.doc == AUK_DOC_END ? NULL : &self->base;
}

/* The best documents of one term, as its list keeps them (auk_term_leaders). */
#include "score_kernels.h"
#include "scorer.h"

typedef struct leaders_scorer {
    auk_scorer base;
    auk_leaders leaders;
    uint32_t wanted; /* deleted ones among them */
    float weight;
    const float *inverse;
    auk_code status;
} leaders_scorer;

/* The least score of the best pairs that hold `wanted` documents together; 0: they hold fewer.
 * Pairs fall by score already where the average length is the one that they were written under. */
static float least_wanted(const leaders_scorer *self, const float *scores)
{
    const auk_leaders *leaders = &self->leaders;
    uint8_t order[AUK_LEADERS_PAIRS];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < leaders->pair_count; i++) {
        uint32_t at = i;
        for (; at > 0 && scores[order[at - 1]] < scores[i]; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)i;
    }
    for (uint32_t i = 0; i < leaders->pair_count; i++) {
        sum += leaders->counts[order[i]];
        if (sum >= self->wanted)
            return scores[order[i]];
    }
    return 0;
}

/* All at once. */
static uint32_t leaders_fill_best(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    leaders_scorer *self = (leaders_scorer *)scorer;
    const auk_leaders *leaders = &self->leaders;
    float pair_scores[AUK_LEADERS_PAIRS];
    auk_doc found[AUK_LEADERS_ROOM];
    uint32_t pairs = leaders->pair_count, kept = 0;
    if (scorer->doc == AUK_DOC_END)
        return 0;
    scorer->doc = AUK_DOC_END;
    for (uint32_t i = 0; i < pairs; i++)
        pair_scores[i] = self->inverse[leaders->norms[i]];
    auk_score_kernels_best()->score(self->weight, leaders->freqs, pair_scores, pairs);
    float least = least_wanted(self, pair_scores);
    floor = floor > least ? floor : least;
    while (pairs > 0 && pair_scores[pairs - 1] < floor)
        pairs--;
    if (pairs > 0 && auk_leaders_docs(leaders, pairs, found) == 0)
        self->status = AUK_CORRUPT;
    if (self->status != AUK_OK)
        return 0;
    for (uint32_t i = 0, at = 0; i < pairs; at += leaders->counts[i++])
        for (uint32_t j = 0; j < leaders->counts[i] && pair_scores[i] >= floor; j++) {
            docs[kept] = found[at + j];
            scores[kept++] = pair_scores[i];
        }
    auk_scores_computed += kept;
    return kept;
}

static auk_code leaders_status(const auk_scorer *scorer)
{
    return ((const leaders_scorer *)scorer)->status;
}

static const auk_scorer_class leaders_class = {
    .name = "best documents of a term",
    .fill_best = leaders_fill_best,
    .status = leaders_status,
};

/* Of leaders that were deleted; UINT32_MAX: they are damaged. */
static uint32_t count_dead(const auk_leaders *leaders, const uint64_t *live)
{
    auk_doc docs[AUK_LEADERS_ROOM];
    uint32_t dead = 0, count = auk_leaders_docs(leaders, leaders->pair_count, docs);
    for (uint32_t i = 0; i < count; i++)
        dead += (uint32_t)(~live[docs[i] / 64] >> (docs[i] % 64) & 1);
    return count > 0 ? dead : UINT32_MAX;
}

/* Scores of very small or very great weights are not spaced as leaders assume. */
static bool is_plain(float weight)
{
    return weight > 1e-30f && weight < 1e30f;
}

auk_code auk_scorer_leaders(const auk_term *term, const auk_segment_view *view,
                            const auk_bm25_field *field, float weight, uint32_t best,
                            auk_arena *arena, auk_scorer **out, auk_error *err)
{
    *out = NULL;
    if (!is_plain(weight) || best > UINT8_MAX || term->doc_freq < AUK_BLOCK_DOCS)
        return AUK_OK;
    leaders_scorer *self = auk_arena_alloc(arena, sizeof *self);
    bool found;
    auk_code code =
        auk_term_leaders(term, (double)field->average_length, &self->leaders, &found, err);
    if (code != AUK_OK || !found)
        return code;
    uint32_t dead = view->live ? count_dead(&self->leaders, view->live) : 0;
    if (dead == UINT32_MAX)
        return auk_fail(err, AUK_CORRUPT, "posting list broken: its best documents are none");
    if (best + dead > self->leaders.k)
        return AUK_OK;
    self->base = (auk_scorer){.class = &leaders_class,
                              .vague = true,
                              .cost = self->leaders.doc_count,
                              .max_score = weight};
    self->wanted = best + dead;
    self->weight = weight;
    self->inverse = field->inverse;
    self->status = AUK_OK;
    *out = &self->base;
    return AUK_OK;
}

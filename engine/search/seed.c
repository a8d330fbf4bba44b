#include "seed.h"

#include <string.h>

#include "auk/select.h"
#include "scorer.h"

static float weight_of(const auk_plan *plan, const auk_run_unit *unit)
{
    const auk_statistics *statistics = unit->shard->statistics;
    uint32_t slot = plan->u.term.slot;
    return plan->boost *
           auk_bm25_idf(statistics->doc_freqs[slot], statistics->fields[slot]->doc_count);
}

static float of_term(const auk_plan *plan, const auk_run_unit *unit, uint32_t k)
{
    const auk_term *term = auk_run_unit_term(unit, plan);
    float share = term != NULL ? auk_term_reached(term, k) : 0;
    if (term == NULL || share <= 0)
        return 0;
    const auk_bm25_field *field = unit->shard->statistics->fields[plan->u.term.slot];
    return weight_of(plan, unit) * share *
           auk_bm25_reached_scale(field, auk_terms_written_average(term->terms));
}

static float of_any(const auk_plan_list *list, const auk_run_unit *unit, uint32_t k)
{
    float most = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        float floor = auk_seed_floor(list->items[i], unit, k, NULL);
        most = floor > most ? floor : most;
    }
    return most;
}

/* ---- intersections ---- */

/* Fewer documents of the rarest term are looked at as soon as its best ones. */
#define LONG   4096u
#define LOOKED 64u

typedef struct required_terms {
    const auk_term *rarest;
    uint32_t slot; /* of it */
    float weight;
    double others; /* that all others can add */
    double share;  /* of the documents that have all others, if words do not mind each other */
} required_terms;

/* False: there is more to it than terms. */
static bool find_rarest(const auk_plan_list *must, const auk_run_unit *unit, required_terms *out)
{
    double docs = (double)auk_segment_doc_count(unit->view->segment), share = 1, weights = 0;
    *out = (required_terms){.rarest = NULL};
    for (uint32_t i = 0; i < must->count; i++) {
        const auk_plan *item = must->items[i];
        const auk_term *term = auk_run_unit_term(unit, item);
        if (!term)
            return false;
        float weight = weight_of(item, unit);
        weights += (double)weight;
        share *= (double)term->doc_freq / docs;
        if (!out->rarest || term->doc_freq < out->rarest->doc_freq) {
            out->rarest = term;
            out->slot = item->u.term.slot;
            out->weight = weight;
        }
    }
    out->others = weights - (double)out->weight;
    out->share = share / ((double)out->rarest->doc_freq / docs);
    return true;
}

/* Adds what the other terms give to the candidates, the best documents of the rarest one. */
static bool look_up(const auk_plan_list *must, const auk_run_unit *unit, uint32_t rarest,
                    auk_candidates *candidates, auk_arena *arena)
{
    auk_trial trial = {.limit = AUK_DOC_END, .required = true};
    for (uint32_t i = 0; i < must->count; i++) {
        const auk_plan *item = must->items[i];
        uint32_t slot = item->u.term.slot;
        auk_scorer *scorer;
        if (slot == rarest)
            continue;
        if (auk_scorer_term(auk_statistics_term(unit->shard->statistics, unit->segment, slot),
                            unit->view, unit->shard->statistics->fields[slot], item->number,
                            weight_of(item, unit), true, arena, &scorer, NULL) != AUK_OK)
            return false;
        if (candidates->count > 0)
            auk_scorer_add(scorer, candidates, &trial);
        if (auk_scorer_status(scorer) != AUK_OK)
            return false;
    }
    return true;
}

static uint64_t code_of(uint32_t high, float score)
{
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return (uint64_t)high << 32 | bits;
}

static float score_of(uint32_t bits)
{
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* The rarest term's best documents, ascending. */
static uint32_t take_leaders(const required_terms *terms, const auk_run_unit *unit, uint32_t wanted,
                             auk_doc *docs, double *sums, auk_arena *arena)
{
    const auk_bm25_field *field = unit->shard->statistics->fields[terms->slot];
    float scores[AUK_LEADERS_ROOM];
    uint64_t codes[AUK_LEADERS_ROOM], spare[AUK_LEADERS_ROOM];
    auk_scorer *leaders = NULL;
    if (auk_scorer_leaders(terms->rarest, unit->view, field, terms->weight, wanted, arena, &leaders,
                           NULL) != AUK_OK ||
        !leaders)
        return 0;
    uint32_t count = leaders->class->fill_best(leaders, 0, docs, scores);
    for (uint32_t i = 0; i < count; i++)
        codes[i] = code_of(~docs[i], scores[i]);
    if (count > 1)
        auk_sort_falling(codes, count, spare);
    for (uint32_t i = 0; i < count; i++) {
        docs[i] = ~(auk_doc)(codes[i] >> 32);
        sums[i] = (double)score_of((uint32_t)codes[i]);
    }
    return count;
}

static float of_intersection(const auk_plan_list *must, const auk_run_unit *unit, uint32_t k,
                             auk_arena *arena)
{
    required_terms terms;
    auk_doc docs[AUK_LEADERS_ROOM];
    double sums[AUK_LEADERS_ROOM];
    uint64_t codes[AUK_LEADERS_ROOM];
    if (!find_rarest(must, unit, &terms) || terms.rarest->doc_freq < LONG ||
        (double)terms.weight < terms.others)
        return 0;
    double wanted = ((double)k + 4) * 1.25 / terms.share;
    if (wanted > LOOKED)
        return 0;
    auk_candidates candidates = {docs, sums, NULL, 0};
    candidates.count = take_leaders(&terms, unit, (uint32_t)wanted, docs, sums, arena);
    if (candidates.count < k || !look_up(must, unit, terms.slot, &candidates, arena) ||
        candidates.count < k)
        return 0;
    for (uint32_t i = 0; i < candidates.count; i++)
        codes[i] = code_of((uint32_t)code_of(0, (float)sums[i]), 0);
    float least = score_of((uint32_t)(auk_select_greatest(codes, candidates.count, k) >> 32));
    return least * 0.999999f; /* sums may have been rounded in another order */
}

static float of_boolean(const auk_plan *plan, const auk_run_unit *unit, uint32_t k,
                        auk_arena *arena)
{
    const auk_plan_list *must = &plan->u.boolean.must;
    if (plan->u.boolean.filter.count > 0 || plan->u.boolean.must_not.count > 0)
        return 0;
    if (must->count == 0)
        return plan->u.boolean.minimum <= 1 ? of_any(&plan->u.boolean.should, unit, k) : 0;
    if (must->count == 1 && plan->u.boolean.minimum == 0)
        return auk_seed_floor(must->items[0], unit, k, NULL);
    return arena && plan->u.boolean.minimum == 0 ? of_intersection(must, unit, k, arena) : 0;
}

float auk_seed_floor(const auk_plan *plan, const auk_run_unit *unit, uint32_t k, auk_arena *arena)
{
    if (unit->view->live || !unit->shard->statistics)
        return 0;
    switch (plan->kind) {
    case AUK_PLAN_TERM:
        return of_term(plan, unit, k);
    case AUK_PLAN_BOOLEAN:
        return of_boolean(plan, unit, k, arena);
    case AUK_PLAN_DIS_MAX:
        return of_any(&plan->u.dis_max.list, unit, k);
    default:
        return 0;
    }
}

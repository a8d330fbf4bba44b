#include "seed.h"

static float of_term(const auk_plan *plan, const auk_run_unit *unit, uint32_t k)
{
    const auk_statistics *statistics = unit->shard->statistics;
    uint32_t slot = plan->u.term.slot;
    const auk_term *term = auk_statistics_term(statistics, unit->segment, slot);
    float share = term != NULL ? auk_term_reached(term, k) : 0;
    if (term == NULL || share <= 0)
        return 0;
    const auk_bm25_field *field = statistics->fields[slot];
    float weight = plan->boost * auk_bm25_idf(statistics->doc_freqs[slot], field->doc_count);
    return weight * share * auk_bm25_reached_scale(field, auk_terms_written_average(term->terms));
}

static float of_any(const auk_plan_list *list, const auk_run_unit *unit, uint32_t k)
{
    float most = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        float floor = auk_seed_floor(list->items[i], unit, k);
        most = floor > most ? floor : most;
    }
    return most;
}

static float of_boolean(const auk_plan *plan, const auk_run_unit *unit, uint32_t k)
{
    const auk_plan_list *must = &plan->u.boolean.must;
    if (plan->u.boolean.filter.count > 0 || plan->u.boolean.must_not.count > 0)
        return 0;
    if (must->count == 0)
        return plan->u.boolean.minimum <= 1 ? of_any(&plan->u.boolean.should, unit, k) : 0;
    bool alone = must->count == 1 && plan->u.boolean.minimum == 0;
    return alone ? auk_seed_floor(must->items[0], unit, k) : 0;
}

float auk_seed_floor(const auk_plan *plan, const auk_run_unit *unit, uint32_t k)
{
    if (unit->view->live || !unit->shard->statistics)
        return 0;
    switch (plan->kind) {
    case AUK_PLAN_TERM:
        return of_term(plan, unit, k);
    case AUK_PLAN_BOOLEAN:
        return of_boolean(plan, unit, k);
    case AUK_PLAN_DIS_MAX:
        return of_any(&plan->u.dis_max.list, unit, k);
    default:
        return 0;
    }
}

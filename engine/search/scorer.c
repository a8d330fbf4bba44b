/* From plan to scorers, and what all classes share. */
#include "scorer.h"
#include "score_kernels.h"

#include <math.h>

/* ---- shared ---- */

_Thread_local uint64_t auk_scores_computed __attribute__((tls_model("initial-exec")));

static uint32_t fill_by_steps(auk_scorer *scorer, auk_doc limit, auk_doc *docs, float *scores)
{
    uint32_t count = 0;
    for (auk_doc doc = scorer->doc; doc < limit; doc = scorer->class->next(scorer)) {
        docs[count] = doc;
        if (scores)
            scores[count] = scorer->class->score(scorer);
        count++;
    }
    return count;
}

uint32_t auk_scorer_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                         float *scores)
{
    if (scorer->class->fill)
        return scorer->class->fill(scorer, limit, floor, docs, scores);
    return fill_by_steps(scorer, limit, docs, scores);
}

uint32_t auk_scorer_find(const auk_doc *docs, uint32_t from, uint32_t count, auk_doc limit)
{
    if (count > from && docs[count - 1] < limit)
        return count;
    for (uint32_t high = count; from < high;) {
        uint32_t middle = from + (high - from) / 2;
        if (docs[middle] < limit)
            from = middle + 1;
        else
            high = middle;
    }
    return from;
}

uint32_t auk_scorer_keep_above(float floor, auk_doc *docs, float *scores, uint32_t count)
{
    return auk_score_kernels_best()->keep_above(floor, docs, scores, count);
}

static void mark_window(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    if (scorer->class->mark) {
        scorer->class->mark(scorer, base, limit, bits);
        return;
    }
    auk_doc docs[AUK_WINDOW];
    uint32_t count = auk_scorer_fill(scorer, limit, 0, docs, NULL);
    for (uint32_t i = 0; i < count; i++)
        bits[(docs[i] - base) / 64] |= UINT64_C(1) << (docs[i] % 64);
}

void auk_scorer_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    if (scorer->doc < base)
        auk_scorer_seek(scorer, base);
    if (scorer->class->marks_far && scorer->doc < limit) {
        scorer->class->mark(scorer, base, limit, bits);
        return;
    }
    while (scorer->doc < limit) {
        auk_doc from = scorer->doc - scorer->doc % AUK_WINDOW;
        auk_doc to = limit - from > AUK_WINDOW ? from + AUK_WINDOW : limit;
        mark_window(scorer, from, to, bits + (from - base) / 64);
    }
}

void auk_scorer_add_each(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial)
{
    double least = auk_trial_least(trial), alone = auk_trial_least_alone(trial);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        if (candidates->sums[i] < least)
            continue;
        bool matches = auk_scorer_matches(scorer, candidates->docs[i]);
        if (matches)
            candidates->sums[i] += (double)auk_scorer_score(scorer);
        auk_candidates_move(candidates, kept, i);
        kept += matches || candidates->sums[kept] >= alone;
    }
    candidates->count = kept;
}

void auk_scorer_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial)
{
    if (scorer->class->add)
        scorer->class->add(scorer, candidates, trial);
    else
        auk_scorer_add_each(scorer, candidates, trial);
}

uint32_t auk_scorer_retain(auk_scorer *scorer, auk_doc *docs, float *scores, uint32_t count,
                           bool matching)
{
    if (scorer->class->retain)
        return scorer->class->retain(scorer, docs, scores, count, matching);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool keep = auk_scorer_matches(scorer, docs[i]) == matching;
        docs[kept] = docs[i];
        if (scores)
            scores[kept] = scores[i];
        kept += keep;
    }
    return kept;
}

uint32_t auk_scorer_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    if (scorer->class->batch)
        return scorer->class->batch(scorer, floor, docs, scores);
    return auk_scorer_batch_windows(scorer, floor, docs, scores);
}

uint32_t auk_scorer_sieve(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    if (floor > 0 && scorer->class->sieve)
        return scorer->class->sieve(scorer, floor, docs, scores);
    uint32_t count = auk_scorer_batch(scorer, 0, docs, scores);
    return floor > 0 ? auk_scorer_keep_above(floor, docs, scores, count) : count;
}

uint32_t auk_scorer_batch_windows(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    while (scorer->doc != AUK_DOC_END) {
        auk_doc limit = scorer->doc - scorer->doc % AUK_WINDOW + AUK_WINDOW;
        uint32_t count = auk_scorer_fill(scorer, limit, floor, docs, scores);
        if (count > 0)
            return count;
    }
    return 0;
}

/* Is it cheaper to look count documents up than to mark all of the window? A long list's blocks are
 * bitsets, which cost next to nothing to mark; the others' documents are marked one by one. */
static bool asks(const auk_scorer *scorer, uint32_t count, uint64_t cost)
{
    enum { FEW = 24, DENSE = 384, MANY_MORE = 5 };
    if (scorer->class->marks_blocks)
        return count < AUK_WINDOW / 32;
    if (scorer->class->confirm || !scorer->class->mark)
        return true;
    double share = (double)count * (double)scorer->cost / (double)(cost ? cost : 1);
    return share >= DENSE ? count < FEW : share > (double)count * MANY_MORE;
}

static void retain_marked(auk_scorer *scorer, auk_doc base, bool matching, uint64_t *marks)
{
    auk_doc docs[AUK_WINDOW];
    uint32_t count = 0;
    for (uint32_t word = 0; word < AUK_WINDOW_WORDS; word++) {
        for (uint64_t left = marks[word]; left; left &= left - 1)
            docs[count++] = base + word * 64 + (auk_doc)__builtin_ctzll(left);
        marks[word] = 0;
    }
    count = auk_scorer_retain(scorer, docs, NULL, count, matching);
    for (uint32_t i = 0; i < count; i++)
        marks[(docs[i] - base) / 64] |= UINT64_C(1) << (docs[i] % 64);
}

void auk_scorer_sift(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t cost, bool matching,
                     uint64_t *marks)
{
    uint32_t count = auk_score_kernels_best()->count_bits(marks, NULL, AUK_WINDOW_WORDS);
    if (count == 0)
        return;
    if (asks(scorer, count, cost)) {
        retain_marked(scorer, base, matching, marks);
        return;
    }
    uint64_t own[AUK_WINDOW_WORDS] = {0};
    auk_scorer_mark(scorer, base, limit, own);
    for (uint32_t i = 0; i < AUK_WINDOW_WORDS; i++)
        marks[i] &= matching ? own[i] : ~own[i];
}

auk_code auk_scorer_status(const auk_scorer *scorer)
{
    return scorer && scorer->class->status ? scorer->class->status(scorer) : AUK_OK;
}

auk_code auk_scorer_status_all(auk_scorer *const *scorers, uint32_t count)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        code = auk_scorer_status(scorers[i]);
    return code;
}

/* ---- terms ---- */

static auk_code open_term(const auk_plan *plan, const auk_scorer_context *context, auk_scorer **out,
                          auk_error *err)
{
    const auk_statistics *statistics = context->statistics;
    auk_term found_here;
    const auk_term *term = NULL;
    if (statistics) {
        term = auk_statistics_term(statistics, context->segment, plan->u.term.slot);
    } else {
        const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
        bool found = false;
        if (terms) {
            auk_code code = auk_terms_find(terms, plan->u.term.text, &found_here, &found, err);
            if (code != AUK_OK)
                return code;
        }
        term = found ? &found_here : NULL;
    }
    if (!term)
        return AUK_OK;
    const auk_bm25_field *field = NULL;
    float weight = 0;
    if (statistics && context->scores) {
        field = statistics->fields[plan->u.term.slot];
        weight =
            plan->boost * auk_bm25_idf(statistics->doc_freqs[plan->u.term.slot], field->doc_count);
    }
    if (field && context->best) {
        auk_code code = auk_scorer_leaders(term, context->view, field, weight, context->best,
                                           context->arena, out, err);
        if (code != AUK_OK || *out)
            return code;
    }
    return auk_scorer_term(term, context->view, field, plan->number, weight, context->vague,
                           context->arena, out, err);
}

/* ---- bool ---- */

typedef struct opened_list {
    auk_scorer **items;
    uint32_t count; /* of those that can match here */
    bool lacking;   /* some cannot */
} opened_list;

static auk_code open_list(const auk_plan_list *list, const auk_scorer_context *context,
                          opened_list *out, auk_error *err)
{
    *out = (opened_list){NULL, 0, false};
    if (list->count == 0)
        return AUK_OK;
    out->items = AUK_ARENA_ARRAY(context->arena, auk_scorer *, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        auk_scorer *scorer = NULL;
        auk_code code = auk_scorer_open(list->items[i], context, &scorer, err);
        if (code != AUK_OK)
            return code;
        if (scorer)
            out->items[out->count++] = scorer;
        else
            out->lacking = true;
    }
    return AUK_OK;
}

/* must and filter, and should where some of it is needed. */
static auk_scorer *open_required(const opened_list *must, const opened_list *filter,
                                 auk_scorer *optional, auk_arena *arena)
{
    uint32_t count = 0, scoring = 0;
    auk_scorer **all = AUK_ARENA_ARRAY(arena, auk_scorer *, must->count + filter->count + 1);
    auk_scorer **summed = AUK_ARENA_ARRAY(arena, auk_scorer *, must->count + 1);
    for (uint32_t i = 0; i < must->count; i++)
        all[count++] = summed[scoring++] = must->items[i];
    for (uint32_t i = 0; i < filter->count; i++)
        all[count++] = filter->items[i];
    if (optional)
        all[count++] = summed[scoring++] = optional;
    return auk_scorer_conjunction(all, count, summed, scoring, arena);
}

static auk_code open_boolean(const auk_plan *plan, const auk_scorer_context *context,
                             auk_scorer **out, auk_error *err)
{
    auk_scorer_context silent = *context;
    silent.scores = false;
    opened_list must, filter, should, must_not;
    auk_code code = open_list(&plan->u.boolean.must, context, &must, err);
    if (code != AUK_OK || must.lacking)
        return code;
    code = open_list(&plan->u.boolean.filter, &silent, &filter, err);
    if (code != AUK_OK || filter.lacking)
        return code;
    bool required = must.count + filter.count > 0;
    uint32_t minimum = plan->u.boolean.minimum;
    code = open_list(&plan->u.boolean.should, context, &should, err);
    if (code != AUK_OK || should.count < minimum || (!required && should.count == 0))
        return code;
    code = open_list(&plan->u.boolean.must_not, &silent, &must_not, err);
    if (code != AUK_OK)
        return code;

    auk_arena *arena = context->arena;
    auk_scorer *optional = NULL, *scorer = NULL;
    if (should.count && (minimum > 0 || !required || context->scores))
        optional = auk_scorer_disjunction(should.items, should.count, minimum ? minimum : 1,
                                          context->scores, arena);
    if (minimum > 0 && !optional)
        return AUK_OK; /* no document has enough of them */
    if (!required)
        scorer = optional;
    else if (minimum > 0)
        scorer = open_required(&must, &filter, optional, arena);
    else
        scorer = auk_scorer_optional(open_required(&must, &filter, NULL, arena), optional,
                                     should.items, should.count, arena);
    if (scorer && must_not.count)
        scorer = auk_scorer_exclusion(
            scorer, auk_scorer_disjunction(must_not.items, must_not.count, 1, false, arena), arena);
    *out = scorer;
    return AUK_OK;
}

static auk_code open_dis_max(const auk_plan *plan, const auk_scorer_context *context,
                             auk_scorer **out, auk_error *err)
{
    opened_list list;
    auk_code code = open_list(&plan->u.dis_max.list, context, &list, err);
    if (code != AUK_OK || list.count == 0)
        return code;
    *out = context->scores
               ? auk_scorer_dis_max(list.items, list.count, plan->u.dis_max.tie_breaker,
                                    context->arena)
               : auk_scorer_disjunction(list.items, list.count, 1, false, context->arena);
    return AUK_OK;
}

static auk_code open_constant(const auk_plan *plan, const auk_scorer_context *context,
                              auk_scorer **out, auk_error *err)
{
    auk_scorer_context silent = *context;
    silent.scores = false;
    auk_scorer *child = NULL;
    auk_code code = auk_scorer_open(plan->u.constant.child, &silent, &child, err);
    if (code == AUK_OK && child)
        *out = context->scores ? auk_scorer_constant(child, plan->boost, context->arena) : child;
    return code;
}

auk_code auk_scorer_open(const auk_plan *plan, const auk_scorer_context *context, auk_scorer **out,
                         auk_error *err)
{
    uint32_t doc_count = auk_segment_doc_count(context->view->segment);
    *out = NULL;
    if (doc_count == 0)
        return AUK_OK;
    switch (plan->kind) {
    case AUK_PLAN_NONE:
        return AUK_OK;
    case AUK_PLAN_ALL:
        *out = auk_scorer_all(doc_count, plan->boost, context->arena);
        return AUK_OK;
    case AUK_PLAN_TERM:
        return open_term(plan, context, out, err);
    case AUK_PLAN_SYNONYM:
        return auk_scorer_synonym(plan, context, out, err);
    case AUK_PLAN_PHRASE:
        return auk_scorer_phrase(plan, context, out, err);
    case AUK_PLAN_BOOLEAN:
        return open_boolean(plan, context, out, err);
    case AUK_PLAN_DIS_MAX:
        return open_dis_max(plan, context, out, err);
    case AUK_PLAN_CONSTANT:
        return open_constant(plan, context, out, err);
    case AUK_PLAN_TERMS:
    case AUK_PLAN_PREFIX:
    case AUK_PLAN_WILDCARD:
    case AUK_PLAN_REGEXP:
    case AUK_PLAN_RANGE:
    case AUK_PLAN_IDS:
        return auk_scorer_expand(plan, context, out, err);
    }
    return AUK_OK;
}

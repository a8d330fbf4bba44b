/* Several terms as one: documents of any of them, scored by the sum of their frequencies. */
#include "scorer.h"

#define WORDS (AUK_WINDOW / 64)

typedef struct synonym_window {
    uint32_t freqs[AUK_WINDOW];
    uint64_t seen[WORDS];
} synonym_window;

typedef struct synonym_scorer {
    auk_scorer base;
    auk_postings **lists;
    uint32_t count;
    float weight;
    const float *inverse;
    const uint8_t *norms; /* NULL: the field keeps none */
    auk_arena *arena;
    synonym_window *window; /* made at the first fill */
} synonym_scorer;

static auk_doc least_doc(const synonym_scorer *self)
{
    auk_doc least = AUK_DOC_END;
    for (uint32_t i = 0; i < self->count; i++) {
        auk_doc doc = auk_postings_doc(self->lists[i]);
        least = doc < least ? doc : least;
    }
    return least;
}

static auk_doc synonym_seek(auk_scorer *scorer, auk_doc target)
{
    synonym_scorer *self = (synonym_scorer *)scorer;
    for (uint32_t i = 0; i < self->count; i++)
        if (auk_postings_doc(self->lists[i]) < target)
            auk_postings_seek(self->lists[i], target);
    return scorer->doc = least_doc(self);
}

static auk_doc synonym_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : synonym_seek(scorer, scorer->doc + 1);
}

float auk_scorer_synonym_freq(const auk_scorer *scorer)
{
    const synonym_scorer *self = (const synonym_scorer *)scorer;
    float freq = 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (auk_postings_doc(self->lists[i]) == scorer->doc)
            freq += (float)auk_postings_freq(self->lists[i]);
    return freq;
}

static float score_of(const synonym_scorer *self, auk_doc doc, float freq)
{
    uint8_t norm = self->norms ? self->norms[doc] : AUK_BM25_NORM_ABSENT;
    auk_scores_computed++;
    return auk_bm25_score(self->weight, freq, self->inverse[norm]);
}

static float synonym_score(auk_scorer *scorer)
{
    return score_of((const synonym_scorer *)scorer, scorer->doc, auk_scorer_synonym_freq(scorer));
}

/* ---- windows ---- */

/* Every document of the list below limit, into the table. */
static void pour(synonym_window *w, auk_postings *list, auk_doc base, auk_doc limit)
{
    for (auk_doc doc = auk_postings_doc(list); doc < limit; doc = auk_postings_next(list)) {
        uint32_t slot = doc - base;
        w->freqs[slot] += auk_postings_freq(list);
        w->seen[slot / 64] |= UINT64_C(1) << (slot % 64);
    }
}

static uint32_t synonym_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                             float *scores)
{
    synonym_scorer *self = (synonym_scorer *)scorer;
    (void)floor;
    if (!self->window)
        self->window = AUK_ARENA_NEW(self->arena, synonym_window);
    synonym_window *w = self->window;
    auk_doc base = scorer->doc / AUK_WINDOW * AUK_WINDOW;
    uint32_t taken = 0;
    if (scorer->doc >= limit)
        return 0;
    for (uint32_t i = 0; i < self->count; i++)
        pour(w, self->lists[i], base, limit);
    for (uint32_t word = 0; word < WORDS; word++) {
        for (uint64_t bits = w->seen[word]; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            docs[taken] = base + slot;
            if (scores)
                scores[taken] = score_of(self, base + slot, (float)w->freqs[slot]);
            w->freqs[slot] = 0;
            taken++;
        }
        w->seen[word] = 0;
    }
    scorer->doc = least_doc(self);
    return taken;
}

static auk_code synonym_status(const auk_scorer *scorer)
{
    const synonym_scorer *self = (const synonym_scorer *)scorer;
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < self->count && code == AUK_OK; i++)
        code = auk_postings_status(self->lists[i]);
    return code;
}

static const auk_scorer_class synonym_class = {
    .name = "synonyms",
    .next = synonym_next,
    .seek = synonym_seek,
    .score = synonym_score,
    .fill = synonym_fill,
    .status = synonym_status,
};

/* ---- opening ---- */

static auk_code find_term(const auk_plan *plan, uint32_t index, const auk_scorer_context *context,
                          auk_term *out, bool *found, auk_error *err)
{
    const auk_plan_term *term = &plan->u.synonym.terms[index];
    const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
    *found = false;
    if (!context->statistics)
        return terms ? auk_terms_find(terms, term->text, out, found, err) : AUK_OK;
    const auk_term *known = auk_statistics_term(context->statistics, context->segment, term->slot);
    *found = known != NULL;
    if (known)
        *out = *known;
    return AUK_OK;
}

/* Which documents, and nothing about scores. */
static auk_code open_silent(const auk_plan *plan, const auk_scorer_context *context,
                            auk_scorer **out, auk_error *err)
{
    auk_scorer **children =
        AUK_ARENA_ARRAY(context->arena, auk_scorer *, plan->u.synonym.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->u.synonym.count; i++) {
        auk_term term;
        bool found;
        auk_scorer *child = NULL;
        auk_code code = find_term(plan, i, context, &term, &found, err);
        if (code == AUK_OK && found)
            code = auk_scorer_term(&term, context->view, NULL, plan->number, 0, false,
                                   context->arena, &child, err);
        if (code != AUK_OK)
            return code;
        if (child)
            children[count++] = child;
    }
    *out = count ? auk_scorer_disjunction(children, count, 1, false, context->arena) : NULL;
    return AUK_OK;
}

static void set_weight(synonym_scorer *self, const auk_plan *plan,
                       const auk_scorer_context *context)
{
    const auk_statistics *statistics = context->statistics;
    const auk_bm25_field *field = statistics->fields[plan->u.synonym.terms[0].slot];
    self->inverse = field->inverse;
    self->norms = auk_segment_norms(context->view->segment, plan->number);
    self->weight = plan->boost * auk_bm25_idf(auk_statistics_synonym_doc_freq(statistics, plan),
                                              field->doc_count);
    self->base.max_score = self->weight;
}

auk_code auk_scorer_synonym(const auk_plan *plan, const auk_scorer_context *context,
                            auk_scorer **out, auk_error *err)
{
    *out = NULL;
    if (!context->scores || !context->statistics)
        return open_silent(plan, context, out, err);
    synonym_scorer *self = AUK_ARENA_NEW(context->arena, synonym_scorer);
    self->base.class = &synonym_class;
    self->arena = context->arena;
    self->lists = AUK_ARENA_ARRAY(context->arena, auk_postings *, plan->u.synonym.count + 1);
    for (uint32_t i = 0; i < plan->u.synonym.count; i++) {
        auk_term term;
        bool found;
        auk_code code = find_term(plan, i, context, &term, &found, err);
        if (code == AUK_OK && found)
            code = auk_postings_open(&term, AUK_WANT_FREQS, context->arena,
                                     &self->lists[self->count], err);
        if (code != AUK_OK)
            return code;
        if (!found)
            continue;
        auk_postings_next(self->lists[self->count++]);
        self->base.cost += term.doc_freq;
    }
    set_weight(self, plan, context);
    self->base.doc = least_doc(self);
    auk_code code = synonym_status(&self->base);
    if (code != AUK_OK)
        return auk_fail(err, code, "a posting list is damaged");
    *out = self->base.doc == AUK_DOC_END ? NULL : &self->base;
    return AUK_OK;
}

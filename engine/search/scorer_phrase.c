/* Words in a row: documents that hold all of them, then positions. */
#include <stdlib.h>

#include "scorer.h"

typedef struct phrase_word {
    auk_postings *postings;
    uint32_t offset; /* of the word in the phrase */
    uint32_t cost;
    const uint32_t *positions; /* of the document in hand */
    uint32_t count, at;
} phrase_word;

typedef struct phrase {
    auk_scorer base;
    phrase_word *words; /* rarest first */
    uint32_t word_count;
    uint32_t freq; /* of the document, once it is confirmed */
    float weight;
    const float *inverse; /* NULL: no scores */
    const uint8_t *norms;
} phrase;

/* The first document >= doc that holds every word. */
static auk_doc agree(phrase *self, auk_doc doc)
{
    uint32_t agreed = 1;
    while (doc != AUK_DOC_END && agreed < self->word_count) {
        auk_doc other = auk_postings_seek(self->words[agreed].postings, doc);
        if (other == doc) {
            agreed++;
        } else {
            doc = other == AUK_DOC_END ? other : auk_postings_seek(self->words[0].postings, other);
            agreed = 1;
        }
    }
    return doc;
}

static auk_doc phrase_approach(auk_scorer *scorer, auk_doc target)
{
    phrase *self = (phrase *)scorer;
    return scorer->doc = agree(self, auk_postings_seek(self->words[0].postings, target));
}

/* Moves the word to its first position >= target; false: it has none. */
static bool reach(phrase_word *word, uint64_t target)
{
    while (word->at < word->count && word->positions[word->at] < target)
        word->at++;
    return word->at < word->count;
}

/* How often the words stand in a row: the rarest word of the phrase offers starts. */
static uint32_t count_rows(phrase *self, bool first_only)
{
    phrase_word *lead = &self->words[0];
    uint32_t found = 0;
    for (uint32_t i = 0; i < lead->count; i++) {
        if (lead->positions[i] < lead->offset)
            continue;
        uint64_t start = (uint64_t)lead->positions[i] - lead->offset;
        bool fits = true;
        for (uint32_t w = 1; w < self->word_count && fits; w++) {
            phrase_word *word = &self->words[w];
            if (!reach(word, start + word->offset))
                return found;
            fits = word->positions[word->at] == start + word->offset;
        }
        found += fits;
        if (fits && first_only)
            break;
    }
    return found;
}

static bool phrase_confirm(auk_scorer *scorer)
{
    phrase *self = (phrase *)scorer;
    for (uint32_t w = 0; w < self->word_count; w++) {
        phrase_word *word = &self->words[w];
        word->positions = auk_postings_positions(word->postings);
        word->count = auk_postings_freq(word->postings);
        word->at = 0;
        if (!word->positions)
            return false;
    }
    self->freq = count_rows(self, !self->inverse);
    return self->freq > 0;
}

static auk_doc phrase_seek(auk_scorer *scorer, auk_doc target)
{
    auk_doc doc = phrase_approach(scorer, target);
    while (doc != AUK_DOC_END && !phrase_confirm(scorer))
        doc = phrase_approach(scorer, doc + 1);
    return doc;
}

static auk_doc phrase_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : phrase_seek(scorer, scorer->doc + 1);
}

static float phrase_score(auk_scorer *scorer)
{
    phrase *self = (phrase *)scorer;
    if (!self->inverse)
        return 0;
    uint8_t norm = self->norms ? self->norms[scorer->doc] : AUK_BM25_NORM_ABSENT;
    return auk_bm25_score(self->weight, (float)self->freq, self->inverse[norm]);
}

float auk_scorer_phrase_freq(const auk_scorer *scorer)
{
    return (float)((const phrase *)scorer)->freq;
}

static auk_code phrase_status(const auk_scorer *scorer)
{
    const phrase *self = (const phrase *)scorer;
    auk_code code = AUK_OK;
    for (uint32_t w = 0; w < self->word_count && code == AUK_OK; w++)
        code = auk_postings_status(self->words[w].postings);
    return code;
}

static const auk_scorer_class phrase_class = {
    .next = phrase_next,
    .seek = phrase_seek,
    .approach = phrase_approach,
    .confirm = phrase_confirm,
    .score = phrase_score,
    .status = phrase_status,
};

/* ---- opening ---- */

static int by_cost(const void *a, const void *b)
{
    const phrase_word *left = a, *right = b;
    return (left->cost > right->cost) - (left->cost < right->cost);
}

/* *found false: the segment lacks the word. */
static auk_code open_word(const auk_plan *plan, const auk_plan_term *term,
                          const auk_scorer_context *context, phrase_word *word, bool *found,
                          auk_error *err)
{
    auk_term here;
    const auk_term *at = NULL;
    if (context->statistics) {
        at = auk_statistics_term(context->statistics, context->segment, term->slot);
        *found = at != NULL;
    } else {
        const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
        *found = false;
        if (terms) {
            auk_code code = auk_terms_find(terms, term->text, &here, found, err);
            if (code != AUK_OK)
                return code;
        }
        at = &here;
    }
    if (!*found)
        return AUK_OK;
    word->offset = term->position - plan->u.phrase.terms[0].position;
    word->cost = at->doc_freq;
    return auk_postings_open(at, AUK_WANT_POSITIONS, context->arena, &word->postings, err);
}

static float phrase_weight(const auk_plan *plan, const auk_statistics *statistics)
{
    double idf = 0;
    for (uint32_t i = 0; i < plan->u.phrase.count; i++) {
        uint32_t slot = plan->u.phrase.terms[i].slot;
        idf +=
            (double)auk_bm25_idf(statistics->doc_freqs[slot], statistics->fields[slot]->doc_count);
    }
    return plan->boost * (float)idf;
}

auk_code auk_scorer_phrase(const auk_plan *plan, const auk_scorer_context *context,
                           auk_scorer **out, auk_error *err)
{
    phrase *self = AUK_ARENA_NEW(context->arena, phrase);
    *out = NULL;
    self->word_count = plan->u.phrase.count;
    self->words = AUK_ARENA_ARRAY(context->arena, phrase_word, self->word_count);
    for (uint32_t i = 0; i < self->word_count; i++) {
        bool found;
        auk_code code =
            open_word(plan, &plan->u.phrase.terms[i], context, &self->words[i], &found, err);
        if (code != AUK_OK || !found)
            return code;
    }
    qsort(self->words, self->word_count, sizeof *self->words, by_cost);
    self->base.class = &phrase_class;
    self->base.cost = self->words[0].cost;
    if (context->scores && context->statistics) {
        uint32_t slot = plan->u.phrase.terms[0].slot;
        self->inverse = context->statistics->fields[slot]->inverse;
        self->norms = auk_segment_norms(context->view->segment, plan->number);
        self->weight = phrase_weight(plan, context->statistics);
        self->base.max_score = self->weight;
    }
    phrase_seek(&self->base, 0);
    auk_code code = phrase_status(&self->base);
    if (code != AUK_OK)
        return auk_fail(err, code, "a posting list is damaged");
    *out = self->base.doc == AUK_DOC_END ? NULL : &self->base;
    return AUK_OK;
}

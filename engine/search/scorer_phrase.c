/* Words in a row: documents that hold all of them, then positions. */
#include <string.h>

#include "phrase_batch.h"
#include "score_kernels.h"

typedef struct phrase {
    auk_scorer base;
    auk_phrase_word *words; /* in the order of the phrase */
    auk_phrase_word **by_cost;
    uint32_t word_count;
    auk_sloppy *sloppy;      /* NULL: in a row */
    auk_phrase_batch *batch; /* NULL: document by document */
    auk_doc *found;          /* matches of the stretch that was taken last .. */
    uint32_t *found_freqs;
    uint32_t found_count, found_at;
    auk_doc behind; /* .. and the document behind it: what is in front of it is known */
    auk_arena *arena;
    float freq; /* of the document, once it is confirmed */
    float weight;
    const float *inverse; /* NULL: no scores */
    const uint8_t *norms;
    bool prunes;         /* a phrase in a row is never more frequent than its rarest word */
    float bound_scale;   /* of the words' bounds */
    float bound;         /* of every document up to bound_last, from the words' blocks there */
    auk_doc bound_last;  /* 0: not known yet */
    float lasting_floor; /* of everything that is still to come */
    float average;       /* length of a document */
    auk_phrase_floor least;
} phrase;

/* The first document >= doc that holds every word. */
static auk_doc agree(phrase *self, auk_doc doc)
{
    uint32_t agreed = 1;
    while (doc != AUK_DOC_END && agreed < self->word_count) {
        auk_doc other = auk_phrase_word_seek(self->by_cost[agreed], doc);
        if (other == doc) {
            agreed++;
        } else {
            doc = other == AUK_DOC_END ? other : auk_phrase_word_seek(self->by_cost[0], other);
            agreed = 1;
        }
    }
    return doc;
}

/* Of the stretch in hand: stands on its first match >= target; false: there is none. */
static bool use_found(phrase *self, auk_doc target)
{
    while (self->found_at < self->found_count && self->found[self->found_at] < target)
        self->found_at++;
    if (self->found_at == self->found_count)
        return false;
    self->freq = (float)self->found_freqs[self->found_at];
    self->base.doc = self->found[self->found_at];
    self->base.vague = false;
    return true;
}

static auk_doc phrase_approach(auk_scorer *scorer, auk_doc target)
{
    phrase *self = (phrase *)scorer;
    if (use_found(self, target))
        return scorer->doc;
    target = target < self->behind ? self->behind : target;
    scorer->vague = true; /* until it is confirmed: whoever fills next must not take it as it is */
    return scorer->doc = agree(self, auk_phrase_word_seek(self->by_cost[0], target));
}

/* The two rarest words first: mostly they are apart, and the others need not be read. */
static bool load_words(phrase *self)
{
    for (uint32_t w = 0; w < self->word_count; w++) {
        if (!auk_phrase_word_load(self->by_cost[w], self->arena))
            return false;
        if (w == 1 && !self->sloppy && !auk_phrase_pair_fits(self->by_cost[0], self->by_cost[1]))
            return false;
    }
    return true;
}

static bool phrase_confirm(auk_scorer *scorer)
{
    phrase *self = (phrase *)scorer;
    bool first_only = !self->inverse;
    if (self->found_at < self->found_count) /* the candidate is one of them */
        return true;
    if (!load_words(self))
        return false;
    self->freq = self->sloppy ? auk_sloppy_freq(self->sloppy, first_only)
                              : auk_phrase_exact_freq(self->words, self->word_count, first_only);
    scorer->vague = self->freq <= 0;
    return self->freq > 0;
}

static float score_of(const phrase *self, auk_doc doc, float freq)
{
    if (!self->inverse)
        return 0;
    uint8_t norm = self->norms ? self->norms[doc] : AUK_BM25_NORM_ABSENT;
    auk_scores_computed++;
    return auk_bm25_score(self->weight, freq, self->inverse[norm]);
}

static float phrase_score(auk_scorer *scorer)
{
    phrase *self = (phrase *)scorer;
    return score_of(self, scorer->doc, self->freq);
}

/* ---- windows ---- */

/* The bound of doc's surroundings: up to the end of the first block that ends. */
static float block_bound(phrase *self, auk_doc doc)
{
    if (self->bound_last >= doc && self->bound_last > 0)
        return self->bound;
    float share = 1.0f;
    self->bound_last = AUK_DOC_END;
    for (uint32_t w = 0; w < self->word_count; w++) {
        auk_doc last;
        float bound = auk_postings_bound(self->words[w].terms[0], doc, &last) * self->bound_scale;
        share = bound < share ? bound : share;
        self->bound_last = last < self->bound_last ? last : self->bound_last;
    }
    return self->bound = self->weight * share * AUK_BM25_BOUND_MARGIN;
}

/* What the document in hand can score, from how often it has its rarest word. */
static float doc_bound(phrase *self)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t w = 0; w < self->word_count; w++) {
        uint32_t freq = auk_postings_freq(self->words[w].terms[0]);
        least = freq < least ? freq : least;
    }
    uint8_t norm = self->norms ? self->norms[self->base.doc] : AUK_BM25_NORM_ABSENT;
    return auk_bm25_score(self->weight, (float)least, self->inverse[norm]);
}

/* Where to look next when the block of doc stays below floor; a floor of the window says nothing
 * behind it. */
static auk_doc behind_block(const phrase *self, auk_doc doc, auk_doc limit, float floor)
{
    auk_doc behind = self->bound_last == AUK_DOC_END ? AUK_DOC_END : self->bound_last + 1;
    return doc < limit && behind > limit && floor > self->lasting_floor ? limit : behind;
}

/* Can the candidate in hand not reach floor? */
static bool is_hopeless(phrase *self, float floor)
{
    return self->prunes && floor > 0 && doc_bound(self) < floor;
}

/* The end of what follows doc, whose block is worth a look, and is worth it as well: no further
 * than the block of the rarest word. */
static auk_doc hopeful_limit(phrase *self, auk_doc limit, float floor)
{
    auk_doc last = auk_postings_block_last(self->by_cost[0]->terms[0]);
    limit = last < limit ? last + 1 : limit;
    auk_doc behind = self->bound_last;
    while (behind < limit - 1 && block_bound(self, behind + 1) >= floor)
        behind = self->bound_last;
    return behind < limit ? behind + 1 : limit;
}

static const auk_phrase_floor *floor_of(phrase *self, float floor)
{
    auk_phrase_floor *least = &self->least;
    if (!self->prunes || floor == least->floor)
        return least;
    *least = (auk_phrase_floor){floor, self->weight, self->inverse, self->norms, {0}};
    if (floor > 0)
        auk_hopes_find(&least->hopes, floor, self->weight, self->average);
    return least;
}

/* Takes the next stretch; false: there is none, or the bytes are damaged. Documents below limit
 * must reach floor, those behind it only what lasts. */
static bool take_stretch(phrase *self, auk_doc target, auk_doc limit, float floor)
{
    auk_doc last;
    auk_doc doc =
        auk_phrase_word_seek(self->by_cost[0], target < self->behind ? self->behind : target);
    self->found_count = self->found_at = 0;
    if (doc == AUK_DOC_END)
        return false;
    if (doc >= limit)
        floor = self->lasting_floor;
    if (doc >= limit || floor <= self->lasting_floor)
        limit = AUK_DOC_END;
    if (self->prunes && floor > 0 && block_bound(self, doc) < floor) {
        self->behind = behind_block(self, doc, limit, floor);
        return self->behind != AUK_DOC_END;
    }
    if (self->prunes && floor > 0)
        limit = hopeful_limit(self, limit, floor);
    if (!auk_phrase_batch_take(self->batch, limit, floor_of(self, floor), &last, self->found,
                               self->found_freqs, &self->found_count))
        return false;
    self->behind = last + 1;
    return true;
}

/* The first match >= target that reaches floor, which counts below limit. */
static auk_doc find(phrase *self, auk_doc target, auk_doc limit, float floor)
{
    if (self->batch) {
        while (!use_found(self, target))
            if (!take_stretch(self, target, limit, floor)) {
                self->base.vague = false;
                return self->base.doc = AUK_DOC_END;
            }
        return self->base.doc;
    }
    auk_doc doc = phrase_approach(&self->base, target);
    while (doc != AUK_DOC_END) {
        float least = doc < limit ? floor : self->lasting_floor;
        auk_doc behind = doc + 1;
        if (self->prunes && least > 0 && block_bound(self, doc) < least)
            behind = behind_block(self, doc, limit, least);
        else if (!is_hopeless(self, least) && phrase_confirm(&self->base))
            return doc;
        doc = phrase_approach(&self->base, behind);
    }
    return doc;
}

static auk_doc phrase_seek(auk_scorer *scorer, auk_doc target)
{
    return find((phrase *)scorer, target, 0, 0);
}

static auk_doc phrase_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : phrase_seek(scorer, scorer->doc + 1);
}

/* Takes what is found below limit, from the document in hand on, which is; answers how many. */
static uint32_t take_found(phrase *self, auk_doc limit, auk_doc *docs, float *scores)
{
    const auk_doc *found = self->found + self->found_at;
    const uint32_t *freqs = self->found_freqs + self->found_at;
    uint32_t count = 0, most = self->found_count - self->found_at;
    for (; count < most && found[count] < limit; count++) {
        docs[count] = found[count];
        if (scores)
            scores[count] =
                self->inverse
                    ? self->inverse[self->norms ? self->norms[found[count]] : AUK_BM25_NORM_ABSENT]
                    : 0;
    }
    if (scores && self->inverse) {
        auk_score_kernels_best()->score(self->weight, freqs, scores, count);
        auk_scores_computed += count;
    }
    self->found_at += count - 1;
    return count;
}

static uint32_t phrase_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                            float *scores)
{
    phrase *self = (phrase *)scorer;
    uint32_t count = 0, taken;
    auk_doc doc = scorer->doc;
    if (scorer->vague && doc < limit)
        doc = find(self, doc, limit, floor);
    for (; doc < limit; doc = find(self, doc + 1, limit, floor), count += taken) {
        float *into = scores ? scores + count : NULL;
        taken = 1;
        if (self->found_at < self->found_count) {
            taken = take_found(self, limit, docs + count, into);
            doc = docs[count + taken - 1];
            continue;
        }
        docs[count] = doc;
        if (into)
            *into = phrase_score(scorer);
    }
    return count;
}

static void phrase_skip(auk_scorer *scorer, float floor)
{
    ((phrase *)scorer)->lasting_floor = floor;
}

static float phrase_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    phrase *self = (phrase *)scorer;
    float share = 1.0f;
    for (uint32_t w = 0; self->prunes && w < self->word_count; w++) {
        float most = auk_postings_bound_between(self->words[w].terms[0], from, limit);
        float bound = most * self->bound_scale;
        share = bound < share ? bound : share;
    }
    return self->weight * share * AUK_BM25_BOUND_MARGIN;
}

float auk_scorer_phrase_freq(const auk_scorer *scorer)
{
    return ((const phrase *)scorer)->freq;
}

static auk_code phrase_status(const auk_scorer *scorer)
{
    const phrase *self = (const phrase *)scorer;
    return auk_phrase_words_status(self->words, self->word_count);
}

static const auk_scorer_class phrase_class = {
    .name = "phrase",
    .next = phrase_next,
    .seek = phrase_seek,
    .approach = phrase_approach,
    .confirm = phrase_confirm,
    .score = phrase_score,
    .fill = phrase_fill,
    .skip = phrase_skip,
    .bound = phrase_bound,
    .status = phrase_status,
};

/* ---- opening ---- */

static void order_by_cost(phrase *self)
{
    self->by_cost = AUK_ARENA_ARRAY(self->arena, auk_phrase_word *, self->word_count);
    for (uint32_t i = 0; i < self->word_count; i++) {
        uint32_t at = i;
        for (; at > 0 && self->by_cost[at - 1]->cost > self->words[i].cost; at--)
            self->by_cost[at] = self->by_cost[at - 1];
        self->by_cost[at] = &self->words[i];
    }
}

static float phrase_weight(const auk_plan *plan, const auk_statistics *statistics)
{
    double idf = 0;
    for (uint32_t i = 0; i < plan->u.phrase.count; i++) {
        uint32_t slot = plan->u.phrase.terms[i].slot;
        if (statistics->doc_freqs[slot] == 0)
            continue; /* a spelling that nothing has says nothing about the others */
        idf +=
            (double)auk_bm25_idf(statistics->doc_freqs[slot], statistics->fields[slot]->doc_count);
    }
    return plan->boost * (float)idf;
}

static void open_scores(phrase *self, const auk_plan *plan, const auk_scorer_context *context)
{
    uint32_t slot = plan->u.phrase.terms[0].slot;
    const auk_bm25_field *field = context->statistics->fields[slot];
    const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
    self->inverse = field->inverse;
    self->average = field->average_length;
    self->norms = auk_segment_norms(context->view->segment, plan->number);
    self->weight = phrase_weight(plan, context->statistics);
    self->base.max_score = self->weight;
    self->bound_scale = auk_bm25_bound_scale(field, auk_terms_written_average(terms));
    self->prunes = !self->sloppy && self->weight > 0;
    for (uint32_t w = 0; w < self->word_count; w++)
        self->prunes &= self->words[w].term_count == 1;
}

auk_code auk_scorer_phrase(const auk_plan *plan, const auk_scorer_context *context,
                           auk_scorer **out, auk_error *err)
{
    phrase *self = AUK_ARENA_NEW(context->arena, phrase);
    bool found;
    *out = NULL;
    self->arena = context->arena;
    auk_code code =
        auk_phrase_words_open(plan, context, &self->words, &self->word_count, &found, err);
    if (code != AUK_OK || !found)
        return code;
    order_by_cost(self);
    if (plan->u.phrase.slop)
        self->sloppy =
            auk_sloppy_create(self->words, self->word_count, plan->u.phrase.slop, context->arena);
    self->base.class = &phrase_class;
    self->base.cost = self->by_cost[0]->cost;
    if (context->scores && context->statistics)
        open_scores(self, plan, context);
    bool single = true;
    for (uint32_t w = 0; w < self->word_count; w++)
        single &= self->words[w].term_count == 1;
    if (single && !self->sloppy && self->word_count > 1) {
        self->batch = auk_phrase_batch_create(self->by_cost, self->word_count, context->arena);
        size_t size = sizeof(uint32_t) * AUK_BLOCK_DOCS;
        self->found = auk_arena_alloc(context->arena, size);
        self->found_freqs = auk_arena_alloc(context->arena, size);
    }
    phrase_seek(&self->base, 0);
    code = phrase_status(&self->base);
    if (code != AUK_OK)
        return auk_fail(err, code, "a posting list is damaged");
    *out = self->base.doc == AUK_DOC_END ? NULL : &self->base;
    return AUK_OK;
}

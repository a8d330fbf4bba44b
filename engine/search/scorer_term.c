/* One term: whole blocks of documents at a time, skipping blocks that cannot reach the floor. */
#include <math.h>

#include "scorer.h"

/* Above the rounding of bound and score. */
#define BOUND_MARGIN 1.000001f

typedef struct term_scorer {
    auk_scorer base;
    auk_postings *postings;
    const auk_doc *docs;   /* the block in hand */
    const uint32_t *freqs; /* of it; NULL: not read yet */
    uint32_t at, count;
    float weight;
    const float *inverse; /* NULL: every document scores weight */
    const uint8_t *norms; /* NULL: the field keeps none */
    float bound_scale;    /* of the bounds in the segment, for this shard's average length */
} term_scorer;

/* The block that holds the first document >= target. */
static auk_doc load(term_scorer *self, auk_doc target)
{
    self->count = auk_postings_block(self->postings, target, &self->docs, NULL);
    self->freqs = NULL;
    self->at = 0;
    if (self->count == 0)
        return self->base.doc = AUK_DOC_END;
    return self->docs[0];
}

/* The first document >= target in the block in hand, which has one. */
static auk_doc find(term_scorer *self, auk_doc target)
{
    uint32_t low = self->at, high = self->count - 1, step = 1;
    while (low + step < high && self->docs[low + step] < target) {
        low += step;
        step *= 2;
    }
    if (low + step < high)
        high = low + step;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (self->docs[middle] < target)
            low = middle + 1;
        else
            high = middle;
    }
    self->at = low;
    return self->base.doc = self->docs[low];
}

static auk_doc term_next(auk_scorer *scorer)
{
    term_scorer *self = (term_scorer *)scorer;
    if (self->count == 0)
        return AUK_DOC_END;
    if (++self->at < self->count)
        return scorer->doc = self->docs[self->at];
    auk_doc last = self->docs[self->count - 1];
    auk_doc doc = load(self, last + 1);
    return scorer->doc = doc;
}

static auk_doc term_seek(auk_scorer *scorer, auk_doc target)
{
    term_scorer *self = (term_scorer *)scorer;
    if (self->count == 0)
        return AUK_DOC_END;
    if (self->docs[self->count - 1] < target) {
        load(self, target);
        if (self->count == 0)
            return AUK_DOC_END;
    }
    return find(self, target);
}

static bool read_freqs(term_scorer *self)
{
    auk_doc target = self->docs[self->at];
    uint32_t count = auk_postings_block(self->postings, target, &self->docs, &self->freqs);
    return count == self->count && self->freqs;
}

static float term_score(auk_scorer *scorer)
{
    term_scorer *self = (term_scorer *)scorer;
    if (!self->inverse)
        return self->weight;
    if (!self->freqs && !read_freqs(self))
        return 0;
    uint8_t norm = self->norms ? self->norms[scorer->doc] : AUK_BM25_NORM_ABSENT;
    return auk_bm25_score(self->weight, (float)self->freqs[self->at], self->inverse[norm]);
}

/* ---- windows ---- */

static float scaled(const term_scorer *self, float share)
{
    float bound = share * self->bound_scale;
    return self->weight * (bound < 1.0f ? bound : 1.0f) * BOUND_MARGIN;
}

/* Goes on to a block whose bound reaches the floor, or that ends at limit or behind it. */
static void skip_blocks(term_scorer *self, auk_doc target, auk_doc limit, float floor)
{
    while (target < limit) {
        auk_doc last;
        float bound = scaled(self, auk_postings_bound(self->postings, target, &last));
        if (bound >= floor || last == AUK_DOC_END)
            break;
        target = last + 1;
    }
    self->base.doc = load(self, target);
    if (self->count && self->base.doc < target)
        find(self, target);
}

static void score_range(const term_scorer *self, uint32_t from, uint32_t to, float *scores)
{
    const float *inverse = self->inverse;
    float weight = self->weight;
    for (uint32_t i = from; i < to; i++) {
        float share = inverse[self->norms ? self->norms[self->docs[i]] : AUK_BM25_NORM_ABSENT];
        scores[i - from] = auk_bm25_score(weight, (float)self->freqs[i], share);
    }
}

static uint32_t take_block(term_scorer *self, auk_doc limit, auk_doc *docs, float *scores)
{
    uint32_t from = self->at, to = self->count;
    if (self->docs[to - 1] >= limit) {
        auk_doc doc = self->base.doc;
        find(self, limit);
        to = self->at;
        self->at = from;
        self->base.doc = doc;
    }
    if (scores && self->inverse) {
        if (!self->freqs && !read_freqs(self)) {
            self->count = 0;
            self->base.doc = AUK_DOC_END;
            return 0;
        }
        score_range(self, from, to, scores);
    } else if (scores) {
        for (uint32_t i = from; i < to; i++)
            scores[i - from] = self->weight;
    }
    memcpy(docs, self->docs + from, sizeof *docs * (to - from));
    self->at = to;
    return to - from;
}

static uint32_t term_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                          float *scores)
{
    term_scorer *self = (term_scorer *)scorer;
    bool skips = floor > 0 && self->inverse;
    uint32_t filled = 0;
    if (skips && scorer->doc < limit)
        skip_blocks(self, scorer->doc, limit, floor);
    while (scorer->doc < limit) {
        filled += take_block(self, limit, docs + filled, scores ? scores + filled : NULL);
        if (self->count == 0)
            break;
        if (self->at < self->count) {
            scorer->doc = self->docs[self->at];
            break;
        }
        auk_doc behind = self->docs[self->count - 1] + 1;
        if (skips)
            skip_blocks(self, behind, limit, floor);
        else
            scorer->doc = load(self, behind);
    }
    return filled;
}

static void term_skip(auk_scorer *scorer, float floor)
{
    term_scorer *self = (term_scorer *)scorer;
    if (self->inverse && scorer->doc != AUK_DOC_END)
        skip_blocks(self, scorer->doc, AUK_DOC_END, floor);
}

static float term_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    term_scorer *self = (term_scorer *)scorer;
    if (!self->inverse)
        return self->weight;
    float most = 0;
    while (from < limit) {
        auk_doc last;
        float bound = auk_postings_bound(self->postings, from, &last);
        most = bound > most ? bound : most;
        if (last == AUK_DOC_END)
            break;
        from = last + 1;
    }
    return scaled(self, most);
}

static auk_code term_status(const auk_scorer *scorer)
{
    return auk_postings_status(((const term_scorer *)scorer)->postings);
}

static const auk_scorer_class term_class = {
    .next = term_next,
    .seek = term_seek,
    .score = term_score,
    .fill = term_fill,
    .skip = term_skip,
    .bound = term_bound,
    .status = term_status,
};

/* A bound assumes the average length that the segment was written with, see the codec's bound.h. */
static float bound_scale(const auk_terms *terms, const auk_bm25_field *field)
{
    double written = auk_terms_written_average(terms);
    double ratio = written > 0 ? (double)field->average_length / written : (double)INFINITY;
    return ratio > 1 ? (float)ratio * BOUND_MARGIN : 1.0f;
}

auk_code auk_scorer_term(const auk_term *term, const auk_segment_view *view,
                         const auk_bm25_field *field, uint16_t number, float weight,
                         auk_arena *arena, auk_scorer **out, auk_error *err)
{
    term_scorer *self = AUK_ARENA_NEW(arena, term_scorer);
    *out = NULL;
    auk_code code = auk_postings_open(term, field ? AUK_WANT_FREQS : AUK_WANT_DOCS, arena,
                                      &self->postings, err);
    if (code != AUK_OK)
        return code;
    self->base.class = &term_class;
    self->base.cost = term->doc_freq;
    self->weight = weight;
    if (field) {
        self->inverse = field->inverse;
        self->norms = auk_segment_norms(view->segment, number);
        self->bound_scale = bound_scale(term->terms, field);
        self->base.max_score = scaled(self, auk_term_bound(term));
    } else {
        self->base.max_score = weight;
    }
    self->base.doc = load(self, 0);
    if (self->count == 0) {
        code = auk_postings_status(self->postings);
        return code == AUK_OK ? code : auk_fail(err, code, "a posting list is damaged");
    }
    *out = &self->base;
    return AUK_OK;
}

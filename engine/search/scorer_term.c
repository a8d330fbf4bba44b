/* One term: whole blocks of documents at a time, skipping blocks that cannot reach the floor. */
#include "score_kernels.h"
#include "scorer.h"

typedef struct term_scorer {
    auk_scorer base;
    auk_postings *postings;
    float weight;
    const float *inverse; /* NULL: every document scores weight */
    const uint8_t *norms; /* NULL: the field keeps none */
    const auk_score_kernels *kernels;
    float bound_scale; /* of the bounds in the segment, for this shard's average length */
    auk_arena *arena;
    uint32_t *best_first; /* block numbers, made by the first _fill_best */
    const uint8_t *bounds;
    uint32_t block_count, best_at;
} term_scorer;

static auk_doc term_next(auk_scorer *scorer)
{
    return scorer->doc = auk_postings_next(((term_scorer *)scorer)->postings);
}

static auk_doc term_seek(auk_scorer *scorer, auk_doc target)
{
    return scorer->doc = auk_postings_seek(((term_scorer *)scorer)->postings, target);
}

static float term_score(auk_scorer *scorer)
{
    term_scorer *self = (term_scorer *)scorer;
    if (!self->inverse)
        return self->weight;
    uint8_t norm = self->norms ? self->norms[scorer->doc] : AUK_BM25_NORM_ABSENT;
    float freq = (float)auk_postings_freq(self->postings);
    return auk_bm25_score(self->weight, freq, self->inverse[norm]);
}

/* ---- windows ---- */

static float scaled(const term_scorer *self, float share)
{
    float bound = share * self->bound_scale;
    return self->weight * (bound < 1.0f ? bound : 1.0f) * AUK_BM25_BOUND_MARGIN;
}

/* Goes on to a block whose bound reaches the floor, or to limit. */
static void skip_blocks(term_scorer *self, auk_doc target, auk_doc limit, float floor)
{
    while (target < limit) {
        auk_doc last;
        float bound = scaled(self, auk_postings_bound(self->postings, target, &last));
        if (bound >= floor || last == AUK_DOC_END)
            break;
        target = last < limit ? last + 1 : limit;
    }
    term_seek(&self->base, target);
}

/* The first index in from .. count with docs[index] >= limit, or count. */
static uint32_t find_limit(const auk_doc *docs, uint32_t from, uint32_t count, auk_doc limit)
{
    if (docs[count - 1] < limit)
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

static void score_block(const term_scorer *self, const auk_doc *docs, const uint32_t *freqs,
                        uint32_t count, float *scores)
{
    const float *inverse = self->inverse;
    if (!inverse) {
        for (uint32_t i = 0; i < count; i++)
            scores[i] = self->weight;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        scores[i] = inverse[self->norms ? self->norms[docs[i]] : AUK_BM25_NORM_ABSENT];
    self->kernels->score(self->weight, freqs, scores, count);
}

/* Of the block in hand, what lies below limit; goes on behind it. */
static uint32_t take_block(term_scorer *self, auk_doc limit, auk_doc *out, float *scores)
{
    const auk_doc *docs;
    const uint32_t *freqs;
    bool scored = scores && self->inverse;
    uint32_t count =
        auk_postings_block(self->postings, self->base.doc, &docs, scored ? &freqs : NULL);
    if (count == 0) {
        self->base.doc = AUK_DOC_END;
        return 0;
    }
    uint32_t from = auk_postings_index(self->postings);
    uint32_t to = find_limit(docs, from, count, limit);
    memcpy(out, docs + from, sizeof *out * (to - from));
    if (scores)
        score_block(self, docs + from, scored ? freqs + from : NULL, to - from, scores);
    self->base.doc = to < count ? docs[to] : docs[count - 1] + 1;
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
        if (scorer->doc == AUK_DOC_END)
            break;
        if (skips)
            skip_blocks(self, scorer->doc, limit, floor);
        else
            term_seek(scorer, scorer->doc);
    }
    return filled;
}

static void term_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    scorer->doc = auk_postings_mark(((term_scorer *)scorer)->postings, base, limit, bits);
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
    return scaled(self, auk_postings_bound_between(self->postings, from, limit));
}

/* ---- candidates ---- */

static void term_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial)
{
    double least = auk_trial_least(trial), alone = auk_trial_least_alone(trial);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        auk_doc doc = candidates->docs[i];
        if (candidates->sums[i] < least)
            continue;
        bool matches = auk_scorer_seek(scorer, doc) == doc;
        if (matches)
            candidates->sums[i] += (double)term_score(scorer);
        auk_candidates_move(candidates, kept, i);
        kept += matches || candidates->sums[kept] >= alone;
    }
    candidates->count = kept;
}

/* The least bound that reaches floor; 256: none does. */
static uint32_t least_bound(const term_scorer *self, float floor)
{
    uint32_t low = 0, high = 256;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (scaled(self, auk_postings_bound_of((uint8_t)middle)) < floor)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Blocks that reach floor by falling bound, equal ones in their order: a counting sort. */
static void order_blocks(term_scorer *self, float floor)
{
    uint32_t starts[256] = {0}, count, least = least_bound(self, floor), found = 0, total = 0;
    const uint8_t *bounds = auk_postings_bounds(self->postings, &count);
    self->bounds = bounds;
    self->best_first = AUK_ARENA_ARRAY(self->arena, uint32_t, count);
    self->block_count = count;
    if (!bounds)
        return;
    uint32_t *blocks = AUK_ARENA_ARRAY(self->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        blocks[found] = i;
        found += bounds[i] >= least;
    }
    for (uint32_t i = 0; i < found; i++)
        starts[bounds[blocks[i]]]++;
    for (uint32_t bound = 256; bound-- > least;) {
        uint32_t here = starts[bound];
        starts[bound] = total;
        total += here;
    }
    self->block_count = found;
    for (uint32_t i = 0; i < found; i++)
        self->best_first[starts[bounds[blocks[i]]]++] = blocks[i];
}

static uint32_t term_fill_best(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    term_scorer *self = (term_scorer *)scorer;
    const auk_doc *found;
    const uint32_t *freqs;
    if (!self->best_first)
        order_blocks(self, floor);
    scorer->doc = AUK_DOC_END;
    if (self->best_at == self->block_count)
        return 0;
    uint32_t block = self->best_first[self->best_at++];
    if (self->bounds && scaled(self, auk_postings_bound_of(self->bounds[block])) < floor)
        return 0;
    uint32_t count = auk_postings_block_at(self->postings, block, &found, &freqs);
    memcpy(docs, found, sizeof *docs * count);
    score_block(self, docs, freqs, count, scores);
    return count;
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
    .mark = term_mark,
    .skip = term_skip,
    .fill_best = term_fill_best,
    .add = term_add,
    .bound = term_bound,
    .status = term_status,
};

/* Every document scores the same: the first ones are the best. */
static const auk_scorer_class even_class = {
    .next = term_next,
    .seek = term_seek,
    .score = term_score,
    .fill = term_fill,
    .mark = term_mark,
    .bound = term_bound,
    .status = term_status,
};

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
    self->base.class = field ? &term_class : &even_class;
    self->arena = arena;
    self->base.cost = term->doc_freq;
    self->weight = weight;
    self->kernels = auk_score_kernels_best();
    if (field) {
        self->inverse = field->inverse;
        self->norms = auk_segment_norms(view->segment, number);
        self->bound_scale = auk_bm25_bound_scale(field, auk_terms_written_average(term->terms));
        self->base.max_score = scaled(self, auk_term_bound(term));
    } else {
        self->base.max_score = weight;
    }
    if (term_seek(&self->base, 0) == AUK_DOC_END) {
        code = auk_postings_status(self->postings);
        return code == AUK_OK ? code : auk_fail(err, code, "a posting list is damaged");
    }
    *out = &self->base;
    return AUK_OK;
}

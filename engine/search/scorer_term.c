/* One term: whole blocks of documents at a time, skipping blocks that cannot reach the floor. */
#include "hopes.h"
#include "score_kernels.h"
#include "scorer.h"

/* With one document in so many, blocks of a list are bitsets: they cost next to nothing to mark. */
#define DENSE 6u
/* With one in so many, a block of a list is about a window of documents. */
#define BLOCK_A_WINDOW (AUK_WINDOW / AUK_BLOCK_DOCS)

typedef struct term_scorer {
    auk_scorer base;
    auk_postings *postings;
    float weight;
    const float *inverse; /* NULL: every document scores weight */
    const uint8_t *norms; /* NULL: the field keeps none */
    float average;        /* length */
    const auk_score_kernels *kernels;
    float bound_scale; /* of the bounds in the segment, for this shard's average length */
    auk_arena *arena;
    uint32_t *best_first; /* block numbers, made by the first _fill_best */
    const uint8_t *bounds;
    uint32_t block_count, best_at;
    auk_hopes hopes; /* of a floor of hoped */
    float hoped;     /* 0: not found yet */
} term_scorer;

static auk_doc term_next(auk_scorer *scorer)
{
    return scorer->doc = auk_postings_next(((term_scorer *)scorer)->postings);
}

static auk_doc term_seek(auk_scorer *scorer, auk_doc target)
{
    scorer->vague = false;
    return scorer->doc = auk_postings_seek(((term_scorer *)scorer)->postings, target);
}

static float term_score(auk_scorer *scorer)
{
    term_scorer *self = (term_scorer *)scorer;
    if (!self->inverse)
        return self->weight;
    uint8_t norm = self->norms ? self->norms[scorer->doc] : AUK_BM25_NORM_ABSENT;
    float freq = (float)auk_postings_freq(self->postings);
    auk_scores_computed++;
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
    auk_scores_computed += count;
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
    uint32_t to = auk_scorer_find(docs, from, count, limit);
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

static uint32_t term_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    term_scorer *self = (term_scorer *)scorer;
    if (floor > 0 && scores && self->inverse && scorer->doc != AUK_DOC_END)
        skip_blocks(self, scorer->doc, AUK_DOC_END, floor);
    return scorer->doc == AUK_DOC_END ? 0 : take_block(self, AUK_DOC_END, docs, scores);
}

static float term_extent(auk_scorer *scorer, auk_doc *last)
{
    term_scorer *self = (term_scorer *)scorer;
    float bound = auk_postings_bound(self->postings, scorer->doc, last);
    return self->inverse ? scaled(self, bound) : self->weight;
}

static float term_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    term_scorer *self = (term_scorer *)scorer;
    if (!self->inverse)
        return self->weight;
    return scaled(self, auk_postings_bound_between(self->postings, from, limit));
}

/* ---- candidates ---- */

/* What of the candidates of one block is on trial, and how it scores. */
typedef struct found_batch {
    uint8_t numbers[AUK_BLOCK_DOCS + 1], indices[AUK_BLOCK_DOCS + 1];
    uint32_t freqs[AUK_BLOCK_DOCS];
    float scores[AUK_BLOCK_DOCS];
} found_batch;

/* Stands where the list stands, for whoever looks or seeks next; further on where that was passed
 * over since. */
static void follow_list(term_scorer *self)
{
    auk_doc doc = auk_postings_doc(self->postings);
    if (self->base.vague && doc < self->base.doc)
        return;
    self->base.doc = doc;
    self->base.vague = false;
}

/* Scores of those that were found among docs; false: the list is damaged. */
static bool score_found(const term_scorer *self, found_batch *batch, const auk_doc *docs,
                        uint32_t found)
{
    const uint32_t *freqs = self->inverse ? auk_postings_block_freqs(self->postings) : NULL;
    if (self->inverse && !freqs)
        return false;
    for (uint32_t i = 0; i < found; i++)
        batch->scores[i] = self->weight;
    if (!freqs)
        return true;
    for (uint32_t i = 0; i < found; i++) {
        auk_doc doc = docs[batch->numbers[i]];
        uint8_t norm = self->norms ? self->norms[doc] : AUK_BM25_NORM_ABSENT;
        batch->freqs[i] = freqs[batch->indices[i]];
        batch->scores[i] = self->inverse[norm];
    }
    self->kernels->score(self->weight, batch->freqs, batch->scores, found);
    auk_scores_computed += found;
    return true;
}

/* Adds what those candidates of from .. *to score that one block holds; *to: behind the last that
 * it may hold. Answers how many it holds, named in batch. */
static uint32_t add_block(term_scorer *self, auk_candidates *candidates, uint32_t from,
                          uint32_t *to, found_batch *batch)
{
    const auk_doc *docs = candidates->docs + from;
    double *sums = candidates->sums + from;
    uint32_t taken, found = auk_postings_join(self->postings, docs, *to - from, &taken,
                                              batch->numbers, batch->indices);
    *to = from + taken;
    if (found == 0 || !score_found(self, batch, docs, found))
        return 0;
    for (uint32_t i = 0; i < found; i++)
        sums[batch->numbers[i]] += (double)batch->scores[i];
    return found;
}

/* Behind the last candidate of from .. end that may lie in the block of the first; *least is what
 * lets one reach the floor with the bound of that block. */
static uint32_t bound_block(term_scorer *self, const auk_candidates *candidates,
                            const auk_trial *trial, uint32_t from, double *least)
{
    auk_doc last;
    auk_trial here = *trial;
    float bound = scaled(self, auk_postings_bound(self->postings, candidates->docs[from], &last));
    here.most = (double)bound < trial->most ? (double)bound : trial->most;
    *least = auk_trial_least(&here);
    uint32_t to = from + 1;
    while (to < candidates->count && candidates->docs[to] <= last)
        to++;
    return to;
}

/* Candidates that the list must hold: the others go, before it is looked at where the bound of a
 * block tells. */
static uint32_t keep_required(term_scorer *self, auk_candidates *candidates, const auk_trial *trial)
{
    found_batch batch;
    bool prunes = trial->floor > 0 && self->inverse;
    uint32_t kept = 0, end = candidates->count;
    if (!prunes)
        auk_postings_foresee(self->postings, candidates->docs, end);
    for (uint32_t at = 0; at < end;) {
        double least = -1;
        uint32_t behind = prunes ? bound_block(self, candidates, trial, at, &least) : end;
        uint32_t hopeful = prunes ? kept : at, until = prunes ? kept : end;
        for (uint32_t i = at; prunes && i < behind; i++) {
            bool hope = candidates->sums[i] >= least;
            auk_candidates_move(candidates, until, i);
            until += hope;
        }
        at = behind;
        while (hopeful < until) {
            uint32_t to = until, found = add_block(self, candidates, hopeful, &to, &batch);
            for (uint32_t i = 0; i < found; i++)
                auk_candidates_move(candidates, kept++, hopeful + batch.numbers[i]);
            hopeful = to;
        }
    }
    return kept;
}

static bool any_reaches(const double *sums, uint32_t count, double least)
{
    double most = -1;
    for (uint32_t i = 0; i < count; i++)
        most = sums[i] > most ? sums[i] : most;
    return most >= least;
}

/* Candidates that the list may hold: all are summed up where they are, then those too low go. */
static uint32_t keep_hopeful(term_scorer *self, auk_candidates *candidates, const auk_trial *trial)
{
    found_batch batch;
    bool prunes = trial->floor > 0 && self->inverse;
    uint32_t kept = 0, end = candidates->count;
    for (uint32_t at = 0; at < end;) {
        double least = -1;
        uint32_t behind = prunes ? bound_block(self, candidates, trial, at, &least) : end;
        if (prunes && !any_reaches(candidates->sums + at, behind - at, least)) {
            at = behind;
            continue;
        }
        while (at < behind) {
            uint32_t to = behind;
            add_block(self, candidates, at, &to, &batch);
            at = to;
        }
    }
    double alone = auk_trial_least_alone(trial);
    if (alone <= 0)
        return end;
    for (uint32_t i = 0; i < end; i++) {
        bool keep = candidates->sums[i] >= alone;
        auk_candidates_move(candidates, kept, i);
        kept += keep;
    }
    return kept;
}

static void term_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial)
{
    term_scorer *self = (term_scorer *)scorer;
    candidates->count = trial->required ? keep_required(self, candidates, trial)
                                        : keep_hopeful(self, candidates, trial);
    follow_list(self);
}

static uint32_t term_retain(auk_scorer *scorer, auk_doc *docs, float *scores, uint32_t count,
                            bool matching)
{
    term_scorer *self = (term_scorer *)scorer;
    uint8_t numbers[AUK_BLOCK_DOCS + 1];
    uint32_t kept = 0, taken;
    auk_postings_foresee(self->postings, docs, count);
    for (uint32_t at = 0; at < count; at += taken) {
        uint32_t found =
            auk_postings_join(self->postings, docs + at, count - at, &taken, numbers, NULL);
        for (uint32_t i = 0, next = 0; i < (matching ? found : taken); i++) {
            uint32_t number = matching ? numbers[i] : i;
            bool matches = matching || (next < found && numbers[next] == i);
            docs[kept] = docs[at + number];
            if (scores)
                scores[kept] = scores[at + number];
            next += matches;
            kept += matches == matching;
        }
    }
    follow_list(self);
    return kept;
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
    uint32_t *best_first = auk_arena_alloc(self->arena, sizeof *best_first * count);
    self->bounds = bounds;
    self->best_first = best_first;
    self->block_count = count;
    if (!bounds) {
        best_first[0] = 0;
        return;
    }
    uint32_t *blocks = auk_arena_alloc(self->arena, sizeof *blocks * (count + 1));
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
        best_first[starts[bounds[blocks[i]]]++] = blocks[i];
}

/* Of those that are there often enough, the ones that are short enough: their numbers stay. Few of
 * them are looked at one by one, and also where that touches less memory than all of them do. */
static uint32_t keep_short(const term_scorer *self, const auk_hopes *hopes, auk_frequent *found)
{
    enum { FEW = 48, LINE = 64 };
    const uint8_t *norms = self->norms;
    uint8_t codes[AUK_BLOCK_DOCS];
    uint32_t kept = 0;
    if (!norms)
        return found->count;
    uint32_t lines = (found->docs[found->size - 1] - found->docs[0]) / LINE;
    bool few = found->count <= (lines > FEW ? lines : FEW);
    for (uint32_t i = 0; i < found->count && few; i++) {
        uint32_t index = found->indices[i];
        uint32_t freq = found->freqs[index] + found->more;
        found->indices[kept] = (uint8_t)index;
        kept += norms[found->docs[index]] <= auk_hopes_limit(hopes, freq);
    }
    if (few)
        return kept;
    for (uint32_t i = 0; i < found->size; i++)
        codes[i] = norms[found->docs[i]];
    return self->kernels->within(hopes->limits + found->more, found->freqs, codes, found->size,
                                 found->indices);
}

/* Of a block, what reaches floor. */
static uint32_t take_best(term_scorer *self, uint32_t block, const auk_hopes *hopes, float floor,
                          auk_doc *docs, float *scores)
{
    auk_frequent found;
    uint32_t freqs[AUK_BLOCK_DOCS];
    auk_postings_block_frequent(self->postings, block, hopes->least, &found);
    uint32_t count = found.count ? keep_short(self, hopes, &found) : 0;
    for (uint32_t i = 0; i < count; i++) {
        docs[i] = found.docs[found.indices[i]];
        freqs[i] = found.freqs[found.indices[i]] + found.more;
    }
    score_block(self, docs, freqs, count, scores);
    return self->kernels->keep_above(floor, docs, scores, count);
}

/* Hopes of a floor that rises a little are those of before. */
static const auk_hopes *hopes_of(term_scorer *self, float floor)
{
    const float little = 1.02f;
    if (floor < self->hoped || floor > self->hoped * little) {
        auk_hopes_find(&self->hopes, floor, self->weight, self->average);
        self->hoped = floor;
    }
    return &self->hopes;
}

/* Where a document must have the term more than once, few of a block are to be scored. */
static uint32_t term_sieve(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    term_scorer *self = (term_scorer *)scorer;
    const auk_hopes *hopes = hopes_of(self, floor);
    auk_doc last = 0;
    uint32_t count, blocks, block = auk_postings_block_at(self->postings, scorer->doc);
    (void)auk_postings_bounds(self->postings, &blocks);
    if (hopes->least < 2 || block + 1 >= blocks) {
        count = take_block(self, AUK_DOC_END, docs, scores);
        return auk_scorer_keep_above(floor, docs, scores, count);
    }
    (void)auk_postings_bound(self->postings, scorer->doc, &last);
    count = take_best(self, block, hopes, floor, docs, scores);
    scorer->doc = auk_postings_status(self->postings) == AUK_OK ? last + 1 : AUK_DOC_END;
    return count;
}

static void term_rewind(auk_scorer *scorer)
{
    auk_postings_rewind(((term_scorer *)scorer)->postings);
    scorer->doc = 0;
    scorer->vague = true;
}

/* Several blocks a call, where few of their documents reach the floor. */
static uint32_t term_fill_best(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    enum { BLOCKS = 32, ENOUGH = AUK_BLOCK_DOCS / 2 };
    term_scorer *self = (term_scorer *)scorer;
    auk_hopes hopes;
    if (!self->best_first)
        order_blocks(self, floor);
    auk_hopes_find(&hopes, floor, self->weight, self->average);
    scorer->doc = AUK_DOC_END;
    uint32_t count = 0;
    for (uint32_t n = 0; self->best_at < self->block_count && count < ENOUGH; n++) {
        uint32_t block = self->best_first[self->best_at];
        if (n >= BLOCKS && count > 0)
            break;
        if (self->bounds && scaled(self, auk_postings_bound_of(self->bounds[block])) < floor) {
            self->best_at = self->block_count;
            break;
        }
        if (++self->best_at < self->block_count)
            auk_postings_expect(self->postings, self->best_first[self->best_at]);
        count += take_best(self, block, &hopes, floor, docs + count, scores + count);
    }
    return count;
}

static auk_code term_status(const auk_scorer *scorer)
{
    return auk_postings_status(((const term_scorer *)scorer)->postings);
}

static const auk_scorer_class term_class = {
    .name = "term",
    .next = term_next,
    .seek = term_seek,
    .score = term_score,
    .fill = term_fill,
    .mark = term_mark,
    .marks_far = true,
    .batch = term_batch,
    .extent = term_extent,
    .sieve = term_sieve,
    .skip = term_skip,
    .fill_best = term_fill_best,
    .rewind = term_rewind,
    .add = term_add,
    .retain = term_retain,
    .bound = term_bound,
    .status = term_status,
};

/* Every document scores the same: the first ones are the best. */
static const auk_scorer_class even_class = {
    .name = "term, all scores even",
    .next = term_next,
    .seek = term_seek,
    .score = term_score,
    .fill = term_fill,
    .mark = term_mark,
    .marks_far = true,
    .batch = term_batch,
    .extent = term_extent,
    .add = term_add,
    .retain = term_retain,
    .bound = term_bound,
    .status = term_status,
};

auk_code auk_scorer_term(const auk_term *term, const auk_segment_view *view,
                         const auk_bm25_field *field, uint16_t number, float weight, bool vague,
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
    self->base.lists = term->doc_freq < auk_segment_doc_count(view->segment) / DENSE;
    self->base.leaps = term->doc_freq >= auk_segment_doc_count(view->segment) / BLOCK_A_WINDOW &&
                       term->doc_freq > 1;
    self->weight = weight;
    self->kernels = auk_score_kernels_best();
    if (field) {
        self->inverse = field->inverse;
        self->average = field->average_length;
        self->norms = auk_segment_norms(view->segment, number);
        self->bound_scale = auk_bm25_bound_scale(field, auk_terms_written_average(term->terms));
        self->base.max_score = scaled(self, auk_term_bound(term));
    } else {
        self->base.max_score = weight;
    }
    self->base.vague = vague;
    if (!vague && term_seek(&self->base, 0) == AUK_DOC_END) {
        code = auk_postings_status(self->postings);
        return code == AUK_OK ? code : auk_fail(err, code, "a posting list is damaged");
    }
    *out = &self->base;
    return AUK_OK;
}

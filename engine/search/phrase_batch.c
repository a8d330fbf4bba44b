#include "phrase_batch.h"

#include "score_kernels.h"

typedef struct batch_word {
    auk_phrase_word *word;
    const uint32_t *freqs; /* of its block */
    const uint32_t *positions;
    uint8_t indices[AUK_BLOCK_DOCS]; /* in its block, by candidate */
    uint32_t starts[AUK_BLOCK_DOCS]; /* in positions, by candidate */
} batch_word;

struct auk_phrase_batch {
    const auk_score_kernels *kernels;
    batch_word *words; /* in the order of the phrase */
    uint32_t word_count;
    uint32_t *by_cost;       /* numbers of words */
    auk_phrase_word *phrase; /* the same words as the caller has them */
    auk_doc docs[AUK_BLOCK_DOCS];
    uint32_t count; /* candidates */
};

auk_phrase_batch *auk_phrase_batch_create(auk_phrase_word *words, uint32_t count,
                                          auk_phrase_word *const *by_cost, auk_arena *arena)
{
    auk_phrase_batch *self = AUK_ARENA_NEW(arena, auk_phrase_batch);
    self->words = AUK_ARENA_ARRAY(arena, batch_word, count);
    self->kernels = auk_score_kernels_best();
    self->word_count = count;
    self->phrase = words;
    self->by_cost = AUK_ARENA_ARRAY(arena, uint32_t, count);
    for (uint32_t w = 0; w < count; w++) {
        self->words[w].word = &words[w];
        self->by_cost[w] = (uint32_t)(by_cost[w] - words);
    }
    return self;
}

static auk_postings *postings_of(const auk_phrase_batch *self, uint32_t word)
{
    return self->words[word].word->terms[0];
}

/* ---- candidates ---- */

static void keep(auk_phrase_batch *self, const uint8_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        self->docs[i] = self->docs[numbers[i]];
    self->count = count;
}

static void keep_indices(batch_word *word, const uint8_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        word->indices[i] = word->indices[numbers[i]];
}

/* Documents of the rarest word's block from `from` to end: the candidates. */
static void take_lead(auk_phrase_batch *self, auk_doc from, auk_doc end)
{
    batch_word *lead = &self->words[self->by_cost[0]];
    auk_postings *postings = postings_of(self, self->by_cost[0]);
    const auk_doc *docs;
    uint32_t count = auk_postings_block(postings, auk_postings_doc(postings), &docs, NULL);
    uint32_t at = auk_postings_index(postings);
    self->count = 0;
    while (at < count && docs[at] < from)
        at++;
    for (; at < count && docs[at] <= end; at++) {
        self->docs[self->count] = docs[at];
        lead->indices[self->count++] = (uint8_t)at;
    }
}

/* Drops candidates that the n-th rarest word has not, and those behind its block, where the stretch
 * then ends; answers that end. */
static auk_doc narrow(auk_phrase_batch *self, uint32_t n, auk_doc end)
{
    uint8_t numbers[AUK_BLOCK_DOCS];
    auk_postings *postings = postings_of(self, self->by_cost[n]);
    auk_doc own = auk_postings_block_last(postings);
    if (own < end) {
        end = own;
        while (self->count > 0 && self->docs[self->count - 1] > end)
            self->count--;
    }
    uint32_t kept = auk_postings_match(postings, self->docs, self->count, numbers,
                                       self->words[self->by_cost[n]].indices);
    if (kept < self->count) {
        keep(self, numbers, kept);
        for (uint32_t before = 0; before < n; before++)
            keep_indices(&self->words[self->by_cost[before]], numbers, kept);
    }
    return end;
}

/*
 * The candidates of a stretch, which every word has, and where it ends. Nothing can be in front of
 * the document that a word seeks to, so that a word with gaps ends it there.
 */
static auk_doc take_candidates(auk_phrase_batch *self, auk_doc limit)
{
    auk_postings *lead = postings_of(self, self->by_cost[0]);
    auk_doc doc = auk_postings_doc(lead), end = auk_postings_block_last(lead);
    end = end < limit ? end : limit - 1;
    self->count = 0;
    for (uint32_t n = 1; n < self->word_count; n++) {
        auk_postings *postings = postings_of(self, self->by_cost[n]);
        auk_doc own = auk_postings_seek(postings, n == 1 ? doc : self->docs[0]);
        if (own > end)
            return own - 1;
        if (n == 1) {
            auk_doc behind = auk_postings_block_last(postings);
            take_lead(self, own, behind < end ? behind : end);
        }
        end = narrow(self, n, end);
        if (self->count == 0)
            return end;
    }
    return end;
}

/* A phrase is never more frequent than its rarest word. */
static void prune(auk_phrase_batch *self, const auk_phrase_floor *floor)
{
    uint8_t numbers[AUK_BLOCK_DOCS];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        uint32_t least = UINT32_MAX;
        for (uint32_t w = 0; w < self->word_count; w++) {
            uint32_t freq = self->words[w].freqs[self->words[w].indices[i]];
            least = freq < least ? freq : least;
        }
        uint8_t norm = floor->norms ? floor->norms[self->docs[i]] : AUK_BM25_NORM_ABSENT;
        float most = auk_bm25_score(floor->weight, (float)least, floor->inverse[norm]);
        numbers[kept] = (uint8_t)i;
        kept += most >= floor->floor;
    }
    if (kept == self->count)
        return;
    keep(self, numbers, kept);
    for (uint32_t w = 0; w < self->word_count; w++)
        keep_indices(&self->words[w], numbers, kept);
}

/* ---- positions ---- */

/* How often word b stands in the candidate where a phrase would have it beside a. */
static uint32_t count_pairs(const auk_phrase_batch *self, const batch_word *a, const batch_word *b,
                            uint32_t candidate)
{
    if (a->word->offset > b->word->offset) {
        const batch_word *kept = a;
        a = b;
        b = kept;
    }
    return self->kernels->count_pairs(a->positions + a->starts[candidate],
                                      a->freqs[a->indices[candidate]],
                                      b->positions + b->starts[candidate],
                                      b->freqs[b->indices[candidate]],
                                      b->word->offset - a->word->offset);
}

/* Hands the positions in one candidate to the word as the phrase has it. */
static void load(auk_phrase_batch *self, uint32_t number, uint32_t candidate)
{
    const batch_word *word = &self->words[number];
    word->word->positions = word->positions + word->starts[candidate];
    word->word->count = word->freqs[word->indices[candidate]];
    word->word->at = 0;
}

/* The two rarest words are read: drops candidates where they are apart. */
static void keep_pairs(auk_phrase_batch *self)
{
    uint8_t numbers[AUK_BLOCK_DOCS];
    uint32_t first = self->by_cost[0], second = self->by_cost[1], kept = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        numbers[kept] = (uint8_t)i;
        kept += count_pairs(self, &self->words[first], &self->words[second], i) > 0;
    }
    for (uint32_t i = 0; i < kept; i++) {
        self->words[first].starts[i] = self->words[first].starts[numbers[i]];
        self->words[second].starts[i] = self->words[second].starts[numbers[i]];
    }
    for (uint32_t w = 0; w < self->word_count; w++)
        keep_indices(&self->words[w], numbers, kept);
    keep(self, numbers, kept);
}

static bool read_positions(auk_phrase_batch *self)
{
    for (uint32_t w = 0; w < self->word_count && self->count > 0; w++) {
        batch_word *word = &self->words[self->by_cost[w]];
        if (!auk_postings_block_positions(word->word->terms[0], word->indices, self->count,
                                          &word->positions, word->starts))
            return false;
        if (w == 1 && self->word_count > 2)
            keep_pairs(self);
    }
    return true;
}

static float count_phrase(auk_phrase_batch *self, uint32_t candidate)
{
    if (self->word_count == 2)
        return (float)count_pairs(self, &self->words[0], &self->words[1], candidate);
    for (uint32_t w = 0; w < self->word_count; w++)
        load(self, w, candidate);
    return auk_phrase_exact_freq(self->phrase, self->word_count, false);
}

static bool read_freqs(auk_phrase_batch *self)
{
    for (uint32_t w = 0; w < self->word_count; w++) {
        self->words[w].freqs = auk_postings_block_freqs(postings_of(self, w));
        if (!self->words[w].freqs)
            return false;
    }
    return true;
}

bool auk_phrase_batch_take(auk_phrase_batch *self, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, float *freqs, uint32_t *count)
{
    *count = 0;
    *last = take_candidates(self, limit);
    if (self->count == 0)
        return true;
    if (!read_freqs(self))
        return false;
    if (floor->floor > 0)
        prune(self, floor);
    if (!read_positions(self))
        return false;
    for (uint32_t i = 0; i < self->count; i++) {
        float freq = count_phrase(self, i);
        docs[*count] = self->docs[i];
        freqs[*count] = freq;
        *count += freq > 0;
    }
    return true;
}

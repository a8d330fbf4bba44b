#include "phrase_batch.h"

/* Fewer documents of the rarest word are looked at one by one. */
enum { LEAST = 4 };

typedef struct batch_word {
    auk_phrase_word *word;
    const uint32_t *freqs; /* of its block */
    const uint32_t *positions;
    uint8_t indices[AUK_BLOCK_DOCS]; /* in its block, by candidate */
    uint32_t starts[AUK_BLOCK_DOCS]; /* in positions, by candidate */
} batch_word;

struct auk_phrase_batch {
    batch_word *words; /* in the order of the phrase */
    uint32_t word_count, rarest;
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
    self->word_count = count;
    self->phrase = words;
    self->rarest = (uint32_t)(by_cost[0] - words);
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

static bool take_lead(auk_phrase_batch *self, auk_doc doc, auk_doc last)
{
    batch_word *lead = &self->words[self->rarest];
    auk_postings *postings = postings_of(self, self->rarest);
    const auk_doc *docs;
    uint32_t count = auk_postings_block(postings, doc, &docs, &lead->freqs);
    uint32_t from = auk_postings_index(postings);
    if (from + LEAST > count || docs[from + LEAST - 1] > last)
        return false;
    self->count = 0;
    for (uint32_t i = from; i < count && docs[i] <= last; i++) {
        self->docs[self->count] = docs[i];
        lead->indices[self->count++] = (uint8_t)i;
    }
    return true;
}

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

static bool intersect(auk_phrase_batch *self, auk_doc doc)
{
    uint8_t numbers[AUK_BLOCK_DOCS];
    for (uint32_t w = 0; w < self->word_count; w++) {
        batch_word *word = &self->words[w];
        const auk_doc *docs;
        if (w == self->rarest)
            continue;
        if (auk_postings_block(postings_of(self, w), doc, &docs, &word->freqs) == 0)
            return false;
        uint32_t count = auk_postings_match(postings_of(self, w), self->docs, self->count, numbers,
                                            word->indices);
        if (count < self->count) {
            keep(self, numbers, count);
            for (uint32_t before = 0; before < w; before++)
                keep_indices(&self->words[before], numbers, count);
            if (self->rarest > w)
                keep_indices(&self->words[self->rarest], numbers, count);
        }
    }
    return true;
}

/* A phrase is never more frequent than its rarest word. */
static void prune(auk_phrase_batch *self, const auk_phrase_floor *floor)
{
    uint8_t numbers[AUK_BLOCK_DOCS] = {0};
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

/* How often b has a number that is one of a's plus distance; both rise. Repeats in b (tokens of one
 * place) count once for each in a. */
static uint32_t count_pairs(const uint32_t *a, uint32_t a_count, const uint32_t *b,
                            uint32_t b_count, uint32_t distance)
{
    uint32_t found = 0;
    for (uint32_t i = 0, j = 0; i < a_count && j < b_count;) {
        uint64_t wanted = (uint64_t)a[i] + distance, given = b[j];
        found += wanted == given;
        i += wanted <= given;
        j += given < wanted;
    }
    return found;
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
        load(self, first, i);
        load(self, second, i);
        numbers[kept] = (uint8_t)i;
        kept += auk_phrase_pair_fits(self->words[first].word, self->words[second].word);
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
    if (self->word_count == 2) {
        const batch_word *a = &self->words[0], *b = &self->words[1];
        return (float)count_pairs(a->positions + a->starts[candidate],
                                  a->freqs[a->indices[candidate]],
                                  b->positions + b->starts[candidate],
                                  b->freqs[b->indices[candidate]], b->word->offset);
    }
    for (uint32_t w = 0; w < self->word_count; w++)
        load(self, w, candidate);
    return auk_phrase_exact_freq(self->phrase, self->word_count, false);
}

bool auk_phrase_batch_take(auk_phrase_batch *self, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, float *freqs, uint32_t *count)
{
    auk_doc doc = auk_postings_doc(postings_of(self, self->rarest));
    auk_doc end = limit - 1;
    for (uint32_t w = 0; w < self->word_count; w++) {
        auk_doc own = auk_postings_block_last(postings_of(self, w));
        end = own < end ? own : end;
    }
    if (!take_lead(self, doc, end) || !intersect(self, doc))
        return false;
    if (floor->floor > 0)
        prune(self, floor);
    if (!read_positions(self))
        return false;
    *last = end;
    *count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        float freq = count_phrase(self, i);
        docs[*count] = self->docs[i];
        freqs[*count] = freq;
        *count += freq > 0;
    }
    return true;
}

#include "phrase_batch.h"

#include "score_kernels.h"

typedef struct batch_word {
    auk_postings *postings;
    uint32_t offset; /* in the phrase */
    auk_position_rows rows;
} batch_word;

struct auk_phrase_batch {
    const auk_score_kernels *kernels;
    batch_word *words; /* the rarest first */
    uint32_t word_count;
    /* Candidates: */
    auk_doc docs[AUK_BLOCK_DOCS];
    uint8_t indices[AUK_BLOCK_DOCS]; /* in the block of the rarest word */
    uint32_t count;
    batch_word *starts; /* its rows are where the words that were looked at stand together */
};

auk_phrase_batch *auk_phrase_batch_create(auk_phrase_word *const *by_cost, uint32_t count,
                                          auk_arena *arena)
{
    auk_phrase_batch *self = auk_arena_alloc(arena, sizeof *self);
    self->kernels = auk_score_kernels_best();
    self->words = auk_arena_alloc(arena, sizeof *self->words * count);
    self->word_count = count;
    for (uint32_t i = 0; i < count; i++) {
        batch_word *word = &self->words[i];
        word->postings = by_cost[i]->terms[0];
        word->offset = by_cost[i]->offset;
        word->rows.positions = NULL;
        word->rows.capacity = 0;
    }
    return self;
}

static void empty(auk_position_rows *rows)
{
    rows->count = 0;
    rows->used = 0;
}

/* ---- candidates ---- */

/* The documents of the rarest word's block, from where it stands, below limit; answers how far they
 * go. */
static auk_doc take_lead(auk_phrase_batch *self, auk_doc limit)
{
    auk_postings *postings = self->words[0].postings;
    const auk_doc *docs;
    uint32_t count = auk_postings_block(postings, auk_postings_doc(postings), &docs, NULL);
    uint32_t at = count ? auk_postings_index(postings) : 0;
    auk_doc last = auk_postings_block_last(postings);
    self->count = 0;
    for (; at < count && docs[at] < limit; at++) {
        self->docs[self->count] = docs[at];
        self->indices[self->count++] = (uint8_t)at;
    }
    return last < limit ? last : limit - 1;
}

/* Can a document that has two words so often reach the floor? A phrase is never more frequent than
 * its words. */
static bool may_reach(const auk_phrase_floor *floor, auk_doc doc, uint32_t a, uint32_t b)
{
    uint8_t norm = floor->norms ? floor->norms[doc] : AUK_BM25_NORM_ABSENT;
    float most = auk_bm25_score(floor->weight, (float)(a < b ? a : b), floor->inverse[norm]);
    return most >= floor->floor;
}

/* Drops the candidates that are too rare, and their places; false: damaged. */
static bool prune(auk_phrase_batch *self, const auk_phrase_floor *floor, auk_place *places)
{
    const uint32_t *freqs = auk_postings_block_freqs(self->words[0].postings);
    uint32_t kept = 0;
    if (!freqs)
        return false;
    for (uint32_t i = 0; i < self->count; i++) {
        bool keep = may_reach(floor, self->docs[i], freqs[self->indices[i]], places[i].count);
        self->docs[kept] = self->docs[i];
        self->indices[kept] = self->indices[i];
        places[kept] = places[i];
        kept += keep;
    }
    self->count = kept;
    return true;
}

static void move(auk_phrase_batch *self, uint32_t to, uint32_t from)
{
    self->docs[to] = self->docs[from];
    self->indices[to] = self->indices[from];
    if (self->starts) {
        auk_position_rows *rows = &self->starts->rows;
        rows->starts[to] = rows->starts[from];
        rows->counts[to] = rows->counts[from];
    }
}

static void cut(auk_phrase_batch *self, uint32_t count)
{
    self->count = count;
    if (self->starts)
        self->starts->rows.count = count;
}

/* Keeps the candidates that the word has, with their places. */
static void keep_those_with(auk_phrase_batch *self, auk_postings *postings, auk_place *places)
{
    uint8_t numbers[AUK_BLOCK_DOCS];
    uint32_t found = auk_postings_locate(postings, self->docs, self->count, numbers, places);
    for (uint32_t i = 0; i < found; i++)
        move(self, i, numbers[i]);
    cut(self, found);
}

/* ---- positions ---- */

/* Keeps the places where the word stands with those before it. The first word of a phrase counts
 * the phrase, even where it stands twice in one place. */
static void keep_places(auk_phrase_batch *self, batch_word *word)
{
    batch_word *kept = word->offset == 0 ? word : self->starts;
    batch_word *other = word->offset == 0 ? self->starts : word;
    uint32_t least = kept->offset < other->offset ? kept->offset : other->offset;
    self->kernels->keep_pairs(&kept->rows, other->offset - least, &other->rows,
                              kept->offset - least);
    self->starts = kept;
    const uint32_t *counts = kept->rows.counts;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->count; i++)
        if (counts[i] > 0)
            move(self, count++, i);
    cut(self, count);
}

/* Where both of the two rarest words stand. Frequencies leave some out before. */
static bool read_pair(auk_phrase_batch *self, const auk_phrase_floor *floor)
{
    auk_place places[2][AUK_BLOCK_DOCS];
    batch_word *words = self->words;
    keep_those_with(self, words[1].postings, places[1]);
    if (self->count > 0 && floor->floor > 0 && !prune(self, floor, places[1]))
        return false;
    if (self->count == 0)
        return true;
    for (uint32_t w = 0; w < 2; w++)
        empty(&words[w].rows);
    self->starts = &words[0];
    return auk_postings_block_places(words[0].postings, self->indices, self->count, places[0]) &&
           auk_postings_read_places(words[0].postings, places[0], self->count, &words[0].rows) &&
           auk_postings_read_places(words[1].postings, places[1], self->count, &words[1].rows);
}

/* Where a further word stands. */
static bool read_word(auk_phrase_batch *self, batch_word *word)
{
    auk_place places[AUK_BLOCK_DOCS];
    keep_those_with(self, word->postings, places);
    empty(&word->rows);
    return auk_postings_read_places(word->postings, places, self->count, &word->rows);
}

bool auk_phrase_batch_take(auk_phrase_batch *self, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, float *freqs, uint32_t *count)
{
    *count = 0;
    *last = take_lead(self, limit);
    self->starts = NULL;
    for (uint32_t w = 1; w < self->word_count && self->count > 0; w++) {
        if (w == 1 ? !read_pair(self, floor) : !read_word(self, &self->words[w]))
            return false;
        if (self->count > 0)
            keep_places(self, &self->words[w]);
    }
    for (uint32_t i = 0; i < self->count; i++) {
        docs[i] = self->docs[i];
        freqs[i] = (float)self->starts->rows.counts[i];
    }
    *count = self->count;
    return true;
}

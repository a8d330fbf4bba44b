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

/* What one block of a word has of the candidates. */
typedef struct found_batch {
    uint8_t numbers[AUK_BLOCK_DOCS + 1]; /* of candidates */
    uint8_t indices[AUK_BLOCK_DOCS + 1]; /* in the block */
    uint32_t count;
} found_batch;

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

/* Drops those that are too rare: a phrase is never more frequent than its words. False: damaged. */
static bool prune(const auk_phrase_batch *self, auk_postings *postings, uint32_t from,
                  const auk_phrase_floor *floor, found_batch *found)
{
    const uint32_t *mine = auk_postings_block_freqs(self->words[0].postings);
    const uint32_t *theirs = auk_postings_block_freqs(postings);
    uint32_t kept = 0;
    if (!mine || !theirs)
        return false;
    for (uint32_t i = 0; i < found->count; i++) {
        uint32_t candidate = from + found->numbers[i];
        uint32_t least = mine[self->indices[candidate]], other = theirs[found->indices[i]];
        least = other < least ? other : least;
        uint8_t norm = floor->norms ? floor->norms[self->docs[candidate]] : AUK_BM25_NORM_ABSENT;
        float most = auk_bm25_score(floor->weight, (float)least, floor->inverse[norm]);
        found->numbers[kept] = found->numbers[i];
        found->indices[kept] = found->indices[i];
        kept += most >= floor->floor;
    }
    found->count = kept;
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

/* Keeps the candidates that the word has, and reads where it stands in them. Frequencies count
 * while they are known of one word alone. */
static bool keep_those_with(auk_phrase_batch *self, batch_word *word, const auk_phrase_floor *floor)
{
    found_batch found;
    uint32_t kept = 0;
    empty(&word->rows);
    for (uint32_t at = 0, taken; at < self->count; at += taken) {
        found.count = auk_postings_join(word->postings, self->docs + at, self->count - at, &taken,
                                        found.numbers, found.indices);
        if (floor->floor > 0 && !self->starts && found.count > 0 &&
            !prune(self, word->postings, at, floor, &found))
            return false;
        if (found.count == 0)
            continue;
        if (!auk_postings_block_positions(word->postings, found.indices, found.count, &word->rows))
            return false;
        for (uint32_t i = 0; i < found.count; i++)
            move(self, kept++, at + found.numbers[i]);
    }
    cut(self, kept);
    return true;
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

static bool read_rarest(auk_phrase_batch *self)
{
    batch_word *rarest = &self->words[0];
    empty(&rarest->rows);
    self->starts = rarest;
    return auk_postings_block_positions(rarest->postings, self->indices, self->count,
                                        &rarest->rows);
}

bool auk_phrase_batch_take(auk_phrase_batch *self, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, float *freqs, uint32_t *count)
{
    *count = 0;
    *last = take_lead(self, limit);
    self->starts = NULL;
    for (uint32_t w = 1; w < self->word_count && self->count > 0; w++) {
        if (!keep_those_with(self, &self->words[w], floor))
            return false;
        if (self->count > 0 && w == 1 && !read_rarest(self))
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

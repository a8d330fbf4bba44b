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
    /* Documents of the rarest word, in its block, from an index on: */
    const auk_doc *lead;
    uint32_t lead_from, lead_count;
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

/* ---- candidates ---- */

/* The documents of the rarest word's block, from where it stands, below limit; answers how far they
 * go. */
static auk_doc take_lead(auk_phrase_batch *self, auk_doc limit)
{
    auk_postings *postings = self->words[0].postings;
    const auk_doc *docs;
    uint32_t count = auk_postings_block(postings, auk_postings_doc(postings), &docs, NULL);
    auk_doc last = auk_postings_block_last(postings);
    self->lead_count = 0;
    if (count > 0) {
        uint32_t from = auk_postings_index(postings);
        uint32_t end = auk_scorer_find(docs, from, count, limit);
        self->lead = docs + from;
        self->lead_from = from;
        self->lead_count = end - from;
    }
    return last < limit ? last : limit - 1;
}

static uint8_t code_of(const auk_phrase_floor *floor, auk_doc doc)
{
    return floor->norms ? floor->norms[doc] : AUK_BM25_NORM_ABSENT;
}

/* Names as candidates the documents of the lead that may reach the floor by how often they have
 * the rarest word; false: damaged. */
static bool name_hopeful(auk_phrase_batch *self, const auk_phrase_floor *floor)
{
    const uint32_t *freqs = auk_postings_block_freqs(self->words[0].postings);
    uint8_t codes[AUK_BLOCK_DOCS];
    if (!freqs)
        return false;
    for (uint32_t i = 0; i < self->lead_count; i++)
        codes[i] = code_of(floor, self->lead[i]);
    self->count = self->kernels->within(floor->hopes.limits, freqs + self->lead_from, codes,
                                        self->lead_count, self->indices);
    for (uint32_t i = 0; i < self->count; i++)
        self->docs[i] = self->lead[self->indices[i]];
    return true;
}

/* Can a document that has two words so often reach the floor? A phrase is never more frequent than
 * its words. */
static bool may_reach(const auk_phrase_floor *floor, auk_doc doc, uint32_t a, uint32_t b)
{
    uint32_t least = a < b ? a : b;
    uint8_t code = code_of(floor, doc);
    if (least < AUK_HOPES_FREQS)
        return code <= auk_hopes_limit(&floor->hopes, least);
    return auk_bm25_score(floor->weight, (float)least, floor->inverse[code]) >= floor->floor;
}

/* Drops the candidates that have the second word too rarely, and their places. */
static void prune(auk_phrase_batch *self, const auk_phrase_floor *floor,
                  auk_position_places *places)
{
    const uint32_t *freqs = auk_postings_block_freqs(self->words[0].postings);
    uint8_t numbers[AUK_BLOCK_DOCS];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        auk_doc doc = self->docs[i];
        uint8_t index = self->indices[i];
        numbers[kept] = (uint8_t)i;
        self->docs[kept] = doc;
        self->indices[kept] = index;
        kept += may_reach(floor, doc, freqs[index], places->counts[i]);
    }
    if (kept < self->count)
        auk_position_places_keep(places, numbers, kept);
    self->count = kept;
}

/* The candidates that the second word has too, with its places; false: damaged. */
static bool pair_up(auk_phrase_batch *self, const auk_phrase_floor *floor,
                    auk_position_places *places)
{
    bool prunes = floor->floor > 0;
    if (prunes && !name_hopeful(self, floor))
        return false;
    const auk_doc *docs = prunes ? self->docs : self->lead;
    uint32_t count = prunes ? self->count : self->lead_count;
    uint8_t numbers[AUK_BLOCK_DOCS + 1];
    self->count =
        count ? auk_postings_locate(self->words[1].postings, docs, count, numbers, places) : 0;
    for (uint32_t i = 0; i < self->count; i++) {
        uint32_t index = prunes ? self->indices[numbers[i]] : numbers[i];
        self->docs[i] = self->lead[index];
        self->indices[i] = (uint8_t)(self->lead_from + index);
    }
    if (prunes && self->count > 0)
        prune(self, floor, places);
    return true;
}

static void move(auk_phrase_batch *self, uint32_t to, uint32_t from)
{
    auk_position_rows *rows = &self->starts->rows;
    self->docs[to] = self->docs[from];
    rows->starts[to] = rows->starts[from];
    rows->counts[to] = rows->counts[from];
}

static void cut(auk_phrase_batch *self, uint32_t count)
{
    self->count = self->starts->rows.count = count;
}

/* ---- positions ---- */

/* Keeps the places where the word stands with those before it. The first word of a phrase counts
 * the phrase, even where it stands twice in one place. */
static void keep_places(auk_phrase_batch *self, batch_word *word, bool is_last)
{
    batch_word *kept = word->offset == 0 ? word : self->starts;
    batch_word *other = word->offset == 0 ? self->starts : word;
    uint32_t least = kept->offset < other->offset ? kept->offset : other->offset;
    uint32_t kept_away = other->offset - least, other_away = kept->offset - least;
    if (is_last)
        self->kernels->count_pairs(&kept->rows, kept_away, &other->rows, other_away);
    else
        self->kernels->keep_pairs(&kept->rows, kept_away, &other->rows, other_away);
    self->starts = kept;
    const uint32_t *counts = kept->rows.counts;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        bool keep = counts[i] > 0;
        move(self, count, i);
        count += keep;
    }
    cut(self, count);
}

/* Where both of the two rarest words stand. Frequencies leave some out before. */
static bool read_pair(auk_phrase_batch *self, const auk_phrase_floor *floor)
{
    auk_position_places places[2];
    batch_word *words = self->words;
    if (!pair_up(self, floor, &places[1]))
        return false;
    if (self->count == 0)
        return true;
    self->starts = &words[0];
    return auk_postings_block_places(words[0].postings, self->indices, self->count, &places[0]) &&
           auk_postings_read_places(words[0].postings, &places[0], &words[0].rows) &&
           auk_postings_read_places(words[1].postings, &places[1], &words[1].rows);
}

/* Where a further word stands. */
static bool read_word(auk_phrase_batch *self, batch_word *word)
{
    auk_position_places places;
    uint8_t numbers[AUK_BLOCK_DOCS + 1];
    uint32_t found = auk_postings_locate(word->postings, self->docs, self->count, numbers, &places);
    for (uint32_t i = 0; i < found; i++)
        move(self, i, numbers[i]);
    cut(self, found);
    return auk_postings_read_places(word->postings, &places, &word->rows);
}

bool auk_phrase_batch_take(auk_phrase_batch *self, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, uint32_t *freqs, uint32_t *count)
{
    *count = 0;
    *last = take_lead(self, limit);
    self->count = self->lead_count;
    for (uint32_t w = 1; w < self->word_count && self->count > 0; w++) {
        if (w == 1 ? !read_pair(self, floor) : !read_word(self, &self->words[w]))
            return false;
        if (self->count > 0)
            keep_places(self, &self->words[w], w + 1 == self->word_count);
    }
    for (uint32_t i = 0; i < self->count; i++) {
        docs[i] = self->docs[i];
        freqs[i] = self->starts->rows.counts[i];
    }
    *count = self->count;
    return true;
}

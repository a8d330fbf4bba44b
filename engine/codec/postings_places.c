/*
 * Where a term stands in documents that are asked for: found without a look at the others of their
 * blocks where those are bitsets, and all loaded ahead, because each lies on memory of its own.
 */
#include "postings_reader.h"

#include <string.h>

enum { AHEAD = 32, LINE = 64, SUMS = AUK_BLOCK_DOCS + 1 + AUK_KERNEL_SLACK };

/* A document of a bitset that was found, whose block is not in hand. */
typedef struct hit {
    uint32_t block;
    uint32_t rank;
    uint32_t slot; /* its place's */
    const uint8_t *freqs_at;
} hit;

/* Documents on their way through the steps. */
typedef struct walk {
    auk_postings *postings;
    const auk_doc *docs;
    uint8_t *numbers;
    auk_place *places;
    uint32_t found;
    uint32_t blocks[AHEAD];
    hit hits[AHEAD];
    uint32_t hit_count;
} walk;

/* ---- from frequencies to places ---- */

/* The chunk of a block, begun to load; NULL: damaged. */
static const uint8_t *chunk_of(const auk_postings *postings, uint32_t block)
{
    const uint8_t *at = postings->chunks;
    if (postings->last_docs != NULL && at != NULL) {
        uint32_t offset = auk_load_u32(postings->pos_offsets + (size_t)block * 4);
        if (offset >= (size_t)(postings->chunks_limit - at))
            return NULL;
        at += offset;
    }
    __builtin_prefetch(at);
    return at;
}

/* Of one document: nothing but its block's frequencies is added up. */
static bool place_one(const auk_postings *postings, const uint8_t *at, uint32_t rank,
                      auk_place *place)
{
    uint64_t before;
    uint32_t count;
    auk_packed_freqs packed;
    if (!auk_packed_freqs_at(postings, at, &packed))
        return false;
    uint64_t all =
        postings->kernels->sum_packed(packed.values, packed.width, rank, &before, &count);
    all += AUK_BLOCK_DOCS;
    before += rank;
    count++;
    for (unsigned i = 0; i < packed.exception_count; i++) {
        uint8_t index = packed.exceptions[2 * i];
        uint32_t more = (uint32_t)packed.exceptions[2 * i + 1] << packed.width;
        all += more;
        before += index < rank ? more : 0;
        count += index == rank ? more : 0;
    }
    if (all > UINT32_MAX / 4 || before + count > all)
        return false;
    place->gaps = (uint32_t)all;
    place->first = (uint32_t)before;
    place->count = count;
    return true;
}

/* By sums of all frequencies in front of each document of the block, which damage may let wrap. */
static bool place_by_sums(const uint32_t *sums, uint32_t size, uint32_t rank, auk_place *place)
{
    uint32_t gaps = sums[size], first = sums[rank], count = sums[rank + 1] - first;
    place->gaps = gaps;
    place->first = first;
    place->count = count;
    return gaps <= UINT32_MAX / 4 && count <= gaps && first <= gaps - count;
}

/* Of several documents of a block that is not in hand. */
static bool place_hits(auk_postings *postings, const hit *hits, uint32_t count, auk_place *places)
{
    const auk_kernels *kernels = postings->kernels;
    uint32_t freqs[AUK_BLOCK_DOCS + AUK_KERNEL_SLACK], sums[SUMS];
    if (!auk_postings_unpack_freqs(postings, hits->freqs_at, freqs))
        return false;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        freqs[i]++;
    bool sound = true;
    kernels->prefix(freqs, AUK_BLOCK_DOCS, sums);
    for (uint32_t i = 0; i < count; i++)
        sound &= place_by_sums(sums, AUK_BLOCK_DOCS, hits[i].rank, &places[hits[i].slot]);
    return sound;
}

static bool ready_sums(auk_postings *postings)
{
    if (postings->sums_ready)
        return true;
    if (!auk_postings_have_freqs(postings))
        return false;
    if (!postings->sums)
        postings->sums = auk_arena_alloc(postings->arena, sizeof *postings->sums * SUMS);
    postings->kernels->prefix(postings->freqs, postings->count, postings->sums);
    postings->sums_ready = true;
    return true;
}

/* Of a list of one document, whose one position the dictionary may keep. */
static void place_lone(const auk_postings *postings, auk_place *place)
{
    uint32_t freq = postings->term.single_freq;
    place->chunk = freq == 1 ? NULL : postings->chunks;
    place->gaps = place->count = freq;
    place->first = freq == 1 ? (uint32_t)postings->term.positions : 0;
}

static bool place_in_hand(auk_postings *postings, const uint8_t *indices, uint32_t count,
                          auk_place *places)
{
    if (!postings->has_list) {
        place_lone(postings, places);
        return postings->term.single_freq <= UINT32_MAX / 4;
    }
    const uint8_t *chunk = chunk_of(postings, postings->following - 1);
    if (!chunk)
        return false;
    for (uint32_t i = 0; i < count; i++)
        places[i].chunk = chunk;
    if (count == 1 && !postings->freqs_ready)
        return place_one(postings, postings->freqs_at, indices[0], places);
    if (!ready_sums(postings))
        return false;
    bool sound = true;
    for (uint32_t i = 0; i < count; i++)
        sound &= place_by_sums(postings->sums, postings->count, indices[i], &places[i]);
    return sound;
}

bool auk_postings_block_places(auk_postings *postings, const uint8_t *indices, uint32_t count,
                               auk_place *places)
{
    if (!postings->want_positions || postings->count == 0)
        return false;
    if (count == 0 || place_in_hand(postings, indices, count, places))
        return true;
    auk_postings_stop(postings, AUK_CORRUPT);
    return false;
}

/* ---- from documents to frequencies ---- */

/* Begins to load what of the block says whether it holds doc: a word of what seems to be a bitset,
 * or else all of it. */
static void expect(const auk_postings *postings, uint32_t block, auk_doc doc)
{
    enum { SPARSE = 7 * AUK_BLOCK_DOCS };
    auk_doc last = auk_postings_last_doc(postings, block);
    auk_doc first = block ? auk_postings_last_doc(postings, block - 1) + 1 : 0;
    if (last - first > SPARSE) {
        auk_postings_expect(postings, block);
        return;
    }
    const uint8_t *at = postings->list + auk_load_u32(postings->offsets + (size_t)block * 4);
    size_t word = doc < first ? 0 : doc / 64 - first / 64;
    __builtin_prefetch(at);
    __builtin_prefetch(at + word * 8);
}

/* The blocks of the documents from .. to; answers how many have one. */
static uint32_t find_blocks(walk *self, uint32_t from, uint32_t to)
{
    auk_postings *postings = self->postings;
    uint32_t block = postings->place_block, before = UINT32_MAX;
    if (block > 0 && auk_postings_last_doc(postings, block - 1) >= self->docs[from])
        block = 0;
    for (uint32_t i = from; i < to; i++) {
        block = auk_postings_block_of(postings, block, self->docs[i]);
        if (block == postings->block_count)
            return i - from;
        if (block != before)
            expect(postings, block, self->docs[i]);
        self->blocks[i - from] = before = postings->place_block = block;
    }
    return to - from;
}

/* The bitset that a block is; *words 0: it is none. False: damaged. */
static bool open_bitset(const auk_postings *postings, uint32_t block, const uint8_t **at,
                        uint32_t *words, uint32_t *first_word)
{
    uint32_t offset = auk_load_u32(postings->offsets + (size_t)block * 4);
    auk_doc last = auk_postings_last_doc(postings, block);
    bool full = block + 1 < postings->block_count || postings->term.doc_freq % AUK_BLOCK_DOCS == 0;
    *words = 0;
    if (offset >= (size_t)(postings->limit - postings->list))
        return false;
    *at = postings->list + offset;
    uint8_t tag = *(*at)++;
    if (!full || tag < AUK_BLOCK_BITSET)
        return true;
    *words = tag - AUK_BLOCK_BITSET;
    if (*words == 0 || *words - 1 > last / 64 ||
        (size_t)(postings->limit - *at) < (size_t)*words * 8)
        return false;
    *first_word = last / 64 - (*words - 1);
    return true;
}

/* Looks documents up in a bitset, those of one block; found ones wait until their frequencies are
 * loaded. */
static bool look_up_bits(walk *self, uint32_t block, const uint8_t *at, uint32_t words,
                         uint32_t first_word, uint32_t from, uint32_t to)
{
    const auk_postings *postings = self->postings;
    const uint8_t *freqs_at = at + (size_t)words * 8;
    uint32_t counted = 0, before = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t word = self->docs[i] / 64 - first_word; /* in front of the first: very far */
        if (word >= words)
            continue;
        uint64_t bits = auk_load_u64(at + (size_t)word * 8), bit = self->docs[i] % 64;
        if (!(bits >> bit & 1))
            continue;
        before += postings->kernels->count_bits(at + (size_t)counted * 8, word - counted);
        counted = word;
        uint32_t rank = before + auk_bits_count(bits & ((UINT64_C(1) << bit) - 1));
        if (rank >= AUK_BLOCK_DOCS)
            return false;
        self->numbers[self->found] = (uint8_t)i;
        self->hits[self->hit_count++] = (hit){block, rank, self->found++, freqs_at};
    }
    __builtin_prefetch(freqs_at);
    __builtin_prefetch(freqs_at + LINE);
    return true;
}

/* In blocks that become the one in hand, the next loaded ahead. */
static bool look_up_docs(walk *self, uint32_t from, uint32_t to)
{
    auk_postings *postings = self->postings;
    uint8_t numbers[AUK_BLOCK_DOCS + 1], indices[AUK_BLOCK_DOCS + 1];
    for (uint32_t taken; from < to; from += taken) {
        uint32_t found =
            auk_postings_join(postings, self->docs + from, to - from, &taken, numbers, indices);
        if (from + taken < to && postings->following < postings->block_count)
            auk_postings_expect(postings, postings->following);
        if (found > 0 && !place_in_hand(postings, indices, found, self->places + self->found))
            return false;
        for (uint32_t i = 0; i < found; i++)
            self->numbers[self->found++] = (uint8_t)(from + numbers[i]);
    }
    return true;
}

/* Those that were found in bitsets, block after block. */
static bool place_found(walk *self)
{
    auk_postings *postings = self->postings;
    for (uint32_t i = 0, end; i < self->hit_count; i = end) {
        const hit *first = &self->hits[i];
        const uint8_t *chunk = chunk_of(postings, first->block);
        if (!chunk)
            return false;
        for (end = i; end < self->hit_count && self->hits[end].block == first->block; end++)
            self->places[self->hits[end].slot].chunk = chunk;
        if (end == i + 1
                ? !place_one(postings, first->freqs_at, first->rank, &self->places[first->slot])
                : !place_hits(postings, first, end - i, self->places))
            return false;
    }
    self->hit_count = 0;
    return true;
}

/* Documents from .. to, whose blocks are known. */
static bool look_up(walk *self, uint32_t from, uint32_t to)
{
    const uint32_t *blocks = self->blocks;
    for (uint32_t i = from, end; i < to; i = end) {
        const uint8_t *at;
        uint32_t words, first_word, block = blocks[i - from];
        for (end = i + 1; end < to && blocks[end - from] == block;)
            end++;
        if (!open_bitset(self->postings, block, &at, &words, &first_word))
            return false;
        if (words ? !look_up_bits(self, block, at, words, first_word, i, end)
                  : !look_up_docs(self, i, end))
            return false;
    }
    return place_found(self);
}

/* Do so few of the documents share a block that it is better not decoded? */
static bool lie_apart(auk_postings *postings, const auk_doc *docs, uint32_t count)
{
    enum { CLOSE = 3 };
    if (postings->last_docs == NULL)
        return false;
    uint32_t first = auk_postings_block_of(postings, postings->place_block, docs[0]);
    uint32_t last = auk_postings_block_of(postings, first, docs[count - 1]);
    postings->place_block = first;
    return (last - first) * CLOSE >= count;
}

static bool look_up_apart(walk *self, uint32_t count)
{
    for (uint32_t from = 0; from < count; from += AHEAD) {
        uint32_t to = count - from < AHEAD ? count : from + AHEAD;
        uint32_t known = find_blocks(self, from, to);
        if (!look_up(self, from, from + known))
            return false;
        if (known < to - from)
            break;
    }
    return true;
}

uint32_t auk_postings_locate(auk_postings *postings, const auk_doc *docs, uint32_t count,
                             uint8_t *numbers, auk_place *places)
{
    walk self = {.postings = postings, .docs = docs, .numbers = numbers, .places = places};
    if (postings->want_positions &&
        (lie_apart(postings, docs, count) ? look_up_apart(&self, count)
                                          : look_up_docs(&self, 0, count)) &&
        postings->status == AUK_OK)
        return self.found;
    auk_postings_stop(postings, AUK_CORRUPT);
    return 0;
}

/* ---- from places to positions ---- */

/* Makes room behind the rows. */
static void reserve_rows(auk_postings *postings, auk_position_rows *rows, uint32_t used)
{
    if (used <= rows->capacity && rows->positions)
        return;
    uint32_t capacity = used < 256 ? 512 : used * 2;
    uint32_t *positions =
        auk_arena_alloc(postings->arena, sizeof *positions * (capacity + AUK_KERNEL_SLACK));
    if (rows->used)
        memcpy(positions, rows->positions, sizeof *positions * rows->used);
    rows->positions = positions;
    rows->capacity = capacity;
}

/* A row for each place. */
static bool add_rows(auk_postings *postings, const auk_place *places, uint32_t count,
                     auk_position_rows *rows)
{
    uint64_t used = rows->used;
    for (uint32_t i = 0; i < count; i++) {
        rows->starts[rows->count + i] = (uint32_t)used;
        rows->counts[rows->count + i] = places[i].count;
        used += ((uint64_t)places[i].count + AUK_ROW_STEP - 1) / AUK_ROW_STEP * AUK_ROW_STEP;
    }
    if (used > UINT32_MAX / 4)
        return false;
    reserve_rows(postings, rows, (uint32_t)used);
    rows->count += count;
    rows->used = (uint32_t)used;
    return true;
}

/* All gaps of a chunk. */
static bool read_gaps(auk_postings *postings, auk_positions_chunk *chunk)
{
    uint64_t count = chunk->count;
    if (count > postings->gaps_capacity) {
        postings->gaps_capacity = (uint32_t)count * 2;
        postings->gaps = auk_arena_alloc(postings->arena,
                                         sizeof *postings->gaps *
                                             ((size_t)postings->gaps_capacity + AUK_KERNEL_SLACK));
    }
    return auk_positions_chunk_read_gaps(chunk, postings->kernels, postings->gaps);
}

/* Places of one chunk, to rows that begin at starts. */
static bool read_chunk(auk_postings *postings, auk_positions_chunk *chunk, const auk_place *places,
                       uint32_t count, const uint32_t *starts, uint32_t *out)
{
    uint32_t firsts[AUK_BLOCK_DOCS], counts[AUK_BLOCK_DOCS];
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        firsts[i] = places[i].first;
        counts[i] = places[i].count;
        total += counts[i];
    }
    if (total <= chunk->count / 2 || chunk->count <= AUK_POSITIONS_GROUP)
        return auk_positions_chunk_read_rows(chunk, postings->kernels, firsts, counts, starts,
                                             count, out);
    if (!read_gaps(postings, chunk))
        return false;
    postings->kernels->sum_rows((const uint8_t *)postings->gaps, 32, 0, firsts, counts, starts,
                                count, out);
    return true;
}

/* Places of one chunk, which lie side by side. */
typedef struct chunk_run {
    auk_positions_chunk chunk;
    uint32_t from, to;
} chunk_run;

/* The runs of places from *at on, each begun to load; *at moves behind them. False: damaged. */
static bool open_runs(const auk_postings *postings, const auk_place *places, uint32_t count,
                      uint32_t *at, chunk_run *runs, uint32_t *run_count)
{
    *run_count = 0;
    while (*at < count && *run_count < AHEAD) {
        const auk_place *place = &places[*at];
        chunk_run *run = &runs[(*run_count)++];
        run->from = *at;
        while (*at < count && places[*at].chunk == place->chunk)
            ++*at;
        run->to = *at;
        if (place->chunk && !(auk_positions_chunk_open(&run->chunk, place->chunk,
                                                       postings->chunks_limit, place->gaps) &&
                              auk_positions_chunk_expect(&run->chunk, place->first)))
            return false;
    }
    return true;
}

static bool read_places(auk_postings *postings, const auk_place *places, uint32_t count,
                        const uint32_t *starts, uint32_t *out)
{
    chunk_run runs[AHEAD];
    for (uint32_t at = 0, run_count; at < count;) {
        if (!open_runs(postings, places, count, &at, runs, &run_count))
            return false;
        for (uint32_t i = 0; i < run_count; i++) {
            chunk_run *run = &runs[i];
            if (!places[run->from].chunk)
                out[starts[run->from]] = places[run->from].first;
            else if (!read_chunk(postings, &run->chunk, places + run->from, run->to - run->from,
                                 starts + run->from, out))
                return false;
        }
    }
    return true;
}

bool auk_postings_read_places(auk_postings *postings, const auk_place *places, uint32_t count,
                              auk_position_rows *rows)
{
    uint32_t before = rows->count;
    if (add_rows(postings, places, count, rows) &&
        read_places(postings, places, count, rows->starts + before, rows->positions))
        return true;
    auk_postings_stop(postings, AUK_CORRUPT);
    return false;
}

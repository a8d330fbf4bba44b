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
    const uint8_t *freqs_at;
} hit;

/* Documents on their way through the steps. */
typedef struct walk {
    auk_postings *postings;
    const auk_doc *docs;
    uint8_t *numbers;
    auk_position_places *places;
    uint32_t found; /* those of hits included, which have no places yet */
    uint32_t blocks[AHEAD];
    hit hits[AHEAD];
    uint32_t hit_count;
} walk;

/* ---- from frequencies to places ---- */

/* Adds the chunk of a block, begun to load, with documents to come; false: damaged. */
static bool add_chunk(const auk_postings *postings, uint32_t block, auk_position_places *places)
{
    const uint8_t *at = postings->chunks;
    if (postings->last_docs != NULL && at != NULL) {
        uint32_t offset = auk_load_u32(postings->pos_offsets + (size_t)block * 4);
        if (offset >= (size_t)(postings->chunks_limit - at))
            return false;
        at += offset;
    }
    __builtin_prefetch(at);
    places->chunks[places->chunk_count++] = (auk_position_chunk){at, 0, places->count};
    return true;
}

/* So many documents more, in the chunk that was added last, which has so many gaps. */
static void end_chunk(auk_position_places *places, uint32_t gaps, uint32_t count)
{
    auk_position_chunk *chunk = &places->chunks[places->chunk_count - 1];
    chunk->gaps = gaps;
    chunk->end = places->count += count;
}

/* Of one document: nothing but its block's frequencies is added up. */
static bool place_one(const auk_postings *postings, const uint8_t *at, uint32_t rank,
                      auk_position_places *places)
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
    places->firsts[places->count] = (uint32_t)before;
    places->counts[places->count] = count;
    end_chunk(places, (uint32_t)all, 1);
    return true;
}

/* By sums of all frequencies in front of each document of the block, which damage may let wrap. */
static bool place_by_sums(const uint32_t *sums, uint32_t size, const uint8_t *ranks, uint32_t count,
                          auk_position_places *places)
{
    uint32_t gaps = sums[size], *firsts = places->firsts + places->count,
             *counts = places->counts + places->count;
    bool sound = gaps <= UINT32_MAX / 4;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = sums[ranks[i]], end = sums[ranks[i] + 1];
        firsts[i] = first;
        counts[i] = end - first;
        sound &= first <= end && end <= gaps;
    }
    end_chunk(places, gaps, count);
    return sound;
}

/* Of several documents of a block that is not in hand. */
static bool place_hits(auk_postings *postings, const hit *hits, uint32_t count,
                       auk_position_places *places)
{
    const auk_kernels *kernels = postings->kernels;
    uint32_t freqs[AUK_BLOCK_DOCS + AUK_KERNEL_SLACK], sums[SUMS];
    uint8_t ranks[AHEAD];
    if (!auk_postings_unpack_freqs(postings, hits->freqs_at, freqs))
        return false;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        freqs[i]++;
    for (uint32_t i = 0; i < count; i++)
        ranks[i] = (uint8_t)hits[i].rank;
    kernels->prefix(freqs, AUK_BLOCK_DOCS, sums);
    return place_by_sums(sums, AUK_BLOCK_DOCS, ranks, count, places);
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
static bool place_lone(const auk_postings *postings, auk_position_places *places)
{
    uint32_t freq = postings->term.single_freq;
    places->firsts[places->count] = freq == 1 ? (uint32_t)postings->term.positions : 0;
    places->counts[places->count] = freq;
    places->chunks[places->chunk_count++] =
        (auk_position_chunk){freq == 1 ? NULL : postings->chunks, freq, ++places->count};
    return freq <= UINT32_MAX / 4;
}

/* Adds those of the block in hand. */
static bool place_in_hand(auk_postings *postings, const uint8_t *indices, uint32_t count,
                          auk_position_places *places)
{
    if (!postings->has_list)
        return place_lone(postings, places);
    if (!add_chunk(postings, postings->following - 1, places))
        return false;
    if (count == 1 && !postings->freqs_ready)
        return place_one(postings, postings->freqs_at, indices[0], places);
    return ready_sums(postings) &&
           place_by_sums(postings->sums, postings->count, indices, count, places);
}

bool auk_postings_block_places(auk_postings *postings, const uint8_t *indices, uint32_t count,
                               auk_position_places *places)
{
    places->count = places->chunk_count = 0;
    if (!postings->want_positions || postings->count == 0)
        return false;
    if (count == 0 || place_in_hand(postings, indices, count, places))
        return true;
    auk_postings_stop(postings, AUK_CORRUPT);
    return false;
}

void auk_position_places_keep(auk_position_places *places, const uint8_t *numbers, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < places->chunk_count; i++) {
        auk_position_chunk *chunk = &places->chunks[i];
        for (; kept < count && numbers[kept] < chunk->end; kept++) {
            places->firsts[kept] = places->firsts[numbers[kept]];
            places->counts[kept] = places->counts[numbers[kept]];
        }
        chunk->end = kept;
    }
    places->count = kept;
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
        self->hits[self->hit_count++] = (hit){block, rank, freqs_at};
        self->found++;
    }
    __builtin_prefetch(freqs_at);
    __builtin_prefetch(freqs_at + LINE);
    return true;
}

/* Those that were found in bitsets, block after block. */
static bool place_found(walk *self)
{
    auk_postings *postings = self->postings;
    for (uint32_t i = 0, end; i < self->hit_count; i = end) {
        const hit *first = &self->hits[i];
        if (!add_chunk(postings, first->block, self->places))
            return false;
        for (end = i + 1; end < self->hit_count && self->hits[end].block == first->block;)
            end++;
        if (end == i + 1 ? !place_one(postings, first->freqs_at, first->rank, self->places)
                         : !place_hits(postings, first, end - i, self->places))
            return false;
    }
    self->hit_count = 0;
    return true;
}

/* In blocks that become the one in hand, the next loaded ahead. */
static bool look_up_docs(walk *self, uint32_t from, uint32_t to)
{
    auk_postings *postings = self->postings;
    uint8_t indices[AUK_BLOCK_DOCS + 1];
    if (!place_found(self)) /* places keep the order of the list */
        return false;
    for (uint32_t taken; from < to; from += taken) {
        uint8_t *numbers = self->numbers + self->found;
        uint32_t found =
            auk_postings_join(postings, self->docs + from, to - from, &taken, numbers, indices);
        if (from + taken < to && postings->following < postings->block_count)
            auk_postings_expect(postings, postings->following);
        if (found > 0 && !place_in_hand(postings, indices, found, self->places))
            return false;
        for (uint32_t i = 0; from > 0 && i < found; i++)
            numbers[i] = (uint8_t)(from + numbers[i]);
        self->found += found;
    }
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
                             uint8_t *numbers, auk_position_places *places)
{
    walk self; /* not cleared: there is much room in it for hits */
    self.postings = postings;
    self.docs = docs;
    self.numbers = numbers;
    self.places = places;
    self.found = self.hit_count = 0;
    places->count = places->chunk_count = 0;
    if (postings->want_positions &&
        (lie_apart(postings, docs, count) ? look_up_apart(&self, count)
                                          : look_up_docs(&self, 0, count)) &&
        postings->status == AUK_OK)
        return self.found;
    auk_postings_stop(postings, AUK_CORRUPT);
    return 0;
}

/* ---- from places to positions ---- */

static void reserve_rows(auk_postings *postings, auk_position_rows *rows, uint32_t used)
{
    if (used <= rows->capacity && rows->positions)
        return;
    uint32_t capacity = used < 256 ? 512 : used * 2;
    rows->positions =
        auk_arena_alloc(postings->arena, sizeof *rows->positions * (capacity + AUK_KERNEL_SLACK));
    rows->capacity = capacity;
}

/* A row for each place. */
static bool make_rows(auk_postings *postings, const auk_position_places *places,
                      auk_position_rows *rows)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < places->count; i++) {
        rows->starts[i] = (uint32_t)used;
        used += ((uint64_t)places->counts[i] + AUK_ROW_STEP - 1) / AUK_ROW_STEP * AUK_ROW_STEP;
    }
    if (used > UINT32_MAX / 4)
        return false;
    memcpy(rows->counts, places->counts, sizeof *rows->counts * places->count);
    rows->count = places->count;
    reserve_rows(postings, rows, (uint32_t)used);
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

/* Documents of one chunk, which stand side by side. */
typedef struct chunk_run {
    auk_positions_chunk chunk;
    uint32_t from, to;
    bool listed; /* false: the place is the position */
} chunk_run;

/* Those of a run, to the rows from its first one on. */
static bool read_run(auk_postings *postings, chunk_run *run, const auk_position_places *places,
                     auk_position_rows *rows)
{
    const uint32_t *firsts = places->firsts + run->from, *counts = places->counts + run->from;
    const uint32_t *starts = rows->starts + run->from;
    uint32_t count = run->to - run->from;
    auk_positions_chunk *chunk = &run->chunk;
    uint64_t total = 0;
    if (!run->listed) {
        rows->positions[starts[0]] = firsts[0];
        return true;
    }
    for (uint32_t i = 0; i < count; i++)
        total += counts[i];
    if (total <= chunk->count / 2 || chunk->count <= AUK_POSITIONS_GROUP)
        return auk_positions_chunk_read_rows(chunk, postings->kernels, firsts, counts, starts,
                                             count, rows->positions);
    if (!read_gaps(postings, chunk))
        return false;
    postings->kernels->sum_rows((const uint8_t *)postings->gaps, 32, 0, firsts, counts, starts,
                                count, rows->positions);
    return true;
}

/* The runs of chunks from *at on, each begun to load; *at moves behind them. False: damaged. */
static bool open_runs(const auk_postings *postings, const auk_position_places *places, uint32_t *at,
                      chunk_run *runs, uint32_t *run_count)
{
    *run_count = 0;
    for (; *at < places->chunk_count && *run_count < AHEAD; ++*at) {
        const auk_position_chunk *place = &places->chunks[*at];
        chunk_run *run = &runs[*run_count];
        run->from = *at ? place[-1].end : 0;
        run->to = place->end;
        run->listed = place->at != NULL;
        if (run->from == run->to)
            continue;
        if (run->listed && !(auk_positions_chunk_open(&run->chunk, place->at,
                                                      postings->chunks_limit, place->gaps) &&
                             auk_positions_chunk_expect(&run->chunk, places->firsts[run->from])))
            return false;
        ++*run_count;
    }
    return true;
}

static bool read_places(auk_postings *postings, const auk_position_places *places,
                        auk_position_rows *rows)
{
    chunk_run runs[AHEAD];
    for (uint32_t at = 0, run_count; at < places->chunk_count;) {
        if (!open_runs(postings, places, &at, runs, &run_count))
            return false;
        for (uint32_t i = 0; i < run_count; i++)
            if (!read_run(postings, &runs[i], places, rows))
                return false;
    }
    return true;
}

bool auk_postings_read_places(auk_postings *postings, const auk_position_places *places,
                              auk_position_rows *rows)
{
    if (make_rows(postings, places, rows) && read_places(postings, places, rows))
        return true;
    auk_postings_stop(postings, AUK_CORRUPT);
    return false;
}

/* The positions of the document in hand, and of no other. */
#include <string.h>

#include "postings_reader.h"

static bool open_chunk(auk_postings *postings)
{
    const uint8_t *at = postings->chunks;
    if (postings->last_docs != NULL) {
        uint32_t block = postings->following - 1;
        uint32_t offset = auk_load_u32(postings->pos_offsets + (size_t)block * 4);
        if (offset >= (size_t)(postings->chunks_limit - at))
            return false;
        at += offset;
    }
    uint64_t gaps = postings->kernels->sum(postings->freqs, postings->count);
    postings->chunk_ready =
        auk_positions_chunk_open(&postings->chunk, at, postings->chunks_limit, gaps);
    return postings->chunk_ready;
}

/* How many positions the block has in front of document index. */
static uint64_t count_before(auk_postings *postings, uint32_t index)
{
    if (index < postings->counted) {
        postings->counted = 0;
        postings->counted_sum = 0;
    }
    postings->counted_sum +=
        postings->kernels->sum(postings->freqs + postings->counted, index - postings->counted);
    postings->counted = index;
    return postings->counted_sum;
}

static void reserve_positions(auk_postings *postings, uint32_t count)
{
    if (count <= postings->positions_capacity && postings->positions != NULL)
        return;
    size_t capacity = count < 64 ? 64 : (size_t)count + count / 2;
    postings->positions =
        auk_arena_alloc(postings->arena, sizeof(uint32_t) * (capacity + AUK_KERNEL_SLACK));
    postings->positions_capacity = capacity;
}

static bool read_positions(auk_postings *postings, uint32_t index)
{
    if (!auk_postings_have_freqs(postings))
        return false;
    uint32_t freq = postings->freqs[index];
    if (!postings->has_list && freq == 1) {
        reserve_positions(postings, 1);
        postings->positions[0] = (uint32_t)postings->term.positions;
        return true;
    }
    /* The chunk, once open, vouches that its gaps, and so freq, fit the bytes there are. */
    if (!postings->chunk_ready && !open_chunk(postings))
        return false;
    reserve_positions(postings, freq);
    return auk_positions_chunk_read(&postings->chunk, postings->kernels,
                                    count_before(postings, index), freq, postings->positions);
}

enum { SUMS = AUK_BLOCK_DOCS + 1 + AUK_KERNEL_SLACK };

/* Where the gaps of count documents of the block begin, how many they are, and where their rows go;
 * answers how many in all. */
static uint64_t find_rows(auk_postings *postings, const uint8_t *indices, uint32_t count,
                          uint32_t *firsts, auk_position_rows *rows)
{
    uint32_t *starts = rows->starts + rows->count, *counts = rows->counts + rows->count;
    uint64_t total = 0, used = rows->used;
    if (!postings->sums)
        postings->sums = auk_arena_alloc(postings->arena, sizeof *postings->sums * SUMS);
    if (!postings->sums_ready)
        postings->kernels->prefix(postings->freqs, postings->count, postings->sums);
    postings->sums_ready = true;
    for (uint32_t i = 0; i < count; i++) {
        firsts[i] = postings->sums[indices[i]];
        counts[i] = postings->freqs[indices[i]];
        starts[i] = (uint32_t)used;
        used += ((uint64_t)counts[i] + AUK_ROW_STEP - 1) / AUK_ROW_STEP * AUK_ROW_STEP;
        total += counts[i];
    }
    return used <= UINT32_MAX / 2 ? total : UINT64_MAX;
}

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

static void add_rows(auk_position_rows *rows, uint32_t count)
{
    uint32_t last = rows->count + count - 1;
    rows->count += count;
    rows->used =
        rows->starts[last] + (rows->counts[last] + AUK_ROW_STEP - 1) / AUK_ROW_STEP * AUK_ROW_STEP;
}

/* All gaps of the block. */
static bool read_gaps(auk_postings *postings)
{
    uint64_t count = postings->chunk.count;
    if (count > postings->gaps_capacity) {
        postings->gaps_capacity = (uint32_t)count * 2;
        postings->gaps = auk_arena_alloc(postings->arena,
                                         sizeof *postings->gaps *
                                             ((size_t)postings->gaps_capacity + AUK_KERNEL_SLACK));
    }
    return auk_positions_chunk_read_gaps(&postings->chunk, postings->kernels, postings->gaps);
}

static bool read_rows(auk_postings *postings, const uint8_t *indices, uint32_t count,
                      auk_position_rows *rows)
{
    const auk_kernels *kernels = postings->kernels;
    uint32_t firsts[AUK_BLOCK_DOCS], before = rows->count;
    if (!auk_postings_have_freqs(postings) || (!postings->chunk_ready && !open_chunk(postings)))
        return false;
    uint64_t all = postings->chunk.count;
    uint64_t total = all > UINT32_MAX / 4 ? UINT64_MAX /* sums are of 32 bits */
                                          : find_rows(postings, indices, count, firsts, rows);
    if (total == UINT64_MAX)
        return false;
    const uint32_t *starts = rows->starts + before, *counts = rows->counts + before;
    reserve_rows(postings, rows, starts[count - 1] + counts[count - 1] + AUK_ROW_STEP);
    add_rows(rows, count);
    if (total <= all / 2 || all <= AUK_POSITIONS_GROUP)
        return auk_positions_chunk_read_rows(&postings->chunk, kernels, firsts, counts, starts,
                                             count, rows->positions);
    if (!read_gaps(postings))
        return false;
    kernels->sum_rows((const uint8_t *)postings->gaps, 32, 0, firsts, counts, starts, count,
                      rows->positions);
    return true;
}

/* Of a list of one document, which the dictionary may keep. */
static bool read_lone_row(auk_postings *postings, auk_position_rows *rows)
{
    if (!read_positions(postings, 0))
        return false;
    uint32_t freq = postings->freqs[0];
    if (freq > UINT32_MAX / 2 - rows->used)
        return false;
    reserve_rows(postings, rows, rows->used + freq + AUK_ROW_STEP);
    rows->starts[rows->count] = rows->used;
    rows->counts[rows->count] = freq;
    memcpy(rows->positions + rows->used, postings->positions, sizeof *rows->positions * freq);
    add_rows(rows, 1);
    return true;
}

bool auk_postings_block_positions(auk_postings *postings, const uint8_t *indices, uint32_t count,
                                  auk_position_rows *rows)
{
    postings->positions_of = BEFORE_FIRST;
    if (!postings->want_positions || postings->count == 0)
        return false;
    bool sound = count == 0 || (postings->has_list ? read_rows(postings, indices, count, rows)
                                                   : read_lone_row(postings, rows));
    if (!sound)
        auk_postings_stop(postings, AUK_CORRUPT);
    return sound;
}

const uint32_t *auk_postings_positions(auk_postings *postings)
{
    /* Whether the field keeps positions is said by bytes, so asking in vain is no bug of ours. */
    if (!postings->want_positions || auk_postings_doc(postings) == AUK_DOC_END)
        return NULL;
    uint32_t index = auk_postings_rank(postings);
    if (postings->positions_of == (int32_t)index)
        return postings->positions;
    if (!read_positions(postings, index)) {
        auk_postings_stop(postings, AUK_CORRUPT);
        return NULL;
    }
    postings->positions_of = postings->index;
    return postings->positions;
}

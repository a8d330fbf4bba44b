/* The positions of the document in hand, and of no other. */
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

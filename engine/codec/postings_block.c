/* Reading one block of a list, and checking it. */
#include <stddef.h>

#include "postings_reader.h"

static bool read_packed(auk_postings *postings, const uint8_t **at, unsigned width, auk_doc last)
{
    auk_doc *docs = postings->docs;
    if ((size_t)(postings->limit - *at) < 32u * width)
        return false;
    postings->kernels->unpack_docs(*at, width, last, docs);
    *at += 32u * width;
    if (width > 23) {
        /* 256 gaps may wrap round more than once; below, a wrap leaves the first above the last. */
        for (uint32_t i = 1; i < AUK_BLOCK_DOCS; i++) {
            if (docs[i] <= docs[i - 1])
                return false;
        }
    }
    return docs[0] < last;
}

static bool read_bitset(auk_postings *postings, const uint8_t **at, uint32_t words, auk_doc last)
{
    if (words == 0 || words - 1 > last / 64 || (size_t)(postings->limit - *at) < (size_t)words * 8)
        return false;
    uint64_t top = auk_load_u64(*at + (size_t)(words - 1) * 8);
    if (top >> (last % 64) != 1 || postings->kernels->count_bits(*at, words) != AUK_BLOCK_DOCS)
        return false;
    postings->words = *at;
    postings->word_count = words;
    postings->first_word = last / 64 - (words - 1);
    *at += (size_t)words * 8;
    return true;
}

static auk_doc first_doc(const auk_postings *postings)
{
    if (!postings->words)
        return postings->docs[0];
    uint32_t word = 0;
    while (auk_load_u64(postings->words + (size_t)word * 8) == 0)
        word++;
    uint64_t bits = auk_load_u64(postings->words + (size_t)word * 8);
    return (postings->first_word + word) * 64 + (auk_doc)__builtin_ctzll(bits);
}

static bool read_full(auk_postings *postings, const uint8_t *at, auk_doc last)
{
    if (at >= postings->limit)
        return false;
    uint8_t tag = *at++;
    if (tag == 0) {
        if (last < AUK_BLOCK_DOCS - 1)
            return false;
        for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
            postings->docs[i] = last - (AUK_BLOCK_DOCS - 1) + i;
    } else if (tag >= AUK_BLOCK_BITSET) {
        if (!read_bitset(postings, &at, tag - AUK_BLOCK_BITSET, last))
            return false;
    } else if (tag > AUK_PACKED_WIDEST || !read_packed(postings, &at, tag, last)) {
        return false;
    }
    postings->freqs_at = at;
    return (int64_t)first_doc(postings) > postings->floor;
}

static bool read_vbytes(const auk_postings *postings, const uint8_t **at, uint32_t count,
                        uint32_t *out)
{
    size_t left = (size_t)(postings->limit - *at), control = (count + 3) / 4;
    if (left < control)
        return false;
    size_t data = postings->kernels->vbyte_size(*at, count);
    if (left - control < data)
        return false;
    postings->kernels->vbyte_decode(*at, *at + control, count, out);
    *at += control + data;
    return true;
}

static bool read_tail_freqs(auk_postings *postings, const uint8_t *at, uint32_t count,
                            uint32_t others)
{
    /* freqs[i] is 1 where the document's value said so. */
    uint32_t values[AUK_BLOCK_DOCS + AUK_KERNEL_SLACK];
    if (others > 0 && !read_vbytes(postings, &at, others, values))
        return false;
    const uint32_t *other = values;
    for (uint32_t i = 0; i < count; i++) {
        if (postings->freqs[i] != 1)
            postings->freqs[i] = *other++ + 2; /* NOLINT: `others` of them were read */
    }
    return true;
}

static bool read_tail(auk_postings *postings, const uint8_t *at, uint32_t count, int64_t before)
{
    bool has_freqs = postings->terms->stats.has_freqs;
    auk_doc *docs = postings->docs;
    if (!read_vbytes(postings, &at, count, docs))
        return false;

    uint64_t doc = (uint64_t)(before + 1);
    uint32_t others = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = docs[i];
        uint32_t is_one = 1;
        if (has_freqs) {
            is_one = value & 1;
            value >>= 1;
            others += 1 - is_one;
        }
        if (postings->freqs != NULL)
            postings->freqs[i] = is_one;
        doc += value;
        docs[i] = (auk_doc)doc;
        doc++;
    }
    postings->freqs_ready = true;
    /* doc is now one past the last, summed without wrapping. */
    if (doc > postings->terms->values.doc_count || (int64_t)docs[0] <= postings->floor)
        return false;
    return postings->freqs == NULL || !has_freqs || read_tail_freqs(postings, at, count, others);
}

static bool read_listed(auk_postings *postings, uint32_t block)
{
    uint32_t tail = postings->term.doc_freq % AUK_BLOCK_DOCS;
    if (postings->last_docs == NULL) {
        postings->count = tail;
        return read_tail(postings, postings->list + 1, tail, -1);
    }

    uint32_t offset = auk_load_u32(postings->offsets + (size_t)block * 4);
    if (offset > (size_t)(postings->limit - postings->list))
        return false;
    const uint8_t *at = postings->list + offset;
    auk_doc last = auk_load_u32(postings->last_docs + (size_t)block * 4);
    int64_t before =
        block ? (int64_t)auk_load_u32(postings->last_docs + (size_t)block * 4 - 4) : -1;
    if (last >= postings->terms->values.doc_count || before > (int64_t)last)
        return false;
    if (before > postings->floor)
        postings->floor = before;

    bool is_tail = tail != 0 && block == postings->block_count - 1;
    postings->count = is_tail ? tail : AUK_BLOCK_DOCS;
    if (!is_tail)
        return read_full(postings, at, last);
    return read_tail(postings, at, tail, before) && postings->docs[tail - 1] == last;
}

static bool read_block(auk_postings *postings, uint32_t block)
{
    if (postings->has_list)
        return read_listed(postings, block);
    postings->count = 1;
    postings->docs[0] = postings->term.single_doc;
    if (postings->freqs != NULL)
        postings->freqs[0] = postings->term.single_freq;
    postings->freqs_ready = true;
    return true;
}

static _Thread_local uint64_t blocks_read __attribute__((tls_model("initial-exec")));

uint64_t auk_postings_blocks_read(void)
{
    return blocks_read;
}

void auk_postings_note_block(void)
{
    blocks_read++;
}

bool auk_postings_load(auk_postings *postings, uint32_t block)
{
    if (postings->count > 0)
        postings->floor = postings->last;
    postings->index = BEFORE_FIRST;
    postings->positions_of = BEFORE_FIRST;
    postings->freqs_ready = !postings->terms->stats.has_freqs;
    postings->words = NULL;
    postings->doc_is_ahead = false;
    postings->ranks_ready = false;
    postings->chunk_ready = false;
    postings->sums_ready = false;
    postings->counted = 0;
    postings->counted_sum = 0;
    postings->following = block + 1;
    blocks_read++;

    if (!read_block(postings, block)) {
        auk_postings_stop(postings, AUK_CORRUPT);
        return false;
    }
    bool listed = postings->last_docs != NULL;
    postings->last =
        listed ? auk_postings_last_doc(postings, block) : postings->docs[postings->count - 1];
    if (postings->has_list && !postings->terms->stats.has_freqs && postings->freqs != NULL)
        for (uint32_t i = 0; i < postings->count; i++)
            postings->freqs[i] = 1;
    return true;
}

void auk_postings_expand(auk_postings *postings)
{
    if (!postings->words)
        return;
    if (postings->index != BEFORE_FIRST)
        (void)auk_postings_rank(postings);
    postings->kernels->expand_bits(postings->words, postings->word_count, postings->first_word * 64,
                                   postings->docs);
    postings->words = NULL;
}

uint32_t auk_postings_rank(auk_postings *postings)
{
    if (postings->doc_is_ahead) {
        uint32_t word = postings->doc / 64 - postings->first_word;
        uint64_t below = (UINT64_C(1) << (postings->doc % 64)) - 1;
        uint32_t rank = postings->kernels->count_bits(postings->words, word);
        rank += auk_bits_count(auk_load_u64(postings->words + (size_t)word * 8) & below);
        postings->index = (int32_t)rank;
        postings->doc_is_ahead = false;
    }
    return (uint32_t)postings->index;
}

bool auk_postings_unpack_freqs(const auk_postings *postings, const uint8_t *at, uint32_t *freqs)
{
    auk_packed_freqs packed;
    if (!auk_packed_freqs_at(postings, at, &packed))
        return false;
    postings->kernels->unpack(packed.values, packed.width, freqs);
    for (unsigned i = 0; i < packed.exception_count; i++)
        freqs[packed.exceptions[2 * i]] += (uint32_t)packed.exceptions[2 * i + 1] << packed.width;
    return true;
}

/* The frequencies of a full block, when they are asked for. */
static bool read_freqs(auk_postings *postings)
{
    if (!auk_postings_unpack_freqs(postings, postings->freqs_at, postings->freqs))
        return false;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        postings->freqs[i]++;
    postings->freqs_ready = true;
    return true;
}

bool auk_postings_have_freqs(auk_postings *postings)
{
    if (postings->freqs_ready || read_freqs(postings))
        return true;
    auk_postings_stop(postings, AUK_CORRUPT);
    return false;
}

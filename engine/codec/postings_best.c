/* Blocks of a list in an order of the caller's, and what of them has the term often. */
#include <stddef.h>

#include "postings_reader.h"

/* The block in hand is left, whatever its number. */
static void leave(auk_postings *postings, uint32_t block)
{
    postings->count = 0;
    postings->floor =
        block && postings->last_docs ? (int64_t)auk_postings_last_doc(postings, block - 1) : -1;
}

void auk_postings_expect(const auk_postings *postings, uint32_t block)
{
    enum { LINE = 64, MOST = 16 * LINE };
    if (postings->last_docs == NULL)
        return;
    size_t at = auk_load_u32(postings->offsets + (size_t)block * 4), end = at + MOST;
    size_t left = (size_t)(postings->limit - postings->list);
    if (block + 1 < postings->block_count) {
        size_t next = auk_load_u32(postings->offsets + (size_t)block * 4 + 4);
        end = next < end ? next : end;
    }
    for (end = end < left ? end : left; at < end; at += LINE)
        __builtin_prefetch(postings->list + at);
}

/* Where the frequencies of a full block are: behind its documents, whose size their tag tells. */
static const uint8_t *find_freqs(const auk_postings *postings, uint32_t block)
{
    uint32_t offset = auk_load_u32(postings->offsets + (size_t)block * 4);
    size_t left = (size_t)(postings->limit - postings->list);
    if (offset >= left)
        return NULL;
    const uint8_t *at = postings->list + offset;
    uint8_t tag = *at++;
    size_t size = tag >= AUK_BLOCK_BITSET ? (tag - AUK_BLOCK_BITSET) * (size_t)8 : (size_t)tag * 32;
    return size < left - offset - 1 ? at + size : NULL;
}

/* Where no document is there so often, all of the block but its frequencies stays as it is, and
 * often these too. False: damaged. */
static bool find_frequent(auk_postings *postings, uint32_t block, uint32_t least, uint8_t *indices,
                          uint32_t *found)
{
    const uint8_t *at = find_freqs(postings, block);
    *found = 0;
    if (at == NULL)
        return false;
    unsigned width = *at & 31u, exceptions = *at >> 5;
    if (exceptions == 0 && (least - 1) >> width != 0)
        return true;
    if (!auk_postings_unpack_freqs(postings, at, postings->freqs))
        return false;
    *found = postings->kernels->at_least(postings->freqs, AUK_BLOCK_DOCS, least - 1, indices);
    return true;
}

static bool is_full(const auk_postings *postings, uint32_t block)
{
    return postings->last_docs != NULL && postings->terms->stats.has_freqs &&
           (block + 1 < postings->block_count || postings->term.doc_freq % AUK_BLOCK_DOCS == 0);
}

void auk_postings_block_frequent(auk_postings *postings, uint32_t block, uint32_t least,
                                 auk_frequent *out)
{
    bool full = is_full(postings, block);
    leave(postings, block);
    out->docs = postings->docs;
    out->freqs = postings->freqs;
    out->more = full ? 1 : 0;
    out->size = out->count = 0;
    if (full && !find_frequent(postings, block, least, out->indices, &out->count)) {
        auk_postings_stop(postings, AUK_CORRUPT);
        return;
    }
    if (full && out->count == 0) {
        auk_postings_note_block();
        return;
    }
    if (!auk_postings_load(postings, block) || (!full && !auk_postings_have_freqs(postings))) {
        out->count = 0;
        return;
    }
    auk_postings_expand(postings);
    out->size = postings->count;
    if (!full)
        out->count =
            postings->kernels->at_least(postings->freqs, postings->count, least, out->indices);
}

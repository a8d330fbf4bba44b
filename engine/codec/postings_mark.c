/* The documents of a stretch as bits: blocks that are bitsets already need not become a walk. */
#include "postings_reader.h"

/* Bits of the block in hand, from its document in hand on. */
static void mark_words(const auk_postings *postings, auk_doc base, auk_doc limit, uint64_t *bits)
{
    uint32_t first = postings->doc / 64, behind = (limit + 63) / 64;
    uint32_t end = postings->first_word + postings->word_count;
    behind = behind < end ? behind : end;
    for (uint32_t word = first; word < behind; word++) {
        const uint8_t *at = postings->words + (size_t)(word - postings->first_word) * 8;
        uint64_t found = auk_load_u64(at);
        if (word == first)
            found &= ~UINT64_C(0) << (postings->doc % 64);
        if (word == limit / 64)
            found &= (UINT64_C(1) << (limit % 64)) - 1;
        bits[word - base / 64] |= found;
    }
}

/* count documents without a gap: where similar documents stand together, most of a frequent term.
 */
static void mark_run(uint32_t slot, uint32_t count, uint64_t *bits)
{
    uint32_t first = slot / 64, last = (slot + count - 1) / 64;
    uint64_t from = ~UINT64_C(0) << (slot % 64),
             to = ~UINT64_C(0) >> (63 - (slot + count - 1) % 64);
    bits[first] |= first == last ? from & to : from;
    for (uint32_t word = first + 1; word < last; word++)
        bits[word] = ~UINT64_C(0);
    if (last > first)
        bits[last] |= to;
}

/* Ascending documents, which lie close together or in words of their own. */
static void mark_each(const auk_kernels *kernels, const auk_doc *docs, uint32_t count, auk_doc base,
                      uint64_t *bits)
{
    auk_doc from = docs[0] - docs[0] % 64;
    if (docs[count - 1] - from < AUK_MARK_BITS) {
        kernels->mark_docs(docs, count, from, bits + (from - base) / 64);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        bits[(docs[i] - base) / 64] |= UINT64_C(1) << (docs[i] % 64);
}

static void mark_docs(const auk_postings *postings, auk_doc base, auk_doc limit, uint64_t *bits)
{
    uint32_t end = postings->count;
    if (postings->last >= limit)
        end = postings->kernels->find(postings->docs, (uint32_t)postings->index, end, limit);
    const auk_doc *docs = postings->docs + postings->index;
    uint32_t count = end - (uint32_t)postings->index;
    if (count > 0 && docs[count - 1] - docs[0] == count - 1)
        mark_run(docs[0] - base, count, bits);
    else if (count > 0)
        mark_each(postings->kernels, docs, count, base, bits);
}

/* ---- whole blocks ---- */

typedef enum sweep { SWEPT, NOT_DENSE, DAMAGED } sweep;

/* Whether the words are those of 256 documents, of which the first lies behind `before`. */
static bool words_are_sound(const auk_postings *postings, const uint8_t *at, uint32_t count,
                            auk_doc before, auk_doc last)
{
    if (count == 0 || count - 1 > last / 64 || (size_t)(postings->limit - at) < (size_t)count * 8)
        return false;
    uint32_t first = last / 64 - (count - 1);
    uint64_t passed = ~UINT64_C(0) >> (63 - before % 64);
    if (first < before / 64 || (first == before / 64 && (auk_load_u64(at) & passed)))
        return false;
    return auk_load_u64(at + (size_t)(count - 1) * 8) >> (last % 64) == 1 &&
           postings->kernels->count_bits(at, count) == AUK_BLOCK_DOCS;
}

/* A full block that lies behind `before`, without making it the one in hand. */
static sweep sweep_block(const auk_postings *postings, uint32_t block, auk_doc before, auk_doc last,
                         auk_doc base, uint64_t *bits)
{
    uint32_t offset = auk_load_u32(postings->offsets + (size_t)block * 4);
    if (offset >= (size_t)(postings->limit - postings->list) || last <= before ||
        last >= postings->terms->values.doc_count)
        return DAMAGED;
    const uint8_t *at = postings->list + offset;
    uint8_t tag = *at++;
    if (tag == 0) {
        if (last - before < AUK_BLOCK_DOCS)
            return DAMAGED;
        mark_run(last - (AUK_BLOCK_DOCS - 1) - base, AUK_BLOCK_DOCS, bits);
        return SWEPT;
    }
    if (tag < AUK_BLOCK_BITSET)
        return NOT_DENSE;
    uint32_t count = tag - AUK_BLOCK_BITSET;
    if (!words_are_sound(postings, at, count, before, last))
        return DAMAGED;
    uint64_t *to = bits + (last / 64 - (count - 1) - base / 64);
    for (uint32_t i = 0; i < count; i++)
        to[i] |= auk_load_u64(at + (size_t)i * 8);
    return SWEPT;
}

/* The dense blocks behind the one in hand that end below limit, up to one that is not dense. */
static void sweep_blocks(auk_postings *postings, auk_doc base, auk_doc limit, uint64_t *bits)
{
    uint32_t full = postings->term.doc_freq / AUK_BLOCK_DOCS, block = postings->following;
    auk_doc before = postings->last;
    sweep how = SWEPT;
    if (postings->last_docs == NULL)
        return;
    while (block < full) {
        auk_doc last = auk_postings_last_doc(postings, block);
        if (last >= limit)
            break;
        how = sweep_block(postings, block, before, last, base, bits);
        if (how != SWEPT)
            break;
        auk_postings_note_block();
        before = last;
        block++;
    }
    if (how == DAMAGED) {
        auk_postings_stop(postings, AUK_CORRUPT);
    } else if (block > postings->following) {
        postings->following = block;
        postings->count = 0;
        postings->index = BEFORE_FIRST;
        postings->words = NULL;
        postings->floor = postings->last = before;
    }
}

auk_doc auk_postings_mark(auk_postings *postings, auk_doc base, auk_doc limit, uint64_t *bits)
{
    auk_doc doc = auk_postings_seek(postings, base);
    while (doc < limit) {
        if (postings->words)
            mark_words(postings, base, limit, bits);
        else
            mark_docs(postings, base, limit, bits);
        if (postings->last >= limit)
            return auk_postings_seek(postings, limit);
        sweep_blocks(postings, base, limit, bits);
        doc = auk_postings_seek(postings, postings->last + 1);
    }
    return doc;
}

/* Many documents at once looked up in a list: a block at a time. */
#include "postings_reader.h"

/* Those that are set in the bitset, in which all docs lie. */
static uint32_t join_words(const auk_postings *postings, const auk_doc *docs, uint32_t count,
                           uint8_t *numbers)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t word = docs[i] / 64 - postings->first_word;
        uint64_t bits = auk_load_u64(postings->words + (size_t)word * 8);
        numbers[found] = (uint8_t)i;
        found += (uint32_t)(bits >> (docs[i] % 64) & 1);
    }
    return found;
}

/* One by one where either row has many more than the other, else side by side. */
static uint32_t join_docs(const auk_postings *postings, const auk_doc *docs, uint32_t count,
                          uint8_t *numbers, uint8_t *indices)
{
    enum { MANY_MORE = 24 };
    const auk_kernels *kernels = postings->kernels;
    const auk_doc *mine = postings->docs;
    uint32_t at = (uint32_t)postings->index, end = postings->count, found = 0;
    if ((end - at) / MANY_MORE > count) {
        for (uint32_t i = 0; i < count && at < end; i++) {
            at = kernels->find(mine, at, end, docs[i]);
            numbers[found] = (uint8_t)i;
            indices[found] = (uint8_t)at;
            found += at < end && mine[at] == docs[i];
        }
    } else if (count / MANY_MORE > end - at) {
        for (uint32_t i = 0; i < count && at < end; at++) {
            i = kernels->find(docs, i, count, mine[at]);
            numbers[found] = (uint8_t)i;
            indices[found] = (uint8_t)at;
            found += i < count && docs[i] == mine[at];
        }
    } else {
        found = kernels->match(mine, at, end, docs, count, numbers, indices);
    }
    return found;
}

/* Documents in front of the one where the walk stands, which the list does not hold. */
static uint32_t count_before(const auk_postings *postings, const auk_doc *docs, uint32_t count)
{
    if (docs[0] >= postings->doc)
        return 0;
    return postings->kernels->find(docs, 0, count, postings->doc);
}

/* The lists of a large segment lie in memory that the machine has not at hand: it loads several
 * blocks at once as long as none of them is waited for. */
void auk_postings_foresee(const auk_postings *postings, const auk_doc *docs, uint32_t count)
{
    enum { LINE = 64, LARGE = 1 << 19 };
    uint32_t block = postings->following;
    if (postings->last_docs == NULL || postings->terms->values.doc_count < LARGE)
        return;
    for (uint32_t i = 0; i < count && block < postings->block_count; block++) {
        auk_doc last = block > 0 ? auk_postings_last_doc(postings, block - 1) : 0;
        while (i < count && block > 0 && docs[i] <= last)
            i++;
        if (i == count)
            break;
        block = auk_postings_block_of(postings, block, docs[i]);
        if (block == postings->block_count)
            break;
        size_t at = auk_load_u32(postings->offsets + (size_t)block * 4);
        if (at + 3 * LINE > (size_t)(postings->limit - postings->list))
            break;
        for (uint32_t line = 0; line < 3; line++)
            __builtin_prefetch(postings->list + at + (size_t)line * LINE);
    }
}

uint32_t auk_postings_join(auk_postings *postings, const auk_doc *docs, uint32_t count,
                           uint32_t *taken, uint8_t *numbers, uint8_t *indices)
{
    uint8_t spare[AUK_BLOCK_DOCS + 1];
    *taken = count < AUK_BLOCK_DOCS ? count : AUK_BLOCK_DOCS;
    if (auk_postings_seek(postings, docs[0]) == AUK_DOC_END)
        return 0;
    if (docs[*taken - 1] > postings->last)
        *taken = postings->kernels->find(docs, 0, *taken, postings->last + 1);
    uint32_t before = count_before(postings, docs, *taken);
    if (before == *taken)
        return 0;
    const auk_doc *rest = docs + before;
    uint32_t left = *taken - before, found;
    if (!postings->words)
        found = join_docs(postings, rest, left, numbers, indices ? indices : spare);
    else if (indices)
        found = auk_postings_match(postings, rest, left, numbers, indices);
    else
        found = join_words(postings, rest, left, numbers);
    for (uint32_t i = 0; before > 0 && i < found; i++)
        numbers[i] = (uint8_t)(numbers[i] + before);
    return found;
}

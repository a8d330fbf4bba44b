/* What a list, or a block of it, can score at most. */
#include <stddef.h>
#include <string.h>

#include "bound.h"
#include "postings_reader.h"

static float single_bound(const auk_term *term)
{
    const auk_terms *terms = term->terms;
    uint8_t norm = AUK_BOUND_NORM_ABSENT;
    if (terms->values.norms.size > term->single_doc)
        norm = auk_span_bytes(terms->values.norms)[term->single_doc];
    float inverse = auk_bound_inverse(terms->k1, terms->b, terms->average, norm);
    return auk_bound_decode(auk_bound_encode((float)term->single_freq * inverse));
}

float auk_term_bound(const auk_term *term)
{
    if (term->doc_freq == 1)
        return single_bound(term);
    const auk_terms_values *values = &term->terms->values;
    const uint8_t *list, *limit;
    if (!auk_part_resolve(values->postings, values->postings_parts, term->postings, &list,
                          &limit) ||
        !auk_guard_passes(values->guard, &values->postings[term->postings >> 32]))
        return 1;
    if (term->doc_freq < AUK_BLOCK_DOCS)
        return auk_bound_decode(list[0]);
    return limit - list < (ptrdiff_t)AUK_LIST_HEAD ? 1 : auk_bound_decode(list[2]);
}

float auk_term_reached(const auk_term *term, uint32_t rank)
{
    const auk_terms_values *values = &term->terms->values;
    const uint8_t *list, *limit;
    float best = 0;
    if (term->doc_freq < AUK_BLOCK_DOCS || rank > AUK_RANK_MOST ||
        !auk_part_resolve(values->postings, values->postings_parts, term->postings, &list,
                          &limit) ||
        !auk_guard_passes(values->guard, &values->postings[term->postings >> 32]))
        return 0;
    if (limit - list < (ptrdiff_t)(AUK_LIST_HEAD + AUK_LIST_RANKS * 4) ||
        !(list[1] & AUK_LIST_REACHED) || list[3] < AUK_LIST_RANKS * 4)
        return 0;
    uint32_t bits = auk_load_u32(list + AUK_LIST_HEAD + (rank <= 10 ? 0 : rank <= 100 ? 4 : 8));
    memcpy(&best, &bits, sizeof best);
    /* Below the rounding of a score: that of a product, and that of a difference from weight. */
    float share = best / (1 + best) * (1 - 2e-6f) - 4e-7f;
    return share > 0 ? share : 0;
}

/* A list of one block: its last document is known by reading it, which whoever asks is about to do.
 * It stays known behind the end, where a walk may be that is ahead of who asks. */
static float lone_bound(auk_postings *postings, auk_doc target, auk_doc *last_doc)
{
    if (postings->following == 0 && (postings->block_count == 0 || !auk_postings_load(postings, 0)))
        return 0;
    if (postings->status != AUK_OK)
        return 0;
    auk_doc last = postings->last;
    if (target > last)
        return 0;
    *last_doc = last;
    return auk_term_bound(&postings->term);
}

/* The block of the first document >= target, beginning where one was looked for last. */
static uint32_t bound_block_of(auk_postings *postings, auk_doc target)
{
    uint32_t from = postings->bound_block;
    if (from > 0 && auk_postings_last_doc(postings, from - 1) >= target)
        from = 0;
    uint32_t block = auk_postings_block_of(postings, from, target);
    if (block < postings->block_count)
        postings->bound_block = block;
    return block;
}

float auk_postings_bound(auk_postings *postings, auk_doc target, auk_doc *last_doc)
{
    *last_doc = AUK_DOC_END;
    if (postings->last_docs == NULL)
        return lone_bound(postings, target, last_doc);
    uint32_t block = bound_block_of(postings, target);
    if (block >= postings->block_count)
        return 0;
    *last_doc = auk_postings_last_doc(postings, block);
    return auk_bound_decode(postings->bounds[block]);
}

uint32_t auk_postings_block_at(auk_postings *postings, auk_doc target)
{
    return postings->last_docs ? bound_block_of(postings, target) : postings->block_count;
}

float auk_postings_bound_between(auk_postings *postings, auk_doc from, auk_doc limit)
{
    auk_doc last;
    if (from >= limit)
        return 0;
    if (postings->last_docs == NULL)
        return lone_bound(postings, from, &last);
    uint32_t block = bound_block_of(postings, from);
    if (block >= postings->block_count)
        return 0;
    uint32_t end = auk_postings_block_of(postings, block, limit - 1);
    end = end < postings->block_count ? end + 1 : end;
    uint8_t most = 0;
    for (uint32_t i = block; i < end; i++)
        most = postings->bounds[i] > most ? postings->bounds[i] : most;
    return auk_bound_decode(most);
}

const uint8_t *auk_postings_bounds(const auk_postings *postings, uint32_t *count)
{
    *count = postings->block_count;
    return postings->bounds;
}

float auk_postings_bound_of(uint8_t bound)
{
    return auk_bound_decode(bound);
}

#include "leaders.h"

#include <stddef.h>

#include "postings_reader.h"

_Static_assert(AUK_LEADERS_ROOM >= AUK_LEADERS_MOST + AUK_KERNEL_SLACK, "decoding writes that far");
_Static_assert(AUK_LEADERS_AMONG == AUK_RANK_MOST, "what a list keeps is what is looked at");

/* Where a list's leaders are, and how many bytes; 0: it keeps none, or they are cut. */
static size_t find_leaders(const uint8_t *list, const uint8_t *limit, const uint8_t **at)
{
    if (limit - list < (ptrdiff_t)AUK_LIST_HEAD || list[0] != AUK_LIST_VERSION_LEADERS)
        return 0;
    size_t behind = auk_postings_head_size(list, limit), head = AUK_LIST_HEAD + (size_t)list[3];
    if (behind <= head || (size_t)(limit - list) < behind)
        return 0;
    *at = list + head;
    return behind - head;
}

/* Everything but the documents. False: damaged. */
static bool read_pairs(const uint8_t *at, size_t size, auk_leaders *out)
{
    if (size < AUK_LEADERS_HEAD)
        return false;
    uint32_t pairs = at[1], count = at[2], sum = 0, least = 1;
    size_t head = AUK_LEADERS_HEAD + 4 * (size_t)pairs, control = (count + 3) / 4;
    if (pairs == 0 || pairs > AUK_LEADERS_PAIRS || size < head + control)
        return false;
    out->k = at[0];
    out->pair_count = pairs;
    out->doc_count = count;
    out->norms = at + AUK_LEADERS_HEAD;
    out->counts = out->norms + pairs;
    out->gaps = at + head;
    for (uint32_t i = 0; i < pairs; i++) {
        out->freqs[i] = auk_load_u16(out->counts + pairs + (size_t)i * 2);
        sum += out->counts[i];
        least = out->counts[i] && out->freqs[i] ? least : 0;
    }
    size_t data = auk_kernels_best()->vbyte_size(out->gaps, count);
    return least > 0 && sum == count && data == size - head - control;
}

auk_code auk_term_leaders(const auk_term *term, double average, auk_leaders *out, bool *found,
                          auk_error *err)
{
    const auk_terms *terms = term->terms;
    const uint8_t *list, *limit, *at;
    double part = average / terms->average;
    *found = false;
    if (term->doc_freq < AUK_BLOCK_DOCS || !(part >= AUK_LEADERS_AVERAGE_LEAST) ||
        !(part <= AUK_LEADERS_AVERAGE_MOST))
        return AUK_OK;
    /* What is damaged there is told by whoever opens the list. */
    if (!auk_part_resolve(terms->values.postings, terms->values.postings_parts, term->postings,
                          &list, &limit) ||
        !auk_guard_passes(terms->values.guard, &terms->values.postings[term->postings >> 32]))
        return AUK_OK;
    size_t size = find_leaders(list, limit, &at);
    if (size == 0)
        return AUK_OK;
    if (!read_pairs(at, size, out))
        return auk_fail(err, AUK_CORRUPT, "posting list broken: the best documents do not parse");
    out->terms = terms;
    *found = true;
    return AUK_OK;
}

uint32_t auk_leaders_docs(const auk_leaders *leaders, uint32_t pair_count, auk_doc *docs)
{
    const auk_terms *terms = leaders->terms;
    uint32_t count = 0, at = 0;
    for (uint32_t i = 0; i < pair_count; i++)
        count += leaders->counts[i];
    terms->kernels->vbyte_decode(leaders->gaps, leaders->gaps + (leaders->doc_count + 3) / 4, count,
                                 docs);
    for (uint32_t i = 0; i < pair_count; i++) {
        uint64_t doc = 0;
        for (uint32_t end = at + leaders->counts[i]; at < end; at++) {
            doc += docs[at];
            docs[at] = (auk_doc)doc;
            doc++;
        }
        if (doc > terms->values.doc_count)
            return 0;
    }
    return count;
}

/* Walking a list: by documents, by blocks. */
#include "postings_reader.h"

#include <stddef.h>

/* ---- opening ---- */

static _Thread_local uint64_t blocks_listed;

uint64_t auk_postings_blocks_listed(void)
{
    return blocks_listed;
}

size_t auk_postings_head_size(const uint8_t *list, const uint8_t *limit)
{
    if (limit - list < (ptrdiff_t)AUK_LIST_HEAD)
        return 0;
    size_t size = AUK_LIST_HEAD + (size_t)list[3];
    if (list[0] == AUK_LIST_VERSION)
        return size;
    if (list[0] != AUK_LIST_VERSION_LEADERS || !(list[1] & AUK_LIST_LEADERS) ||
        list[3] < AUK_LIST_LEADERS_AT + 2 || limit - list < (ptrdiff_t)size)
        return 0;
    return size + auk_load_u16(list + AUK_LIST_HEAD + AUK_LIST_LEADERS_AT);
}

static bool open_list(auk_postings *postings)
{
    const auk_terms *terms = postings->terms;
    if (!auk_part_resolve(terms->values.postings, terms->values.postings_parts,
                          postings->term.postings, &postings->list, &postings->limit) ||
        !auk_guard_passes(terms->values.guard,
                          &terms->values.postings[postings->term.postings >> 32]))
        return false;
    if (postings->term.doc_freq < AUK_BLOCK_DOCS)
        return true;

    size_t count = postings->block_count, left = (size_t)(postings->limit - postings->list);
    size_t skip_size = count * (terms->stats.has_positions ? 13 : 9) + (count + 31) / 32;
    size_t head_size = auk_postings_head_size(postings->list, postings->limit);
    if (head_size == 0 || left < head_size || left - head_size < skip_size)
        return false;
    postings->last_docs = postings->list + head_size;
    postings->offsets = postings->last_docs + count * 4;
    postings->pos_offsets = postings->offsets + count * 4;
    postings->bounds = postings->pos_offsets + (terms->stats.has_positions ? count * 4 : 0);
    return true;
}

static bool open_chunks(auk_postings *postings)
{
    const auk_terms *terms = postings->terms;
    if (!postings->want_positions || (!postings->has_list && postings->term.single_freq == 1))
        return true;
    return auk_part_resolve(terms->values.positions, terms->values.positions_parts,
                            postings->term.positions, &postings->chunks, &postings->chunks_limit) &&
           auk_guard_passes(terms->values.guard,
                            &terms->values.positions[postings->term.positions >> 32]);
}

auk_code auk_postings_open(const auk_term *term, auk_postings_want want, auk_arena *arena,
                           auk_postings **out, auk_error *err)
{
    /* A term that a damaged dictionary gave out is an empty list here; its cursor tells. */
    uint32_t room = term->doc_freq < AUK_BLOCK_DOCS ? term->doc_freq : AUK_BLOCK_DOCS;
    bool want_freqs = want != AUK_WANT_DOCS;
    size_t array_size = sizeof(uint32_t) * (room + AUK_KERNEL_SLACK);
    auk_postings *postings =
        auk_arena_alloc(arena, sizeof *postings + array_size * (want_freqs ? 2 : 1));

    *postings = (auk_postings){
        .terms = term->terms,
        .kernels = term->terms->kernels,
        .arena = arena,
        .term = *term,
        .want_freqs = want_freqs,
        .want_positions = want == AUK_WANT_POSITIONS && term->terms->stats.has_positions,
        .has_list = term->doc_freq > 1,
        .block_count = term->doc_freq / AUK_BLOCK_DOCS + (term->doc_freq % AUK_BLOCK_DOCS != 0),
        .index = BEFORE_FIRST,
        .floor = -1,
        .positions_of = BEFORE_FIRST,
        .docs = (auk_doc *)(postings + 1),
    };
    if (want_freqs)
        postings->freqs = postings->docs + room + AUK_KERNEL_SLACK;
    if ((postings->has_list && !open_list(postings)) || (room > 0 && !open_chunks(postings)))
        return auk_guard_explain(postings->terms->values.guard,
                                 auk_fail(err, AUK_CORRUPT,
                                          "posting list broken: no list where the dictionary says"),
                                 err);
    blocks_listed += postings->block_count;
    *out = postings;
    return AUK_OK;
}

void auk_postings_stop(auk_postings *postings, auk_code code)
{
    if (postings->status == AUK_OK)
        postings->status = code;
    postings->following = postings->block_count;
    postings->count = 0;
    postings->index = 0;
}

/* ---- finding a block ---- */

/* Far ones by doubling steps. */
uint32_t auk_postings_block_of(const auk_postings *postings, uint32_t from, auk_doc target)
{
    const uint8_t *last_docs = postings->last_docs;
    uint32_t count = postings->block_count, step = 1, low = from;
    while (low < count && auk_load_u32(last_docs + (size_t)low * 4) < target) {
        from = low + 1;
        low = count - low > step ? low + step : count;
        step *= 2;
    }
    uint32_t high = low;
    while (from < high) {
        uint32_t middle = from + (high - from) / 2;
        if (auk_load_u32(last_docs + (size_t)middle * 4) < target)
            from = middle + 1;
        else
            high = middle;
    }
    return from;
}

/* Makes the block in hand the one that holds the first document >= target; false at the end. */
static bool reach_block(auk_postings *postings, auk_doc target)
{
    while (postings->count == 0 || postings->last < target) {
        uint32_t block = postings->following;
        if (block < postings->block_count && postings->last_docs != NULL)
            block = auk_postings_block_of(postings, block, target);
        if (block >= postings->block_count) {
            auk_postings_stop(postings, AUK_OK);
            return false;
        }
        if (!auk_postings_load(postings, block))
            return false;
    }
    return true;
}

/* In a bitset that holds a document >= target. */
static void find_bit(auk_postings *postings, auk_doc target)
{
    uint32_t word = 0;
    uint64_t mask = ~UINT64_C(0);
    if (target / 64 >= postings->first_word) {
        word = target / 64 - postings->first_word;
        mask <<= target % 64;
    }
    uint64_t bits = auk_load_u64(postings->words + (size_t)word * 8) & mask;
    while (bits == 0)
        bits = auk_load_u64(postings->words + (size_t)++word * 8);
    postings->doc = (postings->first_word + word) * 64 + (auk_doc)__builtin_ctzll(bits);
    postings->index = 0;
    postings->doc_is_ahead = true;
}

static bool reach(auk_postings *postings, auk_doc target)
{
    if (!reach_block(postings, target))
        return false;
    if (postings->index != BEFORE_FIRST && postings->doc >= target)
        return true;
    if (postings->words) {
        find_bit(postings, target);
        return true;
    }
    uint32_t from = postings->index < 0 ? 0 : (uint32_t)postings->index;
    if (postings->docs[from] < target)
        from = postings->kernels->find(postings->docs, from, postings->count, target);
    postings->index = (int32_t)from;
    postings->doc = postings->docs[from];
    return true;
}

/* ---- stepping ---- */

auk_doc auk_postings_next(auk_postings *postings)
{
    auk_postings_expand(postings);
    if (++postings->index < (int32_t)postings->count)
        return postings->doc = postings->docs[postings->index];
    if (postings->following >= postings->block_count) {
        auk_postings_stop(postings, AUK_OK);
        return AUK_DOC_END;
    }
    if (!auk_postings_load(postings, postings->following))
        return AUK_DOC_END;
    auk_postings_expand(postings);
    postings->index = 0;
    return postings->doc = postings->docs[0];
}

auk_doc auk_postings_seek(auk_postings *postings, auk_doc target)
{
    return reach(postings, target) ? postings->doc : AUK_DOC_END;
}

void auk_postings_rewind(auk_postings *postings)
{
    if (postings->status != AUK_OK)
        return;
    blocks_listed += postings->block_count; /* which may all be decoded once more */
    postings->following = 0;
    postings->place_block = 0;
    postings->floor = -1;
    postings->count = 0;
    postings->index = BEFORE_FIRST;
    postings->words = NULL;
    postings->doc_is_ahead = false;
}

auk_doc auk_postings_doc(const auk_postings *postings)
{
    return auk_postings_stands(postings) ? postings->doc : AUK_DOC_END;
}

uint32_t auk_postings_freq(auk_postings *postings)
{
    if (postings->freqs == NULL || !auk_postings_stands(postings))
        return 1;
    uint32_t index = auk_postings_rank(postings);
    return auk_postings_have_freqs(postings) ? postings->freqs[index] : 1;
}

uint32_t auk_postings_block(auk_postings *postings, auk_doc target, const auk_doc **docs,
                            const uint32_t **freqs)
{
    if (!reach(postings, target))
        return 0;
    if (postings->freqs != NULL && freqs != NULL && !auk_postings_have_freqs(postings))
        return 0;
    auk_postings_expand(postings);
    *docs = postings->docs;
    if (freqs != NULL)
        *freqs = postings->freqs;
    return postings->count;
}

const uint32_t *auk_postings_block_freqs(auk_postings *postings)
{
    bool sound = postings->freqs != NULL && postings->count > 0;
    return sound && auk_postings_have_freqs(postings) ? postings->freqs : NULL;
}

uint32_t auk_postings_index(auk_postings *postings)
{
    return auk_postings_rank(postings);
}

auk_doc auk_postings_block_last(const auk_postings *postings)
{
    return postings->last;
}

static void rank_words(auk_postings *postings)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < postings->word_count; i++) {
        postings->ranks[i] = (uint8_t)before; /* below 256: the last word is not empty */
        before += auk_bits_count(auk_load_u64(postings->words + (size_t)i * 8));
    }
    postings->ranks_ready = true;
}

uint32_t auk_postings_match(auk_postings *postings, const auk_doc *docs, uint32_t count,
                            uint8_t *numbers, uint8_t *indices)
{
    if (!auk_postings_stands(postings))
        return 0;
    if (!postings->ranks_ready && postings->words)
        rank_words(postings);
    if (postings->words) /* a bit and a rank each; the bitset stays as it is */
        return postings->kernels->match_bits(postings->words, postings->word_count,
                                             postings->first_word, postings->ranks, docs, count,
                                             numbers, indices);
    return postings->kernels->match(postings->docs, auk_postings_rank(postings), postings->count,
                                    docs, count, numbers, indices);
}

auk_code auk_postings_status(const auk_postings *postings)
{
    return postings->status;
}

#include <stddef.h>

#include "bits.h"
#include "bound.h"
#include "positions.h"
#include "postings.h"
#include "terms.h"

enum { BEFORE_FIRST = -1 };

struct auk_postings {
    const auk_terms *terms;
    const auk_kernels *kernels;
    auk_arena *arena;
    auk_term term;
    auk_code status;
    bool want_freqs, want_positions;
    bool has_list; /* false: one document, from the dictionary */

    const uint8_t *list, *limit;
    uint32_t block_count;
    /* Of a long list, else NULL: */
    const uint8_t *last_docs, *offsets, *pos_offsets, *bounds;

    uint32_t following;   /* the block to read after the one in hand */
    uint32_t bound_block; /* where _bound looked last */
    int32_t index;        /* in the block in hand, or BEFORE_FIRST */
    uint32_t count;       /* documents in the block in hand; 0: none */
    int64_t floor;        /* the last document of the block before, whatever its number */
    auk_doc *docs;
    uint32_t *freqs; /* NULL unless wanted */
    const uint8_t *freqs_at;
    bool freqs_ready;

    const uint8_t *chunks; /* the term's positions */
    const uint8_t *chunks_limit;
    auk_positions_chunk chunk;
    bool chunk_ready;
    int32_t positions_of; /* index whose positions are in hand, or BEFORE_FIRST */
    uint32_t counted;     /* frequencies of documents below this index .. */
    uint64_t counted_sum; /* .. have this sum */
    uint32_t *positions;
    size_t positions_capacity;
};

/* ---- opening ---- */

static bool open_list(auk_postings *postings)
{
    const auk_terms *terms = postings->terms;
    if (!auk_part_resolve(terms->values.postings, terms->values.postings_parts,
                          postings->term.postings, &postings->list, &postings->limit))
        return false;
    if (postings->term.doc_freq < AUK_BLOCK_DOCS)
        return true;

    size_t count = postings->block_count, left = (size_t)(postings->limit - postings->list);
    size_t skip_size = count * (terms->stats.has_positions ? 13 : 9) + (count + 31) / 32;
    if (left < AUK_LIST_HEAD || postings->list[0] != AUK_LIST_VERSION ||
        left - AUK_LIST_HEAD < postings->list[3] + skip_size)
        return false;
    postings->last_docs = postings->list + AUK_LIST_HEAD + postings->list[3];
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
                            postings->term.positions, &postings->chunks, &postings->chunks_limit);
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
        return auk_fail(err, AUK_CORRUPT, "posting list broken: no list where the dictionary says");
    *out = postings;
    return AUK_OK;
}

static void stop(auk_postings *postings, auk_code code)
{
    if (postings->status == AUK_OK)
        postings->status = code;
    postings->following = postings->block_count;
    postings->count = 0;
    postings->index = 0;
}

/* ---- reading a block ---- */

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
    postings->kernels->expand_bits(*at, words, (last / 64 - (words - 1)) * 64, postings->docs);
    *at += (size_t)words * 8;
    return true;
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
    return (int64_t)postings->docs[0] > postings->floor;
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

/* Makes block the one in hand, before its first document. */
static bool load_block(auk_postings *postings, uint32_t block)
{
    if (postings->count > 0)
        postings->floor = postings->docs[postings->count - 1];
    postings->index = BEFORE_FIRST;
    postings->positions_of = BEFORE_FIRST;
    postings->freqs_ready = !postings->terms->stats.has_freqs;
    postings->chunk_ready = false;
    postings->counted = 0;
    postings->counted_sum = 0;
    postings->following = block + 1;

    if (!postings->has_list) {
        postings->count = 1;
        postings->docs[0] = postings->term.single_doc;
        if (postings->freqs != NULL)
            postings->freqs[0] = postings->term.single_freq;
        postings->freqs_ready = true;
        return true;
    }
    if (!read_listed(postings, block)) {
        stop(postings, AUK_CORRUPT);
        return false;
    }
    if (postings->freqs_ready && !postings->terms->stats.has_freqs && postings->freqs != NULL) {
        for (uint32_t i = 0; i < postings->count; i++)
            postings->freqs[i] = 1;
    }
    return true;
}

/* The frequencies of a full block, when they are asked for. */
static bool read_freqs(auk_postings *postings)
{
    const uint8_t *at = postings->freqs_at;
    size_t left = (size_t)(postings->limit - at);
    if (left < 1)
        return false;
    unsigned width = *at & 31u, exceptions = *at >> 5;
    at++;
    if (left - 1 < 32u * width + 2u * exceptions)
        return false;

    uint32_t *freqs = postings->freqs;
    postings->kernels->unpack(at, width, freqs);
    at += 32u * width;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        freqs[i]++;
    for (; exceptions > 0; exceptions--, at += 2)
        freqs[at[0]] += (uint32_t)at[1] << width;
    postings->freqs_ready = true;
    return true;
}

static bool have_freqs(auk_postings *postings)
{
    if (postings->freqs_ready || read_freqs(postings))
        return true;
    stop(postings, AUK_CORRUPT);
    return false;
}

/* ---- finding a block ---- */

/* The first block from `from` on whose last document is >= target; far ones by doubling steps. */
static uint32_t block_of(const auk_postings *postings, uint32_t from, auk_doc target)
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
static bool reach(auk_postings *postings, auk_doc target)
{
    while (postings->count == 0 || postings->docs[postings->count - 1] < target) {
        uint32_t block = postings->following;
        if (block < postings->block_count && postings->last_docs != NULL)
            block = block_of(postings, block, target);
        if (block >= postings->block_count) {
            stop(postings, AUK_OK);
            return false;
        }
        if (!load_block(postings, block))
            return false;
    }

    uint32_t from = postings->index < 0 ? 0 : (uint32_t)postings->index;
    if (postings->docs[from] < target)
        from = postings->kernels->find(postings->docs, from, postings->count, target);
    postings->index = (int32_t)from;
    return true;
}

/* ---- stepping ---- */

auk_doc auk_postings_next(auk_postings *postings)
{
    if (++postings->index < (int32_t)postings->count)
        return postings->docs[postings->index];
    if (postings->following >= postings->block_count) {
        stop(postings, AUK_OK);
        return AUK_DOC_END;
    }
    if (!load_block(postings, postings->following))
        return AUK_DOC_END;
    postings->index = 0;
    return postings->docs[0];
}

auk_doc auk_postings_seek(auk_postings *postings, auk_doc target)
{
    return reach(postings, target) ? postings->docs[postings->index] : AUK_DOC_END;
}

auk_doc auk_postings_doc(const auk_postings *postings)
{
    bool standing = postings->index >= 0 && postings->index < (int32_t)postings->count;
    return standing ? postings->docs[postings->index] : AUK_DOC_END;
}

uint32_t auk_postings_freq(auk_postings *postings)
{
    if (postings->freqs == NULL || auk_postings_doc(postings) == AUK_DOC_END)
        return 1;
    uint32_t index = (uint32_t)postings->index;
    return have_freqs(postings) ? postings->freqs[index] : 1;
}

uint32_t auk_postings_block(auk_postings *postings, auk_doc target, const auk_doc **docs,
                            const uint32_t **freqs)
{
    if (!reach(postings, target))
        return 0;
    if (postings->freqs != NULL && freqs != NULL && !have_freqs(postings))
        return 0;
    *docs = postings->docs;
    if (freqs != NULL)
        *freqs = postings->freqs;
    return postings->count;
}

auk_code auk_postings_status(const auk_postings *postings)
{
    return postings->status;
}

/* ---- positions ---- */

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
    uint64_t gaps = 0;
    for (uint32_t i = 0; i < postings->count; i++)
        gaps += postings->freqs[i];
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
    while (postings->counted < index)
        postings->counted_sum += postings->freqs[postings->counted++];
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
    if (!have_freqs(postings))
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
    if (postings->positions_of == postings->index)
        return postings->positions;
    if (!read_positions(postings, (uint32_t)postings->index)) {
        stop(postings, AUK_CORRUPT);
        return NULL;
    }
    postings->positions_of = postings->index;
    return postings->positions;
}

/* ---- bounds ---- */

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
    if (!auk_part_resolve(values->postings, values->postings_parts, term->postings, &list, &limit))
        return 1;
    if (term->doc_freq < AUK_BLOCK_DOCS)
        return auk_bound_decode(list[0]);
    return limit - list < (ptrdiff_t)AUK_LIST_HEAD ? 1 : auk_bound_decode(list[2]);
}

/* A list of one block: its last document is known by reading it, which whoever asks is about to do.
 */
static float lone_bound(auk_postings *postings, auk_doc target, auk_doc *last_doc)
{
    if (postings->count == 0 &&
        (postings->following >= postings->block_count || !load_block(postings, 0)))
        return 0;
    auk_doc last = postings->docs[postings->count - 1];
    if (target > last)
        return 0;
    *last_doc = last;
    return auk_term_bound(&postings->term);
}

float auk_postings_bound(auk_postings *postings, auk_doc target, auk_doc *last_doc)
{
    *last_doc = AUK_DOC_END;
    if (postings->last_docs == NULL)
        return lone_bound(postings, target, last_doc);

    uint32_t from = postings->bound_block;
    if (from > 0 && auk_load_u32(postings->last_docs + (size_t)from * 4 - 4) >= target)
        from = 0;
    uint32_t block = block_of(postings, from, target);
    if (block >= postings->block_count)
        return 0;
    postings->bound_block = block;
    *last_doc = auk_load_u32(postings->last_docs + (size_t)block * 4);
    return auk_bound_decode(postings->bounds[block]);
}

#include "merge_terms.h"

#include <stdlib.h>

#include "build.h"

#define POSTINGS_ARENA_MOST ((size_t)1 << 20)

void auk_merge_terms_init(auk_merge_terms *merge, const auk_merge_plan *plan,
                          auk_segment_writer *writer)
{
    *merge = (auk_merge_terms){.plan = plan, .writer = writer};
    merge->postings_arena = auk_arena_create(64 << 10);
    merge->seen = calloc((size_t)plan->doc_count / 64 + 1, sizeof *merge->seen);
    if (merge->seen == NULL)
        abort();
    auk_merge_heap_init(&merge->heap, plan->sources, plan->source_count);
    auk_posting_order_init(&merge->order, plan->doc_count);
}

void auk_merge_terms_deinit(auk_merge_terms *merge)
{
    auk_posting_order_deinit(&merge->order);
    auk_merge_heap_deinit(&merge->heap);
    free(merge->seen);
    auk_arena_destroy(merge->postings_arena);
}

/* ---- postings ---- */

static void write(void *context, uint32_t doc, uint32_t freq, const uint32_t *positions)
{
    auk_merge_terms *merge = context;
    auk_segment_writer_posting(merge->writer, doc, freq, positions);
    merge->seen[doc >> 6] |= UINT64_C(1) << (doc & 63);
    auk_pace_step(merge->plan->options.pace, freq + 1);
}

static inline void put(auk_merge_terms *merge, uint32_t doc, uint32_t freq,
                       const uint32_t *positions)
{
    if (merge->plan->is_reordered)
        auk_posting_order_add(&merge->order, doc, freq, positions);
    else
        write(merge, doc, freq, positions);
}

static auk_code fail_postings(auk_code code, auk_error *err)
{
    return auk_fail(err, code != AUK_OK ? code : AUK_CORRUPT,
                    "postings of a segment that is merged are damaged");
}

static auk_code copy_positions(auk_merge_terms *merge, auk_postings *postings, const uint32_t *map,
                               bool *any, auk_error *err)
{
    for (auk_doc doc = auk_postings_next(postings); doc != AUK_DOC_END;
         doc = auk_postings_next(postings)) {
        if (map[doc] == AUK_DOC_DROPPED)
            continue;
        const uint32_t *positions = auk_postings_positions(postings);
        if (positions == NULL)
            return fail_postings(auk_postings_status(postings), err);
        put(merge, map[doc], auk_postings_freq(postings), positions);
        *any = true;
    }
    return AUK_OK;
}

static void copy_blocks(auk_merge_terms *merge, auk_postings *postings, const uint32_t *map,
                        bool *any)
{
    const auk_doc *docs;
    const uint32_t *freqs;
    uint32_t count = auk_postings_block(postings, 0, &docs, &freqs);
    while (count != 0) {
        for (uint32_t i = 0; i < count; i++) {
            if (map[docs[i]] == AUK_DOC_DROPPED)
                continue;
            put(merge, map[docs[i]], merge->options.has_freqs && freqs != NULL ? freqs[i] : 1,
                NULL);
            *any = true;
        }
        count = auk_postings_block(postings, docs[count - 1] + 1, &docs, &freqs);
    }
}

static auk_code copy_postings(auk_merge_terms *merge, const auk_merge_cursor *cursor, bool *any,
                              auk_error *err)
{
    const auk_term *term = auk_terms_cursor_term(cursor->cursor);
    const uint32_t *map = merge->plan->sources[cursor->source].map;
    bool positions = merge->options.has_positions;
    if (term->doc_freq == 1 && !positions) {
        if (map[term->single_doc] != AUK_DOC_DROPPED) {
            put(merge, map[term->single_doc], merge->options.has_freqs ? term->single_freq : 1,
                NULL);
            *any = true;
        }
        return AUK_OK;
    }
    if (auk_arena_size(merge->postings_arena) > POSTINGS_ARENA_MOST)
        auk_arena_reset(merge->postings_arena);
    auk_postings *postings;
    auk_postings_want want = positions                  ? AUK_WANT_POSITIONS
                             : merge->options.has_freqs ? AUK_WANT_FREQS
                                                        : AUK_WANT_DOCS;
    auk_code code = auk_postings_open(term, want, merge->postings_arena, &postings, err);
    if (code != AUK_OK)
        return code;
    if (positions)
        code = copy_positions(merge, postings, map, any, err);
    else
        copy_blocks(merge, postings, map, any);
    if (code != AUK_OK)
        return code;
    code = auk_postings_status(postings);
    return code == AUK_OK ? AUK_OK : fail_postings(code, err);
}

/* One term of all the sources that have it. The text is copied, because the cursors step on. */
static auk_code merge_term(auk_merge_terms *merge, auk_buffer *text, auk_error *err)
{
    auk_merge_heap *heap = &merge->heap;
    auk_buffer_reset(text);
    auk_buffer_append(text, heap->items[0]->text);
    auk_segment_writer_begin_term(merge->writer, auk_buffer_span(text));
    auk_posting_order_reset(&merge->order);
    bool any = false;
    while (auk_merge_heap_has(heap, auk_buffer_span(text))) {
        const auk_merge_cursor *cursor = heap->items[0];
        if (cursor->ordinals != NULL)
            /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): _open fills the heap anew */
            cursor->ordinals[auk_terms_cursor_term(cursor->cursor)->ordinal] = merge->next_ordinal;
        auk_code code = copy_postings(merge, cursor, &any, err);
        if (code == AUK_OK)
            code = auk_merge_heap_step(heap, err);
        if (code != AUK_OK)
            return code;
    }
    auk_posting_order_each(&merge->order, write, merge);
    auk_segment_writer_end_term(merge->writer);
    merge->next_ordinal += any;
    return AUK_OK;
}

/* ---- a field ---- */

/* False: no source has terms of it. */
static bool read_field(auk_merge_terms *merge, uint16_t field)
{
    uint64_t doc_count = 0, total_freq = 0;
    bool any = false;
    merge->options.has_freqs = true;
    merge->options.has_positions = true;
    for (uint32_t s = 0; s < merge->plan->source_count; s++) {
        const auk_terms *terms = auk_segment_terms(merge->plan->sources[s].segment, field);
        if (terms == NULL)
            continue;
        const auk_terms_stats *stats = auk_terms_read_stats(terms);
        merge->options.has_freqs &= stats->has_freqs;
        merge->options.has_positions &= stats->has_positions;
        doc_count += stats->doc_count;
        total_freq += stats->sum_total_freq;
        any = true;
    }
    /* With deletions an estimate, which is all that the bounds ask for. */
    merge->options.average_length = doc_count != 0 ? (double)total_freq / (double)doc_count : 1;
    return any;
}

static uint64_t count_seen(const auk_merge_terms *merge)
{
    uint64_t count = 0;
    for (size_t word = 0; word <= merge->plan->doc_count / 64; word++)
        count += (uint64_t)__builtin_popcountll(merge->seen[word]);
    return count;
}

auk_code auk_merge_terms_field(auk_merge_terms *merge, uint16_t field, const uint8_t *norms,
                               bool ordinals, auk_error *err)
{
    auk_arena_reset(merge->postings_arena);
    merge->next_ordinal = 0;
    merge->options = (auk_terms_options){.field = field,
                                         .norms = norms,
                                         .k1 = AUK_SIMILARITY_K1,
                                         .b = AUK_SIMILARITY_B};
    auk_code code = auk_merge_heap_open(&merge->heap, field, ordinals, err);
    if (code != AUK_OK || !read_field(merge, field))
        return code;
    memset(merge->seen, 0, ((size_t)merge->plan->doc_count / 64 + 1) * sizeof *merge->seen);
    auk_segment_writer_begin_terms(merge->writer, &merge->options);
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    while (code == AUK_OK && merge->heap.count > 0)
        code = merge_term(merge, &text, err);
    auk_buffer_deinit(&text);
    if (code == AUK_OK)
        auk_segment_writer_end_terms(merge->writer, count_seen(merge));
    return code;
}

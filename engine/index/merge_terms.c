#include "merge_terms.h"

#include <stdlib.h>

#include "build.h"

#define POSTINGS_ARENA_MOST ((size_t)1 << 20)

void auk_merge_terms_init(auk_merge_terms *merge, const auk_merge_plan *plan,
                          auk_segment_writer *writer)
{
    *merge = (auk_merge_terms){.plan = plan, .writer = writer};
    merge->cursor_arena = auk_arena_create(16 << 10);
    merge->postings_arena = auk_arena_create(64 << 10);
    merge->cursors = calloc(plan->source_count + 1u, sizeof *merge->cursors);
    merge->heap = calloc(plan->source_count + 1u, sizeof(auk_merge_cursor *));
    merge->seen = calloc((size_t)plan->doc_count / 64 + 1, sizeof *merge->seen);
    if (merge->cursors == NULL || merge->heap == NULL || merge->seen == NULL)
        abort();
}

void auk_merge_terms_deinit(auk_merge_terms *merge)
{
    for (uint32_t s = 0; s < merge->plan->source_count; s++)
        free(merge->cursors[s].ordinals);
    free(merge->cursors);
    free(merge->heap);
    free(merge->seen);
    auk_arena_destroy(merge->cursor_arena);
    auk_arena_destroy(merge->postings_arena);
}

/* ---- the heap ---- */

static bool before(const auk_merge_cursor *a, const auk_merge_cursor *b)
{
    int order = auk_span_compare(a->text, b->text);
    return order < 0 || (order == 0 && a->source < b->source);
}

static void sift_down(auk_merge_terms *merge, uint32_t at)
{
    auk_merge_cursor **heap = merge->heap;
    auk_merge_cursor *moved = heap[at];
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= merge->heap_count)
            break;
        if (child + 1 < merge->heap_count && before(heap[child + 1], heap[child]))
            child++;
        if (!before(heap[child], moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

/* The top steps on; at its end it leaves. */
static auk_code step_top(auk_merge_terms *merge, auk_error *err)
{
    auk_merge_cursor *top = merge->heap[0];
    if (auk_terms_cursor_next(top->cursor)) {
        top->text = auk_terms_cursor_text(top->cursor);
    } else {
        auk_code code = auk_terms_cursor_status(top->cursor);
        if (code != AUK_OK)
            return auk_fail(err, code, "terms of a segment that is merged are damaged");
        merge->heap[0] = merge->heap[--merge->heap_count];
    }
    if (merge->heap_count > 1)
        sift_down(merge, 0);
    return AUK_OK;
}

static auk_code open_cursor(auk_merge_terms *merge, uint32_t source, const auk_terms *terms,
                            auk_error *err)
{
    auk_merge_cursor *cursor = &merge->cursors[source];
    cursor->source = source;
    cursor->terms = terms;
    if (merge->wants_ordinals) {
        cursor->ordinals = malloc((auk_terms_read_stats(terms)->term_count + 1) * sizeof(uint32_t));
        if (cursor->ordinals == NULL)
            abort();
    }
    cursor->cursor = auk_terms_cursor_open(terms, merge->cursor_arena);
    if (auk_terms_cursor_seek(cursor->cursor, (auk_span){0})) {
        cursor->text = auk_terms_cursor_text(cursor->cursor);
        merge->heap[merge->heap_count++] = cursor;
    }
    auk_code code = auk_terms_cursor_status(cursor->cursor);
    return code == AUK_OK ? AUK_OK
                          : auk_fail(err, code, "terms of a segment that is merged are damaged");
}

/* ---- postings ---- */

static void put(auk_merge_terms *merge, uint32_t doc, uint32_t freq, const uint32_t *positions)
{
    auk_segment_writer_posting(merge->writer, doc, freq, positions);
    merge->seen[doc >> 6] |= UINT64_C(1) << (doc & 63);
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
    auk_buffer_reset(text);
    auk_buffer_append(text, merge->heap[0]->text);
    auk_segment_writer_begin_term(merge->writer, auk_buffer_span(text));
    bool any = false;
    while (merge->heap_count > 0 && auk_span_equal(merge->heap[0]->text, auk_buffer_span(text))) {
        const auk_merge_cursor *cursor = merge->heap[0];
        if (cursor->ordinals != NULL)
            /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): open_field fills the heap anew */
            cursor->ordinals[auk_terms_cursor_term(cursor->cursor)->ordinal] = merge->next_ordinal;
        auk_code code = copy_postings(merge, cursor, &any, err);
        if (code == AUK_OK)
            code = step_top(merge, err);
        if (code != AUK_OK)
            return code;
    }
    auk_segment_writer_end_term(merge->writer);
    merge->next_ordinal += any;
    return AUK_OK;
}

/* ---- a field ---- */

static auk_code open_field(auk_merge_terms *merge, uint16_t field, bool *any, auk_error *err)
{
    uint64_t doc_count = 0, total_freq = 0;
    *any = false;
    merge->options.has_freqs = true;
    merge->options.has_positions = true;
    merge->heap_count = 0;
    for (uint32_t s = 0; s < merge->plan->source_count; s++) {
        const auk_terms *terms = auk_segment_terms(merge->plan->sources[s].segment, field);
        free(merge->cursors[s].ordinals);
        merge->cursors[s] = (auk_merge_cursor){0};
        if (terms == NULL)
            continue;
        const auk_terms_stats *stats = auk_terms_read_stats(terms);
        merge->options.has_freqs &= stats->has_freqs;
        merge->options.has_positions &= stats->has_positions;
        doc_count += stats->doc_count;
        total_freq += stats->sum_total_freq;
        *any = true;
        auk_code code = open_cursor(merge, s, terms, err);
        if (code != AUK_OK)
            return code;
    }
    for (uint32_t i = merge->heap_count / 2; i-- > 0;)
        sift_down(merge, i);
    /* With deletions an estimate, which is all that the bounds ask for. */
    merge->options.average_length = doc_count != 0 ? (double)total_freq / (double)doc_count : 1;
    return AUK_OK;
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
    bool any;
    auk_arena_reset(merge->postings_arena);
    auk_arena_reset(merge->cursor_arena);
    merge->wants_ordinals = ordinals;
    merge->next_ordinal = 0;
    merge->options = (auk_terms_options){.field = field,
                                         .norms = norms,
                                         .k1 = AUK_SIMILARITY_K1,
                                         .b = AUK_SIMILARITY_B};
    auk_code code = open_field(merge, field, &any, err);
    if (code != AUK_OK || !any)
        return code;
    memset(merge->seen, 0, ((size_t)merge->plan->doc_count / 64 + 1) * sizeof *merge->seen);
    auk_segment_writer_begin_terms(merge->writer, &merge->options);
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    while (code == AUK_OK && merge->heap_count > 0)
        code = merge_term(merge, &text, err);
    auk_buffer_deinit(&text);
    if (code == AUK_OK)
        auk_segment_writer_end_terms(merge->writer, count_seen(merge));
    return code;
}

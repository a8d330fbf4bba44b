#include "forward.h"

#include "merge_heap.h"

#define RARE_SHARE      1024u /* a term that fewer than one document in so many has says little */
#define RARE_LEAST      8u
#define EVERYWHERE      2u  /* and so does one that more than one in so many has */
#define BYTES_BY_DOC    24u /* where its terms start, its place, its key */
#define BYTES_BY_TERM   28u /* two threads' counts and weights */
#define ARENA_BYTES     ((size_t)64 << 10)
#define ARENA_KEPT_MOST ((size_t)1 << 20)

/* ---- survey ---- */

static uint32_t rare_below(const auk_merge_plan *plan)
{
    uint32_t least = plan->doc_count / RARE_SHARE;
    return least > RARE_LEAST ? least : RARE_LEAST;
}

/* All sources' parts of the least term; kept when it says something. */
static auk_code survey_term(auk_forward *forward, auk_merge_heap *heap, auk_buffer *text,
                            auk_error *err)
{
    uint64_t postings = 0, positions = 0;
    uint32_t parts = forward->parts.count;
    auk_buffer_reset(text);
    auk_buffer_append(text, heap->items[0]->text);
    while (auk_merge_heap_has(heap, auk_buffer_span(text))) {
        const auk_term *term = auk_terms_cursor_term(heap->items[0]->cursor);
        postings += term->doc_freq;
        if (auk_terms_read_stats(term->terms)->has_positions)
            positions += term->total_freq;
        auk_vector_push(&forward->parts, (auk_forward_part){*term, heap->items[0]->source});
        auk_code code = auk_merge_heap_step(heap, err);
        if (code != AUK_OK)
            return code;
    }
    if (postings > forward->postings_most)
        forward->postings_most = postings;
    if (positions > forward->positions_most)
        forward->positions_most = positions;
    bool says =
        postings >= rare_below(forward->plan) && postings <= forward->plan->doc_count / EVERYWHERE;
    if (says)
        auk_vector_push(&forward->terms, (auk_forward_term){(uint32_t)postings, parts});
    else
        forward->parts.count = parts;
    return AUK_OK;
}

static auk_code survey_fields(auk_forward *forward, const auk_merge_fields *fields, auk_error *err)
{
    auk_merge_heap heap;
    auk_buffer text;
    auk_code code = AUK_OK;
    auk_merge_heap_init(&heap, forward->plan->sources, forward->plan->source_count);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    for (uint32_t field = AUK_FIELD_ID + 1; field < 65536 && code == AUK_OK; field++) {
        if (!auk_merge_fields_has(fields, field))
            continue;
        code = auk_merge_heap_open(&heap, (uint16_t)field, false, err);
        while (code == AUK_OK && heap.count > 0)
            code = survey_term(forward, &heap, &text, err);
    }
    auk_buffer_deinit(&text);
    auk_merge_heap_deinit(&heap);
    return code;
}

auk_code auk_forward_survey(const auk_merge_plan *plan, auk_forward *out, auk_error *err)
{
    *out = (auk_forward){.plan = plan};
    auk_merge_fields *fields = malloc(sizeof *fields);
    if (fields == NULL)
        abort();
    auk_merge_fields_collect(plan->sources, plan->source_count, fields);
    auk_code code = survey_fields(out, fields, err);
    free(fields);
    auk_forward_limit(out, UINT64_MAX);
    return code;
}

/* ---- limits ---- */

static int frequent_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

void auk_forward_limit(auk_forward *forward, uint64_t postings_most)
{
    uint32_t count = forward->terms.count, taken = 0;
    uint32_t *doc_freqs = malloc((count + 1u) * sizeof *doc_freqs);
    if (doc_freqs == NULL)
        abort();
    for (uint32_t t = 0; t < count; t++)
        doc_freqs[t] = forward->terms.items[t].doc_freq;
    qsort(doc_freqs, count, sizeof *doc_freqs, frequent_first);
    /* Terms of one frequency are taken together or not at all. */
    forward->posting_count = 0;
    forward->doc_freq_least = UINT32_MAX;
    while (taken < count) {
        uint32_t end = taken;
        uint64_t postings = 0;
        for (; end < count && doc_freqs[end] == doc_freqs[taken]; end++)
            postings += doc_freqs[end];
        if (end > AUK_BISECT_TERMS_MOST || postings > postings_most - forward->posting_count)
            break;
        forward->posting_count += postings;
        forward->doc_freq_least = doc_freqs[taken];
        taken = end;
    }
    forward->graph.term_count = taken;
    free(doc_freqs);
}

size_t auk_forward_bytes(const auk_forward *forward)
{
    return (size_t)forward->posting_count * sizeof(uint16_t) +
           (size_t)forward->plan->doc_count * BYTES_BY_DOC +
           (size_t)forward->graph.term_count * BYTES_BY_TERM + auk_vector_bytes(&forward->parts);
}

/* ---- build ---- */

typedef struct fill {
    uint64_t *next;  /* by document: where its next term goes */
    uint16_t *terms; /* NULL: they are only counted */
} fill;

static auk_code fill_part(const fill *f, const auk_forward_part *part, const uint32_t *map,
                          uint16_t number, auk_arena *arena, auk_error *err)
{
    auk_postings *postings;
    const auk_doc *docs;
    const uint32_t *freqs;
    auk_code code = auk_postings_open(&part->term, AUK_WANT_DOCS, arena, &postings, err);
    if (code != AUK_OK)
        return code;
    uint32_t count = auk_postings_block(postings, 0, &docs, &freqs);
    while (count != 0) {
        for (uint32_t i = 0; i < count; i++) {
            uint32_t doc = map[docs[i]];
            if (doc == AUK_DOC_DROPPED)
                continue;
            uint64_t at = f->next[doc]++;
            if (f->terms != NULL)
                f->terms[at] = number;
        }
        count = auk_postings_block(postings, docs[count - 1] + 1, &docs, &freqs);
    }
    code = auk_postings_status(postings);
    return code == AUK_OK ? AUK_OK
                          : auk_fail(err, code, "postings of a segment that is merged are damaged");
}

static auk_code fill_all(const auk_forward *forward, const fill *f, auk_error *err)
{
    auk_arena *arena = auk_arena_create(ARENA_BYTES);
    auk_code code = AUK_OK;
    uint16_t number = 0;
    for (uint32_t t = 0; t < forward->terms.count && code == AUK_OK; t++) {
        const auk_forward_term *term = &forward->terms.items[t];
        if (term->doc_freq < forward->doc_freq_least)
            continue;
        uint32_t end = t + 1 < forward->terms.count ? term[1].parts : forward->parts.count;
        for (uint32_t p = term->parts; p < end && code == AUK_OK; p++) {
            const auk_forward_part *part = &forward->parts.items[p];
            const uint32_t *map = forward->plan->sources[part->source].map;
            if (auk_arena_size(arena) > ARENA_KEPT_MOST)
                auk_arena_reset(arena);
            code = fill_part(f, part, map, number, arena, err);
        }
        number++;
    }
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_forward_build(auk_forward *forward, auk_error *err)
{
    uint32_t doc_count = forward->plan->doc_count;
    uint64_t *starts = calloc(doc_count + 2u, sizeof *starts);
    if (starts == NULL)
        abort();
    forward->graph.starts = starts;
    forward->graph.doc_count = doc_count;
    /* Counted two places on and filled one place on, so that at the end each start stands where it
     * belongs. */
    auk_code code = fill_all(forward, &(fill){.next = starts + 2}, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 2; i < doc_count + 2; i++)
        starts[i] += starts[i - 1];
    uint16_t *terms = malloc((size_t)(starts[doc_count + 1] + 1) * sizeof *terms);
    if (terms == NULL)
        abort();
    forward->graph.terms = terms;
    return fill_all(forward, &(fill){.next = starts + 1, .terms = terms}, err);
}

void auk_forward_deinit(auk_forward *forward)
{
    auk_vector_free(&forward->terms);
    auk_vector_free(&forward->parts);
    free((void *)(uintptr_t)forward->graph.starts);
    free((void *)(uintptr_t)forward->graph.terms);
}

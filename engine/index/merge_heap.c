#include "merge_heap.h"

#include <stdlib.h>
#include <string.h>

void auk_merge_fields_collect(const auk_merge_source *sources, uint32_t count,
                              auk_merge_fields *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t s = 0; s < count; s++) {
        uint32_t value_count;
        const auk_value *values = auk_segment_values(sources[s].segment, &value_count);
        for (uint32_t i = 0; i < value_count; i++) {
            uint8_t kind = values[i].kind;
            if (kind == AUK_KIND_TERM_INDEX || kind == AUK_KIND_NORMS || kind == AUK_KIND_COLUMN)
                out->bits[values[i].field / 64] |= UINT64_C(1) << (values[i].field % 64);
        }
    }
}

void auk_merge_heap_init(auk_merge_heap *heap, const auk_merge_source *sources, uint32_t count)
{
    *heap = (auk_merge_heap){.sources = sources,
                             .source_count = count,
                             .arena = auk_arena_create(16 << 10),
                             .cursors = calloc(count + 1u, sizeof *heap->cursors),
                             .items = calloc(count + 1u, sizeof(auk_merge_cursor *))};
    if (heap->cursors == NULL || heap->items == NULL)
        abort();
}

void auk_merge_heap_deinit(auk_merge_heap *heap)
{
    for (uint32_t s = 0; s < heap->source_count; s++)
        free(heap->cursors[s].ordinals);
    free(heap->cursors);
    free(heap->items);
    auk_arena_destroy(heap->arena);
}

static bool before(const auk_merge_cursor *a, const auk_merge_cursor *b)
{
    int order = auk_span_compare(a->text, b->text);
    return order < 0 || (order == 0 && a->source < b->source);
}

static void sift_down(auk_merge_heap *heap, uint32_t at)
{
    auk_merge_cursor **items = heap->items;
    auk_merge_cursor *moved = items[at];
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && before(items[child + 1], items[child]))
            child++;
        if (!before(items[child], moved))
            break;
        items[at] = items[child];
        at = child;
    }
    items[at] = moved;
}

static auk_code check_cursor(const auk_merge_cursor *cursor, auk_error *err)
{
    auk_code code = auk_terms_cursor_status(cursor->cursor);
    return code == AUK_OK ? AUK_OK
                          : auk_fail(err, code, "terms of a segment that is merged are damaged");
}

auk_code auk_merge_heap_step(auk_merge_heap *heap, auk_error *err)
{
    auk_merge_cursor *top = heap->items[0];
    if (auk_terms_cursor_next(top->cursor)) {
        top->text = auk_terms_cursor_text(top->cursor);
    } else {
        auk_code code = check_cursor(top, err);
        if (code != AUK_OK)
            return code;
        heap->items[0] = heap->items[--heap->count];
    }
    if (heap->count > 1)
        sift_down(heap, 0);
    return AUK_OK;
}

static auk_code open_cursor(auk_merge_heap *heap, uint32_t source, const auk_terms *terms,
                            bool ordinals, auk_error *err)
{
    auk_merge_cursor *cursor = &heap->cursors[source];
    cursor->source = source;
    cursor->terms = terms;
    if (ordinals) {
        cursor->ordinals = malloc((auk_terms_read_stats(terms)->term_count + 1) * sizeof(uint32_t));
        if (cursor->ordinals == NULL)
            abort();
    }
    cursor->cursor = auk_terms_cursor_open(terms, heap->arena);
    if (auk_terms_cursor_seek(cursor->cursor, (auk_span){0})) {
        cursor->text = auk_terms_cursor_text(cursor->cursor);
        heap->items[heap->count++] = cursor;
    }
    return check_cursor(cursor, err);
}

auk_code auk_merge_heap_open(auk_merge_heap *heap, uint16_t field, bool ordinals, auk_error *err)
{
    auk_arena_reset(heap->arena);
    heap->count = 0;
    for (uint32_t s = 0; s < heap->source_count; s++) {
        const auk_terms *terms = auk_segment_terms(heap->sources[s].segment, field);
        free(heap->cursors[s].ordinals);
        heap->cursors[s] = (auk_merge_cursor){0};
        if (terms == NULL)
            continue;
        auk_code code = open_cursor(heap, s, terms, ordinals, err);
        if (code != AUK_OK)
            return code;
    }
    for (uint32_t i = heap->count / 2; i-- > 0;)
        sift_down(heap, i);
    return AUK_OK;
}

/* Pages of views in the order of a sort: a search a page, each going on where the last one ended.
 */
#include <stdlib.h>

#include "auk/document_reader.h"
#include "auk/log.h"

#include "by_query_private.h"

typedef struct sorted {
    const auk_by_query_wishes *wishes;
    auk_search_target *targets; /* without a limit to the window */
    auk_search_request request;
    auk_search_context context;
    auk_buffer position; /* after the last page */
    auk_document_reader documents;
} sorted;

static void close_sorted(void *context)
{
    sorted *s = context;
    auk_buffer_deinit(&s->position);
    auk_document_reader_deinit(&s->documents);
    free(s->targets);
    free(s);
}

static auk_code read_hits(sorted *s, const auk_search_result *result, auk_arena *arena,
                          auk_page *out, auk_error *err)
{
    auk_code code = AUK_OK;
    const auk_segment_view *open = NULL;
    auk_doc last = 0;
    out->items = AUK_ARENA_ARRAY(arena, auk_page_item, result->hit_count + 1);
    for (uint32_t i = 0; i < result->hit_count && code == AUK_OK; i++) {
        const auk_hit *hit = &result->hits[i];
        const auk_search_target *target = &s->targets[hit->target];
        const auk_segment_view *segment = &target->shards[hit->shard]->segments[hit->segment];
        auk_page_item *item = &out->items[out->count];
        if (segment != open || hit->doc < last)
            code = auk_document_reader_open(&s->documents, segment, err);
        if (code == AUK_OK)
            code = auk_page_read(&s->documents, hit->doc, s->wishes->kind != AUK_BY_QUERY_DELETE,
                                 arena, item, err);
        open = segment;
        last = hit->doc;
        item->index = target->index;
        out->count += code == AUK_OK && auk_slice_has(s->wishes->slice, item->id);
    }
    return code;
}

/* A page of which the slice has nothing is none to answer. */
static auk_code next_page(void *context, unsigned reader, uint32_t most, auk_arena *arena,
                          auk_page *out, auk_error *err)
{
    sorted *s = context;
    (void)reader;
    *out = (auk_page){0};
    for (uint32_t hits = 1; hits > 0 && out->count == 0;) {
        auk_search_result result;
        s->request.size = most;
        auk_code code = auk_search_run(s->targets, s->wishes->target_count, &s->request,
                                       &s->context, arena, &result, err);
        if (code == AUK_OK)
            code = read_hits(s, &result, arena, out, err);
        if (code != AUK_OK)
            return code;
        hits = result.hit_count;
        if (hits == 0)
            break;
        auk_buffer_reset(&s->position);
        auk_buffer_append(&s->position, result.position.bytes);
        s->request.after.bytes = auk_buffer_span(&s->position);
    }
    return AUK_OK;
}

auk_code auk_sorted_source_open(const auk_by_query_wishes *wishes, auk_page_source *out,
                                auk_error *err)
{
    sorted *s = calloc(1, sizeof *s);
    auk_search_target *targets = calloc(wishes->target_count + 1, sizeof *targets);
    if (!s || !targets)
        auk_fatal("out of memory");
    *s = (sorted){.wishes = wishes, .targets = targets, .context.now_ms = auk_clock_wall_ms()};
    for (uint32_t i = 0; i < wishes->target_count; i++) {
        targets[i] = wishes->targets[i];
        targets[i].max_result_window = UINT32_MAX;
    }
    auk_search_request_init(&s->request);
    s->request.query = wishes->query;
    s->request.sort = wishes->sort;
    s->request.sort_count = wishes->sort_count;
    s->request.track_total_hits = 0;
    auk_buffer_init(&s->position, AUK_BUFFER_NO_LIMIT);
    auk_document_reader_init(&s->documents);
    *out = (auk_page_source){.context = s, .next = next_page, .close = close_sorted};
    auk_code code = auk_search_count(wishes->targets, wishes->target_count, wishes->query,
                                     &s->context, wishes->arena, &out->total, err);
    if (code != AUK_OK)
        close_sorted(s);
    out->total_is_a_guess = wishes->slice.max > 0;
    if (wishes->slice.max > 0)
        out->total /= wishes->slice.max;
    return code;
}

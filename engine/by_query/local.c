/*
 * Pages of views, in the order in which documents lie there. The views are cut into ranges; a
 * reader takes the next one, so that each document is in one page of one reader.
 */
#include <stdlib.h>

#include "auk/document_reader.h"
#include "auk/hash.h"
#include "auk/log.h"

#include "by_query_private.h"

#define RANGE_DOCUMENTS 32768u
#define PAGE_BYTES      ((size_t)4 << 20)
#define ASKED_AT_ONCE   128u

typedef struct range {
    uint32_t target, shard, segment;
    auk_doc from, to;
} range;

typedef struct reader {
    auk_document_reader documents;
    auk_arena *plans; /* of the range */
    const range *at;  /* NULL: takes the next */
    auk_doc next;     /* of the range, not yet asked of the query */
    auk_matcher *query, *filter;
    auk_doc found[ASKED_AT_ONCE];
    uint32_t found_count, given;
} reader;

typedef struct local {
    const auk_by_query_wishes *wishes;
    int64_t now_ms;
    range *ranges;
    uint32_t range_count;
    atomic_uint next;
    unsigned reader_count;
    reader *readers;
} local;

/* ---- ranges ---- */

static void add_segment(local *l, range at, uint32_t documents, uint32_t size, bool count_only)
{
    for (auk_doc from = 0; from < documents; from = at.to) {
        at.from = from;
        at.to = documents - from > size ? from + size : documents;
        if (!count_only)
            l->ranges[l->range_count] = at;
        l->range_count++;
    }
}

static void add_all(local *l, bool count_only)
{
    const auk_by_query_wishes *wishes = l->wishes;
    uint32_t size = l->reader_count > 1 ? RANGE_DOCUMENTS : UINT32_MAX;
    l->range_count = 0;
    for (uint32_t t = 0; t < wishes->target_count; t++) {
        const auk_search_target *target = &wishes->targets[t];
        for (uint32_t s = 0; s < target->shard_count; s++)
            for (uint32_t i = 0; i < target->shards[s]->segment_count; i++)
                add_segment(l, (range){.target = t, .shard = s, .segment = i},
                            auk_segment_doc_count(target->shards[s]->segments[i].segment), size,
                            count_only);
    }
}

static void cut_ranges(local *l)
{
    add_all(l, true);
    l->ranges = calloc(l->range_count + 1, sizeof *l->ranges);
    if (!l->ranges)
        auk_fatal("out of memory");
    add_all(l, false);
}

/* ---- a reader ---- */

static const auk_segment_view *segment_of(const local *l, const range *at)
{
    return &l->wishes->targets[at->target].shards[at->shard]->segments[at->segment];
}

static auk_code open_matcher(const local *l, const range *at, const auk_query *query,
                             auk_arena *arena, auk_matcher **out, auk_error *err)
{
    auk_search_target *alone = auk_arena_alloc(arena, sizeof *alone);
    *alone = l->wishes->targets[at->target];
    alone->shards += at->shard;
    alone->shard_count = 1;
    *out = NULL;
    return query ? auk_matcher_open(alone, at->segment, query, l->now_ms, arena, out, err) : AUK_OK;
}

static auk_code open_range(const local *l, reader *r, const range *at, auk_error *err)
{
    auk_arena_reset(r->plans);
    r->at = at;
    r->next = at->from;
    r->found_count = r->given = 0;
    auk_code code = auk_document_reader_open(&r->documents, segment_of(l, at), err);
    if (code == AUK_OK)
        code = open_matcher(l, at, l->wishes->query, r->plans, &r->query, err);
    if (code == AUK_OK)
        code =
            open_matcher(l, at, l->wishes->targets[at->target].filter, r->plans, &r->filter, err);
    return code;
}

static auk_code close_range(reader *r, auk_error *err)
{
    auk_code code = r->query ? auk_matcher_status(r->query, err) : AUK_OK;
    if (code == AUK_OK && r->filter)
        code = auk_matcher_status(r->filter, err);
    r->at = NULL;
    return code;
}

/* The next documents of the range that match. */
static void find_more(const local *l, reader *r)
{
    const auk_segment_view *segment = segment_of(l, r->at);
    r->found_count = r->given = 0;
    while (r->found_count == 0 && r->next < r->at->to) {
        for (; r->next < r->at->to && r->found_count < ASKED_AT_ONCE; r->next++)
            if (auk_document_is_live(segment, r->next))
                r->found[r->found_count++] = r->next;
        if (r->filter)
            r->found_count = auk_matcher_keep(r->filter, r->found, r->found_count, r->found);
        if (r->query)
            r->found_count = auk_matcher_keep(r->query, r->found, r->found_count, r->found);
    }
}

/* ---- one document ---- */

bool auk_slice_has(auk_slice slice, auk_span id)
{
    return slice.max == 0 || (uint32_t)auk_murmur3_route(id) % slice.max == slice.id;
}

static auk_span padded(auk_arena *arena, auk_span text)
{
    char *copy = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    if (text.size)
        memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, AUK_JSON_PADDING);
    return auk_span_make(copy, text.size);
}

auk_code auk_page_read(auk_document_reader *from, auk_doc doc, bool with_source, auk_arena *arena,
                       auk_page_item *out, auk_error *err)
{
    auk_stored_document stored;
    auk_code code = auk_document_reader_read(from, doc, &stored, &out->version, err);
    if (code == AUK_OK)
        code = auk_document_reader_seq_no(from, doc, &out->seq_no, err);
    if (code == AUK_OK)
        code = auk_document_reader_term(from, doc, &out->primary_term, err);
    if (code != AUK_OK)
        return code;
    out->id = auk_arena_copy(arena, stored.id);
    out->routing = auk_arena_copy(arena, stored.routing);
    out->source = with_source ? padded(arena, stored.source) : AUK_SPAN("");
    out->source_is_padded = with_source;
    return AUK_OK;
}

/* ---- pages ---- */

static auk_code fill(const local *l, reader *r, uint32_t most, auk_arena *arena, auk_page *page,
                     size_t *bytes, auk_error *err)
{
    auk_code code = AUK_OK;
    bool with_source = l->wishes->kind != AUK_BY_QUERY_DELETE;
    while (code == AUK_OK && page->count < most && *bytes < PAGE_BYTES) {
        auk_page_item *item = &page->items[page->count];
        if (r->given == r->found_count)
            find_more(l, r);
        if (r->given == r->found_count)
            return close_range(r, err);
        code = auk_page_read(&r->documents, r->found[r->given++], with_source, arena, item, err);
        item->index = l->wishes->targets[r->at->target].index;
        if (code == AUK_OK && auk_slice_has(l->wishes->slice, item->id)) {
            page->count++;
            *bytes += item->source.size + item->id.size;
        }
    }
    return code;
}

static auk_code next_page(void *context, unsigned number, uint32_t most, auk_arena *arena,
                          auk_page *out, auk_error *err)
{
    local *l = context;
    reader *r = &l->readers[number];
    size_t bytes = 0;
    auk_code code = AUK_OK;
    *out = (auk_page){.items = AUK_ARENA_ARRAY(arena, auk_page_item, most)};
    while (code == AUK_OK && out->count < most && bytes < PAGE_BYTES) {
        if (!r->at) {
            uint32_t next = atomic_fetch_add(&l->next, 1);
            if (next >= l->range_count)
                break;
            code = open_range(l, r, &l->ranges[next], err);
        }
        if (code == AUK_OK)
            code = fill(l, r, most, arena, out, &bytes, err);
    }
    return code;
}

static void close_local(void *context)
{
    local *l = context;
    for (unsigned i = 0; i < l->reader_count; i++) {
        auk_document_reader_deinit(&l->readers[i].documents);
        auk_arena_destroy(l->readers[i].plans);
    }
    free(l->readers);
    free(l->ranges);
    free(l);
}

auk_code auk_local_source_open(const auk_by_query_wishes *wishes, unsigned readers,
                               auk_page_source *out, auk_error *err)
{
    local *l = calloc(1, sizeof *l);
    reader *list = calloc(readers, sizeof *list);
    if (!l || !list)
        auk_fatal("out of memory");
    *l = (local){.wishes = wishes,
                 .now_ms = auk_clock_wall_ms(),
                 .reader_count = readers,
                 .readers = list};
    for (unsigned i = 0; i < readers; i++) {
        auk_document_reader_init(&list[i].documents);
        list[i].plans = auk_arena_create(4096);
    }
    cut_ranges(l);
    *out = (auk_page_source){.context = l, .next = next_page, .close = close_local};
    const auk_search_context context = {.now_ms = l->now_ms};
    auk_code code = auk_search_count(wishes->targets, wishes->target_count, wishes->query, &context,
                                     wishes->arena, &out->total, err);
    if (code != AUK_OK)
        close_local(l);
    out->total_is_a_guess = wishes->slice.max > 0;
    if (wishes->slice.max > 0)
        out->total /= wishes->slice.max;
    return code;
}

#include "choose.h"

#include <stdlib.h>

#include "auk/document_reader.h"
#include "auk/search.h"

struct auk_chooser {
    auk_mapping *mapping;
    auk_search_target target;
    auk_shard_view *views[1];
    auk_matcher *matcher;
};

bool auk_rebuild_chooses(const auk_rebuild *r)
{
    return r->wishes.query && !r->leads_new;
}

auk_code auk_chooser_open(auk_rebuild *r, auk_shard_view *view, uint32_t segment, auk_arena *arena,
                          auk_chooser **out, auk_error *err)
{
    auk_chooser *chooser = AUK_ARENA_NEW(arena, auk_chooser);
    *out = NULL;
    if (!auk_rebuild_chooses(r))
        return AUK_OK;
    chooser->mapping = auk_index_mapping(r->old);
    chooser->views[0] = view;
    chooser->target = (auk_search_target){.index = auk_index_name(r->old, arena),
                                          .mapping = chooser->mapping,
                                          .shards = chooser->views,
                                          .shard_count = 1};
    auk_code code = auk_matcher_open(&chooser->target, segment, r->wishes.query, r->started_ms,
                                     arena, &chooser->matcher, err);
    if (code != AUK_OK) {
        auk_mapping_release(chooser->mapping);
        return code;
    }
    *out = chooser;
    return AUK_OK;
}

bool auk_chooser_takes(auk_chooser *chooser, auk_doc doc)
{
    auk_doc kept;
    return !chooser || auk_matcher_keep(chooser->matcher, &doc, 1, &kept) == 1;
}

auk_code auk_chooser_status(const auk_chooser *chooser, auk_error *err)
{
    return chooser ? auk_matcher_status(chooser->matcher, err) : AUK_OK;
}

void auk_chooser_close(auk_chooser *chooser)
{
    if (chooser)
        auk_mapping_release(chooser->mapping);
}

auk_code auk_rebuild_count_chosen(auk_rebuild *r, const auk_index_view *view, uint64_t *out,
                                  auk_error *err)
{
    auk_search_target target = {.index = view->name,
                                .mapping = view->mapping,
                                .shards = view->shards,
                                .shard_count = view->shard_count};
    auk_search_context context = {.now_ms = r->started_ms};
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_search_count(&target, 1, r->wishes.query, &context, arena, out, err);
    auk_arena_destroy(arena);
    return code;
}

/* ---- operations ---- */

/* A change and where its document is. */
typedef struct found {
    uint32_t change;
    uint32_t segment;
    auk_doc doc;
} found;

static int by_place(const void *a, const void *b)
{
    const found *x = a, *y = b;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

static auk_code find(const auk_shard_view *view, auk_span id, found *out, bool *there,
                     auk_error *err)
{
    *there = false;
    for (uint32_t i = view->segment_count; i-- > 0 && !*there;) {
        bool known;
        auk_code code = auk_segment_find_id(view->segments[i].segment, id, &out->doc, &known, err);
        if (code != AUK_OK)
            return code;
        *there = known && auk_document_is_live(&view->segments[i], out->doc);
        out->segment = i;
    }
    return AUK_OK;
}

/* What the view has of it, or a delete. */
static auk_code take(const auk_shard_view *view, const found *at, bool chosen,
                     auk_document_reader *reader, auk_change *change, auk_arena *arena,
                     auk_error *err)
{
    auk_stored_document stored;
    int64_t version;
    auk_code code = AUK_OK;
    if (reader->segment != &view->segments[at->segment])
        code = auk_document_reader_open(reader, &view->segments[at->segment], err);
    if (code == AUK_OK)
        code = auk_document_reader_read(reader, at->doc, &stored, &version, err);
    if (code != AUK_OK)
        return code;
    change->is_delete = !chosen;
    change->version = version;
    change->routing = auk_arena_copy(arena, stored.routing);
    change->source = auk_arena_copy(arena, stored.source);
    return AUK_OK;
}

static auk_code choose_found(auk_rebuild *r, auk_shard_view *view, const found *list,
                             uint32_t count, auk_changes *changes, auk_arena *arena, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_chooser *chooser = NULL;
    auk_document_reader reader;
    auk_document_reader_init(&reader);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        if (i == 0 || list[i].segment != list[i - 1].segment) {
            code = auk_chooser_status(chooser, err);
            auk_chooser_close(chooser);
            chooser = NULL;
            if (code == AUK_OK)
                code = auk_chooser_open(r, view, list[i].segment, arena, &chooser, err);
        }
        if (code == AUK_OK)
            code = take(view, &list[i], auk_chooser_takes(chooser, list[i].doc), &reader,
                        &changes->items[list[i].change], arena, err);
    }
    if (code == AUK_OK)
        code = auk_chooser_status(chooser, err);
    auk_chooser_close(chooser);
    auk_document_reader_deinit(&reader);
    return code;
}

auk_code auk_rebuild_choose(auk_rebuild *r, auk_shard_view *view, auk_changes *changes,
                            auk_arena *arena, auk_error *err)
{
    uint32_t count = 0;
    auk_code code = AUK_OK;
    changes->count = auk_rebuild_keep_last(changes->items, changes->count, arena);
    found *list = AUK_ARENA_ARRAY(arena, found, changes->count + 1);
    for (uint32_t i = 0; i < changes->count && code == AUK_OK; i++) {
        bool there;
        code = find(view, changes->items[i].id, &list[count], &there, err);
        list[count].change = i;
        count += there;
        if (!there)
            changes->items[i].is_delete = true; /* a later operation says with which version */
    }
    qsort(list, count, sizeof *list, by_place);
    return code == AUK_OK ? choose_found(r, view, list, count, changes, arena, err) : code;
}

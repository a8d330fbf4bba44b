#include "auk/resize.h"

#include "auk/change.h"
#include "auk/fault_point.h"
#include "auk/generation.h"
#include "auk/log.h"

#include "by_query_private.h"

#define PREFIX "resize/"

/* ---- what may be ---- */

static auk_code check_shards(auk_resize_kind kind, uint32_t from, uint32_t to, auk_error *err)
{
    if (kind == AUK_RESIZE_CLONE && from != to)
        return auk_fail(err, AUK_INVALID,
                        "the number of target shards (%u) must be the same as the number of source "
                        "shards (%u)",
                        to, from);
    if (kind == AUK_RESIZE_SHRINK && from < to)
        return auk_fail(err, AUK_INVALID,
                        "the number of target shards [%u] must be less that the number of source "
                        "shards [%u]",
                        to, from);
    if (kind == AUK_RESIZE_SHRINK && from % to != 0)
        return auk_fail(err, AUK_INVALID,
                        "the number of source shards [%u] must be a multiple of [%u]", from, to);
    if (kind == AUK_RESIZE_SPLIT && from >= to)
        return auk_fail(err, AUK_INVALID,
                        "the number of source shards [%u] must be less that the number of target "
                        "shards [%u]",
                        from, to);
    if (kind == AUK_RESIZE_SPLIT && to % from != 0)
        return auk_fail(err, AUK_INVALID,
                        "the number of source shards [%u] must be a factor of [%u]", from, to);
    return AUK_OK;
}

/* The shards that are asked for; 0: it does not say. */
static auk_code read_shards(const auk_json *given, uint32_t *out, auk_error *err)
{
    int64_t number = 0;
    auk_settings *settings = auk_settings_create();
    auk_code code = given ? auk_settings_from_json(given, settings, err) : AUK_OK;
    auk_span text =
        auk_settings_text(settings, AUK_SPAN("index.number_of_shards"),
                          auk_settings_text(settings, AUK_SPAN("number_of_shards"), AUK_SPAN("")));
    if (code == AUK_OK && text.size && (!auk_number_parse_int64(text, &number) || number < 1))
        code = auk_fail(err, AUK_INVALID,
                        "Failed to parse value [%.*s] for setting [index.number_of_shards] must be "
                        ">= 1",
                        AUK_SPAN_ARG(text));
    *out = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
    auk_settings_destroy(settings);
    return code;
}

/* The given settings with a number of shards, for a kind that has one of its own. */
static auk_code with_shards(const auk_json *given, uint32_t shards, auk_arena *arena,
                            const auk_json **out, auk_error *err)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    for (const auk_json *m = given ? given->child : NULL; m; m = m->next) {
        auk_json_key(&writer, m->key);
        auk_json_value(&writer, m);
    }
    auk_json_member_uint(&writer, "index.number_of_shards", shards);
    auk_json_end_object(&writer);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

static auk_code check_source(const auk_index_view *view, auk_error *err)
{
    if (!auk_mapping_source_enabled(view->mapping))
        return auk_fail(err, AUK_INVALID, "[%.*s] didn't store _source", AUK_SPAN_ARG(view->name));
    if (auk_index_check(view, AUK_BLOCK_WRITE, NULL) != AUK_OK)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "illegal_state_exception",
                         "index %.*s must be read-only to resize index. use "
                         "\"index.blocks.write=true\"",
                         AUK_SPAN_ARG(view->name));
}

auk_code auk_resize_check(auk_catalog *catalog, const auk_index_view *view,
                          const auk_resize *resize, auk_arena *arena, const auk_json **body,
                          auk_error *err)
{
    uint32_t shards = 0;
    const auk_json *settings = resize->settings;
    auk_code code = check_source(view, err);
    if (code == AUK_OK)
        code = read_shards(settings, &shards, err);
    if (code == AUK_OK && shards == 0 && resize->kind == AUK_RESIZE_SPLIT)
        code = auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: index.number_of_shards is required for split "
                             "operations;");
    if (code == AUK_OK && shards == 0 && resize->kind == AUK_RESIZE_SHRINK)
        code = with_shards(settings, shards = 1, arena, &settings, err);
    if (code == AUK_OK)
        code =
            check_shards(resize->kind, view->shard_count, shards ? shards : view->shard_count, err);
    if (code == AUK_OK)
        code = auk_generation_body(view, settings, NULL, true, arena, body, err);
    return code == AUK_OK ? auk_generation_check(catalog, *body, err) : code;
}

/* ---- the note that it is not whole ---- */

static auk_code note(auk_catalog *catalog, auk_span target, bool is_half, auk_error *err)
{
    auk_arena *arena = auk_arena_create(256);
    auk_batch *batch = auk_batch_create();
    auk_span key = auk_arena_printf(arena, PREFIX "%.*s", AUK_SPAN_ARG(target));
    if (is_half)
        auk_batch_put(batch, AUK_FAMILY_CATALOG, key, AUK_SPAN("{\"format\":1}"));
    else
        auk_batch_delete(batch, AUK_FAMILY_CATALOG, key);
    AUK_FAULT_POINT(RESIZE_NOTE_BEFORE);
    auk_code code = auk_store_write(auk_catalog_store(catalog), batch, true, err);
    AUK_FAULT_POINT(RESIZE_NOTE_AFTER);
    auk_batch_destroy(batch);
    auk_arena_destroy(arena);
    return code;
}

static auk_index *find_half(auk_catalog *catalog, auk_span name)
{
    const auk_root *root = auk_root_acquire(catalog);
    const auk_index_view *view = auk_root_find(root, name);
    auk_index *index = view && view->standby ? auk_index_acquire(view->index) : NULL;
    auk_root_release(catalog, root);
    return index;
}

static auk_code drop_half(auk_catalog *catalog, auk_span name, auk_error *err)
{
    auk_index *half = find_half(catalog, name);
    auk_code code = half ? auk_generation_drop(catalog, half, err) : AUK_OK;
    auk_index_release(half);
    return code == AUK_OK ? note(catalog, name, false, err) : code;
}

auk_code auk_resize_clean(auk_catalog *catalog, auk_error *err)
{
    auk_span key, value;
    auk_buffer names;
    auk_buffer_init(&names, AUK_BUFFER_NO_LIMIT);
    auk_store_cursor *cursor = auk_store_scan(auk_catalog_store(catalog), AUK_FAMILY_CATALOG,
                                              AUK_SPAN(PREFIX), AUK_SPAN("resize0"));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        auk_buffer_append(&names, auk_span_from(key, sizeof PREFIX - 1));
        auk_buffer_append_byte(&names, '\0');
    }
    auk_code code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_span rest = auk_buffer_span(&names), name;
    while (code == AUK_OK && auk_span_cut(&rest, '\0', &name))
        code = drop_half(catalog, name, err);
    auk_buffer_deinit(&names);
    return code;
}

/* ---- a page ---- */

static auk_operation carried(const auk_page_item *item, bool are_new)
{
    return (auk_operation){.kind = AUK_OPERATION_INDEX,
                           .id = item->id,
                           .routing = item->routing,
                           .source = item->source,
                           .source_is_padded = item->source_is_padded,
                           .version_type = AUK_VERSION_CARRIED,
                           .version = item->version,
                           .only_unknown = true,
                           .id_is_generated = are_new,
                           .if_seq_no = -1};
}

static auk_code write_shard(auk_worker *w, uint32_t shard, const auk_operation *operations,
                            uint32_t count, auk_error *err)
{
    auk_run *run = w->run;
    auk_outcome *outcomes = AUK_ARENA_ARRAY(w->arena, auk_outcome, count + 1);
    auk_code code = auk_index_enter(run->into, err);
    if (code != AUK_OK || count == 0) {
        if (code == AUK_OK)
            auk_index_leave(run->into);
        return code;
    }
    code = auk_shard_write(auk_index_shard(run->into, shard), operations, count, NULL, w->arena,
                           outcomes, err);
    auk_index_leave(run->into);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        if (outcomes[i].error.code != AUK_OK) {
            *err = *outcomes[i].error.why;
            code = outcomes[i].error.code;
        }
    return code;
}

auk_code auk_resize_carry(auk_worker *w, const auk_page *page, uint32_t *next_shard, auk_error *err)
{
    uint32_t shards = auk_index_shard_count(w->run->into);
    bool are_new = shards == w->run->wishes.targets[0].shard_count; /* an id lies in one shard */
    auk_operation *operations = AUK_ARENA_ARRAY(w->arena, auk_operation, page->count + 1);
    auk_code code = AUK_OK;
    for (; *next_shard < shards && code == AUK_OK; ++*next_shard) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < page->count; i++) {
            const auk_page_item *item = &page->items[i];
            if (auk_route_shard(item->routing.size ? item->routing : item->id, shards) ==
                *next_shard)
                operations[count++] = carried(item, are_new);
        }
        code = write_shard(w, *next_shard, operations, count, err);
        if (code != AUK_OK)
            return code;
        pthread_mutex_lock(&w->run->lock);
        w->counts.created += count;
        pthread_mutex_unlock(&w->run->lock);
    }
    return code;
}

/* ---- the start and the end ---- */

auk_code auk_resize_start(auk_catalog *catalog, const auk_by_query_wishes *wishes,
                          const auk_json *body, auk_job **out, auk_error *err)
{
    auk_index *made = NULL;
    auk_span target = wishes->resize->target;
    auk_code code = note(catalog, target, true, err);
    if (code != AUK_OK)
        return code;
    code = auk_generation_create(catalog, target, body, &made, err);
    if (code == AUK_OK)
        code = auk_by_query_start_into(catalog, wishes, made, out, err);
    if (code != AUK_OK && made) {
        (void)!drop_half(catalog, target, NULL);
        auk_index_release(made);
    } else if (code != AUK_OK) {
        (void)!note(catalog, target, false, NULL);
    }
    return code;
}

static auk_code add_aliases(auk_catalog *catalog, const auk_resize *resize, auk_error *err)
{
    auk_buffer text;
    auk_json_writer out;
    const auk_json *actions;
    auk_arena *arena = auk_arena_create(1024);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_array(&out, "actions");
    for (const auk_json *alias = resize->aliases->child; alias; alias = alias->next) {
        auk_json_begin_object(&out);
        auk_json_member_object(&out, "add");
        auk_json_member_string(&out, "index", resize->target);
        auk_json_member_string(&out, "alias", alias->key);
        for (const auk_json *m = alias->child; m; m = m->next) {
            auk_json_key(&out, m->key);
            auk_json_value(&out, m);
        }
        auk_json_end_object(&out);
        auk_json_end_object(&out);
    }
    auk_json_end_array(&out);
    auk_json_end_object(&out);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, &actions, err);
    if (code == AUK_OK)
        code = auk_catalog_update_aliases(catalog, actions, err);
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
    return code;
}

static auk_code check_count(const auk_run *run, auk_error *err)
{
    uint64_t created = 0;
    for (unsigned i = 0; i < run->worker_count; i++)
        created += run->workers[i].counts.created;
    if (created == run->source.total)
        return AUK_OK;
    return auk_fail(err, AUK_CORRUPT, "[%llu] documents of [%llu] were copied",
                    (unsigned long long)created, (unsigned long long)run->source.total);
}

/* It is whole: shown as it is, files first. */
static auk_code finish_whole(auk_run *run, auk_error *err)
{
    const auk_resize *resize = run->wishes.resize;
    auk_code code = check_count(run, err);
    if (code == AUK_OK)
        code = auk_index_flush(run->into, err);
    if (code == AUK_OK)
        code = auk_index_refresh(run->into, err);
    if (code == AUK_OK)
        code = auk_generation_release(run->catalog, run->into, err);
    if (code == AUK_OK)
        code = note(run->catalog, resize->target, false, err);
    if (code == AUK_OK && resize->aliases && resize->aliases->count > 0)
        code = add_aliases(run->catalog, resize, err);
    return code;
}

void auk_resize_finish(auk_run *run, bool is_whole)
{
    auk_error err = {0};
    auk_code code = is_whole ? finish_whole(run, &err) : AUK_OK;
    err.code = code;
    if (code != AUK_OK)
        auk_run_fail(run, &err);
    if (!is_whole && run->err.code == AUK_OK && !auk_job_stopping(run->job))
        auk_run_fail(run,
                     &(auk_error){.code = AUK_CANCELLED, .message = "cancelled by user request"});
    if ((!is_whole || code != AUK_OK) &&
        drop_half(run->catalog, run->wishes.resize->target, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "an index that is half copied stays until the next start",
                "index=%.*s reason=\"%s\"", AUK_SPAN_ARG(run->wishes.resize->target), err.message);
}

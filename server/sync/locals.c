#include "locals.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auk/log.h"
#include "auk/mapping.h"
#include "auk/varint.h"
#include "locals_private.h"

#define VERSION       1
#define KEY_SIZE_MOST ((size_t)1 << 20)
#define SWEEP_MOST    500 /* documents looked at in one turn */

auk_locals *auk_locals_create(auk_catalog *catalog, auk_span source)
{
    auk_locals *locals = calloc(1, sizeof *locals);
    if (!locals)
        auk_fatal("out of memory");
    locals->catalog = catalog;
    locals->store = auk_catalog_store(catalog);
    locals->arena = auk_arena_create(256);
    locals->source = auk_arena_copy(locals->arena, source);
    locals->owner = auk_arena_printf(locals->arena, "sync:%.*s", AUK_SPAN_ARG(source));
    pthread_mutex_init(&locals->lock, NULL);
    return locals;
}

void auk_locals_destroy(auk_locals *locals)
{
    if (!locals)
        return;
    pthread_mutex_destroy(&locals->lock);
    auk_arena_destroy(locals->arena);
    free(locals);
}

void auk_locals_lock(auk_locals *locals)
{
    pthread_mutex_lock(&locals->lock);
}

void auk_locals_unlock(auk_locals *locals)
{
    pthread_mutex_unlock(&locals->lock);
}

bool auk_local_covers(const auk_sync_document *spec, auk_span path)
{
    for (uint32_t i = 0; i < spec->local_field_count; i++)
        if (auk_pattern_covers(spec->local_fields[i], path))
            return true;
    return false;
}

/* ---- keys and values ---- */

static void begin_key(auk_buffer *key, auk_span source)
{
    auk_buffer_init(key, KEY_SIZE_MOST);
    auk_key_begin(key, AUK_KEY_ANY_SOURCE, AUK_KEY_LOCAL);
    auk_key_append_value(key, source, false);
}

static void make_key(const auk_locals *locals, auk_span index, auk_span id, auk_buffer *key)
{
    begin_key(key, locals->source);
    auk_key_append_value(key, index, false);
    auk_key_append_value(key, id, false);
}

static auk_code decode(auk_span value, auk_local *out, auk_error *err)
{
    auk_reader in = auk_reader_of(value);
    uint8_t version = auk_reader_u8(&in);
    out->routing = auk_reader_sized(&in);
    if (in.failed || version != VERSION || auk_reader_left(&in) == 0)
        return auk_fail(err, AUK_CORRUPT, "the record of local fields is damaged");
    out->json = auk_span_from(value, value.size - auk_reader_left(&in));
    return AUK_OK;
}

auk_code auk_locals_get(auk_locals *locals, auk_span index, auk_span id, auk_arena *arena,
                        auk_local *out, auk_error *err)
{
    auk_buffer key, value;
    bool found;
    *out = (auk_local){0};
    make_key(locals, index, id, &key);
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_code code =
        auk_store_get(locals->store, AUK_FAMILY_SYNC, auk_buffer_span(&key), &value, &found, err);
    if (code == AUK_OK && found)
        code = decode(auk_arena_copy(arena, auk_buffer_span(&value)), out, err);
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
    return code;
}

void auk_locals_put(auk_locals *locals, auk_span index, auk_span id, const auk_local *local,
                    auk_batch *batch)
{
    auk_buffer key, value;
    make_key(locals, index, id, &key);
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(&value, VERSION);
    auk_buffer_append_sized(&value, local->routing);
    auk_buffer_append(&value, local->json);
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&value));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
}

void auk_locals_delete(auk_locals *locals, auk_span index, auk_span id, auk_batch *batch)
{
    auk_buffer key;
    make_key(locals, index, id, &key);
    auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
    auk_buffer_deinit(&key);
}

void auk_locals_erase(auk_span source, auk_batch *batch)
{
    auk_buffer from, to;
    begin_key(&from, source);
    begin_key(&to, source);
    auk_key_end_of_prefix(&to);
    auk_batch_delete_range(batch, AUK_FAMILY_SYNC, auk_buffer_span(&from), auk_buffer_span(&to));
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
}

/* ---- laying one over the other ---- */

static bool find_foreign(const auk_sync_document *spec, const auk_json *object, auk_buffer *path,
                         auk_span *out, auk_arena *arena)
{
    size_t before = path->size;
    bool found = false;
    for (const auk_json *m = object->child; m && !found; m = m->next) {
        if (before)
            auk_buffer_append_byte(path, '.');
        auk_buffer_append(path, m->key);
        if (auk_local_covers(spec, auk_buffer_span(path))) {
            found = false;
        } else if (m->type == AUK_JSON_OBJECT && m->child) {
            found = find_foreign(spec, m, path, out, arena);
        } else {
            *out = auk_arena_copy(arena, auk_buffer_span(path));
            found = true;
        }
        path->size = before;
    }
    return found;
}

bool auk_local_find_foreign(const auk_sync_document *spec, const auk_json *object, auk_arena *arena,
                            auk_span *out)
{
    auk_buffer path;
    auk_buffer_init(&path, AUK_BUFFER_NO_LIMIT);
    bool found = find_foreign(spec, object, &path, out, arena);
    auk_buffer_deinit(&path);
    return found;
}

/* The members that are clients'. */
static void write_own(const auk_sync_document *spec, const auk_json *object, auk_buffer *path,
                      auk_json_writer *out)
{
    size_t before = path->size;
    auk_json_begin_object(out);
    for (const auk_json *m = object->child; m; m = m->next) {
        if (before)
            auk_buffer_append_byte(path, '.');
        auk_buffer_append(path, m->key);
        if (auk_local_covers(spec, auk_buffer_span(path))) {
            auk_json_key(out, m->key);
            auk_json_value(out, m);
        } else if (m->type == AUK_JSON_OBJECT && m->child) {
            auk_json_key(out, m->key);
            write_own(spec, m, path, out);
        }
        path->size = before;
    }
    auk_json_end_object(out);
}

static auk_code keep_own(const auk_sync_document *spec, const auk_json **object, auk_arena *arena,
                         auk_error *err)
{
    auk_span foreign;
    auk_buffer path, text;
    auk_json_writer writer;
    if (!auk_local_find_foreign(spec, *object, arena, &foreign))
        return AUK_OK;
    auk_buffer_init(&path, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    write_own(spec, *object, &path, &writer);
    auk_code code =
        auk_json_parse(auk_arena_copy(arena, auk_buffer_span(&text)), arena, object, err);
    auk_buffer_deinit(&path);
    auk_buffer_deinit(&text);
    return code;
}

auk_span auk_local_merge(const auk_json *base, const auk_json *over, auk_arena *arena)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    (void)auk_json_merge(base, over, &writer);
    char *padded = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    memcpy(padded, text.data, text.size);
    memset(padded + text.size, 0, AUK_JSON_PADDING);
    auk_span merged = auk_span_make(padded, text.size);
    auk_buffer_deinit(&text);
    return merged;
}

auk_code auk_local_lay(const auk_local *local, const auk_sync_document *spec, auk_span source,
                       auk_arena *arena, auk_span *out, auk_error *err)
{
    const auk_json *base, *over;
    auk_code code = auk_json_parse(source, arena, &base, err);
    if (code == AUK_OK)
        code = auk_json_parse(local->json, arena, &over, err);
    if (code == AUK_OK)
        code = keep_own(spec, &over, arena, err);
    if (code == AUK_OK)
        *out = auk_local_merge(base, over, arena);
    return code;
}

/* ---- what no document is there for ---- */

typedef struct sweeping {
    auk_locals *locals;
    auk_span index, concrete_index;
    auk_buffer from, to;
    auk_arena *arena;
    uint32_t seen;
} sweeping;

static auk_code look_at(sweeping *s, auk_span key, auk_span value, auk_batch *batch, auk_error *err)
{
    auk_write what;
    auk_local local;
    auk_shard_document document;
    bool found;
    auk_span rest = auk_span_from(key, AUK_KEY_HEAD_SIZE), skipped;
    auk_write_init(&what);
    what.index = s->concrete_index;
    auk_code code = decode(value, &local, err);
    if (code == AUK_OK)
        code = auk_key_cut_value(&rest, s->arena, &skipped, err);
    if (code == AUK_OK)
        code = auk_key_cut_value(&rest, s->arena, &skipped, err);
    if (code == AUK_OK)
        code = auk_key_cut_value(&rest, s->arena, &what.id, err);
    if (code != AUK_OK)
        return code;
    what.routing = local.routing;
    code = auk_owned_get(s->locals->catalog, s->locals->owner, &what, s->arena, &document, &found,
                         err);
    if (code == AUK_OK && !found)
        auk_batch_delete(batch, AUK_FAMILY_SYNC, key);
    return code;
}

/* One turn; within the lock, so that no document comes between the look and the deletion. */
static auk_code sweep_some(sweeping *s, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_batch *batch = auk_batch_create();
    auk_store_cursor *cursor = auk_store_scan(s->locals->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&s->from), auk_buffer_span(&s->to));
    for (s->seen = 0; code == AUK_OK && s->seen < SWEEP_MOST; s->seen++) {
        if (!auk_store_cursor_next(cursor, &key, &value))
            break;
        code = look_at(s, key, value, batch, err);
        auk_buffer_reset(&s->from);
        auk_buffer_append(&s->from, key);
        auk_buffer_append_byte(&s->from, 0);
        auk_arena_reset(s->arena);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    if (code == AUK_OK && !auk_batch_is_empty(batch))
        code = auk_store_write(s->locals->store, batch, true, err);
    auk_batch_destroy(batch);
    return code;
}

auk_code auk_locals_sweep(auk_locals *locals, auk_span index, auk_span concrete_index,
                          auk_error *err)
{
    sweeping s = {.locals = locals,
                  .index = index,
                  .concrete_index = concrete_index,
                  .arena = auk_arena_create(4096),
                  .seen = SWEEP_MOST};
    auk_code code = AUK_OK;
    begin_key(&s.from, locals->source);
    auk_key_append_value(&s.from, index, false);
    begin_key(&s.to, locals->source);
    auk_key_append_value(&s.to, index, false);
    auk_key_end_of_prefix(&s.to);
    while (code == AUK_OK && s.seen == SWEEP_MOST) {
        auk_locals_lock(locals);
        code = sweep_some(&s, err);
        auk_locals_unlock(locals);
    }
    auk_buffer_deinit(&s.from);
    auk_buffer_deinit(&s.to);
    auk_arena_destroy(s.arena);
    return code;
}

/*
 * Dead letters: documents that were refused. The value of a DEAD key is JSON, as it is shown:
 *
 *   {"id": 16 hex digits, "index":.., "table":.., "key":[..], "document":.., "lsn":"X/Y", "xid":..,
 *    "op":.., "stage":"value"|"mapping", "error":{"type":..,"reason":..}, "attempts":..,
 *    "time":ms since 1970}
 */
#include <inttypes.h>

#include "applier_private.h"

#include "auk/clock.h"
#include "auk/hash.h"
#include "auk/varint.h"

#define ID_SEED       0x61756b6465616431ULL
#define DEAD_BYTES    ((size_t)1 << 21)
#define KEY_SIZE_MOST ((size_t)1 << 20)

/* The set's key: document be32, values of the root's key. */
static void set_key(uint32_t document, auk_span root, auk_buffer *key)
{
    auk_buffer_init(key, KEY_SIZE_MOST);
    auk_key_append_number(key, document);
    auk_buffer_append(key, root);
}

bool auk_applier_is_dead(auk_applier *applier, uint32_t document, auk_span root)
{
    auk_buffer key;
    pthread_mutex_lock(&applier->lock);
    bool any = applier->dead.count > 0;
    pthread_mutex_unlock(&applier->lock);
    if (!any)
        return false;
    set_key(document, root, &key);
    pthread_mutex_lock(&applier->lock);
    bool dead = auk_key_set_has(&applier->dead, auk_buffer_span(&key));
    pthread_mutex_unlock(&applier->lock);
    auk_buffer_deinit(&key);
    return dead;
}

void auk_applier_set_dead(auk_applier *applier, uint32_t document, auk_span root, bool dead)
{
    auk_buffer key;
    pthread_mutex_lock(&applier->lock);
    bool any = dead || applier->dead.count > 0;
    pthread_mutex_unlock(&applier->lock);
    if (!any)
        return;
    set_key(document, root, &key);
    pthread_mutex_lock(&applier->lock);
    if (dead)
        auk_key_set_put(&applier->dead, auk_buffer_span(&key), 0);
    else
        auk_key_set_remove(&applier->dead, auk_buffer_span(&key));
    pthread_mutex_unlock(&applier->lock);
    auk_buffer_deinit(&key);
}

/* ---- an entry ---- */

static const char *name_of(char op)
{
    switch (op) {
    case 'i':
        return "insert";
    case 'u':
        return "update";
    case 'd':
        return "delete";
    case 't':
        return "truncate";
    default:
        return "snapshot";
    }
}

static int64_t attempts_before(auk_applier *applier, auk_span key, auk_arena *arena)
{
    auk_buffer value;
    bool found = false;
    const auk_json *old;
    int64_t attempts = 0;
    auk_buffer_init(&value, DEAD_BYTES);
    if (auk_store_get(applier->store, AUK_FAMILY_SYNC, key, &value, &found, NULL) == AUK_OK &&
        found && auk_json_parse(auk_buffer_span(&value), arena, &old, NULL) == AUK_OK &&
        auk_json_get(old, "attempts"))
        (void)auk_json_to_int64(auk_json_get(old, "attempts"), &attempts);
    auk_buffer_deinit(&value);
    return attempts;
}

static void write_key(auk_span root, auk_arena *arena, auk_json_writer *out)
{
    auk_json_member_array(out, "key");
    while (root.size > 0) {
        auk_span text;
        if (auk_key_cut_value(&root, arena, &text, NULL) != AUK_OK)
            break;
        auk_json_string(out, text);
    }
    auk_json_end_array(out);
}

static void write_entry(auk_applier *applier, const auk_item *item, const auk_error *why,
                        int64_t attempts, auk_arena *arena, auk_json_writer *out)
{
    const auk_row_table *table = item->tree->root->table;
    auk_lsn lsn = applier->taking.applied ? applier->taking.applied : applier->group.applied;
    auk_buffer key;
    set_key(item->tree->number, item->root, &key);
    uint64_t id = auk_hash(auk_buffer_span(&key), ID_SEED);
    auk_buffer_deinit(&key);
    if (lsn == 0)
        lsn = applier->position.applied;
    auk_json_begin_object(out);
    auk_json_member_string(out, "id", auk_arena_printf(arena, "%016" PRIx64, id));
    auk_json_member_string(out, "index", auk_applier_target(applier, item->tree));
    auk_json_member_string(out, "table",
                           auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                            AUK_SPAN_ARG(table->name)));
    write_key(item->root, arena, out);
    if (item->id.size > 0)
        auk_json_member_string(out, "document", item->id);
    auk_json_member_string(out, "lsn",
                           auk_arena_printf(arena, "%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32),
                                            (uint32_t)lsn));
    auk_json_member_uint(out, "xid", item->xid);
    auk_json_member_text(out, "op", name_of(item->op));
    auk_json_member_text(out, "stage", item->refused ? "value" : "mapping");
    auk_json_member_object(out, "error");
    auk_json_member_text(out, "type", auk_error_type(why));
    auk_json_member_text(out, "reason", why->message);
    auk_json_end_object(out);
    auk_json_member_int(out, "attempts", attempts);
    auk_json_member_int(out, "time", auk_clock_wall_ms());
    auk_json_end_object(out);
}

void auk_applier_put_dead(auk_applier *applier, const auk_item *item, const auk_error *why,
                          auk_batch *batch)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer key, json;
    auk_json_writer writer;
    auk_buffer_init(&key, KEY_SIZE_MOST);
    auk_buffer_init(&json, DEAD_BYTES);
    auk_json_writer_init(&writer, &json, false);
    auk_applier_root_key(applier, AUK_KEY_DEAD, item->tree->number, item->root, &key);
    int64_t attempts = auk_applier_is_dead(applier, item->tree->number, item->root)
                           ? attempts_before(applier, auk_buffer_span(&key), arena)
                           : 0;
    write_entry(applier, item, why, attempts + 1, arena, &writer);
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&json));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&json);
    auk_arena_destroy(arena);
}

/* ---- all of them ---- */

static auk_store_cursor *scan(const auk_applier *applier)
{
    auk_buffer from, to;
    auk_buffer_init(&from, 64);
    auk_buffer_init(&to, 64);
    auk_key_begin(&from, applier->source, AUK_KEY_DEAD);
    auk_key_begin(&to, applier->source, AUK_KEY_DEAD + 1);
    auk_store_cursor *cursor = auk_store_scan(applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&from), auk_buffer_span(&to));
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
    return cursor;
}

auk_code auk_applier_write_dead(auk_applier *applier, uint32_t from, uint32_t size,
                                auk_json_writer *out, auk_error *err)
{
    auk_span key, value;
    uint32_t number = 0;
    pthread_mutex_lock(&applier->lock);
    uint32_t total = applier->dead.count;
    pthread_mutex_unlock(&applier->lock);
    auk_json_begin_object(out);
    auk_json_member_uint(out, "total", total);
    auk_json_member_array(out, "entries");
    auk_store_cursor *cursor = scan(applier);
    for (; number < (uint64_t)from + size && auk_store_cursor_next(cursor, &key, &value); number++)
        if (number >= from)
            auk_json_raw(out, value);
    auk_code code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_json_end_array(out);
    auk_json_end_object(out);
    return code;
}

/* Keys of the set whose id is asked for; in the arena. */
static auk_span *list_dead(auk_applier *applier, auk_span id, auk_arena *arena, uint32_t *count)
{
    const auk_key_item *item;
    *count = 0;
    pthread_mutex_lock(&applier->lock);
    auk_span *keys = AUK_ARENA_ARRAY(arena, auk_span, applier->dead.count + 1);
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->dead, &at)) != NULL;) {
        auk_span key = auk_span_make(item->data, item->size);
        auk_span own = auk_arena_printf(arena, "%016" PRIx64, auk_hash(key, ID_SEED));
        if (id.size == 0 || auk_span_equal(id, own))
            keys[(*count)++] = auk_arena_copy(arena, key);
    }
    pthread_mutex_unlock(&applier->lock);
    return keys;
}

static auk_code retry(auk_applier *applier, const auk_span *keys, uint32_t count, auk_error *err)
{
    auk_step step;
    auk_code code = AUK_OK;
    auk_step_init(&step);
    for (uint32_t i = 0; code == AUK_OK && i < count; i++) {
        uint32_t document = auk_load_be32(keys[i].data);
        if (document < applier->model->tree_count && applier->model->trees[document])
            code = auk_step_add_root(applier, &step, applier->model->trees[document],
                                     auk_span_from(keys[i], 4), true, err);
    }
    auk_step_plan plan = {.step = &step, .visible = true};
    if (code == AUK_OK)
        code = auk_applier_run_step(applier, &plan, err);
    auk_step_deinit(&step);
    return code;
}

/* Documents are built from rows as they are stored: so nothing may lie over them. */
static auk_code settle_first(auk_applier *applier, auk_error *err)
{
    if (applier->taking.applied != 0 || applier->whole.phase == AUK_WHOLE_ROWS)
        return auk_fail(err, AUK_BUSY, "a large transaction is being applied");
    return auk_applier_publish(applier, err);
}

auk_code auk_applier_retry_dead(auk_applier *applier, auk_span id, uint64_t *mended, auk_error *err)
{
    enum { AT_ONCE = 500 };
    uint32_t count;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = settle_first(applier, err);
    auk_span *keys = list_dead(applier, id, arena, &count);
    *mended = 0;
    if (code == AUK_OK && id.size > 0 && count == 0)
        code = auk_fail(err, AUK_NOT_FOUND, "no dead letter [%.*s]", AUK_SPAN_ARG(id));
    for (uint32_t i = 0; code == AUK_OK && i < count; i += AT_ONCE)
        code = retry(applier, keys + i, count - i < AT_ONCE ? count - i : AT_ONCE, err);
    for (uint32_t i = 0; i < count; i++)
        *mended +=
            !auk_applier_is_dead(applier, auk_load_be32(keys[i].data), auk_span_from(keys[i], 4));
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_applier_discard_dead(auk_applier *applier, auk_span id, uint64_t *discarded,
                                  auk_error *err)
{
    uint32_t count;
    auk_arena *arena = auk_arena_create(4096);
    auk_span *keys = list_dead(applier, id, arena, &count);
    auk_batch *batch = auk_batch_create();
    auk_buffer key;
    auk_code code = AUK_OK;
    auk_buffer_init(&key, KEY_SIZE_MOST);
    for (uint32_t i = 0; i < count; i++) {
        auk_applier_root_key(applier, AUK_KEY_DEAD, auk_load_be32(keys[i].data),
                             auk_span_from(keys[i], 4), &key);
        auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
    }
    if (id.size > 0 && count == 0)
        code = auk_fail(err, AUK_NOT_FOUND, "no dead letter [%.*s]", AUK_SPAN_ARG(id));
    else if (count > 0)
        code = auk_store_write(applier->store, batch, true, err);
    if (code == AUK_FULL)
        atomic_store(&applier->is_uncertain, true);
    for (uint32_t i = 0; code == AUK_OK && i < count; i++)
        auk_applier_set_dead(applier, auk_load_be32(keys[i].data), auk_span_from(keys[i], 4),
                             false);
    *discarded = code == AUK_OK ? count : 0;
    auk_buffer_deinit(&key);
    auk_batch_destroy(batch);
    auk_arena_destroy(arena);
    return code;
}

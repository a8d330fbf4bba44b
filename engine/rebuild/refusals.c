#include "refusals.h"

#include <stdio.h>
#include <stdlib.h>

#include "auk/hash.h"
#include "auk/log.h"

void auk_refusals_init(auk_refusals *refusals, auk_store *store, uint64_t task, char generation)
{
    *refusals = (auk_refusals){.store = store};
    pthread_mutex_init(&refusals->lock, NULL);
    int size = snprintf(refusals->prefix, sizeof refusals->prefix, "rejected/%020llu/%c/",
                        (unsigned long long)task, generation);
    refusals->prefix_size = (size_t)size;
}

void auk_refusals_deinit(auk_refusals *refusals)
{
    for (uint32_t i = 0; i < refusals->slot_count; i++)
        free(refusals->slots[i]);
    free(refusals->slots);
    pthread_mutex_destroy(&refusals->lock);
}

/* ---- the set: open addressing, at most half full, no holes ---- */

static auk_span id_in(const char *slot)
{
    uint32_t size;
    memcpy(&size, slot, sizeof size);
    return auk_span_make(slot + sizeof size, size);
}

static uint32_t home_of(const auk_refusals *refusals, auk_span id)
{
    return (uint32_t)auk_hash(id, auk_hash_seed()) & (refusals->slot_count - 1);
}

static uint32_t slot_of(const auk_refusals *refusals, auk_span id)
{
    uint32_t at = home_of(refusals, id), mask = refusals->slot_count - 1;
    while (refusals->slots[at] && !auk_span_equal(id_in(refusals->slots[at]), id))
        at = (at + 1) & mask;
    return at;
}

static void grow(auk_refusals *refusals)
{
    uint32_t old_count = refusals->slot_count;
    char **old = refusals->slots;
    refusals->slot_count = old_count ? old_count * 2 : 64;
    refusals->slots = calloc(refusals->slot_count, sizeof(char *));
    if (!refusals->slots)
        auk_fatal("out of memory");
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i])
            refusals->slots[slot_of(refusals, id_in(old[i]))] = old[i];
    free(old);
}

static void insert(auk_refusals *refusals, auk_span id)
{
    if ((atomic_load(&refusals->count) + 1) * 2 > refusals->slot_count)
        grow(refusals);
    uint32_t at = slot_of(refusals, id), size = (uint32_t)id.size;
    if (refusals->slots[at])
        return;
    char *slot = malloc(sizeof size + id.size);
    if (!slot)
        auk_fatal("out of memory");
    memcpy(slot, &size, sizeof size);
    memcpy(slot + sizeof size, id.data, id.size);
    refusals->slots[at] = slot;
    atomic_fetch_add(&refusals->count, 1);
}

/* Those behind it that could not stand nearer to their home move up. */
static void take_out(auk_refusals *refusals, uint32_t at)
{
    uint32_t mask = refusals->slot_count - 1;
    free(refusals->slots[at]);
    refusals->slots[at] = NULL;
    atomic_fetch_sub(&refusals->count, 1);
    for (uint32_t next = (at + 1) & mask; refusals->slots[next]; next = (next + 1) & mask) {
        char *slot = refusals->slots[next];
        refusals->slots[next] = NULL;
        refusals->slots[slot_of(refusals, id_in(slot))] = slot;
    }
}

/* ---- durable ---- */

static auk_span key_of(const auk_refusals *refusals, auk_span id, auk_buffer *out)
{
    auk_buffer_append(out, auk_span_make(refusals->prefix, refusals->prefix_size));
    auk_buffer_append(out, id);
    return auk_buffer_span(out);
}

/* '0' follows '/', the last byte of the prefix. */
static void end_of(const auk_refusals *refusals, char end[48])
{
    memcpy(end, refusals->prefix, refusals->prefix_size);
    end[refusals->prefix_size - 1] = '0';
}

static auk_store_cursor *scan(const auk_refusals *refusals)
{
    char end[48];
    end_of(refusals, end);
    return auk_store_scan(refusals->store, AUK_FAMILY_CATALOG,
                          auk_span_make(refusals->prefix, refusals->prefix_size),
                          auk_span_make(end, refusals->prefix_size));
}

auk_code auk_refusals_load(auk_refusals *refusals, auk_error *err)
{
    auk_span key, value;
    auk_store_cursor *cursor = scan(refusals);
    while (auk_store_cursor_next(cursor, &key, &value))
        insert(refusals, auk_span_from(key, refusals->prefix_size));
    auk_code code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static auk_code write_one(auk_refusals *refusals, auk_span id, const auk_buffer *value,
                          auk_error *err)
{
    auk_buffer key;
    auk_buffer_init(&key, 4096);
    auk_batch *batch = auk_batch_create();
    if (value)
        auk_batch_put(batch, AUK_FAMILY_CATALOG, key_of(refusals, id, &key),
                      auk_buffer_span(value));
    else
        auk_batch_delete(batch, AUK_FAMILY_CATALOG, key_of(refusals, id, &key));
    auk_code code = auk_store_write(refusals->store, batch, false, err);
    auk_batch_destroy(batch);
    auk_buffer_deinit(&key);
    return code;
}

auk_code auk_refusals_add(auk_refusals *refusals, auk_span id, auk_span routing, int64_t version,
                          const auk_error *why, auk_error *err)
{
    auk_buffer value;
    auk_json_writer out;
    if (atomic_load(&refusals->count) >= AUK_REFUSALS_MOST)
        return auk_fail(err, AUK_TOO_LARGE,
                        "more than [%u] documents are refused, the last one: %s", AUK_REFUSALS_MOST,
                        why->message);
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &value, false);
    auk_json_begin_object(&out);
    auk_json_member_string(&out, "id", id);
    if (routing.size)
        auk_json_member_string(&out, "routing", routing);
    auk_json_member_int(&out, "version", version);
    auk_json_member_int(&out, "status", auk_code_status(why->code));
    auk_json_member_object(&out, "cause");
    auk_json_member_text(&out, "type", auk_error_type(why));
    auk_json_member_text(&out, "reason", why->message);
    if (why->hint[0])
        auk_json_member_text(&out, "hint", why->hint);
    auk_json_end_object(&out);
    auk_json_end_object(&out);
    auk_code code = write_one(refusals, id, &value, err);
    auk_buffer_deinit(&value);
    pthread_mutex_lock(&refusals->lock);
    insert(refusals, id);
    pthread_mutex_unlock(&refusals->lock);
    return code;
}

auk_code auk_refusals_remove(auk_refusals *refusals, auk_span id, auk_error *err)
{
    if (atomic_load(&refusals->count) == 0)
        return AUK_OK;
    pthread_mutex_lock(&refusals->lock);
    uint32_t at = slot_of(refusals, id);
    bool known = refusals->slots[at] != NULL;
    if (known)
        take_out(refusals, at);
    pthread_mutex_unlock(&refusals->lock);
    return known ? write_one(refusals, id, NULL, err) : AUK_OK;
}

bool auk_refusals_has(auk_refusals *refusals, auk_span id)
{
    if (atomic_load(&refusals->count) == 0)
        return false;
    pthread_mutex_lock(&refusals->lock);
    bool known = refusals->slots[slot_of(refusals, id)] != NULL;
    pthread_mutex_unlock(&refusals->lock);
    return known;
}

void auk_refusals_erase(const auk_refusals *refusals, auk_batch *batch)
{
    char end[48];
    end_of(refusals, end);
    auk_batch_delete_range(batch, AUK_FAMILY_CATALOG,
                           auk_span_make(refusals->prefix, refusals->prefix_size),
                           auk_span_make(end, refusals->prefix_size));
}

static auk_code write_stored(auk_span index, auk_span value, auk_arena *arena, auk_json_writer *out,
                             auk_error *err)
{
    const auk_json *stored;
    auk_code code = auk_json_parse_own(value, arena, &stored, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(out);
    auk_json_member_string(out, "index", index);
    for (const auk_json *member = stored->child; member; member = member->next) {
        auk_json_key(out, member->key);
        auk_json_value(out, member);
    }
    auk_json_end_object(out);
    return AUK_OK;
}

auk_code auk_refusals_write(auk_refusals *refusals, auk_span index, uint32_t *from, uint32_t *size,
                            auk_json_writer *out, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_arena *arena = auk_arena_create(4096);
    auk_store_cursor *cursor = scan(refusals);
    while (code == AUK_OK && *size > 0 && auk_store_cursor_next(cursor, &key, &value)) {
        if (*from > 0) {
            --*from;
            continue;
        }
        --*size;
        code = write_stored(index, value, arena, out, err);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_arena_destroy(arena);
    return code;
}

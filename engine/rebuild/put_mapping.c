/*
 * Fields that are added to an index while it is rebuilt. What is added goes to the next generation
 * first, so that a client that was not answered and asks again finds it added to neither or to that
 * one, and never to the old one alone.
 *
 * Only what the index did not have is carried: the rest is what the rebuild is to change. Fields
 * that documents bring are added to the next generation by the documents, under its own rules.
 */
#include <time.h>

#include "rebuild_private.h"

#define CREATE_TRIES    3000u
#define CREATE_PAUSE_NS 10000000

/* ---- what is new in a mapping ---- */

/* Members of `now` that `before` lacks, as members of an object that is begun by the first of them.
 */
static void write_new(const char *key, const auk_json *before, const auk_json *now,
                      auk_json_writer *out);

static void write_field(const auk_json *before, const auk_json *now, auk_json_writer *out)
{
    if (!before) {
        auk_json_key(out, now->key);
        auk_json_value(out, now);
        return;
    }
    auk_buffer parts;
    auk_json_writer inner;
    auk_buffer_init(&parts, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&inner, &parts, false);
    auk_json_begin_object(&inner);
    if (auk_json_get(now, "type")) {
        auk_json_key(&inner, AUK_SPAN("type"));
        auk_json_value(&inner, auk_json_get(now, "type"));
    }
    size_t bare = parts.size;
    write_new("properties", auk_json_get(before, "properties"), auk_json_get(now, "properties"),
              &inner);
    write_new("fields", auk_json_get(before, "fields"), auk_json_get(now, "fields"), &inner);
    bool any = parts.size > bare;
    auk_json_end_object(&inner);
    if (any) {
        auk_json_key(out, now->key);
        auk_json_raw(out, auk_buffer_span(&parts));
    }
    auk_buffer_deinit(&parts);
}

static void write_new(const char *key, const auk_json *before, const auk_json *now,
                      auk_json_writer *out)
{
    auk_buffer parts;
    auk_json_writer inner;
    auk_buffer_init(&parts, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&inner, &parts, false);
    auk_json_begin_object(&inner);
    size_t bare = parts.size;
    for (const auk_json *field = now ? now->child : NULL; field; field = field->next)
        write_field(auk_json_find(before, field->key), field, &inner);
    bool any = parts.size > bare;
    auk_json_end_object(&inner);
    if (any)
        auk_json_member_raw(out, key, auk_buffer_span(&parts));
    auk_buffer_deinit(&parts);
}

static auk_code read_tree(const auk_mapping *mapping, auk_arena *arena, const auk_json **out,
                          auk_error *err)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_mapping_write(mapping, false, &writer);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

/* *out: {"properties": ..}, or {}. */
static auk_code find_additions(const auk_mapping *mapping, const auk_json *body, auk_arena *arena,
                               const auk_json **out, auk_error *err)
{
    auk_mapping *merged;
    auk_buffer text;
    auk_json_writer writer;
    const auk_json *before, *now;
    auk_code code = auk_mapping_merge(mapping, body, &merged, err);
    if (code != AUK_OK)
        return code;
    code = read_tree(mapping, arena, &before, err);
    if (code == AUK_OK)
        code = read_tree(merged, arena, &now, err);
    auk_mapping_release(merged);
    if (code != AUK_OK)
        return code;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    write_new("properties", auk_json_get(before, "properties"), auk_json_get(now, "properties"),
              &writer);
    auk_json_end_object(&writer);
    code = auk_json_parse_own(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

/* ---- the rebuild of an index ---- */

/* One that reads from the index, or keeps another generation behind it; acquired. NULL: none. */
static auk_rebuild *find_rebuild(auk_rebuilds *owner, const auk_index *index)
{
    auk_rebuild *found = NULL;
    pthread_mutex_lock(&owner->lock);
    for (auk_rebuild *r = owner->first; r && !found; r = r->next)
        if (!atomic_load(&r->is_over) && r->phase <= AUK_PHASE_DONE &&
            auk_rebuild_leader(r) == index)
            found = auk_rebuild_acquire(r);
    pthread_mutex_unlock(&owner->lock);
    return found;
}

static auk_code wait_until_made(auk_rebuild *r, auk_error *err)
{
    for (unsigned tries = 0; r->phase == AUK_PHASE_CREATE; tries++) {
        if (tries == CREATE_TRIES || atomic_load(&r->is_over))
            return auk_fail(err, AUK_CONFLICT, "[%.*s] is being rebuilt by task [%llu]: try again",
                            AUK_SPAN_ARG(r->name), (unsigned long long)r->task);
        nanosleep(&(struct timespec){.tv_nsec = CREATE_PAUSE_NS}, NULL);
    }
    return AUK_OK;
}

/* A generation that is only kept takes what it can: what it refuses is what it is kept for. */
static auk_code carry(auk_rebuild *r, const auk_json *additions, auk_arena *arena, auk_error *err)
{
    auk_error why = {0};
    auk_index *follower = auk_rebuild_follower(r);
    bool is_kept = r->phase >= AUK_PHASE_DONE;
    auk_code code =
        !follower || additions->count == 0
            ? AUK_OK
            : auk_catalog_put_mapping(r->catalog, auk_index_name(follower, arena), additions, &why);
    if (code == AUK_OK)
        return AUK_OK;
    if (is_kept || code == AUK_NOT_FOUND) {
        auk_log(AUK_LOG_INFO, "a generation that is kept does not take a field",
                "task=%llu reason=\"%s\"", (unsigned long long)r->task, why.message);
        return AUK_OK;
    }
    return auk_fail_type(err, code, why.type,
                         "[%.*s] is being rebuilt by task [%llu], whose mapping refuses this: %s",
                         AUK_SPAN_ARG(r->name), (unsigned long long)r->task, why.message);
}

auk_code auk_rebuilds_put_mapping(auk_rebuilds *owner, auk_span name, const auk_json *body,
                                  auk_error *err)
{
    auk_code code = AUK_OK;
    auk_catalog *catalog = owner->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    const auk_index_view *view = auk_root_find(root, name);
    auk_rebuild *r = view ? find_rebuild(owner, view->index) : NULL;
    if (r) {
        const auk_json *additions;
        auk_arena *arena = auk_arena_create(4096);
        code = wait_until_made(r, err);
        if (code == AUK_OK)
            code = find_additions(view->mapping, body, arena, &additions, err);
        if (code == AUK_OK)
            code = carry(r, additions, arena, err);
        auk_arena_destroy(arena);
    }
    auk_rebuild_release(r);
    auk_root_release(catalog, root);
    return code == AUK_OK ? auk_catalog_put_mapping(catalog, name, body, err) : code;
}

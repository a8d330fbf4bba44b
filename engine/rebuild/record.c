/*
 * The record: {"format":1,"phase":..,"name":..,"new":name,"rename":..,"old_uuid":..,"new_uuid":..,
 * "body":{..},"started":ms,"leads_new":bool,"keep_until":ms,"starts":[..],"positions":[..],
 * "done":[{"shard":..,"segment":..,"documents":..}],"total":..,"copied":..,
 * "operations":[copy,catch_up,fence],"verified":bool,"told":bool,"fence_us":..}
 */
#include <stdio.h>
#include <stdlib.h>

#include "auk/fault_point.h"
#include "rebuild_private.h"

static const char *const phase_names[] = {"create", "copy", "catch_up", "verify",
                                          "ready",  "done", "gone"};

const char *auk_phase_name(auk_phase phase)
{
    return phase_names[phase];
}

static auk_span key_of(const auk_rebuild *r, char out[40])
{
    int size = snprintf(out, 40, "rebuild/%020llu", (unsigned long long)r->task);
    return auk_span_make(out, (size_t)size);
}

/* ---- writing ---- */

static void write_numbers(const char *name, const int64_t *numbers, uint32_t count,
                          auk_json_writer *out)
{
    auk_json_member_array(out, name);
    for (uint32_t i = 0; i < count && numbers; i++)
        auk_json_int(out, numbers[i]);
    auk_json_end_array(out);
}

static void write_done(const auk_rebuild *r, auk_json_writer *out)
{
    auk_json_member_array(out, "done");
    for (uint32_t i = 0; i < r->done_count; i++) {
        auk_json_begin_object(out);
        auk_json_member_uint(out, "shard", r->done[i].shard);
        auk_json_member_uint(out, "segment", r->done[i].segment);
        auk_json_member_uint(out, "documents", r->done[i].documents);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_uuid(const char *name, auk_index *index, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(256);
    if (index)
        auk_json_member_string(out, name, auk_index_uuid(index, arena));
    auk_arena_destroy(arena);
}

static void write_record(const auk_rebuild *r, auk_json_writer *out)
{
    const auk_rebuild_counts *counts = &r->counts;
    auk_json_begin_object(out);
    auk_json_member_int(out, "format", 1);
    auk_json_member_text(out, "phase", auk_phase_name(r->phase));
    auk_json_member_string(out, "name", r->name);
    auk_json_member_string(out, "new", r->new_name);
    auk_json_member_string(out, "rename", r->rename);
    write_uuid("old_uuid", r->old, out);
    write_uuid("new_uuid", r->new, out);
    auk_json_member_raw(out, "body", r->body);
    auk_json_member_int(out, "started", r->started_ms);
    auk_json_member_bool(out, "leads_new", r->leads_new);
    auk_json_member_int(out, "keep_until", r->keep_until_ms);
    write_numbers("starts", r->starts, r->old_shards, out);
    write_numbers("positions", r->positions, r->positions ? auk_rebuild_leader_shards(r) : 0, out);
    write_done(r, out);
    auk_json_member_uint(out, "total", counts->total);
    auk_json_member_uint(out, "copied", counts->copied);
    const int64_t operations[] = {(int64_t)counts->during_copy, (int64_t)counts->during_catch_up,
                                  (int64_t)counts->during_fence};
    write_numbers("operations", operations, 3, out);
    auk_json_member_bool(out, "verified", r->verified);
    auk_json_member_bool(out, "told", r->is_told);
    auk_json_member_uint(out, "fence_us", r->fence_us);
    auk_json_end_object(out);
}

void auk_rebuild_put(const auk_rebuild *r, auk_batch *batch)
{
    char key[40];
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    write_record(r, &out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, key_of(r, key), auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

auk_code auk_rebuild_save(auk_rebuild *r, bool sync, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    auk_rebuild_put(r, batch);
    AUK_FAULT_POINT(REBUILD_SAVE_BEFORE);
    auk_code code = auk_store_write(auk_catalog_store(r->catalog), batch, sync, err);
    AUK_FAULT_POINT(REBUILD_SAVE_AFTER);
    auk_batch_destroy(batch);
    r->saved_us = auk_clock_monotonic_us();
    return code;
}

auk_code auk_rebuild_erase(auk_rebuild *r, auk_error *err)
{
    char key[40];
    auk_batch *batch = auk_batch_create();
    auk_batch_delete(batch, AUK_FAMILY_CATALOG, key_of(r, key));
    auk_refusals_erase(&r->refusals[0], batch);
    auk_refusals_erase(&r->refusals[1], batch);
    auk_code code = auk_store_write(auk_catalog_store(r->catalog), batch, true, err);
    auk_batch_destroy(batch);
    return code;
}

/* ---- reading ---- */

static auk_span text_of(const auk_rebuild *r, const auk_json *record, const char *key)
{
    const auk_json *value = auk_json_get(record, key);
    return value ? auk_arena_copy(r->arena, value->text) : AUK_SPAN("");
}

static uint64_t number_of(const auk_json *record, const char *key)
{
    int64_t number = 0;
    (void)auk_json_to_int64(auk_json_get(record, key), &number);
    return number > 0 ? (uint64_t)number : 0;
}

static bool flag_of(const auk_json *record, const char *key)
{
    bool flag = false;
    (void)auk_json_to_bool(auk_json_get(record, key), &flag);
    return flag;
}

static auk_code read_phase(auk_rebuild *r, auk_span name, auk_error *err)
{
    for (int i = AUK_PHASE_CREATE; i <= AUK_PHASE_GONE; i++)
        if (auk_span_is(name, phase_names[i])) {
            r->phase = (auk_phase)i;
            return AUK_OK;
        }
    return auk_fail(err, AUK_CORRUPT, "rebuild [%llu] is in an unknown phase",
                    (unsigned long long)r->task);
}

/* NULL when the list is empty; wrong lengths are damage. */
static auk_code read_numbers(const auk_json *list, uint32_t count, int64_t **out, auk_error *err)
{
    *out = NULL;
    if (!list || list->count == 0)
        return AUK_OK;
    if (count && list->count != count)
        return auk_fail(err, AUK_CORRUPT, "the record of a rebuild is damaged");
    *out = calloc(list->count, sizeof **out);
    if (!*out)
        auk_fatal("out of memory");
    uint32_t at = 0;
    for (const auk_json *item = list->child; item; item = item->next)
        (void)auk_json_to_int64(item, &(*out)[at++]);
    return AUK_OK;
}

static void read_done(auk_rebuild *r, const auk_json *list)
{
    r->done = calloc((list ? list->count : 0) + 1, sizeof *r->done);
    if (!r->done)
        auk_fatal("out of memory");
    for (const auk_json *item = list ? list->child : NULL; item; item = item->next)
        r->done[r->done_count++] =
            (auk_copied){(uint32_t)number_of(item, "shard"), number_of(item, "segment"),
                         (uint32_t)number_of(item, "documents")};
}

/* *out NULL: it is gone. One that could not be opened must not pass for one that is. */
static auk_code find_index(const auk_rebuild *r, const auk_json *record, const char *key,
                           auk_index **out, uint32_t *shards, auk_error *err)
{
    const auk_json *uuid = auk_json_get(record, key);
    *out = uuid ? auk_index_find(r->catalog, uuid->text) : NULL;
    *shards = *out ? auk_index_shard_count(*out) : 0;
    auk_code code = *out ? auk_index_check_open(*out, err) : AUK_OK;
    return code == AUK_OK
               ? AUK_OK
               : auk_wrap(err, code, "rebuild of [%.*s] cannot go on", AUK_SPAN_ARG(r->name));
}

static auk_code read_operations(auk_rebuild *r, const auk_json *list, auk_error *err)
{
    int64_t *operations;
    auk_code code = read_numbers(list, 3, &operations, err);
    if (code != AUK_OK || !operations)
        return code;
    r->counts.during_copy = (uint64_t)operations[0];
    r->counts.during_catch_up = (uint64_t)operations[1];
    r->counts.during_fence = (uint64_t)operations[2];
    free(operations);
    return AUK_OK;
}

static auk_code read_record(auk_rebuild *r, const auk_json *record, auk_error *err)
{
    const auk_json *body;
    auk_index *fresh = NULL;
    if (number_of(record, "format") != 1)
        return auk_fail(err, AUK_CORRUPT,
                        "a rebuild is written in format [%llu], this version reads [1]",
                        (unsigned long long)number_of(record, "format"));
    r->name = text_of(r, record, "name");
    r->new_name = text_of(r, record, "new");
    r->rename = text_of(r, record, "rename");
    r->body = text_of(r, record, "body");
    r->started_ms = (int64_t)number_of(record, "started");
    r->leads_new = flag_of(record, "leads_new");
    r->keep_until_ms = (int64_t)number_of(record, "keep_until");
    r->verified = flag_of(record, "verified");
    r->is_told = flag_of(record, "told");
    r->fence_us = number_of(record, "fence_us");
    r->counts.total = number_of(record, "total");
    r->counts.copied = number_of(record, "copied");
    auk_code code = find_index(r, record, "old_uuid", &r->old, &r->old_shards, err);
    if (code == AUK_OK)
        code = find_index(r, record, "new_uuid", &fresh, &r->new_shards, err);
    r->new = fresh;
    read_done(r, auk_json_get(record, "done"));
    if (code == AUK_OK)
        code = read_phase(r, text_of(r, record, "phase"), err);
    if (code == AUK_OK)
        code = read_numbers(auk_json_get(record, "starts"), r->old_shards, &r->starts, err);
    if (code == AUK_OK)
        code = read_numbers(auk_json_get(record, "positions"), auk_rebuild_leader_shards(r),
                            &r->positions, err);
    if (code == AUK_OK)
        code = read_operations(r, auk_json_get(record, "operations"), err);
    if (code == AUK_OK)
        code = auk_json_parse_own(r->body, r->arena, &body, err);
    if (code == AUK_OK)
        code = auk_rebuild_read_wishes(body, r->arena, &r->wishes, err);
    return code;
}

auk_code auk_rebuild_load(auk_rebuild *r, auk_span text, auk_error *err)
{
    const auk_json *record;
    auk_code code = auk_json_parse_own(text, r->arena, &record, err);
    if (code == AUK_OK)
        code = read_record(r, record, err);
    if (code == AUK_OK)
        code = auk_refusals_load(&r->refusals[0], err);
    if (code == AUK_OK)
        code = auk_refusals_load(&r->refusals[1], err);
    return code;
}

#include <assert.h>

#include "auk/fault_point.h"
#include "auk/units.h"
#include "catalog_private.h"

static void put_record(const auk_settings *persistent, auk_batch *batch)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_key(&out, AUK_SPAN("persistent"));
    auk_settings_write_flat(persistent, &out);
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, AUK_SPAN("cluster"), auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

/* A copy of `now` with the body's members laid over it; nulls remove. */
static auk_code overlay(const auk_settings *now, const auk_json *object, auk_settings **out,
                        auk_error *err)
{
    *out = auk_settings_clone(now);
    auk_code code = auk_settings_from_json(object, *out, err);
    if (code == AUK_OK)
        code = auk_cluster_settings_check(*out, err);
    return code;
}

static auk_code put_locked(auk_catalog *catalog, const auk_json *body, auk_error *err)
{
    auk_settings *persistent = NULL, *transient = NULL;
    auk_code code =
        overlay(catalog->persistent, auk_json_get(body, "persistent"), &persistent, err);
    if (code == AUK_OK)
        code = overlay(catalog->transient, auk_json_get(body, "transient"), &transient, err);
    if (code == AUK_OK) {
        auk_batch *batch = auk_batch_create();
        put_record(persistent, batch);
        AUK_FAULT_POINT(CLUSTER_WRITE_BEFORE);
        code = auk_store_write(catalog->store, batch, true, err);
        AUK_FAULT_POINT(CLUSTER_WRITE_AFTER);
        auk_batch_destroy(batch);
    }
    if (code != AUK_OK) {
        auk_settings_destroy(persistent);
        auk_settings_destroy(transient);
        return code;
    }
    auk_settings_destroy(catalog->persistent);
    auk_settings_destroy(catalog->transient);
    catalog->persistent = persistent;
    catalog->transient = transient;
    auk_cluster_settings_apply(catalog);
    return AUK_OK;
}

auk_code auk_catalog_put_cluster_settings(auk_catalog *catalog, const auk_json *body,
                                          auk_error *err)
{
    if (!body || body->type != AUK_JSON_OBJECT || body->count == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: no settings to update;");
    for (const auk_json *member = body->child; member; member = member->next)
        if (!auk_span_is(member->key, "persistent") && !auk_span_is(member->key, "transient"))
            return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                 "[cluster_update_settings_request] unknown field [%.*s]",
                                 AUK_SPAN_ARG(member->key));
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = put_locked(catalog, body, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

static void write_defaults(const auk_catalog *catalog, bool flat, auk_json_writer *out)
{
    auk_settings *defaults = auk_cluster_settings_defaults(catalog->persistent, catalog->transient);
    auk_json_key(out, AUK_SPAN("defaults"));
    auk_settings_write(defaults, AUK_SPAN(""), flat, out);
    auk_settings_destroy(defaults);
}

void auk_catalog_write_cluster_settings(auk_catalog *catalog, bool flat, bool defaults,
                                        auk_json_writer *out)
{
    pthread_mutex_lock(&catalog->admin_lock);
    auk_json_key(out, AUK_SPAN("persistent"));
    auk_settings_write(catalog->persistent, AUK_SPAN(""), flat, out);
    auk_json_key(out, AUK_SPAN("transient"));
    auk_settings_write(catalog->transient, AUK_SPAN(""), flat, out);
    if (defaults)
        write_defaults(catalog, flat, out);
    pthread_mutex_unlock(&catalog->admin_lock);
}

static auk_span value_in_force(const auk_catalog *catalog, auk_span key)
{
    auk_span value = auk_cluster_settings_default(key);
    value = auk_settings_text(catalog->persistent, key, value);
    return auk_settings_text(catalog->transient, key, value);
}

auk_span auk_catalog_cluster_setting(auk_catalog *catalog, auk_span key, auk_arena *arena)
{
    pthread_mutex_lock(&catalog->admin_lock);
    auk_span value = auk_arena_copy(arena, value_in_force(catalog, key));
    pthread_mutex_unlock(&catalog->admin_lock);
    return value;
}

static int64_t int_or(const auk_settings *settings, auk_span key, int64_t fallback)
{
    int64_t number;
    auk_code code = auk_settings_int(settings, key, fallback, INT64_MIN, INT64_MAX, &number, NULL);
    return code == AUK_OK ? number : fallback;
}

int64_t auk_cluster_settings_int(const auk_catalog *catalog, const char *name)
{
    auk_span key = auk_span_of(name);
    int64_t number = 0;
    bool is_number = auk_number_parse_int64(auk_cluster_settings_default(key), &number);
    assert(is_number);
    (void)is_number;
    return int_or(catalog->transient, key, int_or(catalog->persistent, key, number));
}

void auk_cluster_settings_apply(auk_catalog *catalog)
{
    int64_t timeout_ms = -1;
    auk_span timeout = value_in_force(catalog, AUK_SPAN("search.default_search_timeout"));
    if (!auk_time_parse_ms(timeout, &timeout_ms))
        timeout_ms = -1;
    atomic_store(&catalog->search_timeout_ms, timeout_ms);
    atomic_store(&catalog->max_buckets,
                 (unsigned)auk_cluster_settings_int(catalog, "search.max_buckets"));
    atomic_store(&catalog->max_scrolls,
                 (unsigned)auk_cluster_settings_int(catalog, "search.max_open_scroll_context"));
}

auk_search_limits auk_catalog_search_limits(const auk_catalog *catalog)
{
    return (auk_search_limits){
        .max_buckets = atomic_load(&catalog->max_buckets),
        .max_scrolls = atomic_load(&catalog->max_scrolls),
        .timeout_ms = atomic_load(&catalog->search_timeout_ms),
    };
}

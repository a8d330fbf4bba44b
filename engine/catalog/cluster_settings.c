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
        code = auk_store_write(catalog->store, batch, true, err);
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

auk_span auk_catalog_cluster_setting(auk_catalog *catalog, auk_span key, auk_arena *arena)
{
    pthread_mutex_lock(&catalog->admin_lock);
    auk_settings *defaults = auk_cluster_settings_defaults(catalog->persistent, catalog->transient);
    auk_span value = auk_settings_text(defaults, key, AUK_SPAN(""));
    value = auk_settings_text(catalog->persistent, key, value);
    value = auk_arena_copy(arena, auk_settings_text(catalog->transient, key, value));
    auk_settings_destroy(defaults);
    pthread_mutex_unlock(&catalog->admin_lock);
    return value;
}

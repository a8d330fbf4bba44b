/*
 * Indices of the catalog's records, opened: at the start, and again when one could not be.
 *
 * An analysis may need files of the user's (stopwords_path, synonyms_path, a dictionary). When one
 * of an index is gone, that index is listed without its shards: its name, aliases and settings are
 * kept, its data are not touched, and what is asked of it is answered with the reason. The others
 * go on. Whatever else fails ends the start.
 */
#include "catalog_private.h"

static auk_code read_mapping(auk_catalog *catalog, const auk_definition *definition,
                             const auk_analysis *analysis, auk_arena *arena, auk_mapping **out,
                             auk_error *err)
{
    bool found = false;
    auk_span text;
    const auk_json *body = NULL;
    auk_code code =
        auk_catalog_read_key(catalog, auk_catalog_key(arena, "mapping/", definition->uuid), arena,
                             &text, &found, err);
    if (code == AUK_OK && found)
        code = auk_json_parse_own(text, arena, &body, err);
    if (code == AUK_OK)
        code = auk_mapping_create(body, definition->settings, analysis, out, err);
    return code == AUK_OK
               ? AUK_OK
               : auk_wrap(err, code, "mapping of index [%.*s]", AUK_SPAN_ARG(definition->name));
}

/* With its shards. */
static auk_code open_whole(auk_catalog *catalog, auk_definition *definition,
                           const auk_analysis *analysis, auk_arena *arena, auk_index **out,
                           auk_error *err)
{
    auk_mapping *mapping;
    auk_code code = read_mapping(catalog, definition, analysis, arena, &mapping, err);
    if (code != AUK_OK)
        return code;
    return auk_index_open(catalog, auk_definition_acquire(definition), mapping, out, err);
}

/* By name alone, with no fields and no shards. */
static auk_code list_unopened(auk_catalog *catalog, auk_definition *definition,
                              const auk_error *reason, auk_index **out, auk_error *err)
{
    auk_analysis *analysis;
    auk_mapping *mapping;
    auk_code code = auk_analysis_create(NULL, &analysis, err);
    if (code != AUK_OK)
        return code;
    auk_settings *none = auk_settings_create();
    code = auk_mapping_create(NULL, none, analysis, &mapping, err);
    auk_settings_destroy(none);
    auk_analysis_release(analysis);
    if (code != AUK_OK)
        return code;
    auk_log(AUK_LOG_ERROR, "an index is not open", "index=%.*s reason=\"%s\" hint=\"%s\"",
            AUK_SPAN_ARG(definition->name), reason->message, reason->hint);
    *out = auk_index_list_unopened(catalog, auk_definition_acquire(definition), mapping, reason);
    return AUK_OK;
}

static auk_code open_index(auk_catalog *catalog, auk_definition *definition, auk_arena *arena,
                           auk_index **out, auk_error *err)
{
    auk_analysis *analysis;
    auk_error reason = {0};
    if (auk_catalog_analysis(catalog, definition->settings, NULL, &analysis, &reason) != AUK_OK)
        return list_unopened(catalog, definition, &reason, out, err);
    auk_code code = open_whole(catalog, definition, analysis, arena, out, err);
    auk_analysis_release(analysis);
    return code;
}

static auk_code open_record(auk_catalog *catalog, auk_span name, auk_span record, auk_arena *arena,
                            auk_error *err)
{
    auk_definition *definition;
    auk_index *index;
    auk_code code = auk_definition_read(name, record, &definition, err);
    if (code != AUK_OK)
        return code;
    code = open_index(catalog, definition, arena, &index, err);
    auk_definition_release(definition);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->root_lock);
    auk_root_list(catalog, index);
    pthread_mutex_unlock(&catalog->root_lock);
    auk_index_release(index);
    return AUK_OK;
}

auk_code auk_catalog_open_indices(auk_catalog *catalog, auk_arena *arena, auk_error *err)
{
    auk_span prefix = AUK_SPAN("index/"), key, value;
    auk_store_cursor *cursor = auk_store_scan(catalog->store, AUK_FAMILY_CATALOG, prefix,
                                              AUK_SPAN("index0")); /* '0' follows '/' */
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value))
        code = open_record(catalog, auk_arena_copy(arena, auk_span_from(key, prefix.size)), value,
                           arena, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

/* ---- again ---- */

auk_code auk_index_refuse_unopened(auk_span name, const auk_error *reason, auk_error *err)
{
    auk_fail(err, AUK_UNAVAILABLE, "index [%.*s] is not open: %s", AUK_SPAN_ARG(name),
             reason->message);
    auk_hint(err, "mend that, then POST /%.*s/_open or start again; DELETE drops the index",
             AUK_SPAN_ARG(name));
    return AUK_UNAVAILABLE;
}

static void replace(auk_catalog *catalog, auk_index *old, auk_index *fresh)
{
    pthread_mutex_lock(&catalog->root_lock);
    auk_root_unlist(catalog, old);
    auk_root_list(catalog, fresh);
    auk_root_rebuild(catalog);
    pthread_mutex_unlock(&catalog->root_lock);
}

/* Under the admin lock. */
static auk_code reopen(auk_catalog *catalog, auk_index *old, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_analysis *analysis;
    auk_index *fresh;
    auk_error reason = {0};
    auk_code code =
        auk_catalog_analysis(catalog, old->definition->settings, NULL, &analysis, &reason);
    if (code != AUK_OK) {
        code = auk_index_refuse_unopened(old->identity->name, &reason, err);
    } else {
        code = open_whole(catalog, old->definition, analysis, arena, &fresh, err);
        auk_analysis_release(analysis);
        if (code == AUK_OK) {
            replace(catalog, old, fresh);
            auk_index_release(fresh);
        }
    }
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_catalog_reopen_index(auk_catalog *catalog, auk_span name, auk_error *err)
{
    auk_code code = AUK_OK;
    pthread_mutex_lock(&catalog->admin_lock);
    pthread_mutex_lock(&catalog->root_lock);
    auk_index *index = auk_root_index(catalog, name);
    if (index)
        auk_index_acquire(index);
    pthread_mutex_unlock(&catalog->root_lock);
    if (!index)
        code = auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                             "no such index [%.*s]", AUK_SPAN_ARG(name));
    else if (index->unopened)
        code = reopen(catalog, index, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_index_release(index);
    return code;
}

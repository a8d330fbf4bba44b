/* Changes to what exists: one at a time under the admin lock, each one batch and one new root. */
#include <stdlib.h>

#include "auk/fault_point.h"
#include "template_private.h"

/* ---- one batch for any set of deleted and redefined indices ---- */

static auk_code erase_index(auk_catalog *catalog, const auk_index *index, auk_batch *batch,
                            auk_buffer *segments, auk_error *err)
{
    const auk_definition *definition = index->definition;
    auk_arena *arena = auk_arena_create(256);
    auk_batch_delete(batch, AUK_FAMILY_CATALOG, auk_catalog_key(arena, "index/", definition->name));
    auk_batch_delete(batch, AUK_FAMILY_CATALOG,
                     auk_catalog_key(arena, "mapping/", definition->uuid));
    auk_arena_destroy(arena);
    auk_code code = AUK_OK;
    uint32_t shards = auk_index_settings_shards(definition->settings); /* open or not */
    for (uint32_t k = 0; k < shards && code == AUK_OK; k++)
        code = auk_shard_erase(catalog->store, definition->first_shard + k, batch, segments, err);
    return code;
}

static void swap_root(auk_catalog *catalog, auk_index **victims, uint32_t victim_count,
                      auk_index **changed, auk_definition **definitions, uint32_t changed_count)
{
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < changed_count; i++) {
        auk_definition *old = changed[i]->definition;
        auk_root_touch(changed[i]);
        changed[i]->definition = definitions[i];
        auk_definition_release(old);
    }
    for (uint32_t i = 0; i < victim_count; i++)
        auk_root_unlist(catalog, victims[i]);
    auk_root_rebuild(catalog);
    pthread_mutex_unlock(&catalog->root_lock);
}

static void describe_nothing(void *context, auk_mapped *mapped, auk_batch *batch)
{
    (void)context, (void)mapped, (void)batch;
}

/* A crash before this leaves orphans, which the next start drops. */
static void drop_segments(auk_catalog *catalog, const auk_buffer *segments)
{
    auk_mapped *none = NULL;
    auk_error err = {0};
    size_t count = segments->size / sizeof(uint64_t);
    if (count > 0 && auk_store_commit(catalog->store, NULL, describe_nothing, NULL,
                                      (const uint64_t *)(const void *)segments->data, count, &none,
                                      &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "files of a deleted index stay until the next start", "reason=\"%s\"",
                err.message);
}

/*
 * Deletes `victims` and gives `changed` their new definitions (taken): one batch, one root. The
 * victims are held first, so that nothing is written behind the batch; when the batch fails they go
 * on as if nothing had been.
 */
auk_code auk_admin_apply(auk_catalog *catalog, auk_index **victims, uint32_t victim_count,
                         auk_index **changed, auk_definition **definitions, uint32_t changed_count,
                         auk_error *err)
{
    auk_code code = AUK_OK;
    auk_batch *batch = auk_batch_create();
    auk_buffer segments;
    auk_buffer_init(&segments, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < changed_count; i++)
        auk_definition_put(definitions[i], batch);
    uint32_t held = 0;
    while (held < victim_count && code == AUK_OK) {
        auk_index_hold(victims[held]);
        code = erase_index(catalog, victims[held++], batch, &segments, err);
    }
    if (victim_count > 0)
        AUK_FAULT_POINT(INDEX_DELETE_BEFORE);
    AUK_FAULT_POINT(DEFINITION_WRITE_BEFORE);
    if (code == AUK_OK)
        code = auk_store_write(catalog->store, batch, true, err);
    AUK_FAULT_POINT(DEFINITION_WRITE_AFTER);
    if (victim_count > 0)
        AUK_FAULT_POINT(INDEX_DELETE_AFTER);
    auk_batch_destroy(batch);
    for (uint32_t i = 0; i < held; i++) {
        if (code == AUK_OK)
            auk_index_close_held(victims[i]);
        else
            auk_index_let_go(victims[i]);
    }
    if (code == AUK_OK) {
        swap_root(catalog, victims, victim_count, changed, definitions, changed_count);
        drop_segments(catalog, &segments);
    } else {
        for (uint32_t i = 0; i < changed_count; i++)
            auk_definition_release(definitions[i]);
    }
    auk_buffer_deinit(&segments);
    return code;
}

/* ---- create ---- */

auk_code auk_admin_name_is_free(auk_catalog *catalog, auk_span name, auk_error *err)
{
    auk_code code = AUK_OK;
    pthread_mutex_lock(&catalog->root_lock);
    auk_index *same = auk_root_index(catalog, name);
    if (same) {
        code = auk_fail_type(err, AUK_INVALID, "resource_already_exists_exception",
                             "index [%.*s/%.*s] already exists", AUK_SPAN_ARG(name),
                             AUK_SPAN_ARG(same->definition->uuid));
    }
    for (uint32_t i = 0; i < catalog->index_count && code == AUK_OK; i++)
        if (auk_definition_alias(catalog->indices[i]->definition, name))
            code = auk_fail_type(err, AUK_INVALID, "invalid_index_name_exception",
                                 "Invalid index name [%.*s], already exists as alias",
                                 AUK_SPAN_ARG(name));
    pthread_mutex_unlock(&catalog->root_lock);
    return code;
}

static auk_code check_body(const auk_json *body, auk_error *err)
{
    if (!body)
        return AUK_OK;
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body must be an object");
    for (const auk_json *member = body->child; member; member = member->next) {
        if (auk_span_is(member->key, "settings") || auk_span_is(member->key, "mappings") ||
            auk_span_is(member->key, "aliases"))
            continue;
        auk_fail_type(err, AUK_INVALID, "parse_exception", "unknown key [%.*s] for create index",
                      AUK_SPAN_ARG(member->key));
        auk_hint(err, "create index takes settings, mappings and aliases");
        return AUK_INVALID;
    }
    return AUK_OK;
}

static auk_code create_mapping(auk_catalog *catalog, const auk_json *body,
                               const auk_settings *settings, auk_mapping **out, auk_error *err)
{
    auk_analysis *analysis;
    auk_code code = auk_catalog_analysis(catalog, settings, NULL, &analysis, err);
    if (code != AUK_OK)
        return code;
    code = auk_mapping_create(auk_json_get(body, "mappings"), settings, analysis, out, err);
    auk_analysis_release(analysis);
    return code;
}

static auk_code read_aliases(const auk_json *aliases, auk_arena *arena, auk_alias **out,
                             uint32_t *count, auk_error *err)
{
    *count = 0;
    *out = AUK_ARENA_ARRAY(arena, auk_alias, (aliases ? aliases->count : 0) + 1);
    if (aliases && aliases->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "[aliases] must be an object");
    for (const auk_json *member = aliases ? aliases->child : NULL; member; member = member->next) {
        auk_code code = auk_alias_name_check(member->key, err);
        if (code == AUK_OK)
            code = auk_alias_read(member->key, member, &(*out)[*count], err);
        if (code != AUK_OK)
            return code;
        ++*count;
    }
    return AUK_OK;
}

static void put_private_settings(auk_settings *settings, auk_span provided, auk_span uuid,
                                 int64_t created_ms, auk_arena *arena)
{
    if (!auk_settings_find(settings, AUK_SPAN("index.number_of_shards")))
        auk_settings_put(settings, AUK_SPAN("index.number_of_shards"), AUK_SPAN("1"));
    if (!auk_settings_find(settings, AUK_SPAN("index.number_of_replicas")))
        auk_settings_put(settings, AUK_SPAN("index.number_of_replicas"), AUK_SPAN("0"));
    auk_settings_put(settings, AUK_SPAN("index.uuid"), uuid);
    auk_settings_put(settings, AUK_SPAN("index.provided_name"), provided);
    auk_settings_put(settings, AUK_SPAN("index.creation_date"),
                     auk_arena_printf(arena, "%lld", (long long)created_ms));
    auk_settings_put(settings, AUK_SPAN("index.version.created"), AUK_SPAN("8536000"));
}

auk_code auk_admin_check_body(auk_catalog *catalog, const auk_json *body, auk_error *err)
{
    auk_mapping *mapping;
    auk_alias *aliases;
    uint32_t alias_count;
    auk_arena *arena = auk_arena_create(1024);
    auk_settings *settings = auk_settings_create();
    auk_code code = check_body(body, err);
    if (code == AUK_OK)
        code = auk_index_settings_from_json(auk_json_get(body, "settings"), settings, err);
    if (code == AUK_OK)
        code = auk_index_settings_check(settings, err);
    if (code == AUK_OK)
        code = read_aliases(auk_json_get(body, "aliases"), arena, &aliases, &alias_count, err);
    if (code == AUK_OK)
        code = create_mapping(catalog, body, settings, &mapping, err);
    if (code == AUK_OK)
        auk_mapping_release(mapping);
    auk_settings_destroy(settings);
    auk_arena_destroy(arena);
    return code;
}

static auk_code define(auk_catalog *catalog, const auk_index_request *request, const auk_json *body,
                       auk_arena *arena, auk_definition **out, auk_mapping **mapping,
                       auk_error *err)
{
    auk_settings *settings = auk_settings_create();
    auk_alias *aliases = NULL;
    uint32_t alias_count = 0;
    auk_code code = auk_index_settings_from_json(auk_json_get(body, "settings"), settings, err);
    if (code == AUK_OK)
        code = auk_index_settings_check(settings, err);
    if (code == AUK_OK)
        code = read_aliases(auk_json_get(body, "aliases"), arena, &aliases, &alias_count, err);
    if (code == AUK_OK)
        code = create_mapping(catalog, body, settings, mapping, err);
    if (code != AUK_OK) {
        auk_settings_destroy(settings);
        return code;
    }
    auk_span uuid = auk_uuid_make(arena);
    int64_t now_ms = auk_clock_wall_ms();
    put_private_settings(settings, request->provided, uuid, now_ms, arena);
    *out = auk_definition_create(request->name, uuid, now_ms, catalog->next_shard, settings,
                                 aliases, alias_count);
    return AUK_OK;
}

/* Elasticsearch counts replicas too; here there are none. */
static auk_code shards_fit(auk_catalog *catalog, const auk_definition *definition, auk_error *err)
{
    uint32_t added = auk_index_settings_shards(definition->settings), open = 0;
    int64_t most = auk_cluster_settings_int(catalog, "cluster.max_shards_per_node");
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < catalog->index_count; i++)
        open += catalog->indices[i]->shard_count;
    pthread_mutex_unlock(&catalog->root_lock);
    if ((int64_t)open + added <= most)
        return AUK_OK;
    return auk_fail_type(
        err, AUK_INVALID, "validation_exception",
        "Validation Failed: 1: this action would add [%u] shards, but this cluster "
        "currently has [%u]/[%lld] maximum normal shards open;",
        added, open, (long long)most);
}

/* The aliases of a new index must not bear an index's name nor bring a second write index. */
static auk_code aliases_fit(auk_catalog *catalog, const auk_definition *definition, auk_error *err)
{
    auk_code code = AUK_OK;
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < definition->alias_count && code == AUK_OK; i++) {
        const auk_alias *alias = &definition->aliases[i];
        if (auk_span_equal(alias->name, definition->name) || auk_root_index(catalog, alias->name))
            code = auk_fail_type(err, AUK_INVALID, "invalid_alias_name_exception",
                                 "Invalid alias name [%.*s]: an index or data stream exists with "
                                 "the same name as the alias",
                                 AUK_SPAN_ARG(alias->name));
        for (uint32_t k = 0; k < catalog->index_count && code == AUK_OK; k++) {
            const auk_alias *other =
                auk_definition_alias(catalog->indices[k]->definition, alias->name);
            if (alias->is_write_index && other && other->is_write_index)
                code = auk_fail_type(err, AUK_INVALID, "illegal_state_exception",
                                     "alias [%.*s] has more than one write index [%.*s,%.*s]",
                                     AUK_SPAN_ARG(alias->name),
                                     AUK_SPAN_ARG(catalog->indices[k]->identity->name),
                                     AUK_SPAN_ARG(definition->name));
        }
    }
    pthread_mutex_unlock(&catalog->root_lock);
    return code;
}

/* Terms of generations are far apart: a start raises each by one. */
#define TERM_STEP ((int64_t)1 << 16)

/* An alias of a template is one that the move brings anyway. */
static auk_definition *with_alias(auk_definition *definition_taken, const auk_alias *alias,
                                  auk_arena *arena)
{
    uint32_t count = 0;
    const auk_definition *old = definition_taken;
    auk_alias *aliases = AUK_ARENA_ARRAY(arena, auk_alias, old->alias_count + 1);
    for (uint32_t i = 0; i < old->alias_count; i++)
        if (!auk_span_equal(old->aliases[i].name, alias->name))
            aliases[count++] = old->aliases[i];
    aliases[count++] = *alias;
    auk_definition *next =
        auk_definition_next(old, old->name, auk_settings_clone(old->settings), aliases, count);
    auk_definition_release(definition_taken);
    return next;
}

/* What would be made, and whether it fits in. */
static auk_code work_out(auk_catalog *catalog, const auk_index_request *request, auk_arena *arena,
                         auk_definition **definition, auk_mapping **mapping, auk_error *err)
{
    const auk_json *body = request->body;
    auk_code code = auk_admin_name_is_free(catalog, request->name, err);
    if (code == AUK_OK)
        code = check_body(body, err);
    if (code == AUK_OK &&
        !request->standby) /* a generation is what its owner says, and nothing else */
        code = auk_templates_apply(catalog->templates, request->name, body, arena, &body, err);
    if (code == AUK_OK)
        code = define(catalog, request, body, arena, definition, mapping, err);
    if (code != AUK_OK)
        return code;
    code = aliases_fit(catalog, *definition, err);
    if (code == AUK_OK)
        code = shards_fit(catalog, *definition, err);
    if (code != AUK_OK) {
        auk_mapping_release(*mapping);
        auk_definition_release(*definition);
        return code;
    }
    if (request->move)
        *definition = with_alias(*definition, &request->move->alias, arena);
    (*definition)->standby = request->standby;
    if (request->standby)
        (*definition)->first_term = ((*definition)->first_shard + 1) * TERM_STEP;
    return AUK_OK;
}

static auk_code write_new(auk_catalog *catalog, const auk_index_request *request,
                          const auk_definition *definition, const auk_mapping *mapping,
                          auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    catalog->next_shard += auk_index_settings_shards(definition->settings);
    auk_admin_put_node(catalog, batch);
    auk_definition_put(definition, batch);
    auk_mapping_put(mapping, definition->uuid, batch);
    if (request->move)
        auk_definition_put(request->move->left, batch);
    AUK_FAULT_POINT(INDEX_CREATE_BEFORE);
    auk_code code = auk_store_write(catalog->store, batch, true, err);
    AUK_FAULT_POINT(INDEX_CREATE_AFTER);
    auk_batch_destroy(batch);
    return code;
}

static void show_new(auk_catalog *catalog, auk_index *index, const auk_alias_move *move)
{
    pthread_mutex_lock(&catalog->root_lock);
    auk_root_list(catalog, index);
    if (move) {
        auk_definition *old = move->from->definition;
        auk_root_touch(move->from);
        move->from->definition = move->left;
        auk_definition_release(old);
    }
    auk_root_rebuild(catalog);
    pthread_mutex_unlock(&catalog->root_lock);
}

auk_code auk_admin_create(auk_catalog *catalog, const auk_index_request *request, auk_arena *arena,
                          auk_index **out, auk_error *err)
{
    auk_definition *definition;
    auk_mapping *mapping;
    auk_index *index;
    auk_code code = work_out(catalog, request, arena, &definition, &mapping, err);
    if (code == AUK_OK) {
        code = write_new(catalog, request, definition, mapping, err);
        if (code != AUK_OK) {
            auk_mapping_release(mapping);
            auk_definition_release(definition);
        }
    }
    if (code == AUK_OK)
        code = auk_index_open(catalog, definition, mapping, &index, err);
    if (code != AUK_OK) {
        if (request->move)
            auk_definition_release(request->move->left);
        return code;
    }
    show_new(catalog, index, request->move);
    if (out)
        *out = index;
    else
        auk_index_release(index);
    return AUK_OK;
}

auk_code auk_admin_make_named(auk_catalog *catalog, auk_span name, auk_span provided,
                              const auk_json *body, auk_error *err)
{
    auk_code code = auk_index_name_check(name, err);
    if (code != AUK_OK)
        return code;
    auk_arena *arena = auk_arena_create(4096);
    auk_index_request request = {.name = name, .provided = provided, .body = body};
    pthread_mutex_lock(&catalog->admin_lock);
    code = auk_admin_create(catalog, &request, arena, NULL, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_catalog_make_index(auk_catalog *catalog, auk_span expression, const auk_json *body,
                                auk_arena *arena, auk_span *made, auk_error *err)
{
    auk_code code = auk_index_name_resolve(expression, arena, made, err);
    return code == AUK_OK ? auk_admin_make_named(catalog, *made, expression, body, err) : code;
}

auk_code auk_catalog_create_index(auk_catalog *catalog, auk_span name, const auk_json *body,
                                  auk_error *err)
{
    auk_span made;
    auk_arena *arena = auk_arena_create(512);
    auk_code code = auk_catalog_make_index(catalog, name, body, arena, &made, err);
    auk_arena_destroy(arena);
    return code;
}

/* A list of patterns, "+a*,-b*": the first that matches decides. */
static bool list_allows(auk_span list, auk_span name)
{
    auk_span one;
    while (auk_span_cut(&list, ',', &one)) {
        bool minus = one.size && one.data[0] == '-';
        if (one.size && (minus || one.data[0] == '+'))
            one = auk_span_from(one, 1);
        if (auk_pattern_matches(one, name))
            return !minus;
    }
    return false;
}

static auk_code refuse_to_make(auk_span name, const char *why, auk_span what, auk_error *err)
{
    return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                         "no such index [%.*s] and %s%.*s", AUK_SPAN_ARG(name), why,
                         AUK_SPAN_ARG(what));
}

/* What a template says of it holds, else the cluster's setting. */
auk_code auk_admin_may_make(auk_catalog *catalog, auk_span name, auk_error *err)
{
    auk_code code = AUK_OK;
    bool allowed = false;
    auk_arena *arena = auk_arena_create(256);
    auk_span value =
        auk_catalog_cluster_setting(catalog, AUK_SPAN("action.auto_create_index"), arena);
    pthread_mutex_lock(&catalog->admin_lock);
    const auk_template *template = auk_templates_choose(catalog->templates, name, false, NULL);
    const auk_json *says = template ? auk_json_get(template->body, "allow_auto_create") : NULL;
    if (says && auk_json_to_bool(says, &allowed) && !allowed)
        code = refuse_to_make(name,
                              "composable template forbids index auto creation: ", template->name,
                              err);
    pthread_mutex_unlock(&catalog->admin_lock);
    if (code == AUK_OK && !allowed && auk_span_is(value, "false"))
        code = refuse_to_make(name, "[action.auto_create_index] is [false]", AUK_SPAN(""), err);
    else if (code == AUK_OK && !allowed && !auk_span_is(value, "true") && !list_allows(value, name))
        code = refuse_to_make(name, "[action.auto_create_index] does not allow to create it",
                              AUK_SPAN(""), err);
    auk_arena_destroy(arena);
    return code;
}

/* ---- delete ---- */

auk_code auk_catalog_delete_indices(auk_catalog *catalog, const auk_span *names, uint32_t count,
                                    auk_error *err)
{
    auk_code code = AUK_OK;
    uint32_t found = 0;
    auk_index **victims = calloc(count + 1, sizeof(*victims));
    if (!victims)
        auk_fatal("out of memory");
    pthread_mutex_lock(&catalog->admin_lock);
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        auk_index *index = auk_root_index(catalog, names[i]);
        if (index && index->definition->owner.size)
            code = auk_fail(err, AUK_CONFLICT,
                            "index [%.*s] belongs to [%.*s], which still writes to it",
                            AUK_SPAN_ARG(names[i]), AUK_SPAN_ARG(index->definition->owner));
        else if (index)
            victims[found++] = auk_index_acquire(index);
        else
            code = auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                                 "no such index [%.*s]", AUK_SPAN_ARG(names[i]));
    }
    pthread_mutex_unlock(&catalog->root_lock);
    for (uint32_t i = 0; i < found && code == AUK_OK; i++)
        code = auk_definition_check(victims[i]->definition, AUK_BLOCK_DELETE, err);
    if (code == AUK_OK && found)
        code = auk_admin_apply(catalog, victims, found, NULL, NULL, 0, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    for (uint32_t i = 0; i < found; i++)
        auk_index_release(victims[i]);
    free(victims);
    return code;
}

/* Named sets of synonyms: one key of the catalog each, and all of them in memory. */
#include <stdlib.h>

#include "auk/fault_point.h"
#include "catalog_private.h"

#define KEY "synonyms/"

/* ---- one set ---- */

typedef struct ordered_rule {
    auk_synonym_rule rule;
    uint32_t order; /* as given */
} ordered_rule;

static int by_id(const void *a, const void *b)
{
    const ordered_rule *left = a, *right = b;
    int order = auk_span_compare(left->rule.id, right->rule.id);
    return order ? order : (left->order > right->order) - (left->order < right->order);
}

/* Of rules with one id the last counts. */
static void put_rules(auk_synonym_set *set, const auk_synonym_rule *rules, uint32_t count)
{
    auk_arena *arena = auk_arena_create(4096);
    ordered_rule *ordered = AUK_ARENA_ARRAY(arena, ordered_rule, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        auk_span id = rules[i].id.size ? rules[i].id : auk_document_id_make(arena);
        ordered[i] = (ordered_rule){{id, rules[i].synonyms}, i};
    }
    if (count)
        qsort(ordered, count, sizeof *ordered, by_id);
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count && auk_span_equal(ordered[i].rule.id, ordered[i + 1].rule.id))
            continue;
        auk_synonym_rule *rule = &set->rules[set->count];
        rule->id = auk_arena_copy(set->arena, ordered[i].rule.id);
        rule->synonyms = auk_arena_copy(set->arena, ordered[i].rule.synonyms);
        set->lines[set->count++] = rule->synonyms;
    }
    auk_arena_destroy(arena);
}

static auk_synonym_set *create_set(auk_span name, const auk_synonym_rule *rules, uint32_t count)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_synonym_set *set = AUK_ARENA_NEW(arena, auk_synonym_set);
    set->arena = arena;
    set->name = auk_arena_copy(arena, name);
    set->rules = AUK_ARENA_ARRAY(arena, auk_synonym_rule, count + 1);
    set->lines = AUK_ARENA_ARRAY(arena, auk_span, count + 1);
    put_rules(set, rules, count);
    return set;
}

static void destroy_set(auk_synonym_set *set)
{
    if (set)
        auk_arena_destroy(set->arena);
}

static void put_set(const auk_synonym_set *set, auk_batch *batch)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_member_array(&out, "rules");
    for (uint32_t i = 0; i < set->count; i++) {
        auk_json_begin_object(&out);
        auk_json_member_string(&out, "id", set->rules[i].id);
        auk_json_member_string(&out, "synonyms", set->rules[i].synonyms);
        auk_json_end_object(&out);
    }
    auk_json_end_array(&out);
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, auk_catalog_key(set->arena, KEY, set->name),
                  auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static auk_code read_set(auk_span name, auk_span json, auk_synonym_set **out, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *record, *list = NULL;
    int64_t format = 0;
    auk_code code = auk_json_parse_own(json, arena, &record, err);
    if (code == AUK_OK && (!auk_json_to_int64(auk_json_get(record, "format"), &format) ||
                           format != 1 || !(list = auk_json_get(record, "rules"))))
        code = auk_fail(err, AUK_CORRUPT, "the record of synonyms set [%.*s] is damaged",
                        AUK_SPAN_ARG(name));
    if (code == AUK_OK) {
        auk_synonym_rule *rules = AUK_ARENA_ARRAY(arena, auk_synonym_rule, list->count + 1);
        uint32_t count = 0;
        for (const auk_json *item = list->child; item; item = item->next) {
            const auk_json *id = auk_json_get(item, "id");
            const auk_json *synonyms = auk_json_get(item, "synonyms");
            if (id && synonyms)
                rules[count++] = (auk_synonym_rule){id->text, synonyms->text};
        }
        *out = create_set(name, rules, count);
    }
    auk_arena_destroy(arena);
    return code;
}

/* ---- all sets ---- */

/* Where the set is, or would be. */
static uint32_t place_of(const auk_catalog *catalog, auk_span name, bool *found)
{
    uint32_t at = 0;
    while (at < catalog->synonym_set_count &&
           auk_span_compare(catalog->synonym_sets[at]->name, name) < 0)
        at++;
    *found =
        at < catalog->synonym_set_count && auk_span_equal(catalog->synonym_sets[at]->name, name);
    return at;
}

static auk_synonym_set *find_set(const auk_catalog *catalog, auk_span name)
{
    bool found;
    uint32_t at = place_of(catalog, name, &found);
    return found ? catalog->synonym_sets[at] : NULL;
}

/* In place of the one of its name, which is gone then. */
static void keep_set(auk_catalog *catalog, auk_synonym_set *set)
{
    bool found;
    uint32_t at = place_of(catalog, set->name, &found);
    if (found) {
        destroy_set(catalog->synonym_sets[at]);
        catalog->synonym_sets[at] = set;
        return;
    }
    uint32_t count = catalog->synonym_set_count++;
    catalog->synonym_sets = realloc(catalog->synonym_sets, sizeof(auk_synonym_set *) * (count + 1));
    if (!catalog->synonym_sets)
        auk_fatal("out of memory");
    memmove(catalog->synonym_sets + at + 1, catalog->synonym_sets + at,
            sizeof(auk_synonym_set *) * (count - at));
    catalog->synonym_sets[at] = set;
}

auk_code auk_synonym_sets_read(auk_catalog *catalog, auk_error *err)
{
    auk_span prefix = AUK_SPAN(KEY), key, value;
    auk_store_cursor *cursor = auk_store_scan(catalog->store, AUK_FAMILY_CATALOG, prefix,
                                              AUK_SPAN("synonyms0")); /* '0' follows '/' */
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        auk_synonym_set *set;
        code = read_set(auk_span_from(key, prefix.size), value, &set, err);
        if (code == AUK_OK)
            keep_set(catalog, set);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

void auk_synonym_sets_destroy(auk_catalog *catalog)
{
    for (uint32_t i = 0; i < catalog->synonym_set_count; i++)
        destroy_set(catalog->synonym_sets[i]);
    free(catalog->synonym_sets);
}

/* ---- for analyzers ---- */

typedef struct set_source {
    const auk_catalog *catalog;
    const auk_synonym_set *changed;
} set_source;

static bool find_rules(void *context, auk_span name, const auk_span **rules, size_t *count)
{
    const set_source *source = context;
    const auk_synonym_set *set = source->changed && auk_span_equal(source->changed->name, name)
                                     ? source->changed
                                     : find_set(source->catalog, name);
    if (!set)
        return false;
    *rules = set->lines;
    *count = set->count;
    return true;
}

auk_code auk_catalog_analysis(auk_catalog *catalog, const auk_settings *settings,
                              const auk_synonym_set *changed, auk_analysis **out, auk_error *err)
{
    set_source source = {catalog, changed};
    auk_synonym_sets sets = {find_rules, &source};
    return auk_analysis_create_with(settings, &sets, out, err);
}

auk_code auk_catalog_build_analyzer(auk_catalog *catalog, const auk_settings *spec,
                                    auk_analysis *analysis, auk_analyzer **out, auk_error *err)
{
    set_source source = {catalog, NULL};
    auk_synonym_sets sets = {find_rules, &source};
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = auk_analyzer_build_with(spec, analysis, &sets, out, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

/* ---- changes ---- */

static auk_code set_not_found(auk_span name, auk_error *err)
{
    return auk_fail_type(err, AUK_NOT_FOUND, "resource_not_found_exception",
                         "synonyms set [%.*s] not found", AUK_SPAN_ARG(name));
}

static auk_code write_set(auk_catalog *catalog, const auk_synonym_set *set, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    put_set(set, batch);
    AUK_FAULT_POINT(SYNONYMS_WRITE_BEFORE);
    auk_code code = auk_store_write(catalog->store, batch, true, err);
    AUK_FAULT_POINT(SYNONYMS_WRITE_AFTER);
    auk_batch_destroy(batch);
    return code;
}

/* set is taken. */
static auk_code change(auk_catalog *catalog, auk_synonym_set *set, auk_arena *arena,
                       auk_synonym_change *out, auk_error *err)
{
    auk_reloading reloading;
    auk_code code = auk_reloading_prepare(catalog, set, NULL, 0, &reloading, err);
    if (code == AUK_OK)
        code = write_set(catalog, set, err);
    if (code == AUK_OK) {
        keep_set(catalog, set);
        code = auk_reloading_apply(&reloading, set->name, arena, &out->reloaded,
                                   &out->reloaded_count, err);
    } else {
        destroy_set(set);
    }
    auk_reloading_end(&reloading);
    return code;
}

static auk_code check_count(uint32_t count, auk_error *err)
{
    if (count <= AUK_SYNONYM_RULES_MOST)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "The number of synonyms rules in a synonym set cannot exceed %d",
                         AUK_SYNONYM_RULES_MOST);
}

auk_code auk_catalog_put_synonyms(auk_catalog *catalog, auk_span name,
                                  const auk_synonym_rule *rules, uint32_t count, auk_arena *arena,
                                  auk_synonym_change *out, auk_error *err)
{
    auk_code code = check_count(count, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->admin_lock);
    out->found = find_set(catalog, name) != NULL;
    code = change(catalog, create_set(name, rules, count), arena, out, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

static uint32_t rule_at(const auk_synonym_set *set, auk_span id)
{
    uint32_t at = 0;
    while (at < set->count && !auk_span_equal(set->rules[at].id, id))
        at++;
    return at;
}

auk_code auk_catalog_put_synonym_rule(auk_catalog *catalog, auk_span name,
                                      const auk_synonym_rule *rule, auk_arena *arena,
                                      auk_synonym_change *out, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    const auk_synonym_set *old = find_set(catalog, name);
    auk_code code = old ? AUK_OK : set_not_found(name, err);
    if (code == AUK_OK) {
        uint32_t at = rule_at(old, rule->id), count = old->count;
        auk_synonym_rule *rules = AUK_ARENA_ARRAY(arena, auk_synonym_rule, count + 1);
        memcpy(rules, old->rules, sizeof *rules * count);
        out->found = at < count;
        rules[at] = *rule;
        count += !out->found;
        code = check_count(count, err);
        if (code == AUK_OK)
            code = change(catalog, create_set(name, rules, count), arena, out, err);
    }
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

auk_code auk_catalog_delete_synonym_rule(auk_catalog *catalog, auk_span name, auk_span id,
                                         auk_arena *arena, auk_synonym_change *out, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    const auk_synonym_set *old = find_set(catalog, name);
    auk_code code = old ? AUK_OK : set_not_found(name, err);
    uint32_t at = old ? rule_at(old, id) : 0;
    if (code == AUK_OK && at == old->count)
        code = auk_fail_type(err, AUK_NOT_FOUND, "resource_not_found_exception",
                             "synonym rule [%.*s] not found on synonyms set [%.*s]",
                             AUK_SPAN_ARG(id), AUK_SPAN_ARG(name));
    if (code == AUK_OK) {
        auk_synonym_rule *rules = AUK_ARENA_ARRAY(arena, auk_synonym_rule, old->count);
        memcpy(rules, old->rules, sizeof *rules * at);
        memcpy(rules + at, old->rules + at + 1, sizeof *rules * (old->count - at - 1));
        out->found = true;
        code = change(catalog, create_set(name, rules, old->count - 1), arena, out, err);
    }
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

/* The indices that use the set, with ", " between. */
static auk_span users_of(auk_catalog *catalog, auk_span name, auk_arena *arena)
{
    auk_span users = AUK_SPAN("");
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < catalog->index_count; i++) {
        const auk_index *index = catalog->indices[i];
        if (auk_settings_use_synonyms(index->definition->settings, name))
            users = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(users),
                                     users.size ? ", " : "", AUK_SPAN_ARG(index->identity->name));
    }
    pthread_mutex_unlock(&catalog->root_lock);
    return users;
}

static auk_code erase_set(auk_catalog *catalog, auk_span name, auk_arena *arena, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    auk_batch_delete(batch, AUK_FAMILY_CATALOG, auk_catalog_key(arena, KEY, name));
    auk_code code = auk_store_write(catalog->store, batch, true, err);
    auk_batch_destroy(batch);
    return code;
}

auk_code auk_catalog_delete_synonyms(auk_catalog *catalog, auk_span name, auk_error *err)
{
    bool found;
    auk_arena *arena = auk_arena_create(1024);
    pthread_mutex_lock(&catalog->admin_lock);
    uint32_t at = place_of(catalog, name, &found);
    auk_code code = found ? AUK_OK : set_not_found(name, err);
    auk_span users = users_of(catalog, name, arena);
    if (code == AUK_OK && users.size)
        code = auk_fail_type(
            err, AUK_INVALID, "illegal_argument_exception",
            "synonyms set [%.*s] cannot be deleted as it is used in the following indices: %.*s",
            AUK_SPAN_ARG(name), AUK_SPAN_ARG(users));
    if (code == AUK_OK)
        code = erase_set(catalog, name, arena, err);
    if (code == AUK_OK) {
        destroy_set(catalog->synonym_sets[at]);
        catalog->synonym_set_count--;
        memmove(catalog->synonym_sets + at, catalog->synonym_sets + at + 1,
                sizeof(auk_synonym_set *) * (catalog->synonym_set_count - at));
    }
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

/* ---- reading ---- */

auk_code auk_catalog_get_synonyms(auk_catalog *catalog, auk_span name, auk_arena *arena,
                                  auk_synonym_rule **rules, uint32_t *count, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    const auk_synonym_set *set = find_set(catalog, name);
    auk_code code = set ? AUK_OK : set_not_found(name, err);
    *count = set ? set->count : 0;
    *rules = AUK_ARENA_ARRAY(arena, auk_synonym_rule, *count + 1);
    for (uint32_t i = 0; i < *count; i++)
        (*rules)[i] = (auk_synonym_rule){auk_arena_copy(arena, set->rules[i].id),
                                         auk_arena_copy(arena, set->rules[i].synonyms)};
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

void auk_catalog_list_synonyms(auk_catalog *catalog, auk_arena *arena, auk_synonym_summary **out,
                               uint32_t *count)
{
    pthread_mutex_lock(&catalog->admin_lock);
    *count = catalog->synonym_set_count;
    *out = AUK_ARENA_ARRAY(arena, auk_synonym_summary, *count + 1);
    for (uint32_t i = 0; i < *count; i++)
        (*out)[i] = (auk_synonym_summary){auk_arena_copy(arena, catalog->synonym_sets[i]->name),
                                          catalog->synonym_sets[i]->count};
    pthread_mutex_unlock(&catalog->admin_lock);
}

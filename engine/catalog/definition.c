#include <stdlib.h>

#include "catalog_private.h"

static int by_name(const void *a, const void *b)
{
    return auk_span_compare(((const auk_alias *)a)->name, ((const auk_alias *)b)->name);
}

auk_definition *auk_definition_create(auk_span name, auk_span uuid, int64_t created_ms,
                                      uint32_t first_shard, auk_settings *settings_taken,
                                      const auk_alias *aliases, uint32_t alias_count)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_definition *definition = calloc(1, sizeof *definition);
    if (!definition)
        auk_fatal("out of memory");
    atomic_init(&definition->references, 1);
    definition->arena = arena;
    definition->name = auk_arena_copy(arena, name);
    definition->uuid = auk_arena_copy(arena, uuid);
    definition->created_ms = created_ms;
    definition->first_shard = first_shard;
    definition->settings = settings_taken;
    definition->aliases = AUK_ARENA_ARRAY(arena, auk_alias, alias_count + 1);
    definition->alias_count = alias_count;
    for (uint32_t i = 0; i < alias_count; i++) {
        auk_alias *alias = &definition->aliases[i];
        *alias = aliases[i];
        alias->name = auk_arena_copy(arena, aliases[i].name);
        alias->filter = auk_arena_copy(arena, aliases[i].filter);
        alias->index_routing = auk_arena_copy(arena, aliases[i].index_routing);
        alias->search_routing = auk_arena_copy(arena, aliases[i].search_routing);
    }
    qsort(definition->aliases, alias_count, sizeof *definition->aliases, by_name);
    return definition;
}

auk_definition *auk_definition_next(const auk_definition *old, auk_span name,
                                    auk_settings *settings_taken, const auk_alias *aliases,
                                    uint32_t alias_count)
{
    auk_definition *next = auk_definition_create(name, old->uuid, old->created_ms, old->first_shard,
                                                 settings_taken, aliases, alias_count);
    next->standby = old->standby;
    next->closed = old->closed;
    auk_definition_set_owner(next, old->owner);
    next->first_term = old->first_term;
    return next;
}

void auk_definition_set_owner(auk_definition *definition, auk_span owner)
{
    definition->owner = auk_arena_copy(definition->arena, owner);
}

auk_definition *auk_definition_acquire(auk_definition *definition)
{
    atomic_fetch_add(&definition->references, 1);
    return definition;
}

void auk_definition_release(auk_definition *definition)
{
    if (!definition || atomic_fetch_sub(&definition->references, 1) != 1)
        return;
    auk_settings_destroy(definition->settings);
    auk_arena_destroy(definition->arena);
    free(definition);
}

const auk_alias *auk_definition_alias(const auk_definition *definition, auk_span name)
{
    for (uint32_t i = 0; i < definition->alias_count; i++)
        if (auk_span_equal(definition->aliases[i].name, name))
            return &definition->aliases[i];
    return NULL;
}

static void write_alias(const auk_alias *alias, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_string(out, "name", alias->name);
    if (alias->filter.size)
        auk_json_member_string(out, "filter", alias->filter);
    auk_json_member_string(out, "index_routing", alias->index_routing);
    auk_json_member_string(out, "search_routing", alias->search_routing);
    if (alias->has_write_index)
        auk_json_member_bool(out, "is_write_index", alias->is_write_index);
    auk_json_member_bool(out, "is_hidden", alias->is_hidden);
    auk_json_end_object(out);
}

void auk_definition_put(const auk_definition *definition, auk_batch *batch)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_member_string(&out, "uuid", definition->uuid);
    auk_json_member_int(&out, "created", definition->created_ms);
    auk_json_member_uint(&out, "first_shard", definition->first_shard);
    if (definition->standby)
        auk_json_member_bool(&out, "standby", true);
    if (definition->closed)
        auk_json_member_bool(&out, "closed", true);
    if (definition->owner.size)
        auk_json_member_string(&out, "owner", definition->owner);
    if (definition->first_term)
        auk_json_member_int(&out, "first_term", definition->first_term);
    auk_json_key(&out, AUK_SPAN("settings"));
    auk_settings_write_flat(definition->settings, &out);
    auk_json_member_array(&out, "aliases");
    for (uint32_t i = 0; i < definition->alias_count; i++)
        write_alias(&definition->aliases[i], &out);
    auk_json_end_array(&out);
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG,
                  auk_catalog_key(definition->arena, "index/", definition->name),
                  auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static auk_span text_of(const auk_json *object, const char *key)
{
    const auk_json *value = auk_json_get(object, key);
    return value && value->type == AUK_JSON_STRING ? value->text : AUK_SPAN("");
}

static bool flag_of(const auk_json *object, const char *key)
{
    const auk_json *value = auk_json_get(object, key);
    return value && value->type == AUK_JSON_TRUE;
}

static auk_code read_record(auk_span name, const auk_json *record, auk_arena *arena,
                            auk_definition **out, auk_error *err)
{
    int64_t format = 0, created = 0, first_shard = -1;
    if (!auk_json_to_int64(auk_json_get(record, "format"), &format) || format != 1)
        return auk_fail(err, AUK_CORRUPT,
                        "index [%.*s] is written in format [%lld], this version reads format [1]",
                        AUK_SPAN_ARG(name), (long long)format);
    if (!auk_json_to_int64(auk_json_get(record, "created"), &created) ||
        !auk_json_to_int64(auk_json_get(record, "first_shard"), &first_shard) || first_shard < 0 ||
        first_shard > UINT32_MAX)
        return auk_fail(err, AUK_CORRUPT, "the record of index [%.*s] is damaged",
                        AUK_SPAN_ARG(name));
    const auk_json *list = auk_json_get(record, "aliases");
    uint32_t count = list ? list->count : 0;
    auk_alias *aliases = AUK_ARENA_ARRAY(arena, auk_alias, count + 1);
    uint32_t used = 0;
    for (const auk_json *item = list ? list->child : NULL; item; item = item->next) {
        aliases[used++] = (auk_alias){
            .name = text_of(item, "name"),
            .filter = text_of(item, "filter"),
            .index_routing = text_of(item, "index_routing"),
            .search_routing = text_of(item, "search_routing"),
            .has_write_index = auk_json_get(item, "is_write_index") != NULL,
            .is_write_index = flag_of(item, "is_write_index"),
            .is_hidden = flag_of(item, "is_hidden"),
        };
    }
    auk_settings *settings = auk_settings_create();
    auk_code code = auk_settings_from_json(auk_json_get(record, "settings"), settings, err);
    if (code != AUK_OK) {
        auk_settings_destroy(settings);
        return code;
    }
    *out = auk_definition_create(name, text_of(record, "uuid"), created, (uint32_t)first_shard,
                                 settings, aliases, used);
    (*out)->standby = flag_of(record, "standby");
    (*out)->closed = flag_of(record, "closed");
    auk_definition_set_owner(*out, text_of(record, "owner"));
    (void)auk_json_to_int64(auk_json_get(record, "first_term"), &(*out)->first_term);
    return AUK_OK;
}

auk_code auk_definition_read(auk_span name, auk_span json, auk_definition **out, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *record;
    auk_code code = auk_json_parse_own(json, arena, &record, err);
    if (code == AUK_OK)
        code = read_record(name, record, arena, out, err);
    auk_arena_destroy(arena);
    return code;
}

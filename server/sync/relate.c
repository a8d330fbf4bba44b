/*
 * Tables that change while they are followed. The log tells nothing of DDL but the new form of a
 * table before its next row; what that means is asked of the source's catalog, where columns keep
 * their numbers and tables their OIDs through all renaming.
 */
#include "source.h"

static auk_source_table *find_table(auk_source *source, const auk_relation *relation)
{
    for (uint32_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i].table.id == relation->id)
            return &source->tables.items[i];
    return NULL;
}

static auk_code read_now(auk_source *source, const auk_source_table *known, auk_source_table *now,
                         bool *found, auk_error *err)
{
    auk_code code =
        auk_table_read_id(source->pg, known->table.id, source->table_arena, now, found, err);
    if (code != AUK_OK || !*found)
        return code;
    /* The configuration knows it by the name that it had. */
    now->table.schema = known->table.schema;
    now->table.name = known->table.name;
    uint32_t *types = AUK_ARENA_ARRAY(source->table_arena, uint32_t, now->table.column_count + 1);
    for (uint32_t i = 0; i < now->table.column_count; i++)
        types[i] = now->table.columns[i].type;
    return auk_pg_types_learn(source->types, source->pg, types, now->table.column_count, err);
}

auk_code auk_source_relate(auk_source *source, const auk_relation *relation, auk_error *err)
{
    auk_source_table now;
    bool found = false;
    auk_source_table *known = find_table(source, relation);
    if (!known)
        return AUK_OK; /* of the publication, but of no document */
    auk_code code = read_now(source, known, &now, &found, err);
    if (code != AUK_OK || !found || now.shape == known->shape)
        return code;
    code = auk_applier_describe(source->applier, &now.table, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    *known = now;
    pthread_mutex_unlock(&source->lock);
    atomic_fetch_add(&source->counts.schema_changes, 1);
    auk_log(AUK_LOG_INFO, "a table has changed", "source=%.*s table=%.*s",
            AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(now.table.name));
    auk_source_extend_mappings(source, now.table.id);
    return AUK_OK;
}

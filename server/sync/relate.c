/*
 * Tables that change while they are followed. The log tells nothing of DDL but the new form of a
 * table before its next row; what that means is asked of the source's catalog, where columns keep
 * their numbers and tables their OIDs through all renaming.
 */
#include "source.h"

static auk_source_table *find_table(auk_source *source, uint32_t id)
{
    for (uint32_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i].table.id == id)
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

/* A column whose rows changed without a word: it is new with a default, or of another type. */
static auk_code has_silent_values(auk_source *source, const auk_source_table *before,
                                  const auk_source_table *now, bool *out, auk_error *err)
{
    static const char sql[] = "SELECT 1 FROM pg_attribute WHERE attrelid = $1::oid AND"
                              " attnum = $2::smallint AND atthasdef";
    *out = false;
    for (uint32_t i = 0; i < now->table.column_count && !*out; i++) {
        const auk_table_column *column = &now->table.columns[i], *old = NULL;
        for (uint32_t k = 0; k < before->table.column_count && !old; k++)
            if (before->table.columns[k].number == column->number)
                old = &before->table.columns[k];
        if (old) {
            *out = old->type != column->type;
            continue;
        }
        auk_arena *arena = auk_arena_create(256);
        const auk_span parameters[] = {auk_arena_printf(arena, "%u", now->table.id),
                                       auk_arena_printf(arena, "%d", column->number)};
        auk_pg_result *result;
        auk_code code = auk_pg_query(source->pg, sql, parameters, 2, &result, err);
        auk_arena_destroy(arena);
        if (code != AUK_OK)
            return code;
        *out = auk_pg_rows(result) > 0;
        auk_pg_clear(result);
    }
    return AUK_OK;
}

/* Is it the same columns, in the same order? */
static bool has_same_key(const auk_table *a, const auk_table *b)
{
    if (a->key_count != b->key_count)
        return false;
    for (uint32_t i = 0; i < a->key_count; i++)
        if (a->columns[a->key[i]].number != b->columns[b->key[i]].number)
            return false;
    return true;
}

static void log_change(const auk_source *source, const auk_table *table, const char *words)
{
    auk_log(AUK_LOG_INFO, words, "source=%.*s table=%.*s", AUK_SPAN_ARG(source->name),
            AUK_SPAN_ARG(table->name));
}

/* The table as it is now, in place of what we knew. */
static auk_code take_shape(auk_source *source, auk_source_table *known, const auk_source_table *now,
                           auk_error *err)
{
    bool silent = false;
    auk_code code = has_silent_values(source, known, now, &silent, err);
    if (code == AUK_OK)
        code = auk_applier_describe(source->applier, &now->table, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    *known = *now;
    pthread_mutex_unlock(&source->lock);
    atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_COLUMNS], 1);
    log_change(source, &now->table, "a table has changed");
    auk_source_extend_mappings(source, now->table.id);
    if (silent)
        auk_source_owe(source, now->table.id, "columns got values that no event tells");
    return AUK_OK;
}

auk_code auk_source_take_change(auk_source *source, auk_source_table *known, auk_error *err)
{
    auk_source_table now;
    bool found = false;
    auk_code code = read_now(source, known, &now, &found, err);
    if (code != AUK_OK || !found || now.shape == known->shape)
        return code;
    if (has_same_key(&known->table, &now.table))
        return take_shape(source, known, &now, err);
    /* Without a key the server refuses changes of rows; what is added goes on by the old one. */
    auk_source_note_key(source, now.table.id, now.table.key_count > 0);
    if (now.table.key_count == 0)
        return AUK_OK;
    atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_KEY], 1);
    log_change(source, &now.table, "a table has another key, all is read anew");
    auk_source_ask_resync(source);
    return AUK_OK;
}

/* A table that took the name of one that is followed. */
static bool takes_a_name(const auk_source *source, const auk_relation *relation)
{
    for (uint32_t i = 0; i < source->known_count; i++)
        if (auk_span_equal(source->known[i].schema, relation->schema) &&
            auk_span_equal(source->known[i].name, relation->name))
            return source->known[i].id != relation->id;
    return false;
}

auk_code auk_source_relate(auk_source *source, const auk_relation *relation, auk_error *err)
{
    auk_source_table *known = find_table(source, relation->id);
    if (known)
        return auk_source_take_change(source, known, err);
    if (takes_a_name(source, relation))
        source->looked_us = 0; /* the next look is now */
    return AUK_OK;             /* of no document */
}

auk_code auk_source_renew_table(auk_source *source, uint32_t table, auk_error *err)
{
    auk_source_table *known = find_table(source, table);
    if (!known)
        return AUK_OK;
    auk_source_lock_applier(source);
    auk_code code = auk_source_take_change(source, known, err);
    pthread_mutex_unlock(&source->applying);
    return code;
}

/* ---- tables that are new ---- */

/* Published first; what may not be is told once a look, and left alone. */
static auk_code publish_new(auk_source *source, const auk_sync_config *config, auk_arena *arena,
                            auk_error *err)
{
    auk_source_tables tables;
    auk_code code = auk_tables_read(source->pg, config, source->known, source->known_count, arena,
                                    &tables, err);
    if (code == AUK_OK)
        code = auk_source_check_names(source, config, err);
    if (code == AUK_OK)
        code = auk_publication_ensure(source->pg, source->config, &tables, arena, err);
    return code;
}

auk_code auk_source_look_for_new(auk_source *source, auk_error *err)
{
    auk_sync_config *config;
    auk_arena *arena = auk_arena_create(8192);
    auk_error why = {0};
    auk_code code = auk_tables_expand(source->pg, source->config, source->known,
                                      source->known_count, arena, &config, err);
    uint32_t unknown = 0;
    for (uint32_t i = 0; code == AUK_OK && i < config->document_count; i++) {
        uint32_t k = 0;
        while (k < source->index_count &&
               !auk_span_equal(source->indices[k].name, config->documents[i].index))
            k++;
        unknown += k == source->index_count;
    }
    if (code == AUK_OK && unknown > 0) {
        if (publish_new(source, config, arena, &why) == AUK_OK) {
            pthread_mutex_lock(&source->lock);
            source->may_extend = source->wants_retry = true;
            pthread_mutex_unlock(&source->lock);
        } else {
            auk_log(AUK_LOG_WARN, "a new table cannot be followed", "source=%.*s reason=\"%s\"",
                    AUK_SPAN_ARG(source->name), why.message);
        }
    }
    auk_arena_destroy(arena);
    return code;
}

/* ---- taking them up ---- */

/* Rows of transactions that wrote before the table was published come neither by the stream nor, as
 * long as they run, in a snapshot. */
auk_code auk_source_wait_for_writers(auk_source *source, auk_error *err)
{
    static const char sql[] = "SELECT pg_snapshot_xmax(pg_current_snapshot()),"
                              " pg_snapshot_xmin(pg_current_snapshot())";
    uint64_t until = 0, least = 0;
    do {
        auk_pg_result *result;
        auk_code code = auk_pg_query(source->pg, sql, NULL, 0, &result, err);
        if (code != AUK_OK)
            return code;
        if (until == 0)
            (void)auk_number_parse_uint64(auk_pg_cell(result, 0, 0), &until);
        (void)auk_number_parse_uint64(auk_pg_cell(result, 0, 1), &least);
        auk_pg_clear(result);
        if (auk_source_is_asked(source))
            return auk_fail(err, AUK_CANCELLED, "the source is asked for something else");
        if (least < until)
            auk_source_rest(source, 50);
    } while (least < until);
    return AUK_OK;
}

/* A table that other documents have already is read anew: more of it may be wanted. */
static auk_code read_shared(auk_source *source, const auk_sync_node *node, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < source->known_count && code == AUK_OK; i++)
        if ((auk_span_equal(source->known[i].schema, node->table.schema) &&
             auk_span_equal(source->known[i].name, node->table.name)) ||
            (node->has_through && auk_span_equal(source->known[i].schema, node->through.schema) &&
             auk_span_equal(source->known[i].name, node->through.name)))
            code = auk_snapshot_replan(source, source->known[i].id, err);
    for (uint32_t i = 0; i < node->child_count && code == AUK_OK; i++)
        code = read_shared(source, &node->children[i], err);
    return code;
}

auk_code auk_source_extend(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    uint32_t before = source->index_count;
    auk_code code = auk_publication_ensure(source->pg, source->config, &source->tables, arena, err);
    if (code == AUK_OK)
        code = auk_source_wait_for_writers(source, err);
    for (uint32_t i = before; i < source->expanded->document_count && code == AUK_OK; i++)
        code = read_shared(source, &source->expanded->documents[i].root, err);
    if (code == AUK_OK)
        code = auk_source_make_indices(source, err);
    auk_arena_destroy(arena);
    if (code != AUK_OK)
        return code;
    auk_snapshot_plan(source);
    code = auk_source_note_tables(source, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    source->phase = AUK_SOURCE_SNAPSHOT;
    source->may_extend = false;
    source->since_ms = auk_clock_wall_ms();
    pthread_mutex_unlock(&source->lock);
    atomic_store(&source->counts.rows_loaded, 0);
    return auk_source_save(source, err);
}

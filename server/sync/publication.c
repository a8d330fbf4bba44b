#include "publication.h"

/* ---- SQL ---- */

static auk_span list_of_tables(const auk_source_tables *tables, auk_arena *arena)
{
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < tables->count; i++) {
        auk_buffer_append_text(&text, i ? ", " : "");
        auk_buffer_append(&text, auk_table_sql(tables->items[i].now.schema,
                                               tables->items[i].now.name, arena));
    }
    auk_span list = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return list;
}

auk_span auk_publication_sql_create(const auk_sync_config *config, const auk_source_tables *tables,
                                    auk_arena *arena)
{
    auk_span list = list_of_tables(tables, arena);
    return auk_arena_printf(arena,
                            "CREATE PUBLICATION %.*s FOR TABLE %.*s"
                            " WITH (publish_via_partition_root = true);",
                            AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)),
                            AUK_SPAN_ARG(list));
}

auk_span auk_publication_sql_add(const auk_sync_config *config, auk_span tables, auk_arena *arena)
{
    return auk_arena_printf(arena, "ALTER PUBLICATION %.*s ADD TABLE %.*s;",
                            AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)),
                            AUK_SPAN_ARG(tables));
}

auk_span auk_publication_sql_whole(const auk_sync_config *config, auk_arena *arena)
{
    return auk_arena_printf(
        arena, "ALTER PUBLICATION %.*s SET (publish = 'insert, update, delete, truncate');",
        AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)));
}

auk_span auk_publication_sql_via_root(const auk_sync_config *config, auk_arena *arena)
{
    return auk_arena_printf(arena,
                            "ALTER PUBLICATION %.*s SET (publish_via_partition_root = true);",
                            AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)));
}

auk_code auk_publication_may_create(auk_pg *pg, const auk_source_tables *tables, auk_arena *arena,
                                    bool *out, auk_error *err)
{
    auk_buffer ids;
    auk_pg_result *r;
    auk_buffer_init(&ids, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < tables->count; i++)
        auk_buffer_printf(&ids, "%s%u", i ? "," : "", tables->items[i].table.id);
    auk_span sql =
        auk_arena_printf(arena,
                         "SELECT has_database_privilege(current_database(), 'CREATE') AND"
                         " coalesce(bool_and(pg_has_role(relowner, 'USAGE')), true) FROM pg_class"
                         " WHERE oid IN (%.*s)",
                         AUK_SPAN_ARG(ids.size ? auk_buffer_span(&ids) : AUK_SPAN("0")));
    auk_buffer_deinit(&ids);
    auk_code code = auk_pg_ask(pg, sql.data, NULL, 0, &r, err);
    *out = code == AUK_OK && r && auk_pg_is_true(r, 0, 0);
    if (code == AUK_OK)
        auk_pg_clear(r);
    return code;
}

/* The tables that it does not publish, as SQL names with a comma between. */
auk_code auk_publication_list_missing(auk_pg *pg, const auk_sync_config *config,
                                      const auk_source_tables *tables, auk_arena *arena,
                                      auk_span *out, auk_error *err)
{
    static const char sql[] = "SELECT 1 FROM pg_publication_tables WHERE pubname = $1"
                              " AND schemaname = $2 AND tablename = $3";
    *out = AUK_SPAN("");
    for (uint32_t i = 0; i < tables->count; i++) {
        const auk_sync_table_name *table = &tables->items[i].now;
        const auk_span parameters[] = {config->publication, table->schema, table->name};
        auk_pg_result *r;
        auk_code code = auk_pg_ask(pg, sql, parameters, 3, &r, err);
        if (code != AUK_OK)
            return code;
        if (!r)
            *out = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(*out), out->size ? ", " : "",
                                    AUK_SPAN_ARG(auk_table_sql(table->schema, table->name, arena)));
        auk_pg_clear(r);
    }
    return AUK_OK;
}

/* ---- as it is ---- */

auk_code auk_publication_read(auk_pg *pg, auk_span name, auk_publication_state *out, auk_error *err)
{
    static const char sql[] =
        "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate, pubviaroot,"
        " pg_has_role(pubowner, 'USAGE'), xmin FROM pg_publication WHERE pubname = $1";
    auk_pg_result *r;
    *out = (auk_publication_state){0};
    auk_code code = auk_pg_ask(pg, sql, &name, 1, &r, err);
    if (code != AUK_OK || !r)
        return code;
    out->exists = true;
    out->is_whole = auk_pg_is_true(r, 0, 0);
    out->via_root = auk_pg_is_true(r, 0, 1);
    out->may_alter = auk_pg_is_true(r, 0, 2);
    out->written = auk_pg_number(r, 0, 3);
    auk_pg_clear(r);
    return AUK_OK;
}

auk_code auk_publication_ensure(auk_pg *pg, const auk_sync_config *config,
                                const auk_source_tables *tables, auk_arena *arena, auk_error *err)
{
    auk_publication_state state;
    auk_span missing, sql = {0};
    auk_code code = auk_publication_read(pg, config->publication, &state, err);
    if (code == AUK_OK && !state.exists) {
        sql = auk_publication_sql_create(config, tables, arena);
    } else if (code == AUK_OK) {
        code = auk_publication_list_missing(pg, config, tables, arena, &missing, err);
        if (code == AUK_OK && missing.size)
            sql = auk_publication_sql_add(config, missing, arena);
    }
    if (code != AUK_OK || !sql.size)
        return code;
    code = auk_pg_run(pg, sql.data, err);
    if (code != AUK_OK)
        auk_hint(err, "as their owner: %.*s", AUK_SPAN_ARG(sql));
    return code;
}

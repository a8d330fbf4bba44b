#include "preflight.h"

#include <stdarg.h>
#include <stdio.h>

#include "auk/nearest.h"

#define VERSION_LEAST   140000
#define VERSION_STANDBY 160000
#define WORDS_MOST      4096

/* ---- findings ---- */

static void find(auk_preflight *p, auk_preflight_weight weight, const char *check, auk_span sql,
                 const char *format, ...) AUK_PRINTF(5, 6);

static void find(auk_preflight *p, auk_preflight_weight weight, const char *check, auk_span sql,
                 const char *format, ...)
{
    char words[WORDS_MOST];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    if (p->count == p->room) {
        p->room = p->room ? p->room * 2 : 16;
        auk_preflight_finding *grown = AUK_ARENA_ARRAY(p->arena, auk_preflight_finding, p->room);
        if (p->count)
            memcpy(grown, p->findings, sizeof *grown * p->count);
        p->findings = grown;
    }
    p->findings[p->count++] =
        (auk_preflight_finding){weight, check, auk_arena_copy(p->arena, auk_span_of(words)), sql};
    p->errors += weight == AUK_PREFLIGHT_ERROR;
}

void auk_preflight_write(const auk_preflight *preflight, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_bool(out, "ready", preflight->errors == 0);
    auk_json_member_array(out, "findings");
    for (uint32_t i = 0; i < preflight->count; i++) {
        const auk_preflight_finding *f = &preflight->findings[i];
        auk_json_begin_object(out);
        auk_json_member_text(out, "check", f->check);
        auk_json_member_text(out, "severity",
                             f->weight == AUK_PREFLIGHT_ERROR ? "error" : "advice");
        auk_json_member_string(out, "reason", f->words);
        if (f->sql.size)
            auk_json_member_string(out, "sql", f->sql);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
}

auk_code auk_preflight_judge(const auk_preflight *preflight, auk_error *err)
{
    auk_span words = AUK_SPAN("");
    uint32_t said = 0;
    if (preflight->errors == 0)
        return AUK_OK;
    for (uint32_t i = 0; i < preflight->count; i++) {
        const auk_preflight_finding *f = &preflight->findings[i];
        if (f->weight != AUK_PREFLIGHT_ERROR)
            continue;
        words = auk_arena_printf(preflight->arena, "%.*s%s%.*s%s%.*s", AUK_SPAN_ARG(words),
                                 said++ ? "; " : "", AUK_SPAN_ARG(f->words),
                                 f->sql.size ? ": " : "", AUK_SPAN_ARG(f->sql));
    }
    auk_fail(err, AUK_INVALID, "%.*s", AUK_SPAN_ARG(words));
    auk_hint(err, "POST /_sync/_preflight lists all of it");
    return AUK_INVALID;
}

/* ---- questions ---- */

/* One row; NULL when there is none. */
static auk_code ask(auk_pg *pg, const char *sql, const auk_span *parameters, uint32_t count,
                    auk_pg_result **out, auk_error *err)
{
    auk_code code = auk_pg_query(pg, sql, parameters, count, out, err);
    if (code == AUK_OK && auk_pg_rows(*out) == 0) {
        auk_pg_clear(*out);
        *out = NULL;
    }
    return code;
}

static uint64_t number_of(const auk_pg_result *result, uint32_t column)
{
    uint64_t value = 0;
    return auk_number_parse_uint64(auk_pg_cell(result, 0, column), &value) ? value : 0;
}

static bool is_true(const auk_pg_result *result, uint32_t column)
{
    return auk_span_is(auk_pg_cell(result, 0, column), "t");
}

/* ---- the server ---- */

static auk_code check_server(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    static const char sql[] =
        "SELECT current_setting('wal_level'), pg_is_in_recovery(),"
        " current_setting('max_replication_slots')::int,"
        " (SELECT count(*) FROM pg_replication_slots), current_setting('max_wal_senders')::int,"
        " (SELECT count(*) FROM pg_stat_replication),"
        " current_setting('max_slot_wal_keep_size'), current_setting('fsync')";
    auk_pg_result *r;
    int version = auk_pg_version(o->pg);
    if (version < VERSION_LEAST)
        find(p, AUK_PREFLIGHT_ERROR, "version", (auk_span){0},
             "the server is version %d, 14 is needed", version / 10000);
    auk_code code = ask(o->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    if (!auk_span_is(auk_pg_cell(r, 0, 0), "logical"))
        find(p, AUK_PREFLIGHT_ERROR, "wal_level",
             AUK_SPAN("ALTER SYSTEM SET wal_level = 'logical'; -- and restart the server"),
             "wal_level is [%.*s], [logical] is needed", AUK_SPAN_ARG(auk_pg_cell(r, 0, 0)));
    if (is_true(r, 1) && version < VERSION_STANDBY)
        find(p, AUK_PREFLIGHT_ERROR, "standby", (auk_span){0},
             "the server is a standby, which can be followed from version 16 on");
    if (number_of(r, 3) >= number_of(r, 2) && o->is_new)
        find(p, AUK_PREFLIGHT_ERROR, "max_replication_slots",
             auk_arena_printf(p->arena,
                              "ALTER SYSTEM SET max_replication_slots = %llu; -- and restart",
                              (unsigned long long)number_of(r, 2) + 4),
             "all %llu replication slots are taken", (unsigned long long)number_of(r, 2));
    if (number_of(r, 5) >= number_of(r, 4) && o->is_new)
        find(p, AUK_PREFLIGHT_ERROR, "max_wal_senders",
             auk_arena_printf(p->arena, "ALTER SYSTEM SET max_wal_senders = %llu; -- and restart",
                              (unsigned long long)number_of(r, 4) + 4),
             "all %llu senders are taken", (unsigned long long)number_of(r, 4));
    if (auk_span_is(auk_pg_cell(r, 0, 6), "-1"))
        find(
            p, AUK_PREFLIGHT_ADVICE, "max_slot_wal_keep_size",
            AUK_SPAN("ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();"),
            "nothing bounds what a slot holds back: with us away for long the server's disk fills");
    auk_pg_clear(r);
    return AUK_OK;
}

static auk_code check_role(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    /* Managed services give the right by membership. */
    static const char sql[] =
        "SELECT current_user, bool_or(r.rolreplication OR r.rolsuper OR r.rolname IN"
        " ('rds_replication', 'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin'))"
        " FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'USAGE')"
        " AND (r.rolname = current_user OR NOT r.rolcanlogin)";
    auk_pg_result *r;
    auk_code code = ask(o->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    auk_span user = auk_pg_identifier(auk_pg_cell(r, 0, 0), p->arena);
    if (!is_true(r, 1))
        find(p, AUK_PREFLIGHT_ERROR, "replication",
             auk_arena_printf(p->arena, "ALTER ROLE %.*s REPLICATION;", AUK_SPAN_ARG(user)),
             "role %.*s may not replicate", AUK_SPAN_ARG(user));
    auk_pg_clear(r);
    return AUK_OK;
}

/* A pooler passes no replication connection on. */
static void check_sender(const auk_preflight_options *o, auk_preflight *p)
{
    auk_pg *sender = NULL;
    auk_error why = {0};
    const auk_pg_options options = {.conninfo = o->conninfo,
                                    .application = "auk preflight",
                                    .replication = true};
    if (!o->conninfo || p->errors > 0)
        return;
    if (auk_pg_connect(&options, &sender, &why) != AUK_OK) {
        bool pooler = strstr(why.message, "pgbouncer") || strstr(why.message, "startup parameter");
        find(p, AUK_PREFLIGHT_ERROR, pooler ? "pooler" : "connection", (auk_span){0},
             pooler ? "a pooler is in between, name the server itself in [connection]: %s"
                    : "no replication connection: %s",
             why.message);
    }
    auk_pg_close(sender);
}

/* ---- tables ---- */

static auk_code check_right(const auk_preflight_options *o, auk_preflight *p, uint32_t id,
                            auk_span name, auk_error *err)
{
    static const char sql[] =
        "SELECT has_schema_privilege(c.relnamespace, 'USAGE'),"
        " has_table_privilege(c.oid, 'SELECT'), current_user, n.nspname"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid";
    auk_pg_result *r;
    auk_span oid = auk_arena_printf(p->arena, "%u", id);
    auk_code code = ask(o->pg, sql, &oid, 1, &r, err);
    if (code != AUK_OK || !r)
        return code;
    auk_span user = auk_pg_identifier(auk_pg_cell(r, 0, 2), p->arena);
    if (!is_true(r, 0))
        find(p, AUK_PREFLIGHT_ERROR, "privilege",
             auk_arena_printf(p->arena, "GRANT USAGE ON SCHEMA %.*s TO %.*s;",
                              AUK_SPAN_ARG(auk_pg_identifier(auk_pg_cell(r, 0, 3), p->arena)),
                              AUK_SPAN_ARG(user)),
             "role %.*s may not use the schema of %.*s", AUK_SPAN_ARG(user), AUK_SPAN_ARG(name));
    if (!is_true(r, 1))
        find(p, AUK_PREFLIGHT_ERROR, "privilege",
             auk_arena_printf(p->arena, "GRANT SELECT ON %.*s TO %.*s;", AUK_SPAN_ARG(name),
                              AUK_SPAN_ARG(user)),
             "role %.*s may not read %.*s", AUK_SPAN_ARG(user), AUK_SPAN_ARG(name));
    auk_pg_clear(r);
    return AUK_OK;
}

/* A root without children that asked for it may do without a key. */
static bool may_lack_key(const auk_sync_config *config, const auk_table *table)
{
    for (uint32_t i = 0; i < config->document_count; i++) {
        const auk_sync_document *document = &config->documents[i];
        const auk_sync_table_name *name = &document->root.table;
        if (auk_span_equal(name->schema, table->schema) && auk_span_equal(name->name, table->name))
            return document->keyless == AUK_SYNC_KEYLESS_INSERT_ONLY && document->node_count == 1;
    }
    return false;
}

static void check_key(const auk_preflight_options *o, auk_preflight *p,
                      const auk_source_table *table, auk_span name)
{
    if (table->table.key_count == 0 && !may_lack_key(o->config, &table->table))
        find(p, AUK_PREFLIGHT_ERROR, "key",
             auk_arena_printf(p->arena, "ALTER TABLE %.*s ADD PRIMARY KEY (...);",
                              AUK_SPAN_ARG(name)),
             "table %.*s has no primary key, so its rows cannot be told apart (for a table that "
             "is only appended to: \"keyless\": \"insert_only\")",
             AUK_SPAN_ARG(name));
    if (table->identity == 'n')
        find(p, AUK_PREFLIGHT_ERROR, "replica_identity",
             auk_arena_printf(p->arena, "ALTER TABLE %.*s REPLICA IDENTITY DEFAULT;",
                              AUK_SPAN_ARG(name)),
             "table %.*s has REPLICA IDENTITY NOTHING: the server would refuse its updates",
             AUK_SPAN_ARG(name));
    if (table->identity == 'f' && table->table.key_count > 0)
        find(p, AUK_PREFLIGHT_ADVICE, "replica_identity",
             auk_arena_printf(p->arena, "ALTER TABLE %.*s REPLICA IDENTITY DEFAULT;",
                              AUK_SPAN_ARG(name)),
             "table %.*s has REPLICA IDENTITY FULL, which is not needed and writes half as much "
             "log again",
             AUK_SPAN_ARG(name));
}

static auk_code check_tables(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < o->tables->count && code == AUK_OK; i++) {
        const auk_source_table *table = &o->tables->items[i];
        auk_span name = auk_table_sql(table->table.schema, table->table.name, p->arena);
        check_key(o, p, table, name);
        code = check_right(o, p, table->table.id, name, err);
        for (uint32_t h = 0; h < table->heap_count && code == AUK_OK; h++)
            if (table->heaps[h].id != table->table.id)
                code = check_right(o, p, table->heaps[h].id,
                                   auk_table_sql(table->heaps[h].schema, table->heaps[h].name,
                                                 p->arena),
                                   err);
    }
    return code;
}

/* ---- columns ---- */

typedef struct column_check {
    auk_preflight *out;
    const auk_source_tables *tables;
} column_check;

static const auk_table *table_of(const column_check *c, const auk_sync_table_name *name)
{
    for (uint32_t i = 0; i < c->tables->count; i++) {
        const auk_table *table = &c->tables->items[i].table;
        if (auk_span_equal(table->schema, name->schema) && auk_span_equal(table->name, name->name))
            return table;
    }
    return NULL;
}

static void check_column(const column_check *c, const auk_sync_table_name *name, auk_span column,
                         const char *where)
{
    const auk_table *table = table_of(c, name);
    if (!table || column.size == 0)
        return;
    auk_span *names = AUK_ARENA_ARRAY(c->out->arena, auk_span, table->column_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++) {
        names[i] = table->columns[i].name;
        if (auk_span_equal(names[i], column))
            return;
    }
    auk_span close = auk_nearest(column, names, table->column_count);
    find(c->out, AUK_PREFLIGHT_ERROR, "column", (auk_span){0},
         "[%s] names column [%.*s], which table [%.*s.%.*s] has not%s%.*s%s", where,
         AUK_SPAN_ARG(column), AUK_SPAN_ARG(name->schema), AUK_SPAN_ARG(name->name),
         close.size ? ", did you mean [" : "", AUK_SPAN_ARG(close), close.size ? "]?" : "");
}

static void check_holes(const column_check *c, const auk_sync_table_name *name, auk_span text,
                        const char *where)
{
    for (size_t i = 0; i < text.size; i++) {
        const char *end = text.data[i] == '{' ? memchr(text.data + i, '}', text.size - i) : NULL;
        if (!end)
            continue;
        size_t size = (size_t)(end - text.data) - i - 1;
        check_column(c, name, auk_span_make(text.data + i + 1, size), where);
        i += size;
    }
}

static void check_edge(const column_check *c, const auk_sync_on *on,
                       const auk_sync_table_name *from, const auk_sync_table_name *to,
                       const char *where)
{
    for (uint32_t i = 0; i < on->count; i++) {
        check_column(c, from, on->from[i], where);
        check_column(c, to, on->to[i], where);
    }
}

static void check_node(const column_check *c, const auk_sync_node *node)
{
    for (uint32_t i = 0; i < node->column_count; i++)
        check_column(c, &node->table, node->columns[i].column, "columns");
    check_column(c, &node->table, node->order, "order");
    check_column(c, &node->table, node->scalar, "scalar");
    for (uint32_t i = 0; i < node->child_count; i++) {
        const auk_sync_node *child = &node->children[i];
        check_edge(c, &child->on, &node->table,
                   child->has_through ? &child->through : &child->table, "on");
        if (child->has_through)
            check_edge(c, &child->through_to, &child->through, &child->table, "through.to");
        check_node(c, child);
    }
}

auk_code auk_preflight_check_columns(const auk_sync_config *config, const auk_source_tables *tables,
                                     auk_preflight *out, auk_error *err)
{
    const column_check c = {out, tables};
    (void)err;
    for (uint32_t i = 0; i < config->document_count; i++) {
        const auk_sync_document *document = &config->documents[i];
        check_node(&c, &document->root);
        check_holes(&c, &document->root.table, document->id, "id");
        check_holes(&c, &document->root.table, document->routing, "routing");
    }
    return AUK_OK;
}

/* ---- publication and slot ---- */

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

static auk_span create_publication(const auk_sync_config *config, const auk_source_tables *tables,
                                   auk_arena *arena)
{
    auk_span list = list_of_tables(tables, arena);
    return auk_arena_printf(arena,
                            "CREATE PUBLICATION %.*s FOR TABLE %.*s"
                            " WITH (publish_via_partition_root = true);",
                            AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)),
                            AUK_SPAN_ARG(list));
}

static auk_code may_create(auk_pg *pg, const auk_source_tables *tables, auk_arena *arena, bool *out,
                           auk_error *err)
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
    auk_code code = ask(pg, sql.data, NULL, 0, &r, err);
    *out = code == AUK_OK && r && is_true(r, 0);
    if (code == AUK_OK)
        auk_pg_clear(r);
    return code;
}

/* The tables that it does not publish, as SQL names with a comma between. */
static auk_code find_unpublished(auk_pg *pg, const auk_sync_config *config,
                                 const auk_source_tables *tables, auk_arena *arena, auk_span *out,
                                 auk_error *err)
{
    static const char sql[] = "SELECT 1 FROM pg_publication_tables WHERE pubname = $1"
                              " AND schemaname = $2 AND tablename = $3";
    *out = AUK_SPAN("");
    for (uint32_t i = 0; i < tables->count; i++) {
        const auk_sync_table_name *table = &tables->items[i].now;
        const auk_span parameters[] = {config->publication, table->schema, table->name};
        auk_pg_result *r;
        auk_code code = ask(pg, sql, parameters, 3, &r, err);
        if (code != AUK_OK)
            return code;
        if (!r)
            *out = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(*out), out->size ? ", " : "",
                                    AUK_SPAN_ARG(auk_table_sql(table->schema, table->name, arena)));
        auk_pg_clear(r);
    }
    return AUK_OK;
}

static const char publication_sql[] =
    "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate, pubviaroot, puballtables,"
    " pg_has_role(pubowner, 'USAGE') FROM pg_publication WHERE pubname = $1";

static auk_code check_members(const auk_preflight_options *o, auk_preflight *p, bool may_alter,
                              auk_error *err)
{
    auk_span missing;
    auk_span name = auk_pg_identifier(o->config->publication, p->arena);
    auk_code code = find_unpublished(o->pg, o->config, o->tables, p->arena, &missing, err);
    if (code != AUK_OK || missing.size == 0)
        return code;
    bool owns = false;
    code = may_create(o->pg, o->tables, p->arena, &owns, err);
    if (code == AUK_OK && !(may_alter && owns))
        find(p, AUK_PREFLIGHT_ERROR, "publication",
             auk_arena_printf(p->arena, "ALTER PUBLICATION %.*s ADD TABLE %.*s;",
                              AUK_SPAN_ARG(name), AUK_SPAN_ARG(missing)),
             "publication %.*s lacks %.*s", AUK_SPAN_ARG(name), AUK_SPAN_ARG(missing));
    return code;
}

static auk_code check_publication(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    auk_pg_result *r;
    auk_span name = auk_pg_identifier(o->config->publication, p->arena);
    auk_code code = ask(o->pg, publication_sql, &o->config->publication, 1, &r, err);
    if (code != AUK_OK)
        return code;
    if (!r) {
        bool may = false;
        code = may_create(o->pg, o->tables, p->arena, &may, err);
        if (code == AUK_OK && !may)
            find(p, AUK_PREFLIGHT_ERROR, "publication",
                 create_publication(o->config, o->tables, p->arena),
                 "publication %.*s is missing, and making it needs the owner of the tables",
                 AUK_SPAN_ARG(name));
        return code;
    }
    bool whole = is_true(r, 0), via_root = is_true(r, 1), may_alter = is_true(r, 3);
    bool partitioned = false;
    auk_pg_clear(r);
    for (uint32_t i = 0; i < o->tables->count; i++)
        partitioned |= o->tables->items[i].kind == 'p';
    if (!whole)
        find(p, AUK_PREFLIGHT_ERROR, "publication",
             auk_arena_printf(
                 p->arena,
                 "ALTER PUBLICATION %.*s SET (publish = 'insert, update, delete, truncate');",
                 AUK_SPAN_ARG(name)),
             "publication %.*s leaves out some kinds of changes", AUK_SPAN_ARG(name));
    if (partitioned && !via_root)
        find(p, AUK_PREFLIGHT_ERROR, "publication",
             auk_arena_printf(p->arena,
                              "ALTER PUBLICATION %.*s SET (publish_via_partition_root = true);",
                              AUK_SPAN_ARG(name)),
             "publication %.*s publishes partitions under their own names", AUK_SPAN_ARG(name));
    return check_members(o, p, may_alter, err);
}

auk_code auk_slot_read(auk_pg *pg, auk_span slot, auk_arena *arena, auk_slot_state *out,
                       auk_error *err)
{
    static const char sql[] =
        "SELECT s.plugin = 'pgoutput' AND s.database = current_database() AND s.slot_type ="
        " 'logical', s.active, coalesce(s.active_pid, 0), coalesce(a.application_name, ''),"
        " coalesce(s.wal_status, ''), s.restart_lsn, s.confirmed_flush_lsn,"
        " coalesce(s.safe_wal_size, -1), coalesce(t.spill_bytes, 0), coalesce(t.stream_bytes, 0),"
        " s.slot_name FROM (SELECT 1) one"
        " LEFT JOIN pg_replication_slots s ON s.slot_name = $1"
        " LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid"
        " LEFT JOIN pg_stat_replication_slots t ON t.slot_name = s.slot_name";
    /* The file of the log names the timeline; a standby cannot be asked for it. */
    static const char server[] =
        "SELECT system_identifier, pg_is_in_recovery(),"
        " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
        "  ELSE pg_current_wal_insert_lsn() END,"
        " CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())"
        "  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END"
        " FROM pg_control_system()";
    auk_pg_result *r;
    *out = (auk_slot_state){.safe_wal_bytes = -1};
    auk_code code = ask(pg, sql, &slot, 1, &r, err);
    if (code != AUK_OK || !r)
        return code;
    out->exists = !auk_pg_is_null(r, 0, 10);
    out->is_ours = is_true(r, 0);
    out->active = is_true(r, 1);
    out->active_pid = (uint32_t)number_of(r, 2);
    out->holder = auk_arena_copy(arena, auk_pg_cell(r, 0, 3));
    out->wal_status = auk_arena_copy(arena, auk_pg_cell(r, 0, 4));
    out->is_lost = auk_span_is(out->wal_status, "lost");
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 5), &out->restart);
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 6), &out->confirmed);
    (void)auk_number_parse_int64(auk_pg_cell(r, 0, 7), &out->safe_wal_bytes);
    out->spill_bytes = number_of(r, 8);
    out->stream_bytes = number_of(r, 9);
    auk_pg_clear(r);
    code = ask(pg, server, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    out->system_id = number_of(r, 0);
    out->in_recovery = is_true(r, 1);
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 2), &out->current);
    out->timeline = (uint32_t)number_of(r, 3);
    auk_pg_clear(r);
    return AUK_OK;
}

static auk_code check_slot(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    auk_slot_state slot;
    auk_code code = auk_slot_read(o->pg, o->config->slot, p->arena, &slot, err);
    if (code != AUK_OK || !slot.exists || !o->is_new)
        return code;
    find(p, AUK_PREFLIGHT_ERROR, "slot",
         auk_arena_printf(p->arena, "SELECT pg_drop_replication_slot(%.*s);",
                          AUK_SPAN_ARG(auk_pg_literal(o->config->slot, p->arena))),
         "slot [%.*s] is there already; if nobody needs it, drop it, else name another one in "
         "[slot]",
         AUK_SPAN_ARG(o->config->slot));
    return AUK_OK;
}

auk_code auk_preflight_run(const auk_preflight_options *options, auk_arena *arena,
                           auk_preflight *out, auk_error *err)
{
    *out = (auk_preflight){.arena = arena};
    auk_code code = check_server(options, out, err);
    if (code == AUK_OK)
        code = check_role(options, out, err);
    if (code == AUK_OK)
        code = check_tables(options, out, err);
    if (code == AUK_OK)
        code = auk_preflight_check_columns(options->config, options->tables, out, err);
    if (code == AUK_OK)
        code = check_publication(options, out, err);
    if (code == AUK_OK)
        code = check_slot(options, out, err);
    if (code == AUK_OK)
        check_sender(options, out);
    return code;
}

auk_code auk_publication_ensure(auk_pg *pg, const auk_sync_config *config,
                                const auk_source_tables *tables, auk_arena *arena, auk_error *err)
{
    auk_pg_result *r;
    auk_span missing;
    auk_code code = ask(pg, publication_sql, &config->publication, 1, &r, err);
    if (code != AUK_OK)
        return code;
    if (!r)
        return auk_pg_run(pg, create_publication(config, tables, arena).data, err);
    auk_pg_clear(r);
    code = find_unpublished(pg, config, tables, arena, &missing, err);
    if (code != AUK_OK || missing.size == 0)
        return code;
    return auk_pg_run(pg,
                      auk_arena_printf(arena, "ALTER PUBLICATION %.*s ADD TABLE %.*s",
                                       AUK_SPAN_ARG(auk_pg_identifier(config->publication, arena)),
                                       AUK_SPAN_ARG(missing))
                          .data,
                      err);
}

auk_code auk_slot_ensure(auk_pg *pg, auk_span slot, auk_lsn *from, auk_error *err)
{
    auk_pg_result *r;
    auk_arena *arena = auk_arena_create(1024);
    auk_slot_state state;
    auk_code code = auk_slot_read(pg, slot, arena, &state, err);
    if (code == AUK_OK && !state.exists) {
        bool failover = auk_pg_version(pg) >= 170000 && !state.in_recovery;
        code = ask(pg,
                   failover ? "SELECT pg_create_logical_replication_slot($1, 'pgoutput', false,"
                              " false, true)"
                            : "SELECT pg_create_logical_replication_slot($1, 'pgoutput')",
                   &slot, 1, &r, err);
        if (code == AUK_OK)
            auk_pg_clear(r);
        if (code == AUK_OK)
            code = auk_slot_read(pg, slot, arena, &state, err);
    }
    if (code == AUK_OK && !state.is_ours)
        code = auk_fail(err, AUK_CONFLICT, "slot [%.*s] belongs to another plugin or database",
                        AUK_SPAN_ARG(slot));
    if (code == AUK_OK)
        *from = state.confirmed;
    auk_arena_destroy(arena);
    return code;
}

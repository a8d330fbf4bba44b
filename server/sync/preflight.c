#include <stdarg.h>
#include <stdio.h>

#include "preflight_private.h"
#include "publication.h"
#include "slot.h"

#define VERSION_LEAST   140000
#define VERSION_STANDBY 160000
#define WORDS_MOST      4096

/* ---- findings ---- */

void auk_preflight_add(auk_preflight *p, auk_preflight_weight weight, const char *check,
                       auk_span sql, const char *format, ...)
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
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "version", (auk_span){0},
                          "the server is version %d, 14 is needed", version / 10000);
    auk_code code = auk_pg_ask(o->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    if (!auk_span_is(auk_pg_cell(r, 0, 0), "logical"))
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "wal_level",
                          AUK_SPAN(
                              "ALTER SYSTEM SET wal_level = 'logical'; -- and restart the server"),
                          "wal_level is [%.*s], [logical] is needed",
                          AUK_SPAN_ARG(auk_pg_cell(r, 0, 0)));
    if (auk_pg_is_true(r, 0, 1) && version < VERSION_STANDBY)
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "standby", (auk_span){0},
                          "the server is a standby, which can be followed from version 16 on");
    if (auk_pg_number(r, 0, 3) >= auk_pg_number(r, 0, 2) && o->is_new)
        auk_preflight_add(
            p, AUK_PREFLIGHT_ERROR, "max_replication_slots",
            auk_arena_printf(p->arena,
                             "ALTER SYSTEM SET max_replication_slots = %llu; -- and restart",
                             (unsigned long long)auk_pg_number(r, 0, 2) + 4),
            "all %llu replication slots are taken", (unsigned long long)auk_pg_number(r, 0, 2));
    if (auk_pg_number(r, 0, 5) >= auk_pg_number(r, 0, 4) && o->is_new)
        auk_preflight_add(
            p, AUK_PREFLIGHT_ERROR, "max_wal_senders",
            auk_arena_printf(p->arena, "ALTER SYSTEM SET max_wal_senders = %llu; -- and restart",
                             (unsigned long long)auk_pg_number(r, 0, 4) + 4),
            "all %llu senders are taken", (unsigned long long)auk_pg_number(r, 0, 4));
    if (auk_span_is(auk_pg_cell(r, 0, 6), "-1"))
        auk_preflight_add(
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
    auk_code code = auk_pg_ask(o->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    auk_span user = auk_pg_identifier(auk_pg_cell(r, 0, 0), p->arena);
    if (!auk_pg_is_true(r, 0, 1))
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "replication",
                          auk_arena_printf(p->arena, "ALTER ROLE %.*s REPLICATION;",
                                           AUK_SPAN_ARG(user)),
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
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, pooler ? "pooler" : "connection", (auk_span){0},
                          pooler
                              ? "a pooler is in between, name the server itself in [connection]: %s"
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
    auk_code code = auk_pg_ask(o->pg, sql, &oid, 1, &r, err);
    if (code != AUK_OK || !r)
        return code;
    auk_span user = auk_pg_identifier(auk_pg_cell(r, 0, 2), p->arena);
    if (!auk_pg_is_true(r, 0, 0))
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "privilege",
                          auk_arena_printf(p->arena, "GRANT USAGE ON SCHEMA %.*s TO %.*s;",
                                           AUK_SPAN_ARG(
                                               auk_pg_identifier(auk_pg_cell(r, 0, 3), p->arena)),
                                           AUK_SPAN_ARG(user)),
                          "role %.*s may not use the schema of %.*s", AUK_SPAN_ARG(user),
                          AUK_SPAN_ARG(name));
    if (!auk_pg_is_true(r, 0, 1))
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "privilege",
                          auk_arena_printf(p->arena, "GRANT SELECT ON %.*s TO %.*s;",
                                           AUK_SPAN_ARG(name), AUK_SPAN_ARG(user)),
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
        auk_preflight_add(
            p, AUK_PREFLIGHT_ERROR, "key",
            auk_arena_printf(p->arena, "ALTER TABLE %.*s ADD PRIMARY KEY (...);",
                             AUK_SPAN_ARG(name)),
            "table %.*s has no primary key, so its rows cannot be told apart (for a table that "
            "is only appended to: \"keyless\": \"insert_only\")",
            AUK_SPAN_ARG(name));
    if (table->identity == 'n')
        auk_preflight_add(
            p, AUK_PREFLIGHT_ERROR, "replica_identity",
            auk_arena_printf(p->arena, "ALTER TABLE %.*s REPLICA IDENTITY DEFAULT;",
                             AUK_SPAN_ARG(name)),
            "table %.*s has REPLICA IDENTITY NOTHING: the server would refuse its updates",
            AUK_SPAN_ARG(name));
    if (table->identity == 'f' && table->table.key_count > 0)
        auk_preflight_add(
            p, AUK_PREFLIGHT_ADVICE, "replica_identity",
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

/* ---- publication and slot ---- */

static auk_code check_members(const auk_preflight_options *o, auk_preflight *p, bool may_alter,
                              auk_error *err)
{
    auk_span missing;
    auk_span name = auk_pg_identifier(o->config->publication, p->arena);
    auk_code code =
        auk_publication_list_missing(o->pg, o->config, o->tables, p->arena, &missing, err);
    if (code != AUK_OK || missing.size == 0)
        return code;
    bool owns = false;
    code = auk_publication_may_create(o->pg, o->tables, p->arena, &owns, err);
    if (code == AUK_OK && !(may_alter && owns))
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "publication",
                          auk_publication_sql_add(o->config, missing, p->arena),
                          "publication %.*s lacks %.*s", AUK_SPAN_ARG(name), AUK_SPAN_ARG(missing));
    return code;
}

static auk_code check_creatable(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    bool may = false;
    auk_code code = auk_publication_may_create(o->pg, o->tables, p->arena, &may, err);
    if (code == AUK_OK && !may)
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "publication",
                          auk_publication_sql_create(o->config, o->tables, p->arena),
                          "publication %.*s is missing, and making it needs the owner of the "
                          "tables",
                          AUK_SPAN_ARG(auk_pg_identifier(o->config->publication, p->arena)));
    return code;
}

static auk_code check_publication(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    auk_publication_state state;
    auk_span name = auk_pg_identifier(o->config->publication, p->arena);
    auk_code code = auk_publication_read(o->pg, o->config->publication, &state, err);
    if (code != AUK_OK)
        return code;
    if (!state.exists)
        return check_creatable(o, p, err);
    bool partitioned = false;
    for (uint32_t i = 0; i < o->tables->count; i++)
        partitioned |= o->tables->items[i].kind == 'p';
    if (!state.is_whole)
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "publication",
                          auk_publication_sql_whole(o->config, p->arena),
                          "publication %.*s leaves out some kinds of changes", AUK_SPAN_ARG(name));
    if (partitioned && !state.via_root)
        auk_preflight_add(p, AUK_PREFLIGHT_ERROR, "publication",
                          auk_publication_sql_via_root(o->config, p->arena),
                          "publication %.*s publishes partitions under their own names",
                          AUK_SPAN_ARG(name));
    return check_members(o, p, state.may_alter, err);
}

static auk_code check_slot(const auk_preflight_options *o, auk_preflight *p, auk_error *err)
{
    auk_slot_state slot;
    auk_code code = auk_slot_read(o->pg, o->config->slot, p->arena, &slot, err);
    if (code != AUK_OK || !slot.exists || !o->is_new)
        return code;
    auk_preflight_add(
        p, AUK_PREFLIGHT_ERROR, "slot",
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

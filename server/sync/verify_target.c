/* A table, as the server is asked for it. */
#include "pg_hash.h"
#include "verify_private.h"

#define VERSION_PROVIDERS 150000

/* ---- what the server can do ---- */

/* Keys in our order: integers by number, others by the bytes of their texts. */
#define SQL_ORDER                                                                                  \
    "SELECT format_type(a.atttypid, a.atttypmod), a.atttypid IN (20, 21, 23, 26, 2950) OR"         \
    " (a.atttypid IN (25, 1043) AND EXISTS (SELECT 1 FROM pg_collation c WHERE"                    \
    "   c.oid = a.attcollation AND (c.collname IN ('C', 'POSIX') OR c.collname = 'default'"        \
    "    AND EXISTS (SELECT 1 FROM pg_database d WHERE d.datname = current_database()"             \
    "     AND d.datcollate IN ('C', 'POSIX')"
#define SQL_PROVIDER " AND d.datlocprovider = 'c'"
#define SQL_COLUMN   ")))) FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum = $2::smallint"

static auk_code read_keys(auk_verify_target *t, auk_arena *arena, auk_error *err)
{
    bool has_providers = auk_pg_version(t->pg) >= VERSION_PROVIDERS;
    auk_span *types = AUK_ARENA_ARRAY(arena, auk_span, t->table->key_count + 1);
    auk_code code = AUK_OK;
    t->is_ordered = true;
    t->key_types = types;
    for (uint32_t i = 0; i < t->table->key_count && code == AUK_OK; i++) {
        const auk_span parameters[] = {
            auk_arena_printf(arena, "%u", t->table->id),
            auk_arena_printf(arena, "%d", t->table->columns[t->table->key[i]].number)};
        auk_pg_result *r;
        code =
            auk_pg_query(t->pg,
                         has_providers ? SQL_ORDER SQL_PROVIDER SQL_COLUMN : SQL_ORDER SQL_COLUMN,
                         parameters, 2, &r, err);
        if (code != AUK_OK)
            break;
        t->is_ordered &= auk_pg_rows(r) > 0 && auk_pg_is_true(r, 0, 1);
        if (auk_pg_rows(r) > 0)
            types[i] = auk_arena_copy(arena, auk_pg_cell(r, 0, 0));
        auk_pg_clear(r);
    }
    return code;
}

static auk_code try_hash(auk_pg *pg, bool *same, auk_error *err)
{
    static const auk_span probe = {"(1,\"a probe of some length\",,x)", 31};
    auk_pg_result *r;
    auk_code code = auk_pg_query(
        pg,
        "SELECT hashtextextended($1 COLLATE \"C\", 0), current_setting('server_encoding') = 'UTF8'",
        &probe, 1, &r, err);
    if (code != AUK_OK)
        return code;
    *same = (uint64_t)auk_pg_integer(r, 0, 0) == auk_pg_hash(probe) && auk_pg_is_true(r, 0, 1);
    auk_pg_clear(r);
    return AUK_OK;
}

auk_code auk_verify_target_read(auk_verify *verify, auk_pg *pg, const auk_source_table *known,
                                auk_arena *arena, auk_verify_target *out, auk_error *err)
{
    auk_applier *applier;
    bool stores_all = false;
    *out = (auk_verify_target){.verify = verify, .pg = pg, .known = known, .table = &known->table};
    auk_code code = auk_verify_enter(verify, &applier, err);
    if (code != AUK_OK)
        return code;
    code = auk_applier_read_needed(applier, out->table, arena, &out->needed, &stores_all, err);
    auk_source_leave(verify->source);
    if (code == AUK_OK)
        code = read_keys(out, arena, err);
    if (code == AUK_OK)
        code = try_hash(pg, &out->has_sums, err);
    out->has_sums &= stores_all;
    return code;
}

/* ---- SQL ---- */

auk_span auk_verify_table_sql(const auk_verify_target *target, auk_arena *arena)
{
    return auk_table_sql(target->known->now.schema, target->known->now.name, arena);
}

void auk_verify_append_key(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena)
{
    const auk_table *table = target->table;
    for (uint32_t i = 0; i < table->key_count; i++) {
        auk_buffer_append_text(sql, i ? ", " : "");
        auk_buffer_append(sql, auk_pg_identifier(table->columns[table->key[i]].name, arena));
    }
}

void auk_verify_append_columns(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena)
{
    for (uint32_t i = 0; i < target->table->column_count; i++) {
        auk_buffer_append_text(sql, i ? ", " : "");
        auk_buffer_append(sql, auk_pg_identifier(target->table->columns[i].name, arena));
    }
}

void auk_verify_append_hash(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena)
{
    bool is_first = true;
    auk_buffer_append_text(sql, "hashtextextended(ROW(");
    for (uint32_t i = 0; i < target->table->column_count; i++) {
        if (!target->needed[i])
            continue;
        auk_buffer_append_text(sql, is_first ? "" : ", ");
        auk_buffer_append(sql, auk_pg_identifier(target->table->columns[i].name, arena));
        is_first = false;
    }
    auk_buffer_append_text(sql, ")::text COLLATE \"C\", 0)");
}

auk_key_range auk_verify_range(const auk_verify_target *target, const auk_span *from,
                               const auk_span *to)
{
    uint32_t count = target->table->key_count;
    return (auk_key_range){from, to, from ? count : 0, to ? count : 0};
}

static void append_bound(const auk_verify_target *target, const char *how, uint32_t first,
                         auk_buffer *sql, auk_arena *arena)
{
    auk_buffer_append_byte(sql, '(');
    auk_verify_append_key(target, sql, arena);
    auk_buffer_printf(sql, ") %s (", how);
    for (uint32_t i = 0; i < target->table->key_count; i++)
        auk_buffer_printf(sql, "%s$%u::%.*s", i ? ", " : "", first + i + 1,
                          AUK_SPAN_ARG(target->key_types[i]));
    auk_buffer_append_byte(sql, ')');
}

uint32_t auk_verify_append_range(const auk_verify_target *target, const auk_key_range *range,
                                 auk_buffer *sql, const auk_span **parameters, auk_arena *arena)
{
    uint32_t count = 0;
    auk_span *values = AUK_ARENA_ARRAY(arena, auk_span, range->from_count + range->to_count + 1);
    if (range->from_count) {
        auk_buffer_append_text(sql, " WHERE ");
        append_bound(target, ">=", 0, sql, arena);
    }
    if (range->to_count) {
        auk_buffer_append_text(sql, range->from_count ? " AND " : " WHERE ");
        append_bound(target, "<", range->from_count, sql, arena);
    }
    for (uint32_t i = 0; i < range->from_count; i++)
        values[count++] = range->from[i];
    for (uint32_t i = 0; i < range->to_count; i++)
        values[count++] = range->to[i];
    *parameters = values;
    return count;
}

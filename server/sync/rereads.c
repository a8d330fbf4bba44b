/*
 * Rows whose values the stream did not send (TOAST) and nobody here knows are read again, one by
 * one. A transaction is delivered before it is visible to others, by milliseconds or, with a
 * synchronous standby away, for long: so a read counts only when its snapshot sees the transaction.
 */
#include "source.h"

#define ROUND 64

static auk_span select_row(const auk_source_table *known, auk_arena *arena)
{
    const auk_table *table = &known->table;
    auk_buffer sql;
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "SELECT ");
    for (uint32_t i = 0; i < table->column_count; i++) {
        auk_buffer_append_text(&sql, i ? ", " : "");
        auk_buffer_append(&sql, auk_pg_identifier(table->columns[i].name, arena));
    }
    auk_buffer_printf(&sql, " FROM %.*s WHERE ",
                      AUK_SPAN_ARG(auk_table_sql(known->now.schema, known->now.name, arena)));
    for (uint32_t i = 0; i < table->key_count; i++)
        auk_buffer_printf(&sql, "%s%.*s = $%u", i ? " AND " : "",
                          AUK_SPAN_ARG(
                              auk_pg_identifier(table->columns[table->key[i]].name, arena)),
                          i + 1);
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    return text;
}

static auk_code take_snapshot(auk_source *source, auk_arena *arena, auk_pg_snapshot *snapshot,
                              auk_lsn *high, auk_error *err)
{
    static const char sql[] = "SELECT pg_current_snapshot(), CASE WHEN pg_is_in_recovery() THEN"
                              " pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END";
    auk_pg_result *result;
    auk_code code = auk_pg_run(source->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (code == AUK_OK)
        code = auk_pg_query(source->pg, sql, NULL, 0, &result, err);
    if (code != AUK_OK)
        return code;
    code = auk_pg_snapshot_parse(auk_pg_cell(result, 0, 0), arena, snapshot, err);
    if (!auk_lsn_parse(auk_pg_cell(result, 0, 1), high))
        *high = 0;
    auk_pg_clear(result);
    return code;
}

static auk_code read_one(auk_source *source, const auk_reread *what,
                         const auk_pg_snapshot *snapshot, auk_lsn high, auk_arena *arena,
                         auk_error *err)
{
    const auk_source_table *known = auk_tables_find(&source->tables, what->table);
    auk_pg_result *result;
    if (!known)
        return AUK_OK;
    const auk_table *table = &known->table;
    auk_code code = auk_pg_query(source->pg, select_row(known, arena).data, what->key,
                                 what->key_count, &result, err);
    if (code != AUK_OK)
        return code;
    auk_datum *columns = AUK_ARENA_ARRAY(arena, auk_datum, table->column_count + 1);
    for (uint32_t i = 0; auk_pg_rows(result) > 0 && i < table->column_count; i++)
        if (!auk_pg_is_null(result, 0, i))
            columns[i] = (auk_datum){AUK_DATUM_TEXT, auk_pg_cell(result, 0, i)};
    const auk_tuple row = {columns, table->column_count};
    pthread_mutex_lock(&source->applying);
    code = auk_applier_put_reread(source->applier, what, auk_pg_rows(result) ? &row : NULL,
                                  snapshot, high, err);
    pthread_mutex_unlock(&source->applying);
    auk_pg_clear(result);
    atomic_fetch_add(&source->counts.rereads, 1);
    return code;
}

static void note_wait(auk_source *source, bool waits)
{
    uint64_t now_us = auk_clock_monotonic_us();
    if (source->unseen_us)
        atomic_fetch_add(&source->counts.visibility_us, now_us - source->unseen_us);
    source->unseen_us = waits ? now_us : 0;
}

/* Of those that wait, the ones whose transactions are visible by now. */
auk_code auk_source_reread(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_reread *list;
    auk_pg_snapshot snapshot;
    auk_lsn high;
    pthread_mutex_lock(&source->applying);
    uint32_t count = auk_applier_list_rereads(source->applier, ROUND, arena, &list);
    pthread_mutex_unlock(&source->applying);
    auk_code code = count ? take_snapshot(source, arena, &snapshot, &high, err) : AUK_OK;
    /* a later change of the row, applied already, must be in it as well */
    bool is_new = count && code == AUK_OK && auk_xid_window_is_seen(source->xids, &snapshot);
    bool waits = count && code == AUK_OK && !is_new;
    for (uint32_t i = 0; i < count && is_new && code == AUK_OK; i++)
        if (auk_pg_snapshot_sees(&snapshot, list[i].xid))
            code = read_one(source, &list[i], &snapshot, high, arena, err);
        else
            waits = true;
    note_wait(source, waits);
    if (count && code == AUK_OK)
        code = auk_pg_run(source->pg, "COMMIT", err);
    auk_arena_destroy(arena);
    return code;
}

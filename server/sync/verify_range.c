/*
 * Ranges of keys by count and hash. A range that differs is halved until it is small; then it is
 * read row by row. Only the rows that differ, and some beside them, travel.
 */
#include "verify_private.h"

#define RANGE_ROWS 16384u
#define SMALL_ROWS 512u

/* In one statement, whose snapshot it says; the position is asked for behind it. */
static auk_code sum_source(const auk_verify_target *t, const auk_key_range *range, auk_arena *arena,
                           auk_range_sum *out, auk_lsn *high, auk_error *err)
{
    auk_buffer sql;
    const auk_span *parameters;
    auk_pg_result *r;
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "SELECT count(*), coalesce(bit_xor(");
    auk_verify_append_hash(t, &sql, arena);
    auk_buffer_printf(&sql, "), 0) FROM %.*s", AUK_SPAN_ARG(auk_verify_table_sql(t, arena)));
    uint32_t count = auk_verify_append_range(t, range, &sql, &parameters, arena);
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    auk_code code = auk_pg_query(t->pg, text.data, parameters, count, &r, err);
    if (code != AUK_OK)
        return code;
    out->rows = auk_pg_number(r, 0, 0);
    out->hash = (uint64_t)auk_pg_integer(r, 0, 1);
    auk_pg_clear(r);
    code = auk_pg_query(t->pg,
                        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                        " ELSE pg_current_wal_insert_lsn() END",
                        NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    if (!auk_lsn_parse(auk_pg_cell(r, 0, 0), high))
        *high = 0;
    auk_pg_clear(r);
    return AUK_OK;
}

/* *middle: a key of ours that parts the range; NULL: it is small, or there is none. */
static auk_code sum_ours(const auk_verify_target *t, const auk_key_range *range, auk_arena *arena,
                         const auk_range_sum *theirs, bool *same, const auk_span **middle,
                         auk_error *err)
{
    auk_applier *applier;
    auk_range_sum ours;
    uint32_t table = t->table->id;
    *middle = NULL;
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    code = auk_applier_sum(applier, table, range, &ours, err);
    *same = code == AUK_OK && ours.rows == theirs->rows && ours.hash == theirs->hash;
    bool is_large = ours.rows > SMALL_ROWS || theirs->rows > SMALL_ROWS;
    if (code == AUK_OK && !*same && is_large && ours.rows > 1)
        code = auk_applier_seek(applier, table, range, ours.rows / 2, arena, middle, err);
    auk_source_leave(t->verify->source);
    return code;
}

static auk_code read_rows(const auk_verify_target *t, const auk_span *from, const auk_span *to,
                          auk_error *err)
{
    auk_arena *kept = auk_arena_create(1024);
    auk_code code = AUK_OK;
    do {
        const auk_verify_page page = {.target = t, .from = from, .to = to, .wants_values = true};
        code = auk_verify_run_page(&page, &from, kept, err);
        if (code == AUK_OK)
            code = auk_verify_pause(t->verify, err);
    } while (from && code == AUK_OK);
    auk_arena_destroy(kept);
    return code;
}

static auk_code compare(const auk_verify_target *t, const auk_span *from, const auk_span *to,
                        auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_key_range range = auk_verify_range(t, from, to);
    const auk_span *middle = NULL;
    auk_range_sum theirs;
    auk_lsn high;
    bool same = false;
    auk_code code = sum_source(t, &range, arena, &theirs, &high, err);
    if (code == AUK_OK)
        code = auk_verify_wait(t->verify, high, err);
    if (code == AUK_OK)
        code = sum_ours(t, &range, arena, &theirs, &same, &middle, err);
    if (code == AUK_OK && same) {
        t->verify->rows += theirs.rows;
        t->verify->lsn = high;
    } else if (code == AUK_OK && middle) {
        code = compare(t, from, middle, err);
        if (code == AUK_OK)
            code = compare(t, middle, to, err);
    } else if (code == AUK_OK) {
        code = read_rows(t, from, to, err);
    }
    auk_arena_destroy(arena);
    return code;
}

static uint64_t range_rows(const auk_verify *verify)
{
    double rows = verify->rows_per_second;
    return rows <= 0 || rows >= RANGE_ROWS ? RANGE_ROWS : rows < 100 ? 100 : (uint64_t)rows;
}

static auk_code find_end(const auk_verify_target *t, const auk_span *from, auk_arena *arena,
                         const auk_span **to, auk_error *err)
{
    auk_applier *applier;
    const auk_key_range rest = auk_verify_range(t, from, NULL);
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    code = auk_applier_seek(applier, t->table->id, &rest, range_rows(t->verify), arena, to, err);
    auk_source_leave(t->verify->source);
    return code;
}

auk_code auk_verify_ranges(const auk_verify_target *target, auk_error *err)
{
    const auk_span *from = NULL, *to = NULL;
    if (!target->has_sums)
        return read_rows(target, NULL, NULL, err);
    auk_arena *before = auk_arena_create(1024), *now = auk_arena_create(1024);
    auk_code code = AUK_OK;
    do {
        auk_arena *other = before;
        before = now;
        now = other;
        auk_arena_reset(now);
        code = find_end(target, from, now, &to, err);
        if (code == AUK_OK)
            code = compare(target, from, to, err);
        if (code == AUK_OK)
            code = auk_verify_pause(target->verify, err);
        from = to;
    } while (from && code == AUK_OK);
    auk_arena_destroy(before);
    auk_arena_destroy(now);
    return code;
}

#include "verify.h"

#include <time.h>

#include "auk/hash.h"

#define PAGE_ROWS    5000u
#define WAIT_US      30000000u
#define LOOK_NS      5000000
#define TRIES        5
#define STORED_MOST  200000u
#define LATE_TRIES   20
#define CLOSELY_MOST 64u /* suspects of a page that are looked at one by one */

/* ---- a page of the source ---- */

typedef struct source_row {
    auk_span *key;
    uint64_t hash;
    bool counts, met;
    auk_tuple tuple; /* when it may be mended from the page */
} source_row;

typedef struct page {
    auk_arena *arena;
    const auk_table *table;
    const auk_sync_table_name *name; /* on the server */
    source_row *rows;
    uint32_t count;
    const auk_span *from, *to; /* NULL: open */
    auk_pg_snapshot snapshot;
    auk_lsn high;
} page;

static bool is_integer(uint32_t type)
{
    return type == 20 || type == 21 || type == 23 || type == 26;
}

static void append_key(auk_buffer *sql, const auk_table *table, auk_arena *arena)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        const auk_table_column *column = &table->columns[table->key[i]];
        auk_span name = auk_pg_identifier(column->name, arena);
        auk_buffer_printf(sql, "%s%.*s%s", i ? ", " : "", AUK_SPAN_ARG(name),
                          is_integer(column->type) ? "" : "::text COLLATE \"C\"");
    }
}

static void append_parameters(auk_buffer *sql, const auk_table *table)
{
    for (uint32_t i = 0; i < table->key_count; i++)
        auk_buffer_printf(sql, "%s$%u::%s", i ? ", " : "", i + 1,
                          is_integer(table->columns[table->key[i]].type) ? "bigint" : "text");
}

static void append_columns(auk_buffer *sql, const auk_table *table, auk_arena *arena)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        auk_buffer_append_text(sql, i ? ", " : "");
        auk_buffer_append(sql, auk_pg_identifier(table->columns[i].name, arena));
    }
}

/* One row more than a page: its key is where the next one begins. */
static auk_span page_sql(const page *p, bool single)
{
    auk_buffer sql;
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "SELECT ");
    append_columns(&sql, p->table, p->arena);
    auk_buffer_printf(&sql, " FROM %.*s",
                      AUK_SPAN_ARG(auk_table_sql(p->name->schema, p->name->name, p->arena)));
    if (p->from) {
        auk_buffer_append_text(&sql, " WHERE (");
        append_key(&sql, p->table, p->arena);
        auk_buffer_append_text(&sql, single ? ") = (" : ") >= (");
        append_parameters(&sql, p->table);
        auk_buffer_append_text(&sql, ")");
    }
    auk_buffer_append_text(&sql, " ORDER BY ");
    append_key(&sql, p->table, p->arena);
    auk_buffer_printf(&sql, " LIMIT %u", single ? 1 : PAGE_ROWS + 1);
    auk_span text = auk_arena_copy(p->arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    return text;
}

static auk_span *key_of(const page *p, const auk_pg_result *result, uint32_t row)
{
    auk_span *key = AUK_ARENA_ARRAY(p->arena, auk_span, p->table->key_count);
    for (uint32_t i = 0; i < p->table->key_count; i++)
        key[i] = auk_arena_copy(p->arena, auk_pg_cell(result, row, p->table->key[i]));
    return key;
}

static void fill_tuple(const page *p, const auk_pg_result *result, uint32_t row, auk_datum *columns)
{
    for (uint32_t i = 0; i < p->table->column_count; i++)
        columns[i] = auk_pg_is_null(result, row, i)
                         ? (auk_datum){.state = AUK_DATUM_NULL}
                         : (auk_datum){AUK_DATUM_TEXT, auk_pg_cell(result, row, i)};
}

/* The applier, once there is one; NULL: stopped. */
static auk_applier *enter(const auk_verify *v)
{
    for (;;) {
        auk_applier *applier = auk_source_enter(v->source);
        if (applier)
            return applier;
        auk_source_leave(v->source);
        if (v->stopped(v->context))
            return NULL;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS * 10}, NULL);
    }
}

static auk_code stopped(auk_error *err)
{
    return auk_fail(err, AUK_CANCELLED, "verification was stopped");
}

static auk_tuple keep_tuple(const page *p, const auk_datum *columns)
{
    auk_datum *copy = AUK_ARENA_ARRAY(p->arena, auk_datum, p->table->column_count + 1);
    for (uint32_t i = 0; i < p->table->column_count; i++)
        copy[i] = (auk_datum){columns[i].state, auk_arena_copy(p->arena, columns[i].bytes)};
    return (auk_tuple){copy, p->table->column_count};
}

static auk_code hash_rows(const auk_verify *v, page *p, const auk_pg_result *result, uint32_t count,
                          auk_error *err)
{
    auk_datum *columns = AUK_ARENA_ARRAY(p->arena, auk_datum, p->table->column_count + 1);
    auk_applier *applier = enter(v);
    auk_code code = applier ? AUK_OK : stopped(err);
    p->rows = AUK_ARENA_ARRAY(p->arena, source_row, count + 1);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        source_row *row = &p->rows[p->count++];
        const auk_tuple tuple = {columns, p->table->column_count};
        fill_tuple(p, result, i, columns);
        row->key = key_of(p, result, i);
        code = auk_applier_hash_row(applier, p->table->id, &tuple, &row->hash, &row->counts, err);
        if (v->repair)
            row->tuple = keep_tuple(p, columns);
    }
    if (applier)
        auk_source_leave(v->source);
    return code;
}

static auk_code take_snapshot(auk_pg *pg, page *p, auk_error *err)
{
    static const char sql[] = "SELECT pg_current_snapshot(), CASE WHEN pg_is_in_recovery() THEN"
                              " pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END";
    auk_pg_result *result;
    auk_code code = auk_pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (code == AUK_OK)
        code = auk_pg_query(pg, sql, NULL, 0, &result, err);
    if (code != AUK_OK)
        return code;
    code = auk_pg_snapshot_parse(auk_pg_cell(result, 0, 0), p->arena, &p->snapshot, err);
    if (!auk_lsn_parse(auk_pg_cell(result, 0, 1), &p->high))
        p->high = 0;
    auk_pg_clear(result);
    return code;
}

static auk_code read_page(const auk_verify *v, auk_pg *pg, page *p, auk_error *err)
{
    auk_pg_result *result;
    auk_code code = take_snapshot(pg, p, err);
    if (code == AUK_OK)
        code = auk_pg_query(pg, page_sql(p, false).data, p->from, p->from ? p->table->key_count : 0,
                            &result, err);
    if (code != AUK_OK)
        return code;
    uint32_t found = auk_pg_rows(result);
    code = hash_rows(v, p, result, found > PAGE_ROWS ? PAGE_ROWS : found, err);
    if (found > PAGE_ROWS)
        p->to = key_of(p, result, PAGE_ROWS);
    auk_pg_clear(result);
    return code == AUK_OK ? auk_pg_run(pg, "COMMIT", err) : code;
}

/* ---- against what is stored ---- */

static auk_code wait_for(const auk_verify *v, auk_lsn lsn, auk_error *err)
{
    uint64_t until_us = auk_clock_monotonic_us() + WAIT_US;
    auk_source *source = v->source;
    for (;;) {
        pthread_mutex_lock(&source->lock);
        bool there = source->position.applied >= lsn;
        if (!there)
            source->now_wanted++; /* makes the server tell where it stands */
        pthread_mutex_unlock(&source->lock);
        if (there)
            return AUK_OK;
        if (v->stopped(v->context))
            return stopped(err);
        if (auk_clock_monotonic_us() > until_us)
            return auk_fail(err, AUK_BUSY, "the source does not catch up, verify it when it does");
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
}

static auk_key_range range_of(const page *p)
{
    return (auk_key_range){p->from, p->to, p->from ? p->table->key_count : 0,
                           p->to ? p->table->key_count : 0};
}

static uint64_t hash_key(const page *p, const auk_span *key)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < p->table->key_count; i++)
        hash = auk_hash(key[i], hash + 1);
    return hash;
}

static bool same_key(const page *p, const auk_span *a, const auk_span *b)
{
    for (uint32_t i = 0; i < p->table->key_count; i++)
        if (!auk_span_equal(a[i], b[i]))
            return false;
    return true;
}

typedef struct suspects {
    const auk_span **keys;
    uint32_t count;
} suspects;

/* Rows by key: numbers + 1, a power of two, at most half full. */
static uint32_t *make_table(const page *p, uint32_t *mask)
{
    uint32_t size = 16;
    while (size < p->count * 2)
        size *= 2;
    uint32_t *slots = AUK_ARENA_ARRAY(p->arena, uint32_t, size);
    *mask = size - 1;
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t at = (uint32_t)hash_key(p, p->rows[i].key) & *mask;
        while (slots[at])
            at = (at + 1) & *mask;
        slots[at] = i + 1;
    }
    return slots;
}

static source_row *find_row(const page *p, const uint32_t *slots, uint32_t mask,
                            const auk_span *key)
{
    uint32_t at = (uint32_t)hash_key(p, key) & mask;
    for (; slots[at]; at = (at + 1) & mask)
        if (same_key(p, p->rows[slots[at] - 1].key, key))
            return &p->rows[slots[at] - 1];
    return NULL;
}

static void find_suspects(const page *p, const auk_row_sum *stored, uint32_t count, suspects *out)
{
    uint32_t mask;
    uint32_t *slots = make_table(p, &mask);
    out->keys = AUK_ARENA_ARRAY(p->arena, const auk_span *, (size_t)p->count + count + 1);
    for (uint32_t i = 0; i < count; i++) {
        source_row *row = find_row(p, slots, mask, stored[i].key);
        if (row)
            row->met = true;
        if (!row || !row->counts || row->hash != stored[i].hash)
            out->keys[out->count++] = stored[i].key;
    }
    for (uint32_t i = 0; i < p->count; i++)
        if (!p->rows[i].met && p->rows[i].counts)
            out->keys[out->count++] = p->rows[i].key;
}

static auk_code compare(const auk_verify *v, page *p, suspects *out, auk_error *err)
{
    const auk_key_range range = range_of(p);
    auk_range_sum ours, theirs = {0};
    auk_row_sum *stored;
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->count; i++)
        if (p->rows[i].counts) {
            theirs.rows++;
            theirs.hash += p->rows[i].hash;
        }
    auk_applier *applier = enter(v);
    if (!applier)
        return stopped(err);
    auk_code code = auk_applier_sum(applier, p->table->id, &range, &ours, err);
    bool same = code == AUK_OK && ours.rows == theirs.rows && ours.hash == theirs.hash;
    if (code == AUK_OK && !same)
        code = auk_applier_list_hashes(applier, p->table->id, &range, STORED_MOST, p->arena,
                                       &stored, &count, err);
    auk_source_leave(v->source);
    if (code == AUK_OK && !same)
        find_suspects(p, stored, count, out);
    return code;
}

/* ---- one row ---- */

typedef struct row_state {
    bool in_source, stored;
    uint64_t source_hash, stored_hash;
} row_state;

/* The stored hash of a single key: of the range that begins with it, the first. */
static auk_code read_stored(const auk_verify *v, const page *p, const auk_span *key,
                            row_state *state, auk_error *err)
{
    const auk_key_range range = {key, NULL, p->table->key_count, 0};
    auk_row_sum *stored;
    uint32_t count = 0;
    auk_applier *applier = enter(v);
    if (!applier)
        return stopped(err);
    auk_code code =
        auk_applier_list_hashes(applier, p->table->id, &range, 1, p->arena, &stored, &count, err);
    auk_source_leave(v->source);
    state->stored = code == AUK_OK && count > 0 && same_key(p, stored[0].key, key);
    state->stored_hash = state->stored ? stored[0].hash : 0;
    return code;
}

static auk_code read_source(const auk_verify *v, auk_pg *pg, page *one, row_state *state,
                            auk_pg_result **result, auk_error *err)
{
    auk_code code = take_snapshot(pg, one, err);
    if (code == AUK_OK)
        code = auk_pg_query(pg, page_sql(one, true).data, one->from, one->table->key_count, result,
                            err);
    if (code != AUK_OK)
        return code;
    code = hash_rows(v, one, *result, auk_pg_rows(*result), err);
    state->in_source = code == AUK_OK && one->count > 0 && one->rows[0].counts;
    state->source_hash = state->in_source ? one->rows[0].hash : 0;
    if (code == AUK_OK)
        code = auk_pg_run(pg, "COMMIT", err);
    if (code != AUK_OK) {
        auk_pg_clear(*result);
        *result = NULL;
    }
    return code;
}

/* The same, in a snapshot that sees all that we have applied: one that does not reads rows older
 * than ours. *late: there was none for a while. */
static auk_code read_source_now(const auk_verify *v, auk_pg *pg, page *one, row_state *state,
                                auk_pg_result **result, bool *late, auk_error *err)
{
    for (int i = 0;; i++) {
        *one =
            (page){.arena = one->arena, .table = one->table, .name = one->name, .from = one->from};
        *state = (row_state){0};
        auk_code code = read_source(v, pg, one, state, result, err);
        if (code != AUK_OK)
            return code;
        *late = !auk_xid_window_is_seen(v->source->xids, &one->snapshot);
        if (!*late || i == LATE_TRIES)
            return AUK_OK;
        auk_pg_clear(*result);
        *result = NULL;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    }
}

static auk_code mend(const auk_verify *v, const page *one, const auk_pg_result *result,
                     auk_error *err)
{
    auk_datum *columns = AUK_ARENA_ARRAY(one->arena, auk_datum, one->table->column_count + 1);
    const auk_tuple tuple = {columns, one->table->column_count};
    const auk_reread what = {.table = one->table->id,
                             .key = one->from,
                             .key_count = one->table->key_count};
    bool found = auk_pg_rows(result) > 0;
    if (found)
        fill_tuple(one, result, 0, columns);
    auk_applier *applier = enter(v);
    if (!applier)
        return stopped(err);
    auk_code code =
        auk_applier_mend(applier, &what, found ? &tuple : NULL, &one->snapshot, one->high, err);
    if (code == AUK_OK)
        code = auk_applier_publish(applier, err);
    auk_source_leave(v->source);
    return code;
}

static void note(auk_verify *v, const page *p, const auk_span *key, const row_state *state,
                 bool mended)
{
    const char *kind = !state->stored ? "missing" : !state->in_source ? "extra" : "different";
    auk_span text = AUK_SPAN("");
    v->missing += !state->stored;
    v->extra += state->stored && !state->in_source;
    v->different += state->stored && state->in_source;
    v->mended += mended;
    for (uint32_t i = 0; i < p->table->key_count; i++)
        text = auk_arena_printf(v->arena, "%.*s%s%.*s", AUK_SPAN_ARG(text), i ? ":" : "",
                                AUK_SPAN_ARG(key[i]));
    auk_log(AUK_LOG_WARN, "a row differs from its source",
            "source=%.*s table=%.*s key=\"%.*s\" kind=%s mended=%s", AUK_SPAN_ARG(v->source->name),
            AUK_SPAN_ARG(p->table->name), AUK_SPAN_ARG(text), kind, mended ? "true" : "false");
    if (v->listed_count < AUK_VERIFY_LISTED)
        v->listed[v->listed_count++] =
            (auk_verify_difference){auk_arena_copy(v->arena, p->table->name), text, kind, mended};
}

/* What differs twice while the source's row stays as it is differs. */
static auk_code look_closer(auk_verify *v, auk_pg *pg, const page *p, const auk_span *key,
                            auk_error *err)
{
    row_state before = {0}, now;
    auk_code code = AUK_OK;
    bool differed = false, noted = false, late = false;
    for (int i = 0; i < TRIES && code == AUK_OK; i++) {
        auk_pg_result *result = NULL;
        page one = {.arena = p->arena, .table = p->table, .name = p->name, .from = key};
        code = read_source_now(v, pg, &one, &now, &result, &late, err);
        if (late) { /* the next verification will see */
            auk_pg_clear(result);
            return code;
        }
        if (code == AUK_OK)
            code = wait_for(v, one.high, err);
        if (code == AUK_OK)
            code = read_stored(v, p, key, &now, err);
        bool differs =
            code == AUK_OK && (now.in_source != now.stored || now.source_hash != now.stored_hash);
        bool surely = differs && differed && before.in_source == now.in_source &&
                      before.source_hash == now.source_hash;
        if (surely && v->repair)
            code = mend(v, &one, result, err);
        auk_pg_clear(result);
        if (surely && code == AUK_OK && !noted)
            note(v, p, key, &now, v->repair);
        noted |= surely;
        /* What was mended is looked at once more: it may have changed just then. */
        if (!differs || (surely && !v->repair))
            return code;
        differed = true;
        before = now;
    }
    return code;
}

/* Many rows differ, as when a column was added with a default: those that both sides have are
 * mended from the page, where what is newer stays; the others are left in the list. */
static auk_code mend_page(auk_verify *v, page *p, suspects *found, auk_error *err)
{
    uint32_t mask, kept = 0;
    uint32_t *slots = make_table(p, &mask);
    auk_applier *applier = enter(v);
    auk_code code = applier ? AUK_OK : stopped(err);
    for (uint32_t i = 0; i < found->count && code == AUK_OK; i++) {
        const source_row *row = find_row(p, slots, mask, found->keys[i]);
        if (!row || !row->met || !row->counts || !row->tuple.columns) {
            found->keys[kept++] = found->keys[i];
            continue;
        }
        const auk_reread what = {.table = p->table->id,
                                 .key = row->key,
                                 .key_count = p->table->key_count};
        code = auk_applier_mend(applier, &what, &row->tuple, &p->snapshot, p->high, err);
        v->different++;
        v->mended++;
    }
    if (code == AUK_OK)
        code = auk_applier_publish(applier, err);
    if (applier)
        auk_source_leave(v->source);
    found->count = kept;
    return code;
}

/* ---- tables ---- */

static void keep_pace(const auk_verify *v, uint64_t started_us)
{
    while (v->rows_per_second > 0 && !v->stopped(v->context)) {
        double due = (double)v->rows / v->rows_per_second * 1e6;
        if ((double)(auk_clock_monotonic_us() - started_us) >= due)
            return;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS * 10}, NULL);
    }
}

/* *next: where the next page begins, copied to the arena; NULL at the end. */
static auk_code verify_page(auk_verify *v, auk_pg *pg, const auk_source_table *known,
                            const auk_span *from, auk_arena *kept, const auk_span **next,
                            auk_error *err)
{
    const auk_table *table = &known->table;
    page p = {.arena = auk_arena_create(65536), .table = table, .name = &known->now, .from = from};
    suspects found = {0};
    auk_code code = read_page(v, pg, &p, err);
    if (code == AUK_OK)
        code = wait_for(v, p.high, err);
    if (code == AUK_OK)
        code = compare(v, &p, &found, err);
    if (code == AUK_OK && v->repair && found.count > CLOSELY_MOST)
        code = mend_page(v, &p, &found, err);
    for (uint32_t i = 0; i < found.count && code == AUK_OK; i++)
        code = look_closer(v, pg, &p, found.keys[i], err);
    *next = NULL;
    if (code == AUK_OK && p.to) {
        auk_span *copy = AUK_ARENA_ARRAY(kept, auk_span, table->key_count);
        for (uint32_t i = 0; i < table->key_count; i++)
            copy[i] = auk_arena_copy(kept, p.to[i]);
        *next = copy;
    }
    v->rows += p.count;
    v->lsn = p.high;
    auk_arena_destroy(p.arena);
    return code;
}

static auk_code verify_table(auk_verify *v, auk_pg *pg, const auk_known_table *name, auk_error *err)
{
    auk_arena *arena = auk_arena_create(8192);
    auk_source_table table;
    const auk_span *from = NULL;
    bool found;
    uint64_t started_us = auk_clock_monotonic_us();
    auk_code code = auk_table_read_id(pg, name->id, arena, &table, &found, err);
    bool more = code == AUK_OK && found && table.table.key_count > 0;
    v->table = auk_arena_copy(v->arena, name->name);
    while (more && code == AUK_OK) {
        code = v->stopped(v->context) ? stopped(err)
                                      : verify_page(v, pg, &table, from, arena, &from, err);
        more = from != NULL;
        if (code == AUK_OK && v->told)
            v->told(v->context, v);
        keep_pace(v, started_us);
    }
    auk_arena_destroy(arena);
    return code;
}

/* The names of the tables, copied: the source may replace its own meanwhile. */
static uint32_t list_tables(auk_verify *v, auk_span wanted, auk_arena *arena, auk_known_table **out)
{
    auk_source *source = v->source;
    uint32_t count = 0;
    pthread_mutex_lock(&source->lock);
    *out = AUK_ARENA_ARRAY(arena, auk_known_table, source->tables.count + 1);
    for (uint32_t i = 0; i < source->tables.count; i++) {
        const auk_table *table = &source->tables.items[i].table;
        auk_span full = auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                         AUK_SPAN_ARG(table->name));
        if (wanted.size && !auk_span_equal(wanted, table->name) && !auk_span_equal(wanted, full))
            continue;
        v->total += source->tables.items[i].rows;
        (*out)[count++] = (auk_known_table){.schema = auk_arena_copy(arena, table->schema),
                                            .name = auk_arena_copy(arena, table->name),
                                            .id = table->id};
    }
    pthread_mutex_unlock(&source->lock);
    return count;
}

auk_code auk_verify_run(auk_verify *verify, auk_span table, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_known_table *names;
    auk_pg *pg = NULL;
    auk_source *source = verify->source;
    uint32_t count = list_tables(verify, table, arena, &names);
    auk_code code = AUK_OK;
    if (count == 0 && table.size)
        code = auk_fail(err, AUK_NOT_FOUND, "source [%.*s] follows no table [%.*s]",
                        AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(table));
    if (code == AUK_OK)
        code = auk_source_connect(source, source->config, &pg, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        code = verify_table(verify, pg, &names[i], err);
    auk_pg_close(pg);
    auk_arena_destroy(arena);
    atomic_fetch_add(&source->counts.verified_rows, verify->rows);
    atomic_fetch_add(&source->counts.verified_wrong,
                     verify->missing + verify->extra + verify->different);
    atomic_fetch_add(&source->counts.verified_mended, verify->mended);
    if (code != AUK_OK || table.size)
        return code;
    pthread_mutex_lock(&source->lock);
    source->verified_ms = auk_clock_wall_ms();
    source->verified_lsn = verify->lsn;
    pthread_mutex_unlock(&source->lock);
    return auk_source_save(source, err);
}

void auk_verify_write(const auk_verify *verify, auk_json_writer *out)
{
    char lsn[24];
    auk_json_begin_object(out);
    auk_json_member_uint(out, "rows", verify->rows);
    auk_json_member_uint(out, "rows_estimated", verify->total);
    auk_json_member_string(out, "table", verify->table);
    auk_json_member_uint(out, "missing", verify->missing);
    auk_json_member_uint(out, "extra", verify->extra);
    auk_json_member_uint(out, "different", verify->different);
    auk_json_member_uint(out, "repaired", verify->mended);
    auk_json_member_text(out, "lsn", auk_lsn_format(verify->lsn, lsn));
    auk_json_member_array(out, "differences");
    for (uint32_t i = 0; i < verify->listed_count; i++) {
        const auk_verify_difference *d = &verify->listed[i];
        auk_json_begin_object(out);
        auk_json_member_string(out, "table", d->table);
        auk_json_member_string(out, "key", d->key);
        auk_json_member_text(out, "kind", d->kind);
        auk_json_member_bool(out, "repaired", d->mended);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
}

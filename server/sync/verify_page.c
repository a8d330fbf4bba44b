/* Rows of the source, read in a snapshot of their own, against those that are stored. */
#include <inttypes.h>
#include <time.h>

#include "auk/hash.h"
#include "verify_private.h"

#define STORED_MOST 200000u
#define TRIES       20
#define LOOK_NS     5000000
#define MEND_ROWS   1000u /* in one publication */

/* ---- a snapshot ---- */

auk_code auk_verify_begin(auk_verify_page *page, auk_error *err)
{
    static const char sql[] = "SELECT pg_current_snapshot(), CASE WHEN pg_is_in_recovery() THEN"
                              " pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END";
    const auk_verify_target *t = page->target;
    auk_applier *applier;
    auk_pg_result *r;
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    code = auk_applier_watch(applier, t->table->id, &page->watch, err);
    page->mark = auk_xid_window_mark(t->verify->source->xids);
    auk_source_leave(t->verify->source);
    if (code == AUK_OK)
        code = auk_pg_run(t->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (code == AUK_OK)
        code = auk_pg_query(t->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    code = auk_pg_snapshot_parse(auk_pg_cell(r, 0, 0), page->arena, &page->snapshot, err);
    if (!auk_lsn_parse(auk_pg_cell(r, 0, 1), &page->high))
        page->high = 0;
    auk_pg_clear(r);
    return code;
}

void auk_verify_end(auk_verify_page *page)
{
    if (page->watch.list) {
        (void)auk_source_enter(page->target->verify->source);
        auk_row_watch_end(&page->watch);
        auk_source_leave(page->target->verify->source);
    }
    auk_row_watch_deinit(&page->watch);
}

bool auk_verify_is_late(const auk_verify_page *page)
{
    const auk_xid_window *xids = page->target->verify->source->xids;
    return page->watch.is_blind || !auk_xid_window_is_seen_since(xids, &page->snapshot, page->mark);
}

bool auk_verify_may_try(auk_verify *verify, int tries)
{
    if (tries > 1) /* what was applied becomes visible there */
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS * tries}, NULL);
    verify->undecided += tries == TRIES;
    return tries < TRIES;
}

bool auk_verify_is_newer(const auk_verify_page *page, const auk_row_sum *stored)
{
    return stored->xid != 0 && !auk_pg_snapshot_sees(&page->snapshot, stored->xid);
}

/* ---- theirs ---- */

static auk_span page_sql(const auk_verify_page *p, const auk_span **parameters, uint32_t *count)
{
    const auk_verify_target *t = p->target;
    auk_buffer sql;
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "SELECT ");
    if (p->wants_values) {
        auk_verify_append_columns(t, &sql, p->arena);
    } else {
        auk_verify_append_key(t, &sql, p->arena);
        auk_buffer_append_text(&sql, ", ");
        auk_verify_append_hash(t, &sql, p->arena);
    }
    if (p->heap.size) {
        auk_buffer_printf(&sql, " FROM ONLY %.*s WHERE ctid >= '(%" PRIu64 ",0)'::tid",
                          AUK_SPAN_ARG(p->heap), p->block);
        if (p->blocks)
            auk_buffer_printf(&sql, " AND ctid < '(%" PRIu64 ",0)'::tid", p->block + p->blocks);
    } else {
        const auk_key_range range = auk_verify_range(t, p->from, p->to);
        auk_buffer_printf(&sql, " FROM %.*s", AUK_SPAN_ARG(auk_verify_table_sql(t, p->arena)));
        *count = auk_verify_append_range(t, &range, &sql, parameters, p->arena);
        auk_buffer_append_text(&sql, " ORDER BY ");
        auk_verify_append_key(t, &sql, p->arena);
        auk_buffer_printf(&sql, " LIMIT %u", AUK_VERIFY_PAGE_ROWS + 1);
    }
    auk_span text = auk_arena_copy(p->arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    return text;
}

static const auk_span *key_of(const auk_verify_page *p, const auk_pg_result *r, uint32_t row)
{
    const auk_table *table = p->target->table;
    auk_span *key = AUK_ARENA_ARRAY(p->arena, auk_span, table->key_count);
    for (uint32_t i = 0; i < table->key_count; i++)
        key[i] = auk_arena_copy(p->arena, auk_pg_cell(r, row, p->wants_values ? table->key[i] : i));
    return key;
}

static auk_tuple tuple_of(const auk_verify_page *p, const auk_pg_result *r, uint32_t row)
{
    uint32_t count = p->target->table->column_count;
    auk_datum *columns = AUK_ARENA_ARRAY(p->arena, auk_datum, count + 1);
    for (uint32_t i = 0; i < count; i++)
        if (!auk_pg_is_null(r, row, i))
            columns[i] =
                (auk_datum){AUK_DATUM_TEXT, auk_arena_copy(p->arena, auk_pg_cell(r, row, i))};
    return (auk_tuple){columns, count};
}

static auk_code take_rows(auk_verify_page *p, const auk_pg_result *r, uint32_t count,
                          auk_error *err)
{
    const auk_verify_target *t = p->target;
    auk_applier *applier;
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    p->rows = AUK_ARENA_ARRAY(p->arena, auk_verify_row, count + 1);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        auk_verify_row *row = &p->rows[p->count++];
        row->key = key_of(p, r, i);
        row->counts = true;
        if (p->wants_values) {
            row->tuple = tuple_of(p, r, i);
            code = auk_applier_hash_row(applier, t->table->id, &row->tuple, &row->hash,
                                        &row->counts, err);
        } else {
            row->hash = (uint64_t)auk_pg_integer(r, i, t->table->key_count);
        }
    }
    auk_source_leave(t->verify->source);
    return code;
}

static auk_code read_page(auk_verify_page *p, auk_error *err)
{
    const auk_span *parameters = NULL;
    uint32_t parameter_count = 0;
    auk_pg_result *r;
    auk_code code = auk_verify_begin(p, err);
    auk_span sql = page_sql(p, &parameters, &parameter_count);
    if (code == AUK_OK)
        code = auk_pg_query(p->target->pg, sql.data, parameters, parameter_count, &r, err);
    if (code != AUK_OK)
        return code;
    uint32_t found = auk_pg_rows(r);
    bool is_cut = !p->heap.size && found > AUK_VERIFY_PAGE_ROWS;
    code = take_rows(p, r, is_cut ? AUK_VERIFY_PAGE_ROWS : found, err);
    p->next = is_cut ? key_of(p, r, AUK_VERIFY_PAGE_ROWS) : NULL;
    auk_pg_clear(r);
    return code == AUK_OK ? auk_pg_run(p->target->pg, "COMMIT", err) : code;
}

/* ---- against ours ---- */

typedef struct difference {
    const auk_span *key;
    const char *kind;
    const auk_verify_row *row; /* NULL: it is to go */
} difference;

typedef struct differences {
    difference *list;
    uint32_t count;
} differences;

static uint64_t hash_key(const auk_verify_page *p, const auk_span *key)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < p->target->table->key_count; i++)
        hash = auk_hash(key[i], hash + 1);
    return hash;
}

static bool same_key(const auk_verify_page *p, const auk_span *a, const auk_span *b)
{
    for (uint32_t i = 0; i < p->target->table->key_count; i++)
        if (!auk_span_equal(a[i], b[i]))
            return false;
    return true;
}

/* Rows by key: numbers + 1, a power of two, at most half full. */
static uint32_t *make_slots(const auk_verify_page *p, uint32_t *mask)
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

static auk_verify_row *find_row(const auk_verify_page *p, const uint32_t *slots, uint32_t mask,
                                const auk_span *key)
{
    uint32_t at = (uint32_t)hash_key(p, key) & mask;
    for (; slots[at]; at = (at + 1) & mask)
        if (same_key(p, p->rows[slots[at] - 1].key, key))
            return &p->rows[slots[at] - 1];
    return NULL;
}

static void judge_stored(const auk_verify_page *p, auk_verify_row *row, const auk_row_sum *stored,
                         differences *out)
{
    bool is_there = row && row->counts;
    if (row)
        row->met = true;
    if ((is_there && row->hash == stored->hash) || auk_verify_is_newer(p, stored))
        return;
    out->list[out->count++] = (difference){is_there ? row->key : stored->key,
                                           is_there ? "different" : "extra", is_there ? row : NULL};
}

/* Every row stored of the page's range. */
static auk_code compare_range(auk_verify_page *p, auk_applier *applier, differences *out,
                              auk_error *err)
{
    const auk_key_range range = auk_verify_range(p->target, p->from, p->next ? p->next : p->to);
    auk_row_sum *stored;
    uint32_t count, mask, *slots = make_slots(p, &mask);
    auk_code code = auk_applier_list_hashes(applier, p->target->table->id, &range, STORED_MOST,
                                            p->arena, &stored, &count, err);
    if (code != AUK_OK)
        return code;
    out->list = AUK_ARENA_ARRAY(p->arena, difference, (size_t)p->count + count + 1);
    for (uint32_t i = 0; i < count; i++)
        judge_stored(p, find_row(p, slots, mask, stored[i].key), &stored[i], out);
    return AUK_OK;
}

/* Every row of the page. */
static auk_code compare_rows(auk_verify_page *p, auk_applier *applier, differences *out,
                             auk_error *err)
{
    auk_code code = AUK_OK;
    out->list = AUK_ARENA_ARRAY(p->arena, difference, p->count + 1);
    for (uint32_t i = 0; i < p->count && code == AUK_OK; i++) {
        auk_row_sum stored;
        bool found;
        code = auk_applier_find_hash(applier, p->target->table->id, p->rows[i].key,
                                     p->target->table->key_count, &stored, &found, err);
        if (code == AUK_OK && found)
            judge_stored(p, &p->rows[i], &stored, out);
    }
    return code;
}

static auk_code compare(auk_verify_page *p, auk_applier *applier, differences *out, auk_error *err)
{
    *out = (differences){0};
    auk_code code =
        p->heap.size ? compare_rows(p, applier, out, err) : compare_range(p, applier, out, err);
    for (uint32_t i = 0; i < p->count && code == AUK_OK; i++) {
        const auk_verify_row *row = &p->rows[i];
        if (!row->met && row->counts &&
            !auk_applier_has_gone(applier, &p->watch, row->key, p->target->table->key_count))
            out->list[out->count++] = (difference){row->key, "missing", row};
    }
    return code;
}

/* ---- mending ---- */

static auk_code mend(auk_verify_page *p, auk_applier *applier, const differences *found,
                     auk_error *err)
{
    const auk_table *table = p->target->table;
    auk_mending mending = {table->id, &p->snapshot, p->high, 0};
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < found->count && code == AUK_OK; i++) {
        const difference *d = &found->list[i];
        auk_verify_note(p->target->verify, table, d->key, d->kind);
        if (!p->target->verify->repair)
            continue;
        code = auk_applier_mend(applier, &mending, d->key, table->key_count,
                                d->row ? &d->row->tuple : NULL, err);
        if (code == AUK_OK && (i + 1) % MEND_ROWS == 0)
            code = auk_applier_publish(applier, err);
    }
    if (code == AUK_OK && p->target->verify->repair)
        code = auk_applier_publish(applier, err);
    return code;
}

auk_code auk_verify_mend_extra(auk_verify_page *page, auk_applier *applier,
                               const auk_span *const *keys, uint32_t count, auk_error *err)
{
    differences found = {AUK_ARENA_ARRAY(page->arena, difference, count + 1), count};
    for (uint32_t i = 0; i < count; i++)
        found.list[i] = (difference){keys[i], "extra", NULL};
    return mend(page, applier, &found, err);
}

/* *again: nothing can be said by this snapshot, or there is something to mend without values. */
static auk_code judge_page(auk_verify_page *p, bool *again, auk_error *err)
{
    differences found;
    auk_applier *applier;
    auk_code code = auk_verify_enter(p->target->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    bool late = auk_verify_is_late(p);
    *again = false;
    code = compare(p, applier, &found, err);
    if (code == AUK_OK && found.count > 0) {
        *again = late || (p->target->verify->repair && !p->wants_values);
        if (!*again)
            code = mend(p, applier, &found, err);
    }
    auk_source_leave(p->target->verify->source);
    return code;
}

static auk_code try_page(const auk_verify_page *wanted, const auk_span **next, auk_arena *kept,
                         bool *again, auk_error *err)
{
    auk_verify_page p = *wanted;
    auk_verify *verify = p.target->verify;
    p.arena = auk_arena_create(65536);
    auk_row_watch_init(&p.watch);
    *next = NULL;
    auk_code code = read_page(&p, err);
    if (code == AUK_OK)
        code = auk_verify_wait(verify, p.high, err);
    if (code == AUK_OK)
        code = judge_page(&p, again, err);
    auk_verify_end(&p);
    if (code == AUK_OK && p.next) {
        auk_span *copy = AUK_ARENA_ARRAY(kept, auk_span, p.target->table->key_count);
        for (uint32_t i = 0; i < p.target->table->key_count; i++)
            copy[i] = auk_arena_copy(kept, p.next[i]);
        *next = copy;
    }
    if (code == AUK_OK && !*again) {
        verify->rows += p.count;
        verify->lsn = p.high;
    }
    auk_arena_destroy(p.arena);
    return code;
}

auk_code auk_verify_run_page(const auk_verify_page *page, const auk_span **next, auk_arena *kept,
                             auk_error *err)
{
    auk_verify_page wanted = *page;
    bool again = true;
    auk_code code = AUK_OK;
    for (int i = 0; again && code == AUK_OK; i++) {
        if (!auk_verify_may_try(page->target->verify, i))
            return AUK_OK;
        code = try_page(&wanted, next, kept, &again, err);
        wanted.wants_values |= again && page->target->verify->repair;
        if (code == AUK_OK)
            code = auk_verify_check_stopped(page->target->verify, err);
    }
    return code;
}

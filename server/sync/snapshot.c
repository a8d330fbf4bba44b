/*
 * A snapshot is many: each chunk is read in a short transaction of its own, and says which
 * transactions it has seen (visibility.h). So nothing on the source waits for us for long, chunks
 * are read by several threads, and one that fails is read again alone.
 *
 * The log's position is asked for right behind the snapshot: whatever that has seen was committed
 * below. The lock is taken before it, so that a table that is rewritten is seen as one.
 */
#include <stdlib.h>
#include <time.h>

#include "copy_row.h"
#include "source.h"

#define CHUNK_BLOCKS  8192u               /* 64 MB */
#define NUMBER_STEP   ((uint64_t)1 << 32) /* between the numbers of two plans of one table */
#define FAILURES_MOST 5
#define LOOK_MS       100
#define PACE_EVERY    512u

/* ---- the plan ---- */

static uint64_t chunks_of(const auk_source_heap *heap)
{
    uint64_t count = (heap->blocks + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
    return count ? count : 1;
}

void auk_snapshot_count(auk_source *source)
{
    source->chunk_total = 0;
    source->row_estimate = 0;
    for (uint32_t i = 0; i < source->heap_count; i++) {
        source->chunk_total += source->heaps[i].is_gone ? 0 : chunks_of(&source->heaps[i]);
        source->row_estimate += source->heaps[i].is_gone ? 0 : source->heaps[i].rows;
    }
}

static bool is_planned(const auk_source *source, uint32_t table)
{
    for (uint32_t i = 0; i < source->heap_count; i++)
        if (source->heaps[i].table == table)
            return true;
    return false;
}

static uint32_t add_heaps(auk_source_heap *heaps, uint32_t count, const auk_source_table *table,
                          uint64_t first)
{
    for (uint32_t i = 0; i < table->heap_count; i++) {
        auk_source_heap *heap = &heaps[count++];
        *heap = (auk_source_heap){
            .table = table->table.id,
            .id = table->heaps[i].id,
            .filenode = table->heaps[i].filenode,
            .blocks = table->heaps[i].blocks,
            .rows = table->heaps[i].rows,
            .first = first,
        };
        first += chunks_of(heap);
    }
    return count;
}

/* Tables that have no plan get one. */
void auk_snapshot_plan(auk_source *source)
{
    uint32_t most = source->heap_count;
    for (uint32_t i = 0; i < source->tables.count; i++)
        most += source->tables.items[i].heap_count;
    pthread_mutex_lock(&source->lock);
    auk_source_heap *heaps = AUK_ARENA_ARRAY(source->plan_arena, auk_source_heap, most + 1);
    uint32_t count = source->heap_count;
    if (count)
        memcpy(heaps, source->heaps, sizeof *heaps * count);
    for (uint32_t i = 0; i < source->tables.count; i++)
        if (!is_planned(source, source->tables.items[i].table.id))
            count = add_heaps(heaps, count, &source->tables.items[i], 0);
    source->heaps = heaps;
    source->heap_count = count;
    auk_snapshot_count(source);
    pthread_mutex_unlock(&source->lock);
}

auk_code auk_snapshot_replan(auk_source *source, uint32_t table, auk_error *err)
{
    auk_source_table now;
    bool found;
    const auk_source_table *known = auk_tables_find(&source->tables, table);
    if (!known)
        return AUK_OK;
    auk_code code = auk_table_read_id(source->pg, table, source->table_arena, &now, &found, err);
    if (code == AUK_OK)
        code = auk_applier_restart_table(source->applier, table, err);
    if (code != AUK_OK)
        return code;
    auk_log(AUK_LOG_INFO, "a table is read anew", "source=%.*s table=%.*s",
            AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(known->table.name));
    pthread_mutex_lock(&source->lock);
    uint32_t kept = 0, more = found ? now.heap_count : 0;
    uint64_t first = 0;
    auk_source_heap *heaps =
        AUK_ARENA_ARRAY(source->plan_arena, auk_source_heap, source->heap_count + more + 1);
    for (uint32_t i = 0; i < source->heap_count; i++) {
        if (source->heaps[i].table != table)
            heaps[kept++] = source->heaps[i];
        else if (source->heaps[i].first >= first)
            first = (source->heaps[i].first / NUMBER_STEP + 1) * NUMBER_STEP;
    }
    source->heaps = heaps;
    source->heap_count = found ? add_heaps(heaps, kept, &now, first) : kept;
    auk_snapshot_count(source);
    pthread_mutex_unlock(&source->lock);
    return auk_source_save(source, err);
}

/* ---- who reads ---- */

typedef enum chunk_end {
    CHUNK_READ,
    CHUNK_REWRITTEN, /* the file is another one, or the heap is gone */
    CHUNK_CHANGED,   /* the table has other columns than are known */
} chunk_end;

typedef struct reading {
    auk_source *source;
    pthread_mutex_t lock;
    uint32_t heap; /* the next chunk */
    uint64_t chunk;
    uint32_t running;
    bool stopping;
    auk_code code; /* the first failure */
    auk_error err;
    uint32_t other; /* a table that is another one than was planned; 0: none */
    chunk_end how;
    bool in_before; /* what is in was read by an earlier life, and is not counted yet */
} reading;

typedef struct worker {
    reading *shared;
    pthread_t thread;
    auk_pg *pg; /* under the lock of `shared`, when others look */
} worker;

typedef struct chunk {
    const auk_source_heap *heap;
    const auk_source_table *table;
    uint64_t at;
} chunk;

static bool take_chunk(reading *r, chunk *out)
{
    auk_source *source = r->source;
    bool found = false;
    pthread_mutex_lock(&r->lock);
    while (!found && !r->stopping && r->heap < source->heap_count) {
        const auk_source_heap *heap = &source->heaps[r->heap];
        if (heap->is_gone || r->chunk == chunks_of(heap)) {
            r->heap++;
            r->chunk = 0;
            continue;
        }
        *out = (chunk){heap, auk_tables_find(&source->tables, heap->table), r->chunk++};
        found = out->table &&
                !auk_applier_has_chunk(source->applier, heap->table, heap->first + out->at);
        if (!found) {
            atomic_fetch_add(&source->counts.chunks_done, 1);
            if (r->in_before)
                atomic_fetch_add(&source->counts.rows_loaded, heap->rows / chunks_of(heap));
        }
    }
    pthread_mutex_unlock(&r->lock);
    return found;
}

static void report(reading *r, auk_code code, const auk_error *err, uint32_t table, chunk_end how)
{
    pthread_mutex_lock(&r->lock);
    if (r->code == AUK_OK && !r->stopping) {
        r->code = code;
        r->err = *err;
        r->other = how == CHUNK_READ ? 0 : table;
        r->how = how;
    }
    r->stopping = true;
    pthread_mutex_unlock(&r->lock);
}

static bool is_stopping(reading *r)
{
    pthread_mutex_lock(&r->lock);
    bool stopping = r->stopping;
    pthread_mutex_unlock(&r->lock);
    return stopping;
}

/* ---- one chunk ---- */

typedef struct rows {
    reading *shared;
    auk_pg *pg;
    auk_arena *arena; /* of one row */
    auk_datum *columns;
    uint32_t column_count;
    bool binary;
    uint64_t count, started_us, per_second; /* 0: no limit */
} rows;

static void keep_pace(const rows *r)
{
    if (r->per_second == 0 || r->count % PACE_EVERY)
        return;
    uint64_t due_us = r->started_us + r->count * 1000000 / r->per_second;
    uint64_t now_us = auk_clock_monotonic_us();
    while (now_us < due_us && !is_stopping(r->shared)) {
        uint64_t rest_us = due_us - now_us > 100000 ? 100000 : due_us - now_us;
        nanosleep(&(struct timespec){.tv_nsec = (long)rest_us * 1000}, NULL);
        now_us = auk_clock_monotonic_us();
    }
}

static auk_code next_row(void *context, auk_tuple *out, bool *end, auk_error *err)
{
    rows *r = context;
    auk_span row;
    bool has_row = false;
    while (!has_row) {
        auk_code code = auk_pg_copy_next(r->pg, &row, end, err);
        if (code != AUK_OK || *end)
            return code;
        auk_arena_reset(r->arena);
        has_row = true;
        code = r->binary ? auk_copy_row_binary(row, r->columns, r->column_count, &has_row, err)
                         : auk_copy_row_text(row, r->columns, r->column_count, r->arena, err);
        if (code != AUK_OK)
            return code;
    }
    *out = (auk_tuple){r->columns, r->column_count};
    r->count++;
    atomic_fetch_add(&r->shared->source->counts.rows_loaded, 1);
    keep_pace(r);
    return AUK_OK;
}

static bool reads_binary(const auk_source *source, const auk_table *table)
{
    for (uint32_t i = 0; i < table->column_count; i++)
        if (!auk_pg_types_has_binary(source->types, table->columns[i].type))
            return false;
    return table->column_count > 0;
}

static auk_span copy_statement(const chunk *c, auk_span heap, bool binary, auk_arena *arena)
{
    auk_buffer sql;
    bool is_last = c->at + 1 == chunks_of(c->heap);
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "COPY (SELECT ");
    for (uint32_t i = 0; i < c->table->table.column_count; i++) {
        auk_buffer_append_text(&sql, i ? ", " : "");
        auk_buffer_append(&sql, auk_pg_identifier(c->table->table.columns[i].name, arena));
    }
    auk_buffer_printf(&sql, " FROM ONLY %.*s WHERE ctid >= '(%llu,0)'::tid", AUK_SPAN_ARG(heap),
                      (unsigned long long)c->at * CHUNK_BLOCKS);
    if (!is_last)
        auk_buffer_printf(&sql, " AND ctid < '(%llu,0)'::tid",
                          (unsigned long long)(c->at + 1) * CHUNK_BLOCKS);
    auk_buffer_printf(&sql, ") TO STDOUT%s", binary ? " (FORMAT binary)" : "");
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    return text;
}

/* Locks the heap, by its name as it is now, and takes the snapshot. *heap empty: it is gone. */
static auk_code begin_chunk(auk_pg *pg, const chunk *c, auk_arena *arena, auk_span *heap,
                            uint32_t *filenode, auk_chunk_source *out, auk_error *err)
{
    static const char find[] = "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n"
                               " ON n.oid = c.relnamespace WHERE c.oid = $1::oid";
    static const char take[] = "SELECT pg_current_snapshot(), pg_relation_filenode($1::oid),"
                               " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                               " ELSE pg_current_wal_insert_lsn() END";
    auk_pg_result *result;
    uint64_t node = 0;
    auk_span id = auk_arena_printf(arena, "%u", c->heap->id);
    *heap = (auk_span){0};
    auk_code code = auk_pg_query(pg, find, &id, 1, &result, err);
    if (code != AUK_OK)
        return code;
    if (auk_pg_rows(result) > 0)
        *heap = auk_table_sql(auk_pg_cell(result, 0, 0), auk_pg_cell(result, 0, 1), arena);
    auk_pg_clear(result);
    if (heap->size == 0)
        return AUK_OK;
    code = auk_pg_run(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (code == AUK_OK)
        code = auk_pg_run(pg,
                          auk_arena_printf(arena, "LOCK TABLE ONLY %.*s IN ACCESS SHARE MODE",
                                           AUK_SPAN_ARG(*heap))
                              .data,
                          err);
    if (code == AUK_OK)
        code = auk_pg_query(pg, take, &id, 1, &result, err);
    if (code != AUK_OK)
        return code;
    (void)auk_number_parse_uint64(auk_pg_cell(result, 0, 1), &node);
    *filenode = (uint32_t)node;
    code = auk_pg_snapshot_parse(auk_pg_cell(result, 0, 0), arena, &out->snapshot, err);
    if (code == AUK_OK && !auk_lsn_parse(auk_pg_cell(result, 0, 2), &out->high))
        code = auk_fail(err, AUK_CORRUPT, "the server has no position in its log");
    auk_pg_clear(result);
    return code;
}

/* The same, in a snapshot that sees all that we have applied: those transactions are not sent
 * again, and a chunk that does not have them would take them back. */
static auk_code begin_chunk_now(reading *r, auk_pg *pg, const chunk *c, auk_arena *arena,
                                auk_span *heap, uint32_t *filenode, auk_chunk_source *out,
                                auk_error *err)
{
    for (;;) {
        auk_arena_reset(arena);
        auk_code code = begin_chunk(pg, c, arena, heap, filenode, out, err);
        if (code != AUK_OK || heap->size == 0 ||
            auk_xid_window_is_seen(r->source->xids, &out->snapshot))
            return code;
        if (is_stopping(r))
            return auk_fail(err, AUK_CANCELLED, "the snapshot was stopped");
        code = auk_pg_run(pg, "ROLLBACK", err);
        if (code != AUK_OK)
            return code;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
}

static auk_code read_rows(reading *r, auk_pg *pg, const chunk *c, auk_span heap,
                          auk_chunk_source *out, auk_arena *arena, auk_error *err)
{
    const auk_table *table = &c->table->table;
    const auk_sync_config *config = r->source->config;
    rows source = {
        .shared = r,
        .pg = pg,
        .arena = auk_arena_create(8192),
        .columns = AUK_ARENA_ARRAY(arena, auk_datum, table->column_count + 1),
        .column_count = table->column_count,
        .binary = reads_binary(r->source, table),
        .started_us = auk_clock_monotonic_us(),
        .per_second = config->max_rows_per_second / config->snapshot_workers,
    };
    if (config->max_rows_per_second && source.per_second == 0)
        source.per_second = 1;
    uint64_t loaded = 0;
    out->next = next_row;
    out->context = &source;
    auk_code code = auk_pg_copy_begin(pg, copy_statement(c, heap, source.binary, arena).data, err);
    if (code == AUK_OK)
        code = auk_applier_load(r->source->applier, out, &loaded, err);
    if (code == AUK_OK)
        code = auk_pg_run(pg, "COMMIT", err);
    if (code != AUK_OK)
        atomic_fetch_sub(&r->source->counts.rows_loaded, source.count);
    out->context = NULL;
    auk_arena_destroy(source.arena);
    return code;
}

static bool has_same_columns(const auk_table *a, const auk_table *b)
{
    bool same = a->column_count == b->column_count;
    for (uint32_t i = 0; same && i < a->column_count; i++)
        same = a->columns[i].number == b->columns[i].number &&
               a->columns[i].type == b->columns[i].type &&
               a->columns[i].modifier == b->columns[i].modifier &&
               auk_span_equal(a->columns[i].name, b->columns[i].name);
    return same;
}

/* A row that is read without a column that it has would lack it for good: the events that filled
 * it are contained. The lock is held, so that it is as it is in the snapshot. */
static auk_code compare_form(auk_pg *pg, const chunk *c, auk_arena *arena, chunk_end *how,
                             auk_error *err)
{
    auk_source_table now;
    bool found;
    auk_code code = auk_table_read_id(pg, c->table->table.id, arena, &now, &found, err);
    if (code == AUK_OK && (!found || !has_same_columns(&now.table, &c->table->table)))
        *how = CHUNK_CHANGED;
    return code;
}

static auk_code read_chunk(reading *r, auk_pg *pg, const chunk *c, chunk_end *how, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_span heap;
    uint32_t filenode = 0;
    auk_chunk_source out = {.table = c->heap->table, .number = c->heap->first + c->at};
    auk_code code = begin_chunk_now(r, pg, c, arena, &heap, &filenode, &out, err);
    *how = CHUNK_READ;
    if (code == AUK_OK && (heap.size == 0 || filenode != c->heap->filenode))
        *how = CHUNK_REWRITTEN;
    else if (code == AUK_OK)
        code = compare_form(pg, c, arena, how, err);
    if (code == AUK_OK && *how == CHUNK_READ)
        code = read_rows(r, pg, c, heap, &out, arena, err);
    auk_arena_destroy(arena);
    return code;
}

/* ---- a worker ---- */

static void set_connection(worker *w, auk_pg *pg)
{
    pthread_mutex_lock(&w->shared->lock);
    auk_pg *before = w->pg;
    w->pg = pg;
    pthread_mutex_unlock(&w->shared->lock);
    auk_pg_close(before);
}

static auk_code try_chunk(worker *w, const chunk *c, chunk_end *how, auk_error *err)
{
    auk_code code = AUK_OK;
    *how = CHUNK_READ;
    if (!w->pg) {
        auk_pg *pg = NULL;
        code = auk_source_connect(w->shared->source, w->shared->source->config, &pg, err);
        set_connection(w, pg);
    }
    if (code == AUK_OK)
        code = read_chunk(w->shared, w->pg, c, how, err);
    if (code != AUK_OK || *how != CHUNK_READ)
        set_connection(w, NULL); /* a transaction or a COPY is under way */
    return code;
}

static void pause_after(reading *r, uint32_t failures)
{
    for (uint32_t i = 0; i < (1u << failures) && !is_stopping(r); i++)
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
}

/* False: the snapshot is stopped. */
static bool wait_for_budget(reading *r)
{
    while (auk_source_pauses_copy(r->source) && !is_stopping(r))
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    return !is_stopping(r);
}

static void *work(void *context)
{
    worker *w = context;
    reading *r = w->shared;
    chunk c;
    while (wait_for_budget(r) && take_chunk(r, &c)) {
        auk_error err = {0};
        auk_code code;
        chunk_end how = CHUNK_READ;
        uint32_t failures = 0;
        while ((code = try_chunk(w, &c, &how, &err)) != AUK_OK && !is_stopping(r) &&
               ++failures < FAILURES_MOST) {
            atomic_fetch_add(&r->source->counts.chunk_retries, 1);
            pause_after(r, failures);
            err = (auk_error){0};
        }
        if (code != AUK_OK || how != CHUNK_READ) {
            report(r, code, &err, c.heap->table, how);
            break;
        }
        atomic_fetch_add(&r->source->counts.chunks_done, 1);
    }
    set_connection(w, NULL);
    pthread_mutex_lock(&r->lock);
    r->running--;
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- all of them ---- */

static void stop_workers(reading *r, worker *workers, uint32_t count)
{
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    for (uint32_t i = 0; i < count; i++)
        if (workers[i].pg)
            auk_pg_cancel(workers[i].pg);
    pthread_mutex_unlock(&r->lock);
}

static bool are_running(reading *r)
{
    pthread_mutex_lock(&r->lock);
    bool running = r->running > 0;
    pthread_mutex_unlock(&r->lock);
    return running;
}

/* One round over the plan. */
static auk_code read_all(auk_source *source, reading *r, auk_error *err)
{
    uint32_t count = source->config->snapshot_workers;
    if (count > source->chunk_total)
        count = source->chunk_total ? (uint32_t)source->chunk_total : 1;
    worker *workers = calloc(count, sizeof *workers);
    if (!workers)
        auk_fatal("out of memory");
    r->running = count;
    for (uint32_t i = 0; i < count; i++) {
        workers[i].shared = r;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            auk_fatal("cannot start a thread that reads a snapshot");
    }
    bool asked = false;
    auk_code code = AUK_OK;
    while (are_running(r)) {
        auk_source_rest(source, LOOK_MS);
        if (code == AUK_OK && !asked)
            code = auk_source_tend(source, err);
        if (!asked && (code != AUK_OK || auk_source_is_asked(source))) {
            asked = true;
            stop_workers(r, workers, count);
        }
    }
    for (uint32_t i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    free(workers);
    if (code != AUK_OK)
        return code;
    if (asked)
        return auk_fail(err, AUK_CANCELLED, "the source is asked for something else");
    if (r->code != AUK_OK && err)
        *err = r->err;
    return r->code;
}

/* What is in stays where nothing but columns came or went. */
static auk_code take_other(auk_source *source, const reading *r, auk_error *err)
{
    const auk_source_table *table = auk_tables_find(&source->tables, r->other);
    uint64_t before = table ? table->shape : 0;
    auk_code code = auk_source_renew_table(source, r->other, err);
    if (code == AUK_OK && r->how == CHUNK_REWRITTEN)
        return auk_snapshot_replan(source, r->other, err);
    if (code == AUK_OK && auk_source_is_asked(source)) /* it has another key */
        return auk_fail(err, AUK_CANCELLED, "the source is asked for something else");
    if (code == AUK_OK && table && table->shape == before)
        code = auk_fail(err, AUK_NOT_FOUND, "table [%.*s] is gone, or has no key any more",
                        AUK_SPAN_ARG(table->table.name));
    return code;
}

auk_code auk_snapshot_run(auk_source *source, auk_error *err)
{
    auk_code code = AUK_OK;
    bool again = true;
    auk_snapshot_count(source);
    pthread_mutex_lock(&source->lock);
    source->snapshot_us = auk_clock_monotonic_us();
    source->snapshot_start_rows = source->counts.rows_loaded;
    pthread_mutex_unlock(&source->lock);
    while (code == AUK_OK && again) {
        reading r = {.source = source, .in_before = source->counts.rows_loaded == 0};
        pthread_mutex_init(&r.lock, NULL);
        atomic_store(&source->counts.chunks_done, 0);
        code = read_all(source, &r, err);
        again = r.other != 0;
        if (code == AUK_OK && again)
            code = take_other(source, &r, err);
        pthread_mutex_destroy(&r.lock);
    }
    return code;
}

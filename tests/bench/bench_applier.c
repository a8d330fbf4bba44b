/*
 * bench_applier - rows of 230 bytes into an index, without a Postgres: a stream of inserts, of
 * updates, chunks of a snapshot, and one large transaction with the memory it takes.
 *
 *   bench_applier DIRECTORY [rows, default 200000]
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "applier.h"
#include "auk/clock.h"
#include "auk/pool.h"
#include "auk/publication.h"

#define COLUMNS 7
#define THREADS 2

static const char configuration[] =
    "{\"connection\":\"postgres://nobody@nowhere/shop\",\"documents\":[{\"index\":\"rows\","
    "\"table\":\"rows\",\"columns\":[\"*\"]}]}";
static const char *const names[COLUMNS] = {"id",   "body",    "price",  "at",
                                           "more", "created", "updated"};
static const uint32_t types[COLUMNS] = {23, 25, 1700, 1184, 3802, 1114, 1114};

/* ---- rows ---- */

typedef struct made {
    char texts[COLUMNS][160];
    auk_datum datums[COLUMNS];
} made;

static void make_row(made *row, uint64_t number, uint32_t round)
{
    static const char *const words[] = {"quick", "brown", "fox",   "jumps", "over",  "lazy",
                                        "dog",   "river", "stone", "cloud", "green", "seven"};
    char body[160];
    size_t at = 0;
    uint64_t state = number * 2654435761U + round;
    while (at < 90) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        at += (size_t)snprintf(body + at, sizeof body - at, "%s ", words[(state >> 33) % 12]);
    }
    (void)snprintf(row->texts[0], 160, "%" PRIu64, number);
    (void)snprintf(row->texts[1], 160, "%s", body);
    (void)snprintf(row->texts[2], 160, "%" PRIu64 ".%02u", number % 1000, round % 100);
    (void)snprintf(row->texts[3], 160, "2026-01-01 10:20:%02" PRIu64 ".123456+00", number % 60);
    (void)snprintf(row->texts[4], 160, "{\"k\": %" PRIu64 ", \"w\": \"x\"}", number % 77);
    (void)snprintf(row->texts[5], 160, "2026-01-01 10:20:30");
    (void)snprintf(row->texts[6], 160, "2026-01-02 10:20:30.5");
    for (int i = 0; i < COLUMNS; i++)
        row->datums[i] = (auk_datum){AUK_DATUM_TEXT, auk_span_of(row->texts[i])};
}

/* ---- the stream's contract, over numbers ---- */

struct auk_transaction {
    auk_transaction_info info;
    auk_row_change_kind kind;
    uint64_t from, next, to;
    uint32_t round;
    made row;
};

static auk_relation_column columns[COLUMNS];
static auk_relation relation;

const auk_transaction_info *auk_transaction_read_info(const auk_transaction *transaction)
{
    return &transaction->info;
}

auk_code auk_transaction_next(auk_transaction *t, auk_row_change *out, bool *end, auk_error *err)
{
    (void)err;
    *end = t->next == t->to;
    if (*end)
        return AUK_OK;
    make_row(&t->row, t->next++, t->round);
    *out = (auk_row_change){.kind = t->kind,
                            .relation = &relation,
                            .xid = t->info.xid,
                            .after = {t->row.datums, COLUMNS}};
    return AUK_OK;
}

auk_code auk_transaction_rewind(auk_transaction *transaction, auk_error *err)
{
    (void)err;
    transaction->next = transaction->from;
    return AUK_OK;
}

void auk_transaction_release(auk_transaction *transaction)
{
    free(transaction);
}

/* ---- the bench ---- */

typedef struct bench {
    auk_catalog *catalog;
    auk_applier *applier;
    auk_lsn lsn;
    uint32_t xid;
} bench;

static void must(auk_code code, const auk_error *err)
{
    if (code == AUK_OK)
        return;
    (void)fprintf(stderr, "bench_applier: %s\n", err->message);
    exit(1);
}

/* Of all threads; steadier than the clock on a busy machine. */
static uint64_t processor_us(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void tell(const char *what, uint64_t rows, uint64_t began, uint64_t began_cpu)
{
    double took = (double)(auk_clock_monotonic_us() - began) / 1e6;
    double cpu = (double)(processor_us() - began_cpu) / 1e6;
    printf("%-28s %8" PRIu64 " rows %8.0f rows/s %8.0f rows a processor second\n", what, rows,
           (double)rows / took, (double)rows / cpu);
}

static uint64_t resident_kb(void)
{
    char line[256];
    uint64_t kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtoull(line + 6, NULL, 10);
    if (file)
        (void)fclose(file);
    return kb;
}

static uint64_t peak_kb;

static void *watch_memory(void *stop)
{
    while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
        uint64_t now = resident_kb();
        if (now > peak_kb)
            peak_kb = now;
        (void)usleep(10000);
    }
    return NULL;
}

static void send(bench *b, auk_row_change_kind kind, uint64_t from, uint64_t to, uint64_t each,
                 uint32_t round)
{
    auk_error err;
    uint64_t began = auk_clock_monotonic_us(), began_cpu = processor_us();
    for (uint64_t at = from; at < to; at += each) {
        auk_transaction *t = (auk_transaction *)calloc(1, sizeof *t);
        uint64_t end = at + each < to ? at + each : to;
        b->lsn += 1000;
        *t = (auk_transaction){.kind = kind, .from = at, .next = at, .to = end, .round = round};
        t->info = (auk_transaction_info){.xid = ++b->xid,
                                         .commit_lsn = b->lsn - 8,
                                         .end_lsn = b->lsn,
                                         .commit_us = auk_clock_wall_ms() * 1000,
                                         .change_count = end - at};
        must(auk_applier_take(b->applier, t, &err), &err);
    }
    must(auk_applier_publish(b->applier, &err), &err);
    char what[64];
    (void)snprintf(what, sizeof what, "%s, %" PRIu64 " a transaction",
                   kind == AUK_ROW_INSERT ? "insert" : "update", each);
    tell(what, to - from, began, began_cpu);
}

typedef struct part {
    bench *b;
    uint64_t number, next, to;
    made row;
} part;

static auk_code next_row(void *context, auk_tuple *out, bool *end, auk_error *err)
{
    part *p = (part *)context;
    (void)err;
    *end = p->next == p->to;
    if (*end)
        return AUK_OK;
    make_row(&p->row, p->next++, 0);
    *out = (auk_tuple){p->row.datums, COLUMNS};
    return AUK_OK;
}

static void *load_part(void *context)
{
    part *p = (part *)context;
    auk_error err;
    uint64_t rows;
    auk_chunk_source chunk = {.table = 1,
                              .number = p->number,
                              .snapshot = {.xmin = 1, .xmax = 1},
                              .high = 1,
                              .next = next_row,
                              .context = p};
    must(auk_applier_load(p->b->applier, &chunk, &rows, &err), &err);
    return NULL;
}

static void load(bench *b, uint64_t from, uint64_t rows)
{
    pthread_t threads[THREADS];
    part *parts = (part *)calloc(THREADS, sizeof *parts);
    auk_error err;
    uint64_t began = auk_clock_monotonic_us(), began_cpu = processor_us();
    for (uint64_t i = 0; i < THREADS; i++) {
        parts[i] = (part){.b = b,
                          .number = i + 1,
                          .next = from + rows * i / THREADS,
                          .to = from + rows * (i + 1) / THREADS};
        (void)pthread_create(&threads[i], NULL, load_part, &parts[i]);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    must(auk_applier_build(b->applier, 0, NULL, NULL, &err), &err);
    tell("snapshot, two threads", rows, began, began_cpu);
    free(parts);
}

static void describe(bench *b)
{
    auk_table_column described[COLUMNS];
    uint16_t key = 0;
    auk_error err;
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = (auk_relation_column){auk_span_of(names[i]), types[i], -1, i == 0};
        described[i] =
            (auk_table_column){auk_span_of(names[i]), (int16_t)(i + 1), types[i], -1, false, false};
    }
    relation = (auk_relation){1, 1, AUK_SPAN("public"), AUK_SPAN("rows"), 'd', columns, COLUMNS};
    auk_table table = {1, AUK_SPAN("public"), AUK_SPAN("rows"), described, COLUMNS, &key, 1};
    must(auk_applier_describe(b->applier, &table, &err), &err);
}

static void own(bench *b)
{
    auk_error err;
    must(auk_catalog_create_index(b->catalog, AUK_SPAN("rows"), NULL, &err), &err);
    const auk_root *root = auk_root_acquire(b->catalog);
    auk_index *index = auk_root_find(root, AUK_SPAN("rows"))->index;
    must(auk_index_set_owner(b->catalog, index, AUK_SPAN("sync:shop"), &err), &err);
    auk_root_release(b->catalog, root);
    auk_applier_set_index(b->applier, 0, AUK_SPAN("rows"));
}

static void run(bench *b, uint64_t rows)
{
    bool stop = false;
    pthread_t watcher;
    load(b, 0, rows);
    send(b, AUK_ROW_INSERT, rows, 2 * rows, 1000, 1);
    send(b, AUK_ROW_UPDATE, 0, rows, 1000, 2);
    uint64_t idle = peak_kb = resident_kb();
    (void)pthread_create(&watcher, NULL, watch_memory, &stop);
    send(b, AUK_ROW_INSERT, 2 * rows, 7 * rows, 5 * rows, 3);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    (void)pthread_join(watcher, NULL);
    printf("memory in the large transaction: %" PRIu64 " MB above %" PRIu64 " MB\n",
           (peak_kb - idle) / 1024, idle / 1024);
}

int main(int argc, char **argv)
{
    auk_error err;
    bench b = {0};
    const auk_json *body;
    auk_sync_config *config;
    if (argc < 2)
        return 2;
    uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    auk_arena *arena = auk_arena_create(4096);
    auk_catalog_options options = {.directory = argv[1],
                                   .budget = auk_budget_create((size_t)512 << 20),
                                   .write_pool = auk_pool_create("write", 2, 64),
                                   .background = auk_pool_create("back", 2, 256),
                                   .cluster_name = "bench"};
    must(auk_catalog_open(&options, &b.catalog, &err), &err);
    must(auk_json_parse(auk_span_of(configuration), arena, &body, &err), &err);
    must(auk_sync_config_parse(AUK_SPAN("shop"), body, arena, &config, &err), &err);
    auk_applier_options applier = {.catalog = b.catalog,
                                   .budget = options.budget,
                                   .config = config,
                                   .source = 1,
                                   .types = auk_pg_types_create()};
    must(auk_applier_open(&applier, &b.applier, &err), &err);
    describe(&b);
    own(&b);
    run(&b, rows);
    auk_applier_close(b.applier);
    auk_catalog_close(b.catalog);
    return 0;
}

/*
 * bench_shard - the write path of one shard: parse, analyse, invert, journal, build, flush, start.
 *
 * usage: bench_shard FILE.ndjson MAPPING.json DIRECTORY [ROUNDS [THREADS]]
 *
 * Every line is a document with a generated id; bulks of 5 MB, synced. Times are by the clock and
 * by the processor, all threads together.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "auk/clock.h"
#include "auk/shard.h"

enum { BULK_BYTES = 5 << 20 };

typedef struct bench {
    auk_mapping *mapping;
    auk_shard_view *view;
    pthread_mutex_t lock;
} bench;

static void check(auk_code code, const auk_error *err)
{
    if (code == AUK_OK)
        return;
    fprintf(stderr, "bench_shard: %s\n", err->message);
    exit(1);
}

static auk_mapping *give_mapping(void *context)
{
    return auk_mapping_acquire(((bench *)context)->mapping);
}

static auk_code extend_mapping(void *context, const auk_json *additions, auk_mapping **out,
                               auk_error *err)
{
    bench *b = context;
    pthread_mutex_lock(&b->lock);
    auk_mapping *next;
    auk_code code = auk_mapping_merge(b->mapping, additions, &next, err);
    if (code == AUK_OK) {
        b->mapping = next;
        *out = auk_mapping_acquire(next);
    }
    pthread_mutex_unlock(&b->lock);
    return code;
}

static void take_view(void *context, auk_shard_view *view)
{
    bench *b = context;
    pthread_mutex_lock(&b->lock);
    auk_shard_view *old = b->view;
    b->view = view;
    pthread_mutex_unlock(&b->lock);
    auk_shard_view_release(old);
}

static void read_file(const char *path, auk_buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    for (;;) {
        char *room = auk_buffer_reserve(out, 1 << 20);
        size_t size = fread(room, 1, 1 << 20, file);
        if (size == 0)
            break;
        out->size += size;
    }
    fclose(file);
}

static double processor_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

typedef struct stopwatch {
    uint64_t clock_us;
    double processor_s;
} stopwatch;

static stopwatch start(void)
{
    return (stopwatch){auk_clock_monotonic_us(), processor_s()};
}

static void report(const char *what, stopwatch from, double bytes)
{
    double clock_s = (double)(auk_clock_monotonic_us() - from.clock_us) / 1e6;
    double used_s = processor_s() - from.processor_s;
    printf("%-24s %8.3f s  %7.1f MB/s   processor %7.3f s  %7.1f MB/s\n", what, clock_s,
           bytes / 1e6 / clock_s, used_s, bytes / 1e6 / used_s);
}

typedef struct operations {
    auk_operation *items;
    uint32_t count;
} operations;

static operations cut_lines(const auk_buffer *text, auk_arena *arena, uint32_t round)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < text->size; i++)
        lines += text->data[i] == '\n';
    operations out = {malloc(lines * sizeof *out.items), 0};
    const char *at = text->data, *end = text->data + text->size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            break;
        out.items[out.count] = (auk_operation){
            .kind = AUK_OPERATION_INDEX,
            .id = auk_arena_printf(arena, "%08x%04xBm9rdC1pZA", out.count * 2654435761u, round),
            .id_is_generated = true,
            .source = auk_span_make(at, (size_t)(stop - at)),
            .if_seq_no = -1,
        };
        out.count++;
        at = stop + 1;
    }
    return out;
}

static void write_all(auk_shard *shard, const operations *all, auk_pool *pool)
{
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(4096);
    auk_outcome *outcomes = malloc(all->count * sizeof *outcomes);
    for (uint32_t from = 0; from < all->count;) {
        size_t bytes = 0;
        uint32_t to = from;
        while (to < all->count && bytes < BULK_BYTES)
            bytes += all->items[to++].source.size;
        check(auk_shard_write(shard, all->items + from, to - from, pool, arena, outcomes, &err),
              &err);
        for (uint32_t i = 0; i < to - from; i++)
            check(outcomes[i].error.code, outcomes[i].error.why);
        from = to;
    }
    free(outcomes);
    auk_arena_destroy(arena);
}

/* The first thousand documents once more, made searchable in the index as it stands. */
static void report_small_refresh(auk_shard *shard, const auk_buffer *text, auk_arena *arena,
                                 auk_pool *pool)
{
    enum { DOCUMENTS = 1000, TIMES = 9, OTHER_IDS = 0xf000 };
    double best_ms = 1e9, best_cpu_ms = 1e9;
    uint32_t count = 0;
    for (uint32_t i = 0; i < TIMES; i++) {
        auk_error err = {0};
        bool changed;
        operations few = cut_lines(text, arena, OTHER_IDS + i);
        count = few.count = few.count < DOCUMENTS ? few.count : DOCUMENTS;
        write_all(shard, &few, pool);
        stopwatch watch = start();
        check(auk_shard_refresh(shard, &changed, &err), &err);
        double ms = (double)(auk_clock_monotonic_us() - watch.clock_us) / 1e3;
        double cpu_ms = (processor_s() - watch.processor_s) * 1e3;
        best_ms = ms < best_ms ? ms : best_ms;
        best_cpu_ms = cpu_ms < best_cpu_ms ? cpu_ms : best_cpu_ms;
        free(few.items);
    }
    printf("refresh of %u documents: %.1f ms, processor %.1f ms (best of %d; at most 25)\n", count,
           best_ms, best_cpu_ms, TIMES);
}

static void print_stats(auk_shard *shard)
{
    auk_shard_stats stats;
    auk_shard_read_stats(shard, &stats);
    printf("documents %llu, segments %u, on disk %.1f MB, flushes %llu (%.2f s), merges %llu "
           "(%.2f s)\n",
           (unsigned long long)stats.doc_count, stats.segment_count,
           (double)stats.segment_bytes / 1e6, (unsigned long long)stats.flush_total,
           (double)stats.flush_time_us / 1e6, (unsigned long long)stats.merge_total,
           (double)stats.merge_time_us / 1e6);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr,
                "usage: bench_shard FILE.ndjson MAPPING.json DIRECTORY [ROUNDS [THREADS]]\n");
        return 2;
    }
    uint32_t rounds = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1;
    unsigned threads = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 2;
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_buffer text, mapping_text;
    read_file(argv[1], &text);
    read_file(argv[2], &mapping_text);

    bench b = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const auk_json *body;
    check(auk_json_parse(auk_buffer_span(&mapping_text), arena, &body, &err), &err);
    if (auk_json_get(body, "mappings") != NULL)
        body = auk_json_get(body, "mappings");
    auk_settings *settings = auk_settings_create();
    auk_analysis *analysis;
    check(auk_analysis_create(settings, &analysis, &err), &err);
    check(auk_mapping_create(body, settings, analysis, &b.mapping, &err), &err);

    auk_store *store;
    auk_shard *shard;
    auk_pool *pool = threads > 1 ? auk_pool_create("write", threads - 1, 256) : NULL;
    auk_pool *background = threads > 1 ? auk_pool_create("background", 1, 256) : NULL;
    auk_shard_host host = {&b, give_mapping, extend_mapping, take_view, NULL};
    auk_shard_options options = {.id = 1};
    check(auk_store_open(argv[3], NULL, &store, &err), &err);
    check(auk_shard_open(store, NULL, background, &options, &host, &shard, &err), &err);

    double total = (double)text.size * rounds;
    stopwatch all = start();
    for (uint32_t round = 0; round < rounds; round++) {
        operations operations_of_round = cut_lines(&text, arena, round);
        write_all(shard, &operations_of_round, pool);
        free(operations_of_round.items);
    }
    report("write", all, total);
    bool changed;
    stopwatch watch = start();
    check(auk_shard_refresh(shard, &changed, &err), &err);
    report("refresh", watch, total);
    watch = start();
    check(auk_shard_flush(shard, &err), &err);
    report("flush", watch, total);
    report("all", all, total);
    report_small_refresh(shard, &text, arena, pool);
    print_stats(shard);
    auk_shard_close(shard);
    auk_store_close(store);
    watch = start();
    check(auk_store_open(argv[3], NULL, &store, &err), &err);
    report("start: store", watch, total);
    watch = start();
    check(auk_shard_open(store, NULL, background, &options, &host, &shard, &err), &err);
    report("start: shard", watch, total);
    auk_shard_close(shard);
    auk_store_close(store);
    return 0;
}

#include <stdio.h>
#include <stdlib.h>

#include "auk/clock.h"
#include "race.h"

enum { BULK_BYTES = 5 << 20, BULK_DOCUMENTS = 20000 };

typedef struct bulk {
    auk_write *writes;
    auk_written *written;
    uint32_t count;
    size_t bytes;
    auk_arena *arena; /* ids and outcomes */
} bulk;

/* As asked for, whatever the mapping's settings and the size of the corpus say. */
static void set_reorder(auk_catalog *catalog, bool reorder, auk_arena *arena)
{
    auk_error err = {0};
    const auk_json *body;
    auk_span text = auk_span_of(reorder ? "{\"index.reorder\":true,\"index.reorder_from\":512}"
                                        : "{\"index.reorder\":false}");
    race_check(auk_json_parse(text, arena, &body, &err), &err);
    race_check(auk_catalog_put_settings(catalog, auk_span_of(RACE_INDEX), body, false, &err), &err);
}

static void create(auk_catalog *catalog, const race_options *options, auk_arena *arena)
{
    static const char plain[] =
        "{\"settings\":{\"number_of_shards\":1,\"refresh_interval\":\"-1\"},\"mappings\":{"
        "\"properties\":{\"body\":{\"type\":\"text\"}}}}";
    auk_error err = {0};
    const auk_json *body;
    auk_span text = options->mapping ? race_read_file(options->mapping) : auk_span_of(plain);
    race_check(auk_json_parse(text, arena, &body, &err), &err);
    race_check(auk_catalog_create_index(catalog, auk_span_of(RACE_INDEX), body, &err), &err);
    if (options->reorder != RACE_REORDER_DEFAULT)
        set_reorder(catalog, options->reorder == RACE_REORDER_ON, arena);
}

static void send(auk_catalog *catalog, bulk *all)
{
    auk_error err = {0};
    race_check(auk_catalog_write(catalog, all->writes, all->count, AUK_REFRESH_NONE, all->arena,
                                 all->written, &err),
               &err);
    for (uint32_t i = 0; i < all->count; i++)
        if (all->written[i].error.code != AUK_OK)
            race_fail("document %.*s: %s", AUK_SPAN_ARG(all->writes[i].id),
                      all->written[i].error.why->message);
    all->count = 0;
    all->bytes = 0;
    auk_arena_reset(all->arena);
}

static uint64_t write_all(auk_catalog *catalog, auk_span corpus)
{
    bulk all = {.writes = calloc(BULK_DOCUMENTS, sizeof *all.writes),
                .written = calloc(BULK_DOCUMENTS, sizeof *all.written),
                .arena = auk_arena_create(1 << 16)};
    uint64_t number = 0;
    auk_span line;
    while (race_next_line(&corpus, &line)) {
        auk_write *write = &all.writes[all.count++];
        auk_write_init(write);
        write->kind = AUK_WRITE_INDEX;
        write->index = auk_span_of(RACE_INDEX);
        write->id = auk_arena_printf(all.arena, "%llu", (unsigned long long)number++);
        write->source = line;
        all.bytes += line.size;
        if (all.bytes >= BULK_BYTES || all.count == BULK_DOCUMENTS)
            send(catalog, &all);
    }
    send(catalog, &all);
    auk_arena_destroy(all.arena);
    free(all.writes);
    free(all.written);
    return number;
}

/* Of all segments: what keeps the documents as they were sent. */
static uint64_t sum_stored_bytes(const auk_index_view *view)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < view->shard_count; i++)
        for (uint32_t j = 0; j < view->shards[i]->segment_count; j++) {
            uint32_t count;
            const auk_value *values =
                auk_segment_values(view->shards[i]->segments[j].segment, &count);
            for (uint32_t k = 0; k < count; k++)
                if (values[k].kind == AUK_KIND_STORED || values[k].kind == AUK_KIND_STORED_INDEX)
                    bytes += values[k].bytes.size;
        }
    return bytes;
}

/* As a peer's commit does, puts all that was written into segments. */
static void flush(auk_catalog *catalog)
{
    auk_error err = {0};
    const auk_root *root = auk_root_acquire(catalog);
    auk_index *index = auk_root_find(root, auk_span_of(RACE_INDEX))->index;
    race_check(auk_index_flush(index, &err), &err);
    auk_root_release(catalog, root);
}

static auk_shard_stats finish(auk_catalog *catalog, uint32_t segments, uint64_t *stored_bytes)
{
    auk_error err = {0};
    auk_shard_stats stats;
    const auk_root *root = auk_root_acquire(catalog);
    auk_index *index = auk_root_find(root, auk_span_of(RACE_INDEX))->index;
    if (segments)
        race_check(auk_index_force_merge(index, segments, false, &err), &err);
    auk_index_read_stats(index, 0, &stats);
    auk_root_release(catalog, root);
    root = auk_root_acquire(catalog); /* with the merged segments */
    *stored_bytes = sum_stored_bytes(auk_root_find(root, auk_span_of(RACE_INDEX)));
    auk_root_release(catalog, root);
    return stats;
}

void race_index(const race_options *options)
{
    auk_span corpus = race_read_file(options->corpus);
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_budget *budget = auk_budget_create((size_t)2 << 30);
    auk_pool *writers =
        options->threads > 1 ? auk_pool_create("write", options->threads - 1, 256) : NULL;
    auk_pool *background = auk_pool_create("background", 1, 256);
    auk_catalog *catalog = race_open(options, budget, writers, background);
    create(catalog, options, arena);
    uint64_t begin_us = auk_clock_monotonic_us();
    uint64_t documents = write_all(catalog, corpus);
    flush(catalog);
    uint64_t written_us = auk_clock_monotonic_us();
    uint64_t stored_bytes;
    auk_shard_stats stats = finish(catalog, options->segments, &stored_bytes);
    uint64_t end_us = auk_clock_monotonic_us();
    printf("{\"engine\":\"auk\",\"version\":\"" AUK_VERSION "\",\"threads\":%u,\"documents\":%llu,"
           "\"source_bytes\":%zu,\"index_s\":%.3f,\"total_s\":%.3f,\"segments\":%u,"
           "\"segment_bytes\":%llu,\"stored_bytes\":%llu,\"reordered\":%llu,\"merge_s\":%.3f,"
           "\"reorder_s\":%.3f}\n",
           options->threads, (unsigned long long)documents, corpus.size,
           (double)(written_us - begin_us) / 1e6, (double)(end_us - begin_us) / 1e6,
           stats.segment_count, (unsigned long long)stats.segment_bytes,
           (unsigned long long)stored_bytes, (unsigned long long)stats.reorder_total,
           (double)stats.merge_time_us / 1e6, (double)stats.reorder_time_us / 1e6);
    auk_catalog_close(catalog);
    auk_pool_destroy(background);
    if (writers)
        auk_pool_destroy(writers);
    auk_budget_destroy(budget);
    auk_arena_destroy(arena);
}

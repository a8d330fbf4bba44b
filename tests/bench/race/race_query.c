#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "race.h"

typedef struct row {
    auk_span text;
    const auk_json *tags;
    const auk_query *query;
    double *times_us; /* one a round */
    uint64_t count;
    auk_buffer hits; /* JSON */
} row;

typedef struct race {
    const race_options *options;
    auk_search_target target;
    uint32_t size; /* hits; 0: none */
    bool counts;   /* exactly */
    row *rows;
    uint32_t count;
    auk_arena *queries; /* lives as long as the rows */
    auk_arena *arena;   /* of one search */
    auk_error err;      /* of the first that fails, which is the last */
} race;

static void read_mode(race *it)
{
    const char *mode = it->options->mode;
    static const struct {
        const char *name;
        uint32_t size;
        bool counts;
    } modes[] = {{"TOP_10", 10, false},
                 {"TOP_100", 100, false},
                 {"TOP_1000", 1000, false},
                 {"COUNT", 0, true},
                 {"TOP_100_COUNT", 100, true}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(mode, modes[i].name) == 0) {
            it->size = modes[i].size;
            it->counts = modes[i].counts;
            return;
        }
    race_fail("mode %s is none of TOP_10, TOP_100, TOP_1000, COUNT, TOP_100_COUNT", mode);
}

static void read_rows(race *it)
{
    auk_error err = {0};
    auk_span text = race_read_file(it->options->queries), rest = text, line;
    while (race_next_line(&rest, &line))
        it->count++;
    it->rows = calloc(it->count, sizeof *it->rows);
    for (uint32_t i = 0; race_next_line(&text, &line); i++) {
        const auk_json *json;
        race_check(auk_json_parse(line, it->queries, &json, &err), &err);
        const auk_json *query = auk_json_get(json, "query");
        if (!query)
            race_fail("line %u of the queries has no \"query\"", i + 1);
        row *at = &it->rows[i];
        at->text = query->text;
        at->tags = auk_json_get(json, "tags");
        at->query = race_parse_query(at->text, it->options->field, it->queries);
        at->times_us = calloc(it->options->rounds, sizeof *at->times_us);
        auk_buffer_init(&at->hits, AUK_BUFFER_NO_LIMIT);
    }
}

static double now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void run(race *it, const row *at, auk_search_result *result, uint64_t *count)
{
    auk_search_context context = {.now_ms = 0};
    auk_arena_reset(it->arena);
    if (it->size == 0) {
        race_check(auk_search_count(&it->target, 1, at->query, &context, it->arena, count,
                                    &it->err),
                   &it->err);
        return;
    }
    auk_search_request request;
    auk_search_request_init(&request);
    request.query = at->query;
    request.size = it->size;
    request.track_total_hits = it->counts ? INT64_MAX : 0;
    race_check(auk_search_run(&it->target, 1, &request, &context, it->arena, result, &it->err),
               &it->err);
    *count = it->counts ? result->total : result->hit_count;
}

static void keep_hits(race *it, row *at, const auk_search_result *result)
{
    auk_json_writer out;
    auk_error err = {0};
    auk_json_writer_init(&out, &at->hits, false);
    auk_json_begin_array(&out);
    for (uint32_t i = 0; i < result->hit_count; i++) {
        const auk_hit *hit = &result->hits[i];
        const auk_segment *segment = it->target.shards[hit->shard]->segments[hit->segment].segment;
        auk_stored_document stored;
        race_check(auk_segment_read_stored(segment, hit->doc, NULL, it->arena, &stored, &err),
                   &err);
        auk_json_begin_array(&out);
        auk_json_string(&out, stored.id);
        auk_json_float(&out, hit->score);
        auk_json_end_array(&out);
    }
    auk_json_end_array(&out);
}

static void warm_up(race *it)
{
    for (uint32_t i = 0; i < it->count; i++) {
        row *at = &it->rows[i];
        auk_search_result result = {0};
        run(it, at, &result, &at->count);
        keep_hits(it, at, &result);
    }
}

/* Fisher and Yates, by a fixed seed: each round in an order of its own, the same in each run. */
static void shuffle(uint32_t *order, uint32_t count, uint64_t *seed)
{
    for (uint32_t i = count; i > 1; i--) {
        *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint32_t j = (uint32_t)((*seed >> 33) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void run_rounds(race *it)
{
    uint32_t *order = calloc(it->count, sizeof *order);
    uint64_t seed = 1, count;
    for (uint32_t i = 0; i < it->count; i++)
        order[i] = i;
    for (unsigned round = 0; round < it->options->rounds; round++) {
        shuffle(order, it->count, &seed);
        for (uint32_t i = 0; i < it->count; i++) {
            row *at = &it->rows[order[i]];
            auk_search_result result;
            double begin = now_us();
            run(it, at, &result, &count);
            at->times_us[round] = now_us() - begin;
        }
    }
    free(order);
}

static int by_time(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void write_row(const row *at, unsigned rounds, auk_json_writer *out)
{
    qsort(at->times_us, rounds, sizeof *at->times_us, by_time);
    auk_json_begin_object(out);
    auk_json_key(out, auk_span_of("query"));
    auk_json_string(out, at->text);
    auk_json_key(out, auk_span_of("tags"));
    auk_json_raw(out, at->tags ? at->tags->text : auk_span_of("[]"));
    auk_json_key(out, auk_span_of("count"));
    auk_json_uint(out, at->count);
    auk_json_key(out, auk_span_of("best_us"));
    auk_json_double(out, round(at->times_us[0] * 1e3) / 1e3);
    auk_json_key(out, auk_span_of("median_us"));
    auk_json_double(out, round(at->times_us[rounds / 2] * 1e3) / 1e3);
    auk_json_key(out, auk_span_of("hits"));
    auk_json_raw(out, auk_buffer_span(&at->hits));
    auk_json_end_object(out);
}

static void write_rows(const race *it)
{
    FILE *file = fopen(it->options->out, "wb");
    if (!file)
        race_fail("cannot write %s", it->options->out);
    fputs("[\n", file);
    for (uint32_t i = 0; i < it->count; i++) {
        auk_buffer buffer;
        auk_json_writer out;
        auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&out, &buffer, false);
        write_row(&it->rows[i], it->options->rounds, &out);
        fprintf(file, "%s%.*s", i ? ",\n" : "", AUK_SPAN_ARG(auk_buffer_span(&buffer)));
        auk_buffer_deinit(&buffer);
    }
    fputs("\n]\n", file);
    if (fclose(file) != 0)
        race_fail("cannot write %s", it->options->out);
}

static void release_rows(race *it)
{
    for (uint32_t i = 0; i < it->count; i++) {
        free(it->rows[i].times_us);
        auk_buffer_deinit(&it->rows[i].hits);
    }
    free(it->rows);
}

void race_query(const race_options *options)
{
    race it = {.options = options,
               .queries = auk_arena_create(1 << 16),
               .arena = auk_arena_create(1 << 20)};
    auk_budget *budget = auk_budget_create((size_t)2 << 30);
    auk_pool *background = auk_pool_create("background", 1, 256);
    read_mode(&it);
    read_rows(&it);
    auk_catalog *catalog = race_open(options, budget, NULL, background);
    const auk_root *root = auk_root_acquire(catalog);
    const auk_index_view *view = auk_root_find(root, auk_span_of(RACE_INDEX));
    if (!view)
        race_fail("%s holds no index \"" RACE_INDEX "\": begin with auk-race index",
                  options->directory);
    it.target = (auk_search_target){.index = view->name,
                                    .mapping = view->mapping,
                                    .shards = view->shards,
                                    .shard_count = view->shard_count};
    warm_up(&it);
    run_rounds(&it);
    write_rows(&it);
    release_rows(&it);
    auk_root_release(catalog, root);
    auk_catalog_close(catalog);
    auk_pool_destroy(background);
    auk_budget_destroy(budget);
    auk_arena_destroy(it.queries);
    auk_arena_destroy(it.arena);
}

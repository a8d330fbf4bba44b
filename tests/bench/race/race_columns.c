/* Sorts, ranges and aggregations: search bodies as clients send them, timed, with their answers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "race.h"

typedef struct task {
    auk_span name, request;
    double *times_us; /* one a round */
    auk_buffer answer;
} task;

typedef struct race {
    const race_options *options;
    auk_search_target target;
    task *tasks;
    uint32_t count;
    auk_arena *arena; /* of one search */
} race;

static double now_us(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static void read_tasks(race *it, auk_arena *arena)
{
    auk_error err = {0};
    auk_span text = race_read_file(it->options->queries), rest = text, line;
    while (race_next_line(&rest, &line))
        it->count++;
    it->tasks = calloc(it->count, sizeof *it->tasks);
    for (uint32_t i = 0; race_next_line(&text, &line); i++) {
        const auk_json *json;
        race_check(auk_json_parse(line, arena, &json, &err), &err);
        const auk_json *name = auk_json_get(json, "name"), *body = auk_json_get(json, "body");
        if (!name || !body)
            race_fail("line %u has no \"name\" or no \"body\"", i + 1);
        it->tasks[i] = (task){.name = name->text, .request = body->text};
        it->tasks[i].times_us = calloc(it->options->rounds, sizeof(double));
        auk_buffer_init(&it->tasks[i].answer, AUK_BUFFER_NO_LIMIT);
    }
}

/* From a text to its hits and merged buckets. */
static void run(race *it, const task *at, auk_search_request *request, auk_search_result *result)
{
    auk_error err = {0};
    auk_search_context context = {.now_ms = 0};
    const auk_json *body;
    auk_arena_reset(it->arena);
    race_check(auk_json_parse(at->request, it->arena, &body, &err), &err);
    auk_search_request_init(request);
    race_check(auk_search_request_parse(body, it->arena, request, &err), &err);
    race_check(auk_search_run(&it->target, 1, request, &context, it->arena, result, &err), &err);
}

static void warm_up(race *it, task *at)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_result result;
    auk_json_writer out;
    run(it, at, &request, &result);
    auk_json_writer_init(&out, &at->answer, false);
    auk_json_begin_object(&out);
    race_check(auk_search_write(&it->target, &request, &result, it->arena, &out, &err), &err);
    if (request.profile)
        auk_search_write_profile(&result, auk_span_of("race"), it->arena, &out);
    auk_json_end_object(&out);
}

static void run_rounds(race *it)
{
    auk_search_request request;
    auk_search_result result;
    for (unsigned round = 0; round < it->options->rounds; round++)
        for (uint32_t i = 0; i < it->count; i++) {
            double begin = now_us();
            run(it, &it->tasks[i], &request, &result);
            it->tasks[i].times_us[round] = now_us() - begin;
        }
}

static int by_time(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void write_tasks(const race *it)
{
    unsigned rounds = it->options->rounds;
    FILE *file = fopen(it->options->out, "wb");
    if (!file)
        race_fail("cannot write %s", it->options->out);
    fputs("[\n", file);
    for (uint32_t i = 0; i < it->count; i++) {
        task *at = &it->tasks[i];
        qsort(at->times_us, rounds, sizeof *at->times_us, by_time);
        fprintf(file, "%s{\"name\":\"%.*s\",\"best_us\":%.3f,\"median_us\":%.3f,\"answer\":%.*s}",
                i ? ",\n" : "", AUK_SPAN_ARG(at->name), at->times_us[0], at->times_us[rounds / 2],
                AUK_SPAN_ARG(auk_buffer_span(&at->answer)));
        free(at->times_us);
        auk_buffer_deinit(&at->answer);
    }
    fputs("\n]\n", file);
    if (fclose(file) != 0)
        race_fail("cannot write %s", it->options->out);
    free(it->tasks);
}

void race_columns(const race_options *options)
{
    auk_arena *arena = auk_arena_create(1 << 16);
    race it = {.options = options, .arena = auk_arena_create(1 << 20)};
    auk_budget *budget = auk_budget_create((size_t)2 << 30);
    auk_pool *background = auk_pool_create("background", 1, 256);
    read_tasks(&it, arena);
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
    for (uint32_t i = 0; i < it.count; i++)
        warm_up(&it, &it.tasks[i]);
    run_rounds(&it);
    write_tasks(&it);
    auk_root_release(catalog, root);
    auk_catalog_close(catalog);
    auk_pool_destroy(background);
    auk_budget_destroy(budget);
    auk_arena_destroy(it.arena);
    auk_arena_destroy(arena);
}

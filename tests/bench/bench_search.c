/*
 * bench_search - what a search costs inside the engine: request parsed, hits ranked, answer
 * written.
 *
 *   bench_search [documents [part of a row's name]]
 *
 * Documents of about half a kilobyte with words in a natural skew, in one segment on the heap.
 * Prints microseconds of one thread, the median and the 99th of many runs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/clock.h"
#include "search_support.h"

enum { RUNS = 400, WORDS = 70, VOCABULARY = 40000 };

static const char mapping[] = "{\"properties\":{\"t\":{\"type\":\"text\"},\"k\":{\"type\":"
                              "\"keyword\"},\"n\":{\"type\":\"long\"}}}";

static uint64_t seed = 42;

static double draw(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Word r is about as likely as 1 / (r + 1). */
static unsigned draw_word(void)
{
    return (unsigned)(exp(draw() * log(VOCABULARY)) - 1.0);
}

static auk_span make_source(auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_append_text(&out, "{\"t\":\"");
    for (int i = 0; i < WORDS; i++)
        auk_buffer_printf(&out, "w%u ", draw_word());
    auk_buffer_printf(&out, "\",\"k\":\"k%u\",\"n\":%u}", draw_word() % 50,
                      (unsigned)(draw() * 1e6));
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

static int by_time(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(test_index *index, const char *name, const char *body)
{
    double run[RUNS], whole[RUNS];
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1};
    uint64_t total = 0;
    for (int i = 0; i < RUNS; i++) {
        auk_search_request request;
        auk_search_result result;
        auk_arena_reset(arena);
        struct timespec at[4];
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at[0]);
        test_request(body, arena, &request);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at[1]);
        if (auk_search_run(&target, 1, &request, &context, arena, &result, NULL) != AUK_OK)
            abort();
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at[2]);
        auk_buffer out;
        auk_json_writer writer;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        auk_json_begin_object(&writer);
        if (auk_search_write(&target, &request, &result, arena, &writer, NULL) != AUK_OK)
            abort();
        auk_buffer_deinit(&out);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at[3]);
        total = result.total;
        run[i] = (double)(at[2].tv_sec - at[1].tv_sec) * 1e6 +
                 (double)(at[2].tv_nsec - at[1].tv_nsec) / 1e3;
        whole[i] = (double)(at[3].tv_sec - at[0].tv_sec) * 1e6 +
                   (double)(at[3].tv_nsec - at[0].tv_nsec) / 1e3;
    }
    qsort(run, RUNS, sizeof *run, by_time);
    qsort(whole, RUNS, sizeof *whole, by_time);
    printf("%-34s %8llu hits  run %8.1f us (p99 %8.1f)  whole %8.1f us\n", name,
           (unsigned long long)total, run[RUNS / 2], run[RUNS * 99 / 100], whole[RUNS / 2]);
    auk_arena_destroy(arena);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 60000;
    test_index index;
    uint32_t next_id = 0;
    test_index_init(&index, "bench", mapping, 1);
    auk_span *sources = calloc((size_t)count, sizeof *sources);
    for (long i = 0; i < count; i++)
        sources[i] = make_source(index.arena);
    test_index_add(&index, 0, sources, (uint32_t)count, &next_id);
    free(sources);
    static const struct {
        const char *name, *body;
    } rows[] = {
        {"match_none", "{\"query\":{\"match_none\":{}}}"},
        {"match_all", "{}"},
        {"term, frequent", "{\"query\":{\"match\":{\"t\":\"w3\"}}}"},
        {"term, rare", "{\"query\":{\"match\":{\"t\":\"w9000\"}}}"},
        {"match, two frequent words", "{\"query\":{\"match\":{\"t\":\"w3 w10\"}}}"},
        {"the same, total exact",
         "{\"track_total_hits\":true,\"query\":{\"match\":{\"t\":\"w3 w10\"}}}"},
        {"the same, no total",
         "{\"track_total_hits\":false,\"query\":{\"match\":{\"t\":\"w3 w10\"}}}"},
        {"match, frequent and rare", "{\"query\":{\"match\":{\"t\":\"w3 w2000\"}}}"},
        {"match, two middling words", "{\"query\":{\"match\":{\"t\":\"w200 w400\"}}}"},
        {"match, five words", "{\"query\":{\"match\":{\"t\":\"w3 w10 w40 w100 w900\"}}}"},
        {"match, and",
         "{\"query\":{\"match\":{\"t\":{\"query\":\"w3 w10\",\"operator\":\"and\"}}}}"},
        {"phrase", "{\"query\":{\"match_phrase\":{\"t\":\"w3 w10\"}}}"},
        {"bool with filters",
         "{\"query\":{\"bool\":{\"must\":{\"match\":{\"t\":\"w20 w40\"}},\"filter\":[{\"term\":{"
         "\"k\":\"k3\"}},{\"range\":{\"n\":{\"gte\":1000,\"lt\":500000}}}]}}}"},
        {"range", "{\"size\":0,\"track_total_hits\":true,\"query\":{\"range\":{\"n\":{\"gte\":"
                  "1000,\"lt\":500000}}}}"},
        {"sort by a number", "{\"sort\":\"n\",\"query\":{\"match\":{\"t\":\"w3\"}}}"},
        {"sort by a keyword", "{\"sort\":\"k\",\"query\":{\"match\":{\"t\":\"w3\"}}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (argc < 3 || strstr(rows[i].name, argv[2]))
            measure(&index, rows[i].name, rows[i].body);
    test_index_deinit(&index);
    return 0;
}

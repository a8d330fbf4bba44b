/*
 * bench_load.c - loads a server from many connections and prints one line of JSON.
 *
 *   bench_load PORT CONNECTIONS SECONDS THREADS get PATH      one request over and over
 *   bench_load PORT CONNECTIONS SECONDS THREADS search PATH   the same, a term query to a _search
 *   bench_load PORT CONNECTIONS SECONDS THREADS mix INDEX     reads and writes, see write_mixed
 *   bench_load PORT CONNECTIONS SECONDS THREADS replay FILE   its lines in turn: PATH BODY, as POST
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_client.h"

#define DOCUMENTS 100000u
#define WORDS     1000u
#define BULK      20u

typedef struct source {
    const char *name; /* path, index or file */
    char **lines;     /* of the file, each at its path, which ends where the body begins */
    unsigned line_count, next;
    uint64_t random;
} source;

static unsigned pick(source *s, unsigned most)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (unsigned)(s->random % most);
}

static size_t with_body(char *out, size_t capacity, const char *method, const char *index,
                        const char *rest, const char *type, const char *body)
{
    return (size_t)snprintf(out, capacity,
                            "%s %s%s HTTP/1.1\r\nHost: auk\r\nContent-Type: application/%s\r\n"
                            "Content-Length: %zu\r\n\r\n%s",
                            method, index, rest, type, strlen(body), body);
}

static size_t write_get(void *context, char *out, size_t capacity)
{
    const source *s = context;
    return (size_t)snprintf(out, capacity, "GET %s HTTP/1.1\r\nHost: auk\r\n\r\n", s->name);
}

static size_t write_search(void *context, char *out, size_t capacity)
{
    source *s = context;
    char body[128];
    (void)snprintf(body, sizeof body, "{\"query\":{\"term\":{\"t\":\"w%u\"}},\"size\":1}",
                   pick(s, WORDS));
    return with_body(out, capacity, "POST", s->name, "", "json", body);
}

static size_t write_line(void *context, char *out, size_t capacity)
{
    source *s = context;
    const char *path = s->lines[s->next++ % s->line_count];
    return with_body(out, capacity, "POST", path, "", "json", path + strlen(path) + 1);
}

/* The file's lines, cut into path and body; the bytes live as long as the process. */
static void read_lines(source *s)
{
    FILE *file = fopen(s->name, "r");
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; file && (size = getline(&line, &room, file)) > 0; line = NULL, room = 0) {
        char *body = strchr(line, ' ');
        line[size - 1] = '\0';
        if (!body)
            break;
        *body = '\0';
        s->lines = realloc(s->lines, (s->line_count + 1) * sizeof *s->lines);
        if (!s->lines)
            abort();
        s->lines[s->line_count++] = line;
    }
    free(line);
    if (file)
        (void)fclose(file);
}

static int put_document(source *s, char *out, size_t capacity)
{
    unsigned a = pick(s, WORDS), b = pick(s, WORDS), c = pick(s, 100), n = pick(s, 1000000);
    return snprintf(out, capacity, "{\"t\":\"w%u w%u w%u\",\"k\":\"key%u\",\"n\":%u}", a, b, a / 7,
                    c, n);
}

static size_t write_bulk(source *s, char *out, size_t capacity)
{
    char body[8192];
    size_t size = 0;
    for (unsigned i = 0; i < BULK; i++) {
        size += (size_t)snprintf(body + size, sizeof body - size, "{\"index\":{\"_id\":\"%u\"}}\n",
                                 pick(s, DOCUMENTS));
        size += (size_t)put_document(s, body + size, sizeof body - size);
        size += (size_t)snprintf(body + size, sizeof body - size, "\n");
    }
    return with_body(out, capacity, "POST", s->name, "/_bulk", "x-ndjson", body);
}

/* 60 % searches, 10 % aggregations, 10 % documents read, 15 % written, 5 % bulks of 20. */
static size_t write_mixed(void *context, char *out, size_t capacity)
{
    source *s = context;
    char rest[64], body[512];
    unsigned kind = pick(s, 100);
    (void)snprintf(rest, sizeof rest, "/_doc/%u", pick(s, DOCUMENTS));
    if (kind < 60) {
        (void)snprintf(body, sizeof body, "{\"query\":{\"match\":{\"t\":\"w%u w%u\"}}}",
                       pick(s, WORDS), pick(s, WORDS));
        return with_body(out, capacity, "POST", s->name, "/_search", "json", body);
    }
    if (kind < 70) {
        (void)
            snprintf(body, sizeof body,
                     "{\"size\":0,\"query\":{\"term\":{\"t\":\"w%u\"}},\"aggs\":{\"k\":{"
                     "\"terms\":{\"field\":\"k\"},\"aggs\":{\"n\":{\"avg\":{\"field\":\"n\"}}}}}}",
                     pick(s, WORDS));
        return with_body(out, capacity, "POST", s->name, "/_search", "json", body);
    }
    if (kind < 80)
        return (size_t)snprintf(out, capacity, "GET %s%s HTTP/1.1\r\nHost: auk\r\n\r\n", s->name,
                                rest);
    if (kind < 95) {
        (void)put_document(s, body, sizeof body);
        return with_body(out, capacity, "PUT", s->name, rest, "json", body);
    }
    return write_bulk(s, out, capacity);
}

static void *run_thread(void *context)
{
    load_client_run(context);
    return NULL;
}

static void add(load_report *sum, const load_report *more)
{
    sum->answers += more->answers;
    sum->refused += more->refused;
    sum->errors += more->errors;
    sum->lost += more->lost;
    sum->worst_us = more->worst_us > sum->worst_us ? more->worst_us : sum->worst_us;
    sum->first_error = sum->first_error ? sum->first_error : more->first_error;
    for (unsigned i = 0; i < LOAD_BUCKETS; i++)
        sum->counts[i] += more->counts[i];
    for (size_t i = 0; i < sizeof sum->seconds / sizeof *sum->seconds; i++)
        sum->seconds[i] += more->seconds[i];
}

static double percentile_ms(const load_report *report, double part)
{
    uint64_t wanted = (uint64_t)((double)report->answers * part), seen = 0;
    for (unsigned i = 0; i < LOAD_BUCKETS; i++) {
        seen += report->counts[i];
        if (seen > wanted)
            return (double)load_bucket_us(i) / 1000;
    }
    return (double)report->worst_us / 1000;
}

static void print(const load_report *report, unsigned connections, double seconds)
{
    unsigned whole = (unsigned)seconds;
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < whole && i < sizeof report->seconds / sizeof *report->seconds; i++)
        least = report->seconds[i] < least ? report->seconds[i] : least;
    (void)printf("{\"connections\":%u,\"answers_per_second\":%.0f,\"least_second\":%llu,"
                 "\"refused\":%llu,\"errors\":%llu,\"first_error\":%d,\"lost\":%llu,"
                 "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"worst_ms\":%.3f}\n",
                 connections, (double)report->answers / seconds,
                 (unsigned long long)(whole ? least : 0), (unsigned long long)report->refused,
                 (unsigned long long)report->errors, report->first_error,
                 (unsigned long long)report->lost, percentile_ms(report, 0.5),
                 percentile_ms(report, 0.99), (double)report->worst_us / 1000);
}

static load_writer writer_of(const char *kind)
{
    return strcmp(kind, "get") == 0      ? write_get
           : strcmp(kind, "search") == 0 ? write_search
           : strcmp(kind, "mix") == 0    ? write_mixed
           : strcmp(kind, "replay") == 0 ? write_line
                                         : NULL;
}

int main(int argc, char **argv)
{
    load_writer write = argc == 7 ? writer_of(argv[5]) : NULL;
    unsigned connections = argc == 7 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    unsigned threads = argc == 7 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (!write || !connections || !threads) {
        (void)fprintf(stderr, "usage: bench_load PORT CONNECTIONS SECONDS THREADS "
                              "get|search PATH | mix INDEX | replay FILE\n");
        return 2;
    }
    threads = threads > connections ? connections : threads;
    load_run *runs = calloc(threads, sizeof *runs);
    source *sources = calloc(threads, sizeof *sources);
    pthread_t *ids = calloc(threads, sizeof *ids);
    load_report *sum = calloc(1, sizeof *sum);
    if (!runs || !sources || !ids || !sum)
        abort();
    for (unsigned i = 0; i < threads; i++) {
        sources[i] = (source){.name = argv[6], .random = 88172645463325252u + i * 7919u};
        if (write == write_line)
            read_lines(&sources[i]);
        if (write == write_line && sources[i].line_count == 0) {
            (void)fprintf(stderr, "bench_load: no lines in %s\n", argv[6]);
            return 1;
        }
        runs[i].address.sin_family = AF_INET;
        runs[i].address.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
        runs[i].address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        runs[i].connections = connections / threads + (i < connections % threads);
        runs[i].seconds = strtod(argv[3], NULL);
        runs[i].write = write;
        runs[i].context = &sources[i];
        if (pthread_create(&ids[i], NULL, run_thread, &runs[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
        add(sum, &runs[i].report);
    }
    print(sum, connections, runs[0].seconds);
    free(runs);
    free(sources);
    free(ids);
    free(sum);
    return 0;
}

/*
 * sync_null - follows a slot with nothing behind it: every column of every row is added to a
 * checksum, as an index would have to look at it.
 *
 *   sync_null CONNINFO SLOT PUBLICATION BINARY(0|1) END_LSN SPOOL_MB
 *
 * Reads until everything up to END_LSN has come out; prints rows, bytes, seconds, rows a second,
 * the checksum, the most memory that the spool took and what it put to disk, and the process's
 * peak.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/hash.h"
#include "stream.h"

typedef struct totals {
    uint64_t rows, columns, sum, transactions, most_memory, most_disk;
} totals;

static void add_tuple(totals *t, const auk_tuple *tuple)
{
    for (uint32_t i = 0; i < tuple->count; i++)
        t->sum += auk_hash(tuple->columns[i].bytes, tuple->columns[i].state);
    t->columns += tuple->count;
}

static void look_at_memory(auk_stream *stream, totals *t)
{
    auk_stream_stats stats;
    auk_stream_read_stats(stream, &stats);
    if (stats.spool_memory_bytes > t->most_memory)
        t->most_memory = stats.spool_memory_bytes;
    if (stats.spool_disk_bytes > t->most_disk)
        t->most_disk = stats.spool_disk_bytes;
}

static auk_code add_transaction(auk_stream *stream, auk_transaction *transaction, totals *t,
                                auk_error *err)
{
    auk_row_change change;
    bool end = false;
    auk_code code;
    while ((code = auk_transaction_next(transaction, &change, &end, err)) == AUK_OK && !end) {
        if (t->rows++ % 65536 == 0)
            look_at_memory(stream, t);
        add_tuple(t, &change.before);
        add_tuple(t, &change.after);
    }
    t->transactions++;
    auk_transaction_release(transaction);
    return code;
}

static auk_code follow(auk_stream *stream, auk_lsn until, totals *t, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_lsn end = 0;
    while (code == AUK_OK && end < until) {
        auk_transaction *transaction;
        look_at_memory(stream, t);
        code = auk_stream_next(stream, 100, &transaction, err);
        if (code != AUK_OK || !transaction)
            continue;
        end = auk_transaction_read_info(transaction)->end_lsn;
        code = add_transaction(stream, transaction, t, err);
    }
    return code;
}

static void report(const totals *t, auk_stream *stream, int64_t us)
{
    auk_stream_stats stats;
    struct rusage usage;
    auk_stream_read_stats(stream, &stats);
    getrusage(RUSAGE_SELF, &usage);
    double seconds = (double)us / 1e6;
    printf("{\"rows\": %" PRIu64 ", \"columns\": %" PRIu64 ", \"transactions\": %" PRIu64
           ", \"bytes\": %" PRIu64
           ", \"seconds\": %.3f, \"rows_a_second\": %.0f, \"checksum\": \"%016" PRIx64
           "\", \"spool_memory\": %" PRIu64 ", \"spool_disk\": %" PRIu64 ", \"peak_kb\": %ld, "
           "\"cpu_seconds\": %.3f}\n",
           t->rows, t->columns, t->transactions, stats.bytes_received, seconds,
           (double)t->rows / seconds, t->sum, t->most_memory, t->most_disk, usage.ru_maxrss,
           (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static auk_lsn parse_lsn(const char *text)
{
    char *rest;
    auk_lsn high = strtoul(text, &rest, 16);
    return high << 32 | (*rest == '/' ? strtoul(rest + 1, NULL, 16) : 0);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "sync_null CONNINFO SLOT PUBLICATION BINARY END_LSN SPOOL_MB\n");
        return 2;
    }
    char directory[] = "/tmp/auk-null-XXXXXX";
    if (!mkdtemp(directory))
        return 1;
    const auk_stream_options options = {.conninfo = argv[1],
                                        .slot = argv[2],
                                        .publication = argv[3],
                                        .application = "sync_null",
                                        .spool_directory = directory,
                                        .spool_memory_bytes = strtoull(argv[6], NULL, 10) << 20,
                                        .binary = argv[4][0] == '1'};
    auk_error err = {0};
    auk_stream *stream = NULL;
    totals t = {0};
    int64_t start = (int64_t)auk_clock_monotonic_us();
    auk_code code = auk_stream_open(&options, &stream, &err);
    if (code == AUK_OK)
        code = follow(stream, parse_lsn(argv[5]), &t, &err);
    if (code == AUK_OK)
        report(&t, stream, (int64_t)auk_clock_monotonic_us() - start);
    else
        fprintf(stderr, "sync_null: %s\n", err.message);
    auk_stream_close(stream);
    rmdir(directory);
    return code == AUK_OK ? 0 : 1;
}

/*
 * stream_support.h - a slot of a real Postgres, followed by a test: what comes is written down.
 *
 *   Lifetime  follow_begin .. follow_end.   Threads  one.   Memory  heap.
 *   Errors    fail the test.
 */
#ifndef AUK_STREAM_SUPPORT_H
#define AUK_STREAM_SUPPORT_H

#include "auk/buffer.h"
#include "pg.h"
#include "stream.h"

typedef struct follower {
    auk_pg *pg; /* for statements */
    auk_stream *stream;
    auk_stream_options options;
    char directory[64];
    char name[32]; /* of slot and publication */
    auk_lsn applied;
    auk_buffer log;        /* what came since the last follow_read */
    uint32_t transactions; /* with a change that is no mark */
    uint32_t marks;
} follower;

/* Publication of the tables ("FOR ALL TABLES", "FOR TABLE a, b"), slot, and a stream. */
void follow_begin(follower *f, const char *name, const char *tables);
void follow_end(follower *f);
/* Opens the stream anew behind what was applied. */
void follow_open(follower *f);
void run(follower *f, const char *sql);
auk_span ask(follower *f, const char *sql); /* first cell; until the next statement */

/* Writes down and confirms one transaction: "I t(1,a)\n" a change, "--\n" behind the last. */
void write_down(follower *f, auk_transaction *transaction);
/* Commits a mark, and writes down everything up to it. */
const char *follow_read(follower *f);
/* The next transaction or keepalive, within a minute. */
auk_transaction *follow_next(follower *f);

#endif

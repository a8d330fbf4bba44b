/*
 * pg_private.h - what pg*.c and stream*.c share of a connection.
 *
 *   Lifetime  auk_pg's.   Threads  as pg.h; cancelled and wake from any.   Memory  libpq's.
 *   Errors    as pg.h.
 */
#ifndef AUK_SYNC_PG_PRIVATE_H
#define AUK_SYNC_PG_PRIVATE_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "pg.h"

struct auk_pg {
    PGconn *connection;
    char *row;     /* of COPY, libpq's; freed by the next _copy_next */
    int wake;      /* eventfd: something changed for who waits */
    char state[6]; /* SQLSTATE */
    bool replication;
    atomic_bool cancelled;
};

/* Waits for the socket: events as poll's; a deadline by auk_clock_monotonic_us, 0: none. What is
 * ready comes back in *ready, 0 after the deadline or a wake. AUK_CANCELLED after _cancel. */
AUK_MUST_CHECK auk_code auk_pg_wait(auk_pg *pg, short events, uint64_t deadline_us, short *ready,
                                    auk_error *err);
void auk_pg_wake(auk_pg *pg);

/* The failure that the connection, or a result, tells of; sets the state. */
auk_code auk_pg_fail_connection(auk_pg *pg, const char *what, auk_error *err);
auk_code auk_pg_fail_result(auk_pg *pg, const PGresult *result, auk_error *err);

/* Sends one statement by the simple protocol, and waits for what comes first of it. */
AUK_MUST_CHECK auk_code auk_pg_start(auk_pg *pg, const char *sql, PGresult **out, auk_error *err);

#endif

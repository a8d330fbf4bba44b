/*
 * pg.h - a connection to Postgres. With stream.c and copying, the only user of libpq.
 *
 *   Lifetime  _connect .. _close; a result until _clear.
 *   Threads   a connection belongs to one thread; _cancel from any.
 *   Memory    results lie with libpq until cleared.
 *   Errors    AUK_IO: no connection, or it is lost (then nothing more works: _close it).
 *             AUK_CANCELLED after _cancel. What the server refuses carries its words, its hint and
 *             SQLSTATE, with a code by SQLSTATE: AUK_FORBIDDEN (42501, 28xxx), AUK_NOT_FOUND (no
 *             such table, slot, publication, database), AUK_CONFLICT (55006: the slot is in use;
 *             42710: it exists), AUK_BUSY (53xxx: connections, slots, disk), AUK_CANCELLED (57014),
 *             AUK_IO (08xxx, 57P0x: it shuts down or starts), else AUK_INVALID.
 */
#ifndef AUK_SYNC_PG_H
#define AUK_SYNC_PG_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_pg auk_pg;
typedef struct auk_pg_result auk_pg_result;

typedef struct auk_pg_options {
    const char *conninfo;    /* or a URL; whole */
    const char *application; /* application_name; NULL: "auk" */
    const char *password;    /* NULL: what conninfo, environment or passfile say */
    bool replication;        /* a walsender */
    uint32_t timeout_ms; /* of connecting, and of statements (statement_timeout); 0: 10 s, none */
} auk_pg_options;

/* Sets the session so that text comes in one form whatever the server's settings are: UTF8, ISO
 * dates, ISO 8601 intervals, UTC, extra_float_digits 3, hex bytea, search_path pg_catalog: name
 * everything with its schema. Waits without blocking signals;
 * a stopping owner calls _cancel. */
AUK_MUST_CHECK auk_code auk_pg_connect(const auk_pg_options *options, auk_pg **out, auk_error *err);
void auk_pg_close(auk_pg *pg);              /* NULL is fine */
int auk_pg_version(const auk_pg *pg);       /* 150020 */
const char *auk_pg_state(const auk_pg *pg); /* SQLSTATE of the last failure, or "" */
/* What waits on the connection now or later answers AUK_CANCELLED; then it can only be closed. A
 * server from 14 on ends what it was doing within seconds of that. */
void auk_pg_cancel(auk_pg *pg);

/* One statement with text parameters ($1 ...; data NULL is null). */
AUK_MUST_CHECK auk_code auk_pg_query(auk_pg *pg, const char *sql, const auk_span *parameters,
                                     uint32_t count, auk_pg_result **out, auk_error *err);
/* The same, when only success is wanted; several statements with ; are one transaction. */
AUK_MUST_CHECK auk_code auk_pg_run(auk_pg *pg, const char *sql, auk_error *err);
uint32_t auk_pg_rows(const auk_pg_result *result);
auk_span auk_pg_cell(const auk_pg_result *result, uint32_t row, uint32_t column);
bool auk_pg_is_null(const auk_pg_result *result, uint32_t row, uint32_t column);
void auk_pg_clear(auk_pg_result *result); /* NULL is fine */

/* ---- answers (pg_answer.c) ---- */

/* _query for one row; *out NULL: there is none. */
AUK_MUST_CHECK auk_code auk_pg_ask(auk_pg *pg, const char *sql, const auk_span *parameters,
                                   uint32_t count, auk_pg_result **out, auk_error *err);
uint64_t auk_pg_number(const auk_pg_result *result, uint32_t row, uint32_t column); /* else 0 */
int64_t auk_pg_integer(const auk_pg_result *result, uint32_t row, uint32_t column); /* else 0 */
/* One more element of an array as text, "{" and "}" being the caller's. */
void auk_pg_append_element(auk_buffer *array, auk_span text);
bool auk_pg_is_true(const auk_pg_result *result, uint32_t row, uint32_t column);

/* Quoted for SQL, with its quotes, in the arena; terminated behind its end. */
auk_span auk_pg_identifier(auk_span name, auk_arena *arena);
auk_span auk_pg_literal(auk_span text, auk_arena *arena);

/* COPY (...) TO STDOUT, text or binary: pieces as libpq gives them (a row each); *end: done. A row
 * is borrowed until the next call. */
AUK_MUST_CHECK auk_code auk_pg_copy_begin(auk_pg *pg, const char *sql, auk_error *err);
AUK_MUST_CHECK auk_code auk_pg_copy_next(auk_pg *pg, auk_span *row, bool *end, auk_error *err);

/* A conninfo or URL without password, passfile and sslpassword, for showing; empty when it is no
 * such text. */
auk_span auk_pg_conninfo_without_secrets(auk_span conninfo, auk_arena *arena);
/* Can it be read? AUK_INVALID says why, without what it holds. */
AUK_MUST_CHECK auk_code auk_pg_conninfo_check(const char *conninfo, auk_error *err);

#endif

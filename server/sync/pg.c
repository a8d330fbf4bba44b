/* See pg.h. */
#include "pg.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "auk/clock.h"
#include "pg_private.h"

#define CONNECT_MS 10000

/* ---- waiting ---- */

static int remaining_ms(uint64_t deadline_us)
{
    if (deadline_us == 0)
        return -1;
    uint64_t now = auk_clock_monotonic_us();
    if (now >= deadline_us)
        return 0;
    uint64_t ms = (deadline_us - now + 999) / 1000;
    return ms > 60000 ? 60000 : (int)ms;
}

auk_code auk_pg_wait(auk_pg *pg, short events, uint64_t deadline_us, short *ready, auk_error *err)
{
    *ready = 0;
    if (atomic_load(&pg->cancelled))
        return auk_fail(err, AUK_CANCELLED, "the connection was cancelled");
    struct pollfd fds[] = {{.fd = PQsocket(pg->connection), .events = events},
                           {.fd = pg->wake, .events = POLLIN}};
    if (poll(fds, 2, remaining_ms(deadline_us)) < 0 && errno != EINTR)
        return auk_fail(err, AUK_IO, "waiting for the database failed: %s", strerror(errno));
    if (fds[1].revents) {
        uint64_t count;
        if (read(pg->wake, &count, sizeof count) < 0 && errno != EAGAIN)
            return auk_fail(err, AUK_IO, "waiting for the database failed: %s", strerror(errno));
    }
    if (atomic_load(&pg->cancelled))
        return auk_fail(err, AUK_CANCELLED, "the connection was cancelled");
    *ready = fds[0].revents;
    return AUK_OK;
}

void auk_pg_wake(auk_pg *pg)
{
    uint64_t one = 1;
    ssize_t written = write(pg->wake, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

void auk_pg_cancel(auk_pg *pg)
{
    atomic_store(&pg->cancelled, true);
    auk_pg_wake(pg);
}

/* ---- failures ---- */

static bool is_class(const char *state, const char *class)
{
    return strncmp(state, class, strlen(class)) == 0;
}

static auk_code code_of(const char *state)
{
    static const struct {
        const char *class; /* a prefix; the first that fits counts */
        auk_code code;
    } codes[] = {
        {"42501", AUK_FORBIDDEN}, {"28", AUK_FORBIDDEN},    {"42704", AUK_NOT_FOUND},
        {"42P01", AUK_NOT_FOUND}, {"42703", AUK_NOT_FOUND}, {"3F000", AUK_NOT_FOUND},
        {"3D000", AUK_NOT_FOUND}, {"55006", AUK_CONFLICT},  {"42710", AUK_CONFLICT},
        {"53", AUK_BUSY},         {"57014", AUK_CANCELLED}, {"08", AUK_IO},
        {"57P", AUK_IO},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (is_class(state, codes[i].class))
            return codes[i].code;
    return AUK_INVALID;
}

/* libpq's messages end in a newline and may have several lines; a connection tried at several
 * addresses has one each. */
static auk_span trimmed(const char *message)
{
    auk_span text = auk_span_of(message);
    while (text.size > 0 && strchr(" \n", text.data[text.size - 1]))
        text.size--;
    return text;
}

auk_code auk_pg_fail_connection(auk_pg *pg, const char *what, auk_error *err)
{
    pg->state[0] = '\0';
    auk_span words = trimmed(PQerrorMessage(pg->connection));
    if (words.size == 0)
        words = AUK_SPAN("the connection is lost");
    return auk_fail(err, AUK_IO, "%s: %.*s", what, AUK_SPAN_ARG(words));
}

auk_code auk_pg_fail_result(auk_pg *pg, const PGresult *result, auk_error *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state || !words) /* libpq's own */
        return auk_pg_fail_connection(pg, "the connection failed", err);
    snprintf(pg->state, sizeof pg->state, "%s", state);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    auk_code code = code_of(state);
    (void)auk_fail(err, code, "the database answers: %s%s%s (SQLSTATE %s)", words,
                   detail ? "; " : "", detail ? detail : "", state);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    if (hint)
        auk_hint(err, "%s", hint);
    return code;
}

/* ---- connecting ---- */

static const char *const session =
    "SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
    "SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; "
    "SET xmloption = 'content'; SET standard_conforming_strings = on; SET search_path = "
    "pg_catalog; ";

static auk_code set_session(auk_pg *pg, uint32_t timeout_ms, auk_error *err)
{
    char sql[640];
    snprintf(sql, sizeof sql,
             "%sSET statement_timeout = %u; SET lock_timeout = 0; "
             "SET idle_in_transaction_session_timeout = 0%s",
             session, pg->replication ? 0 : timeout_ms,
             !pg->replication && auk_pg_version(pg) >= 140000
                 ? "; SET client_connection_check_interval = 5000"
                 : "");
    return auk_pg_run(pg, sql, err);
}

/* The error's first line has the whole of a refusal; the SQLSTATE is not kept by libpq for a
 * connection that did not come up, so that those worth telling apart are told by their words. */
static auk_code fail_connecting(auk_pg *pg, auk_error *err)
{
    static const struct {
        const char *words, *state;
    } known[] = {
        {"password authentication failed", "28P01"},
        {"no password supplied", "28P01"},
        {"pg_hba.conf", "28000"},
        {"role \"", "28000"},
        {"permission denied", "42501"},
        {"database \"", "3D000"},
        {"too many clients", "53300"},
        {"remaining connection slots", "53300"},
        {"too many connections", "53300"},
        {"max_wal_senders", "53300"},
        {"must be superuser or replication role", "42501"},
    };
    const char *words = PQerrorMessage(pg->connection);
    (void)auk_pg_fail_connection(pg, "cannot connect to the database", err);
    if (!strstr(words, "FATAL:") && !strstr(words, "no password supplied"))
        return AUK_IO;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(words, known[i].words)) {
            snprintf(pg->state, sizeof pg->state, "%s", known[i].state);
            auk_code code = code_of(known[i].state);
            if (err)
                err->code = code;
            return code;
        }
    return AUK_IO;
}

static auk_code poll_connection(auk_pg *pg, uint64_t deadline_us, auk_error *err)
{
    short events = POLLOUT;
    for (;;) {
        short ready;
        auk_code code = auk_pg_wait(pg, events, deadline_us, &ready, err);
        if (code != AUK_OK)
            return code;
        if (!ready) {
            if (auk_clock_monotonic_us() >= deadline_us)
                return auk_fail(err, AUK_IO, "cannot connect to the database: no answer in time");
            continue;
        }
        PostgresPollingStatusType status = PQconnectPoll(pg->connection);
        if (status == PGRES_POLLING_OK)
            return AUK_OK;
        if (status == PGRES_POLLING_FAILED)
            return fail_connecting(pg, err);
        events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    }
}

/* What stands before dbname gives way to what the user says, what stands behind it does not. */
static PGconn *start_connection(const auk_pg_options *options)
{
    const char *keys[12], *values[12];
    uint32_t n = 0;
#define ADD(key, value) (keys[n] = (key), values[n] = (value), n++)
    ADD("keepalives_idle", "30");
    ADD("keepalives_interval", "10");
    ADD("keepalives_count", "3");
    ADD("tcp_user_timeout", "60000");
    ADD("dbname", options->conninfo);
    ADD("application_name", options->application ? options->application : "auk");
    ADD("client_encoding", "UTF8");
    if (options->password)
        ADD("password", options->password);
    if (options->replication)
        ADD("replication", "database");
#undef ADD
    keys[n] = values[n] = NULL;
    return PQconnectStartParams(keys, values, 1);
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

static auk_code begin_connection(const auk_pg_options *options, auk_pg *pg, auk_error *err)
{
    auk_code code = auk_pg_conninfo_check(options->conninfo, err);
    if (code != AUK_OK)
        return code;
    pg->connection = start_connection(options);
    if (!pg->connection)
        abort();
    if (PQstatus(pg->connection) == CONNECTION_BAD)
        return auk_pg_fail_connection(pg, "cannot connect to the database", err);
    PQsetNoticeReceiver(pg->connection, ignore_notice, NULL);
    uint64_t ms = options->timeout_ms ? options->timeout_ms : CONNECT_MS;
    code = poll_connection(pg, auk_clock_monotonic_us() + ms * 1000, err);
    if (code != AUK_OK)
        return code;
    if (PQsetnonblocking(pg->connection, 1) != 0)
        return auk_pg_fail_connection(pg, "cannot connect to the database", err);
    return set_session(pg, options->timeout_ms, err);
}

auk_code auk_pg_connect(const auk_pg_options *options, auk_pg **out, auk_error *err)
{
    auk_pg *pg = (auk_pg *)calloc(1, sizeof *pg);
    if (!pg)
        abort();
    pg->replication = options->replication;
    pg->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    auk_code code = pg->wake < 0
                        ? auk_fail(err, AUK_IO, "no more file descriptors: %s", strerror(errno))
                        : begin_connection(options, pg, err);
    if (code != AUK_OK)
        auk_pg_close(pg);
    else
        *out = pg;
    return code;
}

void auk_pg_close(auk_pg *pg)
{
    if (!pg)
        return;
    PQfreemem(pg->row);
    PQfinish(pg->connection);
    if (pg->wake >= 0)
        close(pg->wake);
    free(pg);
}

int auk_pg_version(const auk_pg *pg)
{
    return PQserverVersion(pg->connection);
}

const char *auk_pg_state(const auk_pg *pg)
{
    return pg->state;
}

/* ---- statements ---- */

static auk_code flush(auk_pg *pg, auk_error *err)
{
    for (;;) {
        int left = PQflush(pg->connection);
        if (left < 0)
            return auk_pg_fail_connection(pg, "the connection failed", err);
        if (left == 0)
            return AUK_OK;
        short ready;
        auk_code code = auk_pg_wait(pg, POLLIN | POLLOUT, 0, &ready, err);
        if (code != AUK_OK)
            return code;
        if ((ready & POLLIN) && !PQconsumeInput(pg->connection))
            return auk_pg_fail_connection(pg, "the connection failed", err);
    }
}

/* The next result, NULL when there is no more; without blocking in libpq. */
static auk_code next_result(auk_pg *pg, PGresult **out, auk_error *err)
{
    while (PQisBusy(pg->connection)) {
        short ready;
        auk_code code = auk_pg_wait(pg, POLLIN, 0, &ready, err);
        if (code != AUK_OK)
            return code;
        if (ready && !PQconsumeInput(pg->connection))
            return auk_pg_fail_connection(pg, "the connection failed", err);
    }
    *out = PQgetResult(pg->connection);
    return AUK_OK;
}

/* Reads what is left of a statement; the first failure counts. */
static auk_code drain(auk_pg *pg, auk_error *err)
{
    auk_code first = AUK_OK;
    for (;;) {
        PGresult *result = NULL;
        auk_code code = next_result(pg, &result, err);
        if (code != AUK_OK)
            return code;
        if (!result)
            return first;
        if (first == AUK_OK && PQresultStatus(result) == PGRES_FATAL_ERROR)
            first = auk_pg_fail_result(pg, result, err);
        PQclear(result);
    }
}

static auk_code finish(auk_pg *pg, PGresult *result, auk_pg_result **out, auk_error *err)
{
    ExecStatusType status = PQresultStatus(result);
    auk_code code = AUK_OK;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
        code = auk_pg_fail_result(pg, result, err);
    auk_error later;
    auk_code rest = drain(pg, &later);
    if (code == AUK_OK && rest != AUK_OK) {
        code = rest;
        if (err)
            *err = later;
    }
    if (code == AUK_OK && out)
        *out = (auk_pg_result *)result;
    else
        PQclear(result);
    return code;
}

static auk_code begin_statement(auk_pg *pg, int sent, PGresult **out, auk_error *err)
{
    pg->state[0] = '\0';
    if (atomic_load(&pg->cancelled))
        return auk_fail(err, AUK_CANCELLED, "the connection was cancelled");
    if (!sent)
        return auk_pg_fail_connection(pg, "the connection failed", err);
    auk_code code = flush(pg, err);
    if (code == AUK_OK)
        code = next_result(pg, out, err);
    if (code == AUK_OK && !*out)
        code = auk_pg_fail_connection(pg, "the connection failed", err);
    return code;
}

auk_code auk_pg_start(auk_pg *pg, const char *sql, PGresult **out, auk_error *err)
{
    return begin_statement(pg, PQsendQuery(pg->connection, sql), out, err);
}

auk_code auk_pg_run(auk_pg *pg, const char *sql, auk_error *err)
{
    PGresult *result = NULL;
    auk_code code = auk_pg_start(pg, sql, &result, err);
    return code == AUK_OK ? finish(pg, result, NULL, err) : code;
}

auk_code auk_pg_query(auk_pg *pg, const char *sql, const auk_span *parameters, uint32_t count,
                      auk_pg_result **out, auk_error *err)
{
    PGresult *result;
    auk_arena *arena = auk_arena_create(512);
    const char **values = AUK_ARENA_ARRAY(arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        values[i] = parameters[i].data ? auk_arena_copy(arena, parameters[i]).data : NULL;
    /* a walsender knows the simple protocol only */
    int sent = count == 0 && pg->replication ? PQsendQuery(pg->connection, sql)
                                             : PQsendQueryParams(pg->connection, sql, (int)count,
                                                                 NULL, values, NULL, NULL, 0);
    auk_code code = begin_statement(pg, sent, &result, err);
    auk_arena_destroy(arena);
    return code == AUK_OK ? finish(pg, result, out, err) : code;
}

static const PGresult *result_of(const auk_pg_result *result)
{
    return (const PGresult *)result;
}

uint32_t auk_pg_rows(const auk_pg_result *result)
{
    return (uint32_t)PQntuples(result_of(result));
}

auk_span auk_pg_cell(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    return auk_span_make(PQgetvalue(result_of(result), (int)row, (int)column),
                         (size_t)PQgetlength(result_of(result), (int)row, (int)column));
}

bool auk_pg_is_null(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    return PQgetisnull(result_of(result), (int)row, (int)column);
}

void auk_pg_clear(auk_pg_result *result)
{
    PQclear((PGresult *)result);
}

/* ---- COPY ---- */

auk_code auk_pg_copy_begin(auk_pg *pg, const char *sql, auk_error *err)
{
    PGresult *result;
    auk_code code = auk_pg_start(pg, sql, &result, err);
    if (code != AUK_OK)
        return code;
    if (PQresultStatus(result) == PGRES_COPY_OUT) {
        PQclear(result);
        return AUK_OK;
    }
    code = finish(pg, result, NULL, err);
    return code == AUK_OK ? auk_fail(err, AUK_INVALID, "the statement copies nothing out") : code;
}

auk_code auk_pg_copy_next(auk_pg *pg, auk_span *row, bool *end, auk_error *err)
{
    PQfreemem(pg->row);
    pg->row = NULL;
    *end = false;
    for (;;) {
        int size = PQgetCopyData(pg->connection, &pg->row, 1);
        if (size > 0) {
            *row = auk_span_make(pg->row, (size_t)size);
            return AUK_OK;
        }
        if (size < 0) { /* the end, or a failure: the result says */
            *end = true;
            return drain(pg, err);
        }
        short ready;
        auk_code code = auk_pg_wait(pg, POLLIN, 0, &ready, err);
        if (code != AUK_OK)
            return code;
        if (ready && !PQconsumeInput(pg->connection))
            return auk_pg_fail_connection(pg, "the connection failed", err);
    }
}

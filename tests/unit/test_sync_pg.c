/* The door to Postgres, against a real one (with_postgres.sh names it in the environment). */
#include <pthread.h>
#include <unistd.h>

#include "auk/clock.h"
#include "pg.h"
#include "test.h"

static auk_pg *connect_as(const char *conninfo, bool replication)
{
    auk_pg *pg = NULL;
    auk_error err = {0};
    auk_code code = auk_pg_connect(&(auk_pg_options){.conninfo = conninfo,
                                                     .application = "test",
                                                     .replication = replication},
                                   &pg, &err);
    if (code != AUK_OK)
        fail_msg("%s", err.message);
    return pg;
}

static int open_session(void **state)
{
    *state = connect_as("", false);
    return 0;
}

static int close_session(void **state)
{
    auk_pg_close((auk_pg *)*state);
    return 0;
}

static void assert_cell(const auk_pg_result *result, uint32_t row, uint32_t column,
                        const char *want)
{
    auk_span cell = auk_pg_cell(result, row, column);
    if (!auk_span_is(cell, want))
        fail_msg("want %s, got %.*s", want, AUK_SPAN_ARG(cell));
}

static void answers_queries_with_parameters(void **state)
{
    auk_pg *pg = (auk_pg *)*state;
    auk_pg_result *result;
    const auk_span parameters[] = {AUK_SPAN_INIT("7"), {NULL, 0}, {"", 0}};
    assert_int_equal(auk_pg_query(pg, "SELECT $1::int + 1, $2::text, $3::text", parameters, 3,
                                  &result, NULL),
                     AUK_OK);
    assert_int_equal(auk_pg_rows(result), 1);
    assert_cell(result, 0, 0, "8");
    assert_true(auk_pg_is_null(result, 0, 1));
    assert_false(auk_pg_is_null(result, 0, 2));
    auk_pg_clear(result);
    assert_true(auk_pg_version(pg) >= 130000);
}

static void has_a_session_of_known_form(void **state)
{
    auk_pg *pg = (auk_pg *)*state;
    auk_pg_result *result;
    assert_int_equal(
        auk_pg_query(pg,
                     "SELECT timestamptz '2024-01-02 03:04:05+02', interval '1 mon 2 days', "
                     "'\\x00ff'::bytea, 0.1::float8, current_setting('application_name')",
                     NULL, 0, &result, NULL),
        AUK_OK);
    assert_cell(result, 0, 0, "2024-01-02 01:04:05+00");
    assert_cell(result, 0, 1, "P1M2D");
    assert_cell(result, 0, 2, "\\x00ff");
    assert_cell(result, 0, 3, "0.1");
    assert_cell(result, 0, 4, "test");
    auk_pg_clear(result);
}

static void tells_failures_by_sqlstate(void **state)
{
    static const struct {
        const char *sql, *state;
        auk_code code;
    } cases[] = {
        {"SELECT 1/0", "22012", AUK_INVALID},
        {"SELECT * FROM nowhere.nothing", "42P01", AUK_NOT_FOUND},
        {"SELECT pg_drop_replication_slot('none')", "42704", AUK_NOT_FOUND},
        {"SELECT 1; SELECT 1/0; SELECT 2", "22012", AUK_INVALID},
        {"SET LOCAL statement_timeout = 20; SELECT pg_sleep(60)", "57014", AUK_CANCELLED},
    };
    auk_pg *pg = (auk_pg *)*state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_error err;
        assert_int_equal(auk_pg_run(pg, cases[i].sql, &err), cases[i].code);
        assert_string_equal(auk_pg_state(pg), cases[i].state);
        assert_non_null(strstr(err.message, cases[i].state));
        assert_int_equal(auk_pg_run(pg, "SELECT 1", NULL), AUK_OK);
        assert_string_equal(auk_pg_state(pg), "");
    }
}

static void copies_out(void **state)
{
    auk_pg *pg = (auk_pg *)*state;
    assert_int_equal(auk_pg_copy_begin(pg,
                                       "COPY (SELECT * FROM generate_series(1, 5000)) TO STDOUT",
                                       NULL),
                     AUK_OK);
    uint32_t rows = 0;
    for (;;) {
        auk_span row;
        bool end;
        assert_int_equal(auk_pg_copy_next(pg, &row, &end, NULL), AUK_OK);
        if (end)
            break;
        rows++;
        assert_true(row.data[row.size - 1] == '\n');
    }
    assert_int_equal(rows, 5000);
    auk_error err;
    assert_int_equal(auk_pg_copy_begin(pg, "SELECT 1", &err), AUK_INVALID);
    assert_int_equal(
        auk_pg_copy_begin(pg, "COPY (SELECT 1/(10-g) FROM generate_series(1, 20) g) TO STDOUT",
                          &err),
        AUK_OK);
    bool end = false;
    auk_code code = AUK_OK;
    for (auk_span row; code == AUK_OK && !end;)
        code = auk_pg_copy_next(pg, &row, &end, &err);
    assert_int_equal(code, AUK_INVALID);
    assert_string_equal(auk_pg_state(pg), "22012");
    assert_int_equal(auk_pg_run(pg, "SELECT 1", NULL), AUK_OK);
}

static void speaks_to_a_walsender(void **state)
{
    (void)state;
    auk_pg *pg = connect_as("", true);
    auk_pg_result *result;
    assert_int_equal(auk_pg_query(pg, "IDENTIFY_SYSTEM", NULL, 0, &result, NULL), AUK_OK);
    assert_int_equal(auk_pg_rows(result), 1);
    assert_true(auk_pg_cell(result, 0, 0).size > 10);
    auk_pg_clear(result);
    auk_pg_close(pg);
}

static void *cancel_soon(void *pg)
{
    usleep(50000);
    auk_pg_cancel((auk_pg *)pg);
    return NULL;
}

static void is_cancelled_from_another_thread(void **state)
{
    (void)state;
    auk_pg *pg = connect_as("", false);
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, pg);
    auk_error err;
    assert_int_equal(auk_pg_run(pg, "SELECT pg_sleep(600)", &err), AUK_CANCELLED);
    pthread_join(thread, NULL);
    assert_int_equal(auk_pg_run(pg, "SELECT 1", &err), AUK_CANCELLED);
    auk_pg_close(pg);
}

static void notices_a_killed_session(void **state)
{
    auk_pg *pg = connect_as("", false);
    auk_pg *killer = (auk_pg *)*state;
    assert_int_equal(auk_pg_run(pg, "SET application_name = 'victim'", NULL), AUK_OK);
    assert_int_equal(
        auk_pg_run(killer,
                   "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE "
                   "application_name = 'victim'",
                   NULL),
        AUK_OK);
    auk_error err;
    assert_int_equal(auk_pg_run(pg, "SELECT 1", &err), AUK_IO);
    assert_int_equal(auk_pg_run(pg, "SELECT 1", &err), AUK_IO);
    auk_pg_close(pg);
}

static void refuses_to_connect_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *words;
        auk_code code;
    } cases[] = {
        {"dbname=absent", "absent", AUK_NOT_FOUND},
        {"user=absent", "absent", AUK_FORBIDDEN},
        {"host=127.0.0.1 port=1", "Connection refused", AUK_IO},
        {"colour=red", "colour", AUK_INVALID},
        {"password=to psecret", "neither a URL", AUK_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_error err;
        auk_pg *pg = NULL;
        auk_code code = auk_pg_connect(&(auk_pg_options){.conninfo = cases[i].conninfo}, &pg, &err);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_null(pg);
        assert_non_null(strstr(err.message, cases[i].words));
        assert_null(strstr(err.message, "psecret"));
    }
}

static void quotes(void **state)
{
    auk_pg *pg = (auk_pg *)*state;
    static const char *const names[] = {"plain",       "with \"quotes\"", "it's",
                                        "back\\slash", "tab\tnew\n",      ""};
    auk_arena *arena = auk_arena_create(1024);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auk_span literal = auk_pg_literal(auk_span_of(names[i]), arena);
        auk_span name = auk_pg_identifier(auk_span_of(*names[i] ? names[i] : "x"), arena);
        auk_span sql = auk_arena_printf(arena, "SELECT %s AS %s", literal.data, name.data);
        auk_pg_result *result;
        assert_int_equal(auk_pg_query(pg, sql.data, NULL, 0, &result, NULL), AUK_OK);
        assert_cell(result, 0, 0, names[i]);
        auk_pg_clear(result);
    }
    auk_arena_destroy(arena);
}

static void shows_no_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *given, *shown;
    } cases[] = {
        {"postgres://app:secret@db:5433/shop?sslmode=require&password=x&sslrootcert=/a",
         "postgres://app@db:5433/shop?sslmode=require&sslrootcert=/a"},
        {"postgresql://app@db/shop", "postgresql://app@db/shop"},
        {"postgres:///shop?passfile=/x", "postgres:///shop"},
        {"postgres://db:5433/shop", "postgres://db:5433/shop"},
        {"host=db user=app password='it\\'s' dbname='my shop'",
         "user=app dbname='my shop' host=db"},
        {"", ""},
        {"nonsense", ""},
    };
    auk_arena *arena = auk_arena_create(1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_span shown = auk_pg_conninfo_without_secrets(auk_span_of(cases[i].given), arena);
        if (!auk_span_is(shown, cases[i].shown))
            fail_msg("want %s, got %.*s", cases[i].shown, AUK_SPAN_ARG(shown));
    }
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_queries_with_parameters),
        cmocka_unit_test(has_a_session_of_known_form),
        cmocka_unit_test(tells_failures_by_sqlstate),
        cmocka_unit_test(copies_out),
        cmocka_unit_test(speaks_to_a_walsender),
        cmocka_unit_test(is_cancelled_from_another_thread),
        cmocka_unit_test(notices_a_killed_session),
        cmocka_unit_test(refuses_to_connect_with_a_reason),
        cmocka_unit_test(quotes),
        cmocka_unit_test(shows_no_secrets),
    };
    return cmocka_run_group_tests_name("sync_pg", tests, open_session, close_session);
}

/* A slot of a real Postgres, followed: kinds of changes, streamed transactions, progress. */
#include <unistd.h>

#include "auk/clock.h"
#include "stream_support.h"
#include "test.h"

static follower f;

static int begin(void **state)
{
    (void)state;
    follow_begin(&f, "follow", "FOR ALL TABLES");
    return 0;
}

static int end(void **state)
{
    (void)state;
    run(&f, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    follow_end(&f);
    return 0;
}

static void gives_all_kinds_of_changes(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text); CREATE TABLE b (id int PRIMARY KEY)");
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1, 'one'), (2, NULL)");
    run(&f, "UPDATE a SET v = 'two' WHERE id = 2; UPDATE a SET id = 3 WHERE id = 1");
    run(&f, "DELETE FROM a WHERE id = 2");
    run(&f, "INSERT INTO b VALUES (7)");
    run(&f, "TRUNCATE a, b");
    run(&f, "SELECT pg_logical_emit_message(true, 'hello', 'inside')");
    run(&f, "SELECT pg_logical_emit_message(false, 'hello', 'outside')");
    run(&f, "BEGIN; INSERT INTO a VALUES (4, 'x'); ROLLBACK");
    assert_string_equal(follow_read(&f), "I a(1,one)\nI a(2,null)\n--\n"
                                         "U a to (2,two)\nU a(1,null) key to (3,one)\n--\n"
                                         "D a(2,null) key\n--\n"
                                         "I b(7)\n--\n"
                                         "T a\nT b\n--\n"
                                         "M hello inside\n--\n"
                                         "M hello outside\n--\n");
}

static void leaves_out_what_was_rolled_back(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    follow_open(&f);
    run(&f,
        "BEGIN; INSERT INTO a VALUES (1, 'kept'); SAVEPOINT s; INSERT INTO a VALUES (2, 'gone'); "
        "SAVEPOINT t; INSERT INTO a VALUES (3, 'gone'); RELEASE t; ROLLBACK TO s; "
        "INSERT INTO a VALUES (4, 'kept'); COMMIT");
    assert_string_equal(follow_read(&f), "I a(1,kept)\nI a(4,kept)\n--\n");
}

static void says_what_was_not_sent(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, n int, v text); "
            "ALTER TABLE a ALTER v SET STORAGE EXTERNAL");
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1, 1, repeat('x', 10000))");
    run(&f, "UPDATE a SET n = 2");
    run(&f, "ALTER TABLE a REPLICA IDENTITY FULL; UPDATE a SET n = 3; DELETE FROM a");
    assert_string_equal(
        follow_read(&f),
        "I a(1,1,10000 bytes)\n--\n"
        "U a to (1,2,same)\n--\n"
        "U a(1,2,10000 bytes) whole to (1,3,same)\nD a(1,3,10000 bytes) whole\n--\n");
}

static void gives_binary_tuples(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text, f float8)");
    f.options.binary = true;
    follow_open(&f);
    f.options.binary = false;
    run(&f, "INSERT INTO a VALUES (258, 'ab', 1.5), (1, NULL, NULL)");
    assert_string_equal(follow_read(&f), "I a(00000102,6162,3ff8000000000000)\n"
                                         "I a(00000001,null,null)\n--\n");
}

static void sees_tables_as_they_were(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY)");
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1)");
    run(&f, "ALTER TABLE a ADD v text DEFAULT 'new'");
    run(&f, "INSERT INTO a VALUES (2)");
    run(&f, "BEGIN; INSERT INTO a VALUES (3); ALTER TABLE a DROP v; INSERT INTO a VALUES (4); "
            "ALTER TABLE a RENAME TO c; INSERT INTO c VALUES (5); COMMIT");
    assert_string_equal(follow_read(&f), "I a(1)\n--\nI a(2,new)\n--\n"
                                         "I a(3,new)\nI a(4)\nI c(5)\n--\n");
}

/* ---- streamed ---- */

/* Sums over rows of (id, text): each transaction's lines are too many to be compared one by one. */
static uint64_t sum_rows(auk_transaction *transaction, uint64_t *rows)
{
    uint64_t sum = 0;
    *rows = 0;
    for (;;) {
        auk_row_change change;
        bool done;
        auk_error err;
        if (auk_transaction_next(transaction, &change, &done, &err) != AUK_OK)
            fail_msg("%s", err.message);
        if (done)
            return sum;
        if (change.kind == AUK_ROW_MESSAGE)
            continue;
        char text[24] = {0};
        memcpy(text, change.after.columns[0].bytes.data, change.after.columns[0].bytes.size);
        sum += strtoull(text, NULL, 10);
        ++*rows;
    }
}

static auk_transaction *next_with_changes(void)
{
    for (;;) {
        auk_transaction *transaction = follow_next(&f);
        const auk_transaction_info *info = auk_transaction_read_info(transaction);
        f.applied = info->end_lsn;
        auk_stream_confirm(f.stream, f.applied);
        if (info->xid != 0)
            return transaction;
        auk_transaction_release(transaction);
    }
}

static void streams_large_ones_without_their_aborted_parts(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    f.options.decoding_memory_bytes = 64 << 10;
    f.options.spool_memory_bytes = 256 << 10;
    follow_open(&f);
    auk_pg *other = NULL;
    assert_int_equal(auk_pg_connect(&(auk_pg_options){.conninfo = ""}, &other, NULL), AUK_OK);
    run(&f, "BEGIN; INSERT INTO a SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g; "
            "SAVEPOINT s; INSERT INTO a SELECT g, 'gone' FROM generate_series(20001, 30000) g");
    assert_int_equal(
        auk_pg_run(other,
                   "BEGIN; INSERT INTO public.a SELECT g, 'other' FROM "
                   "generate_series(100001, 105000) g; SAVEPOINT s; INSERT INTO public.a "
                   "SELECT g, 'gone' FROM generate_series(105001, 106000) g; ROLLBACK TO s",
                   NULL),
        AUK_OK);
    run(&f, "ROLLBACK TO s; INSERT INTO a SELECT g, 'kept' FROM generate_series(30001, 31000) g");
    assert_int_equal(auk_pg_run(other, "COMMIT", NULL), AUK_OK);
    run(&f, "COMMIT");
    assert_int_equal(auk_pg_run(other,
                                "BEGIN; INSERT INTO public.a SELECT g, 'none' FROM "
                                "generate_series(200001, 210000) g; ROLLBACK",
                                NULL),
                     AUK_OK);
    auk_pg_close(other);

    uint64_t rows;
    auk_transaction *first = next_with_changes(), *second = next_with_changes();
    assert_int_equal(sum_rows(first, &rows), (UINT64_C(100001) + 105000) * 5000 / 2);
    assert_int_equal(rows, 5000);
    auk_transaction_release(first);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sum_rows(second, &rows),
                         UINT64_C(20001) * 10000 + (UINT64_C(30001) + 31000) * 1000 / 2);
        assert_int_equal(rows, 21000);
        assert_int_equal(auk_transaction_rewind(second, NULL), AUK_OK);
    }
    assert_int_equal(auk_transaction_read_info(second)->change_count, 31000);
    auk_transaction_release(second);
    assert_string_equal(follow_read(&f), "");
    auk_stream_stats stats;
    auk_stream_read_stats(f.stream, &stats);
    assert_int_equal(stats.open_streamed, 0);
    assert_int_equal(stats.transactions, 3);
    assert_true(stats.spool_memory_bytes <= (768 << 10));
}

static void sees_streamed_tables_as_they_were(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text); CREATE TABLE b (id int PRIMARY KEY)");
    f.options.decoding_memory_bytes = 64 << 10;
    follow_open(&f);
    run(&f, "BEGIN; INSERT INTO a SELECT g, repeat('x', 100) FROM generate_series(1, 3000) g; "
            "SAVEPOINT s; ALTER TABLE a ADD w int DEFAULT 7; "
            "INSERT INTO a SELECT g, repeat('x', 100) FROM generate_series(3001, 6000) g; "
            "ROLLBACK TO s; INSERT INTO a VALUES (6001, 'old'); "
            "INSERT INTO a SELECT g, repeat('x', 100) FROM generate_series(7001, 9000) g; "
            "ALTER TABLE a DROP v; INSERT INTO a VALUES (9001); "
            "INSERT INTO a SELECT g FROM generate_series(9002, 12000) g; COMMIT");
    run(&f, "INSERT INTO a VALUES (20000)");
    auk_transaction *large = next_with_changes();
    uint32_t by_columns[4] = {0};
    uint32_t version = 0;
    for (;;) {
        auk_row_change change;
        bool done;
        auk_error err;
        if (auk_transaction_next(large, &change, &done, &err) != AUK_OK)
            fail_msg("%s", err.message);
        if (done)
            break;
        by_columns[change.relation->column_count]++;
        assert_true(change.relation->version >= version);
        version = change.relation->version;
    }
    assert_int_equal(by_columns[1], 3000);
    assert_int_equal(by_columns[2], 3000 + 1 + 2000);
    assert_int_equal(by_columns[3], 0);
    auk_transaction_release(large);
    assert_string_equal(follow_read(&f), "I a(20000)\n--\n");
}

/* ---- progress and limits ---- */

static void moves_on_while_others_write(void **state)
{
    (void)state;
    run(&f, "DROP PUBLICATION follow; CREATE TABLE a (id int PRIMARY KEY); "
            "CREATE TABLE unpublished (v text); CREATE PUBLICATION follow FOR TABLE a");
    follow_open(&f);
    assert_string_equal(follow_read(&f), "");
    run(&f, "INSERT INTO unpublished SELECT repeat('x', 500) FROM generate_series(1, 2000)");
    char before[64], sql[256];
    snprintf(before, sizeof before, "%s", ask(&f, "SELECT pg_current_wal_lsn()").data);
    snprintf(
        sql, sizeof sql,
        "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = 'follow'",
        before);
    for (uint32_t i = 0; !auk_span_is(ask(&f, sql), "t"); i++) {
        auk_transaction *transaction;
        auk_error err;
        assert_true(i < 600);
        auk_stream_ask(f.stream);
        if (auk_stream_next(f.stream, 100, &transaction, &err) != AUK_OK)
            fail_msg("%s", err.message);
        if (transaction)
            write_down(&f, transaction);
    }
    assert_string_equal(follow_read(&f), "");
}

static void drops_what_was_applied(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY)");
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1)");
    auk_transaction *one = follow_next(&f);
    while (auk_transaction_read_info(one)->xid == 0) {
        auk_transaction_release(one);
        one = follow_next(&f);
    }
    f.applied = auk_transaction_read_info(one)->end_lsn; /* and is never confirmed to the server */
    auk_transaction_release(one);
    run(&f, "INSERT INTO a VALUES (2)");
    follow_open(&f);
    assert_string_equal(follow_read(&f), "I a(2)\n--\n");
}

/* Status replies go on although nothing is read. */
static void wait_for_reply(void)
{
    char sql[160], now[64];
    snprintf(now, sizeof now, "%s", ask(&f, "SELECT clock_timestamp()").data);
    snprintf(sql, sizeof sql, "SELECT reply_time > '%s' FROM pg_stat_replication", now);
    for (uint32_t i = 0; !auk_span_is(ask(&f, sql), "t"); i++) {
        assert_true(i < 600);
        auk_stream_ask(f.stream);
        usleep(100000);
    }
}

static void stops_reading_when_the_spool_is_full(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    f.options.spool_memory_bytes = 1;
    f.options.spool_limit_bytes = 256 << 10;
    follow_open(&f);
    for (uint32_t i = 0; i < 40; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "INSERT INTO a SELECT %u * 1000 + g, string_agg(md5(g * 50 + h || ''), '') FROM "
                 "generate_series(1, 300) g, generate_series(1, 30) h GROUP BY g",
                 i);
        run(&f, sql);
    }
    auk_stream_stats stats = {0};
    for (uint32_t i = 0; stats.spool_disk_bytes < (256 << 10) && i < 600; i++) {
        usleep(100000);
        auk_stream_read_stats(f.stream, &stats);
    }
    wait_for_reply();
    auk_stream_read_stats(f.stream, &stats);
    assert_true(stats.spool_disk_bytes < (2 << 20));
    assert_true(stats.transactions < 40);
    uint64_t rows = 0;
    for (uint32_t i = 0; i < 40; i++) {
        uint64_t some;
        auk_transaction *one = next_with_changes();
        (void)sum_rows(one, &some);
        rows += some;
        auk_transaction_release(one);
    }
    assert_int_equal(rows, 12000);
    auk_stream_read_stats(f.stream, &stats);
    assert_true(stats.backpressure_us > 0);
}

static void fails_when_one_is_larger_than_the_spool(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    f.options.spool_memory_bytes = 1;
    f.options.spool_limit_bytes = 256 << 10;
    f.options.decoding_memory_bytes = 64 << 10;
    follow_open(&f);
    run(&f, "INSERT INTO a SELECT g, string_agg(md5(g * 50 + h || ''), '') FROM "
            "generate_series(1, 3000) g, generate_series(1, 30) h GROUP BY g");
    auk_transaction *none = NULL;
    auk_error err = {0};
    auk_code code = AUK_OK;
    while (code == AUK_OK) {
        code = auk_stream_next(f.stream, 60000, &none, &err);
        auk_transaction_release(none);
        none = NULL;
    }
    assert_int_equal(code, AUK_FULL);
    assert_non_null(strstr(err.message, "spool_limit_bytes"));
}

static void says_why_it_cannot_be_opened(void **state)
{
    (void)state;
    auk_stream *second = NULL;
    auk_error err;
    follow_open(&f);
    char other[] = "/tmp/auk-spool-XXXXXX";
    assert_non_null(mkdtemp(other));
    auk_stream_options options = f.options;
    options.spool_directory = other;
    assert_int_equal(auk_stream_open(&options, &second, &err), AUK_CONFLICT);
    assert_non_null(strstr(err.message, "active"));
    options.slot = "absent";
    assert_int_equal(auk_stream_open(&options, &second, &err), AUK_NOT_FOUND);
    rmdir(other);
    f.options.publication = "absent";
    run(&f, "CREATE TABLE a (id int PRIMARY KEY)");
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1)");
    auk_transaction *none = NULL;
    auk_code code = AUK_OK;
    while (code == AUK_OK) {
        code = auk_stream_next(f.stream, 60000, &none, &err);
        auk_transaction_release(none);
        none = NULL;
    }
    assert_int_equal(code, AUK_NOT_FOUND);
    assert_non_null(strstr(err.message, "publication"));
}

/* ---- failures ---- */

static void expect_loss(void)
{
    auk_transaction *transaction;
    auk_error err;
    for (;;) {
        auk_code code = auk_stream_next(f.stream, 60000, &transaction, &err);
        if (code == AUK_IO)
            return;
        if (code != AUK_OK)
            fail_msg("%s", err.message);
        assert_non_null(transaction);
        write_down(&f, transaction);
    }
}

static void goes_on_after_a_lost_connection(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    f.options.decoding_memory_bytes = 64 << 10;
    f.options.spool_memory_bytes = 64 << 10;
    follow_open(&f);
    run(&f, "INSERT INTO a VALUES (1, 'before')");
    run(&f, "BEGIN; INSERT INTO a SELECT g, 'under way' FROM generate_series(10, 5000) g");
    auk_stream_stats stats = {0};
    for (uint32_t i = 0; stats.open_streamed == 0 && i < 600; i++) {
        usleep(100000);
        auk_stream_read_stats(f.stream, &stats);
    }
    assert_int_equal(stats.open_streamed, 1);
    run(&f,
        "SELECT pg_terminate_backend(active_pid, 60000) FROM pg_replication_slots WHERE active");
    auk_buffer_reset(&f.log);
    expect_loss();
    auk_buffer_append_byte(&f.log, '\0');
    assert_string_equal(f.log.data, "I a(1,before)\n--\n");
    run(&f, "COMMIT; INSERT INTO a VALUES (2, 'after')");
    follow_open(&f);
    uint64_t rows;
    auk_transaction *large = next_with_changes();
    (void)sum_rows(large, &rows);
    assert_int_equal(rows, 4991);
    auk_transaction_release(large);
    assert_string_equal(follow_read(&f), "I a(2,after)\n--\n");
}

static void control_server(const char *how)
{
    char command[512];
    assert_non_null(getenv("AUK_PG_CTL"));
    snprintf(command, sizeof command, "%s %s", getenv("AUK_PG_CTL"), how);
    assert_int_equal(system(command), 0);
}

static void goes_on_after_the_server_died(void **state)
{
    (void)state;
    run(&f, "CREATE TABLE a (id int PRIMARY KEY, v text)");
    uint32_t expected = 0;
    follow_open(&f);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 50; i++) {
            char sql[128];
            snprintf(sql, sizeof sql, "INSERT INTO a VALUES (%u, 'x')", expected++);
            run(&f, sql);
        }
        for (uint32_t i = 0; i < 20; i++) /* some of it */
            write_down(&f, follow_next(&f));
        control_server("stop -m immediate");
        expect_loss();
        control_server("start");
        follow_open(&f);
        (void)follow_read(&f);
    }
    assert_int_equal(f.transactions, expected);
}

int main(void)
{
#define FOLLOWED(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        FOLLOWED(gives_all_kinds_of_changes),
        FOLLOWED(leaves_out_what_was_rolled_back),
        FOLLOWED(says_what_was_not_sent),
        FOLLOWED(gives_binary_tuples),
        FOLLOWED(sees_tables_as_they_were),
        FOLLOWED(streams_large_ones_without_their_aborted_parts),
        FOLLOWED(sees_streamed_tables_as_they_were),
        FOLLOWED(moves_on_while_others_write),
        FOLLOWED(drops_what_was_applied),
        FOLLOWED(stops_reading_when_the_spool_is_full),
        FOLLOWED(fails_when_one_is_larger_than_the_spool),
        FOLLOWED(says_why_it_cannot_be_opened),
        FOLLOWED(goes_on_after_a_lost_connection),
        FOLLOWED(goes_on_after_the_server_died),
    };
    return cmocka_run_group_tests_name("sync_stream", tests, NULL, NULL);
}

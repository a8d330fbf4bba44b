/* The stream of a shard's operations, leases that keep it, and operations carried from elsewhere.
 */
#include "auk/change.h"

#include "shard_support.h"

#define MAPPING "{\"properties\":{\"n\":{\"type\":\"long\"}}}"
#define READER  AUK_SPAN("reader")

static support_index fixture;

static int setup(void **state)
{
    (void)state;
    support_index_init(&fixture, MAPPING, NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_index_deinit(&fixture);
    return 0;
}

static auk_changes read_all(int64_t after)
{
    auk_changes changes;
    assert_ok(auk_shard_read_changes(fixture.shard, after, INT64_MAX, SIZE_MAX, fixture.arena,
                                     &changes, err));
    return changes;
}

static void flush(void)
{
    assert_ok(auk_shard_flush(fixture.shard, err));
}

static void expect_change(const auk_change *change, int64_t seq_no, const char *id,
                          const char *source, int64_t version)
{
    assert_int_equal(change->seq_no, seq_no);
    assert_true(auk_span_is(change->id, id));
    assert_int_equal(change->is_delete, source == NULL);
    if (source)
        assert_true(auk_span_is(change->source, source));
    assert_int_equal(change->version, version);
}

static void operations_come_in_their_order(void **state)
{
    (void)state;
    int64_t from;
    assert_ok(auk_lease_open(fixture.shard, READER, &from, err));
    assert_int_equal(from, -1);
    support_put_document(&fixture, "a", "{\"n\":1}");
    support_put_document(&fixture, "b", "{\"n\":2}");
    flush();
    support_delete_document(&fixture, "a");
    support_put_document(&fixture, "b", "{\"n\":3}");
    auk_changes all = read_all(from);
    assert_int_equal(all.count, 4);
    assert_int_equal(all.position, 3);
    expect_change(&all.items[0], 0, "a", "{\"n\":1}", 1);
    expect_change(&all.items[1], 1, "b", "{\"n\":2}", 1);
    expect_change(&all.items[2], 2, "a", NULL, 2);
    expect_change(&all.items[3], 3, "b", "{\"n\":3}", 2);
    assert_int_equal(read_all(3).count, 0);
    assert_int_equal(read_all(3).position, 3);
    auk_changes some;
    assert_ok(auk_shard_read_changes(fixture.shard, from, 2, SIZE_MAX, fixture.arena, &some, err));
    assert_int_equal(some.count, 3);
    assert_ok(auk_shard_read_changes(fixture.shard, from, 3, 1, fixture.arena, &some, err));
    assert_int_equal(some.position, 0); /* one call */
}

static void without_a_lease_it_says_that_they_are_gone(void **state)
{
    (void)state;
    auk_error err = {0};
    auk_changes changes;
    support_put_document(&fixture, "a", "{}");
    flush();
    assert_int_equal(auk_shard_read_changes(fixture.shard, -1, INT64_MAX, 1, fixture.arena,
                                            &changes, &err),
                     AUK_NOT_FOUND);
    assert_int_equal(changes.count, 0);
    assert_int_equal(read_all(0).count, 0);
}

static void a_lease_outlives_a_start_and_moves_on(void **state)
{
    (void)state;
    int64_t from;
    auk_buffer names;
    assert_ok(auk_lease_open(fixture.shard, READER, &from, err));
    for (int i = 0; i < 5; i++) {
        support_put_document(&fixture, "a", "{}");
        flush();
    }
    assert_ok(auk_lease_advance(fixture.shard, READER, 1, err));
    support_index_close(&fixture);
    support_index_open(&fixture);
    assert_ok(auk_lease_open(fixture.shard, READER, &from, err));
    assert_int_equal(from, 1);
    assert_int_equal(read_all(1).count, 3);
    auk_buffer_init(&names, 100);
    auk_lease_list(fixture.shard, &names);
    assert_true(auk_span_equal(auk_buffer_span(&names), auk_span_make("reader", 7)));
    auk_buffer_deinit(&names);
    assert_ok(auk_lease_advance(fixture.shard, READER, 3, err));
    assert_ok(auk_lease_advance(fixture.shard, READER, 2, err)); /* never back */
    flush();
    assert_int_equal(read_all(3).count, 1);
    assert_int_equal(auk_shard_read_changes(fixture.shard, 1, INT64_MAX, 1, fixture.arena,
                                            &(auk_changes){0}, NULL),
                     AUK_NOT_FOUND);
}

static void a_closed_lease_keeps_nothing_also_after_a_start(void **state)
{
    (void)state;
    int64_t from;
    assert_ok(auk_lease_open(fixture.shard, READER, &from, err));
    support_put_document(&fixture, "a", "{}");
    flush();
    assert_ok(auk_lease_close(fixture.shard, READER, err));
    assert_ok(auk_lease_close(fixture.shard, READER, err));
    support_index_close(&fixture);
    support_index_open(&fixture);
    assert_int_equal(read_all(-1).count, 1); /* not trimmed yet: still right */
    flush();
    assert_int_equal(auk_shard_read_changes(fixture.shard, -1, INT64_MAX, 1, fixture.arena,
                                            &(auk_changes){0}, NULL),
                     AUK_NOT_FOUND);
    assert_int_equal(auk_lease_advance(fixture.shard, READER, 1, NULL), AUK_NOT_FOUND);
}

static auk_outcome carry(auk_operation_kind kind, bool only_unknown, const char *id,
                         int64_t version)
{
    auk_operation operation = {.kind = kind,
                               .id = auk_span_of(id),
                               .source = AUK_SPAN("{\"n\":7}"),
                               .version_type = AUK_VERSION_CARRIED,
                               .version = version,
                               .only_unknown = only_unknown,
                               .if_seq_no = -1};
    return support_write(&fixture, &operation);
}

static void carried_operations_keep_their_version(void **state)
{
    (void)state;
    const auk_operation_kind index = AUK_OPERATION_INDEX, delete = AUK_OPERATION_DELETE;
    assert_int_equal(carry(index, true, "a", 40).version, 40);
    assert_int_equal(carry(index, true, "a", 50).error.code, AUK_CONFLICT);
    assert_int_equal(carry(delete, true, "a", 50).error.code, AUK_CONFLICT);
    assert_int_equal(carry(index, false, "a", 7).version, 7); /* also downwards */
    assert_int_equal(support_put_document(&fixture, "a", "{}").version, 8);
    assert_int_equal(carry(delete, false, "a", 90).version, 90);
    assert_int_equal(carry(index, true, "a", 95).error.code, AUK_CONFLICT);
    assert_int_equal(support_put_document(&fixture, "a", "{}").version, 91);
    assert_int_equal(carry(delete, true, "b", 5).version, 5);
    assert_int_equal(support_put_document(&fixture, "b", "{}").version, 6);
}

static void a_delete_keeps_its_routing(void **state)
{
    (void)state;
    auk_operation operation = {.kind = AUK_OPERATION_DELETE,
                               .id = AUK_SPAN("a"),
                               .routing = AUK_SPAN("r"),
                               .if_seq_no = -1};
    support_write(&fixture, &operation);
    assert_true(auk_span_is(read_all(-1).items[0].routing, "r"));
    assert_true(read_all(-1).items[0].is_delete);
    support_index_close(&fixture);
    support_index_open(&fixture);
    assert_int_equal(support_put_document(&fixture, "a", "{}").version, 2);
}

static void deletes_are_remembered(void **state)
{
    (void)state;
    auk_changes deletes;
    for (const char *id = "abc"; *id; id++) {
        char name[2] = {*id, '\0'};
        support_put_document(&fixture, name, "{}");
        support_delete_document(&fixture, name);
    }
    support_put_document(&fixture, "b", "{}");
    auk_shard_read_deletes(fixture.shard, -1, INT64_MAX, 10, fixture.arena, &deletes);
    assert_int_equal(deletes.count, 2);
    expect_change(&deletes.items[0], 1, "a", NULL, 2);
    expect_change(&deletes.items[1], 5, "c", NULL, 2);
    auk_shard_read_deletes(fixture.shard, 1, INT64_MAX, 10, fixture.arena, &deletes);
    assert_int_equal(deletes.count, 1);
    auk_shard_read_deletes(fixture.shard, -1, 4, 10, fixture.arena, &deletes);
    assert_int_equal(deletes.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operations_come_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_lease_it_says_that_they_are_gone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_lease_outlives_a_start_and_moves_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_lease_keeps_nothing_also_after_a_start, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(carried_operations_keep_their_version, setup, teardown),
        cmocka_unit_test_setup_teardown(a_delete_keeps_its_routing, setup, teardown),
        cmocka_unit_test_setup_teardown(deletes_are_remembered, setup, teardown),
    };
    return cmocka_run_group_tests_name("change", tests, NULL, NULL);
}

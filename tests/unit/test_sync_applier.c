/* Documents of several tables: after each publication they are what a naive join makes of the
 * tables at that position. */
#include <stdlib.h>

#include "applier_support.h"

typedef struct fixture {
    world w;
    char *directory;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->directory = support_directory();
    world_open(&f->w, f->directory, NULL);
    *state = &f->w;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    world_close(&f->w);
    world_forget(&f->w);
    support_remove(f->directory);
    free(f);
    return 0;
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__})

static void commit(world *w)
{
    assert_ok(world_commit(w, err));
}

/* One transaction, published and compared. */
static void show(world *w)
{
    commit(w);
    world_publish(w);
    world_check(w);
}

static uint32_t row_of(world *w, int table, const char *key)
{
    int row = world_find(w, table, key);
    assert_true(row >= 0);
    return (uint32_t)row;
}

/* Two makers, two products of the first, reviews and tags of product 1. */
static void fill(world *w)
{
    world_begin(w);
    world_insert(w, COUNTRY, VALUES("49", "Here"));
    world_insert(w, MAKER, VALUES("1", "Acme", "49"));
    world_insert(w, MAKER, VALUES("2", "Beta", NULL));
    world_insert(w, PRODUCT, VALUES("1", "pen", "1", "1.50", "t", NULL, "long text"));
    world_insert(w, PRODUCT, VALUES("2", "ink", "1", NULL, "t", "1", NULL));
    world_insert(w, REVIEW, VALUES("10", "1", "5", "good"));
    world_insert(w, REVIEW, VALUES("11", "1", "2", "so so"));
    world_insert(w, TAG, VALUES("7", "office"));
    world_insert(w, PRODUCT_TAG, VALUES("1", "7"));
    show(w);
}

static void rows_become_documents(void **state)
{
    world *w = *state;
    fill(w);
    support_expect_document(
        &w->at, "products", "1",
        "{\"id\":1,\"name\":\"pen\",\"maker_id\":1,\"price\":1.50,\"published\":true,"
        "\"parent_id\":null,\"big\":\"long text\",\"maker\":{\"id\":1,\"name\":\"Acme\","
        "\"country\":49,\"land\":{\"code\":49,\"name\":\"Here\"}},\"reviews\":[{\"id\":10,"
        "\"product_id\":1,\"stars\":5,\"body\":\"good\"},{\"id\":11,\"product_id\":1,\"stars\":2,"
        "\"body\":\"so so\"}],\"tags\":[\"office\"],\"parent\":null,\"variants\":[{\"id\":2,"
        "\"name\":\"ink\"}]}");
    support_expect_document(&w->at, "reviews", "r10",
                            "{\"id\":10,\"product_id\":1,\"stars\":5,\"body\":\"good\"}");
}

static void a_child_moves_to_another_parent(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w);
    world_update(w, REVIEW, row_of(w, REVIEW, "10"), VALUES("10", "2", "5", "good"), 0);
    show(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("1", "pen", "2", "1.50", "t", NULL, NULL), 1U << 6);
    show(w);
}

static void a_child_may_come_before_its_parent(void **state)
{
    world *w = *state;
    world_begin(w);
    world_insert(w, REVIEW, VALUES("10", "5", "4", "early"));
    world_insert(w, PRODUCT_TAG, VALUES("5", "8"));
    show(w);
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("5", "late", "3", "2", "t", NULL, NULL));
    show(w);
    world_begin(w);
    world_insert(w, TAG, VALUES("8", "tag of it"));
    world_insert(w, MAKER, VALUES("3", "last", "1"));
    show(w);
}

static void keys_of_parents_and_children_change(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w);
    world_update(w, MAKER, row_of(w, MAKER, "1"), VALUES("9", "Acme", "49"), 0);
    show(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("3", "pen", "9", "1.50", "t", NULL, NULL), 1U << 6);
    show(w);
    world_begin(w); /* the children follow, in a transaction of their own */
    world_update(w, REVIEW, row_of(w, REVIEW, "10"), VALUES("12", "3", "5", "good"), 0);
    world_update(w, PRODUCT_TAG, 0, VALUES("3", "7"), 0);
    show(w);
}

static void rows_between_are_deleted(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w);
    world_delete(w, PRODUCT_TAG, 0);
    show(w);
    world_begin(w); /* as a cascade does */
    world_delete(w, REVIEW, row_of(w, REVIEW, "10"));
    world_delete(w, REVIEW, row_of(w, REVIEW, "11"));
    world_delete(w, PRODUCT, row_of(w, PRODUCT, "1"));
    show(w);
    world_begin(w);
    world_delete(w, MAKER, row_of(w, MAKER, "1"));
    world_delete(w, COUNTRY, 0);
    show(w);
}

static void rows_join_themselves(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w); /* a circle */
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("1", "pen", "1", "1.50", "t", "2", "x"), 0);
    show(w);
    world_begin(w); /* its own parent */
    world_update(w, PRODUCT, row_of(w, PRODUCT, "2"), VALUES("2", "ink", "1", NULL, "t", "2", NULL),
                 0);
    show(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "2"),
                 VALUES("2", "renamed", "1", NULL, "f", "2", NULL), 0);
    show(w);
}

static void a_filter_is_entered_and_left(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("1", "pen", "1", "1.50", "f", NULL, NULL), 1U << 6);
    world_update(w, REVIEW, row_of(w, REVIEW, "11"), VALUES("11", "1", "1", "worse"), 0);
    show(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("1", "hidden", "1", "1.50", "t", NULL, NULL), 1U << 6);
    world_update(w, REVIEW, row_of(w, REVIEW, "10"), VALUES("10", "1", "5", "gone"), 0);
    show(w);
}

static void tables_are_truncated(void **state)
{
    world *w = *state;
    fill(w);
    world_begin(w);
    world_insert(w, REVIEW, VALUES("20", "2", "3", "short lived"));
    world_truncate(w, REVIEW);
    world_insert(w, REVIEW, VALUES("21", "2", "3", "after"));
    show(w);
    world_begin(w);
    world_truncate(w, PRODUCT);
    world_truncate(w, PRODUCT_TAG);
    show(w);
}

static void a_group_shows_its_last_state(void **state)
{
    world *w = *state;
    fill(w);
    for (int i = 0; i < 5; i++) {
        world_begin(w);
        world_insert(w, REVIEW, VALUES("30", "2", "3", "again"));
        commit(w);
        world_begin(w);
        world_update(w, REVIEW, row_of(w, REVIEW, "30"), VALUES("30", "1", "4", "again"), 0);
        commit(w);
        world_begin(w);
        world_delete(w, REVIEW, row_of(w, REVIEW, "30"));
        commit(w);
    }
    world_publish(w);
    world_check(w);
}

static void what_is_applied_is_dropped(void **state)
{
    world *w = *state;
    auk_sync_position before, after;
    auk_applier_stats stats;
    fill(w);
    auk_applier_read_position(w->applier, &before);
    assert_int_equal(before.applied, w->lsn);
    w->lsn -= 100;
    world_begin(w); /* the same end again, with something that must not count */
    world_send(w, AUK_ROW_INSERT, TAG, NULL, VALUES("7", "twice"), 0);
    commit(w);
    world_publish(w);
    world_check(w);
    auk_applier_read_position(w->applier, &after);
    assert_int_equal(after.applied, before.applied);
    auk_applier_read_stats(w->applier, &stats);
    assert_int_equal(stats.transactions, 1);
}

static void a_keepalive_moves_the_position(void **state)
{
    world *w = *state;
    auk_sync_position position;
    fill(w);
    world_begin(w);
    w->transaction = w->transaction;
    ((auk_transaction_info *)(uintptr_t)auk_transaction_read_info(w->transaction))->xid = 0;
    show(w);
    auk_applier_read_position(w->applier, &position);
    assert_int_equal(position.applied, w->lsn);
    world_reopen(w);
    auk_applier_read_position(w->applier, &position);
    assert_int_equal(position.applied, w->lsn);
    assert_int_equal(position.xid, w->xid - 1);
}

static void unchanged_documents_are_not_written(void **state)
{
    world *w = *state;
    auk_applier_stats before, after;
    fill(w);
    auk_applier_read_stats(w->applier, &before);
    world_begin(w); /* the fourth review of three shown: it is the least */
    world_insert(w, REVIEW, VALUES("40", "1", "4", "a"));
    world_insert(w, REVIEW, VALUES("41", "1", "4", "b"));
    world_insert(w, REVIEW, VALUES("42", "1", "1", "unseen"));
    show(w);
    world_begin(w);
    world_update(w, REVIEW, row_of(w, REVIEW, "42"), VALUES("42", "1", "1", "still"), 0);
    show(w);
    auk_applier_read_stats(w->applier, &after);
    assert_true(after.unchanged_documents > before.unchanged_documents);
}

static void under_identity_full_the_old_tuple_has_the_value(void **state)
{
    world *w = *state;
    auk_applier_stats stats;
    w->relations_are_full = true;
    fill(w);
    world_begin(w);
    world_update(w, PRODUCT, row_of(w, PRODUCT, "1"),
                 VALUES("1", "pen", "2", "1.50", "t", NULL, NULL), 1U << 6);
    show(w);
    auk_applier_read_stats(w->applier, &stats);
    assert_int_equal(stats.toast_from_row, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_become_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(a_child_moves_to_another_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_child_may_come_before_its_parent, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_of_parents_and_children_change, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_between_are_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_join_themselves, setup, teardown),
        cmocka_unit_test_setup_teardown(a_filter_is_entered_and_left, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_are_truncated, setup, teardown),
        cmocka_unit_test_setup_teardown(a_group_shows_its_last_state, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_applied_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(a_keepalive_moves_the_position, setup, teardown),
        cmocka_unit_test_setup_teardown(unchanged_documents_are_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(under_identity_full_the_old_tuple_has_the_value, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

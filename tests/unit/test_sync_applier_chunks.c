/*
 * A snapshot read in chunks at different moments while the tables change, and then everything that
 * happened since the slot was made: with the rule of visibility the documents end right. Rows lie
 * where they lie, so that some are read twice and others by no chunk; transactions commit in
 * another order than they began; values that lie out of line come unchanged.
 */
#include <stdlib.h>

#include "applier_random.h"
#include "auk/store.h"

#define TRANSACTIONS 120
#define SLOT         50 /* transactions before the slot was made */
#define CHANGES      8
#define PARTS        4

#define VALUES(...)  ((const char *const[]){__VA_ARGS__})

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

/* Committed second, but begun first: every pair of transactions has its xids swapped. */
static uint32_t xid_of(uint32_t number)
{
    return number % 2 == 0 ? number + 1 : number - 1;
}

typedef struct snapshot_now {
    uint64_t xmin, xmax, in_progress;
    uint32_t in_progress_count;
} snapshot_now;

/* After `committed` transactions, numbered from 100. */
static snapshot_now snapshot_after(uint32_t committed)
{
    uint32_t next = 100 + committed;
    if (committed % 2 == 0)
        return (snapshot_now){next, next, 0, 0};
    return (snapshot_now){next - 1, next + 1, next - 1, 1};
}

static void load_part(world *w, int table, uint64_t number, uint32_t part, uint32_t committed)
{
    snapshot_now s = snapshot_after(committed);
    world_chunk chunk = {
        table,     part, PARTS, number, s.xmin, s.xmax, s.in_progress_count ? &s.in_progress : NULL,
        w->lsn + 1};
    world_load(w, &chunk);
}

/* Of one place, with a snapshot that has seen everything below xid. */
static void load_all(world *w, int table, uint64_t number, uint64_t xid, auk_lsn high)
{
    world_chunk chunk = {table, 0, 1, number, xid, xid, NULL, high};
    world_load(w, &chunk);
}

static void settle_rereads(world *w)
{
    auk_reread *list;
    auk_arena *arena = auk_arena_create(4096);
    uint32_t count = auk_applier_list_rereads(w->applier, 1000, arena, &list);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(list[i].table, world_tables[PRODUCT].id);
        assert_int_equal(list[i].key_count, 1);
        int row = world_find(w, PRODUCT, auk_arena_copy(arena, list[i].key[0]).data);
        snapshot_now s = snapshot_after(TRANSACTIONS);
        auk_pg_snapshot snapshot = {s.xmin, s.xmax, NULL, 0};
        auk_datum values[WORLD_COLUMNS] = {{0}};
        auk_tuple tuple = {values, WORLD_COLUMNS};
        for (int k = 0; row >= 0 && k < WORLD_COLUMNS; k++)
            if (w->rows[PRODUCT][row].values[k])
                values[k] =
                    (auk_datum){AUK_DATUM_TEXT, auk_span_of(w->rows[PRODUCT][row].values[k])};
        assert_ok(auk_applier_put_reread(w->applier, &list[i], row >= 0 ? &tuple : NULL, &snapshot,
                                         w->lsn + 1, err));
    }
    auk_arena_destroy(arena);
    world_publish(w);
}

/* Chunks are read between the transactions of the second half; those of the first half were before
 * the slot, and never come. */
static void make_history(world *w, chance *c, auk_transaction **waiting)
{
    uint32_t loaded[TABLE_COUNT] = {0};
    uint64_t number = 0;
    for (uint32_t i = 0; i < TRANSACTIONS; i++) {
        auk_sync_position slot = {.applied = w->lsn};
        if (i == SLOT)
            assert_ok(auk_applier_set_position(w->applier, &slot, err));
        w->xid = xid_of(100 + i) - 1;
        random_transaction(w, c, CHANGES);
        waiting[i] = w->transaction;
        int table = (int)chance_below(c, TABLE_COUNT);
        if (i > SLOT && loaded[table] < PARTS)
            load_part(w, table, number++, loaded[table]++, i + 1);
    }
    for (int table = 0; table < TABLE_COUNT; table++)
        while (loaded[table] < PARTS)
            load_part(w, table, number++, loaded[table]++, TRANSACTIONS);
}

static void run_snapshot(world *w, uint64_t seed)
{
    chance c = {seed * 6364136223846793005ULL + 1};
    auk_transaction *waiting[TRANSACTIONS];
    make_history(w, &c, waiting);
    for (uint32_t d = 0; d < 3; d++)
        assert_ok(auk_applier_build(w->applier, d, NULL, NULL, err));
    for (uint32_t i = 0; i < TRANSACTIONS; i++) {
        assert_ok(auk_applier_take(w->applier, waiting[i], err));
        if (chance_below(&c, 4) > 0)
            continue;
        world_publish(w);
        if (chance_below(&c, 8) == 0)
            world_reopen(w); /* what is not published would come again */
    }
    world_publish(w);
    settle_rereads(w);
    world_check(w);
    /* and on, with chunks as last writers that nothing is contained in */
    w->xid = 100 + TRANSACTIONS;
    for (uint32_t i = 0; i < 10; i++) {
        random_transaction(w, &c, CHANGES);
        assert_ok(world_commit(w, err));
        world_publish(w);
        settle_rereads(w);
        world_check(w);
    }
}

static void chunks_of_different_moments_end_right(void **state)
{
    world *w = *state;
    static uint64_t seed;
    run_snapshot(w, ++seed);
}

/* The row that was there has another key now, and its key another row: a naive replay would carry
 * the value of the one that the chunk read over to the other. */
static void a_value_of_the_future_is_not_taken(void **state)
{
    world *w = *state;
    auk_transaction *waiting[2];
    auk_applier_stats stats;
    auk_sync_position slot = {0};
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("1", "pen", NULL, "1", "t", NULL, "old and large"));
    auk_transaction_release(w->transaction);
    slot.applied = w->lsn;
    assert_ok(auk_applier_set_position(w->applier, &slot, err));
    world_begin(w);
    world_update(w, PRODUCT, 0, VALUES("2", "pen", NULL, "1", "t", NULL, NULL), 1U << 6);
    waiting[0] = w->transaction;
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("1", "ink", NULL, "1", "t", NULL, "new and large"));
    waiting[1] = w->transaction;
    load_all(w, PRODUCT, 1, w->xid + 1, w->lsn + 1);
    for (uint32_t d = 0; d < 3; d++)
        assert_ok(auk_applier_build(w->applier, d, NULL, NULL, err));
    for (int i = 0; i < 2; i++)
        assert_ok(auk_applier_take(w->applier, waiting[i], err));
    world_publish(w);
    world_check(w);
    auk_applier_read_stats(w->applier, &stats);
    assert_int_equal(stats.skipped_visible, 3);
    assert_int_equal(stats.rereads_pending, 0);
}

/* A change that the chunk has seen already leaves its row as it is, where its parent looks for it:
 * the document is built anew because of it, and is the same. */
static void skip_rows_of_a_parent(world *w, bool describes)
{
    auk_transaction *waiting[2];
    auk_applier_stats stats;
    auk_sync_position slot = {0};
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("1", "pen", NULL, "1", "t", NULL, "x"));
    world_insert(w, REVIEW, VALUES("1", "1", "3", "before the slot"));
    world_insert(w, TAG, VALUES("1", "blue"));
    auk_transaction_release(w->transaction);
    slot.applied = w->lsn;
    assert_ok(auk_applier_set_position(w->applier, &slot, err));
    world_begin(w);
    world_update(w, REVIEW, 0, VALUES("1", "1", "4", "before the slot"), 0);
    world_insert(w, REVIEW, VALUES("2", "1", "5", "while it was read"));
    world_insert(w, PRODUCT_TAG, VALUES("1", "1"));
    waiting[0] = w->transaction;
    load_all(w, REVIEW, 1, w->xid + 1, w->lsn + 1);
    load_all(w, PRODUCT_TAG, 2, w->xid + 1, w->lsn + 1);
    load_all(w, TAG, 3, w->xid + 1, w->lsn + 1);
    load_all(w, PRODUCT, 4, w->xid + 1, w->lsn + 1);
    world_begin(w); /* of the same group */
    world_update(w, PRODUCT, 0, VALUES("1", "ink", NULL, "1", "t", NULL, "x"), 0);
    waiting[1] = w->transaction;
    for (uint32_t d = 0; d < 3; d++)
        assert_ok(auk_applier_build(w->applier, d, NULL, NULL, err));
    assert_ok(auk_applier_take(w->applier, waiting[0], err));
    if (describes)
        world_describe(w); /* the group is laid over the tables anew */
    assert_ok(auk_applier_take(w->applier, waiting[1], err));
    world_publish(w);
    world_check(w);
    auk_applier_read_stats(w->applier, &stats);
    assert_int_equal(stats.skipped_visible, 3);
}

static void a_row_that_is_skipped_stays_with_its_parent(void **state)
{
    skip_rows_of_a_parent(*state, false);
}

static void so_it_does_when_tables_are_described_anew(void **state)
{
    skip_rows_of_a_parent(*state, true);
}

static auk_code fail_after_two(void *context, auk_tuple *out, bool *end, auk_error *err)
{
    static auk_datum values[4];
    uint32_t *count = context;
    static const char *const keys[] = {"51", "52"};
    if (*count == 2)
        return auk_fail(err, AUK_IO, "the connection is lost");
    values[0] = (auk_datum){AUK_DATUM_TEXT, auk_span_of(keys[(*count)++])};
    values[1] = (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
    values[2] = (auk_datum){AUK_DATUM_TEXT, AUK_SPAN("4")};
    values[3] = (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
    *out = (auk_tuple){values, 4};
    *end = false;
    return AUK_OK;
}

static void a_chunk_that_fails_leaves_nothing(void **state)
{
    world *w = *state;
    uint32_t given = 0;
    uint64_t rows;
    auk_error why;
    auk_chunk_source chunk = {.table = world_tables[REVIEW].id,
                              .number = 1,
                              .snapshot = {.xmin = 1, .xmax = 1},
                              .high = 1,
                              .next = fail_after_two,
                              .context = &given};
    assert_int_equal(auk_applier_load(w->applier, &chunk, &rows, &why), AUK_IO);
    assert_false(auk_applier_has_chunk(w->applier, chunk.table, 1));
    assert_int_equal(world_count_stored(w, REVIEW), 0);
    world_reopen(w);
    world_begin(w);
    world_insert(w, REVIEW, VALUES("60", NULL, "4", "whole"));
    auk_transaction_release(w->transaction);
    load_all(w, REVIEW, 1, 1, 1);
    assert_true(auk_applier_has_chunk(w->applier, chunk.table, 1));
    for (uint32_t d = 0; d < 3; d++)
        assert_ok(auk_applier_build(w->applier, d, NULL, NULL, err));
    world_check(w);
    assert_int_equal(world_count_stored(w, REVIEW), 1);
}

static void a_table_is_loaded_anew(void **state)
{
    world *w = *state;
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("1", "pen", NULL, "1", "t", NULL, "x"));
    world_insert(w, REVIEW, VALUES("1", "1", "3", "stays"));
    world_insert(w, REVIEW, VALUES("2", "1", "3", "lost at the source"));
    assert_ok(world_commit(w, err));
    world_publish(w);
    world_check(w);
    assert_ok(auk_applier_restart_table(w->applier, world_tables[REVIEW].id, err));
    world_begin(w); /* what the slot never told */
    world_delete(w, REVIEW, (uint32_t)world_find(w, REVIEW, "2"));
    auk_transaction_release(w->transaction);
    load_all(w, REVIEW, 1, 500, w->lsn);
    world_reopen(w);
    for (uint32_t d = 0; d < 3; d++)
        assert_ok(auk_applier_build(w->applier, d, NULL, NULL, err));
    world_check(w);
    assert_int_equal(world_count_stored(w, REVIEW), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(chunks_of_different_moments_end_right, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_of_different_moments_end_right, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_of_different_moments_end_right, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks_of_different_moments_end_right, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_of_the_future_is_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_that_is_skipped_stays_with_its_parent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(so_it_does_when_tables_are_described_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chunk_that_fails_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_table_is_loaded_anew, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
    ((auk_transaction_info *)(uintptr_t)auk_transaction_read_info(w->transaction))->xid = 0;
    show(w);
    auk_applier_read_position(w->applier, &position);
    assert_int_equal(position.applied, w->lsn);
    world_reopen(w);
    auk_applier_read_position(w->applier, &position);
    assert_int_equal(position.applied, w->lsn);
    assert_int_equal(position.xid, w->xid - 1);
}

static void a_timeline_is_left_where_it_ended(void **state)
{
    world *w = *state;
    auk_sync_position position;
    fill(w);
    auk_lsn last = w->lsn;
    world_begin(w); /* nothing came since: the position says no more */
    ((auk_transaction_info *)(uintptr_t)auk_transaction_read_info(w->transaction))->xid = 0;
    show(w);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(auk_applier_holds(w->applier), last);
        world_reopen(w);
    }
    assert_ok(auk_applier_go_over(w->applier, 2, last + 10, err));
    for (int i = 0; i < 2; i++) {
        auk_applier_read_position(w->applier, &position);
        assert_int_equal(position.timeline, 2);
        assert_int_equal(position.applied, last + 10);
        assert_int_equal(auk_applier_holds(w->applier), last);
        world_reopen(w);
    }
    w->lsn = last; /* what the new log has there is another transaction */
    world_begin(w);
    world_insert(w, REVIEW, VALUES("77", "1", "4", "new"));
    show(w);
    assert_int_equal(auk_applier_holds(w->applier), w->lsn);
    assert_ok(auk_applier_go_over(w->applier, 3, w->lsn + 1000, err));
    auk_applier_read_position(w->applier, &position);
    assert_int_equal(position.applied, w->lsn);
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

/* ---- dead letters ---- */

static void put_mapping(world *w, const char *index, const char *body)
{
    assert_ok(auk_catalog_put_mapping(w->at.catalog, auk_span_of(index), support_json(&w->at, body),
                                      err));
}

static const auk_json *list_dead(world *w)
{
    auk_buffer text;
    auk_json_writer out;
    const auk_json *list;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    assert_ok(auk_applier_write_dead(w->applier, 0, 10, &out, err));
    assert_ok(auk_json_parse(auk_buffer_span(&text), w->at.arena, &list, err));
    auk_buffer_deinit(&text);
    return list;
}

static void expect_dead(world *w, int64_t total)
{
    if (total == 0 && auk_json_get(list_dead(w), "entries")->count > 0)
        fail_msg("%.*s", AUK_SPAN_ARG(auk_json_get(list_dead(w), "entries")->text));
    int64_t found;
    auk_applier_stats stats;
    assert_true(auk_json_to_int64(auk_json_get(list_dead(w), "total"), &found));
    assert_int_equal(found, total);
    auk_applier_read_stats(w->applier, &stats);
    assert_int_equal(stats.dead_letters, total);
}

/* One maker whose name must be a number. */
static void set_maker(world *w, const char *name)
{
    int row = world_find(w, MAKER, "1");
    world_begin(w);
    if (row < 0)
        world_insert(w, MAKER, VALUES("1", name, NULL));
    else
        world_update(w, MAKER, (uint32_t)row, VALUES("1", name, NULL), 0);
    commit(w);
    world_publish(w);
}

static void expect_maker(world *w, const char *name)
{
    support_expect_document(
        &w->at, "makers", "1",
        name ? auk_arena_printf(w->at.arena,
                                "{\"id\":1,\"name\":\"%s\",\"country\":null,\"products\":[]}", name)
                   .data
             : NULL);
}

static void a_document_that_is_refused_keeps_its_last_good_state(void **state)
{
    world *w = *state;
    put_mapping(w, "makers", "{\"properties\":{\"name\":{\"type\":\"integer\"}}}");
    set_maker(w, "12");
    expect_dead(w, 0);
    set_maker(w, "Acme");
    expect_maker(w, "12");
    expect_dead(w, 1);
    set_maker(w, "Beta");
    world_reopen(w);
    expect_dead(w, 1);
    const auk_json *entry = auk_json_get(list_dead(w), "entries")->child;
    assert_true(auk_span_is(auk_json_get(entry, "stage")->text, "mapping"));
    assert_true(auk_span_is(auk_json_get(entry, "attempts")->text, "2"));
    assert_true(auk_span_is(auk_json_get(entry, "table")->text, "public.maker"));
    assert_true(auk_span_is(auk_json_get(entry, "key")->child->text, "1"));
    assert_true(auk_span_is(auk_json_get(entry, "lsn")->text, "0/12C"));
    assert_true(auk_span_is(auk_json_get(entry, "document")->text, "1"));
    set_maker(w, "13");
    expect_maker(w, "13");
    expect_dead(w, 0);
}

static void dead_letters_are_retried_and_discarded(void **state)
{
    world *w = *state;
    uint64_t count;
    auk_error why;
    put_mapping(w, "makers", "{\"properties\":{\"name\":{\"type\":\"integer\"}}}");
    set_maker(w, "Acme");
    expect_maker(w, NULL);
    expect_dead(w, 1);
    assert_ok(auk_applier_retry_dead(w->applier, AUK_SPAN(""), &count, err));
    assert_int_equal(count, 0);
    expect_dead(w, 1);
    auk_span id = auk_json_get(auk_json_get(list_dead(w), "entries")->child, "id")->text;
    assert_int_equal(auk_applier_discard_dead(w->applier, AUK_SPAN("0"), &count, &why),
                     AUK_NOT_FOUND);
    assert_ok(auk_applier_discard_dead(w->applier, id, &count, err));
    assert_int_equal(count, 1);
    expect_dead(w, 0);
    set_maker(w, "Beta");
    world_begin(w);
    world_delete(w, MAKER, 0); /* what is deleted is no trouble any more */
    show(w);
    expect_dead(w, 0);
}

static void too_many_dead_letters_stop_the_source(void **state)
{
    world *w = *state;
    auk_error why = {0};
    w->config->dead_letters_most = 2;
    put_mapping(w, "makers", "{\"properties\":{\"name\":{\"type\":\"integer\"}}}");
    world_begin(w);
    for (int i = 0; i < 3; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        world_insert(w, MAKER, VALUES(id, "Acme", NULL));
    }
    commit(w);
    world_publish(w);
    world_begin(w);
    world_insert(w, TAG, VALUES("1", "later"));
    assert_int_equal(world_commit(w, &why), AUK_TOO_LARGE);
    uint64_t count;
    assert_ok(auk_applier_discard_dead(w->applier, AUK_SPAN(""), &count, err));
    assert_int_equal(count, 3);
    commit(w);
    world_publish(w);
}

/* ---- values that were not sent ---- */

static void a_value_that_nobody_knows_is_read_again(void **state)
{
    world *w = *state;
    auk_reread *list;
    auk_sync_position slot = {.applied = 0};
    world_begin(w);
    world_insert(w, PRODUCT, VALUES("1", "pen", NULL, "1", "t", NULL, "out of line"));
    auk_transaction_release(w->transaction); /* before the slot; no chunk has read it */
    slot.applied = w->lsn;
    assert_ok(auk_applier_set_position(w->applier, &slot, err));
    world_begin(w);
    world_update(w, PRODUCT, 0, VALUES("1", "ink", NULL, "1", "t", NULL, NULL), 1U << 6);
    commit(w);
    world_publish(w);
    support_expect_document(&w->at, "products", "1", NULL); /* not half of it */
    world_reopen(w);
    assert_int_equal(auk_applier_list_rereads(w->applier, 10, w->at.arena, &list), 1);
    assert_int_equal(list[0].xid, w->xid);
    assert_true(auk_span_is(list[0].key[0], "1"));
    auk_pg_snapshot snapshot = {w->xid + 1, w->xid + 1, NULL, 0};
    auk_datum values[WORLD_COLUMNS] = {{0}};
    for (int i = 0; i < WORLD_COLUMNS; i++)
        if (w->rows[PRODUCT][0].values[i])
            values[i] = (auk_datum){AUK_DATUM_TEXT, auk_span_of(w->rows[PRODUCT][0].values[i])};
    auk_tuple row = {values, WORLD_COLUMNS};
    assert_ok(auk_applier_put_reread(w->applier, &list[0], &row, &snapshot, w->lsn + 1, err));
    world_publish(w);
    world_check(w);
    assert_int_equal(auk_applier_list_rereads(w->applier, 10, w->at.arena, &list), 0);
}

/* ---- large transactions ---- */

typedef struct watch {
    world *w;
    uint64_t products, makers, reviews;
    uint32_t looks;
} watch;

static void look(void *context)
{
    watch *at = context;
    at->looks++;
    assert_int_equal(support_visible(&at->w->at, "products"), at->products);
    assert_int_equal(support_visible(&at->w->at, "makers"), at->makers);
    assert_int_equal(support_visible(&at->w->at, "reviews"), at->reviews);
}

static void nobody_sees_half_of_a_large_transaction(void **state)
{
    world *w = *state;
    fill(w);
    watch at = {w, support_visible(&w->at, "products"), support_visible(&w->at, "makers"),
                support_visible(&w->at, "reviews"), 0};
    world_begin(w);
    for (int i = 100; i < 400; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        world_insert(w, PRODUCT, VALUES(id, "many", "1", "1", "t", NULL, NULL));
        world_insert(w, REVIEW, VALUES(id, id, "4", "many"));
        world_insert(w, MAKER, VALUES(id, "many", NULL));
    }
    world_delete(w, PRODUCT, row_of(w, PRODUCT, "1"));
    world_on_change = look;
    world_on_change_context = &at;
    commit(w);
    world_on_change = NULL;
    look(&at);
    assert_true(at.looks > 900);
    world_publish(w);
    world_check(w);
}

static int setup_small(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->directory = support_directory();
    f->w.group_changes_most = 50;
    f->w.step_roots_most = 30;
    world_open(&f->w, f->directory, NULL);
    *state = &f->w;
    return 0;
}

/* ---- names ---- */

static const char named_by_columns[] =
    "{\"connection\":\"postgres://nobody@nowhere/shop\",\"documents\":[{\"index\":\"tags\","
    "\"table\":\"tag\",\"columns\":[\"*\"],\"id\":\"t-{name}\",\"routing\":\"{name}\"},"
    "{\"index\":\"words\",\"table\":\"maker\",\"columns\":[{\"column\":\"name\",\"convert\":"
    "\"lowercase\"},{\"column\":\"country\",\"convert\":\"number\"}]},"
    "{\"index\":\"links\",\"table\":\"product_tag\",\"columns\":[\"*\"]},"
    "{\"index\":\"lands\",\"table\":\"country\",\"columns\":[{\"column\":\"code\",\"as\":"
    "\"a.code\",\"convert\":\"string\"},{\"column\":\"name\",\"as\":\"a.names\",\"convert\":"
    "\"split:,\"},{\"as\":\"kind\",\"constant\":[1,2]}]}]}";

static int setup_named(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->directory = support_directory();
    world_open(&f->w, f->directory, named_by_columns);
    *state = &f->w;
    return 0;
}

static void expect_routed(world *w, const char *id, const char *routing, const char *source)
{
    auk_shard_document found;
    auk_span concrete;
    bool is_there;
    assert_ok(auk_catalog_get(w->at.catalog, AUK_SPAN("tags"), auk_span_of(id),
                              auk_span_of(routing), w->at.arena, &concrete, &found, &is_there,
                              err));
    assert_int_equal(is_there, source != NULL);
    if (source)
        assert_true(auk_span_is(found.source, source));
}

static void a_document_that_is_called_anew_leaves_nothing(void **state)
{
    world *w = *state;
    world_begin(w);
    world_insert(w, TAG, VALUES("1", "a"));
    world_insert(w, TAG, VALUES("2", "b"));
    commit(w);
    world_publish(w);
    expect_routed(w, "t-a", "a", "{\"id\":1,\"name\":\"a\"}");
    world_begin(w); /* they change names with each other */
    world_update(w, TAG, row_of(w, TAG, "1"), VALUES("1", "b"), 0);
    world_update(w, TAG, row_of(w, TAG, "2"), VALUES("2", "a"), 0);
    commit(w);
    world_publish(w);
    expect_routed(w, "t-a", "a", "{\"id\":2,\"name\":\"a\"}");
    expect_routed(w, "t-b", "b", "{\"id\":1,\"name\":\"b\"}");
    assert_int_equal(support_visible(&w->at, "tags"), 2);
    world_begin(w);
    world_update(w, TAG, row_of(w, TAG, "1"), VALUES("1", "c"), 0);
    world_delete(w, TAG, row_of(w, TAG, "2"));
    commit(w);
    world_publish(w);
    expect_routed(w, "t-c", "c", "{\"id\":1,\"name\":\"c\"}");
    assert_int_equal(support_visible(&w->at, "tags"), 1);
    world_begin(w);
    world_update(w, TAG, row_of(w, TAG, "1"), VALUES("1", NULL), 0); /* no name: a dead letter */
    commit(w);
    world_publish(w);
    expect_routed(w, "t-c", "c", "{\"id\":1,\"name\":\"c\"}");
    expect_dead(w, 1);
}

static void keys_of_several_columns_are_joined(void **state)
{
    world *w = *state;
    world_begin(w);
    world_insert(w, PRODUCT_TAG, VALUES("1", "23"));
    world_insert(w, COUNTRY, VALUES("7", "x,y"));
    world_insert(w, MAKER, VALUES("5", "\u00c4RGER", "12"));
    commit(w);
    world_publish(w);
    expect_dead(w, 0);
    support_expect_document(&w->at, "links", "1:23", "{\"product_id\":1,\"tag_id\":23}");
    support_expect_document(&w->at, "words", "5", "{\"name\":\"\u00e4rger\",\"country\":12}");
    support_expect_document(&w->at, "lands", "7",
                            "{\"a\":{\"code\":\"7\",\"names\":[\"x\",\"y\"]},\"kind\":[1,2]}");
    world_begin(w);
    world_delete(w, PRODUCT_TAG, 0);
    commit(w);
    world_publish(w);
    support_expect_document(&w->at, "links", "1:23", NULL);
}

static void rows_without_a_key_are_only_added(void **state)
{
    world *w = *state;
    auk_table_column columns[2] = {{AUK_SPAN("code"), 1, 23, -1, false, false},
                                   {AUK_SPAN("name"), 2, 25, -1, false, false}};
    auk_table table = {102, AUK_SPAN("public"), AUK_SPAN("country"), columns, 2, NULL, 0};
    assert_ok(auk_applier_describe(w->applier, &table, err));
    world_begin(w); /* ends at 100 */
    world_insert(w, COUNTRY, VALUES("7", "x"));
    world_insert(w, COUNTRY, VALUES("7", "x"));
    world_send(w, AUK_ROW_DELETE, COUNTRY, VALUES("7", "x"), NULL, 0);
    commit(w);
    world_publish(w);
    assert_int_equal(support_visible(&w->at, "lands"), 2);
    support_expect_document(&w->at, "lands", "64-1",
                            "{\"a\":{\"code\":\"7\",\"names\":[\"x\"]},\"kind\":[1,2]}");
    world_begin(w);
    world_truncate(w, COUNTRY);
    commit(w);
    world_publish(w);
    assert_int_equal(support_visible(&w->at, "lands"), 0);
}

/* ---- verification ---- */

static void rows_are_summed_as_they_are_read(void **state)
{
    world *w = *state;
    auk_range_sum all, part;
    auk_span from = AUK_SPAN("9"), to = AUK_SPAN("11");
    auk_key_range whole = {0}, between = {&from, &to, 1, 1};
    auk_row_sum *rows;
    uint32_t count;
    uint64_t hash, sum = 0;
    bool counts;
    fill(w);
    assert_ok(auk_applier_sum(w->applier, 104, &whole, &all, err));
    assert_ok(auk_applier_sum(w->applier, 104, &between, &part, err));
    assert_int_equal(all.rows, 2);
    assert_int_equal(part.rows, 1);
    for (uint32_t i = 0; i < w->counts[REVIEW]; i++) {
        auk_datum values[4];
        for (int k = 0; k < 4; k++)
            values[k] = (auk_datum){AUK_DATUM_TEXT, auk_span_of(w->rows[REVIEW][i].values[k])};
        auk_tuple row = {values, 4};
        assert_ok(auk_applier_hash_row(w->applier, 104, &row, &hash, &counts, err));
        assert_true(counts);
        sum ^= hash;
    }
    assert_int_equal(sum, all.hash);
    assert_ok(
        auk_applier_list_hashes(w->applier, 104, &between, 5, w->at.arena, &rows, &count, err));
    assert_int_equal(count, 1);
    assert_true(auk_span_is(rows[0].key[0], "10"));
    assert_int_equal(rows[0].hash, part.hash);
    const auk_span *key;
    bool found;
    assert_ok(auk_applier_find_hash(w->applier, 104, rows[0].key, 1, rows, &found, err));
    assert_true(found && rows[0].hash == part.hash);
    assert_ok(auk_applier_seek(w->applier, 104, &whole, 1, w->at.arena, &key, err));
    assert_non_null(key);
    assert_ok(auk_applier_seek(w->applier, 104, &whole, 2, w->at.arena, &key, err));
    assert_null(key);
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
        cmocka_unit_test_setup_teardown(a_timeline_is_left_where_it_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(unchanged_documents_are_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(under_identity_full_the_old_tuple_has_the_value, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_document_that_is_refused_keeps_its_last_good_state, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(dead_letters_are_retried_and_discarded, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_dead_letters_stop_the_source, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_that_nobody_knows_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_are_summed_as_they_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_sees_half_of_a_large_transaction, setup_small,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_document_that_is_called_anew_leaves_nothing, setup_named,
                                        teardown),
        cmocka_unit_test_setup_teardown(keys_of_several_columns_are_joined, setup_named, teardown),
        cmocka_unit_test_setup_teardown(rows_without_a_key_are_only_added, setup_named, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* An owner's step: all of it or nothing, durable at once and seen at once. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auk/generation.h"
#include "auk/json.h"
#include "auk/publication.h"

#include "catalog_support.h"

#define OWNER        "sync:shop"
#define THREE_SHARDS "{\"settings\":{\"number_of_shards\":3}}"

static auk_index *index_named(support_catalog *at, const char *name)
{
    const auk_root *root = auk_root_acquire(at->catalog);
    const auk_index_view *view = auk_root_find(root, auk_span_of(name));
    assert_non_null(view);
    auk_index *index = auk_index_acquire(view->index);
    auk_root_release(at->catalog, root);
    return index;
}

static void set_owner(support_catalog *at, const char *name, const char *owner)
{
    auk_index *index = index_named(at, name);
    assert_ok(auk_index_set_owner(at->catalog, index, auk_span_of(owner), err));
    auk_index_release(index);
}

static void create_owned(support_catalog *at, const char *name)
{
    support_create(at, name, THREE_SHARDS);
    set_owner(at, name, OWNER);
}

/* ---- steps ---- */

typedef struct item {
    const char *index, *id, *source; /* source NULL: deleted */
} item;

static void put_key(void *context, auk_batch *batch)
{
    auk_batch_put(batch, AUK_FAMILY_SYNC, AUK_SPAN("position"), auk_span_of(context));
}

static auk_code try_publish(support_catalog *at, const item *items, uint32_t count, bool visible,
                            const char *position, auk_written *written, auk_error *err)
{
    auk_write *writes = AUK_ARENA_ARRAY(at->arena, auk_write, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        auk_write_init(&writes[i]);
        writes[i].kind = items[i].source ? AUK_WRITE_INDEX : AUK_WRITE_DELETE;
        writes[i].index = auk_span_of(items[i].index);
        writes[i].id = auk_span_of(items[i].id);
        writes[i].source = items[i].source ? auk_span_of(items[i].source) : AUK_SPAN("");
    }
    auk_publication step = {.owner = AUK_SPAN(OWNER),
                            .writes = writes,
                            .written = written,
                            .count = count,
                            .describe = position ? put_key : NULL,
                            .context = (void *)(uintptr_t)position,
                            .visible = visible};
    return auk_catalog_publish(at->catalog, &step, at->arena, err);
}

static void publish(support_catalog *at, const item *items, uint32_t count, bool visible)
{
    auk_written *written = AUK_ARENA_ARRAY(at->arena, auk_written, count + 1);
    assert_ok(try_publish(at, items, count, visible, NULL, written, err));
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(written[i].error.code, AUK_OK);
}

/* ---- the rules ---- */

static void nobody_else_writes_to_an_owned_index(void **state)
{
    support_catalog *at = *state;
    auk_error err = {0};
    auk_span name = AUK_SPAN("p");
    support_create(at, "p", NULL);
    support_write_one(at, AUK_WRITE_INDEX, "p", "1", "{\"a\":1}");
    set_owner(at, "p", OWNER);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(support_visible(at, "p"), 1);
        assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "p", "2", "{}").error.code,
                         AUK_FORBIDDEN);
        assert_int_equal(auk_catalog_delete_indices(at->catalog, &name, 1, &err), AUK_CONFLICT);
        support_catalog_reopen(at);
    }
    set_owner(at, "p", "");
    assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "p", "2", "{}").error.code, AUK_OK);
    support_drop(at, "p");
}

static void a_step_goes_to_its_owners_indices_only(void **state)
{
    support_catalog *at = *state;
    auk_written written[2];
    auk_error err = {0};
    create_owned(at, "p");
    support_create(at, "q", NULL);
    item foreign[] = {{"p", "1", "{}"}, {"q", "1", "{}"}}, missing[] = {{"r", "1", "{}"}};
    assert_int_equal(try_publish(at, foreign, 2, true, NULL, written, &err), AUK_CONFLICT);
    assert_int_equal(try_publish(at, missing, 1, true, NULL, written, &err), AUK_NOT_FOUND);
    assert_int_equal(support_visible(at, "p"), 0);
}

static void keys_and_documents_are_one_batch(void **state)
{
    support_catalog *at = *state;
    auk_written written[3];
    auk_error failure = {0};
    auk_buffer value;
    bool found;
    create_owned(at, "p");
    create_owned(at, "q");
    item items[] = {{"p", "1", "{\"n\":1}"}, {"q", "1", "{\"n\":"}, {"q", "2", "{\"n\":2}"}};
    assert_int_equal(try_publish(at, items, 3, true, "0/10", written, &failure), AUK_OK);
    assert_int_equal(written[0].error.code, AUK_OK);
    assert_int_equal(written[1].error.code, AUK_INVALID); /* is refused; the others are not */
    assert_int_equal(written[2].error.code, AUK_OK);
    auk_buffer_init(&value, 1024);
    for (int i = 0; i < 2; i++) {
        support_expect_document(at, "p", "1", "{\"n\":1}");
        support_expect_document(at, "q", "1", NULL);
        assert_int_equal(support_visible(at, "p,q"), 2);
        assert_ok(auk_store_get(auk_catalog_store(at->catalog), AUK_FAMILY_SYNC,
                                AUK_SPAN("position"), &value, &found, err));
        assert_true(found && auk_span_is(auk_buffer_span(&value), "0/10"));
        support_catalog_reopen(at);
    }
    auk_buffer_deinit(&value);
}

static void what_is_not_shown_is_not_seen_whatever_happens_to_it(void **state)
{
    support_catalog *at = *state;
    create_owned(at, "p");
    auk_index *index = index_named(at, "p");
    publish(at, (item[]){{"p", "1", "{\"n\":1}"}, {"p", "2", "{\"n\":1}"}}, 2, true);
    publish(at, (item[]){{"p", "1", NULL}, {"p", "2", "{\"n\":2}"}, {"p", "3", "{}"}}, 3, false);
    assert_ok(auk_index_refresh(index, err));
    assert_ok(auk_index_flush(index, err));
    assert_ok(auk_index_force_merge(index, 1, true, err));
    assert_int_equal(support_visible(at, "p"), 2);
    support_expect_document(at, "p", "1", "{\"n\":1}");
    support_expect_document(at, "p", "2", "{\"n\":1}");
    support_expect_document(at, "p", "3", NULL);
    publish(at, NULL, 0, true);
    assert_int_equal(support_visible(at, "p"), 2);
    support_expect_document(at, "p", "1", NULL);
    support_expect_document(at, "p", "2", "{\"n\":2}");
    support_expect_document(at, "p", "3", "{}");
    auk_index_release(index);
}

/* ---- what others write ---- */

/* An owner that takes what clients say: laid over what is there. */
static void take(void *context, auk_span owner, const auk_write *writes, auk_written *written,
                 uint32_t count, auk_arena *arena)
{
    support_catalog *at = context;
    assert_true(auk_span_is(owner, OWNER));
    for (uint32_t i = 0; i < count; i++) {
        auk_shard_document document;
        bool found, noop;
        auk_error *err = AUK_ARENA_NEW(arena, auk_error);
        auk_write write = writes[i];
        assert_int_equal(auk_owned_get(at->catalog, owner, &write, arena, &document, &found, err),
                         AUK_OK);
        auk_code code = auk_owned_update(&writes[i], found ? &document : NULL, arena, &write.source,
                                         &noop, err);
        write.kind = AUK_WRITE_INDEX;
        auk_publication step = {.owner = owner,
                                .writes = &write,
                                .written = &written[i],
                                .count = 1,
                                .visible = true,
                                .joins_whole = true};
        if (code == AUK_OK)
            code = auk_catalog_publish(at->catalog, &step, arena, err);
        written[i].error = code == AUK_OK ? written[i].error : (auk_failure){code, err};
    }
}

static void what_a_gate_takes_joins_the_whole_that_is_under_way(void **state)
{
    support_catalog *at = *state;
    auk_owner_gate gate = {take, at};
    create_owned(at, "p");
    create_owned(at, "q");
    publish(at, (item[]){{"p", "1", "{\"n\":1}"}, {"q", "1", "{\"n\":1}"}}, 2, true);
    auk_catalog_set_owner_gate(at->catalog, &gate);
    const char *five = "{\"doc\":{\"v\":5}}", *six = "{\"doc\":{\"v\":6}}";
    auk_written written = support_write_one(at, AUK_WRITE_UPDATE, "p", "1", five);
    assert_int_equal(written.error.code, AUK_OK);
    assert_int_equal(written.version, 2);
    support_expect_document(at, "p", "1", "{\"n\":1,\"v\":5}");
    written = support_write_one(at, AUK_WRITE_UPDATE, "p", "2", five);
    assert_int_equal(written.error.code, AUK_NOT_FOUND);
    /* Half of a whole is durable in another index: neither it nor the update is seen before it. */
    publish(at, (item[]){{"q", "1", "{\"n\":2}"}}, 1, false);
    assert_int_equal(support_write_one(at, AUK_WRITE_UPDATE, "p", "1", six).error.code, AUK_OK);
    support_expect_document(at, "p", "1", "{\"n\":1,\"v\":5}");
    support_expect_document(at, "q", "1", "{\"n\":1}");
    publish(at, NULL, 0, true);
    support_expect_document(at, "p", "1", "{\"n\":1,\"v\":6}");
    support_expect_document(at, "q", "1", "{\"n\":2}");
    auk_catalog_set_owner_gate(at->catalog, NULL);
    assert_int_equal(support_write_one(at, AUK_WRITE_UPDATE, "p", "1", five).error.code,
                     AUK_FORBIDDEN);
}

static void an_index_that_is_hidden_answers_why(void **state)
{
    support_catalog *at = *state;
    auk_resolve_options options = AUK_RESOLVE_LENIENT;
    auk_resolved *found;
    uint32_t count;
    create_owned(at, "p");
    auk_index *index = index_named(at, "p");
    auk_index_hide(at->catalog, index, "half of a transaction");
    for (int i = 0; i < 3; i++) {
        static const char *const shown[] = {"another reason", "half of a transaction"};
        auk_error failure = {0};
        const auk_root *root = auk_root_acquire(at->catalog);
        assert_ok(auk_root_resolve(root, AUK_SPAN("p*"), &options, at->arena, &found, &count, err));
        assert_int_equal(auk_index_check(found[0].view, AUK_BLOCK_READ, &failure),
                         i < 2 ? AUK_UNAVAILABLE : AUK_OK);
        auk_root_release(at->catalog, root);
        if (i < 2)
            auk_index_show(at->catalog, index, shown[i]);
    }
    auk_index_release(index);
}

static void the_next_generation_goes_on_with_the_owner(void **state)
{
    support_catalog *at = *state;
    auk_index *to;
    uint64_t fenced_us;
    create_owned(at, "p");
    auk_index *from = index_named(at, "p");
    assert_ok(auk_generation_create(at->catalog, AUK_SPAN("p-000002"), NULL, &to, err));
    auk_generation_switch plan = {.from = from, .to = to, .rename = AUK_SPAN("p-000001")};
    assert_ok(auk_generation_run_switch(at->catalog, &plan, &fenced_us, err));
    publish(at, (item[]){{"p", "1", "{\"n\":1}"}}, 1, true);
    support_expect_document(at, "p-000002", "1", "{\"n\":1}");
    assert_int_equal(support_visible(at, "p"), 1);
    auk_index_release(from);
    auk_index_release(to);
}

/* ---- against an oracle ---- */

enum { DOCUMENTS = 60, STEPS = 400, ITEMS_MOST = 40 };

typedef struct oracle {
    int now[2][DOCUMENTS], shown[2][DOCUMENTS]; /* values; 0: no document */
} oracle;

static const char *const NAMES[] = {"p", "q"};

static const char *id_of(support_catalog *at, int number)
{
    return auk_arena_printf(at->arena, "%d", number).data;
}

static const char *source_of(support_catalog *at, int number)
{
    return auk_arena_printf(at->arena, "{\"n\":%d}", number).data;
}

static void check_oracle(support_catalog *at, const oracle *o)
{
    const auk_root *root = auk_root_acquire(at->catalog);
    for (int n = 0; n < 2; n++) {
        const auk_index_view *view = auk_root_find(root, auk_span_of(NAMES[n]));
        uint64_t live = 0;
        for (uint32_t i = 0; i < view->shard_count; i++)
            live += view->shards[i]->live_count;
        for (int i = 0; i < DOCUMENTS; i++) {
            auk_shard_document document;
            bool found;
            auk_span id = auk_span_of(id_of(at, i));
            const auk_shard_view *shard = view->shards[auk_route_shard(id, view->shard_count)];
            assert_ok(auk_shard_view_get(shard, id, at->arena, &document, &found, err));
            assert_int_equal(found, o->shown[n][i] != 0);
            if (found)
                assert_true(auk_span_is(document.source, source_of(at, o->shown[n][i])));
            live -= found;
        }
        assert_int_equal(live, 0);
    }
    auk_root_release(at->catalog, root);
}

static void random_step(support_catalog *at, oracle *o, int value)
{
    item items[ITEMS_MOST];
    uint32_t count = (uint32_t)(rand() % ITEMS_MOST);
    for (uint32_t i = 0; i < count; i++) {
        int n = rand() % 2, document = rand() % DOCUMENTS;
        bool deletes = rand() % 4 == 0;
        items[i] = (item){NAMES[n], id_of(at, document), deletes ? NULL : source_of(at, value)};
        o->now[n][document] = deletes ? 0 : value;
    }
    bool visible = rand() % 2 == 0;
    publish(at, items, count, visible);
    if (visible)
        memcpy(o->shown, o->now, sizeof o->now);
}

static void random_upkeep(support_catalog *at, oracle *o)
{
    auk_index *index = index_named(at, NAMES[rand() % 2]);
    int what = rand() % 8;
    if (what < 3)
        assert_ok(auk_index_flush(index, err));
    if (what == 3)
        assert_ok(auk_index_force_merge(index, 1, rand() % 2 == 0, err));
    if (what == 4)
        assert_ok(auk_index_refresh(index, err));
    auk_index_release(index);
    if (what == 5 && rand() % 4 == 0) {
        support_catalog_reopen(at);
        memcpy(o->shown, o->now, sizeof o->now); /* what is durable is seen */
    }
}

static void what_is_seen_is_what_was_shown_last(void **state)
{
    support_catalog *at = *state;
    oracle o = {0};
    srand(7);
    create_owned(at, "p");
    create_owned(at, "q");
    for (int step = 1; step <= STEPS; step++) {
        random_step(at, &o, step);
        check_oracle(at, &o);
        random_upkeep(at, &o);
        check_oracle(at, &o);
        auk_arena_reset(at->arena);
    }
}

/* ---- readers beside it ---- */

typedef struct reader {
    support_catalog *at;
    atomic_bool stop;
    atomic_int looks;
    int torn;
} reader;

enum { TOGETHER = 24 };

static int value_in(const auk_root *root, int number, auk_arena *arena)
{
    auk_shard_document document;
    bool found;
    char id[16];
    (void)snprintf(id, sizeof id, "%d", number);
    const auk_index_view *view = auk_root_find(root, auk_span_of(NAMES[number % 2]));
    const auk_shard_view *shard = view->shards[auk_route_shard(auk_span_of(id), view->shard_count)];
    if (auk_shard_view_get(shard, auk_span_of(id), arena, &document, &found, NULL) != AUK_OK ||
        !found)
        return -1;
    int64_t value = -1;
    (void)auk_number_parse_int64(auk_span_make(document.source.data + 5, document.source.size - 6),
                                 &value);
    return (int)value;
}

static void *look(void *context)
{
    reader *r = context;
    auk_arena *arena = auk_arena_create(4096);
    while (!atomic_load(&r->stop)) {
        const auk_root *root = auk_root_acquire(r->at->catalog);
        int first = value_in(root, 0, arena);
        for (int i = 1; i < TOGETHER; i++)
            r->torn += value_in(root, i, arena) != first;
        auk_root_release(r->at->catalog, root);
        auk_arena_reset(arena);
        atomic_fetch_add(&r->looks, 1);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void publish_together(support_catalog *at, int value)
{
    item items[TOGETHER];
    for (int i = 0; i < TOGETHER; i++)
        items[i] = (item){NAMES[i % 2], id_of(at, i), source_of(at, value)};
    if (value % 3 == 0) { /* in two steps, of which the first is not shown */
        publish(at, items, TOGETHER / 2, false);
        publish(at, items + TOGETHER / 2, TOGETHER / 2, true);
    } else {
        publish(at, items, TOGETHER, true);
    }
}

static void readers_never_see_half_of_a_step(void **state)
{
    support_catalog *at = *state;
    pthread_t thread;
    reader r = {.at = at};
    create_owned(at, "p");
    create_owned(at, "q");
    publish_together(at, 1);
    assert_int_equal(pthread_create(&thread, NULL, look, &r), 0);
    for (int value = 2; value < 300 || atomic_load(&r.looks) < 50; value++) {
        publish_together(at, value);
        auk_index *index = index_named(at, NAMES[value % 2]);
        if (value % 7 == 0)
            assert_ok(auk_index_flush(index, err));
        if (value % 31 == 0)
            assert_ok(auk_index_force_merge(index, 1, false, err));
        auk_index_release(index);
        auk_arena_reset(at->arena);
    }
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(r.torn, 0);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_else_writes_to_an_owned_index),
        TEST(a_step_goes_to_its_owners_indices_only),
        TEST(keys_and_documents_are_one_batch),
        TEST(what_is_not_shown_is_not_seen_whatever_happens_to_it),
        TEST(what_a_gate_takes_joins_the_whole_that_is_under_way),
        TEST(an_index_that_is_hidden_answers_why),
        TEST(the_next_generation_goes_on_with_the_owner),
        TEST(what_is_seen_is_what_was_shown_last),
        TEST(readers_never_see_half_of_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

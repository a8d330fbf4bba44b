/* A next generation: unseen until it takes the place of the one before, in one step. */
#include <pthread.h>
#include <stdatomic.h>

#include "auk/generation.h"
#include "auk/publication.h"
#include "auk/store.h"

#include "catalog_support.h"

static auk_index *create(support_catalog *at, const char *name)
{
    auk_index *index;
    assert_ok(auk_generation_create(at->catalog, auk_span_of(name), NULL, &index, err));
    return index;
}

static auk_index *index_named(support_catalog *at, const char *name)
{
    const auk_root *root = auk_root_acquire(at->catalog);
    const auk_index_view *view = auk_root_find(root, auk_span_of(name));
    assert_non_null(view);
    auk_index *index = auk_index_acquire(view->index);
    auk_root_release(at->catalog, root);
    return index;
}

static void run_switch(support_catalog *at, auk_index *from, auk_index *to, const char *rename)
{
    uint64_t fenced_us;
    auk_generation_switch plan = {.from = from, .to = to, .rename = auk_span_of(rename)};
    assert_ok(auk_generation_run_switch(at->catalog, &plan, &fenced_us, err));
}

static void a_plain_name_becomes_an_alias(void **state)
{
    support_catalog *at = *state;
    support_create(at, "p", NULL);
    support_aliases(at, "{\"actions\":[{\"add\":{\"index\":\"p\",\"alias\":\"extra\"}}]}");
    support_write_one(at, AUK_WRITE_INDEX, "p", "1", "{\"a\":1}");
    auk_index *from = index_named(at, "p"), *to = create(at, "p-000002");
    auk_resolve_options options = AUK_RESOLVE_LENIENT;
    assert_string_equal(support_resolve(at, "p*", &options), "p");
    run_switch(at, from, to, "p-000001");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(support_resolve(at, "p", &options), "p-000002");
        assert_string_equal(support_resolve(at, "extra", &options), "p-000002");
        assert_string_equal(support_resolve(at, "p*", &options), "p-000002");
        support_expect_document(at, "p-000001", "1", "{\"a\":1}");
        support_expect_document(at, "p", "1", NULL);
        assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "p-000001", "2", "{}").error.code,
                         AUK_FORBIDDEN);
        if (i == 0) {
            auk_index_release(from);
            auk_index_release(to);
            support_catalog_reopen(at);
        }
    }
    auk_written written = support_write_one(at, AUK_WRITE_INDEX, "p", "2", "{}");
    assert_true(auk_span_is(written.index, "p-000002"));
    assert_true(written.primary_term > 65535); /* no token of the one before fits */
    /* and back, without another name */
    from = index_named(at, "p-000002");
    to = index_named(at, "p-000001");
    run_switch(at, from, to, "");
    assert_string_equal(support_resolve(at, "p", &options), "p-000001");
    support_expect_document(at, "p", "1", "{\"a\":1}");
    assert_ok(auk_generation_drop(at->catalog, from, err));
    assert_ok(auk_generation_drop(at->catalog, from, err));
    auk_index_release(from);
    auk_index_release(to);
}

static void its_owner_fills_it(void **state)
{
    support_catalog *at = *state;
    auk_written out;
    auk_write write;
    auk_index *index = create(at, "p-000002");
    auk_write_init(&write);
    write.kind = AUK_WRITE_INDEX;
    write.index = AUK_SPAN("p-000002");
    write.id = AUK_SPAN("1");
    write.source = AUK_SPAN("{}");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_FORBIDDEN);
    write.as_owner = true;
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_OK);
    auk_index_release(index);
}

static void what_fails_has_changed_nothing(void **state)
{
    support_catalog *at = *state;
    uint64_t fenced_us;
    support_create(at, "p", NULL);
    support_create(at, "p-000001", NULL);
    auk_index *from = index_named(at, "p"), *to = create(at, "p-000002");
    auk_generation_switch plan = {.from = from, .to = to, .rename = AUK_SPAN("p-000001")};
    assert_int_equal(auk_generation_run_switch(at->catalog, &plan, &fenced_us, NULL), AUK_INVALID);
    plan = (auk_generation_switch){.from = to, .to = from};
    assert_int_equal(auk_generation_run_switch(at->catalog, &plan, &fenced_us, NULL), AUK_CONFLICT);
    assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "p", "1", "{}").error.code, AUK_OK);
    assert_ok(auk_generation_release(at->catalog, to, err));
    assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "p-000002", "1", "{}").error.code,
                     AUK_OK);
    auk_index_release(from);
    auk_index_release(to);
}

/* Of two names the numbers that their indices end in; -1: it is called by its own name. */
static void look_at_both(support_catalog *at, auk_arena *arena, int numbers[2])
{
    static const char *const names[] = {"p", "q"};
    const auk_root *root = auk_root_acquire(at->catalog);
    for (int i = 0; i < 2; i++) {
        auk_resolve_options options = AUK_RESOLVE_LENIENT;
        auk_resolved *found;
        uint32_t count;
        assert_ok(
            auk_root_resolve(root, auk_span_of(names[i]), &options, arena, &found, &count, err));
        assert_int_equal(count, 1);
        auk_span name = found[0].view->name;
        numbers[i] = name.size > 1 ? name.data[name.size - 1] : -1;
    }
    auk_root_release(at->catalog, root);
}

typedef struct reader {
    support_catalog *at;
    atomic_bool stop;
    unsigned torn, looks;
} reader;

static void *read_on(void *context)
{
    reader *r = context;
    auk_arena *arena = auk_arena_create(4096);
    while (!r->stop) {
        int numbers[2];
        look_at_both(r->at, arena, numbers);
        r->torn += numbers[0] != numbers[1];
        r->looks++;
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void put_mark(void *context, auk_batch *batch)
{
    auk_batch_put(batch, AUK_FAMILY_SYNC, AUK_SPAN("mark"), auk_span_of(context));
}

/* From the generation before to this one, both names in one step. */
static void switch_both(support_catalog *at, char number)
{
    static const char *const names[] = {"p", "q"};
    auk_generation_switch plans[2] = {{0}};
    char mark[] = {number, '\0'};
    uint64_t fenced_us;
    for (int i = 0; i < 2; i++) {
        bool first = number == '2';
        const char *before =
            first ? names[i] : auk_arena_printf(at->arena, "%s-%c", names[i], number - 1).data;
        plans[i].from = index_named(at, before);
        plans[i].to = create(at, auk_arena_printf(at->arena, "%s-%c", names[i], number).data);
        if (first)
            plans[i].rename = auk_arena_printf(at->arena, "%s-1", names[i]);
    }
    plans[1].describe = put_mark;
    plans[1].context = mark;
    assert_ok(auk_generation_run_switches(at->catalog, plans, 2, &fenced_us, err));
    for (int i = 0; i < 2; i++) {
        assert_ok(auk_generation_drop(at->catalog, plans[i].from, err));
        auk_index_release(plans[i].from);
        auk_index_release(plans[i].to);
    }
}

static void several_are_switched_in_one_root(void **state)
{
    support_catalog *at = *state;
    reader r = {.at = at};
    pthread_t thread;
    int numbers[2];
    support_create(at, "p", NULL);
    support_create(at, "q", NULL);
    pthread_create(&thread, NULL, read_on, &r);
    for (char number = '2'; number <= '9'; number++)
        switch_both(at, number);
    r.stop = true;
    pthread_join(thread, NULL);
    assert_int_equal(r.torn, 0);
    support_catalog_reopen(at);
    look_at_both(at, at->arena, numbers);
    assert_int_equal(numbers[0], '9');
    assert_int_equal(numbers[1], '9');
    auk_buffer mark;
    bool found;
    auk_buffer_init(&mark, 16);
    assert_ok(auk_store_get(auk_catalog_store(at->catalog), AUK_FAMILY_SYNC, AUK_SPAN("mark"),
                            &mark, &found, err));
    assert_true(found && auk_span_is(auk_buffer_span(&mark), "9"));
    auk_buffer_deinit(&mark);
}

/* The first generation of one beside the next of another; of a list of which one cannot, none is
 * switched. */
static void of_several_all_or_none(void **state)
{
    support_catalog *at = *state;
    uint64_t fenced_us;
    auk_resolve_options options = AUK_RESOLVE_LENIENT;
    support_create(at, "p", NULL);
    auk_index *from = index_named(at, "p"), *to = create(at, "p-2"), *first = create(at, "q");
    auk_index_hide(at->catalog, first, "it is being filled");
    auk_generation_switch plans[] = {{.from = from, .to = to, .rename = AUK_SPAN("p-1")},
                                     {.to = from}};
    assert_int_equal(auk_generation_run_switches(at->catalog, plans, 2, &fenced_us, NULL),
                     AUK_CONFLICT);
    assert_string_equal(support_resolve(at, "*", &options), "p");
    plans[1].to = first;
    assert_ok(auk_generation_run_switches(at->catalog, plans, 2, &fenced_us, err));
    assert_string_equal(support_resolve(at, "*", &options), "p-2,q");
    const auk_root *root = auk_root_acquire(at->catalog);
    assert_int_equal(auk_index_check(auk_root_find(root, AUK_SPAN("q")), AUK_BLOCK_READ, NULL),
                     AUK_OK);
    auk_root_release(at->catalog, root);
    auk_index_release(from);
    auk_index_release(to);
    auk_index_release(first);
}

typedef struct writer {
    support_catalog *at;
    atomic_bool stop;
    atomic_uint written;
} writer;

static void *write_on(void *context)
{
    writer *w = context;
    auk_arena *arena = auk_arena_create(4096);
    while (!w->stop) {
        auk_write write;
        auk_written out;
        auk_write_init(&write);
        write.kind = AUK_WRITE_INDEX;
        write.index = AUK_SPAN("p");
        write.source = AUK_SPAN("{}");
        assert_ok(auk_catalog_write(w->at->catalog, &write, 1, AUK_REFRESH_NONE, arena, &out, err));
        assert_int_equal(out.error.code, AUK_OK);
        w->written++;
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void writers_notice_nothing(void **state)
{
    support_catalog *at = *state;
    pthread_t threads[3];
    writer w = {.at = at};
    support_create(at, "p", NULL);
    auk_index *from = index_named(at, "p"), *to = create(at, "p-000002");
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, write_on, &w);
    for (int i = 0; i < 20; i++) {
        unsigned before = w.written;
        run_switch(at, from, to, i == 0 ? "p-000001" : "");
        while (w.written < before + 20)
            sched_yield();
        auk_index *swap = from;
        from = to;
        to = swap;
    }
    w.stop = true;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_ok(auk_index_refresh(from, err));
    assert_ok(auk_index_refresh(to, err));
    assert_int_equal(support_visible(at, "p-000001") + support_visible(at, "p-000002"), w.written);
    auk_index_release(from);
    auk_index_release(to);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_plain_name_becomes_an_alias),  TEST(its_owner_fills_it),
        TEST(what_fails_has_changed_nothing), TEST(several_are_switched_in_one_root),
        TEST(of_several_all_or_none),         TEST(writers_notice_nothing),
    };
    return cmocka_run_group_tests_name("catalog_generations", tests, NULL, NULL);
}

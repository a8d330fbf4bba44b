/* Many indices that each stay below their own limits: the node flushes the greatest, so that their
 * sum stays bounded. */
#include <unistd.h>

#include "catalog_support.h"

#include "auk/clock.h"

#define INDICES    8u
#define DOCUMENTS  120u
#define BODY_BYTES 20000u
#define BUDGET     ((size_t)72 << 20)

static uint64_t held(support_catalog *at, uint64_t *flushes)
{
    uint64_t bytes = 0;
    const auk_root *root = auk_root_acquire(at->catalog);
    *flushes = 0;
    for (uint32_t i = 0; i < root->index_count; i++) {
        auk_shard_stats stats;
        auk_index_read_stats(root->indices[i]->index, 0, &stats);
        bytes += stats.memory_bytes;
        *flushes += stats.flush_total;
    }
    auk_root_release(at->catalog, root);
    return bytes;
}

static void fill(support_catalog *at, const char *name, auk_span source)
{
    auk_write *writes = AUK_ARENA_ARRAY(at->arena, auk_write, DOCUMENTS);
    auk_written *out = AUK_ARENA_ARRAY(at->arena, auk_written, DOCUMENTS);
    support_create(at, name, "{\"mappings\":{\"dynamic\":false}}");
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        auk_write_init(&writes[i]);
        writes[i].index = auk_span_of(name);
        writes[i].source = source;
    }
    assert_ok(
        auk_catalog_write(at->catalog, writes, DOCUMENTS, AUK_REFRESH_NONE, at->arena, out, err));
    for (unsigned i = 0; i < DOCUMENTS; i++)
        assert_int_equal(out[i].error.code, AUK_OK);
}

static void flushes_the_greatest_when_all_together_hold_too_much(void **state)
{
    support_catalog *at = *state;
    char *body = auk_arena_alloc(at->arena, BODY_BYTES);
    memset(body, 'x', BODY_BYTES);
    memcpy(body, "{\"text\":\"", 9);
    memcpy(body + BODY_BYTES - 2, "\"}", 2);
    for (unsigned i = 0; i < INDICES; i++)
        fill(at, auk_arena_printf(at->arena, "index%u", i).data, auk_span_make(body, BODY_BYTES));

    uint64_t limit = auk_budget_limit(at->budget, AUK_PURPOSE_INDEXING) / 2, flushes = 0;
    uint64_t until = auk_clock_monotonic_us() + 20000000;
    /* a flush is counted a moment after its memory is given back */
    while ((held(at, &flushes) > limit || flushes == 0) && auk_clock_monotonic_us() < until)
        usleep(20000);
    assert_in_range(held(at, &flushes), 0, limit);
    assert_true(flushes > 0);
}

/* Over both shards: none of them may take its part when the other has no memory. */
static void a_bulk_is_refused_whole_or_taken_whole(void **state)
{
    support_catalog *at = *state;
    auk_error why = {0};
    auk_write *writes = AUK_ARENA_ARRAY(at->arena, auk_write, DOCUMENTS);
    auk_written *out = AUK_ARENA_ARRAY(at->arena, auk_written, DOCUMENTS);
    char *body = auk_arena_alloc(at->arena, BODY_BYTES);
    memset(body, 'x', BODY_BYTES);
    memcpy(body, "{\"text\":\"", 9);
    memcpy(body + BODY_BYTES - 2, "\"}", 2);
    support_create(at, "two",
                   "{\"settings\":{\"number_of_shards\":2},"
                   "\"mappings\":{\"dynamic\":false}}");
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        auk_write_init(&writes[i]);
        writes[i].index = AUK_SPAN("two");
        writes[i].source = auk_span_make(body, BODY_BYTES);
    }
    size_t bytes = (size_t)DOCUMENTS * BODY_BYTES;
    for (unsigned parts = 0; parts <= 4; parts++) {
        size_t left = bytes / 4 * parts * 3; /* from nothing to enough for all of it */
        size_t taken = auk_budget_limit(at->budget, AUK_PURPOSE_INDEXING) -
                       auk_budget_used(at->budget, AUK_PURPOSE_INDEXING) - left;
        uint64_t before = support_visible(at, "two");
        auk_budget_force(at->budget, AUK_PURPOSE_INDEXING, taken);
        auk_code code = auk_catalog_write(at->catalog, writes, DOCUMENTS, AUK_REFRESH_NOW,
                                          at->arena, out, &why);
        auk_budget_release(at->budget, AUK_PURPOSE_INDEXING, taken);
        assert_true(code == AUK_OK || code == AUK_BUSY);
        for (unsigned i = 0; i < DOCUMENTS && code == AUK_OK; i++)
            assert_int_equal(out[i].error.code, AUK_OK);
        assert_int_equal(support_visible(at, "two"), before + (code == AUK_OK ? DOCUMENTS : 0));
        if (parts == 0)
            assert_int_equal(code, AUK_BUSY);
    }
}

static int setup(void **state)
{
    if (support_catalog_setup(state) != 0)
        return -1;
    support_catalog *at = *state;
    auk_catalog_close(at->catalog);
    auk_budget_destroy(at->budget);
    at->budget = auk_budget_create(BUDGET);
    auk_catalog_options options = {.directory = at->directory,
                                   .budget = at->budget,
                                   .write_pool = at->write_pool,
                                   .background = at->background};
    return auk_catalog_open(&options, &at->catalog, NULL) == AUK_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(flushes_the_greatest_when_all_together_hold_too_much, setup,
                                        support_catalog_teardown),
        cmocka_unit_test_setup_teardown(a_bulk_is_refused_whole_or_taken_whole, setup,
                                        support_catalog_teardown),
    };
    return cmocka_run_group_tests_name("catalog pressure", tests, NULL, NULL);
}

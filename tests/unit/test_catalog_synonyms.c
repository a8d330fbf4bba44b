/* Sets of synonyms that change under threads that analyse by them, and over a restart. */
#include <pthread.h>
#include <stdatomic.h>

#include "catalog_support.h"

enum { READERS = 3, CHANGES = 60 };

static const char index_body[] =
    "{\"settings\":{\"analysis\":{\"analyzer\":{\"search\":{\"tokenizer\":\"whitespace\","
    "\"filter\":[\"words\"]}},\"filter\":{\"words\":{\"type\":\"synonym_graph\","
    "\"synonyms_set\":\"set\",\"updateable\":true}}}},\"mappings\":{\"properties\":{\"t\":{"
    "\"type\":\"text\",\"search_analyzer\":\"search\",\"analyzer\":\"whitespace\"}}}}";

static void put(support_catalog *at, const char *rule, bool want_found)
{
    auk_error err = {0};
    auk_synonym_change change = {0};
    const auk_synonym_rule rules[] = {{AUK_SPAN("r"), auk_span_of(rule)}};
    auk_code code =
        auk_catalog_put_synonyms(at->catalog, AUK_SPAN("set"), rules, 1, at->arena, &change, &err);
    if (code != AUK_OK)
        fail_msg("%s", err.message);
    assert_int_equal(change.found, want_found);
}

/* How many words the search analyzer of field t makes of "a". */
static size_t words_of_a(support_catalog *at, auk_analyzer_scratch *scratch)
{
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    const auk_root *root = auk_root_acquire(at->catalog);
    const auk_index_view *view = auk_root_find(root, AUK_SPAN("i"));
    const auk_field *field = auk_mapping_find(view->mapping, AUK_SPAN("t"));
    if (auk_analyzer_run(field->search_analyzer, scratch, AUK_SPAN("a"), &tokens, NULL) != AUK_OK)
        abort();
    size_t count = tokens.count;
    auk_root_release(at->catalog, root);
    auk_tokens_deinit(&tokens);
    return count;
}

typedef struct crowd {
    support_catalog *at;
    atomic_bool stop;
    atomic_uint wrong;
} crowd;

static void *analyse_without_a_pause(void *context)
{
    crowd *c = context;
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    while (!atomic_load(&c->stop)) {
        size_t words = words_of_a(c->at, scratch);
        atomic_fetch_add(&c->wrong, words != 2 && words != 3);
    }
    auk_analyzer_scratch_destroy(scratch);
    return NULL;
}

static void a_search_runs_by_the_old_rules_or_the_new_ones(void **state)
{
    support_catalog *at = *state;
    crowd c = {.at = at};
    pthread_t threads[READERS];
    put(at, "a, b", false);
    support_create(at, "i", index_body);
    for (unsigned i = 0; i < READERS; i++)
        pthread_create(&threads[i], NULL, analyse_without_a_pause, &c);
    for (unsigned i = 0; i < CHANGES; i++)
        put(at, i % 2 ? "a, b" : "a, b, c", true);
    atomic_store(&c.stop, true);
    for (unsigned i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&c.wrong), 0);
}

static void rules_outlive_a_restart(void **state)
{
    support_catalog *at = *state;
    auk_synonym_rule *rules;
    uint32_t count;
    auk_error err = {0};
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    put(at, "a, b, c, d", false);
    support_create(at, "i", index_body);
    support_catalog_reopen(at);
    assert_int_equal(words_of_a(at, scratch), 4);
    assert_int_equal(auk_catalog_get_synonyms(at->catalog, AUK_SPAN("set"), at->arena, &rules,
                                              &count, &err),
                     AUK_OK);
    assert_int_equal(count, 1);
    assert_true(auk_span_is(rules[0].synonyms, "a, b, c, d"));
    assert_int_equal(auk_catalog_delete_synonyms(at->catalog, AUK_SPAN("set"), &err), AUK_INVALID);
    support_drop(at, "i");
    assert_int_equal(auk_catalog_delete_synonyms(at->catalog, AUK_SPAN("set"), &err), AUK_OK);
    support_catalog_reopen(at);
    assert_int_equal(auk_catalog_get_synonyms(at->catalog, AUK_SPAN("set"), at->arena, &rules,
                                              &count, &err),
                     AUK_NOT_FOUND);
    auk_analyzer_scratch_destroy(scratch);
}

/* A chain that does not take the new rules keeps the old ones, and so does the set. */
static void rules_that_do_not_compile_change_nothing(void **state)
{
    support_catalog *at = *state;
    static const char strict[] =
        "{\"settings\":{\"analysis\":{\"analyzer\":{\"search\":{\"tokenizer\":\"whitespace\","
        "\"filter\":[\"words\"]}},\"filter\":{\"words\":{\"type\":\"synonym\",\"lenient\":false,"
        "\"synonyms_set\":\"set\",\"updateable\":true}}}},\"mappings\":{\"properties\":{\"t\":{"
        "\"type\":\"text\",\"search_analyzer\":\"search\",\"analyzer\":\"whitespace\"}}}}";
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_synonym_change change = {0};
    auk_error err = {0};
    const auk_synonym_rule broken[] = {{AUK_SPAN("r"), AUK_SPAN("a => b => c")}};
    put(at, "a, b", false);
    support_create(at, "i", strict);
    assert_int_equal(auk_catalog_put_synonyms(at->catalog, AUK_SPAN("set"), broken, 1, at->arena,
                                              &change, &err),
                     AUK_INVALID);
    assert_int_equal(words_of_a(at, scratch), 2);
    support_catalog_reopen(at);
    assert_int_equal(words_of_a(at, scratch), 2);
    auk_analyzer_scratch_destroy(scratch);
}

int main(void)
{
#define CASE(run)                                                                                  \
    cmocka_unit_test_setup_teardown(run, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_search_runs_by_the_old_rules_or_the_new_ones),
        CASE(rules_outlive_a_restart),
        CASE(rules_that_do_not_compile_change_nothing),
    };
    return cmocka_run_group_tests_name("catalog_synonyms", tests, NULL, NULL);
}

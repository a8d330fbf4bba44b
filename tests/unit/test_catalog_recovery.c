/*
 * What a catalog finds after an end without a close. Every step is a child of its own: the parent
 * never opens the store, which does not survive a fork.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "catalog_support.h"

typedef struct scene {
    const char *name;
    const char *mapping;  /* at first */
    const char *document; /* accepted by it */
    const char *change;   /* of the mapping, which would refuse the document */
} scene;

static const scene scenes[] = {
    {"a value that the new field cannot hold", "{\"dynamic\":false}", "{\"x\":\"abc\",\"y\":1}",
     "{\"properties\":{\"x\":{\"type\":\"integer\"}}}"},
    {"a field that is refused now", "{\"dynamic\":false}", "{\"x\":\"abc\"}",
     "{\"dynamic\":\"strict\"}"},
    {"a value where an object is now", "{\"dynamic\":false}", "{\"x\":\"abc\"}",
     "{\"properties\":{\"x\":{\"properties\":{\"z\":{\"type\":\"long\"}}}}}"},
    {"an object where a value is now", "{\"dynamic\":false}", "{\"x\":{\"z\":1},\"y\":2}",
     "{\"properties\":{\"x\":{\"type\":\"keyword\"}}}"},
    {"a date that is none", "{\"dynamic\":false}", "{\"x\":[\"2026-01-01\",\"soon\"]}",
     "{\"properties\":{\"x\":{\"type\":\"date\"}}}"},
};

static support_catalog *open_at(const char *directory)
{
    static support_catalog at;
    at.directory = (char *)(uintptr_t)directory;
    at.budget = auk_budget_create((size_t)64 << 20);
    at.background = auk_pool_create("back", 1, 16);
    at.arena = auk_arena_create(4096);
    auk_catalog_options options = {.directory = directory,
                                   .budget = at.budget,
                                   .background = at.background};
    assert_ok(auk_catalog_open(&options, &at.catalog, err));
    return &at;
}

static void write_and_die(const char *directory, const scene *s)
{
    support_catalog *at = open_at(directory);
    char body[256];
    snprintf(body, sizeof body, "{\"mappings\":%s}", s->mapping);
    support_create(at, "a", body);
    auk_written out = support_write_one(at, AUK_WRITE_INDEX, "a", "1", s->document);
    assert_int_equal(out.error.code, AUK_OK);
    assert_ok(
        auk_catalog_put_mapping(at->catalog, AUK_SPAN("a"), support_json(at, s->change), err));
    out = support_write_one(at, AUK_WRITE_INDEX, "a", "2", "{}");
    assert_int_equal(out.error.code, AUK_OK);
}

static void find_all(const char *directory, const scene *s)
{
    support_catalog *at = open_at(directory);
    support_expect_document(at, "a", "1", s->document);
    support_expect_document(at, "a", "2", "{}");
    assert_int_equal(support_visible(at, "a"), 2);
}

static void in_child(void (*step)(const char *directory, const scene *s), const char *directory,
                     const scene *s)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        step(directory, s);
        _exit(77); /* a failed assertion goes elsewhere */
    }
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 77)
        fail_msg("%s: the child ended with status %#x", s->name, (unsigned)status);
}

static void a_mapping_change_does_not_refuse_what_was_accepted_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        char *directory = support_directory();
        in_child(write_and_die, directory, &scenes[i]);
        in_child(find_all, directory, &scenes[i]);
        in_child(find_all, directory, &scenes[i]); /* recovering changed nothing */
        support_remove(directory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapping_change_does_not_refuse_what_was_accepted_before)};
    return cmocka_run_group_tests_name("catalog_recovery", tests, NULL, NULL);
}

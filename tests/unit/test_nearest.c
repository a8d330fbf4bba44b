#include "test.h"

#include "auk/nearest.h"

static const auk_span names[] = {
    AUK_SPAN_INIT("query"),     AUK_SPAN_INIT("from"),  AUK_SPAN_INIT("size"),
    AUK_SPAN_INIT("sort"),      AUK_SPAN_INIT("aggs"),  AUK_SPAN_INIT("number_of_shards"),
    AUK_SPAN_INIT("highlight"), AUK_SPAN_INIT("boost"), AUK_SPAN_INIT("q"),
};

typedef struct guess {
    const char *given;
    const char *nearest; /* "" for none */
} guess;

static const guess guesses[] = {
    {"query", "query"},
    {"qeury", "query"},
    {"querry", "query"},
    {"quer", "query"},
    {"szie", "size"},
    {"hightlight", "highlight"},
    {"numbers_of_shard", "number_of_shards"},
    {"number_of_replicas", ""},
    {"unrelated", ""},
    {"", ""},
    {"p", "q"},
};

static void mistyped_names_find_theirs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++) {
        auk_span found =
            auk_nearest(auk_span_of(guesses[i].given), names, sizeof names / sizeof names[0]);
        if (!auk_span_is(found, guesses[i].nearest))
            fail_msg("[%s] gave [%.*s]", guesses[i].given, AUK_SPAN_ARG(found));
    }
}

static void texts_of_any_size_are_answered(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'q', sizeof text);
    for (size_t size = 0; size <= sizeof text; size++) {
        auk_span long_names[] = {auk_span_make(text, sizeof text), auk_span_make(text, 70)};
        (void)auk_nearest(auk_span_make(text, size), long_names, 2);
    }
    assert_null(auk_nearest(AUK_SPAN("x"), NULL, 0).data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistyped_names_find_theirs),
        cmocka_unit_test(texts_of_any_size_are_answered),
    };
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}

#include "test.h"

#include "visibility.h"

typedef struct parse_case {
    const char *text;
    bool good;
} parse_case;

static void a_snapshot_is_two_numbers_and_an_ascending_list(void **state)
{
    static const parse_case cases[] = {
        {"10:20:", true},       {"10:20:10,14,15", true},
        {"10:10:", true},       {"10:20", false},
        {"10:20:15,14", false}, {"10:20:14,", false},
        {":20:", false},        {"", false},
        {"10:20:14;15", false}, {"99999999999999999999:1:", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_pg_snapshot snapshot;
        auk_error err;
        auk_code code = auk_pg_snapshot_parse(auk_span_of(cases[i].text), arena, &snapshot, &err);
        if ((code == AUK_OK) != cases[i].good)
            fail_msg("%s", cases[i].text);
        auk_arena_destroy(arena);
    }
}

typedef struct sees_case {
    const char *snapshot;
    uint32_t xid;
    bool seen;
} sees_case;

static void a_snapshot_sees_what_had_ended_before_it(void **state)
{
    static const sees_case cases[] = {
        {"10:20:", 9, true},
        {"10:20:", 19, true},
        {"10:20:", 20, false},
        {"10:20:10,14", 10, false},
        {"10:20:10,14", 11, true},
        {"10:20:10,14", 14, false},
        {"10:20:10,14", 15, true},
        {"4294967290:4294967300:4294967295", UINT32_MAX, false}, /* an epoch's end between */
        {"4294967290:4294967300:4294967295", 3, true},
        {"4294967290:4294967300:4294967295", 4, false},
        {"4294967290:4294967300:4294967295", 4294967289U, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_pg_snapshot snapshot;
        assert_int_equal(auk_pg_snapshot_parse(auk_span_of(cases[i].snapshot), arena, &snapshot,
                                               NULL),
                         AUK_OK);
        if (auk_pg_snapshot_sees(&snapshot, cases[i].xid) != cases[i].seen)
            fail_msg("%s and %u", cases[i].snapshot, cases[i].xid);
        auk_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_is_two_numbers_and_an_ascending_list),
        cmocka_unit_test(a_snapshot_sees_what_had_ended_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

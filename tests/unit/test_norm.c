#include "auk/segment_writer.h"
#include "test.h"

struct norm_case {
    const char *name;
    uint32_t length;
    uint8_t code;
    uint32_t decoded;
};

static struct norm_case cases[] = {
    {"absent", 0, 0, 0},
    {"short lengths are exact", 23, 23, 23},
    {"the first above the plain codes", 24, 24, 24},
    {"39 is the last exact one", 39, 39, 39},
    {"40", 40, 40, 40},
    {"41 rounds down", 41, 40, 40},
    {"376", 376, 75, 376},
    {"the greatest", INT32_MAX, 255, 2013265944u},
    {"lengths past the greatest count as it", UINT32_MAX, 255, 2013265944u},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void encodes(void **state)
{
    const struct norm_case *c = *state;
    assert_int_equal(auk_norm_encode(c->length), c->code);
    assert_int_equal(auk_norm_decode(c->code), c->decoded);
}

static void codes_rise_with_lengths_and_decode_to_the_least_of_theirs(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 256; code++) {
        uint32_t length = auk_norm_decode((uint8_t)code);
        assert_int_equal(auk_norm_encode(length), code);
        if (code > 0)
            assert_int_equal(auk_norm_encode(length - 1), code - 1);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 1] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = encodes;
        tests[i].initial_state = &cases[i];
    }
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(
        codes_rise_with_lengths_and_decode_to_the_least_of_theirs);
    return cmocka_run_group_tests_name("norm", tests, NULL, NULL);
}

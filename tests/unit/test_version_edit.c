/* Which logs are needed, by what a MANIFEST says. */
#include "test.h"

#include "auk/buffer.h"
#include "version_edit.h"

enum { LOG_NUMBER = 2, LEAST_LOG = 10, FAMILY = 200 }; /* RocksDB's tags */

static void apply(version_state *state, uint64_t family, uint64_t tag, uint64_t value)
{
    auk_buffer edit;
    auk_buffer_init(&edit, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_varint(&edit, tag);
    auk_buffer_append_varint(&edit, value);
    auk_buffer_append_varint(&edit, FAMILY);
    auk_buffer_append_varint(&edit, family);
    version_state_apply(state, auk_buffer_span(&edit));
    auk_buffer_deinit(&edit);
}

static void the_family_that_is_most_behind_needs_its_log(void **unused)
{
    (void)unused;
    version_state state;
    version_state_init(&state);
    apply(&state, 0, LOG_NUMBER, 12);
    apply(&state, 1, LOG_NUMBER, 9);
    assert_int_equal(version_state_first_log(&state), 9);
    version_state_deinit(&state);
}

/* Its number stays while it has nothing to flush; RocksDB removes the logs behind it in any order,
 * so that a process killed meanwhile leaves some of them. */
static void an_idle_family_needs_no_log_below_the_least(void **unused)
{
    (void)unused;
    version_state state;
    version_state_init(&state);
    apply(&state, 0, LOG_NUMBER, 12);
    apply(&state, 1, LOG_NUMBER, 5);
    apply(&state, 0, LEAST_LOG, 11);
    apply(&state, 0, LEAST_LOG, 10); /* of an older edit */
    assert_int_equal(version_state_first_log(&state), 11);
    version_state_deinit(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_family_that_is_most_behind_needs_its_log),
        cmocka_unit_test(an_idle_family_needs_no_log_below_the_least),
    };
    return cmocka_run_group_tests_name("version_edit", tests, NULL, NULL);
}

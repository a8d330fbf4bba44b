#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/log.h"

static auk_log_level seen_level;
static char seen_message[64];
static char seen_fields[2048];

static void remember(auk_log_level level, const char *message, const char *fields)
{
    seen_level = level;
    (void)snprintf(seen_message, sizeof seen_message, "%s", message);
    (void)snprintf(seen_fields, sizeof seen_fields, "%s", fields);
}

static void the_hook_gets_message_and_fields(void **state)
{
    (void)state;
    auk_log(AUK_LOG_INFO, "nobody listens", "a=%d", 1);
    auk_log_set_hook(remember);
    auk_log(AUK_LOG_WARN, "slow", "took_ms=%d index=%s", 12, "a");
    assert_int_equal(seen_level, AUK_LOG_WARN);
    assert_string_equal(seen_message, "slow");
    assert_string_equal(seen_fields, "took_ms=12 index=a");
    auk_log(AUK_LOG_WARN, "long", "%3000d", 1);
    assert_true(strlen(seen_fields) < sizeof seen_fields);
    auk_log_set_hook(NULL);
}

static void write_to_descriptor_3(auk_log_level level, const char *message, const char *fields)
{
    (void)level;
    (void)fields;
    (void)dprintf(3, "%s", message);
}

static void the_last_word_is_logged_and_ends_the_process_with_70(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], 3);
        auk_log_set_hook(write_to_descriptor_3);
        auk_fatal("fsync of %s failed", "x");
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    char text[64] = "";
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    assert_string_equal(text, "fsync of x failed");
    close(ends[0]);
    close(ends[1]);
}

static void the_clocks_tell_time(void **state)
{
    (void)state;
    assert_true(auk_clock_wall_ms() > 1600000000000);
    uint64_t before = auk_clock_monotonic_us();
    assert_true(auk_clock_monotonic_us() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hook_gets_message_and_fields),
        cmocka_unit_test(the_last_word_is_logged_and_ends_the_process_with_70),
        cmocka_unit_test(the_clocks_tell_time),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

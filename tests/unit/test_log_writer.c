#include "auk/json.h"
#include "auk/log_writer.h"
#include "test.h"

#define MOMENT 1767225600123 /* 2026-01-01T00:00:00.123Z */

static void expect_line(bool json, const char *message, const char *fields, const char *want)
{
    auk_buffer out;
    auk_buffer_init(&out, 8192);
    auk_log_line(&out, json, MOMENT, AUK_LOG_WARN, message, fields);
    auk_buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, want);
    auk_buffer_deinit(&out);
}

static void writes_logfmt(void **state)
{
    (void)state;
    expect_line(false, "slow", "took_ms=12 index=a",
                "time=2026-01-01T00:00:00.123Z level=warn msg=slow took_ms=12 index=a\n");
}

static void quotes_a_message_with_spaces(void **state)
{
    (void)state;
    expect_line(false, "a \"b\"\nc", "",
                "time=2026-01-01T00:00:00.123Z level=warn msg=\"a \\\"b\\\"\\nc\"\n");
}

static void keeps_an_event_on_one_line(void **state)
{
    (void)state;
    expect_line(false, "m", "a=b\nlevel=error",
                "time=2026-01-01T00:00:00.123Z level=warn msg=m a=b level=error\n");
}

static void writes_json(void **state)
{
    (void)state;
    expect_line(
        true, "slow", "took_ms=12 name=\"a \\\"b\\\"\" part=1.5 id=007 flag",
        "{\"time\":\"2026-01-01T00:00:00.123Z\",\"level\":\"warn\",\"msg\":\"slow\","
        "\"took_ms\":12,\"name\":\"a \\\"b\\\"\",\"part\":1.5,\"id\":\"007\",\"flag\":\"\"}\n");
}

static void survives_broken_fields(void **state)
{
    (void)state;
    static const char *const broken[] = {"\"", "a=\"", "a=\"\\", "=",
                                         "==", " = ",  "a==b",   "\"a\"=b"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        auk_buffer out;
        const auk_json *parsed;
        auk_arena *arena = auk_arena_create(1024);
        auk_buffer_init(&out, 8192);
        auk_log_line(&out, true, MOMENT, AUK_LOG_INFO, "m", broken[i]);
        assert_int_equal(auk_json_parse(auk_buffer_span(&out), arena, &parsed, NULL), AUK_OK);
        auk_buffer_deinit(&out);
        auk_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_logfmt),
        cmocka_unit_test(quotes_a_message_with_spaces),
        cmocka_unit_test(keeps_an_event_on_one_line),
        cmocka_unit_test(writes_json),
        cmocka_unit_test(survives_broken_fields),
    };
    return cmocka_run_group_tests_name("log_writer", tests, NULL, NULL);
}

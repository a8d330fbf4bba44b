#include <unistd.h>

#include "auk/server_settings.h"
#include "test.h"

#define LINES_LIMIT 8

/* Sources of one load, and what must come of it. */
struct load_case {
    const char *name;
    const char *flags[LINES_LIMIT];
    const char *environment[LINES_LIMIT];
    const char *file;         /* NULL: none */
    const char *want_message; /* part of it; NULL: must succeed */
    const char *want_hint;
    const char *row; /* whose value is looked at */
    const char *want_text;
};

static const struct load_case cases[] = {
    {"the default stands when nothing is said", {0}, {0}, NULL, NULL, NULL, "memory", "512mb"},
    {"the file beats the default", {0}, {0}, "memory: 1gb\n", NULL, NULL, "memory", "1gb"},
    {"the environment beats the file",
     {0},
     {"AUK_MEMORY=2gb"},
     "memory: 1gb\n",
     NULL,
     NULL,
     "memory",
     "2gb"},
    {"a flag beats the environment",
     {"--memory", "3gb"},
     {"AUK_MEMORY=2gb"},
     "memory: 1gb\n",
     NULL,
     NULL,
     "memory",
     "3gb"},
    {"a flag may hold its value behind =",
     {"--log-format=json"},
     {0},
     NULL,
     NULL,
     NULL,
     "log_format",
     "json"},
    {"a switch stands alone", {"--insecure"}, {0}, NULL, NULL, NULL, "insecure", "true"},
    {"an unknown flag names the nearest",
     {"--memroy", "1gb"},
     {0},
     NULL,
     "unknown option \"--memroy\"",
     "did you mean --memory?",
     NULL,
     NULL},
    {"an unknown variable names the nearest",
     {0},
     {"AUK_THREDS=1"},
     NULL,
     "unknown setting \"AUK_THREDS\" in the environment",
     "did you mean AUK_THREADS?",
     NULL,
     NULL},
    {"an unknown name in the file tells its line",
     {0},
     {0},
     "data: x\nlog_fromat: json\n",
     "line 2: unknown setting \"log_fromat\"",
     "did you mean log_format?",
     NULL,
     NULL},
    {"a wrong value is refused although a flag wins",
     {"--memory", "1gb"},
     {"AUK_MEMORY=much"},
     NULL,
     "AUK_MEMORY: \"much\" is not accepted, expected a size with a unit",
     NULL,
     NULL,
     NULL},
    {"a size wants its unit",
     {"--memory", "512"},
     {0},
     NULL,
     "--memory: \"512\" is not accepted, expected a size with a unit, such as 512mb",
     NULL,
     NULL,
     NULL},
    {"a count has bounds",
     {"--threads", "0"},
     {0},
     NULL,
     "expected a whole number from 1 to 256",
     NULL,
     NULL,
     NULL},
    {"a choice names its words",
     {"--log-level", "wran"},
     {0},
     NULL,
     "expected one of debug, info, warn, error",
     "did you mean warn?",
     NULL,
     NULL},
    {"an address wants a port",
     {"--http", "localhost"},
     {0},
     NULL,
     "expected host:port, such as 127.0.0.1:9200",
     NULL,
     NULL,
     NULL},
    {"a port fits sixteen bits",
     {"--http", "[::1]:65536"},
     {0},
     NULL,
     "expected host:port",
     NULL,
     NULL,
     NULL},
    {"a version has three numbers",
     {"--compat-version", "8.x"},
     {0},
     NULL,
     "expected three numbers",
     NULL,
     NULL,
     NULL},
    {"a flag wants its value", {"--data"}, {0}, NULL, "--data needs a value", NULL, NULL, NULL},
    {"another address wants a word",
     {"--http", "0.0.0.0:9200"},
     {0},
     NULL,
     "can be reached by others",
     "listen on 127.0.0.1, or add --insecure where the network is trusted",
     NULL,
     NULL},
    {"another address is fine with the word",
     {"--http", "0.0.0.0:9200", "--insecure"},
     {0},
     NULL,
     NULL,
     NULL,
     "http",
     "0.0.0.0:9200"},
    {"every address of 127/8 is loopback",
     {"--http", "127.9.9.9:1"},
     {0},
     NULL,
     NULL,
     NULL,
     "http",
     "127.9.9.9:1"},
    {"what orchestrators set is left alone",
     {0},
     {"AUK_PORT=tcp://10.0.0.1:9200", "AUK_SERVICE_HOST=10.0.0.1", "AUK_URL=http://x"},
     NULL,
     NULL,
     NULL,
     "memory",
     "512mb"},
    {"an empty file says nothing", {0}, {0}, "", NULL, NULL, "memory", "512mb"},
    {"comments alone say nothing", {0}, {0}, "# memory: 1gb\n", NULL, NULL, "memory", "512mb"},
    {"a list in the file is refused",
     {0},
     {0},
     "data: [a, b]\n",
     "expected one plain value",
     NULL,
     NULL,
     NULL},
    {"a file that is no mapping is refused",
     {0},
     {0},
     "- a\n",
     "expected lines of the form name: value",
     NULL,
     NULL,
     NULL},
    {"a name twice in the file is refused",
     {0},
     {0},
     "data: a\ndata: b\n",
     "line 2: \"data\" stands here twice",
     NULL,
     NULL,
     NULL},
    {"a broken file tells its line", {0}, {0}, "data: a\n\t- x\n", "line 2", NULL, NULL, NULL},
    {"a second document is refused",
     {0},
     {0},
     "data: a\n---\ndata: b\n",
     "a second document",
     NULL,
     NULL,
     NULL},
    {"the file cannot name a file",
     {0},
     {0},
     "config: x\n",
     "unknown setting \"config\"",
     NULL,
     NULL,
     NULL},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void loads(void **state)
{
    const struct load_case *c = *state;
    const char *flags[LINES_LIMIT + 2];
    const char *environment[LINES_LIMIT + 1] = {0};
    char path[] = "/tmp/auk-option-XXXXXX";
    int argc = 0;
    for (; c->flags[argc]; argc++)
        flags[argc] = c->flags[argc];
    for (int i = 0; c->environment[i]; i++)
        environment[i] = c->environment[i];
    if (c->file) {
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(close(fd), 0);
        write_file(path, c->file);
        flags[argc++] = "--config";
        flags[argc++] = path;
    }
    auk_server_settings settings;
    auk_error err = {0};
    auk_code code = auk_server_settings_load(&settings, argc, flags, environment, &err);
    if (c->file)
        assert_int_equal(unlink(path), 0);
    if (c->want_message) {
        assert_int_equal(code, AUK_INVALID);
        if (!strstr(err.message, c->want_message))
            fail_msg("\"%s\" is not in \"%s\"", c->want_message, err.message);
        if (c->want_hint)
            assert_string_equal(err.hint, c->want_hint);
    } else {
        if (code != AUK_OK)
            fail_msg("%s", err.message);
        size_t row = auk_options_find(&settings.options, auk_span_of(c->row));
        assert_string_equal(settings.options.values[row].text, c->want_text);
    }
    auk_server_settings_deinit(&settings);
}

static void keeps_arguments_apart_from_flags(void **state)
{
    (void)state;
    static const auk_option rows[] = {
        {.name = "size", .form = "N", .kind = AUK_OPTION_COUNT, .least = 0, .most = 9},
    };
    const char *const argv[] = {"a", "--size", "3", "-", "--", "--size"};
    auk_options options;
    auk_error err = {0};
    auk_options_init(&options, rows, 1);
    assert_int_equal(auk_options_read_flags(&options, 6, argv, &err), AUK_OK);
    assert_int_equal(options.argument_count, 3);
    assert_string_equal(options.arguments[1], "-");
    assert_string_equal(options.arguments[2], "--size");
    assert_int_equal(options.values[0].number, 3);
    auk_options_deinit(&options);
}

static void splits_an_address(void **state)
{
    (void)state;
    auk_span host;
    uint16_t port;
    auk_address_split(AUK_SPAN("[::1]:9201"), &host, &port);
    assert_true(auk_span_is(host, "::1"));
    assert_int_equal(port, 9201);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 2] = {{0}};
    for (size_t i = 0; i < N_CASES; i++)
        tests[i] =
            (struct CMUnitTest){cases[i].name, loads, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(keeps_arguments_apart_from_flags);
    tests[N_CASES + 1] = (struct CMUnitTest)cmocka_unit_test(splits_an_address);
    return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}

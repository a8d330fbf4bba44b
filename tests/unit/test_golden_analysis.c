/*
 * Every golden table of tests/golden/analysis: what Lucene makes of a text is what we make of it.
 *
 * A table is chains (": setting"), texts ("= text"), tokens ("> term start end position type
 * length") and the end (". position offset"); offsets are UTF-16 units. AUK_GOLDEN_SHOW=N shows N
 * differences a table instead of the first few.
 */
#include "test.h"

#include <glob.h>
#include <stdbool.h>

#include "auk/analyzer.h"
#include "auk/buffer.h"
#include "auk/utf8.h"
#include "component.h"
#include "golden_text.h"

enum {
    MOST_TABLES = 128,
    MOST_VALUES = 256,
    FIRST_SHOWN = 5,
    MOST_FILTERS = 128,
    LEAST_CASES = 40
};

static unsigned cases_of[MOST_FILTERS]; /* by the row of components.c */

struct run {
    const char *table;
    auk_arena *arena; /* of one chain */
    auk_settings *settings;
    auk_analysis *analysis;
    auk_analyzer *built;
    const auk_analyzer *analyzer; /* NULL: settings are still being read */
    auk_analyzer_scratch *scratch;
    auk_tokens tokens;
    auk_span text;
    auk_buffer want;
    auk_buffer chain; /* to show */
    unsigned cases, different, shown, most_shown;
};

static void put_setting(struct run *run, auk_span line)
{
    auk_buffer_printf(&run->chain, " %.*s", AUK_SPAN_ARG(line));
    const char *equals = memchr(line.data, '=', line.size);
    assert_non_null(equals);
    auk_span key = {line.data, (size_t)(equals - line.data)};
    auk_span value = golden_unescape(run->arena, auk_span_from(line, key.size + 1));
    bool is_list = key.size > 2 && memcmp(equals - 2, "[]", 2) == 0;
    key.size -= is_list ? 2 : 0;
    static const char defined[] = "analyzer.";
    if (auk_span_starts_with(key, auk_span_of(defined)))
        key = auk_arena_printf(run->arena, "index.analysis.analyzer.golden.%.*s",
                               AUK_SPAN_ARG(auk_span_from(key, sizeof defined - 1)));
    if (!is_list) {
        auk_settings_put(run->settings, key, value);
        return;
    }
    auk_span values[MOST_VALUES];
    uint32_t count = 0;
    const auk_setting *before = auk_settings_find(run->settings, key);
    for (; before && count < before->count; count++)
        values[count] = before->values[count];
    assert_true(count < MOST_VALUES);
    values[count++] = value;
    auk_settings_put_list(run->settings, key, values, count);
}

static void end_chain(struct run *run)
{
    auk_analyzer_destroy(run->built);
    auk_analysis_release(run->analysis);
    auk_settings_destroy(run->settings);
    auk_arena_reset(run->arena);
    auk_buffer_reset(&run->chain);
    run->built = NULL;
    run->analysis = NULL;
    run->analyzer = NULL;
    run->settings = NULL;
}

static void build_chain(struct run *run)
{
    auk_error err = {0};
    auk_code code = auk_analysis_create(run->settings, &run->analysis, &err);
    const auk_setting *name = auk_settings_find(run->settings, AUK_SPAN("analyzer"));
    bool is_custom = auk_settings_find(run->settings, AUK_SPAN("tokenizer")) ||
                     auk_settings_find(run->settings, AUK_SPAN("tokenizer.type"));
    if (code == AUK_OK && is_custom) {
        code = auk_analyzer_build(run->settings, run->analysis, &run->built, &err);
        run->analyzer = run->built;
    } else if (code == AUK_OK) {
        run->analyzer =
            auk_analysis_find(run->analysis, name ? name->values[0] : AUK_SPAN("golden"));
    }
    if (code != AUK_OK || !run->analyzer)
        fail_msg("%s:%.*s: %s", run->table, AUK_SPAN_ARG(auk_buffer_span(&run->chain)),
                 err.message);
}

static void append_escaped(auk_buffer *out, auk_span text)
{
    for (size_t i = 0; i < text.size;) {
        uint32_t character;
        size_t bytes = auk_utf8_decode(auk_span_from(text, i), &character);
        static const char letters[] = "\n\t\r\\", meant[] = "ntr\\";
        const char *letter = character ? strchr(letters, (int)character) : NULL;
        if (bytes == 0)
            auk_buffer_append_text(out, "<no UTF-8>");
        else if (character < 0x80 && letter)
            auk_buffer_printf(out, "\\%c", meant[letter - letters]);
        else if (character < ' ' || character == 0x7f || character == 0x85 || character == 0x2028 ||
                 character == 0x2029)
            auk_buffer_printf(out, "\\u%04x", character);
        else
            auk_buffer_append(out, auk_span_make(text.data + i, bytes));
        i += bytes ? bytes : 1;
    }
}

static size_t units(auk_span text, uint32_t bytes)
{
    return auk_utf8_utf16_length(auk_span_make(text.data, bytes));
}

static void write_tokens(const struct run *run, auk_buffer *out)
{
    const auk_tokens *tokens = &run->tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        auk_buffer_append_text(out, "> ");
        append_escaped(out, auk_token_text(token));
        auk_buffer_printf(out, "\t%zu\t%zu\t%u\t%s\t%u%s\n", units(run->text, token->start),
                          units(run->text, token->end), token->position,
                          auk_token_type_name(token->type), token->position_length,
                          token->flags & AUK_TOKEN_KEYWORD ? "\tkeyword" : "");
    }
    auk_buffer_printf(out, ". %u\t%zu\n", tokens->end_position,
                      units(run->text, tokens->end_offset));
}

/* The lines from the first that differs on, a few of them. */
static void show(struct run *run, auk_span want, auk_span got)
{
    if (run->shown++ == 0)
        fprintf(stderr, "%s\n", run->table);
    fprintf(stderr, "  chain%.*s\n  text  ", AUK_SPAN_ARG(auk_buffer_span(&run->chain)));
    fwrite(run->text.data, 1, run->text.size, stderr);
    fputc('\n', stderr);
    auk_span want_line, got_line, before = {0};
    for (;;) {
        bool more_want = auk_span_cut(&want, '\n', &want_line);
        bool more_got = auk_span_cut(&got, '\n', &got_line);
        if (!more_want)
            want_line = AUK_SPAN("(nothing)");
        if (!more_got)
            got_line = AUK_SPAN("(nothing)");
        if ((!more_want && !more_got) || !auk_span_equal(want_line, got_line))
            break;
        before = want_line;
    }
    fprintf(stderr, "   both %.*s\n   want %.*s\n   got  %.*s\n", AUK_SPAN_ARG(before),
            AUK_SPAN_ARG(want_line), AUK_SPAN_ARG(got_line));
}

static void count_filter(auk_span type)
{
    size_t count;
    const auk_component_type *const *types = auk_component_types(AUK_COMPONENT_FILTER, &count);
    for (size_t i = 0; i < count && i < MOST_FILTERS; i++)
        cases_of[i] += auk_span_is(type, types[i]->name);
}

/* A case for each filter of the chain that is named or defined. */
static void count_case(const auk_settings *settings)
{
    for (uint32_t i = 0; i < auk_settings_count(settings); i++) {
        const auk_setting *setting = auk_settings_at(settings, i);
        auk_span key = setting->key;
        bool is_type = key.size > 5 && memcmp(key.data + key.size - 5, ".type", 5) == 0;
        bool is_filter = auk_span_starts_with(key, AUK_SPAN("filter")) ||
                         auk_span_starts_with(key, AUK_SPAN("index.analysis.filter."));
        for (uint32_t j = 0; is_filter && j < setting->count; j++)
            if (is_type || auk_span_is(key, "filter"))
                count_filter(setting->values[j]);
    }
}

static void end_text(struct run *run)
{
    if (!run->text.data)
        return;
    auk_error err = {0};
    auk_buffer got;
    auk_buffer_init(&got, AUK_BUFFER_NO_LIMIT);
    if (auk_analyzer_run(run->analyzer, run->scratch, run->text, &run->tokens, &err) == AUK_OK)
        write_tokens(run, &got);
    else
        auk_buffer_printf(&got, "%s\n", err.message);
    run->cases++;
    count_case(run->settings);
    if (!auk_span_equal(auk_buffer_span(&got), auk_buffer_span(&run->want))) {
        run->different++;
        if (run->shown < run->most_shown)
            show(run, auk_buffer_span(&run->want), auk_buffer_span(&got));
    }
    auk_buffer_deinit(&got);
    auk_buffer_reset(&run->want);
    run->text.data = NULL;
}

static void take_line(struct run *run, auk_span line)
{
    if (line.size < 2 || line.data[0] == '#')
        return;
    auk_span rest = auk_span_from(line, 2);
    switch (line.data[0]) {
    case ':':
        end_text(run);
        if (run->analyzer)
            end_chain(run);
        if (!run->settings)
            run->settings = auk_settings_create();
        put_setting(run, rest);
        return;
    case '=':
        end_text(run);
        if (!run->analyzer)
            build_chain(run);
        run->text = golden_unescape(run->arena, rest);
        return;
    default:
        auk_buffer_append(&run->want, line);
        auk_buffer_append_byte(&run->want, '\n');
    }
}

static void agrees(void **state)
{
    const char *path = *state;
    const char *show_most = getenv("AUK_GOLDEN_SHOW");
    struct run run = {.table = strrchr(path, '/') + 1,
                      .arena = auk_arena_create(4096),
                      .scratch = auk_analyzer_scratch_create(),
                      .most_shown =
                          show_most ? (unsigned)strtoul(show_most, NULL, 10) : FIRST_SHOWN};
    auk_tokens_init(&run.tokens);
    auk_buffer_init(&run.want, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&run.chain, AUK_BUFFER_NO_LIMIT);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;)
        take_line(&run, auk_span_make(line, (size_t)size - (line[size - 1] == '\n')));
    end_text(&run);
    end_chain(&run);
    free(line);
    fclose(file);
    auk_buffer_deinit(&run.chain);
    auk_buffer_deinit(&run.want);
    auk_tokens_deinit(&run.tokens);
    auk_analyzer_scratch_destroy(run.scratch);
    auk_arena_destroy(run.arena);
    if (run.different > 0)
        fail_msg("%s: %u of %u cases differ from Lucene", run.table, run.different, run.cases);
    assert_true(run.cases > 0);
}

/* Runs last. */
static void every_filter_has_its_cases(void **state)
{
    (void)state;
    size_t count, few = 0;
    const auk_component_type *const *types = auk_component_types(AUK_COMPONENT_FILTER, &count);
    assert_true(count <= MOST_FILTERS);
    for (size_t i = 0; i < count; i++)
        if (cases_of[i] < LEAST_CASES) {
            few++;
            fprintf(stderr, "%s has %u cases of %d\n", types[i]->name, cases_of[i], LEAST_CASES);
        }
    assert_int_equal(few, 0);
}

int main(void)
{
    const char *pattern = getenv("AUK_GOLDEN_TABLES");
    auk_analysis_set_directory(AUK_SPAN(AUK_GOLDEN_CONFIG));
    glob_t found;
    if (glob(pattern ? pattern : AUK_GOLDEN_TABLES "/*.table", 0, NULL, &found) != 0)
        return EXIT_FAILURE;
    struct CMUnitTest tests[MOST_TABLES + 1] = {{0}};
    size_t count = found.gl_pathc < MOST_TABLES ? found.gl_pathc : MOST_TABLES;
    for (size_t i = 0; i < count; i++) {
        tests[i].name = strrchr(found.gl_pathv[i], '/') + 1;
        tests[i].test_func = agrees;
        tests[i].initial_state = found.gl_pathv[i];
    }
    if (!pattern)
        tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_filter_has_its_cases);
    int failed = _cmocka_run_group_tests("golden_analysis", tests, count, NULL, NULL);
    globfree(&found);
    return failed;
}

/*
 * Random sentences of each language in tests/golden/analysis/tables: our analyzer of its name makes
 * of them what Lucene's does. A line is a sentence and its tokens, "term:start:end:position", with
 * tabs between; offsets are UTF-16 units. AUK_GOLDEN_SHOW=N shows N differences a language.
 */
#include "test.h"

#include <glob.h>

#include "auk/analyzer.h"
#include "auk/buffer.h"
#include "auk/utf8.h"

#include "golden_text.h"

enum { MOST_TABLES = 64, FIRST_SHOWN = 5 };

static size_t units(auk_span text, uint32_t bytes)
{
    return auk_utf8_utf16_length(auk_span_make(text.data, bytes));
}

static void write_tokens(const auk_tokens *tokens, auk_span text, auk_buffer *out)
{
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        auk_buffer_append(out, auk_token_text(token));
        auk_buffer_printf(out, ":%zu:%zu:%u\t", units(text, token->start), units(text, token->end),
                          token->position);
    }
}

/* The tokens of a line without the escapes, each with a tab behind it. */
static void read_tokens(auk_span line, auk_arena *arena, auk_buffer *out)
{
    auk_span part;
    while (auk_span_cut(&line, '\t', &part)) {
        auk_buffer_append(out, golden_unescape(arena, part));
        auk_buffer_append_byte(out, '\t');
    }
}

struct run {
    const auk_analyzer *analyzer;
    auk_analyzer_scratch *scratch;
    auk_arena *arena;
    unsigned lines, different, most_shown;
};

static void check_line(struct run *run, auk_span line)
{
    auk_span text;
    auk_tokens tokens;
    auk_buffer want, got;
    auk_error err = {0};
    auk_tokens_init(&tokens);
    auk_buffer_init(&want, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&got, AUK_BUFFER_NO_LIMIT);
    auk_span_cut(&line, '\t', &text);
    text = golden_unescape(run->arena, text);
    read_tokens(line, run->arena, &want);
    if (auk_analyzer_run(run->analyzer, run->scratch, text, &tokens, &err) != AUK_OK)
        fail_msg("%s", err.message);
    write_tokens(&tokens, text, &got);
    run->lines++;
    if (!auk_span_equal(auk_buffer_span(&want), auk_buffer_span(&got)) &&
        run->different++ < run->most_shown)
        fprintf(stderr, "%.*s: %.*s\n   want %.*s\n   got  %.*s\n",
                AUK_SPAN_ARG(auk_analyzer_name(run->analyzer)), AUK_SPAN_ARG(text),
                AUK_SPAN_ARG(auk_buffer_span(&want)), AUK_SPAN_ARG(auk_buffer_span(&got)));
    auk_buffer_deinit(&got);
    auk_buffer_deinit(&want);
    auk_tokens_deinit(&tokens);
    auk_arena_reset(run->arena);
}

static void agrees(void **state)
{
    const char *path = *state, *name = strrchr(path, '/') + 1, *shown = getenv("AUK_GOLDEN_SHOW");
    auk_analysis *analysis;
    auk_error err = {0};
    assert_int_equal(auk_analysis_create(NULL, &analysis, &err), AUK_OK);
    struct run run = {
        .analyzer =
            auk_analysis_find(analysis, auk_span_make(name, (size_t)(strchr(name, '.') - name))),
        .scratch = auk_analyzer_scratch_create(),
        .arena = auk_arena_create(1 << 14),
        .most_shown = shown ? (unsigned)strtoul(shown, NULL, 10) : FIRST_SHOWN,
    };
    assert_non_null(run.analyzer);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;)
        if (line[0] != '#')
            check_line(&run, auk_span_make(line, (size_t)size - (line[size - 1] == '\n')));
    free(line);
    fclose(file);
    auk_arena_destroy(run.arena);
    auk_analyzer_scratch_destroy(run.scratch);
    auk_analysis_release(analysis);
    if (run.different > 0)
        fail_msg("%s: %u of %u sentences differ from Lucene", name, run.different, run.lines);
    assert_true(run.lines >= 190);
}

int main(void)
{
    glob_t found;
    if (glob(AUK_GOLDEN_TABLES "/*.sentences", 0, NULL, &found) != 0)
        return EXIT_FAILURE;
    struct CMUnitTest tests[MOST_TABLES] = {{0}};
    size_t count = found.gl_pathc < MOST_TABLES ? found.gl_pathc : MOST_TABLES;
    for (size_t i = 0; i < count; i++) {
        tests[i].name = strrchr(found.gl_pathv[i], '/') + 1;
        tests[i].test_func = agrees;
        tests[i].initial_state = found.gl_pathv[i];
    }
    int failed = _cmocka_run_group_tests("golden_sentences", tests, count, NULL, NULL);
    globfree(&found);
    return failed;
}

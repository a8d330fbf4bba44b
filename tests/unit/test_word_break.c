/*
 * Unicode's own cases of word boundaries (WordBreakTest.txt, from Debian's unicode-data) through
 * the standard tokenizer: every segment that holds a character of a word is one token with the
 * segment's offsets, and no other is.
 *
 * A line is "÷ 0041 × 0308 ÷ # ...", with the property of each character in the comment's
 * parentheses. Every line is a case here, and the file's Unicode version is ICU's (15.0). Two lines
 * differ, as they do in Lucene: WB3c joins a pictograph to a joiner even behind a letter,
 * "a ZWJ \U0001F6D1"; there an emoji is a word of its own, whatever was before.
 */
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis_text.h"
#include "auk/utf8.h"

#define DATA_FILE "/usr/share/unicode/auxiliary/WordBreakTest.txt"

enum { MOST_CHARACTERS = 64, MOST_LINE = 4096 };

struct line {
    char text[4 * MOST_CHARACTERS];
    size_t size;
    size_t count;                       /* characters */
    char property[MOST_CHARACTERS][24]; /* "ALetter" */
    uint32_t code[MOST_CHARACTERS];
    uint32_t start[MOST_CHARACTERS + 1]; /* in bytes */
    bool breaks[MOST_CHARACTERS + 1];    /* in front of the character */
};

static bool is(const struct line *line, size_t i, const char *property)
{
    return strcmp(line->property[i], property) == 0;
}

static bool begins_with(const char *text, const char *front)
{
    return strncmp(text, front, strlen(front)) == 0;
}

static void read_characters(struct line *line, const char *at)
{
    static const char breaks[] = "\xc3\xb7", joins[] = "\xc3\x97";
    for (; *at && *at != '#'; at++) {
        if (begins_with(at, breaks) || begins_with(at, joins)) {
            line->breaks[line->count] = begins_with(at, breaks);
            at++;
            continue;
        }
        char *end;
        unsigned long code = strtoul(at, &end, 16);
        if (end == at)
            continue;
        assert_true(line->count < MOST_CHARACTERS);
        line->code[line->count] = (uint32_t)code;
        line->start[line->count++] = (uint32_t)line->size;
        line->size += auk_utf8_encode((uint32_t)code, line->text + line->size);
        at = end - 1;
    }
    line->start[line->count] = (uint32_t)line->size;
}

/* "(ALetter)" once a character; other parentheses are names of characters, "<LINE FEED (LF)>". */
static void read_properties(struct line *line, const char *at)
{
    size_t i = 0;
    for (at = strchr(at, '#'); at && i < line->count; i++) {
        at = strchr(at, ']'); /* the rule in front of the character */
        const char *next = at ? strstr(at + 1, " [") : NULL, *last = NULL;
        for (const char *open = at; open && (open = strstr(open + 1, " (")) != NULL;) {
            if (next && open > next)
                break;
            last = open;
        }
        if (!last)
            break;
        sscanf(last + 2, "%23[^)]", line->property[i]);
        at = next;
    }
    assert_int_equal(i, line->count);
}

/* Does the segment [from, to) hold what makes a token? */
static bool is_word(const struct line *line, size_t from, size_t to)
{
    size_t flags = 0;
    for (size_t i = from; i < to; i++) {
        if (is(line, i, "ALetter") || is(line, i, "Hebrew_Letter") || is(line, i, "Numeric") ||
            is(line, i, "Katakana") || is(line, i, "ExtPict") ||
            line->code[i] == 0x2701) /* a pictograph too, which the comments call "Other" */
            return true;
        flags += is(line, i, "RI");
    }
    return flags == 2;
}

/* The two lines: a break in front of the pictograph. */
static bool differs(struct line *line)
{
    static const uint32_t pictographs[] = {0x1f6d1, 0x2701};
    for (size_t i = 0; i < 2; i++)
        if (line->count == 3 && line->code[0] == 'a' && line->code[1] == 0x200d &&
            line->code[2] == pictographs[i]) {
            line->breaks[2] = true;
            return true;
        }
    return false;
}

static void check(const struct line *line, const auk_tokens *tokens, const char *raw)
{
    size_t token = 0;
    for (size_t from = 0, to; from < line->count; from = to) {
        for (to = from + 1; to < line->count && !line->breaks[to]; to++)
            continue;
        if (!is_word(line, from, to))
            continue;
        if (token == tokens->count || tokens->items[token].start != line->start[from] ||
            tokens->items[token].end != line->start[to])
            fail_msg("segment %zu..%zu is not token %zu: %s", from, to, token, raw);
        token++;
    }
    if (token != tokens->count)
        fail_msg("%zu tokens, %zu words: %s", tokens->count, token, raw);
}

static void passes_every_line(void **state)
{
    (void)state;
    FILE *file = fopen(DATA_FILE, "r");
    if (!file) {
        print_message("skipped: no %s here (package unicode-data)\n", DATA_FILE);
        skip();
    }
    auk_analysis *analysis;
    assert_int_equal(auk_analysis_create(NULL, &analysis, NULL), AUK_OK);
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    char raw[MOST_LINE];
    size_t lines = 0, different = 0;
    while (fgets(raw, sizeof raw, file)) {
        struct line line = {.size = 0};
        if (raw[0] == '#')
            continue;
        read_characters(&line, raw);
        read_properties(&line, raw);
        different += differs(&line);
        assert_int_equal(auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("standard")),
                                          scratch, auk_span_make(line.text, line.size), &tokens,
                                          NULL),
                         AUK_OK);
        check(&line, &tokens, raw);
        lines++;
    }
    fclose(file);
    print_message("%zu lines\n", lines);
    assert_true(lines > 1000);
    assert_int_equal(different, 2);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
    auk_analysis_release(analysis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(passes_every_line)};
    return cmocka_run_group_tests_name("word break", tests, NULL, NULL);
}

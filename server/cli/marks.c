#include "marks.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "auk/utf8.h"

/* Longer texts are analysed only so far; the part that is shown comes from there. */
#define TEXT_LIMIT 20000u

typedef struct words_of_field {
    auk_span index, field;
    const auk_json *tokens;
    struct words_of_field *next;
} words_of_field;

struct auk_marks {
    auk_http_client *client;
    auk_span words;
    words_of_field *fields;
    auk_arena *arena;      /* the words' tokens */
    auk_arena *text_arena; /* one text's */
    bool is_analysis_gone;
};

auk_marks *auk_marks_create(auk_http_client *client, auk_span words)
{
    auk_marks *marks = calloc(1, sizeof *marks);
    if (marks == NULL)
        abort();
    marks->client = client;
    marks->arena = auk_arena_create(4096);
    marks->text_arena = auk_arena_create(65536);
    marks->words = auk_arena_copy(marks->arena, words);
    return marks;
}

void auk_marks_destroy(auk_marks *marks)
{
    if (marks == NULL)
        return;
    auk_arena_destroy(marks->arena);
    auk_arena_destroy(marks->text_arena);
    free(marks);
}

/* The tokens array of _analyze, or NULL. */
static const auk_json *analyze(auk_marks *marks, auk_span index, auk_span field, auk_span text,
                               auk_arena *arena)
{
    auk_buffer target;
    auk_buffer body;
    auk_json_writer writer;
    const auk_json *answer = NULL;
    if (marks->is_analysis_gone)
        return NULL;
    auk_buffer_init(&target, 4096);
    auk_buffer_init(&body, 8 * TEXT_LIMIT);
    auk_buffer_append_byte(&target, '/');
    auk_http_encode(&target, index);
    auk_buffer_append_text(&target, "/_analyze");
    auk_json_writer_init(&writer, &body, false);
    auk_json_begin_object(&writer);
    auk_json_member_string(&writer, "field", field);
    auk_json_member_string(&writer, "text", text);
    auk_json_end_object(&writer);
    if (auk_client_ask(marks->client, AUK_HTTP_POST, auk_buffer_span(&target),
                       auk_buffer_span(&body), arena, &answer, NULL) != AUK_OK) {
        marks->is_analysis_gone = true;
        answer = NULL;
    }
    auk_buffer_deinit(&body);
    auk_buffer_deinit(&target);
    return auk_json_get(answer, "tokens");
}

/* Analysed once a field. */
static const auk_json *words_of(auk_marks *marks, auk_span index, auk_span field)
{
    for (words_of_field *at = marks->fields; at != NULL; at = at->next)
        if (auk_span_equal(at->index, index) && auk_span_equal(at->field, field))
            return at->tokens;
    words_of_field *made = AUK_ARENA_NEW(marks->arena, words_of_field);
    made->index = auk_arena_copy(marks->arena, index);
    made->field = auk_arena_copy(marks->arena, field);
    made->tokens = analyze(marks, index, field, marks->words, marks->arena);
    made->next = marks->fields;
    marks->fields = made;
    return made->tokens;
}

static bool is_among(const auk_json *tokens, auk_span token)
{
    for (const auk_json *at = tokens->child; at != NULL; at = at->next) {
        const auk_json *text = auk_json_get(at, "token");
        if (text != NULL && auk_span_equal(text->text, token))
            return true;
    }
    return false;
}

/* Walks bytes along with the UTF-16 units that offsets of tokens count. */
typedef struct walk {
    auk_span text;
    size_t byte;
    int64_t unit;
} walk;

static size_t byte_of(walk *w, int64_t unit)
{
    while (w->unit < unit && w->byte < w->text.size) {
        unsigned char lead = (unsigned char)w->text.data[w->byte];
        size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        w->byte = w->byte + size < w->text.size ? w->byte + size : w->text.size;
        w->unit += size == 4 ? 2 : 1;
    }
    return w->byte;
}

static const auk_mark *marks_of_tokens(auk_marks *marks, const auk_json *words,
                                       const auk_json *tokens, auk_span text, size_t *count)
{
    auk_mark *found = AUK_ARENA_ARRAY(marks->text_arena, auk_mark, tokens->count + 1);
    walk w = {.text = text};
    size_t end = 0;
    for (const auk_json *at = tokens->child; at != NULL; at = at->next) {
        int64_t from, to;
        const auk_json *token = auk_json_get(at, "token");
        if (token == NULL || !auk_json_to_int64(auk_json_get(at, "start_offset"), &from) ||
            !auk_json_to_int64(auk_json_get(at, "end_offset"), &to) ||
            !is_among(words, token->text) || from < w.unit)
            continue;
        auk_mark mark = {.from = byte_of(&w, from)};
        mark.to = byte_of(&w, to);
        if (mark.from >= end && mark.to > mark.from)
            found[(*count)++] = mark;
        end = mark.to;
    }
    return found;
}

/* ---- without the server's help ---- */

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static size_t word_end(auk_span text, size_t at)
{
    while (at < text.size && is_word_byte(text.data[at]))
        at++;
    return at;
}

static bool is_asked(auk_span words, auk_span word)
{
    for (size_t at = 0; at < words.size;) {
        size_t end = word_end(words, at);
        if (end - at == word.size && strncasecmp(words.data + at, word.data, word.size) == 0)
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

static const auk_mark *marks_of_words(auk_marks *marks, auk_span text, size_t *count)
{
    auk_mark *found = AUK_ARENA_ARRAY(marks->text_arena, auk_mark, text.size / 2 + 1);
    for (size_t at = 0; at < text.size;) {
        size_t end = word_end(text, at);
        if (end > at && is_asked(marks->words, (auk_span){text.data + at, end - at}))
            found[(*count)++] = (auk_mark){at, end};
        at = end > at ? end : at + 1;
    }
    return found;
}

const auk_mark *auk_marks_find(auk_marks *marks, auk_span index, auk_span field, auk_span text,
                               size_t *count)
{
    *count = 0;
    auk_arena_reset(marks->text_arena);
    if (text.size > TEXT_LIMIT) {
        text.size = TEXT_LIMIT;
        while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xc0) == 0x80)
            text.size--;
    }
    const auk_json *words = words_of(marks, index, field);
    const auk_json *tokens =
        words != NULL ? analyze(marks, index, field, text, marks->text_arena) : NULL;
    if (tokens == NULL)
        return marks_of_words(marks, text, count);
    return marks_of_tokens(marks, words, tokens, text, count);
}

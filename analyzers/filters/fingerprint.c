/* fingerprint: one token of all words, sorted, each once. */
#include <stdlib.h>

#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

enum { DEFAULT_SIZE = 255 };

typedef struct fingerprint_state {
    uint32_t most; /* UTF-16 units */
    uint8_t separator_size;
    char separator[4];
} fingerprint_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    fingerprint_state *fingerprint = AUK_ARENA_NEW(definition->arena, fingerprint_state);
    uint32_t separator;
    int64_t most;
    auk_code code = auk_definition_character(definition, "separator", ' ', &separator, err);
    if (code != AUK_OK)
        return auk_fail(err, AUK_INVALID,
                        "Setting [separator] must be a single, non-null character. [%.*s] was "
                        "provided.",
                        AUK_SPAN_ARG(auk_definition_text(definition, "separator", AUK_SPAN(""))));
    code =
        auk_definition_int(definition, "max_output_size", DEFAULT_SIZE, 1, INT32_MAX, &most, err);
    if (code != AUK_OK)
        return code;
    fingerprint->most = (uint32_t)most;
    fingerprint->separator_size = (uint8_t)auk_utf8_encode(separator, fingerprint->separator);
    *state = fingerprint;
    return AUK_OK;
}

/* Lucene sorts UTF-16 units: characters beyond U+FFFF stand before U+E000. */
static int compare(const void *left, const void *right)
{
    const auk_token *a = left, *b = right;
    const char *a_end = a->text + a->size, *b_end = b->text + b->size;
    const char *x = a->text, *y = b->text;
    while (x < a_end && y < b_end) {
        uint32_t c, d;
        x += auk_unicode_next(x, a_end, &c);
        y += auk_unicode_next(y, b_end, &d);
        if (c == d)
            continue;
        if ((c > 0xffff) != (d > 0xffff) && (c >= 0xe000 && d >= 0xe000))
            return c > 0xffff ? -1 : 1;
        return c < d ? -1 : 1;
    }
    return (x < a_end) - (y < b_end);
}

static size_t keep_unique(auk_tokens *tokens)
{
    qsort(tokens->items, tokens->count, sizeof *tokens->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if (kept == 0 || compare(&tokens->items[kept - 1], &tokens->items[i]) != 0)
            tokens->items[kept++] = tokens->items[i];
    return kept;
}

static void join(const fingerprint_state *fingerprint, auk_tokens *tokens, auk_token *out)
{
    size_t room_size = 0;
    for (size_t i = 0; i < tokens->count; i++)
        room_size += tokens->items[i].size + fingerprint->separator_size;
    char *room = auk_tokens_room(tokens, room_size);
    size_t size = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        if (i > 0) {
            memcpy(room + size, fingerprint->separator, fingerprint->separator_size);
            size += fingerprint->separator_size;
        }
        memcpy(room + size, tokens->items[i].text, tokens->items[i].size);
        size += tokens->items[i].size;
    }
    auk_tokens_keep(tokens, size);
    out->text = room;
    out->size = (uint32_t)size;
    out->flags = auk_unicode_is_ascii((auk_span){room, size}) ? AUK_TOKEN_ASCII : 0;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const fingerprint_state *fingerprint = state;
    tokens->end_position = 1; /* Lucene ends with a step of its own */
    if (tokens->count == 0)
        return AUK_OK;
    auk_token whole = {.end = tokens->end_offset,
                       .position_length = 1,
                       .type = AUK_TOKEN_FINGERPRINT};
    tokens->count = keep_unique(tokens);
    join(fingerprint, tokens, &whole);
    tokens->items[0] = whole;
    tokens->count = auk_unicode_units(auk_token_text(&whole)) <= fingerprint->most;
    tokens->end_position = (uint32_t)tokens->count + 1;
    return AUK_OK;
}

static const char *const settings[] = {"separator", "max_output_size", NULL};

const auk_component_type auk_filter_fingerprint = {
    .name = "fingerprint",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

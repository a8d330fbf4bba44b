/* path_hierarchy: "/a/b/c" is "/a", "/a/b" and "/a/b/c"; reverse: "a/b/c", "b/c" and "c". */
#include "auk/error.h"
#include "auk/utf8.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

typedef struct path_state {
    uint32_t delimiter;
    uint32_t replacement;
    uint32_t skip;
    bool reverse;
} path_state;

/* A place between two parts: in the text, and in what the tokens are made of. */
struct place {
    uint32_t source;
    uint32_t out;
};

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    path_state *path = AUK_ARENA_NEW(definition->arena, path_state);
    *state = path;
    int64_t skip, size;
    auk_code code = auk_definition_character(definition, "delimiter", '/', &path->delimiter, err);
    if (code == AUK_OK)
        code = auk_definition_character(definition, "replacement", path->delimiter,
                                        &path->replacement, err);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "skip", 0, 0, INT32_MAX, &skip, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "reverse", false, &path->reverse, err);
    if (code == AUK_OK) /* how Lucene reads; of no effect here */
        code = auk_definition_int(definition, "buffer_size", 1024, 1, INT32_MAX, &size, err);
    if (code == AUK_OK)
        path->skip = (uint32_t)skip;
    return code;
}

/*
 * Writes the text with its delimiters replaced, and where each begins (reverse: ends). The first
 * character never counts when parts are read from the front: it belongs to the first part.
 */
static const char *replace(const path_state *path, auk_span text, auk_tokens *tokens,
                           struct place *places, size_t *count, struct place *end)
{
    char *room = auk_tokens_room(tokens, text.size * 4 + 4);
    const char *text_end = text.data + text.size;
    struct place at = {0, 0};
    while (at.source < text.size) {
        uint32_t character;
        struct place before = at;
        at.source += (uint32_t)auk_unicode_next(text.data + at.source, text_end, &character);
        bool delimits = character == path->delimiter;
        at.out +=
            (uint32_t)auk_utf8_encode(delimits ? path->replacement : character, room + at.out);
        if (delimits && (path->reverse || before.source > 0))
            places[(*count)++] = path->reverse ? at : before;
    }
    auk_tokens_keep(tokens, at.out);
    *end = at;
    return room;
}

static void emit(auk_tokens *tokens, const char *text, struct place from, struct place to)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    auk_span part = {text + from.out, to.out - from.out};
    *token = (auk_token){.text = part.data,
                         .size = (uint32_t)part.size,
                         .start = from.source,
                         .end = to.source,
                         .position_length = 1,
                         .type = AUK_TOKEN_WORD,
                         .flags = auk_unicode_is_ascii(part) ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
    tokens->end_position = 1;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    const path_state *path = state;
    if (text.size == 0)
        return AUK_OK;
    struct place *places = AUK_ARENA_ARRAY(auk_tokens_arena(tokens), struct place, text.size + 2);
    struct place end, start = {0, 0};
    size_t count = 0;
    if (path->reverse)
        places[count++] = start;
    const char *out = replace(path, text, tokens, places, &count, &end);
    if (!path->reverse || places[count - 1].source < end.source)
        places[count++] = end;
    if (path->skip >= count)
        return AUK_OK;
    if (path->reverse) {
        end = places[count - 1 - path->skip];
        for (size_t i = 0; i + path->skip + 1 < count; i++)
            emit(tokens, out, places[i], end);
        return AUK_OK;
    }
    if (path->skip > 0)
        start = places[path->skip - 1];
    for (size_t i = path->skip; i < count; i++)
        emit(tokens, out, start, places[i]);
    return AUK_OK;
}

static const char *const settings[] = {"delimiter", "replacement", "skip",
                                       "reverse",   "buffer_size", NULL};

const auk_component_type auk_tokenizer_path_hierarchy = {
    .name = "path_hierarchy",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};

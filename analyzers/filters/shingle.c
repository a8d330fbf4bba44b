/*
 * shingle: runs of neighbouring words as one token, "quick brown fox".
 *
 * A hole that a removed word left is filled with the filler. Each place, word or hole, is where
 * shingles of all sizes begin, but for those of fillers alone. As in Lucene, the first place where
 * nothing begins is the end: what follows it is lost.
 */
#include "auk/error.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

enum { MOST_SIZE = 64, DEFAULT_DIFFERENCE = 3 };

typedef struct shingle_state {
    uint32_t least;
    uint32_t most;
    bool unigrams;
    bool unigrams_if_none;
    auk_span separator;
    auk_span filler;
} shingle_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    shingle_state *shingle = AUK_ARENA_NEW(definition->arena, shingle_state);
    *state = shingle;
    int64_t least, most, limit = DEFAULT_DIFFERENCE;
    auk_code code =
        auk_definition_int(definition, "min_shingle_size", 2, 2, MOST_SIZE, &least, err);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "max_shingle_size", 2, 2, MOST_SIZE, &most, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "output_unigrams", true, &shingle->unigrams, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "output_unigrams_if_no_shingles", false,
                                   &shingle->unigrams_if_none, err);
    if (code == AUK_OK && definition->settings)
        code = auk_settings_int(definition->settings, AUK_SPAN("index.max_shingle_diff"),
                                DEFAULT_DIFFERENCE, 0, INT32_MAX, &limit, err);
    if (code != AUK_OK)
        return code;
    if (least > most)
        return auk_fail(err, AUK_INVALID,
                        "Min shingle size (%d) must be less than or equal to max shingle size (%d)",
                        (int)least, (int)most);
    int64_t difference = most - least + shingle->unigrams;
    if (difference > limit)
        return auk_fail(
            err, AUK_INVALID,
            "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size "
            "(and +1 if outputting unigrams) must be less than or equal to: [%d] but was [%d]. "
            "This limit can be set by changing the [index.max_shingle_diff] index level setting.",
            (int)limit, (int)difference);
    shingle->least = (uint32_t)least;
    shingle->most = (uint32_t)most;
    shingle->separator =
        auk_arena_copy(definition->arena,
                       auk_definition_text(definition, "token_separator", AUK_SPAN(" ")));
    shingle->filler =
        auk_arena_copy(definition->arena,
                       auk_definition_text(definition, "filler_token", AUK_SPAN("_")));
    return AUK_OK;
}

/* What begins at one place. */
struct window {
    const auk_token *words;
    size_t count;
    char *room; /* the longest shingle; shorter ones are its front */
    size_t size;
    uint32_t built; /* words in room */
};

static void add_filler(const shingle_state *shingle, auk_tokens *tokens, size_t *count,
                       uint32_t offset)
{
    static const auk_token nothing = {.position_length = 1, .type = AUK_TOKEN_TYPE_COUNT};
    auk_token *filler = auk_tokens_push(tokens, count, &nothing); /* the type marks it */
    filler->text = shingle->filler.data;
    filler->size = (uint32_t)shingle->filler.size;
    filler->start = filler->end = offset;
}

static bool is_filler(const auk_token *token)
{
    return token->type == AUK_TOKEN_TYPE_COUNT;
}

/* The words, with fillers for holes, in the spare list; words at one position just follow each
 * other. */
static size_t fill_holes(const shingle_state *shingle, auk_tokens *tokens)
{
    size_t count = 0;
    uint32_t next = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        uint32_t holes = token->position > next ? token->position - next : 0;
        for (uint32_t j = 0; j < holes && j + 1 < shingle->most; j++)
            add_filler(shingle, tokens, &count, token->start);
        auk_tokens_push(tokens, &count, token);
        next = token->position + 1;
    }
    for (uint32_t j = 0; next + j < tokens->end_position && j + 1 < shingle->most; j++)
        add_filler(shingle, tokens, &count, tokens->end_offset);
    return count;
}

static uint32_t next_size(const shingle_state *shingle, uint32_t size, uint32_t least)
{
    if (size == 1)
        return shingle->least;
    return size == shingle->most ? least : size + 1;
}

static void append_word(const shingle_state *shingle, struct window *window)
{
    const auk_token *word = &window->words[window->built];
    if (window->built > 0 && shingle->separator.size > 0) {
        memcpy(window->room + window->size, shingle->separator.data, shingle->separator.size);
        window->size += shingle->separator.size;
    }
    if (word->size > 0)
        memcpy(window->room + window->size, word->text, word->size);
    window->size += word->size;
    window->built++;
}

/* Makes the room hold *size words, more when these are fillers alone. False: there is no such
 * shingle. */
static bool build(const shingle_state *shingle, struct window *window, uint32_t *size,
                  uint32_t least)
{
    bool fillers = true;
    for (uint32_t i = 0; i < window->count && i < *size; i++) {
        if (window->built <= i)
            append_word(shingle, window);
        fillers &= is_filler(&window->words[i]);
        if (fillers && i + 1 == *size)
            *size = next_size(shingle, *size, least);
    }
    return !fillers && window->built == *size;
}

static void emit(const shingle_state *shingle, auk_tokens *tokens, const struct window *window,
                 uint32_t size, uint32_t position)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    const auk_token *last = &window->words[size - 1];
    *token = window->words[0];
    tokens->count++;
    token->position = position;
    token->position_length = (uint16_t)size;
    if (!shingle->unigrams)
        token->position_length = (uint16_t)(size > shingle->least ? size - shingle->least + 1 : 1);
    if (size == 1)
        return;
    token->text = window->room;
    token->size = (uint32_t)window->size;
    token->start = window->words[0].start;
    token->end = last->end > token->start ? last->end : token->start;
    token->type = AUK_TOKEN_SHINGLE;
    token->flags &= (uint8_t)~AUK_TOKEN_ASCII;
    token->flags |= auk_unicode_is_ascii(auk_token_text(token)) ? AUK_TOKEN_ASCII : 0;
}

static void reserve_room(const shingle_state *shingle, auk_tokens *tokens, struct window *window)
{
    size_t size = 0;
    for (size_t i = 0; i < window->count; i++)
        size += window->words[i].size + shingle->separator.size;
    window->room = auk_tokens_room(tokens, size);
    window->size = 0;
    window->built = 0;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const shingle_state *shingle = state;
    size_t count = fill_holes(shingle, tokens);
    uint32_t trailing = tokens->end_position, position = 0;
    if (tokens->count > 0)
        trailing -= tokens->items[tokens->count - 1].position + 1;
    tokens->count = 0;
    uint32_t least = shingle->unigrams ? 1 : shingle->least;
    bool any = false, more = true;
    for (size_t i = 0; more && i < count && !auk_tokens_is_full(tokens); i++) {
        struct window window = {.words = &tokens->spare[i], .count = count - i};
        if (window.count > shingle->most)
            window.count = shingle->most;
        if (shingle->unigrams_if_none && !any && window.count < shingle->least)
            least = 1;
        reserve_room(shingle, tokens, &window);
        uint32_t size = least;
        size_t before = tokens->count;
        do {
            more = window.count >= size && build(shingle, &window, &size, least);
            if (!more)
                break;
            emit(shingle, tokens, &window, size, position);
            any |= size > 1;
            size = next_size(shingle, size, least);
        } while (size != least && window.count >= size);
        auk_tokens_keep(tokens, window.size);
        position += tokens->count > before;
    }
    tokens->end_position = position + trailing;
    return AUK_OK;
}

static const char *const settings[] = {"min_shingle_size",
                                       "max_shingle_size",
                                       "output_unigrams",
                                       "output_unigrams_if_no_shingles",
                                       "token_separator",
                                       "filler_token",
                                       NULL};

const auk_component_type auk_filter_shingle = {
    .name = "shingle",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

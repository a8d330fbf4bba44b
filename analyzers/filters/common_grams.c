/* common_grams: a frequent word joined with its neighbours, "the_fox", so that phrases with it stay
 * cheap. */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "word_set.h"

typedef struct common_state {
    const auk_word_set *words;
    bool query_mode;
} common_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    common_state *common = AUK_ARENA_NEW(definition->arena, common_state);
    bool ignore_case;
    auk_code code = auk_definition_bool(definition, "ignore_case", false, &ignore_case, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "query_mode", false, &common->query_mode, err);
    if (code == AUK_OK)
        code = auk_definition_set(definition, "common_words", "common_words_path", ignore_case,
                                  &common->words, err);
    const auk_setting *given = auk_definition_find(definition, "common_words");
    bool none = given && given->count == 0 && !auk_definition_find(definition, "common_words_path");
    if (code == AUK_OK && (!common->words || none))
        return auk_fail(err, AUK_INVALID,
                        "missing or empty [common_words] or [common_words_path] configuration for "
                        "common_grams token filter");
    *state = common;
    return code;
}

static void add_gram(auk_tokens *tokens, size_t *count, const auk_token *first,
                     const auk_token *second)
{
    size_t size = (size_t)first->size + 1 + second->size;
    char *room = auk_tokens_room(tokens, size);
    memcpy(room, first->text, first->size);
    room[first->size] = '_';
    memcpy(room + first->size + 1, second->text, second->size);
    auk_tokens_keep(tokens, size);
    auk_token *gram = auk_tokens_push(tokens, count, first);
    gram->text = room;
    gram->size = (uint32_t)size;
    gram->end = second->end > first->start ? second->end : first->start;
    gram->position_length = 2;
    gram->type = AUK_TOKEN_GRAM;
    gram->flags = first->flags & second->flags & AUK_TOKEN_ASCII;
}

/*
 * Of words and grams, those that a query needs: a word in front of its gram goes, and so does the
 * last one behind a gram. Each gram is one position on, as in Lucene, also over a hole.
 */
static size_t keep_for_query(auk_token *items, size_t count)
{
    size_t kept = 0;
    uint32_t before = UINT32_MAX, position = UINT32_MAX;
    bool last_is_gram = false;
    for (size_t i = 0; i < count; i++) {
        auk_token token = items[i];
        uint32_t step = token.position - before;
        before = token.position;
        if (i + 1 < count ? items[i + 1].type == AUK_TOKEN_GRAM : last_is_gram)
            continue;
        last_is_gram = token.type == AUK_TOKEN_GRAM;
        token.position = position += last_is_gram ? 1 : step;
        token.position_length = last_is_gram ? 1 : token.position_length;
        items[kept++] = token;
    }
    return kept;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const common_state *common = state;
    size_t count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token *token = &tokens->items[i];
        bool more = i + 1 < tokens->count;
        bool joins = more && (auk_word_set_has(common->words, auk_token_text(token)) ||
                              auk_word_set_has(common->words, auk_token_text(token + 1)));
        auk_tokens_push(tokens, &count, token);
        if (joins)
            add_gram(tokens, &count, token, token + 1);
    }
    if (common->query_mode)
        count = keep_for_query(tokens->spare, count);
    if (count > 0) /* a last word that is only in its gram ends with that */
        tokens->end_position -=
            tokens->items[tokens->count - 1].position - tokens->spare[count - 1].position;
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static const char *const settings[] = {"common_words", "common_words_path", "ignore_case",
                                       "query_mode", NULL};

const auk_component_type auk_filter_common_grams = {
    .name = "common_grams",
    .flags = AUK_COMPONENT_SPLITTING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

/* stemmer, snowball, porter_stem, possessive_english: words to their stems. */
#include "auk/error.h"
#include "filters.h"
#include "languages/stemmer_names.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

enum { BATCH = 16 };

typedef struct stem_state {
    bool possessive; /* the language is "possessive_english", which is no stemmer */
    auk_stemmer_id id;
} stem_state;

static void cut_possessive(auk_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        uint32_t size = token->size;
        if (size < 2 || (token->text[size - 1] | 0x20) != 's')
            continue;
        const char *last = token->text + size - 1;
        if (last[-1] == '\'')
            token->size -= 2;
        else if (size >= 4 && (memcmp(last - 3, "\xe2\x80\x99", 3) == 0 || /* U+2019 */
                               memcmp(last - 3, "\xef\xbc\x87", 3) == 0))  /* U+FF07 */
            token->size -= 4;
    }
}

/* The stem is the word's front, or the stemmer's bytes, which the next word overwrites. */
static void take_stem(auk_tokens *tokens, auk_token *token, auk_span stem)
{
    if (stem.data != token->text) {
        char *room = auk_tokens_room(tokens, stem.size);
        memcpy(room, stem.data, stem.size);
        auk_tokens_keep(tokens, stem.size);
        token->text = room;
        if (!auk_unicode_is_ascii(stem)) /* Turkish ends "kitap" as "kitab", and others in "ç" */
            token->flags &= (uint8_t)~AUK_TOKEN_ASCII;
    }
    token->size = (uint32_t)stem.size;
}

/* The cache is larger than the processor's nearest: its rows are asked for ahead. */
static void stem_batch(auk_stemmer *stemmer, auk_tokens *tokens, size_t from, size_t count)
{
    auk_stem_place places[BATCH];
    auk_token *token = tokens->items + from;
    for (size_t i = 0; i < count; i++)
        places[i] = auk_stemmer_place(stemmer, auk_token_text(&token[i]));
    for (size_t i = 0; i < count; i++, token++)
        if (!(token->flags & AUK_TOKEN_KEYWORD))
            take_stem(tokens, token,
                      auk_stemmer_stem_at(stemmer, auk_token_text(token), places[i]));
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    const stem_state *stem = state;
    if (stem->possessive) {
        cut_possessive(tokens);
        return AUK_OK;
    }
    auk_stemmer *stemmer;
    auk_code code = auk_scratch_stemmer(scratch, stem->id, &stemmer, err);
    if (code != AUK_OK)
        return code;
    for (size_t i = 0; i < tokens->count; i += BATCH)
        stem_batch(stemmer, tokens, i, tokens->count - i < BATCH ? tokens->count - i : BATCH);
    return AUK_OK;
}

static auk_code compile_with(const auk_definition *definition, auk_span language, bool snowball,
                             const void **state, auk_error *err)
{
    stem_state *stem = AUK_ARENA_NEW(definition->arena, stem_state);
    *state = stem;
    if (!snowball && (auk_span_is(language, "possessive_english") ||
                      auk_span_is(language, "possessiveEnglish"))) {
        stem->possessive = true;
        return AUK_OK;
    }
    return snowball ? auk_snowball_name_find(language, &stem->id, err)
                    : auk_stemmer_name_find(language, &stem->id, err);
}

/* "name" is the older word for "language". */
static auk_code compile_stemmer(const auk_definition *definition, const void **state,
                                auk_error *err)
{
    auk_span name = auk_definition_text(definition, "name", AUK_SPAN("porter"));
    auk_span language = auk_definition_text(definition, "language", name);
    return compile_with(definition, language, false, state, err);
}

static auk_code compile_snowball(const auk_definition *definition, const void **state,
                                 auk_error *err)
{
    auk_span name = auk_definition_text(definition, "name", AUK_SPAN("English"));
    auk_span language = auk_definition_text(definition, "language", name);
    return compile_with(definition, language, true, state, err);
}

static auk_code compile_porter(const auk_definition *definition, const void **state, auk_error *err)
{
    return compile_with(definition, AUK_SPAN("porter"), false, state, err);
}

static auk_code compile_possessive(const auk_definition *definition, const void **state,
                                   auk_error *err)
{
    return compile_with(definition, AUK_SPAN("possessive_english"), false, state, err);
}

static const char *const language_settings[] = {"language", "name", NULL};

const auk_component_type auk_filter_stemmer = {
    .name = "stemmer",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = language_settings,
    .compile = compile_stemmer,
    .filter = run,
};

const auk_component_type auk_filter_snowball = {
    .name = "snowball",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = language_settings,
    .compile = compile_snowball,
    .filter = run,
};

const auk_component_type auk_filter_porter_stem = {
    .name = "porter_stem",
    .flags = AUK_COMPONENT_PREBUILT,
    .compile = compile_porter,
    .filter = run,
};

const auk_component_type auk_filter_possessive_english = {
    .name = "possessive_english",
    .flags = AUK_COMPONENT_PREBUILT,
    .compile = compile_possessive,
    .filter = run,
};

/* arabic_normalization and its like, scandinavian_folding: spellings that count as one. */
#include "filters.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

/* What a word becomes is remembered as stems are. skipped: tokens with one of these flags stay. */
static auk_code run(auk_stemmer_id id, unsigned skipped, auk_analyzer_scratch *scratch,
                    auk_tokens *tokens, auk_error *err)
{
    auk_stemmer *words;
    auk_code code = auk_scratch_stemmer(scratch, id, &words, err);
    if (code != AUK_OK)
        return code;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if (token->flags & skipped)
            continue;
        auk_span text = auk_stemmer_stem(words, auk_token_text(token));
        if (text.data == token->text)
            token->size = (uint32_t)text.size;
        else
            auk_tokens_set_text(tokens, token, text);
    }
    return AUK_OK;
}

#define NORMALIZATION(word, id, skipped)                                                           \
    static auk_code run_##word(const void *state, auk_analyzer_scratch *scratch,                   \
                               auk_tokens *tokens, auk_error *err)                                 \
    {                                                                                              \
        (void)state;                                                                               \
        return run(AUK_STEMMER_##id, skipped, scratch, tokens, err);                               \
    }                                                                                              \
    const auk_component_type auk_filter_##word = {                                                 \
        .name = #word,                                                                             \
        .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,                               \
        .filter = run_##word,                                                                      \
    };

NORMALIZATION(arabic_normalization, NORMALIZE_ARABIC, AUK_TOKEN_ASCII)
NORMALIZATION(bengali_normalization, NORMALIZE_BENGALI, AUK_TOKEN_ASCII | AUK_TOKEN_KEYWORD)
NORMALIZATION(german_normalization, NORMALIZE_GERMAN, 0)
NORMALIZATION(hindi_normalization, NORMALIZE_HINDI, AUK_TOKEN_ASCII | AUK_TOKEN_KEYWORD)
NORMALIZATION(indic_normalization, NORMALIZE_INDIC, AUK_TOKEN_ASCII)
NORMALIZATION(persian_normalization, NORMALIZE_PERSIAN, AUK_TOKEN_ASCII)
NORMALIZATION(scandinavian_folding, FOLD_SCANDINAVIAN, 0)
NORMALIZATION(scandinavian_normalization, NORMALIZE_SCANDINAVIAN, 0)
NORMALIZATION(serbian_normalization, NORMALIZE_SERBIAN, AUK_TOKEN_ASCII)
NORMALIZATION(sorani_normalization, NORMALIZE_SORANI, AUK_TOKEN_ASCII)

/*
 * cjk_bigram: pairs of neighbouring Chinese, Japanese and Korean characters.
 *
 * A run is what stands side by side in the text, of the scripts that are asked for. Its pairs, or
 * the one character that it is, take one position each; holes before a run are closed, as in
 * Lucene.
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

typedef struct bigram_state {
    uint32_t types; /* bit n: auk_token_type n */
    bool unigrams;
} bigram_state;

/* Where the walk is: the tokens written, and the character before. */
struct walk {
    auk_tokens *tokens;
    const bigram_state *bigrams;
    size_t count;
    uint32_t position; /* of the next token */
    auk_token before;  /* a character of the run */
    size_t run;        /* characters of it so far */
};

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    static const struct {
        const char *name;
        uint8_t type;
    } scripts[] = {{"han", AUK_TOKEN_IDEOGRAPHIC},
                   {"hiragana", AUK_TOKEN_HIRAGANA},
                   {"katakana", AUK_TOKEN_KATAKANA},
                   {"hangul", AUK_TOKEN_HANGUL}};
    bigram_state *bigrams = AUK_ARENA_NEW(definition->arena, bigram_state);
    size_t count;
    auk_span *ignored = auk_definition_list(definition, "ignored_scripts", &count);
    for (size_t i = 0; i < 4; i++)
        bigrams->types |= 1u << scripts[i].type;
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < 4 && !auk_span_is(ignored[i], scripts[j].name))
            j++;
        if (j == 4) {
            auk_fail(err, AUK_INVALID, "unknown script [%.*s] in [ignored_scripts]",
                     AUK_SPAN_ARG(ignored[i]));
            auk_hint(err, "scripts are han, hiragana, katakana and hangul");
            return AUK_INVALID;
        }
        bigrams->types &= ~(1u << scripts[j].type);
    }
    *state = bigrams;
    return auk_definition_bool(definition, "output_unigrams", false, &bigrams->unigrams, err);
}

static void add_single(struct walk *walk, const auk_token *character)
{
    auk_token *token = auk_tokens_push(walk->tokens, &walk->count, character);
    token->type = AUK_TOKEN_SINGLE;
    token->position = walk->position++;
}

static void add_pair(struct walk *walk, const auk_token *second)
{
    const auk_token *first = &walk->before;
    uint32_t size = first->size + second->size;
    auk_token *pair = auk_tokens_push(walk->tokens, &walk->count, first);
    if (first->text + first->size != second->text) {
        char *room = auk_tokens_room(walk->tokens, size);
        memcpy(room, first->text, first->size);
        memcpy(room + first->size, second->text, second->size);
        auk_tokens_keep(walk->tokens, size);
        pair->text = room;
    }
    pair->size = size;
    pair->end = second->end;
    pair->type = AUK_TOKEN_DOUBLE;
    if (walk->bigrams->unigrams) {
        pair->position = walk->position - 1;
        pair->position_length = 2;
    } else {
        pair->position = walk->position++;
    }
}

static void end_run(struct walk *walk)
{
    if (walk->run == 1 && !walk->bigrams->unigrams)
        add_single(walk, &walk->before);
    walk->run = 0;
}

static void add_characters(struct walk *walk, const auk_token *token)
{
    if (walk->run > 0 && token->start != walk->before.end)
        end_run(walk);
    bool is_plain = auk_tokens_is_aligned(walk->tokens, token);
    const char *end = token->text + token->size;
    uint32_t start = token->start;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        auk_token one = *token;
        one.text = at;
        one.size = (uint32_t)auk_unicode_next(at, end, &character);
        one.position_length = 1;
        one.flags = 0;
        if (is_plain) {
            one.start = start;
            one.end = start =
                auk_tokens_offset(walk->tokens, token, (size_t)(at - token->text) + one.size);
        }
        at += one.size;
        if (walk->run > 0)
            add_pair(walk, &one);
        if (walk->bigrams->unigrams)
            add_single(walk, &one);
        walk->before = one;
        walk->run++;
    }
    walk->before.end = token->end;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    struct walk walk = {.tokens = tokens, .bigrams = state};
    uint32_t next = 0; /* the position of the next token without a hole */
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        if (walk.bigrams->types >> token->type & 1) {
            add_characters(&walk, token);
        } else {
            end_run(&walk);
            walk.position += token->position - next; /* wraps back for one at the same place */
            auk_tokens_push(tokens, &walk.count, token)->position = walk.position++;
        }
        next = token->position + 1;
    }
    end_run(&walk);
    tokens->end_position = walk.position + (tokens->end_position - next);
    auk_tokens_swap(tokens, walk.count);
    return AUK_OK;
}

static const char *const settings[] = {"ignored_scripts", "output_unigrams", NULL};

const auk_component_type auk_filter_cjk_bigram = {
    .name = "cjk_bigram",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

/* phonetic: words to codes of their sound, in their place or beside them. */
#include "phonetic/phonetic.h"

#include "auk/error.h"
#include "auk/nearest.h"
#include "auk/utf8.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

enum letters { UPPER, LETTERS /* nothing else, in upper case */, LOWER, AS_THEY_ARE };

typedef struct phonetic_state {
    const struct encoder *encoder;
    int longest; /* of double_metaphone */
    bool replace;
} phonetic_state;

typedef auk_code run_function(const phonetic_state *state, auk_analyzer_scratch *scratch,
                              auk_tokens *tokens, auk_error *err);

static run_function run_single, run_double, run_daitch;

static const struct encoder {
    const char *name;
    run_function *run; /* NULL: Elasticsearch has it, we do not */
    auk_phonetic_function *encode;
    enum letters letters;
    bool keeps_single; /* a word of one letter is its own code, in upper case */
} encoders[] = {
    {"beider_morse", NULL, NULL, UPPER, false},
    {"beidermorse", NULL, NULL, UPPER, false},
    {"bm", NULL, NULL, UPPER, false},
    {"caverphone", run_single, auk_phonetic_caverphone2, LOWER, false},
    {"caverphone1", run_single, auk_phonetic_caverphone1, LOWER, false},
    {"caverphone2", run_single, auk_phonetic_caverphone2, LOWER, false},
    {"cologne", run_single, auk_phonetic_cologne, UPPER, false},
    {"daitch_mokotoff", run_daitch, NULL, AS_THEY_ARE, false},
    {"double_metaphone", run_double, NULL, UPPER, false},
    {"doublemetaphone", run_double, NULL, UPPER, false},
    {"haasephonetik", NULL, NULL, UPPER, false},
    {"koelnerphonetik", NULL, NULL, UPPER, false},
    {"metaphone", run_single, auk_phonetic_metaphone, UPPER, true},
    {"nysiis", run_single, auk_phonetic_nysiis, LETTERS, false},
    {"refined_soundex", run_single, auk_phonetic_refined_soundex, LETTERS, false},
    {"refinedsoundex", run_single, auk_phonetic_refined_soundex, LETTERS, false},
    {"soundex", run_single, auk_phonetic_soundex, LETTERS, false},
};

enum { ENCODERS = sizeof encoders / sizeof encoders[0] };

/* ASCII case does not count. */
static bool is_same_name(auk_span given, const char *name)
{
    if (given.size != strlen(name))
        return false;
    for (size_t i = 0; i < given.size; i++) {
        char byte = given.data[i];
        if ((byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte) != name[i])
            return false;
    }
    return true;
}

static auk_code find_encoder(auk_span given, const struct encoder **out, auk_error *err)
{
    auk_span names[ENCODERS];
    size_t known = 0;
    for (size_t i = 0; i < ENCODERS; i++) {
        if (is_same_name(given, encoders[i].name)) {
            *out = &encoders[i];
            if (encoders[i].run)
                return AUK_OK;
            auk_fail(err, AUK_INVALID, "encoder [%.*s] for phonetic token filter is not supported",
                     AUK_SPAN_ARG(given));
            auk_hint(err, "nearest to it is [%s]",
                     encoders[i].name[0] == 'b' ? "daitch_mokotoff" : "cologne");
            return AUK_INVALID;
        }
        if (encoders[i].run)
            names[known++] = auk_span_of(encoders[i].name);
    }
    auk_fail(err, AUK_INVALID, "unknown encoder [%.*s] for phonetic token filter",
             AUK_SPAN_ARG(given));
    auk_span nearest = auk_nearest(given, names, known);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return AUK_INVALID;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    phonetic_state *phonetic = AUK_ARENA_NEW(definition->arena, phonetic_state);
    *state = phonetic;
    int64_t longest = 0;
    auk_code code = find_encoder(auk_definition_text(definition, "encoder", AUK_SPAN("metaphone")),
                                 &phonetic->encoder, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "replace", true, &phonetic->replace, err);
    if (code == AUK_OK && phonetic->encoder->run != run_double &&
        auk_definition_find(definition, "max_code_len"))
        return auk_fail(err, AUK_INVALID,
                        "[max_code_len] is a setting of encoder [double_metaphone], not of [%s]",
                        phonetic->encoder->name);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "max_code_len", 4, 1, AUK_DOUBLE_METAPHONE_MAX,
                                  &longest, err);
    phonetic->longest = (int)longest;
    return code;
}

static void keep_letters(auk_utf16 *word)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < word->size; i++)
        if (auk_unicode_is_letter(word->units[i]))
            word->units[kept++] = word->units[i];
    word->size = kept;
}

/* The token's letters as the encoder wants them, in wide[0]. */
static const auk_utf16 *read_word(auk_analyzer_scratch *scratch, const auk_token *token,
                                  enum letters letters)
{
    auk_utf16 *word = &scratch->wide[0], *changed = &scratch->wide[1];
    auk_utf16_read(word, auk_token_text(token));
    if (letters == AS_THEY_ARE)
        return word;
    if (letters == LETTERS)
        keep_letters(word);
    auk_utf16_change_case(word, changed, letters != LOWER);
    auk_utf16 swap = *word;
    *word = *changed;
    *changed = swap;
    return word;
}

static bool is_text(const auk_token *token, const char *text, int size)
{
    return auk_span_equal(auk_token_text(token), auk_span_make(text, (size_t)size));
}

static void set_text(auk_tokens *tokens, auk_token *token, const char *text, int size)
{
    auk_tokens_set_text(tokens, token, auk_span_make(text, (size_t)size));
}

/* Empty: none. In the scratch. */
static auk_span encode(const struct encoder *encoder, auk_analyzer_scratch *scratch,
                       const auk_token *token)
{
    const auk_utf16 *word = read_word(scratch, token, encoder->letters);
    bool single = encoder->keeps_single && auk_unicode_units(auk_token_text(token)) == 1;
    if (!single && !encoder->encode(word, &scratch->wide[1]))
        return AUK_SPAN("");
    auk_buffer_reset(&scratch->text);
    auk_utf16_write(single ? word : &scratch->wide[1], &scratch->text);
    return auk_buffer_span(&scratch->text);
}

/* The code comes first, the word behind it. */
static auk_code run_single(const phonetic_state *state, auk_analyzer_scratch *scratch,
                           auk_tokens *tokens, auk_error *err)
{
    (void)err;
    size_t count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        auk_token token = tokens->items[i];
        auk_token *out = auk_tokens_push(tokens, &count, &token);
        if (token.size == 0)
            continue;
        auk_span code = encode(state->encoder, scratch, &token);
        if (code.size == 0 || auk_span_equal(code, auk_token_text(&token)))
            continue;
        auk_tokens_set_text(tokens, out, code);
        if (!state->replace)
            auk_tokens_push(tokens, &count, &token);
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static auk_code run_double(const phonetic_state *state, auk_analyzer_scratch *scratch,
                           auk_tokens *tokens, auk_error *err)
{
    (void)err;
    size_t count = 0;
    auk_double_code code = {.longest = state->longest};
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        auk_token token = tokens->items[i];
        auk_phonetic_double_metaphone(read_word(scratch, &token, UPPER), &code);
        bool same = is_text(&token, code.primary, code.primary_size);
        bool primary = code.primary_size > 0 && !same;
        bool alternate = code.alternate_size > 0 && !same &&
                         (code.alternate_size != code.primary_size ||
                          memcmp(code.alternate, code.primary, (size_t)code.primary_size) != 0);
        if (token.size == 0 || !state->replace || (!primary && !alternate))
            auk_tokens_push(tokens, &count, &token);
        if (token.size == 0)
            continue;
        if (primary)
            set_text(tokens, auk_tokens_push(tokens, &count, &token), code.primary,
                     code.primary_size);
        if (alternate)
            set_text(tokens, auk_tokens_push(tokens, &count, &token), code.alternate,
                     code.alternate_size);
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

/* The word comes first, then all of its codes. */
static auk_code run_daitch(const phonetic_state *state, auk_analyzer_scratch *scratch,
                           auk_tokens *tokens, auk_error *err)
{
    (void)err;
    char codes[AUK_DAITCH_BRANCHES][AUK_DAITCH_DIGITS];
    size_t count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        auk_token token = tokens->items[i];
        if (token.size == 0 || !state->replace)
            auk_tokens_push(tokens, &count, &token);
        if (token.size == 0)
            continue;
        int most = auk_phonetic_daitch_mokotoff(read_word(scratch, &token, AS_THEY_ARE), codes);
        for (int j = 0; j < most; j++)
            set_text(tokens, auk_tokens_push(tokens, &count, &token), codes[j], AUK_DAITCH_DIGITS);
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    const phonetic_state *phonetic = state;
    return phonetic->encoder->run(phonetic, scratch, tokens, err);
}

static const char *const settings[] = {"encoder", "replace", "max_code_len", NULL};

const auk_component_type auk_filter_phonetic = {
    .name = "phonetic",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_SPLITTING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

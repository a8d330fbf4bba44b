/*
 * dictionary_decompounder and hyphenation_decompounder: the words that a compound is made of,
 * beside it. Sizes count UTF-16 units, as in Lucene.
 */
#include "auk/error.h"
#include "filters.h"
#include "hyphenation.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"
#include "word_set.h"

typedef struct decompound_state {
    const auk_word_set *words;
    const auk_hyphenation *hyphenation; /* NULL: by the dictionary alone */
    int32_t least_word;
    int32_t least_part;
    int32_t most_part;
    int32_t longest_entry; /* of the dictionary */
    bool only_longest;
    bool no_sub_matches;
    bool no_overlapping;
} decompound_state;

static auk_code read_words(const auk_definition *definition, decompound_state *state,
                           auk_error *err)
{
    auk_span *words;
    size_t count;
    bool ignore_case;
    auk_code code = auk_definition_bool(definition, "word_list_case", false, &ignore_case, err);
    if (code == AUK_OK)
        code = auk_definition_words(definition, "word_list", "word_list_path", &words, &count, err);
    if (code != AUK_OK)
        return code;
    if (!words)
        return auk_fail(err, AUK_INVALID,
                        "word_list must be provided for [%.*s], either as a path to a file, or "
                        "directly",
                        AUK_SPAN_ARG(definition->name));
    for (size_t i = 0; i < count; i++) {
        int32_t units = (int32_t)auk_unicode_units(words[i]);
        /* A letter of another case may take more units. */
        units = ignore_case ? units * 2 : units;
        state->longest_entry = units > state->longest_entry ? units : state->longest_entry;
    }
    state->words = auk_word_set_create(definition->arena, words, count, ignore_case);
    return AUK_OK;
}

static auk_code read_size(const auk_definition *definition, const char *key, const char *name,
                          int32_t fallback, int32_t *out, auk_error *err)
{
    int64_t value;
    auk_code code =
        auk_definition_int(definition, key, fallback, INT32_MIN, INT32_MAX, &value, err);
    if (code == AUK_OK && value < 0)
        return auk_fail(err, AUK_INVALID, "%s cannot be negative", name);
    *out = (int32_t)value;
    return code;
}

static auk_code compile_dictionary(const auk_definition *definition, const void **out,
                                   auk_error *err)
{
    decompound_state *state = AUK_ARENA_NEW(definition->arena, decompound_state);
    *out = state;
    auk_code code =
        read_size(definition, "min_word_size", "minWordSize", 5, &state->least_word, err);
    if (code == AUK_OK)
        code =
            read_size(definition, "min_subword_size", "minSubwordSize", 2, &state->least_part, err);
    if (code == AUK_OK)
        code =
            read_size(definition, "max_subword_size", "maxSubwordSize", 15, &state->most_part, err);
    if (code == AUK_OK)
        code =
            auk_definition_bool(definition, "only_longest_match", false, &state->only_longest, err);
    return code == AUK_OK ? read_words(definition, state, err) : code;
}

static auk_code compile_hyphenation(const auk_definition *definition, const void **out,
                                    auk_error *err)
{
    auk_span file;
    auk_code code = compile_dictionary(definition, out, err);
    if (code != AUK_OK)
        return code;
    decompound_state *state = AUK_ARENA_NEW(definition->arena, decompound_state);
    *state = *(const decompound_state *)*out;
    *out = state;
    code = auk_definition_bool(definition, "no_sub_matches", false, &state->no_sub_matches, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "no_overlapping_matches", false,
                                   &state->no_overlapping, err);
    if (code != AUK_OK)
        return code;
    if (!auk_definition_find(definition, "hyphenation_patterns_path"))
        return auk_fail(err, AUK_INVALID, "hyphenation_patterns_path is a required setting.");
    auk_error why = {0};
    code = auk_definition_bytes(definition, "hyphenation_patterns_path", &file, &why);
    if (code == AUK_OK)
        code = auk_hyphenation_read(definition->arena, file, &state->hyphenation, &why);
    if (code != AUK_OK) {
        auk_fail(err, AUK_INVALID, "Exception while reading hyphenation_patterns_path.");
        auk_hint(err, "%s", why.message);
    }
    return code;
}

/* A token and where its units begin; a place inside of a character is none. */
struct compound {
    const decompound_state *state;
    auk_tokens *tokens;
    const auk_token *token;
    const uint32_t *bytes; /* one more than units */
    int32_t units;
    size_t *count;
};

static const uint32_t inside = UINT32_MAX;

static const uint32_t *map_units(auk_buffer *room, auk_span text, int32_t *units)
{
    auk_buffer_reset(room);
    uint32_t *bytes = (uint32_t *)(void *)auk_buffer_reserve(room, (text.size + 1) * 4);
    size_t at = 0;
    *units = 0;
    while (bytes && at < text.size) {
        uint32_t character;
        bytes[(*units)++] = (uint32_t)at;
        at += auk_unicode_next(text.data + at, text.data + text.size, &character);
        if (character > 0xffff)
            bytes[(*units)++] = inside;
    }
    if (bytes)
        bytes[*units] = (uint32_t)text.size;
    return bytes;
}

/* Is there such a word in the dictionary? */
static bool find_part(const struct compound *compound, int32_t from, int32_t size, auk_span *out)
{
    if (size < 1 || from + size > compound->units || size > compound->state->longest_entry)
        return false;
    uint32_t start = compound->bytes[from], end = compound->bytes[from + size];
    if (start == inside || end == inside)
        return false;
    *out = auk_span_make(compound->token->text + start, end - start);
    return auk_word_set_has(compound->state->words, *out);
}

static void add_part(const struct compound *compound, auk_span text)
{
    auk_token *part = auk_tokens_push(compound->tokens, compound->count, compound->token);
    part->text = text.data;
    part->size = (uint32_t)text.size;
}

static void by_dictionary(const struct compound *compound)
{
    const decompound_state *state = compound->state;
    for (int32_t i = 0; i <= compound->units - state->least_part; i++) {
        if (auk_tokens_is_full(compound->tokens))
            return;
        auk_span found, longest = {NULL, 0};
        int32_t most = compound->units - i;
        most = state->most_part < most ? state->most_part : most;
        most = state->longest_entry < most ? state->longest_entry : most;
        for (int32_t j = state->least_part; j <= most; j++) {
            if (!find_part(compound, i, j, &found))
                continue;
            if (!state->only_longest)
                add_part(compound, found);
            longest = found;
        }
        if (state->only_longest && longest.data)
            add_part(compound, longest);
    }
}

/* A word, or one with a letter behind it that only binds, as the s of "Arbeitsamt". */
static bool find_bound(const struct compound *compound, int32_t from, int32_t size, auk_span *out)
{
    return find_part(compound, from, size, out) || find_part(compound, from, size - 1, out);
}

static void between_points(const struct compound *compound, const int32_t *points, int count)
{
    const decompound_state *state = compound->state;
    bool all = !state->only_longest && !state->no_sub_matches && !state->no_overlapping;
    int32_t most = state->most_part < compound->units - 1 ? state->most_part : compound->units - 1;
    int used = -1;
    for (int i = 0; i < count; i++) {
        if (state->no_overlapping && used > i)
            i = used;
        int until = state->no_sub_matches && used > i ? used : i;
        for (int j = count - 1; j > until; j--) {
            auk_span found;
            int32_t size = points[j] - points[i];
            if (size > most)
                continue;
            if (size < state->least_part)
                break;
            if (!find_bound(compound, points[i], size, &found))
                continue;
            add_part(compound, found);
            used = j;
            if (!all)
                break;
        }
    }
}

static void by_hyphenation(const struct compound *compound, auk_analyzer_scratch *scratch)
{
    const decompound_state *state = compound->state;
    auk_span whole;
    bool all = !state->only_longest && !state->no_sub_matches && !state->no_overlapping;
    if (!all && find_bound(compound, 0, compound->units, &whole))
        return;
    int32_t points[AUK_HYPHENATION_LONGEST + 2];
    auk_utf16_read(&scratch->wide[0], auk_token_text(compound->token));
    int count = auk_hyphenation_points(state->hyphenation, &scratch->wide[0], points);
    between_points(compound, points, count);
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)err;
    const decompound_state *decompound = state;
    size_t count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token token = tokens->items[i];
        auk_tokens_push(tokens, &count, &token);
        struct compound compound = {.state = decompound,
                                    .tokens = tokens,
                                    .token = &token,
                                    .count = &count};
        compound.bytes = map_units(&scratch->text, auk_token_text(&token), &compound.units);
        if (!compound.bytes || compound.units < decompound->least_word)
            continue;
        if (decompound->hyphenation)
            by_hyphenation(&compound, scratch);
        else
            by_dictionary(&compound);
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static const char *const dictionary_settings[] = {"word_list",          "word_list_path",
                                                  "word_list_case",     "min_word_size",
                                                  "min_subword_size",   "max_subword_size",
                                                  "only_longest_match", NULL};
static const char *const hyphenation_settings[] = {"hyphenation_patterns_path",
                                                   "word_list",
                                                   "word_list_path",
                                                   "word_list_case",
                                                   "min_word_size",
                                                   "min_subword_size",
                                                   "max_subword_size",
                                                   "only_longest_match",
                                                   "no_sub_matches",
                                                   "no_overlapping_matches",
                                                   NULL};

const auk_component_type auk_filter_dictionary_decompounder = {
    .name = "dictionary_decompounder",
    .flags = AUK_COMPONENT_SPLITTING,
    .settings = dictionary_settings,
    .compile = compile_dictionary,
    .filter = run,
};

const auk_component_type auk_filter_hyphenation_decompounder = {
    .name = "hyphenation_decompounder",
    .flags = AUK_COMPONENT_SPLITTING,
    .settings = hyphenation_settings,
    .compile = compile_hyphenation,
    .filter = run,
};

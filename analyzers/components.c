/* The tables of what there is: a new component is a row here. */
#include "component.h"

#include "char_filters/char_filters.h"
#include "filters/filters.h"
#include "tokenizers/tokenizers.h"

static const auk_component_type *const char_filters[] = {
    &auk_char_filter_html_strip,
    &auk_char_filter_icu_normalizer,
    &auk_char_filter_mapping,
    &auk_char_filter_pattern_replace,
};

static const auk_component_type *const tokenizers[] = {
    &auk_tokenizer_char_group, &auk_tokenizer_classic,        &auk_tokenizer_edge_ngram,
    &auk_tokenizer_icu,        &auk_tokenizer_keyword,        &auk_tokenizer_letter,
    &auk_tokenizer_lowercase,  &auk_tokenizer_ngram,          &auk_tokenizer_path_hierarchy,
    &auk_tokenizer_pattern,    &auk_tokenizer_simple_pattern, &auk_tokenizer_simple_pattern_split,
    &auk_tokenizer_standard,   &auk_tokenizer_thai,           &auk_tokenizer_uax_url_email,
    &auk_tokenizer_whitespace,
};

static const auk_component_type *const filters[] = {
    &auk_filter_apostrophe,
    &auk_filter_arabic_normalization,
    &auk_filter_asciifolding,
    &auk_filter_bengali_normalization,
    &auk_filter_cjk_bigram,
    &auk_filter_cjk_width,
    &auk_filter_classic,
    &auk_filter_common_grams,
    &auk_filter_condition,
    &auk_filter_decimal_digit,
    &auk_filter_delimited_payload,
    &auk_filter_dictionary_decompounder,
    &auk_filter_edge_ngram,
    &auk_filter_elision,
    &auk_filter_fingerprint,
    &auk_filter_flatten_graph,
    &auk_filter_german_normalization,
    &auk_filter_hindi_normalization,
    &auk_filter_hunspell,
    &auk_filter_hyphenation_decompounder,
    &auk_filter_icu_folding,
    &auk_filter_icu_normalizer,
    &auk_filter_icu_transform,
    &auk_filter_indic_normalization,
    &auk_filter_keep_types,
    &auk_filter_keep_words,
    &auk_filter_keyword_marker,
    &auk_filter_keyword_repeat,
    &auk_filter_length,
    &auk_filter_limit,
    &auk_filter_lowercase,
    &auk_filter_min_hash,
    &auk_filter_multiplexer,
    &auk_filter_ngram,
    &auk_filter_pattern_capture,
    &auk_filter_pattern_replace,
    &auk_filter_persian_normalization,
    &auk_filter_phonetic,
    &auk_filter_porter_stem,
    &auk_filter_possessive_english,
    &auk_filter_predicate_token_filter,
    &auk_filter_remove_duplicates,
    &auk_filter_reverse,
    &auk_filter_scandinavian_folding,
    &auk_filter_scandinavian_normalization,
    &auk_filter_serbian_normalization,
    &auk_filter_shingle,
    &auk_filter_snowball,
    &auk_filter_sorani_normalization,
    &auk_filter_stemmer,
    &auk_filter_stemmer_override,
    &auk_filter_stop,
    &auk_filter_synonym,
    &auk_filter_synonym_graph,
    &auk_filter_trim,
    &auk_filter_truncate,
    &auk_filter_unique,
    &auk_filter_uppercase,
    &auk_filter_word_delimiter,
    &auk_filter_word_delimiter_graph,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    const auk_component_type *const *types;
    size_t count;
} kinds[] = {
    [AUK_COMPONENT_CHAR_FILTER] = {"char_filter", char_filters, COUNT(char_filters)},
    [AUK_COMPONENT_TOKENIZER] = {"tokenizer", tokenizers, COUNT(tokenizers)},
    [AUK_COMPONENT_FILTER] = {"filter", filters, COUNT(filters)},
};

const char *auk_component_kind_name(auk_component_kind kind)
{
    return kinds[kind].name;
}

const auk_component_type *const *auk_component_types(auk_component_kind kind, size_t *count)
{
    *count = kinds[kind].count;
    return kinds[kind].types;
}

const auk_component_type *auk_component_type_find(auk_component_kind kind, auk_span name)
{
    for (size_t i = 0; i < kinds[kind].count; i++)
        if (auk_span_is(name, kinds[kind].types[i]->name))
            return kinds[kind].types[i];
    return NULL;
}

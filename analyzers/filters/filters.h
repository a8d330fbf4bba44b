/* filters.h - the rows of components.c that live in this folder; component.h says what they are. */
#ifndef AUK_FILTERS_H
#define AUK_FILTERS_H

#include "component.h"

extern const auk_component_type auk_filter_apostrophe;
extern const auk_component_type auk_filter_arabic_normalization;
extern const auk_component_type auk_filter_asciifolding;
extern const auk_component_type auk_filter_bengali_normalization;
extern const auk_component_type auk_filter_cjk_bigram;
extern const auk_component_type auk_filter_cjk_width;
extern const auk_component_type auk_filter_classic;
extern const auk_component_type auk_filter_common_grams;
extern const auk_component_type auk_filter_condition;
extern const auk_component_type auk_filter_decimal_digit;
extern const auk_component_type auk_filter_delimited_payload;
extern const auk_component_type auk_filter_dictionary_decompounder;
extern const auk_component_type auk_filter_edge_ngram;
extern const auk_component_type auk_filter_elision;
extern const auk_component_type auk_filter_fingerprint;
extern const auk_component_type auk_filter_flatten_graph;
extern const auk_component_type auk_filter_german_normalization;
extern const auk_component_type auk_filter_hindi_normalization;
extern const auk_component_type auk_filter_hunspell;
extern const auk_component_type auk_filter_hyphenation_decompounder;
extern const auk_component_type auk_filter_icu_folding;
extern const auk_component_type auk_filter_icu_normalizer;
extern const auk_component_type auk_filter_icu_transform;
extern const auk_component_type auk_filter_indic_normalization;
extern const auk_component_type auk_filter_keep_types;
extern const auk_component_type auk_filter_keep_words;
extern const auk_component_type auk_filter_keyword_marker;
extern const auk_component_type auk_filter_keyword_repeat;
extern const auk_component_type auk_filter_length;
extern const auk_component_type auk_filter_limit;
extern const auk_component_type auk_filter_lowercase;
/* Lower case as in most languages: of ASCII, each letter by itself. */
bool auk_filter_is_plain_lowercase(const auk_component *filter);
extern const auk_component_type auk_filter_min_hash;
extern const auk_component_type auk_filter_multiplexer;
extern const auk_component_type auk_filter_ngram;
extern const auk_component_type auk_filter_pattern_capture;
extern const auk_component_type auk_filter_pattern_replace;
extern const auk_component_type auk_filter_persian_normalization;
extern const auk_component_type auk_filter_phonetic;
extern const auk_component_type auk_filter_porter_stem;
extern const auk_component_type auk_filter_possessive_english;
extern const auk_component_type auk_filter_predicate_token_filter;
extern const auk_component_type auk_filter_remove_duplicates;
extern const auk_component_type auk_filter_reverse;
extern const auk_component_type auk_filter_scandinavian_folding;
extern const auk_component_type auk_filter_scandinavian_normalization;
extern const auk_component_type auk_filter_serbian_normalization;
extern const auk_component_type auk_filter_shingle;
extern const auk_component_type auk_filter_snowball;
extern const auk_component_type auk_filter_sorani_normalization;
extern const auk_component_type auk_filter_stemmer;
extern const auk_component_type auk_filter_stemmer_override;
extern const auk_component_type auk_filter_stop;
extern const auk_component_type auk_filter_synonym;
extern const auk_component_type auk_filter_synonym_graph;
extern const auk_component_type auk_filter_trim;
extern const auk_component_type auk_filter_truncate;
extern const auk_component_type auk_filter_unique;
extern const auk_component_type auk_filter_uppercase;
extern const auk_component_type auk_filter_word_delimiter;
extern const auk_component_type auk_filter_word_delimiter_graph;

/* The stop filter's state, for an analyzer; fallback names the list where "stopwords" is not set.
 */
AUK_MUST_CHECK auk_code auk_filter_stop_compile(const auk_definition *definition, auk_span fallback,
                                                const void **state, auk_error *err);

/* keyword_marker's state for words that are known: "stem_exclusion". */
const void *auk_keyword_marker_of(auk_arena *arena, const auk_span *words, size_t count);

#endif

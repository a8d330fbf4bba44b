/* filters.h - the rows of components.c that live in this folder; component.h says what they are. */
#ifndef AUK_FILTERS_H
#define AUK_FILTERS_H

#include "component.h"

extern const auk_component_type auk_filter_lowercase;
extern const auk_component_type auk_filter_uppercase;
extern const auk_component_type auk_filter_asciifolding;
extern const auk_component_type auk_filter_stop;
extern const auk_component_type auk_filter_stemmer;
extern const auk_component_type auk_filter_snowball;
extern const auk_component_type auk_filter_porter_stem;
extern const auk_component_type auk_filter_possessive_english;
extern const auk_component_type auk_filter_keyword_marker;
extern const auk_component_type auk_filter_unique;
extern const auk_component_type auk_filter_length;
extern const auk_component_type auk_filter_truncate;
extern const auk_component_type auk_filter_trim;
extern const auk_component_type auk_filter_reverse;
extern const auk_component_type auk_filter_edge_ngram;
extern const auk_component_type auk_filter_ngram;

#endif

/* char_filters.h - the rows of components.c that live in this folder; component.h says what they
 * are. */
#ifndef AUK_CHAR_FILTERS_H
#define AUK_CHAR_FILTERS_H

#include "component.h"

extern const auk_component_type auk_char_filter_html_strip;
extern const auk_component_type auk_char_filter_icu_normalizer;
extern const auk_component_type auk_char_filter_mapping;
extern const auk_component_type auk_char_filter_pattern_replace;

#endif

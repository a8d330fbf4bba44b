/* tokenizers.h - the rows of components.c that live in this folder; component.h says what they are.
 */
#ifndef AUK_TOKENIZERS_H
#define AUK_TOKENIZERS_H

#include "component.h"

extern const auk_component_type auk_tokenizer_char_group;
extern const auk_component_type auk_tokenizer_classic;
extern const auk_component_type auk_tokenizer_edge_ngram;
extern const auk_component_type auk_tokenizer_icu;
extern const auk_component_type auk_tokenizer_icu_alone; /* for the differential test */
extern const auk_component_type auk_tokenizer_keyword;
extern const auk_component_type auk_tokenizer_letter;
extern const auk_component_type auk_tokenizer_lowercase;
extern const auk_component_type auk_tokenizer_ngram;
extern const auk_component_type auk_tokenizer_path_hierarchy;
extern const auk_component_type auk_tokenizer_pattern;
extern const auk_component_type auk_tokenizer_simple_pattern;
extern const auk_component_type auk_tokenizer_simple_pattern_split;
extern const auk_component_type auk_tokenizer_standard;
/* Of its state: units of UTF-16 that a token may have. */
uint32_t auk_tokenizer_standard_most(const void *state);
extern const auk_component_type auk_tokenizer_standard_icu; /* for the differential test */
extern const auk_component_type auk_tokenizer_thai;
extern const auk_component_type auk_tokenizer_uax_url_email;
extern const auk_component_type auk_tokenizer_whitespace;

#endif

/*
 * component.h - what a char filter, a tokenizer and a token filter are made of.
 *
 * A component type is a row of a table: a name, the settings that it takes, a function that
 * compiles them into an immutable state, and one that runs. A component is a type with a name and a
 * state; an analyzer is a list of components.
 *
 *   Lifetime  a state lives in the arena of the analysis (or built analyzer) that compiled it.
 *   Threads   states are immutable once compiled; what changes is in the scratch.
 *   Memory    compile: from definition->arena. Run: from the tokens' arena, never malloc per token.
 *   Errors    compile: AUK_INVALID with Elasticsearch's words. Run: only what ICU or Snowball fails
 * at.
 */
#ifndef AUK_COMPONENT_H
#define AUK_COMPONENT_H

#include "auk/analyzer.h"

struct auk_word_set;
typedef struct auk_binding auk_binding;

typedef enum auk_component_kind {
    AUK_COMPONENT_CHAR_FILTER,
    AUK_COMPONENT_TOKENIZER,
    AUK_COMPONENT_FILTER,
    AUK_COMPONENT_KINDS
} auk_component_kind;

/* "char_filter", "tokenizer", "filter" */
const char *auk_component_kind_name(auk_component_kind kind);

/* The settings of one component while it is compiled: those keys that begin with prefix. */
typedef struct auk_definition {
    auk_span name;
    const auk_settings *settings; /* NULL: all defaults */
    auk_span prefix;              /* "index.analysis.filter.my_stop." */
    auk_arena *arena;             /* where the state goes */
    const auk_synonym_sets *sets; /* NULL: none */
} auk_definition;

const auk_setting *auk_definition_find(const auk_definition *definition, const char *key);
auk_span auk_definition_text(const auk_definition *definition, const char *key, auk_span fallback);
AUK_MUST_CHECK auk_code auk_definition_int(const auk_definition *definition, const char *key,
                                           int64_t fallback, int64_t least, int64_t most,
                                           int64_t *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_definition_bool(const auk_definition *definition, const char *key,
                                            bool fallback, bool *out, auk_error *err);
/* A list, or one text cut at its commas; entries without white space around. In the arena. */
auk_span *auk_definition_list(const auk_definition *definition, const char *key, size_t *count);

/*
 * The list of key, or the lines of the file that path_key names, below auk_analysis_set_directory:
 * empty ones and those that begin with "#" are left out. count is 0 and out NULL: neither is set.
 */
AUK_MUST_CHECK auk_code auk_definition_words(const auk_definition *definition, const char *key,
                                             const char *path_key, auk_span **out, size_t *count,
                                             auk_error *err);
/* The same as a set; NULL: neither is set. */
AUK_MUST_CHECK auk_code auk_definition_set(const auk_definition *definition, const char *key,
                                           const char *path_key, bool ignore_case,
                                           const struct auk_word_set **out, auk_error *err);
/* A file that a setting names, whole. _bytes: not looked at; else it is UTF-8. */
AUK_MUST_CHECK auk_code auk_definition_bytes(const auk_definition *definition, const char *path_key,
                                             auk_span *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_definition_file(const auk_definition *definition, const char *path_key,
                                            auk_span *out, auk_error *err);
/* The folder of this name below auk_analysis_set_directory; whether it is there is not looked at.
 */
AUK_MUST_CHECK auk_code auk_definition_folder(const auk_definition *definition, const char *name,
                                              auk_span *out, auk_error *err);
/* A setting of one character: its code point. */
AUK_MUST_CHECK auk_code auk_definition_character(const auk_definition *definition, const char *key,
                                                 uint32_t fallback, uint32_t *out, auk_error *err);

/* A text on its way through the char filters. */
typedef struct auk_rewrite {
    auk_span text; /* replaced by the filter */
    auk_arena *arena;
    auk_tokens *tokens; /* whose arena it is, and who says how much there may be */
    auk_analyzer_scratch *scratch;
    /* From offset on in the new text, offset + shift is the offset in the text before. Ascending.
     */
    struct auk_shift *shifts;
    size_t count;
    size_t capacity;
} auk_rewrite;

typedef struct auk_shift {
    uint32_t offset;
    int64_t shift;
} auk_shift;

void auk_rewrite_shift(auk_rewrite *rewrite, uint32_t offset, int64_t shift);
/*
 * The bytes `from`, in the text before and there at `in`, became `to`, at `out` of the new text.
 * Offsets inside go unit by unit of UTF-16, as in Lucene, and stop at the last character that was
 * replaced.
 */
void auk_rewrite_replaced(auk_rewrite *rewrite, auk_span from, size_t in, auk_span to, size_t out);

enum {
    AUK_COMPONENT_PREBUILT = 1,    /* usable by its type's name without a definition */
    AUK_COMPONENT_NORMALIZING = 2, /* rewrites characters only: allowed in normalizers */
    AUK_COMPONENT_SPLITTING = 4,   /* several tokens of one: no rule of synonyms goes through it */
    AUK_COMPONENT_NOT_FOR_SYNONYMS = 8 /* rules of synonyms go past it */
};

typedef struct auk_component_type {
    const char *name;
    unsigned flags;
    const char *const *settings; /* names it takes besides "type", up to a NULL; NULL: none */

    /* NULL: no state. */
    auk_code (*compile)(const auk_definition *definition, const void **state, auk_error *err);

    /* A filter's last word, once its place in a chain is known (binding.h); NULL: needs none. */
    auk_code (*bind)(const struct auk_binding *binding, const void *state, const void **out,
                     auk_error *err);

    /* The one that belongs to its kind is set. */
    auk_code (*rewrite)(const void *state, auk_rewrite *text, auk_error *err);
    auk_code (*tokenize)(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                         auk_tokens *tokens, auk_error *err);
    auk_code (*filter)(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                       auk_error *err);
} auk_component_type;

typedef struct auk_component {
    const auk_component_type *type;
    auk_span name;
    const void *state;
    bool search_only; /* "updateable": its rules may change, so nothing is indexed through it */
} auk_component;

/* All types of a kind. components.c has the rows. */
const auk_component_type *const *auk_component_types(auk_component_kind kind, size_t *count);
const auk_component_type *auk_component_type_find(auk_component_kind kind, auk_span name);

#endif

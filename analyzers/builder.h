/*
 * builder.h - names and settings to compiled components and analyzers.
 *
 *   Lifetime  what is built lives in builder->arena.   Threads  one.   Memory  that arena.
 *   Errors    AUK_INVALID in Elasticsearch's words.
 */
#ifndef AUK_BUILDER_H
#define AUK_BUILDER_H

#include "chain.h"

/* A growing array in an arena. */
typedef struct auk_component_list {
    auk_component *items;
    size_t count;
    size_t capacity;
} auk_component_list;

typedef struct auk_builder {
    auk_arena *arena;
    const auk_settings *settings;    /* NULL: none */
    const auk_component_list *named; /* what the index defines, one list a kind; NULL: nothing */
    const auk_synonym_sets *sets;    /* NULL: none */
} auk_builder;

auk_component *auk_component_list_add(auk_component_list *list, auk_arena *arena);

/* What the settings of an index define; one list a kind. */
const auk_component_list *auk_analysis_named(const auk_analysis *analysis);

/* Copies the name too. The settings of the definition are checked against those the type takes. */
AUK_MUST_CHECK auk_code auk_builder_compile(const auk_builder *builder, auk_component_kind kind,
                                            const auk_component_type *type, auk_span name,
                                            auk_span prefix, auk_component *out, auk_error *err);

/* Compiles "index.analysis.KIND.name.*". */
AUK_MUST_CHECK auk_code auk_builder_define(const auk_builder *builder, auk_component_kind kind,
                                           auk_span name, auk_span prefix, auk_component *out,
                                           auk_error *err);

/* Defined or prebuilt. AUK_OK with out->type NULL: there is none of that name. */
AUK_MUST_CHECK auk_code auk_builder_find(const auk_builder *builder, auk_component_kind kind,
                                         auk_span name, auk_component *out, auk_error *err);

/* Adds "did you mean [x]?" from the names that auk_builder_find knows, or from all types. */
void auk_builder_hint_name(const auk_builder *builder, auk_component_kind kind, auk_span name,
                           auk_error *err);
void auk_builder_hint_type(auk_component_kind kind, auk_span type, auk_error *err);
/* false: nothing is known of such an analyzer of Elasticsearch's. */
bool auk_builder_hint_analyzer(auk_span name, auk_error *err);
void auk_builder_hint(auk_span given, const auk_span *names, size_t count, auk_error *err);

/* Refuses keys below prefix that are neither allowed (up to a NULL) nor "type" or "version". */
AUK_MUST_CHECK auk_code auk_builder_check(const auk_builder *builder, auk_span prefix,
                                          const char *const *allowed, auk_error *err);

/* Compiles "index.analysis.analyzer.name.*" or a built-in one; analyzers.c has the types. */
AUK_MUST_CHECK auk_code auk_builder_analyzer(const auk_builder *builder, auk_span name,
                                             auk_span prefix, auk_analyzer **out, auk_error *err);
AUK_MUST_CHECK auk_code auk_builder_normalizer(const auk_builder *builder, auk_span name,
                                               auk_span prefix, auk_analyzer **out, auk_error *err);

/* The names of the built-in analyzers and normalizers. */
const auk_span *auk_builder_analyzer_names(size_t *count);
const auk_span *auk_builder_normalizer_names(size_t *count);

#endif

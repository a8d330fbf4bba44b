/* resolve_private.h - what the files of the resolver share; see resolve.h. */
#ifndef AUK_RESOLVE_PRIVATE_H
#define AUK_RESOLVE_PRIVATE_H

#include "resolve.h"

/* A new plan node of that kind. */
auk_plan *auk_plan_create(auk_resolver *resolver, auk_plan_kind kind, float boost);
auk_plan *auk_plan_none(auk_resolver *resolver);
/* A BM25 term with a slot of its own. text is copied. */
auk_plan *auk_plan_term_create(auk_resolver *resolver, const auk_field *field, auk_span text,
                               float boost);
uint32_t auk_plan_slot_add(auk_resolver *resolver, uint16_t number, auk_span text);
auk_plan_list auk_plan_list_create(auk_resolver *resolver, uint32_t capacity);
void auk_plan_list_add(auk_plan_list *list, const auk_plan *plan);
/* The same where the number was not known: room grows by doubling. */
void auk_plan_list_push(auk_resolver *resolver, auk_plan_list *list, const auk_plan *plan);
/* Any of the items, which are sorted in place; constant score. */
auk_plan *auk_plan_terms_create(auk_resolver *resolver, const auk_field *field, auk_span *items,
                                uint32_t count, float boost);
/* Counts against the limit of clauses. */
auk_code auk_resolver_count_clause(auk_resolver *resolver, auk_error *err);
auk_code auk_resolver_fail(auk_error *err, auk_code code);
/* Characters of a text. */
size_t auk_resolver_letters(auk_span text);

/* resolve.c; boost is that of all ancestors */
auk_code auk_resolve_one(auk_resolver *resolver, const auk_query *query, float boost,
                         const auk_plan **out, auk_error *err);

/* resolve_term.c */
auk_code auk_resolve_value(auk_resolver *resolver, const auk_field *field, const auk_json *value,
                           float boost, const auk_plan **out, auk_error *err);
auk_code auk_resolve_term(auk_resolver *resolver, const auk_query *query, float boost,
                          const auk_plan **out, auk_error *err);
auk_code auk_resolve_terms(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);
auk_code auk_resolve_prefix(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err);
auk_code auk_resolve_range(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);
auk_code auk_resolve_exists(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err);
auk_code auk_resolve_ids(auk_resolver *resolver, const auk_query *query, float boost,
                         const auk_plan **out, auk_error *err);

auk_code auk_resolve_wildcard(auk_resolver *resolver, const auk_query *query, float boost,
                              const auk_plan **out, auk_error *err);

auk_code auk_resolve_fuzzy(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);
auk_code auk_resolve_regexp(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err);

/* A bool of one clause is that clause, as Lucene rewrites it. */
const auk_plan *auk_plan_simplify(auk_resolver *resolver, auk_plan *plan);

/* resolve_chain.c */
auk_code auk_resolve_chain(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);
auk_code auk_resolve_steps(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);

/* resolve_fields.c */
typedef struct auk_weighted_field {
    const auk_field *field;
    float boost;
} auk_weighted_field;
/* What names and patterns stand for; none: the index's default. suffix: fields whose names are
 * there with it are meant. *lenient: becomes true for those that "*" stands for. */
void auk_resolver_list_fields(auk_resolver *resolver, const auk_query_field *names, uint32_t count,
                              auk_span suffix, auk_weighted_field **out, uint32_t *out_count,
                              bool *lenient);
auk_code auk_resolve_each_field(auk_resolver *resolver, const auk_query *query, float boost,
                                const auk_plan **out, auk_error *err);

/* resolve_text.c; query: the name to say that it is not there */
auk_code auk_resolver_find_analyzer(const auk_resolver *resolver, auk_span name, const char *query,
                                    const auk_analyzer **out, auk_error *err);
auk_code auk_resolve_match(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err);
auk_code auk_resolver_choose_analyzer(const auk_resolver *resolver, const auk_query *query,
                                      const auk_field *field, const auk_analyzer **out,
                                      auk_error *err);
/* The tokens of one text, in the thread's own list, which the resolver's arena pays for while it is
 * large: auk_tokens_trim when the plan is made, and before another text is looked at. */
auk_tokens *auk_resolver_tokens(const auk_resolver *resolver);
/* Of a text without words. */
const auk_plan *auk_plan_without_words(auk_resolver *resolver, const auk_match_options *options,
                                       float boost);
/* resolve_cross.c */
auk_code auk_resolve_cross_fields(auk_resolver *resolver, const auk_query *query, float boost,
                                  const auk_plan **out, auk_error *err);
/* resolve_text.c */
auk_code auk_resolve_multi_match(auk_resolver *resolver, const auk_query *query, float boost,
                                 const auk_plan **out, auk_error *err);

#endif

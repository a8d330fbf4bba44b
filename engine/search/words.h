/*
 * words.h - the tokens of a query's text become a plan, as Lucene's QueryBuilder makes a query.
 *
 *   one word              that term
 *   words at one place    a pseudo-term of all of them (SYNONYM)
 *   words in a row        clauses of a bool, or a phrase
 *   a graph               without phrases: cut by cut, side paths as alternatives, each a phrase
 *                         (auto_generate_synonyms_phrase_query) or all of its words;
 *                         for phrases: any of its paths
 *   last word a prefix    its expansions in a phrase, a constant prefix in a bool
 *   a fuzzy word          the words near it (fuzzy.h)
 *   across fields         of each word or phrase the best of the fields
 *
 *   Lifetime  plans in the resolver's arena.   Threads  the resolver's.   Memory  arena.
 *   Errors    too_many_clauses when paths multiply; a phrase on a field without positions.
 */
#ifndef AUK_WORDS_H
#define AUK_WORDS_H

#include "resolve_private.h"

typedef enum auk_words_mode {
    AUK_WORDS_BOOLEAN,
    AUK_WORDS_BOOLEAN_PREFIX,
    AUK_WORDS_PHRASE,
    AUK_WORDS_PHRASE_PREFIX
} auk_words_mode;

/* Fields that are searched as one: each word in any of them, scored as if all were one field. */
typedef struct auk_words_across {
    const auk_weighted_field *fields;
    uint32_t count;
    float tie_breaker;
    bool lenient; /* words that a field cannot hold match nothing there */
} auk_words_across;

typedef struct auk_words {
    auk_resolver *resolver;
    const auk_field *field;
    auk_words_mode mode;
    bool all;              /* of a bool: every word */
    bool paths_as_phrases; /* side paths of several words */
    auk_span minimum_should_match;
    uint32_t slop, max_expansions;         /* of phrases */
    const auk_fuzzy_options *fuzzy;        /* of words by themselves; NULL: as they are */
    const struct auk_words_across *across; /* several fields as one; NULL: `field` alone */
    float boost;
} auk_words;

/* *out NULL: there are no tokens. */
AUK_MUST_CHECK auk_code auk_words_plan(const auk_words *words, const auk_tokens *tokens,
                                       const auk_plan **out, auk_error *err);

/* Words at one place, where there are fields across. */
AUK_MUST_CHECK auk_code auk_words_place_across(const auk_words *words, const auk_token *items,
                                               size_t count, const auk_plan **out, auk_error *err);
/* The best of them, by the tie breaker across; NONE of none. */
const auk_plan *auk_words_best(const auk_words *words, const auk_plan_list *plans);

/* The first `most` terms of a field that begin with prefix, in each shard of the resolver's. */
AUK_MUST_CHECK auk_code auk_words_expand(auk_resolver *resolver, const auk_field *field,
                                         auk_span prefix, uint32_t most, auk_span **out,
                                         uint32_t *count, auk_error *err);

#endif

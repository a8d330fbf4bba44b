/*
 * synonym_map.h - rules of synonyms, ready to be matched: sequences of words to sequences of words.
 *
 * A rule's sides go through the analyzer that stands in front of the filter, so that its words are
 * those that the filter will meet. Rules are in Solr's format ("a, b c", "a => b, c d") or
 * WordNet's
 * ("s(1,1,'word',n,1,0).").
 *
 *   Lifetime  that of its arena.   Threads  immutable: any.   Memory  in that arena.
 *   Errors    AUK_INVALID, with the line.
 */
#ifndef AUK_SYNONYM_MAP_H
#define AUK_SYNONYM_MAP_H

#include "auk/analyzer.h"

typedef struct auk_synonym_path {
    const auk_span *words;
    uint32_t count;
} auk_synonym_path;

/* What a matched sequence becomes. */
typedef struct auk_synonym_match {
    const auk_synonym_path *paths;
    uint32_t count; /* 0: nothing ends here */
    bool keep;      /* the matched words stay, too */
} auk_synonym_match;

typedef struct auk_synonym_map auk_synonym_map;

typedef struct auk_synonym_rules {
    const auk_span *lines;
    size_t count;
    bool wordnet;
    bool expand;
    bool lenient; /* leaves out what cannot be read */
} auk_synonym_rules;

AUK_MUST_CHECK auk_code auk_synonym_map_create(auk_arena *arena, const auk_synonym_rules *rules,
                                               const auk_analyzer *analyzer,
                                               const auk_synonym_map **out, auk_error *err);

/* The longest match at items[0]; returns how many tokens it takes, 0 for none. */
size_t auk_synonym_map_match(const auk_synonym_map *map, const auk_token *items, size_t count,
                             const auk_synonym_match **out);

#endif

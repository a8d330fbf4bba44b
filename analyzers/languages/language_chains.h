/*
 * language_chains.h - the analyzers of languages as data: the filters behind their tokenizer.
 *
 * A stage is the name of a filter, or of a char filter, with its settings, "snowball
 * language=Danish". Two stand for the analyzer's own settings: "stop" (stopwords, else the
 * language's list), "exclude" (stem_exclusion).
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_LANGUAGE_CHAINS_H
#define AUK_LANGUAGE_CHAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "auk/span.h"

enum { AUK_LANGUAGE_STAGES = 10 };

typedef struct auk_language_chain {
    auk_span name;
    const char *stages[AUK_LANGUAGE_STAGES]; /* up to a NULL */
} auk_language_chain;

extern const auk_language_chain auk_language_chains[];
extern const size_t auk_language_chain_count;

/* NULL: no such language. */
const auk_language_chain *auk_language_chain_find(auk_span name);

/* Does it take stem_exclusion? */
bool auk_language_chain_excludes(const auk_language_chain *chain);

#endif

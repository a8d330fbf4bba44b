/*
 * stop_words.h - lists of stop words by name, and the setting "stopwords" that names or holds one.
 *
 *   Lifetime  the set: that of the definition's arena.   Threads  any.   Memory  in that arena.
 *   Errors    AUK_INVALID for a name in underscores that is no list.
 */
#ifndef AUK_STOP_WORDS_H
#define AUK_STOP_WORDS_H

#include "component.h"
#include "word_set.h"

/* fallback: when there is no such setting. out is NULL for "_none_". */
AUK_MUST_CHECK auk_code auk_stop_words_read(const auk_definition *definition, auk_span fallback,
                                            bool ignore_case, const auk_word_set **out,
                                            auk_error *err);

#endif

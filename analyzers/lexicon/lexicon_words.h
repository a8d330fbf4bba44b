/*
 * lexicon_words.h - the words of ICU's dictionaries, one after the other; ICU's door for them.
 *
 * ICU keeps them in its data as tries; which script has which is told by a table there. A script
 * that ICU cuts by a trained model in place of a dictionary has none here.
 *
 *   Lifetime  none.   Threads  any.   Memory  ICU's, for the call.   Errors  false, see below.
 */
#ifndef AUK_LEXICON_WORDS_H
#define AUK_LEXICON_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A word in UTF-16, for the call, and what it costs; 0 where words have no costs. */
typedef void (*auk_lexicon_word)(void *context, const uint16_t *units, size_t count, int32_t cost);

/*
 * Tells of all words in the order of their units. script is ICU's name in its table: "Hani" for
 * Chinese and Japanese, "Thai", "Laoo", "Khmr", "Mymr".
 *
 * False when ICU has no dictionary for it, or one in a form that this does not know.
 */
bool auk_lexicon_each_word(const char *script, auk_lexicon_word word, void *context);

#ifdef __cplusplus
}
#endif

#endif

/*
 * porter.h - M. F. Porter's stemmer of 1980 with its author's later departures, as Lucene has it.
 *
 * The departures: words of one or two letters stay, "bli" becomes "ble" (not "abli" "able"), and
 * "logi" becomes "log". Snowball's "porter" is the algorithm without them, which is why this one is
 * our own.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_PORTER_H
#define AUK_PORTER_H

#include <stddef.h>

/*
 * Stems a word in lower case in place and returns its new size, which is never larger. A byte
 * stands for a character: whatever is not an English vowel counts as a consonant.
 */
size_t auk_porter_stem(char *word, size_t size);

#endif

/*
 * hunspell.h - libhunspell's door: words to the stems that a dictionary of it knows.
 *
 * A dictionary is a folder with one .aff file, one .dic file or more, and perhaps settings.yml with
 * "ignore_case: true". It is loaded once for all indices that use it, as it was then.
 *
 *   Lifetime  _open .. _close, counted.
 *   Threads   any: libhunspell serves one at a time, so calls wait for each other.
 *   Memory    libhunspell's own, some ten MB a dictionary; _stems appends to out.
 *   Errors    AUK_INVALID for a folder that holds no dictionary.
 */
#ifndef AUK_HUNSPELL_H
#define AUK_HUNSPELL_H

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_hunspell auk_hunspell;

/*
 * folder   where locale is a folder below; locale is one name, no path
 * only     names of .dic files; count 0: all there are
 */
AUK_MUST_CHECK auk_code auk_hunspell_open(auk_span folder, auk_span locale, const auk_span *only,
                                          size_t count, auk_hunspell **out, auk_error *err);
void auk_hunspell_close(auk_hunspell *hunspell); /* NULL is fine */

/* Differs from that of any other in this process, and of this one after the last _close. */
uint64_t auk_hunspell_id(const auk_hunspell *hunspell);

/*
 * Appends the stems, a zero byte after each, and returns how many: 0 for a word that is not known,
 * is longer than libhunspell takes, or holds a zero byte. Of a word that begins with a capital
 * those that do come first, as in Lucene.
 */
size_t auk_hunspell_stems(auk_hunspell *hunspell, auk_span word, auk_buffer *out);

#endif

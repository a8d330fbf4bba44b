/*
 * hyphenation.h - where a word may be cut, by the patterns of F. M. Liang ("Word hy-phen-a-tion by
 * com-put-er", 1983) in a file of FOP's XML:
 *
 *      <hyphenation-info>
 *        <classes>aA bB cC ...</classes>            letters, and what they count as
 *        <exceptions>ta-ble as-so-ciate</exceptions>
 *        <patterns>.ach4 a1bc b3c ...</patterns>    odd: cut here, even: do not; the highest wins
 *      </hyphenation-info>
 *
 *   Lifetime  that of the arena.   Threads  immutable.   Memory  the arena; _points: none.
 *   Errors    AUK_INVALID for what is no such file.
 */
#ifndef AUK_HYPHENATION_H
#define AUK_HYPHENATION_H

#include "auk/arena.h"
#include "auk/error.h"
#include "utf16.h"

typedef struct auk_hyphenation auk_hyphenation;

/* file  its bytes, in UTF-8 or in the encoding that its first line names (US-ASCII, ISO-8859-1) */
AUK_MUST_CHECK auk_code auk_hyphenation_read(auk_arena *arena, auk_span file,
                                             const auk_hyphenation **out, auk_error *err);

/* Words of more units are not cut. */
enum { AUK_HYPHENATION_LONGEST = 1024 };

/*
 * Where the word may be cut, its two ends included, in UTF-16 units; returns how many, 0 when there
 * is no place inside. As in Lucene, the end does not count what stands before the first letter.
 */
int auk_hyphenation_points(const auk_hyphenation *hyphenation, const auk_utf16 *word,
                           int32_t points[AUK_HYPHENATION_LONGEST + 2]);

#endif

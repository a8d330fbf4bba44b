/*
 * lexicon.h - the words of a script that is written without spaces, for fast look-ups.
 *
 * ICU's own tries are small and slow: a character costs a search among its followers. Here it costs
 * mostly one read. A front of words (the empty one to begin with) has a region of cells, one for
 * each character that may follow and some free ones; characters stand there by a hash that no two
 * of them share, in ascending order, at or soon behind the place that the hash as a fraction of the
 * region says.
 *
 *    63     48 47     38 37        24 23       0
 *   +---------+---------+------------+----------+
 *   | hash of | cost    | cells of   | where    |    0: free
 *   | the     | + 1, or | the longer | its      |
 *   | last    | 0: no   | front's    | region   |
 *   | charac- | word    | region, or | begins   |
 *   | ter     |         | 0: none    |          |
 *   +---------+---------+------------+----------+
 *
 *   Lifetime  made at first use, as long as the process.   Threads  any.
 *   Memory    8 bytes a cell: Chinese and Japanese 4.9 MB, Thai 0.7, Lao 0.9, Khmer 2.4, Burmese
 *             1.5; one for all threads, and none before its script is met.
 *   Errors    NULL for what ICU has no dictionary of.
 */
#ifndef AUK_LEXICON_H
#define AUK_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum auk_lexicon_id {
    AUK_LEXICON_CJ,
    AUK_LEXICON_THAI,
    AUK_LEXICON_LAO,
    AUK_LEXICON_KHMER,
    AUK_LEXICON_BURMESE,
    AUK_LEXICON_COUNT
} auk_lexicon_id;

typedef struct auk_lexicon {
    const uint64_t *cells;
    size_t count;
    uint32_t first_cells; /* of the empty front, which begin at 0 */
} auk_lexicon;

/* NULL: none here. */
const auk_lexicon *auk_lexicon_get(auk_lexicon_id id);

typedef struct auk_lexicon_front {
    uint32_t start;
    uint32_t cells; /* 0: no word is longer */
    uint32_t cost;  /* plus one; 0: no word ends here */
} auk_lexicon_front;

static inline auk_lexicon_front auk_lexicon_begin(const auk_lexicon *lexicon)
{
    return (auk_lexicon_front){0, lexicon->first_cells, 0};
}

/* The factor is odd, so no two characters share a hash, and only U+0000 has 0. */
static inline uint32_t auk_lexicon_hash(uint32_t character)
{
    return character * 0x9e37u & 0xffff;
}

/* Adds a character; false, the front unchanged: no word begins so. */
static inline bool auk_lexicon_step(const auk_lexicon *lexicon, auk_lexicon_front *front,
                                    uint32_t character)
{
    uint32_t hash = auk_lexicon_hash(character);
    const uint64_t *cell = lexicon->cells + front->start + (hash * front->cells >> 16);
    const uint64_t *end = lexicon->cells + front->start + front->cells;
    while (cell < end && *cell >> 48 < hash && *cell != 0)
        cell++;
    if (cell == end || *cell >> 48 != hash)
        return false;
    *front = (auk_lexicon_front){(uint32_t)(*cell & 0xffffff), (uint32_t)(*cell >> 24 & 0x3fff),
                                 (uint32_t)(*cell >> 38 & 0x3ff)};
    return true;
}

#endif

#include "auk/nearest.h"

/* Names are short; a longer text is no typing mistake, and the work stays bounded. */
#define LONGEST 64u

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Restricted Damerau-Levenshtein: three rows of the classic table. */
static size_t distance(auk_span a, auk_span b)
{
    size_t rows[3][2 * LONGEST + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b.size; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t replaced = above[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.size];
}

auk_span auk_nearest(auk_span given, const auk_span *names, size_t count)
{
    auk_span best = {0};
    if (given.size == 0 || given.size > LONGEST)
        return best;
    size_t limit = 1 + given.size / 4;
    for (size_t i = 0; i < count; i++) {
        if (names[i].size > given.size + limit || given.size > names[i].size + limit)
            continue;
        size_t d = distance(given, names[i]);
        if (d < limit || (d == limit && best.data == NULL)) {
            best = names[i];
            limit = d;
        }
    }
    return best;
}

/* pattern.c - names with '*' in them. */
#include "auk/mapping.h"

/* As if ".*" stood at the pattern's end. */
static inline char byte_at(auk_span pattern, size_t p)
{
    return p < pattern.size ? pattern.data[p] : p == pattern.size ? '.' : '*';
}

/*
 * Greedy with one point of return: after a mismatch only the latest '*' needs to take one byte
 * more, because whatever an earlier one could take, the latest can take as well. So the walk is at
 * worst pattern x text.
 */
static bool matches(auk_span pattern, bool below, auk_span text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0, size = pattern.size + (below ? 2 : 0);
    while (t < text.size) {
        if (p < size && byte_at(pattern, p) == '*') {
            star = p++;
            resume = t;
        } else if (p < size && byte_at(pattern, p) == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < size && byte_at(pattern, p) == '*')
        p++;
    return p == size;
}

bool auk_pattern_matches(auk_span pattern, auk_span text)
{
    return matches(pattern, false, text);
}

bool auk_pattern_covers(auk_span pattern, auk_span path)
{
    return matches(pattern, false, path) || matches(pattern, true, path);
}

/* pattern.c - names with '*' in them. */
#include "auk/mapping.h"

/*
 * Greedy with one point of return: after a mismatch only the latest '*' needs to take one byte
 * more, because whatever an earlier one could take, the latest can take as well. So the walk is at
 * worst pattern x text.
 */
bool auk_pattern_matches(auk_span pattern, auk_span text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.size) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '*')
        p++;
    return p == pattern.size;
}

#include "wildcard.h"

#include <ctype.h>

static size_t character_size(auk_span text, size_t at)
{
    size_t size = 1;
    while (at + size < text.size && ((unsigned char)text.data[at + size] & 0xc0) == 0x80)
        size++;
    return size;
}

static bool same_byte(char a, char b, bool any_case)
{
    return a == b || (any_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/* One byte of the pattern that stands for itself; *at: behind it, its escape included. */
static bool takes_byte(auk_span pattern, size_t *at, char byte, bool any_case)
{
    size_t i = *at;
    if (i < pattern.size && pattern.data[i] == '\\' && i + 1 < pattern.size)
        i++;
    if (i >= pattern.size || !same_byte(pattern.data[i], byte, any_case))
        return false;
    *at = i + 1;
    return true;
}

/* Only the last '*' is ever gone back to: what an earlier one could take as well, it took. */
bool auk_wildcard_matches(auk_span pattern, auk_span text, bool any_case)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    for (;;) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = ++p;
            star_text = t;
        } else if (t == text.size) {
            return p == pattern.size;
        } else if (p < pattern.size && pattern.data[p] == '?') {
            p++;
            t += character_size(text, t);
        } else if (takes_byte(pattern, &p, text.data[t], any_case)) {
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            star_text += character_size(text, star_text);
            t = star_text;
        } else {
            return false;
        }
    }
}

size_t auk_wildcard_least(auk_span pattern)
{
    size_t least = 0;
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] == '\\' && i + 1 < pattern.size)
            i++;
        else if (pattern.data[i] == '*')
            continue;
        least++;
    }
    return least;
}

auk_span auk_wildcard_beginning(auk_span pattern, auk_arena *arena)
{
    char *out = auk_arena_alloc(arena, pattern.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < pattern.size; i++) {
        if (pattern.data[i] == '*' || pattern.data[i] == '?')
            break;
        if (pattern.data[i] == '\\' && i + 1 < pattern.size)
            i++;
        out[size++] = pattern.data[i];
    }
    return auk_span_make(out, size);
}

/* The way back from a text that a char filter made to the one before. */
#include <string.h>

#include "component.h"
#include "token_list.h"
#include "unicode.h"

void auk_rewrite_shift(auk_rewrite *rewrite, uint32_t offset, int64_t shift)
{
    if (rewrite->count == rewrite->capacity) {
        size_t capacity = rewrite->capacity ? rewrite->capacity * 2 : 32;
        if (!auk_tokens_admit(rewrite->tokens, capacity * sizeof(auk_shift)))
            return;
        rewrite->capacity = capacity;
        auk_shift *grown = auk_arena_alloc(rewrite->arena, rewrite->capacity * sizeof *grown);
        if (rewrite->count > 0)
            memcpy(grown, rewrite->shifts, rewrite->count * sizeof *grown);
        rewrite->shifts = grown;
    }
    rewrite->shifts[rewrite->count++] = (auk_shift){offset, shift};
}

static uint32_t units_of(uint32_t character)
{
    return character > 0xffff ? 2 : 1;
}

void auk_rewrite_replaced(auk_rewrite *rewrite, auk_span from, size_t in, auk_span to, size_t out)
{
    const char *from_end = from.data + from.size, *to_end = to.data + to.size;
    const char *old = from.data;
    const char *last = from.data; /* the last character begun */
    uint32_t old_units = 0, new_units = 0;
    if (from.size == 0) /* an insertion belongs to the character before it */
        for (size_t i = in; i > 0 && (last == from.data || auk_unicode_continues(*last)); i--)
            last--;
    int64_t shift = (int64_t)in - (int64_t)out;
    for (const char *at = to.data; at < to_end;) {
        uint32_t character;
        while (old < from_end && old_units <= new_units) {
            last = old;
            old += auk_unicode_next(old, from_end, &character);
            old_units += units_of(character);
        }
        size_t here = out + (size_t)(at - to.data);
        int64_t now = (int64_t)in + (last - from.data) - (int64_t)here;
        if (now != shift)
            auk_rewrite_shift(rewrite, (uint32_t)here, now);
        shift = now;
        at += auk_unicode_next(at, to_end, &character);
        new_units += units_of(character);
    }
    if ((int64_t)(in + from.size) - (int64_t)(out + to.size) != shift)
        auk_rewrite_shift(rewrite, (uint32_t)(out + to.size),
                          (int64_t)(in + from.size) - (int64_t)(out + to.size));
}

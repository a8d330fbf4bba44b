#include "terms_walk.h"

enum { STEPS = 6 };

bool auk_terms_pass(auk_terms_cursor *cursor, char *dead, size_t size)
{
    for (int i = 0; i < STEPS; i++) {
        if (!auk_terms_cursor_next(cursor))
            return false;
        if (!auk_span_starts_with(auk_terms_cursor_text(cursor), auk_span_make(dead, size)))
            return true;
    }
    while (size > 0 && (uint8_t)dead[size - 1] == UINT8_MAX)
        size--;
    if (size == 0)
        return false;
    dead[size - 1] = (char)((uint8_t)dead[size - 1] + 1);
    return auk_terms_cursor_seek(cursor, auk_span_make(dead, size));
}

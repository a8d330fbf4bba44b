/*
 * character_class.h - "letter", "digit", "whitespace", "punctuation", "symbol" and characters of
 * one's own, as the gram and group tokenizers take them.
 *
 *   Lifetime  that of its arena.   Threads  any.   Memory  in that arena.
 *   Errors    AUK_INVALID for a name that is none.
 */
#ifndef AUK_CHARACTER_CLASS_H
#define AUK_CHARACTER_CLASS_H

#include "component.h"

typedef struct auk_character_class {
    uint64_t ascii[2]; /* bit n: character n belongs */
    uint32_t names;
    uint32_t *others; /* beyond ASCII, one by one */
    size_t other_count;
} auk_character_class;

/* False: no such name. */
bool auk_character_class_add_name(auk_character_class *class, auk_span name);
void auk_character_class_add(auk_character_class *class, auk_arena *arena, uint32_t character);
/* Once all is added. */
void auk_character_class_finish(auk_character_class *class);
bool auk_character_class_has_other(const auk_character_class *class, uint32_t character);

static inline bool auk_character_class_has(const auk_character_class *class, uint32_t character)
{
    if (character < 0x80)
        return class->ascii[character >> 6] >> (character & 63) & 1;
    return auk_character_class_has_other(class, character);
}

#endif

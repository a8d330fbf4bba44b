#include "character_class.h"

#include <string.h>

#include "unicode.h"

static bool is_digit(uint32_t character)
{
    return auk_unicode_digit(character) >= 0;
}

static const struct {
    const char *name;
    bool (*has)(uint32_t character);
} classes[] = {
    {"letter", auk_unicode_is_letter},          {"digit", is_digit},
    {"whitespace", auk_unicode_is_white_space}, {"punctuation", auk_unicode_is_punctuation},
    {"symbol", auk_unicode_is_symbol},
};

enum { CLASSES = sizeof classes / sizeof classes[0] };

bool auk_character_class_add_name(auk_character_class *class, auk_span name)
{
    for (size_t i = 0; i < CLASSES; i++)
        if (auk_span_is(name, classes[i].name)) {
            class->names |= 1u << i;
            return true;
        }
    return false;
}

void auk_character_class_add(auk_character_class *class, auk_arena *arena, uint32_t character)
{
    if (character < 0x80) {
        class->ascii[character >> 6] |= UINT64_C(1) << (character & 63);
        return;
    }
    uint32_t *grown = AUK_ARENA_ARRAY(arena, uint32_t, class->other_count + 1);
    if (class->other_count > 0)
        memcpy(grown, class->others, class->other_count * sizeof *grown);
    grown[class->other_count++] = character;
    class->others = grown;
}

void auk_character_class_finish(auk_character_class *class)
{
    for (uint32_t c = 0; c < 0x80; c++)
        for (size_t i = 0; i < CLASSES; i++)
            if ((class->names >> i & 1) && classes[i].has(c))
                class->ascii[c >> 6] |= UINT64_C(1) << (c & 63);
}

bool auk_character_class_has_other(const auk_character_class *class, uint32_t character)
{
    for (size_t i = 0; i < CLASSES; i++)
        if ((class->names >> i & 1) && classes[i].has(character))
            return true;
    for (size_t i = 0; i < class->other_count; i++)
        if (class->others[i] == character)
            return true;
    return false;
}

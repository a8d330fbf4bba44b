#include "stem_word.h"

#include <string.h>

#include "unicode.h"

size_t auk_stem_length(const char16_t *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

static bool is_at(const auk_stem_word *word, size_t place, const char16_t *text, size_t size)
{
    return memcmp(word->at + place, text, size * sizeof *text) == 0;
}

bool auk_stem_begins(const auk_stem_word *word, const char16_t *text)
{
    size_t size = auk_stem_length(text);
    return size <= word->size && is_at(word, 0, text, size);
}

bool auk_stem_ends(const auk_stem_word *word, const char16_t *text)
{
    size_t size = auk_stem_length(text);
    return size <= word->size && is_at(word, word->size - size, text, size);
}

size_t auk_stem_entry_size(const char16_t *entry)
{
    size_t size = 0;
    while (entry[size] && entry[size] != ' ')
        size++;
    return size;
}

bool auk_stem_ends_entry(const auk_stem_word *word, const char16_t *entry, size_t size)
{
    return size <= word->size && is_at(word, word->size - size, entry, size);
}

size_t auk_stem_ends_in(const auk_stem_word *word, const char16_t *list)
{
    while (*list) {
        size_t size = auk_stem_entry_size(list);
        if (size <= word->size && is_at(word, word->size - size, list, size))
            return size;
        list += size + (list[size] == ' ');
    }
    return 0;
}

bool auk_stem_is_one_of(const auk_stem_word *word, const char16_t *list)
{
    while (*list) {
        size_t size = auk_stem_entry_size(list);
        if (size == word->size && is_at(word, 0, list, size))
            return true;
        list += size + (list[size] == ' ');
    }
    return false;
}

void auk_stem_replace(auk_stem_word *word, size_t cut, const char16_t *with)
{
    word->size -= cut < word->size ? cut : word->size;
    for (; with && *with; with++)
        word->at[word->size++] = *with;
}

void auk_stem_cut_front(auk_stem_word *word, size_t count)
{
    word->size -= count;
    memmove(word->at, word->at + count, word->size * sizeof *word->at);
}

void auk_stem_remove(auk_stem_word *word, size_t place)
{
    word->size--;
    memmove(word->at + place, word->at + place + 1, (word->size - place) * sizeof *word->at);
}

void auk_stem_insert(auk_stem_word *word, size_t place, char16_t unit)
{
    memmove(word->at + place + 1, word->at + place, (word->size - place) * sizeof *word->at);
    word->at[place] = unit;
    word->size++;
}

char16_t auk_stem_mapped(char16_t unit, const char16_t *pairs)
{
    for (; unit >= 0x80 && *pairs; pairs += 2)
        if (unit == pairs[0])
            return pairs[1];
    return unit;
}

void auk_stem_map(auk_stem_word *word, const char16_t *pairs)
{
    for (size_t i = 0; i < word->size; i++)
        word->at[i] = auk_stem_mapped(word->at[i], pairs);
}

void auk_stem_undouble(auk_stem_word *word, const char16_t *units)
{
    size_t kept = word->size > 0;
    for (size_t i = 1; i < word->size; i++) {
        char16_t unit = word->at[i];
        bool counts = units ? auk_stem_in(unit, units) : auk_stem_is_letter(unit);
        if (unit != word->at[kept - 1] || !counts)
            word->at[kept++] = unit;
    }
    word->size = kept;
}

bool auk_stem_is_letter(char16_t unit)
{
    return auk_unicode_is_letter(unit);
}

bool auk_stem_apply(auk_stem_word *word, const auk_stem_rule *rules, size_t count)
{
    for (const auk_stem_rule *rule = rules; rule < rules + count; rule++) {
        size_t size = word->size > rule->longer_than ? auk_stem_ends_in(word, rule->endings) : 0;
        if (size == 0)
            continue;
        auk_stem_replace(word, rule->cut ? rule->cut : size, rule->with);
        return true;
    }
    return false;
}

/*
 * The German2 variant of Snowball's German stemmer (M. F. Porter): ae, oe and ue are umlauts,
 * unless behind a q or where the u stands between vowels. The German stemmer goes on from there.
 */
#include "light_stemmers.h"

static bool is_vowel(const auk_stem_word *word, size_t i)
{
    return i < word->size && auk_stem_in(word->at[i], u"aeiouyäöü");
}

/* Marks a u between two vowels by its capital. */
static void mark(auk_stem_word *word)
{
    for (size_t i = 0; i + 2 < word->size; i++) {
        if (!is_vowel(word, i) || !auk_stem_in(word->at[i + 1], u"uy") || !is_vowel(word, i + 2))
            continue;
        if (word->at[i + 1] == 'u')
            word->at[i + 1] = 'U';
        i += 2;
    }
}

void auk_stem_before_german2(auk_stem_word *word)
{
    mark(word);
    for (size_t i = 0; i + 1 < word->size; i++) {
        static const char16_t pairs[] = u"aäoöuü";
        if (word->at[i] == 'q' && word->at[i + 1] == 'u') {
            i++;
            continue;
        }
        for (const char16_t *pair = pairs; *pair && word->at[i + 1] == 'e'; pair += 2)
            if (word->at[i] == pair[0]) {
                word->at[i] = pair[1];
                auk_stem_remove(word, i + 1);
                break;
            }
    }
    for (size_t i = 0; i < word->size; i++)
        if (word->at[i] == 'U')
            word->at[i] = 'u';
}

/*
 * Bengali: N. UzZaman and M. Khan, "A Double Metaphone Encoding for Bangla and its Application in
 * Spelling Checker", 2005, in the part that Lucene follows: letters that sound alike.
 */
#include "normalize.h"

enum {
    CANDRABINDU = 0x981,
    ANUSVARA = 0x982,
    VISARGA = 0x983,
    KA = 0x995,
    KHA = 0x996,
    NGA = 0x999,
    BA = 0x9ac,
    YA = 0x9af,
    HA = 0x9b9,
    AA_SIGN = 0x9be,
    I_SIGN = 0x9bf,
    E_SIGN = 0x9c7,
    VIRAMA = 0x9cd
};

static bool is_at(const auk_stem_word *word, size_t place, char16_t unit)
{
    return place < word->size && word->at[place] == unit;
}

/* The letter at place and the one before go; the place of the next. */
static size_t remove_pair(auk_stem_word *word, size_t place)
{
    auk_stem_remove(word, place);
    auk_stem_remove(word, place - 1);
    return place - 1;
}

/* Ka, virama, i: the cluster of "kkh". */
static void cluster_ka(auk_stem_word *word, size_t place)
{
    if (!is_at(word, place + 1, VIRAMA) || !is_at(word, place + 2, I_SIGN))
        return;
    auk_stem_remove(word, place + 2);
    if (place > 0) {
        word->at[place + 1] = KHA;
    } else {
        word->at[place] = KHA;
        auk_stem_remove(word, place + 1);
    }
}

/* Ya as the second of a cluster; the place of the next letter. */
static size_t joined_ya(auk_stem_word *word, size_t place)
{
    if (place == 0 || word->at[place - 1] != VIRAMA)
        return place + 1;
    if (place != 2)
        return remove_pair(word, place);
    word->at[1] = E_SIGN;
    if (is_at(word, 3, AA_SIGN))
        auk_stem_remove(word, 3);
    auk_stem_remove(word, 2);
    return 2;
}

static size_t joined_ba(auk_stem_word *word, size_t place)
{
    if (place == 0 || word->at[place - 1] != VIRAMA)
        return place + 1;
    if (place == 2 || (place >= 5 && word->at[place - 3] == VIRAMA))
        return remove_pair(word, place);
    if (place < 2)
        return place + 1;
    word->at[place - 1] = word->at[place - 2];
    auk_stem_remove(word, place);
    return place;
}

static size_t visarga(auk_stem_word *word, size_t place)
{
    if (place + 1 < word->size)
        word->at[place] = word->at[place + 1];
    else if (word->size <= 3)
        word->at[place] = HA;
    else
        word->size--;
    return place + 1;
}

void auk_normalize_bengali(auk_stem_word *word)
{
    /* long vowels, sibilants, nna, rra and rha, khanda ta */
    static const char16_t pairs[] = u"\u09c0\u09bf\u09c2\u09c1\u09b6\u09b8\u09b7\u09b8"
                                    u"\u09a3\u09a8\u09dc\u09b0\u09dd\u09b0\u09ce\u09a4";
    for (size_t i = 0; i < word->size;) {
        switch (word->at[i]) {
        case CANDRABINDU:
            auk_stem_remove(word, i);
            continue;
        case KA:
            cluster_ka(word, i);
            break;
        case NGA:
            word->at[i] = ANUSVARA;
            break;
        case YA:
            i = joined_ya(word, i);
            continue;
        case BA:
            i = joined_ba(word, i);
            continue;
        case VISARGA:
            i = visarga(word, i);
            continue;
        default:
            word->at[i] = auk_stem_mapped(word->at[i], pairs);
            break;
        }
        i++;
    }
}

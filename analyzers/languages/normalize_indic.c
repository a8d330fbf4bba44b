/*
 * Letters of nine Indian scripts that Unicode lets one write in parts: P. Majumder and others' and
 * the Unicode standard's (chapter 12) pairs that look like one letter and are not canonically equal
 * to it. And Hindi: L. S. Larkey, M. E. Connell and N. Abduljaleel, "Hindi CLIR in Thirty Days",
 * 2003.
 */
#include "normalize.h"

/* The scripts' blocks follow one another from U+0900 on, 128 characters each. */
enum { FIRST = 0x900, BLOCK = 0x80, SCRIPTS = 9 };
enum {
    DEVA = 1,
    BENG = 2,
    GURU = 4,
    GUJR = 8,
    ORYA = 16,
    TAML = 32,
    TELU = 64,
    KNDA = 128,
    MLYM = 256
};

enum { JOINER = 0xff }; /* a zero width joiner as the third part */

/* Places in a block. */
struct composition {
    uint8_t first, second, third; /* third 0: two parts */
    uint8_t whole;
    uint16_t scripts;
};

/* clang-format off */
static const struct composition compositions[] = {
    {0x05, 0x3e, 0x45, 0x11, DEVA | GUJR},
    {0x05, 0x3e, 0x46, 0x12, DEVA},
    {0x05, 0x3e, 0x47, 0x13, DEVA | GUJR},
    {0x05, 0x3e, 0x48, 0x14, DEVA | GUJR},
    {0x05, 0x3e, 0, 0x06, DEVA | BENG | GURU | GUJR | ORYA},
    {0x05, 0x45, 0, 0x72, DEVA},
    {0x05, 0x45, 0, 0x0d, GUJR},
    {0x05, 0x46, 0, 0x04, DEVA},
    {0x05, 0x47, 0, 0x0f, GUJR},
    {0x05, 0x48, 0, 0x10, GURU | GUJR},
    {0x05, 0x49, 0, 0x11, DEVA | GUJR},
    {0x05, 0x4a, 0, 0x12, DEVA},
    {0x05, 0x4b, 0, 0x13, DEVA | GUJR},
    {0x05, 0x4c, 0, 0x14, DEVA | GURU | GUJR},
    {0x06, 0x45, 0, 0x11, DEVA | GUJR},
    {0x06, 0x46, 0, 0x12, DEVA},
    {0x06, 0x47, 0, 0x13, DEVA | GUJR},
    {0x06, 0x48, 0, 0x14, DEVA | GUJR},
    {0x07, 0x57, 0, 0x08, MLYM},
    {0x09, 0x41, 0, 0x0a, DEVA},
    {0x09, 0x57, 0, 0x0a, TAML | MLYM},
    {0x0e, 0x46, 0, 0x10, MLYM},
    {0x0f, 0x45, 0, 0x0d, DEVA},
    {0x0f, 0x46, 0, 0x0e, DEVA},
    {0x0f, 0x47, 0, 0x10, DEVA},
    {0x0f, 0x57, 0, 0x10, ORYA},
    {0x12, 0x3e, 0, 0x13, MLYM},
    {0x12, 0x4c, 0, 0x14, TELU | KNDA},
    {0x12, 0x55, 0, 0x13, TELU},
    {0x12, 0x57, 0, 0x14, TAML | MLYM},
    {0x13, 0x57, 0, 0x14, ORYA},
    {0x15, 0x3c, 0, 0x58, DEVA},
    {0x16, 0x3c, 0, 0x59, DEVA | GURU},
    {0x17, 0x3c, 0, 0x5a, DEVA | GURU},
    {0x1c, 0x3c, 0, 0x5b, DEVA | GURU},
    {0x21, 0x3c, 0, 0x5c, DEVA | BENG | ORYA},
    {0x22, 0x3c, 0, 0x5d, DEVA | BENG | ORYA},
    {0x23, 0x4d, JOINER, 0x7a, MLYM},
    {0x24, 0x4d, JOINER, 0x4e, BENG},
    {0x28, 0x3c, 0, 0x29, DEVA},
    {0x28, 0x4d, JOINER, 0x7b, MLYM},
    {0x2b, 0x3c, 0, 0x5e, DEVA | GURU},
    {0x2f, 0x3c, 0, 0x5f, DEVA | BENG},
    {0x2c, 0x41, 0x41, 0x0b, TELU},
    {0x30, 0x3c, 0, 0x31, DEVA},
    {0x30, 0x4d, JOINER, 0x7c, MLYM},
    {0x32, 0x4d, JOINER, 0x7d, MLYM},
    {0x33, 0x3c, 0, 0x34, DEVA},
    {0x33, 0x4d, JOINER, 0x7e, MLYM},
    {0x35, 0x41, 0, 0x2e, TELU},
    {0x3e, 0x45, 0, 0x49, DEVA | GUJR},
    {0x3e, 0x46, 0, 0x4a, DEVA},
    {0x3e, 0x47, 0, 0x4b, DEVA | GUJR},
    {0x3e, 0x48, 0, 0x4c, DEVA | GUJR},
    {0x3f, 0x55, 0, 0x40, KNDA},
    {0x41, 0x41, 0, 0x42, GURU},
    {0x46, 0x3e, 0, 0x4a, TAML | MLYM},
    {0x46, 0x42, 0x55, 0x4b, KNDA},
    {0x46, 0x42, 0, 0x4a, KNDA},
    {0x46, 0x46, 0, 0x48, MLYM},
    {0x46, 0x55, 0, 0x47, TELU | KNDA},
    {0x46, 0x56, 0, 0x48, TELU | KNDA},
    {0x46, 0x57, 0, 0x4c, TAML | MLYM},
    {0x47, 0x3e, 0, 0x4b, BENG | ORYA | TAML | MLYM},
    {0x47, 0x57, 0, 0x4c, BENG | ORYA},
    {0x4a, 0x55, 0, 0x4b, KNDA},
    {0x72, 0x3f, 0, 0x07, GURU},
    {0x72, 0x40, 0, 0x08, GURU},
    {0x72, 0x47, 0, 0x0f, GURU},
    {0x73, 0x41, 0, 0x09, GURU},
    {0x73, 0x42, 0, 0x0a, GURU},
    {0x73, 0x4b, 0, 0x13, GURU},
};
/* clang-format on */

/* The unit's place in the block of a script; JOINER; 0: elsewhere, or the place 0 that no row has.
 */
static unsigned place_of(const auk_stem_word *word, size_t i, unsigned script)
{
    if (i >= word->size)
        return 0;
    unsigned place = (unsigned)word->at[i] - FIRST - script * BLOCK;
    return word->at[i] == 0x200d ? (unsigned)JOINER : place < BLOCK ? place : 0;
}

static void compose(auk_stem_word *word, size_t i, unsigned script)
{
    unsigned first = place_of(word, i, script), second = place_of(word, i + 1, script);
    unsigned third = place_of(word, i + 2, script);
    for (size_t row = 0; row < sizeof compositions / sizeof compositions[0]; row++) {
        const struct composition *made = &compositions[row];
        if (made->first != first || !(made->scripts >> script & 1) || made->second != second ||
            (made->third && made->third != third))
            continue;
        word->at[i] = (char16_t)(FIRST + script * BLOCK + made->whole);
        auk_stem_remove(word, i + 1);
        if (made->third)
            auk_stem_remove(word, i + 1);
        return;
    }
}

void auk_normalize_indic(auk_stem_word *word)
{
    for (size_t i = 0; i < word->size; i++) {
        unsigned at = (unsigned)word->at[i] - FIRST;
        if (at < BLOCK * SCRIPTS)
            compose(word, i, at / BLOCK);
    }
}

enum { NA = 0x928, VIRAMA = 0x94d, ANUSVARA = 0x902 };

void auk_normalize_hindi(auk_stem_word *word)
{
    static const char16_t dropped[] = u"\u093c\u200d\u200c\u094d";
    static const char16_t pairs[] =
        u"\u0901\u0902\u0929\u0928\u0931\u0930\u0934\u0933" /* candrabindu, nukta letters */
        u"\u0958\u0915\u0959\u0916\u095a\u0917\u095b\u091c\u095c\u0921\u095d\u0922"
        u"\u095e\u092b\u095f\u092f"
        u"\u0945\u0947\u0946\u0947\u0949\u094b\u094a\u094b" /* chandra and short vowels */
        u"\u090d\u090f\u090e\u090f\u0911\u0913\u0912\u0913\u0972\u0905"
        u"\u0906\u0905\u0908\u0907\u090a\u0909\u0960\u090b\u0961\u090c\u0910\u090f"
        u"\u0914\u0913" /* long vowels */
        u"\u0940\u093f\u0942\u0941\u0944\u0943\u0963\u0962\u0948\u0947\u094c\u094b";
    size_t kept = 0;
    for (size_t i = 0; i < word->size; i++) {
        char16_t unit = word->at[i];
        if (unit == NA && i + 1 < word->size && word->at[i + 1] == VIRAMA) {
            unit = ANUSVARA;
            i++;
        }
        if (!auk_stem_in(unit, dropped))
            word->at[kept++] = unit;
    }
    word->size = kept;
    auk_stem_map(word, pairs);
}

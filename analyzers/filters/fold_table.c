#include "fold_table.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "auk/log.h"

struct exception {
    uint16_t character;
    const char *text;
};

/* Punctuation, and letters whose names do not say what they look like. */
static const struct exception exceptions[] = {
    {0x00ab, "\""}, {0x00bb, "\""}, {0x2018, "'"},  {0x2019, "'"},  {0x201a, "'"},  {0x201b, "'"},
    {0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""}, {0x2032, "'"},  {0x2033, "\""}, {0x2035, "'"},
    {0x2036, "\""}, {0x2039, "'"},  {0x203a, "'"},  {0x275b, "'"},  {0x275c, "'"},  {0x275d, "\""},
    {0x275e, "\""}, {0x276e, "\""}, {0x276f, "\""}, {0x2010, "-"},  {0x2011, "-"},  {0x2012, "-"},
    {0x2013, "-"},  {0x2014, "-"},  {0x207b, "-"},  {0x208b, "-"},  {0x2045, "["},  {0x2046, "]"},
    {0x2772, "["},  {0x2773, "]"},  {0x2768, "("},  {0x276a, "("},  {0x2769, ")"},  {0x276b, ")"},
    {0x2e28, "(("}, {0x2e29, "))"}, {0x276c, "<"},  {0x2770, "<"},  {0x276d, ">"},  {0x2771, ">"},
    {0x2774, "{"},  {0x2775, "}"},  {0x204e, "*"},  {0x2044, "/"},  {0x2052, "%"},  {0x2053, "~"},
    {0x204f, ";"},  {0x2038, "^"},  {0x203c, "!!"}, {0x2049, "!?"}, {0x2047, "??"}, {0x2048, "?!"},
    {0x00d0, "D"},  {0x00f0, "d"},  {0x00de, "TH"}, {0x00fe, "th"}, {0x00df, "ss"}, {0x1e9e, "SS"},
    {0x014a, "N"},  {0x014b, "n"},  {0x0138, "q"},  {0x018f, "A"},  {0x0259, "a"},  {0x0190, "E"},
    {0x025b, "e"},  {0x0186, "O"},  {0x0254, "o"},  {0x0196, "I"},  {0x01f7, "W"},  {0x01bf, "w"},
    {0x021c, "Z"},  {0x021d, "z"},  {0x0194, ""},   {0x0263, ""},   {0x0195, "hv"}, {0x01f6, "HV"},
    {0x0245, "V"},  {0x028c, "v"},  {0x018e, "E"},  {0x01dd, "e"},  {0x0189, "D"},
};

/* Where the rules below say something else than Lucene's filter does; empty: left alone. */
static const struct exception corrections[] = {
    {0x01a2, ""},  {0x01a3, ""},  {0x01a6, ""},  {0x01e5, "G"}, {0x01e7, "G"},  {0x024a, "Q"},
    {0x0251, ""},  {0x025a, "a"}, {0x0279, ""},  {0x027a, ""},  {0x027b, ""},   {0x0281, "R"},
    {0x0297, "C"}, {0x1d06, "D"}, {0x1d11, ""},  {0x1d12, ""},  {0x1d13, ""},   {0x1d16, "o"},
    {0x1d17, "o"}, {0x1d1d, ""},  {0x1d1e, ""},  {0x1d1f, ""},  {0x1d62, "i"},  {0x1d63, "r"},
    {0x1d64, "u"}, {0x1d65, "v"}, {0x1d7b, "I"}, {0x1d7c, "i"}, {0x1d7e, "U"},  {0x1d95, "a"},
    {0x1e9b, "f"}, {0x1efd, ""},  {0x2094, "a"}, {0x2184, "c"}, {0x2c6f, "a"},  {0x2c75, "H"},
    {0x2c76, "h"}, {0x2c79, ""},  {0x2c7c, "j"}, {0x2c7e, ""},  {0x2c7f, ""},   {0xa73e, "c"},
    {0xa746, "L"}, {0xa747, "l"}, {0xa762, "Z"}, {0xa763, "z"}, {0xa766, "TH"}, {0xa767, "th"},
    {0xa768, "V"}, {0xa76a, ""},  {0xa76b, ""},  {0xa76c, ""},  {0xa76d, ""},   {0xa778, ""},
    {0xa784, "s"}, {0xa785, "S"}, {0xa7fb, "F"}, {0xa7fc, "p"}, {0xa7fd, "M"},  {0xa7fe, "I"},
    {0xa7ff, "M"}, {0xff40, ""},  {0xff5c, ""},
};

struct range {
    uint16_t first;
    uint16_t last;
    bool by_name; /* else by decomposition */
};

static const struct range ranges[] = {
    {0x00b2, 0x00b3, false}, {0x00b9, 0x00b9, false}, {0x00c0, 0x02af, true},
    {0x1d00, 0x1d25, true},  {0x1d6b, 0x1d9a, true},  {0x1e00, 0x1eff, true},
    {0x2070, 0x2094, false}, {0x2460, 0x24ff, false}, {0x2776, 0x2793, false},
    {0x2c60, 0x2c7f, true},  {0xa722, 0xa786, true},  {0xfb00, 0xfb04, false},
    {0xfb06, 0xfb06, false}, {0xff01, 0xff5e, false},
};

static pthread_once_t made = PTHREAD_ONCE_INIT;
static auk_fold_table table; /* written once, under pthread_once */

static auk_fold *slot_of(uint32_t character)
{
    auk_fold *page = (auk_fold *)(uintptr_t)table.pages[character >> 8];
    if (!page) {
        page = calloc(256, sizeof *page);
        if (!page)
            auk_fatal("no memory for the folding table");
        table.pages[character >> 8] = page;
    }
    return &page[character & 0xff];
}

static void put(uint32_t character, const char *text, size_t size)
{
    if (size > AUK_FOLD_MAX)
        return;
    auk_fold *slot = slot_of(character);
    slot->size = (uint8_t)size;
    memcpy(slot->text, text, size);
}

static bool skip(const char **at, const char *word)
{
    size_t size = strlen(word);
    if (strncmp(*at, word, size) != 0)
        return false;
    *at += size;
    return true;
}

/* "LATIN SMALL LETTER TURNED H WITH FISHHOOK" is an h: the one, two or three letters that are a
 * word. */
static void fold_by_name(uint32_t character)
{
    static const char *const attributes[] = {
        "SMALL CAPITAL ", "TURNED ",      "REVERSED ",     "OPEN ",     "CLOSED ",
        "SIDEWAYS ",      "DOTLESS ",     "LONG ",         "SCRIPT ",   "INSULAR ",
        "BARRED ",        "DIAERESIZED ", "MIDDLE-WELSH ", "TAILLESS ",
    };
    char name[128];
    UErrorCode status = U_ZERO_ERROR;
    u_charName((UChar32)character, U_UNICODE_CHAR_NAME, name, sizeof name, &status);
    const char *at = name;
    if (U_FAILURE(status) || !skip(&at, "LATIN "))
        return;
    bool small = skip(&at, "SMALL ");
    if (!small)
        skip(&at, "CAPITAL ");
    if (!skip(&at, "LETTER ") && !skip(&at, "LIGATURE "))
        return;
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        if (skip(&at, attributes[i]))
            i = (size_t)-1; /* from the start: they come in any order */

    char text[AUK_FOLD_MAX];
    size_t size = 0;
    for (; size < 2 && at[size] >= 'A' && at[size] <= 'Z'; size++)
        text[size] = (char)(small ? at[size] | 0x20 : at[size]);
    at += size;
    if (size == 0 || (*at != '\0' && *at != ' '))
        return;
    if (size == 1 && skip(&at, " WITH SMALL LETTER ")) /* "Dz" */
        text[size++] = (char)(*at++ | 0x20);
    put(character, text, size);
}

static void fold_by_decomposition(uint32_t character)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
    UChar from[2] = {(UChar)character, 0}, to[16];
    int32_t size = U_FAILURE(status) ? 0 : unorm2_normalize(nfkd, from, 1, to, 16, &status);
    if (U_SUCCESS(status) && size == 1 && to[0] == from[0]) {
        /* Negative circled numbers have no decomposition, but a value. */
        int32_t value = u_getIntPropertyValue((UChar32)character, UCHAR_NUMERIC_TYPE) != U_NT_NONE
                            ? (int32_t)u_getNumericValue((UChar32)character)
                            : -1;
        char text[2] = {(char)('0' + value / 10), (char)('0' + value % 10)};
        if (value >= 0 && value < 10)
            put(character, text + 1, 1);
        else if (value >= 10 && value < 100)
            put(character, text, 2);
        return;
    }
    char text[AUK_FOLD_MAX];
    for (int32_t i = 0; i < size; i++) {
        if (U_FAILURE(status) || size > AUK_FOLD_MAX || to[i] <= ' ' || to[i] >= 0x7f)
            return;
        text[i] = (char)to[i];
    }
    put(character, text, (size_t)size);
}

static void make(void)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        for (uint32_t c = ranges[i].first; c <= ranges[i].last; c++) {
            if (ranges[i].by_name)
                fold_by_name(c);
            else
                fold_by_decomposition(c);
        }
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        put(exceptions[i].character, exceptions[i].text, strlen(exceptions[i].text));
    for (size_t i = 0; i < sizeof corrections / sizeof corrections[0]; i++)
        put(corrections[i].character, corrections[i].text, strlen(corrections[i].text));
}

const auk_fold_table *auk_fold_table_get(void)
{
    pthread_once(&made, make);
    return &table;
}

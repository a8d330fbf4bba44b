/*
 * Daitch-Mokotoff soundex (G. Mokotoff and R. Daitch, 1985, as avotaynu.com/soundex.htm has its
 * chart, with Lucene's letters beyond ASCII): groups of letters to digits, by whether they begin
 * the name, stand before a vowel or elsewhere. Some are said in two ways, and the name then has
 * several codes.
 */
#include "phonetic.h"

#include "unicode.h"

enum { MOST_UNITS = 1024 }; /* of a word; a name of six digits is long past by then */

/* "4|94": two readings. */
struct rule {
    const char *letters;
    const char *first;
    const char *before_vowel;
    const char *other;
};

/* Longer ones first among those that begin alike. clang-format off: a chart. */
/* clang-format off */
static const struct rule rules[] = {
    {"ai", "0", "1", ""}, {"aj", "0", "1", ""}, {"ay", "0", "1", ""}, {"au", "0", "7", ""},
    {"a", "0", "", ""}, {"b", "7", "7", "7"}, {"chs", "5", "54", "54"}, {"csz", "4", "4", "4"},
    {"czs", "4", "4", "4"}, {"cz", "4", "4", "4"}, {"cs", "4", "4", "4"},
    {"ch", "4|5", "4|5", "4|5"}, {"ck", "5|45", "5|45", "5|45"}, {"c", "4|5", "4|5", "4|5"},
    {"drz", "4", "4", "4"}, {"drs", "4", "4", "4"}, {"dsh", "4", "4", "4"}, {"dsz", "4", "4", "4"},
    {"dzh", "4", "4", "4"}, {"dzs", "4", "4", "4"}, {"ds", "4", "4", "4"}, {"dz", "4", "4", "4"},
    {"dt", "3", "3", "3"}, {"d", "3", "3", "3"}, {"ei", "0", "1", ""}, {"ej", "0", "1", ""},
    {"ey", "0", "1", ""}, {"eu", "1", "1", ""}, {"e", "0", "", ""}, {"fb", "7", "7", "7"},
    {"f", "7", "7", "7"}, {"g", "5", "5", "5"}, {"h", "5", "5", ""}, {"ia", "1", "", ""},
    {"ie", "1", "", ""}, {"io", "1", "", ""}, {"iu", "1", "", ""}, {"i", "0", "", ""},
    {"j", "1|4", "|4", "|4"}, {"ks", "5", "54", "54"}, {"kh", "5", "5", "5"}, {"k", "5", "5", "5"},
    {"l", "8", "8", "8"}, {"mn", "66", "66", "66"}, {"m", "6", "6", "6"}, {"nm", "66", "66", "66"},
    {"n", "6", "6", "6"}, {"oi", "0", "1", ""}, {"oj", "0", "1", ""}, {"oy", "0", "1", ""},
    {"o", "0", "", ""}, {"pf", "7", "7", "7"}, {"ph", "7", "7", "7"}, {"p", "7", "7", "7"},
    {"q", "5", "5", "5"}, {"rs", "4|94", "4|94", "4|94"}, {"rz", "4|94", "4|94", "4|94"},
    {"r", "9", "9", "9"}, {"schtsch", "2", "4", "4"}, {"schtsh", "2", "4", "4"},
    {"schtch", "2", "4", "4"}, {"shtch", "2", "4", "4"}, {"shtsh", "2", "4", "4"},
    {"stsch", "2", "4", "4"}, {"shch", "2", "4", "4"}, {"scht", "2", "43", "43"},
    {"schd", "2", "43", "43"}, {"stch", "2", "4", "4"}, {"strz", "2", "4", "4"},
    {"strs", "2", "4", "4"}, {"stsh", "2", "4", "4"}, {"szcz", "2", "4", "4"},
    {"szcs", "2", "4", "4"}, {"sch", "4", "4", "4"}, {"sht", "2", "43", "43"},
    {"szt", "2", "43", "43"}, {"shd", "2", "43", "43"}, {"szd", "2", "43", "43"},
    {"sh", "4", "4", "4"}, {"sc", "2", "4", "4"}, {"st", "2", "43", "43"}, {"sd", "2", "43", "43"},
    {"sz", "4", "4", "4"}, {"s", "4", "4", "4"}, {"ttsch", "4", "4", "4"}, {"ttch", "4", "4", "4"},
    {"tsch", "4", "4", "4"}, {"ttsz", "4", "4", "4"}, {"tch", "4", "4", "4"}, {"trz", "4", "4", "4"},
    {"trs", "4", "4", "4"}, {"tsh", "4", "4", "4"}, {"tts", "4", "4", "4"}, {"ttz", "4", "4", "4"},
    {"tzs", "4", "4", "4"}, {"tsz", "4", "4", "4"}, {"th", "3", "3", "3"}, {"ts", "4", "4", "4"},
    {"tc", "4", "4", "4"}, {"tz", "4", "4", "4"}, {"t", "3", "3", "3"}, {"ui", "0", "1", ""},
    {"uj", "0", "1", ""}, {"uy", "0", "1", ""}, {"ue", "0", "1", ""}, {"u", "0", "", ""},
    {"v", "7", "7", "7"}, {"w", "7", "7", "7"}, {"x", "5", "54", "54"}, {"y", "1", "", ""},
    {"zhdzh", "2", "4", "4"}, {"zdzh", "2", "4", "4"}, {"zsch", "4", "4", "4"},
    {"zdz", "2", "4", "4"}, {"zhd", "2", "43", "43"}, {"zsh", "4", "4", "4"},
    {"zd", "2", "43", "43"}, {"zh", "4", "4", "4"}, {"zs", "4", "4", "4"}, {"z", "4", "4", "4"},
};
/* clang-format on */

static const struct rule t_cedilla = {"t", "3|4", "3|4", "3|4"};
static const struct rule ogonek = {"e", "", "", "|6"};

/* One reading: its digits, and what was put last. */
struct branch {
    char digits[AUK_DAITCH_DIGITS];
    uint8_t size;
    uint8_t last_size;
    char last[2];
    bool begun;
};

struct branches {
    struct branch items[AUK_DAITCH_BRANCHES];
    int count;
};

static uint16_t fold(uint16_t unit)
{
    static const char latin[] = "aaaaaaaceeeeiiiidnooooo\0ouuu\0yby"; /* U+00E0 to U+00FF */
    uint16_t lower = (uint16_t)auk_unicode_lower(unit);
    if (lower >= 0xe0 && lower <= 0xff && latin[lower - 0xe0])
        return (uint16_t)latin[lower - 0xe0];
    switch (lower) {
    case 0xdf:
    case 0x15b:
        return 's';
    case 0x107:
        return 'c';
    case 0x142:
        return 'l';
    case 0x17a:
    case 0x17c:
        return 'z';
    default:
        return lower;
    }
}

static const struct rule *find_rule(const uint16_t *at, int32_t size)
{
    if (at[0] == 0x163 || at[0] == 0x21b)
        return &t_cedilla;
    if (at[0] == 0x119 || at[0] == 0x105)
        return &ogonek;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const char *letter = rules[i].letters;
        int32_t j = 0;
        while (j < size && letter[j] && at[j] == (uint16_t)letter[j])
            j++;
        if (!letter[j])
            return &rules[i];
    }
    return NULL;
}

/* Adds the digits of one reading unless they only repeat those before. */
static void extend(struct branch *branch, const char *digits, uint8_t size, bool always)
{
    bool repeats = branch->begun && branch->last_size >= size &&
                   memcmp(branch->last + branch->last_size - size, digits, size) == 0;
    for (uint8_t i = 0; (always || !repeats) && i < size && branch->size < AUK_DAITCH_DIGITS; i++)
        branch->digits[branch->size++] = digits[i];
    memcpy(branch->last, digits, size);
    branch->last_size = size;
    branch->begun = true;
}

static void add_branch(struct branches *to, const struct branch *branch)
{
    for (int i = 0; i < to->count; i++)
        if (to->items[i].size == branch->size &&
            memcmp(to->items[i].digits, branch->digits, branch->size) == 0)
            return;
    if (to->count < AUK_DAITCH_BRANCHES)
        to->items[to->count++] = *branch;
}

static void follow(const struct branches *from, const char *readings, bool always,
                   struct branches *to)
{
    to->count = 0;
    for (int i = 0; i < from->count; i++) {
        const char *at = readings;
        for (;;) {
            struct branch branch = from->items[i];
            uint8_t size = (uint8_t)strcspn(at, "|");
            extend(&branch, at, size, always);
            add_branch(to, &branch);
            at += size;
            if (!*at++)
                break;
        }
    }
}

static int32_t clean(const auk_utf16 *word, uint16_t *units)
{
    int32_t size = 0;
    for (int32_t i = 0; i < word->size && size < MOST_UNITS; i++)
        if (!auk_unicode_is_white_space(word->units[i]))
            units[size++] = fold(word->units[i]);
    return size;
}

int auk_phonetic_daitch_mokotoff(const auk_utf16 *word,
                                 char codes[AUK_DAITCH_BRANCHES][AUK_DAITCH_DIGITS])
{
    uint16_t units[MOST_UNITS], last = 0;
    struct branches sets[2], *now = &sets[0], *next = &sets[1];
    int32_t size = clean(word, units);
    now->count = 1;
    now->items[0] = (struct branch){.size = 0};
    for (int32_t i = 0; i < size; i++) {
        uint16_t unit = units[i];
        const struct rule *rule = find_rule(units + i, size - i);
        if (!rule)
            continue;
        int32_t letters = (int32_t)strlen(rule->letters);
        bool vowel = i + letters < size && auk_phonetic_among(units[i + letters], "aeiou");
        bool always = (last == 'm' && unit == 'n') || (last == 'n' && unit == 'm');
        follow(now,
               last == 0 ? rule->first
               : vowel   ? rule->before_vowel
                         : rule->other,
               always, next);
        struct branches *swap = now;
        now = next;
        next = swap;
        i += letters - 1;
        last = unit;
    }
    for (int i = 0; i < now->count; i++) {
        memset(codes[i], '0', AUK_DAITCH_DIGITS);
        memcpy(codes[i], now->items[i].digits, now->items[i].size);
    }
    return now->count;
}

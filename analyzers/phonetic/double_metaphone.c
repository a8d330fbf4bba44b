/*
 * Double Metaphone (L. Philips, "The double Metaphone search algorithm", C/C++ Users Journal 18
 * (6), 2000): a code for how an English reader says a name, and one for how it may be said where it
 * comes from. Each letter has a function that puts codes and says how many letters they stand for.
 */
#include "phonetic.h"

struct reading {
    const auk_utf16 *word;
    int32_t begin; /* without the white space around */
    int32_t size;
    int32_t i; /* the letter that is read */
    bool slavic;
    auk_double_code *code;
};

static uint16_t at(const struct reading *reading, int32_t i)
{
    return i >= 0 && i < reading->size ? reading->word->units[reading->begin + i] : 0;
}

/* The letter `step` from the one that is read. */
static uint16_t near(const struct reading *reading, int32_t step)
{
    return at(reading, reading->i + step);
}

static bool is_vowel(uint16_t unit)
{
    return auk_phonetic_among(unit, "AEIOUY");
}

/* Does one of the texts, with "|" between, stand at i? */
static bool stands_at(const struct reading *reading, int32_t i, const char *texts)
{
    while (i >= 0) {
        int32_t j = 0;
        while (texts[j] && texts[j] != '|' && at(reading, i + j) == (uint16_t)texts[j])
            j++;
        if (!texts[j] || texts[j] == '|')
            return true;
        texts += j + (int32_t)strcspn(texts + j, "|");
        if (!*texts++)
            return false;
    }
    return false;
}

static bool has(const struct reading *reading, int32_t step, const char *texts)
{
    return stands_at(reading, reading->i + step, texts);
}

static void put_primary(auk_double_code *code, const char *text)
{
    for (; *text && code->primary_size < code->longest; text++)
        code->primary[code->primary_size++] = *text;
}

static void put_alternate(auk_double_code *code, const char *text)
{
    for (; *text && code->alternate_size < code->longest; text++)
        code->alternate[code->alternate_size++] = *text;
}

static int32_t put_both(struct reading *reading, const char *primary, const char *alternate,
                        int32_t letters)
{
    put_primary(reading->code, primary);
    put_alternate(reading->code, alternate);
    return letters;
}

static int32_t put(struct reading *reading, const char *text, int32_t letters)
{
    return put_both(reading, text, text, letters);
}

static bool is_last(const struct reading *reading)
{
    return reading->i == reading->size - 1;
}

static bool is_germanic(const struct reading *reading)
{
    return stands_at(reading, 0, "VAN |VON |SCH");
}

static int32_t read_cc(struct reading *reading)
{
    if (!has(reading, 2, "I|E|H") || has(reading, 2, "HU"))
        return put(reading, "K", 2);
    bool accident =
        (reading->i == 1 && near(reading, -1) == 'A') || has(reading, -1, "UCCEE|UCCES");
    return put(reading, accident ? "KS" : "X", 3);
}

static bool is_greek_ch(const struct reading *reading)
{
    return reading->i == 0 && has(reading, 1, "HARAC|HARIS|HOR|HYM|HIA|HEM") &&
           !stands_at(reading, 0, "CHORE");
}

static bool is_hard_ch(const struct reading *reading)
{
    if (is_germanic(reading) || has(reading, -2, "ORCHES|ARCHIT|ORCHID") || has(reading, 2, "T|S"))
        return true;
    return (reading->i == 0 || has(reading, -1, "A|O|U|E")) &&
           (has(reading, 2, "L|R|N|M|B|H|F|V|W| ") || reading->i + 1 == reading->size - 1);
}

static int32_t read_ch(struct reading *reading)
{
    if (reading->i > 0 && has(reading, 0, "CHAE"))
        return put_both(reading, "K", "X", 2);
    if (is_greek_ch(reading) || is_hard_ch(reading))
        return put(reading, "K", 2);
    if (reading->i == 0)
        return put(reading, "X", 2);
    return stands_at(reading, 0, "MC") ? put(reading, "K", 2) : put_both(reading, "X", "K", 2);
}

/* "chianti", and "ach" as in "bacher" */
static bool is_hard_c(const struct reading *reading)
{
    if (has(reading, 0, "CHIA"))
        return true;
    if (reading->i <= 1 || is_vowel(near(reading, -2)) || !has(reading, -1, "ACH"))
        return false;
    return !auk_phonetic_among(near(reading, 2), "IE") || has(reading, -2, "BACHER|MACHER");
}

static int32_t read_other_c(struct reading *reading)
{
    put(reading, "K", 0);
    if (has(reading, 1, " C| Q| G"))
        return 3;
    return has(reading, 1, "C|K|Q") && !has(reading, 1, "CE|CI") ? 2 : 1;
}

static int32_t read_c(struct reading *reading)
{
    if (is_hard_c(reading))
        return put(reading, "K", 2);
    if (reading->i == 0 && has(reading, 0, "CAESAR"))
        return put(reading, "S", 2);
    if (has(reading, 0, "CH"))
        return read_ch(reading);
    if (has(reading, 0, "CZ") && !has(reading, -2, "WICZ"))
        return put_both(reading, "S", "X", 2);
    if (has(reading, 1, "CIA"))
        return put(reading, "X", 3);
    if (has(reading, 0, "CC") && !(reading->i == 1 && at(reading, 0) == 'M'))
        return read_cc(reading);
    if (has(reading, 0, "CK|CG|CQ"))
        return put(reading, "K", 2);
    if (has(reading, 0, "CI|CE|CY"))
        return put_both(reading, "S", has(reading, 0, "CIO|CIE|CIA") ? "X" : "S", 2);
    return read_other_c(reading);
}

static int32_t read_d(struct reading *reading)
{
    if (has(reading, 0, "DG"))
        return has(reading, 2, "I|E|Y") ? put(reading, "J", 3) : put(reading, "TK", 2);
    return put(reading, "T", has(reading, 0, "DT|DD") ? 2 : 1);
}

static int32_t read_gh(struct reading *reading)
{
    int32_t i = reading->i;
    if (i == 0)
        return put(reading, near(reading, 2) == 'I' ? "J" : "K", 2);
    if (!is_vowel(near(reading, -1)))
        return put(reading, "K", 2);
    if ((i > 1 && has(reading, -2, "B|H|D")) || (i > 2 && has(reading, -3, "B|H|D")) ||
        (i > 3 && has(reading, -4, "B|H")))
        return 2;
    if (i > 2 && near(reading, -1) == 'U' && has(reading, -3, "C|G|L|R|T"))
        return put(reading, "F", 2);
    return near(reading, -1) == 'I' ? 2 : put(reading, "K", 2);
}

static int32_t read_gn(struct reading *reading)
{
    if (reading->i == 1 && is_vowel(at(reading, 0)) && !reading->slavic)
        return put_both(reading, "KN", "N", 2);
    if (!has(reading, 2, "EY") && !reading->slavic)
        return put_both(reading, "N", "KN", 2);
    return put(reading, "KN", 2);
}

static int32_t read_soft_g(struct reading *reading)
{
    if (is_germanic(reading) || has(reading, 1, "ET"))
        return put(reading, "K", 2);
    return put_both(reading, "J", has(reading, 1, "IER") ? "J" : "K", 2);
}

static int32_t read_g(struct reading *reading)
{
    if (near(reading, 1) == 'H')
        return read_gh(reading);
    if (near(reading, 1) == 'N')
        return read_gn(reading);
    if (has(reading, 1, "LI") && !reading->slavic)
        return put_both(reading, "KL", "L", 2);
    if (reading->i == 0 && has(reading, 1, "Y|ES|EP|EB|EL|EY|IB|IL|IN|IE|EI|ER"))
        return put_both(reading, "K", "J", 2);
    if (has(reading, 1, "ER|Y") && !stands_at(reading, 0, "DANGER|RANGER|MANGER") &&
        !has(reading, -1, "E|I|RGY|OGY"))
        return put_both(reading, "K", "J", 2);
    if (has(reading, 1, "E|I|Y") || has(reading, -1, "AGGI|OGGI"))
        return read_soft_g(reading);
    return put(reading, "K", near(reading, 1) == 'G' ? 2 : 1);
}

static int32_t read_h(struct reading *reading)
{
    bool spoken = (reading->i == 0 || is_vowel(near(reading, -1))) && is_vowel(near(reading, 1));
    return spoken ? put(reading, "H", 2) : 1;
}

static int32_t read_j(struct reading *reading)
{
    bool jose = has(reading, 0, "JOSE"), san = stands_at(reading, 0, "SAN ");
    if (jose || san) {
        bool spanish = (reading->i == 0 && near(reading, 4) == ' ') || reading->size == 4 || san;
        return put_both(reading, spanish ? "H" : "J", "H", 1);
    }
    int32_t letters = near(reading, 1) == 'J' ? 2 : 1;
    if (reading->i == 0)
        return put_both(reading, "J", "A", letters);
    if (is_vowel(near(reading, -1)) && !reading->slavic && has(reading, 1, "A|O"))
        return put_both(reading, "J", "H", letters);
    if (is_last(reading))
        return put_both(reading, "J", " ", letters);
    if (!has(reading, 1, "L|T|K|S|N|M|B|Z") && !has(reading, -1, "S|K|L"))
        return put(reading, "J", letters);
    return letters;
}

static int32_t read_l(struct reading *reading)
{
    if (near(reading, 1) != 'L')
        return put(reading, "L", 1);
    int32_t size = reading->size;
    bool spanish =
        (reading->i == size - 3 && has(reading, -1, "ILLO|ILLA|ALLE")) ||
        ((stands_at(reading, size - 2, "AS|OS") || stands_at(reading, size - 1, "A|O")) &&
         has(reading, -1, "ALLE"));
    return put_both(reading, "L", spanish ? "" : "L", 2);
}

static int32_t read_m(struct reading *reading)
{
    bool silent_b =
        has(reading, -1, "UMB") && (reading->i + 1 == reading->size - 1 || has(reading, 2, "ER"));
    return put(reading, "M", near(reading, 1) == 'M' || silent_b ? 2 : 1);
}

static int32_t read_p(struct reading *reading)
{
    if (near(reading, 1) == 'H')
        return put(reading, "F", 2);
    return put(reading, "P", has(reading, 1, "P|B") ? 2 : 1);
}

static int32_t read_r(struct reading *reading)
{
    bool french = is_last(reading) && !reading->slavic && has(reading, -2, "IE") &&
                  !has(reading, -4, "ME|MA");
    return put_both(reading, french ? "" : "R", "R", near(reading, 1) == 'R' ? 2 : 1);
}

static int32_t read_sc(struct reading *reading)
{
    if (near(reading, 2) != 'H')
        return put(reading, has(reading, 2, "I|E|Y") ? "S" : "SK", 3);
    if (has(reading, 3, "ER|EN"))
        return put_both(reading, "X", "SK", 3);
    if (has(reading, 3, "OO|UY|ED|EM"))
        return put(reading, "SK", 3);
    bool german = reading->i == 0 && !is_vowel(at(reading, 3)) && at(reading, 3) != 'W';
    return put_both(reading, "X", german ? "S" : "X", 3);
}

static int32_t read_s(struct reading *reading)
{
    if (has(reading, -1, "ISL|YSL"))
        return 1;
    if (reading->i == 0 && has(reading, 0, "SUGAR"))
        return put_both(reading, "X", "S", 1);
    if (has(reading, 0, "SH"))
        return put(reading, has(reading, 1, "HEIM|HOEK|HOLM|HOLZ") ? "S" : "X", 2);
    if (has(reading, 0, "SIO|SIA"))
        return put_both(reading, "S", reading->slavic ? "S" : "X", 3);
    bool before_z = near(reading, 1) == 'Z';
    if ((reading->i == 0 && has(reading, 1, "M|N|L|W")) || before_z)
        return put_both(reading, "S", "X", before_z ? 2 : 1);
    if (has(reading, 0, "SC"))
        return read_sc(reading);
    bool french = is_last(reading) && has(reading, -2, "AI|OI");
    return put_both(reading, french ? "" : "S", "S", has(reading, 1, "S|Z") ? 2 : 1);
}

static int32_t read_t(struct reading *reading)
{
    if (has(reading, 0, "TION|TIA|TCH"))
        return put(reading, "X", 3);
    if (!has(reading, 0, "TH|TTH"))
        return put(reading, "T", has(reading, 1, "T|D") ? 2 : 1);
    bool hard = has(reading, 2, "OM|AM") || is_germanic(reading);
    return put_both(reading, hard ? "T" : "0", "T", 2);
}

static int32_t read_w(struct reading *reading)
{
    bool before_vowel = is_vowel(near(reading, 1));
    if (has(reading, 0, "WR"))
        return put(reading, "R", 2);
    if (reading->i == 0 && (before_vowel || has(reading, 0, "WH")))
        return put_both(reading, "A", before_vowel ? "F" : "A", 1);
    if ((is_last(reading) && is_vowel(near(reading, -1))) ||
        has(reading, -1, "EWSKI|EWSKY|OWSKI|OWSKY") || stands_at(reading, 0, "SCH"))
        return put_both(reading, "", "F", 1);
    return has(reading, 0, "WICZ|WITZ") ? put_both(reading, "TS", "FX", 4) : 1;
}

static int32_t read_x(struct reading *reading)
{
    if (reading->i == 0)
        return put(reading, "S", 1);
    bool french = is_last(reading) && (has(reading, -3, "IAU|EAU") || has(reading, -2, "AU|OU"));
    return put(reading, french ? "" : "KS", has(reading, 1, "C|X") ? 2 : 1);
}

static int32_t read_z(struct reading *reading)
{
    if (near(reading, 1) == 'H')
        return put(reading, "J", 2);
    bool hard = has(reading, 1, "ZO|ZI|ZA") ||
                (reading->slavic && reading->i > 0 && near(reading, -1) != 'T');
    return put_both(reading, "S", hard ? "TS" : "S", near(reading, 1) == 'Z' ? 2 : 1);
}

/* B, F, K, N, Q and V: a code of its own, once for a double letter. */
static int32_t read_plain(struct reading *reading, const char *code)
{
    return put(reading, code, near(reading, 1) == near(reading, 0) ? 2 : 1);
}

static int32_t read_letter(struct reading *reading)
{
    static int32_t (*const readers[26])(
        struct reading *) = {['C' - 'A'] = read_c, ['D' - 'A'] = read_d, ['G' - 'A'] = read_g,
                             ['H' - 'A'] = read_h, ['J' - 'A'] = read_j, ['L' - 'A'] = read_l,
                             ['M' - 'A'] = read_m, ['P' - 'A'] = read_p, ['R' - 'A'] = read_r,
                             ['S' - 'A'] = read_s, ['T' - 'A'] = read_t, ['W' - 'A'] = read_w,
                             ['X' - 'A'] = read_x, ['Z' - 'A'] = read_z};
    static const char *const plain[26] = {['B' - 'A'] = "P", ['F' - 'A'] = "F", ['K' - 'A'] = "K",
                                          ['N' - 'A'] = "N", ['Q' - 'A'] = "K", ['V' - 'A'] = "F"};
    uint16_t unit = near(reading, 0);
    if (unit == 0xc7 || unit == 0xd1) /* C with a cedilla, N with a tilde */
        return put(reading, unit == 0xc7 ? "S" : "N", 1);
    if (unit < 'A' || unit > 'Z')
        return 1;
    if (is_vowel(unit))
        return put(reading, reading->i == 0 ? "A" : "", 1);
    if (plain[unit - 'A'])
        return read_plain(reading, plain[unit - 'A']);
    return readers[unit - 'A'](reading);
}

static struct reading begin(const auk_utf16 *word, auk_double_code *code)
{
    struct reading reading = {.word = word, .size = word->size, .code = code};
    while (reading.size > 0 && at(&reading, 0) <= ' ')
        reading.begin++, reading.size--;
    while (reading.size > 0 && at(&reading, reading.size - 1) <= ' ')
        reading.size--;
    for (int32_t i = 0; i < reading.size && !reading.slavic; i++)
        reading.slavic = stands_at(&reading, i, "W|K|CZ");
    return reading;
}

void auk_phonetic_double_metaphone(const auk_utf16 *word, auk_double_code *code)
{
    struct reading reading = begin(word, code);
    code->primary_size = code->alternate_size = 0;
    reading.i = stands_at(&reading, 0, "GN|KN|PN|WR|PS") ? 1 : 0;
    while (reading.i < reading.size &&
           (code->primary_size < code->longest || code->alternate_size < code->longest))
        reading.i += read_letter(&reading);
}

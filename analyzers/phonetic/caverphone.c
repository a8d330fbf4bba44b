/*
 * Caverphone 1.0 and 2.0 (D. Hood, "Caverphone: Phonetic matching algorithm", Caversham Project
 * working papers, 2002 and 2004): rules that rewrite a word one after the other, written here as
 * they stand there. In a rule "@" is any of the vowels aeiou, "2" a consonant and "3" a vowel that
 * count no more; what a rule writes is as long as what it read.
 */
#include "phonetic.h"

enum place { ANYWHERE, START, END, RUN };

struct rule {
    const char *from;
    const char *to; /* of a RUN: one letter for the whole run */
    enum place place;
    int version; /* 0: both */
};

static const struct rule rules[] = {
    {"cough", "cou2f", START, 0},
    {"rough", "rou2f", START, 0},
    {"tough", "tou2f", START, 0},
    {"enough", "enou2f", START, 0},
    {"trough", "trou2f", START, 2},
    {"gn", "2n", START, 0},
    {"mb", "m2", END, 0},
    {"cq", "2q", ANYWHERE, 0},
    {"ci", "si", ANYWHERE, 0},
    {"ce", "se", ANYWHERE, 0},
    {"cy", "sy", ANYWHERE, 0},
    {"tch", "2ch", ANYWHERE, 0},
    {"c", "k", ANYWHERE, 0},
    {"q", "k", ANYWHERE, 0},
    {"x", "k", ANYWHERE, 0},
    {"v", "f", ANYWHERE, 0},
    {"dg", "2g", ANYWHERE, 0},
    {"tio", "sio", ANYWHERE, 0},
    {"tia", "sia", ANYWHERE, 0},
    {"d", "t", ANYWHERE, 0},
    {"ph", "fh", ANYWHERE, 0},
    {"b", "p", ANYWHERE, 0},
    {"sh", "s2", ANYWHERE, 0},
    {"z", "s", ANYWHERE, 0},
    {"@", "A", START, 0},
    {"@", "3", ANYWHERE, 0},
    {"j", "y", ANYWHERE, 2},
    {"y3", "Y3", START, 2},
    {"y", "A", START, 2},
    {"y", "3", ANYWHERE, 2},
    {"3gh3", "3kh3", ANYWHERE, 0},
    {"gh", "22", ANYWHERE, 0},
    {"g", "k", ANYWHERE, 0},
    {"s", "S", RUN, 0},
    {"t", "T", RUN, 0},
    {"p", "P", RUN, 0},
    {"k", "K", RUN, 0},
    {"f", "F", RUN, 0},
    {"m", "M", RUN, 0},
    {"n", "N", RUN, 0},
    {"w3", "W3", ANYWHERE, 0},
    {"wy", "Wy", ANYWHERE, 1},
    {"wh3", "Wh3", ANYWHERE, 0},
    {"why", "Why", ANYWHERE, 1},
    {"w", "3", END, 2},
    {"w", "2", ANYWHERE, 0},
    {"h", "A", START, 0},
    {"h", "2", ANYWHERE, 0},
    {"r3", "R3", ANYWHERE, 0},
    {"ry", "Ry", ANYWHERE, 1},
    {"r", "3", END, 2},
    {"r", "2", ANYWHERE, 0},
    {"l3", "L3", ANYWHERE, 0},
    {"ly", "Ly", ANYWHERE, 1},
    {"l", "3", END, 2},
    {"l", "2", ANYWHERE, 0},
    {"j", "y", ANYWHERE, 1},
    {"y3", "Y3", ANYWHERE, 1},
    {"y", "2", ANYWHERE, 1},
    {"2", "", RUN, 0},
    {"3", "A", END, 2},
    {"3", "", RUN, 0},
};

static bool fits(const auk_utf16 *word, int32_t at, const char *from)
{
    for (; *from; from++, at++) {
        uint16_t unit = auk_phonetic_at(word, at);
        if (*from == '@' ? !auk_phonetic_among(unit, "aeiou") : unit != (uint16_t)*from)
            return false;
    }
    return true;
}

static void replace_runs(auk_utf16 *word, uint16_t from, const char *to)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < word->size; i++) {
        if (word->units[i] != from) {
            word->units[kept++] = word->units[i];
            continue;
        }
        while (auk_phonetic_at(word, i + 1) == from)
            i++;
        if (*to)
            word->units[kept++] = (uint16_t)*to;
    }
    word->size = kept;
}

static void apply(auk_utf16 *word, const struct rule *rule)
{
    int32_t size = (int32_t)strlen(rule->from), first = 0, end = word->size - size + 1;
    if (rule->place == RUN) {
        replace_runs(word, (uint16_t)rule->from[0], rule->to);
        return;
    }
    if (rule->place == END)
        first = word->size > size ? word->size - size : 0;
    if (rule->place == START && end > 1)
        end = 1;
    for (int32_t i = first; i < end;) {
        if (!fits(word, i, rule->from)) {
            i++;
            continue;
        }
        for (int32_t j = 0; j < size; j++)
            word->units[i + j] = (uint16_t)rule->to[j];
        i += size;
    }
}

static bool encode(const auk_utf16 *word, auk_utf16 *code, int version, int32_t size)
{
    auk_utf16_reserve(code, word->size + size);
    code->size = 0;
    for (int32_t i = 0; i < word->size; i++)
        if (word->units[i] >= 'a' && word->units[i] <= 'z')
            code->units[code->size++] = word->units[i];
    if (version == 2 && code->size > 0 && code->units[code->size - 1] == 'e')
        code->size--;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].version == 0 || rules[i].version == version)
            apply(code, &rules[i]);
    while (code->size < size)
        code->units[code->size++] = '1';
    code->size = size;
    return true;
}

bool auk_phonetic_caverphone1(const auk_utf16 *word, auk_utf16 *code)
{
    return encode(word, code, 1, 6);
}

bool auk_phonetic_caverphone2(const auk_utf16 *word, auk_utf16 *code)
{
    return encode(word, code, 2, 10);
}

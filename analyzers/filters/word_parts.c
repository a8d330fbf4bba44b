#include "word_parts.h"

#include <stdlib.h>
#include <string.h>

#include "auk/error.h"
#include "auk/utf8.h"
#include "unicode.h"

struct auk_part_type {
    uint32_t character;
    uint8_t type;
};

/* ICU's general categories, as bits of auk_unicode_category. */
enum {
    UPPER = 1 << 1,
    LOWER = 1 << 2,
    LETTERS_AND_MARKS = 0x1f8, /* titlecase, modifier and other letters; marks */
    NUMBERS = 0xe00
};

static uint8_t type_by_category(uint32_t character)
{
    uint32_t category = auk_unicode_category(character);
    if (category & UPPER)
        return AUK_PART_UPPER;
    if (category & LOWER)
        return AUK_PART_LOWER;
    if (category & LETTERS_AND_MARKS)
        return AUK_PART_ALPHA;
    return category & NUMBERS ? AUK_PART_DIGIT : AUK_PART_DELIMITER;
}

/* Beyond U+FFFF nothing is ever split: Lucene sees half characters there. */
static uint8_t type_of(const auk_part_rules *rules, uint32_t character)
{
    if (character < 256)
        return rules->types[character];
    for (size_t i = 0; i < rules->other_count; i++)
        if (rules->others[i].character == character)
            return rules->others[i].type;
    return character > 0xffff ? AUK_PART_ALPHANUM : type_by_category(character);
}

static void default_types(uint8_t types[256])
{
    for (uint32_t c = 0; c < 256; c++) {
        uint8_t type = type_by_category(c);
        bool is_plain = type == AUK_PART_UPPER || type == AUK_PART_LOWER;
        if (c == 0xaa || c == 0xba) /* ordinal signs are lower case, though no small letters */
            type = AUK_PART_LOWER;
        else if (!is_plain && !(auk_unicode_digit(c) >= 0))
            type = AUK_PART_DELIMITER;
        types[c] = type;
    }
}

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (uint8_t)text.data[0] <= ' ')
        text = auk_span_from(text, 1);
    while (text.size > 0 && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

/* The one character of a rule's left side: "+", "\\", "\u002C". */
static bool read_character(auk_span text, uint32_t *character)
{
    if (text.size > 1 && text.data[0] == '\\') {
        if (text.size == 6 && text.data[1] == 'u') {
            char digits[5] = {0}, *end;
            memcpy(digits, text.data + 2, 4);
            *character = (uint32_t)strtoul(digits, &end, 16);
            return *end == '\0';
        }
        static const char letters[] = "\\tnrbf", meant[] = "\\\t\n\r\b\f";
        const char *letter = memchr(letters, text.data[1], sizeof letters - 1);
        *character = letter ? (uint32_t)meant[letter - letters] : 0;
        return letter && text.size == 2;
    }
    return text.size > 0 && auk_utf8_decode(text, character) == text.size;
}

static auk_code read_type(auk_part_rules *rules, auk_span rule, auk_error *err)
{
    static const struct {
        const char *name;
        uint8_t type;
    } names[] = {{"LOWER", AUK_PART_LOWER},       {"UPPER", AUK_PART_UPPER},
                 {"ALPHA", AUK_PART_ALPHA},       {"DIGIT", AUK_PART_DIGIT},
                 {"ALPHANUM", AUK_PART_ALPHANUM}, {"SUBWORD_DELIM", AUK_PART_DELIMITER}};
    size_t arrow = rule.size;
    while (arrow >= 2 && memcmp(rule.data + arrow - 2, "=>", 2) != 0)
        arrow--;
    if (arrow < 2)
        return auk_fail(err, AUK_INVALID, "Invalid Mapping Rule : [%.*s]", AUK_SPAN_ARG(rule));
    auk_span left = trim((auk_span){rule.data, arrow - 2});
    auk_span right = trim(auk_span_from(rule, arrow));
    uint32_t character;
    if (!read_character(left, &character))
        return auk_fail(err, AUK_INVALID,
                        "Invalid Mapping Rule : [%.*s]. Only a single character is allowed.",
                        AUK_SPAN_ARG(left));
    size_t i = 0;
    while (i < sizeof names / sizeof names[0] && !auk_span_is(right, names[i].name))
        i++;
    if (i == sizeof names / sizeof names[0])
        return auk_fail(err, AUK_INVALID, "Invalid Mapping Rule : [%.*s]. Illegal type.",
                        AUK_SPAN_ARG(right));
    if (character < 256)
        rules->types[character] = names[i].type;
    else
        rules->others[rules->other_count++] = (struct auk_part_type){character, names[i].type};
    return AUK_OK;
}

auk_code auk_part_rules_compile(const auk_definition *definition, const void **state,
                                auk_error *err)
{
    auk_part_rules *rules = AUK_ARENA_NEW(definition->arena, auk_part_rules);
    const struct {
        const char *key;
        bool *out;
        bool fallback;
    } flags[] = {
        {"generate_word_parts", &rules->word_parts, true},
        {"generate_number_parts", &rules->number_parts, true},
        {"catenate_words", &rules->catenate_words, false},
        {"catenate_numbers", &rules->catenate_numbers, false},
        {"catenate_all", &rules->catenate_all, false},
        {"split_on_case_change", &rules->split_on_case, true},
        {"split_on_numerics", &rules->split_on_numerics, true},
        {"preserve_original", &rules->preserve_original, false},
        {"stem_english_possessive", &rules->possessive, true},
        {"adjust_offsets", &rules->adjust_offsets, true},
        {"ignore_keywords", &rules->ignore_keywords, false},
    };
    auk_code code = AUK_OK;
    for (size_t i = 0; code == AUK_OK && i < sizeof flags / sizeof flags[0]; i++)
        code = auk_definition_bool(definition, flags[i].key, flags[i].fallback, flags[i].out, err);
    if (code == AUK_OK)
        code = auk_definition_set(definition, "protected_words", "protected_words_path", false,
                                  &rules->spared, err);
    auk_span *types = NULL;
    size_t count = 0;
    if (code == AUK_OK)
        code =
            auk_definition_words(definition, "type_table", "type_table_path", &types, &count, err);
    default_types(rules->types);
    rules->others = AUK_ARENA_ARRAY(definition->arena, struct auk_part_type, count + 1);
    for (size_t i = 0; code == AUK_OK && i < count; i++)
        code = read_type(rules, types[i], err);
    *state = rules;
    return code;
}

static uint8_t type_at(const auk_part_walk *walk, size_t at, size_t *bytes)
{
    uint32_t character;
    *bytes = auk_unicode_next(walk->text.data + at, walk->text.data + walk->text.size, &character);
    return type_of(walk->rules, character);
}

static size_t step_back(auk_span text, size_t at)
{
    at--;
    while (at > 0 && auk_unicode_continues(text.data[at]))
        at--;
    return at;
}

/* Does "'s", behind a letter and in front of no word's part, end at end? */
static bool ends_possessive(const auk_part_walk *walk, size_t end)
{
    const char *text = walk->text.data;
    size_t bytes;
    return walk->rules->possessive && end > 2 && text[end - 2] == '\'' &&
           (text[end - 1] | 0x20) == 's' &&
           (type_at(walk, step_back(walk->text, end - 2), &bytes) & AUK_PART_ALPHA) &&
           (end == walk->last || (type_at(walk, end, &bytes) & AUK_PART_DELIMITER));
}

static bool breaks(const auk_part_rules *rules, uint8_t before, uint8_t after)
{
    bool alpha_before = before & AUK_PART_ALPHA, alpha_after = after & AUK_PART_ALPHA;
    if (before & after)
        return false;
    if (!rules->split_on_case && alpha_before && alpha_after)
        return false;
    if ((before & AUK_PART_UPPER) && alpha_after)
        return false;
    return rules->split_on_numerics || !((alpha_before && (after & AUK_PART_DIGIT)) ||
                                         ((before & AUK_PART_DIGIT) && alpha_after));
}

void auk_part_walk_next(auk_part_walk *walk)
{
    size_t bytes = 0;
    uint8_t before = 0;
    walk->start = walk->end + (walk->skip_possessive ? 2 : 0);
    walk->skip_possessive = false;
    while (walk->start < walk->last &&
           ((before = type_at(walk, walk->start, &bytes)) & AUK_PART_DELIMITER))
        walk->start += bytes;
    if (walk->start >= walk->last) {
        walk->done = true;
        return;
    }
    walk->end = walk->start + bytes;
    while (walk->end < walk->last) {
        uint8_t type = type_at(walk, walk->end, &bytes);
        if (breaks(walk->rules, before, type))
            break;
        before = type;
        walk->end += bytes;
    }
    walk->skip_possessive = walk->end + 2 <= walk->last && ends_possessive(walk, walk->end + 2);
}

void auk_part_walk_start(auk_part_walk *walk, const auk_part_rules *rules, auk_span text)
{
    *walk = (auk_part_walk){.rules = rules, .text = text, .last = text.size};
    size_t bytes;
    while (walk->first < text.size && (type_at(walk, walk->first, &bytes) & AUK_PART_DELIMITER))
        walk->first += bytes;
    while (walk->last > walk->first) {
        size_t before = step_back(text, walk->last);
        if (!(type_at(walk, before, &bytes) & AUK_PART_DELIMITER))
            break;
        walk->last = before;
    }
    walk->final_possessive = ends_possessive(walk, walk->last);
    walk->end = walk->first;
    auk_part_walk_next(walk);
}

uint8_t auk_part_walk_type(const auk_part_walk *walk)
{
    size_t bytes;
    uint8_t type = type_at(walk, walk->start, &bytes);
    return type == AUK_PART_LOWER || type == AUK_PART_UPPER ? AUK_PART_ALPHA : type;
}

bool auk_part_walk_is_single(const auk_part_walk *walk)
{
    return walk->start == walk->first && walk->end == walk->last - (walk->final_possessive ? 2 : 0);
}

void auk_part_join_add(auk_part_join *join, const auk_part_walk *walk, uint32_t position)
{
    if (join->count == 0) {
        join->type = auk_part_walk_type(walk);
        join->start = walk->start;
        join->position = position;
    }
    memcpy(join->text + join->size, walk->text.data + walk->start, walk->end - walk->start);
    join->size += walk->end - walk->start;
    join->end = walk->end;
    join->count++;
}

void auk_part_join_clear(auk_part_join *join)
{
    join->text += join->size;
    join->size = 0;
    join->count = 0;
}

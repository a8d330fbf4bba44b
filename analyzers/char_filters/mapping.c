/* mapping: strings replaced by strings, the longest that fits first; what was replaced is not
 * looked at again. */
#include <stdlib.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/utf8.h"
#include "char_filters.h"
#include "scratch.h"
#include "unicode.h"

typedef struct mapping_rule {
    auk_span from;
    auk_span to;
} mapping_rule;

typedef struct mapping_state {
    mapping_rule *rules; /* by first byte, then the longest first */
    size_t count;
    uint32_t first[257]; /* rules that begin with byte b: first[b] .. first[b + 1] */
} mapping_state;

static int compare(const void *left, const void *right)
{
    const mapping_rule *a = left, *b = right;
    int order = (uint8_t)a->from.data[0] - (uint8_t)b->from.data[0];
    if (order != 0)
        return order;
    return (a->from.size < b->from.size) - (a->from.size > b->from.size);
}

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = auk_span_from(text, 1);
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    char lower = (char)(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "XXXX" behind "\u"; a pair of surrogates is two of them. False: no such character. */
static bool read_unit(auk_span text, size_t at, uint32_t *unit)
{
    *unit = 0;
    if (text.size - at < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        int value = hex_value(text.data[at + i]);
        if (value < 0)
            return false;
        *unit = *unit << 4 | (uint32_t)value;
    }
    return true;
}

static bool read_escaped_character(auk_span text, size_t *at, uint32_t *character)
{
    if (!read_unit(text, *at, character))
        return false;
    *at += 4;
    if (*character < 0xd800 || *character > 0xdfff)
        return true;
    uint32_t low;
    if (*character > 0xdbff || text.size - *at < 6 || text.data[*at] != '\\' ||
        text.data[*at + 1] != 'u' || !read_unit(text, *at + 2, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return false;
    *at += 6;
    *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* \\ \" \n \t \r \b \f \uXXXX, and any other character for itself. False: a broken escape. */
static bool unescape(auk_arena *arena, auk_span text, auk_span *out)
{
    char *room = auk_arena_alloc(arena, text.size + 4);
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        char byte = text.data[i++];
        if (byte != '\\') {
            room[size++] = byte;
            continue;
        }
        if (i == text.size)
            return false;
        byte = text.data[i++];
        if (byte == 'u') {
            uint32_t character;
            if (!read_escaped_character(text, &i, &character))
                return false;
            size += auk_utf8_encode(character, room + size);
            continue;
        }
        static const char letters[] = "ntrbf", meant[] = "\n\t\r\b\f";
        const char *letter = memchr(letters, byte, sizeof letters - 1);
        room[size++] = letter ? meant[letter - letters] : byte;
    }
    *out = auk_span_make(room, size);
    return true;
}

/* The last "=>", as in a greedy pattern. */
static bool parse(auk_arena *arena, auk_span text, mapping_rule *out)
{
    for (size_t at = text.size; at >= 2; at--) {
        if (memcmp(text.data + at - 2, "=>", 2) != 0)
            continue;
        return unescape(arena, trim((auk_span){text.data, at - 2}), &out->from) &&
               unescape(arena, trim(auk_span_from(text, at)), &out->to) && out->from.size > 0;
    }
    return false;
}

static auk_code read_rules(const auk_definition *definition, mapping_state *mapping,
                           const auk_span *rules, size_t count, auk_error *err)
{
    mapping->rules = AUK_ARENA_ARRAY(definition->arena, mapping_rule, count + 1);
    for (size_t i = 0; i < count; i++)
        if (!parse(definition->arena, auk_arena_copy(definition->arena, rules[i]),
                   &mapping->rules[mapping->count++]))
            return auk_fail(err, AUK_INVALID, "Invalid Mapping Rule : [%.*s]",
                            AUK_SPAN_ARG(rules[i]));
    return AUK_OK;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    mapping_state *mapping = AUK_ARENA_NEW(definition->arena, mapping_state);
    const auk_setting *given = auk_definition_find(definition, "mappings");
    auk_code code;
    if (auk_definition_find(definition, "mappings_path")) {
        auk_span *lines;
        size_t count;
        code = auk_definition_words(definition, "mappings", "mappings_path", &lines, &count, err);
        if (code == AUK_OK)
            code = read_rules(definition, mapping, lines, count, err);
    } else if (given) {
        code = read_rules(definition, mapping, given->values, given->count, err);
    } else {
        code = auk_fail(err, AUK_INVALID,
                        "mapping requires either `mappings` or `mappings_path` to be configured");
    }
    if (code != AUK_OK)
        return code;
    if (mapping->count > 0)
        qsort(mapping->rules, mapping->count, sizeof *mapping->rules, compare);
    for (size_t i = 0; i < mapping->count; i++)
        mapping->first[(uint8_t)mapping->rules[i].from.data[0] + 1]++;
    for (size_t i = 0; i < 256; i++)
        mapping->first[i + 1] += mapping->first[i];
    *state = mapping;
    return AUK_OK;
}

static const mapping_rule *find(const mapping_state *mapping, auk_span text)
{
    uint8_t byte = (uint8_t)text.data[0];
    for (uint32_t i = mapping->first[byte]; i < mapping->first[byte + 1]; i++)
        if (auk_span_starts_with(text, mapping->rules[i].from))
            return &mapping->rules[i];
    return NULL;
}

static auk_code run(const void *state, auk_rewrite *rewrite, auk_error *err)
{
    const mapping_state *mapping = state;
    auk_span text = rewrite->text;
    auk_buffer out;
    auk_buffer_init(&out, rewrite->scratch->text.maximum);
    size_t copied = 0;
    for (size_t at = 0; at < text.size;) {
        const mapping_rule *rule = find(mapping, auk_span_from(text, at));
        if (!rule) {
            at++;
            continue;
        }
        auk_buffer_append(&out, auk_span_make(text.data + copied, at - copied));
        auk_rewrite_replaced(rewrite, rule->from, at, rule->to, out.size);
        auk_buffer_append(&out, rule->to);
        at += rule->from.size;
        copied = at;
    }
    if (copied > 0) {
        auk_buffer_append(&out, auk_span_from(text, copied));
        rewrite->text = auk_arena_copy(rewrite->arena, auk_buffer_span(&out));
    }
    auk_code code = auk_buffer_status(&out);
    auk_buffer_deinit(&out);
    return code == AUK_OK ? AUK_OK
                          : auk_fail(err, code, "text too long behind char filter [mapping]");
}

static const char *const settings[] = {"mappings", "mappings_path", NULL};

const auk_component_type auk_char_filter_mapping = {
    .name = "mapping",
    .flags = AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .rewrite = run,
};

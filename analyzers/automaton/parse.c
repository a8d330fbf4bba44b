/*
 * Lucene's syntax of regular expressions to a tree, by descent:
 *
 *   union   = inter ("|" union)?        repeat  = complement ("?" | "*" | "+" | "{n,m}")*
 *   inter   = concat ("&" inter)?       complement = "~" complement | class
 *   concat  = repeat concat?            class = "[" "^"? ranges "]" | simple
 *
 * As there, an operator without an operand is a character like others.
 */
#include <stdio.h>
#include <string.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

#include "tree.h"
#include "unicode.h"

enum { LONGEST_EXPRESSION = 10000, DEEPEST = 250, MOST_REPEATS = 1000, MOST_DIGITS = 10 };
enum { SET_PATTERN = 512 };

struct parser {
    auk_alphabet *alphabet;
    const auk_automaton_part *parts;
    auk_automaton_syntax syntax;
    auk_span text;
    size_t at;
    unsigned depth;
    unsigned repeats;
    auk_error *err;
    auk_code code; /* the first failure; then every node is NOTHING */
};

static const auk_tree *parse_union(struct parser *parser);

static const auk_tree *make(struct parser *parser, auk_tree tree)
{
    auk_tree *node = AUK_ARENA_NEW(parser->alphabet->arena, auk_tree);
    *node = tree;
    return node;
}

static const auk_tree *pair(struct parser *parser, auk_tree_kind kind, const auk_tree *left,
                            const auk_tree *right)
{
    return make(parser, (auk_tree){.kind = kind, .left = left, .right = right});
}

static const auk_tree *repeat(struct parser *parser, const auk_tree *what, uint32_t least,
                              uint32_t most)
{
    return make(parser, (auk_tree){AUK_TREE_REPEAT, what, NULL, 0, least, most});
}

static const auk_tree *set_of(struct parser *parser, const auk_interval *intervals, uint32_t count)
{
    uint32_t set = auk_alphabet_add(parser->alphabet, intervals, count);
    return make(parser, (auk_tree){.kind = AUK_TREE_SET, .set = set});
}

static const auk_tree *range(struct parser *parser, uint32_t first, uint32_t last)
{
    return set_of(parser, &(auk_interval){first, last}, 1);
}

/* A character that stands for itself, or for both of its cases. */
static const auk_tree *letter(struct parser *parser, uint32_t character)
{
    uint32_t other = character ^ 0x20;
    if (!parser->syntax.any_case || character > 0x7f || (character | 0x20) < 'a' ||
        (character | 0x20) > 'z')
        return range(parser, character, character);
    const auk_interval both[] = {{character, character}, {other, other}};
    return set_of(parser, both, 2);
}

static bool has(const struct parser *parser, unsigned operators)
{
    return (parser->syntax.without & operators) != operators;
}

/* Places are counted in UTF-16 units, as Java counts. */
static size_t place(const struct parser *parser, size_t at)
{
    return auk_unicode_units((auk_span){parser->text.data, at});
}

static const auk_tree *fail(struct parser *parser, const char *what)
{
    if (parser->code == AUK_OK)
        parser->code = auk_fail(parser->err, AUK_INVALID, "%s", what);
    parser->at = parser->text.size;
    return make(parser, (auk_tree){.kind = AUK_TREE_NOTHING});
}

static const auk_tree *fail_at(struct parser *parser, const char *what, size_t at)
{
    char text[96];
    snprintf(text, sizeof text, "%s at position %zu", what, place(parser, at));
    return fail(parser, text);
}

static bool more(const struct parser *parser)
{
    return parser->at < parser->text.size;
}

static bool peek(const struct parser *parser, const char *any)
{
    char byte = more(parser) ? parser->text.data[parser->at] : '\0';
    return byte != '\0' && strchr(any, byte);
}

static bool match(struct parser *parser, char byte)
{
    if (!more(parser) || parser->text.data[parser->at] != byte)
        return false;
    parser->at++;
    return true;
}

static uint32_t next(struct parser *parser)
{
    uint32_t character = 0;
    if (more(parser))
        parser->at += auk_unicode_next(parser->text.data + parser->at,
                                       parser->text.data + parser->text.size, &character);
    else
        fail(parser, "unexpected end-of-string");
    return character;
}

static uint32_t parse_character(struct parser *parser)
{
    (void)match(parser, '\\');
    return next(parser);
}

/* All characters but these, which ascend. */
static const auk_tree *others(struct parser *parser, const auk_interval *intervals, uint32_t count)
{
    auk_interval *rest = AUK_ARENA_ARRAY(parser->alphabet->arena, auk_interval, count + 1);
    uint32_t from = 0, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (intervals[i].first > from)
            rest[kept++] = (auk_interval){from, intervals[i].first - 1};
        from = intervals[i].last + 1;
    }
    if (from <= AUK_LAST_CHARACTER)
        rest[kept++] = (auk_interval){from, AUK_LAST_CHARACTER};
    return set_of(parser, rest, kept);
}

/* \d and its like; NULL: something else, with the backslash behind us. */
static const auk_tree *parse_predefined(struct parser *parser)
{
    static const auk_interval digits[] = {{'0', '9'}};
    static const auk_interval spaces[] = {{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}};
    static const auk_interval words[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    if (!match(parser, '\\'))
        return NULL;
    if (match(parser, 'd'))
        return set_of(parser, digits, 1);
    if (match(parser, 'D'))
        return others(parser, digits, 1);
    if (match(parser, 's'))
        return set_of(parser, spaces, 3);
    if (match(parser, 'S'))
        return others(parser, spaces, 3);
    if (match(parser, 'w'))
        return set_of(parser, words, 4);
    if (match(parser, 'W'))
        return others(parser, words, 4);
    if (match(parser, '\\'))
        return range(parser, '\\', '\\');
    if (peek(parser, "abcefghijklmnopqrtuvxyzABCEFGHIJKLMNOPQRTUVXYZ")) {
        char text[64];
        snprintf(text, sizeof text, "invalid character class \\%u",
                 (unsigned)(uint8_t)parser->text.data[parser->at]);
        return fail(parser, text);
    }
    return NULL;
}

/* What stands between the brackets of a class, one member. */
static const auk_tree *parse_member(struct parser *parser)
{
    const auk_tree *predefined = parse_predefined(parser);
    if (predefined)
        return predefined;
    uint32_t first = parse_character(parser);
    if (!match(parser, '-'))
        return letter(parser, first);
    uint32_t last = parse_character(parser);
    if (first > last) {
        char text[96];
        snprintf(text, sizeof text, "invalid range: from (%u) cannot be > to (%u)", first, last);
        return fail(parser, text);
    }
    return range(parser, first, last);
}

static const auk_tree *parse_class(struct parser *parser)
{
    auk_arena *arena = parser->alphabet->arena;
    bool negated = match(parser, '^');
    auk_interval *all = NULL;
    uint32_t count = 0, capacity = 0;
    do {
        const auk_tree *member = parse_member(parser);
        if (parser->code != AUK_OK)
            return member;
        const auk_character_set *set = &parser->alphabet->sets[member->set];
        if (count + set->count > capacity) {
            capacity = 2 * (count + set->count);
            auk_interval *grown = AUK_ARENA_ARRAY(arena, auk_interval, capacity);
            if (count > 0)
                memcpy(grown, all, count * sizeof *all);
            all = grown;
        }
        memcpy(all + count, set->intervals, set->count * sizeof *all);
        count += set->count;
    } while (more(parser) && !peek(parser, "]"));
    if (!match(parser, ']'))
        return fail_at(parser, "expected ']'", parser->at);
    const auk_tree *tree = set_of(parser, all, count);
    const auk_character_set *set = &parser->alphabet->sets[tree->set];
    return negated ? others(parser, set->intervals, set->count) : tree;
}

static const auk_tree *text_of(struct parser *parser, auk_span text)
{
    const auk_tree *tree = make(parser, (auk_tree){.kind = AUK_TREE_EMPTY});
    const char *end = text.data + text.size;
    for (const char *at = text.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        tree = pair(parser, AUK_TREE_CONCAT, tree, letter(parser, character));
    }
    return tree;
}

/* Numbers of as many digits as both texts have. */
static const auk_tree *between(struct parser *parser, const char *least, const char *most)
{
    if (*least == '\0')
        return make(parser, (auk_tree){.kind = AUK_TREE_EMPTY});
    const auk_tree *any = range(parser, '0', '9');
    uint32_t rest = (uint32_t)strlen(least + 1);
    char zeros[MOST_DIGITS + 1], nines[MOST_DIGITS + 1];
    memset(zeros, '0', sizeof zeros);
    memset(nines, '9', sizeof nines);
    zeros[rest] = nines[rest] = '\0';
    uint32_t first = (uint8_t)least[0], last = (uint8_t)most[0];
    if (first == last)
        return pair(parser, AUK_TREE_CONCAT, range(parser, first, first),
                    between(parser, least + 1, most + 1));
    const auk_tree *low = pair(parser, AUK_TREE_CONCAT, range(parser, first, first),
                               between(parser, least + 1, nines));
    const auk_tree *high =
        pair(parser, AUK_TREE_CONCAT, range(parser, last, last), between(parser, zeros, most + 1));
    const auk_tree *tree = pair(parser, AUK_TREE_UNION, low, high);
    if (last - first < 2)
        return tree;
    const auk_tree *inner = pair(parser, AUK_TREE_CONCAT, range(parser, first + 1, last - 1),
                                 repeat(parser, any, rest, rest));
    return pair(parser, AUK_TREE_UNION, tree, inner);
}

/* With a width numbers have that many digits, else any number of zeros in front. */
static const auk_tree *number_between(struct parser *parser, uint64_t least, uint64_t most,
                                      int width)
{
    char low[32], high[32];
    if (width > 0) {
        snprintf(low, sizeof low, "%0*llu", width, (unsigned long long)least);
        snprintf(high, sizeof high, "%0*llu", width, (unsigned long long)most);
        return between(parser, low, high);
    }
    const auk_tree *tree = make(parser, (auk_tree){.kind = AUK_TREE_NOTHING});
    uint64_t from = 0;
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
        uint64_t to = from == 0 ? 9 : from * 10 - 1;
        if (from <= most && to >= least) {
            snprintf(low, sizeof low, "%llu", (unsigned long long)(least > from ? least : from));
            snprintf(high, sizeof high, "%llu", (unsigned long long)(most < to ? most : to));
            tree = pair(parser, AUK_TREE_UNION, tree, between(parser, low, high));
        }
        from = to + 1;
    }
    const auk_tree *zeros = repeat(parser, range(parser, '0', '0'), 0, AUK_TREE_NO_LIMIT);
    return pair(parser, AUK_TREE_CONCAT, zeros, tree);
}

static bool read_number(auk_span digits, uint64_t *out)
{
    *out = 0;
    if (digits.size == 0 || digits.size > MOST_DIGITS)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return *out <= INT32_MAX;
}

static const auk_tree *parse_interval(struct parser *parser, auk_span text, size_t dash)
{
    auk_span left = {text.data, dash}, right = auk_span_from(text, dash + 1);
    uint64_t least, most;
    if (!read_number(left, &least) || !read_number(right, &most))
        return fail_at(parser, "interval syntax error", parser->at - 1);
    int width = left.size == right.size ? (int)left.size : 0;
    return number_between(parser, least < most ? least : most, least < most ? most : least, width);
}

static const auk_tree *set_by_icu(struct parser *parser, const char *pattern)
{
    UChar wide[SET_PATTERN];
    UErrorCode status = U_ZERO_ERROR;
    int32_t size, count = 0;
    u_strFromUTF8(wide, SET_PATTERN, &size, pattern, -1, &status);
    USet *set = uset_openPattern(wide, size, &status);
    if (U_SUCCESS(status))
        count = uset_getItemCount(set);
    auk_interval *intervals =
        AUK_ARENA_ARRAY(parser->alphabet->arena, auk_interval, (uint32_t)count + 1);
    for (int32_t i = 0; i < count; i++) {
        UChar32 first = 0, last = 0;
        uset_getItem(set, i, &first, &last, NULL, 0, &status);
        intervals[i] = (auk_interval){(uint32_t)first, (uint32_t)last};
    }
    uset_close(set);
    if (U_FAILURE(status))
        return fail(parser, u_errorName(status));
    return set_of(parser, intervals, (uint32_t)count);
}

static const auk_tree *parse_part(struct parser *parser, auk_span name)
{
    const auk_automaton_part *part = parser->parts;
    while (part && part->name && !auk_span_is(name, part->name))
        part++;
    if (!part || !part->name) {
        char text[96];
        snprintf(text, sizeof text, "'%.*s' not found", (int)(name.size < 64 ? name.size : 64),
                 name.data);
        return fail(parser, text);
    }
    if (part->set)
        return set_by_icu(parser, part->set);
    struct parser inner = *parser;
    inner.text = auk_span_of(part->expression);
    inner.at = 0;
    const auk_tree *tree = parse_union(&inner);
    parser->code = inner.code;
    return tree;
}

static const auk_tree *parse_named(struct parser *parser)
{
    size_t start = parser->at;
    while (more(parser) && !peek(parser, ">"))
        next(parser);
    if (!match(parser, '>'))
        return fail_at(parser, "expected '>'", parser->at);
    auk_span name = {parser->text.data + start, parser->at - 1 - start};
    const char *dash = name.size > 0 ? memchr(name.data, '-', name.size) : NULL;
    if (!has(parser, dash ? AUK_SYNTAX_INTERVAL : AUK_SYNTAX_AUTOMATON))
        return fail_at(parser, dash ? "illegal identifier" : "interval syntax error",
                       parser->at - 1);
    return dash ? parse_interval(parser, name, (size_t)(dash - name.data))
                : parse_part(parser, name);
}

static const auk_tree *parse_quoted(struct parser *parser)
{
    size_t start = parser->at;
    while (more(parser) && !peek(parser, "\""))
        next(parser);
    if (!match(parser, '"'))
        return fail_at(parser, "expected '\"'", parser->at);
    return text_of(parser, (auk_span){parser->text.data + start, parser->at - 1 - start});
}

static const auk_tree *parse_simple(struct parser *parser)
{
    const auk_tree *any = range(parser, 0, AUK_LAST_CHARACTER);
    if (match(parser, '.'))
        return any;
    if (has(parser, AUK_SYNTAX_EMPTY) && match(parser, '#'))
        return make(parser, (auk_tree){.kind = AUK_TREE_NOTHING});
    if (has(parser, AUK_SYNTAX_ANYSTRING) && match(parser, '@'))
        return repeat(parser, any, 0, AUK_TREE_NO_LIMIT);
    if (match(parser, '"'))
        return parse_quoted(parser);
    if (has(parser, AUK_SYNTAX_AUTOMATON | AUK_SYNTAX_INTERVAL) && match(parser, '<'))
        return parse_named(parser);
    if (match(parser, '(')) {
        if (match(parser, ')'))
            return make(parser, (auk_tree){.kind = AUK_TREE_EMPTY});
        const auk_tree *inner = parse_union(parser);
        return match(parser, ')') ? inner : fail_at(parser, "expected ')'", parser->at);
    }
    const auk_tree *predefined = parse_predefined(parser);
    if (predefined)
        return predefined;
    return letter(parser, parse_character(parser));
}

static const auk_tree *parse_complement(struct parser *parser)
{
    bool odd = false;
    while (has(parser, AUK_SYNTAX_COMPLEMENT) && match(parser, '~'))
        odd = !odd;
    const auk_tree *tree = match(parser, '[') ? parse_class(parser) : parse_simple(parser);
    return odd ? pair(parser, AUK_TREE_COMPLEMENT, tree, NULL) : tree;
}

static bool parse_count(struct parser *parser, uint32_t *count)
{
    size_t start = parser->at;
    uint64_t number;
    while (peek(parser, "0123456789"))
        parser->at++;
    if (!read_number((auk_span){parser->text.data + start, parser->at - start}, &number))
        return false;
    *count = (uint32_t)number;
    return true;
}

/* Behind "{". */
static const auk_tree *parse_counts(struct parser *parser, const auk_tree *what)
{
    uint32_t least, most;
    if (!parse_count(parser, &least))
        return fail_at(parser, "integer expected", parser->at);
    most = least;
    if (match(parser, ',') && !parse_count(parser, &most))
        most = AUK_TREE_NO_LIMIT;
    if (!match(parser, '}'))
        return fail_at(parser, "expected '}'", parser->at);
    if (least <= most)
        return repeat(parser, what, least, most);
    char text[96];
    snprintf(text, sizeof text, "invalid repetition range(out of order): %u..%u", least, most);
    return fail(parser, text);
}

static const auk_tree *parse_repeat(struct parser *parser)
{
    const auk_tree *tree = parse_complement(parser);
    while (peek(parser, "?*+{")) {
        if (++parser->repeats > MOST_REPEATS)
            return fail(parser, "expression with too many repetitions");
        if (match(parser, '?'))
            tree = repeat(parser, tree, 0, 1);
        else if (match(parser, '*'))
            tree = repeat(parser, tree, 0, AUK_TREE_NO_LIMIT);
        else if (match(parser, '+'))
            tree = repeat(parser, tree, 1, AUK_TREE_NO_LIMIT);
        else if (match(parser, '{'))
            tree = parse_counts(parser, tree);
    }
    return tree;
}

static const auk_tree *parse_concat(struct parser *parser)
{
    const char *ends = has(parser, AUK_SYNTAX_INTERSECTION) ? ")|&" : ")|";
    const auk_tree *tree = parse_repeat(parser);
    while (more(parser) && !peek(parser, ends))
        tree = pair(parser, AUK_TREE_CONCAT, tree, parse_repeat(parser));
    return tree;
}

static const auk_tree *parse_inter(struct parser *parser)
{
    const auk_tree *tree = parse_concat(parser);
    while (has(parser, AUK_SYNTAX_INTERSECTION) && match(parser, '&'))
        tree = pair(parser, AUK_TREE_INTERSECTION, tree, parse_concat(parser));
    return tree;
}

static const auk_tree *parse_union(struct parser *parser)
{
    if (++parser->depth > DEEPEST)
        return fail(parser, "expression nested too deeply");
    const auk_tree *tree = parse_inter(parser);
    while (match(parser, '|'))
        tree = pair(parser, AUK_TREE_UNION, tree, parse_inter(parser));
    parser->depth--;
    return tree;
}

auk_code auk_tree_parse(auk_alphabet *alphabet, auk_span expression,
                        const auk_automaton_part *parts, auk_automaton_syntax syntax,
                        const auk_tree **out, auk_error *err)
{
    struct parser parser = {
        .alphabet = alphabet, .parts = parts, .syntax = syntax, .text = expression, .err = err};
    if (expression.size > LONGEST_EXPRESSION)
        return auk_fail(err, AUK_INVALID, "expression of %zu bytes, above the limit of %d",
                        expression.size, LONGEST_EXPRESSION);
    if (expression.size == 0) {
        *out = make(&parser, (auk_tree){.kind = AUK_TREE_EMPTY});
        return AUK_OK;
    }
    *out = parse_union(&parser);
    if (parser.code == AUK_OK && more(&parser))
        fail_at(&parser, "end-of-string expected", parser.at);
    return parser.code;
}

/*
 * Lucene's classic syntax: clauses with operators in front, fields, ranges, boosts.
 *
 *   query   a clause, then clauses each with AND or OR in front or nothing; words in a row without
 *           an operator between are one text
 *   clause  [+ - NOT] [field:] (words | "phrase" | pre* | w?ld | near~ | /regexp/ | [a TO b} |
 *           (query)) [^boost]
 */
#include "auk/utf8.h"

#include "classic_lexer.h"
#include "string_query.h"

typedef struct classic {
    const auk_string_query *string;
    auk_classic_token *tokens;
    uint32_t count, at;
} classic;

static auk_classic_kind kind_at(const classic *c, uint32_t ahead)
{
    return c->at + ahead < c->count ? c->tokens[c->at + ahead].kind : AUK_CLASSIC_END;
}

static auk_classic_token take(classic *c)
{
    return c->at < c->count ? c->tokens[c->at++] : (auk_classic_token){AUK_CLASSIC_END, {NULL, 0}};
}

static bool take_kind(classic *c, auk_classic_kind kind)
{
    bool found = kind_at(c, 0) == kind;
    c->at += found;
    return found;
}

/* ---- escapes ---- */

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* \x is x, \u0041 the character of that number. */
static auk_code unescape(const classic *c, auk_span text, auk_span *out)
{
    char *made = auk_arena_alloc(c->string->parser->arena, text.size + 4);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '\\') {
            made[size++] = text.data[i];
            continue;
        }
        if (++i == text.size)
            return auk_string_fail(c->string);
        if (text.data[i] != 'u') {
            made[size++] = text.data[i];
            continue;
        }
        uint32_t character = 0;
        for (int d = 0; d < 4; d++) {
            int digit = ++i < text.size ? hex_digit(text.data[i]) : -1;
            if (digit < 0)
                return auk_string_fail(c->string);
            character = character * 16 + (uint32_t)digit;
        }
        if (character >= 0xd800 && character <= 0xdfff)
            return auk_string_fail(c->string);
        size += auk_utf8_encode(character, made + size);
    }
    *out = auk_span_make(made, size);
    return AUK_OK;
}

/* ---- pieces ---- */

typedef struct suffix {
    bool fuzzy;
    auk_span slop; /* behind '~' */
    float boost;
} suffix;

static auk_code read_boost(classic *c, float *boost)
{
    double number;
    auk_classic_token token = take(c);
    if (token.kind != AUK_CLASSIC_NUMBER || !auk_number_parse_double(token.text, &number) ||
        number > 1e30)
        return auk_string_fail(c->string);
    *boost = (float)number;
    return AUK_OK;
}

static auk_code read_suffix(classic *c, bool fuzzy_allowed, suffix *out)
{
    *out = (suffix){.boost = 1.0f};
    for (int i = 0; i < 2; i++) {
        if (kind_at(c, 0) == AUK_CLASSIC_FUZZY && fuzzy_allowed && !out->fuzzy) {
            out->fuzzy = true;
            out->slop = auk_span_from(take(c).text, 1);
        } else if (kind_at(c, 0) == AUK_CLASSIC_CARET) {
            take(c);
            auk_code code = read_boost(c, &out->boost);
            if (code != AUK_OK)
                return code;
        }
    }
    return AUK_OK;
}

/* field:>10 and the like */
static bool is_open_range(auk_span field, auk_span text)
{
    return field.data && text.size > 1 && (text.data[0] == '<' || text.data[0] == '>');
}

static auk_code open_range(const classic *c, auk_span field, auk_span text, auk_query **out)
{
    bool inclusive = text.data[1] == '=' && text.size > 2;
    auk_span value = auk_span_from(text, inclusive ? 2 : 1), open = {NULL, 0};
    if (text.data[0] == '>')
        return auk_string_range(c->string, field, value, inclusive, open, true, out);
    return auk_string_range(c->string, field, open, true, value, inclusive, out);
}

static auk_code word_query(const classic *c, auk_span field, auk_span text, auk_query **out)
{
    auk_code code = unescape(c, text, &text);
    if (code != AUK_OK)
        return code;
    if (field.data && auk_span_is(field, "_exists_"))
        return auk_string_exists(c->string, text, out);
    return is_open_range(field, text) ? open_range(c, field, text, out)
                                      : auk_string_words(c->string, field, text, out);
}

/* '*' alone: all documents, or those with the field. */
static auk_code star_query(const classic *c, auk_span field, auk_query **out)
{
    bool every = !field.data || auk_span_is(field, "*");
    if (!field.data && c->string->field_count == 1) {
        field = c->string->fields[0].name;
        every = auk_span_is(field, "*");
    } else if (!field.data && c->string->field_count > 1) {
        return auk_string_wildcard(c->string, field, AUK_SPAN("*"), out);
    }
    return every ? auk_string_node(c->string, AUK_QUERY_MATCH_ALL, out)
                 : auk_string_exists(c->string, field, out);
}

static auk_code quoted_query(const classic *c, auk_span field, auk_span text, const suffix *behind,
                             auk_query **out)
{
    double slop = c->string->options.slop;
    auk_code code = unescape(c, auk_span_make(text.data + 1, text.size - 2), &text);
    if (code != AUK_OK)
        return code;
    if (behind->fuzzy && (!auk_number_parse_double(behind->slop, &slop) || slop < 0 || slop > 1e9))
        slop = c->string->options.slop;
    if (field.data && auk_span_is(field, "_exists_"))
        return auk_string_exists(c->string, text, out);
    return auk_string_phrase(c->string, field, text, (int32_t)slop, out);
}

static auk_code fuzzy_query(const classic *c, auk_span field, auk_span text, auk_span slop,
                            auk_query **out)
{
    auk_code code = unescape(c, text, &text);
    return code == AUK_OK ? auk_string_fuzzy(c->string, field, text, slop, out) : code;
}

static auk_code piece_query(const classic *c, auk_span field, const auk_classic_token *token,
                            const suffix *behind, auk_query **out)
{
    auk_span text = token->text;
    if (token->kind == AUK_CLASSIC_QUOTED)
        return quoted_query(c, field, text, behind, out);
    if (token->kind == AUK_CLASSIC_REGEXP)
        return auk_string_regexp(c->string, field, auk_span_make(text.data + 1, text.size - 2),
                                 out);
    if (behind->fuzzy && token->kind == AUK_CLASSIC_TERM)
        return fuzzy_query(c, field, text, behind->slop, out);
    switch (token->kind) {
    case AUK_CLASSIC_STAR:
        return star_query(c, field, out);
    case AUK_CLASSIC_PREFIX: {
        auk_code code = unescape(c, auk_span_make(text.data, text.size - 1), &text);
        return code == AUK_OK ? auk_string_prefix(c->string, field, text, out) : code;
    }
    case AUK_CLASSIC_WILDCARD:
        return auk_string_wildcard(c->string, field, text, out);
    default: /* an operator by itself is one character and the space behind it */
        if (token->kind == AUK_CLASSIC_BARE_OPERATOR)
            text.size = 1;
        return word_query(c, field, text, out);
    }
}

static auk_code range_end(classic *c, auk_span *out)
{
    auk_classic_token token = take(c);
    if (token.kind == AUK_CLASSIC_RANGE_QUOTED)
        return unescape(c, auk_span_make(token.text.data + 1, token.text.size - 2), out);
    if (token.kind != AUK_CLASSIC_RANGE_VALUE && token.kind != AUK_CLASSIC_TO)
        return auk_string_fail(c->string);
    if (auk_span_is(token.text, "*")) {
        *out = (auk_span){NULL, 0};
        return AUK_OK;
    }
    return unescape(c, token.text, out);
}

static auk_code range_query(classic *c, auk_span field, auk_query **out)
{
    bool include_from = take(c).kind == AUK_CLASSIC_RANGE_IN;
    auk_span from = {0}, to = {0};
    auk_code code = range_end(c, &from);
    if (code == AUK_OK && !take_kind(c, AUK_CLASSIC_TO))
        code = auk_string_fail(c->string);
    if (code == AUK_OK)
        code = range_end(c, &to);
    if (code != AUK_OK)
        return code;
    auk_classic_kind end = take(c).kind;
    if (end != AUK_CLASSIC_RANGE_END_IN && end != AUK_CLASSIC_RANGE_END_OUT)
        return auk_string_fail(c->string);
    return auk_string_range(c->string, field, from, include_from, to,
                            end == AUK_CLASSIC_RANGE_END_IN, out);
}

/* ---- clauses ---- */

static auk_code parse_chain(classic *c, auk_span field, uint32_t depth, auk_query **out);

static auk_code term_query(classic *c, auk_span field, auk_query **out)
{
    suffix behind = {.boost = 1.0f};
    auk_code code;
    switch (kind_at(c, 0)) {
    case AUK_CLASSIC_RANGE_IN:
    case AUK_CLASSIC_RANGE_OUT:
        code = range_query(c, field, out);
        if (code == AUK_OK)
            code = read_suffix(c, false, &behind);
        break;
    case AUK_CLASSIC_TERM:
    case AUK_CLASSIC_STAR:
    case AUK_CLASSIC_PREFIX:
    case AUK_CLASSIC_WILDCARD:
    case AUK_CLASSIC_REGEXP:
    case AUK_CLASSIC_BARE_OPERATOR:
    case AUK_CLASSIC_QUOTED: {
        auk_classic_token token = take(c);
        code = read_suffix(c, true, &behind);
        if (code == AUK_OK)
            code = piece_query(c, field, &token, &behind, out);
        break;
    }
    default:
        return auk_string_fail(c->string);
    }
    if (code == AUK_OK)
        (*out)->boost *= behind.boost;
    return code;
}

static auk_code parse_clause(classic *c, auk_span field, uint32_t depth, auk_query **out)
{
    auk_code code = AUK_OK;
    if (kind_at(c, 1) == AUK_CLASSIC_COLON && kind_at(c, 0) == AUK_CLASSIC_TERM) {
        code = unescape(c, take(c).text, &field);
        take(c);
    } else if (kind_at(c, 1) == AUK_CLASSIC_COLON && kind_at(c, 0) == AUK_CLASSIC_STAR) {
        field = AUK_SPAN("*");
        c->at += 2;
    }
    if (code != AUK_OK)
        return code;
    if (!take_kind(c, AUK_CLASSIC_OPEN))
        return term_query(c, field, out);
    suffix behind;
    code = parse_chain(c, field, depth + 1, out);
    if (code == AUK_OK && !take_kind(c, AUK_CLASSIC_CLOSE))
        code = auk_string_fail(c->string);
    if (code == AUK_OK)
        code = read_suffix(c, false, &behind);
    if (code == AUK_OK)
        (*out)->boost *= behind.boost;
    return code;
}

/* May words in a row go on to the word in front of a token of this kind? */
static bool lets_go_on(auk_classic_kind kind)
{
    return kind != AUK_CLASSIC_COLON && kind != AUK_CLASSIC_STAR && kind != AUK_CLASSIC_FUZZY &&
           kind != AUK_CLASSIC_CARET && kind != AUK_CLASSIC_AND && kind != AUK_CLASSIC_OR;
}

static bool words_follow(const classic *c)
{
    return kind_at(c, 0) == AUK_CLASSIC_TERM && kind_at(c, 1) == AUK_CLASSIC_TERM &&
           lets_go_on(kind_at(c, 2));
}

static auk_code parse_words(classic *c, auk_span field, auk_query **out)
{
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append(&text, take(c).text);
    while (kind_at(c, 0) == AUK_CLASSIC_TERM && lets_go_on(kind_at(c, 1))) {
        auk_buffer_append_byte(&text, ' ');
        auk_buffer_append(&text, take(c).text);
    }
    auk_span words = auk_arena_copy(c->string->parser->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return word_query(c, field, words, out);
}

static auk_code parse_link(classic *c, auk_span field, uint32_t depth, auk_query *chain)
{
    auk_query *query = NULL;
    auk_query_link link = {0};
    bool first = chain->u.chain.count == 0;
    auk_code code;
    if (words_follow(c)) {
        link.several = true;
        code = parse_words(c, field, &query);
    } else {
        link.with_and = !first && take_kind(c, AUK_CLASSIC_AND);
        link.with_or = !first && !link.with_and && take_kind(c, AUK_CLASSIC_OR);
        link.required = take_kind(c, AUK_CLASSIC_PLUS);
        link.prohibited =
            !link.required && (take_kind(c, AUK_CLASSIC_MINUS) || take_kind(c, AUK_CLASSIC_NOT));
        code = parse_clause(c, field, depth, &query);
    }
    if (code != AUK_OK)
        return code;
    link.query = query;
    *auk_string_link(c->string, chain, query) = link;
    return AUK_OK;
}

static auk_code parse_chain(classic *c, auk_span field, uint32_t depth, auk_query **out)
{
    if (depth > AUK_QUERY_DEPTH_LIMIT)
        return auk_string_fail(c->string);
    auk_code code = auk_string_node(c->string, AUK_QUERY_CHAIN, out);
    if (code != AUK_OK)
        return code;
    auk_query *chain = *out;
    chain->u.chain.operator= c->string->options.operator;
    do {
        code = parse_link(c, field, depth, chain);
    } while (code == AUK_OK && kind_at(c, 0) != AUK_CLASSIC_END &&
             kind_at(c, 0) != AUK_CLASSIC_CLOSE);
    return code;
}

/* ---- all of it ---- */

static void read_tokens(classic *c, auk_span text)
{
    auk_classic_lexer lexer = {.text = text};
    auk_arena *arena = c->string->parser->arena;
    uint32_t capacity = 16;
    c->tokens = AUK_ARENA_ARRAY(arena, auk_classic_token, capacity);
    for (;;) {
        auk_classic_token token = auk_classic_next(&lexer);
        if (token.kind == AUK_CLASSIC_END)
            return;
        if (c->count == capacity) {
            auk_classic_token *more = AUK_ARENA_ARRAY(arena, auk_classic_token, capacity * 2);
            memcpy(more, c->tokens, sizeof *more * capacity);
            c->tokens = more;
            capacity *= 2;
        }
        c->tokens[c->count++] = token;
        if (token.kind == AUK_CLASSIC_BROKEN)
            return;
    }
}

static auk_span escaped(const auk_string_query *string)
{
    auk_span text = string->text;
    char *made = auk_arena_alloc(string->parser->arena, text.size * 2 + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] && strchr("\\+-!():^[]\"{}~*?|&/", text.data[i]))
            made[size++] = '\\';
        made[size++] = text.data[i];
    }
    return auk_span_make(made, size);
}

/* What holds for the whole query string holds for the one clause that it is. */
static void mark_whole(const auk_string_query *string, auk_query *query)
{
    auk_span minimum = string->options.minimum_should_match;
    for (;;) {
        query->u.chain.whole = true;
        query->u.chain.minimum_should_match = minimum;
        const auk_query_link *only = &query->u.chain.items[0];
        if (query->u.chain.count > 1 || only->required || only->prohibited)
            return;
        auk_query *copy = AUK_ARENA_NEW(string->parser->arena, auk_query);
        *copy = *only->query;
        query->u.chain.items[0].query = copy;
        if (copy->kind == AUK_QUERY_MULTI_MATCH && copy->u.multi_match.field_count == 1 &&
            copy->u.multi_match.type != AUK_MULTI_PHRASE)
            copy->u.multi_match.options.minimum_should_match = minimum;
        if (copy->kind != AUK_QUERY_CHAIN)
            return;
        query = copy;
    }
}

auk_code auk_classic_parse(const auk_string_query *string, auk_query **out)
{
    classic c = {.string = string};
    read_tokens(&c, string->escape ? escaped(string) : string->text);
    *out = NULL;
    if (c.count == 0)
        return AUK_OK;
    auk_code code = parse_chain(&c, (auk_span){NULL, 0}, 1, out);
    if (code == AUK_OK && kind_at(&c, 0) != AUK_CLASSIC_END)
        code = auk_string_fail(string);
    if (code != AUK_OK)
        return code;
    mark_whole(string, *out);
    return AUK_OK;
}

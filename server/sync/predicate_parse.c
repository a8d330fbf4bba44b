#include "predicate_private.h"

typedef enum token_kind {
    TOKEN_END,
    TOKEN_NAME, /* a word, or a quoted name */
    TOKEN_TEXT, /* 'text' */
    TOKEN_NUMBER,
    TOKEN_SIGN, /* ( ) , = != <> < <= > >= */
    TOKEN_BROKEN,
} token_kind;

typedef struct token {
    token_kind kind;
    bool quoted;
    auk_span text; /* folded or unquoted */
    uint32_t at;   /* from 1 */
} token;

typedef struct parser {
    auk_arena *arena;
    auk_error *err;
    auk_span text;
    size_t position;
    token now;
    uint32_t parts, depth;
    auk_predicate *predicate;
} parser;

/* ---- tokens ---- */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool begins_name(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (unsigned char)byte >= 0x80;
}

/* What stands between two quotes, doubled ones halved. */
static bool read_quoted(parser *p, char quote, auk_span *out)
{
    char *copy = (char *)auk_arena_alloc(p->arena, p->text.size - p->position + 1);
    size_t size = 0;
    for (size_t at = p->position + 1; at < p->text.size; at++) {
        if (p->text.data[at] == quote) {
            bool doubled = at + 1 < p->text.size && p->text.data[at + 1] == quote;
            if (!doubled) {
                *out = auk_span_make(copy, size);
                p->position = at + 1;
                return true;
            }
            at++;
        }
        copy[size++] = p->text.data[at];
    }
    return false;
}

static void read_name(parser *p)
{
    size_t from = p->position;
    while (p->position < p->text.size &&
           (begins_name(p->text.data[p->position]) || is_digit(p->text.data[p->position]) ||
            p->text.data[p->position] == '$'))
        p->position++;
    p->now.text = auk_arena_copy(p->arena, auk_span_make(p->text.data + from, p->position - from));
    char *folded = (char *)auk_arena_alloc(p->arena, p->now.text.size);
    for (size_t i = 0; i < p->now.text.size; i++) {
        char byte = p->now.text.data[i];
        folded[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    }
    p->now.text.data = folded;
}

static bool read_number(parser *p)
{
    size_t from = p->position, digits = 0, dots = 0;
    if (p->text.data[p->position] == '-')
        p->position++;
    for (; p->position < p->text.size; p->position++) {
        if (is_digit(p->text.data[p->position]))
            digits++;
        else if (p->text.data[p->position] == '.' && dots == 0)
            dots++;
        else
            break;
    }
    p->now.text = auk_arena_copy(p->arena, auk_span_make(p->text.data + from, p->position - from));
    bool runs_on = p->position < p->text.size && begins_name(p->text.data[p->position]);
    return digits > 0 && !runs_on;
}

static bool read_sign(parser *p)
{
    static const char *const signs[] = {"<>", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","};
    auk_span rest = auk_span_from(p->text, p->position);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        auk_span sign = auk_span_of(signs[i]);
        if (auk_span_starts_with(rest, sign)) {
            p->now.text = sign;
            p->position += sign.size;
            return true;
        }
    }
    return false;
}

static void step(parser *p)
{
    while (p->position < p->text.size && auk_byte_among(p->text.data[p->position], " \t\r\n"))
        p->position++;
    p->now = (token){.kind = TOKEN_END, .at = (uint32_t)p->position + 1};
    if (p->position == p->text.size)
        return;
    char byte = p->text.data[p->position];
    bool sound = true;
    if (byte == '\'') {
        p->now.kind = TOKEN_TEXT;
        sound = read_quoted(p, byte, &p->now.text);
    } else if (byte == '"') {
        p->now.kind = TOKEN_NAME;
        p->now.quoted = true;
        sound = read_quoted(p, byte, &p->now.text) && p->now.text.size > 0;
    } else if (begins_name(byte)) {
        p->now.kind = TOKEN_NAME;
        read_name(p);
    } else if (is_digit(byte) || byte == '-' || byte == '.') {
        p->now.kind = TOKEN_NUMBER;
        sound = read_number(p);
    } else {
        p->now.kind = TOKEN_SIGN;
        sound = read_sign(p);
    }
    if (!sound)
        p->now.kind = TOKEN_BROKEN;
}

static bool at_word(const parser *p, const char *word)
{
    return p->now.kind == TOKEN_NAME && !p->now.quoted && auk_span_is(p->now.text, word);
}

static bool take_word(parser *p, const char *word)
{
    bool is = at_word(p, word);
    if (is)
        step(p);
    return is;
}

static bool take_sign(parser *p, const char *sign)
{
    bool is = p->now.kind == TOKEN_SIGN && auk_span_is(p->now.text, sign);
    if (is)
        step(p);
    return is;
}

static auk_code unexpected(parser *p, const char *wanted)
{
    if (p->now.kind == TOKEN_END)
        return auk_fail(p->err, AUK_INVALID, "condition [%.*s] ends where %s is expected",
                        AUK_SPAN_ARG(p->text), wanted);
    return auk_fail(p->err, AUK_INVALID, "condition [%.*s] has no %s at position %u",
                    AUK_SPAN_ARG(p->text), wanted, p->now.at);
}

/* ---- the grammar ---- */

static auk_code read_or(parser *p, auk_part **out);

static auk_code new_part(parser *p, auk_part_kind kind, auk_part **out)
{
    if (++p->parts > AUK_PREDICATE_PARTS)
        return auk_fail(p->err, AUK_INVALID, "a condition has at most %d parts",
                        AUK_PREDICATE_PARTS);
    *out = AUK_ARENA_NEW(p->arena, auk_part);
    (*out)->kind = kind;
    (*out)->at = p->now.at;
    return AUK_OK;
}

static auk_code read_literal(parser *p, auk_literal *out)
{
    *out = (auk_literal){AUK_LITERAL_TEXT, p->now.text, p->now.at};
    if (p->now.kind == TOKEN_NUMBER)
        out->form = AUK_LITERAL_NUMBER;
    else if (at_word(p, "true") || at_word(p, "false"))
        out->form = AUK_LITERAL_BOOL;
    else if (p->now.kind != TOKEN_TEXT)
        return unexpected(p, "'text', number, true or false");
    step(p);
    return AUK_OK;
}

static auk_code read_list(parser *p, auk_part *part)
{
    auk_literal *list = NULL;
    uint32_t capacity = 0;
    if (!take_sign(p, "("))
        return unexpected(p, "[(] after in");
    do {
        if (++p->parts > AUK_PREDICATE_PARTS)
            return auk_fail(p->err, AUK_INVALID, "a condition has at most %d parts",
                            AUK_PREDICATE_PARTS);
        if (part->literal_count == capacity) {
            capacity = capacity ? capacity * 2 : 4;
            auk_literal *more = AUK_ARENA_ARRAY(p->arena, auk_literal, capacity);
            if (part->literal_count > 0)
                memcpy(more, list, part->literal_count * sizeof *list);
            list = more;
        }
        auk_code code = read_literal(p, &list[part->literal_count]);
        if (code != AUK_OK)
            return code;
        part->literal_count++;
    } while (take_sign(p, ","));
    part->literals = list;
    return take_sign(p, ")") ? AUK_OK : unexpected(p, "[)] or [,]");
}

static auk_code negate(parser *p, auk_part **part)
{
    auk_part *whole;
    auk_code code = new_part(p, AUK_PART_NOT, &whole);
    if (code != AUK_OK)
        return code;
    whole->left = *part;
    *part = whole;
    return AUK_OK;
}

static auk_code read_is(parser *p, auk_part **part)
{
    bool negated = take_word(p, "not");
    if (take_word(p, "null"))
        (*part)->kind = AUK_PART_IS_NULL;
    else if (take_word(p, "true"))
        (*part)->kind = AUK_PART_IS_TRUE;
    else if (take_word(p, "false"))
        (*part)->kind = AUK_PART_IS_FALSE;
    else
        return unexpected(p, "null, true or false");
    return negated ? negate(p, part) : AUK_OK;
}

static bool take_comparison(parser *p, auk_comparison *out)
{
    static const struct {
        const char *sign;
        auk_comparison comparison;
    } all[] = {{"=", AUK_EQUAL},       {"!=", AUK_UNEQUAL}, {"<>", AUK_UNEQUAL},
               {"<=", AUK_LESS_EQUAL}, {"<", AUK_LESS},     {">=", AUK_GREATER_EQUAL},
               {">", AUK_GREATER}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (take_sign(p, all[i].sign)) {
            *out = all[i].comparison;
            return true;
        }
    return false;
}

static auk_code read_column(parser *p, auk_part **out)
{
    auk_code code = new_part(p, AUK_PART_COLUMN, out);
    if (code != AUK_OK)
        return code;
    auk_part *part = *out;
    part->column = p->now.text;
    part->next_with_column = p->predicate->columns;
    p->predicate->columns = part;
    p->predicate->column_count++;
    step(p);
    if (take_word(p, "is"))
        return read_is(p, out);
    bool negated = take_word(p, "not");
    if (negated && !at_word(p, "in"))
        return unexpected(p, "in after not");
    if (take_word(p, "in")) {
        part->kind = AUK_PART_IN;
        code = read_list(p, part);
        return code == AUK_OK && negated ? negate(p, out) : code;
    }
    if (!take_comparison(p, &part->comparison))
        return AUK_OK;
    auk_literal *literal = AUK_ARENA_NEW(p->arena, auk_literal);
    part->kind = AUK_PART_COMPARE;
    part->literals = literal;
    part->literal_count = 1;
    return read_literal(p, literal);
}

static auk_code read_primary(parser *p, auk_part **out)
{
    if (take_sign(p, "(")) {
        auk_code code = read_or(p, out);
        if (code != AUK_OK)
            return code;
        return take_sign(p, ")") ? AUK_OK : unexpected(p, "[)]");
    }
    if (at_word(p, "true") || at_word(p, "false")) {
        auk_code code = new_part(p, AUK_PART_CONSTANT, out);
        if (code != AUK_OK)
            return code;
        (*out)->literal_count = at_word(p, "true");
        step(p);
        return AUK_OK;
    }
    if (p->now.kind != TOKEN_NAME || at_word(p, "null") || at_word(p, "and") || at_word(p, "or") ||
        at_word(p, "in") || at_word(p, "is"))
        return unexpected(p, "column");
    return read_column(p, out);
}

static auk_code read_not(parser *p, auk_part **out)
{
    if (p->depth == AUK_PREDICATE_DEPTH)
        return auk_fail(p->err, AUK_INVALID, "a condition is at most %d levels deep",
                        AUK_PREDICATE_DEPTH);
    p->depth++;
    auk_code code;
    if (take_word(p, "not")) {
        code = read_not(p, out);
        if (code == AUK_OK)
            code = negate(p, out);
    } else {
        code = read_primary(p, out);
    }
    p->depth--;
    return code;
}

static auk_code read_chain(parser *p, auk_part_kind kind, const char *word,
                           auk_code (*read)(parser *p, auk_part **out), auk_part **out)
{
    auk_code code = read(p, out);
    while (code == AUK_OK && take_word(p, word)) {
        auk_part *whole;
        code = new_part(p, kind, &whole);
        if (code != AUK_OK)
            return code;
        whole->left = *out;
        *out = whole;
        code = read(p, &whole->right);
    }
    return code;
}

static auk_code read_and(parser *p, auk_part **out)
{
    return read_chain(p, AUK_PART_AND, "and", read_not, out);
}

static auk_code read_or(parser *p, auk_part **out)
{
    return read_chain(p, AUK_PART_OR, "or", read_and, out);
}

auk_code auk_predicate_parse(auk_span text, auk_arena *arena, auk_predicate **out, auk_error *err)
{
    parser p = {.arena = arena, .err = err, .text = auk_arena_copy(arena, text)};
    p.predicate = AUK_ARENA_NEW(arena, auk_predicate);
    step(&p);
    auk_code code = read_or(&p, &p.predicate->root);
    if (code == AUK_OK && p.now.kind != TOKEN_END)
        code = unexpected(&p, "and, or, or end");
    if (code == AUK_OK)
        *out = p.predicate;
    return code;
}

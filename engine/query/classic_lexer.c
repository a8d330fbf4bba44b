#include "classic_lexer.h"

#include <ctype.h>

/* The size of white space at a place; U+3000 is white space, too. */
static size_t space_at(auk_span text, size_t at)
{
    if (at >= text.size)
        return 0;
    if (strchr(" \t\n\r", text.data[at]) && text.data[at])
        return 1;
    bool wide = text.size - at >= 3 && memcmp(text.data + at, "\xe3\x80\x80", 3) == 0;
    return wide ? 3 : 0;
}

/* The size of a character of a term: 0 where there is none. */
static size_t term_character(auk_span text, size_t at, bool first)
{
    if (at >= text.size || space_at(text, at))
        return 0;
    char byte = text.data[at];
    if (byte == '\\')
        return at + 1 < text.size ? 2 : 0;
    if (byte && strchr("!():^[]\"{}~*?/", byte))
        return 0;
    return first && (byte == '+' || byte == '-') ? 0 : 1;
}

static size_t term_end(auk_span text, size_t at, bool first)
{
    for (size_t size; (size = term_character(text, at, first)) > 0; first = false)
        at += size;
    return at;
}

/* A term, one with a '*' behind it, or one with wildcards anywhere: whichever is longest. */
static auk_classic_kind word_at(auk_span text, size_t at, size_t *end)
{
    size_t plain = term_end(text, at, true), wild = at;
    for (size_t size = 1; size > 0; wild += size) {
        bool mark = wild < text.size && (text.data[wild] == '*' || text.data[wild] == '?');
        size = mark ? 1 : term_character(text, wild, wild == at);
    }
    *end = wild;
    if (wild == at)
        return AUK_CLASSIC_BROKEN;
    auk_span word = auk_span_make(text.data + at, wild - at);
    if (auk_span_is(word, "*"))
        return AUK_CLASSIC_STAR;
    if (wild == plain + 1 && plain > at && text.data[plain] == '*')
        return AUK_CLASSIC_PREFIX;
    if (wild > plain)
        return AUK_CLASSIC_WILDCARD;
    if (auk_span_is(word, "AND") || auk_span_is(word, "&&"))
        return AUK_CLASSIC_AND;
    if (auk_span_is(word, "OR") || auk_span_is(word, "||"))
        return AUK_CLASSIC_OR;
    return auk_span_is(word, "NOT") ? AUK_CLASSIC_NOT : AUK_CLASSIC_TERM;
}

static auk_classic_kind quoted_at(auk_span text, size_t at, size_t *end)
{
    for (size_t i = at + 1; i < text.size; i++) {
        if (text.data[i] == '\\') {
            i++;
        } else if (text.data[i] == '"') {
            *end = i + 1;
            return AUK_CLASSIC_QUOTED;
        }
    }
    return AUK_CLASSIC_BROKEN;
}

/* Up to the last '/' that may end it: one behind a backslash may as well not. */
static auk_classic_kind regexp_at(auk_span text, size_t at, size_t *end)
{
    auk_classic_kind kind = AUK_CLASSIC_BROKEN;
    for (size_t i = at + 1; i < text.size; i++) {
        if (text.data[i] != '/')
            continue;
        kind = AUK_CLASSIC_REGEXP;
        *end = i + 1;
        if (text.data[i - 1] != '\\' || i - 1 == at)
            break;
    }
    return kind;
}

static auk_classic_kind operator_at(auk_span text, size_t at, size_t *end)
{
    size_t space = space_at(text, at + 1);
    *end = at + 1 + space;
    if (space)
        return AUK_CLASSIC_BARE_OPERATOR;
    return text.data[at] == '+'   ? AUK_CLASSIC_PLUS
           : text.data[at] == '-' ? AUK_CLASSIC_MINUS
                                  : AUK_CLASSIC_NOT;
}

static auk_classic_kind next_default(auk_classic_lexer *lexer, size_t *end)
{
    auk_span text = lexer->text;
    size_t at = lexer->at;
    *end = at + 1;
    switch (text.data[at]) {
    case '+':
    case '-':
    case '!':
        return operator_at(text, at, end);
    case '(':
        return AUK_CLASSIC_OPEN;
    case ')':
        return AUK_CLASSIC_CLOSE;
    case ':':
        return AUK_CLASSIC_COLON;
    case '^':
        lexer->state = AUK_CLASSIC_IN_BOOST;
        return AUK_CLASSIC_CARET;
    case '"':
        return quoted_at(text, at, end);
    case '~':
        *end = term_end(text, at + 1, false);
        return AUK_CLASSIC_FUZZY;
    case '/':
        return regexp_at(text, at, end);
    case '[':
    case '{':
        lexer->state = AUK_CLASSIC_IN_RANGE;
        return text.data[at] == '[' ? AUK_CLASSIC_RANGE_IN : AUK_CLASSIC_RANGE_OUT;
    default:
        return word_at(text, at, end);
    }
}

static auk_classic_kind next_in_boost(auk_classic_lexer *lexer, size_t *end)
{
    auk_span text = lexer->text;
    size_t at = lexer->at, i = at;
    while (i < text.size && isdigit((unsigned char)text.data[i]))
        i++;
    bool number = i > at;
    size_t whole = i;
    if (number && i + 1 < text.size && text.data[i] == '.')
        for (i++; i < text.size && isdigit((unsigned char)text.data[i]);)
            whole = ++i;
    *end = whole;
    lexer->state = AUK_CLASSIC_DEFAULT;
    return number ? AUK_CLASSIC_NUMBER : AUK_CLASSIC_BROKEN;
}

static auk_classic_kind next_in_range(auk_classic_lexer *lexer, size_t *end)
{
    auk_span text = lexer->text;
    size_t at = lexer->at, i = at, quoted = at;
    *end = at + 1;
    if (text.data[at] == ']' || text.data[at] == '}') {
        lexer->state = AUK_CLASSIC_DEFAULT;
        return text.data[at] == ']' ? AUK_CLASSIC_RANGE_END_IN : AUK_CLASSIC_RANGE_END_OUT;
    }
    while (i < text.size && text.data[i] != ' ' && text.data[i] != ']' && text.data[i] != '}')
        i++;
    if (text.data[at] == '"') {
        for (quoted = at + 1; quoted < text.size && text.data[quoted] != '"'; quoted++)
            quoted +=
                text.data[quoted] == '\\' && quoted + 1 < text.size && text.data[quoted + 1] == '"';
        quoted = quoted < text.size && quoted > at + 1 ? quoted + 1 : at;
    }
    *end = i > quoted ? i : quoted;
    if (quoted >= i)
        return AUK_CLASSIC_RANGE_QUOTED;
    return auk_span_is(auk_span_make(text.data + at, i - at), "TO") ? AUK_CLASSIC_TO
                                                                    : AUK_CLASSIC_RANGE_VALUE;
}

auk_classic_token auk_classic_next(auk_classic_lexer *lexer)
{
    if (lexer->state != AUK_CLASSIC_IN_BOOST)
        for (size_t size; (size = space_at(lexer->text, lexer->at)) > 0;)
            lexer->at += size;
    if (lexer->at >= lexer->text.size) {
        bool open = lexer->state == AUK_CLASSIC_IN_BOOST;
        return (auk_classic_token){open ? AUK_CLASSIC_BROKEN : AUK_CLASSIC_END, {NULL, 0}};
    }
    size_t end = lexer->at;
    auk_classic_kind kind = lexer->state == AUK_CLASSIC_IN_BOOST   ? next_in_boost(lexer, &end)
                            : lexer->state == AUK_CLASSIC_IN_RANGE ? next_in_range(lexer, &end)
                                                                   : next_default(lexer, &end);
    auk_classic_token token = {kind, auk_span_make(lexer->text.data + lexer->at, end - lexer->at)};
    lexer->at = end;
    return token;
}

/*
 * The simple syntax, which knows no errors: + | - "phrase"~2 pre* ( ) and the escape \. What does
 * not fit is a word or nothing.
 */
#include "string_query.h"

typedef struct simple {
    const auk_string_query *string;
    const char *data;
    size_t at, end; /* of the part that is being read */
    char *buffer;   /* a token without its escapes */
    uint32_t *closing;
} simple;

static bool has(const simple *s, unsigned flag)
{
    return (s->string->flags & flag) != 0;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool token_ends(const simple *s)
{
    char byte = s->data[s->at];
    return (byte == '"' && has(s, AUK_SIMPLE_PHRASE)) || (byte == '|' && has(s, AUK_SIMPLE_OR)) ||
           (byte == '+' && has(s, AUK_SIMPLE_AND)) ||
           ((byte == '(' || byte == ')') && has(s, AUK_SIMPLE_PRECEDENCE)) ||
           (is_space(byte) && has(s, AUK_SIMPLE_WHITESPACE));
}

/* The number behind '~': 2 where there is none, 0 where it is no number. */
static int32_t read_distance(simple *s)
{
    size_t first = s->at + 1;
    do {
        s->at++;
    } while (s->at < s->end && !token_ends(s));
    auk_span text = auk_span_make(s->data + first, s->at > first ? s->at - first : 0);
    int64_t number = 0;
    if (text.size == 0)
        return 2;
    return auk_number_parse_int64(text, &number) && number > 0 && number < INT32_MAX
               ? (int32_t)number
               : 0;
}

static auk_span copied(const simple *s, size_t size)
{
    return auk_arena_copy(s->string->parser->arena, auk_span_make(s->buffer, size));
}

/* ---- pieces; each leaves *out NULL when there is nothing ---- */

static auk_code phrase(simple *s, auk_query **out, bool *reset)
{
    size_t start = ++s->at, size = 0;
    bool escape = false, near = false;
    for (; s->at < s->end; s->at++) {
        char byte = s->data[s->at];
        if (!escape && byte == '\\' && has(s, AUK_SIMPLE_ESCAPE)) {
            escape = true;
            continue;
        }
        if (!escape && byte == '"') {
            if (s->end > s->at + 1 && s->data[s->at + 1] == '~' && has(s, AUK_SIMPLE_NEAR)) {
                s->at++;
                near = s->end > s->at + 1;
            }
            break;
        }
        escape = false;
        s->buffer[size++] = byte;
    }
    if (s->at == s->end) { /* never closed: the quote is left out */
        s->at = start;
        return AUK_OK;
    }
    if (s->at == start) {
        *reset = true;
        s->at++;
        return AUK_OK;
    }
    int32_t slop = near ? read_distance(s) : 0;
    s->at++;
    auk_span none = {NULL, 0};
    return auk_string_phrase(s->string, none, copied(s, size), slop, out);
}

static auk_code word(simple *s, auk_query **out)
{
    size_t size = 0;
    bool escape = false, prefix = false, fuzzy = false;
    auk_span none = {NULL, 0};
    for (; s->at < s->end; s->at++) {
        char byte = s->data[s->at];
        if (!escape) {
            if (byte == '\\' && has(s, AUK_SIMPLE_ESCAPE)) {
                escape = true;
                prefix = false;
                continue;
            }
            if (token_ends(s))
                break;
            fuzzy = size > 0 && byte == '~' && has(s, AUK_SIMPLE_FUZZY);
            if (fuzzy)
                break;
            prefix = size > 0 && byte == '*' && has(s, AUK_SIMPLE_PREFIX);
        }
        escape = false;
        s->buffer[size++] = byte;
    }
    if (size == 0)
        return AUK_OK;
    int32_t edits = fuzzy ? read_distance(s) : 0;
    if (edits > 0)
        return auk_string_fuzzy(s->string, none, copied(s, size),
                                edits > 1 ? AUK_SPAN("2") : AUK_SPAN("1"), out);
    if (prefix && !fuzzy)
        return auk_string_prefix(s->string, none, copied(s, size - 1), out);
    return auk_string_words(s->string, none, copied(s, size), out);
}

static auk_code parse_part(simple *s, uint32_t depth, auk_query **out);

/* Where each parenthesis closes, found once: UINT32_MAX where it does not. */
static void pair_parentheses(simple *s)
{
    auk_arena *arena = s->string->parser->arena;
    uint32_t *open = AUK_ARENA_ARRAY(arena, uint32_t, s->end + 1), depth = 0;
    s->closing = AUK_ARENA_ARRAY(arena, uint32_t, s->end + 1);
    for (size_t i = 0; i < s->end; i++) {
        if (s->data[i] == '\\' && has(s, AUK_SIMPLE_ESCAPE)) {
            i++;
        } else if (s->data[i] == '(') {
            s->closing[i] = UINT32_MAX;
            open[depth++] = (uint32_t)i;
        } else if (s->data[i] == ')' && depth > 0) {
            s->closing[open[--depth]] = (uint32_t)i;
        }
    }
}

static auk_code group(simple *s, uint32_t depth, auk_query **out, bool *reset)
{
    size_t end = s->closing[s->at], first = s->at + 1;
    if (end >= s->end) { /* never closed: it is left out */
        s->at = first;
        return AUK_OK;
    }
    s->at = end + 1;
    if (end == first) {
        *reset = true;
        return AUK_OK;
    }
    simple part = *s;
    part.at = first;
    part.end = end;
    return parse_part(&part, depth + 1, out);
}

/* ---- in a row ---- */

static void note_operator(simple *s, auk_query_link *link)
{
    if (!link->with_and && !link->with_or) {
        link->with_and = s->data[s->at] == '+';
        link->with_or = !link->with_and;
    }
    s->at++;
}

static auk_code parse_step(simple *s, uint32_t depth, auk_query **query, bool *reset)
{
    char byte = s->data[s->at];
    if (byte == '(' && has(s, AUK_SIMPLE_PRECEDENCE))
        return group(s, depth, query, reset);
    if (byte == '"' && has(s, AUK_SIMPLE_PHRASE))
        return phrase(s, query, reset);
    if ((byte == ')' && has(s, AUK_SIMPLE_PRECEDENCE)) ||
        (is_space(byte) && has(s, AUK_SIMPLE_WHITESPACE))) {
        s->at++;
        return AUK_OK;
    }
    return word(s, query);
}

static auk_code parse_part(simple *s, uint32_t depth, auk_query **out)
{
    if (depth > AUK_QUERY_DEPTH_LIMIT)
        return auk_string_fail(s->string);
    auk_code code = auk_string_node(s->string, AUK_QUERY_STEPS, out);
    if (code != AUK_OK)
        return code;
    auk_query *steps = *out;
    steps->u.chain.operator= s->string->options.operator;
    auk_query_link link = {0};
    while (s->at < s->end) {
        char byte = s->data[s->at];
        if ((byte == '+' && has(s, AUK_SIMPLE_AND)) || (byte == '|' && has(s, AUK_SIMPLE_OR))) {
            note_operator(s, &link);
            link.prohibited = false;
            continue;
        }
        if (byte == '-' && has(s, AUK_SIMPLE_NOT)) {
            link.prohibited = !link.prohibited; /* twice is not at all */
            s->at++;
            continue;
        }
        auk_query *query = NULL;
        bool reset = false;
        code = parse_step(s, depth, &query, &reset);
        if (code != AUK_OK)
            return code;
        if (query || reset) {
            auk_query_link *added = auk_string_link(s->string, steps, query);
            *added = link;
            added->query = query;
            link = (auk_query_link){0};
        }
        link.prohibited = false;
    }
    return AUK_OK;
}

auk_code auk_simple_parse(const auk_string_query *string, auk_query **out)
{
    simple s = {
        .string = string,
        .data = string->text.data,
        .end = string->text.size,
        .buffer = auk_arena_alloc(string->parser->arena, string->text.size + 1),
    };
    size_t first = 0, end = s.end;
    while (first < end && is_space(s.data[first]))
        first++;
    while (end > first && is_space(s.data[end - 1]))
        end--;
    if (auk_span_is(auk_span_make(s.data + first, end - first), "*"))
        return auk_string_node(string, AUK_QUERY_MATCH_ALL, out);
    pair_parentheses(&s);
    auk_code code = parse_part(&s, 1, out);
    for (auk_query *part = *out; code == AUK_OK;) {
        part->u.chain.minimum_should_match = string->options.minimum_should_match;
        const auk_query *only = part->u.chain.count == 1 ? part->u.chain.items[0].query : NULL;
        if (!only || only->kind != AUK_QUERY_STEPS || part->u.chain.items[0].prohibited)
            break;
        auk_query *copy = AUK_ARENA_NEW(string->parser->arena, auk_query);
        *copy = *only;
        part->u.chain.items[0].query = copy;
        part = copy;
    }
    return code;
}

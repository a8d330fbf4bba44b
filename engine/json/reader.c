/*
 * From the offsets of the tokens to a tree. One pass, no recursion: open containers are frames on a
 * small stack, nodes come from one block in the order of the text.
 */
#include "auk/json.h"

#include <stdlib.h>

#include "auk/hash.h"
#include "auk/varint.h"
#include "complain.h"
#include "scan.h"
#include "unescape.h"

/* Objects up to here compare each key with each; larger ones put them into a table. */
#define FEW_KEYS 8u
/* A table of this many slots fits the stack. */
#define SMALL_TABLE 256u

typedef struct frame {
    auk_json *container;
    auk_json *last; /* child, NULL while there is none */
    const char *start;
} frame;

typedef struct builder {
    auk_span text;
    const uint32_t *at;  /* offset of the next token */
    const uint32_t *end; /* holds the size of the text */
    auk_json *node;      /* next free one */
    auk_json *node_end;
    const char *escape; /* next backslash at or after what was read; the end when there is none */
    auk_span key;       /* of the value that comes next */
    auk_arena *arena;
    auk_error *err;
    uint32_t depth;
    bool opened;  /* the last value was a bracket that opens */
    bool ran_out; /* of nodes */
    uint32_t depth_limit;
    frame frames[AUK_JSON_DEPTH_OWN];
} builder;

static auk_code fail_at(builder *b, const char *place, const char *what)
{
    return auk_json_complain(b->err, b->text, place, what);
}

/* The first byte of the next token, or 0 at the end. */
static inline char peek(const builder *b)
{
    return b->at < b->end ? b->text.data[*b->at] : '\0';
}

static inline const char *place(const builder *b)
{
    return b->text.data + *b->at;
}

/* The end of the token that begins before ->at: only white space may stand between the two. */
static inline const char *token_end(const builder *b, const char *start)
{
    const char *end = place(b);
    while (end > start && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t'))
        end--;
    return end;
}

static auk_code read_string(builder *b, auk_span *out)
{
    const char *quote = place(b);
    b->at++;
    const char *start = quote + 1;
    const char *end = token_end(b, start) - 1;
    if (end < start || *end != '"')
        return fail_at(b, quote, "was expecting a closing quote for this string");
    *out = auk_span_make(start, (size_t)(end - start));
    if (b->escape < start) {
        const char *text_end = b->text.data + b->text.size;
        b->escape = memchr(start, '\\', (size_t)(text_end - start));
        if (b->escape == NULL)
            b->escape = text_end;
    }
    if (b->escape >= end)
        return AUK_OK;
    const char *bad = auk_json_unescape(*out, b->escape, b->arena, out);
    return bad == NULL ? AUK_OK : auk_json_complain_escape(b->err, b->text, bad);
}

static inline const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* RFC 8259, section 6: [-] int [frac] [exp]. Answers the first byte that does not fit, or NULL. */
static const char *check_number(const char *at, const char *end)
{
    if (*at == '-')
        at++;
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits)
        return at;
    if (*digits == '0' && at - digits > 1)
        return digits + 1;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        if (at == digits)
            return at;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        digits = at;
        at = skip_digits(at, end);
        if (at == digits)
            return at;
    }
    return at == end ? NULL : at;
}

static auk_code read_number(builder *b, auk_json *node)
{
    const char *start = place(b);
    b->at++;
    const char *end = token_end(b, start);
    const char *bad = check_number(start, end);
    if (bad != NULL)
        return auk_json_complain_number(b->err, b->text, bad,
                                        auk_span_make(start, (size_t)(end - start)));
    node->type = AUK_JSON_NUMBER;
    node->text = auk_span_make(start, (size_t)(end - start));
    return AUK_OK;
}

static auk_code read_word(builder *b, auk_json *node, auk_span word, auk_json_type type)
{
    const char *start = place(b);
    b->at++;
    auk_span token = auk_span_make(start, (size_t)(token_end(b, start) - start));
    if (!auk_span_equal(token, word))
        return auk_json_complain_word(b->err, b->text, token);
    node->type = type;
    node->text = token;
    return AUK_OK;
}

static auk_code open_container(builder *b, auk_json *node, auk_json_type type)
{
    const char *start = place(b);
    if (b->depth == b->depth_limit)
        return auk_json_complain_depth(b->err, b->text, start);
    b->at++;
    node->type = type;
    b->frames[b->depth++] = (frame){.container = node, .start = start};
    b->opened = true;
    return AUK_OK;
}

/* NULL when there are more values than a whole text of this many tokens can hold. */
static auk_json *add_node(builder *b)
{
    if (b->node == b->node_end)
        return NULL;
    auk_json *node = b->node++;
    node->count = 0;
    node->key = b->key;
    node->child = NULL;
    node->next = NULL;
    if (b->depth > 0) {
        frame *parent = &b->frames[b->depth - 1];
        if (parent->last != NULL)
            parent->last->next = node;
        else
            parent->container->child = node;
        parent->last = node;
        parent->container->count++;
    }
    return node;
}

/* Reads a scalar, or the opening bracket of a container. */
static auk_code read_value(builder *b)
{
    auk_json *node = add_node(b);
    if (node == NULL) {
        b->ran_out = true;
        return AUK_INVALID;
    }
    char first = peek(b);
    switch (first) {
    case '{':
        return open_container(b, node, AUK_JSON_OBJECT);
    case '[':
        return open_container(b, node, AUK_JSON_ARRAY);
    case '"':
        node->type = AUK_JSON_STRING;
        return read_string(b, &node->text);
    case 't':
        return read_word(b, node, AUK_SPAN("true"), AUK_JSON_TRUE);
    case 'f':
        return read_word(b, node, AUK_SPAN("false"), AUK_JSON_FALSE);
    case 'n':
        return read_word(b, node, AUK_SPAN("null"), AUK_JSON_NULL);
    default:
        if (first == '-' || (first >= '0' && first <= '9'))
            return read_number(b, node);
        return fail_at(b, place(b), "was expecting a value");
    }
}

/* Stands before a member: reads its name and the colon. */
static auk_code read_key(builder *b)
{
    if (peek(b) != '"')
        return fail_at(b, place(b), "was expecting double-quote to start field name");
    auk_code code = read_string(b, &b->key);
    if (code != AUK_OK)
        return code;
    if (peek(b) != ':')
        return fail_at(b, place(b), "was expecting a colon to separate field name and value");
    b->at++;
    return AUK_OK;
}

static auk_code fail_duplicate(builder *b, const auk_json *member)
{
    /* A name that had escapes lies elsewhere; then the end of the object must do as place. */
    const char *at = member->key.data;
    bool inside = at >= b->text.data && at < b->text.data + b->text.size;
    return auk_json_complain_duplicate(b->err, b->text, inside ? at - 1 : place(b), member->key);
}

static auk_code check_few_keys(builder *b, const auk_json *object)
{
    for (const auk_json *one = object->child; one != NULL; one = one->next) {
        for (const auk_json *other = object->child; other != one; other = other->next) {
            if (auk_span_equal(one->key, other->key))
                return fail_duplicate(b, one);
        }
    }
    return AUK_OK;
}

/* slots is a power of two, at least twice the number of keys. */
static const auk_json *find_duplicate(const auk_json *object, const auk_json **table, size_t slots)
{
    uint64_t seed = auk_hash_seed();
    memset(table, 0, slots * sizeof(const auk_json *));
    for (const auk_json *member = object->child; member != NULL; member = member->next) {
        size_t slot = auk_hash(member->key, seed) & (slots - 1);
        for (; table[slot] != NULL; slot = (slot + 1) & (slots - 1)) {
            if (auk_span_equal(table[slot]->key, member->key))
                return member;
        }
        table[slot] = member;
    }
    return NULL;
}

static auk_code check_many_keys(builder *b, const auk_json *object)
{
    const auk_json *small[SMALL_TABLE];
    const auk_json **table = small;
    size_t slots = 2 * FEW_KEYS;
    while (slots < 2 * (size_t)object->count)
        slots *= 2;
    if (slots > SMALL_TABLE) {
        table = malloc(slots * sizeof(const auk_json *));
        if (table == NULL)
            abort();
    }
    const auk_json *twice = find_duplicate(object, table, slots);
    if (table != small)
        free(table);
    return twice == NULL ? AUK_OK : fail_duplicate(b, twice);
}

/* Stands on a closing bracket of the right kind. */
static auk_code close_container(builder *b)
{
    frame *top = &b->frames[b->depth - 1];
    auk_json *node = top->container;
    if (node->type == AUK_JSON_OBJECT && node->count > 1) {
        auk_code code =
            node->count <= FEW_KEYS ? check_few_keys(b, node) : check_many_keys(b, node);
        if (code != AUK_OK)
            return code;
    }
    node->text = auk_span_make(top->start, (size_t)(place(b) + 1 - top->start));
    b->at++;
    b->depth--;
    return AUK_OK;
}

/* After a value: closes what ends here and moves to where the next value begins, if there is one.
 */
static auk_code advance(builder *b)
{
    while (b->depth > 0) {
        bool is_object = b->frames[b->depth - 1].container->type == AUK_JSON_OBJECT;
        char token = peek(b);
        if (token == (is_object ? '}' : ']')) {
            auk_code code = close_container(b);
            if (code != AUK_OK)
                return code;
            b->opened = false;
            continue;
        }
        if (!b->opened) {
            if (token != ',')
                return fail_at(b, place(b),
                               is_object ? "was expecting comma to separate Object entries"
                                         : "was expecting comma to separate Array entries");
            b->at++;
        }
        b->opened = false;
        b->key = (auk_span){0};
        return is_object ? read_key(b) : AUK_OK;
    }
    if (b->at != b->end)
        return fail_at(b, place(b), "was expecting the end of the text after the value");
    return AUK_OK;
}

static auk_code build(builder *b)
{
    auk_code code;
    do {
        code = read_value(b);
        if (code == AUK_OK)
            code = advance(b);
    } while (code == AUK_OK && b->depth > 0);
    return code;
}

static auk_code build_from(builder *b, const auk_scan *scan, size_t most_values)
{
    b->at = scan->offsets;
    b->end = scan->offsets + scan->count;
    b->node = auk_arena_alloc(b->arena, most_values * sizeof *b->node);
    b->node_end = b->node + most_values;
    b->escape = b->text.data;
    b->key = (auk_span){0};
    b->depth = 0;
    b->opened = false;
    b->ran_out = false;
    return build(b);
}

/* More tokens than this are counted by kind; below, a bound costs less than it saves. */
#define MANY_TOKENS 65536u

/*
 * Room for the nodes of a sound text: each value but the first is followed by a comma, or by the
 * bracket of which it is the last. Names, colons and commas may be half of the rest: where that
 * matters they are looked at.
 */
static size_t most_values_of(auk_span text, const auk_scan *scan)
{
    size_t bound = (size_t)scan->count / 2 + 1;
    if (scan->count < MANY_TOKENS)
        return bound;
    size_t starts = 0, names = 0;
    for (uint32_t i = 0; i < scan->count; i++) {
        char token = text.data[scan->offsets[i]];
        names += token == ':';
        starts += token != ':' && token != ',' && token != ']' && token != '}';
    }
    size_t values = starts > names ? starts - names : 1;
    return values < bound ? values : bound;
}

/* Offsets of tokens that the scanner is about to hold; small ones it keeps anyway. */
static auk_code admit_scan(auk_span text, auk_arena *arena, auk_error *err)
{
    if (text.size < MANY_TOKENS)
        return AUK_OK;
    return auk_arena_admit(arena, text.size * sizeof(uint32_t), err);
}

static auk_code build_admitted(builder *b, const auk_scan *scan, size_t most_values,
                               size_t scan_bytes)
{
    auk_code code = auk_arena_admit(b->arena, most_values * sizeof *b->node + scan_bytes, b->err);
    return code == AUK_OK ? build_from(b, scan, most_values) : code;
}

static auk_code parse(auk_span text, uint32_t depth_limit, auk_arena *arena, const auk_json **out,
                      auk_error *err)
{
    auk_scan scan;
    auk_code code = admit_scan(text, arena, err);
    if (code != AUK_OK)
        return code;
    auk_scan_result result = auk_json_scan(text.data, text.size, &scan);
    if (result != AUK_SCAN_OK)
        return auk_json_complain_scan(err, text, result);
    builder b;
    b.text = text;
    b.arena = arena;
    b.err = err;
    b.depth_limit = depth_limit;
    b.ran_out = false;
    size_t scan_bytes = text.size < MANY_TOKENS ? 0 : text.size * sizeof(uint32_t);
    size_t most_values = most_values_of(text, &scan);
    code = build_admitted(&b, &scan, most_values, scan_bytes);
    auk_json *root = code == AUK_OK ? b.node_end - most_values : NULL;
    /* The text is broken; with room for each token the walk gets to where it shows. */
    if (b.ran_out)
        code = build_admitted(&b, &scan, (size_t)scan.count / 2 + depth_limit + 2, scan_bytes);
    auk_json_scan_release();
    if (code == AUK_OK)
        *out = root;
    return code;
}

auk_code auk_json_parse_padded(auk_span text, auk_arena *arena, const auk_json **out,
                               auk_error *err)
{
    return parse(text, AUK_JSON_DEPTH, arena, out, err);
}

static auk_code parse_copy(auk_span text, uint32_t depth_limit, auk_arena *arena,
                           const auk_json **out, auk_error *err)
{
    auk_code code = auk_arena_admit(arena, text.size + AUK_JSON_PADDING, err);
    if (code != AUK_OK)
        return code;
    char *copy = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    if (text.size > 0)
        memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, AUK_JSON_PADDING);
    return parse(auk_span_make(copy, text.size), depth_limit, arena, out, err);
}

auk_code auk_json_parse(auk_span text, auk_arena *arena, const auk_json **out, auk_error *err)
{
    return parse_copy(text, AUK_JSON_DEPTH, arena, out, err);
}

auk_code auk_json_parse_own(auk_span text, auk_arena *arena, const auk_json **out, auk_error *err)
{
    return parse_copy(text, AUK_JSON_DEPTH_OWN, arena, out, err);
}

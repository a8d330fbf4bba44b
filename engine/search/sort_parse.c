/* "sort" of a request: names, orders, what to do with missing values. */
#include "auk/nearest.h"
#include "sort.h"

static void set_name(auk_sort_key *key, auk_span name)
{
    *key = (auk_sort_key){.by = AUK_SORT_FIELD, .field = name};
    if (auk_span_is(name, "_score")) {
        key->by = AUK_SORT_SCORE;
        key->descending = true;
    } else if (auk_span_is(name, "_doc")) {
        key->by = AUK_SORT_DOC;
    } else if (auk_span_is(name, "_shard_doc")) {
        key->by = AUK_SORT_SHARD_DOC;
    }
}

static bool is_word(auk_span text, const char *lower, const char *upper)
{
    return auk_span_is(text, lower) || auk_span_is(text, upper);
}

static auk_code read_order(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    if (!is_word(value->text, "asc", "ASC") && !is_word(value->text, "desc", "DESC"))
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "Unknown sort order [%.*s]: use [asc] or [desc]",
                             AUK_SPAN_ARG(value->text));
    key->descending = is_word(value->text, "desc", "DESC");
    return AUK_OK;
}

static auk_code read_missing(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    (void)err;
    key->missing_first = auk_span_is(value->text, "_first");
    bool end = key->missing_first || auk_span_is(value->text, "_last");
    key->missing = end ? NULL : value;
    return AUK_OK;
}

static auk_code read_mode(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    static const struct {
        const char *lower, *upper;
        auk_sort_mode mode;
    } modes[] = {{"min", "MIN", AUK_MODE_MIN},
                 {"max", "MAX", AUK_MODE_MAX},
                 {"avg", "AVG", AUK_MODE_AVG},
                 {"sum", "SUM", AUK_MODE_SUM},
                 {"median", "MEDIAN", AUK_MODE_MEDIAN}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (is_word(value->text, modes[i].lower, modes[i].upper)) {
            key->mode = modes[i].mode;
            return AUK_OK;
        }
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception", "Unknown SortMode [%.*s]",
                         AUK_SPAN_ARG(value->text));
}

static auk_code read_unmapped(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    (void)err;
    key->unmapped_type = value->text;
    return AUK_OK;
}

static auk_code read_format(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    (void)err;
    key->format = value->text;
    return AUK_OK;
}

/* Integers and doubles meet without being told; other conversions are not made. */
static auk_code read_numeric_type(auk_sort_key *key, const auk_json *value, auk_error *err)
{
    (void)key;
    static const char *const types[] = {"long", "double", "date"};
    for (size_t i = 0; i < 3; i++)
        if (auk_span_is(value->text, types[i]))
            return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "invalid value for [numeric_type], must be [long, double, date], got %.*s",
                         AUK_SPAN_ARG(value->text));
}

static const struct {
    const char *name;
    auk_code (*read)(auk_sort_key *key, const auk_json *value, auk_error *err);
} options[] = {
    {"order", read_order},   {"missing", read_missing},
    {"mode", read_mode},     {"unmapped_type", read_unmapped},
    {"format", read_format}, {"numeric_type", read_numeric_type},
};
#define OPTIONS (sizeof options / sizeof options[0])

static auk_code read_option(auk_sort_key *key, const auk_json *member, auk_error *err)
{
    auk_span names[OPTIONS];
    for (size_t i = 0; i < OPTIONS; i++) {
        names[i] = auk_span_of(options[i].name);
        if (!auk_span_equal(member->key, names[i]))
            continue;
        if (member->type == AUK_JSON_OBJECT || member->type == AUK_JSON_ARRAY)
            break;
        return options[i].read(key, member, err);
    }
    auk_span close = auk_nearest(member->key, names, OPTIONS);
    auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                  "[field_sort] unknown field [%.*s]", AUK_SPAN_ARG(member->key));
    if (close.size)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code parse_one(const auk_json *value, auk_sort_key *key, auk_error *err)
{
    if (value->type == AUK_JSON_STRING && value->text.size) {
        set_name(key, value->text);
        return AUK_OK;
    }
    if (value->type != AUK_JSON_OBJECT || value->count != 1)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "malformed sort format, within the sort array, an object, or an "
                             "actual string are allowed");
    const auk_json *member = value->child;
    if (auk_span_is(member->key, "_script") || auk_span_is(member->key, "_geo_distance"))
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "[%.*s] sort is not supported", AUK_SPAN_ARG(member->key));
    set_name(key, member->key);
    if (member->type == AUK_JSON_STRING)
        return read_order(key, member, err);
    if (member->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "Expected [START_OBJECT] in sort of [%.*s] but found [%s]",
                             AUK_SPAN_ARG(member->key), auk_json_type_name(member->type));
    for (const auk_json *option = member->child; option; option = option->next) {
        auk_code code = read_option(key, option, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code check_count(size_t count, auk_error *err)
{
    if (count <= AUK_SORT_KEY_LIMIT)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "too many sort keys: at most %d", AUK_SORT_KEY_LIMIT);
}

auk_code auk_sort_parse(const auk_json *value, auk_arena *arena, const auk_sort_key **out,
                        uint32_t *count, auk_error *err)
{
    bool list = value->type == AUK_JSON_ARRAY;
    /* {"a": "asc", "b": "desc"}: an object of several is a list as well */
    bool many = value->type == AUK_JSON_OBJECT && value->count > 1;
    uint32_t expected = list || many ? value->count : 1;
    auk_code code = check_count(expected, err);
    if (code != AUK_OK)
        return code;
    auk_sort_key *keys = AUK_ARENA_ARRAY(arena, auk_sort_key, expected + 1);
    *out = keys;
    *count = 0;
    for (const auk_json *item = list || many ? value->child : value; item;
         item = list || many ? item->next : NULL) {
        auk_json alone = {.type = AUK_JSON_OBJECT, .count = 1};
        auk_json member = *item;
        member.next = NULL;
        alone.child = &member;
        code = parse_one(many ? &alone : item, &keys[*count], err);
        if (code != AUK_OK)
            return code;
        ++*count;
    }
    return AUK_OK;
}

auk_code auk_sort_parse_text(auk_span text, auk_arena *arena, const auk_sort_key **out,
                             uint32_t *count, auk_error *err)
{
    size_t parts = 1;
    for (size_t i = 0; i < text.size; i++)
        parts += text.data[i] == ',';
    auk_code code = check_count(parts, err);
    if (code != AUK_OK)
        return code;
    auk_sort_key *keys = AUK_ARENA_ARRAY(arena, auk_sort_key, parts);
    *out = keys;
    *count = 0;
    while (text.size) {
        const char *comma = memchr(text.data, ',', text.size);
        auk_span part = auk_span_make(text.data, comma ? (size_t)(comma - text.data) : text.size);
        text = auk_span_from(text, comma ? part.size + 1 : part.size);
        const char *colon = part.size ? memchr(part.data, ':', part.size) : NULL;
        if (part.size == 0)
            continue;
        auk_sort_key *key = &keys[(*count)++];
        set_name(key, auk_span_make(part.data, colon ? (size_t)(colon - part.data) : part.size));
        if (colon) {
            const auk_json order = {.type = AUK_JSON_STRING,
                                    .text = auk_span_from(part, key->field.size + 1)};
            code = read_order(key, &order, err);
        }
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

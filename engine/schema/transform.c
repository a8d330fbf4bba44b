#include "auk/transform.h"

#include <ctype.h>

#include "auk/analyzer.h"
#include "auk/date_format.h"

typedef enum transform_kind {
    RENAME,
    COPY,
    REMOVE,
    SET,
    SPLIT,
    JOIN,
    LOWERCASE,
    CONVERT,
    DATE
} transform_kind;

typedef struct transform_name {
    const char *name;
    transform_kind kind;
    const char *members; /* that it takes */
} transform_name;

static const transform_name names[] = {
    {"rename", RENAME, "from to"},       {"copy", COPY, "from to"},
    {"remove", REMOVE, "field"},         {"set", SET, "field value"},
    {"split", SPLIT, "field separator"}, {"join", JOIN, "field separator"},
    {"lowercase", LOWERCASE, "field"},   {"convert", CONVERT, "field type"},
    {"date", DATE, "field formats to"},
};

struct auk_transform {
    transform_kind kind;
    const char *name;
    auk_span field, to, separator, type;
    const auk_json *value;
    auk_date_format *format;
};

/* ---- reading ---- */

static auk_code refuse(const char *name, const char *what, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "parsing_exception", "[transforms] [%s] %s", name, what);
}

static bool is_member(const transform_name *name, auk_span key)
{
    auk_span rest = auk_span_of(name->members), one;
    while (auk_span_cut(&rest, ' ', &one))
        if (auk_span_equal(one, key))
            return true;
    return false;
}

static auk_span text_of(const auk_json *object, const char *key)
{
    const auk_json *value = auk_json_get(object, key);
    return value && value->type == AUK_JSON_STRING ? value->text : AUK_SPAN("");
}

static void destroy_format(void *format)
{
    auk_date_format_destroy(format);
}

static auk_code read_formats(const auk_json *formats, auk_arena *arena, auk_transform *out,
                             auk_error *err)
{
    auk_span pattern = AUK_SPAN("");
    if (!formats || formats->type != AUK_JSON_ARRAY)
        return refuse(out->name, "needs [formats], a list of date formats", err);
    for (const auk_json *item = formats->child; item; item = item->next)
        pattern = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(pattern),
                                   pattern.size ? "||" : "", AUK_SPAN_ARG(item->text));
    auk_code code = auk_date_format_create(pattern, &out->format, err);
    if (code == AUK_OK)
        auk_arena_defer(arena, destroy_format, out->format);
    return code;
}

static auk_code check_parts(const auk_transform *t, auk_error *err)
{
    static const char *const types[] = {"long", "integer", "double", "float", "boolean", "string"};
    if (!t->field.size)
        return refuse(t->name,
                      t->kind == RENAME || t->kind == COPY ? "needs [from]" : "needs [field]", err);
    if ((t->kind == RENAME || t->kind == COPY) && !t->to.size)
        return refuse(t->name, "needs [to]", err);
    if ((t->kind == SPLIT || t->kind == JOIN) && !t->separator.size)
        return refuse(t->name, "needs [separator]", err);
    if (t->kind == SET && !t->value)
        return refuse(t->name, "needs [value]", err);
    if (t->kind != CONVERT)
        return AUK_OK;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (auk_span_is(t->type, types[i]))
            return AUK_OK;
    return refuse(t->name, "takes [type] long, integer, double, float, boolean or string", err);
}

static auk_code read_one(const auk_json *entry, auk_arena *arena, auk_transform *out,
                         auk_error *err)
{
    const auk_json *body =
        entry->type == AUK_JSON_OBJECT && entry->count == 1 ? entry->child : NULL;
    const transform_name *name = NULL;
    for (size_t i = 0; body && i < sizeof names / sizeof names[0]; i++)
        if (auk_span_is(body->key, names[i].name))
            name = &names[i];
    if (!name) {
        auk_fail_type(err, AUK_INVALID, "parsing_exception",
                      "[transforms] unknown transform [%.*s]",
                      AUK_SPAN_ARG(body ? body->key : entry->text));
        auk_hint(err, "there are rename, copy, remove, set, split, join, lowercase, convert, date");
        return AUK_INVALID;
    }
    *out = (auk_transform){.kind = name->kind, .name = name->name};
    if (body->type == AUK_JSON_STRING) {
        out->field = body->text;
        return check_parts(out, err);
    }
    for (const auk_json *member = body->child; member; member = member->next)
        if (body->type != AUK_JSON_OBJECT || !is_member(name, member->key))
            return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                 "[transforms] [%s] unknown field [%.*s]", name->name,
                                 AUK_SPAN_ARG(member->key));
    bool moves = name->kind == RENAME || name->kind == COPY;
    out->field = text_of(body, moves ? "from" : "field");
    out->to = text_of(body, "to");
    out->separator = text_of(body, "separator");
    out->type = text_of(body, "type");
    out->value = auk_json_get(body, "value");
    auk_code code = check_parts(out, err);
    if (code == AUK_OK && name->kind == DATE)
        code = read_formats(auk_json_get(body, "formats"), arena, out, err);
    return code;
}

/* {"remove": ["a", "b"]} is as many transforms. */
static uint32_t count_of(const auk_json *entry)
{
    const auk_json *body = entry->child;
    bool list = body && auk_span_is(body->key, "remove") && body->type == AUK_JSON_ARRAY;
    return list ? body->count : 1;
}

auk_code auk_transforms_read(const auk_json *list, auk_arena *arena, auk_transforms *out,
                             auk_error *err)
{
    uint32_t count = 0;
    auk_code code = AUK_OK;
    *out = (auk_transforms){0};
    if (!list)
        return AUK_OK;
    if (list->type != AUK_JSON_ARRAY)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception", "[transforms] must be a list");
    for (const auk_json *entry = list->child; entry; entry = entry->next)
        count += count_of(entry);
    auk_transform *items = AUK_ARENA_ARRAY(arena, auk_transform, count + 1);
    for (const auk_json *entry = list->child; entry && code == AUK_OK; entry = entry->next) {
        const auk_json *body = entry->child;
        if (!body || !auk_span_is(body->key, "remove") || body->type != AUK_JSON_ARRAY) {
            code = read_one(entry, arena, &items[out->count++], err);
            continue;
        }
        for (const auk_json *field = body->child; field; field = field->next)
            items[out->count++] =
                (auk_transform){.kind = REMOVE, .name = "remove", .field = field->text};
    }
    out->items = items;
    return code;
}

/* ---- a document that can be changed ---- */

typedef struct node {
    const auk_json *json; /* the value as it was, when `type` is not that of an object */
    auk_json_type type;
    auk_span key;
    struct node *child, *next; /* of objects */
} node;

static node *tree_of(const auk_json *json, auk_arena *arena)
{
    node *tree = AUK_ARENA_NEW(arena, node);
    *tree = (node){.json = json, .type = json->type, .key = json->key};
    node **tail = &tree->child;
    for (const auk_json *member = json->type == AUK_JSON_OBJECT ? json->child : NULL; member;
         member = member->next) {
        *tail = tree_of(member, arena);
        tail = &(*tail)->next;
    }
    return tree;
}

static void write_tree(const node *tree, auk_json_writer *out)
{
    if (tree->type != AUK_JSON_OBJECT) {
        auk_json_value(out, tree->json);
        return;
    }
    auk_json_begin_object(out);
    for (const node *member = tree->child; member; member = member->next) {
        auk_json_key(out, member->key);
        write_tree(member, out);
    }
    auk_json_end_object(out);
}

static node **member_slot(node *object, auk_span key)
{
    node **slot = &object->child;
    while (*slot && !auk_span_equal((*slot)->key, key))
        slot = &(*slot)->next;
    return slot;
}

/* Where the field is: first as one key with dots, then step by step. NULL: nowhere. */
static node **find(node *object, auk_span path)
{
    node **slot = member_slot(object, path);
    if (*slot)
        return slot;
    const char *dot = path.size ? memchr(path.data, '.', path.size) : NULL;
    if (!dot)
        return NULL;
    size_t head = (size_t)(dot - path.data);
    slot = member_slot(object, auk_span_make(path.data, head));
    if (!*slot || (*slot)->type != AUK_JSON_OBJECT)
        return NULL;
    return find(*slot, auk_span_from(path, head + 1));
}

/* The object that the path's last key belongs to, made on the way; NULL: something else is there.
 */
static node *place(node *object, auk_span *path, auk_arena *arena)
{
    const char *dot;
    while ((dot = path->size ? memchr(path->data, '.', path->size) : NULL) != NULL) {
        auk_span key = auk_span_make(path->data, (size_t)(dot - path->data));
        node **slot = member_slot(object, key);
        if (!*slot) {
            *slot = AUK_ARENA_NEW(arena, node);
            **slot = (node){.type = AUK_JSON_OBJECT, .key = key};
        }
        if ((*slot)->type != AUK_JSON_OBJECT)
            return NULL;
        object = *slot;
        *path = auk_span_from(*path, key.size + 1);
    }
    return object;
}

static auk_code put(node *root, auk_span path, node *value, auk_arena *arena, auk_error *err)
{
    auk_span key = path;
    node *object = place(root, &key, arena);
    if (!object)
        return auk_fail(err, AUK_INVALID, "cannot set [%.*s]: a field on its way is not an object",
                        AUK_SPAN_ARG(path));
    node **slot = member_slot(object, key);
    value->key = key;
    value->next = *slot ? (*slot)->next : NULL;
    *slot = value;
    return AUK_OK;
}

/* ---- values ---- */

static auk_json *value_new(auk_json_type type, auk_span text, auk_arena *arena)
{
    auk_json *value = AUK_ARENA_NEW(arena, auk_json);
    *value = (auk_json){.type = type, .text = text};
    return value;
}

/* Runs a change over the value, or over each of a list. */
typedef auk_code (*change_value)(const auk_transform *t, const auk_json *value, auk_arena *arena,
                                 const auk_json **out, auk_error *err);

static auk_code change_each(const auk_transform *t, node *at, change_value change, auk_arena *arena,
                            auk_error *err)
{
    if (at->type == AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "field [%.*s] is an object, [%s] takes values",
                        AUK_SPAN_ARG(t->field), t->name);
    if (at->type != AUK_JSON_ARRAY) {
        auk_code code = change(t, at->json, arena, &at->json, err);
        at->type = at->json->type;
        return code;
    }
    auk_json *list = value_new(AUK_JSON_ARRAY, AUK_SPAN(""), arena);
    const auk_json **tail = &list->child;
    for (const auk_json *item = at->json->child; item; item = item->next) {
        const auk_json *changed;
        auk_code code = change(t, item, arena, &changed, err);
        if (code != AUK_OK)
            return code;
        auk_json *copy = AUK_ARENA_NEW(arena, auk_json);
        *copy = *changed;
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
        list->count++;
    }
    at->json = list;
    return AUK_OK;
}

static auk_code lowercase(const auk_transform *t, const auk_json *value, auk_arena *arena,
                          const auk_json **out, auk_error *err)
{
    if (value->type == AUK_JSON_NULL) {
        *out = value;
        return AUK_OK;
    }
    if (value->type != AUK_JSON_STRING)
        return auk_fail(err, AUK_INVALID, "field [%.*s] of type [%s] cannot be cast to a string",
                        AUK_SPAN_ARG(t->field), auk_json_type_name(value->type));
    *out = value_new(AUK_JSON_STRING, auk_text_lowercase(value->text, arena), arena);
    return AUK_OK;
}

static auk_code cannot_convert(const auk_transform *t, const auk_json *value, auk_error *err)
{
    return auk_fail(err, AUK_INVALID, "unable to convert [%.*s] of field [%.*s] to %.*s",
                    AUK_SPAN_ARG(value->text), AUK_SPAN_ARG(t->field), AUK_SPAN_ARG(t->type));
}

static auk_code convert(const auk_transform *t, const auk_json *value, auk_arena *arena,
                        const auk_json **out, auk_error *err)
{
    bool flag, whole = auk_span_is(t->type, "long") || auk_span_is(t->type, "integer");
    int64_t integer;
    double number;
    *out = value;
    if (value->type == AUK_JSON_NULL)
        return AUK_OK;
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
        return cannot_convert(t, value, err);
    if (auk_span_is(t->type, "string")) {
        *out = value_new(AUK_JSON_STRING, value->text, arena);
    } else if (auk_span_is(t->type, "boolean")) {
        if (!auk_json_to_bool(value, &flag))
            return cannot_convert(t, value, err);
        *out = value_new(flag ? AUK_JSON_TRUE : AUK_JSON_FALSE,
                         flag ? AUK_SPAN("true") : AUK_SPAN("false"), arena);
    } else if (whole) {
        if (!auk_json_to_int64(value, &integer) ||
            (auk_span_is(t->type, "integer") && (integer > INT32_MAX || integer < INT32_MIN)))
            return cannot_convert(t, value, err);
        *out =
            value_new(AUK_JSON_NUMBER, auk_arena_printf(arena, "%lld", (long long)integer), arena);
    } else {
        if (!auk_json_to_double(value, &number))
            return cannot_convert(t, value, err);
        *out = value_new(AUK_JSON_NUMBER, auk_arena_printf(arena, "%.17g", number), arena);
    }
    return AUK_OK;
}

static auk_code to_date(const auk_transform *t, const auk_json *value, auk_arena *arena,
                        const auk_json **out, auk_error *err)
{
    int64_t ms;
    auk_buffer text;
    *out = value;
    if (value->type == AUK_JSON_NULL)
        return AUK_OK;
    auk_code code = auk_date_parse(t->format, value->text, AUK_SPAN(""), false, &ms, err);
    if (code != AUK_OK)
        return code;
    auk_buffer_init(&text, 256);
    auk_date_write(auk_date_format_default(), ms, AUK_SPAN(""), &text);
    *out = value_new(AUK_JSON_STRING, auk_arena_copy(arena, auk_buffer_span(&text)), arena);
    auk_buffer_deinit(&text);
    return AUK_OK;
}

static auk_code split(const auk_transform *t, node *at, auk_arena *arena, auk_error *err)
{
    if (at->type != AUK_JSON_STRING)
        return auk_fail(err, AUK_INVALID, "field [%.*s] of type [%s] cannot be cast to a string",
                        AUK_SPAN_ARG(t->field), auk_json_type_name(at->type));
    auk_json *list = value_new(AUK_JSON_ARRAY, AUK_SPAN(""), arena);
    const auk_json **tail = &list->child;
    auk_span rest = at->json->text;
    for (bool more = true; more; list->count++) {
        const char *found =
            rest.size ? memmem(rest.data, rest.size, t->separator.data, t->separator.size) : NULL;
        size_t size = found ? (size_t)(found - rest.data) : rest.size;
        auk_json *item = value_new(AUK_JSON_STRING, auk_span_make(rest.data, size), arena);
        more = found != NULL;
        if (more)
            rest = auk_span_from(rest, size + t->separator.size);
        *tail = item;
        tail = &item->next;
    }
    at->json = list;
    at->type = AUK_JSON_ARRAY;
    return AUK_OK;
}

static auk_code join(const auk_transform *t, node *at, auk_arena *arena, auk_error *err)
{
    auk_buffer text;
    if (at->type != AUK_JSON_ARRAY)
        return auk_fail(err, AUK_INVALID, "field [%.*s] of type [%s] cannot be cast to a list",
                        AUK_SPAN_ARG(t->field), auk_json_type_name(at->type));
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    for (const auk_json *item = at->json->child; item; item = item->next) {
        if (item != at->json->child)
            auk_buffer_append(&text, t->separator);
        auk_buffer_append(&text, item->text);
    }
    at->json = value_new(AUK_JSON_STRING, auk_arena_copy(arena, auk_buffer_span(&text)), arena);
    at->type = AUK_JSON_STRING;
    auk_buffer_deinit(&text);
    return AUK_OK;
}

/* ---- applying ---- */

static node *clone(const node *from, auk_arena *arena)
{
    node *copy = AUK_ARENA_NEW(arena, node);
    *copy = *from;
    copy->next = NULL;
    node **tail = &copy->child;
    *tail = NULL;
    for (const node *member = from->child; member; member = member->next) {
        *tail = clone(member, arena);
        tail = &(*tail)->next;
    }
    return copy;
}

static auk_code move(const auk_transform *t, node *root, node **slot, auk_arena *arena,
                     auk_error *err)
{
    node *value = t->kind == COPY ? clone(*slot, arena) : *slot;
    if (t->kind == RENAME)
        *slot = value->next;
    return put(root, t->to, value, arena, err);
}

static auk_code apply_date(const auk_transform *t, node *root, node *at, auk_arena *arena,
                           auk_error *err)
{
    if (!t->to.size)
        return change_each(t, at, to_date, arena, err);
    node *copy = clone(at, arena);
    auk_code code = change_each(t, copy, to_date, arena, err);
    return code == AUK_OK ? put(root, t->to, copy, arena, err) : code;
}

static auk_code apply_one(const auk_transform *t, node *root, auk_arena *arena, auk_error *err)
{
    if (t->kind == SET)
        return put(root, t->field, tree_of(t->value, arena), arena, err);
    node **slot = find(root, t->field);
    if (!slot || ((*slot)->type == AUK_JSON_NULL && t->kind > SET))
        return AUK_OK;
    switch (t->kind) {
    case RENAME:
    case COPY:
        return move(t, root, slot, arena, err);
    case REMOVE:
        *slot = (*slot)->next;
        return AUK_OK;
    case SPLIT:
        return split(t, *slot, arena, err);
    case JOIN:
        return join(t, *slot, arena, err);
    case LOWERCASE:
        return change_each(t, *slot, lowercase, arena, err);
    case CONVERT:
        return change_each(t, *slot, convert, arena, err);
    default:
        return apply_date(t, root, *slot, arena, err);
    }
}

auk_code auk_transforms_apply(const auk_transforms *transforms, auk_span source, auk_arena *arena,
                              auk_span *out, auk_error *err)
{
    const auk_json *json;
    auk_code code = auk_json_parse(source, arena, &json, err);
    if (code != AUK_OK)
        return code;
    node *root = tree_of(json, arena);
    for (uint32_t i = 0; i < transforms->count && code == AUK_OK; i++)
        code = apply_one(&transforms->items[i], root, arena, err);
    if (code != AUK_OK)
        return code;
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    write_tree(root, &writer);
    char *copy = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, AUK_JSON_PADDING);
    *out = auk_span_make(copy, text.size);
    auk_buffer_deinit(&text);
    return AUK_OK;
}

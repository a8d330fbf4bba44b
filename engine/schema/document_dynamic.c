/*
 * document_dynamic.c - fields that a document has and the mapping lacks.
 *
 * They are gathered over the whole document into one tree, then written as one mapping body. The
 * document's values are not kept meanwhile: it is parsed again under the next version of the
 * mapping.
 */
#include "auk/date_format.h"
#include "date_items.h"
#include "document_parser.h"

typedef struct place {
    auk_addition *object;
    auk_span path; /* "" for the root */
    int depth;
} place;

/* ---- the tree ---- */

static auk_addition *find_child(const auk_addition *object, auk_span name)
{
    for (auk_addition *child = object->child; child; child = child->next)
        if (auk_span_equal(child->name, name))
            return child;
    return NULL;
}

static auk_addition *add_child(auk_document_parser *p, auk_addition *object, auk_span name,
                               bool is_new)
{
    auk_addition *child = AUK_ARENA_NEW(p->arena, auk_addition);
    child->name = name;
    child->is_new = is_new;
    if (object->tail)
        object->tail->next = child;
    else
        object->child = child;
    object->tail = child;
    return child;
}

/* The addition that stands for an object of the mapping. */
static auk_addition *addition_of(auk_document_parser *p, auk_span path, int *depth)
{
    if (!p->additions)
        p->additions = AUK_ARENA_NEW(p->arena, auk_addition);
    auk_addition *at = p->additions;
    *depth = 0;
    while (path.size > 0) {
        const char *dot = memchr(path.data, '.', path.size);
        auk_span part = {path.data, dot ? (size_t)(dot - path.data) : path.size};
        auk_addition *child = find_child(at, part);
        at = child ? child : add_child(p, at, part, false);
        path = auk_span_from(path, part.size + (dot != NULL));
        ++*depth;
    }
    return at;
}

static auk_span join(auk_document_parser *p, auk_span path, auk_span name)
{
    return path.size == 0
               ? name
               : auk_arena_printf(p->arena, "%.*s.%.*s", AUK_SPAN_ARG(path), AUK_SPAN_ARG(name));
}

/* Counts new fields against the limit; stops at the first too many, so a flood of names costs
 * little. */
static auk_code count_new(auk_document_parser *p, const auk_json *value, uint32_t fields)
{
    p->addition_count += fields;
    if (p->mapping->field_count + p->addition_count <= p->mapping->field_limit)
        return AUK_OK;
    return auk_document_fail(
        p, value, AUK_DOCUMENT_PARSING,
        "failed to parse: Limit of total fields [%lld] has been exceeded while adding new "
        "fields [%u]",
        (long long)p->mapping->field_limit, p->addition_count);
}

/* ---- what a value maps to ---- */

typedef struct guess {
    const char *json_type; /* for templates */
    const char *type;      /* of the mapping */
    auk_span format;       /* dates: not the default one */
} guess;

static guess guess_string(const auk_mapping *m, auk_span text)
{
    int64_t number;
    double fraction;
    bool numeric = m->options.numeric_detection == 1;
    if (auk_number_parse_int64(text, &number))
        return numeric ? (guess){"long", "long", {NULL, 0}} : (guess){"string", "text", {NULL, 0}};
    if (auk_number_parse_double(text, &fraction))
        return numeric ? (guess){"double", "float", {NULL, 0}}
                       : (guess){"string", "text", {NULL, 0}};
    if (m->options.date_detection == 0)
        return (guess){"string", "text", {NULL, 0}};
    for (uint32_t i = 0; i < m->date_format_count; i++) {
        const auk_date_format *format = m->date_formats[i];
        if (!auk_date_try_parse(format, text, (auk_span){NULL, 0}, false, &number))
            continue;
        auk_span pattern = auk_date_format_pattern(format);
        bool standard = auk_span_equal(pattern, auk_date_format_pattern(auk_date_format_default()));
        return (guess){"date", "date", standard ? (auk_span){NULL, 0} : pattern};
    }
    return (guess){"string", "text", {NULL, 0}};
}

static bool is_whole(auk_span number)
{
    for (size_t i = 0; i < number.size; i++)
        if (number.data[i] == '.' || number.data[i] == 'e' || number.data[i] == 'E')
            return false;
    return true;
}

static guess guess_type(const auk_mapping *m, const auk_json *value)
{
    switch (value->type) {
    case AUK_JSON_TRUE:
    case AUK_JSON_FALSE:
        return (guess){"boolean", "boolean", {NULL, 0}};
    case AUK_JSON_NUMBER:
        return is_whole(value->text) ? (guess){"long", "long", {NULL, 0}}
                                     : (guess){"double", "float", {NULL, 0}};
    case AUK_JSON_OBJECT:
        return (guess){"object", "object", {NULL, 0}};
    default:
        return guess_string(m, value->text);
    }
}

static void add_string(auk_document_parser *p, auk_json *object, auk_json **tail, const char *key,
                       auk_span text)
{
    auk_json_make_add(object, tail, auk_json_make_string(p->arena, auk_span_of(key), text));
}

/* {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}} and its simpler
 * kin. */
static const auk_json *standard_definition(auk_document_parser *p, auk_span name, const guess *g)
{
    auk_json *tail = NULL, *field = auk_json_make_object(p->arena, name);
    add_string(p, field, &tail, "type", auk_span_of(g->type));
    if (g->format.size > 0)
        add_string(p, field, &tail, "format", g->format);
    if (strcmp(g->type, "text") != 0)
        return field;
    auk_json *fields = auk_json_make_object(p->arena, AUK_SPAN("fields"));
    auk_json *keyword = auk_json_make_object(p->arena, AUK_SPAN("keyword"));
    auk_json *above = auk_json_make_string(p->arena, AUK_SPAN("ignore_above"), AUK_SPAN("256"));
    auk_json *inner = NULL, *outer = NULL;
    above->type = AUK_JSON_NUMBER;
    add_string(p, keyword, &inner, "type", AUK_SPAN("keyword"));
    auk_json_make_add(keyword, &inner, above);
    auk_json_make_add(fields, &outer, keyword);
    auk_json_make_add(field, &tail, fields);
    return field;
}

static const auk_json *template_definition(auk_document_parser *p, auk_span name, auk_span path,
                                           const guess *g)
{
    const auk_mapping *m = p->mapping;
    const auk_dynamic_template *rule =
        auk_dynamic_template_find(m->templates, m->template_count, auk_span_of(g->json_type), name,
                                  path);
    return rule ? auk_dynamic_template_apply(rule, name, g->type, p->arena) : NULL;
}

/* ---- values ---- */

static auk_code add_named(auk_document_parser *p, place at, auk_span name, const auk_json *value);

static auk_code add_members(auk_document_parser *p, place at, const auk_json *object)
{
    for (const auk_json *member = object->child; member; member = member->next) {
        auk_code code = add_named(p, at, member->key, member);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code check_depth(auk_document_parser *p, place at, const auk_json *value)
{
    if (at.depth < p->mapping->depth_limit) /* the root is one */
        return AUK_OK;
    return auk_document_fail(
        p, value, AUK_DOCUMENT_PARSING,
        "failed to parse: Limit of mapping depth [%lld] has been exceeded due to object field "
        "[%.*s]",
        (long long)p->mapping->depth_limit, AUK_SPAN_ARG(at.path));
}

/* The object `name` under `at`, made when it is not there. *closed: a template says that it takes
 * no new fields of itself, or that it is no object. */
static auk_code enter_object(auk_document_parser *p, place *at, auk_span name,
                             const auk_json *value, bool *closed)
{
    at->path = join(p, at->path, name);
    at->depth++;
    auk_code code = check_depth(p, *at, value);
    if (code != AUK_OK)
        return code;
    auk_addition *object = find_child(at->object, name);
    if (!object) {
        object = add_child(p, at->object, name, true);
        const guess g = {"object", "object", {NULL, 0}};
        object->definition = template_definition(p, name, at->path, &g);
        const auk_json *type = auk_json_get(object->definition, "type");
        object->is_field = type && !auk_span_is(type->text, "object");
        code = count_new(p, value, 1);
    }
    *closed = object->is_field || auk_json_get(object->definition, "dynamic") ||
              auk_json_get(object->definition, "enabled");
    at->object = object;
    return code;
}

static auk_code add_scalar(auk_document_parser *p, place at, auk_span name, const auk_json *value)
{
    if (find_child(at.object, name))
        return AUK_OK;
    guess g = guess_type(p->mapping, value);
    const auk_json *definition = template_definition(p, name, join(p, at.path, name), &g);
    if (!definition)
        definition = standard_definition(p, name, &g);
    auk_addition *field = add_child(p, at.object, name, true);
    field->definition = definition;
    field->is_field = true;
    const auk_json *fields = auk_json_get(definition, "fields");
    return count_new(p, value, 1 + (fields ? fields->count : 0));
}

static auk_code add_value(auk_document_parser *p, place at, auk_span name, const auk_json *value)
{
    if (value->type == AUK_JSON_NULL)
        return AUK_OK;
    if (value->type == AUK_JSON_ARRAY) {
        auk_code code = AUK_OK;
        for (const auk_json *one = value->child; one && code == AUK_OK; one = one->next)
            code = add_value(p, at, name, one);
        return code;
    }
    if (value->type != AUK_JSON_OBJECT)
        return add_scalar(p, at, name, value);
    bool closed;
    auk_code code = enter_object(p, &at, name, value, &closed);
    return code == AUK_OK && !closed ? add_members(p, at, value) : code;
}

static auk_code check_name(auk_document_parser *p, auk_span part, auk_span whole,
                           const auk_json *value)
{
    if (whole.size == 0)
        return auk_document_fail(p, value, AUK_DOCUMENT_PARSING,
                                 "failed to parse: field name cannot be an empty string");
    if (part.size == 0)
        return auk_document_fail(
            p, value, AUK_DOCUMENT_PARSING,
            "failed to parse: field name starting or ending with a [.] makes object resolution "
            "ambiguous: [%.*s]",
            AUK_SPAN_ARG(whole));
    for (size_t i = 0; i < part.size; i++)
        if (part.data[i] != ' ' && part.data[i] != '\t')
            return AUK_OK;
    return auk_document_fail(p, value, AUK_DOCUMENT_PARSING,
                             "failed to parse: field name cannot contain only whitespace: [%.*s]",
                             AUK_SPAN_ARG(whole));
}

static auk_span first_part(auk_span name)
{
    const char *dot = name.size ? memchr(name.data, '.', name.size) : NULL;
    return (auk_span){name.data, dot ? (size_t)(dot - name.data) : name.size};
}

/* A name with dots is a path of objects, all new here. */
static auk_code add_named(auk_document_parser *p, place at, auk_span name, const auk_json *value)
{
    auk_span rest = name;
    for (;;) {
        auk_span part = first_part(rest);
        auk_code code = check_name(p, part, name, value);
        if (code != AUK_OK)
            return code;
        if (part.size == rest.size)
            return add_value(p, at, rest, value);
        bool closed;
        code = enter_object(p, &at, part, value, &closed);
        if (code != AUK_OK || closed)
            return code;
        rest = auk_span_from(rest, part.size + 1);
    }
}

auk_code auk_document_add_unknown(auk_document_parser *p, const auk_node *object, auk_span name,
                                  const auk_json *value)
{
    if (p->accepted)
        return AUK_OK;
    auk_span part = first_part(name);
    auk_code code = check_name(p, part, name, value);
    if (code != AUK_OK || object->effective_dynamic == AUK_DYNAMIC_FALSE)
        return code;
    auk_span path = object->field.path;
    if (object->effective_dynamic == AUK_DYNAMIC_STRICT)
        return auk_document_fail(
            p, value, "strict_dynamic_mapping_exception",
            "mapping set to strict, dynamic introduction of [%.*s] within [%.*s] is not allowed",
            AUK_SPAN_ARG(part), path.size ? (int)path.size : 4, path.size ? path.data : "_doc");
    place at = {.path = path};
    at.object = addition_of(p, path, &at.depth);
    return add_named(p, at, name, value);
}

/* ---- the tree as a mapping body ---- */

static auk_json *addition_json(auk_document_parser *p, const auk_addition *a, auk_span key)
{
    auk_json *tail = NULL, *body = auk_json_make_object(p->arena, key);
    if (a->definition)
        for (const auk_json *part = a->definition->child; part; part = part->next) {
            auk_json *copy = AUK_ARENA_NEW(p->arena, auk_json);
            *copy = *part;
            auk_json_make_add(body, &tail, copy);
        }
    else if (a->is_new && !a->child)
        add_string(p, body, &tail, "type", AUK_SPAN("object"));
    if (a->is_field || !a->child || auk_json_get(body, "properties"))
        return body;
    auk_json *inner = NULL, *properties = auk_json_make_object(p->arena, AUK_SPAN("properties"));
    for (const auk_addition *child = a->child; child; child = child->next)
        if (child->is_new || child->child)
            auk_json_make_add(properties, &inner, addition_json(p, child, child->name));
    auk_json_make_add(body, &tail, properties);
    return body;
}

const auk_json *auk_additions_json(auk_document_parser *p)
{
    return p->addition_count > 0 ? addition_json(p, p->additions, (auk_span){NULL, 0}) : NULL;
}

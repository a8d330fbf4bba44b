/* mapping_parse.c - Elasticsearch's mapping JSON into a tree of nodes. */
#include "auk/nearest.h"
#include "mapping_tree.h"

#define PARSING "mapper_parsing_exception"
#define DEPTH_MOST                                                                                 \
    60 /* of the recursion below; index.mapping.depth.limit is checked by the build */

typedef struct parser {
    auk_mapping *mapping;
    bool stored;
    int depth;
    auk_root_options *options;
    auk_error *err;
} parser;

static auk_code parse_properties(parser *p, auk_node *object, const auk_json *value);

/* ---- parts of an object ---- */

static auk_code parse_dynamic(parser *p, auk_node *object, const auk_json *value)
{
    if (value->type == AUK_JSON_TRUE || auk_span_is(value->text, "true"))
        object->dynamic = AUK_DYNAMIC_TRUE;
    else if (value->type == AUK_JSON_FALSE || auk_span_is(value->text, "false"))
        object->dynamic = AUK_DYNAMIC_FALSE;
    else if (value->type == AUK_JSON_STRING && auk_span_is(value->text, "strict"))
        object->dynamic = AUK_DYNAMIC_STRICT;
    else if (value->type == AUK_JSON_STRING && auk_span_is(value->text, "runtime"))
        return auk_fail_type(p->err, AUK_INVALID, PARSING, "[dynamic: runtime] is not supported");
    else
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Failed to parse mapping: Could not convert [%.*s.dynamic] to boolean",
                             AUK_SPAN_ARG(object->name));
    return AUK_OK;
}

static auk_code parse_flag(parser *p, const auk_json *value, int8_t *out)
{
    bool truth;
    if (value->type == AUK_JSON_NUMBER || !auk_json_to_bool(value, &truth))
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Failed to parse mapping: Could not convert [%.*s] to boolean",
                             AUK_SPAN_ARG(value->key));
    *out = truth;
    return AUK_OK;
}

/* "dynamic", "enabled", "subobjects", "properties"; *taken false: it is none of these. */
static auk_code parse_object_part(parser *p, auk_node *object, const auk_json *part, bool *taken)
{
    *taken = true;
    if (auk_span_is(part->key, "properties"))
        return parse_properties(p, object, part);
    if (auk_span_is(part->key, "dynamic"))
        return parse_dynamic(p, object, part);
    if (auk_span_is(part->key, "enabled"))
        return parse_flag(p, part, &object->enabled);
    if (auk_span_is(part->key, "subobjects")) {
        auk_code code = parse_flag(p, part, &object->subobjects);
        if (code == AUK_OK && !object->subobjects)
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "[subobjects: false] is not supported");
        return code;
    }
    *taken = false;
    return AUK_OK;
}

static auk_code parse_object(parser *p, auk_node *object, const auk_json *body)
{
    static const auk_span parts[] = {AUK_SPAN_INIT("properties"), AUK_SPAN_INIT("dynamic"),
                                     AUK_SPAN_INIT("enabled"), AUK_SPAN_INIT("subobjects"),
                                     AUK_SPAN_INIT("type")};
    for (const auk_json *part = body->child; part; part = part->next) {
        bool taken;
        if (auk_span_is(part->key, "type"))
            continue;
        auk_code code = parse_object_part(p, object, part, &taken);
        if (code != AUK_OK)
            return code;
        if (taken)
            continue;
        auk_code refused = auk_fail_type(
            p->err, AUK_INVALID, PARSING,
            "Mapping definition for [%.*s] has unsupported parameters:  [%.*s : %.*s]",
            AUK_SPAN_ARG(object->name), AUK_SPAN_ARG(part->key), AUK_SPAN_ARG(part->text));
        auk_span nearest = auk_nearest(part->key, parts, sizeof parts / sizeof *parts);
        if (nearest.size > 0)
            auk_hint(p->err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
        return refused;
    }
    return AUK_OK;
}

/* ---- parts of a field ---- */

static auk_code find_type(parser *p, auk_span field, const auk_json *body, auk_field_type *out)
{
    const auk_json *type = auk_json_get(body, "type");
    if (!type) {
        *out = AUK_TYPE_OBJECT;
        if (auk_json_get(body, "properties") || auk_json_get(body, "dynamic") ||
            auk_json_get(body, "enabled") || auk_json_get(body, "subobjects") || body->count == 0)
            return AUK_OK;
        return auk_fail_type(p->err, AUK_INVALID, PARSING, "No type specified for field [%.*s]",
                             AUK_SPAN_ARG(field));
    }
    if (type->type != AUK_JSON_STRING)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Expected a string for [type] of field [%.*s]", AUK_SPAN_ARG(field));
    if (auk_type_find(type->text, out))
        return AUK_OK;
    auk_code code = auk_fail_type(p->err, AUK_INVALID, PARSING,
                                  "No handler for type [%.*s] declared on field [%.*s]",
                                  AUK_SPAN_ARG(type->text), AUK_SPAN_ARG(field));
    auk_span nearest = auk_type_nearest(type->text);
    if (nearest.size > 0)
        auk_hint(p->err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

static auk_code parse_copy_to(parser *p, auk_node *node, const auk_json *value)
{
    bool list = value->type == AUK_JSON_ARRAY;
    uint32_t count = list ? value->count : 1;
    if (count > UINT16_MAX)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "[copy_to] of [%.*s] names too many fields", AUK_SPAN_ARG(node->name));
    auk_span *paths = AUK_ARENA_ARRAY(p->mapping->arena, auk_span, count);
    const auk_json *one = list ? value->child : value;
    for (uint32_t i = 0; i < count; i++, one = one->next) {
        if (one->type != AUK_JSON_STRING)
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "[copy_to] of [%.*s] must name fields", AUK_SPAN_ARG(node->name));
        paths[i] = auk_arena_copy(p->mapping->arena, one->text);
    }
    node->copy_to = paths;
    node->copy_to_count = (uint16_t)count;
    return AUK_OK;
}

static auk_code parse_number(parser *p, auk_node *node, const auk_json *value)
{
    int64_t number;
    if (!auk_json_to_int64(value, &number) || number < AUK_FIRST_NUMBER || number > UINT16_MAX)
        return auk_fail_type(p->err, AUK_INVALID, PARSING, "[auk_number] of [%.*s] is out of range",
                             AUK_SPAN_ARG(node->name));
    node->field.number = (uint16_t)number;
    return AUK_OK;
}

static auk_code parse_field(parser *p, auk_span name, const auk_json *body, bool multi,
                            auk_node **out);

static auk_code parse_multi_fields(parser *p, auk_node *node, const auk_json *fields)
{
    if (fields->type != AUK_JSON_OBJECT)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "expected map for property [fields] on field [%.*s]",
                             AUK_SPAN_ARG(node->name));
    for (const auk_json *one = fields->child; one; one = one->next) {
        if (one->key.size == 0 || memchr(one->key.data, '.', one->key.size))
            return auk_fail_type(
                p->err, AUK_INVALID, PARSING,
                "Field name [%.*s] which is a multi field of [%.*s] cannot contain '.'",
                AUK_SPAN_ARG(one->key), AUK_SPAN_ARG(node->name));
        auk_node *child;
        auk_code code = parse_field(p, one->key, one, true, &child);
        if (code != AUK_OK)
            return code;
        auk_node_add(node, child);
    }
    return AUK_OK;
}

static auk_code parse_field_part(parser *p, auk_node *node, const auk_json *part, bool multi)
{
    if (auk_span_is(part->key, "type"))
        return AUK_OK;
    if (auk_span_is(part->key, "fields")) {
        if (!multi)
            return parse_multi_fields(p, node, part);
        return auk_fail_type(
            p->err, AUK_INVALID, PARSING,
            "Encountered a multi-field [%.*s] which itself contains a multi-field. Defining "
            "chained multi-fields is not supported.",
            AUK_SPAN_ARG(node->name));
    }
    if (auk_span_is(part->key, "copy_to")) {
        if (!multi)
            return parse_copy_to(p, node, part);
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "[copy_to] may not be used to copy from a multi-field: [%.*s]",
                             AUK_SPAN_ARG(node->name));
    }
    if (p->stored && auk_span_is(part->key, "auk_number"))
        return parse_number(p, node, part);
    return auk_param_parse(p->mapping, node, part, p->err);
}

static auk_code parse_field(parser *p, auk_span name, const auk_json *body, bool multi,
                            auk_node **out)
{
    auk_field_type type;
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Expected map for property [fields] on field [%.*s] but got a %s",
                             AUK_SPAN_ARG(name), auk_json_type_name(body->type));
    auk_code code = find_type(p, name, body, &type);
    if (code != AUK_OK)
        return code;
    auk_node *node = auk_node_create(p->mapping->arena, name, type);
    *out = node;
    if (type == AUK_TYPE_OBJECT) {
        if (multi)
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Type [object] cannot be used in multi field");
        return parse_object(p, node, body);
    }
    for (const auk_json *part = body->child; part && code == AUK_OK; part = part->next)
        code = parse_field_part(p, node, part, multi);
    return code;
}

/* ---- properties ---- */

static bool is_blank(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\n')
            return false;
    return true;
}

bool auk_is_metadata_name(auk_span name)
{
    static const char *const names[] = {"_id",      "_index",       "_routing", "_source",
                                        "_version", "_field_names", "_seq_no",  "_primary_term",
                                        "_ignored", "_nested_path", "_tier"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (auk_span_is(name, names[i]))
            return true;
    return false;
}

/* Adds to the object, or merges with what an earlier key put there ("a.b" beside "a"). */
static auk_code add_property(parser *p, auk_node *object, auk_node *node)
{
    auk_node *present = auk_node_child(object, node->name);
    if (present)
        return auk_node_merge(p->mapping, present, node, node->name, p->err);
    auk_node_add(object, node);
    return AUK_OK;
}

/* "user.name" is the property "name" of an object "user" that is made as needed. */
static auk_code parse_property(parser *p, auk_node *object, const auk_json *property)
{
    auk_span rest = property->key;
    for (int depth = p->depth;; depth++) {
        const char *dot = rest.size ? memchr(rest.data, '.', rest.size) : NULL;
        auk_span part = {rest.data, dot ? (size_t)(dot - rest.data) : rest.size};
        if (property->key.size == 0)
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Failed to parse mapping: field name cannot be an empty string");
        if (is_blank(part))
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Failed to parse mapping: name of field [%.*s] has an empty part",
                                 AUK_SPAN_ARG(property->key));
        if (depth > DEPTH_MOST)
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Failed to parse mapping: nested too deep");
        if (!dot)
            break;
        auk_node *between = auk_node_child(object, part);
        if (between && !auk_node_is_object(between))
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Field [%.*s] is defined both as an object and a field",
                                 AUK_SPAN_ARG(between->name));
        if (!between) {
            between = auk_node_create(p->mapping->arena, part, AUK_TYPE_OBJECT);
            auk_node_add(object, between);
        }
        object = between;
        rest = auk_span_from(rest, part.size + 1);
    }
    auk_node *node;
    auk_code code = parse_field(p, rest, property, false, &node);
    return code == AUK_OK ? add_property(p, object, node) : code;
}

static auk_code parse_properties(parser *p, auk_node *object, const auk_json *value)
{
    if (value->type == AUK_JSON_ARRAY && value->count == 0)
        return AUK_OK;
    if (value->type != AUK_JSON_OBJECT)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Expected map for property [properties]");
    if (++p->depth > DEPTH_MOST)
        return auk_fail_type(p->err, AUK_INVALID, PARSING,
                             "Failed to parse mapping: nested too deep");
    auk_code code = AUK_OK;
    for (const auk_json *property = value->child; property && code == AUK_OK;
         property = property->next) {
        if (p->depth == 1 && auk_is_metadata_name(property->key))
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "Field [%.*s] is defined more than once",
                                 AUK_SPAN_ARG(property->key));
        code = parse_property(p, object, property);
    }
    p->depth--;
    return code;
}

/* ---- the root ---- */

/* A metadata field with one flag: {"enabled": false}. */
static auk_code parse_metadata(parser *p, const auk_json *value, const char *flag, int8_t *out)
{
    if (value->type != AUK_JSON_OBJECT)
        return auk_fail_type(p->err, AUK_INVALID, PARSING, "[%.*s] config must be an object",
                             AUK_SPAN_ARG(value->key));
    for (const auk_json *part = value->child; part; part = part->next) {
        if (!auk_span_is(part->key, flag))
            return auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "parameter [%.*s] on [%.*s] is not supported",
                                 AUK_SPAN_ARG(part->key), AUK_SPAN_ARG(value->key));
        auk_code code = parse_flag(p, part, out);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* Always kept as a list of texts. */
static auk_code parse_date_formats(parser *p, const auk_json *value)
{
    auk_buffer buffer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_json_writer writer;
    auk_json_writer_init(&writer, &buffer, false);
    auk_json_begin_array(&writer);
    auk_code code = AUK_OK;
    bool list = value->type == AUK_JSON_ARRAY;
    for (const auk_json *one = list ? value->child : value; one; one = list ? one->next : NULL) {
        if (one->type != AUK_JSON_STRING)
            code = auk_fail_type(p->err, AUK_INVALID, PARSING,
                                 "[dynamic_date_formats] must be a list of date formats");
        auk_json_string(&writer, one->text);
    }
    auk_json_end_array(&writer);
    p->options->date_formats = auk_arena_copy(p->mapping->arena, auk_buffer_span(&buffer));
    auk_buffer_deinit(&buffer);
    return code;
}

static auk_code parse_version(parser *p, const auk_json *value)
{
    int64_t version;
    if (!auk_json_to_int64(value, &version) || version < 1)
        return auk_fail_type(p->err, AUK_INVALID, PARSING, "[auk_version] is out of range");
    p->mapping->version = (uint64_t)version;
    return AUK_OK;
}

static auk_code unknown_root_part(parser *p, const auk_json *part)
{
    static const auk_span parts[] = {AUK_SPAN_INIT("properties"),
                                     AUK_SPAN_INIT("dynamic"),
                                     AUK_SPAN_INIT("date_detection"),
                                     AUK_SPAN_INIT("numeric_detection"),
                                     AUK_SPAN_INIT("dynamic_date_formats"),
                                     AUK_SPAN_INIT("dynamic_templates"),
                                     AUK_SPAN_INIT("_source"),
                                     AUK_SPAN_INIT("_routing"),
                                     AUK_SPAN_INIT("_meta"),
                                     AUK_SPAN_INIT("enabled")};
    auk_code code =
        auk_fail_type(p->err, AUK_INVALID, PARSING,
                      "Root mapping definition has unsupported parameters:  [%.*s : %.*s]",
                      AUK_SPAN_ARG(part->key), AUK_SPAN_ARG(part->text));
    auk_span nearest = auk_nearest(part->key, parts, sizeof parts / sizeof *parts);
    if (nearest.size > 0)
        auk_hint(p->err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

static auk_code parse_root_part(parser *p, auk_node *root, const auk_json *part)
{
    auk_root_options *o = p->options;
    bool taken;
    auk_code code = parse_object_part(p, root, part, &taken);
    if (code != AUK_OK || taken)
        return code;
    if (auk_span_is(part->key, "date_detection"))
        return parse_flag(p, part, &o->date_detection);
    if (auk_span_is(part->key, "numeric_detection"))
        return parse_flag(p, part, &o->numeric_detection);
    if (auk_span_is(part->key, "dynamic_date_formats"))
        return parse_date_formats(p, part);
    if (auk_span_is(part->key, "dynamic_templates")) {
        o->templates = auk_arena_copy(p->mapping->arena, part->text);
        return AUK_OK; /* read by the build */
    }
    if (auk_span_is(part->key, "_source"))
        return parse_metadata(p, part, "enabled", &o->source_enabled);
    if (auk_span_is(part->key, "_routing"))
        return parse_metadata(p, part, "required", &o->routing_required);
    if (auk_span_is(part->key, "_meta") && part->type == AUK_JSON_OBJECT) {
        o->meta = auk_arena_copy(p->mapping->arena, part->text);
        return AUK_OK;
    }
    if (p->stored && auk_span_is(part->key, "auk_version"))
        return parse_version(p, part);
    return unknown_root_part(p, part);
}

auk_code auk_mapping_parse_body(auk_mapping *mapping, const auk_json *body, bool stored,
                                auk_node **root, auk_root_options *options, auk_error *err)
{
    *root = auk_node_create(mapping->arena, AUK_SPAN("_doc"), AUK_TYPE_OBJECT);
    *options = (auk_root_options){.date_detection = -1,
                                  .numeric_detection = -1,
                                  .source_enabled = -1,
                                  .routing_required = -1};
    if (!body)
        return AUK_OK;
    parser p = {.mapping = mapping, .stored = stored, .options = options, .err = err};
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "Failed to parse mapping: expected an object, got %s",
                             auk_json_type_name(body->type));
    auk_code code = AUK_OK;
    for (const auk_json *part = body->child; part && code == AUK_OK; part = part->next)
        code = parse_root_part(&p, *root, part);
    return code;
}

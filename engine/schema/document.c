/* document.c - the walk over one document: members to nodes of the mapping, values to numbers and
 * texts. */
#include "auk/document.h"

#include "auk/utf8.h"
#include "document_parser.h"

#define FIRST_VALUES 32
#define TERM_LIMIT   32766 /* bytes of one term, as in Lucene */

typedef auk_document_parser parser;

static const auk_value_options coercing = {.coerce = true};
static const auk_value_options exact = {.coerce = false};

static auk_code parse_object(parser *p, const auk_node *object, const auk_json *value);

/* ---- what comes out ---- */

static auk_document_value *push(parser *p)
{
    auk_document *out = p->out;
    if (out->count == p->value_capacity) {
        uint32_t capacity = p->value_capacity ? p->value_capacity * 2 : FIRST_VALUES;
        auk_document_value *values = auk_arena_alloc(p->arena, capacity * sizeof *values);
        if (out->count > 0)
            memcpy(values, out->values, out->count * sizeof *values);
        out->values = values;
        p->value_capacity = capacity;
    }
    return &out->values[out->count++];
}

static void emit(parser *p, const auk_field *field, int64_t number, auk_span text)
{
    if (!field->indexed && !field->doc_values)
        return;
    *push(p) = (auk_document_value){field, number, text};
}

static void ignore(parser *p, const auk_field *field)
{
    auk_document *out = p->out;
    for (uint32_t i = 0; i < out->ignored_count; i++)
        if (auk_span_equal(out->ignored[i], field->path))
            return;
    if (out->ignored_count == p->ignored_capacity) {
        uint32_t capacity = p->ignored_capacity ? p->ignored_capacity * 2 : 4;
        auk_span *paths = AUK_ARENA_ARRAY(p->arena, auk_span, capacity);
        if (out->ignored_count > 0)
            memcpy(paths, out->ignored, out->ignored_count * sizeof *paths);
        out->ignored = paths;
        p->ignored_capacity = capacity;
    }
    auk_span *paths =
        (auk_span *)(uintptr_t)out->ignored; /* ours until the document is handed out */
    paths[out->ignored_count++] = field->path;
}

/* ---- one value of one field ---- */

static auk_code emit_keyword(parser *p, const auk_field *field, const auk_json *value,
                             auk_span text)
{
    /* A text is never longer in UTF-16 units than in bytes, so most need no counting. */
    if (text.size > field->ignore_above && auk_utf8_utf16_length(text) > field->ignore_above) {
        ignore(p, field);
        return AUK_OK;
    }
    if (text.size > TERM_LIMIT && field->indexed)
        return auk_document_fail(
            p, value, "illegal_argument_exception",
            "Document contains at least one immense term in field=\"%.*s\" (whose UTF8 encoding is "
            "longer than the max length %d), all of which were skipped.",
            AUK_SPAN_ARG(field->path), TERM_LIMIT);
    emit(p, field, 0, text);
    return AUK_OK;
}

static void emit_null(parser *p, const auk_node *node)
{
    if (node->has_null)
        emit(p, &node->field, node->null_number, node->null_text);
}

/* Numbers in quotes: refused unless coerced; "" counts as null then. *taken: nothing is left to
 * read. */
static auk_code check_quoted(const auk_node *node, const auk_json *value, bool *as_null,
                             auk_error *why)
{
    *as_null = false;
    const auk_field *field = &node->field;
    if (value->type != AUK_JSON_STRING ||
        !(auk_type_row_of(field->type)->params >> AUK_PARAM_COERCE & 1))
        return AUK_OK;
    *as_null = field->coerce && value->text.size == 0;
    if (field->coerce)
        return AUK_OK;
    static const char *const java[] = {
        [AUK_TYPE_LONG] = "Long",  [AUK_TYPE_INTEGER] = "Integer", [AUK_TYPE_SHORT] = "Short",
        [AUK_TYPE_BYTE] = "Short", [AUK_TYPE_DOUBLE] = "Double",   [AUK_TYPE_FLOAT] = "Float"};
    return auk_fail(why, AUK_INVALID, "%s value passed as String", java[field->type]);
}

static auk_code parse_one(parser *p, const auk_node *node, const auk_json *value)
{
    const auk_field *field = &node->field;
    bool scalar = value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY;
    if (field->type == AUK_TYPE_TEXT && scalar) {
        emit(p, field, 0, value->text);
        return AUK_OK;
    }
    if (field->type == AUK_TYPE_KEYWORD && scalar)
        return emit_keyword(p, field, value, value->text);

    auk_error why;
    why.message[0] = '\0';
    bool as_null;
    int64_t number = 0;
    auk_span text = {NULL, 0};
    auk_code code = check_quoted(node, value, &as_null, &why);
    if (code == AUK_OK && as_null) {
        emit_null(p, node);
        return AUK_OK;
    }
    if (code == AUK_OK)
        code = auk_type_row_of(field->type)
                   ->read(field, value, field->coerce ? &coercing : &exact, p->arena, &number,
                          &text, &why);
    if (code == AUK_OK) {
        emit(p, field, number, text);
    } else if (field->ignore_malformed || p->accepted) {
        ignore(p, field);
        code = AUK_OK;
    } else {
        code = auk_document_fail_value(p, field, value, &why);
    }
    return code;
}

static auk_code parse_with_multi_fields(parser *p, const auk_node *node, const auk_json *value)
{
    auk_code code = parse_one(p, node, value);
    for (const auk_node *multi = node->child; multi && code == AUK_OK; multi = multi->next)
        code = parse_one(p, multi, value);
    return code;
}

/* Targets that the mapping lacks become new fields, as if the document had named them. */
static auk_code copy_value(parser *p, const auk_node *node, const auk_json *value)
{
    auk_code code = AUK_OK;
    if (value->type == AUK_JSON_OBJECT)
        return AUK_OK;
    for (uint16_t i = 0; i < node->field.copy_to_count && code == AUK_OK; i++)
        code = parse_with_multi_fields(p, auk_node_of(node->field.copy_to[i]), value);
    if (node->field.copy_to_count == node->copy_to_count)
        return code;
    for (uint16_t i = 0; i < node->copy_to_count && code == AUK_OK; i++)
        if (!auk_mapping_find(p->mapping, node->copy_to[i])) {
            const auk_node *object = p->mapping->root;
            auk_span rest = node->copy_to[i];
            for (const char *dot; (dot = memchr(rest.data, '.', rest.size));) {
                auk_span part = {rest.data, (size_t)(dot - rest.data)};
                const auk_node *next = auk_node_find(object, part);
                if (!next || !auk_node_is_object(next))
                    break;
                object = next;
                rest = auk_span_from(rest, part.size + 1);
            }
            code = auk_document_add_unknown(p, object, rest, value);
        }
    return code;
}

static auk_code parse_field(parser *p, const auk_node *node, const auk_json *value)
{
    if (value->type == AUK_JSON_NULL) {
        emit_null(p, node);
        for (const auk_node *multi = node->child; multi; multi = multi->next)
            emit_null(p, multi);
        return AUK_OK;
    }
    if (value->type == AUK_JSON_ARRAY) {
        auk_code code = AUK_OK;
        for (const auk_json *one = value->child; one && code == AUK_OK; one = one->next)
            code = parse_field(p, node, one);
        return code;
    }
    auk_code code = parse_with_multi_fields(p, node, value);
    return code == AUK_OK && node->copy_to_count > 0 ? copy_value(p, node, value) : code;
}

/* ---- objects ---- */

static auk_code parse_inner_object(parser *p, const auk_node *node, auk_span name,
                                   const auk_json *value)
{
    if (!node->field.enabled || value->type == AUK_JSON_NULL)
        return AUK_OK;
    if (value->type == AUK_JSON_OBJECT)
        return parse_object(p, node, value);
    if (value->type != AUK_JSON_ARRAY)
        return auk_document_fail(
            p, value, AUK_DOCUMENT_PARSING,
            "object mapping for [%.*s] tried to parse field [%.*s] as object, but found a "
            "concrete value",
            AUK_SPAN_ARG(node->field.path), AUK_SPAN_ARG(name));
    auk_code code = AUK_OK;
    for (const auk_json *one = value->child; one && code == AUK_OK; one = one->next)
        code = parse_inner_object(p, node, name, one);
    return code;
}

static auk_code parse_known(parser *p, const auk_node *node, auk_span name, const auk_json *value)
{
    return auk_node_is_object(node) ? parse_inner_object(p, node, name, value)
                                    : parse_field(p, node, value);
}

/* "a.b.c" goes down objects as far as the mapping knows them. */
static auk_code parse_dotted(parser *p, const auk_node *object, auk_span name,
                             const auk_json *value)
{
    auk_span rest = name;
    for (const char *dot; rest.size > 0 && (dot = memchr(rest.data, '.', rest.size));) {
        auk_span part = {rest.data, (size_t)(dot - rest.data)};
        const auk_node *next = auk_node_find(object, part);
        if (!next)
            return auk_document_add_unknown(p, object, rest, value);
        if (!auk_node_is_object(next))
            return auk_document_fail(p, value, AUK_DOCUMENT_PARSING,
                                     "failed to parse: Could not dynamically add mapping for field "
                                     "[%.*s]. Existing mapping "
                                     "for [%.*s] must be of type object but found [%s].",
                                     AUK_SPAN_ARG(name), AUK_SPAN_ARG(next->field.path),
                                     auk_field_type_name(next->field.type));
        if (!next->field.enabled)
            return AUK_OK;
        object = next;
        rest = auk_span_from(rest, part.size + 1);
    }
    const auk_node *node = rest.size > 0 ? auk_node_find(object, rest) : NULL;
    return node ? parse_known(p, node, rest, value)
                : auk_document_add_unknown(p, object, rest, value);
}

static auk_code parse_unknown(parser *p, const auk_node *object, const auk_json *member)
{
    if (object == p->mapping->root && auk_is_metadata_name(member->key))
        return auk_document_fail(
            p, member, AUK_DOCUMENT_PARSING,
            "Field [%.*s] is a metadata field and cannot be added inside a document. Use the index "
            "API request parameters.",
            AUK_SPAN_ARG(member->key));
    return parse_dotted(p, object, member->key, member);
}

/* Depth is that of the JSON, which its parser limits. */
static auk_code parse_object(parser *p, const auk_node *object, const auk_json *value)
{
    for (const auk_json *member = value->child; member; member = member->next) {
        const auk_node *node = auk_node_find(object, member->key);
        auk_code code =
            node ? parse_known(p, node, member->key, member) : parse_unknown(p, object, member);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code parse_document(const auk_mapping *mapping, const auk_json *source, auk_span id,
                               bool accepted, auk_arena *arena, auk_document *out, auk_error *err)
{
    auk_error unheard = {0};
    *out = (auk_document){0};
    parser p = {.mapping = mapping,
                .source = source,
                .id = id,
                .arena = arena,
                .out = out,
                .accepted = accepted,
                .err = err ? err : &unheard};
    if (source->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, AUK_DOCUMENT_PARSING,
                             "[1:1] failed to parse: Malformed content, must "
                             "start with an object");
    if (!mapping->root->field.enabled)
        return AUK_OK;
    auk_code code = parse_object(&p, mapping->root, source);
    if (code == AUK_OK)
        out->additions = auk_additions_json(&p);
    return code;
}

auk_code auk_document_parse(const auk_mapping *mapping, const auk_json *source, auk_span id,
                            auk_arena *arena, auk_document *out, auk_error *err)
{
    return parse_document(mapping, source, id, false, arena, out, err);
}

auk_code auk_document_parse_accepted(const auk_mapping *mapping, const auk_json *source,
                                     auk_span id, auk_arena *arena, auk_document *out,
                                     auk_error *err)
{
    return parse_document(mapping, source, id, true, arena, out, err);
}

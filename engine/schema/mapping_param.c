/* mapping_param.c - one parameter of a field: is it known, is its value sound, what is its
 * canonical text. */
#include "auk/nearest.h"
#include "mapping_tree.h"

#define PARSING "mapper_parsing_exception"

static auk_code unknown_param(const auk_node *node, auk_span name, auk_error *err)
{
    const auk_type_row *row = auk_type_row_of(node->field.type);
    auk_code code = auk_fail_type(err, AUK_INVALID, PARSING,
                                  "unknown parameter [%.*s] on mapper [%.*s] of type [%s]",
                                  AUK_SPAN_ARG(name), AUK_SPAN_ARG(node->name), row->name);
    auk_span names[AUK_PARAMS + 3];
    size_t count = 0;
    for (int p = 0; p < AUK_PARAMS; p++)
        if ((row->params >> p & 1) && auk_param_rows[p].form != AUK_FORM_REFUSED)
            names[count++] = auk_span_of(auk_param_rows[p].name);
    names[count++] = AUK_SPAN("type");
    names[count++] = AUK_SPAN("fields");
    names[count++] = AUK_SPAN("copy_to");
    auk_span nearest = auk_nearest(name, names, count);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

static auk_code bad_value(const auk_node *node, const auk_json *value, const char *wanted,
                          auk_error *err)
{
    return auk_fail_type(
        err, AUK_INVALID, PARSING,
        "Failed to parse mapping: field [%.*s]: failed to parse value [%.*s] of parameter "
        "[%.*s], expected %s",
        AUK_SPAN_ARG(node->name), AUK_SPAN_ARG(value->text), AUK_SPAN_ARG(value->key), wanted);
}

static void write_sorted_meta(const auk_json *value, auk_json_writer *out)
{
    /* Key order carries no meaning; sorted, equal objects are equal bytes. At most a few entries.
     */
    auk_span last = {NULL, 0};
    auk_json_begin_object(out);
    for (uint32_t written = 0; written < value->count; written++) {
        const auk_json *least = NULL;
        for (const auk_json *m = value->child; m; m = m->next)
            if ((written == 0 || auk_span_compare(m->key, last) > 0) &&
                (!least || auk_span_compare(m->key, least->key) < 0))
                least = m;
        if (!least)
            break;
        auk_json_key(out, least->key);
        auk_json_string(out, least->text);
        last = least->key;
    }
    auk_json_end_object(out);
}

/* Checks the form and writes the canonical text. */
static auk_code canonical(const auk_node *node, const auk_json *value, auk_param_form form,
                          auk_buffer *out, auk_error *err)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    bool truth;
    int64_t number;
    switch (form) {
    case AUK_FORM_BOOL:
        if (value->type == AUK_JSON_NUMBER || !auk_json_to_bool(value, &truth))
            return bad_value(node, value, "[true] or [false]", err);
        auk_json_bool(&writer, truth);
        break;
    case AUK_FORM_COUNT:
        if (!auk_json_to_int64(value, &number) || number < 0 || number > INT32_MAX)
            return bad_value(node, value, "a number from 0 to 2147483647", err);
        auk_json_int(&writer, number);
        break;
    case AUK_FORM_TEXT:
        if (value->type != AUK_JSON_STRING)
            return bad_value(node, value, "a string", err);
        auk_json_string(&writer, value->text);
        break;
    case AUK_FORM_SCALAR:
        if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
            return bad_value(node, value, "a single value", err);
        auk_json_value(&writer, value);
        break;
    case AUK_FORM_META:
        if (value->type != AUK_JSON_OBJECT)
            return auk_fail_type(err, AUK_INVALID, PARSING, "[meta] must be an object, got %s",
                                 auk_json_type_name(value->type));
        if (value->count > 5)
            return auk_fail_type(
                err, AUK_INVALID, PARSING,
                "[meta] can't have more than 5 entries, but got %u on field [%.*s]", value->count,
                AUK_SPAN_ARG(node->name));
        for (const auk_json *m = value->child; m; m = m->next)
            if (m->type != AUK_JSON_STRING)
                return auk_fail_type(
                    err, AUK_INVALID, PARSING,
                    "[meta] values can only be strings, but got %s[%.*s] for field [%.*s]",
                    auk_json_type_name(m->type), AUK_SPAN_ARG(m->text), AUK_SPAN_ARG(node->name));
        write_sorted_meta(value, &writer);
        break;
    case AUK_FORM_REFUSED:
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "parameter [%.*s] on mapper [%.*s] of type [%s] is not supported",
                             AUK_SPAN_ARG(value->key), AUK_SPAN_ARG(node->name),
                             auk_field_type_name(node->field.type));
    }
    return AUK_OK;
}

static bool is_one_of(auk_span json, const char *const *allowed)
{
    for (; *allowed; allowed++)
        if (auk_span_is(json, *allowed))
            return true;
    return false;
}

/* Texts that come from a fixed list. */
static auk_code check_choice(const auk_node *node, auk_param param, const auk_json *value,
                             auk_span json, auk_error *err)
{
    static const char *const options[] = {"\"docs\"", "\"freqs\"", "\"positions\"", "\"offsets\"",
                                          NULL};
    static const char *const keyword_options[] = {"\"docs\"", "\"freqs\"", NULL};
    static const char *const vectors[] = {"\"no\"",
                                          "\"yes\"",
                                          "\"with_positions\"",
                                          "\"with_offsets\"",
                                          "\"with_positions_offsets\"",
                                          "\"with_positions_payloads\"",
                                          "\"with_positions_offsets_payloads\"",
                                          NULL};
    bool text = node->field.type == AUK_TYPE_TEXT;
    if (param == AUK_PARAM_INDEX_OPTIONS && !is_one_of(json, text ? options : keyword_options))
        return auk_fail_type(
            err, AUK_INVALID, PARSING,
            "Failed to parse mapping: Unknown value [%.*s] for field [index_options] - "
            "accepted values are %s",
            AUK_SPAN_ARG(value->text),
            text ? "[positions, docs, freqs, offsets]" : "[docs, freqs]");
    if (param == AUK_PARAM_TERM_VECTOR && !is_one_of(json, vectors))
        return auk_fail_type(
            err, AUK_INVALID, PARSING,
            "Failed to parse mapping: Unknown value [%.*s] for field [term_vector] - accepted "
            "values are [no, yes, with_positions, with_offsets, with_positions_offsets, "
            "with_positions_payloads, with_positions_offsets_payloads]",
            AUK_SPAN_ARG(value->text));
    return AUK_OK;
}

static auk_code check_similarity(const auk_node *node, const auk_json *value, auk_span *json,
                                 auk_error *err)
{
    if (auk_span_is(value->text, "default"))
        *json = AUK_SPAN("\"BM25\"");
    if (auk_span_is(value->text, "BM25") || auk_span_is(value->text, "default"))
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, PARSING,
                         "Failed to parse mapping: Unknown Similarity type [%.*s] for field [%.*s]",
                         AUK_SPAN_ARG(value->text), AUK_SPAN_ARG(node->name));
}

static bool find_param(const auk_type_row *row, auk_span name, auk_param *out)
{
    for (int p = 0; p < AUK_PARAMS; p++)
        if ((row->params >> p & 1) && auk_span_is(name, auk_param_rows[p].name)) {
            *out = (auk_param)p;
            return true;
        }
    return false;
}

auk_code auk_param_parse(auk_mapping *mapping, auk_node *node, const auk_json *value,
                         auk_error *err)
{
    const auk_type_row *row = auk_type_row_of(node->field.type);
    auk_param param;
    if (!find_param(row, value->key, &param))
        return unknown_param(node, value->key, err);
    if (value->type == AUK_JSON_NULL) {
        if (param == AUK_PARAM_NULL_VALUE || param == AUK_PARAM_NORMALIZER)
            return AUK_OK;
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "[%.*s] on mapper [%.*s] of type [%s] must not have a [null] value",
                             AUK_SPAN_ARG(value->key), AUK_SPAN_ARG(node->name), row->name);
    }
    auk_buffer buffer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_code code = canonical(node, value, auk_param_rows[param].form, &buffer, err);
    auk_span json = auk_buffer_span(&buffer);
    if (code == AUK_OK)
        code = param == AUK_PARAM_SIMILARITY ? check_similarity(node, value, &json, err)
                                             : check_choice(node, param, value, json, err);
    if (code == AUK_OK && auk_span_equal(json, auk_param_default(mapping, node->field.type, param)))
        json.size = 0;
    if (code == AUK_OK)
        auk_node_set_param(node, param, json, mapping->arena);
    auk_buffer_deinit(&buffer);
    return code;
}

#include "document_value.h"

#include "auk/analyzer.h"
#include "auk/utf8.h"

static void write_lowercase(auk_span text, auk_arena *arena, auk_json_writer *out)
{
    auk_json_string(out, auk_utf8_valid(text) ? auk_text_lowercase(text, arena) : text);
}

static void write_split(auk_span text, auk_span separator, auk_json_writer *out)
{
    auk_json_begin_array(out);
    while (text.size > 0) {
        const char *at = memmem(text.data, text.size, separator.data, separator.size);
        size_t size = at ? (size_t)(at - text.data) : text.size;
        auk_json_string(out, auk_span_make(text.data, size));
        text = auk_span_from(text, at ? size + separator.size : size);
    }
    auk_json_end_array(out);
}

static auk_code write_parsed(auk_span text, bool number, auk_arena *arena, auk_json_writer *out,
                             auk_error *err)
{
    const auk_json *json;
    auk_code code = auk_json_parse(text, arena, &json, err);
    if (code != AUK_OK)
        return auk_fail(err, code == AUK_BUSY ? code : AUK_INVALID, "[%.*s] is no %s",
                        (int)(text.size < 64 ? text.size : 64), text.data ? text.data : "",
                        number ? "number" : "JSON");
    if (number && json->type != AUK_JSON_NUMBER)
        return auk_fail(err, AUK_INVALID, "[%.*s] is no number",
                        (int)(text.size < 64 ? text.size : 64), text.data ? text.data : "");
    auk_json_value(out, json);
    return AUK_OK;
}

auk_code auk_document_convert(const auk_tree_field *field, auk_span text, auk_arena *arena,
                              auk_json_writer *out, auk_error *err)
{
    switch (field->convert) {
    case AUK_CONVERT_LOWERCASE:
        write_lowercase(text, arena, out);
        return AUK_OK;
    case AUK_CONVERT_SPLIT:
        write_split(text, field->separator, out);
        return AUK_OK;
    case AUK_CONVERT_JSON:
    case AUK_CONVERT_NUMBER:
        return write_parsed(text, field->convert == AUK_CONVERT_NUMBER, arena, out, err);
    default:
        auk_json_string(out, text);
        return AUK_OK;
    }
}

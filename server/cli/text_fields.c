#include "text_fields.h"

static void append(auk_text_fields *fields, auk_span name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (auk_span_equal(fields->names[i], name))
            return;
    if (fields->count < AUK_TEXT_FIELDS_LIMIT)
        fields->names[fields->count++] = name;
}

static void collect(const auk_json *properties, auk_span prefix, const char *wanted,
                    auk_arena *arena, auk_text_fields *fields)
{
    for (const auk_json *at = properties ? properties->child : NULL; at != NULL; at = at->next) {
        const auk_json *type = auk_json_get(at, "type");
        auk_span name = prefix.size ? auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(prefix),
                                                       AUK_SPAN_ARG(at->key))
                                    : at->key;
        if (type != NULL && type->type == AUK_JSON_STRING && auk_span_is(type->text, wanted) &&
            !auk_span_is(auk_json_get(at, "index") ? auk_json_get(at, "index")->text
                                                   : AUK_SPAN("true"),
                         "false"))
            append(fields, name);
        collect(auk_json_get(at, "properties"), name, wanted, arena, fields);
    }
}

static void collect_all(const auk_json *indices, const char *wanted, auk_arena *arena,
                        auk_text_fields *fields)
{
    for (const auk_json *at = indices->child; at != NULL; at = at->next)
        collect(auk_json_get(auk_json_get(at, "mappings"), "properties"), AUK_SPAN(""), wanted,
                arena, fields);
}

auk_code auk_text_fields_ask(auk_http_client *client, auk_span index, auk_arena *arena,
                             auk_text_fields *out, auk_error *err)
{
    const auk_json *indices = NULL;
    auk_buffer target;
    auk_buffer_init(&target, 4096);
    auk_buffer_append_byte(&target, '/');
    auk_buffer_append(&target, index);
    auk_buffer_append_text(&target, "/_mapping");
    auk_code code = auk_client_ask(client, AUK_HTTP_GET, auk_buffer_span(&target), (auk_span){0},
                                   arena, &indices, err);
    auk_buffer_deinit(&target);
    if (code != AUK_OK)
        return code;
    *out = (auk_text_fields){AUK_ARENA_ARRAY(arena, auk_span, AUK_TEXT_FIELDS_LIMIT), 0, false};
    collect_all(indices, "text", arena, out);
    if (out->count == 0) {
        out->are_keywords = true;
        collect_all(indices, "keyword", arena, out);
    }
    return AUK_OK;
}

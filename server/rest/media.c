/*
 * Media types as Elasticsearch reads them: JSON, NDJSON and YAML, each also as the vendor type with
 * compatible-with=7, 8 or 9, of which we accept all three, so that no client is newer or older than
 * the server.
 */
#include <ctype.h>

#include "call.h"

typedef enum media {
    MEDIA_NONE,
    MEDIA_JSON,
    MEDIA_NDJSON,
    MEDIA_YAML,
    MEDIA_TEXT,
    MEDIA_OTHER
} media;

static bool same_ignoring_case(auk_span text, const char *name)
{
    if (text.size != strlen(name))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (tolower((unsigned char)text.data[i]) != name[i])
            return false;
    return true;
}

static auk_span trim(auk_span text)
{
    while (text.size && isspace((unsigned char)text.data[0]))
        text = auk_span_from(text, 1);
    while (text.size && isspace((unsigned char)text.data[text.size - 1]))
        text.size--;
    return text;
}

static media media_of(auk_span type)
{
    static const struct {
        const char *name;
        media kind;
    } types[] = {
        {"application/json", MEDIA_JSON},
        {"application/vnd.elasticsearch+json", MEDIA_JSON},
        {"application/x-ndjson", MEDIA_NDJSON},
        {"application/vnd.elasticsearch+x-ndjson", MEDIA_NDJSON},
        {"application/yaml", MEDIA_YAML},
        {"application/vnd.elasticsearch+yaml", MEDIA_YAML},
        {"text/plain", MEDIA_TEXT},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (same_ignoring_case(type, types[i].name))
            return types[i].kind;
    return MEDIA_OTHER;
}

/* Whatever it says, bytes are read as UTF-8: another charset would be read as what it is not. */
static bool other_charset(auk_span parameters)
{
    auk_span parameter;
    while (auk_span_cut(&parameters, ';', &parameter)) {
        auk_span name;
        auk_span value = trim(parameter);
        if (!auk_span_cut(&value, '=', &name) || !same_ignoring_case(name, "charset"))
            continue;
        if (value.size > 1 && value.data[0] == '"' && value.data[value.size - 1] == '"')
            value = auk_span_make(value.data + 1, value.size - 2);
        if (!same_ignoring_case(value, "utf-8") && !same_ignoring_case(value, "utf8"))
            return true;
    }
    return false;
}

/* Splits "type; compatible-with=8; charset=utf-8". */
static media parse(auk_span header, int *compatible)
{
    const char *semicolon = header.size ? memchr(header.data, ';', header.size) : NULL;
    size_t size = semicolon ? (size_t)(semicolon - header.data) : header.size;
    auk_span type = trim(auk_span_make(header.data, size));
    auk_span rest = semicolon ? auk_span_from(header, size + 1) : AUK_SPAN("");
    auk_span word = AUK_SPAN("compatible-with=");
    *compatible = 0;
    for (size_t i = 0; i + word.size < rest.size; i++) {
        if (auk_span_starts_with(auk_span_from(rest, i), word)) {
            char digit = rest.data[i + word.size];
            *compatible = digit >= '7' && digit <= '9' ? digit - '0' : -1;
        }
    }
    if (other_charset(rest))
        return MEDIA_OTHER;
    return type.size ? media_of(type) : MEDIA_NONE;
}

static media accepted(const auk_call *call, int *compatible)
{
    const auk_http_field *accept = auk_http_request_header(call->request, "accept");
    *compatible = 0;
    if (!accept || accept->value.size == 0 || auk_span_is(accept->value, "*/*"))
        return MEDIA_NONE;
    auk_span first = accept->value;
    const char *comma = memchr(first.data, ',', first.size);
    if (comma)
        first.size = (size_t)(comma - first.data);
    media wanted = parse(first, compatible);
    /* A list asks for no kind: that is how text reaches clients that send one to _cat. Its first
     * type says which version's answers the client reads. */
    return comma ? MEDIA_NONE : wanted;
}

auk_code auk_media_check(auk_call *call, auk_error *err)
{
    int compatible = 0, answer_compatible = 0;
    const auk_http_field *type = auk_http_request_header(call->request, "content-type");
    auk_span given = type ? type->value : AUK_SPAN("");
    media kind = parse(given, &compatible); /* clients put one on requests without a body, too */
    bool known = (kind == MEDIA_JSON || kind == MEDIA_NDJSON) && compatible >= 0;
    if (call->request->body.size > 0 && !known) {
        auk_fail_type(err, AUK_INVALID, "media_type_header_exception",
                      "Content-Type header [%.*s] is not supported", AUK_SPAN_ARG(given));
        auk_hint(err, "send application/json, or application/x-ndjson for _bulk and _msearch");
        call->status = 406;
        return AUK_INVALID;
    }
    media wanted = accepted(call, &answer_compatible);
    call->compatible = answer_compatible > 0 ? answer_compatible : known ? compatible : 0;
    call->yaml = wanted == MEDIA_YAML;
    auk_span format = auk_call_parameter(call, "format");
    if (format.size)
        call->yaml = auk_span_is(format, "yaml");
    if (format.size && !call->yaml && !auk_span_is(format, "json") &&
        !auk_span_is(format, "text") && !auk_span_is(format, "txt"))
        return auk_fail(err, AUK_INVALID, "format [%.*s] is not supported: use json or yaml",
                        AUK_SPAN_ARG(format));
    return AUK_OK;
}

bool auk_media_wants_json(const auk_call *call)
{
    int compatible;
    auk_span format = auk_call_parameter(call, "format");
    if (format.size)
        return auk_span_is(format, "json") || auk_span_is(format, "yaml");
    media wanted = accepted(call, &compatible);
    return wanted == MEDIA_JSON || wanted == MEDIA_YAML;
}

auk_span auk_media_answer_type(auk_call *call)
{
    const char *kind = call->yaml ? "yaml" : "json";
    if (call->is_text)
        return AUK_SPAN("text/plain; charset=UTF-8");
    if (call->compatible)
        return auk_arena_printf(call->arena, "application/vnd.elasticsearch+%s;compatible-with=%d",
                                kind, call->compatible);
    return call->yaml ? AUK_SPAN("application/yaml") : AUK_SPAN("application/json");
}

#include "target.h"

#include "auk/utf8.h"
#include "characters.h"

/* Bytes written to out, or SIZE_MAX when an escape is broken. */
static size_t unescape(auk_span text, bool plus_is_space, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte == '%') {
            int high = i + 2 < text.size ? auk_http_hex(text.data[i + 1]) : -1;
            int low = i + 2 < text.size ? auk_http_hex(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return SIZE_MAX;
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        out[size++] = byte;
    }
    return size;
}

static bool decode(auk_span text, bool plus_is_space, auk_arena *arena, auk_span *out,
                   auk_http_refusal *refusal)
{
    *out = text;
    if (memchr(text.data, '%', text.size) || (plus_is_space && memchr(text.data, '+', text.size))) {
        char *copy = auk_arena_alloc(arena, text.size);
        size_t size = unescape(text, plus_is_space, copy);
        if (size == SIZE_MAX)
            return auk_http_refuse(refusal, 400, "malformed percent escape in the request target");
        *out = (auk_span){copy, size};
    }
    if (!auk_utf8_valid(*out))
        return auk_http_refuse(refusal, 400, "the request target is not valid UTF-8");
    return true;
}

/* Takes the bytes up to the mark, and the mark, off the front. */
static auk_span take_until(auk_span *from, char mark)
{
    const char *end = from->size ? memchr(from->data, mark, from->size) : NULL;
    size_t size = end ? (size_t)(end - from->data) : from->size;
    auk_span part = {from->data, size};
    *from = auk_span_from(*from, end ? size + 1 : size);
    return part;
}

static uint32_t count_parts(auk_span text, char mark)
{
    uint32_t parts = 1;
    for (size_t i = 0; i < text.size; i++)
        parts += text.data[i] == mark;
    return parts;
}

static bool parse_segments(auk_http_request *request, auk_http_refusal *refusal)
{
    auk_span rest = request->path;
    auk_span *segments = AUK_ARENA_ARRAY(request->arena, auk_span, count_parts(rest, '/'));
    uint32_t count = 0;
    while (rest.size) {
        auk_span part = take_until(&rest, '/');
        if (part.size && !decode(part, false, request->arena, &segments[count++], refusal))
            return false;
    }
    request->segments = segments;
    request->segment_count = count;
    return true;
}

static bool parse_parameters(auk_span query, auk_http_request *request, auk_http_refusal *refusal)
{
    request->parameters = NULL;
    request->parameter_count = 0;
    if (!query.size)
        return true;
    auk_http_field *parameters =
        AUK_ARENA_ARRAY(request->arena, auk_http_field, count_parts(query, '&'));
    uint32_t count = 0;
    while (query.size) {
        auk_span value = take_until(&query, '&');
        if (!value.size)
            continue;
        auk_span name = take_until(&value, '=');
        auk_http_field *parameter = &parameters[count++];
        if (!decode(name, true, request->arena, &parameter->name, refusal) ||
            !decode(value, true, request->arena, &parameter->value, refusal))
            return false;
    }
    request->parameters = parameters;
    request->parameter_count = count;
    return true;
}

bool auk_http_target_parse(auk_span target, auk_http_request *request, auk_http_refusal *refusal)
{
    auk_span query = target;
    request->path = take_until(&query, '?');
    return parse_segments(request, refusal) && parse_parameters(query, request, refusal);
}

bool auk_http_request_set_target(auk_http_request *request, auk_span target)
{
    auk_http_refusal refusal;
    return target.size && auk_http_target_parse(target, request, &refusal);
}

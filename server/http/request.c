/* request.c - what a handler asks of a request and adds to its answer. */
#include "auk/http_exchange.h"
#include "characters.h"

const char *auk_http_method_name(auk_http_method method)
{
    static const char *const names[] = {
#define X(name) #name,
        AUK_HTTP_METHOD_MAP(X)
#undef X
    };
    return names[method];
}

const auk_http_field *auk_http_request_header(const auk_http_request *request, const char *name)
{
    auk_span wanted = auk_span_of(name);
    for (uint32_t i = 0; i < request->header_count; i++)
        if (auk_http_same(request->headers[i].name, wanted))
            return &request->headers[i];
    return NULL;
}

const auk_http_field *auk_http_request_parameter(const auk_http_request *request, const char *name)
{
    auk_span wanted = auk_span_of(name);
    for (uint32_t i = request->parameter_count; i > 0; i--)
        if (auk_span_equal(request->parameters[i - 1].name, wanted))
            return &request->parameters[i - 1];
    return NULL;
}

static auk_span copy_clean(auk_arena *arena, auk_span text)
{
    char *copy = auk_arena_alloc(arena, text.size + 1);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = auk_http_is_text(text.data[i]) ? text.data[i] : ' ';
    return (auk_span){copy, text.size};
}

void auk_http_response_add(auk_http_exchange *exchange, auk_span name, auk_span value)
{
    auk_http_response *response = &exchange->response;
    if (response->header_count == AUK_HTTP_RESPONSE_HEADERS)
        return;
    response->headers[response->header_count++] =
        (auk_http_field){copy_clean(exchange->request.arena, name),
                         copy_clean(exchange->request.arena, value)};
}

void auk_http_respond(auk_http_exchange *exchange)
{
    exchange->finish(exchange);
}

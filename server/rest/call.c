#include "call.h"

auk_span auk_call_variable(const auk_call *call, const char *name)
{
    for (uint32_t i = 0; i < call->variable_count; i++)
        if (auk_span_is(call->variable_names[i], name))
            return call->variables[i];
    return AUK_SPAN("");
}

auk_span auk_call_parameter(const auk_call *call, const char *name)
{
    const auk_http_field *field = auk_http_request_parameter(call->request, name);
    if (!field)
        return (auk_span){NULL, 0};
    return auk_span_make(field->value.data ? field->value.data : "", field->value.size);
}

bool auk_call_has(const auk_call *call, const char *name)
{
    return auk_http_request_parameter(call->request, name) != NULL;
}

auk_code auk_call_bool(const auk_call *call, const char *name, bool fallback, bool *out,
                       auk_error *err)
{
    auk_span value = auk_call_parameter(call, name);
    *out = fallback;
    if (!value.data)
        return AUK_OK;
    if (value.size == 0 || auk_span_is(value, "true"))
        *out = true;
    else if (auk_span_is(value, "false"))
        *out = false;
    else
        return auk_fail(
            err, AUK_INVALID,
            "Failed to parse value [%.*s] of parameter [%s] as only [true] or [false] are allowed.",
            AUK_SPAN_ARG(value), name);
    return AUK_OK;
}

auk_code auk_call_int(const auk_call *call, const char *name, int64_t fallback, int64_t *out,
                      auk_error *err)
{
    auk_span value = auk_call_parameter(call, name);
    *out = fallback;
    if (!value.data || auk_number_parse_int64(value, out))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "Failed to parse int parameter [%s] with value [%.*s]", name,
                    AUK_SPAN_ARG(value));
}

auk_code auk_call_time(const auk_call *call, const char *name, int64_t fallback_ms, int64_t *out_ms,
                       auk_error *err)
{
    auk_span value = auk_call_parameter(call, name);
    *out_ms = fallback_ms;
    if (!value.data || auk_time_parse_ms(value, out_ms))
        return AUK_OK;
    auk_fail(err, AUK_INVALID,
             "failed to parse setting [%s] with value [%.*s] as a time value: unit is missing or "
             "unrecognized",
             name, AUK_SPAN_ARG(value));
    auk_hint(err, "write it as 500ms, 5s, 1m, 1h or 1d");
    return AUK_INVALID;
}

/* A GET may carry its body in ?source= (clients that cannot send one). */
auk_span auk_call_body_text(const auk_call *call)
{
    auk_span source = auk_call_parameter(call, "source");
    return call->request->body.size == 0 && source.size ? source : call->request->body;
}

static bool is_blank(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!auk_byte_among(text.data[i], " \t\r\n"))
            return false;
    return true;
}

auk_code auk_call_body(auk_call *call, const auk_json **out, auk_error *err)
{
    auk_span text = auk_call_body_text(call);
    *out = NULL;
    if (is_blank(text))
        return AUK_OK;
    if (text.data == call->request->body.data)
        return auk_json_parse_padded(text, call->arena, out, err);
    return auk_json_parse(text, call->arena, out, err);
}

auk_code auk_call_need_body(auk_call *call, const auk_json **out, auk_error *err)
{
    auk_code code = auk_call_body(call, out, err);
    if (code == AUK_OK && !*out)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body is required");
    return code;
}

bool auk_call_list_next(auk_span *list, auk_span *part)
{
    return auk_span_cut(list, ',', part);
}

auk_code auk_expand_wildcards_read(auk_span list, auk_resolve_options *options, auk_error *err)
{
    auk_span word;
    options->expand_open = options->expand_closed = options->expand_hidden = false;
    while (auk_span_cut(&list, ',', &word)) {
        if (auk_span_is(word, "all"))
            options->expand_open = options->expand_closed = options->expand_hidden = true;
        else if (auk_span_is(word, "open"))
            options->expand_open = true;
        else if (auk_span_is(word, "closed"))
            options->expand_closed = true;
        else if (auk_span_is(word, "hidden"))
            options->expand_hidden = true;
        else if (auk_span_is(word, "none"))
            options->expand_open = options->expand_closed = options->expand_hidden = false;
        else
            return auk_fail(err, AUK_INVALID, "No valid expand wildcard value [%.*s]",
                            AUK_SPAN_ARG(word));
    }
    return AUK_OK;
}

auk_code auk_call_resolve_options(const auk_call *call, auk_resolve_options *options,
                                  auk_error *err)
{
    auk_code code = auk_call_bool(call, "ignore_unavailable", options->ignore_unavailable,
                                  &options->ignore_unavailable, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "allow_no_indices", options->allow_no_indices,
                             &options->allow_no_indices, err);
    auk_span expand = auk_call_parameter(call, "expand_wildcards");
    if (code == AUK_OK && expand.size)
        code = auk_expand_wildcards_read(expand, options, err);
    return code;
}

void auk_call_acknowledge(auk_call *call)
{
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    auk_json_end_object(&call->out);
}

void auk_call_write_searched(auk_call *call, uint64_t shards, uint64_t missing)
{
    auk_json_member_object(&call->out, "_shards");
    auk_json_member_uint(&call->out, "total", shards + missing);
    auk_json_member_uint(&call->out, "successful", shards);
    auk_json_member_uint(&call->out, "skipped", 0);
    auk_json_member_uint(&call->out, "failed", missing);
    auk_json_end_object(&call->out);
}

void auk_call_write_shards(auk_call *call, uint64_t total, bool skipped)
{
    auk_json_member_object(&call->out, "_shards");
    auk_json_member_uint(&call->out, "total", total);
    auk_json_member_uint(&call->out, "successful", total);
    if (skipped)
        auk_json_member_uint(&call->out, "skipped", 0);
    auk_json_member_uint(&call->out, "failed", 0);
    auk_json_end_object(&call->out);
}

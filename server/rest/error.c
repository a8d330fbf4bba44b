#include "call.h"

/* Clients find the name of a missing index in members of its own. */
static void write_index_members(auk_json_writer *out, const auk_error *err, auk_span index)
{
    if (strcmp(auk_error_type(err), "index_not_found_exception") == 0) {
        const char *from = strchr(err->message, '['), *to = from ? strchr(from, ']') : NULL;
        if (from && to)
            index = auk_span_make(from + 1, (size_t)(to - from - 1));
        auk_json_member_text(out, "resource.type", "index_or_alias");
        auk_json_member_string(out, "resource.id", index);
        auk_json_member_text(out, "index_uuid", "_na_");
    }
    if (index.size)
        auk_json_member_string(out, "index", index);
}

static void write_members(auk_json_writer *out, const auk_error *err, auk_span index)
{
    auk_json_member_text(out, "type", auk_error_type(err));
    auk_json_member_text(out, "reason", err->message);
    write_index_members(out, err, index);
    if (err->hint[0])
        auk_json_member_text(out, "hint", err->hint);
}

void auk_call_write_cause(auk_json_writer *out, const auk_error *err, auk_span index)
{
    auk_json_begin_object(out);
    write_members(out, err, index);
    auk_json_end_object(out);
}

void auk_error_render(auk_call *call, const auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_span none = AUK_SPAN("");
    int status = auk_code_status(err->code);
    auk_buffer_reset(&call->exchange->response.body);
    auk_json_writer_init(out, &call->exchange->response.body, call->pretty);
    call->is_text = false;
    call->status = status;
    if (status == 429)
        auk_http_response_add(call->exchange, AUK_SPAN("Retry-After"), AUK_SPAN("1"));
    auk_json_begin_object(out);
    auk_json_member_object(out, "error");
    auk_json_member_array(out, "root_cause");
    auk_call_write_cause(out, err, none);
    auk_json_end_array(out);
    write_members(out, err, none);
    if (call->error_trace)
        auk_json_member_text(out, "stack_trace", "");
    auk_json_end_object(out);
    auk_json_member_int(out, "status", status);
    auk_json_end_object(out);
}

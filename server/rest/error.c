#include "call.h"

/* What a text says between its first bracket and one of the two bytes that end it. */
static auk_span bracketed(const char *text, const char *ends)
{
    const char *from = strchr(text, '[');
    size_t size = from ? strcspn(from + 1, ends) : 0;
    return from && from[1 + size] ? auk_span_make(from + 1, size) : AUK_SPAN("");
}

/* Clients find the name of an index that is missing, or there already, in members of its own. */
static void write_index_members(auk_json_writer *out, const auk_error *err, auk_span index)
{
    if (strcmp(auk_error_type(err), "index_not_found_exception") == 0) {
        index = bracketed(err->message, "]");
        auk_json_member_text(out, "resource.type", "index_or_alias");
        auk_json_member_string(out, "resource.id", index);
        auk_json_member_text(out, "index_uuid", "_na_");
    } else if (strcmp(auk_error_type(err), "resource_already_exists_exception") == 0) {
        index = bracketed(err->message, "/]");
    } else if (strcmp(auk_error_type(err), "index_closed_exception") == 0) {
        index = bracketed(err->hint, "]");
    }
    if (index.size)
        auk_json_member_string(out, "index", index);
}

/* A value that its field refuses: clients look for what was wrong with it in the cause. */
static void write_value_cause(auk_json_writer *out, const auk_error *err)
{
    if (!err->hint[0] || strcmp(auk_error_type(err), "document_parsing_exception") != 0)
        return;
    auk_json_member_object(out, "caused_by");
    auk_json_member_text(out, "type", "illegal_argument_exception");
    auk_json_member_text(out, "reason", err->hint);
    auk_json_end_object(out);
}

static void write_members(auk_json_writer *out, const auk_error *err, auk_span index)
{
    auk_json_member_text(out, "type", auk_error_type(err));
    auk_json_member_text(out, "reason", err->message);
    write_index_members(out, err, index);
    write_value_cause(out, err);
    if (err->hint[0])
        auk_json_member_text(out, "hint", err->hint);
}

void auk_call_write_cause(auk_json_writer *out, const auk_error *err, auk_span index)
{
    auk_json_begin_object(out);
    write_members(out, err, index);
    auk_json_end_object(out);
}

/* What went wrong while shards were searched reaches clients inside an exception of the search. */
static bool is_of_search(const auk_error *err)
{
    const char *type = auk_error_type(err);
    return strcmp(type, "search_context_missing_exception") == 0 ||
           strcmp(type, "query_shard_exception") == 0;
}

static void write_search_members(auk_json_writer *out, const auk_error *err)
{
    auk_json_member_text(out, "type", "search_phase_execution_exception");
    auk_json_member_text(out, "reason", "all shards failed");
    auk_json_member_text(out, "phase", "query");
    auk_json_member_bool(out, "grouped", true);
    auk_json_member_array(out, "failed_shards");
    auk_json_begin_object(out);
    auk_json_member_int(out, "shard", 0);
    auk_json_key(out, AUK_SPAN("reason"));
    auk_call_write_cause(out, err, AUK_SPAN(""));
    auk_json_end_object(out);
    auk_json_end_array(out);
}

void auk_error_write(auk_json_writer *out, const auk_error *err, bool trace)
{
    auk_json_member_object(out, "error");
    auk_json_member_array(out, "root_cause");
    auk_call_write_cause(out, err, AUK_SPAN(""));
    auk_json_end_array(out);
    if (is_of_search(err))
        write_search_members(out, err);
    else
        write_members(out, err, AUK_SPAN(""));
    if (trace)
        auk_json_member_text(out, "stack_trace", "");
    auk_json_end_object(out);
}

void auk_error_render(auk_call *call, const auk_error *err)
{
    auk_json_writer *out = &call->out;
    /* statuses of HTTP itself that no code stands for */
    bool chosen = call->status == 405 || call->status == 406 || call->status == 408;
    int status = chosen ? call->status : auk_code_status(err->code);
    auk_buffer_reset(&call->exchange->response.body);
    auk_json_writer_init(out, &call->exchange->response.body, call->pretty);
    call->is_text = false;
    call->status = status;
    if (status == 429)
        auk_http_response_add(call->exchange, AUK_SPAN("Retry-After"), AUK_SPAN("1"));
    auk_json_begin_object(out);
    auk_error_write(out, err, call->error_trace);
    auk_json_member_int(out, "status", status);
    auk_json_end_object(out);
    call->filter_path = AUK_SPAN(""); /* an error is shown whole */
    if (call->yaml && auk_render_finish(call, NULL) != AUK_OK)
        call->yaml = false;
}

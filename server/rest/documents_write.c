#include "document_check.h"
#include "document_read.h"
#include "documents.h"
#include "written.h"

static auk_code read_guards(const auk_call *call, auk_write *write, auk_error *err)
{
    int64_t retries = 0;
    auk_span type = auk_call_parameter(call, "version_type");
    auk_code code = auk_call_int(call, "version", 0, &write->version, err);
    if (code == AUK_OK && type.data)
        code = auk_version_type_read(type, &write->version_type, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "if_seq_no", -1, &write->if_seq_no, err);
    if (code == AUK_OK && auk_call_has(call, "if_seq_no") && write->if_seq_no < 0)
        return auk_fail(err, AUK_INVALID, "sequence numbers must be non negative. got [%lld].",
                        (long long)write->if_seq_no);
    if (code == AUK_OK)
        code = auk_call_int(call, "if_primary_term", 0, &write->if_primary_term, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "retry_on_conflict", 0, &retries, err);
    write->retry_on_conflict = retries < 0 ? 0 : retries > 100 ? 100 : (uint32_t)retries;
    return code;
}

static auk_code read_write(const auk_call *call, auk_write_kind kind, auk_write *write,
                           auk_error *err)
{
    auk_write_init(write);
    write->kind = kind;
    write->index = auk_call_variable(call, "index");
    write->id = auk_call_variable(call, "id");
    write->routing = auk_call_parameter(call, "routing");
    auk_code code = read_guards(call, write, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "require_alias", false, &write->require_alias, err);
    if (code == AUK_OK)
        code = auk_write_check_parameters(call, err);
    if (code == AUK_OK)
        code = auk_document_check(write, auk_call_has(call, "version"), err);
    return code;
}

static void append_encoded(auk_buffer *out, auk_span text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < text.size; i++) {
        if (auk_byte_among(text.data[i], plain))
            auk_buffer_append_byte(out, text.data[i]);
        else
            auk_buffer_printf(out, "%%%02X", (unsigned)(unsigned char)text.data[i]);
    }
}

static void add_location(auk_call *call, const auk_write *write, const auk_written *written)
{
    auk_buffer path;
    auk_buffer_init(&path, 8192);
    auk_buffer_append_byte(&path, '/');
    append_encoded(&path, written->index);
    auk_buffer_append_text(&path, "/_doc/");
    append_encoded(&path, written->id);
    if (write->routing.size) {
        auk_buffer_append_text(&path, "?routing=");
        append_encoded(&path, write->routing);
    }
    auk_http_response_add(call->exchange, AUK_SPAN("Location"), auk_buffer_span(&path));
    auk_buffer_deinit(&path);
}

static auk_code answer(auk_call *call, const auk_write *write, const auk_written *written,
                       auk_refresh_policy refresh, auk_error *err)
{
    if (written->error.code != AUK_OK) {
        *err = *written->error.why;
        return err->code;
    }
    call->status = auk_written_status(written);
    if (written->result == AUK_RESULT_CREATED)
        add_location(call, write, written);
    auk_buffer compact;
    auk_buffer_init(&compact, call->exchange->response.body.maximum);
    auk_buffer_append_byte(&compact, '{');
    auk_written_append(written, refresh == AUK_REFRESH_NOW, &compact);
    auk_buffer_append_byte(&compact, '}');
    auk_json_raw(&call->out, auk_buffer_span(&compact));
    auk_buffer_deinit(&compact);
    return AUK_OK;
}

static auk_code run_write(auk_call *call, const auk_write *write, auk_error *err)
{
    auk_refresh_policy refresh;
    auk_written written;
    auk_code code = auk_refresh_read(call, &refresh, err);
    if (code == AUK_OK)
        code = auk_write_run(call, write, 1, refresh, &written, err);
    return code == AUK_OK ? answer(call, write, &written, refresh, err) : code;
}

static auk_code put(auk_call *call, auk_write_kind kind, auk_error *err)
{
    auk_write write;
    auk_code code = read_write(call, kind, &write, err);
    if (code != AUK_OK)
        return code;
    write.source = call->request->body;
    write.source_is_padded = true;
    if (write.source.size == 0)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body is required");
    return run_write(call, &write, err);
}

auk_code auk_document_put(auk_call *call, auk_error *err)
{
    auk_span op_type = auk_call_parameter(call, "op_type");
    if (!op_type.data || auk_span_is(op_type, "index"))
        return put(call, AUK_WRITE_INDEX, err);
    if (auk_span_is(op_type, "create"))
        return put(call, AUK_WRITE_CREATE, err);
    return auk_fail(err, AUK_INVALID, "opType must be 'create' or 'index', found: [%.*s]",
                    AUK_SPAN_ARG(op_type));
}

auk_code auk_document_create(auk_call *call, auk_error *err)
{
    return put(call, AUK_WRITE_CREATE, err);
}

auk_code auk_document_delete(auk_call *call, auk_error *err)
{
    auk_write write;
    auk_code code = read_write(call, AUK_WRITE_DELETE, &write, err);
    return code == AUK_OK ? run_write(call, &write, err) : code;
}

/* ---- update ---- */

/* Members of the body that belong to the request, not to the change. */
static auk_code read_update_members(const auk_json *body, auk_write *write, auk_error *err)
{
    static const char *const names[] = {"if_seq_no", "if_primary_term"};
    int64_t *const targets[] = {&write->if_seq_no, &write->if_primary_term};
    for (size_t i = 0; i < 2; i++) {
        const auk_json *value = auk_json_get(body, names[i]);
        if (value && !auk_json_to_int64(value, targets[i]))
            return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                                 "[UpdateRequest] failed to parse field [%s]", names[i]);
    }
    return AUK_OK;
}

static auk_code read_update_source(auk_call *call, const auk_json *body, auk_write *write,
                                   auk_source_filter *filter, auk_error *err)
{
    auk_search_request request;
    auk_search_request_init(&request);
    request.source.enabled = false;
    const auk_json *wanted = auk_json_get(body, "_source");
    auk_code code = AUK_OK;
    if (wanted)
        code = auk_source_filter_parse(wanted, call->arena, &request.source, err);
    static const char *const names[] = {"_source", "_source_includes", "_source_excludes"};
    for (size_t i = 0; i < 3 && code == AUK_OK; i++) {
        auk_span value = auk_call_parameter(call, names[i]);
        bool known;
        if (!value.data)
            continue;
        request.source.enabled = true;
        code = auk_search_request_parameter(&request, auk_span_of(names[i]), value, call->arena,
                                            &known, err);
    }
    write->want_source = request.source.enabled;
    *filter = request.source;
    return code;
}

auk_code auk_document_update(auk_call *call, auk_error *err)
{
    auk_write write;
    auk_written written;
    auk_source_filter filter;
    auk_refresh_policy refresh;
    const auk_json *body;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = read_write(call, AUK_WRITE_UPDATE, &write, err);
    if (code == AUK_OK)
        code = read_update_members(body, &write, err);
    if (code == AUK_OK)
        code = auk_document_check(&write, false, err);
    if (code == AUK_OK)
        code = read_update_source(call, body, &write, &filter, err);
    if (code == AUK_OK)
        code = auk_refresh_read(call, &refresh, err);
    if (code != AUK_OK)
        return code;
    write.source = call->request->body;
    write.source_is_padded = true;
    code = auk_write_run(call, &write, 1, refresh, &written, err);
    if (code == AUK_OK && written.source.data)
        code = auk_document_filter(call, &filter, written.source, &written.source, err);
    return code == AUK_OK ? answer(call, &write, &written, refresh, err) : code;
}

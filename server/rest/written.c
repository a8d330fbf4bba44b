#include "written.h"

#include "document_check.h"
#include "waits.h"

static const char *const results[] = {
    [AUK_RESULT_CREATED] = "created", [AUK_RESULT_UPDATED] = "updated",
    [AUK_RESULT_DELETED] = "deleted", [AUK_RESULT_NOT_FOUND] = "not_found",
    [AUK_RESULT_NOOP] = "noop",
};

static const char *const kinds[] = {
    [AUK_WRITE_INDEX] = "index",
    [AUK_WRITE_CREATE] = "create",
    [AUK_WRITE_UPDATE] = "update",
    [AUK_WRITE_DELETE] = "delete",
};

int auk_written_status(const auk_written *written)
{
    if (written->error.code != AUK_OK)
        return auk_code_status(written->error.code);
    if (written->result == AUK_RESULT_NOT_FOUND)
        return 404;
    return written->result == AUK_RESULT_CREATED ? 201 : 200;
}

static void append_int(auk_buffer *out, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        auk_buffer_append_byte(out, '-');
    auk_buffer_append(out, auk_span_make(digits + at, sizeof digits - at));
}

#define APPEND(out, literal) auk_buffer_append((out), AUK_SPAN(literal))

static void append_identity(const auk_written *written, auk_buffer *out)
{
    APPEND(out, "\"_index\":");
    auk_json_escape(out, written->index);
    APPEND(out, ",\"_id\":");
    auk_json_escape(out, written->id);
}

static void append_position(const auk_written *written, auk_buffer *out)
{
    APPEND(out, "\"_seq_no\":");
    append_int(out, written->seq_no);
    APPEND(out, ",\"_primary_term\":");
    append_int(out, written->primary_term);
}

static void append_got(const auk_written *written, auk_buffer *out)
{
    APPEND(out, ",\"get\":{");
    append_position(written, out);
    APPEND(out, ",\"found\":true,\"_source\":");
    auk_buffer_append(out, written->source);
    APPEND(out, "}");
}

void auk_written_append(const auk_written *written, bool forced_refresh, auk_buffer *out)
{
    bool noop = written->result == AUK_RESULT_NOOP;
    append_identity(written, out);
    APPEND(out, ",\"_version\":");
    append_int(out, written->version);
    APPEND(out, ",\"result\":\"");
    auk_buffer_append_text(out, results[written->result]);
    APPEND(out, "\"");
    if (forced_refresh && !noop)
        APPEND(out, ",\"forced_refresh\":true");
    if (noop)
        APPEND(out, ",\"_shards\":{\"total\":0,\"successful\":0,\"failed\":0},");
    else
        APPEND(out, ",\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0},");
    append_position(written, out);
    if (written->source.data)
        append_got(written, out);
}

static void append_failure(const auk_written *written, auk_buffer *out)
{
    auk_json_writer writer;
    append_identity(written, out);
    APPEND(out, ",\"status\":");
    append_int(out, auk_written_status(written));
    APPEND(out, ",\"error\":");
    auk_json_writer_init(&writer, out, false);
    auk_call_write_cause(&writer, written->error.why,
                         written->error.code == AUK_CONFLICT ? written->index : AUK_SPAN(""));
}

void auk_written_append_item(const auk_write *write, const auk_written *written,
                             bool forced_refresh, auk_buffer *out)
{
    APPEND(out, "{\"");
    auk_buffer_append_text(out, kinds[write->kind]);
    APPEND(out, "\":{");
    if (written->error.code != AUK_OK) {
        append_failure(written, out);
    } else {
        auk_written_append(written, forced_refresh, out);
        APPEND(out, ",\"status\":");
        append_int(out, auk_written_status(written));
    }
    APPEND(out, "}}");
}

auk_code auk_refresh_read(const auk_call *call, auk_refresh_policy *out, auk_error *err)
{
    auk_span value = auk_call_parameter(call, "refresh");
    *out = AUK_REFRESH_NONE;
    if (!value.data || auk_span_is(value, "false"))
        return AUK_OK;
    if (value.size == 0 || auk_span_is(value, "true"))
        *out = AUK_REFRESH_NOW;
    else if (auk_span_is(value, "wait_for"))
        *out = AUK_REFRESH_WAIT;
    else
        return auk_fail(err, AUK_INVALID, "Unknown value for refresh: [%.*s].",
                        AUK_SPAN_ARG(value));
    return AUK_OK;
}

auk_code auk_write_run(auk_call *call, const auk_write *writes, uint32_t count,
                       auk_refresh_policy refresh, auk_written *written, auk_error *err)
{
    bool waits = refresh == AUK_REFRESH_WAIT;
    auk_code code =
        auk_catalog_write(call->rest->options.catalog, writes, count,
                          waits ? AUK_REFRESH_NONE : refresh, call->arena, written, err);
    return code == AUK_OK && waits ? auk_wait_begin(call, written, count, err) : code;
}

static auk_code check_active_shards(const auk_call *call, auk_error *err)
{
    int64_t copies = 1;
    auk_span wanted = auk_call_parameter(call, "wait_for_active_shards");
    if (wanted.size == 0 || auk_span_is(wanted, "all"))
        return AUK_OK;
    auk_code code = auk_call_int(call, "wait_for_active_shards", 1, &copies, err);
    if (code == AUK_OK && (copies < 0 || copies > 1)) {
        auk_fail(err, AUK_INVALID,
                 "cannot wait for [%lld] active shard copies: there is one of each shard",
                 (long long)copies);
        auk_hint(err, "use wait_for_active_shards=1 or leave it out");
        return AUK_INVALID;
    }
    return code;
}

auk_code auk_write_check_parameters(const auk_call *call, auk_error *err)
{
    int64_t timeout_ms;
    auk_code code = auk_call_time(call, "timeout", 60000, &timeout_ms, err);
    if (code == AUK_OK)
        code = check_active_shards(call, err);
    if (code == AUK_OK)
        code = auk_pipeline_check(auk_call_parameter(call, "pipeline"), err);
    return code;
}

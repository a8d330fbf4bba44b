#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>

/* status, reason phrase, error type when the server itself answers with it */
#define STATUS_MAP(X)                                                                              \
    X(100, "Continue", "")                                                                         \
    X(200, "OK", "")                                                                               \
    X(201, "Created", "")                                                                          \
    X(202, "Accepted", "")                                                                         \
    X(204, "No Content", "")                                                                       \
    X(301, "Moved Permanently", "")                                                                \
    X(302, "Found", "")                                                                            \
    X(304, "Not Modified", "")                                                                     \
    X(400, "Bad Request", "illegal_argument_exception")                                            \
    X(401, "Unauthorized", "security_exception")                                                   \
    X(403, "Forbidden", "security_exception")                                                      \
    X(404, "Not Found", "resource_not_found_exception")                                            \
    X(405, "Method Not Allowed", "method_not_allowed_exception")                                   \
    X(406, "Not Acceptable", "media_type_header_exception")                                        \
    X(408, "Request Timeout", "timeout_exception")                                                 \
    X(409, "Conflict", "version_conflict_engine_exception")                                        \
    X(410, "Gone", "resource_not_found_exception")                                                 \
    X(411, "Length Required", "illegal_argument_exception")                                        \
    X(412, "Precondition Failed", "illegal_argument_exception")                                    \
    X(413, "Content Too Large", "content_too_long_exception")                                      \
    X(414, "URI Too Long", "too_long_http_line_exception")                                         \
    X(415, "Unsupported Media Type", "media_type_header_exception")                                \
    X(417, "Expectation Failed", "expectation_failed_exception")                                   \
    X(422, "Unprocessable Content", "illegal_argument_exception")                                  \
    X(429, "Too Many Requests", "es_rejected_execution_exception")                                 \
    X(431, "Request Header Fields Too Large", "too_long_http_header_exception")                    \
    X(500, "Internal Server Error", "exception")                                                   \
    X(501, "Not Implemented", "exception")                                                         \
    X(503, "Service Unavailable", "exception")                                                     \
    X(507, "Insufficient Storage", "exception")

static const char *type_of(int status)
{
    switch (status) {
#define X(number, text, type)                                                                      \
    case number:                                                                                   \
        return type;
        STATUS_MAP(X)
#undef X
    default:
        return "exception";
    }
}

const char *auk_http_status_text(int status)
{
    switch (status) {
#define X(number, text, type)                                                                      \
    case number:                                                                                   \
        return text;
        STATUS_MAP(X)
#undef X
    default:
        return "Unknown";
    }
}

bool auk_http_refuse(auk_http_refusal *refusal, int status, const char *format, ...)
{
    refusal->status = status;
    refusal->type = type_of(status);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(refusal->reason, sizeof refusal->reason, format, arguments);
    va_end(arguments);
    return false;
}

bool auk_http_refuse_error(auk_http_refusal *refusal, const auk_error *err)
{
    refusal->status = auk_code_status(err->code);
    refusal->type = auk_error_type(err);
    size_t size = 0;
    for (const char *at = err->message; *at && size + 1 < sizeof refusal->reason; at++)
        refusal->reason[size++] = *at >= ' ' && *at < 0x7f ? *at : '?';
    refusal->reason[size] = 0;
    return false;
}

static void append_quoted(auk_buffer *out, const char *text)
{
    auk_buffer_append_byte(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            auk_buffer_append_byte(out, '\\');
        auk_buffer_append_byte(out, *text);
    }
    auk_buffer_append_byte(out, '"');
}

static void append_cause(auk_buffer *out, const auk_http_refusal *refusal)
{
    auk_buffer_append_text(out, "\"type\":");
    append_quoted(out, refusal->type);
    auk_buffer_append_text(out, ",\"reason\":");
    append_quoted(out, refusal->reason);
}

void auk_http_refusal_write(const auk_http_refusal *refusal, auk_buffer *out)
{
    auk_buffer_append_text(out, "{\"error\":{\"root_cause\":[{");
    append_cause(out, refusal);
    auk_buffer_append_text(out, "}],");
    append_cause(out, refusal);
    auk_buffer_printf(out, "},\"status\":%d}", refusal->status);
}

#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_LIMIT ((size_t)16 << 20)

auk_code auk_client_explain(auk_code code, auk_error *err)
{
    if (code != AUK_IO || err == NULL)
        return code;
    auk_error cause = *err; /* "127.0.0.1:9200: Connection refused" */
    auk_fail(err, code, "cannot reach http://%s", cause.message);
    auk_hint(err, "is `auk serve` running there? --url names another address");
    return code;
}

auk_code auk_client_open(const char *url, auk_http_client **out, auk_error *err)
{
    auk_http_client_options options = {.url = auk_span_of(url)};
    auk_code code = auk_http_client_open(&options, out, err);
    if (code == AUK_IO)
        auk_hint(err, "--url names the server's address");
    return code;
}

static void append_one(auk_buffer *out, const auk_json *error)
{
    const auk_json *type = auk_json_get(error, "type");
    const auk_json *reason = auk_json_get(error, "reason");
    if (type != NULL)
        auk_buffer_append(out, type->text);
    if (type != NULL && reason != NULL)
        auk_buffer_append_text(out, ": ");
    if (reason != NULL)
        auk_buffer_append(out, reason->text);
}

void auk_client_append_reason(auk_buffer *out, const auk_json *error)
{
    if (error != NULL && error->type == AUK_JSON_STRING) {
        auk_buffer_append(out, error->text);
        return;
    }
    append_one(out, error);
    const auk_json *cause = auk_json_get(error, "caused_by");
    for (int depth = 0; cause != NULL && depth < 3; depth++) {
        auk_buffer_append_text(out, "; caused by ");
        append_one(out, cause);
        cause = auk_json_get(cause, "caused_by");
    }
}

static auk_code code_of(int status)
{
    if (status == 429 || status == 503)
        return AUK_BUSY;
    if (status == 404)
        return AUK_NOT_FOUND;
    if (status == 413)
        return AUK_TOO_LARGE;
    return status >= 500 ? AUK_IO : AUK_INVALID;
}

auk_code auk_client_judge(const auk_http_answer *answer, auk_error *err)
{
    if (answer->status < 400)
        return AUK_OK;
    auk_code code = code_of(answer->status);
    const auk_json *body = NULL;
    auk_buffer reason;
    auk_buffer_init(&reason, sizeof err->message);
    auk_arena *arena = auk_arena_create(4096);
    if (auk_json_parse_own(answer->body, arena, &body, NULL) == AUK_OK) {
        const auk_json *error = auk_json_get(body, "error");
        const auk_json *hint = auk_json_get(error, "hint");
        auk_client_append_reason(&reason, error);
        if (hint != NULL)
            auk_hint(err, "%.*s", AUK_SPAN_ARG(hint->text));
    }
    auk_error given = err != NULL ? *err : (auk_error){0};
    auk_fail(err, code, "the server answers %d: %.*s", answer->status,
             AUK_SPAN_ARG(auk_buffer_span(&reason)));
    if (given.hint[0] != '\0')
        auk_hint(err, "%s", given.hint);
    auk_arena_destroy(arena);
    auk_buffer_deinit(&reason);
    return code;
}

auk_code auk_client_call(auk_http_client *client, auk_http_method method, auk_span target,
                         auk_span body, auk_http_answer *answer, auk_error *err)
{
    auk_http_answer unused = {0};
    auk_http_answer *into = answer != NULL ? answer : &unused;
    auk_http_field type = {AUK_SPAN("content-type"), AUK_SPAN("application/json")};
    auk_code code =
        auk_http_client_call(client, method, target, &type, body.size > 0, body, into, err);
    return code == AUK_OK ? auk_client_judge(into, err) : auk_client_explain(code, err);
}

auk_code auk_client_ask(auk_http_client *client, auk_http_method method, auk_span target,
                        auk_span body, auk_arena *arena, const auk_json **out, auk_error *err)
{
    auk_http_answer answer;
    auk_code code = auk_client_call(client, method, target, body, &answer, err);
    if (code == AUK_OK)
        code = auk_json_parse_own(answer.body, arena, out, err);
    return code;
}

uint64_t auk_client_number(const auk_json *answer, const char *path)
{
    int64_t value = 0;
    (void)auk_json_to_int64(auk_json_path(answer, auk_span_of(path)), &value);
    return value > 0 ? (uint64_t)value : 0;
}

auk_span auk_client_text(const auk_json *answer, const char *path)
{
    const auk_json *value = auk_json_path(answer, auk_span_of(path));
    return value != NULL ? value->text : AUK_SPAN("");
}

auk_code auk_client_read_file(const char *path, auk_buffer *out, auk_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return auk_fail(err, AUK_IO, "cannot read \"%s\": %s", path, strerror(errno));
    char *into = auk_buffer_reserve(out, FILE_LIMIT + 1);
    out->size = fread(into, 1, FILE_LIMIT + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed)
        return auk_fail(err, AUK_IO, "cannot read \"%s\"", path);
    if (out->size == 0 || out->size > FILE_LIMIT)
        return auk_fail(err, AUK_INVALID, "\"%s\" is %s", path, out->size ? "too large" : "empty");
    return AUK_OK;
}

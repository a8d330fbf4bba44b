/* client.c - our own command line's way to a server: URLs, requests, answers. */
#include "auk/http_client.h"

#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "head.h"
#include "wire.h"

#define HEAD_LIMIT   ((size_t)64 * 1024)
#define HEADER_LIMIT 200u
#define READ_SIZE    ((size_t)64 * 1024)

struct auk_http_client {
    size_t answer_limit_bytes;
    auk_http_wire wire;
    auk_buffer prefix; /* "" or "/path" without a slash at its end */
    auk_arena *arena;
    auk_buffer request_head;
    auk_buffer in;   /* bytes received, from the answer's first on */
    auk_buffer body; /* when chunked */
};

/* The answer's framing, from its head. */
struct framing {
    size_t body_from; /* offset in the received bytes */
    bool bodyless;
    bool chunked;
    bool has_length;
    bool close;
    uint64_t length;
};

/* host[:port][/prefix], IPv6 in brackets */
static bool split_url(auk_span url, auk_span *host, auk_span *port, auk_span *prefix)
{
    const char *slash = url.size ? memchr(url.data, '/', url.size) : NULL;
    auk_span authority = {url.data, slash ? (size_t)(slash - url.data) : url.size};
    *prefix = auk_span_from(url, authority.size);
    while (prefix->size && prefix->data[prefix->size - 1] == '/')
        prefix->size--;
    *port = AUK_SPAN("9200");
    if (!authority.size || memchr(authority.data, '@', authority.size))
        return false;
    const char *end =
        authority.data[0] == '[' ? memchr(authority.data, ']', authority.size) : authority.data;
    if (!end)
        return false;
    size_t skip = (size_t)(end - authority.data);
    const char *colon = memchr(end, ':', authority.size - skip);
    *host = (auk_span){authority.data, colon ? (size_t)(colon - authority.data) : authority.size};
    if (colon)
        *port = auk_span_from(authority, host->size + 1);
    if (host->size > 2 && host->data[0] == '[')
        *host = (auk_span){host->data + 1, host->size - 2};
    return host->size && port->size;
}

auk_code auk_http_client_open(const auk_http_client_options *options, auk_http_client **out,
                              auk_error *err)
{
    auk_span url = options->url;
    auk_span host;
    auk_span port;
    auk_span prefix;
    if (auk_span_starts_with(url, AUK_SPAN("http://")))
        url = auk_span_from(url, 7);
    else if (url.size && memmem(url.data, url.size, "://", 3))
        return auk_fail(err, AUK_INVALID, "the URL \"%.*s\" does not begin with http://",
                        AUK_SPAN_ARG(url));
    if (!split_url(url, &host, &port, &prefix))
        return auk_fail(err, AUK_INVALID, "malformed URL \"%.*s\", expected http://host:port",
                        AUK_SPAN_ARG(options->url));
    auk_http_client *client = calloc(1, sizeof *client);
    if (!client)
        abort();
    client->answer_limit_bytes =
        options->answer_limit_bytes ? options->answer_limit_bytes : (size_t)256 << 20;
    client->arena = auk_arena_create(4096);
    auk_buffer_init(&client->prefix, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&client->request_head, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&client->in, client->answer_limit_bytes + HEAD_LIMIT + READ_SIZE);
    auk_buffer_init(&client->body, client->answer_limit_bytes + AUK_HTTP_PADDING);
    auk_buffer_append(&client->prefix, prefix);
    auk_code code = auk_http_wire_open(&client->wire, host, port, err);
    client->wire.connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : 5000;
    client->wire.silence_timeout_ms =
        options->silence_timeout_ms ? options->silence_timeout_ms : 60000;
    if (code != AUK_OK) {
        auk_http_client_close(client);
        return code;
    }
    *out = client;
    return AUK_OK;
}

void auk_http_client_close(auk_http_client *client)
{
    if (!client)
        return;
    auk_http_wire_close(&client->wire);
    auk_arena_destroy(client->arena);
    auk_buffer_deinit(&client->prefix);
    auk_buffer_deinit(&client->request_head);
    auk_buffer_deinit(&client->in);
    auk_buffer_deinit(&client->body);
    free(client);
}

auk_span auk_http_client_address(const auk_http_client *client)
{
    return auk_buffer_span(&client->wire.address);
}

static void write_request_head(auk_http_client *client, auk_http_method method, auk_span target,
                               const auk_http_field *headers, uint32_t count, size_t body_size)
{
    auk_buffer *out = &client->request_head;
    auk_buffer_reset(out);
    auk_buffer_append_text(out, auk_http_method_name(method));
    auk_buffer_append_byte(out, ' ');
    auk_buffer_append(out, auk_buffer_span(&client->prefix));
    auk_buffer_append(out, target);
    auk_buffer_append(out, AUK_SPAN(" HTTP/1.1\r\nHost: "));
    auk_buffer_append(out, auk_buffer_span(&client->wire.address));
    auk_buffer_append(out, AUK_SPAN("\r\n"));
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append(out, headers[i].name);
        auk_buffer_append(out, AUK_SPAN(": "));
        auk_buffer_append(out, headers[i].value);
        auk_buffer_append(out, AUK_SPAN("\r\n"));
    }
    bool wants_length = body_size || (method != AUK_HTTP_GET && method != AUK_HTTP_HEAD);
    if (wants_length)
        auk_buffer_printf(out, "Content-Length: %zu\r\n", body_size);
    auk_buffer_append(out, AUK_SPAN("\r\n"));
}

static auk_code too_large(const auk_http_client *client, auk_error *err)
{
    return auk_fail(err, AUK_TOO_LARGE, "answer is over the limit of %zu bytes",
                    client->answer_limit_bytes);
}

/* Appends what has arrived; *size 0 at the end of the stream. */
static auk_code receive(auk_http_client *client, size_t wanted, size_t *size, auk_error *err)
{
    char *at = auk_buffer_reserve(&client->in, wanted);
    if (!at)
        return too_large(client, err);
    auk_code code = auk_http_wire_receive(&client->wire, at, wanted, size, err);
    if (code == AUK_OK)
        client->in.size += *size;
    return code;
}

/* "HTTP/1.1 200 OK" */
static bool parse_status_line(auk_span line, int *status)
{
    if (line.size < 12 || !auk_span_starts_with(line, AUK_SPAN("HTTP/1.")) || line.data[8] != ' ' ||
        (line.size > 12 && line.data[12] != ' '))
        return false;
    *status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (line.data[i] < '0' || line.data[i] > '9')
            return false;
        *status = *status * 10 + (line.data[i] - '0');
    }
    return *status >= 100;
}

static const auk_http_field *find(const auk_http_answer *answer, const char *name)
{
    const auk_http_request as_request = {.headers = answer->headers,
                                         .header_count = answer->header_count};
    return auk_http_request_header(&as_request, name);
}

static auk_code no_http(const auk_http_client *client, auk_error *err, const char *what)
{
    return auk_fail(err, AUK_CORRUPT, "%.*s does not speak HTTP: %s",
                    AUK_SPAN_ARG(auk_buffer_span(&client->wire.address)), what);
}

static auk_code parse_answer_head(auk_http_client *client, auk_span head, auk_http_method method,
                                  auk_http_answer *answer, struct framing *framing, auk_error *err)
{
    auk_http_refusal refusal;
    /* the received bytes may move while the body arrives */
    head = auk_arena_copy(client->arena, head);
    const char *end = memchr(head.data, '\r', head.size);
    size_t line = (size_t)(end - head.data);
    if (!parse_status_line((auk_span){head.data, line}, &answer->status))
        return no_http(client, err, "malformed status line");
    if (!auk_http_fields_parse(auk_span_from(head, line + 2), HEADER_LIMIT, client->arena,
                               &answer->headers, &answer->header_count, &refusal))
        return no_http(client, err, refusal.reason);
    const auk_http_field *length = find(answer, "content-length");
    const auk_http_field *coding = find(answer, "transfer-encoding");
    const auk_http_field *type = find(answer, "content-type");
    answer->content_type = type ? type->value : (auk_span){0};
    if (length && !auk_http_length_parse(length->value, &framing->length))
        return no_http(client, err, "malformed Content-Length");
    if (coding && (length || !auk_span_is(coding->value, "chunked")))
        return no_http(client, err, "unknown Transfer-Encoding");
    framing->has_length = length != NULL;
    framing->chunked = coding != NULL;
    framing->bodyless = method == AUK_HTTP_HEAD || answer->status == 204 || answer->status == 304;
    framing->close =
        head.data[7] == '0' || auk_http_fields_mention(answer->headers, answer->header_count,
                                                       AUK_SPAN("connection"), AUK_SPAN("close"));
    return AUK_OK;
}

/* The final answer's head, past any 100; *begun: some byte of an answer has arrived. */
static auk_code receive_head(auk_http_client *client, auk_http_method method,
                             auk_http_answer *answer, struct framing *framing, bool *begun,
                             auk_error *err)
{
    size_t from = 0;
    auk_buffer_reset(&client->in);
    for (;;) {
        auk_span seen = auk_span_make(client->in.data + from, client->in.size - from);
        const char *end = seen.size ? memmem(seen.data, seen.size, "\r\n\r\n", 4) : NULL;
        if (end) {
            size_t size = (size_t)(end - seen.data) + 4;
            auk_code code = parse_answer_head(client, (auk_span){seen.data, size}, method, answer,
                                              framing, err);
            from += size;
            framing->body_from = from;
            if (code != AUK_OK || answer->status >= 200)
                return code;
            continue;
        }
        if (seen.size > HEAD_LIMIT)
            return no_http(client, err, "endless head");
        size_t size;
        auk_code code = receive(client, READ_SIZE, &size, err);
        if (code != AUK_OK)
            return code;
        if (!size)
            return auk_http_wire_fail(&client->wire, err, "connection closed before the answer");
        *begun = true;
    }
}

/* Everything up to offset until in the buffer, plus room for the padding. */
static auk_code receive_until(auk_http_client *client, size_t until, auk_error *err)
{
    while (client->in.size < until) {
        size_t size;
        auk_code code = receive(client, until - client->in.size, &size, err);
        if (code != AUK_OK)
            return code;
        if (!size)
            return auk_http_wire_fail(&client->wire, err, "connection closed within the answer");
    }
    return AUK_OK;
}

static auk_code receive_to_end(auk_http_client *client, auk_error *err)
{
    size_t size;
    do {
        auk_code code = receive(client, READ_SIZE, &size, err);
        if (code != AUK_OK)
            return code;
    } while (size);
    return AUK_OK;
}

static auk_code receive_chunks(auk_http_client *client, size_t from, auk_error *err)
{
    auk_http_chunked chunked = {0};
    auk_http_refusal refusal;
    auk_buffer_reset(&client->body);
    for (;;) {
        auk_span in = auk_span_make(client->in.data + from, client->in.size - from);
        auk_span data = {0};
        auk_http_step step = AUK_HTTP_MORE;
        while (in.size && step == AUK_HTTP_MORE) {
            step = auk_http_chunked_take(&chunked, &in, &data, &refusal);
            auk_buffer_append(&client->body, data);
        }
        if (step == AUK_HTTP_REFUSED)
            return no_http(client, err, refusal.reason);
        if (auk_buffer_status(&client->body) != AUK_OK)
            return too_large(client, err);
        if (step == AUK_HTTP_DONE)
            return AUK_OK;
        /* what has been decoded makes room: the head's bytes have been copied */
        from = 0;
        auk_buffer_reset(&client->in);
        size_t size;
        auk_code code = receive(client, READ_SIZE, &size, err);
        if (code != AUK_OK)
            return code;
        if (!size)
            return auk_http_wire_fail(&client->wire, err, "connection closed within the answer");
    }
}

static auk_code receive_body(auk_http_client *client, struct framing *framing,
                             auk_http_answer *answer, auk_error *err)
{
    size_t from = framing->body_from;
    auk_buffer *holder = framing->chunked ? &client->body : &client->in;
    auk_code code = AUK_OK;
    if (framing->bodyless) {
        framing->length = 0;
        framing->has_length = true;
    } else if (framing->chunked) {
        code = receive_chunks(client, from, err);
        from = 0;
    } else if (framing->has_length) {
        if (framing->length > client->answer_limit_bytes)
            return too_large(client, err);
        code = receive_until(client, from + (size_t)framing->length, err);
    } else {
        framing->close = true;
        code = receive_to_end(client, err);
    }
    if (code != AUK_OK)
        return code;
    size_t size = framing->has_length ? (size_t)framing->length : holder->size - from;
    if (framing->has_length && holder->size > from + size)
        framing->close = true; /* more than was announced: not to be trusted again */
    holder->size = from + size;
    char *padding = auk_buffer_reserve(holder, AUK_HTTP_PADDING);
    if (!padding)
        return too_large(client, err);
    memset(padding, 0, AUK_HTTP_PADDING);
    answer->body = (auk_span){holder->data + from, size};
    return AUK_OK;
}

/* One try; *begun tells whether any byte of an answer came. */
static auk_code exchange(auk_http_client *client, auk_http_method method, auk_span body,
                         auk_http_answer *answer, bool *begun, auk_error *err)
{
    struct framing framing = {0};
    bool complete = false;
    auk_code code = AUK_OK;
    *begun = false;
    if (client->wire.socket < 0)
        code = auk_http_wire_connect(&client->wire, err);
    if (code != AUK_OK)
        return code;
    answer->maybe_sent = true;
    code = auk_http_wire_send(&client->wire, auk_buffer_span(&client->request_head), body,
                              &complete, err);
    if (code == AUK_OK)
        code = receive_head(client, method, answer, &framing, begun, err);
    if (code == AUK_OK)
        code = receive_body(client, &framing, answer, err);
    if (code != AUK_OK || framing.close || !complete)
        auk_http_wire_disconnect(&client->wire);
    else
        client->wire.reused = true;
    return code;
}

auk_code auk_http_client_call(auk_http_client *client, auk_http_method method, auk_span target,
                              const auk_http_field *headers, uint32_t header_count, auk_span body,
                              auk_http_answer *answer, auk_error *err)
{
    *answer = (auk_http_answer){0};
    auk_arena_reset(client->arena);
    auk_http_wire_drop_stale(&client->wire);
    write_request_head(client, method, target, headers, header_count, body.size);
    bool reused = client->wire.reused;
    bool begun;
    auk_code code = exchange(client, method, body, answer, &begun, err);
    bool may_repeat = method == AUK_HTTP_GET || method == AUK_HTTP_HEAD;
    if (code == AUK_IO && reused && !begun && may_repeat)
        code = exchange(client, method, body, answer, &begun, err);
    return code;
}

void auk_http_encode(auk_buffer *out, auk_span text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                     (byte >= 'A' && byte <= 'Z') || auk_byte_among((char)byte, "-._~");
        if (plain) {
            auk_buffer_append_byte(out, (char)byte);
        } else {
            auk_buffer_append_byte(out, '%');
            auk_buffer_append_byte(out, digits[byte >> 4]);
            auk_buffer_append_byte(out, digits[byte & 15]);
        }
    }
}

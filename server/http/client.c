/*
 * client.c - our own command line's way to a server.
 *
 * The socket does not block; every wait is a poll with the silence time-out. While a request is
 * being written the answer is listened for as well: a server that refuses a body early is heard at
 * once.
 */
#include "auk/http_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "body.h"
#include "head.h"

#define HEAD_LIMIT   ((size_t)64 * 1024)
#define HEADER_LIMIT 200u
#define READ_SIZE    ((size_t)64 * 1024)

struct auk_http_client {
    auk_http_client_options options;
    auk_buffer address; /* host:port */
    auk_buffer prefix;  /* "" or "/path" without a slash at its end */
    struct addrinfo *found;
    int socket;  /* -1: not connected */
    bool reused; /* the connection has carried an answer before */
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

static void disconnect(auk_http_client *client)
{
    if (client->socket >= 0)
        close(client->socket);
    client->socket = -1;
    client->reused = false;
}

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

static auk_code look_up(auk_http_client *client, auk_span host, auk_span port, auk_error *err)
{
    char name[256];
    char service[8];
    if (host.size >= sizeof name || port.size >= sizeof service)
        return auk_fail(err, AUK_INVALID, "malformed address in \"%.*s\"",
                        AUK_SPAN_ARG(client->options.url));
    memcpy(name, host.data, host.size);
    name[host.size] = 0;
    memcpy(service, port.data, port.size);
    service[port.size] = 0;
    bool v6 = strchr(name, ':') != NULL;
    auk_buffer_printf(&client->address, v6 ? "[%s]:%s" : "%s:%s", name, service);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int failure = getaddrinfo(name, service, &wanted, &client->found);
    if (failure)
        return auk_fail(err, AUK_IO, "cannot find \"%s\": %s", name, gai_strerror(failure));
    return AUK_OK;
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
    client->options = *options;
    client->socket = -1;
    client->options.connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : 5000;
    client->options.silence_timeout_ms =
        options->silence_timeout_ms ? options->silence_timeout_ms : 60000;
    client->options.answer_limit_bytes =
        options->answer_limit_bytes ? options->answer_limit_bytes : (size_t)256 << 20;
    client->arena = auk_arena_create(4096);
    auk_buffer_init(&client->address, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&client->prefix, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&client->request_head, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&client->in, client->options.answer_limit_bytes + HEAD_LIMIT + READ_SIZE);
    auk_buffer_init(&client->body, client->options.answer_limit_bytes + AUK_HTTP_PADDING);
    auk_buffer_append(&client->prefix, prefix);
    auk_code code = look_up(client, host, port, err);
    client->options.url = (auk_span){0}; /* the caller's */
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
    disconnect(client);
    if (client->found)
        freeaddrinfo(client->found);
    auk_arena_destroy(client->arena);
    auk_buffer_deinit(&client->address);
    auk_buffer_deinit(&client->prefix);
    auk_buffer_deinit(&client->request_head);
    auk_buffer_deinit(&client->in);
    auk_buffer_deinit(&client->body);
    free(client);
}

auk_span auk_http_client_address(const auk_http_client *client)
{
    return auk_buffer_span(&client->address);
}

static auk_code failed(const auk_http_client *client, auk_error *err, const char *what)
{
    return auk_fail(err, AUK_IO, "%.*s: %s", AUK_SPAN_ARG(auk_buffer_span(&client->address)), what);
}

/* Waits for one of the events; AUK_IO when none comes in time. */
static auk_code await(const auk_http_client *client, short wanted, uint32_t timeout_ms, short *got,
                      auk_error *err)
{
    struct pollfd one = {.fd = client->socket, .events = wanted};
    int count;
    do
        count = poll(&one, 1, (int)timeout_ms);
    while (count < 0 && errno == EINTR);
    if (count == 0)
        return failed(client, err, "no answer in time");
    if (count < 0)
        return failed(client, err, strerror(errno));
    *got = one.revents;
    return AUK_OK;
}

static auk_code connect_one(auk_http_client *client, const struct addrinfo *at, auk_error *err)
{
    int yes = 1;
    int failure = 0;
    short got;
    client->socket = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->socket < 0)
        return failed(client, err, strerror(errno));
    if (connect(client->socket, at->ai_addr, at->ai_addrlen) != 0) {
        if (errno != EINPROGRESS)
            return failed(client, err, strerror(errno));
        auk_code code = await(client, POLLOUT, client->options.connect_timeout_ms, &got, err);
        if (code != AUK_OK)
            return code;
        socklen_t size = sizeof failure;
        getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure)
            return failed(client, err, strerror(failure));
    }
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return AUK_OK;
}

static auk_code connect_any(auk_http_client *client, auk_error *err)
{
    auk_code code = AUK_IO;
    for (const struct addrinfo *at = client->found; at; at = at->ai_next) {
        code = connect_one(client, at, err);
        if (code == AUK_OK)
            return code;
        disconnect(client);
    }
    return code;
}

/* A kept connection that the server has closed meanwhile is of no use. */
static void drop_stale(auk_http_client *client)
{
    char byte;
    if (client->socket < 0)
        return;
    ssize_t got = recv(client->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        disconnect(client);
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
    auk_buffer_append(out, auk_buffer_span(&client->address));
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

/* Sends what the socket takes of head and body; *sent counts over both. */
static bool send_some(int socket, auk_span head, auk_span body, size_t *sent)
{
    size_t in_head = *sent < head.size ? *sent : head.size;
    auk_span rest = auk_span_from(head, in_head);
    size_t in_body = *sent - in_head;
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)rest.data, .iov_len = rest.size},
        {.iov_base = (void *)(uintptr_t)(body.size ? body.data + in_body : NULL),
         .iov_len = body.size - in_body},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    *sent += (size_t)count;
    return true;
}

/* Ends early, and successfully, when the server begins to answer. */
static auk_code send_request(auk_http_client *client, auk_span body, bool *complete, auk_error *err)
{
    auk_span head = auk_buffer_span(&client->request_head);
    size_t sent = 0;
    *complete = false;
    for (;;) {
        if (!send_some(client->socket, head, body, &sent)) {
            int reason = errno;
            short got = 0;
            /* refused early: the answer may be there although the socket takes no more */
            if (await(client, POLLIN, 0, &got, NULL) == AUK_OK && (got & POLLIN))
                return AUK_OK;
            return failed(client, err, strerror(reason));
        }
        *complete = sent == head.size + body.size;
        if (*complete)
            return AUK_OK;
        short got;
        auk_code code =
            await(client, POLLIN | POLLOUT, client->options.silence_timeout_ms, &got, err);
        if (code != AUK_OK || (got & POLLIN))
            return code;
    }
}

/* Appends what has arrived; *size 0 at the end of the stream. */
static auk_code receive(auk_http_client *client, size_t wanted, size_t *size, auk_error *err)
{
    auk_buffer *in = &client->in;
    char *at = auk_buffer_reserve(in, wanted);
    if (!at)
        return auk_fail(err, AUK_TOO_LARGE, "answer is over the limit of %zu bytes",
                        client->options.answer_limit_bytes);
    for (;;) {
        short got;
        ssize_t count = recv(client->socket, at, wanted, 0);
        if (count >= 0) {
            in->size += (size_t)count;
            *size = (size_t)count;
            return AUK_OK;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return failed(client, err, strerror(errno));
        auk_code code = await(client, POLLIN, client->options.silence_timeout_ms, &got, err);
        if (code != AUK_OK)
            return code;
    }
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
                    AUK_SPAN_ARG(auk_buffer_span(&client->address)), what);
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
            return failed(client, err, "connection closed before the answer");
        *begun = true;
    }
}

static auk_code too_large(const auk_http_client *client, auk_error *err)
{
    return auk_fail(err, AUK_TOO_LARGE, "answer is over the limit of %zu bytes",
                    client->options.answer_limit_bytes);
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
            return failed(client, err, "connection closed within the answer");
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
            return failed(client, err, "connection closed within the answer");
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
        if (framing->length > client->options.answer_limit_bytes)
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
    if (client->socket < 0)
        code = connect_any(client, err);
    if (code != AUK_OK)
        return code;
    answer->maybe_sent = true;
    code = send_request(client, body, &complete, err);
    if (code == AUK_OK)
        code = receive_head(client, method, answer, &framing, begun, err);
    if (code == AUK_OK)
        code = receive_body(client, &framing, answer, err);
    if (code != AUK_OK || framing.close || !complete)
        disconnect(client);
    else
        client->reused = true;
    return code;
}

auk_code auk_http_client_call(auk_http_client *client, auk_http_method method, auk_span target,
                              const auk_http_field *headers, uint32_t header_count, auk_span body,
                              auk_http_answer *answer, auk_error *err)
{
    *answer = (auk_http_answer){0};
    auk_arena_reset(client->arena);
    drop_stale(client);
    write_request_head(client, method, target, headers, header_count, body.size);
    bool reused = client->reused;
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

#include "call.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "auk/compress.h"
#include "target.h"

/* Cheap: a third of the bytes for a third of the time of the default level. */
#define COMPRESSION_LEVEL 1
/* What is not charged and may be held until the loop wakes: the arena's limit is base's, too. */
#define LEFT_MOST ((size_t)64 * 1024)

/* The call whose handler is running on this thread, and whether it has answered. */
static _Thread_local auk_http_call *running;
static _Thread_local bool answered_within;

static const auk_span json_type = AUK_SPAN_INIT("application/json");

static void finish(auk_http_exchange *exchange);

bool auk_http_call_create(const auk_http_head *head, auk_arena *arena,
                          const auk_http_server_options *options, auk_http_call **out,
                          auk_http_refusal *refusal)
{
    auk_http_call *call = AUK_ARENA_NEW(arena, auk_http_call);
    auk_http_request *request = &call->exchange.request;
    request->arena = arena;
    request->method = head->method;
    request->headers = head->fields;
    request->header_count = head->field_count;
    if (!auk_http_target_parse(head->target, request, refusal))
        return false;
    call->exchange.response.status = 200;
    call->exchange.response.content_type = json_type;
    call->exchange.finish = finish;
    call->options = options;
    call->head = *head;
    atomic_init(&call->gone, false);
    atomic_init(&call->way, AUK_HTTP_WAY_SHUT);
    auk_buffer_init(&call->exchange.response.body, options->answer_limit_bytes);
    auk_buffer_set_budget(&call->exchange.response.body, options->budget, AUK_PURPOSE_ANSWERS);
    auk_buffer_init(&call->answer_head, AUK_BUFFER_NO_LIMIT);
    auk_http_body_init(&call->body, head, options->body_limit_bytes, options->budget);
    *out = call;
    return true;
}

void auk_http_call_destroy(auk_http_call *call)
{
    auk_http_body_deinit(&call->body);
    auk_buffer_deinit(&call->exchange.response.body);
    auk_buffer_deinit(&call->answer_head);
}

const atomic_bool *auk_http_exchange_gone_flag(const auk_http_exchange *exchange)
{
    const auk_http_call *call = (const auk_http_call *)exchange;
    /* an exchange that a test made is no call */
    return exchange->finish == finish ? &call->gone : NULL;
}

bool auk_http_exchange_gone(const auk_http_exchange *exchange)
{
    const atomic_bool *gone = auk_http_exchange_gone_flag(exchange);
    return gone && atomic_load_explicit(gone, memory_order_relaxed);
}

static void replace(auk_http_call *call, const auk_http_refusal *refusal)
{
    auk_http_response *response = &call->exchange.response;
    auk_buffer_deinit(&response->body);
    auk_buffer_init(&response->body, AUK_BUFFER_NO_LIMIT);
    auk_http_refusal_write(refusal, &response->body);
    response->status = refusal->status;
    response->content_type = json_type;
    response->header_count = 0;
    if (refusal->status == 429)
        auk_http_response_add(&call->exchange, AUK_SPAN("Retry-After"), AUK_SPAN("1"));
}

static bool has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

/* True when the body has become a smaller, compressed one. */
static bool compress(auk_http_call *call)
{
    auk_http_response *response = &call->exchange.response;
    if (!call->head.accepts_gzip || call->head.method == AUK_HTTP_HEAD ||
        !has_body(response->status) || response->body.size < call->options->compress_from_bytes)
        return false;
    auk_buffer small;
    auk_buffer_init(&small, AUK_BUFFER_NO_LIMIT);
    auk_buffer_set_budget(&small, call->options->budget, AUK_PURPOSE_ANSWERS);
    auk_code code =
        auk_gzip_deflate(auk_buffer_span(&response->body), COMPRESSION_LEVEL, &small, NULL);
    if (code != AUK_OK || small.size >= response->body.size) {
        auk_buffer_deinit(&small);
        return false;
    }
    /* room was made for the worst case; what waits for a slow reader shall be no larger than it is
     */
    auk_buffer_fit(&small);
    auk_buffer_deinit(&response->body);
    response->body = small;
    return true;
}

static void append_field(auk_buffer *out, auk_span name, auk_span value)
{
    auk_buffer_append(out, name);
    auk_buffer_append(out, AUK_SPAN(": "));
    auk_buffer_append(out, value);
    auk_buffer_append(out, AUK_SPAN("\r\n"));
}

static void append_status(auk_buffer *out, int status, bool omit_product)
{
    auk_buffer_printf(out, "HTTP/1.1 %d %s\r\n", status, auk_http_status_text(status));
    if (!omit_product)
        auk_buffer_append(out, AUK_SPAN("X-Elastic-Product: Elasticsearch\r\n"));
}

static void write_head(auk_http_call *call, bool compressed)
{
    const auk_http_response *response = &call->exchange.response;
    auk_buffer *out = &call->answer_head;
    append_status(out, response->status, call->options->omit_product);
    for (uint32_t i = 0; i < response->header_count; i++)
        append_field(out, response->headers[i].name, response->headers[i].value);
    if (!has_body(response->status))
        return;
    if (response->content_type.size)
        append_field(out, AUK_SPAN("content-type"), response->content_type);
    if (compressed)
        append_field(out, AUK_SPAN("content-encoding"), AUK_SPAN("gzip"));
    auk_buffer_printf(out, "content-length: %zu\r\n", response->body.size);
}

static void refuse_answer(auk_http_call *call)
{
    auk_error err = {0};
    auk_http_refusal refusal;
    if (auk_buffer_explain(&call->exchange.response.body, &err) == AUK_BUSY)
        auk_http_refuse_error(&refusal, &err);
    else
        auk_http_refuse(&refusal, 413, "answer is over the limit of %zu bytes",
                        call->options->answer_limit_bytes);
    replace(call, &refusal);
}

/* Makes the answer ready to send; the request's body is given up first. */
static void prepare(auk_http_call *call)
{
    auk_http_response *response = &call->exchange.response;
    auk_http_body_deinit(&call->body);
    if (auk_buffer_status(&response->body) != AUK_OK)
        refuse_answer(call);
    write_head(call, compress(call));
    if (call->head.method == AUK_HTTP_HEAD || !has_body(response->status))
        auk_buffer_deinit(&response->body);
}

/* ---- the way to the socket ---- */

void auk_http_call_lend(auk_http_call *call, int socket, const atomic_bool *draining)
{
    call->socket = socket;
    call->draining = draining;
    atomic_store(&call->way, AUK_HTTP_WAY_OPEN);
}

void auk_http_call_take_back(auk_http_call *call)
{
    int way = AUK_HTTP_WAY_OPEN;
    while (!atomic_compare_exchange_strong(&call->way, &way, AUK_HTTP_WAY_SHUT) &&
           way == AUK_HTTP_WAY_TAKEN) {
        sched_yield();
        way = AUK_HTTP_WAY_OPEN;
    }
}

auk_span auk_http_call_last_field(const auk_http_call *call, bool keep)
{
    return !keep                    ? AUK_SPAN("Connection: close\r\n\r\n")
           : call->head.version_1_0 ? AUK_SPAN("Connection: keep-alive\r\n\r\n")
                                    : AUK_SPAN("\r\n");
}

static struct iovec part_of(auk_span bytes)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.size};
}

/* An error shows again when the loop writes. */
static size_t write_answer(const auk_http_call *call)
{
    struct iovec parts[] = {part_of(auk_buffer_span(&call->answer_head)),
                            part_of(auk_http_call_last_field(call, true)),
                            part_of(auk_buffer_span(&call->exchange.response.body))};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = sizeof parts / sizeof *parts};
    ssize_t sent = sendmsg(call->socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}

/*
 * The client has its answer a wake-up of the loop earlier. True when all of it went: what is left
 * for the loop then is to make room for the next request, which wakes it anyway. Who has read an
 * answer finds the memory of its request free, so all that is charged goes first; an answer that
 * is charged itself is the loop's.
 */
static bool send_at_once(auk_http_call *call)
{
    int open = AUK_HTTP_WAY_OPEN;
    auk_buffer *body = &call->exchange.response.body;
    auk_arena *arena = call->exchange.request.arena;
    if (!call->head.keep_alive || body->capacity > LEFT_MOST ||
        !atomic_compare_exchange_strong(&call->way, &open, AUK_HTTP_WAY_TAKEN))
        return false;
    auk_arena_shed(arena, call);
    size_t size = call->answer_head.size + auk_http_call_last_field(call, true).size + body->size;
    if (!atomic_load(call->draining) && auk_arena_size(arena) <= LEFT_MOST)
        call->sent_bytes = write_answer(call);
    atomic_store(&call->way, AUK_HTTP_WAY_SHUT);
    if (call->sent_bytes < size)
        return false;
    auk_buffer_deinit(body);
    return true;
}

static void finish(auk_http_exchange *exchange)
{
    auk_http_call *call = (auk_http_call *)exchange;
    prepare(call);
    if (running == call) {
        answered_within = true;
        return;
    }
    call->letter.kind = AUK_HTTP_LETTER_ANSWER;
    if (send_at_once(call))
        auk_http_inbox_leave(call->inbox, &call->letter);
    else
        auk_http_inbox_put(call->inbox, &call->letter);
}

bool auk_http_call_run(auk_http_call *call, auk_http_handler handler, void *context)
{
    running = call;
    answered_within = false;
    call->exchange.request.body = auk_http_body_span(&call->body);
    handler(&call->exchange, context);
    running = NULL;
    return answered_within;
}

void auk_http_call_refuse(auk_http_call *call, const auk_http_refusal *refusal)
{
    replace(call, refusal);
    prepare(call);
}

void auk_http_refusal_answer(const auk_http_refusal *refusal, bool omit_product, auk_buffer *out)
{
    auk_buffer body;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_http_refusal_write(refusal, &body);
    append_status(out, refusal->status, omit_product);
    append_field(out, AUK_SPAN("content-type"), json_type);
    if (refusal->status == 405)
        append_field(out, AUK_SPAN("Allow"),
                     AUK_SPAN("GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"));
    if (refusal->status == 429)
        append_field(out, AUK_SPAN("Retry-After"), AUK_SPAN("1"));
    auk_buffer_printf(out, "content-length: %zu\r\nConnection: close\r\n\r\n", body.size);
    auk_buffer_append(out, auk_buffer_span(&body));
    auk_buffer_deinit(&body);
}

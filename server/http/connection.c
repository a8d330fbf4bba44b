#include "connection.h"

#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auk/clock.h"
#include "intake.h"
#include "output.h"

enum state { IDLE, HEAD, BODY, HANDLING, LAST, LINGER, CLOSED };

/* Input read ahead of what is looked at, while a head that does not fit is not charged. */
#define INPUT_MARK ((size_t)4 * 1024)
/* Unread output from which on no further request is begun. */
#define OUTPUT_MARK ((size_t)256 * 1024)
/* Steps before other connections of the loop have their turn. */
#define TURN_STEPS 48
#define LINGER_US  2000000u

static void advance(auk_http_connection *c);

static const auk_http_server_options *options_of(const auk_http_connection *c)
{
    return &c->loop->shared->options;
}

static struct evbuffer *input_of(const auk_http_connection *c)
{
    return bufferevent_get_input(c->stream);
}

static void assert_state(const auk_http_connection *c)
{
    assert((c->state == CLOSED) == (c->stream == NULL));
    assert((c->call != NULL) == (c->arena != NULL));
    assert(c->state != IDLE || !c->call);
    assert(c->state != HEAD || !c->call);
    assert((c->state != BODY && c->state != HANDLING) || c->call);
    (void)c;
}

static void enter(auk_http_connection *c)
{
    assert_state(c);
    c->entered++;
}

/* The struct may be gone afterwards. */
static void leave(auk_http_connection *c)
{
    assert_state(c);
    if (--c->entered || c->state != CLOSED || c->call || c->letter_posted)
        return;
    auk_http_loop_remove(c->loop, c);
    free(c);
}

static auk_budget *budget_of(const auk_http_connection *c)
{
    return options_of(c)->budget;
}

static void set_input_mark(auk_http_connection *c, size_t bytes)
{
    if (bytes == c->input_mark)
        return;
    bufferevent_setwatermark(c->stream, EV_READ, 0, bytes);
    c->input_mark = bytes;
}

static void release_input(auk_http_connection *c)
{
    auk_budget_release(budget_of(c), AUK_PURPOSE_REQUESTS, c->input_booked);
    c->input_booked = 0;
}

static void set_state(auk_http_connection *c, uint8_t state)
{
    c->state = state;
    c->state_since_us = auk_clock_monotonic_us();
}

static void drop_call(auk_http_connection *c)
{
    if (!c->call)
        return;
    auk_http_call_destroy(c->call);
    auk_http_loop_return_arena(c->loop, c->arena);
    c->call = NULL;
    c->arena = NULL;
}

static void close_now(auk_http_connection *c)
{
    if (c->state == CLOSED)
        return;
    if (c->state == HANDLING) {
        atomic_store_explicit(&c->call->gone, true, memory_order_relaxed);
        auk_http_call_take_back(c->call);
    } else {
        drop_call(c);
    }
    release_input(c);
    auk_http_output_drop(c);
    bufferevent_free(c->stream);
    c->stream = NULL;
    set_state(c, CLOSED);
}

static void drop_input(auk_http_connection *c)
{
    evbuffer_drain(input_of(c), evbuffer_get_length(input_of(c)));
}

/* The last answer has been written: says so to the client, and waits for it to hang up. */
static void last_written(auk_http_connection *c)
{
    drop_input(c);
    if (c->input_ended || shutdown(c->socket, SHUT_WR) != 0) {
        close_now(c);
        return;
    }
    set_state(c, LINGER);
}

/* Nothing more will be answered: closes once what is queued has been written. */
static void end(auk_http_connection *c)
{
    drop_call(c);
    if (auk_http_output_pending(c)) {
        set_state(c, LAST);
        drop_input(c);
    } else {
        last_written(c);
    }
}

/* Answers what cannot be a call, and ends the connection. Answers false: no further step. */
static bool refuse(auk_http_connection *c, const auk_http_refusal *refusal)
{
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_http_refusal_answer(refusal, options_of(c)->omit_product, &out);
    auk_http_count(&c->loop->counters.refused, 1);
    auk_http_output_span(c, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    end(c);
    return false;
}

/* Queues what has not been sent of the call's answer and makes room for the next request. */
static void send_answer(auk_http_connection *c)
{
    bool keep = c->call->head.keep_alive && !atomic_load(&c->loop->shared->draining);
    auk_http_output_note(c, c->call->sent_bytes);
    bool copied = auk_http_output_take(c, c->call, keep);
    drop_call(c);
    set_state(c, IDLE);
    auk_http_output_send(c, copied);
    if (!keep)
        end(c);
}

/* Something is to be done behind the answer: it shall wake the loop. */
static void await_answer(auk_http_connection *c)
{
    if (!c->awaits)
        auk_http_inbox_await(&c->loop->inbox);
    c->awaits = true;
}

static void stop_awaiting(auk_http_connection *c)
{
    if (c->awaits)
        auk_http_inbox_unawait(&c->loop->inbox);
    c->awaits = false;
}

/* The next steps of one request. Each answers whether another step may follow at once. */

static bool begin_head(auk_http_connection *c)
{
    if (!evbuffer_get_length(input_of(c))) {
        if (c->input_ended || atomic_load(&c->loop->shared->draining))
            end(c);
        return false;
    }
    size_t pending = auk_http_output_pending(c);
    if (pending > OUTPUT_MARK || (pending && auk_http_output_is_short(c)))
        return false;
    c->scanner = (auk_http_scanner){0};
    set_state(c, HEAD);
    return true;
}

/* A head that does not fit is charged as long as it may become. */
static bool make_room_for_head(auk_http_connection *c)
{
    auk_error err = {0};
    auk_http_refusal refusal;
    size_t bytes = options_of(c)->head_limit_bytes + 1;
    if (evbuffer_get_length(input_of(c)) < c->input_mark || c->input_mark >= bytes)
        return true;
    if (auk_budget_charge(budget_of(c), AUK_PURPOSE_REQUESTS, bytes, &err) != AUK_OK) {
        auk_http_refuse_error(&refusal, &err);
        return refuse(c, &refusal);
    }
    c->input_booked = bytes;
    set_input_mark(c, bytes);
    return true;
}

static void give_room_back(auk_http_connection *c)
{
    set_input_mark(c, INPUT_MARK);
    release_input(c);
}

static bool create_call(auk_http_connection *c, const auk_http_limits *limits,
                        auk_http_refusal *refusal)
{
    size_t size = c->scanner.size;
    char *bytes = auk_arena_alloc(c->arena, size);
    auk_http_head head;
    if (evbuffer_remove(input_of(c), bytes, size) != (int)size)
        return auk_http_refuse(refusal, 400, "request head is cut off");
    auk_http_count(&c->loop->counters.received, size);
    if (!auk_http_head_parse((auk_span){bytes, size}, limits, c->arena, &head, refusal) ||
        !auk_http_call_create(&head, c->arena, options_of(c), &c->call, refusal))
        return false;
    auk_http_request *request = &c->call->exchange.request;
    request->peer = auk_span_of(c->peer);
    request->peer_port = c->peer_port;
    request->started_us = c->state_since_us;
    c->call->inbox = &c->loop->inbox;
    c->call->connection = c;
    return true;
}

static bool begin_body(auk_http_connection *c)
{
    set_state(c, BODY);
    c->input = (auk_http_window){c->state_since_us, 0};
    if (!c->call->head.expects_continue || evbuffer_get_length(input_of(c)))
        return true;
    if (c->call->body.dropping)
        return refuse(c, &c->call->body.held_back);
    auk_http_output_span(c, AUK_SPAN("HTTP/1.1 100 Continue\r\n\r\n"));
    return true;
}

static bool read_head(auk_http_connection *c)
{
    const auk_http_server_options *options = options_of(c);
    const auk_http_limits limits = {.request_line_bytes = options->request_line_limit_bytes,
                                    .head_bytes = options->head_limit_bytes,
                                    .body_bytes = options->body_limit_bytes,
                                    .headers = options->header_limit};
    auk_http_refusal refusal;
    auk_http_step step = auk_http_intake_head(input_of(c), &c->scanner, &limits, &refusal);
    if (step == AUK_HTTP_REFUSED)
        return refuse(c, &refusal);
    if (step == AUK_HTTP_MORE) {
        if (c->input_ended)
            end(c);
        else
            (void)make_room_for_head(c);
        return false;
    }
    c->arena = auk_http_loop_take_arena(c->loop);
    if (!create_call(c, &limits, &refusal)) {
        auk_http_loop_return_arena(c->loop, c->arena);
        c->arena = NULL;
        return refuse(c, &refusal);
    }
    give_room_back(c);
    return begin_body(c);
}

static bool handle(auk_http_connection *c)
{
    auk_http_shared *shared = c->loop->shared;
    auk_http_count(&c->loop->counters.received, c->call->body.received);
    set_state(c, HANDLING);
    if (c->call->body.dropping) {
        auk_http_refusal held_back = c->call->body.held_back;
        auk_http_count(&c->loop->counters.refused, 1);
        auk_http_call_refuse(c->call, &held_back);
    } else {
        auk_http_count(&c->loop->counters.requests, 1);
        if (!auk_http_output_pending(c))
            auk_http_call_lend(c->call, c->socket, &shared->draining);
        if (evbuffer_get_length(input_of(c)) || c->input_ended)
            await_answer(c);
        if (!auk_http_call_run(c->call, shared->handler, shared->context))
            return false;
        stop_awaiting(c);
    }
    send_answer(c);
    return c->state == IDLE;
}

static bool read_body(auk_http_connection *c)
{
    auk_http_refusal refusal;
    auk_http_step step = auk_http_intake_body(input_of(c), c->socket, &c->call->body, &refusal);
    if (step == AUK_HTTP_REFUSED)
        return refuse(c, &refusal);
    if (step == AUK_HTTP_DONE)
        return handle(c);
    if (c->input_ended)
        end(c);
    return false;
}

static bool take_step(auk_http_connection *c)
{
    switch (c->state) {
    case IDLE:
        return begin_head(c);
    case HEAD:
        return read_head(c);
    case BODY:
        return read_body(c);
    case LAST:
    case LINGER:
        drop_input(c);
        return false;
    default:
        return false;
    }
}

/* Goes on as far as the input allows, or until it is the others' turn. */
static void advance(auk_http_connection *c)
{
    for (int i = 0; i < TURN_STEPS; i++)
        if (!take_step(c))
            return;
    if (c->letter_posted)
        return;
    c->letter_posted = true;
    c->letter.kind = AUK_HTTP_LETTER_RESUME;
    auk_http_inbox_put(&c->loop->inbox, &c->letter);
}

/* Something came while the handler has the call. It may have answered; if not, it is awaited, and
 * looked for once more, for it may have come before that. */
static void settle(auk_http_connection *c)
{
    if (c->state == HANDLING)
        auk_http_loop_look(c->loop);
    if (c->state != HANDLING || c->awaits)
        return;
    await_answer(c);
    auk_http_loop_look(c->loop);
}

static void on_read(struct bufferevent *stream, void *context)
{
    (void)stream;
    auk_http_connection *c = context;
    enter(c);
    settle(c);
    advance(c);
    leave(c);
}

/* Everything queued has been written. */
static void on_write(struct bufferevent *stream, void *context)
{
    (void)stream;
    auk_http_connection *c = context;
    enter(c);
    auk_http_output_drop(c);
    if (c->state == LAST)
        last_written(c);
    else if (c->state == IDLE)
        advance(c);
    leave(c);
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
    (void)stream;
    auk_http_connection *c = context;
    enter(c);
    settle(c);
    if (what & BEV_EVENT_EOF) {
        c->input_ended = true;
        if (c->state == HANDLING)
            atomic_store_explicit(&c->call->gone, true, memory_order_relaxed);
        if (c->state == LINGER)
            close_now(c);
        else
            advance(c);
    } else if (what & BEV_EVENT_ERROR) {
        close_now(c);
    }
    leave(c);
}

auk_http_connection *auk_http_connection_create(int socket, const struct sockaddr *peer)
{
    auk_http_connection *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->socket = socket;
    c->letter.kind = AUK_HTTP_LETTER_CONNECTION;
    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, peer, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, c->peer, sizeof c->peer);
        c->peer_port = ntohs(v4.sin_port);
    } else if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, peer, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, c->peer, sizeof c->peer);
        c->peer_port = ntohs(v6.sin6_port);
    }
    return c;
}

void auk_http_connection_open(auk_http_connection *c, auk_http_loop *loop)
{
    c->loop = loop;
    c->stream = bufferevent_socket_new(loop->base, c->socket, BEV_OPT_CLOSE_ON_FREE);
    if (!c->stream)
        abort();
    set_state(c, IDLE);
    auk_http_loop_add(loop, c);
    enter(c);
    bufferevent_setcb(c->stream, on_read, on_write, on_event, c);
    set_input_mark(c, INPUT_MARK);
    if (atomic_load(&loop->shared->cutting) || bufferevent_enable(c->stream, EV_READ) != 0)
        close_now(c);
    leave(c);
}

void auk_http_connection_answer(auk_http_letter *letter)
{
    auk_http_call *call =
        (auk_http_call *)(void *)((char *)letter - offsetof(auk_http_call, letter));
    auk_http_connection *c = call->connection;
    enter(c);
    stop_awaiting(c);
    if (c->state == CLOSED) {
        drop_call(c);
    } else {
        send_answer(c);
        advance(c);
    }
    leave(c);
}

void auk_http_connection_resume(auk_http_connection *c)
{
    enter(c);
    c->letter_posted = false;
    advance(c);
    leave(c);
}

/* A request may have arrived that the loop has not been told of yet. */
static bool has_unread(const auk_http_connection *c)
{
    char byte;
    return evbuffer_get_length(input_of(c)) ||
           recv(c->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void auk_http_connection_drain(auk_http_connection *c, bool cut)
{
    enter(c);
    if (cut)
        close_now(c);
    else if (c->state == IDLE && auk_http_output_pending(c))
        end(c);
    else if (c->state == IDLE && !has_unread(c))
        close_now(c);
    leave(c);
}

static void refuse_slow(auk_http_connection *c, const char *part)
{
    auk_http_refusal refusal;
    auk_http_refuse(&refusal, 408, "the request's %s arrived too slowly", part);
    refuse(c, &refusal);
}

/* True when the window has passed with too few bytes moved; else begins the next when due. */
static bool too_slow(const auk_http_connection *c, auk_http_window *window, uint64_t moved_bytes,
                     uint64_t now_us)
{
    const auk_http_server_options *options = options_of(c);
    uint64_t passed_us = now_us > window->since_us ? now_us - window->since_us : 0;
    if (passed_us < (uint64_t)options->transfer_window_ms * 1000)
        return false;
    uint64_t wanted = passed_us * options->rate_floor_bytes_per_second / 1000000;
    if (moved_bytes - window->moved_bytes < wanted)
        return true;
    *window = (auk_http_window){now_us, moved_bytes};
    return false;
}

static void check_input(auk_http_connection *c, uint64_t now_us)
{
    const auk_http_server_options *options = options_of(c);
    uint64_t passed_us = now_us > c->state_since_us ? now_us - c->state_since_us : 0;
    switch (c->state) {
    case IDLE:
        if (passed_us > (uint64_t)options->idle_deadline_ms * 1000 && !c->output.is_waiting)
            close_now(c);
        break;
    case HEAD:
        if (passed_us > (uint64_t)options->head_deadline_ms * 1000)
            refuse_slow(c, "head");
        break;
    case BODY:
        if (too_slow(c, &c->input, c->call->body.received, now_us))
            refuse_slow(c, "body");
        break;
    case LINGER:
        if (passed_us > LINGER_US)
            close_now(c);
        break;
    default:
        break;
    }
}

void auk_http_connection_check(auk_http_connection *c, uint64_t now_us)
{
    enter(c);
    if (c->state != CLOSED) {
        /* of thousands that idle nothing but this struct is touched */
        auk_http_output *output = &c->output;
        size_t pending = output->is_waiting ? auk_http_output_pending(c) : 0;
        if (pending && too_slow(c, &output->window, output->queued_bytes - pending, now_us))
            close_now(c);
        else
            check_input(c, now_us);
    }
    leave(c);
}

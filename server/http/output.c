#include "output.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>

#include "auk/clock.h"

/* Answers from this size on are sent from where they lie. */
#define REFERENCE_BYTES ((size_t)16 * 1024)

static auk_budget *budget_of(const auk_http_connection *c)
{
    return c->loop->shared->options.budget;
}

size_t auk_http_output_pending(const auk_http_connection *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->stream));
}

bool auk_http_output_is_short(const auk_http_connection *c)
{
    const auk_budget *budget = budget_of(c);
    return auk_budget_used(budget, AUK_PURPOSE_ANSWERS) >=
               auk_budget_limit(budget, AUK_PURPOSE_ANSWERS) ||
           auk_budget_used_total(budget) >= auk_budget_total(budget);
}

/*
 * Sends what is in the scratch buffer. The socket is tried at once: most answers fit into its
 * buffer, and two calls to epoll are saved. The rest is the stream's. copied: its bytes are no
 * parcel, which has been charged.
 */
void auk_http_output_send(auk_http_connection *c, bool copied)
{
    struct evbuffer *out = c->loop->scratch;
    size_t size = evbuffer_get_length(out);
    size_t pending = auk_http_output_pending(c);
    if (!size)
        return;
    if (!pending)
        c->output.window = (auk_http_window){auk_clock_monotonic_us(), c->output.queued_bytes};
    c->output.queued_bytes += size;
    auk_http_count(&c->loop->counters.sent, size);
    if (!pending)
        evbuffer_write(out, c->socket); /* an error shows again in the stream's own write */
    size_t left = evbuffer_get_length(out);
    if (!left)
        return;
    c->output.is_waiting = true;
    if (copied) {
        auk_budget_force(budget_of(c), AUK_PURPOSE_ANSWERS, left);
        c->output.booked_bytes += left;
    }
    bufferevent_write_buffer(c->stream, out);
}

void auk_http_output_note(auk_http_connection *c, size_t sent_bytes)
{
    c->output.queued_bytes += sent_bytes;
    auk_http_count(&c->loop->counters.sent, sent_bytes);
}

void auk_http_output_span(auk_http_connection *c, auk_span bytes)
{
    evbuffer_add(c->loop->scratch, bytes.data, bytes.size);
    auk_http_output_send(c, true);
}

/* A body that the output refers to, with what it costs. */
struct parcel {
    auk_budget *budget;
    size_t charged;
    char *data;
};

static void free_parcel(const void *data, size_t size, void *context)
{
    (void)data;
    (void)size;
    struct parcel *parcel = context;
    auk_budget_release(parcel->budget, AUK_PURPOSE_ANSWERS, parcel->charged);
    free(parcel->data);
    free(parcel);
}

/* True when it was copied. */
static bool add_body(auk_http_call *call, struct evbuffer *out)
{
    auk_buffer *body = &call->exchange.response.body;
    if (body->size < REFERENCE_BYTES) {
        evbuffer_add(out, body->data, body->size);
        return true;
    }
    struct parcel *parcel = malloc(sizeof *parcel);
    if (!parcel)
        abort();
    size_t size;
    parcel->budget = call->options->budget;
    parcel->charged = auk_buffer_take_charge(body);
    if (!parcel->charged) { /* too small to be charged while it was written, but it may wait */
        parcel->charged = body->capacity;
        auk_budget_force(parcel->budget, AUK_PURPOSE_ANSWERS, parcel->charged);
    }
    parcel->data = auk_buffer_take(body, &size);
    if (evbuffer_add_reference(out, parcel->data, size, free_parcel, parcel) != 0)
        abort();
    return false;
}

bool auk_http_output_take(auk_http_connection *c, auk_http_call *call, bool keep)
{
    struct evbuffer *out = c->loop->scratch;
    auk_span last = auk_http_call_last_field(call, keep || call->sent_bytes);
    evbuffer_add(out, call->answer_head.data, call->answer_head.size);
    evbuffer_add(out, last.data, last.size);
    bool copied = add_body(call, out);
    evbuffer_drain(out, call->sent_bytes);
    return copied;
}

void auk_http_output_drop(auk_http_connection *c)
{
    auk_budget_release(budget_of(c), AUK_PURPOSE_ANSWERS, c->output.booked_bytes);
    c->output.booked_bytes = 0;
    c->output.is_waiting = false;
}

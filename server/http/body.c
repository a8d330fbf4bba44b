#include "body.h"

#include <stdlib.h>

#define LEAST_CAPACITY ((size_t)16 * 1024)

static const char no_body[AUK_HTTP_PADDING + 1];

static void drop(auk_http_body *body, const auk_error *err)
{
    auk_http_refuse_error(&body->held_back, err);
    body->dropping = true;
    free(body->data);
    body->data = NULL;
    body->size = body->capacity = 0;
    auk_budget_release(body->budget, AUK_PURPOSE_REQUESTS, body->charged);
    body->charged = 0;
}

static bool charge(auk_http_body *body, size_t bytes)
{
    auk_error err = {0};
    if (auk_budget_charge(body->budget, AUK_PURPOSE_REQUESTS, bytes, &err) != AUK_OK) {
        drop(body, &err);
        return false;
    }
    body->charged += bytes;
    return true;
}

/* Room for exactly capacity bytes; false when the budget refuses, and then the body is dropped. */
static bool grow(auk_http_body *body, size_t capacity)
{
    size_t old = body->data ? body->capacity + AUK_HTTP_PADDING : 0;
    if (!charge(body, capacity + AUK_HTTP_PADDING - old))
        return false;
    char *data = realloc(body->data, capacity + AUK_HTTP_PADDING);
    if (!data)
        abort();
    body->data = data;
    body->capacity = capacity;
    return true;
}

void auk_http_body_init(auk_http_body *body, const auk_http_head *head, size_t limit_bytes,
                        auk_budget *budget)
{
    *body = (auk_http_body){.limit = limit_bytes,
                            .left = head->length,
                            .is_chunked = head->chunked,
                            .budget = budget};
    if (!head->chunked && !head->length)
        return;
    if (head->gzip_body) {
        if (charge(body, AUK_GUNZIP_BYTES))
            body->gunzip = auk_gunzip_create();
    } else if (!head->chunked) {
        grow(body, (size_t)head->length);
    }
}

void auk_http_body_deinit(auk_http_body *body)
{
    auk_gunzip_destroy(body->gunzip);
    free(body->data);
    auk_budget_release(body->budget, AUK_PURPOSE_REQUESTS, body->charged);
    *body = (auk_http_body){0};
}

static bool too_large(const auk_http_body *body, auk_http_refusal *refusal)
{
    return auk_http_refuse(refusal, 413, "body is over the limit of %zu bytes", body->limit);
}

/* Room for wanted more bytes, unless the body has been dropped; false past the limit. */
static bool make_room(auk_http_body *body, size_t wanted, auk_http_refusal *refusal)
{
    /* inflating needs room for one byte too many to learn that the stream goes on */
    size_t most = body->limit + (body->gunzip ? 1 : 0);
    if (wanted <= body->capacity - body->size)
        return true;
    if (wanted > most - body->size)
        return too_large(body, refusal);
    size_t capacity = body->capacity ? body->capacity * 2 : LEAST_CAPACITY;
    if (capacity < body->size + wanted)
        capacity = body->size + wanted;
    if (capacity > most)
        capacity = most;
    grow(body, capacity);
    return true;
}

static bool append(auk_http_body *body, auk_span bytes, auk_http_refusal *refusal)
{
    if (!make_room(body, bytes.size, refusal))
        return false;
    if (!body->dropping) {
        memcpy(body->data + body->size, bytes.data, bytes.size);
        body->size += bytes.size;
    }
    return true;
}

static bool append_inflated(auk_http_body *body, auk_span bytes, auk_http_refusal *refusal)
{
    for (;;) {
        if (!make_room(body, 1, refusal))
            return false;
        if (body->dropping)
            return true;
        size_t room = body->capacity - body->size;
        size_t made = 0;
        auk_error err = {0};
        if (auk_gunzip_step(body->gunzip, &bytes, body->data + body->size, room, &made, &err))
            return auk_http_refuse(refusal, 400, "the body is not a sound gzip stream");
        body->size += made;
        if (body->size > body->limit)
            return too_large(body, refusal);
        if (made < room)
            return true;
    }
}

/* A run of bytes without their transfer coding. */
static bool append_run(auk_http_body *body, auk_span bytes, auk_http_refusal *refusal)
{
    if (body->dropping || !bytes.size)
        return true;
    return body->gunzip ? append_inflated(body, bytes, refusal) : append(body, bytes, refusal);
}

static auk_http_step end(auk_http_body *body, auk_http_refusal *refusal)
{
    if (body->gunzip && !body->dropping && body->received && !auk_gunzip_complete(body->gunzip)) {
        auk_http_refuse(refusal, 400, "the body's gzip stream is cut off");
        return AUK_HTTP_REFUSED;
    }
    auk_gunzip_destroy(body->gunzip);
    body->gunzip = NULL;
    if (body->data)
        memset(body->data + body->size, 0, AUK_HTTP_PADDING);
    return AUK_HTTP_DONE;
}

static auk_http_step feed_known(auk_http_body *body, auk_span *in, auk_http_refusal *refusal)
{
    size_t size = body->left < in->size ? (size_t)body->left : in->size;
    auk_span run = {in->data, size};
    *in = auk_span_from(*in, size);
    body->left -= size;
    body->received += size;
    if (!append_run(body, run, refusal))
        return AUK_HTTP_REFUSED;
    return body->left ? AUK_HTTP_MORE : end(body, refusal);
}

/* What arrives is bounded as well: dropped bodies and empty gzip members would not end otherwise.
 */
static bool count_received(auk_http_body *body, size_t size, auk_http_refusal *refusal)
{
    body->received += size;
    if (body->received > (uint64_t)body->limit * 2 + AUK_HTTP_TRAILER_LIMIT)
        return too_large(body, refusal);
    return true;
}

static auk_http_step feed_chunked(auk_http_body *body, auk_span *in, auk_http_refusal *refusal)
{
    for (;;) {
        auk_span run;
        size_t before = in->size;
        auk_http_step step = auk_http_chunked_take(&body->chunked, in, &run, refusal);
        if (step == AUK_HTTP_REFUSED)
            return step;
        if (!count_received(body, before - in->size, refusal))
            return AUK_HTTP_REFUSED;
        if (step == AUK_HTTP_DONE)
            return end(body, refusal);
        if (!run.size)
            return AUK_HTTP_MORE;
        if (!append_run(body, run, refusal))
            return AUK_HTTP_REFUSED;
    }
}

auk_http_step auk_http_body_feed(auk_http_body *body, auk_span *in, auk_http_refusal *refusal)
{
    return body->is_chunked ? feed_chunked(body, in, refusal) : feed_known(body, in, refusal);
}

size_t auk_http_body_room(const auk_http_body *body, char **at)
{
    if (body->is_chunked || body->gunzip || body->dropping || !body->data)
        return 0;
    *at = body->data + body->size;
    return (size_t)body->left;
}

auk_http_step auk_http_body_advance(auk_http_body *body, size_t size)
{
    auk_http_refusal unused;
    body->size += size;
    body->left -= size;
    body->received += size;
    return body->left ? AUK_HTTP_MORE : end(body, &unused);
}

auk_span auk_http_body_span(const auk_http_body *body)
{
    return body->data ? (auk_span){body->data, body->size} : (auk_span){no_body, 0};
}

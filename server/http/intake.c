#include "intake.h"

#include <event2/buffer.h>
#include <sys/socket.h>

/* Body bytes taken from the socket in one turn, past libevent's 4 KiB a read. */
#define TURN_BYTES ((size_t)1024 * 1024)
#define PIECES     8

auk_http_step auk_http_intake_head(struct evbuffer *input, auk_http_scanner *scanner,
                                   const auk_http_limits *limits, auk_http_refusal *refusal)
{
    auk_http_step step = AUK_HTTP_MORE;
    while (step == AUK_HTTP_MORE && scanner->size < evbuffer_get_length(input)) {
        struct evbuffer_ptr from;
        struct evbuffer_iovec piece;
        if (evbuffer_ptr_set(input, &from, scanner->size, EVBUFFER_PTR_SET) != 0 ||
            evbuffer_peek(input, -1, &from, &piece, 1) < 1)
            break;
        auk_span in = auk_span_make(piece.iov_base, piece.iov_len);
        step = auk_http_scanner_feed(scanner, limits, in, refusal);
    }
    return step;
}

/* A plain body of known length: from the input, then straight from the socket, into its place. */
static auk_http_step fill(struct evbuffer *input, int socket, auk_http_body *body)
{
    char *at;
    size_t room = auk_http_body_room(body, &at);
    int moved = evbuffer_remove(input, at, room);
    auk_http_step step = auk_http_body_advance(body, moved > 0 ? (size_t)moved : 0);
    size_t turn = 0;
    while (step == AUK_HTTP_MORE && turn < TURN_BYTES && !evbuffer_get_length(input)) {
        room = auk_http_body_room(body, &at);
        ssize_t got = recv(socket, at, room < TURN_BYTES ? room : TURN_BYTES, MSG_DONTWAIT);
        if (got <= 0) /* the end and errors are the stream's to find */
            break;
        turn += (size_t)got;
        step = auk_http_body_advance(body, (size_t)got);
    }
    return step;
}

/* A body in chunks, compressed, or dropped: through its decoder. */
static auk_http_step feed(struct evbuffer *input, auk_http_body *body, auk_http_refusal *refusal)
{
    auk_span nothing = {"", 0};
    if (!body->is_chunked && !body->left)
        return auk_http_body_feed(body, &nothing, refusal);
    auk_http_step step = AUK_HTTP_MORE;
    while (step == AUK_HTTP_MORE && evbuffer_get_length(input)) {
        struct evbuffer_iovec pieces[PIECES];
        int count = evbuffer_peek(input, -1, NULL, pieces, PIECES);
        size_t used = 0;
        for (int i = 0; i < count && i < PIECES && step == AUK_HTTP_MORE; i++) {
            auk_span in = auk_span_make(pieces[i].iov_base, pieces[i].iov_len);
            step = auk_http_body_feed(body, &in, refusal);
            used += pieces[i].iov_len - in.size;
        }
        evbuffer_drain(input, used);
    }
    return step;
}

auk_http_step auk_http_intake_body(struct evbuffer *input, int socket, auk_http_body *body,
                                   auk_http_refusal *refusal)
{
    char *at;
    return auk_http_body_room(body, &at) ? fill(input, socket, body) : feed(input, body, refusal);
}

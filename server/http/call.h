/*
 * call.h - an exchange as the server sees it: request in the making, then in a handler, then an
 * answer.
 *
 *   Lifetime  lies in its request's arena; _destroy gives up all else that it holds, and the arena
 *             is the loop's to reuse then.
 *   Threads   the loop's, except between _run and the delivery of the answer. Whoever answers may
 *             write to the socket (_lend), between which and its close `way` stands.
 *   Memory    body and answer on the heap, charged to the budget.
 *   Errors    an answer that cannot be held is replaced by 413 or 429.
 */
#ifndef AUK_HTTP_CALL_H
#define AUK_HTTP_CALL_H

#include <stdatomic.h>

#include "auk/http_server.h"
#include "body.h"
#include "head.h"
#include "inbox.h"

/* Who may use the socket while a handler has the call. */
typedef enum auk_http_way {
    AUK_HTTP_WAY_SHUT, /* the loop alone */
    AUK_HTTP_WAY_OPEN, /* whoever answers: nothing else is to be written before it */
    AUK_HTTP_WAY_TAKEN /* it does; the loop must not close it */
} auk_http_way;

typedef struct auk_http_call {
    auk_http_exchange exchange; /* first: a handler's pointer is ours */
    auk_http_letter letter;
    auk_http_inbox *inbox; /* of the loop that gets the answer */
    void *connection;      /* that loop's */
    const auk_http_server_options *options;
    auk_http_head head;
    auk_http_body body;
    atomic_bool gone;
    atomic_int way; /* auk_http_way */
    int socket;
    const atomic_bool *draining; /* then answers say that the connection ends */
    size_t sent_bytes;           /* of the answer, by whoever answered */
    /* the answer: status line and headers without the last ones, then response.body */
    auk_buffer answer_head;
} auk_http_call;

/* The request of this head and target; its body is still to come. False: malformed target. */
bool auk_http_call_create(const auk_http_head *head, auk_arena *arena,
                          const auk_http_server_options *options, auk_http_call **out,
                          auk_http_refusal *refusal);
void auk_http_call_destroy(auk_http_call *call);

/* Lets whoever answers write to the socket, which takes any bytes now. Before _run. */
void auk_http_call_lend(auk_http_call *call, int socket, const atomic_bool *draining);
/* Nobody writes to the socket any more; waits for who is about to, a system call at most. */
void auk_http_call_take_back(auk_http_call *call);

/* What stands between the head's fields and the body. */
auk_span auk_http_call_last_field(const auk_http_call *call, bool keep);

/* Hands the complete request to the handler; true when it was answered before the handler returned.
 * Otherwise the letter comes to the inbox. */
bool auk_http_call_run(auk_http_call *call, auk_http_handler handler, void *context);

/* Answers in the handler's place. */
void auk_http_call_refuse(auk_http_call *call, const auk_http_refusal *refusal);

/* A whole answer with "Connection: close" to a request that never became a call. */
void auk_http_refusal_answer(const auk_http_refusal *refusal, bool omit_product, auk_buffer *out);

#endif

/*
 * call.h - an exchange as the server sees it: request in the making, then in a handler, then an
 * answer.
 *
 *   Lifetime  lies in its request's arena; _destroy gives up all else that it holds, and the arena
 *             is the loop's to reuse then.
 *   Threads   the loop's, except between _run and the delivery of the answer.
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

typedef struct auk_http_call {
    auk_http_exchange exchange; /* first: a handler's pointer is ours */
    auk_http_letter letter;
    auk_http_inbox *inbox; /* of the loop that gets the answer */
    void *connection;      /* that loop's */
    const auk_http_server_options *options;
    auk_http_head head;
    auk_http_body body;
    atomic_bool gone;
    /* the answer: status line and headers without the last ones, then response.body */
    auk_buffer answer_head;
} auk_http_call;

/* The request of this head and target; its body is still to come. False: malformed target. */
bool auk_http_call_create(const auk_http_head *head, auk_arena *arena,
                          const auk_http_server_options *options, auk_http_call **out,
                          auk_http_refusal *refusal);
void auk_http_call_destroy(auk_http_call *call);

/* Hands the complete request to the handler; true when it was answered before the handler returned.
 * Otherwise the letter comes to the inbox. */
bool auk_http_call_run(auk_http_call *call, auk_http_handler handler, void *context);

/* Answers in the handler's place. */
void auk_http_call_refuse(auk_http_call *call, const auk_http_refusal *refusal);

/* A whole answer with "Connection: close" to a request that never became a call. */
void auk_http_refusal_answer(const auk_http_refusal *refusal, bool omit_product, auk_buffer *out);

#endif

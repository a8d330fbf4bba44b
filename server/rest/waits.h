/*
 * waits.h - answers that wait for a refresh (refresh=wait_for) without a thread that waits.
 *
 * The write is done and its answer written; the call is parked here, its pool thread goes on, and a
 * thread that looks every few milliseconds sends the answer once the refresh has come. While the
 * server drains, nobody waits: the refresh is made at once. Other questions can wait here, too, and
 * are asked again (_again).
 *
 *   Lifetime  _create .. _destroy; no call may be parked at _destroy.
 *   Threads   any.
 *   Memory    a wait lives in its call's arena and counts its indices.
 *   Errors    of an index that is refreshed at once.
 */
#ifndef AUK_REST_WAITS_H
#define AUK_REST_WAITS_H

#include "call.h"

typedef struct auk_waits auk_waits;

/* Notes in call->wait what the writes that were done have to wait for; nothing when none was. */
AUK_MUST_CHECK auk_code auk_wait_begin(auk_call *call, const auk_written *written, uint32_t count,
                                       auk_error *err);
/*
 * For a question whose answer is not there yet: the route writes nothing, and its function runs
 * once more when is_over(context) says so (looked at every few milliseconds), or while the server
 * drains. context lives in the call's arena; release(context) is called once.
 */
void auk_wait_again(auk_call *call, bool (*is_over)(void *context), void (*release)(void *context),
                    void *context);
bool auk_wait_is_again(const auk_call *call);
/* Forgets it; nothing when there is none. */
void auk_wait_drop(auk_call *call);

/* Takes the call over and finishes it later, by auk_call_finish. */
void auk_waits_park(auk_waits *waits, auk_call *call);

auk_waits *auk_waits_create(auk_rest *rest);
void auk_waits_destroy(auk_waits *waits);

#endif

/*
 * lsn_wait.h - read your writes: ?wait_for_lsn= on what reads indices that a source owns, and the
 * header X-Auk-Applied-Lsn on its answers.
 *
 *   Lifetime  the call's.   Threads  the route's.   Memory  the call's arena.
 *   Errors    AUK_INVALID for a token that is none; 408 with the position reached; AUK_CONFLICT
 *             for a position that a failover lost.
 */
#ifndef AUK_REST_LSN_WAIT_H
#define AUK_REST_LSN_WAIT_H

#include "call.h"

#define AUK_LSN_PARAMETERS "wait_for_lsn wait_for_lsn_timeout "

/* First thing in a route. *parked: the route returns AUK_OK at once and runs again later. */
AUK_MUST_CHECK auk_code auk_lsn_wait(auk_call *call, bool *parked, auk_error *err);
/* The same for indices that are named elsewhere than in the path; an empty name is all. */
AUK_MUST_CHECK auk_code auk_lsn_wait_for(auk_call *call, const auk_span *names, uint32_t count,
                                         bool *parked, auk_error *err);
/* Is there anything to wait for, or to tell? Else the names need not be looked for. */
bool auk_lsn_is_asked(const auk_call *call);

#endif

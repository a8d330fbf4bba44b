/*
 * decide.h - may an operation take the place of what is there, and with which version?
 *
 * Elasticsearch's rules and words. A function of the operation and of what was located, nothing
 * else.
 *
 *   Lifetime, threads, memory  none.
 *   Errors    AUK_CONFLICT, type version_conflict_engine_exception.
 */
#ifndef AUK_DECIDE_H
#define AUK_DECIDE_H

#include "shard_state.h"

AUK_MUST_CHECK auk_code auk_decide(const auk_operation *operation, const auk_located *old,
                                   int64_t *version, auk_error *err);

#endif

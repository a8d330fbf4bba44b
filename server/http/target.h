/*
 * target.h - a request target taken apart: path, decoded segments, decoded parameters.
 *
 *   Lifetime  parts that need no decoding borrow the target, the others lie in the arena.
 *   Threads   one owner.
 *   Memory    the arena's.
 *   Errors    400: a broken percent escape, or text that is not UTF-8.
 */
#ifndef AUK_HTTP_TARGET_H
#define AUK_HTTP_TARGET_H

#include "auk/http_exchange.h"
#include "refusal.h"

/* Sets path, segments and parameters of a request, whose arena is set. */
bool auk_http_target_parse(auk_span target, auk_http_request *request, auk_http_refusal *refusal);

#endif

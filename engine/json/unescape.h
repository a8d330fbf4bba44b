/*
 * unescape.h - the text of a JSON string from what stands between its quotes.
 *
 *   Memory    the result lives in the arena.
 *   Errors    the place of the first escape sequence that is not one; NULL for success.
 */
#ifndef AUK_JSON_UNESCAPE_H
#define AUK_JSON_UNESCAPE_H

#include "auk/arena.h"
#include "auk/span.h"

/* raw is UTF-8 and does not end inside an escaped quote; first_escape is its first backslash. */
const char *auk_json_unescape(auk_span raw, const char *first_escape, auk_arena *arena,
                              auk_span *out);

#endif

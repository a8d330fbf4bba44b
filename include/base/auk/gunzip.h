/*
 * gunzip.h - inflates a gzip stream piece by piece, as it arrives.
 *
 * For bodies that come over a connection: the caller gives what has arrived and room for what comes
 * out, and decides after each step whether more room is allowed. Several gzip members in a row are
 * one stream, as gzip itself reads them.
 *
 *   Lifetime  _create .. _destroy.   Threads  one owner at a time.
 *   Memory    AUK_GUNZIP_BYTES while it exists.
 *   Errors    AUK_CORRUPT for bytes that are no gzip stream; sticky.
 */
#ifndef AUK_GUNZIP_H
#define AUK_GUNZIP_H

#include <stdbool.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_gunzip auk_gunzip;

#define AUK_GUNZIP_BYTES ((size_t)48 * 1024)

auk_gunzip *auk_gunzip_create(void);
void auk_gunzip_destroy(auk_gunzip *gunzip); /* NULL is fine */

/*
 * Takes bytes off the front of *in and writes at most capacity bytes to out; *made is how many.
 * AUK_OK with *made == capacity: call again with more room, also when *in is empty by now.
 * Otherwise *in is used up.
 */
AUK_MUST_CHECK auk_code auk_gunzip_step(auk_gunzip *gunzip, auk_span *in, char *out,
                                        size_t capacity, size_t *made, auk_error *err);

/* True at the end of a member: only there may the stream end. */
bool auk_gunzip_complete(const auk_gunzip *gunzip);

#endif

/*
 * source.h - a window that slides over a stream of bytes.
 *
 *        from                 to
 *   -----+--------------------+-----------  the stream
 *        | not yet consumed   | not yet read
 *
 * Whoever cuts records looks at [from, to), asks for more when no record ends there, and moves
 * from.
 *
 *   Lifetime  _init .. _deinit; pointers into the window end at the next _more.
 *   Threads   one.
 *   Memory    the window, at least AUK_SOURCE_WINDOW, at most AUK_RECORD_LIMIT.
 *   Errors    those of the reader; AUK_TOO_LARGE when the window would pass AUK_RECORD_LIMIT.
 */
#ifndef AUK_SOURCE_H
#define AUK_SOURCE_H

#include "auk/error.h"
#include "auk/span.h"

#define AUK_SOURCE_WINDOW ((size_t)512 << 10)
#define AUK_RECORD_LIMIT  ((size_t)128 << 20)

/* Up to capacity bytes; *size 0 at the end. */
typedef auk_code (*auk_source_reader)(void *context, char *into, size_t capacity, size_t *size,
                                      auk_error *err);

typedef struct auk_source {
    auk_source_reader read;
    void *context;
    char *data;
    size_t capacity;
    size_t from;
    size_t to;
    bool at_end;   /* of the stream; [from, to) is all that is left */
    uint64_t line; /* number of the line at from, counted by whoever moves from */
} auk_source;

void auk_source_init(auk_source *source, auk_source_reader read, void *context);
void auk_source_deinit(auk_source *source);

/* Makes the window longer by at least a byte, or sets at_end. from becomes 0. */
AUK_MUST_CHECK auk_code auk_source_more(auk_source *source, auk_error *err);

static inline auk_span auk_source_window(const auk_source *source)
{
    return (auk_span){source->data + source->from, source->to - source->from};
}

#endif

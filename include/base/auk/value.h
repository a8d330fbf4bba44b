/*
 * value.h - the pieces that a segment is made of, and the sink that a segment writer fills.
 *
 * A segment is a table of values: (kind, field, part) to bytes. Where the bytes live (a mapped
 * file, the heap) is not the codec's business: writers put values into a sink, readers are given
 * the table. Values arrive in the order in which they are produced, each (kind, field, part) once.
 *
 *   Lifetime  the bytes given to put are copied or written before it returns.
 *   Threads   one writer a sink.
 *   Errors    whatever the sink says; a failed sink stays failed.
 */
#ifndef AUK_VALUE_H
#define AUK_VALUE_H

#include <stdint.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_value {
    uint8_t kind; /* auk_kind of the codec */
    uint16_t field;
    uint32_t part;
    auk_span bytes;
} auk_value;

typedef struct auk_sink {
    auk_code (*put)(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                    auk_error *err);
    void *context;
} auk_sink;

/* A value is at most about this long; only a single posting list or block that is longer by itself
 * is one value of its own. Before its first use a value is read as a whole, to compare it with its
 * checksum: so it is no longer than a disk reads in about a millisecond. */
#define AUK_VALUE_SIZE_TARGET (1u << 20)

#endif

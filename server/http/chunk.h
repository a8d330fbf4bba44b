/*
 * chunk.h - undoes the chunked transfer coding, byte by byte where it must, in runs where it can.
 *
 *   chunk   = 1*HEXDIG *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted ) ] ) CRLF data CRLF
 *   body    = *chunk  1*"0" extensions CRLF  *( trailer CRLF )  CRLF
 *
 * States, in the order in which a body passes through them:
 *
 *   SIZE -> (extension states) -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE ...
 *                                        \-> TRAILER -> (name, value, LF) -> TRAILER ... -> END_LF
 * -> END
 *
 * Extensions and trailers are checked and dropped. A decoder takes any bytes, in any pieces.
 *
 *   Lifetime  a plain value, start from zeros.   Threads  one owner.   Memory  none.
 *   Errors    400 for anything outside the grammar above, 431 for extensions or trailers past their
 *             limits. Sticky: a refused decoder must not be fed again.
 */
#ifndef AUK_HTTP_CHUNK_H
#define AUK_HTTP_CHUNK_H

#include <stdint.h>

#include "auk/span.h"
#include "head.h"

#define AUK_HTTP_EXTENSION_LIMIT (16u * 1024) /* all extensions of a body together */
#define AUK_HTTP_TRAILER_LIMIT   (8u * 1024)

typedef struct auk_http_chunked {
    uint8_t state;
    uint8_t digits;
    bool last; /* the chunk of size 0 has begun */
    uint32_t extension_bytes;
    uint32_t trailer_bytes;
    uint64_t left; /* of the chunk's data */
} auk_http_chunked;

/*
 * Takes bytes off the front of *in until there is data to hand out, or until it is empty.
 *
 * MORE with data->size > 0: data is a run of the body within *in's old bytes; call again.
 * MORE with data->size == 0: *in is used up. DONE: the body is complete, *in is what follows it.
 */
auk_http_step auk_http_chunked_take(auk_http_chunked *chunked, auk_span *in, auk_span *data,
                                    auk_http_refusal *refusal);

#endif

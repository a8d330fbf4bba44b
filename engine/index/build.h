/*
 * build.h - a write buffer to a segment, in one encoding pass.
 *
 * The chunks' term tables are joined into one; the tokens of all live rows are counted and
 * scattered by term (a counting sort, which keeps documents and positions in order); the terms are
 * sorted; then each field is written front to back. Rows that are not live any more get no
 * document.
 *
 *   Lifetime  none.
 *   Threads   the buffer must not grow any more; any thread.
 *   Memory    about 12 bytes a token, 32 bytes a distinct term, while it runs.
 *   Errors    the sink's.
 */
#ifndef AUK_BUILD_H
#define AUK_BUILD_H

#include "auk/segment_writer.h"

#include "live.h"
#include "write_buffer.h"

#define AUK_SIMILARITY_K1 1.2f
#define AUK_SIMILARITY_B  0.75f

typedef struct auk_build_input {
    const auk_write_buffer *buffer;
    const auk_live *rows; /* NULL: all */
    const auk_tombstone *tombstones;
    uint32_t tombstone_count;
    int compression_level;
} auk_build_input;

/* map: receives the document of each row, or AUK_DOC_DROPPED. */
AUK_MUST_CHECK auk_code auk_build_segment(const auk_build_input *input, const auk_sink *sink,
                                          uint32_t *map, uint32_t *doc_count, auk_error *err);

#endif

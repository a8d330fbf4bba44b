/*
 * shard_open.h - a shard's manifest and segments, opened one by one by who inspects or repairs.
 *
 *   Lifetime  an opened segment: _open .. _close.   Threads  one.   Memory  that of the segment.
 *   Errors    AUK_CORRUPT with the file's name.
 */
#ifndef AUK_SHARD_OPEN_H
#define AUK_SHARD_OPEN_H

#include "auk/segment.h"
#include "auk/store.h"

#include "live.h"
#include "manifest.h"

typedef struct auk_opened_segment {
    uint64_t id;
    auk_segment *segment;
    auk_live *live;   /* NULL: all are */
    const char *path; /* of the file, borrowed from the segment */
} auk_opened_segment;

/* rescue: as auk_segment_open_rescue. After a failure nothing is open. */
AUK_MUST_CHECK auk_code auk_opened_segment_open(auk_store *store, uint32_t shard,
                                                const auk_manifest_segment *named, bool rescue,
                                                auk_opened_segment *out, auk_error *err);
void auk_opened_segment_close(auk_opened_segment *opened);

/* Reads the manifest into bytes, which it borrows; without one *out stays as it is. */
AUK_MUST_CHECK auk_code auk_manifest_load(auk_store *store, uint32_t shard, auk_buffer *bytes,
                                          auk_manifest *out, auk_error *err);

#endif

/*
 * manifest.h - what a shard consists of on disk, in the family "commit".
 *
 *   key                                     value
 *   | shard be32 | 'm' |                    the manifest, below
 *   | shard be32 | 'l' | segment be64 |     its live documents (live.h); absent: all are live
 *
 * All of one commit, with the deletion of the journal below it, is one batch.
 *
 * Manifest, version 1, written by manifest.c (varints unless a width is given, little endian):
 *
 *    4        1         varint         zigzag       zigzag       varint     varint
 *   +--------+---------+--------------+------------+------------+----------+---------------+
 *   | "AUKM" | version | primary term | checkpoint | max seq_no | mapping  | segment count |
 *   +--------+---------+--------------+------------+------------+----------+---------------+
 *   then a segment:  | id | doc count | bytes | sized location (store.h) |
 *   and crc32c (4 bytes) over all before it
 *
 *   Always true: every operation up to checkpoint is in the segments and their live documents;
 *   those above it are in the journal.
 *
 *   Lifetime  spans borrow from the bytes read.   Threads  none.   Memory  the vector of segments.
 *   Errors    AUK_CORRUPT from reading.
 */
#ifndef AUK_MANIFEST_H
#define AUK_MANIFEST_H

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

#include "vector.h"

#define AUK_MANIFEST_KEY_SIZE 5
#define AUK_LIVE_KEY_SIZE     13

typedef struct auk_manifest_segment {
    uint64_t id;
    uint32_t doc_count;
    uint64_t bytes;
    auk_span location;
} auk_manifest_segment;

typedef struct auk_manifest {
    int64_t primary_term;
    int64_t checkpoint; /* -1: nothing */
    int64_t max_seq_no; /* -1: nothing */
    uint64_t mapping_version;
    AUK_VECTOR(auk_manifest_segment) segments;
} auk_manifest;

void auk_manifest_key(uint32_t shard, char key[AUK_MANIFEST_KEY_SIZE]);
void auk_live_key(uint32_t shard, uint64_t segment, char key[AUK_LIVE_KEY_SIZE]);
/* True for the key of any shard's manifest. */
bool auk_manifest_is_key(auk_span key);

void auk_manifest_write(const auk_manifest *manifest, auk_buffer *out);
/* Fills a manifest that is all zero; _deinit it also after a failure. */
AUK_MUST_CHECK auk_code auk_manifest_read(auk_span bytes, auk_manifest *out, auk_error *err);
void auk_manifest_deinit(auk_manifest *manifest);

#endif

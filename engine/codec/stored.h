/*
 * stored.h - the documents as they were sent, with id and routing, in compressed frames.
 *
 * Documents are gathered into frames of about 2 KiB, each one zstd frame: long enough to compress
 * well, short enough to be read for one document in some five microseconds. A longer document has a
 * frame to itself. Segments with enough to learn from carry a dictionary, text and codes, which the
 * writer makes of the first documents and all frames use.
 *
 *   Lifetime  a reader borrows its parts. A dictionary given to a writer is borrowed until _end.
 *   Threads   a reader is immutable but for its dictionary, which the first read unpacks; any
 *             number may race.
 *   Memory    writer: a part, a frame, up to 1 MiB of documents before the dictionary is made, and
 *             with a pool 1 MiB of frames twice.
 *             Reader: the unpacked dictionary. Cache: a frame, and 12 bytes a document of it; with
 *             what was copied out of the file, 64 KiB when frames are read in order.
 *   Errors    AUK_CORRUPT. A frame's size is checked against AUK_STORED_FRAME_LIMIT, and against
 *             what zstd can make of its bytes, before memory is taken.
 *
 * Format, version 1. Numbers are little endian; written by stored_writer.c.
 *
 *   STORED, parts 0 .. n-1: frames laid end to end, a frame never straddles parts. A frame
 *   inflates to
 *
 *   +--------------------------------------------------+---------+-------------+-------------+
 *   | for each document three varints:                 | all ids | all         | all sources |
 *   | size of its id, of its routing, of its source    |         | routings    |             |
 *   +--------------------------------------------------+---------+-------------+-------------+
 *
 *   STORED_INDEX, part 0
 *
 *   +--------+---------+-------+-------+-----------+--------+------------+----------+------------+
 *   | "AUKI" | version | plain | zeros | documents | frames | size of    | frame 0, | dictionary |
 *   | 4      | u8      | u8    | 2     | u32       | u32    | dictionary | ..       |            |
 *   |        |         | 0, 1  |       |           |        | u32        | 20 bytes |            |
 *   +--------+---------+-------+-------+-----------+--------+------------+----------+------------+
 *
 *   frame   +----------------+------+----------------+-----------------+----------------+
 *           | first document | part | offset in part | size compressed | size inflated  |
 *           | u32            | u32  | u32            | u32             | u32            |
 *           +----------------+------+----------------+-----------------+----------------+
 *
 *   plain: frames are not compressed (segments in memory, which a flush compresses), their two
 * sizes are equal.
 *
 *   Always true: frame 0 begins with document 0, first documents rise strictly. The dictionary is
 *   anything that zstd takes for one: text as it is, or what its trainer made.
 */
#ifndef AUK_CODEC_STORED_H
#define AUK_CODEC_STORED_H

#include "auk/compress.h"
#include "auk/pool.h"
#include "auk/segment.h"

#include "guard.h"
#include "output.h"

#define AUK_STORED_FRAME_LIMIT  (1u << 30)

#define AUK_STORED_PLAIN_FRAMES (1u << 8) /* in the version's word of an index */

/* ---- writer ---- */

typedef struct auk_stored_writer auk_stored_writer;

/* level: as in segment_writer.h. dictionary: borrowed, NULL: the writer makes one. pool: its idle
 * threads help to compress, while nobody waits (pace.h); what is written is the same. NULL: this
 * thread alone. */
auk_stored_writer *auk_stored_writer_create(auk_output *output, int level,
                                            const auk_zstd_dictionary *dictionary, auk_pool *pool);
void auk_stored_writer_destroy(auk_stored_writer *writer);
void auk_stored_writer_add(auk_stored_writer *writer, const auk_stored_document *document);
/* Writes what is left and the index; nothing at all when there was no document. */
void auk_stored_writer_end(auk_stored_writer *writer);
uint32_t auk_stored_writer_count(const auk_stored_writer *writer);

/* ---- reader ---- */

typedef struct auk_stored auk_stored;

/* doc_count: of the segment. The reader lives in the arena; close it before the arena goes. */
AUK_MUST_CHECK auk_code auk_stored_open(auk_span index, const auk_span *parts, uint32_t part_count,
                                        uint32_t doc_count, auk_arena *arena, auk_stored **out,
                                        auk_error *err);
void auk_stored_close(auk_stored *stored); /* NULL is fine */
/* Doubt the parts and the index, which are spans of the guard. */
void auk_stored_doubt(auk_stored *stored, auk_guard *guard, const auk_span *index);
/* As auk_segment_read_stored. */
AUK_MUST_CHECK auk_code auk_stored_read(auk_stored *stored, auk_doc doc, auk_stored_cache *cache,
                                        auk_arena *arena, auk_stored_document *out, auk_error *err);

#endif

/*
 * journal.h - the operations of one call on one shard, as one value of the family "journal".
 *
 * An entry records outcomes, not wishes: sequence numbers and versions are those that were given,
 * so that applying it asks no question. Refused operations are not in it.
 *
 *   key:  | shard be32 | first sequence number be64 |
 *
 * Value, version 2, written by journal.c (numbers are varints unless a width is given, little
 * endian):
 *
 *     1        1         varint         varint    zigzag
 *   +--------+--------+--------------+---------+---------+
 *   | format | origin | primary term | mapping | time ms |
 *   +--------+--------+--------------+---------+---------+
 *     varint       sized         varint             varint
 *   +------------+-------------+------------------+-------+
 *   | origin LSN | request key | first seq_no     | count |
 *   +------------+-------------+------------------+-------+
 *     varint
 *   +---------+
 *   | settled |  (version 1 has none, which reads as 0)
 *   +---------+
 *   then count times
 *     1       sized   sized     varint             varint    sized
 *   +-------+-------+---------+------------------+---------+--------+
 *   | kind  | id    | routing | seq_no - first   | version | source |
 *   +-------+-------+---------+------------------+---------+--------+
 *   origin 0: a client; others are kept for sources of changes, which then use the LSN. The request
 *   key is empty, kept for retries. kind 1: index, 2: delete (no routing, no source), 3: delete of
 *   a document with routing (no source).
 *   and crc32c (4 bytes) over all before it. settled: journal_gaps.h.
 *
 *   Always true: sequence numbers rise; an entry's numbers do not overlap another's.
 *
 *   Lifetime  spans given to _add are borrowed until _finish's parts are written.
 *   Threads   one owner.   Memory  small parts are copied, sources are not.
 *   Errors    AUK_CORRUPT from reading.
 */
#ifndef AUK_JOURNAL_H
#define AUK_JOURNAL_H

#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"
#include "auk/varint.h"

#include "vector.h"

#define AUK_JOURNAL_KEY_SIZE 12

void auk_journal_key(uint32_t shard, int64_t seq_no, char key[AUK_JOURNAL_KEY_SIZE]);

/* As bytes there is a third, which reading answers as a delete with routing. */
typedef enum auk_journal_kind { AUK_JOURNAL_INDEX = 1, AUK_JOURNAL_DELETE = 2 } auk_journal_kind;

typedef struct auk_journal_header {
    int64_t primary_term;
    uint64_t mapping_version;
    int64_t time_ms;
    int64_t first_seq_no;
    uint32_t count;
    int64_t settled; /* every operation below was in the journal when this was made; 0: unknown */
} auk_journal_header;

typedef struct auk_journal_operation {
    auk_journal_kind kind;
    auk_span id, routing, source;
    int64_t seq_no;
    int64_t version;
} auk_journal_operation;

/* ---- writing ---- */

typedef struct auk_journal_piece {
    const char *data; /* NULL: `size` bytes of the small parts, from `offset` */
    size_t offset, size;
} auk_journal_piece;

typedef struct auk_journal_writer {
    auk_buffer small;
    AUK_VECTOR(auk_journal_piece) pieces;
    AUK_VECTOR(auk_span) parts;
    int64_t first_seq_no;
    size_t bytes;
} auk_journal_writer;

void auk_journal_writer_init(auk_journal_writer *writer, const auk_journal_header *header);
void auk_journal_writer_deinit(auk_journal_writer *writer);
void auk_journal_writer_add(auk_journal_writer *writer, const auk_journal_operation *operation);
/* The value in parts, borrowed until _deinit. */
const auk_span *auk_journal_writer_finish(auk_journal_writer *writer, uint32_t *count);

/* ---- reading ---- */

typedef struct auk_journal_reader {
    auk_reader reader;
    auk_journal_header header;
    uint32_t left;
} auk_journal_reader;

/* value: borrowed. */
AUK_MUST_CHECK auk_code auk_journal_reader_init(auk_journal_reader *reader, auk_span value,
                                                auk_error *err);
/* One operation; spans borrow from the value. *end: there are no more. */
AUK_MUST_CHECK auk_code auk_journal_reader_next(auk_journal_reader *reader,
                                                auk_journal_operation *out, bool *end,
                                                auk_error *err);

#endif

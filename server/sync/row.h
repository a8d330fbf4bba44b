/*
 * row.h - one row as it is stored: who wrote it last, and its columns by attribute number.
 *
 * Values are Postgres's texts. Nulls are not stored, so that a row reads the same before and after
 * a column was added. A value that was not sent and is not known (TOAST) is stored as unknown until
 * it is read again.
 *
 *   Format, version 1, the value of a ROW key (row_key.h):
 *
 *   | version u8 | writer u8 | number varint | xid varint | count varint | columns |
 *                    0: a transaction, number is its end LSN
 *                    1: a chunk, number is the attempt that read it; xid 0
 *   a column:  | attribute varint | size * 2 varint | bytes |  or  | attribute varint | 1 |:
 * unknown Always true: attributes ascend and are at least 1; nothing follows the last column.
 *
 *   Lifetime  datums borrow the bytes that were decoded.
 *   Threads   none of its own.   Memory  the arena's, the buffer's.
 *   Errors    AUK_CORRUPT.
 */
#ifndef AUK_SYNC_ROW_H
#define AUK_SYNC_ROW_H

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "row_change.h"

typedef struct auk_row_writer {
    bool is_chunk;
    uint64_t number; /* attempt of a chunk, or end LSN */
    uint32_t xid;
} auk_row_writer;

/* What the source's catalog says of a table; copied by auk_applier_describe. */
typedef struct auk_table_column {
    auk_span name;
    int16_t number; /* attribute */
    uint32_t type;
    int32_t modifier;
    bool not_null, generated;
} auk_table_column;

typedef struct auk_table {
    uint32_t id; /* OID: the root of partitions, when published via it */
    auk_span schema, name;
    const auk_table_column *columns; /* ascending by number */
    uint32_t column_count;
    const uint16_t *key; /* positions in columns, in the key's order */
    uint32_t key_count;  /* 0: no key: insert only */
} auk_table;

typedef struct auk_row {
    auk_row_writer writer;
    /* By position in the table; NULL, TEXT, or UNCHANGED: unknown. */
    auk_datum *values;
    bool has_unknown; /* among its needed columns */
} auk_row;

/* values: by position in columns; needed: which of them are kept (NULL: all). TEXT, NULL or
 * UNCHANGED only. Columns ascend by number. */
void auk_row_encode(const auk_row_writer *writer, const auk_table_column *columns, uint32_t count,
                    const bool *needed, const auk_datum *values, auk_buffer *out);

/* Attributes that are not among the columns are left out. */
AUK_MUST_CHECK auk_code auk_row_decode(auk_span bytes, const auk_table_column *columns,
                                       uint32_t count, const bool *needed, auk_arena *arena,
                                       auk_row *out, auk_error *err);
/* The same without values. */
AUK_MUST_CHECK auk_code auk_row_decode_writer(auk_span bytes, auk_row_writer *out, auk_error *err);

/* Of the needed values, version 2 of verification's hash: what the server answers for
 * hashtextextended(ROW(..)::text COLLATE "C", 0) of these columns. Unknown values count as null. */
uint64_t auk_row_hash(uint32_t count, const bool *needed, const auk_datum *values,
                      auk_buffer *scratch);

#endif

/*
 * log_file.h - RocksDB's log format, read without RocksDB: its write-ahead logs and MANIFEST files.
 *
 * RocksDB ends a replay at the first record that is broken and says nothing, because a power cut
 * breaks the last one. So what stands behind a flipped bit in the middle would be gone unseen. This
 * reader goes on behind a break: where whole records follow, it was no power cut.
 *
 *   file    blocks of 32 KiB; a record never straddles blocks, a rest below 7 bytes is zero
 *   record  | crc32c u32 | size u16 | type u8 | bytes |        little endian
 *           crc: of type and bytes, rotated right by 15, plus 0xa282ead8
 *           type: 1 whole, 2 first, 3 middle, 4 last piece of what was put in one call
 *
 *   Lifetime  what a visitor is given ends when it returns.
 *   Threads   none of its own.
 *   Memory    a block; of a record as many bytes as the caller wants to see.
 *   Errors    AUK_IO when the file cannot be read. Breaks are an answer.
 */
#ifndef AUK_LOG_FILE_H
#define AUK_LOG_FILE_H

#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

/* One whole record; bytes: its beginning, as much as was asked for. behind_break: not all that was
 * written before it could be read. */
typedef void (*log_visit)(void *context, auk_span bytes, uint64_t offset, bool behind_break);

typedef struct log_report {
    uint64_t size;     /* of the file */
    uint64_t records;  /* whole ones */
    uint64_t breaks;   /* runs of bytes that are no record */
    uint64_t break_at; /* offset of the first of them */
    uint64_t followed; /* whole records behind a break */
    const char *what;  /* is wrong at break_at; static */
} log_report;

/* visit may be NULL. */
AUK_MUST_CHECK auk_code log_file_read(const char *path, size_t visible, log_visit visit,
                                      void *context, log_report *report, auk_error *err);

/* Appends a record to the bytes of a log file that `file` holds from its beginning. */
void log_file_append(auk_buffer *file, auk_span record);

#endif

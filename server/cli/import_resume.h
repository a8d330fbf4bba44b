/*
 * import_resume.h - how far an import has come, kept beside its file, so that it can go on there.
 *
 *   FILE.import   one line of JSON:
 *     {"format":1,"index":"orders","file_bytes":1234,"modified":"1700000000.123456789",
 *      "token":"Jx3..","records":5000,"line":5001,"done":false}
 *
 *   records   so many from the beginning are settled with the server: taken, or in the file of the
 *             rejected. What lies behind may be in as well, in part; it is sent again.
 *   token     random. Where neither the documents nor the user say ids, record n gets the id
 *             "<token>-<n>" and is created, so that what is sent again is refused as being there.
 *
 * The file is on disk before the first request, and is replaced as a whole. A file whose size or
 * time of change differs is not the one whose import began, and is refused.
 *
 *   Lifetime  _open .. the end of the process.   Threads  _settle from any; the rest main's.
 *   Memory    some bytes a batch under way.
 *   Errors    AUK_INVALID, AUK_CONFLICT (another file), AUK_IO.
 */
#ifndef AUK_IMPORT_RESUME_H
#define AUK_IMPORT_RESUME_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "auk/buffer.h"
#include "auk/error.h"

/* Records of a batch: from + 1 .. to, counted from 1; line is that of the record behind them. */
typedef struct auk_settled {
    uint64_t from, to, line;
} auk_settled;

typedef struct auk_import_resume {
    auk_buffer path; /* terminated */
    char token[24];
    char modified[40];
    uint64_t file_bytes;
    auk_span index; /* borrowed */
    bool goes_on;   /* there was something to go on from */
    bool is_done;

    pthread_mutex_t mutex;
    uint64_t records, line; /* settled from the beginning */
    auk_settled *ahead;     /* settled, with a gap before them */
    size_t ahead_count, ahead_capacity;
    uint64_t written_us;
    auk_error failure;
} auk_import_resume;

/* file: its path; index: borrowed. */
AUK_MUST_CHECK auk_code auk_import_resume_open(auk_import_resume *resume, const char *file,
                                               const struct stat *status, auk_span index,
                                               auk_error *err);
/* Whoever settled a batch says so; written to disk now and then. */
void auk_import_resume_settle(auk_import_resume *resume, const auk_settled *batch);
/* Writes the last state; done: nothing is left to import. */
AUK_MUST_CHECK auk_code auk_import_resume_close(auk_import_resume *resume, bool done,
                                                auk_error *err);

/* The id of record n, appended. */
void auk_import_resume_append_id(const auk_import_resume *resume, uint64_t record, auk_buffer *out);

#endif

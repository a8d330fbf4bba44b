/*
 * import_progress.h - how far an import is, for people: a bar on a terminal, else now and then a
 * line.
 *
 *   Threads  main's.   Memory  none.   Errors  none.
 */
#ifndef AUK_IMPORT_PROGRESS_H
#define AUK_IMPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "auk/buffer.h"

typedef struct auk_import_figures {
    uint64_t file_bytes;     /* size of the file as it lies there; 0: unknown */
    uint64_t consumed_bytes; /* of these */
    uint64_t read_bytes;     /* of documents, after inflating */
    uint64_t taken_bytes;    /* of these, settled with the server */
    uint64_t documents;
    uint64_t rejected;
    uint64_t elapsed_us;
} auk_import_figures;

typedef struct auk_import_progress {
    FILE *out;
    bool is_terminal;
    uint64_t drawn_us;
} auk_import_progress;

void auk_import_progress_init(auk_import_progress *progress, FILE *out);
/* Draws when it is time to. */
void auk_import_progress_draw(auk_import_progress *progress, const auk_import_figures *figures);
/* Takes the bar away, so that other lines can follow. */
void auk_import_progress_clear(auk_import_progress *progress);

/* Settled part of the whole from 0 to 1; below 0 when the whole is unknown. */
double auk_import_fraction(const auk_import_figures *figures);
/* "45 %, 12.3 MB, 27,000 documents, 65,000/s, 30.1 MB/s, 3 s left" */
void auk_import_append_figures(auk_buffer *out, const auk_import_figures *figures);

/* 61,234 */
void auk_append_count(auk_buffer *out, uint64_t count);

#endif

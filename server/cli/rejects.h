/*
 * rejects.h - the documents that were not taken, in a file that says why.
 *
 *   {"line":12,"status":400,"reason":"document_parsing_exception: ...","document":{...}}
 *
 * document is a string when the bytes are no JSON; action stands there for the bulk form. The file
 * begins anew at the first rejection of an import, and is not made without one.
 *
 *   Lifetime  _init .. _close.   Threads  any; lines never mix.   Memory  a line.
 *   Errors    kept until _close: AUK_IO.
 */
#ifndef AUK_REJECTS_H
#define AUK_REJECTS_H

#include <pthread.h>
#include <stdio.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_rejects {
    const char *path; /* borrowed */
    pthread_mutex_t mutex;
    FILE *file;
    uint64_t count;
    uint64_t first_line;
    char first_reason[400];
    auk_error failure;
} auk_rejects;

void auk_rejects_init(auk_rejects *rejects, const char *path);
/* An import that goes on: what the file says of lines before `line` stays, the rest will be said
 * again. */
AUK_MUST_CHECK auk_code auk_rejects_keep(auk_rejects *rejects, uint64_t line, auk_error *err);
/* status 0: never sent. action may be empty. */
void auk_rejects_add(auk_rejects *rejects, uint64_t line, int status, auk_span reason,
                     auk_span action, auk_span document);
AUK_MUST_CHECK auk_code auk_rejects_close(auk_rejects *rejects, auk_error *err);

#endif

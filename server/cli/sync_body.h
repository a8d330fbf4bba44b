/*
 * sync_body.h - what was said on the command line of `auk sync`, as the body of a request.
 *
 *   Lifetime  the buffer's.   Threads  main.   Memory  the arena while it is written.
 *   Errors    AUK_IO, AUK_INVALID of the file.
 */
#ifndef AUK_SYNC_BODY_H
#define AUK_SYNC_BODY_H

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"

typedef struct auk_sync_words { /* NULL: not said */
    const char *connection;
    const char *config; /* a file; what is said counts more */
    const char *table;  /* several with a comma between; "*" stands for any letters */
    const char *index, *password_file, *password_env, *root;
} auk_sync_words;

/* Warns of a password that others see. */
AUK_MUST_CHECK auk_code auk_sync_write_body(const auk_sync_words *words, auk_arena *arena,
                                            auk_buffer *body, auk_error *err);

#endif

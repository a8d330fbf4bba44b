/*
 * locals_private.h - the struct behind locals.h, shared by locals.c and locals_update.c.
 *
 *   Lifetime, Threads, Memory, Errors  as there.
 */
#ifndef AUK_SYNC_LOCALS_PRIVATE_H
#define AUK_SYNC_LOCALS_PRIVATE_H

#include <pthread.h>

#include "locals.h"
#include "row_key.h"

struct auk_locals {
    auk_catalog *catalog;
    auk_store *store;
    auk_arena *arena;
    auk_span source, owner; /* "shop", "sync:shop" */
    pthread_mutex_t lock;
};

/* The first field of the object that is the source's, by its path in the arena. */
bool auk_local_find_foreign(const auk_sync_document *spec, const auk_json *object, auk_arena *arena,
                            auk_span *out);
/* Both as one, padded. */
auk_span auk_local_merge(const auk_json *base, const auk_json *over, auk_arena *arena);

#endif

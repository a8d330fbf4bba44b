/*
 * write_call.h - one call on its way into a shard: operations, what they have become, and the
 * chunks that their documents are in.
 *
 *     prepare (no lock: JSON, analysis, look-ups) -> apply (the shard's lock) -> journal -> settle
 *
 *   Lifetime  that of the call; operations and outcomes are the caller's.
 *   Threads   one; _prepare has workers help.
 *   Memory    chunks until they are applied, charged by the caller.
 *   Errors    an outcome an operation; of _prepare the store's, with nothing applied.
 */
#ifndef AUK_INDEX_WRITE_CALL_H
#define AUK_INDEX_WRITE_CALL_H

#include "shard_state.h"

/* What one operation has become on its way. */
typedef struct write_item {
    uint64_t id_hash;
    const auk_chunk *chunk; /* index, create: once inverted */
    uint32_t document;
    bool is_refused;
    int64_t seq_no; /* -1: not applied */
    auk_prefetch prefetch;
} write_item;

/* A run of operations that one worker inverts into one chunk. */
typedef struct write_group {
    uint32_t from, to;
    size_t source_bytes;
    auk_chunk *chunk;
    size_t charged_bytes; /* for the chunk, by its inverter */
    uint64_t mapping_version;
    auk_arena *words; /* of refused documents; NULL: none was */
    auk_code code;
    auk_error error;
} write_group;

typedef struct write_call {
    auk_shard *shard;
    const auk_operation *operations;
    auk_outcome *outcomes;
    auk_arena *arena; /* the caller's */
    uint32_t count;
    write_item *items;
    AUK_VECTOR(write_group) groups;
    auk_entry_list *entries; /* that the prefetches looked at */
    size_t source_bytes;
    size_t id_bytes;       /* and routings */
    size_t reserved_bytes; /* of the budget, until the true size is charged */
    int64_t time_ms;
    uint32_t applied;
    int64_t settled; /* everything below was in the journal when the call was numbered */
    auk_in_flight in_flight;
} write_call;

/* Keeps the words of a failure in the arena. */
void auk_write_refuse(auk_outcome *outcome, const auk_error *why, auk_arena *arena);
/* Before the lock: cuts the operations into groups, ... */
void auk_write_make_groups(write_call *call);
/* ... and inverts them and looks their ids up. */
AUK_MUST_CHECK auk_code auk_write_prepare(write_call *call, auk_pool *pool, auk_error *err);

#endif

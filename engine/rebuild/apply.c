/*
 * Changes of the leader become operations of the follower. Each id is written once a batch, by its
 * last change, so that a refused change can be answered by a delete of the id without looking at
 * what came after it.
 */
#include <time.h>

#include "auk/hash.h"

#include "rebuild_private.h"

#define BUSY_PAUSE_NS 20000000
#define FENCED_TRIES  50u /* then the fence opens again, and the switch is tried anew */

typedef struct refused {
    const auk_change *change;
    uint32_t shard; /* of the follower */
    const auk_error *why;
} refused;

typedef struct batch {
    auk_rebuild *r;
    auk_arena *arena;
    bool copying;
    bool are_new; /* no id needs a look-up */
    uint32_t leader_shard, shards;
    auk_mapping *mapping; /* the follower's */
    const auk_change *changes;
    uint32_t count;
    refused *refused;
    uint32_t refused_count;
    uint64_t applied;
} batch;

/* ---- which ---- */

uint32_t auk_rebuild_keep_last(auk_change *changes, uint32_t count, auk_arena *arena)
{
    uint32_t slots = 16, kept = 0;
    while (slots < count * 2)
        slots *= 2;
    uint32_t *seen = AUK_ARENA_ARRAY(arena, uint32_t, slots);
    for (uint32_t i = count; i-- > 0;) {
        uint32_t at = (uint32_t)auk_hash(changes[i].id, 0) & (slots - 1);
        while (seen[at] && !auk_span_equal(changes[seen[at] - 1].id, changes[i].id))
            at = (at + 1) & (slots - 1);
        if (seen[at])
            continue;
        changes[count - 1 - kept++] = changes[i];
        seen[at] = count - kept + 1;
    }
    memmove(changes, changes + (count - kept), sizeof *changes * kept);
    return kept;
}

static uint32_t shard_of(const batch *b, const auk_change *change)
{
    if (b->shards == auk_rebuild_leader_shards(b->r))
        return b->leader_shard;
    return auk_route_shard(change->routing.size ? change->routing : change->id, b->shards);
}

/* ---- refusals ---- */

static void refuse(batch *b, const auk_change *change, uint32_t shard, const auk_error *why)
{
    auk_error *copy = auk_arena_alloc(b->arena, sizeof *copy);
    *copy = *why;
    b->refused[b->refused_count++] = (refused){change, shard, copy};
}

/* AUK_OK with *out, or the refusal. */
static auk_code prepare(const batch *b, const auk_change *change, auk_operation *out,
                        auk_error *err)
{
    const auk_transforms *transforms = &b->r->wishes.transforms;
    *out = (auk_operation){.kind = change->is_delete ? AUK_OPERATION_DELETE : AUK_OPERATION_INDEX,
                           .id = change->id,
                           .routing = change->routing,
                           .source = change->source,
                           .version_type = AUK_VERSION_CARRIED,
                           .version = change->version,
                           .only_unknown = b->copying,
                           .source_is_padded = b->copying,
                           .id_is_generated = b->are_new && !change->is_delete,
                           .if_seq_no = -1};
    if (change->is_delete)
        return AUK_OK;
    if (auk_mapping_routing_required(b->mapping) && !change->routing.size)
        return auk_fail_type(err, AUK_INVALID, "routing_missing_exception",
                             "routing is required for [%.*s]", AUK_SPAN_ARG(change->id));
    if (transforms->count == 0 || b->r->leads_new)
        return AUK_OK;
    out->source_is_padded = true;
    return auk_transforms_apply(transforms, change->source, b->arena, &out->source, err);
}

/* ---- one shard of the follower ---- */

static bool is_stopping(const auk_rebuild *r)
{
    return atomic_load(&r->owner->stopping) || (r->job && auk_job_cancelled(r->job));
}

/* While memory is short the follower's flush is given time. */
static auk_code write_patiently(batch *b, uint32_t shard, const auk_operation *operations,
                                uint32_t count, auk_outcome *outcomes, auk_error *err)
{
    auk_index *follower = auk_rebuild_follower(b->r);
    for (unsigned tries = 0;; tries++) {
        auk_code code = auk_index_enter(follower, err);
        if (code != AUK_OK)
            return code;
        code = auk_shard_write(auk_index_shard(follower, shard), operations, count,
                               b->copying ? NULL : b->r->owner->options.write_pool, b->arena,
                               outcomes, err);
        auk_index_leave(follower);
        if (code != AUK_BUSY || is_stopping(b->r) || (b->r->is_fenced && tries > FENCED_TRIES))
            return code;
        nanosleep(&(struct timespec){.tv_nsec = BUSY_PAUSE_NS}, NULL);
    }
}

static bool is_refusal(auk_code code)
{
    return code == AUK_INVALID || code == AUK_TOO_LARGE;
}

static auk_code settle(batch *b, const auk_change *change, uint32_t shard,
                       const auk_outcome *outcome, auk_error *err)
{
    auk_code code = outcome->error.code;
    if (code == AUK_OK) {
        b->applied++;
        return auk_refusals_remove(auk_rebuild_refusals(b->r), change->id, err);
    }
    if (code == AUK_CONFLICT && b->copying) { /* a copy that goes on after a restart knows it */
        if (b->r->is_fresh && !change->is_delete)
            refuse(b, change, shard, outcome->error.why);
        return AUK_OK;
    }
    if (is_refusal(code)) {
        refuse(b, change, shard, outcome->error.why);
        return AUK_OK;
    }
    if (err)
        *err = *outcome->error.why;
    return code;
}

static auk_code write_shard(batch *b, uint32_t shard, auk_operation *operations,
                            const auk_change **changes, uint32_t count, auk_error *err)
{
    if (count == 0)
        return AUK_OK;
    auk_outcome *outcomes = auk_arena_alloc(b->arena, sizeof *outcomes * count);
    auk_code code = write_patiently(b, shard, operations, count, outcomes, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        code = settle(b, changes[i], shard, &outcomes[i], err);
    return code;
}

/* What the follower refuses must not stay there as it was before; its version goes on. */
static auk_code bury_refused(batch *b, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < b->refused_count && code == AUK_OK; i++) {
        const refused *one = &b->refused[i];
        const auk_change *change = one->change;
        bool twice = one->why->code == AUK_CONFLICT; /* the id is there under another routing */
        auk_operation operation = {.kind = AUK_OPERATION_DELETE,
                                   .id = change->id,
                                   .version_type = AUK_VERSION_CARRIED,
                                   .version = change->version,
                                   .only_unknown = b->copying,
                                   .if_seq_no = -1};
        auk_outcome outcome;
        code = auk_refusals_add(auk_rebuild_refusals(b->r), change->id, change->routing,
                                change->version, one->why, err);
        atomic_fetch_add(&b->r->counts.rejected_ever, 1);
        if (code == AUK_OK && !twice)
            code = write_patiently(b, one->shard, &operation, 1, &outcome, err);
    }
    return code;
}

/* ---- all ---- */

static auk_code write_all(batch *b, auk_error *err)
{
    auk_error why;
    auk_code code = AUK_OK;
    uint32_t *shards = AUK_ARENA_ARRAY(b->arena, uint32_t, b->count + 1);
    auk_operation *operations = auk_arena_alloc(b->arena, sizeof *operations * b->count);
    const auk_change **changes = auk_arena_alloc(b->arena, sizeof(*changes) * b->count);
    for (uint32_t i = 0; i < b->count; i++)
        shards[i] = shard_of(b, &b->changes[i]);
    for (uint32_t shard = 0; shard < b->shards && code == AUK_OK; shard++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < b->count; i++) {
            if (shards[i] != shard)
                continue;
            why = (auk_error){0};
            changes[count] = &b->changes[i];
            if (prepare(b, &b->changes[i], &operations[count], &why) == AUK_OK)
                count++;
            else
                refuse(b, &b->changes[i], shard, &why);
        }
        code = write_shard(b, shard, operations, changes, count, err);
    }
    return code == AUK_OK ? bury_refused(b, err) : code;
}

auk_code auk_rebuild_apply(auk_rebuild *r, uint32_t shard, auk_change *changes, uint32_t count,
                           bool copying, auk_arena *arena, auk_error *err)
{
    if (count == 0)
        return AUK_OK;
    batch b = {.r = r,
               .arena = arena,
               .copying = copying,
               .changes = changes,
               .count = copying ? count : auk_rebuild_keep_last(changes, count, arena),
               .leader_shard = shard,
               .shards = auk_index_shard_count(auk_rebuild_follower(r))};
    b.are_new = copying && r->is_fresh && b.shards == auk_rebuild_leader_shards(r);
    b.refused = auk_arena_alloc(arena, sizeof *b.refused * count);
    b.mapping = auk_index_mapping(auk_rebuild_follower(r));
    auk_code code = write_all(&b, err);
    auk_mapping_release(b.mapping);
    return code;
}

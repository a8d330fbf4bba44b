/* The stream of the leader's operations, applied to the follower; leases and positions. */
#include <stdio.h>

#include "choose.h"

#define ROUND_BYTES   ((size_t)2 << 20)
#define SAVE_EVERY_US 1000000u

auk_span auk_rebuild_lease(const auk_rebuild *r, char out[32])
{
    int size = snprintf(out, 32, "rebuild-%llu", (unsigned long long)r->task);
    return auk_span_make(out, (size_t)size);
}

/* ---- leases ---- */

auk_code auk_rebuild_open_leases(auk_rebuild *r, auk_index *index, uint32_t shards, int64_t *from,
                                 auk_error *err)
{
    char name[32];
    auk_code code = auk_index_enter(index, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < shards && code == AUK_OK; i++)
        code = auk_lease_open(auk_index_shard(index, i), auk_rebuild_lease(r, name), &from[i], err);
    auk_index_leave(index);
    return code;
}

void auk_rebuild_close_leases(const auk_rebuild *r, auk_index *index, uint32_t shards)
{
    char name[32];
    auk_error err = {0};
    if (!index || auk_index_enter(index, NULL) != AUK_OK)
        return;
    for (uint32_t i = 0; i < shards; i++)
        if (auk_lease_close(auk_index_shard(index, i), auk_rebuild_lease(r, name), &err) != AUK_OK)
            auk_log(AUK_LOG_WARN, "a lease stays", "reason=\"%s\"", err.message);
    auk_index_leave(index);
}

static auk_code advance_leases(auk_rebuild *r, auk_error *err)
{
    char name[32];
    auk_index *leader = auk_rebuild_leader(r);
    auk_code code = auk_index_enter(leader, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < auk_rebuild_leader_shards(r) && code == AUK_OK; i++)
        code = auk_lease_advance(auk_index_shard(leader, i), auk_rebuild_lease(r, name),
                                 r->positions[i], err);
    auk_index_leave(leader);
    return code;
}

/* The record first: a start must find the journal from the position that it reads there. */
auk_code auk_rebuild_checkpoint(auk_rebuild *r, bool now, auk_error *err)
{
    if (!now && auk_clock_monotonic_us() - r->saved_us < SAVE_EVERY_US)
        return AUK_OK;
    auk_code code = auk_rebuild_save(r, now, err);
    return code == AUK_OK ? advance_leases(r, err) : code;
}

/* ---- following ---- */

static auk_code read_round(auk_rebuild *r, uint32_t shard, int64_t until, auk_arena *arena,
                           auk_changes *out, auk_error *err)
{
    auk_index *leader = auk_rebuild_leader(r);
    auk_code code = auk_index_enter(leader, err);
    if (code != AUK_OK)
        return code;
    code = auk_shard_read_changes(auk_index_shard(leader, shard), r->positions[shard], until,
                                  ROUND_BYTES, arena, out, err);
    auk_index_leave(leader);
    return code;
}

static auk_code choose(auk_rebuild *r, uint32_t shard, auk_changes *changes, auk_arena *arena,
                       auk_error *err)
{
    if (r->moment)
        return auk_rebuild_choose(r, r->moment[shard], changes, arena, err);
    auk_code code = auk_index_refresh(r->old, err);
    if (code != AUK_OK)
        return code;
    auk_shard_view *view = auk_index_shard_view(r->old, shard);
    code = auk_rebuild_choose(r, view, changes, arena, err);
    auk_shard_view_release(view);
    return code;
}

static auk_code follow_shard(auk_rebuild *r, uint32_t shard, int64_t until, uint64_t *applied,
                             auk_error *err)
{
    auk_changes changes = {0};
    auk_arena *arena = auk_arena_create((size_t)256 << 10);
    auk_code code = read_round(r, shard, until, arena, &changes, err);
    uint32_t count = changes.count;
    if (code == AUK_OK && count > 0 && auk_rebuild_chooses(r))
        code = choose(r, shard, &changes, arena, err);
    if (code == AUK_OK)
        code = auk_rebuild_apply(r, shard, changes.items, changes.count, false, arena, err);
    if (code == AUK_OK) {
        r->positions[shard] = changes.position;
        *applied += count;
    }
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_rebuild_follow(auk_rebuild *r, const int64_t *until, uint64_t *applied, auk_error *err)
{
    auk_code code = AUK_OK;
    *applied = 0;
    for (uint32_t i = 0; i < auk_rebuild_leader_shards(r) && code == AUK_OK; i++)
        code = follow_shard(r, i, until ? until[i] : INT64_MAX, applied, err);
    return code;
}

auk_code auk_rebuild_lag(auk_rebuild *r, uint64_t *lag, auk_error *err)
{
    auk_index *leader = auk_rebuild_leader(r);
    *lag = 0;
    auk_code code = auk_index_enter(leader, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < auk_rebuild_leader_shards(r); i++) {
        int64_t newest = auk_shard_newest(auk_index_shard(leader, i));
        if (newest > r->positions[i])
            *lag += (uint64_t)(newest - r->positions[i]);
    }
    auk_index_leave(leader);
    return AUK_OK;
}

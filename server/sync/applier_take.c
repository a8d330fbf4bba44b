#include <stdlib.h>

#include "applier_private.h"

static auk_sync_position position_of(const auk_applier *applier, const auk_transaction_info *info)
{
    auk_sync_position last = applier->has_group ? applier->group : applier->position;
    last.applied = info->end_lsn;
    if (info->xid != 0) { /* a keepalive has neither */
        last.commit_us = info->commit_us;
        last.xid = info->xid;
        last.committed = info->end_lsn;
    }
    return last;
}

static bool is_contained(const auk_applier *applier, const auk_transaction_info *info)
{
    auk_lsn end = info->end_lsn;
    if (end <= applier->position.applied || (applier->has_group && end <= applier->group.applied))
        return true;
    return applier->whole.phase == AUK_WHOLE_ROWS && end < applier->whole.to.applied;
}

/* Changes that are taken already: by a try that failed, or stored by a life before. */
static uint64_t count_taken(const auk_applier *applier, const auk_transaction_info *info)
{
    uint64_t done = 0;
    if (applier->whole.phase == AUK_WHOLE_ROWS && applier->whole.to.applied == info->end_lsn)
        done = applier->whole.done;
    if (applier->taking.applied == info->end_lsn && applier->taking_done > done)
        done = applier->taking_done;
    return done;
}

static auk_code take_changes(auk_applier *applier, auk_transaction *transaction, uint64_t skip,
                             auk_error *err)
{
    for (uint64_t number = 0;; number++) {
        auk_row_change change;
        bool end = false;
        auk_code code = auk_transaction_next(transaction, &change, &end, err);
        if (code != AUK_OK || end)
            return code;
        if (number < skip)
            continue;
        code = auk_applier_change(applier, &change, number, err);
        if (code != AUK_OK)
            return code;
        applier->taking_done = number + 1;
        applier->group_changes++;
        if (auk_applier_is_full(applier))
            code = auk_applier_slice(applier, number + 1, err);
        if (code != AUK_OK)
            return code;
    }
}

static void note_commit(auk_applier *applier, const auk_transaction_info *info)
{
    if (applier->commit_count == applier->commit_capacity) {
        applier->commit_capacity = applier->commit_capacity ? applier->commit_capacity * 2 : 64;
        applier->commits = (int64_t *)realloc(applier->commits,
                                              applier->commit_capacity * sizeof *applier->commits);
        if (!applier->commits)
            abort();
    }
    applier->commits[applier->commit_count++] = info->commit_us;
    AUK_APPLIER_COUNT(applier, transactions, 1);
}

static auk_code check_dead(auk_applier *applier, auk_error *err)
{
    uint32_t most = applier->config->dead_letters_most;
    if (most == 0 || applier->dead.count <= most)
        return AUK_OK;
    return auk_fail(err, AUK_TOO_LARGE,
                    "%u documents could not be written, and at most %u may wait: look at them, "
                    "retry or discard them",
                    applier->dead.count, most);
}

static auk_code take(auk_applier *applier, auk_transaction *transaction,
                     const auk_transaction_info *info, auk_error *err)
{
    bool again = applier->taking.applied == info->end_lsn;
    uint64_t skip = count_taken(applier, info);
    auk_code code = AUK_OK;
    bool fits =
        applier->group_changes + info->change_count <= applier->options.group_changes_most &&
        !auk_applier_is_full(applier);
    if (!again && applier->has_group && !fits)
        code = auk_applier_publish(applier, err);
    if (code == AUK_OK && again)
        code = auk_transaction_rewind(transaction, err);
    if (code != AUK_OK)
        return code;
    applier->taking = position_of(applier, info);
    applier->taking_done = skip;
    applier->taking_commit = info->commit_lsn;
    applier->taking_slices = info->change_count > applier->options.group_changes_most ||
                             info->bytes > AUK_GROUP_BYTES_MOST;
    code = take_changes(applier, transaction, skip, err);
    if (code != AUK_OK)
        return code;
    applier->group = applier->taking;
    applier->has_group = true;
    applier->has_changes = applier->has_changes || auk_rows_entry_count(applier->rows) > 0;
    applier->taking = (auk_sync_position){0};
    applier->taking_done = 0;
    applier->taking_slices = false;
    if (info->xid != 0)
        note_commit(applier, info);
    return AUK_OK;
}

auk_code auk_applier_take(auk_applier *applier, auk_transaction *transaction, auk_error *err)
{
    const auk_transaction_info info = *auk_transaction_read_info(transaction);
    auk_code code = AUK_OK;
    if (applier->whole.phase == AUK_WHOLE_WAVE)
        code = auk_applier_run_wave(applier, err);
    if (code == AUK_OK && !is_contained(applier, &info)) {
        code = check_dead(applier, err);
        if (code == AUK_OK)
            code = take(applier, transaction, &info, err);
    }
    if (code == AUK_OK)
        auk_transaction_release(transaction);
    return code;
}

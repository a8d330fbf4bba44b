/*
 * log_carry.c - makes ready the logs that RocksDB is about to replay.
 *
 * The log of the one before us may end in writes that nobody synced. RocksDB replays them and goes
 * on in a file of its own, whose sync leaves the old one alone. After a power cut what followed
 * would be there without what it stands on: manifests without their predecessors' deletions,
 * documents without their mapping. So what is about to be replayed is made durable first.
 *
 * A write that a crash cut short is in no replay, and the log that ends in it stays in use behind
 * newer ones. What is left of it is taken off, once: later, behind an orderly end or newer logs, a
 * broken record is damage (examine.h).
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "auk/fault_point.h"
#include "auk/log.h"
#include "examine.h"
#include "log_file.h"
#include "store_private.h"

static auk_code cut_end(const char *path, auk_error *err)
{
    log_report report;
    auk_code code = log_file_read(path, 0, NULL, NULL, &report, err);
    if (code != AUK_OK || report.breaks == 0 || report.followed > 0)
        return code;
    auk_log(AUK_LOG_WARN, "a write that a crash cut short is taken off a log",
            "file=\"%s\" at=%" PRIu64 " size=%" PRIu64 " reason=\"%s\"", path, report.break_at,
            report.size, report.what);
    if (truncate(path, (off_t)report.break_at) != 0)
        return store_fail_errno(STORE_WRITING, errno, err, "cannot cut \"%s\"", path);
    return AUK_OK;
}

static auk_code cut_ends(const char *directory, auk_error *err)
{
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot list \"%s\"", directory);
    auk_code code = AUK_OK;
    struct dirent *entry;
    uint64_t number;
    while (code == AUK_OK && (entry = readdir(listing)) != NULL) {
        if (!store_file_number(entry->d_name, "", ".log", &number))
            continue;
        char *path = store_path(directory, entry->d_name);
        code = cut_end(path, err);
        free(path);
    }
    closedir(listing);
    return code;
}

auk_code store_logs_carry(const char *directory, auk_store_mode mode, auk_error *err)
{
    if (AUK_FAULT_SKIPS(LOG_CARRY))
        return AUK_OK;
    AUK_FAULT_POINT(LOG_CARRY_BEFORE);
    /* A repair asks first, and tells what it drops. */
    auk_code code = mode == AUK_STORE_SERVE ? cut_ends(directory, err) : AUK_OK;
    if (code == AUK_OK)
        code = store_sync_files(directory, ".log", err);
    AUK_FAULT_POINT(LOG_CARRY_AFTER);
    return code;
}

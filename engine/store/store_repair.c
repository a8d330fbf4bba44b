/*
 * store_repair.c - makes the files of a damaged store ones that open.
 *
 * Before anything is changed, all files but segments are copied and all segments linked to
 * "before-repair" in the directory: nothing that a repair does is beyond recall.
 *
 *   CURRENT        written anew, for the MANIFEST with the highest number that can be read
 *   log, MANIFEST  written anew without the bytes that are no record; whole records behind them
 * stay auk.clean      removed: sizes are no longer those of the last end
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examine.h"
#include "log_file.h"
#include "sst_check.h"
#include "store_private.h"

#define BACKUP "before-repair"

/* ---- the copy ---- */

static auk_code copy_file(const char *from, const char *to, auk_error *err)
{
    char bytes[1 << 16];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t size = in < 0 || out < 0 ? -1 : 0;
    while (size >= 0 && (size = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)size) != size)
            size = -1;
    auk_code code = size == 0 && fsync(out) == 0
                        ? AUK_OK
                        : auk_fail(err, AUK_IO, "cannot copy \"%s\": %s", from, strerror(errno));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return code;
}

static auk_code back_up_file(const char *directory, const char *backup, const char *name,
                             auk_error *err)
{
    struct stat status;
    char *from = store_path(directory, name);
    char *to = store_path(backup, name);
    uint64_t number;
    auk_code code = AUK_OK;
    if (stat(from, &status) == 0 && S_ISREG(status.st_mode) && strcmp(name, "auk.lock") != 0) {
        /* Files of the store are never written again once they are whole. */
        if (!store_file_number(name, "", ".sst", &number) || link(from, to) != 0)
            code = copy_file(from, to, err);
    }
    free(from);
    free(to);
    return code;
}

static auk_code back_up(const char *directory, char **backup, auk_error *err)
{
    struct stat status;
    *backup = store_path(directory, BACKUP);
    for (int i = 2; stat(*backup, &status) == 0; i++) {
        char name[40];
        free(*backup);
        (void)snprintf(name, sizeof name, BACKUP "-%d", i);
        *backup = store_path(directory, name);
    }
    auk_code code = store_make_directory(*backup, err);
    DIR *listing = code == AUK_OK ? opendir(directory) : NULL;
    if (code == AUK_OK && listing == NULL)
        code = auk_fail(err, AUK_IO, "cannot list \"%s\": %s", directory, strerror(errno));
    struct dirent *entry;
    while (code == AUK_OK && (entry = readdir(listing)) != NULL)
        code = back_up_file(directory, *backup, entry->d_name, err);
    if (listing != NULL)
        closedir(listing);
    return code == AUK_OK ? store_sync_path(*backup, err) : code;
}

/* ---- writing a file anew ---- */

static auk_code replace_file(const char *directory, const char *name, auk_span bytes,
                             auk_error *err)
{
    char *path = store_path(directory, name);
    char *building = store_path(directory, "auk.repair");
    FILE *file = fopen(building, "wbe");
    bool written = file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size &&
                   fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    auk_code code = written && rename(building, path) == 0
                        ? store_sync_path(directory, err)
                        : auk_fail(err, AUK_IO, "cannot write \"%s\": %s", path, strerror(errno));
    free(building);
    free(path);
    return code;
}

static void keep_record(void *context, auk_span bytes, uint64_t offset, bool behind_break)
{
    (void)offset;
    (void)behind_break;
    log_file_append(context, bytes);
}

/* A log file without what is no record; nothing is done to a whole one, nor to one that only ends
 * in the middle of a record, which RocksDB knows to read. */
static auk_code mend_log(const char *directory, const char *name, auk_findings *findings,
                         auk_error *err)
{
    char *path = store_path(directory, name);
    log_report report;
    auk_buffer whole;
    auk_buffer_init(&whole, AUK_BUFFER_NO_LIMIT);
    auk_code code = log_file_read(path, SIZE_MAX, keep_record, &whole, &report, err);
    if (code == AUK_OK && report.followed > 0) {
        code = replace_file(directory, name, auk_buffer_span(&whole), err);
        if (code == AUK_OK)
            auk_findings_add(findings, AUK_FINDING_LOST, path,
                             "what stood at offset %" PRIu64 " (%s); the %" PRIu64
                             " records behind it were kept",
                             report.break_at, report.what, report.followed);
    } else if (code == AUK_OK && report.breaks > 0) {
        auk_findings_add(findings, AUK_FINDING_LOST, path,
                         "what stood from offset %" PRIu64 " to the end, %" PRIu64 " bytes (%s)",
                         report.break_at, report.size - report.break_at, report.what);
    }
    auk_buffer_deinit(&whole);
    free(path);
    return code;
}

/* ---- CURRENT ---- */

static auk_code mend_current(const char *directory, auk_findings *findings, auk_error *err)
{
    struct stat status;
    char *manifest = store_current_manifest(directory);
    char *path = store_path(directory, manifest ? manifest : "CURRENT");
    bool is_fine = manifest != NULL && stat(path, &status) == 0;
    free(path);
    free(manifest);
    if (is_fine)
        return AUK_OK;

    uint64_t newest = 0, number;
    DIR *listing = opendir(directory);
    struct dirent *entry;
    while (listing != NULL && (entry = readdir(listing)) != NULL)
        if (store_file_number(entry->d_name, "MANIFEST-", "", &number) && number > newest)
            newest = number;
    if (listing != NULL)
        closedir(listing);
    if (newest == 0)
        return auk_fail(err, AUK_CORRUPT, "\"%s\" has no MANIFEST, nothing can be kept", directory);
    char text[48];
    (void)snprintf(text, sizeof text, "MANIFEST-%06" PRIu64 "\n", newest);
    auk_code code = replace_file(directory, "CURRENT", auk_span_of(text), err);
    path = store_path(directory, "CURRENT");
    if (code == AUK_OK)
        auk_findings_add(findings, AUK_FINDING_REPAIRED, path, "names MANIFEST-%06" PRIu64 " again",
                         newest);
    free(path);
    return code;
}

/* ---- all ---- */

static auk_code mend_logs(const char *directory, auk_findings *findings, auk_error *err)
{
    auk_code code = AUK_OK;
    uint64_t number;
    DIR *listing = opendir(directory);
    struct dirent *entry;
    while (code == AUK_OK && listing != NULL && (entry = readdir(listing)) != NULL)
        if (store_file_number(entry->d_name, "", ".log", &number))
            code = mend_log(directory, entry->d_name, findings, err);
    if (listing != NULL)
        closedir(listing);
    return code;
}

static auk_code mend_files(const char *directory, auk_findings *findings, auk_error *err)
{
    auk_code code = mend_current(directory, findings, err);
    char *manifest = store_current_manifest(directory);
    if (code == AUK_OK && manifest != NULL)
        code = mend_log(directory, manifest, findings, err);
    free(manifest);
    if (code == AUK_OK)
        code = mend_logs(directory, findings, err);
    return code == AUK_OK ? store_clean_remove(directory, err) : code;
}

auk_code auk_store_repair_files(const char *directory, auk_findings *findings, auk_error *err)
{
    store_lock *lock = NULL;
    char *backup = NULL;
    store_survive();
    auk_code code = store_lock_acquire(directory, &lock, err);
    if (code != AUK_OK)
        return code;
    code = back_up(directory, &backup, err);
    if (code == AUK_OK) {
        auk_findings_add(findings, AUK_FINDING_NOTE, backup,
                         "keeps the files as they were; remove it when all is well");
        code = mend_files(directory, findings, err);
    }
    free(backup);
    store_lock_release(lock);
    return code;
}

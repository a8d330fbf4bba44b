#include "examine.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auk/hash.h"
#include "auk/varint.h"
#include "log_file.h"
#include "sst_check.h"
#include "store_private.h"
#include "version_edit.h"

#define CLEAN_FILE      "auk.clean"
#define SMALL_FILE_SIZE 65536
#define BATCH_HEAD_SIZE 12 /* of a record of a log: sequence u64, count u32 */

typedef struct numbered_file {
    uint64_t number;
    uint64_t size;
} numbered_file;

typedef struct file_list {
    numbered_file *items;
    uint32_t count, capacity;
} file_list;

typedef struct examination {
    const char *directory;
    bool deep;
    auk_findings *findings;
    file_list logs, tables;
    version_state version;
    bool has_version;
    bool has_marks; /* the end was in order */
    auk_buffer marks;
} examination;

/* ---- small files and names ---- */

bool store_file_number(const char *name, const char *before, const char *after, uint64_t *number)
{
    size_t skip = strlen(before);
    if (strncmp(name, before, skip) != 0 || name[skip] < '0' || name[skip] > '9')
        return false;
    char *end = NULL;
    *number = strtoull(name + skip, &end, 10);
    return strcmp(end, after) == 0;
}

/* False when there is no such file, or one that is no small file of ours. */
static bool read_small(const char *directory, const char *name, auk_buffer *out)
{
    char *path = store_path(directory, name);
    FILE *file = fopen(path, "rbe");
    free(path);
    if (file == NULL)
        return false;
    char *into = auk_buffer_reserve(out, SMALL_FILE_SIZE);
    out->size += fread(into, 1, SMALL_FILE_SIZE, file);
    bool whole = ferror(file) == 0 && feof(file) != 0;
    (void)fclose(file);
    return whole;
}

char *store_current_manifest(const char *directory)
{
    auk_buffer text;
    uint64_t number;
    auk_buffer_init(&text, 2 * SMALL_FILE_SIZE);
    char *name = NULL;
    if (read_small(directory, "CURRENT", &text) && text.size > 1 &&
        text.data[text.size - 1] == '\n') {
        name = strndup(text.data, text.size - 1);
        if (name == NULL)
            abort();
        if (!store_file_number(name, "MANIFEST-", "", &number)) {
            free(name);
            name = NULL;
        }
    }
    auk_buffer_deinit(&text);
    return name;
}

/* Path of a file for findings; freed by the caller. */
static char *path_of(const examination *x, const char *name)
{
    return store_path(x->directory, name);
}

static void damaged(examination *x, const char *name, const char *what)
{
    char *path = path_of(x, name);
    auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path, "%s", what);
    free(path);
}

static bool size_of(const examination *x, const char *name, uint64_t *size)
{
    struct stat status;
    char *path = path_of(x, name);
    bool there = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    free(path);
    *size = there ? (uint64_t)status.st_size : 0;
    return there;
}

static void log_name(char name[32], uint64_t number)
{
    (void)snprintf(name, 32, "%06" PRIu64 ".log", number);
}

static void table_name(char name[32], uint64_t number)
{
    (void)snprintf(name, 32, "%06" PRIu64 ".sst", number);
}

/* ---- the list ---- */

static void list_add(file_list *list, numbered_file file)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
        if (list->items == NULL)
            abort();
    }
    list->items[list->count++] = file;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = ((const numbered_file *)left)->number, b = ((const numbered_file *)right)->number;
    return (a > b) - (a < b);
}

static void sort_list(file_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_number);
}

static bool list_files(examination *x)
{
    DIR *listing = opendir(x->directory);
    if (listing == NULL)
        return false;
    struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        numbered_file file;
        if (store_file_number(entry->d_name, "", ".log", &file.number)) {
            (void)size_of(x, entry->d_name, &file.size);
            list_add(&x->logs, file);
        } else if (store_file_number(entry->d_name, "", ".sst", &file.number)) {
            (void)size_of(x, entry->d_name, &file.size);
            list_add(&x->tables, file);
        }
    }
    closedir(listing);
    sort_list(&x->logs);
    sort_list(&x->tables);
    return true;
}

/* ---- the marks of an orderly end ---- */

static void read_marks(examination *x)
{
    auk_buffer_init(&x->marks, 2 * SMALL_FILE_SIZE);
    if (!read_small(x->directory, CLEAN_FILE, &x->marks))
        return;
    auk_span text = auk_buffer_span(&x->marks);
    const char *last = memmem(text.data, text.size, "crc32c ", 7);
    char want[24];
    size_t size = last ? (size_t)(last - text.data) : 0;
    (void)snprintf(want, sizeof want, "crc32c %08x\n",
                   auk_crc32c(0, auk_span_make(text.data, size)));
    x->has_marks = last != NULL && auk_span_is(auk_span_from(text, size), want);
    x->marks.size = size;
    if (!x->has_marks) {
        char *path = path_of(x, CLEAN_FILE);
        auk_findings_add(x->findings, AUK_FINDING_NOTE, path,
                         "cannot be read; the last end counts as a crash");
        free(path);
    }
}

/* The size that a file had at the end; false when the marks do not name it. */
static bool marked_size(const examination *x, const char *name, uint64_t *size)
{
    auk_span rest = auk_buffer_span(&x->marks), line;
    size_t name_size = strlen(name);
    while (x->has_marks && auk_span_cut(&rest, '\n', &line)) {
        if (line.size > name_size + 1 && memcmp(line.data, name, name_size) == 0 &&
            line.data[name_size] == ' ') {
            *size = strtoull(line.data + name_size + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

/* Compares the files with the marks. Those of an older end (a start in between died before it
 * wrote anything) name files that are no longer in use, and mean nothing. */
static void check_marks(examination *x, const char *manifest)
{
    uint64_t size;
    if (x->has_marks && !marked_size(x, manifest, &size))
        x->has_marks = false;
    auk_span rest = auk_buffer_span(&x->marks), line;
    while (x->has_marks && auk_span_cut(&rest, '\n', &line)) {
        const char *space = memchr(line.data, ' ', line.size);
        if (space == NULL)
            continue;
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)(space - line.data), line.data);
        uint64_t wanted = strtoull(space + 1, NULL, 10);
        char *path = path_of(x, name);
        if (!size_of(x, name, &size))
            auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path, "the file is missing");
        else if (size != wanted)
            auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path,
                             "has %" PRIu64 " bytes, %" PRIu64 " when the store was closed", size,
                             wanted);
        free(path);
    }
}

static void append_mark(auk_buffer *out, const examination *x, const char *name)
{
    uint64_t size;
    if (size_of(x, name, &size))
        auk_buffer_printf(out, "%s %" PRIu64 "\n", name, size);
}

/* A write that failed, of a full disk say, leaves as much of a record as a crash does. */
static bool ends_whole(const examination *x, const char *log)
{
    log_report report;
    char *path = path_of(x, log);
    bool whole = log_file_read(path, 0, NULL, NULL, &report, NULL) == AUK_OK && report.breaks == 0;
    free(path);
    return whole;
}

static void write_marks(const char *directory, auk_span text)
{
    char *path = store_path(directory, CLEAN_FILE);
    char *building = store_path(directory, CLEAN_FILE ".new");
    FILE *file = fopen(building, "wbe");
    bool written = file != NULL && fwrite(text.data, 1, text.size, file) == text.size &&
                   fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    /* Without the marks the next start is as after a crash: nothing is lost by that. */
    if (!written || rename(building, path) != 0 || store_sync_path(directory, NULL) != AUK_OK)
        (void)unlink(building);
    free(building);
    free(path);
}

void store_clean_write(const char *directory)
{
    examination x = {.directory = directory};
    auk_buffer text;
    auk_buffer_init(&text, SMALL_FILE_SIZE);
    char *manifest = store_current_manifest(directory);
    if (manifest != NULL && list_files(&x)) {
        char name[32];
        bool whole = true;
        append_mark(&text, &x, manifest);
        for (uint32_t i = 0; i < x.logs.count; i++) {
            log_name(name, x.logs.items[i].number);
            append_mark(&text, &x, name);
            whole = whole && ends_whole(&x, name);
        }
        auk_buffer_printf(&text, "crc32c %08x\n", auk_crc32c(0, auk_buffer_span(&text)));
        if (whole)
            write_marks(directory, auk_buffer_span(&text));
    }
    free(manifest);
    free(x.logs.items);
    free(x.tables.items);
    auk_buffer_deinit(&text);
}

auk_code store_clean_remove(const char *directory, auk_error *err)
{
    char *path = store_path(directory, CLEAN_FILE);
    bool removed = unlink(path) == 0;
    free(path);
    return removed ? store_sync_path(directory, err) : AUK_OK;
}

/* ---- MANIFEST ---- */

static void apply_edit(void *context, auk_span bytes, uint64_t offset, bool behind_break)
{
    examination *x = context;
    (void)offset;
    (void)behind_break;
    version_state_apply(&x->version, bytes);
}

static void tell_break(examination *x, const char *name, const log_report *report)
{
    char *path = path_of(x, name);
    auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path,
                     "at offset %" PRIu64 ": %s; %" PRIu64 " whole records follow",
                     report->break_at, report->what, report->followed);
    free(path);
}

static void tell_tail(examination *x, const char *name, const log_report *report)
{
    char *path = path_of(x, name);
    auk_findings_add(x->findings, AUK_FINDING_NOTE, path,
                     "ends at offset %" PRIu64 " of %" PRIu64
                     " with a record that is not whole (%s): a write that a crash cut short",
                     report->break_at, report->size, report->what);
    free(path);
}

/* A log is whole up to its end, or cut short by a crash. After an orderly end the second is none.
 */
static void judge_breaks(examination *x, const char *name, const log_report *report)
{
    uint64_t size;
    if (report->breaks == 0)
        return;
    if (report->followed > 0 || marked_size(x, name, &size))
        tell_break(x, name, report);
    else
        tell_tail(x, name, report);
}

static void examine_manifest(examination *x, const char *manifest)
{
    log_report report;
    char *path = path_of(x, manifest);
    auk_error err = {0};
    if (log_file_read(path, SIZE_MAX, apply_edit, x, &report, &err) != AUK_OK)
        damaged(x, manifest, err.message);
    else if (report.records == 0)
        damaged(x, manifest, "holds no record");
    else
        x->has_version = !x->version.unknown;
    free(path);
    if (x->has_version)
        judge_breaks(x, manifest, &report);
}

/* ---- RocksDB's files ---- */

static void examine_table(examination *x, const live_file *file)
{
    char name[32], family[SST_FAMILY_SIZE], message[SST_MESSAGE_SIZE];
    uint64_t size;
    table_name(name, file->number);
    char *path = path_of(x, name);
    const char *of = version_state_family(&x->version, file->family);
    if (!size_of(x, name, &size))
        auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path, "the file is missing (of \"%s\")",
                         of);
    else if (size != file->size)
        auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path,
                         "has %" PRIu64 " bytes, expected %" PRIu64 " (of \"%s\")", size,
                         file->size, of);
    else if (x->deep && !store_sst_check(path, family, message))
        auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path, "%s (of \"%s\")", message, of);
    free(path);
}

static void examine_tables(examination *x)
{
    for (uint32_t i = 0; i < x->version.file_count; i++)
        examine_table(x, &x->version.files[i]);
    for (uint32_t i = 0; x->deep && i < x->tables.count; i++) {
        char name[32];
        if (version_state_find(&x->version, x->tables.items[i].number) != NULL)
            continue;
        table_name(name, x->tables.items[i].number);
        char *path = path_of(x, name);
        auk_findings_add(x->findings, AUK_FINDING_NOTE, path,
                         "belongs to nothing; the next start removes it");
        free(path);
    }
}

/* ---- logs ---- */

/* Records are numbered without a gap, over all logs. What MANIFEST knew of at its last edit is in
 * files or in a log, so that the first record goes on there or before. */
typedef struct log_walk {
    uint64_t expected; /* most that the next record's number may be */
    bool has_gap;
    uint64_t gap_at;
} log_walk;

static void walk_record(void *context, auk_span bytes, uint64_t offset, bool behind_break)
{
    log_walk *walk = context;
    (void)behind_break;
    if (bytes.size < BATCH_HEAD_SIZE)
        return;
    uint64_t sequence = auk_load_u64(bytes.data);
    uint32_t count = auk_load_u32(bytes.data + 8);
    if (count == 0)
        return;
    if (sequence > walk->expected && !walk->has_gap) {
        walk->has_gap = true;
        walk->gap_at = offset;
    }
    walk->expected = sequence + count;
}

static void examine_log(examination *x, uint64_t number, log_walk *walk)
{
    char name[32];
    log_report report;
    auk_error err = {0};
    log_name(name, number);
    char *path = path_of(x, name);
    walk->has_gap = false;
    if (log_file_read(path, BATCH_HEAD_SIZE, walk_record, walk, &report, &err) != AUK_OK) {
        damaged(x, name, err.message);
    } else {
        judge_breaks(x, name, &report);
        if (walk->has_gap && report.followed == 0)
            auk_findings_add(x->findings, AUK_FINDING_DAMAGE, path,
                             "records are missing before offset %" PRIu64, walk->gap_at);
    }
    free(path);
}

static void examine_logs(examination *x)
{
    uint64_t first = version_state_first_log(&x->version);
    log_walk walk = {.expected = x->version.last_sequence + 1};
    uint32_t needed = 0;
    for (uint32_t i = 0; i < x->logs.count; i++) {
        if (x->logs.items[i].number < first)
            continue;
        needed++;
        examine_log(x, x->logs.items[i].number, &walk);
    }
    /* One is begun before anything is written; only a copy of a store may do without. */
    uint64_t last = version_state_last_log(&x->version);
    bool has_last = needed > 0 && x->logs.items[x->logs.count - 1].number >= last;
    if (!has_last && x->version.file_count > 0 && !x->has_marks) {
        char name[32];
        log_name(name, last);
        damaged(x, name, "this log, or one with a higher number, is missing");
    }
}

/* ---- all ---- */

static void examine_current(examination *x)
{
    char *manifest = store_current_manifest(x->directory);
    uint64_t size;
    if (manifest == NULL && !size_of(x, "CURRENT", &size) && x->tables.count == 0 &&
        x->logs.count == 0)
        return; /* nothing was ever stored */
    if (manifest == NULL) {
        damaged(x, "CURRENT",
                size_of(x, "CURRENT", &size) ? "does not name a MANIFEST" : "the file is missing");
    } else if (!size_of(x, manifest, &size)) {
        damaged(x, manifest, "the file is missing");
    } else {
        check_marks(x, manifest);
        examine_manifest(x, manifest);
        if (x->has_version) {
            examine_tables(x);
            examine_logs(x);
        }
    }
    free(manifest);
}

/* A finding of the kind that an error is made of. */
static void keep_first(void *context, const auk_finding *finding)
{
    auk_error *err = context;
    if (finding->kind == AUK_FINDING_DAMAGE && err->code == AUK_OK)
        auk_fail(err, AUK_CORRUPT, "file \"%s\": %s", finding->where, finding->message);
}

void store_examine(const char *directory, bool deep, auk_findings *findings)
{
    examination x = {.directory = directory, .deep = deep, .findings = findings};
    version_state_init(&x.version);
    read_marks(&x);
    if (list_files(&x))
        examine_current(&x);
    version_state_deinit(&x.version);
    auk_buffer_deinit(&x.marks);
    free(x.logs.items);
    free(x.tables.items);
}

auk_code store_examine_first(const char *directory, bool deep, auk_error *err)
{
    auk_error first = {0};
    auk_findings findings = {.tell = keep_first, .context = &first};
    store_examine(directory, deep, &findings);
    if (first.code == AUK_OK)
        return AUK_OK;
    auk_hint(&first, "auk check says more; auk check --repair keeps what can be kept");
    if (err != NULL)
        *err = first;
    return first.code;
}

/* See spool_log.h. */
#include "spool_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auk/buffer.h"
#include "auk/compress.h"
#include "auk/hash.h"
#include "auk/log.h"
#include "auk/varint.h"

#define MAGIC        UINT32_C(0x4b4c5053)
#define HEADER_BYTES 24
#define RECORD_BYTES 13
#define BLOCK_BYTES  ((size_t)256 << 10)
#define BLOCK_MOST   ((uint32_t)1 << 31)
#define FILE_BYTES   ((uint64_t)64 << 20)
#define FILE_LEAST   ((uint64_t)64 << 10)
#define FIRST_BYTES  12
#define ZSTD_LEVEL   1
#define PATH_MOST    4096

typedef struct log_file {
    uint64_t number, bytes;
    uint32_t under_way; /* transactions that began in it */
    auk_lsn needed;     /* until this is applied */
} log_file;

struct auk_spool_log {
    char *directory;
    int folder;
    uint64_t file_bytes;
    log_file *files;
    uint32_t count, capacity;
    int fd; /* of the last file, or of the one that is read */
    uint64_t offset;
    uint32_t reading; /* its place among the files; count: all is read */
    uint64_t file;
    auk_buffer raw, stored;
    size_t at;       /* of raw, while it is read */
    auk_lsn block;   /* highest position in raw */
    auk_lsn written; /* in blocks that are written */
    bool has_more;   /* something is not synced */
    const char *damage;
    _Atomic uint64_t position, bytes;
};

static void put_u32(char *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static void put_u64(char *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

/* ---- files ---- */

static auk_code fail_file(const char *what, const char *where, auk_error *err)
{
    return auk_fail(err, errno == ENOSPC || errno == EDQUOT ? AUK_FULL : AUK_IO,
                    "the spool's %s in \"%s\" failed: %s", what, where, strerror(errno));
}

static void name_file(uint64_t number, char out[32])
{
    snprintf(out, 32, "%010" PRIu64 ".log", number);
}

static bool is_ours(const char *name)
{
    size_t size = strlen(name);
    return strcmp(name, "first") == 0 || strcmp(name, "first.new") == 0 ||
           (size == 14 && strcmp(name + 10, ".log") == 0 && strspn(name, "0123456789") == 10);
}

static auk_code write_all(int fd, auk_span bytes, uint64_t offset, const char *where,
                          auk_error *err)
{
    while (bytes.size > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_file("writing", where, err);
        bytes = auk_span_from(bytes, (size_t)written);
        offset += (uint64_t)written;
    }
    return AUK_OK;
}

static size_t read_some(int fd, char *into, size_t size, uint64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, into + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

bool auk_spool_log_exists(const char *directory)
{
    DIR *folder = opendir(directory);
    bool any = false;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        any = any || is_ours(entry->d_name);
    if (folder)
        closedir(folder);
    return any;
}

auk_code auk_spool_log_remove(const char *directory, auk_error *err)
{
    DIR *folder = opendir(directory);
    auk_code code = AUK_OK;
    if (!folder)
        return errno == ENOENT ? AUK_OK : fail_file("directory", directory, err);
    for (struct dirent *entry; code == AUK_OK && (entry = readdir(folder));)
        if (is_ours(entry->d_name) && unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            code = fail_file("removal", directory, err);
    if (code == AUK_OK && fsync(dirfd(folder)) != 0)
        code = fail_file("sync", directory, err);
    closedir(folder);
    return code;
}

/* ---- which is the first ---- */

static auk_code put_first(auk_spool_log *log, uint64_t number, auk_error *err)
{
    char bytes[FIRST_BYTES];
    put_u64(bytes, number);
    put_u32(bytes + 8, auk_crc32c(0, auk_span_make(bytes, 8)));
    int fd = openat(log->folder, "first.new", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_file("file", log->directory, err);
    auk_code code = write_all(fd, auk_span_make(bytes, sizeof bytes), 0, log->directory, err);
    if (code == AUK_OK && fdatasync(fd) != 0)
        code = fail_file("sync", log->directory, err);
    close(fd);
    if (code == AUK_OK &&
        (renameat(log->folder, "first.new", log->folder, "first") != 0 || fsync(log->folder) != 0))
        code = fail_file("rename", log->directory, err);
    return code;
}

static bool get_first(const auk_spool_log *log, uint64_t *number)
{
    char bytes[FIRST_BYTES];
    int fd = openat(log->folder, "first", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool whole = read_some(fd, bytes, sizeof bytes, 0) == sizeof bytes &&
                 auk_crc32c(0, auk_span_make(bytes, 8)) == auk_load_u32(bytes + 8);
    close(fd);
    *number = auk_load_u64(bytes);
    return whole;
}

/* ---- the list ---- */

static log_file *add_file(auk_spool_log *log, uint64_t number, uint64_t bytes)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 16;
        log->files = (log_file *)realloc(log->files, log->capacity * sizeof *log->files);
        if (!log->files)
            abort();
    }
    log->files[log->count] = (log_file){.number = number, .bytes = bytes};
    atomic_fetch_add(&log->bytes, bytes);
    return &log->files[log->count++];
}

static log_file *find_file(auk_spool_log *log, uint64_t number)
{
    uint64_t first = log->count ? log->files[0].number : 0;
    return log->count && number >= first && number - first < log->count
               ? &log->files[number - first]
               : NULL;
}

static int open_numbered(const auk_spool_log *log, uint64_t number, int flags)
{
    char name[32];
    name_file(number, name);
    return openat(log->folder, name, flags | O_CLOEXEC, 0600);
}

/* ---- blocks ---- */

/* False: there is none, or it is cut or damaged. stored: its bytes. */
static bool read_block(int fd, uint64_t offset, auk_buffer *stored, uint32_t *raw,
                       auk_lsn *position)
{
    char header[HEADER_BYTES];
    if (read_some(fd, header, sizeof header, offset) != sizeof header ||
        auk_load_u32(header) != MAGIC)
        return false;
    uint32_t size = auk_load_u32(header + 4);
    struct stat status;
    if (fstat(fd, &status) != 0 || (uint64_t)status.st_size < offset + HEADER_BYTES + size)
        return false;
    *raw = auk_load_u32(header + 8);
    *position = auk_load_u64(header + 16);
    auk_buffer_reset(stored);
    char *into = auk_buffer_reserve(stored, size);
    if (read_some(fd, into, size, offset + HEADER_BYTES) != size)
        return false;
    stored->size = size;
    uint32_t sum = auk_crc32c(0, auk_span_make(header + 16, 8));
    return auk_crc32c(sum, auk_buffer_span(stored)) == auk_load_u32(header + 12) &&
           *raw < BLOCK_MOST;
}

/* How much of the file can be read; the position of its last block. */
static uint64_t check_file(auk_spool_log *log, int fd, auk_lsn *position)
{
    uint64_t offset = 0;
    uint32_t raw;
    auk_lsn at;
    while (read_block(fd, offset, &log->stored, &raw, &at)) {
        offset += HEADER_BYTES + log->stored.size;
        *position = at > *position ? at : *position;
    }
    return offset;
}

/* After a failure the kernel may count the pages as written: nobody may go on from there. */
static void sync_file(const auk_spool_log *log, int fd)
{
    if (fdatasync(fd) != 0)
        auk_fatal("the spool in \"%s\" could not be synced: %s", log->directory, strerror(errno));
}

/* The files from the first on, as long as nothing is missing. What a life before wrote last it may
 * not have synced, and it is told to the server from now on. */
static auk_code check_files(auk_spool_log *log, uint64_t first, auk_error *err)
{
    auk_lsn position = 0;
    for (uint64_t number = first;; number++) {
        struct stat status;
        int fd = open_numbered(log, number, O_RDWR);
        if (fd < 0 && number == first)
            log->damage = "its first file is missing";
        if (fd < 0)
            break;
        uint64_t bytes = check_file(log, fd, &position);
        bool is_cut = fstat(fd, &status) == 0 && (uint64_t)status.st_size > bytes;
        if (is_cut && ftruncate(fd, (off_t)bytes) != 0) {
            close(fd);
            return fail_file("cut", log->directory, err);
        }
        sync_file(log, fd);
        close(fd);
        (void)add_file(log, number, bytes);
        if (is_cut) {
            log->damage = "a block of it is cut or damaged";
            break;
        }
    }
    if (fsync(log->folder) != 0)
        return fail_file("sync", log->directory, err);
    atomic_store(&log->position, position);
    log->written = position;
    return AUK_OK;
}

/* What lies outside of first .. last is of before, or cannot be read any more. */
static void drop_others(const auk_spool_log *log)
{
    DIR *folder = opendir(log->directory);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!is_ours(entry->d_name) || entry->d_name[0] == 'f')
            continue;
        uint64_t number = strtoull(entry->d_name, NULL, 10);
        if (log->count == 0 || number < log->files[0].number ||
            number > log->files[log->count - 1].number)
            (void)unlinkat(log->folder, entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
}

static auk_code begin_file(auk_spool_log *log, uint64_t number, auk_error *err)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = open_numbered(log, number, O_RDWR | O_CREAT | O_TRUNC);
    if (log->fd < 0 || fsync(log->folder) != 0)
        return fail_file("file", log->directory, err);
    (void)add_file(log, number, 0);
    log->offset = 0;
    log->file = number;
    return log->count == 1 ? put_first(log, number, err) : AUK_OK;
}

auk_code auk_spool_log_open(const char *directory, uint64_t file_bytes, auk_spool_log **out,
                            auk_error *err)
{
    auk_spool_log *log = (auk_spool_log *)calloc(1, sizeof *log);
    uint64_t first;
    auk_code code = AUK_OK;
    if (!log)
        abort();
    log->fd = log->folder = -1;
    log->directory = strdup(directory);
    log->file_bytes = file_bytes ? file_bytes : FILE_BYTES;
    if (log->file_bytes < FILE_LEAST)
        log->file_bytes = FILE_LEAST;
    auk_buffer_init(&log->raw, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&log->stored, AUK_BUFFER_NO_LIMIT);
    bool any = auk_spool_log_exists(directory);
    if ((mkdir(directory, 0700) != 0 && errno != EEXIST) ||
        (log->folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        code = fail_file("directory", directory, err);
    if (code == AUK_OK && any && get_first(log, &first))
        code = check_files(log, first, err);
    else if (code == AUK_OK && any)
        log->damage = "it does not say where it begins";
    if (code == AUK_OK)
        drop_others(log);
    if (code == AUK_OK && log->count > 0)
        log->file = log->files[0].number;
    if (code == AUK_OK)
        *out = log;
    else
        auk_spool_log_close(log);
    return code;
}

void auk_spool_log_close(auk_spool_log *log)
{
    if (!log)
        return;
    if (log->fd >= 0)
        close(log->fd);
    if (log->folder >= 0)
        close(log->folder);
    auk_buffer_deinit(&log->raw);
    auk_buffer_deinit(&log->stored);
    free(log->files);
    free(log->directory);
    free(log);
}

auk_lsn auk_spool_log_position(const auk_spool_log *log)
{
    return atomic_load(&log->position);
}

uint64_t auk_spool_log_bytes(const auk_spool_log *log)
{
    return atomic_load(&log->bytes);
}

const char *auk_spool_log_damage(const auk_spool_log *log)
{
    return log->damage;
}

/* ---- reading ---- */

/* The next block to raw; *end: there is none. */
static auk_code load_block(auk_spool_log *log, bool *end, auk_error *err)
{
    uint32_t raw;
    auk_lsn position;
    for (*end = false; log->reading < log->count;) {
        const log_file *file = &log->files[log->reading];
        if (log->fd < 0)
            log->fd = open_numbered(log, file->number, O_RDWR);
        if (log->fd < 0)
            return fail_file("file", log->directory, err);
        log->file = file->number;
        if (log->offset < file->bytes) {
            if (!read_block(log->fd, log->offset, &log->stored, &raw, &position))
                return auk_fail(err, AUK_CORRUPT,
                                "the spool in \"%s\" was changed while it was read",
                                log->directory);
            log->offset += HEADER_BYTES + log->stored.size;
            auk_buffer_reset(&log->raw);
            log->at = 0;
            return auk_zstd_decompress(auk_buffer_span(&log->stored), NULL, raw, &log->raw, err);
        }
        if (++log->reading == log->count) /* goes on behind it */
            break;
        close(log->fd);
        log->fd = -1;
        log->offset = 0;
    }
    auk_buffer_reset(&log->raw);
    log->at = 0;
    *end = true;
    return AUK_OK;
}

auk_code auk_spool_log_read(auk_spool_log *log, auk_spool_record *out, bool *end, auk_error *err)
{
    *end = false;
    if (log->at == log->raw.size) {
        auk_code code = load_block(log, end, err);
        if (code != AUK_OK || *end)
            return code;
    }
    auk_span rest = auk_span_from(auk_buffer_span(&log->raw), log->at);
    uint32_t size = rest.size >= RECORD_BYTES ? auk_load_u32(rest.data) : UINT32_MAX;
    if (rest.size < RECORD_BYTES || rest.size - RECORD_BYTES < size)
        return auk_fail(err, AUK_CORRUPT, "a record of the spool in \"%s\" is cut", log->directory);
    *out = (auk_spool_record){.kind = rest.data[4],
                              .position = auk_load_u64(rest.data + 5),
                              .bytes = auk_span_make(rest.data + RECORD_BYTES, size)};
    log->at += RECORD_BYTES + size;
    return AUK_OK;
}

/* ---- appending ---- */

static auk_code write_block(auk_spool_log *log, auk_error *err)
{
    char header[HEADER_BYTES];
    if (log->raw.size == 0)
        return AUK_OK;
    auk_buffer_reset(&log->stored);
    auk_buffer_append(&log->stored, auk_span_make(header, sizeof header)); /* its room */
    auk_code code =
        auk_zstd_compress(auk_buffer_span(&log->raw), NULL, ZSTD_LEVEL, &log->stored, err);
    if (code != AUK_OK)
        return code;
    auk_lsn position = log->block > log->written ? log->block : log->written;
    uint32_t size = (uint32_t)(log->stored.size - HEADER_BYTES);
    char *at = log->stored.data;
    put_u32(at, MAGIC);
    put_u32(at + 4, size);
    put_u32(at + 8, (uint32_t)log->raw.size);
    put_u64(at + 16, position);
    put_u32(at + 12, auk_crc32c(auk_crc32c(0, auk_span_make(at + 16, 8)),
                                auk_span_make(at + HEADER_BYTES, size)));
    code = write_all(log->fd, auk_buffer_span(&log->stored), log->offset, log->directory, err);
    if (code != AUK_OK)
        return code;
    log->offset += log->stored.size;
    log->files[log->count - 1].bytes = log->offset;
    atomic_fetch_add(&log->bytes, log->stored.size);
    log->written = position;
    log->block = 0;
    auk_buffer_reset(&log->raw);
    return AUK_OK;
}

auk_code auk_spool_log_append(auk_spool_log *log, const auk_spool_record *record, auk_error *err)
{
    char head[RECORD_BYTES];
    auk_code code = AUK_OK;
    if (log->count == 0)
        code = begin_file(log, 1, err);
    if (code == AUK_OK && log->raw.size >= BLOCK_BYTES)
        code = write_block(log, err);
    if (code != AUK_OK)
        return code;
    put_u32(head, (uint32_t)record->bytes.size);
    head[4] = record->kind;
    put_u64(head + 5, record->position);
    auk_buffer_append(&log->raw, auk_span_make(head, sizeof head));
    auk_buffer_append(&log->raw, record->bytes);
    if (record->position > log->block)
        log->block = record->position;
    log->has_more = true;
    return AUK_OK;
}

bool auk_spool_log_is_dirty(const auk_spool_log *log)
{
    return log->block > log->written || log->written > atomic_load(&log->position);
}

auk_code auk_spool_log_sync(auk_spool_log *log, auk_error *err)
{
    if (!log->has_more)
        return AUK_OK;
    auk_code code = write_block(log, err);
    if (code == AUK_OK) {
        sync_file(log, log->fd);
        log->has_more = false;
        atomic_store(&log->position, log->written);
    }
    return code;
}

bool auk_spool_log_is_due(const auk_spool_log *log)
{
    return log->count > 0 && log->offset >= log->file_bytes;
}

auk_code auk_spool_log_rotate(auk_spool_log *log, auk_error *err)
{
    auk_code code = auk_spool_log_sync(log, err);
    return code == AUK_OK ? begin_file(log, log->files[log->count - 1].number + 1, err) : code;
}

/* ---- what may go ---- */

uint64_t auk_spool_log_file(const auk_spool_log *log)
{
    return log->file;
}

void auk_spool_log_enter(auk_spool_log *log, uint64_t file)
{
    log_file *found = find_file(log, file);
    if (found)
        found->under_way++;
}

void auk_spool_log_leave(auk_spool_log *log, uint64_t file, auk_lsn end)
{
    log_file *found = find_file(log, file);
    if (!found)
        return;
    found->under_way--;
    if (end > found->needed)
        found->needed = end;
}

auk_code auk_spool_log_trim(auk_spool_log *log, auk_lsn applied, auk_error *err)
{
    char name[32];
    uint32_t gone = 0;
    while (gone + 1 < log->count && log->files[gone].under_way == 0 &&
           log->files[gone].needed <= applied)
        gone++;
    if (gone == 0)
        return AUK_OK;
    auk_code code = put_first(log, log->files[gone].number, err);
    for (uint32_t i = 0; code == AUK_OK && i < gone; i++) {
        name_file(log->files[i].number, name);
        (void)unlinkat(log->folder, name, 0); /* else at the next start */
        atomic_fetch_sub(&log->bytes, log->files[i].bytes);
    }
    if (code != AUK_OK)
        return code;
    memmove(log->files, log->files + gone, (log->count - gone) * sizeof *log->files);
    log->count -= gone;
    return AUK_OK;
}

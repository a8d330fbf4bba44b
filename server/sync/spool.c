/* See spool.h. */
#include "spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auk/compress.h"
#include "auk/hash.h"
#include "auk/varint.h"

#define BLOCK_BYTES  (256u << 10)
#define HEADER_BYTES 16
#define FILE_BYTES   (256u << 20) /* then the next file */
#define ZSTD_LEVEL   1
#define FRAME_MOST   (1u << 30)

typedef struct spool_file {
    int fd;
    uint64_t size;
    uint32_t blocks; /* that are alive, and 1 while it is the current one */
} spool_file;

struct auk_spool_block {
    auk_spool_block *next; /* holds it */
    uint32_t references;
    uint32_t pins; /* readers of data */
    uint32_t used; /* when it is full; before that the one who appends knows (fill) */
    uint32_t fill, capacity;
    char *data; /* NULL: in the file */
    spool_file *file;
    uint64_t offset;
    uint32_t stored_bytes, checksum;
    bool full;
};

struct auk_spool {
    pthread_mutex_t lock; /* of all blocks' references, pins, data, next; of sizes */
    uint64_t memory_bytes, memory_limit, disk_bytes;
    auk_budget *budget;
    char *directory;
    spool_file *file; /* that is written to; of the one who appends */
    auk_buffer packed;
};

/* ---- files ---- */

static auk_code fail_file(auk_error *err, const char *what, const char *where)
{
    return auk_fail(err, errno == ENOSPC || errno == EDQUOT ? AUK_FULL : AUK_IO,
                    "the spool %s \"%s\" failed: %s", what, where, strerror(errno));
}

static auk_code empty_directory(const char *path, auk_error *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail_file(err, "making of", path);
    DIR *folder = opendir(path);
    if (!folder)
        return fail_file(err, "opening of", path);
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    return AUK_OK;
}

static auk_code open_file(auk_spool *spool, auk_error *err)
{
    int fd = open(spool->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/spool-XXXXXX", spool->directory);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            (void)unlink(path);
    }
    if (fd < 0)
        return fail_file(err, "file in", spool->directory);
    spool->file = (spool_file *)calloc(1, sizeof *spool->file);
    if (!spool->file)
        abort();
    *spool->file = (spool_file){.fd = fd, .blocks = 1};
    return AUK_OK;
}

/* Under the lock. */
static void leave_file(spool_file *file)
{
    if (file && --file->blocks == 0) {
        close(file->fd);
        free(file);
    }
}

static auk_code write_at(int fd, auk_span bytes, uint64_t offset, const char *where, auk_error *err)
{
    while (bytes.size > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.size, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_file(err, "writing to", where);
        bytes = auk_span_from(bytes, (size_t)written);
        offset += (uint64_t)written;
    }
    return AUK_OK;
}

/* ---- blocks ---- */

static void free_data(auk_spool *spool, auk_spool_block *block)
{
    free(block->data);
    block->data = NULL;
    spool->memory_bytes -= block->capacity;
    auk_budget_release(spool->budget, AUK_PURPOSE_INDEXING, block->capacity);
}

static void free_block(auk_spool *spool, auk_spool_block *block)
{
    if (block->data)
        free_data(spool, block);
    if (block->file) {
        spool->disk_bytes -= block->stored_bytes;
        (void)fallocate(block->file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)block->offset, block->stored_bytes);
        leave_file(block->file);
    }
    free(block);
}

/* Under the lock. A loop, because chains are long. */
static void let_go(auk_spool *spool, auk_spool_block *block)
{
    while (block && --block->references == 0) {
        auk_spool_block *next = block->next;
        free_block(spool, block);
        block = next;
    }
}

static void add_block(auk_spool *spool, auk_spool_chain *chain, uint32_t least)
{
    uint32_t capacity = chain->block_bytes ? chain->block_bytes : AUK_SPOOL_FIRST_BYTES;
    chain->block_bytes = capacity < BLOCK_BYTES ? capacity * 2 : BLOCK_BYTES;
    if (capacity < least)
        capacity = least;
    auk_spool_block *block = (auk_spool_block *)calloc(1, sizeof *block);
    char *data = (char *)malloc(capacity);
    if (!block || !data)
        abort();
    block->data = data;
    block->capacity = capacity;
    auk_budget_force(spool->budget, AUK_PURPOSE_INDEXING, capacity);
    pthread_mutex_lock(&spool->lock);
    spool->memory_bytes += capacity;
    block->references = 1; /* the chain's tail */
    auk_spool_block *old = chain->tail;
    if (old) {
        old->next = block;
        block->references++;
    } else {
        chain->head = block;
        block->references++;
    }
    chain->tail = block;
    let_go(spool, old);
    pthread_mutex_unlock(&spool->lock);
}

static bool is_above_limit(auk_spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    bool above = spool->memory_bytes > spool->memory_limit;
    pthread_mutex_unlock(&spool->lock);
    /* where the process has no room left, neither have we */
    if (!above &&
        auk_budget_charge(spool->budget, AUK_PURPOSE_INDEXING, BLOCK_BYTES, NULL) != AUK_OK)
        above = true;
    else if (!above)
        auk_budget_release(spool->budget, AUK_PURPOSE_INDEXING, BLOCK_BYTES);
    return above;
}

static auk_code pack(auk_spool *spool, const auk_spool_block *block, auk_error *err)
{
    auk_buffer_reset(&spool->packed);
    auk_code code = auk_zstd_compress(auk_span_make(block->data, block->fill), NULL, ZSTD_LEVEL,
                                      &spool->packed, err);
    if (code == AUK_OK && (!spool->file || spool->file->size >= FILE_BYTES)) {
        pthread_mutex_lock(&spool->lock);
        leave_file(spool->file);
        pthread_mutex_unlock(&spool->lock);
        spool->file = NULL;
        code = open_file(spool, err);
    }
    return code;
}

/* Of the tail, which is full: its readers keep its memory until they are through. */
static auk_code store_block(auk_spool *spool, auk_spool_block *block, auk_error *err)
{
    auk_code code = pack(spool, block, err);
    if (code != AUK_OK)
        return code;
    assert(spool->file != NULL);
    auk_span packed = auk_buffer_span(&spool->packed);
    code = write_at(spool->file->fd, packed, spool->file->size, spool->directory, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&spool->lock);
    block->file = spool->file;
    block->offset = spool->file->size;
    block->stored_bytes = (uint32_t)packed.size;
    block->checksum = auk_crc32c(0, packed);
    spool->file->blocks++;
    spool->file->size += packed.size;
    spool->disk_bytes += packed.size;
    if (block->pins == 0)
        free_data(spool, block);
    pthread_mutex_unlock(&spool->lock);
    return AUK_OK;
}

static auk_code close_block(auk_spool *spool, auk_spool_block *block, auk_error *err)
{
    if (block->full)
        return AUK_OK;
    pthread_mutex_lock(&spool->lock);
    block->used = block->fill;
    block->full = true;
    pthread_mutex_unlock(&spool->lock);
    return block->fill > 0 && is_above_limit(spool) ? store_block(spool, block, err) : AUK_OK;
}

/* ---- appending ---- */

auk_code auk_spool_append(auk_spool *spool, auk_spool_chain *chain, const auk_spool_frame *frame,
                          auk_error *err)
{
    auk_spool_block *block = chain->tail;
    if (frame->bytes.size > FRAME_MOST)
        return auk_fail(err, AUK_TOO_LARGE, "a change of %zu bytes is more than the limit of %u",
                        frame->bytes.size, FRAME_MOST);
    uint32_t size = (uint32_t)frame->bytes.size, whole = size + HEADER_BYTES;
    if (!block || block->full || block->capacity - block->fill < whole) {
        auk_code code = block ? close_block(spool, block, err) : AUK_OK;
        if (code != AUK_OK)
            return code;
        add_block(spool, chain, whole);
        block = chain->tail;
    }
    char *at = block->data + block->fill;
    memcpy(at, &size, 4);
    memcpy(at + 4, &frame->transaction, 4);
    memcpy(at + 8, &frame->relation, 4);
    memset(at + 12, 0, 4);
    at[12] = frame->kind;
    if (size > 0)
        memcpy(at + HEADER_BYTES, frame->bytes.data, size);
    block->fill += whole;
    return AUK_OK;
}

auk_spool_place auk_spool_tail(auk_spool *spool, auk_spool_chain *chain)
{
    if (!chain->tail)
        add_block(spool, chain, 0);
    return (auk_spool_place){chain->tail, chain->tail->fill};
}

auk_code auk_spool_rest(auk_spool *spool, auk_spool_chain *chain, auk_error *err)
{
    if (!chain->tail || chain->tail->full || !is_above_limit(spool))
        return AUK_OK;
    chain->block_bytes = AUK_SPOOL_FIRST_BYTES;
    return close_block(spool, chain->tail, err);
}

/* ---- holding ---- */

void auk_spool_drop(auk_spool *spool, auk_spool_chain *chain)
{
    pthread_mutex_lock(&spool->lock);
    let_go(spool, chain->head);
    let_go(spool, chain->tail);
    pthread_mutex_unlock(&spool->lock);
    chain->head = chain->tail = NULL;
}

void auk_spool_trim(auk_spool *spool, auk_spool_chain *chain, auk_spool_place to)
{
    if (!to.block || chain->head == to.block)
        return;
    pthread_mutex_lock(&spool->lock);
    auk_spool_block *old = chain->head;
    to.block->references++;
    chain->head = to.block;
    let_go(spool, old);
    pthread_mutex_unlock(&spool->lock);
}

void auk_spool_hold(auk_spool *spool, auk_spool_place place)
{
    if (!place.block)
        return;
    pthread_mutex_lock(&spool->lock);
    place.block->references++;
    pthread_mutex_unlock(&spool->lock);
}

void auk_spool_release(auk_spool *spool, auk_spool_place place)
{
    if (!place.block)
        return;
    pthread_mutex_lock(&spool->lock);
    let_go(spool, place.block);
    pthread_mutex_unlock(&spool->lock);
}

/* ---- reading ---- */

void auk_spool_reader_init(auk_spool_reader *reader, auk_spool *spool)
{
    *reader = (auk_spool_reader){.spool = spool};
    auk_buffer_init(&reader->loaded, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&reader->stored, AUK_BUFFER_NO_LIMIT);
}

static void leave_block(auk_spool_reader *reader)
{
    auk_spool_block *block = reader->at.block;
    reader->data = NULL;
    if (!reader->pinned)
        return;
    reader->pinned = false;
    pthread_mutex_lock(&reader->spool->lock);
    if (--block->pins == 0 && block->file)
        free_data(reader->spool, block);
    pthread_mutex_unlock(&reader->spool->lock);
}

void auk_spool_reader_deinit(auk_spool_reader *reader)
{
    leave_block(reader);
    auk_buffer_deinit(&reader->loaded);
    auk_buffer_deinit(&reader->stored);
}

void auk_spool_reader_seek(auk_spool_reader *reader, auk_spool_place from, auk_spool_place end)
{
    leave_block(reader);
    reader->at = from;
    reader->end = end;
}

static auk_code load_block(auk_spool_reader *reader, const auk_spool_block *block, auk_error *err)
{
    size_t size = block->stored_bytes;
    auk_buffer_reset(&reader->stored);
    auk_buffer_reset(&reader->loaded);
    char *into = auk_buffer_reserve(&reader->stored, size);
    for (size_t done = 0; done < size;) {
        ssize_t got =
            pread(block->file->fd, into + done, size - done, (off_t)(block->offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return fail_file(err, "reading of", reader->spool->directory);
        done += (size_t)got;
    }
    if (auk_crc32c(0, auk_span_make(into, size)) != block->checksum)
        return auk_fail(err, AUK_CORRUPT, "a block of the spool \"%s\" does not read back",
                        reader->spool->directory);
    auk_code code =
        auk_zstd_decompress(auk_span_make(into, size), NULL, block->used, &reader->loaded, err);
    reader->data = reader->loaded.data;
    return code;
}

static auk_code enter_block(auk_spool_reader *reader, auk_error *err)
{
    auk_spool_block *block = reader->at.block;
    pthread_mutex_lock(&reader->spool->lock);
    reader->pinned = block->data != NULL;
    block->pins += reader->pinned;
    reader->data = block->data;
    pthread_mutex_unlock(&reader->spool->lock);
    return reader->pinned ? AUK_OK : load_block(reader, block, err);
}

/* To the block that has the next frame; *end: there is none. A block that is still appended to has
 * the end in it, which says how far; others are full since before the end was known. */
static auk_code find_frame(auk_spool_reader *reader, bool *end, auk_error *err)
{
    for (;;) {
        auk_spool_block *block = reader->at.block;
        *end = !block || (block == reader->end.block && reader->at.offset >= reader->end.offset);
        if (*end)
            return AUK_OK;
        if (!reader->data) {
            auk_code code = enter_block(reader, err);
            if (code != AUK_OK)
                return code;
        }
        reader->size = block == reader->end.block ? reader->end.offset : block->used;
        if (reader->at.offset < reader->size)
            return AUK_OK;
        leave_block(reader);
        pthread_mutex_lock(&reader->spool->lock);
        reader->at = (auk_spool_place){block->next, 0};
        pthread_mutex_unlock(&reader->spool->lock);
    }
}

auk_code auk_spool_read(auk_spool_reader *reader, auk_spool_frame *out, bool *end, auk_error *err)
{
    auk_code code = find_frame(reader, end, err);
    if (code != AUK_OK || *end)
        return code;
    const char *at = reader->data + reader->at.offset;
    uint32_t size = auk_load_u32(at), left = reader->size - reader->at.offset;
    if (left < HEADER_BYTES || left - HEADER_BYTES < size)
        return auk_fail(err, AUK_CORRUPT, "a frame of the spool is cut");
    *out = (auk_spool_frame){.transaction = auk_load_u32(at + 4),
                             .relation = auk_load_u32(at + 8),
                             .kind = at[12],
                             .bytes = auk_span_make(at + HEADER_BYTES, size)};
    reader->at.offset += HEADER_BYTES + size;
    return AUK_OK;
}

/* ---- the spool ---- */

auk_code auk_spool_open(const char *directory, uint64_t memory_bytes, auk_budget *budget,
                        auk_spool **out, auk_error *err)
{
    auk_code code = empty_directory(directory, err);
    if (code != AUK_OK)
        return code;
    auk_spool *spool = (auk_spool *)calloc(1, sizeof *spool);
    if (!spool)
        abort();
    pthread_mutex_init(&spool->lock, NULL);
    spool->memory_limit = memory_bytes;
    spool->budget = budget;
    spool->directory = strdup(directory);
    auk_buffer_init(&spool->packed, AUK_BUFFER_NO_LIMIT);
    *out = spool;
    return AUK_OK;
}

void auk_spool_close(auk_spool *spool)
{
    if (!spool)
        return;
    leave_file(spool->file);
    auk_buffer_deinit(&spool->packed);
    pthread_mutex_destroy(&spool->lock);
    free(spool->directory);
    free(spool);
}

uint64_t auk_spool_memory_bytes(auk_spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    uint64_t bytes = spool->memory_bytes;
    pthread_mutex_unlock(&spool->lock);
    return bytes;
}

uint64_t auk_spool_disk_bytes(auk_spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    uint64_t bytes = spool->disk_bytes;
    pthread_mutex_unlock(&spool->lock);
    return bytes;
}

/*
 * sst_writer.h - writes one of RocksDB's files, and leaves it in the page cache.
 *
 * The C API's writer has the kernel look through all of the file's pages after each megabyte, to
 * forget them: time that grows with the square of the file's size, for a file that the next search
 * reads.
 *
 *   Lifetime  sst_writer_open to sst_writer_close; a file that was not finished stays as it is.
 *   Threads   one at a time.
 *   Memory    RocksDB's, a few blocks.
 *   Errors    *message, which is NULL before the call: RocksDB's words, which rocksdb_free frees.
 */
#ifndef AUK_SST_WRITER_H
#define AUK_SST_WRITER_H

#include <rocksdb/c.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sst_writer sst_writer;

/* Never NULL: what fails is told, and the writer to be closed. family: copied. */
sst_writer *sst_writer_open(const rocksdb_options_t *family, const char *path, char **message);
/* Keys ascend. */
void sst_writer_put(sst_writer *writer, const void *key, size_t key_size, const void *value,
                    size_t value_size, char **message);
/* Written, synced and closed. */
void sst_writer_finish(sst_writer *writer, char **message);
void sst_writer_close(sst_writer *writer);

#ifdef __cplusplus
}
#endif

#endif

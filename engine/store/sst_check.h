/*
 * sst_check.h - is one of RocksDB's files what was written?
 *
 *   Lifetime  none.   Threads  any.   Memory  a block at a time.
 *   Errors    the answer; nothing is thrown to the caller.
 */
#ifndef AUK_SST_CHECK_H
#define AUK_SST_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define SST_MESSAGE_SIZE 256
#define SST_FAMILY_SIZE  32

#ifdef __cplusplus
extern "C" {
#endif

/* Reads every block. family: as the file says, empty for a segment's. */
bool store_sst_check(const char *path, char family[SST_FAMILY_SIZE],
                     char message[SST_MESSAGE_SIZE]);

/* Every pair that can be read: from the front up to damage, then from the end back to it. False:
 * there was damage. */
typedef void (*sst_visit)(void *context, const char *key, size_t key_size, const char *value,
                          size_t value_size);
bool store_sst_read(const char *path, sst_visit visit, void *context);

#ifdef __cplusplus
}
#endif

#endif

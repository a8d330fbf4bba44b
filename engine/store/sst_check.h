/*
 * sst_check.h - is one of RocksDB's files what was written?
 *
 *   Lifetime  none.   Threads  any.   Memory  a block at a time.
 *   Errors    the answer; nothing is thrown to the caller.
 */
#ifndef AUK_SST_CHECK_H
#define AUK_SST_CHECK_H

#include <stdbool.h>

#define SST_MESSAGE_SIZE 256
#define SST_FAMILY_SIZE  32

#ifdef __cplusplus
extern "C" {
#endif

/* Reads every block. family: as the file says, empty for a segment's. */
bool store_sst_check(const char *path, char family[SST_FAMILY_SIZE],
                     char message[SST_MESSAGE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif

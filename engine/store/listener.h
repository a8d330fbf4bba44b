/*
 * listener.h - what RocksDB tells of its own threads, which the C API does not pass on.
 *
 *   Lifetime  context outlives the options and every database opened with them.
 *   Threads   the callback runs in any thread of RocksDB's, with locks of its held: it notes, logs
 *             or ends the process, and calls nothing of the store.
 *   Memory    goes with the options.   Errors  none.
 */
#ifndef AUK_STORE_LISTENER_H
#define AUK_STORE_LISTENER_H

#include <rocksdb/c.h>

#ifdef __cplusplus
extern "C" {
#endif

/* message: as RocksDB words it, borrowed. */
typedef void (*store_on_failure)(void *context, const char *message);

/*
 * Calls back when a flush, a compaction or a write of its log failed. Also keeps RocksDB from
 * recovering from a full disk by itself: its attempt runs beside our own calls, on which its 7.8
 * ends the process by an assertion. auk_store_reopen is the way back.
 */
void store_listen(rocksdb_options_t *options, store_on_failure callback, void *context);

#ifdef __cplusplus
}
#endif

#endif

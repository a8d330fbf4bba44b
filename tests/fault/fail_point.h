/*
 * fail_point.h - which call is to fail: shared by the libraries that are preloaded.
 *
 * The environment says it all, so that the program under test knows nothing of it:
 *
 *   AUK_CALLS_KIND    write, fsync, rename, open, truncate, map, allocate
 *   AUK_CALLS_AT      the number of the call that fails, from 1; 0: none, they are only counted
 *   AUK_CALLS_ERROR   errno as a number, or "short": half of a write is done
 *   AUK_CALLS_DIR     calls on files below it count; the allocations of the whole process do
 *   AUK_CALLS_REPORT  a file that is appended to:
 *                       failed KIND PATH       the call was made to fail
 *                       synced SIZE PATH       after "failed fsync": what an earlier fsync covered
 *                       again PATH             an fsync after one that failed, of the same file;
 *                                              not of a directory: RocksDB leaves one out of
 *                                              account, for its OPTIONS file that nobody needs
 *   AUK_CALLS_FROM    "start": counts from the first; else counts when auk_calls_arm was called
 *
 *   Lifetime  the process.   Threads  any.   Memory  none from the heap.   Errors  none.
 */
#ifndef AUK_FAIL_POINT_H
#define AUK_FAIL_POINT_H

#include <stdbool.h>

typedef enum fail_kind {
    FAIL_WRITE,
    FAIL_FSYNC,
    FAIL_RENAME,
    FAIL_OPEN,
    FAIL_TRUNCATE,
    FAIL_MAP,
    FAIL_ALLOCATE,
    FAIL_KINDS
} fail_kind;

#define FAIL_SHORT (-1)

/* Counts one call. 0: let it go through; else errno, or FAIL_SHORT. */
int fail_point_pass(fail_kind kind);
bool fail_point_is_below(const char *path); /* the directory */
bool fail_point_counts(fail_kind kind);     /* is it the kind that is looked at? */
void fail_point_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For the program under test, found by dlsym: counting begins; how many there were. */
__attribute__((visibility("default"))) void auk_calls_arm(void);
__attribute__((visibility("default"))) unsigned long auk_calls_count(void);

#endif

/*
 * process.h - what this process uses, as the system counts it.
 *
 *   Threads   any.   Memory  none.   Errors  fields that cannot be read are 0.
 */
#ifndef AUK_PROCESS_H
#define AUK_PROCESS_H

#include <stdint.h>

typedef struct auk_process_stats {
    uint64_t resident_bytes;
    uint64_t anonymous_bytes; /* resident and of no file: heap and stacks */
    uint64_t virtual_bytes;
    uint64_t cpu_user_us;
    uint64_t cpu_system_us;
    uint64_t open_files;
    uint64_t open_files_limit;
    uint64_t threads;
    int64_t started_ms; /* wall clock */
} auk_process_stats;

void auk_process_read_stats(auk_process_stats *out);

/* Only the anonymous bytes, in microseconds; 0: unknown. */
uint64_t auk_process_anonymous_bytes(void);

/* Raises the soft limit of open files to the hard one; the limit then in force. */
uint64_t auk_process_raise_open_files(void);

#endif

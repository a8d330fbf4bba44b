/*
 * version_edit.h - what RocksDB's MANIFEST says: which files are alive, and from which log on.
 *
 * A MANIFEST is a log file of edits, each a row of tagged fields. Only what an inspection asks for
 * is kept. Edits of a kind that is not known here make the answer unknown, never wrong.
 *
 *   Lifetime  _init .. _deinit.   Threads  one owner.   Memory  some bytes a live file.   Errors
 * none.
 */
#ifndef AUK_VERSION_EDIT_H
#define AUK_VERSION_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

typedef struct live_file {
    uint64_t number;
    uint64_t size;
    uint32_t family; /* RocksDB's number of it */
} live_file;

typedef struct live_family {
    uint32_t number;
    bool dropped;
    uint64_t log_number; /* its memtable's first log */
    char name[16];
} live_family;

typedef struct version_state {
    bool unknown;           /* an edit could not be read */
    uint64_t last_sequence; /* all up to it is in files, or in the logs that are needed */
    uint64_t least_log;     /* whatever the families say */
    live_file *files;
    uint32_t file_count, file_capacity;
    live_family *families;
    uint32_t family_count, family_capacity;
} version_state;

void version_state_init(version_state *state);
void version_state_deinit(version_state *state);
void version_state_apply(version_state *state, auk_span edit);

/* Logs with lower numbers are no longer needed. */
uint64_t version_state_first_log(const version_state *state);
/* A log with this number or a higher one was begun. */
uint64_t version_state_last_log(const version_state *state);
const live_file *version_state_find(const version_state *state, uint64_t number); /* NULL */
const char *version_state_family(const version_state *state, uint32_t number);    /* "?" */

#endif

/*
 * row_watch.h - which rows of a table have gone since somebody began to watch. A row that is not
 * stored leaves no trace of who deleted it, so without this an older snapshot would bring it back.
 *
 *   Lifetime  _init .. _deinit; between _begin and _end, or the end of the rows watched, in a list
 *             of theirs.
 *   Threads   one at a time, the applier's.   Memory  the keys, to a million; then it is blind.
 *   Errors    none.
 */
#ifndef AUK_SYNC_ROW_WATCH_H
#define AUK_SYNC_ROW_WATCH_H

#include "key_set.h"

typedef struct auk_row_watch {
    uint32_t table;
    auk_key_set gone;
    bool is_blind; /* it may have missed some */
    struct auk_row_watch **list, *next;
} auk_row_watch;

void auk_row_watch_init(auk_row_watch *watch);
void auk_row_watch_deinit(auk_row_watch *watch); /* ended already */
void auk_row_watch_begin(auk_row_watch *watch, auk_row_watch **list, uint32_t table);
void auk_row_watch_end(auk_row_watch *watch);

/* The row of that key (whole) goes. */
void auk_row_watch_note(auk_row_watch *list, uint32_t table, auk_span key);
/* The rows end before the watches do. */
void auk_row_watch_break(auk_row_watch *list);

#endif

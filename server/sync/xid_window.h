/*
 * xid_window.h - which transactions we have applied, of the last eight million.
 *
 * A slot delivers a commit when it is in the log; the server shows it later (with a synchronous
 * standby that is away: at any time). A snapshot taken meanwhile says "in progress" of a
 * transaction whose rows we have: what it reads is older than what we hold, and proves nothing.
 *
 *   Lifetime  _create .. _destroy. A restart knows only of the last one, and doubts the others.
 *   Threads   one notes; others ask.   Memory  1 MiB.   Errors  none.
 */
#ifndef AUK_SYNC_XID_WINDOW_H
#define AUK_SYNC_XID_WINDOW_H

#include "visibility.h"

typedef struct auk_xid_window auk_xid_window;

auk_xid_window *auk_xid_window_create(void);
void auk_xid_window_destroy(auk_xid_window *window); /* NULL is fine */

/* Before its rows can be met. xid 0 is none. */
void auk_xid_window_note(auk_xid_window *window, uint32_t xid);
/* An earlier life may have applied transactions that began below `xmax`, of a snapshot taken in
 * this one, and are not noted: those that are still in progress are taken for such. */
void auk_xid_window_doubt(auk_xid_window *window, uint64_t xmax);
/* None is late for sure. */
void auk_xid_window_clear(auk_xid_window *window);
/* Whose transactions they are: another server counts anew. */
void auk_xid_window_serve(auk_xid_window *window, uint64_t system_id, uint32_t timeline);
/* A moment, for later. */
typedef struct auk_xid_mark {
    uint64_t noted; /* so far */
    uint32_t newest;
} auk_xid_mark;
auk_xid_mark auk_xid_window_mark(const auk_xid_window *window);
/* Does a snapshot, taken after the mark, see every transaction that was noted before it? False also
 * when too much was noted since to tell. */
bool auk_xid_window_is_seen_since(const auk_xid_window *window, const auk_pg_snapshot *snapshot,
                                  auk_xid_mark mark);
/* Does a snapshot, taken just now, see every transaction that was noted? */
bool auk_xid_window_is_seen(const auk_xid_window *window, const auk_pg_snapshot *snapshot);

#endif

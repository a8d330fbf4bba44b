/*
 * table_watch.h - what the source's catalog says of followed tables beside their columns: whether
 * they are there, under whose name, which files hold their rows, and how they are published.
 *
 * DDL writes no rows into the log, so what a partition brings or takes, a rewrite changes, or a
 * publication left out for a while is not told; but these answers differ afterwards.
 *
 *   Lifetime  the arena's.   Threads  those of the connection.   Memory  some bytes a table.
 *   Errors    of the connection.
 */
#ifndef AUK_SYNC_TABLE_WATCH_H
#define AUK_SYNC_TABLE_WATCH_H

#include "publication.h"

typedef struct auk_table_watch {
    bool exists;
    uint32_t named;     /* OID of the table that has the configured name now; 0: none has */
    uint64_t heaps;     /* of OIDs and file numbers of what holds its rows */
    bool is_published;  /* under its own name */
    bool is_partial;    /* the publication leaves out rows or columns */
    uint64_t published; /* of what names it in the publication: another one after each change */
} auk_table_watch;

typedef struct auk_watch {
    auk_publication_state publication;
    uint64_t xmin, xmax;     /* of a snapshot taken just now */
    auk_table_watch *tables; /* one each that was asked for */
} auk_watch;

AUK_MUST_CHECK auk_code auk_watch_read(auk_pg *pg, auk_span publication,
                                       const auk_known_table *known, uint32_t count,
                                       auk_arena *arena, auk_watch *out, auk_error *err);
/* As in `heaps`, of what was read of a table before. */
uint64_t auk_watch_hash_heaps(const auk_source_table *table);

#endif

/*
 * publication.h - what of a database is told to us: made where the rights allow, and looked at.
 *
 *   Lifetime  texts in the arena.   Threads  those of the connection.   Memory  the arena.
 *   Errors    of the connection.
 */
#ifndef AUK_SYNC_PUBLICATION_H
#define AUK_SYNC_PUBLICATION_H

#include "tables.h"

typedef struct auk_publication_state {
    bool exists;
    bool is_whole;    /* all kinds of changes */
    bool via_root;    /* partitions under the name of their root */
    bool may_alter;   /* by us */
    uint64_t written; /* by which transaction */
} auk_publication_state;
AUK_MUST_CHECK auk_code auk_publication_read(auk_pg *pg, auk_span name, auk_publication_state *out,
                                             auk_error *err);
/* The tables that it lacks, as SQL names with a comma between; empty: none. */
AUK_MUST_CHECK auk_code auk_publication_list_missing(auk_pg *pg, const auk_sync_config *config,
                                                     const auk_source_tables *tables,
                                                     auk_arena *arena, auk_span *out,
                                                     auk_error *err);
AUK_MUST_CHECK auk_code auk_publication_may_create(auk_pg *pg, const auk_source_tables *tables,
                                                   auk_arena *arena, bool *out, auk_error *err);
/* Makes the publication, or adds the tables that it lacks. */
AUK_MUST_CHECK auk_code auk_publication_ensure(auk_pg *pg, const auk_sync_config *config,
                                               const auk_source_tables *tables, auk_arena *arena,
                                               auk_error *err);

/* What makes and mends it. */
auk_span auk_publication_sql_create(const auk_sync_config *config, const auk_source_tables *tables,
                                    auk_arena *arena);
auk_span auk_publication_sql_add(const auk_sync_config *config, auk_span tables, auk_arena *arena);
auk_span auk_publication_sql_whole(const auk_sync_config *config, auk_arena *arena);
auk_span auk_publication_sql_via_root(const auk_sync_config *config, auk_arena *arena);

#endif

/*
 * tables.h - what the source's own catalog says of the tables that a configuration names.
 *
 * A table has heaps: itself, or the leaves of its partitions. They are what a snapshot reads, and a
 * heap whose file number changed was rewritten.
 *
 *   Lifetime  everything in the arena given.   Threads  those of the connection.
 *   Memory    some hundred bytes a column.
 *   Errors    AUK_NOT_FOUND: a table or column that is named is not there, with the nearest one.
 */
#ifndef AUK_SYNC_TABLES_H
#define AUK_SYNC_TABLES_H

#include "applier.h"
#include "pg.h"

typedef struct auk_heap {
    uint32_t id;       /* OID */
    uint32_t filenode; /* of its file as it is now */
    auk_span schema, name;
    uint64_t blocks;
    uint64_t rows; /* estimated */
} auk_heap;

typedef struct auk_source_table {
    auk_sync_table_name
        now;         /* what it is called on the server; `table` has the configuration's name */
    auk_table table; /* as the applier wants it; generated columns are left out, as on the wire */
    char kind;       /* 'r', 'p' partitioned */
    char identity;   /* 'd', 'n', 'f', 'i' */
    bool has_primary_key;
    bool key_is_primary; /* else: of the index that is the replica identity */
    const auk_heap *heaps;
    uint32_t heap_count;
    uint64_t rows;  /* estimated, of all heaps */
    uint64_t shape; /* hash of names, numbers, types and key: has it changed? */
} auk_source_table;

typedef struct auk_source_tables {
    auk_source_table *items;
    uint32_t count;
} auk_source_tables;

typedef enum auk_table_trouble {
    AUK_TABLE_FINE,
    AUK_TABLE_GONE,        /* dropped: its documents stay as they were */
    AUK_TABLE_UNPUBLISHED, /* the publication does not have it (any more) */
    AUK_TABLE_PARTIAL,     /* the publication leaves out rows, columns or kinds of changes */
    AUK_TABLE_KEYLESS,     /* it had a key */
} auk_table_trouble;

/* A table that was followed before: it keeps its OID through all renaming. */
typedef struct auk_known_table {
    auk_span schema, name; /* as the configuration calls it */
    uint32_t id;
    uint64_t heaps, published; /* as last seen (table_watch.h); 0: not yet */
    uint32_t owed;             /* times that its rows are to be compared; 0: they are not */
    /* not in the record */
    uint64_t owed_after; /* when all transactions below this one have ended; 0: not known */
    bool is_compared;    /* a task does it */
    auk_table_trouble trouble;
} auk_known_table;

/* include and exclude patterns become documents, templates of index names become names. The
 * result borrows from `config`. A table that is known by another name is none that is new. */
AUK_MUST_CHECK auk_code auk_tables_expand(auk_pg *pg, const auk_sync_config *config,
                                          const auk_known_table *known, uint32_t known_count,
                                          auk_arena *arena, auk_sync_config **out, auk_error *err);
/* Every table of an expanded configuration, once. With tables that are known already one that is
 * not there any more is left out, else it is an error. */
AUK_MUST_CHECK auk_code auk_tables_read(auk_pg *pg, const auk_sync_config *config,
                                        const auk_known_table *known, uint32_t known_count,
                                        auk_arena *arena, auk_source_tables *out, auk_error *err);
/* The names of all tables that it names, once each. */
uint32_t auk_tables_list(const auk_sync_config *config, auk_arena *arena,
                         const auk_sync_table_name **out);

AUK_MUST_CHECK auk_code auk_table_read(auk_pg *pg, const auk_sync_table_name *name,
                                       auk_arena *arena, auk_source_table *out, bool *found,
                                       auk_error *err);
AUK_MUST_CHECK auk_code auk_table_read_id(auk_pg *pg, uint32_t id, auk_arena *arena,
                                          auk_source_table *out, bool *found, auk_error *err);
const auk_source_table *auk_tables_find(const auk_source_tables *tables, uint32_t id);
/* "schema"."name" */
auk_span auk_table_sql(auk_span schema, auk_span name, auk_arena *arena);

#endif

/*
 * config.h - what a source is told to follow: PUT /_sync/{source}, read, checked, and in a tree of
 * plain structs.
 *
 *   Lifetime  in the arena given to _parse, spans copied.   Threads  immutable.
 *   Memory    the arena.   Errors  AUK_INVALID, naming the member and, where one is near, what was
 *   meant.
 */
#ifndef AUK_SYNC_CONFIG_H
#define AUK_SYNC_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/json.h"
#include "auk/span.h"

#define AUK_SYNC_NODES_MOST 64 /* of one document's tree */
#define AUK_SYNC_KEY_MOST   8  /* columns of an edge */

typedef enum auk_sync_shape { AUK_SYNC_OBJECT, AUK_SYNC_ARRAY, AUK_SYNC_SCALAR } auk_sync_shape;

/* parent's columns -> child's (or, with `through`, the through-table's), pairwise. */
typedef struct auk_sync_on {
    auk_span from[AUK_SYNC_KEY_MOST], to[AUK_SYNC_KEY_MOST];
    uint32_t count;
} auk_sync_on;

typedef struct auk_sync_table_name {
    auk_span schema, name; /* schema: "public" when absent */
} auk_sync_table_name;

typedef struct auk_sync_column {
    auk_span column;
    auk_span as;       /* the field, dotted; the column's name when not renamed */
    auk_span constant; /* JSON; a field without a column */
    auk_span convert;  /* "", "lowercase", "split:,", "json", "string", "number", "drop" */
} auk_sync_column;

typedef struct auk_sync_node auk_sync_node;
struct auk_sync_node {
    auk_sync_table_name table;
    bool all_columns;               /* "*": what the table has, now and later */
    const auk_sync_column *columns; /* named ones; with all_columns: the exceptions and renames */
    uint32_t column_count;
    auk_span filter; /* a predicate on the row (predicate.h); empty: all rows */

    /* below the root */
    auk_span as;
    auk_sync_shape shape;
    auk_span scalar; /* the column, of shape scalar: a list of its values without `order` limit 1 */
    bool has_through;
    auk_sync_table_name through;
    auk_sync_on on;         /* parent -> child, or parent -> through */
    auk_sync_on through_to; /* through -> child */
    auk_span order;         /* column of an array; empty: by primary key */
    bool descending;
    uint32_t limit; /* 0: all */

    const auk_sync_node *children;
    uint32_t child_count;
    uint32_t number; /* in the document's tree, root 0, preorder */
};

typedef enum auk_sync_keyless {
    AUK_SYNC_KEYLESS_REFUSE,
    AUK_SYNC_KEYLESS_INSERT_ONLY
} auk_sync_keyless;

/* One kind of documents. Entries made by include/exclude patterns are expanded by the source, one a
 * table. */
typedef struct auk_sync_document {
    auk_span index;      /* a template: "{schema}_{table}", else a name; what clients call it */
    auk_span id;         /* a template of columns: "{id}"; empty: the key, joined by ':' */
    auk_span routing;    /* a template; empty: none */
    auk_span deleted_if; /* predicate: the row counts as deleted; empty: none */
    auk_span mappings;   /* JSON laid over what the columns give; empty: none */
    auk_span settings;   /* JSON of the index; empty: none */
    const auk_span *local_fields; /* that clients may update by the API */
    uint32_t local_field_count;
    auk_sync_keyless keyless;
    auk_sync_node root;
    uint32_t node_count;
} auk_sync_document;

typedef enum auk_sync_ack { AUK_SYNC_ACK_APPLIED, AUK_SYNC_ACK_SPOOLED } auk_sync_ack;

typedef struct auk_sync_config {
    auk_span name;
    auk_span
        connection; /* conninfo or URL, without a password when it came by file or environment */
    auk_span password_file, password_env, sslmode, sslrootcert;
    auk_span slot, publication;        /* default "auk_<name>" */
    const auk_span *include, *exclude; /* patterns of schema.table; with index template `index` */
    uint32_t include_count, exclude_count;
    auk_span index; /* the template for included tables: default "{table}" */
    const auk_sync_document *documents;
    uint32_t document_count;
    auk_sync_ack ack;
    uint64_t spool_memory_bytes; /* default 8 MB */
    uint64_t spool_limit_bytes;  /* on disk; default 16 GB */
    bool drops_slot;             /* beyond the budget; default not */
    uint64_t wal_budget_bytes; /* what the slot may hold back before we act; 0: by safe_wal_size */
    uint32_t snapshot_workers; /* default 2 */
    uint64_t max_rows_per_second; /* of the snapshot; 0: no limit */
    uint32_t dead_letters_most;   /* default 10000; beyond it the source pauses */
    uint32_t publish_ms;          /* a group of transactions waits at most so long; default 50 */
    uint32_t catalog_ms; /* how often it is looked whether tables changed unseen; default 10000 */
    double verify_rows_per_second; /* continuous verification; 0: off */
    uint32_t verify_ms;            /* between two rounds of it; default 60000 */
    bool verify_repair;            /* default true; else it only lists */
} auk_sync_config;

/* body: the JSON of PUT /_sync/{name}. */
AUK_MUST_CHECK auk_code auk_sync_config_parse(auk_span name, const auk_json *body, auk_arena *arena,
                                              auk_sync_config **out, auk_error *err);
/* As it was given, without secrets: a password in `connection` is left out. */
void auk_sync_config_write(const auk_sync_config *config, auk_json_writer *out);

#endif

/*
 * applier_support.h - an applier over hand-made transactions, beside a naive model of the same
 * tables: what the model joins after a transaction is what the index must show.
 *
 *     world_begin, world_insert | _update | _delete | _truncate ..., world_commit --> applier
 *
 * It stands in for the stream: this file defines the calls of auk_transaction.
 */
#ifndef AUK_APPLIER_SUPPORT_H
#define AUK_APPLIER_SUPPORT_H

#include "catalog_support.h"

#include "applier.h"

enum { MAKER, COUNTRY, PRODUCT, REVIEW, TAG, PRODUCT_TAG, TABLE_COUNT };

#define WORLD_COLUMNS   7
#define WORLD_ROWS_MOST 4096

typedef struct world_table {
    const char *name;
    uint32_t id;
    uint32_t column_count;
    const char *columns[WORLD_COLUMNS];
    uint32_t types[WORLD_COLUMNS];
    uint32_t key_count;
    uint16_t key[2];
} world_table;
extern const world_table world_tables[TABLE_COUNT];

typedef struct world_row {
    char *values[WORLD_COLUMNS]; /* NULL: null */
    uint32_t place;              /* in the heap: a change may move the row */
} world_row;

typedef struct world {
    support_catalog at;
    auk_pg_types *types;
    auk_applier *applier;
    auk_arena *config_arena;
    auk_sync_config *config;
    uint32_t group_changes_most, step_roots_most;
    bool relations_are_full;

    world_row *rows[TABLE_COUNT]; /* in no order */
    uint32_t counts[TABLE_COUNT];
    auk_transaction *transaction; /* under way */
    auk_lsn lsn;                  /* end of the last one */
    uint32_t xid, moves;
} world;

/* config NULL: the tree of all tables. Indices are made and owned. */
void world_open(world *w, char *directory, const char *config);
void world_close(world *w);
void world_reopen(world *w);
/* Tells the applier of all tables, again. */
void world_describe(world *w);
/* Everything of the naive model. */
void world_forget(world *w);

void world_begin(world *w);
/* Texts as many as the table has columns; NULL: null. */
void world_insert(world *w, int table, const char *const *values);
/* unchanged: bits of columns that are not sent. The row is found by its key as it was. */
void world_update(world *w, int table, uint32_t row, const char *const *values, uint32_t unchanged);
void world_delete(world *w, int table, uint32_t row);
void world_truncate(world *w, int table);
/* Nothing happens in the model: as if the slot had sent it. */
void world_send(world *w, auk_row_change_kind kind, int table, const char *const *before,
                const char *const *after, uint32_t unchanged);
/* Takes the transaction; it is not published. */
auk_code world_commit(world *w, auk_error *err);
auk_lsn world_next_lsn(const world *w);
void world_publish(world *w);

/* Fails unless the documents of all roots are what a naive join makes of the model. */
void world_check(world *w);
uint64_t world_count_stored(world *w, int table);
/* "products", "makers", "reviews" */
char *world_expected(world *w, int document, uint32_t row); /* heap; NULL: there is none */

int world_find(const world *w, int table, const char *key); /* by its first column; -1 */

/* A chunk: the model's rows whose place is `part` of `parts`, as a snapshot with these xids would
 * see them (in_progress: one, or NULL). */
typedef struct world_chunk {
    int table;
    uint32_t part, parts;
    uint64_t number, xmin, xmax;
    const uint64_t *in_progress;
    auk_lsn high;
} world_chunk;
void world_load(world *w, const world_chunk *chunk);

/* Called for each change that the applier asks for, NULL: nothing. */
extern void (*world_on_change)(void *context);
extern void *world_on_change_context;

#endif

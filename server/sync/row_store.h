/*
 * row_store.h - rows of the tables that documents are made of, by key and by the columns that join
 * them, with the changes of a group laid over what is stored.
 *
 *     _touch --> _set | _remove      the group: an entry a row, its state before and after
 *     _get, _each                    what is stored, with the group over it
 *     _describe --> _reset           the group into a batch; forgotten once that is written
 *
 * An edge is stored from the columns of a row to its key. It may outlive the row's values (rows
 * written without a look at what was there), so what it leads to is compared before it is answered.
 *
 *   Lifetime  rows and keys answered live until the next call that changes the group, those handed
 *             to a visitor until it returns. Tables are the caller's, and outlive the group.
 *   Threads   one at a time. _write_row by several, each with a batch of its own.
 *   Memory    the group's: _group_bytes.
 *   Errors    AUK_CORRUPT, and of the store.
 */
#ifndef AUK_SYNC_ROW_STORE_H
#define AUK_SYNC_ROW_STORE_H

#include "auk/store.h"
#include "chunks.h"
#include "config.h"
#include "row.h"
#include "row_watch.h"

/* Rows that share the values of these columns. */
typedef struct auk_row_index {
    uint16_t positions[AUK_SYNC_KEY_MOST];
    uint32_t count;
} auk_row_index;

typedef struct auk_row_table {
    uint32_t id; /* OID */
    auk_span schema, name;
    const auk_table_column *columns; /* ascending by number */
    uint32_t column_count;
    const uint16_t *key; /* positions */
    uint32_t key_count;
    const bool *needed;
    const auk_row_index *indexes;
    uint32_t index_count;
} auk_row_table;

/* How to find rows by values: over the key when the columns are the key's, else over an index. */
typedef struct auk_row_lookup {
    const auk_row_table *table;
    uint16_t positions[AUK_SYNC_KEY_MOST];
    uint32_t count;
    bool by_key;
    uint8_t of_key[AUK_SYNC_KEY_MOST]; /* by_key: the key's i-th column is the of_key[i]-th value */
} auk_row_lookup;

/* A row that the group changes. before, after: encoded (row.h); no data: there is none. */
typedef struct auk_row_entry {
    const auk_row_table *table;
    auk_span key; /* whole */
    uint64_t hash;
    auk_span before, after;
    bool is_blind; /* before was not looked at */
    bool is_born;  /* the group's first change of it was an insert: there was none */
    char op;       /* of its last change: 'i', 'u', 'd', 't' */
    uint32_t xid;
    struct auk_row_place *places; /* where the group's edges name it */
} auk_row_entry;

typedef struct auk_rows auk_rows;

auk_rows *auk_rows_create(auk_store *store, uint64_t source, auk_chunks *chunks);
void auk_rows_destroy(auk_rows *rows); /* NULL is fine */
auk_chunks *auk_rows_chunks(const auk_rows *rows);
auk_row_watch **auk_rows_watches(auk_rows *rows);

/* The key of a row with these values; false: one of them is null or unknown. */
bool auk_rows_key(const auk_rows *rows, const auk_row_table *table, const auk_datum *values,
                  auk_buffer *key);
/* The key of what a lookup over the key finds; values as many as it has. */
bool auk_rows_lookup_key(const auk_rows *rows, const auk_row_lookup *lookup,
                         const auk_datum *values, auk_buffer *key);

/* ---- reading ---- */

AUK_MUST_CHECK auk_code auk_rows_get(auk_rows *rows, const auk_row_table *table, auk_span key,
                                     auk_arena *arena, auk_row *out, bool *found, auk_error *err);

typedef auk_code (*auk_row_visitor)(void *context, auk_span key, const auk_row *row,
                                    auk_error *err);
/* Every row whose columns have these values (nulls equal nothing). Visitors may ask again.
 */
AUK_MUST_CHECK auk_code auk_rows_each(auk_rows *rows, const auk_row_lookup *lookup,
                                      const auk_datum *values, auk_row_visitor visit, void *context,
                                      auk_error *err);

/* ---- the group ---- */

/* The entry of the row, made when there is none. blind: what is stored does not matter, because the
 * table has no indexes. */
AUK_MUST_CHECK auk_code auk_rows_touch(auk_rows *rows, const auk_row_table *table, auk_span key,
                                       bool blind, auk_row_entry **out, auk_error *err);
void auk_rows_set(auk_rows *rows, auk_row_entry *entry, const auk_row_writer *writer,
                  const auk_datum *values);
void auk_rows_remove(auk_row_entry *entry);
AUK_MUST_CHECK auk_code auk_rows_read(const auk_row_entry *entry, bool after, auk_arena *arena,
                                      auk_row *out, bool *found, auk_error *err);

uint32_t auk_rows_entry_count(const auk_rows *rows);
auk_row_entry *auk_rows_entry(const auk_rows *rows, uint32_t number); /* in the order of touching */
size_t auk_rows_group_bytes(const auk_rows *rows);

AUK_MUST_CHECK auk_code auk_rows_describe(auk_rows *rows, auk_batch *batch, auk_error *err);
void auk_rows_reset(auk_rows *rows);
/* Tables were described anew while a group waits: its entries move to the tables that `find`
 * answers for an OID; those without one go. */
AUK_MUST_CHECK auk_code auk_rows_rebind(auk_rows *rows,
                                        const auk_row_table *(*find)(void *context, uint32_t id),
                                        void *context, auk_error *err);

/* ---- without a group ---- */

/* Puts one row with its edges, whatever was there before. */
void auk_rows_write_row(const auk_rows *rows, const auk_row_table *table, auk_span key,
                        const auk_row_writer *writer, const auk_datum *values, auk_batch *batch);

/* Deletes a row that is stored, with its edges. */
AUK_MUST_CHECK auk_code auk_rows_describe_gone(auk_rows *rows, const auk_row_table *table,
                                               auk_span key, auk_span value, auk_batch *batch,
                                               auk_error *err);

/* [from, to) of all rows of a table. */
void auk_rows_range(const auk_rows *rows, uint32_t table, auk_buffer *from, auk_buffer *to);

#endif

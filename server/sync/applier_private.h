/*
 * applier_private.h - the one struct behind applier.h, shared by the files applier_*.c.
 *
 *     applier.c          open, tables, indices         applier_record.c   what is kept on disk
 *     applier_take.c     transactions                  applier_change.c   their rows
 *     applier_dirty.c    roots that rows touch         applier_item.c     documents as writes
 *     applier_publish.c  groups, passes, waves         applier_load.c     chunks, and after the
 * last applier_reread.c   values that were not sent     applier_dead.c     dead letters
 *     applier_verify.c   sums of rows                  applier_local.c    what clients wrote
 *     applier_tables.c   counts by table
 *
 * A whole is what readers may see only at once: one group of transactions. Mostly it is one step.
 * When it is too large, it goes on in steps that are durable and unseen:
 *
 *     NONE --slice--> ROWS --slice--> ROWS ... --last rows--> WAVE --documents--> WAVE ... --> NONE
 *       \______________ a group that fits: one step ______________________________________/
 *
 *   NONE  what is applied is what is shown.
 *   ROWS  rows of the transaction that ends at `whole.end` are stored up to its change `done`; the
 *         roots they touch are PENDING keys (those without children: written).
 *   WAVE  all rows are stored; PENDING roots are built in passes, the last of which is shown and
 *         moves the position.
 *
 * After a crash in ROWS or WAVE the indices are hidden until the whole is through; in the process
 * that began it they go on showing what was before, whatever becomes of the connection.
 * Transactions that end before `whole.end` are contained; the one that ends there goes on behind
 * `done`.
 */
#ifndef AUK_SYNC_APPLIER_PRIVATE_H
#define AUK_SYNC_APPLIER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "applier.h"
#include "auk/publication.h"
#include "document.h"
#include "key_set.h"
#include "row_key.h"
#include "row_store.h"
#include "tree.h"

#define AUK_GROUP_CHANGES_MOST 20000
#define AUK_GROUP_BYTES_MOST   ((size_t)12 << 20)
#define AUK_STEP_BYTES_MOST    ((size_t)16 << 20) /* of documents */
#define AUK_STEP_ROOTS_MOST    20000
#define AUK_DIRTY_BYTES_MOST   ((size_t)4 << 20)

/* Of a whole that takes several steps: what one of them holds, whatever the whole's size. */
#define AUK_SLICE_CHANGES_MOST  2000
#define AUK_SLICE_BYTES_MOST    ((size_t)1 << 20)
#define AUK_SLICE_ROOTS_MOST    2000
#define AUK_SLICE_STEP_BYTES    ((size_t)2 << 20) /* of documents */
#define AUK_SLICE_MEMTABLE_MOST ((uint64_t)10 << 20)
#define AUK_SLICES_A_TRIM       1

typedef enum auk_whole_phase { AUK_WHOLE_NONE, AUK_WHOLE_ROWS, AUK_WHOLE_WAVE } auk_whole_phase;

typedef struct auk_whole {
    auk_whole_phase phase;
    uint64_t done; /* changes of its last transaction whose rows are stored */
    auk_sync_position to;
} auk_whole;

/* What changed of a table: counted atomically, and there until the applier is closed. */
typedef struct auk_table_count {
    struct auk_table_count *next;
    auk_span schema, name; /* one heap block */
    uint64_t counts[AUK_TABLE_CHANGES];
} auk_table_count;

/* Where the columns of a relation stand in the table; -1: nowhere. */
typedef struct auk_relation_map {
    uint32_t relation, version;
    uint32_t column_count;
    auk_model_table *table; /* NULL: no document needs it */
    int32_t *positions;     /* heap */
    auk_table_count *count; /* where there is a table */
} auk_relation_map;

/* The target of one document kind. */
typedef struct auk_target {
    char *name; /* concrete index; NULL: not set */
    size_t name_size;
} auk_target;

/* One write of a step, and what is noted when it went well. */
typedef struct auk_item {
    const auk_tree *tree;
    auk_span root; /* values of the root's key */
    bool forgets;  /* the WRITTEN record goes */
    bool notes;    /* a WRITTEN record is put: hash, id, routing */
    bool replaces; /* what was written before is deleted by another item */
    uint64_t hash;
    auk_span id, routing;
    auk_span source; /* padded; no data: a delete */
    uint32_t xid;
    char op;
    uint32_t write;           /* number of its write */
    const auk_error *refused; /* why there is no write; NULL: there is one, if any is needed */
    bool is_clean;            /* no write is needed, and nothing is wrong any more */
    auk_local local;          /* what clients wrote to it */
    struct auk_item *next;
} auk_item;

/* A step under way. */
typedef struct auk_step {
    auk_arena *arena;
    auk_item *items;   /* linked, last first */
    auk_write *writes; /* deletes first, then the others: a name may pass from one to another */
    auk_written *written;
    uint32_t write_count, delete_count, index_count;
    size_t bytes; /* of documents */
    uint64_t unchanged;
} auk_step;

struct auk_applier {
    auk_applier_options options;
    const auk_sync_config *config;
    auk_store *store;
    uint64_t source;
    auk_span owner;    /* "sync:<name>", heap */
    auk_table *tables; /* described; each in an arena of its own */
    auk_arena **table_arenas;
    uint32_t table_count;
    auk_arena *model_arena;
    auk_model *model;
    auk_relation_map *maps;
    uint32_t map_count;
    auk_target *targets; /* one a document */
    auk_chunks *chunks;
    auk_rows *rows;

    /* what is durable */
    auk_sync_position position;
    auk_whole whole;
    atomic_bool is_uncertain; /* a step failed on a full disk: it may be in the store, or not */
    bool went_on;             /* with a whole that an applier before it began */

    /* the group: transactions taken and not yet published */
    bool has_group;
    bool has_changes;
    auk_sync_position group;
    uint64_t group_changes;
    int64_t *commits; /* when each was committed */
    uint32_t commit_count, commit_capacity;
    auk_key_set dirty;  /* document be32, values of the root's key */
    bool dirty_spilled; /* some of them are PENDING keys already */
    /* of the transaction under way */
    auk_sync_position taking; /* applied 0: none; else a take that failed, to be gone on with */
    uint64_t taking_done;
    auk_lsn taking_commit;
    uint32_t frugal_steps;
    bool taking_slices; /* it is too large for a group: small steps from the first on */

    auk_arena *arena;   /* of one change */
    auk_arena *scratch; /* of one document */
    auk_buffer key, text, json;

    auk_key_set rereads;     /* table be32, values of the key; number: xid */
    auk_key_set reread_gone; /* to be deleted in the next batch */
    auk_key_set reread_new;  /* to be put in the next batch */
    auk_key_set dead;        /* document be32, values of the root's key */

    pthread_mutex_t publish_lock; /* one step at a time; chunks are loaded by several */
    pthread_mutex_t lock;         /* stats, dead, the list of counts */
    auk_applier_stats stats;
    auk_table_count *table_counts;
};

#define AUK_APPLIER_COUNT(applier, field, by)                                                      \
    ((void)__atomic_fetch_add(&(applier)->stats.field, (uint64_t)(by), __ATOMIC_RELAXED))

/* ---- applier.c ---- */

/* The map of a relation, made or made anew. *out NULL: no document needs its rows. */
AUK_MUST_CHECK auk_code auk_applier_map(auk_applier *applier, const auk_relation *relation,
                                        const auk_relation_map **out, auk_error *err);
auk_span auk_applier_target(const auk_applier *applier, const auk_tree *tree);

/* ---- applier_tables.c ---- */

/* In the thread that takes changes. */
auk_table_count *auk_applier_count_of(auk_applier *applier, const auk_row_table *table);
void auk_applier_forget_counts(auk_applier *applier);

/* ---- applier_record.c ---- */

AUK_MUST_CHECK auk_code auk_applier_load_records(auk_applier *applier, auk_error *err);
void auk_applier_put_position(const auk_applier *applier, const auk_sync_position *position,
                              const auk_whole *whole, auk_batch *batch);

typedef struct auk_written_record {
    uint64_t hash;
    auk_span id, routing;
} auk_written_record;
void auk_applier_put_written(const auk_applier *applier, uint32_t document, auk_span root,
                             const auk_written_record *record, auk_batch *batch);
void auk_applier_delete_written(const auk_applier *applier, uint32_t document, auk_span root,
                                auk_batch *batch);
AUK_MUST_CHECK auk_code auk_applier_get_written(auk_applier *applier, uint32_t document,
                                                auk_span root, auk_arena *arena,
                                                auk_written_record *out, bool *found,
                                                auk_error *err);
/* A key of a document's root: kind, document, values. */
void auk_applier_root_key(const auk_applier *applier, auk_key_kind kind, uint32_t document,
                          auk_span root, auk_buffer *key);

/* ---- applier_change.c ---- */

/* Texts of all needed columns of a tuple, by position of the table; in the arena. */
AUK_MUST_CHECK auk_code auk_applier_values(auk_applier *applier, const auk_relation_map *map,
                                           const auk_relation *relation, const auk_tuple *tuple,
                                           auk_arena *arena, auk_datum **out, auk_error *err);
AUK_MUST_CHECK auk_code auk_applier_change(auk_applier *applier, const auk_row_change *change,
                                           uint64_t ordinal, auk_error *err);
/* Removes up to `most` rows of the table, in the group. *left: there are more. */
AUK_MUST_CHECK auk_code auk_applier_truncate(auk_applier *applier, auk_model_table *table,
                                             uint32_t most, bool *left, auk_error *err);

/* ---- applier_dirty.c ---- */

/* Roots that the group's entries touch go to `dirty`, past its bytes to PENDING keys. */
AUK_MUST_CHECK auk_code auk_applier_collect(auk_applier *applier, auk_error *err);
AUK_MUST_CHECK auk_code auk_applier_spill_dirty(auk_applier *applier, auk_error *err);

/* ---- applier_item.c ---- */

void auk_step_init(auk_step *step);
void auk_step_deinit(auk_step *step);
/* The document of one root as it is now. */
AUK_MUST_CHECK auk_code auk_step_add_root(auk_applier *applier, auk_step *step,
                                          const auk_tree *tree, auk_span root, bool always,
                                          auk_error *err);
/* Documents of entries of tables whose roots have no children. */
AUK_MUST_CHECK auk_code auk_step_add_plain(auk_applier *applier, auk_step *step, auk_error *err);
/* A row that a chunk brings; `scratch` of the thread. */
AUK_MUST_CHECK auk_code auk_step_add_row(auk_applier *applier, auk_step *step, const auk_tree *tree,
                                         auk_span key, const auk_row *row,
                                         auk_document_builder *builder, auk_error *err);
AUK_MUST_CHECK auk_code auk_step_finish(auk_applier *applier, auk_step *step,
                                        auk_error *err); /* makes the writes */
/* After the outcomes are known: records and dead letters; then what is kept in memory of them. */
void auk_step_describe(auk_applier *applier, auk_step *step, auk_batch *batch);
void auk_step_settle(auk_applier *applier, auk_step *step);

/* ---- applier_local.c ---- */

AUK_MUST_CHECK auk_code auk_step_lay_locals(auk_applier *applier, auk_step *step, auk_error *err);
void auk_step_describe_locals(auk_applier *applier, const auk_step *step, auk_batch *batch);

/* ---- applier_publish.c ---- */

/* One step of the catalog. more: for the batch. */
typedef struct auk_step_plan {
    auk_step *step;
    bool visible;
    bool shows_all; /* when visible: all indices, for steps before this one wrote to them */
    bool frugal;    /* one of several of a whole */
    void (*describe)(void *context, auk_batch *batch);
    void *context;
} auk_step_plan;
AUK_MUST_CHECK auk_code auk_applier_run_step(auk_applier *applier, const auk_step_plan *plan,
                                             auk_error *err);
/* Stores the rows of the group unseen, and that `done` changes of the transaction are. */
AUK_MUST_CHECK auk_code auk_applier_slice(auk_applier *applier, uint64_t done, auk_error *err);
AUK_MUST_CHECK auk_code auk_applier_run_wave(auk_applier *applier, auk_error *err);
/* The concrete indices of all documents; counted, in the arena. */
uint32_t auk_applier_list_indices(auk_applier *applier, auk_arena *arena, auk_index ***out);
void auk_applier_release_indices(auk_index **indices, uint32_t count);
bool auk_applier_is_full(const auk_applier *applier);

/* ---- applier_reread.c, applier_dead.c ---- */

/* applier->key becomes that of the row; false: it is no key. */
bool auk_applier_row_key(auk_applier *applier, const auk_row_table *table, const auk_span *key,
                         uint32_t count);
void auk_applier_note_unknown(auk_applier *applier, auk_span key, bool unknown, uint32_t xid);
void auk_applier_describe_rereads(auk_applier *applier, auk_batch *batch);
void auk_applier_settle_rereads(auk_applier *applier);
bool auk_applier_is_dead(auk_applier *applier, uint32_t document, auk_span root);
void auk_applier_set_dead(auk_applier *applier, uint32_t document, auk_span root, bool dead);
void auk_applier_put_dead(auk_applier *applier, const auk_item *item, const auk_error *why,
                          auk_batch *batch);

#endif

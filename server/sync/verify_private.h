/*
 * verify_private.h - shared by the files verify*.c.
 *
 *     verify.c         tables, one after another       verify_range.c   sums, halved
 *     verify_target.c  a table, as SQL asks for it     verify_heap.c    tables of another order
 *     verify_page.c    rows read, compared, mended     verify_task.c    on request, for ever
 */
#ifndef AUK_SYNC_VERIFY_PRIVATE_H
#define AUK_SYNC_VERIFY_PRIVATE_H

#include "verify.h"

#define AUK_VERIFY_PAGE_ROWS 2000u

/* ---- verify_target.c ---- */

typedef struct auk_verify_target {
    auk_verify *verify;
    auk_pg *pg;
    const auk_source_table *known;
    const auk_table *table;
    const bool *needed;
    const auk_span *key_types; /* for casts */
    bool is_ordered;           /* the server has keys in our order */
    bool has_sums;             /* the server reckons our hashes, and all its rows are stored */
} auk_verify_target;

AUK_MUST_CHECK auk_code auk_verify_target_read(auk_verify *verify, auk_pg *pg,
                                               const auk_source_table *known, auk_arena *arena,
                                               auk_verify_target *out, auk_error *err);
/* "a", "b" */
void auk_verify_append_key(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena);
void auk_verify_append_columns(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena);
void auk_verify_append_hash(const auk_verify_target *target, auk_buffer *sql, auk_arena *arena);
auk_span auk_verify_table_sql(const auk_verify_target *target, auk_arena *arena);
/* " WHERE (a, b) >= ($1::.., $2::..) AND ..", and its parameters. */
uint32_t auk_verify_append_range(const auk_verify_target *target, const auk_key_range *range,
                                 auk_buffer *sql, const auk_span **parameters, auk_arena *arena);
auk_key_range auk_verify_range(const auk_verify_target *target, const auk_span *from,
                               const auk_span *to);

/* ---- verify.c ---- */

/* The applier, quiet and ours until auk_source_leave. */
AUK_MUST_CHECK auk_code auk_verify_enter(const auk_verify *verify, auk_applier **out,
                                         auk_error *err);
/* Until we have applied that much. */
AUK_MUST_CHECK auk_code auk_verify_wait(const auk_verify *verify, auk_lsn lsn, auk_error *err);
AUK_MUST_CHECK auk_code auk_verify_check_stopped(const auk_verify *verify, auk_error *err);
/* After each piece: tells, and keeps the pace. */
AUK_MUST_CHECK auk_code auk_verify_pause(auk_verify *verify, auk_error *err);
void auk_verify_note(auk_verify *verify, const auk_table *table, const auk_span *key,
                     const char *kind);

/* ---- verify_page.c ---- */

typedef struct auk_verify_row {
    const auk_span *key;
    uint64_t hash;
    bool counts, met;
    auk_tuple tuple; /* no columns: only hashes were read */
} auk_verify_row;

typedef struct auk_verify_page {
    const auk_verify_target *target;
    auk_arena *arena;
    const auk_span *from, *to; /* in our order: [from, to); NULL: open */
    auk_span heap;             /* else: blocks [first, first + count) of a heap, as SQL */
    uint64_t block, blocks;    /* blocks 0: all that follow */
    bool wants_values;

    auk_verify_row *rows;
    uint32_t count;
    const auk_span *next; /* the key that follows those of the page; NULL: none before `to` */
    auk_pg_snapshot snapshot;
    auk_lsn high;
    auk_row_watch watch;
    auk_xid_mark mark;
} auk_verify_page;

/* A snapshot that says what has changed since; between the two, one transaction of the server. */
AUK_MUST_CHECK auk_code auk_verify_begin(auk_verify_page *page, auk_error *err);
void auk_verify_end(auk_verify_page *page);
/* Can nothing be said, because the snapshot lacks what was applied before it? */
bool auk_verify_is_late(const auk_verify_page *page);
/* Another try? Waits before it; after the last one the page is counted as undecided. */
bool auk_verify_may_try(auk_verify *verify, int tries);
/* Was the stored row written by a transaction that the snapshot does not see? */
bool auk_verify_is_newer(const auk_verify_page *page, const auk_row_sum *stored);
/* Rows that are there and not in the source: noted, and mended when that is wanted. Entered. */
AUK_MUST_CHECK auk_code auk_verify_mend_extra(auk_verify_page *page, auk_applier *applier,
                                              const auk_span *const *keys, uint32_t count,
                                              auk_error *err);
/* Reads, compares, mends. *next: where the next page begins, in `kept`. */
AUK_MUST_CHECK auk_code auk_verify_run_page(const auk_verify_page *page, const auk_span **next,
                                            auk_arena *kept, auk_error *err);

/* ---- verify_range.c, verify_heap.c ---- */

AUK_MUST_CHECK auk_code auk_verify_ranges(const auk_verify_target *target, auk_error *err);
AUK_MUST_CHECK auk_code auk_verify_heaps(const auk_verify_target *target, auk_error *err);

#endif

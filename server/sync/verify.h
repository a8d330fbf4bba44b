/*
 * verify.h - is what we hold of a table what the source holds? Exact, while both change.
 *
 *   a range of keys in our order: the server reckons count and hash of its rows in one statement
 *   we wait until we have applied what that saw, and reckon ours
 *   where they differ, the range is halved; a small one is read as a page and compared row by row
 *
 * Keys that the server has in another order than the bytes of their texts (collations, dates) are
 * read heap by heap, in the order of their places, and ours are asked for afterwards.
 *
 * A row that differs from the snapshot of its page is wrong unless it was changed since: its writer
 * is not seen by the snapshot, or it has gone since somebody watched (row_watch.h). A page whose
 * snapshot does not see all that was applied before it (xid_window.h) says nothing, and is read
 * again.
 *
 *   Lifetime  of one call.   Threads  its own connection; the applier by turns with the source.
 *   Memory    a page of rows.
 *   Errors    of the connection and the store; AUK_CANCELLED.
 */
#ifndef AUK_SYNC_VERIFY_H
#define AUK_SYNC_VERIFY_H

#include "source.h"

#define AUK_VERIFY_LISTED 100

typedef struct auk_verify_difference {
    auk_span table, key;
    const char *kind; /* "missing", "extra", "different" */
    bool mended;
} auk_verify_difference;

typedef struct auk_verify {
    auk_source *source;
    bool repair;
    double rows_per_second; /* 0: as fast as it goes */
    bool (*stopped)(void *context);
    void (*told)(void *context, const struct auk_verify *verify); /* after each page; may be NULL */
    void *context;

    uint64_t number; /* of the source when it began: another one is another reading of the tables */

    /* what came of it */
    auk_arena *arena; /* of the differences */
    uint64_t rows, total, missing, extra, different, mended;
    uint64_t undecided; /* pages of which nothing can be said before the next verification */
    auk_verify_difference listed[AUK_VERIFY_LISTED];
    uint32_t listed_count;
    uint64_t started_us;
    auk_span table; /* under way */
    auk_lsn lsn;    /* compared up to here */
} auk_verify;

/* table empty: all. */
AUK_MUST_CHECK auk_code auk_verify_run(auk_verify *verify, auk_span table, auk_error *err);
/* {"rows": .., "missing": .., "differences": [..]} */
void auk_verify_write(const auk_verify *verify, auk_json_writer *out);

/* The source's own, at its rate: started and ended with its thread. */
void *auk_verify_forever(void *source);

#endif

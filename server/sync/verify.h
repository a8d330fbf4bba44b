/*
 * verify.h - is what we hold of a table what the source holds? Exact, while both change.
 *
 *   page of the source, in the order of keys, in a snapshot of its own   -> hashes
 *   wait until we have applied what the snapshot saw
 *   sums of the same range here; where they differ, row by row           -> suspects
 *   a suspect is read again, and we wait again: what differs twice, while the source's row stayed
 *   as it was, differs; where a snapshot does not see yet what we have applied (xid_window.h), it
 *   says nothing, and the next verification looks again
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

    /* what came of it */
    auk_arena *arena; /* of the differences */
    uint64_t rows, total, missing, extra, different, mended;
    auk_verify_difference listed[AUK_VERIFY_LISTED];
    uint32_t listed_count;
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

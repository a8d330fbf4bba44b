/*
 * pgoutput.h - messages of logical replication, as the plugin pgoutput writes them (protocol 1 and
 * 2, tuples in text and binary).
 *
 * A pure decoder: bytes in, structs out; nothing is kept. A message is read in two steps: the head
 * says what it is and to whom it belongs, and costs little; the body of a relation or a change is
 * read when somebody wants it.
 *
 *     B begin   C commit   O origin   R relation   Y type   M logical message   T truncate
 *     I insert  U update   D delete
 *     S stream start   E stream stop   c stream commit   A stream abort
 *
 *   Lifetime  spans borrow from the message.   Threads  pure.   Memory  none but the caller's.
 *   Errors    AUK_CORRUPT: cut, longer than it says, or a kind that nobody knows, with its letter.
 */
#ifndef AUK_SYNC_PGOUTPUT_H
#define AUK_SYNC_PGOUTPUT_H

#include "auk/arena.h"
#include "auk/error.h"
#include "row_change.h"

typedef struct auk_pgoutput_head {
    char kind;
    uint32_t xid;       /* B S c A; in a streamed block also of R Y I U D T M, else 0 there */
    uint32_t subxid;    /* A: what is aborted; equal to xid: all of it */
    uint32_t relation;  /* R I U D: OID */
    auk_lsn lsn;        /* B C c: of the commit record; O M */
    auk_lsn end_lsn;    /* C c: behind the commit record */
    int64_t time_us;    /* B C c: of the commit, Unix time */
    bool transactional; /* M */
    auk_span body;      /* R I U D: behind the OID; T M: all of it */
} auk_pgoutput_head;

/* streamed: between S and E, where changes name their transaction. */
AUK_MUST_CHECK auk_code auk_pgoutput_read(auk_span message, bool streamed, auk_pgoutput_head *out,
                                          auk_error *err);

/* R: copied to the arena; version is the caller's. */
AUK_MUST_CHECK auk_code auk_pgoutput_read_relation(const auk_pgoutput_head *head, auk_arena *arena,
                                                   auk_relation *out, auk_error *err);

/* I U D. datums: room for twice the relation's columns. Sets kind, relation, before,
 * before_is_whole, after. */
AUK_MUST_CHECK auk_code auk_pgoutput_read_change(char kind, auk_span body,
                                                 const auk_relation *relation, auk_datum *datums,
                                                 auk_row_change *out, auk_error *err);

/* T: OIDs, big endian, four bytes each. */
AUK_MUST_CHECK auk_code auk_pgoutput_read_truncate(auk_span body, auk_span *relations,
                                                   auk_error *err);
/* M: sets kind, prefix, content. */
AUK_MUST_CHECK auk_code auk_pgoutput_read_message(auk_span body, auk_row_change *out,
                                                  auk_error *err);

#endif

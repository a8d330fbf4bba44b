/*
 * journal_gaps.h - are operations missing that the journal must have?
 *
 * Sequence numbers are given before the journal is written, by several calls at a time, so a crash
 * leaves gaps: numbers of calls that nobody was told of. An entry says below which number
 * everything was in the journal when it was made (settled); a gap below that is a lost entry.
 *
 *        checkpoint                     settled, as the last entry says
 *            |                             |
 *   ---------+--[ 5..7 ]--      --[ 9 ]----+--[ 10..11 ]--    --[ 13 ]
 *                           8: lost                        12: a crash
 *
 * A start that finds a gap of a crash writes down that the numbers up to its own first one were
 * looked at, because later entries will be settled above it.
 *
 *   key in the family "commit": | shard be32 | 'g' |    value: zigzag varint, the first number that
 *   was not looked at
 *
 *   Lifetime, threads, memory  a value on the stack.   Errors  AUK_CORRUPT from reading.
 */
#ifndef AUK_JOURNAL_GAPS_H
#define AUK_JOURNAL_GAPS_H

#include "auk/store.h"

#include "journal.h"

typedef struct auk_journal_gaps {
    uint32_t shard;
    int64_t next;     /* the number that would follow without a gap */
    int64_t looked;   /* gaps below were looked at */
    int64_t from, to; /* the first gap that was not; from -1: there is none */
    int64_t settled;  /* the highest that an entry says */
} auk_journal_gaps;

/* What the store says of the shard; entries above the checkpoint follow in their order. */
AUK_MUST_CHECK auk_code auk_journal_gaps_init(auk_journal_gaps *gaps, auk_store *store,
                                              uint32_t shard, int64_t checkpoint, auk_error *err);
void auk_journal_gaps_note(auk_journal_gaps *gaps, const auk_journal_header *header);
/* After the last entry. AUK_CORRUPT, with the numbers, when acknowledged operations are missing. */
AUK_MUST_CHECK auk_code auk_journal_gaps_check(const auk_journal_gaps *gaps, auk_error *err);
/* Writes down that all gaps up to here were looked at. */
void auk_journal_gaps_put(uint32_t shard, int64_t looked, auk_batch *batch);

#endif

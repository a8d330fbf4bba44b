/*
 * segment_check.h - does a segment hold together? Every value against its checksum, and everything
 * that is kept twice against itself.
 *
 *   values      differ from no checksum that META has
 *   terms       rise; each is found under its text; their lists have as many documents, frequencies
 *               and positions as the dictionary says; the sums are those of the field's index
 *   norms       there for just the documents that have a term
 *   columns     values rise, lie between the bounds of their block and column, are as many as the
 *               directory says; ordinals name terms, as many as documents have terms
 *   documents   each is readable, and its id leads back to it by filter and dictionary; sequence
 *               number, version and term are there, none above META's greatest
 *   tombstones  readable
 *
 *   Lifetime  none.   Threads  one a call.   Memory  a bit a document, and what cursors take.
 *   Errors    findings of kind AUK_FINDING_DAMAGE at `where`.
 */
#ifndef AUK_SEGMENT_CHECK_H
#define AUK_SEGMENT_CHECK_H

#include "auk/finding.h"
#include "auk/segment.h"

void auk_segment_check(const auk_segment *segment, const char *where, auk_findings *findings);

#endif

/*
 * merge_documents.h - the sources of several segments' documents, copied into a writer (merge.h).
 *
 * Frames hold neighbours. Where documents are reordered they are gathered for a run of new numbers
 * at a time, walking the old frames in their order, so that each is unpacked once a run.
 *
 *   Lifetime  none.   Threads  one.
 *   Memory    a frame; where documents are reordered 8 bytes a document, and a run's documents up
 *             to AUK_MERGE_GATHERED_MOST, or one document when that is larger.
 *   Errors    as merge.h.
 */
#ifndef AUK_MERGE_DOCUMENTS_H
#define AUK_MERGE_DOCUMENTS_H

#include "merge.h"

#define AUK_MERGE_GATHERED_MOST ((size_t)64 << 20)

/* gathered_most: bytes of a run; AUK_MERGE_GATHERED_MOST, or less in tests. */
AUK_MUST_CHECK auk_code auk_merge_documents(const auk_merge_plan *plan, auk_segment_writer *writer,
                                            size_t gathered_most, auk_error *err);

#endif

/*
 * terms_writer.h - the term half of a segment: dictionary, postings and positions into a sink.
 *
 * One writer serves all fields of a segment, one field after the other. Postings and positions of
 * all fields share two streams of parts; a field's dictionary has values of its own:
 *
 *   kind          field    part
 *   POSTINGS      0        0, 1, ..   lists of all fields, in the order written, none cut in two
 *   POSITIONS     0        0, 1, ..   likewise
 *   TERM_BLOCKS   own      0, 1, ..   front-coded blocks; none for a field without terms
 *   TERM_INDEX    own      0          block prefixes and the field's statistics, after its blocks
 *
 *   Lifetime  _create .. _destroy; texts are copied, norms of the options borrowed until _end.
 *   Threads   one.
 *   Memory    one part of each stream, the postings and positions of one term, 16 bytes for every
 *             32 terms.
 *   Errors    the sink's, and AUK_TOO_LARGE for a list past 4 GiB; sticky: calls after a failure
 *             do nothing, _status tells. Misuse (order of terms, documents) is asserted.
 */
#ifndef AUK_TERMS_WRITER_H
#define AUK_TERMS_WRITER_H

#include "auk/segment_writer.h"

typedef struct auk_terms_writer auk_terms_writer;

/* sink: copied (the struct, not its context). doc_count: of the segment, at most AUK_DOC_LIMIT. */
auk_terms_writer *auk_terms_writer_create(const auk_sink *sink, uint32_t doc_count);
void auk_terms_writer_destroy(auk_terms_writer *writer); /* NULL is fine */

/* Sees every (text, document) of AUK_FIELD_ID, in order of texts; text is borrowed for the call. */
typedef void (*auk_terms_id_hook)(void *context, auk_span text, auk_doc doc);
void auk_terms_writer_on_id(auk_terms_writer *writer, auk_terms_id_hook hook, void *context);

void auk_terms_writer_begin(auk_terms_writer *writer, const auk_terms_options *options);
/* Texts rise strictly, at most AUK_TERM_SIZE_LIMIT bytes. A term without postings is left out. */
void auk_terms_writer_begin_term(auk_terms_writer *writer, auk_span text);
/* Documents rise strictly; freq at least 1, and 1 where the field keeps none. */
void auk_terms_writer_posting(auk_terms_writer *writer, auk_doc doc, uint32_t freq,
                              const uint32_t *positions);
void auk_terms_writer_end_term(auk_terms_writer *writer);
/* Writes TERM_BLOCKS and TERM_INDEX. doc_count: documents that have the field. stats may be NULL;
 * they are kept in TERM_INDEX as well, so META need not repeat them. */
void auk_terms_writer_end(auk_terms_writer *writer, uint64_t doc_count, auk_terms_stats *stats);

/* Once, after the last field: writes the last parts of POSTINGS and POSITIONS. */
void auk_terms_writer_flush(auk_terms_writer *writer);
AUK_MUST_CHECK auk_code auk_terms_writer_status(const auk_terms_writer *writer, auk_error *err);

/* How many parts of POSTINGS and POSITIONS there are, after _flush; 0 where nothing was written. */
uint32_t auk_terms_writer_postings_parts(const auk_terms_writer *writer);
uint32_t auk_terms_writer_positions_parts(const auk_terms_writer *writer);

#endif

/*
 * document_reader.h - the documents of one segment of a view, one after the other.
 *
 * Documents are asked for ascending, from one _open to the next.
 *
 *   Lifetime  _init .. _deinit; a document's spans until the next one is read.
 *   Threads   one.   Memory  an arena, and a frame of sources.   Errors  AUK_CORRUPT.
 */
#ifndef AUK_DOCUMENT_READER_H
#define AUK_DOCUMENT_READER_H

#include "auk/shard.h"

typedef struct auk_document_reader {
    auk_arena *arena;
    const auk_segment_view *segment;
    auk_stored_cache *cache;
    auk_column_cursor *versions, *numbers, *terms;
} auk_document_reader;

void auk_document_reader_init(auk_document_reader *reader);
void auk_document_reader_deinit(auk_document_reader *reader);
AUK_MUST_CHECK auk_code auk_document_reader_open(auk_document_reader *reader,
                                                 const auk_segment_view *segment, auk_error *err);
static inline bool auk_document_is_live(const auk_segment_view *segment, auk_doc doc)
{
    return !segment->live || (segment->live[doc >> 6] >> (doc & 63) & 1) != 0;
}
AUK_MUST_CHECK auk_code auk_document_reader_seq_no(auk_document_reader *reader, auk_doc doc,
                                                   int64_t *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_document_reader_term(auk_document_reader *reader, auk_doc doc,
                                                 int64_t *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_document_reader_read(auk_document_reader *reader, auk_doc doc,
                                                 auk_stored_document *out, int64_t *version,
                                                 auk_error *err);

#endif

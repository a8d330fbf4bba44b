/*
 * segment_writer.h - write one segment, front to back, into a sink.
 *
 * Order of calls: _create; for each field in ascending number: terms (begin, then for each term in
 * byte order its postings in document order, end), its norms before its terms, its column after
 * them; documents (stored) in document order at any time between; tombstones; _finish. A refresh, a
 * flush and a merge all go through here, so that there is one encoder.
 *
 *   Lifetime  _create .. _destroy; spans given are copied.
 *   Threads   one; those of a pool that is given help it.
 *   Memory    one value of the size target for each open stream (postings, positions, stored), one
 * block of columns. Errors    the sink's, sticky: calls after a failure do nothing, _finish reports
 * it. Misuse (order) is asserted.
 */
#ifndef AUK_SEGMENT_WRITER_H
#define AUK_SEGMENT_WRITER_H

#include <limits.h>

#include "auk/compress.h"
#include "auk/segment.h"

struct auk_pool;

typedef struct auk_segment_writer auk_segment_writer;

#define AUK_SEGMENT_PLAIN INT_MIN /* a level: for what is written again soon */

typedef struct auk_segment_writer_options {
    uint32_t doc_count;
    int compression_level; /* zstd of sources; 0: 1; AUK_SEGMENT_PLAIN: they stay as they are */
    const auk_zstd_dictionary
        *dictionary;       /* for sources, borrowed until _destroy; its own level counts. NULL: the
                              writer makes one when there is enough to learn from */
    struct auk_pool *pool; /* idle threads of it help to compress sources, with the same result;
                              NULL: the caller alone */
} auk_segment_writer_options;

auk_segment_writer *auk_segment_writer_create(const auk_sink *sink,
                                              const auk_segment_writer_options *options);
void auk_segment_writer_destroy(auk_segment_writer *writer);

typedef struct auk_terms_options {
    uint16_t field;
    bool has_freqs;
    bool has_positions;
    const uint8_t *norms;  /* doc_count bytes as given to _norms, or NULL: lengths do not count */
    double average_length; /* over the documents of this segment; for the bounds */
    float k1, b;
} auk_terms_options;

/* One length code a document (auk_norm_encode of the length; 0: absent). */
void auk_segment_writer_norms(auk_segment_writer *writer, uint16_t field, const uint8_t *norms);

void auk_segment_writer_begin_terms(auk_segment_writer *writer, const auk_terms_options *options);
void auk_segment_writer_begin_term(auk_segment_writer *writer, auk_span text);
/* positions: freq of them, ascending; NULL where the field keeps none */
void auk_segment_writer_posting(auk_segment_writer *writer, auk_doc doc, uint32_t freq,
                                const uint32_t *positions);
void auk_segment_writer_end_term(auk_segment_writer *writer);
/* doc_count: documents that have the field (norms do not tell a field of no tokens from an absent
 * one) */
void auk_segment_writer_end_terms(auk_segment_writer *writer, uint64_t doc_count);

/*
 * A column: values of documents in ascending document order, ascending within a document. Ordinals
 * refer to the terms of the same field in this segment.
 */
void auk_segment_writer_begin_column(auk_segment_writer *writer, uint16_t field, bool ordinals);
void auk_segment_writer_column_value(auk_segment_writer *writer, auk_doc doc, int64_t value);
void auk_segment_writer_end_column(auk_segment_writer *writer);

void auk_segment_writer_document(auk_segment_writer *writer, const auk_stored_document *document);
void auk_segment_writer_tombstone(auk_segment_writer *writer, const auk_tombstone *tombstone);

/* Ids go through begin_terms(AUK_FIELD_ID) like any field; the id filter is made from it. */
AUK_MUST_CHECK auk_code auk_segment_writer_finish(auk_segment_writer *writer, int64_t max_seq_no,
                                                  auk_error *err);

/* Lucene's SmallFloat.intToByte4 and back: lengths up to 39 exact, then four significant bits. */
uint8_t auk_norm_encode(uint32_t length);
uint32_t auk_norm_decode(uint8_t code);

/* A sink on the heap, and the segment that is opened from it: segments in memory. */
typedef struct auk_memory_sink auk_memory_sink;
auk_memory_sink *auk_memory_sink_create(void);
auk_sink auk_memory_sink_interface(auk_memory_sink *memory);
uint64_t auk_memory_sink_bytes(const auk_memory_sink *memory);
/* The sink is taken in every case: it goes with the segment, or is gone when opening fails. */
AUK_MUST_CHECK auk_code auk_memory_sink_open(auk_memory_sink *memory, auk_segment **out,
                                             auk_error *err);
void auk_memory_sink_destroy(auk_memory_sink *memory); /* when not taken */

#endif

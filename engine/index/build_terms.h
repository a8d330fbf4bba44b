/*
 * build_terms.h - the tokens of a buffer, sorted by term: the inversion itself (build.h).
 *
 *   1  join the chunks' term tables: chunk's number of a term -> global number
 *   2  count the tokens of each global term
 *   3  sort the terms, a field at a time
 *   4  scatter: plain tokens leave their document, positioned ones (document, position), at the
 *      place that order and counts give their term, so that they are read from front to back; both
 *      stay in document order because documents are visited in order
 *
 *   Lifetime  _init .. _deinit; the buffer and the rows are borrowed.
 *   Threads   one.
 *   Memory    see build.h.
 *   Errors    none.
 */
#ifndef AUK_BUILD_TERMS_H
#define AUK_BUILD_TERMS_H

#include "auk/segment_writer.h"

#include "term_order.h"
#include "write_buffer.h"

typedef struct auk_doc_value {
    uint32_t doc;
    int64_t value;
} auk_doc_value;

void auk_doc_values_order(auk_doc_value *values, uint32_t count);

typedef struct auk_built_terms {
    const auk_write_buffer *buffer;
    const auk_row **rows;
    uint32_t doc_count;
    auk_term_table table;
    uint32_t **maps;         /* a chunk: its term numbers to ours */
    uint32_t *own;           /* scratch: of the terms of one chunk */
    uint32_t *ends;          /* a term: one past its tokens so far, in `plain` or `positioned` */
    uint32_t *counts;        /* a term: its tokens */
    uint32_t *plain;         /* documents */
    uint64_t *positioned;    /* document << 32 | position */
    auk_ordered_term *order; /* live terms by field, then bytes, and their tokens' start */
    uint32_t *sizes;         /* in that order: tokens */
    uint32_t *field_starts;  /* into order, by field number */
    uint32_t field_limit;
    uint32_t *positions; /* scratch for one posting */
    uint32_t positions_capacity;
} auk_built_terms;

/* forms: AUK_FORM_* by field number */
void auk_built_terms_init(auk_built_terms *terms, const auk_write_buffer *buffer,
                          const auk_row **rows, uint32_t doc_count, const uint16_t *forms,
                          uint32_t field_limit);
void auk_built_terms_deinit(auk_built_terms *terms);

typedef struct auk_built_field_terms {
    uint16_t number;
    uint16_t forms;
    const uint8_t *norms;
    uint32_t doc_count;
    bool count_docs; /* doc_count is not known: count them here */
} auk_built_field_terms;

/* Writes the field's terms, and its column when it is one of ordinals. */
void auk_built_terms_write(auk_built_terms *terms, const auk_built_field_terms *field,
                           auk_segment_writer *writer);

#endif

/*
 * document.h - the JSON of one root, made of the rows stored along its tree.
 *
 *   an object child that is not there   null
 *   an array's order                    by the column (nulls last, descending: first), then by key
 *   texts in an order                   by their bytes
 *
 *   Lifetime  a builder borrows all it is given.   Threads  one at a time.
 *   Memory    rows of one list at a time, up to 64 MB.
 *   Errors    AUK_INVALID: the rows make no document: a dead letter. Else of the store.
 */
#ifndef AUK_SYNC_DOCUMENT_H
#define AUK_SYNC_DOCUMENT_H

#include "pg_value.h"
#include "tree.h"

typedef struct auk_document_builder {
    auk_rows *rows; /* NULL: only for roots without children */
    const auk_pg_types *types;
    auk_arena *arena; /* for the rows of lists; reset by the caller */
    size_t list_bytes;
    uint64_t unmapped; /* values that were kept as text */
    bool unknown;      /* a value of the tree was not sent yet: what was written is not it */
} auk_document_builder;

/* Is there a document of the root at all? */
auk_predicate_answer auk_document_exists(const auk_tree *tree, const auk_datum *values);

/* Appends; `unknown` is set, not cleared. */
AUK_MUST_CHECK auk_code auk_document_build(auk_document_builder *builder, const auk_tree *tree,
                                           const auk_row *root, auk_buffer *out, auk_error *err);

/* key: the row's whole key, for tables without columns of a key. */
AUK_MUST_CHECK auk_code auk_document_write_id(const auk_tree *tree, const auk_datum *values,
                                              auk_span key, auk_buffer *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_document_write_routing(const auk_tree *tree, const auk_datum *values,
                                                   auk_buffer *out, auk_error *err);

#endif

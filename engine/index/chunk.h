/*
 * chunk.h - documents in private inverted form: what one worker made of a run of operations.
 *
 * A chunk numbers its terms by itself, so that a token is a number here and the text of a term is
 * kept and hashed once a chunk; the build of a segment then only joins the chunks' term tables
 * (build.h). Documents that were refused after inversion simply stay unreferenced.
 *
 *   plain tokens       term                  of fields that keep no positions, duplicates included
 *   positioned tokens  (term, position)      of fields that do
 *   field uses         (field, length)       one a document and field that it has
 *   numbers            (field, value)        for columns, in order of appearance
 *
 *   Lifetime  made by an inverter (invert.h), .. _destroy.
 *   Threads   immutable once taken from its inverter.
 *   Memory    auk_chunk_bytes.
 *   Errors    none.
 */
#ifndef AUK_CHUNK_H
#define AUK_CHUNK_H

#include "auk/span.h"

#include "term_table.h"
#include "vector.h"

/* What a field's values become in a segment. */
enum {
    AUK_FORM_TERMS = 1,
    AUK_FORM_FREQS = 2,
    AUK_FORM_POSITIONS = 4,
    AUK_FORM_NORMS = 8,
    AUK_FORM_NUMBERS = 16,  /* column of numbers */
    AUK_FORM_ORDINALS = 32, /* column of ordinals of the terms */
};

typedef struct auk_chunk_field {
    uint16_t number;
    uint16_t forms;
} auk_chunk_field;

typedef struct auk_field_use {
    uint16_t field; /* index into the chunk's fields */
    bool has_terms;
    uint32_t length; /* tokens without overlaps */
} auk_field_use;

typedef struct auk_positioned_token {
    uint32_t term;
    uint32_t position;
} auk_positioned_token;

typedef struct auk_chunk_number {
    uint32_t field; /* index into the chunk's fields */
    int64_t value;
} auk_chunk_number;

/* Where a document's part of each log begins; it ends where the next document's begins. */
typedef struct auk_chunk_marks {
    uint32_t plain;
    uint32_t positioned;
    uint32_t uses;
    uint32_t numbers;
} auk_chunk_marks;

typedef struct auk_chunk_document {
    auk_span id, routing, source;
    uint64_t id_hash;
    auk_chunk_marks from, to;
} auk_chunk_document;

typedef struct auk_chunk {
    uint32_t number;  /* among the chunks of its buffer */
    auk_arena *arena; /* texts of terms, ids, routings */
    char *sources;
    size_t sources_size, sources_capacity;
    auk_term_table terms;
    AUK_VECTOR(auk_chunk_field) fields;
    AUK_VECTOR(auk_chunk_document) documents;
    AUK_VECTOR(uint32_t) plain;
    AUK_VECTOR(auk_positioned_token) positioned;
    AUK_VECTOR(auk_field_use) uses;
    AUK_VECTOR(auk_chunk_number) numbers;
} auk_chunk;

void auk_chunk_destroy(auk_chunk *chunk); /* NULL is fine */
size_t auk_chunk_bytes(const auk_chunk *chunk);

#endif

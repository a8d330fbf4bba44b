/*
 * write_buffer.h - documents applied since the last build, in the order of their sequence numbers,
 * and the part of the version map that knows them.
 *
 * Rows refer to documents in chunks, which the buffer owns. The map leads from an id to its newest
 * row; whether that row is still live is said by the live set of the buffer's entry (entry.h).
 *
 *   Lifetime  _create .. _destroy; chunks are taken.
 *   Threads   grows under the shard's lock; no longer grows once it is being built.
 *   Memory    chunks + 48 bytes a row.
 *   Errors    none.
 */
#ifndef AUK_WRITE_BUFFER_H
#define AUK_WRITE_BUFFER_H

#include "chunk.h"
#include "vector.h"

#define AUK_ROW_NONE UINT32_MAX

typedef struct auk_row {
    const auk_chunk *chunk;
    uint32_t document; /* in the chunk */
    int64_t seq_no;
    int64_t version;
    int64_t primary_term;
} auk_row;

typedef struct auk_write_buffer {
    AUK_VECTOR(auk_row) rows;
    AUK_VECTOR(auk_chunk *) chunks;
    uint64_t *slots; /* upper half of the id's hash | row + 1 */
    uint32_t mask;
    size_t bytes;
    int64_t first_seq_no; /* of the operations that went here, deletes too; -1: none */
    int64_t last_seq_no;
} auk_write_buffer;

auk_write_buffer *auk_write_buffer_create(void);
void auk_write_buffer_destroy(auk_write_buffer *buffer); /* NULL is fine */

static inline const auk_chunk_document *auk_row_document(const auk_row *row)
{
    return &row->chunk->documents.items[row->document];
}

void auk_write_buffer_take_chunk(auk_write_buffer *buffer, auk_chunk *chunk);
/* Appends and makes it the newest row of its id. */
uint32_t auk_write_buffer_append(auk_write_buffer *buffer, const auk_row *row);
/* AUK_ROW_NONE: the id was not written here. */
uint32_t auk_write_buffer_find(const auk_write_buffer *buffer, auk_span id, uint64_t id_hash);
void auk_write_buffer_note(auk_write_buffer *buffer, int64_t seq_no);

#endif

#include "chunk.h"

void auk_chunk_destroy(auk_chunk *chunk)
{
    if (chunk == NULL)
        return;
    auk_term_table_deinit(&chunk->terms);
    auk_vector_free(&chunk->fields);
    auk_vector_free(&chunk->documents);
    auk_vector_free(&chunk->plain);
    auk_vector_free(&chunk->positioned);
    auk_vector_free(&chunk->uses);
    auk_vector_free(&chunk->numbers);
    auk_arena_destroy(chunk->arena);
    free(chunk->sources);
    free(chunk);
}

size_t auk_chunk_bytes(const auk_chunk *chunk)
{
    return sizeof *chunk + auk_arena_size(chunk->arena) + chunk->sources_capacity +
           auk_term_table_bytes(&chunk->terms) + auk_vector_bytes(&chunk->fields) +
           auk_vector_bytes(&chunk->documents) + auk_vector_bytes(&chunk->plain) +
           auk_vector_bytes(&chunk->positioned) + auk_vector_bytes(&chunk->uses) +
           auk_vector_bytes(&chunk->numbers);
}

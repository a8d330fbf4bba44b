#include "write_buffer.h"

#define UPPER UINT64_C(0xffffffff00000000)

auk_write_buffer *auk_write_buffer_create(void)
{
    auk_write_buffer *buffer = calloc(1, sizeof *buffer);
    if (buffer == NULL)
        abort();
    buffer->first_seq_no = -1;
    buffer->last_seq_no = -1;
    return buffer;
}

void auk_write_buffer_destroy(auk_write_buffer *buffer)
{
    if (buffer == NULL)
        return;
    for (uint32_t i = 0; i < buffer->chunks.count; i++)
        auk_chunk_destroy(buffer->chunks.items[i]);
    auk_vector_free(&buffer->chunks);
    auk_vector_free(&buffer->rows);
    free(buffer->slots);
    free(buffer);
}

void auk_write_buffer_take_chunk(auk_write_buffer *buffer, auk_chunk *chunk)
{
    chunk->number = buffer->chunks.count;
    auk_vector_push(&buffer->chunks, chunk);
    buffer->bytes += auk_chunk_bytes(chunk) + chunk->documents.count * 48;
}

/* The slot of the id, or the free one where it belongs. */
static uint64_t *slot_of(const auk_write_buffer *buffer, auk_span id, uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & buffer->mask;; at = (at + 1) & buffer->mask) {
        uint64_t slot = buffer->slots[at];
        if (slot == 0)
            return &buffer->slots[at];
        if (((slot ^ hash) & UPPER) == 0) {
            const auk_row *row = &buffer->rows.items[(uint32_t)slot - 1];
            if (auk_span_equal(auk_row_document(row)->id, id))
                return &buffer->slots[at];
        }
    }
}

static void grow(auk_write_buffer *buffer)
{
    uint32_t old_count = buffer->slots == NULL ? 0 : buffer->mask + 1;
    uint32_t count = old_count == 0 ? 64 : old_count * 2;
    uint64_t *old = buffer->slots;
    buffer->slots = calloc(count, sizeof *buffer->slots);
    if (buffer->slots == NULL)
        abort();
    buffer->mask = count - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i] == 0)
            continue;
        const auk_row *row = &buffer->rows.items[(uint32_t)old[i] - 1];
        uint32_t at = (uint32_t)auk_row_document(row)->id_hash & buffer->mask;
        while (buffer->slots[at] != 0)
            at = (at + 1) & buffer->mask;
        buffer->slots[at] = old[i];
    }
    free(old);
}

uint32_t auk_write_buffer_append(auk_write_buffer *buffer, const auk_row *row)
{
    if (buffer->slots == NULL || (buffer->rows.count + 1) * 2 > buffer->mask)
        grow(buffer);
    const auk_chunk_document *document = auk_row_document(row);
    auk_vector_push(&buffer->rows, *row);
    *slot_of(buffer, document->id, document->id_hash) =
        (document->id_hash & UPPER) | buffer->rows.count;
    auk_write_buffer_note(buffer, row->seq_no);
    return buffer->rows.count - 1;
}

uint32_t auk_write_buffer_find(const auk_write_buffer *buffer, auk_span id, uint64_t id_hash)
{
    if (buffer->slots == NULL)
        return AUK_ROW_NONE;
    uint64_t slot = *slot_of(buffer, id, id_hash);
    return slot == 0 ? AUK_ROW_NONE : (uint32_t)slot - 1;
}

void auk_write_buffer_note(auk_write_buffer *buffer, int64_t seq_no)
{
    if (buffer->first_seq_no < 0)
        buffer->first_seq_no = seq_no;
    buffer->last_seq_no = seq_no;
}

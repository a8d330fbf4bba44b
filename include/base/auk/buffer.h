/*
 * buffer.h - a growing run of bytes with a maximum from birth.
 *
 * Appends never fail one by one: past the maximum the buffer stops taking bytes and remembers it,
 * so a writer asks once, at the end, with _status.
 *
 *   Lifetime  _init .. _deinit; spans of it end at the next append.
 *   Threads   one owner at a time.
 *   Memory    doubles; aborts when the system has none. With a budget, a capacity above 64 KiB is
 *             charged there before it is taken.
 *   Errors    sticky AUK_TOO_LARGE past the maximum, AUK_BUSY when the budget refused.
 */
#ifndef AUK_BUFFER_H
#define AUK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/budget.h"
#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_buffer {
    char *data;
    size_t size;
    size_t capacity;
    size_t maximum;
    auk_budget *budget; /* NULL: nothing is charged */
    size_t charged_bytes;
    size_t refused_bytes; /* what the budget had no room for; 0: nothing was refused */
    auk_purpose purpose;
    bool overflowed; /* takes no more bytes */
    bool owed;       /* past the budget's limit if need be */
} auk_buffer;

#define AUK_BUFFER_NO_LIMIT ((size_t)1 << 40)

void auk_buffer_init(auk_buffer *buffer, size_t maximum_bytes);
void auk_buffer_deinit(auk_buffer *buffer);
void auk_buffer_reset(auk_buffer *buffer); /* empties, keeps capacity */

/* Charges what it holds and will hold; before the first append. The budget is borrowed until
 * _deinit. */
void auk_buffer_set_budget(auk_buffer *buffer, auk_budget *budget, auk_purpose purpose);
/* What it will say has been done and must be told: the budget books it and does not refuse. */
void auk_buffer_set_owed(auk_buffer *buffer);

/* Room for size more bytes at the end, NULL past the maximum. The caller then moves ->size itself.
 */
char *auk_buffer_reserve(auk_buffer *buffer, size_t size);

void auk_buffer_append(auk_buffer *buffer, auk_span bytes);
void auk_buffer_append_byte(auk_buffer *buffer, char byte);
void auk_buffer_append_text(auk_buffer *buffer, const char *text);
void auk_buffer_printf(auk_buffer *buffer, const char *format, ...) AUK_PRINTF(2, 3);

/* Fixed width, little endian; and LEB128 varints (see varint.h). */
void auk_buffer_append_u16(auk_buffer *buffer, uint16_t value);
void auk_buffer_append_u32(auk_buffer *buffer, uint32_t value);
void auk_buffer_append_u64(auk_buffer *buffer, uint64_t value);
void auk_buffer_append_varint(auk_buffer *buffer, uint64_t value);
/* varint size, then the bytes */
void auk_buffer_append_sized(auk_buffer *buffer, auk_span bytes);

auk_code auk_buffer_status(const auk_buffer *buffer);
/* The same, with the budget's figures when it refused. */
auk_code auk_buffer_explain(const auk_buffer *buffer, auk_error *err);

static inline auk_span auk_buffer_span(const auk_buffer *buffer)
{
    return (auk_span){buffer->data, buffer->size};
}

/* The bytes as a malloc block that the caller frees; the buffer is empty then. */
char *auk_buffer_take(auk_buffer *buffer, size_t *size);
/* Gives back what is above the size. */
void auk_buffer_fit(auk_buffer *buffer);
/* What was charged for the bytes, for the caller to release; call it before _take. */
size_t auk_buffer_take_charge(auk_buffer *buffer);

#endif

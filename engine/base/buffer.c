#include "auk/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/varint.h"

#define LEAST_CAPACITY 64u

void auk_buffer_init(auk_buffer *buffer, size_t maximum_bytes)
{
    *buffer = (auk_buffer){.maximum = maximum_bytes};
}

void auk_buffer_deinit(auk_buffer *buffer)
{
    free(buffer->data);
    *buffer = (auk_buffer){.maximum = buffer->maximum};
}

void auk_buffer_reset(auk_buffer *buffer)
{
    buffer->size = 0;
    buffer->overflowed = false;
}

static void grow(auk_buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity < LEAST_CAPACITY ? LEAST_CAPACITY : buffer->capacity * 2;
    if (capacity > buffer->maximum)
        capacity = buffer->maximum;
    if (capacity < needed)
        capacity = needed;
    if (capacity == 0)
        capacity = 1;
    char *data = realloc(buffer->data, capacity);
    if (data == NULL)
        abort();
    buffer->data = data;
    buffer->capacity = capacity;
}

char *auk_buffer_reserve(auk_buffer *buffer, size_t size)
{
    if (buffer->overflowed || size > buffer->maximum || buffer->size > buffer->maximum - size) {
        buffer->overflowed = true;
        return NULL;
    }
    if (buffer->data == NULL || size > buffer->capacity - buffer->size)
        grow(buffer, buffer->size + size);
    return buffer->data + buffer->size;
}

void auk_buffer_append(auk_buffer *buffer, auk_span bytes)
{
    char *at = auk_buffer_reserve(buffer, bytes.size);
    if (at == NULL || bytes.size == 0)
        return;
    memcpy(at, bytes.data, bytes.size);
    buffer->size += bytes.size;
}

void auk_buffer_append_byte(auk_buffer *buffer, char byte)
{
    char *at = auk_buffer_reserve(buffer, 1);
    if (at == NULL)
        return;
    *at = byte;
    buffer->size++;
}

void auk_buffer_append_text(auk_buffer *buffer, const char *text)
{
    auk_buffer_append(buffer, auk_span_of(text));
}

void auk_buffer_printf(auk_buffer *buffer, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return;
    size_t size = (size_t)wanted;
    if (size < sizeof small) {
        auk_buffer_append(buffer, auk_span_make(small, size));
        return;
    }
    if (auk_buffer_reserve(buffer, size) == NULL)
        return;
    /* vsnprintf ends with a zero byte that the text's maximum does not know about. */
    if (buffer->capacity - buffer->size == size)
        grow(buffer, buffer->size + size + 1);
    va_start(arguments, format);
    (void)vsnprintf(buffer->data + buffer->size, size + 1, format, arguments);
    va_end(arguments);
    buffer->size += size;
}

void auk_buffer_append_u16(auk_buffer *buffer, uint16_t value)
{
    auk_buffer_append(buffer, auk_span_make(&value, sizeof value));
}

void auk_buffer_append_u32(auk_buffer *buffer, uint32_t value)
{
    auk_buffer_append(buffer, auk_span_make(&value, sizeof value));
}

void auk_buffer_append_u64(auk_buffer *buffer, uint64_t value)
{
    auk_buffer_append(buffer, auk_span_make(&value, sizeof value));
}

void auk_buffer_append_varint(auk_buffer *buffer, uint64_t value)
{
    uint8_t bytes[AUK_VARINT_MAX];
    size_t size = auk_varint_encode(value, bytes);
    auk_buffer_append(buffer, auk_span_make(bytes, size));
}

void auk_buffer_append_sized(auk_buffer *buffer, auk_span bytes)
{
    auk_buffer_append_varint(buffer, bytes.size);
    auk_buffer_append(buffer, bytes);
}

auk_code auk_buffer_status(const auk_buffer *buffer)
{
    return buffer->overflowed ? AUK_TOO_LARGE : AUK_OK;
}

char *auk_buffer_take(auk_buffer *buffer, size_t *size)
{
    (void)auk_buffer_reserve(buffer, 0);
    char *data = buffer->data;
    *size = buffer->size;
    *buffer = (auk_buffer){.maximum = buffer->maximum};
    return data;
}

#include "auk/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/varint.h"

#define LEAST_CAPACITY 64u
/* Small change: what every answer has is not worth an atomic addition. */
#define UNCHARGED ((size_t)64 * 1024)

void auk_buffer_init(auk_buffer *buffer, size_t maximum_bytes)
{
    *buffer = (auk_buffer){.maximum = maximum_bytes};
}

/* Empty, with the limits it had. */
static void forget(auk_buffer *buffer)
{
    *buffer = (auk_buffer){.maximum = buffer->maximum,
                           .budget = buffer->budget,
                           .purpose = buffer->purpose,
                           .owed = buffer->owed};
}

void auk_buffer_deinit(auk_buffer *buffer)
{
    free(buffer->data);
    auk_budget_release(buffer->budget, buffer->purpose, buffer->charged_bytes);
    forget(buffer);
}

void auk_buffer_reset(auk_buffer *buffer)
{
    buffer->size = 0;
    buffer->overflowed = false;
    buffer->refused_bytes = 0;
}

void auk_buffer_set_budget(auk_buffer *buffer, auk_budget *budget, auk_purpose purpose)
{
    auk_budget_release(buffer->budget, buffer->purpose, buffer->charged_bytes);
    buffer->budget = budget;
    buffer->purpose = purpose;
    buffer->charged_bytes = budget != NULL && buffer->capacity > UNCHARGED ? buffer->capacity : 0;
    auk_budget_force(budget, purpose, buffer->charged_bytes);
}

void auk_buffer_set_owed(auk_buffer *buffer)
{
    buffer->owed = true;
}

static bool charge(auk_buffer *buffer, size_t bytes)
{
    if (auk_budget_charge(buffer->budget, buffer->purpose, bytes, NULL) == AUK_OK)
        return true;
    if (buffer->owed)
        auk_budget_force(buffer->budget, buffer->purpose, bytes);
    return buffer->owed;
}

/* While the bytes move, old and new exist both: that is what is charged. */
static bool grow(auk_buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity < LEAST_CAPACITY ? LEAST_CAPACITY : buffer->capacity * 2;
    if (capacity > buffer->maximum)
        capacity = buffer->maximum;
    if (capacity < needed)
        capacity = needed;
    if (capacity == 0)
        capacity = 1;
    bool charged = buffer->budget != NULL && capacity > UNCHARGED;
    if (charged && !charge(buffer, capacity)) {
        /* a little more than needed, or each append at the brink would move everything */
        size_t most = needed + needed / 8;
        capacity = most < capacity ? most : capacity;
        if (!charge(buffer, capacity)) {
            buffer->refused_bytes = capacity;
            buffer->overflowed = true;
            return false;
        }
    }
    char *data = realloc(buffer->data, capacity);
    if (data == NULL)
        abort();
    auk_budget_release(buffer->budget, buffer->purpose, buffer->charged_bytes);
    buffer->charged_bytes = charged ? capacity : 0;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

char *auk_buffer_reserve(auk_buffer *buffer, size_t size)
{
    if (buffer->overflowed || size > buffer->maximum || buffer->size > buffer->maximum - size) {
        buffer->overflowed = true;
        return NULL;
    }
    if ((buffer->data == NULL || size > buffer->capacity - buffer->size) &&
        !grow(buffer, buffer->size + size))
        return NULL;
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
    if (buffer->capacity - buffer->size == size && !grow(buffer, buffer->size + size + 1))
        return;
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
    if (!buffer->overflowed)
        return AUK_OK;
    return buffer->refused_bytes != 0 ? AUK_BUSY : AUK_TOO_LARGE;
}

auk_code auk_buffer_explain(const auk_buffer *buffer, auk_error *err)
{
    auk_code code = auk_buffer_status(buffer);
    if (code == AUK_BUSY)
        return auk_budget_refuse(buffer->budget, buffer->purpose, buffer->refused_bytes, err);
    if (code == AUK_TOO_LARGE)
        return auk_fail(err, code, "larger than the limit of %zu bytes", buffer->maximum);
    return code;
}

char *auk_buffer_take(auk_buffer *buffer, size_t *size)
{
    (void)auk_buffer_reserve(buffer, 0);
    char *data = buffer->data;
    *size = buffer->size;
    auk_budget_release(buffer->budget, buffer->purpose, buffer->charged_bytes);
    forget(buffer);
    return data;
}

void auk_buffer_fit(auk_buffer *buffer)
{
    char *fitting = buffer->size != 0 ? realloc(buffer->data, buffer->size) : NULL;
    if (fitting == NULL)
        return;
    buffer->data = fitting;
    buffer->capacity = buffer->size;
    if (buffer->charged_bytes <= buffer->size)
        return;
    auk_budget_release(buffer->budget, buffer->purpose, buffer->charged_bytes - buffer->size);
    buffer->charged_bytes = buffer->size;
}

size_t auk_buffer_take_charge(auk_buffer *buffer)
{
    size_t bytes = buffer->charged_bytes;
    buffer->charged_bytes = 0;
    return bytes;
}

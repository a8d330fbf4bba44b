#include "row_key.h"

#include <inttypes.h>

#include "auk/varint.h"

#define VALUE_INTEGER 1
#define VALUE_TEXT    2

#define SIGN          ((uint64_t)1 << 63)

void auk_key_append_number(auk_buffer *key, uint32_t be32)
{
    char bytes[4];
    auk_store_be32(bytes, be32);
    auk_buffer_append(key, auk_span_make(bytes, sizeof bytes));
}

void auk_key_append_serial(auk_buffer *key, uint64_t be64)
{
    char bytes[8];
    auk_store_be64(bytes, be64);
    auk_buffer_append(key, auk_span_make(bytes, sizeof bytes));
}

void auk_key_begin(auk_buffer *key, uint64_t source, auk_key_kind kind)
{
    auk_buffer_reset(key);
    auk_key_append_serial(key, source);
    auk_buffer_append_byte(key, (char)kind);
}

bool auk_text_is_integer(auk_span text, int64_t *value)
{
    size_t at = 0;
    bool negative = text.size > 1 && text.data[0] == '-';
    at += negative;
    if (text.size - at == 0 || text.size - at > 19)
        return false;
    if (text.data[at] == '0' && (negative || text.size > 1))
        return false;
    uint64_t sum = 0;
    for (; at < text.size; at++) {
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
        sum = sum * 10 + (uint64_t)(text.data[at] - '0'); /* 19 digits fit in 64 bits */
    }
    if (sum > (uint64_t)INT64_MAX + negative)
        return false;
    *value = (int64_t)(negative ? 0 - sum : sum);
    return true;
}

static void append_text(auk_buffer *key, auk_span text)
{
    const char *zero;
    while (text.size > 0 && (zero = memchr(text.data, 0, text.size)) != NULL) {
        size_t size = (size_t)(zero - text.data);
        auk_buffer_append(key, auk_span_make(text.data, size));
        auk_buffer_append(key, auk_span_make("\0\xff", 2));
        text = auk_span_from(text, size + 1);
    }
    auk_buffer_append(key, text);
    auk_buffer_append(key, auk_span_make("\0\0", 2));
}

void auk_key_append_value(auk_buffer *key, auk_span text, bool may_be_integer)
{
    int64_t number;
    if (may_be_integer && auk_text_is_integer(text, &number)) {
        auk_buffer_append_byte(key, VALUE_INTEGER);
        auk_key_append_serial(key, (uint64_t)number ^ SIGN);
    } else {
        auk_buffer_append_byte(key, VALUE_TEXT);
        append_text(key, text);
    }
}

void auk_key_end_of_prefix(auk_buffer *key)
{
    while (key->size > 0 && (uint8_t)key->data[key->size - 1] == 0xff)
        key->size--;
    if (key->size > 0)
        key->data[key->size - 1] = (char)(key->data[key->size - 1] + 1);
}

static auk_code cut_text(auk_span *rest, auk_arena *arena, auk_span *text, auk_error *err)
{
    size_t at = 0, kept = 0;
    char *out = (char *)auk_arena_alloc(arena, rest->size + 1);
    for (;;) {
        if (at + 1 >= rest->size)
            return auk_fail(err, AUK_CORRUPT, "a key of rows is cut in a text");
        char byte = rest->data[at++];
        if (byte != 0) {
            out[kept++] = byte;
            continue;
        }
        uint8_t what = (uint8_t)rest->data[at++];
        if (what == 0)
            break;
        if (what != 0xff)
            return auk_fail(err, AUK_CORRUPT, "a key of rows has a wrong escape %u", what);
        out[kept++] = 0;
    }
    *text = auk_span_make(out, kept);
    *rest = auk_span_from(*rest, at);
    return AUK_OK;
}

auk_code auk_key_cut_value(auk_span *rest, auk_arena *arena, auk_span *text, auk_error *err)
{
    uint8_t form = rest->size > 0 ? (uint8_t)rest->data[0] : 0;
    if (form == VALUE_INTEGER && rest->size >= 9) {
        *text =
            auk_arena_printf(arena, "%" PRId64, (int64_t)(auk_load_be64(rest->data + 1) ^ SIGN));
        *rest = auk_span_from(*rest, 9);
        return AUK_OK;
    }
    if (form != VALUE_TEXT)
        return auk_fail(err, AUK_CORRUPT, "a key of rows has a value of form %u", form);
    *rest = auk_span_from(*rest, 1);
    return cut_text(rest, arena, text, err);
}

#include "row.h"

#include <assert.h>

#include "auk/varint.h"
#include "pg_hash.h"

#define VERSION    1
#define BYTES_MOST ((uint64_t)1 << 31)

static bool is_kept(const bool *needed, uint32_t position)
{
    return needed == NULL || needed[position];
}

void auk_row_encode(const auk_row_writer *writer, const auk_table_column *columns, uint32_t count,
                    const bool *needed, const auk_datum *values, auk_buffer *out)
{
    uint32_t stored = 0;
    auk_buffer_append_byte(out, VERSION);
    auk_buffer_append_byte(out, writer->is_chunk ? 1 : 0);
    auk_buffer_append_varint(out, writer->number);
    auk_buffer_append_varint(out, writer->is_chunk ? 0 : writer->xid);
    for (uint32_t i = 0; i < count; i++)
        stored += is_kept(needed, i) && values[i].state != AUK_DATUM_NULL;
    auk_buffer_append_varint(out, stored);
    for (uint32_t i = 0; i < count; i++) {
        assert(i == 0 || columns[i].number > columns[i - 1].number);
        assert(values[i].state != AUK_DATUM_BINARY);
        if (!is_kept(needed, i) || values[i].state == AUK_DATUM_NULL)
            continue;
        auk_buffer_append_varint(out, (uint64_t)columns[i].number);
        bool known = values[i].state == AUK_DATUM_TEXT;
        auk_buffer_append_varint(out, known ? values[i].bytes.size << 1 : 1);
        if (known)
            auk_buffer_append(out, values[i].bytes);
    }
}

static auk_code decode_head(auk_reader *in, auk_row_writer *out, auk_error *err)
{
    uint8_t version = auk_reader_u8(in), kind = auk_reader_u8(in);
    uint64_t number = auk_reader_varint(in), xid = auk_reader_varint(in);
    if (in->failed || version != VERSION || kind > 1 || xid > UINT32_MAX)
        return auk_fail(err, AUK_CORRUPT, "a stored row has a wrong head");
    *out = (auk_row_writer){kind == 1, number, (uint32_t)xid};
    return AUK_OK;
}

auk_code auk_row_decode_writer(auk_span bytes, auk_row_writer *out, auk_error *err)
{
    auk_reader in = auk_reader_of(bytes);
    return decode_head(&in, out, err);
}

/* One column; *number is its attribute. */
static bool decode_column(auk_reader *in, uint64_t *number, auk_datum *out)
{
    uint64_t attribute = auk_reader_varint(in), size = auk_reader_varint(in);
    if (in->failed || attribute <= *number || attribute > INT16_MAX)
        return false;
    *number = attribute;
    if (size == 1) {
        *out = (auk_datum){AUK_DATUM_UNCHANGED, {NULL, 0}};
        return true;
    }
    if ((size & 1) != 0 || size >> 1 > BYTES_MOST)
        return false;
    *out = (auk_datum){AUK_DATUM_TEXT, auk_reader_bytes(in, (size_t)(size >> 1))};
    return !in->failed;
}

auk_code auk_row_decode(auk_span bytes, const auk_table_column *columns, uint32_t count,
                        const bool *needed, auk_arena *arena, auk_row *out, auk_error *err)
{
    auk_reader in = auk_reader_of(bytes);
    auk_code code = decode_head(&in, &out->writer, err);
    if (code != AUK_OK)
        return code;
    out->values = AUK_ARENA_ARRAY(arena, auk_datum, count + 1); /* zero: AUK_DATUM_NULL */
    out->has_unknown = false;
    uint64_t stored = auk_reader_varint(&in), number = 0;
    uint32_t position = 0;
    for (uint64_t i = 0; i < stored; i++) {
        auk_datum datum;
        if (!decode_column(&in, &number, &datum))
            return auk_fail(err, AUK_CORRUPT, "a stored row is damaged at column %u", (unsigned)i);
        while (position < count && (uint64_t)columns[position].number < number)
            position++;
        if (position == count || (uint64_t)columns[position].number != number)
            continue; /* a column that the table has no longer */
        out->values[position] = datum;
        if (datum.state == AUK_DATUM_UNCHANGED && is_kept(needed, position))
            out->has_unknown = true;
    }
    if (in.failed || auk_reader_left(&in) != 0)
        return auk_fail(err, AUK_CORRUPT, "a stored row has bytes behind its end");
    return AUK_OK;
}

/* As a row is written as text: quoted where it is empty or holds what would mislead. */
static void append_record_value(auk_buffer *out, auk_span text)
{
    bool quotes = text.size == 0;
    for (size_t i = 0; i < text.size && !quotes; i++)
        quotes = auk_byte_among(text.data[i], "\"\\(), \t\n\v\f\r");
    if (!quotes) {
        auk_buffer_append(out, text);
        return;
    }
    auk_buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (auk_byte_among(text.data[i], "\"\\"))
            auk_buffer_append_byte(out, text.data[i]);
        auk_buffer_append_byte(out, text.data[i]);
    }
    auk_buffer_append_byte(out, '"');
}

uint64_t auk_row_hash(uint32_t count, const bool *needed, const auk_datum *values,
                      auk_buffer *scratch)
{
    bool is_first = true;
    auk_buffer_reset(scratch);
    auk_buffer_append_byte(scratch, '(');
    for (uint32_t i = 0; i < count; i++) {
        if (!is_kept(needed, i))
            continue;
        if (!is_first)
            auk_buffer_append_byte(scratch, ',');
        is_first = false;
        if (values[i].state == AUK_DATUM_TEXT)
            append_record_value(scratch, values[i].bytes);
    }
    auk_buffer_append_byte(scratch, ')');
    return auk_pg_hash(auk_buffer_span(scratch));
}

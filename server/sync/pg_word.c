/* Values that are shown as words, from binary: uuid, addresses, bits, bytes, tsvector. See
 * pg_value_private.h. */
#include <arpa/inet.h>
#include <inttypes.h>

#include "pg_value_private.h"
#include "wire.h"

static void append_hex(auk_span bytes, char between, auk_buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        if (between && i > 0)
            auk_buffer_append_byte(out, between);
        auk_buffer_append_byte(out, digits[(uint8_t)bytes.data[i] >> 4]);
        auk_buffer_append_byte(out, digits[bytes.data[i] & 15]);
    }
}

static bool append_uuid(auk_span bytes, auk_buffer *out)
{
    static const uint8_t groups[] = {4, 2, 2, 2, 6};
    if (bytes.size != 16)
        return false;
    for (size_t i = 0, at = 0; i < sizeof groups; at += groups[i++]) {
        if (i > 0)
            auk_buffer_append_byte(out, '-');
        append_hex(auk_span_make(bytes.data + at, groups[i]), 0, out);
    }
    return true;
}

/* family (2: v4, 3: v6), bits of the mask, is it a cidr, size, address */
static bool append_address(auk_reader *in, auk_buffer *out)
{
    uint8_t family = auk_wire_u8(in), bits = auk_wire_u8(in), is_cidr = auk_wire_u8(in);
    uint8_t size = auk_wire_u8(in);
    if (in->failed || (family != 2 && family != 3) || size != (family == 2 ? 4 : 16) ||
        bits > size * 8)
        return false;
    auk_span address = auk_wire_bytes(in, size);
    char text[INET6_ADDRSTRLEN];
    if (in->failed || !inet_ntop(family == 2 ? AF_INET : AF_INET6, address.data, text, sizeof text))
        return false;
    auk_buffer_append_text(out, text);
    if (is_cidr || bits < size * 8)
        auk_buffer_printf(out, "/%u", bits);
    return true;
}

static bool append_bits(auk_reader *in, auk_buffer *out)
{
    uint32_t count = auk_wire_u32(in);
    if (in->failed || auk_reader_left(in) != ((uint64_t)count + 7) / 8)
        return false;
    for (uint32_t i = 0; i < count; i++)
        auk_buffer_append_byte(out, in->at[i / 8] & (0x80 >> i % 8) ? '1' : '0');
    auk_wire_take(in, auk_reader_left(in));
    return true;
}

static void append_lexeme(auk_span word, auk_buffer *out)
{
    auk_buffer_append_byte(out, '\'');
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] == '\'' || word.data[i] == '\\')
            auk_buffer_append_byte(out, word.data[i]);
        auk_buffer_append_byte(out, word.data[i]);
    }
    auk_buffer_append_byte(out, '\'');
}

/* count, then words each with a zero byte, count of positions, positions with two bits of weight */
static bool append_tsvector(auk_reader *in, auk_buffer *out)
{
    uint32_t count = auk_wire_u32(in);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        auk_span word = auk_wire_text(in);
        uint16_t positions = auk_wire_u16(in);
        if (in->failed || auk_reader_left(in) < 2 * (size_t)positions)
            return false;
        if (i > 0)
            auk_buffer_append_byte(out, ' ');
        append_lexeme(word, out);
        for (uint16_t p = 0; p < positions; p++) {
            uint16_t position = auk_wire_u16(in);
            auk_buffer_printf(out, "%c%u", p ? ',' : ':', position & 0x3fff);
            if (position >> 14)
                auk_buffer_append_byte(out, "DCBA"[position >> 14]);
        }
    }
    return !in->failed;
}

static bool append_char(auk_span bytes, auk_buffer *out)
{
    if (bytes.size != 1)
        return false;
    uint8_t byte = (uint8_t)bytes.data[0];
    if (byte >= 0x80)
        auk_buffer_printf(out, "\\%03o", byte);
    else if (byte > 0)
        auk_buffer_append_byte(out, (char)byte);
    return true;
}

static bool append_versioned(auk_span bytes, auk_buffer *out)
{
    if (bytes.size == 0 || bytes.data[0] != 1)
        return false;
    auk_buffer_append(out, auk_span_from(bytes, 1));
    return true;
}

bool auk_pg_append_word(auk_pg_kind kind, auk_span binary, auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    switch (kind) {
    case AUK_PG_BOOL:
        auk_buffer_append_byte(out, auk_wire_u8(&in) ? 't' : 'f');
        break;
    case AUK_PG_CHAR:
        return append_char(binary, out);
    case AUK_PG_BYTEA:
        auk_buffer_append_text(out, "\\x");
        append_hex(binary, 0, out);
        return true;
    case AUK_PG_GEOMETRY:
        append_hex(binary, 0, out);
        for (size_t i = out->size - 2 * binary.size; i < out->size; i++)
            if (out->data[i] >= 'a')
                out->data[i] = (char)(out->data[i] - 'a' + 'A');
        return binary.size > 0;
    case AUK_PG_BIT:
        return append_bits(&in, out);
    case AUK_PG_UUID:
        return append_uuid(binary, out);
    case AUK_PG_INET:
    case AUK_PG_CIDR:
        return append_address(&in, out) && auk_reader_left(&in) == 0;
    case AUK_PG_MACADDR:
        append_hex(binary, ':', out);
        return binary.size == 6 || binary.size == 8;
    case AUK_PG_LSN: {
        uint64_t lsn = auk_wire_u64(&in);
        auk_buffer_printf(out, "%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32), (uint32_t)lsn);
        break;
    }
    case AUK_PG_TSVECTOR:
        return append_tsvector(&in, out) && auk_reader_left(&in) == 0;
    case AUK_PG_JSONB:
    case AUK_PG_VERSIONED:
        return append_versioned(binary, out);
    default:
        return false;
    }
    return !in.failed && auk_reader_left(&in) == 0;
}

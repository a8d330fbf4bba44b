#include "copy_row.h"

#define SIGNATURE      "PGCOPY\n\377\r\n"
#define SIGNATURE_SIZE 11
#define HEADER_SIZE    19

/* ---- text ---- */

static int digit_of(char c, int base)
{
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : base;
    return digit < base ? digit : -1;
}

/* The byte after a backslash at text[*at]; *at is left on the last byte used. */
static char unescape(auk_span text, size_t *at)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    char c = text.data[*at];
    const char *known = auk_byte_among(c, from) ? strchr(from, c) : NULL;
    if (known)
        return to[known - from];
    int base = c == 'x' ? 16 : 8, most = c == 'x' ? 2 : 3, value = 0, used = 0;
    size_t next = *at + (c == 'x' ? 1 : 0);
    while (used < most && next < text.size && digit_of(text.data[next], base) >= 0) {
        value = value * base + digit_of(text.data[next++], base);
        used++;
    }
    if (used == 0)
        return c;
    *at = next - 1;
    return (char)value;
}

static auk_datum read_text(auk_span text, auk_arena *arena)
{
    if (text.size == 2 && text.data[0] == '\\' && text.data[1] == 'N')
        return (auk_datum){.state = AUK_DATUM_NULL};
    if (text.size == 0 || !memchr(text.data, '\\', text.size))
        return (auk_datum){AUK_DATUM_TEXT, text};
    char *out = auk_arena_alloc(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\' && i + 1 < text.size) {
            i++;
            out[size++] = unescape(text, &i);
        } else {
            out[size++] = text.data[i];
        }
    }
    return (auk_datum){AUK_DATUM_TEXT, auk_span_make(out, size)};
}

auk_code auk_copy_row_text(auk_span row, auk_datum *columns, uint32_t count, auk_arena *arena,
                           auk_error *err)
{
    uint32_t found = 0;
    if (row.size && row.data[row.size - 1] == '\n')
        row.size--;
    /* A row without columns is an empty line. */
    for (size_t at = 0; count > 0 && at <= row.size; found++) {
        const char *tab = row.size > at ? memchr(row.data + at, '\t', row.size - at) : NULL;
        size_t end = tab ? (size_t)(tab - row.data) : row.size;
        if (found < count)
            columns[found] = read_text(auk_span_make(row.data + at, end - at), arena);
        at = end + 1;
    }
    if (found != count)
        return auk_fail(err, AUK_CORRUPT, "a row of COPY has %u columns instead of %u", found,
                        count);
    return AUK_OK;
}

/* ---- binary ---- */

static uint32_t be32(const char *at)
{
    const uint8_t *b = (const uint8_t *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static auk_code broken(auk_error *err)
{
    return auk_fail(err, AUK_CORRUPT, "a binary row of COPY is cut");
}

static auk_code skip_header(auk_span *row, auk_error *err)
{
    if (row->size < HEADER_SIZE)
        return broken(err);
    uint32_t extension = be32(row->data + HEADER_SIZE - 4);
    if (extension > row->size - HEADER_SIZE)
        return broken(err);
    *row = auk_span_from(*row, HEADER_SIZE + extension);
    return AUK_OK;
}

auk_code auk_copy_row_binary(auk_span row, auk_datum *columns, uint32_t count, bool *has_row,
                             auk_error *err)
{
    *has_row = false;
    if (row.size >= SIGNATURE_SIZE && memcmp(row.data, SIGNATURE, SIGNATURE_SIZE) == 0) {
        auk_code code = skip_header(&row, err);
        if (code != AUK_OK || row.size == 0)
            return code;
    }
    if (row.size < 2)
        return broken(err);
    uint32_t found = (uint32_t)(uint8_t)row.data[0] << 8 | (uint8_t)row.data[1];
    row = auk_span_from(row, 2);
    if (found == 0xffff)
        return AUK_OK;
    if (found != count)
        return auk_fail(err, AUK_CORRUPT, "a row of COPY has %u columns instead of %u", found,
                        count);
    for (uint32_t i = 0; i < count; i++) {
        if (row.size < 4)
            return broken(err);
        uint32_t size = be32(row.data);
        row = auk_span_from(row, 4);
        if (size == UINT32_MAX) {
            columns[i] = (auk_datum){.state = AUK_DATUM_NULL};
            continue;
        }
        if (size > row.size)
            return broken(err);
        columns[i] = (auk_datum){AUK_DATUM_BINARY, auk_span_make(row.data, size)};
        row = auk_span_from(row, size);
    }
    *has_row = true;
    return row.size ? broken(err) : AUK_OK;
}

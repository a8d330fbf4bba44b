/* One value to JSON or to text, by its type. See pg_value.h. */
#include "pg_value.h"

#include <stdlib.h>

#include "auk/varint.h"
#include "pg_value_private.h"

auk_code auk_pg_malformed(auk_error *err, const char *what, auk_span bytes)
{
    auk_span shown = auk_span_make(bytes.data, bytes.size < 80 ? bytes.size : 80);
    return auk_fail(err, AUK_INVALID, "%s \"%.*s\" is malformed", what, AUK_SPAN_ARG(shown));
}

auk_arena *auk_pg_writing_arena(auk_pg_writing *w)
{
    if (!w->arena)
        w->arena = auk_arena_create(2048);
    return w->arena;
}

/* ---- texts that are JSON numbers ---- */

/* -?digits[.digits], no zero in front: what RFC 8259 takes and Postgres writes. */
static bool is_number(auk_span text)
{
    size_t at = text.size > 0 && text.data[0] == '-', start = at;
    while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    if (at == start || (at - start > 1 && text.data[start] == '0'))
        return false;
    if (at == text.size)
        return true;
    start = at + 1;
    if (text.data[at++] != '.')
        return false;
    while (at < text.size && text.data[at] >= '0' && text.data[at] <= '9')
        at++;
    return at == text.size && at > start;
}

static bool is_special(auk_span text)
{
    return auk_span_is(text, "NaN") || auk_span_is(text, "Infinity") ||
           auk_span_is(text, "-Infinity");
}

static auk_code write_exact(auk_pg_writing *w, auk_span text)
{
    if (is_number(text))
        auk_json_raw(w->out, text);
    else if (is_special(text)) {
        auk_json_string(w->out, text);
        (*w->unmapped)++;
    } else
        return auk_pg_malformed(w->err, "number", text);
    return AUK_OK;
}

static auk_code write_float(auk_pg_writing *w, auk_span text, bool is_single)
{
    char copy[64], *end;
    if (is_special(text))
        return write_exact(w, text);
    if (text.size == 0 || text.size >= sizeof copy || !strchr("-0123456789", text.data[0]))
        return auk_pg_malformed(w->err, "number", text);
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (is_single)
        auk_json_float(w->out, strtof(copy, &end));
    else
        auk_json_double(w->out, strtod(copy, &end));
    return end == copy + text.size ? AUK_OK : auk_pg_malformed(w->err, "number", text);
}

/* What a session writes by its lc_monetary: "$1,234.56", "(1.234,56)". How many digits are behind
 * the point is known, and nothing else in it is a digit. */
static bool plain_money(const auk_pg_types *types, auk_span text, auk_buffer *out)
{
    uint32_t behind = auk_pg_types_money_digits(types);
    char digits[64];
    size_t count = 0;
    bool is_negative = false;
    for (size_t i = 0; i < text.size; i++) {
        is_negative |= text.data[i] == '-' || text.data[i] == '(';
        if (text.data[i] < '0' || text.data[i] > '9')
            continue;
        if (count == sizeof digits)
            return false;
        digits[count++] = text.data[i];
    }
    if (count <= behind)
        return false;
    auk_buffer_append_text(out, is_negative ? "-" : "");
    auk_buffer_append(out, auk_span_make(digits, count - behind));
    auk_buffer_append_text(out, behind ? "." : "");
    auk_buffer_append(out, auk_span_make(digits + count - behind, behind));
    return true;
}

/* ---- others ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static auk_code unhex(auk_pg_writing *w, auk_span hex, auk_span *out)
{
    uint8_t *bytes = (uint8_t *)auk_arena_alloc(auk_pg_writing_arena(w), hex.size / 2 + 1);
    for (size_t i = 0; i + 1 < hex.size; i += 2) {
        int high = hex_digit(hex.data[i]), low = hex_digit(hex.data[i + 1]);
        if (high < 0 || low < 0)
            return auk_pg_malformed(w->err, "bytes", hex);
        bytes[i / 2] = (uint8_t)(high << 4 | low);
    }
    *out = auk_span_make(bytes, hex.size / 2);
    return hex.size % 2 == 0 ? AUK_OK : auk_pg_malformed(w->err, "bytes", hex);
}

static auk_code write_base64(auk_pg_writing *w, auk_span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = (bytes.size + 2) / 3 * 4, at = 0;
    char *text = (char *)auk_arena_alloc(auk_pg_writing_arena(w), size + 1);
    const uint8_t *in = auk_span_bytes(bytes);
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t three = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                         (left > 2 ? in[i + 2] : 0);
        text[at++] = digits[three >> 18];
        text[at++] = digits[three >> 12 & 63];
        text[at++] = left > 1 ? digits[three >> 6 & 63] : '=';
        text[at++] = left > 2 ? digits[three & 63] : '=';
    }
    auk_json_string(w->out, auk_span_make(text, size));
    return AUK_OK;
}

static auk_code write_bytea(auk_pg_writing *w, auk_span text)
{
    if (!auk_span_starts_with(text, AUK_SPAN("\\x")))
        return auk_pg_malformed(w->err, "bytes", text);
    auk_span bytes = {0};
    auk_code code = unhex(w, auk_span_from(text, 2), &bytes);
    return code == AUK_OK ? write_base64(w, bytes) : code;
}

/* It stands within a text of ours, so it must be JSON for itself. */
static auk_code write_json(auk_pg_writing *w, auk_span text)
{
    const auk_json *tree;
    auk_code code = auk_json_parse(text, auk_pg_writing_arena(w), &tree, w->err);
    if (code == AUK_OK)
        auk_json_raw(w->out, text);
    return code;
}

static auk_code write_time(auk_pg_writing *w, auk_pg_kind kind, auk_span text)
{
    auk_buffer iso;
    auk_buffer_init(&iso, 256);
    bool sound = auk_pg_time_to_iso(kind, text, &iso);
    if (sound)
        auk_json_string(w->out, auk_buffer_span(&iso));
    auk_buffer_deinit(&iso);
    return sound ? AUK_OK : auk_pg_malformed(w->err, "moment", text);
}

/* Little or big endian, type with flags (0x20000000: SRID follows), x, y. */
static bool point_of(auk_span wkb, double *x, double *y)
{
    const uint8_t *at = auk_span_bytes(wkb);
    if (wkb.size != 25 || at[0] != 1 || auk_load_u32(at + 1) != 0x20000001 ||
        auk_load_u32(at + 5) != 4326)
        return false;
    memcpy(x, at + 9, sizeof *x);
    memcpy(y, at + 17, sizeof *y);
    return *x >= -180 && *x <= 180 && *y >= -90 && *y <= 90;
}

static auk_code write_geometry(auk_pg_writing *w, auk_span hex)
{
    auk_span wkb = {0};
    double x, y;
    auk_code code = unhex(w, hex, &wkb);
    if (code != AUK_OK)
        return code;
    if (!point_of(wkb, &x, &y)) {
        auk_json_string(w->out, hex);
        (*w->unmapped)++;
        return AUK_OK;
    }
    auk_span text = auk_arena_printf(auk_pg_writing_arena(w), "%.15g,%.15g", y, x);
    auk_json_string(w->out, text);
    return AUK_OK;
}

static auk_code write_money(auk_pg_writing *w, auk_span text)
{
    auk_buffer plain;
    auk_buffer_init(&plain, 256);
    auk_code code = plain_money(w->types, text, &plain) ? write_exact(w, auk_buffer_span(&plain))
                                                        : auk_pg_malformed(w->err, "money", text);
    auk_buffer_deinit(&plain);
    return code;
}

auk_code auk_pg_write_scalar(auk_pg_writing *w, const auk_pg_type *type, auk_span text)
{
    switch (type->kind) {
    case AUK_PG_BOOL:
        if (text.size != 1 || (text.data[0] != 't' && text.data[0] != 'f'))
            return auk_pg_malformed(w->err, "boolean", text);
        auk_json_bool(w->out, text.data[0] == 't');
        return AUK_OK;
    case AUK_PG_INT2:
    case AUK_PG_INT4:
    case AUK_PG_INT8:
    case AUK_PG_OID:
    case AUK_PG_XID8:
    case AUK_PG_NUMERIC:
        return write_exact(w, text);
    case AUK_PG_FLOAT4:
    case AUK_PG_FLOAT8:
        return write_float(w, text, type->kind == AUK_PG_FLOAT4);
    case AUK_PG_MONEY:
        return write_money(w, text);
    case AUK_PG_BYTEA:
        return write_bytea(w, text);
    case AUK_PG_DATE:
    case AUK_PG_TIME:
    case AUK_PG_TIMETZ:
    case AUK_PG_TIMESTAMP:
    case AUK_PG_TIMESTAMPTZ:
        return write_time(w, type->kind, text);
    case AUK_PG_JSON:
    case AUK_PG_JSONB:
        return write_json(w, text);
    case AUK_PG_GEOMETRY:
        return write_geometry(w, text);
    case AUK_PG_UNKNOWN:
        (*w->unmapped)++;
        break;
    default:
        break;
    }
    auk_json_string(w->out, text);
    return AUK_OK;
}

/* ---- dispatch ---- */

/* Those whose binary is the text, and those that need no way over text. */
static bool write_directly(auk_pg_writing *w, auk_pg_kind kind, auk_span binary)
{
    const uint8_t *at = auk_span_bytes(binary);
    if (kind == AUK_PG_TEXT || kind == AUK_PG_KEYWORD || kind == AUK_PG_ENUM)
        auk_json_string(w->out, binary);
    else if (kind == AUK_PG_INT4 && binary.size == 4)
        auk_json_int(w->out, (int32_t)auk_load_be32(at));
    else if (kind == AUK_PG_INT8 && binary.size == 8)
        auk_json_int(w->out, (int64_t)auk_load_be64(at));
    else if (kind == AUK_PG_BOOL && binary.size == 1)
        auk_json_bool(w->out, *at != 0);
    else
        return false;
    return true;
}

static auk_code write_binary(auk_pg_writing *w, const auk_pg_type *type, auk_span binary)
{
    if (write_directly(w, type->kind, binary))
        return AUK_OK;
    if (type->kind == AUK_PG_JSON)
        return write_json(w, binary);
    if (type->kind == AUK_PG_BYTEA)
        return write_base64(w, binary);
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_pg_texting t = {.types = w->types, .depth = w->depth, .err = w->err};
    auk_code code = auk_pg_append_text(&t, type->oid, binary, &text);
    if (code == AUK_OK && type->kind == AUK_PG_MONEY)
        code = write_exact(w, auk_buffer_span(&text));
    else if (code == AUK_OK)
        code = auk_pg_write_scalar(w, type, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return code;
}

static auk_code write_value(auk_pg_writing *w, const auk_pg_type *type, int32_t modifier,
                            const auk_datum *datum)
{
    switch (type->kind) {
    case AUK_PG_ARRAY:
        return auk_pg_write_array(w, type, modifier, datum);
    case AUK_PG_COMPOSITE:
        return auk_pg_write_composite(w, type, datum);
    case AUK_PG_RANGE:
        return auk_pg_write_range(w, type, datum);
    case AUK_PG_MULTIRANGE:
        return auk_pg_write_multirange(w, type, datum);
    case AUK_PG_HSTORE:
        return auk_pg_write_hstore(w, datum);
    case AUK_PG_VECTOR:
    case AUK_PG_HALFVEC:
        return auk_pg_write_vector(w, type, datum);
    default:
        return datum->state == AUK_DATUM_TEXT ? auk_pg_write_scalar(w, type, datum->bytes)
                                              : write_binary(w, type, datum->bytes);
    }
}

auk_code auk_pg_write(auk_pg_writing *w, uint32_t oid, int32_t modifier, const auk_datum *datum)
{
    if (datum->state == AUK_DATUM_NULL) {
        auk_json_null(w->out);
        return AUK_OK;
    }
    if (datum->state == AUK_DATUM_UNCHANGED)
        return auk_fail(w->err, AUK_INVALID, "the value was not sent");
    if (w->depth == AUK_PG_NESTED_MOST)
        return auk_fail(w->err, AUK_INVALID, "more than %d types within types", AUK_PG_NESTED_MOST);
    w->depth++;
    const auk_pg_type *type = auk_pg_types_find(w->types, oid, &modifier);
    auk_code code = write_value(w, type, modifier, datum);
    w->depth--;
    return code;
}

auk_code auk_pg_value_write(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                            const auk_datum *datum, auk_json_writer *out, uint64_t *unmapped,
                            auk_error *err)
{
    auk_pg_writing w = {.types = types, .out = out, .unmapped = unmapped, .err = err};
    auk_code code = auk_pg_write(&w, oid, modifier, datum);
    auk_arena_destroy(w.arena);
    return code;
}

/* ---- text ---- */

auk_code auk_pg_append_text(auk_pg_texting *t, uint32_t oid, auk_span binary, auk_buffer *out)
{
    int32_t modifier = -1;
    const auk_pg_type *type = auk_pg_types_find(t->types, oid, &modifier);
    size_t before = out->size;
    switch (type->kind) {
    case AUK_PG_TEXT:
    case AUK_PG_KEYWORD:
    case AUK_PG_ENUM:
    case AUK_PG_JSON:
        auk_buffer_append(out, binary);
        return AUK_OK;
    case AUK_PG_ARRAY:
    case AUK_PG_COMPOSITE:
    case AUK_PG_RANGE:
    case AUK_PG_MULTIRANGE:
    case AUK_PG_HSTORE: {
        if (t->depth == AUK_PG_NESTED_MOST)
            break;
        t->depth++;
        auk_code code = auk_pg_append_container(t, type, binary, out);
        t->depth--;
        return code;
    }
    default:
        if (auk_pg_append_number(t->types, type->kind, binary, out))
            return AUK_OK;
        out->size = before;
        if (auk_pg_append_word(type->kind, binary, out))
            return AUK_OK;
        out->size = before;
        if (auk_pg_append_time(type->kind, binary, out))
            return AUK_OK;
        out->size = before;
    }
    return auk_fail(t->err, AUK_INVALID, "%zu bytes are no binary value of the type with OID %u",
                    binary.size, oid);
}

auk_code auk_pg_value_text(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                           const auk_datum *datum, auk_arena *arena, auk_span *out, auk_error *err)
{
    *out = (auk_span){0};
    if (datum->state == AUK_DATUM_NULL)
        return AUK_OK;
    if (datum->state == AUK_DATUM_UNCHANGED)
        return auk_fail(err, AUK_INVALID, "the value was not sent");
    const auk_pg_type *type = auk_pg_types_find(types, oid, &modifier);
    if (datum->state == AUK_DATUM_TEXT && type->kind != AUK_PG_MONEY) {
        *out = datum->bytes;
        return AUK_OK;
    }
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_pg_texting t = {.types = types, .err = err};
    auk_code code = AUK_OK;
    if (datum->state == AUK_DATUM_TEXT)
        code = plain_money(types, datum->bytes, &text)
                   ? AUK_OK
                   : auk_pg_malformed(err, "money", datum->bytes);
    else
        code = auk_pg_append_text(&t, oid, datum->bytes, &text);
    if (code == AUK_OK)
        *out = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return code;
}

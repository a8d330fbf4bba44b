/* Composites, ranges, multiranges and hstore, text and binary, as JSON. See pg_value_private.h. */
#include "pg_value_private.h"
#include "wire.h"

#define RANGE_EMPTY   0x01
#define RANGE_LOW_IN  0x02
#define RANGE_HIGH_IN 0x04
#define RANGE_NO_LOW  0x08
#define RANGE_NO_HIGH 0x10

/* Text up to one of the ends, with quoted pieces: "" and \ before a byte stand for one. What is
 * empty and has no quotes is null. False: it does not end. */
static bool cut_field(auk_pg_writing *w, auk_span *rest, const char *ends, auk_datum *out)
{
    auk_span at = *rest;
    char *copy = (char *)auk_arena_alloc(auk_pg_writing_arena(w), at.size + 1);
    size_t count = 0, i = 0;
    bool quoted = false, was_quoted = false;
    for (; i < at.size && (quoted || !auk_byte_among(at.data[i], ends)); i++) {
        char c = at.data[i];
        bool twice = c == '"' && quoted && i + 1 < at.size && at.data[i + 1] == '"';
        if ((c == '\\' && i + 1 < at.size) || twice)
            copy[count++] = at.data[++i];
        else if (c == '"')
            was_quoted = true, quoted = !quoted;
        else
            copy[count++] = c;
    }
    if (i == at.size)
        return false;
    *rest = auk_span_from(at, i);
    bool is_null = count == 0 && !was_quoted;
    *out = (auk_datum){is_null ? AUK_DATUM_NULL : AUK_DATUM_TEXT, auk_span_make(copy, count)};
    return true;
}

/* size, -1 null, then bytes */
static bool read_field(auk_reader *in, auk_datum *out)
{
    int32_t size = (int32_t)auk_wire_u32(in);
    *out = (auk_datum){AUK_DATUM_NULL, {0}};
    if (size >= 0)
        *out = (auk_datum){AUK_DATUM_BINARY, auk_wire_bytes(in, (size_t)size)};
    return !in->failed && size >= -1;
}

/* ---- composites: (1,"a b",) ---- */

static auk_code write_composite_text(auk_pg_writing *w, const auk_pg_type *type, auk_span text)
{
    if (text.size < 2 || text.data[0] != '(')
        return auk_pg_malformed(w->err, "composite value", text);
    auk_span rest = auk_span_from(text, 1);
    for (uint32_t i = 0; i < type->attribute_count; i++) {
        const auk_pg_attribute *attribute = &type->attributes[i];
        auk_datum field;
        if (!cut_field(w, &rest, ",)", &field) ||
            rest.data[0] != (i + 1 < type->attribute_count ? ',' : ')'))
            return auk_pg_malformed(w->err, "composite value", text);
        rest = auk_span_from(rest, 1);
        auk_json_key(w->out, attribute->name);
        auk_code code = auk_pg_write(w, attribute->type, attribute->modifier, &field);
        if (code != AUK_OK)
            return code;
    }
    bool whole = type->attribute_count ? rest.size == 0 : auk_span_is(rest, ")");
    return whole ? AUK_OK : auk_pg_malformed(w->err, "composite value", text);
}

static auk_code write_composite_binary(auk_pg_writing *w, const auk_pg_type *type, auk_span bytes)
{
    auk_reader in = auk_reader_of(bytes);
    uint32_t count = auk_wire_u32(&in);
    if (in.failed || count != type->attribute_count)
        return auk_fail(w->err, AUK_INVALID, "a composite value has %u columns instead of %u",
                        count, type->attribute_count);
    for (uint32_t i = 0; i < count; i++) {
        const auk_pg_attribute *attribute = &type->attributes[i];
        (void)auk_wire_u32(&in); /* OID of the column's type */
        auk_datum field;
        if (!read_field(&in, &field))
            return auk_fail(w->err, AUK_INVALID, "a composite value of %zu bytes is cut",
                            bytes.size);
        auk_json_key(w->out, attribute->name);
        auk_code code = auk_pg_write(w, attribute->type, attribute->modifier, &field);
        if (code != AUK_OK)
            return code;
    }
    return auk_reader_left(&in) == 0
               ? AUK_OK
               : auk_fail(w->err, AUK_INVALID, "a composite value has more than its columns");
}

auk_code auk_pg_write_composite(auk_pg_writing *w, const auk_pg_type *type, const auk_datum *datum)
{
    auk_json_begin_object(w->out);
    auk_code code = datum->state == AUK_DATUM_TEXT ? write_composite_text(w, type, datum->bytes)
                                                   : write_composite_binary(w, type, datum->bytes);
    if (code == AUK_OK)
        auk_json_end_object(w->out);
    return code;
}

/* ---- ranges: [1,5) ---- */

typedef struct range {
    uint8_t flags;
    auk_datum low, high;
} range;

static auk_code write_range(auk_pg_writing *w, const auk_pg_type *type, const range *r)
{
    if (r->flags & RANGE_EMPTY) {
        auk_json_null(w->out);
        return AUK_OK;
    }
    auk_code code = AUK_OK;
    auk_json_begin_object(w->out);
    if (!(r->flags & RANGE_NO_LOW)) {
        auk_json_key(w->out, auk_span_of(r->flags & RANGE_LOW_IN ? "gte" : "gt"));
        code = auk_pg_write(w, type->element, -1, &r->low);
    }
    if (code == AUK_OK && !(r->flags & RANGE_NO_HIGH)) {
        auk_json_key(w->out, auk_span_of(r->flags & RANGE_HIGH_IN ? "lte" : "lt"));
        code = auk_pg_write(w, type->element, -1, &r->high);
    }
    if (code == AUK_OK)
        auk_json_end_object(w->out);
    return code;
}

/* Cuts one off the front; of a multirange more may follow. */
static bool cut_range(auk_pg_writing *w, auk_span *rest, range *out)
{
    *out = (range){0};
    if (auk_span_starts_with(*rest, AUK_SPAN("empty"))) {
        out->flags = RANGE_EMPTY;
        *rest = auk_span_from(*rest, 5);
        return true;
    }
    if (rest->size < 3 || !auk_byte_among(rest->data[0], "[("))
        return false;
    out->flags = rest->data[0] == '[' ? RANGE_LOW_IN : 0;
    *rest = auk_span_from(*rest, 1);
    if (!cut_field(w, rest, ",", &out->low))
        return false;
    *rest = auk_span_from(*rest, 1);
    if (!cut_field(w, rest, ")]", &out->high))
        return false;
    out->flags |= rest->data[0] == ']' ? RANGE_HIGH_IN : 0;
    out->flags |= out->low.state == AUK_DATUM_NULL ? RANGE_NO_LOW : 0;
    out->flags |= out->high.state == AUK_DATUM_NULL ? RANGE_NO_HIGH : 0;
    *rest = auk_span_from(*rest, 1);
    return true;
}

static bool read_bound(auk_reader *in, auk_datum *out)
{
    return read_field(in, out) && out->state != AUK_DATUM_NULL;
}

static bool read_range(auk_span bytes, range *out)
{
    auk_reader in = auk_reader_of(bytes);
    *out = (range){.flags = auk_wire_u8(&in)};
    if (!(out->flags & (RANGE_EMPTY | RANGE_NO_LOW)) && !read_bound(&in, &out->low))
        return false;
    if (!(out->flags & (RANGE_EMPTY | RANGE_NO_HIGH)) && !read_bound(&in, &out->high))
        return false;
    return !in.failed && auk_reader_left(&in) == 0;
}

auk_code auk_pg_write_range(auk_pg_writing *w, const auk_pg_type *type, const auk_datum *datum)
{
    range r;
    auk_span rest = datum->bytes;
    if (datum->state == AUK_DATUM_TEXT ? !cut_range(w, &rest, &r) || rest.size > 0
                                       : !read_range(datum->bytes, &r))
        return auk_pg_malformed(w->err, "range",
                                datum->state == AUK_DATUM_TEXT ? datum->bytes : AUK_SPAN("binary"));
    return write_range(w, type, &r);
}

/* ---- multiranges: {[1,3),[5,9)} ---- */

static auk_code write_multirange_text(auk_pg_writing *w, const auk_pg_type *type, auk_span text)
{
    auk_span rest = text;
    bool more = true;
    if (text.size < 2 || text.data[0] != '{' || text.data[text.size - 1] != '}')
        return auk_pg_malformed(w->err, "multirange", text);
    rest = auk_span_make(text.data + 1, text.size - 2);
    for (more = rest.size > 0; more;) {
        range r;
        if (!cut_range(w, &rest, &r))
            return auk_pg_malformed(w->err, "multirange", text);
        auk_code code = write_range(w, type, &r);
        if (code != AUK_OK)
            return code;
        more = rest.size > 1 && rest.data[0] == ',';
        if (more)
            rest = auk_span_from(rest, 1);
    }
    return rest.size == 0 ? AUK_OK : auk_pg_malformed(w->err, "multirange", text);
}

static auk_code write_multirange_binary(auk_pg_writing *w, const auk_pg_type *type, auk_span bytes)
{
    auk_reader in = auk_reader_of(bytes);
    uint32_t count = auk_wire_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++) {
        auk_datum one;
        range r;
        if (!read_field(&in, &one) || !read_range(one.bytes, &r))
            return auk_pg_malformed(w->err, "multirange", AUK_SPAN("binary"));
        auk_code code = write_range(w, type, &r);
        if (code != AUK_OK)
            return code;
    }
    return !in.failed && auk_reader_left(&in) == 0
               ? AUK_OK
               : auk_pg_malformed(w->err, "multirange", AUK_SPAN("binary"));
}

auk_code auk_pg_write_multirange(auk_pg_writing *w, const auk_pg_type *type, const auk_datum *datum)
{
    int32_t modifier = -1;
    const auk_pg_type *of = auk_pg_types_find(w->types, type->element, &modifier);
    auk_json_begin_array(w->out);
    auk_code code = datum->state == AUK_DATUM_TEXT ? write_multirange_text(w, of, datum->bytes)
                                                   : write_multirange_binary(w, of, datum->bytes);
    if (code == AUK_OK)
        auk_json_end_array(w->out);
    return code;
}

/* ---- hstore: "a"=>"1", "b"=>NULL ---- */

static auk_code write_hstore_text(auk_pg_writing *w, auk_span text)
{
    auk_span rest = text;
    while (rest.size > 0) {
        auk_datum key, value;
        if (!cut_field(w, &rest, "=", &key) || !auk_span_starts_with(rest, AUK_SPAN("=>")))
            return auk_pg_malformed(w->err, "hstore", text);
        rest = auk_span_from(rest, 2);
        bool quoted = rest.size > 0 && rest.data[0] == '"';
        auk_span one = rest;
        if (!cut_field(w, &rest, ",", &value)) { /* the last */
            auk_span closed = auk_arena_printf(auk_pg_writing_arena(w), "%.*s,", AUK_SPAN_ARG(one));
            if (!cut_field(w, &closed, ",", &value))
                return auk_pg_malformed(w->err, "hstore", text);
            rest = (auk_span){0};
        }
        auk_json_key(w->out, key.bytes);
        if (quoted)
            auk_json_string(w->out, value.bytes);
        else
            auk_json_null(w->out);
        while (rest.size > 0 && (rest.data[0] == ',' || rest.data[0] == ' '))
            rest = auk_span_from(rest, 1);
    }
    return AUK_OK;
}

static auk_code write_hstore_binary(auk_pg_writing *w, auk_span bytes)
{
    auk_reader in = auk_reader_of(bytes);
    uint32_t count = auk_wire_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++) {
        auk_datum key, value;
        if (!read_field(&in, &key) || key.state == AUK_DATUM_NULL || !read_field(&in, &value))
            return auk_pg_malformed(w->err, "hstore", AUK_SPAN("binary"));
        auk_json_key(w->out, key.bytes);
        if (value.state == AUK_DATUM_NULL)
            auk_json_null(w->out);
        else
            auk_json_string(w->out, value.bytes);
    }
    return !in.failed && auk_reader_left(&in) == 0
               ? AUK_OK
               : auk_pg_malformed(w->err, "hstore", AUK_SPAN("binary"));
}

auk_code auk_pg_write_hstore(auk_pg_writing *w, const auk_datum *datum)
{
    auk_json_begin_object(w->out);
    auk_code code = datum->state == AUK_DATUM_TEXT ? write_hstore_text(w, datum->bytes)
                                                   : write_hstore_binary(w, datum->bytes);
    if (code == AUK_OK)
        auk_json_end_object(w->out);
    return code;
}

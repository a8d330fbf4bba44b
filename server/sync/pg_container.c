/* Arrays, composites, ranges and hstore from binary, as Postgres writes them in text. See
 * pg_value_private.h. */
#include "pg_value_private.h"
#include "wire.h"

static auk_code cut_short(auk_pg_texting *t, auk_span binary)
{
    return auk_fail(t->err, AUK_INVALID, "a value of %zu bytes is cut", binary.size);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool needs_quotes(auk_span text, const char *special)
{
    bool is_null = text.size == 4 && (text.data[0] | 32) == 'n' && (text.data[1] | 32) == 'u' &&
                   (text.data[2] | 32) == 'l' && (text.data[3] | 32) == 'l';
    if (text.size == 0 || (is_null && special[0] == '{'))
        return true;
    for (size_t i = 0; i < text.size; i++)
        if (is_blank(text.data[i]) || auk_byte_among(text.data[i], special) ||
            auk_byte_among(text.data[i], "\"\\"))
            return true;
    return false;
}

/* twice: a quote or backslash stands twice, else behind a backslash. */
static void append_quoted(auk_span text, bool twice, auk_buffer *out)
{
    auk_buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            auk_buffer_append_byte(out, twice ? text.data[i] : '\\');
        auk_buffer_append_byte(out, text.data[i]);
    }
    auk_buffer_append_byte(out, '"');
}

/* Value of a part, quoted where its container's grammar asks for it. */
static auk_code append_part(auk_pg_texting *t, uint32_t oid, auk_span binary, const char *special,
                            auk_buffer *out)
{
    auk_buffer part;
    auk_buffer_init(&part, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_pg_append_text(t, oid, binary, &part);
    if (code == AUK_OK && needs_quotes(auk_buffer_span(&part), special))
        append_quoted(auk_buffer_span(&part), special[0] != '{', out);
    else if (code == AUK_OK)
        auk_buffer_append(out, auk_buffer_span(&part));
    auk_buffer_deinit(&part);
    return code;
}

/* ---- arrays ---- */

typedef struct array_shape {
    uint32_t dimensions, sizes[6];
    int32_t low[6];
    char special[4]; /* {, }, delimiter */
} array_shape;

static bool read_shape(auk_reader *in, array_shape *shape, size_t size)
{
    shape->dimensions = auk_wire_u32(in);
    (void)auk_wire_bytes(in, 8);
    if (in->failed || shape->dimensions > 6)
        return false;
    uint64_t elements = 1;
    for (uint32_t i = 0; i < shape->dimensions; i++) {
        shape->sizes[i] = auk_wire_u32(in);
        shape->low[i] = (int32_t)auk_wire_u32(in);
        if (in->failed || shape->sizes[i] == 0 || shape->sizes[i] > size)
            return false;
        elements *= shape->sizes[i];
        if (elements > size / 4)
            return false;
    }
    return true;
}

static void append_bounds(const array_shape *shape, auk_buffer *out)
{
    bool plain = true;
    for (uint32_t i = 0; i < shape->dimensions; i++)
        plain = plain && shape->low[i] == 1;
    for (uint32_t i = 0; !plain && i < shape->dimensions; i++)
        auk_buffer_printf(out, "[%d:%lld]", shape->low[i],
                          (long long)shape->low[i] + (long long)shape->sizes[i] - 1);
    auk_buffer_append_text(out, plain ? "" : "=");
}

static auk_code append_level(auk_pg_texting *t, const auk_pg_type *type, const array_shape *shape,
                             uint32_t level, auk_reader *in, auk_buffer *out)
{
    auk_code code = AUK_OK;
    auk_buffer_append_byte(out, '{');
    for (uint32_t i = 0; i < shape->sizes[level] && code == AUK_OK; i++) {
        if (i > 0)
            auk_buffer_append_byte(out, shape->special[2]);
        if (level + 1 < shape->dimensions) {
            code = append_level(t, type, shape, level + 1, in, out);
            continue;
        }
        int32_t size = (int32_t)auk_wire_u32(in);
        auk_span element = size > 0 ? auk_wire_bytes(in, (size_t)size) : (auk_span){0};
        if (in->failed || size < -1)
            return cut_short(t, auk_span_make(NULL, 0));
        if (size < 0)
            auk_buffer_append_text(out, "NULL");
        else
            code = append_part(t, type->element, element, shape->special, out);
    }
    auk_buffer_append_byte(out, '}');
    return code;
}

static auk_code append_array(auk_pg_texting *t, const auk_pg_type *type, auk_span binary,
                             auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    int32_t modifier = -1;
    const auk_pg_type *element = auk_pg_types_find(t->types, type->element, &modifier);
    array_shape shape = {.special = {'{', '}', element->delimiter ? element->delimiter : ','}};
    if (!read_shape(&in, &shape, binary.size))
        return cut_short(t, binary);
    if (shape.dimensions == 0) {
        auk_buffer_append_text(out, "{}");
        return AUK_OK;
    }
    append_bounds(&shape, out);
    auk_code code = append_level(t, type, &shape, 0, &in, out);
    return code == AUK_OK && auk_reader_left(&in) > 0 ? cut_short(t, binary) : code;
}

/* ---- composites ---- */

static auk_code append_composite(auk_pg_texting *t, const auk_pg_type *type, auk_span binary,
                                 auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    uint32_t count = auk_wire_u32(&in);
    if (in.failed || count != type->attribute_count)
        return cut_short(t, binary);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        auk_buffer_append_byte(out, i ? ',' : '(');
        (void)auk_wire_u32(&in);
        int32_t size = (int32_t)auk_wire_u32(&in);
        auk_span field = size > 0 ? auk_wire_bytes(&in, (size_t)size) : (auk_span){0};
        if (in.failed || size < -1)
            return cut_short(t, binary);
        if (size >= 0)
            code = append_part(t, type->attributes[i].type, field, "(),", out);
    }
    auk_buffer_append_text(out, count ? ")" : "()");
    return code == AUK_OK && auk_reader_left(&in) > 0 ? cut_short(t, binary) : code;
}

/* ---- ranges: flags 1 empty, 2 and 4 bounds within, 8 and 16 no bounds ---- */

static auk_code append_bound(auk_pg_texting *t, const auk_pg_type *type, auk_reader *in,
                             auk_buffer *out)
{
    uint32_t size = auk_wire_u32(in);
    auk_span bound = auk_wire_bytes(in, size);
    if (in->failed)
        return cut_short(t, (auk_span){0});
    return append_part(t, type->element, bound, "()[],", out);
}

static auk_code append_range(auk_pg_texting *t, const auk_pg_type *type, auk_span binary,
                             auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    uint8_t flags = auk_wire_u8(&in);
    auk_code code = AUK_OK;
    if (in.failed)
        return cut_short(t, binary);
    if (flags & 1) {
        auk_buffer_append_text(out, "empty");
    } else {
        auk_buffer_append_byte(out, flags & 2 ? '[' : '(');
        if (!(flags & 8))
            code = append_bound(t, type, &in, out);
        auk_buffer_append_byte(out, ',');
        if (code == AUK_OK && !(flags & 16))
            code = append_bound(t, type, &in, out);
        auk_buffer_append_byte(out, flags & 4 ? ']' : ')');
    }
    return code == AUK_OK && auk_reader_left(&in) > 0 ? cut_short(t, binary) : code;
}

static auk_code append_multirange(auk_pg_texting *t, const auk_pg_type *type, auk_span binary,
                                  auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    uint32_t count = auk_wire_u32(&in);
    auk_code code = AUK_OK;
    auk_buffer_append_byte(out, '{');
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        if (i > 0)
            auk_buffer_append_byte(out, ',');
        uint32_t size = auk_wire_u32(&in);
        auk_span one = auk_wire_bytes(&in, size);
        code = in.failed ? cut_short(t, binary) : auk_pg_append_text(t, type->element, one, out);
    }
    auk_buffer_append_byte(out, '}');
    return code == AUK_OK && (in.failed || auk_reader_left(&in) > 0) ? cut_short(t, binary) : code;
}

/* ---- hstore ---- */

static auk_code append_hstore(auk_pg_texting *t, auk_span binary, auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    uint32_t count = auk_wire_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++) {
        auk_buffer_append_text(out, i ? ", " : "");
        uint32_t key_size = auk_wire_u32(&in);
        append_quoted(auk_wire_bytes(&in, key_size), false, out);
        auk_buffer_append_text(out, "=>");
        int32_t size = (int32_t)auk_wire_u32(&in);
        if (size < 0)
            auk_buffer_append_text(out, "NULL");
        else
            append_quoted(auk_wire_bytes(&in, (size_t)size), false, out);
    }
    return in.failed || auk_reader_left(&in) > 0 ? cut_short(t, binary) : AUK_OK;
}

auk_code auk_pg_append_container(auk_pg_texting *t, const auk_pg_type *type, auk_span binary,
                                 auk_buffer *out)
{
    switch (type->kind) {
    case AUK_PG_ARRAY:
        return append_array(t, type, binary, out);
    case AUK_PG_COMPOSITE:
        return append_composite(t, type, binary, out);
    case AUK_PG_RANGE:
        return append_range(t, type, binary, out);
    case AUK_PG_MULTIRANGE:
        return append_multirange(t, type, binary, out);
    default:
        return append_hstore(t, binary, out);
    }
}

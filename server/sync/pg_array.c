/* Arrays and vectors, text and binary, as JSON. See pg_value_private.h. */
#include <stdlib.h>

#include "pg_value_private.h"
#include "wire.h"

#define DIMENSIONS_MOST 6 /* MAXDIM of Postgres */

/* ---- text: [2:3]={{1,"a b"},{NULL,"\""}} ---- */

typedef struct array_text {
    auk_pg_writing *w;
    const auk_pg_type *array;
    int32_t modifier;
    auk_span text, rest;
    char delimiter;
} array_text;

static bool is_null_word(auk_span word)
{
    static const char null[] = "null";
    if (word.size != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        if ((word.data[i] | 0x20) != null[i])
            return false;
    return true;
}

/* One element, unescaped; Postgres writes neither blanks around it nor quotes within. */
static bool cut_element(array_text *in, auk_datum *out)
{
    auk_span at = in->rest;
    bool quoted = at.size > 0 && at.data[0] == '"';
    size_t end = quoted, count = 0;
    while (end < at.size &&
           (quoted ? at.data[end] != '"' : at.data[end] != in->delimiter && at.data[end] != '}')) {
        end += at.data[end] == '\\';
        end++;
    }
    if (end >= at.size || (!quoted && end == 0))
        return false;
    char *copy = (char *)auk_arena_alloc(auk_pg_writing_arena(in->w), end + 1);
    for (size_t i = quoted; i < end; i++) {
        i += at.data[i] == '\\';
        copy[count++] = at.data[i];
    }
    in->rest = auk_span_from(at, end + quoted);
    auk_span value = auk_span_make(copy, count);
    bool is_null = !quoted && is_null_word(auk_span_make(at.data, end));
    *out = (auk_datum){is_null ? AUK_DATUM_NULL : AUK_DATUM_TEXT, value};
    return true;
}

static auk_code write_level(array_text *in, uint32_t depth);

static auk_code write_member(array_text *in, uint32_t depth)
{
    if (in->rest.data[0] == '{')
        return write_level(in, depth + 1);
    auk_datum element;
    if (!cut_element(in, &element))
        return auk_pg_malformed(in->w->err, "array", in->text);
    return auk_pg_write(in->w, in->array->element, in->modifier, &element);
}

/* From '{' to behind its '}'. */
static auk_code write_level(array_text *in, uint32_t depth)
{
    if (depth > DIMENSIONS_MOST || in->rest.size < 2 || in->rest.data[0] != '{')
        return auk_pg_malformed(in->w->err, "array", in->text);
    in->rest = auk_span_from(in->rest, 1);
    auk_json_begin_array(in->w->out);
    auk_code code = AUK_OK;
    bool more = in->rest.data[0] != '}';
    while (more && code == AUK_OK) {
        code = write_member(in, depth);
        if (code != AUK_OK)
            return code;
        if (in->rest.size == 0)
            return auk_pg_malformed(in->w->err, "array", in->text);
        more = in->rest.data[0] == in->delimiter;
        if (more)
            in->rest = auk_span_from(in->rest, 1);
        if (more && in->rest.size == 0)
            return auk_pg_malformed(in->w->err, "array", in->text);
    }
    if (in->rest.size == 0 || in->rest.data[0] != '}')
        return auk_pg_malformed(in->w->err, "array", in->text);
    in->rest = auk_span_from(in->rest, 1);
    auk_json_end_array(in->w->out);
    return AUK_OK;
}

static auk_code write_text(auk_pg_writing *w, const auk_pg_type *type, int32_t modifier,
                           auk_span text)
{
    int32_t ignored = -1;
    const auk_pg_type *element = auk_pg_types_find(w->types, type->element, &ignored);
    array_text in = {w, type, modifier, text, text, element->delimiter ? element->delimiter : ','};
    if (text.size > 0 && text.data[0] == '[') { /* bounds */
        const char *equals = (const char *)memchr(text.data, '=', text.size);
        if (!equals)
            return auk_pg_malformed(w->err, "array", text);
        in.rest = auk_span_from(text, (size_t)(equals - text.data) + 1);
    }
    auk_code code = write_level(&in, 1);
    if (code == AUK_OK && in.rest.size > 0)
        return auk_pg_malformed(w->err, "array", text);
    return code;
}

/* ---- binary: dimensions, flags, OID; (size, lower bound) each; elements by size, -1 null ---- */

static auk_code write_elements(auk_pg_writing *w, const auk_pg_type *type, int32_t modifier,
                               const uint32_t *sizes, uint32_t dimensions, auk_reader *in,
                               auk_span bytes)
{
    auk_json_begin_array(w->out);
    for (uint32_t i = 0; i < sizes[0]; i++) {
        auk_code code;
        if (dimensions > 1) {
            code = write_elements(w, type, modifier, sizes + 1, dimensions - 1, in, bytes);
        } else {
            auk_datum element = {AUK_DATUM_NULL, {0}};
            int32_t size = (int32_t)auk_wire_u32(in);
            if (size >= 0)
                element = (auk_datum){AUK_DATUM_BINARY, auk_wire_bytes(in, (size_t)size)};
            if (in->failed || size < -1)
                return auk_fail(w->err, AUK_INVALID, "an array of %zu bytes is cut", bytes.size);
            code = auk_pg_write(w, type->element, modifier, &element);
        }
        if (code != AUK_OK)
            return code;
    }
    auk_json_end_array(w->out);
    return AUK_OK;
}

static auk_code write_binary(auk_pg_writing *w, const auk_pg_type *type, int32_t modifier,
                             auk_span bytes)
{
    auk_reader in = auk_reader_of(bytes);
    uint32_t dimensions = auk_wire_u32(&in), sizes[DIMENSIONS_MOST] = {0};
    uint64_t elements = 1;
    (void)auk_wire_bytes(&in, 8); /* has it nulls; OID of the element */
    for (uint32_t i = 0; !in.failed && dimensions <= DIMENSIONS_MOST && i < dimensions; i++) {
        sizes[i] = auk_wire_u32(&in);
        (void)auk_wire_u32(&in);
        elements = sizes[i] > bytes.size ? UINT64_MAX : elements * sizes[i];
        if (sizes[i] == 0 || elements > bytes.size / 4) /* each has a size of four bytes */
            in.failed = true;
    }
    if (in.failed || dimensions > DIMENSIONS_MOST)
        return auk_fail(w->err, AUK_INVALID, "an array of %zu bytes has bad dimensions",
                        bytes.size);
    if (dimensions == 0) {
        auk_json_begin_array(w->out);
        auk_json_end_array(w->out);
        return AUK_OK;
    }
    auk_code code = write_elements(w, type, modifier, sizes, dimensions, &in, bytes);
    if (code == AUK_OK && auk_reader_left(&in) > 0)
        return auk_fail(w->err, AUK_INVALID, "an array of %zu bytes has more than its elements",
                        bytes.size);
    return code;
}

auk_code auk_pg_write_array(auk_pg_writing *w, const auk_pg_type *type, int32_t modifier,
                            const auk_datum *datum)
{
    return datum->state == AUK_DATUM_TEXT ? write_text(w, type, modifier, datum->bytes)
                                          : write_binary(w, type, modifier, datum->bytes);
}

/* ---- vectors of pgvector: [1,2.5,-3] ---- */

auk_code auk_pg_write_vector(auk_pg_writing *w, const auk_pg_type *type, const auk_datum *datum)
{
    static const auk_pg_type number = {.kind = AUK_PG_FLOAT4};
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_span list = datum->bytes, one;
    auk_code code = AUK_OK;
    if (datum->state == AUK_DATUM_BINARY) {
        if (!auk_pg_append_number(w->types, type->kind, datum->bytes, &text))
            code = auk_fail(w->err, AUK_INVALID, "%zu bytes are no vector", datum->bytes.size);
        list = auk_buffer_span(&text);
    }
    if (code == AUK_OK && (list.size < 2 || list.data[0] != '[' || list.data[list.size - 1] != ']'))
        code = auk_pg_malformed(w->err, "vector", list);
    if (code == AUK_OK) {
        list = auk_span_make(list.data + 1, list.size - 2);
        auk_json_begin_array(w->out);
        while (code == AUK_OK && auk_span_cut(&list, ',', &one))
            code = auk_pg_write_scalar(w, &number, one);
        if (code == AUK_OK)
            auk_json_end_array(w->out);
    }
    auk_buffer_deinit(&text);
    return code;
}

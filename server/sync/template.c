#include "template.h"

typedef struct part {
    bool is_column;
    auk_span text; /* literal, or the column's name */
    uint32_t position;
} part;

struct auk_template {
    part *parts;
    uint32_t count;
};

/* Reads up to the next brace that is not doubled. */
static auk_span read_literal(auk_span text, size_t *at, auk_arena *arena)
{
    char *copy = (char *)auk_arena_alloc(arena, text.size + 1);
    size_t size = 0;
    while (*at < text.size) {
        char byte = text.data[*at];
        if (byte == '{' || byte == '}') {
            if (*at + 1 == text.size || text.data[*at + 1] != byte)
                break;
            ++*at;
        }
        copy[size++] = byte;
        ++*at;
    }
    return auk_span_make(copy, size);
}

static auk_code read_column(auk_span text, size_t *at, auk_arena *arena, auk_span *out,
                            auk_error *err)
{
    const char *end = text.data[*at] == '{' ? memchr(text.data + *at, '}', text.size - *at) : NULL;
    if (!end || end == text.data + *at + 1)
        return auk_fail(err, AUK_INVALID,
                        "template [%.*s] has a brace at position %zu that belongs to no column",
                        AUK_SPAN_ARG(text), *at + 1);
    size_t from = *at + 1, to = (size_t)(end - text.data);
    *out = auk_arena_copy(arena, auk_span_make(text.data + from, to - from));
    *at = to + 1;
    return AUK_OK;
}

auk_code auk_template_parse(auk_span text, auk_arena *arena, auk_template **out, auk_error *err)
{
    auk_template *made = AUK_ARENA_NEW(arena, auk_template);
    made->parts = AUK_ARENA_ARRAY(arena, part, text.size + 1);
    size_t at = 0;
    while (at < text.size) {
        auk_span literal = read_literal(text, &at, arena);
        if (literal.size > 0)
            made->parts[made->count++] = (part){.text = literal};
        if (at == text.size)
            break;
        auk_span column;
        auk_code code = read_column(text, &at, arena, &column, err);
        if (code != AUK_OK)
            return code;
        made->parts[made->count++] = (part){.is_column = true, .text = column};
    }
    *out = made;
    return AUK_OK;
}

uint32_t auk_template_column_count(const auk_template *template)
{
    uint32_t count = 0;
    for (uint32_t i = 0; template && i < template->count; i++)
        count += template->parts[i].is_column;
    return count;
}

auk_span auk_template_column(const auk_template *template, uint32_t number)
{
    const part *at = template->parts;
    for (;; at++)
        if (at->is_column && number-- == 0)
            return at->text;
}

auk_code auk_template_bind(auk_template *template, const auk_table_column *columns, uint32_t count,
                           auk_error *err)
{
    for (uint32_t i = 0; i < template->count; i++) {
        part *at = &template->parts[i];
        uint32_t k = 0;
        while (at->is_column && k < count && !auk_span_equal(columns[k].name, at->text))
            k++;
        if (at->is_column && k == count)
            return auk_fail(err, AUK_INVALID, "no column [%.*s], which a template names",
                            AUK_SPAN_ARG(at->text));
        at->position = k;
    }
    return AUK_OK;
}

bool auk_template_is_of(const auk_template *template, const uint16_t *key, uint32_t key_count)
{
    for (uint32_t i = 0; i < template->count; i++) {
        uint32_t k = 0;
        while (k < key_count && key[k] != template->parts[i].position)
            k++;
        if (template->parts[i].is_column && k == key_count)
            return false;
    }
    return true;
}

auk_code auk_template_write(const auk_template *template, const auk_datum *values, auk_buffer *out,
                            auk_error *err)
{
    for (uint32_t i = 0; i < template->count; i++) {
        const part *at = &template->parts[i];
        const auk_datum *datum = at->is_column ? &values[at->position] : NULL;
        if (datum && datum->state == AUK_DATUM_NULL)
            return auk_fail(err, AUK_INVALID, "column [%.*s] is null, and a template needs it",
                            AUK_SPAN_ARG(at->text));
        if (datum && datum->state == AUK_DATUM_UNCHANGED)
            return auk_fail(err, AUK_BUSY, "column [%.*s] is not known", AUK_SPAN_ARG(at->text));
        auk_buffer_append(out, datum ? datum->bytes : at->text);
    }
    return AUK_OK;
}

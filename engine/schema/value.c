/* value.c - one value of a query as a number or term of a field, and back to JSON. */
#include "auk/date_format.h"
#include "field_types.h"
#include "mapping_tree.h"

static const auk_value_options no_options = {.rounding = AUK_ROUND_NONE};

static auk_code check_single(const auk_field *field, const auk_json *value, auk_error *err)
{
    if (field->type == AUK_TYPE_OBJECT)
        return auk_fail(err, AUK_INVALID, "field [%.*s] of type [object] has no values",
                        AUK_SPAN_ARG(field->path));
    if (value->type == AUK_JSON_ARRAY || value->type == AUK_JSON_NULL)
        return auk_fail(err, AUK_INVALID, "expected a single value for field [%.*s], got %s",
                        AUK_SPAN_ARG(field->path), auk_json_type_name(value->type));
    return AUK_OK;
}

auk_code auk_field_number(const auk_field *field, const auk_json *value,
                          const auk_value_options *options, int64_t *out, auk_error *err)
{
    auk_code code = check_single(field, value, err);
    if (code != AUK_OK)
        return code;
    const auk_type_row *row = auk_type_row_of(field->type);
    if (!row->numeric)
        return auk_fail(err, AUK_INVALID, "field [%.*s] of type [%s] holds no numbers",
                        AUK_SPAN_ARG(field->path), row->name);
    auk_span unused;
    return row->read(field, value, options ? options : &no_options, NULL, out, &unused, err);
}

auk_code auk_field_term(const auk_field *field, const auk_json *value,
                        const auk_value_options *options, auk_analyzer_scratch *scratch,
                        auk_arena *arena, auk_span *out, auk_error *err)
{
    auk_code code = check_single(field, value, err);
    if (code != AUK_OK)
        return code;
    const auk_type_row *row = auk_type_row_of(field->type);
    int64_t number;
    auk_span text;
    code = row->read(field, value, options ? options : &no_options, arena, &number, &text, err);
    if (code != AUK_OK)
        return code;
    if (row->numeric) {
        char term[8];
        auk_number_to_term(number, term);
        *out = auk_arena_copy(arena, auk_span_make(term, sizeof term));
        return AUK_OK;
    }
    if (field->type == AUK_TYPE_KEYWORD && field->normalizer) {
        code = auk_analyzer_normalize(field->normalizer, scratch, text, arena, &text, err);
        if (code != AUK_OK)
            return code;
    }
    *out = auk_arena_copy(arena, text);
    return AUK_OK;
}

static void write_date(const auk_field *field, int64_t value, auk_json_writer *out)
{
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_date_write(field->date_format, value, (auk_span){NULL, 0}, &text);
    auk_json_string(out, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

void auk_field_write_number(const auk_field *field, int64_t value, bool as_string,
                            auk_json_writer *out)
{
    switch (field->type) {
    case AUK_TYPE_DOUBLE:
        auk_json_double(out, auk_double_from_sortable(value));
        break;
    case AUK_TYPE_FLOAT:
        auk_json_float(out, (float)auk_double_from_sortable(value));
        break;
    case AUK_TYPE_DATE:
        if (as_string)
            write_date(field, value, out);
        else
            auk_json_int(out, value);
        break;
    case AUK_TYPE_BOOLEAN:
        if (as_string)
            auk_json_string(out, value ? AUK_SPAN("true") : AUK_SPAN("false"));
        else
            auk_json_int(out, value);
        break;
    default:
        auk_json_int(out, value);
        break;
    }
}

void auk_field_write_term(const auk_field *field, auk_span term, auk_json_writer *out)
{
    if (auk_field_type_is_numeric(field->type) && term.size == 8) {
        auk_field_write_number(field, auk_number_from_term(term.data), false, out);
        return;
    }
    if (field->type != AUK_TYPE_IP || term.size != 16) {
        auk_json_string(out, term);
        return;
    }
    auk_buffer text;
    auk_buffer_init(&text, 64);
    auk_ip_write(term.data, &text);
    auk_json_string(out, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

#include "value_shape.h"

#include "auk/date_format.h"

static auk_value_form form_of(const auk_field *field)
{
    switch (field->type) {
    case AUK_TYPE_KEYWORD:
    case AUK_TYPE_IP:
        return AUK_FORM_TERM;
    case AUK_TYPE_DOUBLE:
    case AUK_TYPE_FLOAT:
        return AUK_FORM_REAL;
    case AUK_TYPE_TEXT:
    case AUK_TYPE_OBJECT:
        return AUK_FORM_NONE;
    default:
        return AUK_FORM_WHOLE;
    }
}

static void destroy_format(void *format)
{
    auk_date_format_destroy(format);
}

auk_code auk_value_shape_set_date(auk_value_shape *shape, auk_span format, auk_span time_zone,
                                  auk_arena *arena, auk_error *err)
{
    shape->display = AUK_DISPLAY_DATE;
    shape->time_zone = time_zone;
    shape->decimal = NULL;
    shape->date_format = shape->field && shape->field->type == AUK_TYPE_DATE
                             ? shape->field->date_format
                             : auk_date_format_default();
    if (format.size == 0)
        return AUK_OK;
    auk_date_format *created;
    auk_code code = auk_date_format_create(format, &created, err);
    if (code != AUK_OK)
        return code;
    auk_arena_defer(arena, destroy_format, created);
    shape->date_format = created;
    return AUK_OK;
}

auk_code auk_value_shape_init(auk_value_shape *shape, const auk_field *field, auk_span format,
                              auk_span time_zone, auk_arena *arena, auk_error *err)
{
    *shape = (auk_value_shape){.field = field};
    if (!field)
        return AUK_OK;
    shape->form = form_of(field);
    if (field->type == AUK_TYPE_DATE)
        return auk_value_shape_set_date(shape, format, time_zone, arena, err);
    if (field->type == AUK_TYPE_BOOLEAN) {
        shape->display = AUK_DISPLAY_BOOLEAN;
    } else if (field->type == AUK_TYPE_IP) {
        shape->display = AUK_DISPLAY_IP;
    } else if (format.size && shape->form != AUK_FORM_TERM) {
        shape->display = AUK_DISPLAY_DECIMAL;
        return auk_decimal_format_create(format, arena, &shape->decimal, err);
    }
    return AUK_OK;
}

void auk_value_write_key(const auk_value_shape *shape, int64_t value, auk_span term,
                         auk_json_writer *out)
{
    if (shape->form == AUK_FORM_REAL)
        auk_json_double(out, auk_double_from_sortable(value));
    else if (shape->form != AUK_FORM_TERM)
        auk_json_int(out, value);
    else if (shape->display == AUK_DISPLAY_IP && shape->field && term.size == 16)
        auk_field_write_term(shape->field, term, out);
    else
        auk_json_string(out, term);
}

void auk_value_format(const auk_value_shape *shape, double value, auk_buffer *out)
{
    switch (shape->display) {
    case AUK_DISPLAY_BOOLEAN:
        auk_buffer_append_text(out, value != 0.0 ? "true" : "false");
        break;
    case AUK_DISPLAY_DATE:
        /* What does not fit the calendar's range shows its nearest end. */
        value = value > 9.2e18 ? 9.2e18 : value < -9.2e18 ? -9.2e18 : value;
        auk_date_write(shape->date_format, (int64_t)value, shape->time_zone, out);
        break;
    case AUK_DISPLAY_DECIMAL:
        auk_decimal_write(shape->decimal, value, out);
        break;
    case AUK_DISPLAY_IP:
    case AUK_DISPLAY_RAW:
        break;
    }
}

void auk_value_write_formatted(const auk_value_shape *shape, const char *key, double value,
                               auk_json_writer *out)
{
    if (shape->display == AUK_DISPLAY_RAW || shape->display == AUK_DISPLAY_IP)
        return;
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_value_format(shape, value, &text);
    auk_json_member_string(out, key, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

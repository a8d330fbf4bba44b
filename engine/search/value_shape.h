/*
 * value_shape.h - what the values of a field are to an aggregation, and how they look in an answer.
 *
 *   Lifetime  a plain value; formats live as long as the plan's arena.
 *   Threads   immutable.   Memory  formats: arena.
 *   Errors    AUK_INVALID for a format that is none.
 */
#ifndef AUK_VALUE_SHAPE_H
#define AUK_VALUE_SHAPE_H

#include "auk/mapping.h"

typedef enum auk_value_form {
    AUK_FORM_NONE,  /* no such field */
    AUK_FORM_WHOLE, /* the number itself */
    AUK_FORM_REAL,  /* auk_double_to_sortable of it */
    AUK_FORM_TERM,  /* ordinals of terms */
} auk_value_form;

typedef enum auk_value_display {
    AUK_DISPLAY_RAW, /* no key_as_string, no value_as_string */
    AUK_DISPLAY_BOOLEAN,
    AUK_DISPLAY_DATE,
    AUK_DISPLAY_IP,
    AUK_DISPLAY_DECIMAL,
} auk_value_display;

typedef struct auk_decimal_format auk_decimal_format;

typedef struct auk_value_shape {
    auk_value_form form;
    auk_value_display display;
    const auk_field *field; /* NULL: none */
    const auk_date_format *date_format;
    auk_span time_zone;
    const auk_decimal_format *decimal;
} auk_value_shape;

/* How values of the field look; format and time_zone as the request gives them, or empty. */
AUK_MUST_CHECK auk_code auk_value_shape_init(auk_value_shape *shape, const auk_field *field,
                                             auk_span format, auk_span time_zone, auk_arena *arena,
                                             auk_error *err);
/* Makes a shape show dates, whatever it was made for. */
AUK_MUST_CHECK auk_code auk_value_shape_set_date(auk_value_shape *shape, auk_span format,
                                                 auk_span time_zone, auk_arena *arena,
                                                 auk_error *err);

/* A value of a column in a figure. */
static inline double auk_value_to_double(auk_value_form form, int64_t value)
{
    return form == AUK_FORM_REAL ? auk_double_from_sortable(value) : (double)value;
}

/* "key": as a JSON number or text. */
void auk_value_write_key(const auk_value_shape *shape, int64_t value, auk_span term,
                         auk_json_writer *out);
/* The formatted text of a number, appended; only when display is not raw. */
void auk_value_format(const auk_value_shape *shape, double value, auk_buffer *out);
/* "key": "formatted text"; nothing when raw. */
void auk_value_write_formatted(const auk_value_shape *shape, const char *key, double value,
                               auk_json_writer *out);

/* java.text.DecimalFormat's patterns, as far as zeros, hashes, grouping, percent and literals go.
 */
AUK_MUST_CHECK auk_code auk_decimal_format_create(auk_span pattern, auk_arena *arena,
                                                  const auk_decimal_format **out, auk_error *err);
void auk_decimal_write(const auk_decimal_format *format, double value, auk_buffer *out);

#endif

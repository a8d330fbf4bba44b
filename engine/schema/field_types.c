/* field_types.c - the rows of the type table and the readers of values. */
#include "field_types.h"

#include <math.h>

#include "auk/date_format.h"
#include "auk/nearest.h"

const auk_param_row auk_param_rows[AUK_PARAMS] = {
#define X(id, name, form, may_change, standard) {name, AUK_FORM_##form, may_change, standard},
    AUK_PARAM_MAP(X)
#undef X
};

/* ---- readers ---- */

static const char *token_name(const auk_json *value)
{
    switch (value->type) {
    case AUK_JSON_TRUE:
        return "VALUE_TRUE";
    case AUK_JSON_FALSE:
        return "VALUE_FALSE";
    case AUK_JSON_OBJECT:
        return "START_OBJECT";
    case AUK_JSON_ARRAY:
        return "START_ARRAY";
    case AUK_JSON_NULL:
        return "VALUE_NULL";
    case AUK_JSON_STRING:
        return "VALUE_STRING";
    case AUK_JSON_NUMBER:
        return memchr(value->text.data, '.', value->text.size) ? "VALUE_NUMBER_FLOAT"
                                                               : "VALUE_NUMBER_INT";
    }
    return "";
}

static auk_code read_text(const auk_field *field, const auk_json *value,
                          const auk_value_options *options, auk_arena *arena, int64_t *number,
                          auk_span *text, auk_error *err)
{
    (void)field, (void)options, (void)arena, (void)number;
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
        return auk_fail_type(err, AUK_INVALID, "illegal_state_exception", "Can't get text on a %s",
                             token_name(value));
    *text = value->text;
    return AUK_OK;
}

/* The text of a JSON number or string, for readers of numbers. */
static auk_code numeric_text(const auk_json *value, auk_span *text, auk_error *err)
{
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
        return auk_fail(err, AUK_INVALID, "Cannot parse %s as number",
                        value->type == AUK_JSON_OBJECT ? "object" : "array");
    if (value->type != AUK_JSON_NUMBER && value->type != AUK_JSON_STRING)
        return auk_fail(err, AUK_INVALID,
                        "Current token (%s) not numeric, can not use numeric value accessors",
                        token_name(value));
    *text = value->text;
    while (value->type == AUK_JSON_STRING && text->size > 0 && text->data[0] == ' ')
        *text = auk_span_from(*text, 1);
    while (value->type == AUK_JSON_STRING && text->size > 0 && text->data[text->size - 1] == ' ')
        text->size--;
    return AUK_OK;
}

/* A JSON number that no double holds is infinite. */
static bool parse_double(const auk_json *value, auk_span digits, double *out)
{
    if (auk_number_parse_double(digits, out))
        return !isnan(*out);
    *out = digits.size > 0 && digits.data[0] == '-' ? (double)-INFINITY : (double)INFINITY;
    return value->type == AUK_JSON_NUMBER;
}

static auk_code out_of_range(const auk_type_row *row, const auk_json *value, auk_error *err)
{
    return auk_fail(err, AUK_INVALID, "Value [%.*s] is out of range for %s",
                    AUK_SPAN_ARG(value->text), row->range_name);
}

/* Past the ends of int64 a bound of a range becomes that end. */
static int64_t saturate(double value)
{
    if (value >= 0x1p63)
        return INT64_MAX;
    return value < -0x1p63 ? INT64_MIN : (int64_t)value;
}

/*
 * What stands before the fraction of a number, digit by digit, because a double would round it.
 * given: the same number, finite; so the exponent is bounded by the digits unless it is near 0.
 */
static bool whole_part(auk_span text, double given, int64_t *out)
{
    *out = 0;
    if (fabs(given) < 1)
        return true;
    int64_t exponent = 0;
    const char *e = memchr(text.data, 'e', text.size);
    e = e ? e : memchr(text.data, 'E', text.size);
    if (e && !auk_number_parse_int64(auk_span_from(text, (size_t)(e - text.data) + 1), &exponent))
        return false;
    auk_span digits = e ? auk_span_make(text.data, (size_t)(e - text.data)) : text;
    bool negative = digits.size > 0 && digits.data[0] == '-';
    const char *point = memchr(digits.data, '.', digits.size);
    int64_t left = (int64_t)(point ? (size_t)(point - digits.data) : digits.size) + exponent;
    int64_t whole = 0;
    size_t i = negative || (digits.size > 0 && digits.data[0] == '+');
    left -= (int64_t)i;
    for (; left > 0 && (i < digits.size || whole != 0); i++) {
        if (i < digits.size && digits.data[i] == '.')
            continue;
        int digit = i < digits.size ? digits.data[i] - '0' : 0;
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_sub_overflow(whole, digit, &whole))
            return false;
        left--;
    }
    *out = whole;
    return negative || !__builtin_sub_overflow(0, whole, out);
}

static auk_code read_fraction(const auk_type_row *row, const auk_json *value, auk_span digits,
                              double given, const auk_value_options *options, int64_t *number,
                              auk_error *err)
{
    if (options->rounding != AUK_ROUND_NONE) {
        *number = saturate(options->rounding == AUK_ROUND_UP ? ceil(given) : floor(given));
        return AUK_OK;
    }
    int64_t whole;
    if (!(fabs(given) <= 0x1p63) || !whole_part(digits, given, &whole) || whole < row->least ||
        whole > row->most)
        return out_of_range(row, value, err);
    if (trunc(given) != given && !options->coerce)
        return auk_fail(err, AUK_INVALID, "Value [%.*s] has a decimal part",
                        AUK_SPAN_ARG(value->text));
    *number = whole;
    return AUK_OK;
}

static auk_code read_integer(const auk_field *field, const auk_json *value,
                             const auk_value_options *options, auk_arena *arena, int64_t *number,
                             auk_span *text, auk_error *err)
{
    (void)arena, (void)text;
    const auk_type_row *row = auk_type_row_of(field->type);
    auk_span digits = {NULL, 0};
    auk_code code = numeric_text(value, &digits, err);
    if (code != AUK_OK)
        return code;
    int64_t whole;
    if (auk_number_parse_int64(digits, &whole)) {
        if ((whole < row->least || whole > row->most) && options->rounding == AUK_ROUND_NONE)
            return out_of_range(row, value, err);
        *number = whole;
        return AUK_OK;
    }
    double given;
    if (parse_double(value, digits, &given))
        return read_fraction(row, value, digits, given, options, number, err);
    return auk_fail_type(err, AUK_INVALID, "number_format_exception", "For input string: \"%.*s\"",
                         AUK_SPAN_ARG(value->text));
}

static auk_code read_float(const auk_field *field, const auk_json *value,
                           const auk_value_options *options, auk_arena *arena, int64_t *number,
                           auk_span *text, auk_error *err)
{
    (void)options, (void)arena, (void)text;
    auk_span digits = {NULL, 0};
    auk_code code = numeric_text(value, &digits, err);
    if (code != AUK_OK)
        return code;
    double given;
    if (!parse_double(value, digits, &given))
        return auk_fail_type(err, AUK_INVALID, "number_format_exception",
                             "For input string: \"%.*s\"", AUK_SPAN_ARG(value->text));
    if (field->type == AUK_TYPE_FLOAT)
        given = (double)(float)given;
    if (!isfinite(given))
        return auk_fail(err, AUK_INVALID, "[%s] supports only finite values, but got [%.*s]",
                        auk_field_type_name(field->type), AUK_SPAN_ARG(value->text));
    *number = auk_double_to_sortable(given);
    return AUK_OK;
}

static auk_code read_boolean(const auk_field *field, const auk_json *value,
                             const auk_value_options *options, auk_arena *arena, int64_t *number,
                             auk_span *text, auk_error *err)
{
    (void)field, (void)options, (void)arena, (void)text;
    bool is_text = value->type == AUK_JSON_STRING;
    *number = value->type == AUK_JSON_TRUE || (is_text && auk_span_is(value->text, "true"));
    if (*number || value->type == AUK_JSON_FALSE ||
        (is_text && (value->text.size == 0 || auk_span_is(value->text, "false"))))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "Failed to parse value [%.*s] as only [true] or [false] are allowed.",
                    AUK_SPAN_ARG(value->text));
}

/* Documents come without rounding and without a clock: "now" is no date of theirs. */
static auk_code read_date(const auk_field *field, const auk_json *value,
                          const auk_value_options *options, auk_arena *arena, int64_t *number,
                          auk_span *text, auk_error *err)
{
    (void)arena, (void)text;
    const auk_date_format *format = options->format ? options->format : field->date_format;
    if (value->type != AUK_JSON_STRING && value->type != AUK_JSON_NUMBER)
        return auk_fail(err, AUK_INVALID, "failed to parse date field [%.*s] with format [%.*s]",
                        AUK_SPAN_ARG(value->text), AUK_SPAN_ARG(auk_date_format_pattern(format)));
    if (options->now_ms == 0 && options->rounding == AUK_ROUND_NONE)
        return auk_date_parse(format, value->text, options->time_zone, false, number, err);
    return auk_date_math(format, value->text, options->time_zone, options->now_ms,
                         options->rounding == AUK_ROUND_UP, number, err);
}

static auk_code read_ip(const auk_field *field, const auk_json *value,
                        const auk_value_options *options, auk_arena *arena, int64_t *number,
                        auk_span *text, auk_error *err)
{
    (void)field, (void)options, (void)number;
    char address[16];
    if (value->type != AUK_JSON_STRING || !auk_ip_parse(value->text, address))
        return auk_fail(err, AUK_INVALID, "'%.*s' is not an IP string literal.",
                        AUK_SPAN_ARG(value->text));
    *text = auk_arena_copy(arena, auk_span_make(address, sizeof address));
    return AUK_OK;
}

/* ---- rows ---- */

#define P(id)   (UINT32_C(1) << AUK_PARAM_##id)
#define SERIES  (P(TIME_SERIES_DIMENSION) | P(TIME_SERIES_METRIC))
#define SCRIPTS (P(SCRIPT) | P(ON_SCRIPT_ERROR))
#define COMMON  (P(INDEX) | P(DOC_VALUES) | P(STORE) | P(META) | P(NULL_VALUE))
#define TEXT_PARAMS                                                                                \
    (P(INDEX) | P(STORE) | P(ANALYZER) | P(SEARCH_ANALYZER) | P(SEARCH_QUOTE_ANALYZER) |           \
     P(SIMILARITY) | P(INDEX_OPTIONS) | P(NORMS) | P(TERM_VECTOR) | P(FIELDDATA) |                 \
     P(POSITION_INCREMENT_GAP) | P(EAGER_GLOBAL_ORDINALS) | P(META) | P(INDEX_PREFIXES) |          \
     P(INDEX_PHRASES) | P(FREQUENCY_FILTER))
#define KEYWORD_PARAMS                                                                             \
    (COMMON | P(SIMILARITY) | P(INDEX_OPTIONS) | P(NORMS) | P(IGNORE_ABOVE) | P(NORMALIZER) |      \
     P(SPLIT_QUERIES) | P(EAGER_GLOBAL_ORDINALS) | P(TIME_SERIES_DIMENSION) | SCRIPTS)
#define NUMBER_PARAMS (COMMON | P(IGNORE_MALFORMED) | P(COERCE) | SERIES | SCRIPTS)
#define DATE_PARAMS   (COMMON | P(FORMAT) | P(LOCALE) | P(IGNORE_MALFORMED) | SCRIPTS)
#define BOOL_PARAMS   (COMMON | P(IGNORE_MALFORMED) | P(TIME_SERIES_DIMENSION) | SCRIPTS)
#define IP_PARAMS     (COMMON | P(IGNORE_MALFORMED) | P(TIME_SERIES_DIMENSION) | SCRIPTS)

#define WHOLE(type, from, to, words)                                                               \
    {                                                                                              \
        .name = type, .numeric = true, .params = NUMBER_PARAMS, .read = read_integer,              \
        .least = from, .most = to, .range_name = words                                             \
    }

static const auk_type_row rows[] = {
    [AUK_TYPE_TEXT] = {.name = "text", .params = TEXT_PARAMS, .read = read_text, .norms = true},
    [AUK_TYPE_KEYWORD] = {.name = "keyword", .params = KEYWORD_PARAMS, .read = read_text},
    [AUK_TYPE_LONG] = WHOLE("long", INT64_MIN, INT64_MAX, "a long"),
    [AUK_TYPE_INTEGER] = WHOLE("integer", INT32_MIN, INT32_MAX, "an integer"),
    [AUK_TYPE_SHORT] = WHOLE("short", INT16_MIN, INT16_MAX, "a short"),
    [AUK_TYPE_BYTE] = WHOLE("byte", INT8_MIN, INT8_MAX, "a byte"),
    [AUK_TYPE_DOUBLE] = {.name = "double",
                         .numeric = true,
                         .params = NUMBER_PARAMS,
                         .read = read_float},
    [AUK_TYPE_FLOAT] = {.name = "float",
                        .numeric = true,
                        .params = NUMBER_PARAMS,
                        .read = read_float},
    [AUK_TYPE_BOOLEAN] = {.name = "boolean",
                          .numeric = true,
                          .params = BOOL_PARAMS,
                          .read = read_boolean},
    [AUK_TYPE_DATE] = {.name = "date", .numeric = true, .params = DATE_PARAMS, .read = read_date},
    [AUK_TYPE_IP] = {.name = "ip", .params = IP_PARAMS, .read = read_ip},
    [AUK_TYPE_OBJECT] = {.name = "object"},
};
#define TYPES (sizeof rows / sizeof *rows)

const auk_type_row *auk_type_row_of(auk_field_type type)
{
    return &rows[type];
}

bool auk_type_find(auk_span name, auk_field_type *out)
{
    for (size_t i = 0; i < TYPES; i++)
        if (auk_span_is(name, rows[i].name)) {
            *out = (auk_field_type)i;
            return true;
        }
    return false;
}

auk_span auk_type_nearest(auk_span name)
{
    auk_span names[TYPES];
    for (size_t i = 0; i < TYPES; i++)
        names[i] = auk_span_of(rows[i].name);
    return auk_nearest(name, names, TYPES);
}

const char *auk_field_type_name(auk_field_type type)
{
    return rows[type].name;
}

bool auk_field_type_is_numeric(auk_field_type type)
{
    return rows[type].numeric;
}

#include "auk/json.h"

#include <math.h>

#include "scan.h"

const auk_json *auk_json_get(const auk_json *object, const char *key)
{
    return object == NULL ? NULL : auk_json_find(object, auk_span_of(key));
}

const auk_json *auk_json_find(const auk_json *object, auk_span key)
{
    if (object == NULL || object->type != AUK_JSON_OBJECT)
        return NULL;
    for (const auk_json *member = object->child; member != NULL; member = member->next) {
        if (auk_span_equal(member->key, key))
            return member;
    }
    return NULL;
}

const auk_json *auk_json_path(const auk_json *object, auk_span dotted_path)
{
    while (object != NULL) {
        const auk_json *whole = auk_json_find(object, dotted_path);
        const char *dot =
            dotted_path.size > 0 ? memchr(dotted_path.data, '.', dotted_path.size) : NULL;
        if (whole != NULL || dot == NULL)
            return whole;
        size_t step = (size_t)(dot - dotted_path.data);
        object = auk_json_find(object, auk_span_make(dotted_path.data, step));
        dotted_path = auk_span_from(dotted_path, step + 1);
    }
    return NULL;
}

static bool may_hold_number(const auk_json *value)
{
    return value != NULL && (value->type == AUK_JSON_NUMBER || value->type == AUK_JSON_STRING);
}

bool auk_json_to_int64(const auk_json *value, int64_t *out)
{
    if (!may_hold_number(value))
        return false;
    if (auk_number_parse_int64(value->text, out))
        return true;
    double number;
    if (!auk_number_parse_double(value->text, &number))
        return false;
    /* A whole number that a double holds exactly or not at all: past 2^53 digits were lost. */
    if (number != trunc(number) || fabs(number) > 9007199254740992.0)
        return false;
    *out = (int64_t)number;
    return true;
}

bool auk_json_to_double(const auk_json *value, double *out)
{
    return may_hold_number(value) && auk_number_parse_double(value->text, out);
}

bool auk_json_to_bool(const auk_json *value, bool *out)
{
    if (value == NULL)
        return false;
    bool is_text = value->type == AUK_JSON_STRING;
    bool yes = value->type == AUK_JSON_TRUE || (is_text && auk_span_is(value->text, "true"));
    bool no = value->type == AUK_JSON_FALSE || (is_text && auk_span_is(value->text, "false"));
    if (yes || no)
        *out = yes;
    return yes || no;
}

const char *auk_json_type_name(auk_json_type type)
{
    switch (type) {
    case AUK_JSON_NULL:
        return "null";
    case AUK_JSON_FALSE:
    case AUK_JSON_TRUE:
        return "boolean";
    case AUK_JSON_NUMBER:
        return "number";
    case AUK_JSON_STRING:
        return "string";
    case AUK_JSON_ARRAY:
        return "array";
    case AUK_JSON_OBJECT:
        return "object";
    }
    return "unknown";
}

bool auk_number_parse_double(auk_span text, double *out)
{
    return auk_scan_double(text.data, text.size, out);
}

/* The digits from offset on. */
static bool parse_digits(auk_span text, size_t offset, uint64_t *out)
{
    if (offset >= text.size)
        return false;
    uint64_t value = 0;
    for (size_t i = offset; i < text.size; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool auk_number_parse_uint64(auk_span text, uint64_t *out)
{
    return parse_digits(text, text.size > 0 && text.data[0] == '+', out);
}

bool auk_number_parse_int64(auk_span text, int64_t *out)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    bool has_sign = negative || (text.size > 0 && text.data[0] == '+');
    uint64_t value;
    if (!parse_digits(text, has_sign, &value) || value > (uint64_t)INT64_MAX + negative)
        return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

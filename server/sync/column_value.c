#include "column_value.h"

#include <math.h>
#include <stdlib.h>

#include "row_key.h"

auk_value_kind auk_value_kind_of(uint32_t type_oid)
{
    switch (type_oid) {
    case 16:
        return AUK_VALUE_BOOL;
    case 20: /* bigint, smallint, integer, oid */
    case 21:
    case 23:
    case 26:
        return AUK_VALUE_INTEGER;
    case 1700:
        return AUK_VALUE_NUMERIC;
    case 700:
        return AUK_VALUE_REAL;
    case 701:
        return AUK_VALUE_DOUBLE;
    case 18: /* "char", name, text, varchar */
    case 19:
    case 25:
    case 1043:
        return AUK_VALUE_TEXT;
    case 1042:
        return AUK_VALUE_PADDED;
    case 2950:
        return AUK_VALUE_UUID;
    case 1082: /* date, timestamp, timestamptz */
    case 1114:
    case 1184:
        return AUK_VALUE_TIME_POINT;
    default:
        return AUK_VALUE_OTHER;
    }
}

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* ---- decimals of any length ---- */

typedef struct decimal {
    int rank; /* -1, 0: finite, 1: infinity, 2: NaN, which Postgres orders last */
    bool negative, zero;
    auk_span whole, fraction; /* without zeros in front and at the end */
} decimal;

static bool all_digits(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return true;
}

static bool read_decimal(auk_span text, decimal *out)
{
    *out = (decimal){0};
    if (auk_span_is(text, "NaN") || auk_span_is(text, "Infinity") ||
        auk_span_is(text, "-Infinity")) {
        out->rank = text.data[0] == 'N' ? 2 : text.data[0] == '-' ? -1 : 1;
        return true;
    }
    if (text.size > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        out->negative = text.data[0] == '-';
        text = auk_span_from(text, 1);
    }
    const char *dot = text.size > 0 ? memchr(text.data, '.', text.size) : NULL;
    size_t whole = dot ? (size_t)(dot - text.data) : text.size;
    out->whole = auk_span_make(text.data, whole);
    out->fraction = dot ? auk_span_from(text, whole + 1) : auk_span_make("", 0);
    if (out->whole.size + out->fraction.size == 0 || !all_digits(out->whole) ||
        !all_digits(out->fraction))
        return false;
    while (out->whole.size > 0 && out->whole.data[0] == '0')
        out->whole = auk_span_from(out->whole, 1);
    while (out->fraction.size > 0 && out->fraction.data[out->fraction.size - 1] == '0')
        out->fraction.size--;
    out->zero = out->whole.size + out->fraction.size == 0;
    return true;
}

static int compare_magnitude(const decimal *a, const decimal *b)
{
    int order = order_of((int64_t)a->whole.size, (int64_t)b->whole.size);
    if (order == 0)
        order = auk_span_compare(a->whole, b->whole);
    return order != 0 ? order : auk_span_compare(a->fraction, b->fraction);
}

static bool compare_decimals(auk_span a, auk_span b, int *order)
{
    decimal x, y;
    if (!read_decimal(a, &x) || !read_decimal(b, &y))
        return false;
    bool x_negative = x.negative && !x.zero, y_negative = y.negative && !y.zero;
    if (x.rank != 0 || y.rank != 0)
        *order = order_of(x.rank, y.rank);
    else if (x_negative != y_negative)
        *order = x_negative ? -1 : 1;
    else
        *order = x_negative ? compare_magnitude(&y, &x) : compare_magnitude(&x, &y);
    return true;
}

/* ---- binary numbers ---- */

static bool read_double(auk_span text, double *out)
{
    char copy[64], *end;
    if (text.size == 0 || text.size >= sizeof copy)
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && copy[0] != ' ';
}

static bool compare_doubles(auk_span a, auk_span b, int *order)
{
    double x, y;
    if (!read_double(a, &x) || !read_double(b, &y))
        return false;
    if (isnan(x) || isnan(y))
        *order = (isnan(x) != 0) - (isnan(y) != 0);
    else
        *order = (x > y) - (x < y);
    return true;
}

static bool read_bool(auk_span text, int64_t *out)
{
    *out = auk_span_is(text, "t") || auk_span_is(text, "true");
    return *out || auk_span_is(text, "f") || auk_span_is(text, "false");
}

/* ---- dates and times ---- */

#define DAYS_TO_2000 10957
#define YEARS_MOST   294276 /* so far microseconds since 2000 have room, as Postgres's */

/* Digits at *at, at least `least` and at most `most`. */
static bool read_digits(auk_span text, size_t *at, size_t least, size_t most, int64_t *out)
{
    size_t from = *at;
    *out = 0;
    while (*at < text.size && *at - from < most && text.data[*at] >= '0' && text.data[*at] <= '9')
        *out = *out * 10 + (text.data[(*at)++] - '0');
    return *at - from >= least;
}

static bool skip(auk_span text, size_t *at, char byte)
{
    if (*at >= text.size || text.data[*at] != byte)
        return false;
    ++*at;
    return true;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool read_clock(auk_span text, size_t *at, int64_t *micros)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!read_digits(text, at, 2, 2, &hour) || !skip(text, at, ':') ||
        !read_digits(text, at, 2, 2, &minute))
        return false;
    if (skip(text, at, ':') && !read_digits(text, at, 2, 2, &second))
        return false;
    if (skip(text, at, '.')) {
        size_t from = *at;
        if (!read_digits(text, at, 1, 6, &fraction))
            return false;
        for (size_t i = *at - from; i < 6; i++)
            fraction *= 10;
    }
    *micros = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
    return hour <= 24 && minute < 60 && second <= 60;
}

static bool read_offset(auk_span text, size_t *at, int64_t *micros)
{
    int64_t hours, minutes = 0, sign = 1;
    *micros = 0;
    if (skip(text, at, 'Z') || *at == text.size || text.data[*at] == ' ')
        return true;
    if (skip(text, at, '-'))
        sign = -1;
    else if (!skip(text, at, '+'))
        return false;
    if (!read_digits(text, at, 2, 2, &hours))
        return false;
    if (skip(text, at, ':') && !read_digits(text, at, 2, 2, &minutes))
        return false;
    *micros = sign * (hours * 60 + minutes) * 60000000;
    return true;
}

static bool read_time_point(auk_span text, int64_t *out)
{
    int64_t year, month, day, clock = 0, offset = 0;
    size_t at = 0;
    if (auk_span_is(text, "infinity") || auk_span_is(text, "-infinity")) {
        *out = text.data[0] == '-' ? INT64_MIN : INT64_MAX;
        return true;
    }
    if (!read_digits(text, &at, 4, 7, &year) || !skip(text, &at, '-') ||
        !read_digits(text, &at, 2, 2, &month) || !skip(text, &at, '-') ||
        !read_digits(text, &at, 2, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    bool has_clock = at < text.size &&
                     (text.data[at] == 'T' ||
                      (text.data[at] == ' ' && at + 1 < text.size && text.data[at + 1] != 'B'));
    if (has_clock) {
        at++;
        if (!read_clock(text, &at, &clock) || !read_offset(text, &at, &offset))
            return false;
    }
    if (auk_span_is(auk_span_from(text, at), " BC"))
        year = 1 - year;
    else if (at != text.size)
        return false;
    if (year > YEARS_MOST || year < -YEARS_MOST)
        *out = year > 0 ? INT64_MAX - 1 : INT64_MIN + 1;
    else
        *out = (days_of(year, month, day) - DAYS_TO_2000) * 86400000000 + clock - offset;
    return true;
}

/* ---- all of them ---- */

static auk_span without_blanks(auk_span text)
{
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

static bool compare_by(bool (*read)(auk_span, int64_t *), auk_span a, auk_span b, int *order)
{
    int64_t x, y;
    if (!read(a, &x) || !read(b, &y))
        return false;
    *order = order_of(x, y);
    return true;
}

/* As Postgres writes them: 36 letters, lower case or upper. */
static bool compare_uuids(auk_span a, auk_span b, int *order)
{
    if (a.size != 36 || b.size != 36)
        return false;
    *order = 0;
    for (size_t i = 0; i < 36 && *order == 0; i++) {
        char x = a.data[i], y = b.data[i];
        x = (char)(x >= 'A' && x <= 'F' ? x + 32 : x);
        y = (char)(y >= 'A' && y <= 'F' ? y + 32 : y);
        *order = order_of(x, y);
    }
    return true;
}

bool auk_value_compare(auk_value_kind kind, auk_span a, auk_span b, int *order)
{
    switch (kind) {
    case AUK_VALUE_INTEGER:
    case AUK_VALUE_NUMERIC:
        return compare_decimals(a, b, order);
    case AUK_VALUE_DOUBLE:
    case AUK_VALUE_REAL:
        return compare_doubles(a, b, order);
    case AUK_VALUE_BOOL:
        return compare_by(read_bool, a, b, order);
    case AUK_VALUE_TIME_POINT:
        return compare_by(read_time_point, a, b, order);
    case AUK_VALUE_UUID:
        return compare_uuids(a, b, order);
    case AUK_VALUE_PADDED:
        *order = auk_span_compare(without_blanks(a), without_blanks(b));
        return true;
    case AUK_VALUE_TEXT:
    case AUK_VALUE_OTHER:
        *order = auk_span_compare(a, b);
        return true;
    }
    return false;
}

bool auk_value_is(auk_value_kind kind, auk_span text)
{
    int order;
    return auk_value_compare(kind, text, text, &order);
}

/* Numbers in binary, as Postgres writes them in text. See pg_value_private.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "pg_value_private.h"
#include "wire.h"

/* ---- numeric: digits of base 10,000, the first of weight 10,000^weight ---- */

#define NUMERIC_NEGATIVE          0x4000
#define NUMERIC_NAN               0xC000
#define NUMERIC_INFINITY          0xD000
#define NUMERIC_NEGATIVE_INFINITY 0xF000
#define NUMERIC_GROUPS_MOST       (131072 / 4 + 16384 / 4 + 2)
#define NUMERIC_SCALE_MOST        16383

static const char *special_of(uint16_t sign)
{
    return sign == NUMERIC_NAN                 ? "NaN"
           : sign == NUMERIC_INFINITY          ? "Infinity"
           : sign == NUMERIC_NEGATIVE_INFINITY ? "-Infinity"
                                               : NULL;
}

static void append_whole(const uint8_t *digits, uint16_t count, int16_t weight, auk_buffer *out)
{
    if (weight < 0)
        auk_buffer_append_byte(out, '0');
    for (int32_t i = 0; i <= weight; i++) {
        unsigned digit = i < count ? (unsigned)(digits[2 * i] << 8 | digits[2 * i + 1]) : 0;
        auk_buffer_printf(out, i == 0 ? "%u" : "%04u", digit);
    }
}

static void append_fraction(const uint8_t *digits, uint16_t count, int16_t weight, uint16_t scale,
                            auk_buffer *out)
{
    if (scale == 0)
        return;
    auk_buffer_append_byte(out, '.');
    for (int32_t i = weight + 1, left = scale; left > 0; i++, left -= 4) {
        unsigned digit =
            i >= 0 && i < count ? (unsigned)(digits[2 * i] << 8 | digits[2 * i + 1]) : 0;
        char text[8];
        snprintf(text, sizeof text, "%04u", digit);
        auk_buffer_append(out, auk_span_make(text, left < 4 ? (size_t)left : 4));
    }
}

static bool append_numeric(auk_reader *in, auk_buffer *out)
{
    uint16_t count = auk_wire_u16(in);
    int16_t weight = (int16_t)auk_wire_u16(in);
    uint16_t sign = auk_wire_u16(in), scale = auk_wire_u16(in);
    if (in->failed || count > NUMERIC_GROUPS_MOST || scale > NUMERIC_SCALE_MOST ||
        auk_reader_left(in) != 2 * (size_t)count)
        return false;
    if (special_of(sign)) {
        auk_buffer_append_text(out, special_of(sign));
        return true;
    }
    if (sign != 0 && sign != NUMERIC_NEGATIVE)
        return false;
    for (uint16_t i = 0; i < count; i++)
        if ((in->at[2 * i] << 8 | in->at[2 * i + 1]) > 9999)
            return false;
    if (sign == NUMERIC_NEGATIVE)
        auk_buffer_append_byte(out, '-');
    append_whole(in->at, count, weight, out);
    append_fraction(in->at, count, weight, scale, out);
    auk_wire_take(in, 2 * (size_t)count);
    return true;
}

/* ---- floats: the shortest digits, laid out as Postgres does ---- */

/* digits are those of "%.*e" without the point: d ddd, exponent of the first. */
static void lay_out(const char *digits, size_t count, int exponent, int most, auk_buffer *out)
{
    if (exponent < -4 || exponent >= most) {
        auk_buffer_append_byte(out, digits[0]);
        if (count > 1)
            auk_buffer_printf(out, ".%.*s", (int)count - 1, digits + 1);
        auk_buffer_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
        return;
    }
    if (exponent < 0)
        auk_buffer_append(out, auk_span_make("0.0000", (size_t)(1 - exponent)));
    for (size_t i = 0; i < count; i++) {
        if (exponent >= 0 && i == (size_t)exponent + 1)
            auk_buffer_append_byte(out, '.');
        auk_buffer_append_byte(out, digits[i]);
    }
    for (int i = (int)count; i <= exponent; i++)
        auk_buffer_append_byte(out, '0');
}

static bool reads_back(const char *text, double value, bool is_float)
{
    return is_float ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

static void append_float(double value, bool is_float, auk_buffer *out)
{
    if (isnan(value) || isinf(value)) {
        auk_buffer_append_text(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    if (signbit(value))
        auk_buffer_append_byte(out, '-');
    value = fabs(value);
    char text[40];
    for (int precision = 0; precision < (is_float ? 9 : 17); precision++) {
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (reads_back(text, value, is_float))
            break;
    }
    char *e = strchr(text, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10);
    size_t count = 1;
    if (text[1] == '.') {
        count = (size_t)(e - text) - 1;
        memmove(text + 1, text + 2, count - 1);
    }
    lay_out(text, count, exponent, is_float ? 6 : 15, out);
}

static double half_to_double(uint16_t half)
{
    int exponent = half >> 10 & 31;
    double fraction = half & 1023, value;
    if (exponent == 31)
        value = fraction > 0 ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        value = ldexp(fraction, -24);
    else
        value = ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -value : value;
}

static double read_float4(auk_reader *in)
{
    uint32_t bits = auk_wire_u32(in);
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double read_float8(auk_reader *in)
{
    uint64_t bits = auk_wire_u64(in);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool append_vector(auk_reader *in, bool half, auk_buffer *out)
{
    uint16_t count = auk_wire_u16(in);
    (void)auk_wire_u16(in); /* unused */
    if (in->failed || auk_reader_left(in) != count * (half ? 2u : 4u))
        return false;
    auk_buffer_append_byte(out, '[');
    for (uint16_t i = 0; i < count; i++) {
        if (i > 0)
            auk_buffer_append_byte(out, ',');
        append_float(half ? half_to_double(auk_wire_u16(in)) : read_float4(in), true, out);
    }
    auk_buffer_append_byte(out, ']');
    return true;
}

/* ---- money: the smallest unit ---- */

static void append_money(int64_t value, uint32_t digits, auk_buffer *out)
{
    uint64_t units = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, one = 1;
    for (uint32_t i = 0; i < digits && i < 10; i++)
        one *= 10;
    auk_buffer_printf(out, "%s%" PRIu64, value < 0 ? "-" : "", units / one);
    if (one > 1)
        auk_buffer_printf(out, ".%0*" PRIu64, (int)digits, units % one);
}

bool auk_pg_append_number(const auk_pg_types *types, auk_pg_kind kind, auk_span binary,
                          auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    switch (kind) {
    case AUK_PG_INT2:
        auk_buffer_printf(out, "%d", (int16_t)auk_wire_u16(&in));
        break;
    case AUK_PG_INT4:
        auk_buffer_printf(out, "%" PRId32, (int32_t)auk_wire_u32(&in));
        break;
    case AUK_PG_INT8:
        auk_buffer_printf(out, "%" PRId64, (int64_t)auk_wire_u64(&in));
        break;
    case AUK_PG_OID:
        auk_buffer_printf(out, "%" PRIu32, auk_wire_u32(&in));
        break;
    case AUK_PG_XID8:
        auk_buffer_printf(out, "%" PRIu64, auk_wire_u64(&in));
        break;
    case AUK_PG_FLOAT4:
        append_float(read_float4(&in), true, out);
        break;
    case AUK_PG_FLOAT8:
        append_float(read_float8(&in), false, out);
        break;
    case AUK_PG_MONEY:
        append_money((int64_t)auk_wire_u64(&in), auk_pg_types_money_digits(types), out);
        break;
    case AUK_PG_NUMERIC:
        return append_numeric(&in, out) && !in.failed;
    case AUK_PG_VECTOR:
    case AUK_PG_HALFVEC:
        return append_vector(&in, kind == AUK_PG_HALFVEC, out) && !in.failed;
    default:
        return false;
    }
    return !in.failed && auk_reader_left(&in) == 0;
}

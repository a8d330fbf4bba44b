/* decimal_format.c - "#,##0.00", "0.###%", "$0": literals, digits, grouping, percent. */
#include <math.h>
#include <stdio.h>

#include "value_shape.h"

#define DIGIT_LIMIT 17

struct auk_decimal_format {
    auk_span prefix, suffix;
    int least_whole, least_fraction, most_fraction;
    int group; /* digits between separators; 0: none */
    double factor;
};

static bool is_digit_mark(char c)
{
    return c == '0' || c == '#' || c == ',' || c == '.';
}

static auk_code refuse(auk_span pattern, auk_error *err)
{
    return auk_fail(err, AUK_INVALID, "Malformed pattern \"%.*s\"", AUK_SPAN_ARG(pattern));
}

/* The digits' part of a pattern; false when it is none. */
static bool read_digits(auk_span digits, auk_decimal_format *format)
{
    bool fraction = false;
    bool zero = false; /* hashes stand outside of zeros */
    bool grouped = false;
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        if (c == '.') {
            if (fraction)
                return false;
            fraction = true;
            zero = false;
        } else if (c == ',') {
            if (fraction)
                return false;
            grouped = true;
            format->group = 0;
        } else if (fraction) {
            if (c == '0' && format->most_fraction != format->least_fraction)
                return false;
            format->most_fraction++;
            format->least_fraction += c == '0';
        } else {
            if (c == '#' && zero)
                return false;
            zero = c == '0';
            format->least_whole += c == '0';
            format->group += grouped;
        }
    }
    return format->least_whole <= DIGIT_LIMIT && format->most_fraction <= DIGIT_LIMIT &&
           !(grouped && format->group == 0);
}

static auk_span unquote(auk_span literal, auk_arena *arena)
{
    char *text = auk_arena_alloc(arena, literal.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < literal.size; i++)
        if (literal.data[i] != '\'')
            text[size++] = literal.data[i];
    return auk_span_make(text, size);
}

auk_code auk_decimal_format_create(auk_span pattern, auk_arena *arena,
                                   const auk_decimal_format **out, auk_error *err)
{
    auk_decimal_format *format = AUK_ARENA_NEW(arena, auk_decimal_format);
    size_t from = 0;
    while (from < pattern.size && !is_digit_mark(pattern.data[from]))
        from++;
    size_t to = from;
    while (to < pattern.size && is_digit_mark(pattern.data[to]))
        to++;
    for (size_t i = to; i < pattern.size; i++)
        if (is_digit_mark(pattern.data[i]) || pattern.data[i] == ';')
            return refuse(pattern, err);
    if (from == to || !read_digits((auk_span){pattern.data + from, to - from}, format))
        return refuse(pattern, err);
    format->factor = memchr(pattern.data, '%', pattern.size) ? 100.0 : 1.0;
    format->prefix = unquote((auk_span){pattern.data, from}, arena);
    format->suffix = unquote(auk_span_from(pattern, to), arena);
    *out = format;
    return AUK_OK;
}

static void write_whole(const auk_decimal_format *format, auk_span digits, auk_buffer *out)
{
    if (digits.size == 1 && digits.data[0] == '0' && format->least_whole == 0)
        digits.size = 0;
    size_t least = (size_t)format->least_whole;
    size_t total = digits.size > least ? digits.size : least;
    for (size_t i = 0; i < total; i++) {
        size_t left = total - i;
        if (i > 0 && format->group > 0 && left % (size_t)format->group == 0)
            auk_buffer_append_byte(out, ',');
        auk_buffer_append_byte(out, left > digits.size ? '0' : digits.data[digits.size - left]);
    }
}

void auk_decimal_write(const auk_decimal_format *format, double value, auk_buffer *out)
{
    char text[400];
    value *= format->factor;
    if (!isfinite(value)) {
        auk_buffer_append_text(out, isnan(value) ? "NaN" : value < 0 ? "-∞" : "∞");
        return;
    }
    int size = snprintf(text, sizeof text, "%.*f", format->most_fraction, fabs(value));
    auk_span all = {text, (size_t)size};
    const char *point = memchr(text, '.', all.size);
    size_t whole = point ? (size_t)(point - text) : all.size;
    while (point && text[all.size - 1] == '0' &&
           all.size - whole - 1 > (size_t)format->least_fraction)
        all.size--;
    if (signbit(value) && value != 0.0)
        auk_buffer_append_byte(out, '-');
    auk_buffer_append(out, format->prefix);
    bool fraction = all.size > whole + 1;
    if (!fraction && format->least_whole == 0 && whole == 1 && text[0] == '0')
        auk_buffer_append_byte(out, '0');
    else
        write_whole(format, (auk_span){text, whole}, out);
    if (fraction)
        auk_buffer_append(out, auk_span_from(all, whole));
    auk_buffer_append(out, format->suffix);
}

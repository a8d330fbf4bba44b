#include "auk/units.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct unit {
    const char *name;
    double factor;
} unit;

static const unit times[] = {{"nanos", 1e-6}, {"micros", 1e-3}, {"ms", 1},    {"s", 1e3},
                             {"m", 6e4},      {"h", 3.6e6},     {"d", 8.64e7}};
static const unit sizes[] = {{"b", 1},       {"kb", 0x1p10}, {"mb", 0x1p20},
                             {"gb", 0x1p30}, {"tb", 0x1p40}, {"pb", 0x1p50}};

/* A plain decimal number and, right behind it, one of the units. */
static bool parse(auk_span text, const unit *units, size_t count, double most, double *out)
{
    char copy[40];
    if (text.size == 0 || text.size >= sizeof copy || !isdigit((unsigned char)text.data[0]))
        return false;
    for (size_t i = 0; i < text.size; i++)
        copy[i] = (char)tolower((unsigned char)text.data[i]);
    copy[text.size] = '\0';
    size_t digits = strspn(copy, "0123456789.");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(copy + digits, units[i].name) != 0)
            continue;
        copy[digits] = '\0';
        char *end;
        double value = strtod(copy, &end) * units[i].factor;
        *out = value;
        return *end == '\0' && value <= most;
    }
    return false;
}

bool auk_time_parse_ms(auk_span text, int64_t *out_ms)
{
    double value;
    if (auk_span_is(text, "-1") || auk_span_is(text, "0")) {
        *out_ms = text.data[0] == '0' ? 0 : -1;
        return true;
    }
    bool months = text.size > 0 && text.data[text.size - 1] == 'M'; /* a calendar's, not minutes */
    if (months || !parse(text, times, sizeof times / sizeof times[0], 9e15, &value))
        return false;
    *out_ms = (int64_t)value;
    return true;
}

bool auk_bytes_parse(auk_span text, uint64_t *out_bytes)
{
    double value;
    if (auk_span_is(text, "0")) {
        *out_bytes = 0;
        return true;
    }
    if (!parse(text, sizes, sizeof sizes / sizeof sizes[0], 9e18, &value))
        return false;
    *out_bytes = (uint64_t)value;
    return true;
}

/* One digit behind the point, none when it is zero. */
static void format(double value, const char *name, char out[16])
{
    double tenths = floor(value * 10) / 10;
    snprintf(out, 16, tenths == floor(tenths) ? "%.0f%s" : "%.1f%s", tenths, name);
}

void auk_bytes_format(uint64_t bytes, char out[16])
{
    size_t i = 0;
    while (i + 1 < sizeof sizes / sizeof sizes[0] && (double)bytes >= sizes[i + 1].factor)
        i++;
    format((double)bytes / sizes[i].factor, sizes[i].name, out);
}

void auk_time_format(uint64_t us, char out[16])
{
    double ms = (double)us / 1000;
    size_t i = 1;
    while (i + 1 < sizeof times / sizeof times[0] && ms >= times[i + 1].factor)
        i++;
    format(ms / times[i].factor, times[i].name, out);
}

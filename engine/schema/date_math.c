/* date_math.c - "now-1d/d", "2024-01-01||+1M/d", and the starts of calendar units. */
#include "calendar.h"
#include "date_items.h"
#include "zone.h"

#define MOMENT_LIMIT_MS                                                                            \
    ((int64_t)8000000000000000) /* some 250,000 years: sums below cannot overflow */
#define STEP_LIMIT INT64_C(2000000000)

static int64_t local_days(int64_t ms, auk_zone zone, int64_t *second_of_day)
{
    int64_t utc_s = auk_floor_div(ms, 1000);
    int64_t local_s = utc_s + auk_zone_offset_s(zone, utc_s);
    int64_t days = auk_floor_div(local_s, AUK_DAY_S);
    *second_of_day = local_s - days * AUK_DAY_S;
    return days;
}

/* Start of the day, in that zone, as a moment. */
static int64_t day_start_ms(int64_t days, auk_zone zone)
{
    return auk_zone_local_to_utc_s(zone, days * AUK_DAY_S) * 1000;
}

static int64_t floor_days(int64_t days, char unit)
{
    auk_civil civil = auk_calendar_civil(days);
    switch (unit) {
    case 'y':
        return auk_calendar_days(civil.year, 1, 1);
    case 'q':
        return auk_calendar_days(civil.year, (civil.month - 1) / 3 * 3 + 1, 1);
    case 'M':
        return auk_calendar_days(civil.year, civil.month, 1);
    case 'w':
        return days - (auk_calendar_weekday(days) - 1);
    default:
        return days;
    }
}

static int64_t floor_in_zone(int64_t ms, char unit, auk_zone zone)
{
    int64_t utc_s = auk_floor_div(ms, 1000);
    int64_t size_s = unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
    if (size_s > 0) {
        /* Within one offset hours and minutes are even, so the jump of a zone needs no care here.
         */
        int32_t offset = auk_zone_offset_s(zone, utc_s);
        return (auk_floor_div(utc_s + offset, size_s) * size_s - offset) * 1000;
    }
    int64_t second;
    return day_start_ms(floor_days(local_days(ms, zone, &second), unit), zone);
}

static int64_t add_months(int64_t days, int64_t months)
{
    auk_civil civil = auk_calendar_civil(days);
    int64_t month = civil.year * 12 + civil.month - 1 + months;
    int64_t year = auk_floor_div(month, 12);
    int month_of_year = (int)(month - year * 12) + 1;
    int last = auk_calendar_month_days(year, month_of_year);
    return auk_calendar_days(year, month_of_year, civil.day < last ? civil.day : last);
}

/* More than that leaves the calendar anyway, and is refused for it. */
static int64_t clamp_months(int64_t months)
{
    return months > STEP_LIMIT ? STEP_LIMIT : months < -STEP_LIMIT ? -STEP_LIMIT : months;
}

/* Days and longer keep the local time of day, hours and shorter are time that passes. */
static int64_t add_units(int64_t ms, char unit, int64_t count, auk_zone zone)
{
    int64_t size_ms = unit == 'h' ? 3600000 : unit == 'm' ? 60000 : unit == 's' ? 1000 : 0;
    if (size_ms > 0)
        return ms + count * size_ms;
    int64_t second;
    int64_t milli = ms - auk_floor_div(ms, 1000) * 1000;
    int64_t days = local_days(ms, zone, &second);
    if (unit == 'd')
        days += count;
    else if (unit == 'w')
        days += 7 * count;
    else
        days = add_months(days, clamp_months(unit == 'y'   ? 12 * count
                                             : unit == 'q' ? 3 * count
                                                           : count));
    return auk_zone_local_to_utc_s(zone, days * AUK_DAY_S + second) * 1000 + milli;
}

static bool is_unit(char unit)
{
    return unit != '\0' && strchr("yMwdhHms", unit) != NULL;
}

static auk_code refuse_math(auk_error *err, const char *what, auk_span math)
{
    return auk_fail_type(err, AUK_INVALID, "parse_exception", "%s [%.*s]", what,
                         AUK_SPAN_ARG(math));
}

/* One "+1M", "-d" or "/d" off the front. */
static auk_code take_step(auk_span math, size_t *at, char *operator, int64_t * count, char *unit,
                          auk_error *err)
{
    *operator= math.data[(*at)++];
    if (*operator!= '/' && * operator!= '+' && * operator!= '-')
        return refuse_math(err, "operator not supported for date math", math);
    int64_t number = 0;
    bool has_number = false;
    for (; *at < math.size && math.data[*at] >= '0' && math.data[*at] <= '9'; (*at)++) {
        number = number * 10 + (math.data[*at] - '0');
        has_number = true;
        if (number > STEP_LIMIT)
            return refuse_math(err, "number too large for date math", math);
    }
    if (*at == math.size)
        return refuse_math(err, "truncated date math", math);
    *count = has_number ? number : 1;
    if (*operator== '/' && * count != 1)
        return refuse_math(err, "rounding `/` can only be used on single unit types", math);
    *unit = math.data[(*at)++];
    if (!is_unit(*unit))
        return auk_fail_type(err, AUK_INVALID, "parse_exception",
                             "unit [%c] not supported for date math [%.*s]", *unit,
                             AUK_SPAN_ARG(math));
    if (*unit == 'H')
        *unit = 'h';
    return AUK_OK;
}

static auk_code apply_math(auk_span math, auk_zone zone, bool round_up, int64_t *ms, auk_error *err)
{
    size_t at = 0;
    while (at < math.size) {
        char operator= '/', unit = 'd';
        int64_t count = 1;
        auk_code code = take_step(math, &at, &operator, & count, &unit, err);
        if (code != AUK_OK)
            return code;
        if (operator== '/') {
            *ms = floor_in_zone(*ms, unit, zone);
            if (round_up)
                *ms = add_units(*ms, unit, 1, zone) - 1;
        } else {
            *ms = add_units(*ms, unit, operator== '-' ? -count : count, zone);
        }
        if (*ms > MOMENT_LIMIT_MS || *ms < -MOMENT_LIMIT_MS)
            return refuse_math(err, "date math leaves the calendar", math);
    }
    return AUK_OK;
}

static size_t find_bars(auk_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '|' && text.data[i + 1] == '|')
            return i;
    return SIZE_MAX;
}

static auk_code parse_anchor(const auk_date_format *format, auk_span text, auk_span time_zone,
                             bool round_up, int64_t *out, auk_error *err)
{
    if (text.size == 0)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "cannot parse empty date");
    if (auk_date_parse(format, text, time_zone, round_up, out, NULL) == AUK_OK)
        return AUK_OK;
    auk_span pattern = auk_date_format_pattern(format);
    return auk_fail_type(
        err, AUK_INVALID, "parse_exception",
        "failed to parse date field [%.*s] with format [%.*s]: [failed to parse date "
        "field [%.*s] with format [%.*s]]",
        AUK_SPAN_ARG(text), AUK_SPAN_ARG(pattern), AUK_SPAN_ARG(text), AUK_SPAN_ARG(pattern));
}

auk_code auk_date_math(const auk_date_format *format, auk_span text, auk_span time_zone,
                       int64_t now_ms, bool round_up, int64_t *out, auk_error *err)
{
    auk_zone zone;
    auk_code code = auk_zone_find(time_zone, &zone, err);
    if (code != AUK_OK)
        return code;
    auk_span now = AUK_SPAN("now"), math;
    int64_t ms = now_ms;
    if (auk_span_starts_with(text, now)) {
        math = auk_span_from(text, now.size);
    } else {
        size_t bars = find_bars(text);
        if (bars == SIZE_MAX)
            return parse_anchor(format, text, time_zone, round_up, out, err);
        math = auk_span_from(text, bars + 2);
        code = parse_anchor(format, (auk_span){text.data, bars}, time_zone, false, &ms, err);
        if (code != AUK_OK)
            return code;
    }
    if (ms > MOMENT_LIMIT_MS || ms < -MOMENT_LIMIT_MS)
        return refuse_math(err, "date is too far away for date math", text);
    code = apply_math(math, zone, round_up, &ms, err);
    if (code == AUK_OK)
        *out = ms;
    return code;
}

auk_code auk_zone_offset_ms(auk_span time_zone, int64_t utc_ms, int64_t *offset_ms, auk_error *err)
{
    auk_zone zone;
    auk_code code = auk_zone_find(time_zone, &zone, err);
    if (code == AUK_OK)
        *offset_ms = (int64_t)auk_zone_offset_s(zone, auk_floor_div(utc_ms, 1000)) * 1000;
    return code;
}

auk_code auk_date_floor(int64_t ms, char unit, auk_span time_zone, int64_t *out, auk_error *err)
{
    if (unit == '\0' || !strchr("yqMwdhms", unit))
        return auk_fail(err, AUK_INVALID, "unit [%c] is no calendar unit", unit);
    auk_zone zone;
    auk_code code = auk_zone_find(time_zone, &zone, err);
    if (code == AUK_OK)
        *out = floor_in_zone(ms, unit, zone);
    return code;
}

auk_code auk_date_step(int64_t ms, char unit, int64_t count, auk_span time_zone, int64_t *out,
                       auk_error *err)
{
    if (unit == '\0' || !strchr("yqMwdhms", unit) || count > STEP_LIMIT || count < -STEP_LIMIT)
        return auk_fail(err, AUK_INVALID, "unit [%c] is no calendar unit", unit);
    auk_zone zone;
    auk_code code = auk_zone_find(time_zone, &zone, err);
    if (code == AUK_OK)
        *out = add_units(ms, unit, count, zone);
    return code;
}

/* tz_rule.c - reads and applies the POSIX time zone rule (RFC 8536, 3.3). */
#include "tz_rule.h"

#include "calendar.h"

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

static bool take(cursor *in, char byte)
{
    if (in->at == in->end || *in->at != byte)
        return false;
    in->at++;
    return true;
}

static bool is_digit(const cursor *in)
{
    return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

static bool read_int(cursor *in, int most, int *out)
{
    if (!is_digit(in))
        return false;
    int value = 0;
    while (is_digit(in)) {
        value = value * 10 + (*in->at++ - '0');
        if (value > most)
            return false;
    }
    *out = value;
    return true;
}

/* "CET" or "<+03>" */
static bool skip_name(cursor *in)
{
    const char *start = in->at;
    if (take(in, '<')) {
        while (in->at < in->end && *in->at != '>')
            in->at++;
        return take(in, '>');
    }
    while (in->at < in->end &&
           ((*in->at >= 'a' && *in->at <= 'z') || (*in->at >= 'A' && *in->at <= 'Z')))
        in->at++;
    return in->at - start >= 3;
}

/* [+-]hh[:mm[:ss]], up to 167 hours as RFC 8536 extends it */
static bool read_time(cursor *in, int32_t *out)
{
    int sign = take(in, '-') ? -1 : 1;
    if (sign == 1)
        (void)take(in, '+');
    int hours, minutes = 0, seconds = 0;
    if (!read_int(in, 167, &hours))
        return false;
    if (take(in, ':') && !read_int(in, 59, &minutes))
        return false;
    if (take(in, ':') && !read_int(in, 59, &seconds))
        return false;
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_change(cursor *in, auk_tz_change *out)
{
    *out = (auk_tz_change){.time_s = 2 * 3600};
    if (take(in, 'M')) {
        out->kind = 'M';
        if (!read_int(in, 12, &out->month) || out->month < 1 || !take(in, '.') ||
            !read_int(in, 5, &out->week) || out->week < 1 || !take(in, '.') ||
            !read_int(in, 6, &out->day))
            return false;
    } else if (take(in, 'J')) {
        out->kind = 'J';
        if (!read_int(in, 365, &out->day) || out->day < 1)
            return false;
    } else {
        out->kind = '0';
        if (!read_int(in, 365, &out->day))
            return false;
    }
    return !take(in, '/') || read_time(in, &out->time_s);
}

bool auk_tz_rule_parse(auk_span text, auk_tz_rule *out)
{
    cursor in = {text.data, text.data + text.size};
    int32_t west;
    *out = (auk_tz_rule){0};
    if (!skip_name(&in) || !read_time(&in, &west))
        return false;
    out->standard_s = -west;
    if (in.at == in.end)
        return true;

    out->has_summer = true;
    out->summer_s = out->standard_s + 3600;
    if (!skip_name(&in))
        return false;
    if (in.at < in.end && *in.at != ',') {
        if (!read_time(&in, &west))
            return false;
        out->summer_s = -west;
    }
    return take(&in, ',') && read_change(&in, &out->begin) && take(&in, ',') &&
           read_change(&in, &out->end) && in.at == in.end;
}

/* Local seconds at which the change happens in that year. */
static int64_t change_local_s(const auk_tz_change *change, int64_t year)
{
    int64_t day;
    if (change->kind == 'M') {
        int64_t first = auk_calendar_days(year, change->month, 1);
        int weekday = auk_calendar_weekday(first) % 7; /* Sunday 0 */
        int day_of_month = 1 + (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
        while (day_of_month > auk_calendar_month_days(year, change->month))
            day_of_month -= 7;
        day = first + day_of_month - 1;
    } else if (change->kind == 'J') {
        bool past_leap_day = auk_calendar_is_leap(year) && change->day >= 60;
        day = auk_calendar_days(year, 1, 1) + change->day - 1 + past_leap_day;
    } else {
        day = auk_calendar_days(year, 1, 1) + change->day;
    }
    return day * AUK_DAY_S + change->time_s;
}

int32_t auk_tz_rule_offset_s(const auk_tz_rule *rule, int64_t utc_s)
{
    if (!rule->has_summer)
        return rule->standard_s;
    int64_t local_day = auk_floor_div(utc_s + rule->standard_s, AUK_DAY_S);
    int64_t year = auk_calendar_civil(local_day).year;
    int64_t begin = change_local_s(&rule->begin, year) - rule->standard_s;
    int64_t end = change_local_s(&rule->end, year) - rule->summer_s;
    /* South of the equator summer spans the turn of the year. */
    bool summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;
    return summer ? rule->summer_s : rule->standard_s;
}

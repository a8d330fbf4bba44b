/*
 * date_parse.c - text to milliseconds: a hand-written path for what ISO dates look like in
 * practice, and the items' interpreter for everything else. The fast path only ever takes texts
 * that the items take as well, with the same result; whatever it does not know it leaves to them.
 */
#include "calendar.h"
#include "date_items.h"
#include "zone.h"

#define DAY_LIMIT 100000000000LL

typedef struct parsed {
    uint32_t set; /* bit a unit */
    int64_t values[AUK_DATE_UNITS];
    bool has_zone;
    auk_zone zone;
} parsed;

typedef struct scan {
    const char *at;
    const char *end;
    parsed out;
} scan;

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static void put(parsed *out, auk_date_unit unit, int64_t value)
{
    out->set |= 1u << unit;
    out->values[unit] = value;
}

static bool has(const parsed *in, auk_date_unit unit)
{
    return in->set >> unit & 1;
}

/* ---- items ---- */

/* Digits that fixed-width numbers right behind this one will need ("yyyyMMdd"). */
static size_t reserved_digits(const auk_date_item *item, const auk_date_item *end)
{
    size_t digits = 0;
    for (item++; item < end; item++) {
        if (item->kind != AUK_ITEM_NUMBER && item->kind != AUK_ITEM_FRACTION)
            break;
        if (item->min != item->max)
            break;
        digits += item->max;
    }
    return digits;
}

static bool parse_number(scan *in, const auk_date_item *item, const auk_date_item *end)
{
    bool year = item->unit == AUK_DATE_YEAR || item->unit == AUK_DATE_WEEK_YEAR;
    bool negative = false, plus = false;
    const char *at = in->at;
    if (year && at < in->end && (*at == '-' || *at == '+')) {
        negative = *at == '-';
        plus = *at == '+';
        at++;
    }
    size_t run = 0;
    while (at + run < in->end && run < 24 && is_digit(at[run]))
        run++;
    size_t reserved = item->min == item->max ? 0 : reserved_digits(item, end);
    size_t take = run > reserved ? run - reserved : 0;
    /* More digits of a year than the pattern writes need a plus, as in ISO 8601; behind a minus
     * they are none, so that negative milliseconds stay what they are. */
    size_t most = year && item->min >= 4 && !plus ? item->min : item->max;
    if (take > most && reserved == 0 && year)
        return false;
    if (take > most)
        take = most;
    if (take < item->min)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < take; i++)
        value = value * 10 + (at[i] - '0');
    in->at = at + take;
    put(&in->out, (auk_date_unit)item->unit, negative ? -value : value);
    return true;
}

static bool parse_short_year(scan *in, const auk_date_item *item)
{
    if (in->end - in->at < 2 || !is_digit(in->at[0]) || !is_digit(in->at[1]))
        return false;
    put(&in->out, (auk_date_unit)item->unit, 2000 + (in->at[0] - '0') * 10 + (in->at[1] - '0'));
    in->at += 2;
    return true;
}

static bool parse_fraction(scan *in, const auk_date_item *item)
{
    int64_t value = 0;
    size_t digits = 0;
    while (in->at < in->end && digits < item->max && is_digit(*in->at)) {
        value = value * 10 + (*in->at++ - '0');
        digits++;
    }
    if (digits < item->min)
        return false;
    for (size_t i = digits; i < 9; i++)
        value *= 10;
    put(&in->out, AUK_DATE_NANO, value);
    return true;
}

static bool take_text(scan *in, const char *text, size_t size)
{
    if ((size_t)(in->end - in->at) < size || memcmp(in->at, text, size) != 0)
        return false;
    in->at += size;
    return true;
}

static bool parse_name(scan *in, const auk_date_item *item)
{
    if (item->unit == AUK_DATE_HALF_DAY) {
        bool pm = take_text(in, "PM", 2);
        put(&in->out, AUK_DATE_HALF_DAY, pm);
        return pm || take_text(in, "AM", 2);
    }
    bool month = item->unit == AUK_DATE_MONTH;
    const char *const *list = month ? auk_month_names : auk_weekday_names;
    for (int i = 0; i < (month ? 12 : 7); i++)
        if (take_text(in, list[i], item->min ? strlen(list[i]) : 3)) {
            put(&in->out, (auk_date_unit)item->unit, i + 1);
            return true;
        }
    return false;
}

static bool parse_offset(scan *in, const auk_date_item *item)
{
    in->out.has_zone = true;
    in->out.zone = AUK_ZONE_UTC;
    if (item->zulu && take_text(in, "Z", 1))
        return true;
    auk_span rest = {in->at, (size_t)(in->end - in->at)};
    size_t used = auk_zone_scan_offset(rest, &in->out.zone.offset_s);
    bool colon = used > 3 && in->at[3] == ':';
    if (used < 3 || (used > 3 && colon != item->colon) || (used == 3 && !item->short_hours))
        return false;
    in->at += used;
    return true;
}

/* An offset, Z, or the longest run of letters that a region's name may have. */
static bool parse_zone(scan *in)
{
    auk_span rest = {in->at, (size_t)(in->end - in->at)};
    in->out.has_zone = true;
    in->out.zone = AUK_ZONE_UTC;
    size_t used = auk_zone_scan_offset(rest, &in->out.zone.offset_s);
    if (used >= 3) {
        in->at += used;
        return true;
    }
    used = 0;
    while (used < rest.size && rest.data[used] != ' ' && rest.data[used] != ']' &&
           rest.data[used] != ')')
        used++;
    if (used == 0 || auk_zone_find((auk_span){rest.data, used}, &in->out.zone, NULL) != AUK_OK)
        return false;
    in->at += used;
    return true;
}

static bool parse_item(scan *in, const auk_date_item *item, const auk_date_item *end)
{
    switch ((auk_date_item_kind)item->kind) {
    case AUK_ITEM_LITERAL:
        /* Either mark may stand before a fraction. */
        if (item->byte == '.' && in->at < in->end && *in->at == ',' && item + 1 < end &&
            item[1].kind == AUK_ITEM_FRACTION && item[1].min != item[1].max) {
            in->at++;
            return true;
        }
        return take_text(in, &item->byte, 1);
    case AUK_ITEM_NUMBER:
        return parse_number(in, item, end);
    case AUK_ITEM_SHORT_YEAR:
        return parse_short_year(in, item);
    case AUK_ITEM_FRACTION:
        return parse_fraction(in, item);
    case AUK_ITEM_NAME:
        return parse_name(in, item);
    case AUK_ITEM_OFFSET:
        return parse_offset(in, item);
    case AUK_ITEM_ZONE:
        return parse_zone(in);
    case AUK_ITEM_BEGIN:
    case AUK_ITEM_END:
        break;
    }
    return true;
}

/* Depth is bounded by the pattern's nesting. */
static bool parse_items(scan *in, const auk_date_item *base, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (base[i].kind == AUK_ITEM_BEGIN) {
            scan before = *in;
            if (!parse_items(in, base, i + 1, base[i].jump))
                *in = before;
            i = base[i].jump;
        } else if (!parse_item(in, &base[i], base + to)) {
            return false;
        }
    }
    return true;
}

/* ---- fields to a moment ---- */

static bool in_range(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static int64_t value_or(const parsed *in, auk_date_unit unit, int64_t fallback)
{
    return has(in, unit) ? in->values[unit] : fallback;
}

static bool resolve_week_date(const parsed *in, int64_t *days)
{
    int64_t year = in->values[AUK_DATE_WEEK_YEAR];
    int64_t week = value_or(in, AUK_DATE_WEEK, 1), weekday = value_or(in, AUK_DATE_WEEKDAY, 1);
    if (!in_range(week, 1, 53) || !in_range(weekday, 1, 7))
        return false;
    *days = auk_calendar_week_year_start(year) + (week - 1) * 7;
    int64_t got;
    if (auk_calendar_week(*days, &got) != week)
        return false; /* week 53 of a year with 52 */
    *days += weekday - 1;
    return true;
}

static bool resolve_date(const parsed *in, int64_t *days)
{
    if (has(in, AUK_DATE_WEEK_YEAR) && !has(in, AUK_DATE_YEAR))
        return resolve_week_date(in, days);
    int64_t year = value_or(in, AUK_DATE_YEAR, 1970);
    if (has(in, AUK_DATE_DAY_OF_YEAR)) {
        int64_t day = in->values[AUK_DATE_DAY_OF_YEAR];
        *days = auk_calendar_days(year, 1, 1) + day - 1;
        return in_range(day, 1, 365 + auk_calendar_is_leap(year));
    }
    int64_t month = value_or(in, AUK_DATE_MONTH, 1), day = value_or(in, AUK_DATE_DAY, 1);
    if (!in_range(month, 1, 12) || !in_range(day, 1, auk_calendar_month_days(year, (int)month)))
        return false;
    *days = auk_calendar_days(year, (int)month, (int)day);
    /* A weekday beside a date must be that date's. */
    return !has(in, AUK_DATE_WEEKDAY) ||
           in->values[AUK_DATE_WEEKDAY] == auk_calendar_weekday(*days);
}

static bool resolve_hour(const parsed *in, int64_t fallback, int64_t *hour)
{
    if (has(in, AUK_DATE_CLOCK_24)) {
        *hour = in->values[AUK_DATE_CLOCK_24] % 24;
        return in_range(in->values[AUK_DATE_CLOCK_24], 1, 24);
    }
    if (has(in, AUK_DATE_CLOCK_12) || has(in, AUK_DATE_HOUR_12)) {
        bool clock = has(in, AUK_DATE_CLOCK_12);
        int64_t value = in->values[clock ? AUK_DATE_CLOCK_12 : AUK_DATE_HOUR_12];
        *hour = value % 12 + 12 * value_or(in, AUK_DATE_HALF_DAY, 0);
        return in_range(value, clock, 11 + clock);
    }
    *hour = value_or(in, AUK_DATE_HOUR, fallback);
    return in_range(*hour, 0, 23);
}

/* What the text leaves open is its unit's last value when rounding up, except month and day, which
 * are the first (Elasticsearch's rule). */
static bool resolve(const parsed *in, auk_zone zone, bool round_up, int64_t *out)
{
    int64_t days = 0, hour = 0;
    if (!resolve_date(in, &days) || !resolve_hour(in, round_up ? 23 : 0, &hour))
        return false;
    int64_t minute = value_or(in, AUK_DATE_MINUTE, round_up ? 59 : 0);
    int64_t second = value_or(in, AUK_DATE_SECOND, round_up ? 59 : 0);
    int64_t nano = value_or(in, AUK_DATE_NANO, round_up ? 999999999 : 0);
    if (!in_range(minute, 0, 59) || !in_range(second, 0, 59) || !in_range(nano, 0, 999999999))
        return false;
    int64_t local_s = days * AUK_DAY_S + hour * 3600 + minute * 60 + second;
    if (in->has_zone)
        zone = in->zone;
    /* Nine digits of a year are more than int64 milliseconds can hold. */
    if (!in_range(days, -DAY_LIMIT, DAY_LIMIT))
        return false;
    *out = auk_zone_local_to_utc_s(zone, local_s) * 1000 + nano / 1000000;
    return true;
}

/* ---- epochs ---- */

/* An optional sign, digits, and digits after a point: seconds or milliseconds since the epoch. */
static bool parse_epoch(auk_span text, bool seconds, bool round_up, int64_t *out)
{
    scan in = {.at = text.data, .end = text.data + text.size};
    bool negative = take_text(&in, "-", 1);
    int64_t whole = 0;
    const char *start = in.at;
    for (; in.at < in.end && is_digit(*in.at); in.at++) {
        if (in.at - start >= (seconds ? 15 : 18))
            return false;
        whole = whole * 10 + (*in.at - '0');
    }
    if (in.at == start)
        return false;
    bool fraction = in.at < in.end;
    auk_date_item digits = {.kind = AUK_ITEM_FRACTION, .min = 0, .max = seconds ? 9 : 6};
    if (fraction && (!take_text(&in, ".", 1) || !parse_fraction(&in, &digits) || in.at != in.end))
        return false;
    int64_t milliseconds = whole;
    if (seconds) {
        int64_t part = fraction ? in.out.values[AUK_DATE_NANO] / 1000000 : round_up ? 999 : 0;
        milliseconds = whole * 1000 + (negative ? 0 : part);
        if (negative && fraction)
            milliseconds += part;
    }
    *out = negative ? -milliseconds : milliseconds;
    return true;
}

/* ---- the fast path ---- */

static inline bool two(const char *at, int *out)
{
    unsigned high = (unsigned)(at[0] - '0'), low = (unsigned)(at[1] - '0');
    *out = (int)(high * 10 + low);
    return high <= 9 && low <= 9;
}

/* "2024-01-31" or "2024-01-31T23:59:59", then ".123" and "Z" or "+02:00" or nothing. */
static bool parse_iso_fast(auk_span text, int64_t *out, bool *has_zone)
{
    const char *at = text.data;
    int century, year, month, day, hour = 0, minute = 0, second = 0;
    if (text.size < 10 || at[4] != '-' || at[7] != '-' || !two(at, &century) ||
        !two(at + 2, &year) || !two(at + 5, &month) || !two(at + 8, &day))
        return false;
    year += century * 100;
    if (month < 1 || month > 12 || day < 1 || day > auk_calendar_month_days(year, month))
        return false;
    *has_zone = false;
    int64_t days = auk_calendar_days(year, month, day);
    if (text.size == 10) {
        *out = days * AUK_DAY_S * 1000;
        return true;
    }
    if (text.size < 19 || at[10] != 'T' || at[13] != ':' || at[16] != ':' || !two(at + 11, &hour) ||
        !two(at + 14, &minute) || !two(at + 17, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    const char *end = at + text.size;
    at += 19;
    int millis = 0;
    if (at < end && *at == '.') {
        int scale = 100, digits = 0;
        for (at++; at < end && is_digit(*at); at++, scale /= 10, digits++)
            millis += (*at - '0') * scale;
        if (digits < 1 || digits > 9)
            return false;
    }
    int64_t offset_s = 0;
    if (at < end) {
        int hours, minutes;
        *has_zone = true;
        if (*at == 'Z' && end - at == 1) {
            offset_s = 0;
        } else if ((*at == '+' || *at == '-') && end - at == 6 && at[3] == ':' &&
                   two(at + 1, &hours) && two(at + 4, &minutes) && hours < 18 && minutes < 60) {
            offset_s = (*at == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
        } else {
            return false;
        }
    }
    *out = (days * AUK_DAY_S + hour * 3600 + minute * 60 + second - offset_s) * 1000 + millis;
    return true;
}

/* ---- together ---- */

static bool parse_alternative(const auk_date_alternative *alternative, auk_span text, auk_zone zone,
                              bool round_up, int64_t *out)
{
    if (alternative->kind == AUK_DATE_EPOCH_MILLIS || alternative->kind == AUK_DATE_EPOCH_SECOND)
        return parse_epoch(text, alternative->kind == AUK_DATE_EPOCH_SECOND, round_up, out);
    scan in = {.at = text.data, .end = text.data + text.size};
    return parse_items(&in, alternative->items, 0, alternative->count) && in.at == in.end &&
           resolve(&in.out, zone, round_up, out);
}

static bool parse_in_zone(const auk_date_format *format, auk_span text, auk_zone zone,
                          bool round_up, int64_t *out)
{
    bool has_zone;
    bool utc = !zone.region && zone.offset_s == 0;
    if (format->alternatives[0].kind == AUK_DATE_ISO && !round_up &&
        parse_iso_fast(text, out, &has_zone) && (has_zone || utc))
        return true;
    if (text.size == 0)
        return false;
    for (uint32_t i = 0; i < format->count; i++)
        if (parse_alternative(&format->alternatives[i], text, zone, round_up, out))
            return true;
    return false;
}

bool auk_date_try_parse(const auk_date_format *format, auk_span text, auk_span time_zone,
                        bool round_up, int64_t *out)
{
    auk_zone zone = AUK_ZONE_UTC;
    if (time_zone.size > 0 && auk_zone_find(time_zone, &zone, NULL) != AUK_OK)
        return false;
    return parse_in_zone(format, text, zone, round_up, out);
}

auk_code auk_date_parse(const auk_date_format *format, auk_span text, auk_span time_zone,
                        bool round_up, int64_t *out, auk_error *err)
{
    auk_zone zone = AUK_ZONE_UTC;
    if (time_zone.size > 0) {
        auk_code code = auk_zone_find(time_zone, &zone, err);
        if (code != AUK_OK)
            return code;
    }
    if (parse_in_zone(format, text, zone, round_up, out))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "failed to parse date field [%.*s] with format [%.*s]",
                    AUK_SPAN_ARG(text), AUK_SPAN_ARG(format->pattern));
}

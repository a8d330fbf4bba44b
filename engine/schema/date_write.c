/* date_write.c - milliseconds to text, with the items of a format's first alternative. */
#include "calendar.h"
#include "date_items.h"
#include "zone.h"

typedef struct moment {
    int64_t units[AUK_DATE_UNITS];
    int32_t offset_s;
} moment;

static moment split(int64_t ms, int32_t offset_s)
{
    int64_t utc_s = auk_floor_div(ms, 1000);
    int64_t milli = ms - utc_s * 1000;
    int64_t local_s = utc_s + offset_s;
    int64_t days = auk_floor_div(local_s, AUK_DAY_S);
    int64_t second = local_s - days * AUK_DAY_S;
    auk_civil civil = auk_calendar_civil(days);
    moment m = {.offset_s = offset_s};
    m.units[AUK_DATE_YEAR] = civil.year;
    m.units[AUK_DATE_MONTH] = civil.month;
    m.units[AUK_DATE_DAY] = civil.day;
    m.units[AUK_DATE_DAY_OF_YEAR] = days - auk_calendar_days(civil.year, 1, 1) + 1;
    m.units[AUK_DATE_WEEK] = auk_calendar_week(days, &m.units[AUK_DATE_WEEK_YEAR]);
    m.units[AUK_DATE_WEEKDAY] = auk_calendar_weekday(days);
    int64_t hour = second / 3600;
    m.units[AUK_DATE_HOUR] = hour;
    m.units[AUK_DATE_CLOCK_24] = hour == 0 ? 24 : hour;
    m.units[AUK_DATE_HALF_DAY] = hour >= 12;
    m.units[AUK_DATE_HOUR_12] = hour % 12;
    m.units[AUK_DATE_CLOCK_12] = hour % 12 == 0 ? 12 : hour % 12;
    m.units[AUK_DATE_MINUTE] = second / 60 % 60;
    m.units[AUK_DATE_SECOND] = second % 60;
    m.units[AUK_DATE_NANO] = milli * 1000000;
    return m;
}

/* Padded to width; longer years carry a sign, as the parser wants. */
static void write_number(int64_t value, int width, bool year, auk_buffer *out)
{
    char digits[24];
    int count = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        auk_buffer_append_byte(out, '-');
    else if (year && width >= 4 && count > width)
        auk_buffer_append_byte(out, '+');
    for (int i = count; i < width; i++)
        auk_buffer_append_byte(out, '0');
    while (count > 0)
        auk_buffer_append_byte(out, digits[--count]);
}

static void write_fraction(int64_t nano, const auk_date_item *item, auk_buffer *out)
{
    int digits = item->min == item->max ? item->max : 3; /* milliseconds are what is kept */
    int64_t value = nano;
    for (int i = digits; i < 9; i++)
        value /= 10;
    write_number(value, digits, false, out);
}

static void write_name(const moment *m, const auk_date_item *item, auk_buffer *out)
{
    int64_t value = m->units[item->unit];
    if (item->unit == AUK_DATE_HALF_DAY) {
        auk_buffer_append_text(out, value ? "PM" : "AM");
        return;
    }
    const char *const *names = auk_weekday_names;
    if (item->unit == AUK_DATE_MONTH)
        names = auk_month_names;
    const char *name = names[value - 1];
    auk_buffer_append(out, (auk_span){name, item->min ? strlen(name) : 3});
}

static void write_offset(int32_t offset_s, const auk_date_item *item, auk_buffer *out)
{
    if (offset_s == 0 && item->zulu) {
        auk_buffer_append_byte(out, 'Z');
        return;
    }
    int32_t rest = offset_s < 0 ? -offset_s : offset_s;
    auk_buffer_append_byte(out, offset_s < 0 ? '-' : '+');
    write_number(rest / 3600, 2, false, out);
    if (item->short_hours && rest % 3600 == 0)
        return;
    if (item->colon)
        auk_buffer_append_byte(out, ':');
    write_number(rest / 60 % 60, 2, false, out);
    if (rest % 60 == 0)
        return;
    if (item->colon)
        auk_buffer_append_byte(out, ':');
    write_number(rest % 60, 2, false, out);
}

static void write_item(const moment *m, const auk_date_item *item, auk_buffer *out)
{
    bool year = item->unit == AUK_DATE_YEAR || item->unit == AUK_DATE_WEEK_YEAR;
    switch ((auk_date_item_kind)item->kind) {
    case AUK_ITEM_LITERAL:
        auk_buffer_append_byte(out, item->byte);
        break;
    case AUK_ITEM_NUMBER:
        write_number(m->units[item->unit], item->width, year, out);
        break;
    case AUK_ITEM_SHORT_YEAR:
        write_number((m->units[item->unit] % 100 + 100) % 100, 2, false, out);
        break;
    case AUK_ITEM_FRACTION:
        write_fraction(m->units[AUK_DATE_NANO], item, out);
        break;
    case AUK_ITEM_NAME:
        write_name(m, item, out);
        break;
    case AUK_ITEM_OFFSET:
    case AUK_ITEM_ZONE:
        write_offset(m->offset_s, item, out);
        break;
    case AUK_ITEM_BEGIN:
    case AUK_ITEM_END:
        break;
    }
}

static void write_epoch(int64_t ms, bool seconds, auk_buffer *out)
{
    if (!seconds) {
        write_number(ms, 1, false, out);
        return;
    }
    int64_t whole = ms / 1000, part = ms % 1000;
    if (ms < 0 && whole == 0)
        auk_buffer_append_byte(out, '-');
    write_number(whole, 1, false, out);
    if (part != 0) {
        auk_buffer_append_byte(out, '.');
        write_number(part < 0 ? -part : part, 3, false, out);
    }
}

void auk_date_write(const auk_date_format *format, int64_t ms, auk_span time_zone, auk_buffer *out)
{
    const auk_date_alternative *first = &format->alternatives[0];
    if (first->kind == AUK_DATE_EPOCH_MILLIS || first->kind == AUK_DATE_EPOCH_SECOND) {
        write_epoch(ms, first->kind == AUK_DATE_EPOCH_SECOND, out);
        return;
    }
    auk_zone zone = AUK_ZONE_UTC;
    if (auk_zone_find(time_zone, &zone, NULL) != AUK_OK)
        zone = AUK_ZONE_UTC;
    moment m = split(ms, auk_zone_offset_s(zone, auk_floor_div(ms, 1000)));
    for (uint16_t i = 0; i < first->count; i++)
        write_item(&m, &first->items[i], out);
}

/* Moments and durations: binary to Postgres's text, and that to ISO 8601. See pg_value_private.h.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "pg_value_private.h"
#include "wire.h"

#define US_PER_SECOND  INT64_C(1000000)
#define US_PER_DAY     (INT64_C(86400) * US_PER_SECOND)
#define DAYS_TO_2000   10957  /* since 1970-01-01 */
#define DAYS_TO_YEAR_0 719468 /* from 0000-03-01 to 1970-01-01 */

/* ---- binary to text ---- */

typedef struct civil {
    int64_t year;
    int month, day;
} civil;

/* Proleptic Gregorian, years counted from 1 March, in eras of 400 years of 146,097 days. */
static civil civil_of(int64_t days_since_1970)
{
    int64_t z = days_since_1970 + DAYS_TO_YEAR_0;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    civil c = {.year = yoe + era * 400,
               .month = (int)(mp < 10 ? mp + 3 : mp - 9),
               .day = (int)(doy - (153 * mp + 2) / 5 + 1)};
    c.year += c.month <= 2;
    return c;
}

/* Without BC, which comes last: true when it has to be said. */
static bool append_date(int64_t days_since_2000, auk_buffer *out)
{
    civil c = civil_of(days_since_2000 + DAYS_TO_2000);
    bool is_bc = c.year <= 0;
    auk_buffer_printf(out, "%04" PRId64 "-%02d-%02d", is_bc ? 1 - c.year : c.year, c.month, c.day);
    return is_bc;
}

static void append_fraction(int64_t us, auk_buffer *out)
{
    if (us == 0)
        return;
    auk_buffer_printf(out, ".%06" PRId64, us);
    while (out->size > 0 && out->data[out->size - 1] == '0')
        out->size--;
}

static bool append_clock(int64_t us, auk_buffer *out)
{
    if (us < 0 || us > US_PER_DAY) /* 24:00:00 is a time */
        return false;
    int64_t seconds = us / US_PER_SECOND;
    auk_buffer_printf(out, "%02" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                      seconds / 60 % 60, seconds % 60);
    append_fraction(us % US_PER_SECOND, out);
    return true;
}

/* west: seconds west of UTC, as Postgres counts them */
static void append_zone(int32_t west, auk_buffer *out)
{
    uint32_t seconds = west < 0 ? 0 - (uint32_t)west : (uint32_t)west;
    auk_buffer_printf(out, "%c%02u", west > 0 ? '-' : '+', seconds / 3600);
    if (seconds % 3600 != 0)
        auk_buffer_printf(out, ":%02u", seconds / 60 % 60);
    if (seconds % 60 != 0)
        auk_buffer_printf(out, ":%02u", seconds % 60);
}

static bool append_infinity(bool is_negative, auk_buffer *out)
{
    auk_buffer_append_text(out, is_negative ? "-infinity" : "infinity");
    return true;
}

static bool append_timestamp(int64_t us, bool zoned, auk_buffer *out)
{
    if (us == INT64_MAX || us == INT64_MIN)
        return append_infinity(us < 0, out);
    int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0);
    bool is_bc = append_date(days, out);
    auk_buffer_append_byte(out, ' ');
    bool sound = append_clock(us - days * US_PER_DAY, out);
    auk_buffer_append_text(out, zoned ? "+00" : "");
    auk_buffer_append_text(out, is_bc ? " BC" : "");
    return sound;
}

static void append_part(int64_t value, char unit, auk_buffer *out)
{
    if (value != 0)
        auk_buffer_printf(out, "%" PRId64 "%c", value, unit);
}

static bool append_interval(int64_t us, int32_t days, int32_t months, auk_buffer *out)
{
    if (days == INT32_MAX && months == INT32_MAX && us == INT64_MAX)
        return append_infinity(false, out);
    if (days == INT32_MIN && months == INT32_MIN && us == INT64_MIN)
        return append_infinity(true, out);
    if (us == 0 && days == 0 && months == 0) {
        auk_buffer_append_text(out, "PT0S");
        return true;
    }
    auk_buffer_append_byte(out, 'P');
    append_part(months / 12, 'Y', out);
    append_part(months % 12, 'M', out);
    append_part(days, 'D', out);
    auk_buffer_append_text(out, us != 0 ? "T" : "");
    int64_t seconds = us / US_PER_SECOND, fraction = us % US_PER_SECOND;
    append_part(seconds / 3600, 'H', out);
    append_part(seconds / 60 % 60, 'M', out);
    seconds %= 60;
    if (seconds != 0 || fraction != 0) {
        auk_buffer_append_text(out, seconds < 0 || fraction < 0 ? "-" : "");
        auk_buffer_printf(out, "%lld", llabs(seconds));
        append_fraction(llabs(fraction), out);
        auk_buffer_append_byte(out, 'S');
    }
    return true;
}

static bool append_day(int32_t days, auk_buffer *out)
{
    if (days == INT32_MAX || days == INT32_MIN)
        return append_infinity(days < 0, out);
    auk_buffer_append_text(out, append_date(days, out) ? " BC" : "");
    return true;
}

bool auk_pg_append_time(auk_pg_kind kind, auk_span binary, auk_buffer *out)
{
    auk_reader in = auk_reader_of(binary);
    static const uint8_t sizes[] = {
        [AUK_PG_DATE] = 4,      [AUK_PG_TIME] = 8,        [AUK_PG_TIMETZ] = 12,
        [AUK_PG_TIMESTAMP] = 8, [AUK_PG_TIMESTAMPTZ] = 8, [AUK_PG_INTERVAL] = 16};
    if (kind < AUK_PG_DATE || kind > AUK_PG_INTERVAL || binary.size != sizes[kind])
        return false;
    if (kind == AUK_PG_DATE)
        return append_day((int32_t)auk_wire_u32(&in), out);
    int64_t us = (int64_t)auk_wire_u64(&in);
    switch (kind) {
    case AUK_PG_TIME:
        return append_clock(us, out);
    case AUK_PG_TIMETZ: {
        int32_t west = (int32_t)auk_wire_u32(&in);
        bool sound = append_clock(us, out) && west > -86400 && west < 86400;
        append_zone(west, out);
        return sound;
    }
    case AUK_PG_INTERVAL: {
        int32_t days = (int32_t)auk_wire_u32(&in);
        return append_interval(us, days, (int32_t)auk_wire_u32(&in), out);
    }
    default:
        return append_timestamp(us, kind == AUK_PG_TIMESTAMPTZ, out);
    }
}

/* ---- text to ISO 8601 ---- */

static bool all_digits(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size > 0;
}

/* "+02", "-03:30", "+00": as ±hh:mm[:ss], or Z for UTC */
static bool append_iso_zone(auk_span zone, auk_buffer *out)
{
    if (zone.size < 3 || zone.size > 9 || (zone.data[0] != '+' && zone.data[0] != '-'))
        return false;
    for (size_t i = 1; i < zone.size; i++)
        if (i % 3 == 0 ? zone.data[i] != ':' : !all_digits(auk_span_make(zone.data + i, 1)))
            return false;
    if (zone.size == 3 && zone.data[1] == '0' && zone.data[2] == '0') {
        auk_buffer_append_byte(out, 'Z');
        return true;
    }
    auk_buffer_append(out, zone);
    auk_buffer_append_text(out, zone.size == 3 ? ":00" : "");
    return zone.size % 3 == 0;
}

/* hh:mm:ss[.ffffff], and a zone behind it where there may be one */
static bool append_iso_clock(auk_span text, bool zoned, auk_buffer *out)
{
    size_t end = 0;
    while (end < text.size && (all_digits(auk_span_make(text.data + end, 1)) ||
                               text.data[end] == ':' || text.data[end] == '.'))
        end++;
    if (end < 8 || text.data[2] != ':' || text.data[5] != ':')
        return false;
    auk_buffer_append(out, auk_span_make(text.data, end));
    auk_span zone = auk_span_from(text, end);
    return zoned ? append_iso_zone(zone, out) : zone.size == 0;
}

/* years[-]mm-dd; the year before 1 is 0, and it has four digits or a sign */
static bool append_iso_date(auk_span date, bool is_bc, auk_buffer *out)
{
    if (date.size < 10 || date.data[date.size - 3] != '-' || date.data[date.size - 6] != '-')
        return false;
    auk_span digits = auk_span_make(date.data, date.size - 6);
    int64_t year = 0;
    if (!all_digits(digits) || digits.size > 9 || !auk_number_parse_int64(digits, &year) ||
        !all_digits(auk_span_make(date.data + date.size - 5, 2)) ||
        !all_digits(auk_span_make(date.data + date.size - 2, 2)))
        return false;
    if (is_bc)
        year = 1 - year;
    if (year < 0)
        auk_buffer_printf(out, "-%04" PRId64, -year);
    else
        auk_buffer_printf(out, "%s%04" PRId64, year > 9999 ? "+" : "", year);
    auk_buffer_append(out, auk_span_from(date, date.size - 6));
    return true;
}

/* Before and after all that Postgres has, and read by date fields. */
static bool append_iso_infinity(auk_pg_kind kind, bool is_negative, auk_buffer *out)
{
    auk_buffer_append_text(out, is_negative ? "-9999-01-01" : "+999999-12-31");
    if (kind != AUK_PG_DATE)
        auk_buffer_append_text(out, is_negative ? "T00:00:00" : "T23:59:59.999");
    if (kind == AUK_PG_TIMESTAMPTZ)
        auk_buffer_append_byte(out, 'Z');
    return true;
}

bool auk_pg_time_to_iso(auk_pg_kind kind, auk_span text, auk_buffer *out)
{
    if (kind == AUK_PG_TIME || kind == AUK_PG_TIMETZ)
        return append_iso_clock(text, kind == AUK_PG_TIMETZ, out);
    if (auk_span_is(text, "infinity") || auk_span_is(text, "-infinity"))
        return append_iso_infinity(kind, text.data[0] == '-', out);
    bool is_bc = text.size > 3 && memcmp(text.data + text.size - 3, " BC", 3) == 0;
    if (is_bc)
        text.size -= 3;
    auk_span rest = text, date = {0};
    if (!auk_span_cut(&rest, ' ', &date) || !append_iso_date(date, is_bc, out))
        return false;
    if (kind == AUK_PG_DATE)
        return rest.size == 0;
    auk_buffer_append_byte(out, 'T');
    return append_iso_clock(rest, kind == AUK_PG_TIMESTAMPTZ, out);
}

/* calendar.c - counted in eras of 400 years, with years that start in March so that the leap day
 * comes last. */
#include "calendar.h"

#define ERA_DAYS       146097
#define EPOCH_ERA_DAYS 719468 /* days from 0000-03-01 to 1970-01-01 */

int64_t auk_calendar_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = auk_floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_ERA_DAYS;
}

auk_civil auk_calendar_civil(int64_t days)
{
    days += EPOCH_ERA_DAYS;
    int64_t era = auk_floor_div(days, ERA_DAYS);
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    auk_civil civil;
    civil.day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    civil.month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

bool auk_calendar_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int auk_calendar_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && auk_calendar_is_leap(year) ? 29 : days[month - 1];
}

int auk_calendar_weekday(int64_t days)
{
    int64_t since_monday = days + 3;
    return (int)(since_monday - auk_floor_div(since_monday, 7) * 7) + 1;
}

int64_t auk_calendar_week_year_start(int64_t week_year)
{
    int64_t fourth = auk_calendar_days(week_year, 1, 4);
    return fourth - (auk_calendar_weekday(fourth) - 1);
}

int auk_calendar_week(int64_t days, int64_t *week_year)
{
    /* A week counts to the year of its Thursday. */
    int64_t thursday = days - (auk_calendar_weekday(days) - 1) + 3;
    *week_year = auk_calendar_civil(thursday).year;
    return (int)((thursday - auk_calendar_days(*week_year, 1, 1)) / 7) + 1;
}

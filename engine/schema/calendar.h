/*
 * calendar.h - days and dates of the proleptic Gregorian calendar, ISO weeks.
 *
 * Day 0 is 1970-01-01, a Thursday. Years may be zero or negative.
 *
 *   Lifetime, Threads, Memory  pure functions.
 *   Errors    none: month and day must be in range, callers check them first.
 */
#ifndef AUK_CALENDAR_H
#define AUK_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define AUK_DAY_S 86400

typedef struct auk_civil {
    int64_t year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
} auk_civil;

int64_t auk_calendar_days(int64_t year, int month, int day);
auk_civil auk_calendar_civil(int64_t days);
bool auk_calendar_is_leap(int64_t year);
int auk_calendar_month_days(int64_t year, int month);
int auk_calendar_weekday(int64_t days); /* ISO: Monday 1 .. Sunday 7 */
/* Monday of week 1, which is the week that holds 4 January. */
int64_t auk_calendar_week_year_start(int64_t week_year);
/* ISO week of a day, and the year that it counts to. */
int auk_calendar_week(int64_t days, int64_t *week_year);

/* Division that rounds down, for negative times. divisor > 0 */
static inline int64_t auk_floor_div(int64_t value, int64_t divisor)
{
    int64_t quotient = value / divisor;
    return quotient - (value % divisor < 0);
}

#endif

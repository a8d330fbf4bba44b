/*
 * tz_rule.h - the POSIX rule in the footer of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 *   Lifetime, Threads, Memory  a plain value.
 *   Errors    false for text that breaks the grammar.
 */
#ifndef AUK_TZ_RULE_H
#define AUK_TZ_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

typedef struct auk_tz_change {
    char
        kind; /* 'M': week `week` (5: last) of month on weekday; 'J': day 1..365; '0': day 0..365 */
    int month, week, day;
    int32_t time_s; /* local, may be below 0 or past a day */
} auk_tz_change;

typedef struct auk_tz_rule {
    int32_t standard_s; /* east of UTC is positive */
    int32_t summer_s;
    bool has_summer;
    auk_tz_change begin, end; /* of summer time */
} auk_tz_rule;

bool auk_tz_rule_parse(auk_span text, auk_tz_rule *out);
int32_t auk_tz_rule_offset_s(const auk_tz_rule *rule, int64_t utc_s);

#endif

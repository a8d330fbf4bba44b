/*
 * date_items.h - a compiled date format: alternatives, each a list of items that parses and prints.
 *
 *   "uuuu-MM[-dd]"  ->  NUMBER year 4..9 | LITERAL - | NUMBER month 2..2 | BEGIN | LITERAL - |
 * NUMBER day 2..2 | END
 *
 * Always true: BEGIN and END nest; BEGIN's `jump` is the index of its END.
 *
 *   Lifetime, Memory  in the format's arena.   Threads  immutable.   Errors  none of its own.
 */
#ifndef AUK_DATE_ITEMS_H
#define AUK_DATE_ITEMS_H

#include "auk/arena.h"
#include "auk/date_format.h"

typedef enum auk_date_unit {
    AUK_DATE_YEAR,
    AUK_DATE_MONTH,
    AUK_DATE_DAY,
    AUK_DATE_DAY_OF_YEAR,
    AUK_DATE_WEEK_YEAR,
    AUK_DATE_WEEK,
    AUK_DATE_WEEKDAY,  /* 1 Monday .. 7 */
    AUK_DATE_HOUR,     /* 0..23 */
    AUK_DATE_CLOCK_24, /* 1..24 */
    AUK_DATE_HALF_DAY, /* 0 AM, 1 PM */
    AUK_DATE_HOUR_12,  /* 0..11 */
    AUK_DATE_CLOCK_12, /* 1..12 */
    AUK_DATE_MINUTE,
    AUK_DATE_SECOND,
    AUK_DATE_NANO,
    AUK_DATE_UNITS
} auk_date_unit;

typedef enum auk_date_item_kind {
    AUK_ITEM_LITERAL,
    AUK_ITEM_NUMBER,
    AUK_ITEM_SHORT_YEAR, /* yy: 2000 .. 2099 */
    AUK_ITEM_FRACTION,   /* digits after a second's point, the point apart */
    AUK_ITEM_NAME,       /* of a month, a weekday or a half day; min: 1 if long */
    AUK_ITEM_OFFSET,     /* +0200, +02:00; style below */
    AUK_ITEM_ZONE,       /* an offset in any form, Z, or a region's name */
    AUK_ITEM_BEGIN,
    AUK_ITEM_END,
} auk_date_item_kind;

typedef struct auk_date_item {
    uint8_t kind;
    uint8_t unit;     /* NUMBER, NAME */
    uint8_t min, max; /* digits read */
    uint8_t width;    /* NUMBER: digits written at least; lenient formats read fewer */
    char byte;        /* LITERAL */
    bool colon;       /* OFFSET: written with ':' */
    bool zulu;        /* OFFSET: zero is written Z */
    bool short_hours; /* OFFSET: minutes are left out when zero */
    uint16_t jump;    /* BEGIN */
} auk_date_item;

typedef enum auk_date_kind {
    AUK_DATE_ITEMS,
    AUK_DATE_ISO, /* items of strict_date_optional_time, with a fast path */
    AUK_DATE_EPOCH_MILLIS,
    AUK_DATE_EPOCH_SECOND,
} auk_date_kind;

typedef struct auk_date_alternative {
    auk_date_kind kind;
    const auk_date_item *items;
    uint16_t count;
} auk_date_alternative;

struct auk_date_format {
    auk_arena *arena;
    auk_span pattern;
    uint32_t count;
    auk_date_alternative *alternatives;
};

extern const char *const auk_month_names[12];
extern const char *const auk_weekday_names[7];

/* Looks a name up, or compiles a pattern. */
AUK_MUST_CHECK auk_code auk_date_compile(auk_span text, auk_arena *arena, auk_date_alternative *out,
                                         auk_error *err);

/* Without an error's words: false when no alternative takes the whole text. */
bool auk_date_try_parse(const auk_date_format *format, auk_span text, auk_span time_zone,
                        bool round_up, int64_t *out);

#endif

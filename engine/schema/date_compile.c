/* date_compile.c - Elasticsearch's named formats, and java.time patterns into items. */
#include "date_items.h"

#include <stdio.h>

/*
 * Names and what they stand for, in the letters of java.time plus two of our own: 'f' is a point or
 * comma with one to nine digits of a second, 'o' any offset, Z or zone. "strict_" in front of a
 * name takes it as it is written here; without, numbers may be shorter; basic_ names have no
 * separators and so are always strict. A new name is a new row.
 */
#define DATE   "uuuu-MM-dd"
#define TIME   "HH:mm:ss"
#define BASIC  "uuuuMMdd"
#define WEEK   "YYYY-'W'ww-e"
#define B_WEEK "YYYY'W'wwe"
static const struct {
    const char *name;
    const char *pattern;
} names[] = {
    {"date_optional_time", "uuuu[-MM[-dd['T'[HH[:mm[:ss[f]]]][o]]]]"},
    {"date_optional_time_nanos", "uuuu[-MM[-dd['T'[HH[:mm[:ss[f]]]][o]]]]"},
    {"basic_date", BASIC},
    {"basic_date_time", BASIC "'T'HHmmssfo"},
    {"basic_date_time_no_millis", BASIC "'T'HHmmsso"},
    {"basic_ordinal_date", "uuuuDDD"},
    {"basic_ordinal_date_time", "uuuuDDD'T'HHmmssfo"},
    {"basic_ordinal_date_time_no_millis", "uuuuDDD'T'HHmmsso"},
    {"basic_time", "HHmmssfo"},
    {"basic_time_no_millis", "HHmmsso"},
    {"basic_t_time", "'T'HHmmssfo"},
    {"basic_t_time_no_millis", "'T'HHmmsso"},
    {"basic_week_date", B_WEEK},
    {"basic_week_date_time", B_WEEK "'T'HHmmssfo"},
    {"basic_week_date_time_no_millis", B_WEEK "'T'HHmmsso"},
    {"date", DATE},
    {"date_hour", DATE "'T'HH"},
    {"date_hour_minute", DATE "'T'HH:mm"},
    {"date_hour_minute_second", DATE "'T'" TIME},
    {"date_hour_minute_second_fraction", DATE "'T'" TIME "f"},
    {"date_hour_minute_second_millis", DATE "'T'" TIME "f"},
    {"date_time", DATE "'T'" TIME "fo"},
    {"date_time_no_millis", DATE "'T'" TIME "o"},
    {"hour", "HH"},
    {"hour_minute", "HH:mm"},
    {"hour_minute_second", TIME},
    {"hour_minute_second_fraction", TIME "f"},
    {"hour_minute_second_millis", TIME "f"},
    {"ordinal_date", "uuuu-DDD"},
    {"ordinal_date_time", "uuuu-DDD'T'" TIME "fo"},
    {"ordinal_date_time_no_millis", "uuuu-DDD'T'" TIME "o"},
    {"time", TIME "fo"},
    {"time_no_millis", TIME "o"},
    {"t_time", "'T'" TIME "fo"},
    {"t_time_no_millis", "'T'" TIME "o"},
    {"week_date", WEEK},
    {"week_date_time", WEEK "'T'" TIME "fo"},
    {"week_date_time_no_millis", WEEK "'T'" TIME "o"},
    {"weekyear", "YYYY"},
    {"weekyear_week", "YYYY-'W'ww"},
    {"weekyear_week_day", WEEK},
    {"year", "uuuu"},
    {"year_month", "uuuu-MM"},
    {"year_month_day", DATE},
};

#define ITEM_LIMIT  200
#define DEPTH_LIMIT 16

typedef struct compiler {
    auk_span text; /* as the user wrote it, for messages */
    bool named;    /* our own letters count */
    bool lenient;  /* numbers may be shorter */
    auk_date_item *items;
    uint16_t count;
    uint16_t open[DEPTH_LIMIT];
    int depth;
} compiler;

static auk_code refuse(const compiler *c, auk_error *err, const char *why)
{
    return auk_fail(err, AUK_INVALID, "Invalid format: [%.*s]: %s", AUK_SPAN_ARG(c->text), why);
}

static auk_date_item *add(compiler *c, auk_date_item_kind kind)
{
    auk_date_item *item = &c->items[c->count++];
    *item = (auk_date_item){.kind = (uint8_t)kind};
    return item;
}

static void add_literal(compiler *c, char byte)
{
    add(c, AUK_ITEM_LITERAL)->byte = byte;
}

static void add_number(compiler *c, auk_date_unit unit, size_t min, size_t max)
{
    auk_date_item *item = add(c, AUK_ITEM_NUMBER);
    item->unit = (uint8_t)unit;
    item->min = c->lenient ? 1 : (uint8_t)min;
    item->max = (uint8_t)max;
    item->width = (uint8_t)min;
}

static void add_name(compiler *c, auk_date_unit unit, bool is_long)
{
    auk_date_item *item = add(c, AUK_ITEM_NAME);
    item->unit = (uint8_t)unit;
    item->min = is_long;
}

static void add_offset(compiler *c, bool colon, bool zulu, bool short_hours)
{
    auk_date_item *item = add(c, AUK_ITEM_OFFSET);
    item->colon = colon;
    item->zulu = zulu;
    item->short_hours = short_hours;
}

static void add_fraction(compiler *c, size_t min, size_t max)
{
    auk_date_item *item = add(c, AUK_ITEM_FRACTION);
    item->min = (uint8_t)min;
    item->max = (uint8_t)max;
}

/* Two digits when the letter is doubled, else one or two. */
static void add_pair(compiler *c, auk_date_unit unit, size_t width)
{
    add_number(c, unit, width, 2);
}

static void add_year(compiler *c, auk_date_unit unit, size_t width)
{
    if (width == 2)
        add(c, AUK_ITEM_SHORT_YEAR)->unit = (uint8_t)unit;
    else
        add_number(c, unit, width, c->lenient ? 5 : 9);
}

/* A letter of our own; false: it is none. */
static bool add_own_letter(compiler *c, char letter)
{
    if (letter == 'f') {
        add_literal(c, '.');
        add_fraction(c, 1, 9);
        return true;
    }
    if (letter == 'o') {
        auk_date_item *item = add(c, AUK_ITEM_ZONE);
        item->colon = true;
        item->zulu = true;
        return true;
    }
    return false;
}

/* The letters whose count chooses between a number and a name, and the zones. */
static bool add_varied_letter(compiler *c, char letter, size_t width)
{
    switch (letter) {
    case 'M':
    case 'L':
        if (width <= 2)
            add_pair(c, AUK_DATE_MONTH, width);
        else
            add_name(c, AUK_DATE_MONTH, width == 4);
        return width <= 4;
    case 'E':
        add_name(c, AUK_DATE_WEEKDAY, width == 4);
        return width <= 4;
    case 'e':
        if (width <= 2)
            add_number(c, AUK_DATE_WEEKDAY, width, width);
        else
            add_name(c, AUK_DATE_WEEKDAY, width == 4);
        return width <= 4;
    case 'X':
        add_offset(c, width == 3 || width == 5, true, width == 1);
        return width <= 5;
    case 'x':
        add_offset(c, width == 3 || width == 5, false, width == 1);
        return width <= 5;
    case 'Z':
        add_offset(c, width == 5, width == 5, false);
        return width <= 3 || width == 5;
    case 'z':
        add(c, AUK_ITEM_ZONE)->colon = true;
        return width <= 4;
    case 'V':
        add(c, AUK_ITEM_ZONE)->colon = true;
        return width == 2;
    default:
        return false;
    }
}

static bool add_letter(compiler *c, char letter, size_t width)
{
    switch (letter) {
    case 'u':
    case 'y':
        add_year(c, AUK_DATE_YEAR, width);
        return width <= 9;
    case 'Y':
        add_year(c, AUK_DATE_WEEK_YEAR, width);
        return width <= 9;
    case 'w':
        add_pair(c, AUK_DATE_WEEK, width);
        return width <= 2;
    case 'd':
        add_pair(c, AUK_DATE_DAY, width);
        return width <= 2;
    case 'D':
        add_number(c, AUK_DATE_DAY_OF_YEAR, width, 3);
        return width <= 3;
    case 'H':
        add_pair(c, AUK_DATE_HOUR, width);
        return width <= 2;
    case 'k':
        add_pair(c, AUK_DATE_CLOCK_24, width);
        return width <= 2;
    case 'K':
        add_pair(c, AUK_DATE_HOUR_12, width);
        return width <= 2;
    case 'h':
        add_pair(c, AUK_DATE_CLOCK_12, width);
        return width <= 2;
    case 'a':
        add_name(c, AUK_DATE_HALF_DAY, false);
        return width == 1;
    case 'm':
        add_pair(c, AUK_DATE_MINUTE, width);
        return width <= 2;
    case 's':
        add_pair(c, AUK_DATE_SECOND, width);
        return width <= 2;
    case 'S':
        add_fraction(c, width, width);
        return width <= 9;
    case 'n':
        add_number(c, AUK_DATE_NANO, width, 9);
        return width <= 9;
    default:
        return add_varied_letter(c, letter, width);
    }
}

/* 'T' or '' (one quote); *at stands on the opening quote. */
static auk_code add_quoted(compiler *c, auk_span pattern, size_t *at, auk_error *err)
{
    size_t i = *at + 1;
    if (i < pattern.size && pattern.data[i] == '\'') {
        add_literal(c, '\'');
        *at = i + 1;
        return AUK_OK;
    }
    for (; i < pattern.size && c->count < ITEM_LIMIT; i++) {
        if (pattern.data[i] != '\'') {
            add_literal(c, pattern.data[i]);
        } else if (i + 1 < pattern.size && pattern.data[i + 1] == '\'') {
            add_literal(c, '\'');
            i++;
        } else {
            *at = i + 1;
            return AUK_OK;
        }
    }
    return refuse(c, err, "Pattern ends with an incomplete string literal");
}

static auk_code add_bracket(compiler *c, char bracket, auk_error *err)
{
    if (bracket == '[') {
        if (c->depth == DEPTH_LIMIT)
            return refuse(c, err, "too many optional sections");
        c->open[c->depth++] = c->count;
        (void)add(c, AUK_ITEM_BEGIN);
        return AUK_OK;
    }
    if (c->depth == 0)
        return refuse(c, err, "Pattern invalid as it contains ] without previous [");
    c->items[c->open[--c->depth]].jump = c->count;
    (void)add(c, AUK_ITEM_END);
    return AUK_OK;
}

static auk_code add_run(compiler *c, auk_span pattern, size_t *at, auk_error *err)
{
    char letter = pattern.data[*at];
    size_t width = 1;
    while (*at + width < pattern.size && pattern.data[*at + width] == letter)
        width++;
    *at += width;
    if (c->named && width == 1 && add_own_letter(c, letter))
        return AUK_OK;
    if (add_letter(c, letter, width > 20 ? 20 : width))
        return AUK_OK;
    bool known = strchr("uyYwdDHkKhamsSnMLEeXxZzV", letter) != NULL;
    char why[40];
    (void)snprintf(why, sizeof why, "%s pattern letter%s: %c", known ? "Too many" : "Unknown",
                   known ? "s" : "", letter);
    return refuse(c, err, why);
}

static auk_code compile(compiler *c, auk_span pattern, auk_error *err)
{
    size_t at = 0;
    while (at < pattern.size) {
        char byte = pattern.data[at];
        auk_code code = AUK_OK;
        if (c->count + 4 > ITEM_LIMIT)
            return refuse(c, err, "pattern is too long");
        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) {
            code = add_run(c, pattern, &at, err);
        } else if (byte == '\'') {
            code = add_quoted(c, pattern, &at, err);
        } else if (byte == '[' || byte == ']') {
            code = add_bracket(c, byte, err);
            at++;
        } else if (byte == '{' || byte == '}' || byte == '#') {
            return refuse(c, err, "Pattern includes reserved character");
        } else {
            add_literal(c, byte);
            at++;
        }
        if (code != AUK_OK)
            return code;
    }
    /* An open optional section ends with the pattern, as in Java. */
    while (c->depth > 0) {
        auk_code code = add_bracket(c, ']', err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static const char *find_named(auk_span text, bool *lenient)
{
    auk_span strict = AUK_SPAN("strict_");
    *lenient = !auk_span_starts_with(text, strict);
    if (auk_span_is(text, "iso8601")) {
        *lenient = false;
        return names[0].pattern;
    }
    auk_span name = *lenient ? text : auk_span_from(text, strict.size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (auk_span_is(name, names[i].name)) {
            if (auk_span_starts_with(name, AUK_SPAN("basic_")))
                *lenient = false;
            return names[i].pattern;
        }
    return NULL;
}

auk_code auk_date_compile(auk_span text, auk_arena *arena, auk_date_alternative *out,
                          auk_error *err)
{
    *out = (auk_date_alternative){.kind = AUK_DATE_ITEMS};
    if (auk_span_is(text, "epoch_millis") || auk_span_is(text, "epoch_second")) {
        out->kind = text.data[6] == 'm' ? AUK_DATE_EPOCH_MILLIS : AUK_DATE_EPOCH_SECOND;
        return AUK_OK;
    }
    auk_date_item items[ITEM_LIMIT + DEPTH_LIMIT];
    compiler c = {.text = text, .items = items};
    bool lenient;
    const char *pattern = find_named(text, &lenient);
    if (pattern) {
        c.named = true;
        c.lenient = lenient;
        if (pattern == names[0].pattern && !lenient)
            out->kind = AUK_DATE_ISO;
    }
    auk_code code = compile(&c, pattern ? auk_span_of(pattern) : text, err);
    if (code != AUK_OK)
        return code;
    auk_span copy = auk_arena_copy(arena, auk_span_make(items, c.count * sizeof *items));
    out->items = (const auk_date_item *)(const void *)copy.data;
    out->count = c.count;
    return AUK_OK;
}

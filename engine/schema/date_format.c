/* date_format.c - a format's life: alternatives between ||. */
#include "date_items.h"

#include <assert.h>
#include <pthread.h>

#define ALTERNATIVE_LIMIT 32

const char *const auk_month_names[12] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
const char *const auk_weekday_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                          "Friday", "Saturday", "Sunday"};

/* Cuts the next alternative off rest; false at the end. */
static bool next_alternative(auk_span *rest, auk_span *out)
{
    if (!rest->data)
        return false;
    for (size_t i = 0; i + 1 < rest->size; i++)
        if (rest->data[i] == '|' && rest->data[i + 1] == '|') {
            *out = (auk_span){rest->data, i};
            *rest = auk_span_from(*rest, i + 2);
            return true;
        }
    *out = *rest;
    *rest = (auk_span){NULL, 0};
    return true;
}

static auk_code compile_all(auk_date_format *format, auk_error *err)
{
    auk_span rest = format->pattern, one;
    while (next_alternative(&rest, &one)) {
        if (one.size == 0)
            return auk_fail(err, AUK_INVALID, "No date pattern provided");
        if (format->count == ALTERNATIVE_LIMIT)
            return auk_fail(err, AUK_INVALID, "Invalid format: [%.*s]: more than %d alternatives",
                            AUK_SPAN_ARG(format->pattern), ALTERNATIVE_LIMIT);
        auk_code code =
            auk_date_compile(one, format->arena, &format->alternatives[format->count++], err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_date_format_create(auk_span pattern, auk_date_format **out, auk_error *err)
{
    if (pattern.size == 0)
        return auk_fail(err, AUK_INVALID, "No date pattern provided");
    auk_arena *arena = auk_arena_create(1024);
    auk_date_format *format = AUK_ARENA_NEW(arena, auk_date_format);
    format->arena = arena;
    format->pattern = auk_arena_copy(arena, pattern);
    format->alternatives = AUK_ARENA_ARRAY(arena, auk_date_alternative, ALTERNATIVE_LIMIT);
    auk_code code = compile_all(format, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    *out = format;
    return AUK_OK;
}

void auk_date_format_destroy(auk_date_format *format)
{
    if (format)
        auk_arena_destroy(format->arena);
}

auk_span auk_date_format_pattern(const auk_date_format *format)
{
    return format->pattern;
}

static auk_date_format *default_format;

static void create_default(void)
{
    auk_code code = auk_date_format_create(AUK_SPAN("strict_date_optional_time||epoch_millis"),
                                           &default_format, NULL);
    assert(code == AUK_OK);
    (void)code;
}

const auk_date_format *auk_date_format_default(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, create_default);
    return default_format;
}

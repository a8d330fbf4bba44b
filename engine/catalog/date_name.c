/*
 * date_name.c - names with a date in them: "<logs-{now/d{yyyy.MM.dd|+02:00}}>".
 *
 *   < text { date math { format | time zone } } text >     a backslash takes the next byte as it is
 */
#include "auk/date_format.h"
#include "catalog_private.h"

typedef struct name_reader {
    auk_span whole, rest;
    auk_arena *arena;
    auk_buffer out;
    auk_error *err;
} name_reader;

static auk_code refuse(const name_reader *r, const char *why)
{
    return auk_fail_type(r->err, AUK_INVALID, "parse_exception",
                         "invalid dynamic name expression [%.*s]. %s", AUK_SPAN_ARG(r->whole), why);
}

/* What lies before the next byte of `ends`, escapes taken out; that byte, or 0 at the end. */
static char read_until(name_reader *r, const char *ends, auk_span *text)
{
    char *copy = auk_arena_alloc(r->arena, r->rest.size + 1);
    size_t used = 0, i = 0;
    for (; i < r->rest.size && !auk_byte_among(r->rest.data[i], ends); i++) {
        if (r->rest.data[i] == '\\' && i + 1 < r->rest.size)
            i++;
        copy[used++] = r->rest.data[i];
    }
    char end = i < r->rest.size ? r->rest.data[i] : 0;
    r->rest = auk_span_from(r->rest, i + (end != 0));
    *text = auk_span_make(copy, used);
    return end;
}

static auk_code write_date(name_reader *r, auk_span math, auk_span pattern, auk_span zone)
{
    auk_date_format *format;
    int64_t ms;
    auk_code code = auk_date_format_create(pattern, &format, r->err);
    if (code != AUK_OK)
        return code;
    code = auk_date_math(auk_date_format_default(), math, zone, auk_clock_wall_ms(), false, &ms,
                         r->err);
    if (code == AUK_OK)
        auk_date_write(format, ms, zone, &r->out);
    auk_date_format_destroy(format);
    return code;
}

/* Behind the "{" that opens a date. */
static auk_code read_date(name_reader *r)
{
    auk_span math, format = AUK_SPAN("yyyy.MM.dd"), zone = AUK_SPAN(""), unused;
    char end = read_until(r, "{}", &math);
    if (end == '{') {
        end = read_until(r, "|}", &format);
        if (end == '|')
            end = read_until(r, "}", &zone);
        if (end != '}')
            return refuse(r, "missing closing `}` for date math format");
        if (!format.size)
            return refuse(r, "missing date format");
        end = read_until(r, "{}", &unused);
        if (unused.size)
            return refuse(r, "the format is the last part of a date math placeholder");
    }
    if (end != '}')
        return refuse(r, "date math placeholder is open ended");
    return write_date(r, math, format, zone);
}

static auk_code read_name(name_reader *r)
{
    auk_span text;
    auk_code code = AUK_OK;
    char end;
    do {
        end = read_until(r, "{}", &text);
        auk_buffer_append(&r->out, text);
        if (end == '}')
            return refuse(r, "`{` and `}` are reserved characters and should be escaped when used "
                             "as part of the index name using `\\` (e.g. `\\{text\\}`)");
        if (end == '{')
            code = read_date(r);
    } while (end && code == AUK_OK);
    if (code == AUK_OK && r->out.size == 0)
        return refuse(r, "nothing captured");
    return code;
}

auk_code auk_index_name_resolve(auk_span expression, auk_arena *arena, auk_span *out,
                                auk_error *err)
{
    size_t size = expression.size;
    *out = expression;
    if (size < 2 || expression.data[0] != '<' || expression.data[size - 1] != '>')
        return AUK_OK;
    name_reader r = {expression, auk_span_make(expression.data + 1, size - 2), arena, {0}, err};
    auk_buffer_init(&r.out, 4096);
    auk_code code = read_name(&r);
    if (code == AUK_OK)
        code = auk_buffer_explain(&r.out, err);
    if (code == AUK_OK)
        *out = auk_arena_copy(arena, auk_buffer_span(&r.out));
    auk_buffer_deinit(&r.out);
    return code;
}

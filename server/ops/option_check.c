#include "option_check.h"

#include <ctype.h>
#include <stdio.h>

#include "auk/nearest.h"
#include "auk/units.h"

#define CHOICES_LIMIT 16u

/* ---- forms in words ---- */

static void append_choices(auk_buffer *out, const char *form)
{
    auk_buffer_append_text(out, "one of ");
    for (const char *c = form; *c != '\0'; c++) {
        if (*c == '|')
            auk_buffer_append_text(out, ", ");
        else
            auk_buffer_append_byte(out, *c);
    }
}

static void append_size(auk_buffer *out, const auk_option *row)
{
    char least[16];
    auk_buffer_append_text(out, "a size with a unit, such as ");
    auk_buffer_append_text(out, row->fallback != NULL ? row->fallback : "512mb");
    if (row->least > 0) {
        auk_bytes_format((uint64_t)row->least, least);
        auk_buffer_printf(out, ", at least %s", least);
    }
}

static void append_time(auk_buffer *out, const auk_option *row)
{
    char least[16], most[16];
    auk_time_format((uint64_t)row->least * 1000, least);
    auk_time_format((uint64_t)row->most * 1000, most);
    auk_buffer_printf(out, "a duration with a unit, such as %s, from %s to %s", row->fallback,
                      least, most);
}

void auk_option_append_form(auk_buffer *out, const auk_option *row)
{
    switch (row->kind) {
    case AUK_OPTION_TEXT:
        auk_buffer_append_text(out, "some text");
        return;
    case AUK_OPTION_SIZE:
        append_size(out, row);
        return;
    case AUK_OPTION_COUNT:
        auk_buffer_printf(out, "a whole number from %lld to %lld", (long long)row->least,
                          (long long)row->most);
        return;
    case AUK_OPTION_BATCH:
        auk_buffer_append_text(out, "a size with a unit, such as 4mb, or a count of documents");
        return;
    case AUK_OPTION_SWITCH:
        auk_buffer_append_text(out, "true or false");
        return;
    case AUK_OPTION_CHOICE:
        append_choices(out, row->form);
        return;
    case AUK_OPTION_ADDRESS:
        auk_buffer_append_text(out, "host:port, such as 127.0.0.1:9200");
        return;
    case AUK_OPTION_NAME:
        auk_buffer_append_text(out, "letters, digits, '.', '_' and '-'");
        return;
    case AUK_OPTION_VERSION:
        auk_buffer_append_text(out, "three numbers, such as 8.19.0");
        return;
    case AUK_OPTION_TIME:
        append_time(out, row);
        return;
    case AUK_OPTION_SPACE:
        auk_buffer_append_text(out, "a size with a unit, such as 1gb, or a percentage below 100, "
                                    "such as 5%");
        return;
    }
}

auk_code auk_option_fail(const auk_option *row, auk_error *err, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    auk_buffer form;
    auk_buffer_init(&form, 1024);
    auk_option_append_form(&form, row);
    auk_fail(err, AUK_INVALID, "%s, expected %.*s", message, AUK_SPAN_ARG(auk_buffer_span(&form)));
    auk_buffer_deinit(&form);
    return AUK_INVALID;
}

/* ---- checks: true when the text is of the kind ---- */

static bool read_number(auk_span text, int64_t most, int64_t *out)
{
    int64_t number = 0;
    if (text.size == 0 || text.size > 18)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!isdigit((unsigned char)text.data[i]))
            return false;
        number = number * 10 + (text.data[i] - '0');
    }
    *out = number;
    return number <= most;
}

static bool check_size(const auk_option *row, auk_span text, auk_option_value *value)
{
    uint64_t bytes = 0;
    if (!auk_bytes_parse(text, &bytes) || bytes > INT64_MAX)
        return false;
    value->number = (int64_t)bytes;
    value->is_bytes = true;
    return value->number >= row->least && (row->most == 0 || value->number <= row->most);
}

static bool check_batch(const auk_option *row, auk_span text, auk_option_value *value)
{
    if (read_number(text, 1000000, &value->number))
        return value->number > 0;
    return check_size(row, text, value);
}

static bool check_space(const auk_option *row, auk_span text, auk_option_value *value)
{
    if (text.data[text.size - 1] == '%')
        return read_number(auk_span_make(text.data, text.size - 1), 99, &value->number);
    return check_size(row, text, value);
}

static bool check_switch(auk_span text, auk_option_value *value)
{
    value->number = auk_span_is(text, "true");
    return value->number || auk_span_is(text, "false");
}

static size_t split_choices(const char *form, auk_span *choices)
{
    size_t count = 0;
    auk_span rest = auk_span_of(form);
    while (count < CHOICES_LIMIT) {
        const char *bar = rest.size ? memchr(rest.data, '|', rest.size) : NULL;
        choices[count++] = (auk_span){rest.data, bar ? (size_t)(bar - rest.data) : rest.size};
        if (bar == NULL)
            break;
        rest = auk_span_from(rest, choices[count - 1].size + 1);
    }
    return count;
}

static bool check_choice(const auk_option *row, auk_span text, auk_option_value *value)
{
    auk_span choices[CHOICES_LIMIT];
    size_t count = split_choices(row->form, choices);
    for (size_t i = 0; i < count; i++) {
        if (auk_span_equal(choices[i], text)) {
            value->number = (int64_t)i;
            return true;
        }
    }
    return false;
}

static const char *last_colon(auk_span text)
{
    return text.size ? memrchr(text.data, ':', text.size) : NULL;
}

static bool check_address(auk_span text, auk_option_value *value)
{
    const char *colon = last_colon(text);
    if (colon == NULL || colon == text.data)
        return false;
    auk_span host = {text.data, (size_t)(colon - text.data)};
    if (host.data[0] == '[' ? host.data[host.size - 1] != ']' || host.size < 4
                            : memchr(host.data, ':', host.size) != NULL)
        return false;
    for (size_t i = 0; i < host.size; i++)
        if (!isalnum((unsigned char)host.data[i]) && !auk_byte_among(host.data[i], "[]:.-_%"))
            return false;
    return read_number(auk_span_from(text, host.size + 1), 65535, &value->number);
}

void auk_address_split(auk_span address, auk_span *host, uint16_t *port)
{
    int64_t number = 0;
    const char *colon = last_colon(address);
    *host = (auk_span){address.data, colon ? (size_t)(colon - address.data) : address.size};
    if (colon != NULL)
        (void)read_number(auk_span_from(address, host->size + 1), 65535, &number);
    *port = (uint16_t)number;
    if (host->size > 2 && host->data[0] == '[')
        *host = (auk_span){host->data + 1, host->size - 2};
}

static bool check_name(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!isalnum((unsigned char)text.data[i]) && !auk_byte_among(text.data[i], "._-"))
            return false;
    return text.size > 0 && text.size <= 255;
}

static bool check_version(auk_span text)
{
    int64_t number;
    size_t parts = 1;
    for (const char *dot; (dot = memchr(text.data, '.', text.size)) != NULL; parts++) {
        auk_span part = {text.data, (size_t)(dot - text.data)};
        if (!read_number(part, 9999, &number))
            return false;
        text = auk_span_from(text, part.size + 1);
    }
    return parts == 3 && read_number(text, 9999, &number);
}

static bool check(const auk_option *row, auk_span text, auk_option_value *value)
{
    if (text.size == 0 || memchr(text.data, '\0', text.size) != NULL)
        return false;
    switch (row->kind) {
    case AUK_OPTION_TEXT:
        return true;
    case AUK_OPTION_SIZE:
        return check_size(row, text, value);
    case AUK_OPTION_COUNT:
        return read_number(text, row->most, &value->number) && value->number >= row->least;
    case AUK_OPTION_BATCH:
        return check_batch(row, text, value);
    case AUK_OPTION_SWITCH:
        return check_switch(text, value);
    case AUK_OPTION_CHOICE:
        return check_choice(row, text, value);
    case AUK_OPTION_ADDRESS:
        return check_address(text, value);
    case AUK_OPTION_NAME:
        return check_name(text);
    case AUK_OPTION_VERSION:
        return check_version(text);
    case AUK_OPTION_SPACE:
        return check_space(row, text, value);
    case AUK_OPTION_TIME:
        return auk_time_parse_ms(text, &value->number) && value->number >= row->least &&
               value->number <= row->most;
    }
    return false;
}

auk_code auk_option_check(const auk_option *row, auk_span text, const char *where,
                          auk_option_value *value, auk_error *err)
{
    if (check(row, text, value))
        return AUK_OK;
    auk_option_fail(row, err, "%s: \"%.*s\" is not accepted", where,
                    (int)(text.size < 80 ? text.size : 80), text.data ? text.data : "");
    if (row->kind == AUK_OPTION_CHOICE) {
        auk_span choices[CHOICES_LIMIT];
        auk_span nearest = auk_nearest(text, choices, split_choices(row->form, choices));
        if (nearest.data != NULL)
            auk_hint(err, "did you mean %.*s?", AUK_SPAN_ARG(nearest));
    }
    return AUK_INVALID;
}

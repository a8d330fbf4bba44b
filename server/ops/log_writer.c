#include "auk/log_writer.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/json.h"

#define LINE_LIMIT 8192u

static bool as_json;
static auk_log_level least_level;
static pthread_mutex_t write_mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static void format_time(int64_t wall_ms, char *out, size_t capacity)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;
    char date[32];
    (void)gmtime_r(&seconds, &parts);
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(out, capacity, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

static bool is_bare(auk_span value)
{
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
            return false;
    }
    return value.size > 0;
}

void auk_log_append_value(auk_buffer *out, auk_span value)
{
    if (is_bare(value))
        auk_buffer_append(out, value);
    else
        auk_json_escape(out, value); /* quotes and escapes as logfmt readers expect them */
}

/*
 * Takes the next key=value off the front of fields. A quoted value is returned with its quotes.
 * What has no '=' is a key with an empty value, so that nothing is lost.
 */
static bool next_field(auk_span *fields, auk_span *key, auk_span *value)
{
    size_t at = 0;
    while (at < fields->size && fields->data[at] == ' ')
        at++;
    size_t from = at;
    while (at < fields->size && fields->data[at] != ' ' && fields->data[at] != '=')
        at++;
    *key = (auk_span){fields->data + from, at - from};
    if (at < fields->size && fields->data[at] == '=')
        at++;
    from = at;
    if (at < fields->size && fields->data[at] == '"') {
        for (at++; at < fields->size && fields->data[at] != '"'; at++)
            at += fields->data[at] == '\\' && at + 1 < fields->size;
        at += at < fields->size;
    }
    while (at < fields->size && fields->data[at] != ' ')
        at++;
    *value = (auk_span){fields->data + from, at - from};
    *fields = auk_span_from(*fields, at);
    return key->size > 0 || value->size > 0;
}

static bool is_number(auk_span value)
{
    double number;
    return value.size > 0 && value.size < 18 &&
           isdigit((unsigned char)value.data[value.size - 1]) &&
           (value.data[0] == '-' || isdigit((unsigned char)value.data[0])) &&
           !(value.data[0] == '0' && value.size > 1 && value.data[1] != '.') &&
           auk_number_parse_double(value, &number);
}

static bool is_quoted(auk_span value)
{
    return value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"';
}

static void append_json_field(auk_buffer *out, auk_span key, auk_span value)
{
    auk_buffer_append_byte(out, ',');
    auk_json_escape(out, key);
    auk_buffer_append_byte(out, ':');
    if (is_number(value)) {
        auk_buffer_append(out, value);
        return;
    }
    auk_buffer plain; /* a quoted value without its quotes and escapes */
    auk_buffer_init(&plain, LINE_LIMIT);
    size_t from = is_quoted(value);
    size_t to = value.size - from;
    for (size_t i = from; i < to; i++) {
        if (from == 1 && value.data[i] == '\\' && i + 1 < to)
            i++;
        auk_buffer_append_byte(&plain, value.data[i]);
    }
    auk_json_escape(out, auk_buffer_span(&plain));
    auk_buffer_deinit(&plain);
}

static void append_json(auk_buffer *out, const char *time, auk_log_level level, auk_span message,
                        auk_span fields)
{
    auk_span key;
    auk_span value;
    auk_buffer_printf(out, "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":", time, level_names[level]);
    auk_json_escape(out, message);
    while (next_field(&fields, &key, &value))
        append_json_field(out, key, value);
    auk_buffer_append_text(out, "}\n");
}

static void append_logfmt(auk_buffer *out, const char *time, auk_log_level level, auk_span message,
                          auk_span fields)
{
    auk_buffer_printf(out, "time=%s level=%s msg=", time, level_names[level]);
    auk_log_append_value(out, message);
    if (fields.size > 0) {
        auk_buffer_append_byte(out, ' ');
        for (size_t i = 0; i < fields.size; i++) /* one event, one line */
            auk_buffer_append_byte(out, fields.data[i] == '\n' ? ' ' : fields.data[i]);
    }
    auk_buffer_append_byte(out, '\n');
}

void auk_log_line(auk_buffer *out, bool json, int64_t wall_ms, auk_log_level level,
                  const char *message, const char *fields)
{
    char time[48];
    format_time(wall_ms, time, sizeof time);
    (json ? append_json : append_logfmt)(out, time, level, auk_span_of(message),
                                         auk_span_of(fields));
}

static void write_all(auk_span bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write(STDERR_FILENO, bytes.data, bytes.size);
        if (written <= 0)
            return;
        bytes = auk_span_from(bytes, (size_t)written);
    }
}

static void write_event(auk_log_level level, const char *message, const char *fields)
{
    if (level < least_level)
        return;
    auk_buffer line;
    auk_buffer_init(&line, LINE_LIMIT);
    auk_log_line(&line, as_json, auk_clock_wall_ms(), level, message, fields);
    pthread_mutex_lock(&write_mutex);
    write_all(auk_buffer_span(&line));
    pthread_mutex_unlock(&write_mutex);
    auk_buffer_deinit(&line);
}

void auk_log_writer_start(bool json, auk_log_level least)
{
    as_json = json;
    least_level = least;
    auk_log_set_hook(write_event);
}

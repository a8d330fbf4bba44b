#include "auk/json.h"

#include <assert.h>
#include <math.h>

#include "auk/utf8.h"
#include "auk/varint.h"
#include "scan.h"

void auk_json_writer_init(auk_json_writer *writer, auk_buffer *out, bool pretty)
{
    *writer = (auk_json_writer){.out = out, .pretty = pretty};
}

static void new_line(auk_buffer *out, uint32_t depth)
{
    char *at = auk_buffer_reserve(out, 1 + 2 * (size_t)depth);
    if (at == NULL)
        return;
    at[0] = '\n';
    memset(at + 1, ' ', 2 * (size_t)depth);
    out->size += 1 + 2 * (size_t)depth;
}

/* What stands between the last thing written and the next member, element or value. */
static void separate(auk_json_writer *writer)
{
    if (writer->need_comma)
        auk_buffer_append_byte(writer->out, ',');
    if (writer->pretty && writer->depth > 0)
        new_line(writer->out, writer->depth);
}

static void begin_value(auk_json_writer *writer)
{
    if (!writer->after_key)
        separate(writer);
    writer->after_key = false;
    writer->need_comma = true;
}

static void open_bracket(auk_json_writer *writer, char bracket)
{
    begin_value(writer);
    auk_buffer_append_byte(writer->out, bracket);
    writer->depth++;
    writer->need_comma = false;
}

static void close_bracket(auk_json_writer *writer, char bracket)
{
    assert(writer->depth > 0 && !writer->after_key);
    writer->depth--;
    if (writer->pretty && writer->need_comma)
        new_line(writer->out, writer->depth);
    else if (writer->pretty)
        auk_buffer_append_byte(writer->out, ' ');
    auk_buffer_append_byte(writer->out, bracket);
    writer->need_comma = true;
}

void auk_json_begin_object(auk_json_writer *writer)
{
    open_bracket(writer, '{');
}

void auk_json_end_object(auk_json_writer *writer)
{
    close_bracket(writer, '}');
}

void auk_json_begin_array(auk_json_writer *writer)
{
    open_bracket(writer, '[');
}

void auk_json_end_array(auk_json_writer *writer)
{
    close_bracket(writer, ']');
}

void auk_json_key(auk_json_writer *writer, auk_span key)
{
    separate(writer);
    auk_json_escape(writer->out, key);
    auk_buffer_append(writer->out, writer->pretty ? AUK_SPAN(" : ") : AUK_SPAN(":"));
    writer->after_key = true;
}

void auk_json_string(auk_json_writer *writer, auk_span text)
{
    begin_value(writer);
    auk_json_escape(writer->out, text);
}

static void append_decimal(auk_buffer *out, uint64_t value, bool negative)
{
    char text[24];
    char *end = text + sizeof text;
    char *at = end;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    if (negative)
        *--at = '-';
    auk_buffer_append(out, auk_span_make(at, (size_t)(end - at)));
}

void auk_json_int(auk_json_writer *writer, int64_t value)
{
    begin_value(writer);
    append_decimal(writer->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
}

void auk_json_uint(auk_json_writer *writer, uint64_t value)
{
    begin_value(writer);
    append_decimal(writer->out, value, false);
}

/* Digits with a point after the first `whole` of them, zeros where digits lack. */
static char *lay_out(char *to, const char *digits, int count, int whole)
{
    for (int i = 0; i < whole; i++)
        *to++ = i < count ? digits[i] : '0';
    *to++ = '.';
    for (int i = whole; i < count; i++)
        *to++ = digits[i];
    if (count <= whole)
        *to++ = '0';
    return to;
}

/* d1.d2d3 * 10^exponent in Java's layout: plain from 10^-3 up to 10^7, with an exponent elsewhere.
 */
static void append_digits(auk_buffer *out, bool negative, const char *digits, int count,
                          int exponent)
{
    char text[64];
    char *to = text;
    if (negative)
        *to++ = '-';
    if (exponent >= 0 && exponent < 7) {
        to = lay_out(to, digits, count, exponent + 1);
    } else if (exponent < 0 && exponent >= -3) {
        *to++ = '0';
        *to++ = '.';
        for (int i = -1; i > exponent; i--)
            *to++ = '0';
        memcpy(to, digits, (size_t)count);
        to += count;
    } else {
        to = lay_out(to, digits, count, 1);
        *to++ = 'E';
        auk_buffer_append(out, auk_span_make(text, (size_t)(to - text)));
        append_decimal(out, (uint64_t)(exponent < 0 ? -exponent : exponent), exponent < 0);
        return;
    }
    auk_buffer_append(out, auk_span_make(text, (size_t)(to - text)));
}

void auk_json_double(auk_json_writer *writer, double value)
{
    begin_value(writer);
    if (!isfinite(value)) {
        auk_buffer_append_text(writer->out, "null");
        return;
    }
    char digits[AUK_SCAN_DIGITS];
    int exponent;
    int count = auk_scan_double_digits(value, digits, &exponent);
    append_digits(writer->out, signbit(value) != 0, digits, count, exponent);
}

void auk_json_float(auk_json_writer *writer, float value)
{
    begin_value(writer);
    if (!isfinite(value)) {
        auk_buffer_append_text(writer->out, "null");
        return;
    }
    char digits[AUK_SCAN_DIGITS];
    int exponent;
    int count = auk_scan_float_digits(value, digits, &exponent);
    append_digits(writer->out, signbit(value) != 0, digits, count, exponent);
}

void auk_json_bool(auk_json_writer *writer, bool value)
{
    begin_value(writer);
    auk_buffer_append_text(writer->out, value ? "true" : "false");
}

void auk_json_null(auk_json_writer *writer)
{
    begin_value(writer);
    auk_buffer_append_text(writer->out, "null");
}

/* The size of the string at the start of json, both quotes included. */
static size_t quoted_size(auk_span json)
{
    size_t at = 1;
    while (at < json.size && json.data[at] != '"')
        at += json.data[at] == '\\' ? 2 : 1;
    return at < json.size ? at + 1 : json.size;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* True when the bracket at the start of json closes at once. */
static bool closes_at_once(auk_span json)
{
    size_t at = 1;
    while (at < json.size && is_space(json.data[at]))
        at++;
    return at < json.size && (json.data[at] == '}' || json.data[at] == ']');
}

/* One token of sound JSON, re-indented; answers the bytes used. */
static size_t indent_token(auk_buffer *out, auk_span json, uint32_t *depth)
{
    char first = json.data[0];
    switch (first) {
    case '{':
    case '[':
        auk_buffer_append_byte(out, first);
        ++*depth;
        if (!closes_at_once(json))
            new_line(out, *depth);
        return 1;
    case '}':
    case ']': {
        --*depth;
        char last = out->size > 0 ? out->data[out->size - 1] : '\0';
        if (last == '{' || last == '[')
            auk_buffer_append_byte(out, ' ');
        else
            new_line(out, *depth);
        auk_buffer_append_byte(out, first);
        return 1;
    }
    case ',':
        auk_buffer_append_byte(out, first);
        new_line(out, *depth);
        return 1;
    case ':':
        auk_buffer_append(out, AUK_SPAN(" : "));
        return 1;
    case '"': {
        size_t size = quoted_size(json);
        auk_buffer_append(out, auk_span_make(json.data, size));
        return size;
    }
    default:
        if (!is_space(first))
            auk_buffer_append_byte(out, first);
        return 1;
    }
}

void auk_json_raw(auk_json_writer *writer, auk_span json)
{
    begin_value(writer);
    if (!writer->pretty) {
        auk_buffer_append(writer->out, json);
        return;
    }
    uint32_t depth = writer->depth;
    while (json.size > 0)
        json = auk_span_from(json, indent_token(writer->out, json, &depth));
}

/* Recursion as deep as the tree, which the reader keeps within AUK_JSON_DEPTH_OWN. */
void auk_json_value(auk_json_writer *writer, const auk_json *value)
{
    bool is_object = value->type == AUK_JSON_OBJECT;
    if (value->type == AUK_JSON_STRING) {
        auk_json_string(writer, value->text);
        return;
    }
    if (!is_object && value->type != AUK_JSON_ARRAY) {
        begin_value(writer);
        auk_buffer_append(writer->out, value->text);
        return;
    }
    open_bracket(writer, is_object ? '{' : '[');
    for (const auk_json *child = value->child; child != NULL; child = child->next) {
        if (is_object)
            auk_json_key(writer, child->key);
        auk_json_value(writer, child);
    }
    close_bracket(writer, is_object ? '}' : ']');
}

void auk_json_member_string(auk_json_writer *writer, const char *key, auk_span text)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_string(writer, text);
}

void auk_json_member_text(auk_json_writer *writer, const char *key, const char *text)
{
    auk_json_member_string(writer, key, auk_span_of(text));
}

void auk_json_member_int(auk_json_writer *writer, const char *key, int64_t value)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_int(writer, value);
}

void auk_json_member_uint(auk_json_writer *writer, const char *key, uint64_t value)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_uint(writer, value);
}

void auk_json_member_double(auk_json_writer *writer, const char *key, double value)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_double(writer, value);
}

void auk_json_member_bool(auk_json_writer *writer, const char *key, bool value)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_bool(writer, value);
}

void auk_json_member_raw(auk_json_writer *writer, const char *key, auk_span json)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_raw(writer, json);
}

void auk_json_member_object(auk_json_writer *writer, const char *key)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_begin_object(writer);
}

void auk_json_member_array(auk_json_writer *writer, const char *key)
{
    auk_json_key(writer, auk_span_of(key));
    auk_json_begin_array(writer);
}

#include "complain.h"

#include "auk/json.h"
#include "auk/utf8.h"

#define ERROR_TYPE "parsing_exception"
#define SHOWN      60u /* bytes of the text that a message quotes */

typedef struct position {
    unsigned long line; /* both from 1; the column counts bytes, as Elasticsearch does */
    unsigned long column;
} position;

static position position_of(auk_span text, const char *place)
{
    position result = {.line = 1, .column = 1};
    for (const char *at = text.data; at < place; at++) {
        result.column++;
        if (*at == '\n')
            result = (position){.line = result.line + 1, .column = 1};
    }
    return result;
}

/* At most SHOWN bytes, not cut inside a code point. */
static auk_span shorten(auk_span text)
{
    if (text.size <= SHOWN)
        return text;
    size_t size = SHOWN;
    while (size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
        size--;
    return auk_span_make(text.data, size);
}

auk_code auk_json_complain(auk_error *err, auk_span text, const char *place, const char *what)
{
    position at = position_of(text, place);
    auk_span rest = auk_span_from(text, (size_t)(place - text.data));
    uint32_t code_point;
    size_t size = auk_utf8_decode(rest, &code_point);
    if (rest.size == 0)
        return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                             "Unexpected end-of-input: %s [line: %lu, column: %lu]", what, at.line,
                             at.column);
    if (size == 0 || code_point < 0x20 || code_point == 0x7F)
        return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                             "Unexpected character (code %u): %s [line: %lu, column: %lu]",
                             size == 0 ? (unsigned)(unsigned char)*place : code_point, what,
                             at.line, at.column);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Unexpected character ('%.*s' (code %u)): %s [line: %lu, column: %lu]",
                         (int)size, place, code_point, what, at.line, at.column);
}

auk_code auk_json_complain_number(auk_error *err, auk_span text, const char *place, auk_span number)
{
    position at = position_of(text, place);
    auk_span shown = shorten(number);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Invalid numeric value [%.*s]: not a JSON number [line: %lu, column: %lu]",
                         AUK_SPAN_ARG(shown), at.line, at.column);
}

auk_code auk_json_complain_word(auk_error *err, auk_span text, auk_span word)
{
    position at = position_of(text, word.data);
    auk_span shown = shorten(word);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Unrecognized token '%.*s': was expecting a JSON String, Number, Array, "
                         "Object or token 'null', 'true' or 'false' [line: %lu, column: %lu]",
                         AUK_SPAN_ARG(shown), at.line, at.column);
}

auk_code auk_json_complain_depth(auk_error *err, auk_span text, const char *place)
{
    position at = position_of(text, place);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "nesting depth exceeds the maximum allowed [%d] [line: %lu, column: %lu]",
                         AUK_JSON_DEPTH, at.line, at.column);
}

auk_code auk_json_complain_escape(auk_error *err, auk_span text, const char *place)
{
    position at = position_of(text, place);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Unrecognized or incomplete escape sequence in a string, or half of a "
                         "surrogate pair [line: %lu, column: %lu]",
                         at.line, at.column);
}

auk_code auk_json_complain_duplicate(auk_error *err, auk_span text, const char *place, auk_span key)
{
    position at = position_of(text, place);
    auk_span shown = shorten(key);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Duplicate field '%.*s' [line: %lu, column: %lu]", AUK_SPAN_ARG(shown),
                         at.line, at.column);
}

static auk_code complain_utf8(auk_error *err, auk_span text)
{
    size_t offset = 0;
    while (offset < text.size) {
        uint32_t ignored;
        size_t used = auk_utf8_decode(auk_span_from(text, offset), &ignored);
        if (used == 0)
            break;
        offset += used;
    }
    if (offset == text.size)
        return auk_fail_type(err, AUK_INVALID, ERROR_TYPE, "the text is not UTF-8");
    position at = position_of(text, text.data + offset);
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Invalid UTF-8 byte 0x%02x [line: %lu, column: %lu]",
                         (unsigned)(unsigned char)text.data[offset], at.line, at.column);
}

/* The scan says only that there is one: walk the strings to find it. */
static auk_code complain_control_character(auk_error *err, auk_span text)
{
    bool in_string = false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte == '"')
            in_string = !in_string;
        else if (in_string && byte == '\\' && i + 1 < text.size &&
                 (unsigned char)text.data[i + 1] >= 0x20)
            i++;
        else if (in_string && byte < 0x20)
            return auk_json_complain(err, text, text.data + i,
                                     "control characters must be escaped inside a string");
    }
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE, "unescaped control character in a string");
}

auk_code auk_json_complain_scan(auk_error *err, auk_span text, auk_scan_result result)
{
    switch (result) {
    case AUK_SCAN_NOT_UTF8:
        return complain_utf8(err, text);
    case AUK_SCAN_CONTROL_CHARACTER:
        return complain_control_character(err, text);
    case AUK_SCAN_UNCLOSED_STRING:
        return auk_json_complain(err, text, text.data + text.size,
                                 "was expecting closing quote for a string value");
    case AUK_SCAN_TOO_LARGE:
        return auk_fail(err, AUK_TOO_LARGE, "a JSON text of %zu bytes is too large", text.size);
    case AUK_SCAN_EMPTY:
    case AUK_SCAN_OK:
        break;
    }
    return auk_fail_type(err, AUK_INVALID, ERROR_TYPE,
                         "Unexpected end-of-input: there is no value in the text");
}

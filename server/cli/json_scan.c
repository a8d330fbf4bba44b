#include "json_scan.h"

#include <ctype.h>

static size_t skip_space(auk_span text, size_t at)
{
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t' ||
                              text.data[at] == '\n' || text.data[at] == '\r'))
        at++;
    return at;
}

/* Behind the closing quote of the string that begins at `at`, or 0. */
static size_t skip_string(auk_span text, size_t at)
{
    for (size_t from = at + 1; from < text.size;) {
        const char *quote = memchr(text.data + from, '"', text.size - from);
        if (quote == NULL)
            return 0;
        size_t end = (size_t)(quote - text.data);
        size_t slashes = 0;
        while (text.data[end - 1 - slashes] == '\\') /* ends at the opening quote at the latest */
            slashes++;
        if (slashes % 2 == 0)
            return end + 1;
        from = end + 1;
    }
    return 0;
}

/* Behind the object or array that begins at `at`, or 0. */
static size_t skip_nested(auk_span text, size_t at)
{
    size_t depth = 0;
    while (at < text.size) {
        char c = text.data[at];
        if (c == '"') {
            at = skip_string(text, at);
            if (at == 0)
                return 0;
            continue;
        }
        at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return at;
    }
    return 0;
}

/* Behind the value that begins at `at`, or 0. */
static size_t skip_value(auk_span text, size_t at)
{
    if (at >= text.size)
        return 0;
    if (text.data[at] == '"')
        return skip_string(text, at);
    if (text.data[at] == '{' || text.data[at] == '[')
        return skip_nested(text, at);
    size_t end = at;
    while (end < text.size && !auk_byte_among(text.data[end], ",}] \t\r\n"))
        end++;
    return end > at ? end : 0;
}

bool auk_json_scan_member(auk_span document, auk_span name, auk_span *value)
{
    size_t at = skip_space(document, 0);
    if (at >= document.size || document.data[at] != '{')
        return false;
    do {
        size_t key = skip_space(document, at + 1);
        if (key >= document.size || document.data[key] != '"')
            return false;
        size_t key_end = skip_string(document, key);
        size_t colon = key_end ? skip_space(document, key_end) : document.size;
        if (colon >= document.size || document.data[colon] != ':')
            return false;
        size_t from = skip_space(document, colon + 1);
        size_t end = skip_value(document, from);
        if (end == 0)
            return false;
        auk_span found = {document.data + key + 1, key_end - key - 2};
        if (auk_span_equal(found, name)) {
            *value = (auk_span){document.data + from, end - from};
            return true;
        }
        at = skip_space(document, end);
    } while (at < document.size && document.data[at] == ',');
    return false;
}

static size_t skip_digits(auk_span text, size_t at)
{
    while (at < text.size && isdigit((unsigned char)text.data[at]))
        at++;
    return at;
}

bool auk_json_scan_is_number(auk_span text)
{
    size_t at = text.size > 0 && text.data[0] == '-';
    size_t end = skip_digits(text, at);
    if (end == at || (text.data[at] == '0' && end > at + 1))
        return false;
    if (end < text.size && text.data[end] == '.') {
        at = end + 1;
        end = skip_digits(text, at);
        if (end == at)
            return false;
    }
    if (end < text.size && (text.data[end] == 'e' || text.data[end] == 'E')) {
        at = end + 1;
        at += at < text.size && (text.data[at] == '+' || text.data[at] == '-');
        end = skip_digits(text, at);
        if (end == at)
            return false;
    }
    return end == text.size;
}

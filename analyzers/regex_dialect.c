#include "regex_dialect.h"

struct class
{
    const char *java;
    const char *icu;
};

/* Behind a backslash. */
static const struct class letters[] = {
    {"w", "[a-zA-Z_0-9]"}, {"W", "[^a-zA-Z_0-9]"},        {"d", "[0-9]"},
    {"D", "[^0-9]"},       {"s", "[ \\t\\n\\x0b\\f\\r]"}, {"S", "[^ \\t\\n\\x0b\\f\\r]"},
};

/* Between the braces of \p{...}. */
static const struct class names[] = {
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"ASCII", "\\x00-\\x7f"},
    {"Alpha", "a-zA-Z"},
    {"Digit", "0-9"},
    {"Alnum", "a-zA-Z0-9"},
    {"Punct", "!-/:-@\\[-`{-~"},
    {"Graph", "!-~"},
    {"Print", " -~"},
    {"Blank", " \\t"},
    {"Cntrl", "\\x00-\\x1f\\x7f"},
    {"XDigit", "0-9a-fA-F"},
    {"Space", " \\t\\n\\x0b\\f\\r"},
    {"javaLowerCase", "\\p{Lowercase}"},
    {"javaUpperCase", "\\p{Uppercase}"},
    {"javaAlphabetic", "\\p{Alphabetic}"},
    {"javaLetter", "\\p{L}"},
    {"javaDigit", "\\p{Nd}"},
    {"javaLetterOrDigit", "\\p{L}\\p{Nd}"},
    {"javaWhitespace", "[[\\p{Z}-[\\u00a0\\u2007\\u202f]]\\t-\\r\\x1c-\\x1f]"},
};

static const char *find(const struct class *classes, size_t count, auk_span name)
{
    for (size_t i = 0; i < count; i++)
        if (auk_span_is(name, classes[i].java))
            return classes[i].icu;
    return NULL;
}

/* \p{IsLatin}, \p{InGreek}, \p{IsAlphabetic}: ICU has them without the "Is". */
static void append_property(auk_span name, bool negated, bool unicode, auk_buffer *out)
{
    const char *set = find(names, sizeof names / sizeof names[0], name);
    if (set && !(unicode && auk_span_compare(name, AUK_SPAN("a")) < 0)) {
        auk_buffer_printf(out, "[%s%s]", negated ? "^" : "", set);
        return;
    }
    bool is = name.size > 2 && memcmp(name.data, "Is", 2) == 0;
    bool in = name.size > 2 && memcmp(name.data, "In", 2) == 0;
    if (is || in)
        name = auk_span_from(name, 2);
    auk_buffer_printf(out, "\\%c{%s%.*s}", negated ? 'P' : 'p', in ? "block=" : "",
                      AUK_SPAN_ARG(name));
}

/* What follows the backslash at pattern[at]; returns the bytes it took. */
static size_t append_escape(auk_span pattern, size_t at, bool unicode, auk_buffer *out)
{
    auk_span rest = auk_span_from(pattern, at + 1);
    if (rest.size == 0) {
        auk_buffer_append_byte(out, '\\');
        return 1;
    }
    const char *set = find(letters, sizeof letters / sizeof letters[0], (auk_span){rest.data, 1});
    if (set && !unicode) {
        auk_buffer_append_text(out, set);
        return 2;
    }
    if ((rest.data[0] == 'p' || rest.data[0] == 'P') && rest.size > 2) {
        const char *close = rest.data[1] == '{' ? memchr(rest.data, '}', rest.size) : NULL;
        auk_span name = close ? auk_span_make(rest.data + 2, (size_t)(close - rest.data) - 2)
                              : auk_span_make(rest.data + 1, 1);
        append_property(name, rest.data[0] == 'P', unicode, out);
        return name.size + (close ? 4 : 2);
    }
    if (rest.data[0] == 'Q') { /* as it is, up to \E; ICU does not know it within a set */
        const char *end = memmem(rest.data, rest.size, "\\E", 2);
        size_t size = end ? (size_t)(end - rest.data) : rest.size;
        for (size_t i = 1; i < size; i++) {
            if (auk_byte_among(rest.data[i], "\\^$.|?*+()[]{}-&#/ "))
                auk_buffer_append_byte(out, '\\');
            auk_buffer_append_byte(out, rest.data[i]);
        }
        return size + (end ? 3 : 1);
    }
    auk_buffer_append(out, auk_span_make(pattern.data + at, 2));
    return 2;
}

void auk_regex_to_icu(auk_span pattern, bool unicode, auk_buffer *out)
{
    for (size_t at = 0; at < pattern.size;) {
        if (pattern.data[at] == '\\') {
            at += append_escape(pattern, at, unicode, out);
            continue;
        }
        auk_buffer_append_byte(out, pattern.data[at++]);
    }
}

#include "auk/error.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int status;
    const char *type;
} codes[] = {
#define X(name, status, type, text) {#name, status, type},
    AUK_CODE_MAP(X)
#undef X
};

#define CODE_COUNT (sizeof codes / sizeof codes[0])

/* Formats into a fixed field; what does not fit is cut between two code points. */
static AUK_PRINTF(3, 0) void format_into(char *field, size_t capacity, const char *format,
                                         va_list arguments)
{
    int wanted = vsnprintf(field, capacity, format, arguments);
    if (wanted < 0) {
        field[0] = '\0';
        return;
    }
    if ((size_t)wanted < capacity)
        return;
    /* What was cut first is not visible any more, so a last sequence that is whole is judged by its
     * own lead byte. */
    size_t lead = capacity - 1;
    while (lead > 0 && capacity - 1 - lead < 4 && ((unsigned char)field[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char first = (unsigned char)field[lead - 1];
    size_t needs = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (lead - 1 + needs > capacity - 1)
        field[lead - 1] = '\0';
}

static AUK_PRINTF(4, 0) void record(auk_error *err, auk_code code, const char *type,
                                    const char *format, va_list arguments)
{
    if (err == NULL)
        return;
    /* Through a copy: an argument may be the message that is there. */
    char message[sizeof err->message];
    format_into(message, sizeof message, format, arguments);
    memcpy(err->message, message, strlen(message) + 1);
    err->code = code;
    err->type = type;
    err->hint[0] = '\0';
}

auk_code(auk_fail)(auk_error *err, auk_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(err, code, NULL, format, arguments);
    va_end(arguments);
    return code;
}

auk_code(auk_fail_type)(auk_error *err, auk_code code, const char *type, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(err, code, type, format, arguments);
    va_end(arguments);
    return code;
}

static void prepend(char *message, size_t capacity, const char *format, ...) AUK_PRINTF(3, 4);

static void prepend(char *message, size_t capacity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_into(message, capacity, format, arguments);
    va_end(arguments);
}

auk_code(auk_wrap)(auk_error *err, auk_code code, const char *format, ...)
{
    if (err == NULL)
        return code;
    char context[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    format_into(context, sizeof context, format, arguments);
    va_end(arguments);
    if (err->code == AUK_OK) {
        err->code = code;
        err->type = NULL;
        err->hint[0] = '\0';
        memcpy(err->message, context, strlen(context) + 1);
        return code;
    }
    char joined[sizeof err->message];
    prepend(joined, sizeof joined, "%s: %s", context, err->message);
    memcpy(err->message, joined, strlen(joined) + 1);
    return err->code;
}

void auk_hint(auk_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    format_into(err->hint, sizeof err->hint, format, arguments);
    va_end(arguments);
}

const char *auk_code_name(auk_code code)
{
    return (size_t)code < CODE_COUNT ? codes[code].name : "UNKNOWN";
}

int auk_code_status(auk_code code)
{
    return (size_t)code < CODE_COUNT ? codes[code].status : 500;
}

const char *auk_error_type(const auk_error *err)
{
    if (err->type != NULL)
        return err->type;
    return (size_t)err->code < CODE_COUNT ? codes[err->code].type : "exception";
}

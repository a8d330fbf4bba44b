/*
 * characters.h - the classes of bytes that RFC 9110 and 9112 speak of.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_HTTP_CHARACTERS_H
#define AUK_HTTP_CHARACTERS_H

#include <stdbool.h>

#include "auk/span.h"

/* tchar: letters, digits and !#$%&'*+-.^_`|~ */
bool auk_http_is_token(char byte);

static inline bool auk_http_is_space(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* What may stand in a header's value: visible, space, tab, and bytes from 0x80 on. */
static inline bool auk_http_is_text(char byte)
{
    unsigned char c = (unsigned char)byte;
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/* 0..15, or -1 */
static inline int auk_http_hex(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* ASCII letters of any case are equal. */
bool auk_http_same(auk_span a, auk_span b);

/* Without spaces and tabs at both ends. */
auk_span auk_http_trim(auk_span text);

/*
 * Takes the next member off a comma separated list (empty members are skipped); false at its end.
 * Commas within quotes are not seen as quoted: callers look for tokens only.
 */
bool auk_http_next_member(auk_span *list, auk_span *member);

#endif

/*
 * span.h - bytes that belong to somebody else: a pointer and a size.
 *
 * Every text in Auk travels as a span. Text is UTF-8, is never assumed to be terminated, and may
 * hold zero bytes. A span is copied by value; what it points to is borrowed, and the header that
 * hands one out says until when.
 *
 *   Lifetime  that of the bytes behind it.
 *   Threads   none of its own.
 *   Memory    none.
 *   Errors    none.
 */
#ifndef AUK_SPAN_H
#define AUK_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct auk_span {
    const char *data; /* may be NULL when size is 0 */
    size_t size;      /* bytes */
} auk_span;

/* A string literal as a span, also in static initialisers (braces, no cast). */
#define AUK_SPAN_INIT(literal)                                                                     \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define AUK_SPAN(literal) ((auk_span)AUK_SPAN_INIT(literal))

/* printf("%.*s", AUK_SPAN_ARG(span)); text past 2 GiB is cut, because a precision is an int */
#define AUK_SPAN_ARG(span)                                                                         \
    (int)((span).size < INT32_MAX ? (span).size : INT32_MAX), ((span).data ? (span).data : "")

static inline auk_span auk_span_make(const void *data, size_t size)
{
    return (auk_span){(const char *)data, size};
}

/* Borrows a terminated string; NULL gives the empty span. */
static inline auk_span auk_span_of(const char *text)
{
    return (auk_span){text, text ? strlen(text) : 0};
}

static inline const uint8_t *auk_span_bytes(auk_span span)
{
    return (const uint8_t *)span.data;
}

static inline bool auk_span_equal(auk_span a, auk_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool auk_span_is(auk_span span, const char *text)
{
    return auk_span_equal(span, auk_span_of(text));
}

/* Order of unsigned bytes; a prefix sorts before what it begins. */
static inline int auk_span_compare(auk_span a, auk_span b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

static inline bool auk_span_starts_with(auk_span span, auk_span prefix)
{
    return span.size >= prefix.size &&
           (prefix.size == 0 || memcmp(span.data, prefix.data, prefix.size) == 0);
}

/* The bytes from offset on; offset is at most the size. */
static inline auk_span auk_span_from(auk_span span, size_t offset)
{
    return (auk_span){offset ? span.data + offset : span.data, span.size - offset};
}

/* Is the byte one of the set's? NUL never is, which strchr sees otherwise. */
static inline bool auk_byte_among(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

/*
 * Walks a list such as "a,b,c": cuts the next part off the front of *rest. False at the end. Empty
 * parts are parts, except one after the last separator.
 */
static inline bool auk_span_cut(auk_span *rest, char separator, auk_span *part)
{
    if (rest->size == 0)
        return false;
    const char *at = (const char *)memchr(rest->data, separator, rest->size);
    size_t size = at ? (size_t)(at - rest->data) : rest->size;
    *part = auk_span_make(rest->data, size);
    /* As a comparison, so that the compiler sees that nothing is cut behind the end. */
    *rest = auk_span_from(*rest, size < rest->size ? size + 1 : rest->size);
    return true;
}

#endif

/*
 * url.h - URLs, hosts and e-mail addresses at the front of a text, as Lucene's grammar sees them.
 *
 * The grammar is that of RFC 3986 (URLs of http, https, ftp and file, with or without the scheme),
 * RFC 5321 (e-mail addresses) and IANA's list of top level domains. It competes with words: the
 * longest match wins, and a name that a letter, digit or hyphen follows is no host after all.
 *
 *   Lifetime  what is compiled at first use lives as long as the process.   Threads  any.
 *   Memory    some 100 KB.   Errors  those of compiling, which only a fault of our own can give.
 */
#ifndef AUK_URL_H
#define AUK_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_url_match {
    size_t size;  /* bytes, 0: none */
    uint8_t type; /* AUK_TOKEN_URL, _EMAIL; _ALPHANUM for the word "mailto" before an address */
} auk_url_match;

/* Compiles the grammar, once. */
AUK_MUST_CHECK auk_code auk_url_prepare(auk_error *err);

/*
 * What begins at the front of text and is longer than word_size, the size of the word there. The
 * text ends where the tokenizer's window does.
 *
 * has_at  is there an "@" in the text at all? Without it no address is looked for
 * avoid   in and out: a host was refused here, so the plain end of the text makes none. The caller
 *         sets it to false behind each token
 */
auk_url_match auk_url_find(auk_span text, size_t word_size, bool has_at, bool *avoid);

#endif

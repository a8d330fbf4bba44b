/*
 * regex_dialect.h - a pattern as Java reads it, written so that ICU reads the same.
 *
 *   Lifetime, Threads  none.   Memory  the buffer's.   Errors  none: what is broken stays broken.
 */
#ifndef AUK_REGEX_DIALECT_H
#define AUK_REGEX_DIALECT_H

#include "auk/buffer.h"

/* unicode: \w and its like mean all of Unicode, as with UNICODE_CHARACTER_CLASS. */
void auk_regex_to_icu(auk_span pattern, bool unicode, auk_buffer *out);

#endif

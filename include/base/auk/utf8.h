/*
 * utf8.h - UTF-8 in and out, one code point or a whole text.
 *
 *   Errors    _decode answers 0 for a byte sequence that is not UTF-8 (overlong, surrogate, cut).
 */
#ifndef AUK_UTF8_H
#define AUK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/span.h"

bool auk_utf8_valid(auk_span text);
/* Bytes used (1..4) and the code point, or 0. */
size_t auk_utf8_decode(auk_span text, uint32_t *code_point);
size_t auk_utf8_encode(uint32_t code_point, char out[4]);
/* Length in UTF-16 code units, which is how Elasticsearch counts offsets. */
size_t auk_utf8_utf16_length(auk_span text);

#endif

/*
 * utf16.h - a text as ICU's normalizers and transliterators want it, and back.
 *
 *   Lifetime  zero initialised .. _deinit.   Threads  one.   Memory  grows, is kept.
 *   Errors    none: texts are valid UTF-8 below AUK_ANALYZER_TEXT_LIMIT.
 */
#ifndef AUK_UTF16_H
#define AUK_UTF16_H

#include <stdint.h>

#include "auk/buffer.h"

typedef struct auk_utf16 {
    uint16_t *units;
    int32_t size;
    int32_t capacity;
} auk_utf16;

void auk_utf16_deinit(auk_utf16 *text);
/* Room for capacity units; what was there is kept. */
void auk_utf16_reserve(auk_utf16 *text, int32_t capacity);
void auk_utf16_read(auk_utf16 *text, auk_span utf8);
/* Replaces `to` by the text in upper or lower case, as English has it: "\xc3\x9f" becomes "SS". */
void auk_utf16_change_case(const auk_utf16 *from, auk_utf16 *to, bool upper);
/* Appends it as UTF-8; what is no character becomes U+FFFD. */
void auk_utf16_write(const auk_utf16 *text, auk_buffer *out);

#endif

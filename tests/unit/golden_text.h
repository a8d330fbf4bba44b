/* golden_text.h - the escapes of golden tables. */
#ifndef AUK_GOLDEN_TEXT_H
#define AUK_GOLDEN_TEXT_H

#include "auk/arena.h"
#include "auk/span.h"

/* \n \t \r \uXXXX, and any other character for itself. A lone surrogate becomes what we make of it:
 * three bytes that are no UTF-8. */
auk_span golden_unescape(auk_arena *arena, auk_span line);

#endif

/* nearest.h - "did you mean": the name closest to a mistyped one (Damerau-Levenshtein, restricted).
 */
#ifndef AUK_NEAREST_H
#define AUK_NEAREST_H

#include <stddef.h>

#include "auk/span.h"

/* The closest of count names within distance 1 + size/4, or an empty span. */
auk_span auk_nearest(auk_span given, const auk_span *names, size_t count);

#endif

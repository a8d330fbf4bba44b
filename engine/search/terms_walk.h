/*
 * terms_walk.h - leaving parts of a dictionary out on a walk through it.
 *
 *   Lifetime  the cursor's.   Threads  one.   Memory  none.   Errors  the cursor's.
 */
#ifndef AUK_TERMS_WALK_H
#define AUK_TERMS_WALK_H

#include "auk/segment.h"

/*
 * From a term that begins with `dead` to the first one behind it that does not. A few steps first,
 * because most such terms are few, then a jump. The bytes of dead are changed. false: there is
 * none.
 */
bool auk_terms_pass(auk_terms_cursor *cursor, char *dead, size_t size);

#endif

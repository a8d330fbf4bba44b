/*
 * guard.h - values that lie in a file are compared with their checksums before their first use.
 *
 * A file that is mapped is not read when it is opened, and no page of it tells that a bit of it has
 * flipped. So each value is read and compared once, when something of it is first needed; after
 * that a look-up costs a load of one byte. A value that differs stays shut: who needs it gets
 * AUK_CORRUPT, and the log names the file.
 *
 *   Lifetime  a part of its segment.
 *   Threads   any; two that come first together compare both.
 *   Memory    5 bytes a value; while one is compared up to 256 KiB. It is read from the file, not
 *             through the mapping: one posting of a megabyte shall not bring in the rest.
 *   Errors    the answer; _explain says which file.
 */
#ifndef AUK_CODEC_GUARD_H
#define AUK_CODEC_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/segment.h"
#include "auk/value.h"

typedef struct auk_guard {
    const auk_value *values; /* sorted, as spans are */
    const auk_span *spans;
    const uint32_t *checksums;
    uint32_t count;
    atomic_uchar *states; /* NULL: nothing is doubted */
    const char *file;
    auk_segment_read read; /* NULL: the bytes are read where they lie */
    const void *owner;
    atomic_bool is_damaged;
} auk_guard;

enum { AUK_GUARD_UNSEEN, AUK_GUARD_SOUND, AUK_GUARD_DAMAGED };

/* The slow way of the call below. */
bool auk_guard_compare(auk_guard *guard, size_t value);

/* value: an element of guard->spans; NULL passes. guard may be NULL. */
static inline bool auk_guard_passes(auk_guard *guard, const auk_span *value)
{
    if (guard == NULL || guard->states == NULL || value == NULL)
        return true;
    size_t number = (size_t)(value - guard->spans);
    unsigned char state = atomic_load_explicit(&guard->states[number], memory_order_relaxed);
    return state == AUK_GUARD_SOUND ||
           (state == AUK_GUARD_UNSEEN && auk_guard_compare(guard, number));
}

/* For a failure with AUK_CORRUPT: err names the file and the first value that was found damaged, if
 * one was. Answers code. guard may be NULL. */
auk_code auk_guard_explain(const auk_guard *guard, auk_code code, auk_error *err);

#endif

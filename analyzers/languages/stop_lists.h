/*
 * stop_lists.h - the lists of stop words by language, from stop/ (each file says where it is from).
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_STOP_LISTS_H
#define AUK_STOP_LISTS_H

#include <stddef.h>

#include "auk/span.h"

typedef struct auk_stop_list {
    auk_span name; /* "_german_" */
    const auk_span *words;
    size_t count;
} auk_stop_list;

extern const auk_stop_list auk_stop_lists[];
extern const size_t auk_stop_list_count;

#endif

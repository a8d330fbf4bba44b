/*
 * marks.h - which words of a text a search found, as the server's own analysis sees them.
 *
 * The words asked for and the text shown are both analysed for the field (_analyze); where tokens
 * are equal, the text is marked. So "editing" marks "editor" exactly where the field's analysis
 * finds it. When the server cannot say, words that are equal without regard to case are marked.
 *
 *   Lifetime  _create .. _destroy.   Threads  one.   Memory  an arena.   Errors  none.
 */
#ifndef AUK_MARKS_H
#define AUK_MARKS_H

#include "client.h"

typedef struct auk_marks auk_marks;

/* A run of bytes in the text. */
typedef struct auk_mark {
    size_t from;
    size_t to;
} auk_mark;

auk_marks *auk_marks_create(auk_http_client *client, auk_span words);
void auk_marks_destroy(auk_marks *marks); /* NULL is fine */

/* In order, not overlapping; borrowed until the next call. */
const auk_mark *auk_marks_find(auk_marks *marks, auk_span index, auk_span field, auk_span text,
                               size_t *count);

#endif

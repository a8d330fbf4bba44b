/*
 * hits.h - the hits of a search as a table for people.
 *
 *   rank   score  id        text
 *      1  14.203  nano      summary: small, friendly *text* *editor* inspired by Pico
 *                           description: ... is an easy-to-use *text* *editor* originally ...
 *
 * The fields with the most found words stand first, at most three a hit. What documents hold is
 * shown without control characters.
 *
 *   Lifetime  a call.   Threads  one.   Memory  the arena.   Errors  none.
 */
#ifndef AUK_HITS_H
#define AUK_HITS_H

#include <stdio.h>

#include "marks.h"
#include "text_fields.h"

/* marks: NULL marks nothing. rank: of the first hit. */
void auk_hits_print(FILE *out, const auk_json *hits, const auk_text_fields *fields,
                    auk_marks *marks, auk_arena *arena);

#endif

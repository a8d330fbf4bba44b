/*
 * transform.h - changes to documents on their way into a new generation.
 *
 *   {"rename": {"from": "a", "to": "b.c"}}        what is at `to` is replaced
 *   {"copy": {"from": "a", "to": "b"}}
 *   {"remove": "a"}                               or {"field": "a"}, or a list
 *   {"set": {"field": "a", "value": any}}
 *   {"split": {"field": "a", "separator": ","}}   a text to a list of texts
 *   {"join": {"field": "a", "separator": ","}}    a list to a text
 *   {"lowercase": "a"}                            texts, also in a list
 *   {"convert": {"field": "a", "type": "long"}}   long, integer, double, float, boolean, string
 *   {"date": {"field": "a", "formats": ["dd/MM/yyyy"]}}   to ISO 8601 in UTC; `to`: another field
 *
 * A path with dots leads through objects. A field that is absent or null is left alone; one that
 * cannot be converted refuses the document.
 *
 *   Lifetime  the arena of _read.   Threads  immutable.   Memory  the arena given.
 *   Errors    AUK_INVALID with Elasticsearch's wording where it has one.
 */
#ifndef AUK_TRANSFORM_H
#define AUK_TRANSFORM_H

#include "auk/json.h"

typedef struct auk_transform auk_transform;

typedef struct auk_transforms {
    const auk_transform *items;
    uint32_t count;
} auk_transforms;

/* list NULL: none. */
AUK_MUST_CHECK auk_code auk_transforms_read(const auk_json *list, auk_arena *arena,
                                            auk_transforms *out, auk_error *err);
/* The source after all of them, in the arena, with AUK_JSON_PADDING behind it. */
AUK_MUST_CHECK auk_code auk_transforms_apply(const auk_transforms *transforms, auk_span source,
                                             auk_arena *arena, auk_span *out, auk_error *err);

#endif

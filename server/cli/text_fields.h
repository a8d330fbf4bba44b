/*
 * text_fields.h - the fields of an index that hold text, from its mapping.
 *
 *   Lifetime  the arena's.   Threads  one.   Memory  the arena.   Errors  those of client.h.
 */
#ifndef AUK_TEXT_FIELDS_H
#define AUK_TEXT_FIELDS_H

#include "client.h"

typedef struct auk_text_fields {
    auk_span *names; /* full paths, in the order of the mapping, each once */
    size_t count;
    bool are_keywords; /* no text at all: these are keyword fields */
} auk_text_fields;

#define AUK_TEXT_FIELDS_LIMIT 200

/* index: a name, an alias or a pattern, as it goes into the path. */
AUK_MUST_CHECK auk_code auk_text_fields_ask(auk_http_client *client, auk_span index,
                                            auk_arena *arena, auk_text_fields *out, auk_error *err);

#endif

/*
 * pg_value_private.h - how the files of pg_value share one value's way to text and to JSON.
 *
 *     binary --_append_text--> Postgres's text --_write_scalar--> JSON
 *     containers are walked in the form that they came in; their elements take the way above
 *
 *   Lifetime  of one call.   Threads  none of its own.   Memory  the context's arena.
 *   Errors    AUK_INVALID.
 */
#ifndef AUK_SYNC_PG_VALUE_PRIVATE_H
#define AUK_SYNC_PG_VALUE_PRIVATE_H

#include "pg_type.h"

typedef struct auk_pg_writing {
    const auk_pg_types *types;
    auk_json_writer *out;
    uint64_t *unmapped;
    auk_arena *arena; /* NULL until somebody needs it: _writing_arena */
    uint32_t depth;
    auk_error *err;
} auk_pg_writing;

auk_arena *auk_pg_writing_arena(auk_pg_writing *w);

/* Any value. */
AUK_MUST_CHECK auk_code auk_pg_write(auk_pg_writing *w, uint32_t oid, int32_t modifier,
                                     const auk_datum *datum);
/* One of no elements, as text. */
AUK_MUST_CHECK auk_code auk_pg_write_scalar(auk_pg_writing *w, const auk_pg_type *type,
                                            auk_span text);
/* Moments, from Postgres's text to ISO 8601; false: it is none. */
bool auk_pg_time_to_iso(auk_pg_kind kind, auk_span text, auk_buffer *out);

AUK_MUST_CHECK auk_code auk_pg_write_array(auk_pg_writing *w, const auk_pg_type *type,
                                           int32_t modifier, const auk_datum *datum);
AUK_MUST_CHECK auk_code auk_pg_write_composite(auk_pg_writing *w, const auk_pg_type *type,
                                               const auk_datum *datum);
AUK_MUST_CHECK auk_code auk_pg_write_range(auk_pg_writing *w, const auk_pg_type *type,
                                           const auk_datum *datum);
AUK_MUST_CHECK auk_code auk_pg_write_multirange(auk_pg_writing *w, const auk_pg_type *type,
                                                const auk_datum *datum);
AUK_MUST_CHECK auk_code auk_pg_write_hstore(auk_pg_writing *w, const auk_datum *datum);
AUK_MUST_CHECK auk_code auk_pg_write_vector(auk_pg_writing *w, const auk_pg_type *type,
                                            const auk_datum *datum);

/* ---- binary to text ---- */

typedef struct auk_pg_texting {
    const auk_pg_types *types;
    uint32_t depth;
    auk_error *err;
} auk_pg_texting;

/* Any value; of what cannot be read in binary AUK_INVALID. */
AUK_MUST_CHECK auk_code auk_pg_append_text(auk_pg_texting *t, uint32_t oid, auk_span binary,
                                           auk_buffer *out);
/* False: no value of the type. */
bool auk_pg_append_number(const auk_pg_types *types, auk_pg_kind kind, auk_span binary,
                          auk_buffer *out);
bool auk_pg_append_word(auk_pg_kind kind, auk_span binary, auk_buffer *out);
bool auk_pg_append_time(auk_pg_kind kind, auk_span binary, auk_buffer *out);
AUK_MUST_CHECK auk_code auk_pg_append_container(auk_pg_texting *t, const auk_pg_type *type,
                                                auk_span binary, auk_buffer *out);

auk_code auk_pg_malformed(auk_error *err, const char *what, auk_span bytes);

#endif

/*
 * pg_value.h - values of Postgres, text or binary, as JSON, and the field types that they get.
 *
 *   numeric    a JSON number with all its digits; NaN and infinity: strings (counted as unmapped)
 *   bigint     never through a double
 *   timestamps ISO 8601 UTC with microseconds; infinity and BC as the table in docs/sync.md says
 *   arrays, composites, ranges, hstore, json(b), enums, domains, bytea (base64), inet, uuid ...
 *   unknown    text, counted
 *
 *   Lifetime  _create .. _destroy; types met later are added by _learn.
 *   Threads   _learn by one, while nobody reads; reading from any.
 *   Memory    some hundred bytes a type.
 *   Errors    AUK_INVALID for bytes that are no value of the type; what was written before stays,
 *             so write into a buffer of your own.
 */
#ifndef AUK_SYNC_PG_VALUE_H
#define AUK_SYNC_PG_VALUE_H

#include "auk/json.h"
#include "pg.h"
#include "row_change.h"

typedef struct auk_pg_types auk_pg_types;

auk_pg_types *auk_pg_types_create(void); /* the built-in ones */
void auk_pg_types_destroy(auk_pg_types *types);
/* Reads those of the list that are not known yet from pg_type, with what they are made of. */
AUK_MUST_CHECK auk_code auk_pg_types_learn(auk_pg_types *types, auk_pg *pg, const uint32_t *oids,
                                           uint32_t count, auk_error *err);
/* Can binary tuples of it be read? */
bool auk_pg_types_has_binary(const auk_pg_types *types, uint32_t oid);

/* One JSON value. *unmapped is counted up for a value kept as text because nothing better fits. */
AUK_MUST_CHECK auk_code auk_pg_value_write(const auk_pg_types *types, uint32_t oid,
                                           int32_t modifier, const auk_datum *datum,
                                           auk_json_writer *out, uint64_t *unmapped,
                                           auk_error *err);
/* The value as Postgres's text, whatever form it came in: what keys and comparisons use. */
AUK_MUST_CHECK auk_code auk_pg_value_text(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                                          const auk_datum *datum, auk_arena *arena, auk_span *out,
                                          auk_error *err);
/* {"type": "long"}: the mapping of a field made of such a column. */
void auk_pg_type_write_mapping(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                               auk_json_writer *out);

#endif

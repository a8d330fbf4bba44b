/*
 * pg_value.h - values of Postgres, text or binary, as JSON, and the field types that they get.
 *
 * Both forms of a value give the same JSON. Text is what a session of pg.h sends (UTC, ISO 8601).
 *
 *   bool                   true, false
 *   integers, oid          numbers; bigint and xid8 never through a double
 *   numeric, money         a number with all its digits; NaN and infinity: strings, unmapped
 *   float4, float8         the shortest number that reads back; NaN and infinity as above
 *   timestamptz            "2024-01-02T03:04:05.678901Z", as many digits of a second as there are;
 *                          BC "-0043-03-15T..", past 9999 "+12345-..", infinity
 *                          "+999999-12-31T23:59:59.999Z", -infinity "-9999-01-01T00:00:00Z": so
 *                          they sort, and a date field takes them
 *   timestamp, date        the same without Z, and without a time
 *   time, timetz, interval "03:04:05.6", "03:04:05+02:00", "P1Y2M3DT4H5M6.7S"
 *   bytea                  base64
 *   json, jsonb            as it is
 *   arrays                 arrays, as deep as they have dimensions; bounds are left out
 *   composites, hstore     objects
 *   ranges                 {"gte": 1, "lt": 5}; no bound: no member; empty: null. Multiranges:
 *                          arrays of them
 *   enums, domains         as text; as their base type
 *   vector, halfvec        arrays of numbers
 *   geometry, geography    a point in degrees "lat,lon", else hex EWKB, unmapped
 *   uuid, inet, cidr, macaddr, bit, xml, tsvector, ltree, citext, pg_lsn ... text
 *   anything else          text, unmapped
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
/* Reads those of the list that are not known yet from pg_type, with what they are made of: one
 * query, none when all are known. A type that is gone stays unknown. */
AUK_MUST_CHECK auk_code auk_pg_types_learn(auk_pg_types *types, auk_pg *pg, const uint32_t *oids,
                                           uint32_t count, auk_error *err);
/* Forgets what was learnt: a composite type may have been altered, an OID used anew. */
void auk_pg_types_forget(auk_pg_types *types);
/* Can binary tuples of it be read? */
bool auk_pg_types_has_binary(const auk_pg_types *types, uint32_t oid);

/* One JSON value. *unmapped is counted up for a value kept as text because nothing better fits. A
 * datum that is AUK_DATUM_UNCHANGED is AUK_INVALID. */
AUK_MUST_CHECK auk_code auk_pg_value_write(const auk_pg_types *types, uint32_t oid,
                                           int32_t modifier, const auk_datum *datum,
                                           auk_json_writer *out, uint64_t *unmapped,
                                           auk_error *err);
/* The value as Postgres's text, whatever form it came in: what keys and comparisons use (money:
 * plain digits). Text is answered as it is, borrowed from the datum; null: an empty span whose data
 * is NULL. */
AUK_MUST_CHECK auk_code auk_pg_value_text(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                                          const auk_datum *datum, auk_arena *arena, auk_span *out,
                                          auk_error *err);
/* {"type": "long"}: the mapping of a field made of such a column. False and nothing written: its
 * values say (json). */
bool auk_pg_type_write_mapping(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                               auk_json_writer *out);

#endif

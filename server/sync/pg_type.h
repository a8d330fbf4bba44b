/*
 * pg_type.h - what is known of a type of Postgres: how its values are read.
 *
 *   Lifetime  auk_pg_types'.   Threads  immutable but for _learn.   Memory  the types' arena.
 *   Errors    none.
 */
#ifndef AUK_SYNC_PG_TYPE_H
#define AUK_SYNC_PG_TYPE_H

#include "pg_value.h"

typedef enum auk_pg_kind {
    AUK_PG_UNKNOWN, /* text; binary is not read */
    AUK_PG_TEXT,    /* text, and binary is the same bytes */
    AUK_PG_KEYWORD, /* the same, short */
    AUK_PG_WORDS,   /* text with no binary that we read: shown as it is */
    AUK_PG_BOOL,
    AUK_PG_INT2,
    AUK_PG_INT4,
    AUK_PG_INT8,
    AUK_PG_OID,
    AUK_PG_XID8,
    AUK_PG_FLOAT4,
    AUK_PG_FLOAT8,
    AUK_PG_NUMERIC,
    AUK_PG_MONEY,
    AUK_PG_CHAR, /* "char" */
    AUK_PG_BYTEA,
    AUK_PG_BIT,
    AUK_PG_UUID,
    AUK_PG_INET,
    AUK_PG_CIDR,
    AUK_PG_MACADDR, /* and macaddr8 */
    AUK_PG_LSN,
    AUK_PG_TSVECTOR,
    AUK_PG_DATE,
    AUK_PG_TIME,
    AUK_PG_TIMETZ,
    AUK_PG_TIMESTAMP,
    AUK_PG_TIMESTAMPTZ,
    AUK_PG_INTERVAL,
    AUK_PG_JSON,
    AUK_PG_JSONB,
    AUK_PG_VERSIONED, /* text, in binary behind a byte of version: jsonpath, ltree */
    AUK_PG_VECTOR,    /* text [1,2,3] */
    AUK_PG_HALFVEC,
    AUK_PG_GEOMETRY,
    AUK_PG_HSTORE,
    AUK_PG_ARRAY,
    AUK_PG_COMPOSITE,
    AUK_PG_RANGE,
    AUK_PG_MULTIRANGE,
    AUK_PG_DOMAIN,
    AUK_PG_ENUM,
} auk_pg_kind;

typedef struct auk_pg_attribute {
    auk_span name;
    uint32_t type;
    int32_t modifier;
} auk_pg_attribute;

typedef struct auk_pg_type {
    uint32_t oid;
    auk_pg_kind kind;
    uint32_t element; /* of an array; subtype of a range; range of a multirange; base of a domain */
    int32_t modifier; /* that a domain gives its base; -1: none */
    char delimiter;   /* between elements of an array of it */
    bool builtin;
    const auk_pg_attribute *attributes; /* of a composite */
    uint32_t attribute_count;
} auk_pg_type;

#define AUK_PG_NESTED_MOST 32 /* types within types */

/* Never NULL: a type that nobody knows is AUK_PG_UNKNOWN. A domain is answered by its base, with
 * *modifier set where it says one. */
const auk_pg_type *auk_pg_types_find(const auk_pg_types *types, uint32_t oid, int32_t *modifier);
/* Adds or replaces one, as _learn does; copied but for its attributes. */
void auk_pg_types_put(auk_pg_types *types, const auk_pg_type *type);
/* Digits of money behind the point. */
uint32_t auk_pg_types_money_digits(const auk_pg_types *types);

#endif

/*
 * pg_hash.h - the hash that a server of Postgres answers for hashtextextended(text, 0): Bob
 * Jenkins' lookup3, 64 bits of it, as a machine of low byte order reckons it. A server of another
 * kind answers otherwise; who relies on it asks first.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_SYNC_PG_HASH_H
#define AUK_SYNC_PG_HASH_H

#include <stdint.h>

#include "auk/span.h"

uint64_t auk_pg_hash(auk_span bytes);

#endif

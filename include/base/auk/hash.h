/*
 * hash.h - the hashes of Auk, each for one purpose.
 *
 *   auk_hash          64-bit, for tables in memory and id filters; seeded (wyhash-like mixing of 16
 *                     bytes a step). The id filter stores it: it must not change without a new
 *                     format version.
 *   auk_murmur3_route Elasticsearch's routing hash: murmur3 x86_32, seed 0, over UTF-16LE code
 * units. auk_crc32c        Castagnoli, for stored bytes; hardware instruction where present.
 */
#ifndef AUK_HASH_H
#define AUK_HASH_H

#include <stdint.h>

#include "auk/span.h"

uint64_t auk_hash(auk_span bytes, uint64_t seed);
/* Random, the same for the life of the process: the seed of tables whose keys come from outside. */
uint64_t auk_hash_seed(void);
int32_t auk_murmur3_route(auk_span utf8);
uint32_t auk_crc32c(uint32_t crc, auk_span bytes); /* start with 0; the result goes on */
/* The same number without the instruction: for other processors, and to compare. */
uint32_t auk_crc32c_portable(uint32_t crc, auk_span bytes);

#endif

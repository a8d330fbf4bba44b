/*
 * invert.h - documents to chunks: parse, analyse, number the terms.
 *
 * An inverter works for one thread on one chunk at a time and keeps its scratch memory for the
 * next. Fields that the mapping lacks are added through the shard's host on the way, then the
 * document is parsed again.
 *
 *   Lifetime  _create .. _destroy.
 *   Threads   one at a time.
 *   Memory    scratch that grows to the largest document, plus the chunk.
 *   Errors    of a document: parsing, mapping, analysis, a term too long, no memory for what it
 *             becomes; the chunk is then as before it.
 */
#ifndef AUK_INVERT_H
#define AUK_INVERT_H

#include "auk/shard.h"

#include "chunk.h"

#define AUK_ID_SIZE_LIMIT   512u
#define AUK_TERM_BYTES_MOST 32766u /* Lucene's limit, which clients know */

typedef struct auk_inverter auk_inverter;

auk_inverter *auk_inverter_create(struct auk_budget *budget);
void auk_inverter_destroy(auk_inverter *inverter); /* NULL is fine */

/* Starts a chunk for sources of at most sources_bytes in all. host: borrowed until _take. */
void auk_inverter_begin(auk_inverter *inverter, const auk_shard_host *host, size_t sources_bytes,
                        uint32_t document_count);
/* Recovery: the chunk's documents were accepted earlier, perhaps by an older mapping. What the
 * newest one would refuse of them is left out, and the mapping is not extended. */
void auk_inverter_accept(auk_inverter *inverter);
/* Adds one document, number *document of the chunk. */
AUK_MUST_CHECK auk_code auk_inverter_add(auk_inverter *inverter, const auk_operation *operation,
                                         uint32_t *document, auk_error *err);
/* charged_bytes: of the indexing budget, because documents were larger inverted than their call was
 * charged for; the caller releases them when the chunk is charged elsewhere or gone. */
auk_chunk *auk_inverter_take(auk_inverter *inverter, size_t *charged_bytes);
/* Of the newest mapping that the chunk was made with. */
uint64_t auk_inverter_mapping_version(const auk_inverter *inverter);

#endif

/*
 * spool.h - frames that wait: in memory while there is room, else in files.
 *
 * A chain is a list of blocks of up to 256 KiB that one thread appends to. A block that is full
 * goes to a file when memory is above its limit: the newest first, which is wanted last. A reader
 * walks from one place to another and meets frames, wherever their blocks lie. Blocks live as long
 * as somebody holds one before them: a chain, a reader's place, the block in front.
 *
 *   frame:  size u32 | transaction u32 | relation u32 | kind u8, 3 unused | bytes
 *   file:   a block after the other, each a zstd frame whose CRC-32C is kept in memory. It has no
 *           name, so that nothing is left of it when the process ends, and room of blocks that
 *           are gone is given back at once (holes).
 *
 *   Lifetime  _open .. _close, after all chains and readers are gone.
 *   Threads   one appends; one reads; others ask for sizes. The spool's lock is inside.
 *   Memory    blocks, charged to AUK_PURPOSE_INDEXING; past the limit one block a chain, and one a
 *             reader.
 *   Errors    AUK_IO, AUK_FULL of files; AUK_CORRUPT for a block that does not read back.
 */
#ifndef AUK_SYNC_SPOOL_H
#define AUK_SYNC_SPOOL_H

#include "auk/budget.h"
#include "auk/buffer.h"
#include "auk/span.h"

typedef struct auk_spool auk_spool;
typedef struct auk_spool_block auk_spool_block;

typedef struct auk_spool_chain {
    auk_spool_block *head, *tail; /* each holds its block; NULL: nothing yet */
    uint32_t block_bytes;         /* of the next block */
} auk_spool_chain;

typedef struct auk_spool_place {
    auk_spool_block *block;
    uint32_t offset;
} auk_spool_place;

typedef struct auk_spool_frame {
    uint32_t transaction, relation;
    char kind;
    auk_span bytes;
} auk_spool_frame;

typedef struct auk_spool_reader {
    auk_spool *spool;
    auk_spool_place at, end;
    const char *data; /* of at.block */
    uint32_t size;
    bool pinned;
    auk_buffer loaded, stored;
} auk_spool_reader;

/* directory: made; files that are in it are removed. */
AUK_MUST_CHECK auk_code auk_spool_open(const char *directory, uint64_t memory_bytes,
                                       auk_budget *budget, auk_spool **out, auk_error *err);
void auk_spool_close(auk_spool *spool); /* NULL is fine */
uint64_t auk_spool_memory_bytes(auk_spool *spool);
uint64_t auk_spool_disk_bytes(auk_spool *spool);

/* ---- by the one who appends ---- */

#define AUK_SPOOL_FIRST_BYTES 16384 /* a chain's first block; they double */

AUK_MUST_CHECK auk_code auk_spool_append(auk_spool *spool, auk_spool_chain *chain,
                                         const auk_spool_frame *frame, auk_error *err);
/* Behind the last frame: where the next one will stand. */
auk_spool_place auk_spool_tail(auk_spool *spool, auk_spool_chain *chain);
/* Nothing comes for a while: what is in memory beyond the limit goes to a file. */
AUK_MUST_CHECK auk_code auk_spool_rest(auk_spool *spool, auk_spool_chain *chain, auk_error *err);

/* ---- by anybody ---- */

/* A chain lets go of all its blocks, or of those before a place. */
void auk_spool_drop(auk_spool *spool, auk_spool_chain *chain);
void auk_spool_trim(auk_spool *spool, auk_spool_chain *chain, auk_spool_place to);
/* A place holds its block, and with it all that follow. */
void auk_spool_hold(auk_spool *spool, auk_spool_place place);
void auk_spool_release(auk_spool *spool, auk_spool_place place);

/* ---- by the one who reads: from and end are held by somebody ---- */

void auk_spool_reader_init(auk_spool_reader *reader, auk_spool *spool);
void auk_spool_reader_deinit(auk_spool_reader *reader);
void auk_spool_reader_seek(auk_spool_reader *reader, auk_spool_place from, auk_spool_place end);
/* The frame's bytes until the next call. */
AUK_MUST_CHECK auk_code auk_spool_read(auk_spool_reader *reader, auk_spool_frame *out, bool *end,
                                       auk_error *err);

#endif

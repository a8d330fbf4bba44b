/*
 * part.h - a stream of units (lists, chunks, blocks), cut into values of even size.
 *
 * An address is (part << 32) | offset. A unit lies in one part; a part is at most
 * AUK_VALUE_SIZE_TARGET long unless one unit alone is longer.
 *
 *   +------+------+- .. -+--------------------+
 *   | unit | unit |      | AUK_PART_PAD zeros |   kinds POSTINGS, POSITIONS, TERM_BLOCKS
 *   +------+------+- .. -+--------------------+
 *
 * The zeros are there so that decoders may load a vector at any byte of a unit and stay inside the
 * value: mapped values have nothing of ours behind them. A reader checks that its unit ends before
 * the pad, and then may read at most AUK_PART_PAD bytes too far.
 *
 *   Lifetime  writer: _init .. _deinit; resolved pointers are borrowed from the values.
 *   Threads   one writer; readers any.
 *   Memory    one part.
 *   Errors    the sink's; AUK_TOO_LARGE for a unit past 4 GiB.
 */
#ifndef AUK_PART_H
#define AUK_PART_H

#include "auk/buffer.h"
#include "auk/value.h"

#define AUK_PART_PAD 64u

typedef struct auk_part_writer {
    auk_sink sink;
    uint8_t kind;
    uint16_t field;
    uint32_t part; /* number of the part that is being filled */
    auk_buffer buffer;
} auk_part_writer;

void auk_part_writer_init(auk_part_writer *writer, const auk_sink *sink, uint8_t kind);
void auk_part_writer_deinit(auk_part_writer *writer);
/* Starts again at part 0 of another field. */
void auk_part_writer_restart(auk_part_writer *writer, uint16_t field);

/* Room for a unit of exactly size bytes, which the caller fills before the next call, and its
 * address. */
AUK_MUST_CHECK auk_code auk_part_writer_add(auk_part_writer *writer, size_t size, uint8_t **unit,
                                            uint64_t *address, auk_error *err);
/* Puts what is there; nothing when there is nothing. */
AUK_MUST_CHECK auk_code auk_part_writer_flush(auk_part_writer *writer, auk_error *err);

/* Where an address points and where its part's units end; false when there is no such place. */
static inline bool auk_part_resolve(const auk_span *parts, uint32_t count, uint64_t address,
                                    const uint8_t **at, const uint8_t **limit)
{
    uint64_t part = address >> 32;
    uint32_t offset = (uint32_t)address;
    if (part >= count || parts[part].size < AUK_PART_PAD ||
        offset >= parts[part].size - AUK_PART_PAD)
        return false;

    const uint8_t *bytes = auk_span_bytes(parts[part]);
    *at = bytes + offset;
    *limit = bytes + parts[part].size - AUK_PART_PAD;
    return true;
}

#endif

#include "bits.h"
#include "positions.h"

bool auk_positions_chunk_open(auk_positions_chunk *chunk, const uint8_t *at, const uint8_t *limit,
                              uint64_t count)
{
    /* A gap takes a bit at least: this also bounds what a damaged count can make us allocate. */
    uint64_t room = (uint64_t)(limit - at);
    uint64_t groups = (count + AUK_POSITIONS_GROUP - 1) / AUK_POSITIONS_GROUP;
    if (groups > room || count > 8 * room)
        return false;
    chunk->heads = at;
    chunk->limit = limit;
    chunk->count = count;
    chunk->group = 0;
    chunk->at = at + groups;
    return true;
}

static uint32_t gaps_in(const auk_positions_chunk *chunk, uint64_t group)
{
    uint64_t left = chunk->count - group * AUK_POSITIONS_GROUP;
    return left < AUK_POSITIONS_GROUP ? (uint32_t)left : AUK_POSITIONS_GROUP;
}

/* Stands on group; all groups in front of it and itself end before the limit. */
static bool stand_on(auk_positions_chunk *chunk, uint64_t group, size_t *size)
{
    if (group < chunk->group) {
        uint64_t groups = (chunk->count + AUK_POSITIONS_GROUP - 1) / AUK_POSITIONS_GROUP;
        chunk->group = 0;
        chunk->at = chunk->heads + groups;
    }
    for (;;) {
        *size = auk_positions_group_size(chunk->heads[chunk->group], gaps_in(chunk, chunk->group));
        if (*size == 0 || *size > (size_t)(chunk->limit - chunk->at))
            return false;
        if (chunk->group == group)
            return true;
        chunk->at += *size;
        chunk->group++;
    }
}

bool auk_positions_chunk_expect(auk_positions_chunk *chunk, uint64_t first)
{
    size_t size;
    if (first >= chunk->count || !stand_on(chunk, first / AUK_POSITIONS_GROUP, &size))
        return false;
    size_t bit = (size_t)(first % AUK_POSITIONS_GROUP) * (chunk->heads[chunk->group] & 63u);
    __builtin_prefetch(chunk->at + (bit >> 3));
    return true;
}

/* Gaps from .. to of the group on which the chunk stands. */
static void read_group(const auk_positions_chunk *chunk, const auk_kernels *kernels, size_t size,
                       uint32_t from, uint32_t to, uint32_t *out)
{
    uint8_t head = chunk->heads[chunk->group];
    unsigned width = head & 63u;
    kernels->unpack_run(chunk->at, (size_t)from * width, width, to - from, out);
    if (head >> 6 == 0)
        return;

    const uint8_t *patch = chunk->at + ((size_t)gaps_in(chunk, chunk->group) * width + 7) / 8;
    const uint8_t *end = chunk->at + size;
    for (; patch < end; patch += 2) {
        if (patch[0] >= from && patch[0] < to)
            out[patch[0] - from] |= (uint32_t)((uint64_t)patch[1] << width);
    }
}

/*
 * Positions of a document whose few gaps lie in one group, bits together in one word; *sound is for
 * the caller to answer. False: they do not, and nothing is read.
 */
static bool read_few(auk_positions_chunk *chunk, uint64_t first, uint32_t count, uint32_t *out,
                     bool *sound)
{
    enum { BITS = 57, LOAD = 8 }; /* of a load from any bit on */
    uint32_t from = (uint32_t)(first % AUK_POSITIONS_GROUP);
    size_t size;
    if (from + count > AUK_POSITIONS_GROUP)
        return false;
    if (!stand_on(chunk, first / AUK_POSITIONS_GROUP, &size)) {
        *sound = false;
        return true;
    }
    uint8_t head = chunk->heads[chunk->group];
    unsigned width = head & 63u;
    size_t bit = (size_t)from * width;
    if (count * width > BITS || (bit >> 3) + LOAD > (size_t)(chunk->limit - chunk->at))
        return false;

    uint64_t bits = auk_load_u64(chunk->at + (bit >> 3)) >> (bit & 7);
    uint64_t mask = (UINT64_C(1) << width) - 1, position = 0;
    for (uint32_t i = 0; i < count; i++, bits >>= width)
        out[i] = (uint32_t)(bits & mask);
    if (head >> 6) {
        const uint8_t *end = chunk->at + size;
        const uint8_t *patch = chunk->at + ((size_t)gaps_in(chunk, chunk->group) * width + 7) / 8;
        for (; patch < end; patch += 2)
            if ((uint32_t)patch[0] - from < count)
                out[patch[0] - from] |= (uint32_t)((uint64_t)patch[1] << width);
    }
    for (uint32_t i = 0; i < count; i++) {
        position += out[i];
        out[i] = (uint32_t)position;
    }
    *sound = position <= UINT32_MAX;
    return true;
}

bool auk_positions_chunk_read(auk_positions_chunk *chunk, const auk_kernels *kernels,
                              uint64_t first, uint32_t count, uint32_t *out)
{
    uint32_t done = 0;
    bool sound;
    if (read_few(chunk, first, count, out, &sound))
        return sound;
    while (done < count) {
        uint64_t index = first + done;
        size_t size;
        if (!stand_on(chunk, index / AUK_POSITIONS_GROUP, &size))
            return false;
        uint32_t from = (uint32_t)(index % AUK_POSITIONS_GROUP);
        uint32_t room = gaps_in(chunk, chunk->group) - from;
        uint32_t here = count - done < room ? count - done : room;
        read_group(chunk, kernels, size, from, from + here, out + done);
        done += here;
    }

    uint64_t position = 0;
    for (uint32_t i = 0; i < count; i++) {
        position += out[i];
        out[i] = (uint32_t)position;
    }
    return position <= UINT32_MAX;
}

/* What the patches of the group on which the chunk stands add to rows in it, which are sums. */
static void patch_rows(const auk_positions_chunk *chunk, size_t size, uint32_t zero,
                       const uint32_t *firsts, const uint32_t *counts, const uint32_t *starts,
                       uint32_t row_count, uint32_t *out)
{
    unsigned width = chunk->heads[chunk->group] & 63u;
    const uint8_t *end = chunk->at + size;
    const uint8_t *patch = chunk->at + ((size_t)gaps_in(chunk, chunk->group) * width + 7) / 8;
    uint32_t row = 0, before = 0;
    for (; patch < end; patch += 2) {
        uint32_t index = zero + patch[0];
        if (patch[1] == 0)
            continue; /* a spare one */
        if (index < before)
            row = 0;
        before = index;
        while (row < row_count && firsts[row] + counts[row] <= index)
            row++;
        if (row == row_count || firsts[row] > index)
            continue;
        for (uint32_t i = index - firsts[row]; i < counts[row]; i++)
            out[starts[row] + i] += (uint32_t)patch[1] << width;
    }
}

bool auk_positions_chunk_read_rows(auk_positions_chunk *chunk, const auk_kernels *kernels,
                                   const uint32_t *firsts, const uint32_t *counts,
                                   const uint32_t *starts, uint32_t row_count, uint32_t *out)
{
    for (uint32_t row = 0, end; row < row_count; row = end) {
        uint64_t group = firsts[row] / AUK_POSITIONS_GROUP;
        uint32_t zero = firsts[row] - firsts[row] % AUK_POSITIONS_GROUP;
        size_t size;
        if (!stand_on(chunk, group, &size))
            return false;
        uint8_t head = chunk->heads[group];
        unsigned width = head & 63u;
        end = row;
        while (end < row_count && firsts[end] - zero + counts[end] <= AUK_POSITIONS_GROUP)
            end++;
        if (end == row || width > AUK_ROW_WIDEST) { /* across groups, or far apart */
            end = row + 1;
            if (!auk_positions_chunk_read(chunk, kernels, firsts[row], counts[row],
                                          out + starts[row]))
                return false;
            continue;
        }
        kernels->sum_rows(chunk->at, width, zero, firsts + row, counts + row, starts + row,
                          end - row, out);
        if (head >> 6)
            patch_rows(chunk, size, zero, firsts + row, counts + row, starts + row, end - row, out);
    }
    return true;
}

bool auk_positions_chunk_read_gaps(auk_positions_chunk *chunk, const auk_kernels *kernels,
                                   uint32_t *out)
{
    for (uint64_t group = 0; group * AUK_POSITIONS_GROUP < chunk->count; group++) {
        size_t size;
        if (!stand_on(chunk, group, &size))
            return false;
        read_group(chunk, kernels, size, 0, gaps_in(chunk, group),
                   out + group * AUK_POSITIONS_GROUP);
    }
    return true;
}

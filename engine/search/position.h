/*
 * position.h - where a page ended, as bytes: what a scroll carries from call to call.
 *
 *   u8 version 1 | u8 0: by score, 1: by keys | u32 unit | u32 doc | f32 score | f32 max_score
 *   by keys: varint count, then count times (u64 order, u8 has a text, varint size, text)
 *
 * It means something only to the same request over the same views.
 *
 *   Lifetime  arena.   Threads  any.   Memory  arena.   Errors  AUK_INVALID for other bytes.
 */
#ifndef AUK_POSITION_H
#define AUK_POSITION_H

#include "sort.h"
#include "top_hits.h"

auk_span auk_position_write(const auk_top_hit *hit, float max_score, const auk_sort_value *values,
                            uint32_t count, auk_arena *arena);
/* after->values is NULL for a position by score. */
AUK_MUST_CHECK auk_code auk_position_read(auk_span bytes, uint32_t key_count, auk_arena *arena,
                                          auk_top_hit *hit, float *max_score, auk_sort_after *after,
                                          auk_error *err);

#endif

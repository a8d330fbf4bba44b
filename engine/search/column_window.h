/*
 * column_window.h - documents of one window, which is one block of every column, as a whole.
 *
 * A search that wants no hits goes window by window, as bits; an aggregation that can take a window
 * looks at the block's zone first, and where that does not decide, at all its values at once.
 *
 *   Lifetime  a window: the call. A counter: the collector's arena.
 *   Threads   one.
 *   Memory    48 KiB, and 4 bytes a slot, 16 where slots are few; charged.
 *   Errors    the budget's, and damaged columns, fail the collector.
 */
#ifndef AUK_COLUMN_WINDOW_H
#define AUK_COLUMN_WINDOW_H

#include "column_kernels.h"
#include "value_reader.h"

#define AUK_COLUMN_WORDS (AUK_COLUMN_BLOCK / 64)
/* Fewer documents than this are no reason to decode a block. */
#define AUK_COLUMN_FEW 64u

/* What is meant comes as a list where values are picked more cheaply than a block is decoded, which
 * is unless nearly all of it is meant. */
typedef struct auk_column_window {
    uint32_t block, rows;
    const uint64_t *bits; /* of the rows that are meant */
    const auk_doc *docs;  /* or these; both NULL: all rows are */
    uint32_t count;       /* of them */
} auk_column_window;

static inline bool auk_column_window_is_whole(const auk_column_window *window)
{
    return !window->bits && !window->docs;
}

/* Documents by slot. Equal slots in a row would wait for each other, so few slots are kept four
 * times over until the end. */
typedef struct auk_slot_counter {
    uint32_t span; /* slots; what is outside goes to one more */
    uint32_t lanes;
    uint32_t *counts; /* [lane][span + 1] */
    struct auk_slot_scratch *scratch;
} auk_slot_counter;

/* False when the budget refuses. */
bool auk_slot_counter_init(auk_slot_counter *counter, auk_aggregation_collector *collector,
                           uint32_t span);
/* One more for the place of each value of the window: size and first .. last say which it is. Rows
 * without a value count as the reader's missing one, if it has one. */
void auk_slot_counter_add(auk_slot_counter *counter, auk_value_reader *reader,
                          const auk_places *places, const auk_column_window *window);
/* The same where all its values, `with` of them, are known to stand in the place of one. */
void auk_slot_counter_add_block(auk_slot_counter *counter, const auk_value_reader *reader,
                                const auk_places *places, const auk_column_window *window,
                                int64_t value, uint32_t with);
/* All lanes as one: the first. False when something was outside, and the collector has failed. */
bool auk_slot_counter_join(auk_slot_counter *counter, auk_aggregation_collector *collector);

/* How many of the window's rows have a value, where the zone tells it; false: it does not. */
bool auk_column_window_known(const auk_column *column, const auk_column_window *window,
                             uint32_t *out);
/* Those of the window's rows that have a value; answers how many. present NULL: all rows have. */
uint32_t auk_column_window_with(const auk_column_window *window, const uint64_t *present,
                                uint64_t bits[AUK_COLUMN_WORDS]);

#endif

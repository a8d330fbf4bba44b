/*
 * select.h - the greatest of many numbers: selected, or sorted.
 *
 * Both work without branches on the numbers, which are as random as the texts they come from: a
 * heap pays a mispredicted branch a level instead.
 *
 *   Lifetime  none.   Threads  any.   Memory  the caller's.   Errors  none.
 */
#ifndef AUK_SELECT_H
#define AUK_SELECT_H

#include <stdint.h>

/* Brings the `kept` greatest of count values to the front, in no order; kept 1 .. count. Answers
 * the least of them. */
uint64_t auk_select_greatest(uint64_t *values, uint32_t count, uint32_t kept);
/* Greatest first. spare has room for count values. */
void auk_sort_falling(uint64_t *values, uint32_t count, uint64_t *spare);

#endif

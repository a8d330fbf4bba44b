/* clock.h - the two clocks: one that tells the date, one that only goes forward. */
#ifndef AUK_CLOCK_H
#define AUK_CLOCK_H

#include <stdint.h>

int64_t auk_clock_wall_ms(void); /* milliseconds since 1970-01-01T00:00Z; may jump */
uint64_t auk_clock_monotonic_us(
    void); /* microseconds since some start; for durations and deadlines */

#endif

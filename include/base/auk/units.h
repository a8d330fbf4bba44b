/*
 * units.h - Elasticsearch's forms of durations and sizes: "500ms", "5s", "1d"; "512mb", "1.5gb".
 *
 *   Errors    false when the unit is missing or unknown. "0" and, for durations, "-1" stand without
 * a unit.
 */
#ifndef AUK_UNITS_H
#define AUK_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

bool auk_time_parse_ms(auk_span text, int64_t *out_ms);
bool auk_bytes_parse(auk_span text, uint64_t *out_bytes); /* units in either case, powers of 1024 */

/* "1.4mb", "220b", as _cat and human=true show sizes; "1.2s", "15ms" for durations. */
void auk_bytes_format(uint64_t bytes, char out[16]);
void auk_time_format(uint64_t us, char out[16]);

#endif

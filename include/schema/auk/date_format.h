/*
 * date_format.h - Elasticsearch's date formats: named ones, java.time patterns, several joined by
 * ||.
 *
 * Default: strict_date_optional_time||epoch_millis. Also date math: "now-1d/d",
 * "2024-01-01||+1M/d".
 *
 *   Lifetime  counted by its mapping or freed by _destroy.  Threads  immutable.  Memory  its own
 * block. Errors    AUK_INVALID: unknown format (illegal_argument_exception, "Invalid format:
 * [..]"), text that does not parse ("failed to parse date field [x] with format [y]").
 */
#ifndef AUK_DATE_FORMAT_H
#define AUK_DATE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_date_format auk_date_format;

AUK_MUST_CHECK auk_code auk_date_format_create(auk_span pattern, auk_date_format **out,
                                               auk_error *err);
void auk_date_format_destroy(auk_date_format *format);
auk_span auk_date_format_pattern(const auk_date_format *format);
const auk_date_format *auk_date_format_default(void);

/* Milliseconds since the epoch. round_up: hours and less that the text leaves open are filled with
 * their last value; months and days always with their first, as Elasticsearch does. time_zone: for
 * texts that name none. */
AUK_MUST_CHECK auk_code auk_date_parse(const auk_date_format *format, auk_span text,
                                       auk_span time_zone, bool round_up, int64_t *out,
                                       auk_error *err);
AUK_MUST_CHECK auk_code auk_date_math(const auk_date_format *format, auk_span text,
                                      auk_span time_zone, int64_t now_ms, bool round_up,
                                      int64_t *out, auk_error *err);
/* With the first of the format's alternatives; time_zone: "", "+02:00" or a region's name
 * ("Europe/Paris"). */
void auk_date_write(const auk_date_format *format, int64_t ms, auk_span time_zone, auk_buffer *out);

/* Offset of a zone from UTC at that moment, for calendar intervals. */
AUK_MUST_CHECK auk_code auk_zone_offset_ms(auk_span time_zone, int64_t utc_ms, int64_t *offset_ms,
                                           auk_error *err);
/* Start of the calendar unit ('y','q','M','w','d','h','m','s') that holds the moment, in that zone.
 */
AUK_MUST_CHECK auk_code auk_date_floor(int64_t ms, char unit, auk_span time_zone, int64_t *out,
                                       auk_error *err);
/* The moment `count` such units later (earlier when negative): the next bucket of a calendar
 * interval. */
AUK_MUST_CHECK auk_code auk_date_step(int64_t ms, char unit, int64_t count, auk_span time_zone,
                                      int64_t *out, auk_error *err);

#endif

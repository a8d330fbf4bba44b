/*
 * zone.h - time zones: UTC, fixed offsets ("+02:00"), regions ("Europe/Paris") from the system's tz
 * files.
 *
 * A region's file (TZif, RFC 8536) is read once, strictly, and kept for the life of the process;
 * moments past its last transition follow the rule in its footer. UTC and fixed offsets need no
 * file.
 *
 *   Lifetime  regions are never dropped: there are some 600 names at most.
 *   Threads   any; a mutex guards only the list of loaded regions while it grows.
 *   Memory    a few KB a region.
 *   Errors    AUK_INVALID for a name that is no zone or a file that breaks its format.
 */
#ifndef AUK_ZONE_H
#define AUK_ZONE_H

#include <stdint.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_region auk_region;

typedef struct auk_zone {
    int32_t offset_s;         /* of a fixed zone */
    const auk_region *region; /* NULL: fixed */
} auk_zone;

#define AUK_ZONE_UTC ((auk_zone){0, NULL})

/* "" is UTC; also "Z", "UTC", "GMT+1", "UTC-03:30", "+2", "+0200", "-03:30:15". */
AUK_MUST_CHECK auk_code auk_zone_find(auk_span name, auk_zone *out, auk_error *err);
int32_t auk_zone_offset_s(auk_zone zone, int64_t utc_s);
/*
 * The moment of a local time. One that a jump forward skips is moved on by the length of the jump;
 * of two moments with the same local time it is the earlier.
 */
int64_t auk_zone_local_to_utc_s(auk_zone zone, int64_t local_s);

/* Reads "+02", "+0200", "+02:00", "+02:00:00" or "+2" at the start of text; bytes used, 0: none. */
size_t auk_zone_scan_offset(auk_span text, int32_t *offset_s);

/* A region made of a file's bytes, as kept in memory; destroyed by the caller (tests, fuzzing). */
AUK_MUST_CHECK auk_code auk_region_create(auk_span name, auk_span file, auk_region **out,
                                          auk_error *err);
void auk_region_destroy(auk_region *region);

#endif

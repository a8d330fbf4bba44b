/*
 * "pattern \n text \n zone": patterns, dates, date math and zone files of any bytes. What the
 * default format writes, it must read back as the same moment.
 */
#include <stdlib.h>

#include "auk/date_format.h"
#include "zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static auk_span take_line(auk_span *rest)
{
    const char *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    auk_span line = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    *rest = auk_span_from(*rest, line.size + (end != NULL));
    return line;
}

static void check_round_trip(int64_t ms, auk_span zone)
{
    /* Within the years that four digits write. */
    if (ms < INT64_C(-62135596800000) || ms > INT64_C(253402200000000))
        return;
    auk_buffer out;
    auk_buffer_init(&out, 4096);
    auk_date_write(auk_date_format_default(), ms, zone, &out);
    int64_t back;
    if (auk_date_parse(auk_date_format_default(), auk_buffer_span(&out), AUK_SPAN(""), false, &back,
                       NULL) != AUK_OK ||
        back != ms)
        abort();
    auk_buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auk_span rest = auk_span_make(data, size);
    auk_region *region;
    if (auk_region_create(AUK_SPAN("fuzz"), rest, &region, NULL) == AUK_OK) {
        auk_zone zone = {0, region};
        for (int64_t at = -4000000000; at < 8000000000; at += 86400 * 37)
            (void)auk_zone_local_to_utc_s(zone, at);
        auk_region_destroy(region);
    }
    auk_span pattern = take_line(&rest), text = take_line(&rest), zone = take_line(&rest);
    auk_date_format *format;
    auk_error err;
    if (auk_date_format_create(pattern, &format, &err) != AUK_OK)
        return 0;
    int64_t ms;
    for (int round_up = 0; round_up < 2; round_up++) {
        if (auk_date_parse(format, text, zone, round_up, &ms, &err) == AUK_OK)
            check_round_trip(ms, AUK_SPAN(""));
        if (auk_date_math(format, text, zone, 1715776496789, round_up, &ms, &err) == AUK_OK) {
            auk_buffer out;
            auk_buffer_init(&out, 65536);
            auk_date_write(format, ms, zone, &out);
            auk_buffer_deinit(&out);
            check_round_trip(ms, AUK_SPAN("+05:30"));
        }
    }
    auk_date_format_destroy(format);
    return 0;
}

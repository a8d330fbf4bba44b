/*
 * output.h - the sink of a segment under construction, as its parts see it: put and forget.
 *
 * Every value of a segment goes through here on its way to the caller's sink. The output counts the
 * parts, takes each value's checksum for META, and keeps the first failure, so that encoders have
 * no error branches.
 *
 *   Lifetime  _init .. _deinit.
 *   Threads   one.
 *   Memory    one entry (auk_meta_value) a value.
 *   Errors    sticky: after the first failure _put does nothing; _status reports it.
 */
#ifndef AUK_CODEC_OUTPUT_H
#define AUK_CODEC_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "auk/error.h"
#include "auk/value.h"

#include "meta.h"

typedef struct auk_output {
    auk_sink sink;
    auk_meta_value *values; /* what was put, in order */
    uint32_t count;
    uint32_t capacity;
    auk_code code;
    auk_error error;
} auk_output;

void auk_output_init(auk_output *output, const auk_sink *sink);
void auk_output_deinit(auk_output *output);

void auk_output_put(auk_output *output, uint8_t kind, uint16_t field, uint32_t part,
                    auk_span bytes);
/* Records a failure that is not the sink's; the first one stays. */
void auk_output_fail(auk_output *output, auk_code code, const char *message);
auk_code auk_output_status(const auk_output *output, auk_error *err);

/* The output as a sink, for encoders that know nothing else; borrowed from output. */
auk_sink auk_output_sink(auk_output *output);

#endif

/*
 * fuzz_segment.c - a sound segment, damaged as the input says, opened and walked.
 *
 * The input is a list of edits: which value (1 byte), where (2 bytes), what to do (1 byte), operand
 * (1 byte). META is written anew over the damaged values, so that checksums do not stand between
 * the fuzzer and the readers.
 */
#include <stdlib.h>

#include "auk/hash.h"
#include "sample_segment.h"

#include "meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DOCS       40
#define MAX_VALUES 64

static const auk_value *sound_values(uint32_t *count)
{
    static auk_segment *segment;
    if (!segment)
        segment = sample_segment_create(DOCS);
    return auk_segment_values(segment, count);
}

/* Replaces the bytes of a value, which are on the heap, by edited ones in a block of exactly their
 * size. */
static void edit(auk_value *value, const uint8_t op[5])
{
    size_t at = op[1] | (size_t)op[2] << 8, old_size = value->bytes.size, size = old_size;
    if (op[3] % 4 == 1)
        size = at < old_size ? at : old_size;
    else if (op[3] % 4 == 2)
        size = old_size + op[4];
    char *bytes = malloc(size ? size : 1);
    memset(bytes, op[4], size);
    memcpy(bytes, value->bytes.data, size < old_size ? size : old_size);
    if (op[3] % 4 == 0 && size)
        bytes[at % size] = (char)op[4];
    if (op[3] % 4 == 3 && size)
        bytes[at % size] = (char)(bytes[at % size] ^ 1 << op[4] % 8);
    free((void *)(uintptr_t)value->bytes.data);
    value->bytes = auk_span_make(bytes, size);
}

static void write_meta(auk_value *values, uint32_t count, auk_buffer *out)
{
    auk_meta_value rows[MAX_VALUES];
    for (uint32_t i = 0; i + 1 < count; i++)
        rows[i] = (auk_meta_value){.kind = values[i].kind,
                                   .field = values[i].field,
                                   .part = values[i].part,
                                   .size = values[i].bytes.size,
                                   .checksum = auk_crc32c(0, values[i].bytes)};
    auk_meta meta = {.doc_count = DOCS, .max_seq_no = 1};
    auk_meta_write(out, &meta, rows, count - 1);
    values[count - 1].bytes = auk_buffer_span(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t count;
    const auk_value *sound = sound_values(&count);
    auk_value values[MAX_VALUES];
    if (count > MAX_VALUES)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        values[i] = sound[i];
        char *copy = malloc(sound[i].bytes.size + 1);
        memcpy(copy, sound[i].bytes.data, sound[i].bytes.size);
        values[i].bytes.data = copy;
    }
    for (size_t at = 0; at + 5 <= size && at < 5 * 16; at += 5)
        edit(&values[data[at] % (count - 1)], data + at);
    free((void *)(uintptr_t)values[count - 1].bytes.data);
    auk_buffer meta;
    auk_buffer_init(&meta, AUK_BUFFER_NO_LIMIT);
    write_meta(values, count, &meta);
    auk_segment *segment;
    auk_error err;
    if (auk_segment_open(values, count, NULL, NULL, &segment, &err) == AUK_OK) {
        sample_segment_walk(segment, 200);
        auk_segment_release(segment);
    }
    auk_buffer_deinit(&meta);
    for (uint32_t i = 0; i + 1 < count; i++)
        free((void *)(uintptr_t)values[i].bytes.data);
    return 0;
}

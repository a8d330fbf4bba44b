/*
 * fuzz_segment.c - a sound segment, damaged as the input says, opened and walked.
 *
 * The input is a list of edits: which value (1 byte), where (2 bytes), what to do (1 byte), operand
 * (1 byte). A byte behind the last whole edit asks for another segment: one of long lists, with the
 * best documents of each. META is written anew over the damaged values, so that checksums do not
 * stand between the fuzzer and the readers.
 */
#include <stdlib.h>

#include "auk/hash.h"
#include "sample_segment.h"

#include "meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DOCS       40
#define MAX_VALUES 64
#define LIMIT      600 /* postings of a list: more than two blocks */

static const auk_segment *sound_segment(bool lists)
{
    static auk_segment *segments[2];
    if (!segments[lists])
        segments[lists] = lists ? sample_lists_create() : sample_segment_create(DOCS);
    return segments[lists];
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

static void write_meta(auk_value *values, uint32_t count, uint32_t doc_count, auk_buffer *out)
{
    auk_meta_value rows[MAX_VALUES];
    for (uint32_t i = 0; i + 1 < count; i++)
        rows[i] = (auk_meta_value){.kind = values[i].kind,
                                   .field = values[i].field,
                                   .part = values[i].part,
                                   .size = values[i].bytes.size,
                                   .checksum = auk_crc32c(0, values[i].bytes)};
    auk_meta meta = {.doc_count = doc_count, .max_seq_no = 1};
    auk_meta_write(out, &meta, rows, count - 1);
    values[count - 1].bytes = auk_buffer_span(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t count;
    const auk_segment *whole = sound_segment(size % 5 > 0);
    const auk_value *sound = auk_segment_values(whole, &count);
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
    write_meta(values, count, auk_segment_doc_count(whole), &meta);
    auk_segment *segment;
    auk_error err;
    if (auk_segment_open(values, count, NULL, NULL, &segment, &err) == AUK_OK) {
        sample_segment_walk(segment, LIMIT);
        auk_segment_release(segment);
    }
    auk_buffer_deinit(&meta);
    for (uint32_t i = 0; i + 1 < count; i++)
        free((void *)(uintptr_t)values[i].bytes.data);
    return 0;
}

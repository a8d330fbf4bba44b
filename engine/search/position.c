#include "position.h"

#include "auk/varint.h"

/* u8 version | u8 by keys | u32 unit | u32 document | f32 score | f32 best score; then the keys */
enum { VERSION = 1, HEAD_BYTES = 18, MOST_BYTES = 1 << 24 };

static float read_float(auk_reader *reader)
{
    uint32_t bits = auk_reader_u32(reader);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void write_head(uint8_t head[HEAD_BYTES], const auk_top_hit *hit, float max_score,
                       bool by_keys)
{
    head[0] = VERSION;
    head[1] = by_keys ? 1 : 0;
    memcpy(head + 2, &hit->unit, sizeof hit->unit);
    memcpy(head + 6, &hit->doc, sizeof hit->doc);
    memcpy(head + 10, &hit->score, sizeof hit->score);
    memcpy(head + 14, &max_score, sizeof max_score);
}

auk_span auk_position_write(const auk_top_hit *hit, float max_score, const auk_sort_value *values,
                            uint32_t count, auk_arena *arena)
{
    uint8_t head[HEAD_BYTES];
    write_head(head, hit, max_score, values != NULL);
    if (!values)
        return auk_arena_copy(arena, auk_span_make(head, sizeof head));
    auk_buffer bytes;
    auk_buffer_init(&bytes, MOST_BYTES);
    auk_buffer_append(&bytes, auk_span_make(head, sizeof head));
    auk_buffer_append_varint(&bytes, count);
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append_u64(&bytes, (uint64_t)values[i].order);
        auk_buffer_append_byte(&bytes, values[i].text.data ? 1 : 0);
        auk_buffer_append_sized(&bytes, values[i].text);
    }
    auk_span result = auk_arena_copy(arena, auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
    return result;
}

auk_code auk_position_read(auk_span bytes, uint32_t key_count, auk_arena *arena, auk_top_hit *hit,
                           float *max_score, auk_sort_after *after, auk_error *err)
{
    auk_reader reader = auk_reader_of(bytes);
    uint8_t version = auk_reader_u8(&reader), by_keys = auk_reader_u8(&reader);
    hit->unit = auk_reader_u32(&reader);
    hit->doc = auk_reader_u32(&reader);
    hit->score = read_float(&reader);
    *max_score = read_float(&reader);
    *after = (auk_sort_after){NULL, true, hit->unit, hit->doc};
    bool fits = version == VERSION && by_keys == (key_count > 0);
    if (fits && key_count > 0) {
        fits = auk_reader_varint(&reader) == key_count;
        auk_sort_value *values = AUK_ARENA_ARRAY(arena, auk_sort_value, key_count);
        for (uint32_t i = 0; fits && i < key_count; i++) {
            values[i].order = (int64_t)auk_reader_u64(&reader);
            uint8_t has_text = auk_reader_u8(&reader);
            auk_span text = auk_reader_sized(&reader);
            if (has_text)
                values[i].text = auk_arena_copy(arena, text);
        }
        after->values = values;
    }
    if (!fits || reader.failed || auk_reader_left(&reader) > 0)
        return auk_fail(err, AUK_INVALID, "this position does not belong to this search");
    return AUK_OK;
}

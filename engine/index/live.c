#include "live.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auk/hash.h"
#include "auk/varint.h"

enum { FORMAT_WORDS = 1, FORMAT_GAPS = 2 };

static size_t word_count(uint32_t doc_count)
{
    return ((size_t)doc_count + 63) / 64;
}

static auk_live *allocate(uint32_t doc_count)
{
    auk_live *live = malloc(sizeof *live + word_count(doc_count) * sizeof(uint64_t));
    if (live == NULL)
        abort();
    atomic_init(&live->holders, 1);
    live->doc_count = doc_count;
    return live;
}

static auk_live *create_full(uint32_t doc_count)
{
    auk_live *live = allocate(doc_count);
    size_t words = word_count(doc_count);
    memset(live->bits, 0xff, words * sizeof(uint64_t));
    if (doc_count % 64 != 0)
        live->bits[words - 1] = (UINT64_C(1) << (doc_count % 64)) - 1;
    live->live_count = doc_count;
    return live;
}

auk_live *auk_live_acquire(auk_live *live)
{
    if (live != NULL)
        atomic_fetch_add_explicit(&live->holders, 1, memory_order_relaxed);
    return live;
}

void auk_live_release(auk_live *live)
{
    if (live != NULL && atomic_fetch_sub_explicit(&live->holders, 1, memory_order_acq_rel) == 1)
        free(live);
}

static void make_own(auk_live **slot, uint32_t doc_count)
{
    auk_live *live = *slot;
    if (live == NULL) {
        *slot = create_full(doc_count);
        return;
    }
    if (live->doc_count >= doc_count &&
        atomic_load_explicit(&live->holders, memory_order_acquire) == 1)
        return;
    assert(live->doc_count >= doc_count || live->doc_count % 64 == 0);
    auk_live *copy = create_full(live->doc_count > doc_count ? live->doc_count : doc_count);
    copy->live_count -= live->doc_count - live->live_count;
    memcpy(copy->bits, live->bits, word_count(live->doc_count) * sizeof(uint64_t));
    auk_live_release(live);
    *slot = copy;
}

/* A document that is live, in bits that nobody shares. */
static void kill_own(auk_live *live, uint32_t doc)
{
    live->bits[doc >> 6] &= ~(UINT64_C(1) << (doc & 63));
    live->live_count--;
}

bool auk_live_kill(auk_live **slot, uint32_t doc_count, uint32_t doc)
{
    if (!auk_live_has(*slot, doc))
        return false;
    make_own(slot, doc_count);
    kill_own(*slot, doc);
    return true;
}

void auk_live_carry(const auk_live *from, const uint32_t *map, auk_live **into, uint32_t into_count)
{
    if (from == NULL)
        return;
    for (uint32_t doc = 0; doc < from->doc_count; doc++)
        if (!auk_live_has(from, doc) && map[doc] != AUK_DOC_DROPPED)
            auk_live_kill(into, into_count, map[doc]);
}

static void encode_gaps(const auk_live *live, auk_buffer *out)
{
    uint32_t next = 0;
    for (uint32_t doc = 0; doc < live->doc_count; doc++) {
        if (auk_live_has(live, doc))
            continue;
        auk_buffer_append_varint(out, doc - next);
        next = doc + 1;
    }
}

void auk_live_encode(const auk_live *live, auk_buffer *out)
{
    size_t start = out->size;
    uint32_t dead = live->doc_count - live->live_count;
    size_t words_bytes = word_count(live->doc_count) * sizeof(uint64_t);
    bool gaps = (size_t)dead * 2 < words_bytes;
    auk_buffer_append_byte(out, gaps ? FORMAT_GAPS : FORMAT_WORDS);
    auk_buffer_append_varint(out, live->doc_count);
    auk_buffer_append_varint(out, dead);
    if (gaps)
        encode_gaps(live, out);
    else
        auk_buffer_append(out, auk_span_make(live->bits, words_bytes));
    auk_buffer_append_u32(out, auk_crc32c(0, auk_span_make(out->data + start, out->size - start)));
}

static bool decode_words(auk_reader *reader, auk_live *live)
{
    size_t words = word_count(live->doc_count);
    auk_span bytes = auk_reader_bytes(reader, words * sizeof(uint64_t));
    if (reader->failed)
        return false;
    memcpy(live->bits, bytes.data, bytes.size);
    uint32_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += (uint32_t)__builtin_popcountll(live->bits[i]);
    uint32_t spare = live->doc_count % 64;
    bool clean = spare == 0 || live->bits[words - 1] >> spare == 0;
    live->live_count = count;
    return clean;
}

static bool decode_gaps(auk_reader *reader, auk_live *live, uint64_t dead)
{
    uint64_t doc = 0;
    for (uint64_t i = 0; i < dead; i++) {
        doc += auk_reader_varint(reader);
        if (reader->failed || doc >= live->doc_count)
            return false;
        kill_own(live, (uint32_t)doc); /* they ascend, so each is live still */
        doc++;
    }
    return true;
}

auk_code auk_live_decode(auk_span bytes, uint32_t doc_count, auk_live **out, auk_error *err)
{
    if (bytes.size < 4 || auk_crc32c(0, auk_span_make(bytes.data, bytes.size - 4)) !=
                              auk_load_u32(bytes.data + bytes.size - 4))
        return auk_fail(err, AUK_CORRUPT, "live documents: checksum does not match");
    auk_reader reader = auk_reader_of(auk_span_make(bytes.data, bytes.size - 4));
    uint8_t format = auk_reader_u8(&reader);
    uint64_t count = auk_reader_varint(&reader);
    uint64_t dead = auk_reader_varint(&reader);
    if (reader.failed || count != doc_count || dead > count)
        return auk_fail(err, AUK_CORRUPT, "live documents: made for another segment");
    auk_live *live = create_full(doc_count);
    bool sound = format == FORMAT_WORDS  ? decode_words(&reader, live)
                 : format == FORMAT_GAPS ? decode_gaps(&reader, live, dead)
                                         : false;
    if (!sound || live->doc_count - live->live_count != dead || auk_reader_left(&reader) != 0) {
        auk_live_release(live);
        return auk_fail(err, AUK_CORRUPT, "live documents: bytes break their format");
    }
    *out = live;
    return AUK_OK;
}

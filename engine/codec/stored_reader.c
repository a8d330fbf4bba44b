#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auk/varint.h"

#include "stored.h"

#define VERSION       1
#define VERSION_PLAIN (VERSION | AUK_STORED_PLAIN_FRAMES)
#define HEADER_SIZE   20
#define ROW_SIZE      20
/* zstd makes at most a block of 128 KiB out of the four bytes that say "repeat". */
#define INFLATE_MOST (32u << 10)
#define READ_AHEAD   ((size_t)64 << 10)

struct auk_stored {
    uint64_t serial; /* tells caches whose frame they hold; addresses come back, serials do not */
    const uint8_t *rows;
    const auk_span *parts;
    uint32_t part_count;
    uint32_t doc_count;
    uint32_t frame_count;
    bool is_plain; /* its frames are not compressed */
    auk_span dictionary_bytes;
    _Atomic(auk_zstd_dictionary *) dictionary; /* made by the first read */
    auk_guard *guard;
    const auk_span *index;
};

struct auk_stored_cache {
    uint64_t serial; /* 0: nothing */
    uint32_t first_doc;
    uint32_t doc_count;
    uint32_t sizes_size; /* where the first id begins */
    uint32_t frame;      /* its number */
    auk_buffer bytes;    /* the frame */
    auk_buffer ends;     /* three u32 a document: where its id, routing and source end in bytes */
    auk_buffer packed;   /* out of the file, from packed_at of the segment packed_serial on */
    const char *packed_at;
    uint64_t packed_serial;
};

typedef struct frame_place {
    uint32_t first_doc, doc_count, inflated_size;
    auk_span bytes;
    size_t left; /* bytes from there to the end of the part */
} frame_place;

/* ---- open ---- */

static uint64_t next_serial(void)
{
    static atomic_uint_fast64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

auk_code auk_stored_open(auk_span index, const auk_span *parts, uint32_t part_count,
                         uint32_t doc_count, auk_arena *arena, auk_stored **out, auk_error *err)
{
    if (index.size < HEADER_SIZE || memcmp(index.data, "AUKI", 4) != 0)
        return auk_fail(err, AUK_CORRUPT, "the index of documents is cut or has no magic");
    uint32_t version = auk_load_u32(index.data + 4);
    if (version != VERSION && version != VERSION_PLAIN)
        return auk_fail(err, AUK_CORRUPT, "the index of documents has an unknown version");
    auk_stored *stored = AUK_ARENA_NEW(arena, auk_stored);
    stored->doc_count = auk_load_u32(index.data + 8);
    stored->frame_count = auk_load_u32(index.data + 12);
    uint32_t dictionary_size = auk_load_u32(index.data + 16);
    uint64_t rows_size = (uint64_t)stored->frame_count * ROW_SIZE;
    if (stored->doc_count != doc_count || stored->frame_count == 0 ||
        index.size - HEADER_SIZE != rows_size + dictionary_size)
        return auk_fail(err, AUK_CORRUPT, "the index of documents has another size than it says");
    stored->serial = next_serial();
    stored->is_plain = version == VERSION_PLAIN;
    stored->parts = parts;
    stored->part_count = part_count;
    stored->rows = auk_span_bytes(index) + HEADER_SIZE;
    stored->dictionary_bytes = auk_span_from(index, HEADER_SIZE + (size_t)rows_size);
    *out = stored;
    return AUK_OK;
}

void auk_stored_doubt(auk_stored *stored, auk_guard *guard, const auk_span *index)
{
    stored->guard = guard;
    stored->index = index;
}

void auk_stored_close(auk_stored *stored)
{
    if (stored)
        auk_zstd_dictionary_destroy(atomic_load(&stored->dictionary));
}

/* Unpacked once: of two threads that come first together, one throws its own away. */
static const auk_zstd_dictionary *dictionary_of(auk_stored *stored)
{
    if (stored->dictionary_bytes.size == 0)
        return NULL;
    auk_zstd_dictionary *dictionary = atomic_load(&stored->dictionary);
    if (dictionary)
        return dictionary;
    auk_zstd_dictionary *made = auk_zstd_dictionary_create(stored->dictionary_bytes, 0);
    if (atomic_compare_exchange_strong(&stored->dictionary, &dictionary, made))
        return made;
    auk_zstd_dictionary_destroy(made);
    return dictionary;
}

/* ---- frames ---- */

static const uint8_t *row_at(const auk_stored *stored, uint32_t frame)
{
    return stored->rows + (size_t)frame * ROW_SIZE;
}

/* The last frame that begins at or before doc. */
static uint32_t frame_of(const auk_stored *stored, auk_doc doc)
{
    uint32_t low = 0, high = stored->frame_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (auk_load_u32(row_at(stored, middle)) <= doc)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static auk_code place_of(const auk_stored *stored, uint32_t frame, auk_doc doc, frame_place *out,
                         auk_error *err)
{
    if (!auk_guard_passes(stored->guard, stored->index))
        return auk_fail(err, AUK_CORRUPT, "the index of documents differs from its checksum");
    const uint8_t *row = row_at(stored, frame);
    uint32_t first = auk_load_u32(row);
    uint32_t next =
        frame + 1 < stored->frame_count ? auk_load_u32(row + ROW_SIZE) : stored->doc_count;
    uint32_t part = auk_load_u32(row + 4), offset = auk_load_u32(row + 8);
    uint32_t size = auk_load_u32(row + 12), inflated_size = auk_load_u32(row + 16);
    if (doc < first || doc >= next || part >= stored->part_count ||
        offset > stored->parts[part].size || size > stored->parts[part].size - offset)
        return auk_fail(err, AUK_CORRUPT, "the index of documents is damaged at frame %u", frame);
    if (inflated_size > AUK_STORED_FRAME_LIMIT || inflated_size > (uint64_t)size * INFLATE_MOST ||
        inflated_size / 3 < next - first)
        return auk_fail(err, AUK_CORRUPT, "frame %u of the documents has an impossible size",
                        frame);
    if (!auk_guard_passes(stored->guard, &stored->parts[part]))
        return auk_fail(err, AUK_CORRUPT, "part %u of the documents differs from its checksum",
                        part);
    *out = (frame_place){.first_doc = first,
                         .doc_count = next - first,
                         .inflated_size = inflated_size,
                         .left = stored->parts[part].size - offset,
                         .bytes = auk_span_make(stored->parts[part].data + offset, size)};
    return AUK_OK;
}

/* Where each document's pieces end: first the sizes are read, then summed up kind by kind. */
static bool find_ends(auk_stored_cache *cache)
{
    auk_reader reader = auk_reader_of(auk_buffer_span(&cache->bytes));
    uint32_t count = cache->doc_count;
    auk_buffer_reset(&cache->ends);
    char *room = auk_buffer_reserve(&cache->ends, (size_t)count * 12);
    if (!room)
        return false;
    uint32_t *ends = (uint32_t *)(void *)room;
    for (uint32_t i = 0; i < count * 3; i++) {
        uint64_t size = auk_reader_varint(&reader);
        if (size > cache->bytes.size)
            return false;
        ends[i] = (uint32_t)size;
    }
    if (reader.failed)
        return false;
    uint64_t end = cache->bytes.size - auk_reader_left(&reader);
    cache->sizes_size = (uint32_t)end;
    for (uint32_t kind = 0; kind < 3; kind++) {
        for (uint32_t i = 0; i < count; i++) {
            end += ends[i * 3 + kind];
            if (end > cache->bytes.size)
                return false;
            ends[i * 3 + kind] = (uint32_t)end;
        }
    }
    cache->ends.size = (size_t)count * 12;
    return end == cache->bytes.size;
}

/* Sources are most of a file, and each is looked at so seldom that it is copied out of it. In
 * order, many frames at once. */
static auk_code unfile(auk_stored_cache *cache, const auk_stored *stored, uint32_t frame,
                       frame_place *place, auk_error *err)
{
    const auk_guard *guard = stored->guard;
    if (guard == NULL || guard->read == NULL)
        return AUK_OK;
    auk_buffer *packed = &cache->packed;
    uintptr_t from = (uintptr_t)cache->packed_at, at = (uintptr_t)place->bytes.data;
    bool there = cache->packed_serial == stored->serial && at >= from &&
                 at - from <= packed->size && place->bytes.size <= packed->size - (at - from);
    if (!there) {
        bool in_order = cache->serial == stored->serial && frame == cache->frame + 1;
        size_t size = in_order && place->left < READ_AHEAD ? place->left
                      : in_order                           ? READ_AHEAD
                                                           : place->bytes.size;
        size = size < place->bytes.size ? place->bytes.size : size;
        cache->packed_serial = 0;
        auk_buffer_reset(packed);
        char *room = auk_buffer_reserve(packed, size);
        if (!room)
            return auk_fail(err, AUK_TOO_LARGE, "no room for a frame of %zu bytes", size);
        if (!guard->read(guard->owner, auk_span_make(place->bytes.data, size), room))
            return auk_fail(err, AUK_IO, "file \"%s\" cannot be read", guard->file);
        packed->size = size;
        cache->packed_at = place->bytes.data;
        cache->packed_serial = stored->serial;
        from = at;
    }
    place->bytes.data = packed->data + (at - from);
    return AUK_OK;
}

static auk_code inflate(auk_stored *stored, const frame_place *place, auk_buffer *out,
                        auk_error *err)
{
    if (!stored->is_plain)
        return auk_zstd_decompress(place->bytes, dictionary_of(stored), place->inflated_size, out,
                                   err);
    if (place->bytes.size != place->inflated_size)
        return auk_fail(err, AUK_CORRUPT, "a plain frame has %zu bytes instead of %u",
                        place->bytes.size, place->inflated_size);
    if (auk_buffer_reserve(out, place->bytes.size) == NULL)
        return auk_fail(err, AUK_TOO_LARGE, "no room for a frame of %zu bytes", place->bytes.size);
    auk_buffer_append(out, place->bytes);
    return AUK_OK;
}

static auk_code fill(auk_stored_cache *cache, auk_stored *stored, auk_doc doc, auk_error *err)
{
    uint32_t frame = frame_of(stored, doc);
    frame_place place = {0};
    auk_code code = place_of(stored, frame, doc, &place, err);
    if (code == AUK_OK)
        code = unfile(cache, stored, frame, &place, err);
    if (code != AUK_OK)
        return code;
    cache->serial = 0;
    auk_buffer_reset(&cache->bytes);
    code = inflate(stored, &place, &cache->bytes, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "frame %u of the documents", frame);
    cache->first_doc = place.first_doc;
    cache->doc_count = place.doc_count;
    cache->frame = frame;
    if (!find_ends(cache))
        return auk_fail(err, AUK_CORRUPT, "frame %u of the documents is damaged", frame);
    cache->serial = stored->serial;
    return AUK_OK;
}

static auk_span piece(const auk_stored_cache *cache, uint32_t index, uint32_t kind)
{
    const char *ends = cache->ends.data;
    uint32_t end = auk_load_u32(ends + (size_t)index * 12 + kind * 4);
    uint32_t start = cache->sizes_size;
    if (index > 0)
        start = auk_load_u32(ends + ((size_t)index - 1) * 12 + kind * 4);
    else if (kind > 0)
        start = auk_load_u32(ends + ((size_t)cache->doc_count - 1) * 12 + (kind - 1) * 4);
    return auk_span_make(cache->bytes.data + start, end - start);
}

/* ---- caches and reads ---- */

static void init_cache(auk_stored_cache *cache)
{
    memset(cache, 0, sizeof *cache);
    auk_buffer_init(&cache->bytes, AUK_STORED_FRAME_LIMIT);
    auk_buffer_init(&cache->ends, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&cache->packed, AUK_STORED_FRAME_LIMIT);
}

static void deinit_cache(void *object)
{
    auk_stored_cache *cache = object;
    auk_buffer_deinit(&cache->bytes);
    auk_buffer_deinit(&cache->ends);
    auk_buffer_deinit(&cache->packed);
}

auk_stored_cache *auk_stored_cache_create(auk_arena *arena)
{
    auk_stored_cache *cache = AUK_ARENA_NEW(arena, auk_stored_cache);
    init_cache(cache);
    auk_arena_defer(arena, deinit_cache, cache);
    return cache;
}

static auk_code read_with(auk_stored *stored, auk_doc doc, auk_stored_cache *cache,
                          auk_arena *arena, auk_stored_document *out, auk_error *err)
{
    if (cache->serial != stored->serial || doc < cache->first_doc ||
        doc - cache->first_doc >= cache->doc_count) {
        auk_code code = fill(cache, stored, doc, err);
        if (code != AUK_OK)
            return code;
    }
    uint32_t index = doc - cache->first_doc;
    *out = (auk_stored_document){.id = piece(cache, index, 0),
                                 .routing = piece(cache, index, 1),
                                 .source = piece(cache, index, 2)};
    if (arena) {
        out->id = auk_arena_copy(arena, out->id);
        out->routing = auk_arena_copy(arena, out->routing);
        out->source = auk_arena_copy(arena, out->source);
    }
    return AUK_OK;
}

auk_code auk_stored_read(auk_stored *stored, auk_doc doc, auk_stored_cache *cache, auk_arena *arena,
                         auk_stored_document *out, auk_error *err)
{
    assert(cache || arena);
    if (doc >= stored->doc_count)
        return auk_fail(err, AUK_INVALID, "document %u of %u does not exist", doc,
                        stored->doc_count);
    if (cache)
        return read_with(stored, doc, cache, arena, out, err);
    auk_stored_cache once;
    init_cache(&once);
    auk_code code = read_with(stored, doc, &once, arena, out, err);
    deinit_cache(&once);
    return code;
}

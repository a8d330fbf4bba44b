#include "shard_open.h"

#include <inttypes.h>

static void release_mapped(void *owner)
{
    auk_mapped_release(owner);
}

static bool read_mapped(const void *owner, auk_span bytes, char *into)
{
    return auk_mapped_read(owner, bytes, into);
}

static auk_code open_segment(auk_mapped *mapped, bool rescue, auk_segment **out, auk_error *err)
{
    uint32_t count;
    const auk_value *values = auk_mapped_values(mapped, &count);
    auk_code code = rescue
                        ? auk_segment_open_rescue(values, count, release_mapped, mapped, out, err)
                        : auk_segment_open(values, count, release_mapped, mapped, out, err);
    if (code != AUK_OK) {
        auk_wrap(err, code, "file \"%s\"", auk_mapped_path(mapped));
        auk_mapped_release(mapped);
        return code;
    }
    code = auk_segment_doubt(*out, auk_mapped_path(mapped), read_mapped, err);
    return rescue ? AUK_OK : code;
}

static auk_code open_live(auk_store *store, uint32_t shard, const auk_manifest_segment *named,
                          auk_live **out, auk_error *err)
{
    char key[AUK_LIVE_KEY_SIZE];
    auk_buffer bytes;
    bool found;
    auk_live_key(shard, named->id, key);
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_store_get(store, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key), &bytes,
                                  &found, err);
    if (code == AUK_OK && found)
        code = auk_live_decode(auk_buffer_span(&bytes), named->doc_count, out, err);
    auk_buffer_deinit(&bytes);
    return code;
}

auk_code auk_opened_segment_open(auk_store *store, uint32_t shard,
                                 const auk_manifest_segment *named, bool rescue,
                                 auk_opened_segment *out, auk_error *err)
{
    auk_mapped *mapped;
    *out = (auk_opened_segment){.id = named->id};
    auk_code code = auk_store_map(store, named->location, &mapped, err);
    if (code == AUK_OK) {
        code = open_segment(mapped, rescue, &out->segment, err);
        out->path = code == AUK_OK ? auk_mapped_path(mapped) : NULL;
    }
    if (code == AUK_OK && auk_segment_doc_count(out->segment) != named->doc_count)
        code = auk_fail(err, AUK_CORRUPT, "has %u documents, the manifest says %u",
                        auk_segment_doc_count(out->segment), named->doc_count);
    if (code == AUK_OK)
        code = open_live(store, shard, named, &out->live, err);
    if (code != AUK_OK)
        auk_opened_segment_close(out);
    return code;
}

void auk_opened_segment_close(auk_opened_segment *opened)
{
    auk_segment_release(opened->segment);
    auk_live_release(opened->live);
    *opened = (auk_opened_segment){0};
}

auk_code auk_manifest_load(auk_store *store, uint32_t shard, auk_buffer *bytes, auk_manifest *out,
                           auk_error *err)
{
    char key[AUK_MANIFEST_KEY_SIZE];
    bool found;
    auk_manifest_key(shard, key);
    auk_code code =
        auk_store_get(store, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key), bytes, &found, err);
    return code == AUK_OK && found ? auk_manifest_read(auk_buffer_span(bytes), out, err) : code;
}

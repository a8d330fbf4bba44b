/* Any bytes as a journal entry, a manifest, a set of live documents, as they are and with a
 * checksum that fits; a manifest that is read must come back the same. */
#include <stdlib.h>

#include "auk/hash.h"
#include "journal.h"
#include "live.h"
#include "manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_journal(auk_span bytes)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    auk_error err;
    bool end = false;
    uint64_t sum = 0;
    if (auk_journal_reader_init(&reader, bytes, &err) != AUK_OK)
        return;
    while (auk_journal_reader_next(&reader, &operation, &end, &err) == AUK_OK && !end)
        for (size_t i = 0; i < operation.source.size; i++)
            sum += (uint8_t)operation.source.data[i];
    if (sum == UINT64_MAX)
        abort();
}

static void read_manifest(auk_span bytes)
{
    auk_manifest manifest = {0}, again = {0};
    auk_error err;
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    if (auk_manifest_read(bytes, &manifest, &err) == AUK_OK) {
        auk_manifest_write(&manifest, &out);
        if (auk_manifest_read(auk_buffer_span(&out), &again, &err) != AUK_OK ||
            again.segments.count != manifest.segments.count ||
            again.checkpoint != manifest.checkpoint)
            abort();
    }
    auk_manifest_deinit(&manifest);
    auk_manifest_deinit(&again);
    auk_buffer_deinit(&out);
}

static void read_live(auk_span bytes)
{
    auk_live *live = NULL;
    auk_error err;
    uint32_t doc_count = bytes.size > 1 ? 1 + (uint8_t)bytes.data[1] % 127u : 1;
    if (auk_live_decode(bytes, doc_count, &live, &err) != AUK_OK)
        return;
    uint32_t count = 0;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        count += auk_live_has(live, doc);
    if (count != live->live_count)
        abort();
    auk_live_release(live);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *sealed = malloc(size + 4);
    if (!sealed)
        abort();
    memcpy(sealed, data, size);
    uint32_t crc = auk_crc32c(0, auk_span_make(sealed, size));
    memcpy(sealed + size, &crc, sizeof crc);
    auk_span whole = auk_span_make(sealed, size + 4), bare = auk_span_make(data, size);
    read_journal(bare);
    read_journal(whole);
    read_manifest(bare);
    read_manifest(whole);
    read_live(bare);
    read_live(whole);
    free(sealed);
    return 0;
}

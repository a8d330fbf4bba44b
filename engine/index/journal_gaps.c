#include "journal_gaps.h"

#include <inttypes.h>

#define KEY_SIZE 5

static auk_span key_of(uint32_t shard, char key[KEY_SIZE])
{
    auk_store_be32(key, shard);
    key[4] = 'g';
    return auk_span_make(key, KEY_SIZE);
}

auk_code auk_journal_gaps_init(auk_journal_gaps *gaps, auk_store *store, uint32_t shard,
                               int64_t checkpoint, auk_error *err)
{
    char key[KEY_SIZE];
    bool found;
    auk_buffer value;
    *gaps = (auk_journal_gaps){.shard = shard, .next = checkpoint + 1, .from = -1};
    auk_buffer_init(&value, 64);
    auk_code code =
        auk_store_get(store, AUK_FAMILY_COMMIT, key_of(shard, key), &value, &found, err);
    if (code == AUK_OK && found) {
        auk_reader reader = auk_reader_of(auk_buffer_span(&value));
        gaps->looked = auk_unzigzag(auk_reader_varint(&reader));
        if (reader.failed || auk_reader_left(&reader) != 0)
            code =
                auk_fail(err, AUK_CORRUPT, "shard %u: the record of gaps breaks its format", shard);
    }
    auk_buffer_deinit(&value);
    return code;
}

void auk_journal_gaps_note(auk_journal_gaps *gaps, const auk_journal_header *header)
{
    int64_t from = gaps->next > gaps->looked ? gaps->next : gaps->looked;
    if (header->first_seq_no > from && gaps->from < 0) {
        gaps->from = from;
        gaps->to = header->first_seq_no - 1;
    }
    int64_t end = header->first_seq_no + header->count;
    gaps->next = end > gaps->next ? end : gaps->next;
    gaps->settled = header->settled > gaps->settled ? header->settled : gaps->settled;
}

auk_code auk_journal_gaps_check(const auk_journal_gaps *gaps, auk_error *err)
{
    if (gaps->from < 0 || gaps->from >= gaps->settled)
        return AUK_OK;
    auk_fail(err, AUK_CORRUPT,
             "shard %u: the journal has no entry of the operations [%" PRId64 "] to [%" PRId64
             "], and a later one says that everything below [%" PRId64 "] was written",
             gaps->shard, gaps->from, gaps->to, gaps->settled);
    auk_hint(err, "auk check --repair goes on without them and says what is lost");
    return AUK_CORRUPT;
}

void auk_journal_gaps_put(uint32_t shard, int64_t looked, auk_batch *batch)
{
    char key[KEY_SIZE];
    auk_buffer value;
    auk_buffer_init(&value, 64);
    auk_buffer_append_varint(&value, auk_zigzag(looked));
    auk_batch_put(batch, AUK_FAMILY_COMMIT, key_of(shard, key), auk_buffer_span(&value));
    auk_buffer_deinit(&value);
}

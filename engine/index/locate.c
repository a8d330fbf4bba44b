#include "shard_state.h"

static auk_code read_number(const auk_segment *segment, uint16_t field, auk_doc doc,
                            auk_arena *arena, int64_t *out, auk_error *err)
{
    const auk_column *column = auk_segment_column(segment, field);
    if (column == NULL)
        return auk_fail(err, AUK_CORRUPT, "segment without column %u", field);
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    const int64_t *values;
    uint32_t count = auk_column_cursor_values(cursor, doc, &values);
    if (count != 1)
        return auk_fail(err, AUK_CORRUPT, "document %u has %u values in column %u", doc, count,
                        field);
    *out = values[0];
    return AUK_OK;
}

auk_code auk_shard_read_candidate(const auk_segment *segment, auk_arena *arena, auk_candidate *out,
                                  auk_error *err)
{
    auk_code code = read_number(segment, AUK_FIELD_SEQ_NO, out->doc, arena, &out->seq_no, err);
    if (code == AUK_OK)
        code = read_number(segment, AUK_FIELD_VERSION, out->doc, arena, &out->version, err);
    if (code == AUK_OK)
        code =
            read_number(segment, AUK_FIELD_PRIMARY_TERM, out->doc, arena, &out->primary_term, err);
    return code;
}

/* Candidates past the room are forgotten together with the generation, so that _locate looks
 * itself. */
auk_code auk_shard_prefetch(const auk_entry_list *list, auk_span id, auk_arena *arena,
                            auk_prefetch *out, auk_error *err)
{
    *out = (auk_prefetch){.generation = list->generation};
    for (uint32_t i = list->count; i-- > 0;) {
        const auk_segment *segment = list->items[i].segment;
        if (segment == NULL || auk_segment_doc_count(segment) == 0)
            continue;
        auk_candidate candidate = {.entry = list->items[i].entry};
        bool found;
        auk_code code = auk_segment_find_id(segment, id, &candidate.doc, &found, err);
        if (code == AUK_OK && found && out->count < AUK_CANDIDATES)
            code = auk_shard_read_candidate(segment, arena, &candidate, err);
        if (code != AUK_OK)
            return code;
        if (!found)
            continue;
        if (out->count == AUK_CANDIDATES) {
            out->generation = 0;
            return AUK_OK;
        }
        out->candidates[out->count++] = candidate;
    }
    return AUK_OK;
}

/* A live row of the id; at most one document of an id is live in all entries together. */
static bool locate_row(auk_entry *entry, auk_span id, uint64_t id_hash, auk_located *out)
{
    if (entry->buffer == NULL)
        return false;
    uint32_t number = auk_write_buffer_find(entry->buffer, id, id_hash);
    if (number == AUK_ROW_NONE || !auk_live_has(entry->current, number))
        return false;
    const auk_row *row = &entry->buffer->rows.items[number];
    *out = (auk_located){.entry = entry,
                         .doc = number,
                         .seq_no = row->seq_no,
                         .version = row->version,
                         .primary_term = row->primary_term};
    return true;
}

static auk_located located(const auk_candidate *candidate)
{
    return (auk_located){.entry = candidate->entry,
                         .doc = candidate->doc,
                         .seq_no = candidate->seq_no,
                         .version = candidate->version,
                         .primary_term = candidate->primary_term};
}

static bool locate_prefetched(const auk_prefetch *prefetch, auk_located *out)
{
    for (uint32_t i = 0; i < prefetch->count; i++) {
        const auk_candidate *candidate = &prefetch->candidates[i];
        if (!auk_live_has(candidate->entry->current, candidate->doc))
            continue;
        *out = located(candidate);
        return true;
    }
    return false;
}

static auk_code locate_document(auk_shard *shard, auk_span id, auk_arena *arena, auk_located *out,
                                bool *found, auk_error *err)
{
    *found = false;
    for (uint32_t i = shard->entries->count; i-- > 0;) {
        auk_candidate candidate = {.entry = shard->entries->items[i].entry};
        const auk_segment *segment = candidate.entry->segment;
        if (segment == NULL || auk_segment_doc_count(segment) == 0)
            continue;
        bool here;
        auk_code code = auk_segment_find_id(segment, id, &candidate.doc, &here, err);
        if (code != AUK_OK)
            return code;
        if (!here || !auk_live_has(candidate.entry->current, candidate.doc))
            continue;
        code = auk_shard_read_candidate(segment, arena, &candidate, err);
        if (code != AUK_OK)
            return code;
        *out = located(&candidate);
        *found = true;
        return AUK_OK;
    }
    return AUK_OK;
}

auk_code auk_shard_locate(auk_shard *shard, auk_span id, uint64_t id_hash,
                          const auk_prefetch *prefetch, auk_arena *arena, auk_located *out,
                          auk_error *err)
{
    *out = (auk_located){.seq_no = -1};
    if (locate_row(shard->active, id, id_hash, out))
        return AUK_OK;
    for (uint32_t i = shard->entries->count; i-- > 0;)
        if (locate_row(shard->entries->items[i].entry, id, id_hash, out))
            return AUK_OK;
    bool found;
    if (prefetch != NULL && prefetch->generation == shard->entries->generation) {
        found = locate_prefetched(prefetch, out);
    } else {
        auk_code code = locate_document(shard, id, arena, out, &found, err);
        if (code != AUK_OK)
            return code;
    }
    const auk_tombstone *tombstone =
        found ? NULL : auk_tombstones_find(&shard->tombstones, id, id_hash);
    if (tombstone != NULL)
        *out = (auk_located){.is_deleted = true,
                             .seq_no = tombstone->seq_no,
                             .version = tombstone->version,
                             .primary_term = tombstone->primary_term};
    return AUK_OK;
}

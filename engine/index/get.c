#include "shard_state.h"

static void copy_row(const auk_located *found, auk_arena *arena, auk_shard_document *out)
{
    const auk_chunk_document *document =
        auk_row_document(&found->entry->buffer->rows.items[found->doc]);
    out->id = auk_arena_copy(arena, document->id);
    out->routing = auk_arena_copy(arena, document->routing);
    out->source = auk_arena_copy(arena, document->source);
}

static auk_code copy_stored(const auk_segment *segment, auk_doc doc, auk_arena *arena,
                            auk_shard_document *out, auk_error *err)
{
    auk_stored_document stored;
    auk_code code = auk_segment_read_stored(segment, doc, NULL, arena, &stored, err);
    if (code != AUK_OK)
        return code;
    out->id = stored.id;
    out->routing = stored.routing;
    out->source = stored.source;
    return AUK_OK;
}

auk_code auk_shard_get(auk_shard *shard, auk_span id, auk_arena *arena, auk_shard_document *out,
                       bool *found, auk_error *err)
{
    auk_prefetch prefetch;
    auk_located located = {0};
    const auk_segment *segment = NULL;
    *found = false;
    *out = (auk_shard_document){.seq_no = -1};
    pthread_mutex_lock(&shard->lock);
    shard->counters.get_total++;
    auk_entry_list *entries = auk_entry_list_acquire(shard->entries);
    pthread_mutex_unlock(&shard->lock);
    auk_code code = auk_shard_prefetch(entries, id, arena, &prefetch, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&shard->lock);
        while (shard->is_reloading)
            pthread_cond_wait(&shard->changed, &shard->lock);
        code = auk_shard_locate(shard, id, auk_hash(id, 0), &prefetch, arena, &located, err);
        *found = code == AUK_OK && located.entry != NULL;
        if (*found && located.entry->buffer != NULL)
            copy_row(&located, arena, out);
        else if (*found)
            segment = auk_segment_acquire(located.entry->segment);
        pthread_mutex_unlock(&shard->lock);
    }
    auk_entry_list_release(entries);
    if (!*found)
        return code;
    out->seq_no = located.seq_no;
    out->primary_term = located.primary_term;
    out->version = located.version;
    if (segment != NULL) {
        code = copy_stored(segment, located.doc, arena, out, err);
        auk_segment_release(segment);
    }
    return code;
}

auk_code auk_shard_view_get(const auk_shard_view *view, auk_span id, auk_arena *arena,
                            auk_shard_document *out, bool *found, auk_error *err)
{
    *found = false;
    *out = (auk_shard_document){.seq_no = -1};
    for (uint32_t i = view->segment_count; i-- > 0;) {
        const auk_segment_view *in = &view->segments[i];
        auk_candidate candidate = {0};
        bool known = false;
        if (in->live_count == 0)
            continue;
        auk_code code = auk_segment_find_id(in->segment, id, &candidate.doc, &known, err);
        if (code != AUK_OK)
            return code;
        if (!known || (in->live && (in->live[candidate.doc >> 6] >> (candidate.doc & 63) & 1) == 0))
            continue;
        code = auk_shard_read_candidate(in->segment, arena, &candidate, err);
        if (code == AUK_OK)
            code = copy_stored(in->segment, candidate.doc, arena, out, err);
        out->seq_no = candidate.seq_no;
        out->version = candidate.version;
        out->primary_term = candidate.primary_term;
        *found = code == AUK_OK;
        return code;
    }
    return AUK_OK;
}

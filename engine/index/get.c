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

#include "shard_state.h"

/* Deletions that an old numbering has and the new one does not know yet. */
static void carry(auk_live **into, uint32_t into_count, auk_live *from, const uint32_t *map)
{
    if (map == NULL)
        auk_live_assign(into, from);
    else
        auk_live_carry(from, map, into, into_count);
}

static void carry_all(const auk_replacement *replacement)
{
    auk_entry *added = replacement->added;
    for (uint32_t i = 0; i < replacement->count; i++) {
        const auk_entry *source = replacement->sources[i];
        const uint32_t *map = replacement->maps[i];
        carry(&added->current, added->doc_count, source->current, map);
        if (auk_entry_is_file(source))
            carry(&added->committed, added->doc_count, source->committed, map);
        carry(&added->published, added->doc_count, source->published, map);
    }
    added->is_published = replacement->sources[0]->is_published; /* all of them, or none */
}

/* Under refresh_lock and lock. */
static auk_entry_list *replace(auk_shard *shard, const auk_replacement *replacement)
{
    auk_entry *added = replacement->added;
    if (added != NULL) {
        carry_all(replacement);
        added->ordinal = replacement->sources[0]->ordinal;
        auk_shard_charge(shard, added->memory_bytes);
    }
    for (uint32_t i = 0; i < replacement->count; i++) {
        auk_shard_discharge(shard, replacement->sources[i]->memory_bytes);
        replacement->sources[i]->memory_bytes = 0;
    }
    auk_entry_list *old = shard->entries;
    shard->entries = auk_entry_list_change(old, replacement->sources, replacement->count, added);
    pthread_cond_broadcast(&shard->changed);
    return old;
}

void auk_shard_replace(auk_shard *shard, const auk_replacement *replacement)
{
    pthread_mutex_lock(&shard->refresh_lock);
    pthread_mutex_lock(&shard->lock);
    auk_entry_list *old = replace(shard, replacement);
    auk_shard_note_segments(shard);
    auk_shard_view *view = auk_shard_make_view(shard);
    pthread_mutex_unlock(&shard->lock);
    auk_shard_publish(shard, view);
    pthread_mutex_unlock(&shard->refresh_lock);
    auk_entry_list_release(old);
}

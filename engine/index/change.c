#include "auk/change.h"

#include "journal.h"
#include "shard_state.h"

int64_t auk_shard_newest(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    int64_t newest = shard->max_seq_no;
    pthread_mutex_unlock(&shard->lock);
    return newest;
}

int64_t auk_shard_primary_term(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    int64_t term = shard->primary_term;
    pthread_mutex_unlock(&shard->lock);
    return term;
}

/* ---- the journal ---- */

/*
 * Calls reach the journal in another order than that of their numbers. Up to here all are in it, or
 * will never be.
 */
static int64_t settled(const auk_shard *shard)
{
    int64_t seq_no = shard->max_seq_no;
    for (const auk_in_flight *call = shard->in_flight; call != NULL; call = call->next)
        if (call->first <= seq_no)
            seq_no = call->first - 1;
    return seq_no;
}

static auk_code begin(auk_shard *shard, int64_t after, int64_t *until, auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    while (shard->is_reloading)
        pthread_cond_wait(&shard->changed, &shard->lock);
    int64_t from = shard->journal_from, most = settled(shard);
    pthread_mutex_unlock(&shard->lock);
    if (*until > most)
        *until = most;
    if (after + 1 >= from || after >= *until)
        return AUK_OK;
    return auk_fail(err, AUK_NOT_FOUND,
                    "shard %u: the journal begins at sequence number %lld, asked for %lld",
                    shard->id, (long long)from, (long long)after + 1);
}

typedef struct reading {
    auk_arena *arena;
    AUK_VECTOR(auk_change) changes;
    size_t bytes;
    int64_t position;
} reading;

/* The cursor's bytes end at its next step, so the value is copied. */
static auk_code read_call(reading *r, auk_span value, int64_t after, auk_error *err)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    bool end = false;
    auk_code code = auk_journal_reader_init(&reader, auk_arena_copy(r->arena, value), err);
    while (code == AUK_OK) {
        code = auk_journal_reader_next(&reader, &operation, &end, err);
        if (code != AUK_OK || end)
            break;
        if (operation.seq_no > r->position)
            r->position = operation.seq_no;
        if (operation.seq_no <= after)
            continue;
        auk_vector_push(&r->changes, (auk_change){.is_delete = operation.kind == AUK_JOURNAL_DELETE,
                                                  .id = operation.id,
                                                  .routing = operation.routing,
                                                  .source = operation.source,
                                                  .seq_no = operation.seq_no,
                                                  .version = operation.version});
    }
    r->bytes += value.size;
    return code;
}

static auk_code scan(const auk_shard *shard, int64_t after, int64_t until, size_t limit_bytes,
                     reading *r, auk_error *err)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_journal_key(shard->id, after + 1, from);
    auk_journal_key(shard->id, until + 1, to);
    auk_store_cursor *cursor =
        auk_store_scan(shard->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (code == AUK_OK && (r->bytes == 0 || r->bytes < limit_bytes) &&
           auk_store_cursor_next(cursor, &key, &value))
        code = read_call(r, value, after, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static void free_items(void *items)
{
    free(items);
}

auk_code auk_shard_read_changes(auk_shard *shard, int64_t after, int64_t until, size_t limit_bytes,
                                auk_arena *arena, auk_changes *out, auk_error *err)
{
    reading r = {.arena = arena, .position = after};
    *out = (auk_changes){.position = after};
    auk_code code = begin(shard, after, &until, err);
    if (code == AUK_OK && after < until)
        code = scan(shard, after, until, limit_bytes, &r, err);
    if (code != AUK_OK) {
        auk_vector_free(&r.changes);
        return code;
    }
    if (r.changes.items != NULL)
        auk_arena_defer(arena, free_items, r.changes.items);
    *out = (auk_changes){r.changes.items, r.changes.count, r.position};
    return AUK_OK;
}

/* ---- deletes ---- */

static uint32_t first_above(const auk_tombstones *table, int64_t after)
{
    uint32_t low = 0, high = table->entries.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->entries.items[middle].tombstone.seq_no <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void auk_shard_read_deletes(auk_shard *shard, int64_t after, int64_t until, uint32_t limit,
                            auk_arena *arena, auk_changes *out)
{
    *out = (auk_changes){.position = after};
    out->items = AUK_ARENA_ARRAY(arena, auk_change, limit);
    pthread_mutex_lock(&shard->lock);
    const auk_tombstones *table = &shard->tombstones;
    for (uint32_t i = first_above(table, after); i < table->entries.count && out->count < limit;
         i++) {
        const auk_tombstone *tombstone = &table->entries.items[i].tombstone;
        if (tombstone->seq_no > until)
            break;
        out->position = tombstone->seq_no;
        if (tombstone->id.data == NULL) /* superseded */
            continue;
        out->items[out->count++] = (auk_change){.is_delete = true,
                                                .id = auk_arena_copy(arena, tombstone->id),
                                                .seq_no = tombstone->seq_no,
                                                .version = tombstone->version};
    }
    pthread_mutex_unlock(&shard->lock);
}

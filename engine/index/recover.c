#include "flush.h"

#include "auk/fault_point.h"
#include "auk/log.h"

#include "journal_gaps.h"
#include "lease.h"

#define REPLAY_BYTES ((size_t)8 << 20) /* of journal inverted at a time */
#define GROUP_BYTES  ((size_t)256 << 10)

/* ---- manifest and segments ---- */

static auk_code load_live(auk_shard *shard, auk_entry *entry, auk_error *err)
{
    char key[AUK_LIVE_KEY_SIZE];
    auk_live_key(shard->id, auk_mapped_id(entry->mapped), key);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    bool found;
    auk_code code = auk_store_get(shard->store, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key),
                                  &bytes, &found, err);
    if (code == AUK_OK && found)
        code = auk_live_decode(auk_buffer_span(&bytes), entry->doc_count, &entry->current, err);
    auk_buffer_deinit(&bytes);
    auk_live_assign(&entry->published, entry->current);
    auk_live_assign(&entry->committed, entry->current);
    entry->is_published = true;
    return code;
}

static auk_code load_segment(auk_shard *shard, const auk_manifest_segment *named, auk_error *err)
{
    auk_mapped *mapped;
    auk_code code = auk_store_map(shard->store, named->location, &mapped, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "shard %u, segment %llu", shard->id,
                        (unsigned long long)named->id);
    auk_entry *entry = auk_entry_create(shard->next_ordinal++);
    code = auk_entry_open_file(entry, mapped, err);
    if (code == AUK_OK && entry->doc_count != named->doc_count)
        code = auk_fail(err, AUK_CORRUPT, "has %u documents, the manifest says %u",
                        entry->doc_count, named->doc_count);
    if (code == AUK_OK)
        code = load_live(shard, entry, err);
    if (code == AUK_OK) {
        auk_entry_list *old = shard->entries;
        shard->entries = auk_entry_list_change(old, NULL, 0, entry);
        auk_entry_list_release(old);
    }
    auk_entry_release(entry);
    if (code != AUK_OK)
        return auk_wrap(err, code, "shard %u, segment %llu", shard->id,
                        (unsigned long long)named->id);
    return AUK_OK;
}

static int by_seq_no(const void *a, const void *b)
{
    const auk_tombstone *x = a;
    const auk_tombstone *y = b;
    return (x->seq_no > y->seq_no) - (x->seq_no < y->seq_no);
}

static auk_code load_tombstones(auk_shard *shard, auk_error *err)
{
    AUK_VECTOR(auk_tombstone) all = {0};
    int64_t from = shard->checkpoint - shard->options.tombstone_retention;
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < shard->entries->count && code == AUK_OK; i++) {
        const auk_segment *segment = shard->entries->items[i].segment;
        for (uint32_t t = 0; t < auk_segment_tombstone_count(segment) && code == AUK_OK; t++) {
            auk_tombstone tombstone;
            code = auk_segment_tombstone(segment, t, &tombstone, err);
            if (code == AUK_OK && tombstone.seq_no >= from)
                auk_vector_push(&all, tombstone);
        }
    }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof *all.items, by_seq_no);
    for (uint32_t i = 0; i < all.count && code == AUK_OK; i++)
        auk_tombstones_add(&shard->tombstones, &all.items[i], auk_hash(all.items[i].id, 0));
    auk_vector_free(&all);
    return code;
}

auk_code auk_shard_load_manifest(auk_shard *shard, auk_error *err)
{
    char key[AUK_MANIFEST_KEY_SIZE];
    auk_manifest_key(shard->id, key);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_manifest manifest = {0};
    bool found;
    auk_code code = auk_store_get(shard->store, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key),
                                  &bytes, &found, err);
    if (code == AUK_OK && found)
        code = auk_manifest_read(auk_buffer_span(&bytes), &manifest, err);
    if (code == AUK_OK && found) {
        shard->primary_term = manifest.primary_term;
        shard->mapping_version = manifest.mapping_version;
        shard->checkpoint = manifest.checkpoint;
        shard->committed_max_seq_no = manifest.max_seq_no;
        shard->max_seq_no = manifest.max_seq_no;
        shard->published_seq_no = manifest.max_seq_no;
        shard->journal_from = manifest.checkpoint + 1;
        for (uint32_t i = 0; i < manifest.segments.count && code == AUK_OK; i++)
            code = load_segment(shard, &manifest.segments.items[i], err);
    }
    auk_manifest_deinit(&manifest);
    auk_buffer_deinit(&bytes);
    if (code == AUK_OK)
        code = auk_leases_load(shard, err);
    return code == AUK_OK ? load_tombstones(shard, err) : code;
}

/* ---- journal ---- */

typedef struct replayed {
    auk_journal_operation operation;
    int64_t primary_term, time_ms;
    uint64_t id_hash;
    auk_chunk *chunk; /* of an index operation, once inverted */
    uint32_t document;
    auk_prefetch prefetch;
} replayed;

typedef struct replay_group {
    uint32_t from, to; /* operations */
    size_t source_bytes;
    auk_chunk *chunk;
    auk_code code;
    auk_error error;
} replay_group;

typedef struct replay {
    auk_shard *shard;
    auk_arena *arena; /* the entries of one batch */
    auk_entry_list *entries;
    uint64_t mapping_version;
    auk_journal_gaps gaps;
    AUK_VECTOR(replayed) operations;
    AUK_VECTOR(replay_group) groups;
    size_t bytes;
} replay;

static void group_operation(replay *r, size_t source_bytes)
{
    replay_group *last = r->groups.count == 0 ? NULL : &r->groups.items[r->groups.count - 1];
    if (last == NULL || last->source_bytes + source_bytes > GROUP_BYTES) {
        /* NOLINTNEXTLINE: the push makes room first */
        auk_vector_push(&r->groups,
                        (replay_group){.from = r->operations.count, .to = r->operations.count});
        last = &r->groups.items[r->groups.count - 1];
    }
    last->source_bytes += source_bytes;
    last->to++;
}

static auk_code invert_one(replay *r, auk_inverter *inverter, replayed *one, auk_arena *arena,
                           auk_error *err)
{
    if (one->operation.kind == AUK_JOURNAL_INDEX) {
        auk_operation operation = {.kind = AUK_OPERATION_INDEX,
                                   .id = one->operation.id,
                                   .routing = one->operation.routing,
                                   .source = one->operation.source};
        auk_code code = auk_inverter_add(inverter, &operation, &one->document, err);
        if (code != AUK_OK)
            return auk_wrap(err, code, "journal entry of sequence number %lld",
                            (long long)one->operation.seq_no);
    }
    return auk_shard_prefetch(r->entries, one->operation.id, arena, &one->prefetch, err);
}

static void invert_group(void *context, size_t index)
{
    replay *r = context;
    replay_group *group = &r->groups.items[index];
    auk_inverter *inverter = auk_shard_borrow_inverter(r->shard);
    auk_arena *arena = auk_arena_create(4096);
    auk_inverter_begin(inverter, &r->shard->host, group->source_bytes, group->to - group->from);
    auk_inverter_accept(inverter);
    for (uint32_t i = group->from; i < group->to && group->code == AUK_OK; i++) {
        group->code = invert_one(r, inverter, &r->operations.items[i], arena, &group->error);
        if (auk_arena_size(arena) > 1 << 20)
            auk_arena_reset(arena);
    }
    size_t charged_bytes; /* nothing: what was accepted is */
    group->chunk = auk_inverter_take(inverter, &charged_bytes);
    auk_arena_destroy(arena);
    auk_shard_return_inverter(r->shard, inverter);
}

/* Under lock. Unconditional: the entry says what happened. arena: for the look-up only. */
static auk_code apply_replayed(replay *r, const replayed *one, const auk_chunk *chunk,
                               auk_arena *arena, auk_error *err)
{
    auk_shard *shard = r->shard;
    auk_located old;
    auk_code code =
        auk_shard_locate(shard, one->operation.id, one->id_hash, &one->prefetch, arena, &old, err);
    if (code != AUK_OK)
        return code;
    if (one->operation.kind == AUK_JOURNAL_INDEX) {
        auk_row row = {chunk, one->document, one->operation.seq_no, one->operation.version,
                       one->primary_term};
        auk_shard_apply_index(shard, &old, &row);
    } else {
        auk_tombstone tombstone = {one->operation.id, one->operation.seq_no, one->operation.version,
                                   one->primary_term, one->time_ms};
        auk_shard_apply_delete(shard, &old, &tombstone, one->id_hash);
    }
    return AUK_OK;
}

static auk_code apply_groups(replay *r, auk_error *err)
{
    auk_shard *shard = r->shard;
    auk_code code = AUK_OK;
    auk_arena *arena = auk_arena_create(4096);
    pthread_mutex_lock(&shard->lock);
    for (uint32_t g = 0; g < r->groups.count; g++) {
        replay_group *group = &r->groups.items[g];
        if (code == AUK_OK && group->code != AUK_OK) {
            code = group->code;
            if (err != NULL)
                *err = group->error;
        }
        if (code != AUK_OK) {
            auk_chunk_destroy(group->chunk);
            continue;
        }
        size_t before = shard->active->buffer->bytes;
        auk_write_buffer_take_chunk(shard->active->buffer, group->chunk);
        size_t bytes = shard->active->buffer->bytes - before;
        shard->active->memory_bytes += bytes;
        auk_shard_charge(shard, bytes);
        for (uint32_t i = group->from; i < group->to && code == AUK_OK; i++) {
            code = apply_replayed(r, &r->operations.items[i], group->chunk, arena, err);
            if (auk_arena_size(arena) > 1 << 20)
                auk_arena_reset(arena);
        }
    }
    shard->journal_bytes += r->bytes;
    if (r->mapping_version > shard->mapping_version)
        shard->mapping_version = r->mapping_version;
    pthread_mutex_unlock(&shard->lock);
    auk_arena_destroy(arena);
    return code;
}

static auk_code replay_batch(replay *r, auk_error *err)
{
    pthread_mutex_lock(&r->shard->lock);
    r->entries = auk_entry_list_acquire(r->shard->entries);
    pthread_mutex_unlock(&r->shard->lock);
    auk_pool_for(r->shard->background, r->groups.count, invert_group, r);
    auk_code code = apply_groups(r, err);
    auk_entry_list_release(r->entries);
    r->operations.count = 0;
    r->groups.count = 0;
    r->bytes = 0;
    auk_arena_reset(r->arena);
    if (code == AUK_OK)
        auk_shard_build_when_due(r->shard);
    return code;
}

/* The cursor's bytes end at its next step, so the value is copied for the batch. */
static auk_code read_entry(replay *r, auk_span value, auk_error *err)
{
    auk_journal_reader reader;
    auk_code code = auk_journal_reader_init(&reader, auk_arena_copy(r->arena, value), err);
    bool end = false;
    if (code == AUK_OK)
        auk_journal_gaps_note(&r->gaps, &reader.header);
    if (code == AUK_OK && reader.header.mapping_version > r->mapping_version)
        r->mapping_version = reader.header.mapping_version;
    while (code == AUK_OK) {
        replayed one = {.primary_term = reader.header.primary_term,
                        .time_ms = reader.header.time_ms};
        code = auk_journal_reader_next(&reader, &one.operation, &end, err);
        if (code != AUK_OK || end)
            break;
        if (one.operation.seq_no <= r->shard->checkpoint)
            continue;
        one.id_hash = auk_hash(one.operation.id, 0);
        group_operation(r, one.operation.source.size);
        auk_vector_push(&r->operations, one);
    }
    r->bytes += value.size;
    return code;
}

auk_code auk_shard_replay_journal(auk_shard *shard, auk_error *err)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_journal_key(shard->id, shard->checkpoint + 1, from);
    auk_journal_key(shard->id, INT64_MAX, to);
    replay r = {.shard = shard, .arena = auk_arena_create(64 << 10)};
    auk_code code = auk_journal_gaps_init(&r.gaps, shard->store, shard->id, shard->checkpoint, err);
    auk_span key, value;
    auk_store_cursor *cursor =
        auk_store_scan(shard->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        code = read_entry(&r, value, err);
        if (code == AUK_OK && r.bytes >= REPLAY_BYTES)
            code = replay_batch(&r, err);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    if (code == AUK_OK)
        code = auk_journal_gaps_check(&r.gaps, err);
    if (code == AUK_OK && r.operations.count != 0)
        code = replay_batch(&r, err);
    shard->has_gap = r.gaps.from >= 0;
    auk_vector_free(&r.operations);
    auk_vector_free(&r.groups);
    auk_arena_destroy(r.arena);
    return code;
}

/* ---- all ---- */

/*
 * Operations that were seen by readers but never reached the journal are gone, and their sequence
 * numbers will be given again. A higher term tells the new ones from those, for whoever writes with
 * if_seq_no. No sync: the log has it before the first operation that carries it.
 */
auk_code auk_shard_raise_term(auk_shard *shard, auk_error *err)
{
    auk_manifest manifest;
    pthread_mutex_lock(&shard->lock);
    bool is_new = shard->max_seq_no < 0;
    bool has_gap = shard->has_gap;
    int64_t next = shard->max_seq_no + 1;
    shard->primary_term += !is_new;
    auk_shard_describe(shard, NULL, 0, &manifest);
    pthread_mutex_unlock(&shard->lock);
    auk_code code = AUK_OK;
    if (!is_new) {
        auk_batch *batch = auk_batch_create();
        auk_shard_put_manifest(shard, &manifest, batch);
        if (has_gap)
            auk_journal_gaps_put(shard->id, next, batch);
        AUK_FAULT_POINT(TERM_WRITE_BEFORE);
        code = auk_store_write(shard->store, batch, false, err);
        AUK_FAULT_POINT(TERM_WRITE_AFTER);
        auk_batch_destroy(batch);
    }
    auk_manifest_deinit(&manifest);
    return code;
}

auk_code auk_shard_recover(auk_shard *shard, auk_error *err)
{
    auk_code code = auk_shard_load_manifest(shard, err);
    if (code == AUK_OK)
        code = auk_shard_replay_journal(shard, err);
    AUK_FAULT_POINT(RECOVER_REPLAY_AFTER);
    if (code == AUK_OK)
        code = auk_shard_raise_term(shard, err);
    if (code != AUK_OK)
        return code;
    bool changed;
    pthread_mutex_lock(&shard->refresh_lock);
    auk_shard_show_held(shard, &changed);
    if (!changed) {
        pthread_mutex_lock(&shard->lock);
        auk_shard_view *view = auk_shard_make_view(shard);
        pthread_mutex_unlock(&shard->lock);
        auk_shard_publish(shard, view);
    }
    pthread_mutex_unlock(&shard->refresh_lock);
    return AUK_OK;
}

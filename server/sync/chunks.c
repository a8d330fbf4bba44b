#include "chunks.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "auk/fault_point.h"
#include "auk/varint.h"
#include "row_key.h"

#define VERSION      1
#define STATE_BEGUN  0
#define STATE_WHOLE  1
#define IN_LIST_MOST 10000000

typedef enum attempt_state { BEGUN, WHOLE, ABANDONED } attempt_state;

typedef struct attempt {
    uint64_t serial;
    uint32_t table;
    uint64_t number;
    auk_lsn high;
    auk_pg_snapshot snapshot; /* in_progress on the heap */
    attempt_state state;
} attempt;

struct auk_chunks {
    auk_store *store;
    uint64_t source, last;
    pthread_mutex_t lock;
    attempt *items; /* ascending by serial */
    size_t count, capacity;
    auk_lsn high_most; /* of all there ever were */
    uint32_t restarts; /* records of AUK_CHUNK_RESTART */
};

/* ---- bytes ---- */

static void key_of(const auk_chunks *chunks, uint64_t serial, auk_buffer *key)
{
    auk_key_begin(key, chunks->source, AUK_KEY_CHUNK);
    auk_key_append_serial(key, serial);
}

static void encode(const attempt *at, uint8_t state, auk_buffer *out)
{
    uint64_t before = 0;
    auk_buffer_append_byte(out, VERSION);
    auk_buffer_append_byte(out, (char)state);
    auk_buffer_append_varint(out, at->table);
    auk_buffer_append_varint(out, at->number);
    auk_buffer_append_varint(out, at->high);
    auk_buffer_append_varint(out, at->snapshot.xmin);
    auk_buffer_append_varint(out, at->snapshot.xmax);
    auk_buffer_append_varint(out, at->snapshot.count);
    for (uint32_t i = 0; i < at->snapshot.count; i++) {
        auk_buffer_append_varint(out, at->snapshot.in_progress[i] - before);
        before = at->snapshot.in_progress[i];
    }
}

static auk_code decode(auk_span bytes, attempt *out, auk_error *err)
{
    auk_reader in = auk_reader_of(bytes);
    uint8_t version = auk_reader_u8(&in), state = auk_reader_u8(&in);
    uint64_t table = auk_reader_varint(&in);
    out->number = auk_reader_varint(&in);
    out->high = auk_reader_varint(&in);
    out->snapshot.xmin = auk_reader_varint(&in);
    out->snapshot.xmax = auk_reader_varint(&in);
    uint64_t count = auk_reader_varint(&in);
    if (in.failed || version != VERSION || state > STATE_WHOLE || table > UINT32_MAX ||
        count > auk_reader_left(&in))
        return auk_fail(err, AUK_CORRUPT, "a stored chunk has a wrong head");
    out->table = (uint32_t)table;
    out->state = state == STATE_WHOLE ? WHOLE : ABANDONED; /* begun in another life */
    uint64_t *list = (uint64_t *)malloc((size_t)(count + 1) * sizeof *list), before = 0;
    for (uint64_t i = 0; i < count; i++)
        list[i] = before += auk_reader_varint(&in);
    out->snapshot.in_progress = list;
    out->snapshot.count = (uint32_t)count;
    if (in.failed || auk_reader_left(&in) != 0) {
        free(list);
        return auk_fail(err, AUK_CORRUPT, "a stored chunk's snapshot is damaged");
    }
    return AUK_OK;
}

/* ---- the list ---- */

static void forget_snapshot(attempt *at)
{
    free((void *)(uintptr_t)at->snapshot.in_progress);
    at->snapshot.in_progress = NULL;
    at->snapshot.count = 0;
}

static attempt *append(auk_chunks *chunks)
{
    if (chunks->count == chunks->capacity) {
        chunks->capacity = chunks->capacity ? chunks->capacity * 2 : 16;
        chunks->items = (attempt *)realloc(chunks->items, chunks->capacity * sizeof *chunks->items);
        if (!chunks->items)
            abort();
    }
    attempt *made = &chunks->items[chunks->count++];
    *made = (attempt){0};
    return made;
}

static attempt *find(auk_chunks *chunks, uint64_t serial)
{
    size_t low = 0, high = chunks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (chunks->items[middle].serial < serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low < chunks->count && chunks->items[low].serial == serial ? &chunks->items[low] : NULL;
}

static auk_code load(auk_chunks *chunks, auk_error *err)
{
    auk_buffer from, to;
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_buffer_init(&from, 64);
    auk_buffer_init(&to, 64);
    auk_key_begin(&from, chunks->source, AUK_KEY_CHUNK);
    auk_key_begin(&to, chunks->source, AUK_KEY_CHUNK + 1);
    auk_store_cursor *cursor = auk_store_scan(chunks->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&from), auk_buffer_span(&to));
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        attempt read = {0};
        if (key.size != AUK_KEY_HEAD_SIZE + 8)
            code = auk_fail(err, AUK_CORRUPT, "a stored chunk has a wrong key");
        else
            code = decode(value, &read, err);
        if (code != AUK_OK)
            break;
        chunks->last = read.serial = auk_load_be64(key.data + AUK_KEY_HEAD_SIZE);
        *append(chunks) = read;
        chunks->restarts += read.number == AUK_CHUNK_RESTART;
        if (read.high > chunks->high_most)
            chunks->high_most = read.high;
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
    return code;
}

auk_code auk_chunks_open(auk_store *store, uint64_t source, auk_lsn applied, auk_chunks **out,
                         auk_error *err)
{
    auk_chunks *chunks = (auk_chunks *)calloc(1, sizeof *chunks);
    if (!chunks)
        abort();
    chunks->store = store;
    chunks->source = source;
    pthread_mutex_init(&chunks->lock, NULL);
    auk_code code = load(chunks, err);
    if (code != AUK_OK) {
        auk_chunks_close(chunks);
        return code;
    }
    auk_chunks_pass(chunks, applied);
    *out = chunks;
    return AUK_OK;
}

void auk_chunks_close(auk_chunks *chunks)
{
    if (!chunks)
        return;
    for (size_t i = 0; i < chunks->count; i++)
        forget_snapshot(&chunks->items[i]);
    free(chunks->items);
    pthread_mutex_destroy(&chunks->lock);
    free(chunks);
}

/* ---- the life of an attempt ---- */

static void put(auk_chunks *chunks, const attempt *at, uint8_t state, auk_batch *batch)
{
    auk_buffer key, value;
    auk_buffer_init(&key, 64);
    auk_buffer_init(&value, (size_t)IN_LIST_MOST * 10);
    key_of(chunks, at->serial, &key);
    encode(at, state, &value);
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&value));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
}

auk_code auk_chunks_begin(auk_chunks *chunks, const auk_chunk *chunk, uint64_t *serial,
                          auk_error *err)
{
    size_t bytes = chunk->snapshot.count * sizeof(uint64_t);
    uint64_t *list = (uint64_t *)malloc(bytes + 1);
    if (!list)
        abort();
    if (bytes > 0)
        memcpy(list, chunk->snapshot.in_progress, bytes);
    pthread_mutex_lock(&chunks->lock);
    attempt *at = append(chunks);
    *at = (attempt){.serial = ++chunks->last,
                    .table = chunk->table,
                    .number = chunk->number,
                    .high = chunk->high,
                    .snapshot = chunk->snapshot,
                    .state = BEGUN};
    at->snapshot.in_progress = list;
    if (chunk->high > chunks->high_most)
        chunks->high_most = chunk->high;
    *serial = at->serial;
    auk_batch *batch = auk_batch_create();
    put(chunks, at, STATE_BEGUN, batch);
    pthread_mutex_unlock(&chunks->lock);
    auk_code code = auk_store_write(chunks->store, batch, false, err);
    auk_batch_destroy(batch);
    if (code != AUK_OK)
        auk_chunks_abandon(chunks, *serial);
    return code;
}

void auk_chunks_describe(auk_chunks *chunks, uint64_t serial, auk_batch *batch)
{
    pthread_mutex_lock(&chunks->lock);
    put(chunks, find(chunks, serial), STATE_WHOLE, batch);
    pthread_mutex_unlock(&chunks->lock);
}

static void set_state(auk_chunks *chunks, uint64_t serial, attempt_state state)
{
    pthread_mutex_lock(&chunks->lock);
    find(chunks, serial)->state = state;
    pthread_mutex_unlock(&chunks->lock);
}

void auk_chunks_finish(auk_chunks *chunks, uint64_t serial)
{
    set_state(chunks, serial, WHOLE);
}

void auk_chunks_abandon(auk_chunks *chunks, uint64_t serial)
{
    set_state(chunks, serial, ABANDONED);
}

/* ---- questions ---- */

bool auk_chunks_is_whole(auk_chunks *chunks, uint32_t table, uint64_t number)
{
    bool whole = false;
    pthread_mutex_lock(&chunks->lock);
    for (size_t i = 0; i < chunks->count && !whole; i++) {
        const attempt *at = &chunks->items[i];
        whole = at->table == table && at->number == number && at->state == WHOLE;
    }
    pthread_mutex_unlock(&chunks->lock);
    return whole;
}

auk_lsn auk_chunks_high(auk_chunks *chunks)
{
    pthread_mutex_lock(&chunks->lock);
    auk_lsn high = chunks->high_most;
    pthread_mutex_unlock(&chunks->lock);
    return high;
}

bool auk_chunks_has_stale(auk_chunks *chunks, uint32_t table)
{
    bool has = false;
    pthread_mutex_lock(&chunks->lock);
    for (size_t i = 0; i < chunks->count && !has; i++)
        has = chunks->items[i].table == table &&
              (chunks->items[i].state == ABANDONED || chunks->items[i].number == AUK_CHUNK_RESTART);
    pthread_mutex_unlock(&chunks->lock);
    return has;
}

auk_chunk_answer auk_chunks_ask(auk_chunks *chunks, uint64_t serial, uint32_t xid,
                                auk_lsn commit_lsn)
{
    auk_chunk_answer answer = AUK_CHUNK_PRECEDES;
    pthread_mutex_lock(&chunks->lock);
    const attempt *at = find(chunks, serial);
    if (!at || at->state == ABANDONED)
        answer = AUK_CHUNK_ABANDONED;
    else if (commit_lsn < at->high && at->snapshot.in_progress &&
             auk_pg_snapshot_sees(&at->snapshot, xid))
        answer = AUK_CHUNK_SEES;
    pthread_mutex_unlock(&chunks->lock);
    return answer;
}

void auk_chunks_pass(auk_chunks *chunks, auk_lsn applied)
{
    pthread_mutex_lock(&chunks->lock);
    for (size_t i = 0; i < chunks->count; i++)
        if (chunks->items[i].state == WHOLE && chunks->items[i].high <= applied)
            forget_snapshot(&chunks->items[i]);
    pthread_mutex_unlock(&chunks->lock);
}

auk_code auk_chunks_restart(auk_chunks *chunks, uint32_t table, auk_lsn applied, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    pthread_mutex_lock(&chunks->lock);
    for (size_t i = 0; i < chunks->count; i++) {
        if (chunks->items[i].table != table || chunks->items[i].state != WHOLE)
            continue;
        chunks->restarts -= chunks->items[i].number == AUK_CHUNK_RESTART;
        chunks->items[i].state = ABANDONED;
        put(chunks, &chunks->items[i], STATE_BEGUN, batch);
    }
    attempt *at = append(chunks);
    *at = (attempt){.serial = ++chunks->last,
                    .table = table,
                    .number = AUK_CHUNK_RESTART,
                    .high = applied,
                    .state = WHOLE};
    chunks->restarts++;
    put(chunks, at, STATE_WHOLE, batch);
    pthread_mutex_unlock(&chunks->lock);
    auk_code code = auk_store_write(chunks->store, batch, true, err);
    auk_batch_destroy(batch);
    return code;
}

bool auk_chunks_is_stale(auk_chunks *chunks, uint32_t table, bool is_chunk, uint64_t number)
{
    bool stale = false;
    pthread_mutex_lock(&chunks->lock);
    if (is_chunk) {
        const attempt *at = find(chunks, number);
        stale = !at || at->state == ABANDONED;
    } else if (chunks->restarts > 0) {
        for (size_t i = 0; i < chunks->count && !stale; i++) {
            const attempt *at = &chunks->items[i];
            stale = at->table == table && at->number == AUK_CHUNK_RESTART && at->state == WHOLE &&
                    number <= at->high;
        }
    }
    pthread_mutex_unlock(&chunks->lock);
    return stale;
}

void auk_chunks_purge(auk_chunks *chunks, uint32_t table, auk_batch *batch)
{
    auk_buffer key;
    size_t kept = 0;
    auk_buffer_init(&key, 64);
    pthread_mutex_lock(&chunks->lock);
    for (size_t i = 0; i < chunks->count; i++) {
        attempt *at = &chunks->items[i];
        bool restart = at->number == AUK_CHUNK_RESTART;
        if (at->table != table || (at->state != ABANDONED && !restart)) {
            chunks->items[kept++] = *at;
            continue;
        }
        chunks->restarts -= restart && at->state == WHOLE;
        key_of(chunks, at->serial, &key);
        auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
        forget_snapshot(at);
    }
    chunks->count = kept;
    pthread_mutex_unlock(&chunks->lock);
    auk_buffer_deinit(&key);
}

#include "lease.h"

#include "auk/change.h"
#include "auk/fault_point.h"
#include "auk/varint.h"

#include "journal.h"

#define KEY_SIZE_MOST (5 + AUK_LEASE_NAME_SIZE)

static auk_span key_of(const auk_shard *shard, auk_span name, char key[KEY_SIZE_MOST])
{
    auk_store_be32(key, shard->id);
    key[4] = 'r';
    memcpy(key + 5, name.data, name.size);
    return auk_span_make(key, 5 + name.size);
}

static auk_lease *find(auk_shard *shard, auk_span name)
{
    for (uint32_t i = 0; i < shard->leases.count; i++) {
        auk_lease *lease = &shard->leases.items[i];
        if (auk_span_equal(auk_span_make(lease->name, lease->name_size), name))
            return lease;
    }
    return NULL;
}

static void remember(auk_shard *shard, auk_span name, int64_t seq_no)
{
    auk_lease lease = {.name_size = name.size, .seq_no = seq_no};
    memcpy(lease.name, name.data, name.size);
    auk_vector_push(&shard->leases, lease);
}

int64_t auk_leases_least(const auk_shard *shard)
{
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < shard->leases.count; i++)
        if (shard->leases.items[i].seq_no < least)
            least = shard->leases.items[i].seq_no;
    return least;
}

/* ---- durable ---- */

static auk_code write_lease(auk_shard *shard, auk_span name, const int64_t *seq_no, auk_error *err)
{
    char key[KEY_SIZE_MOST];
    auk_buffer value;
    auk_buffer_init(&value, 16);
    auk_batch *batch = auk_batch_create();
    if (seq_no != NULL) {
        auk_buffer_append_varint(&value, auk_zigzag(*seq_no));
        auk_batch_put(batch, AUK_FAMILY_COMMIT, key_of(shard, name, key), auk_buffer_span(&value));
    } else {
        auk_batch_delete(batch, AUK_FAMILY_COMMIT, key_of(shard, name, key));
    }
    AUK_FAULT_POINT(LEASE_WRITE_BEFORE);
    auk_code code = auk_store_write(shard->store, batch, false, err);
    AUK_FAULT_POINT(LEASE_WRITE_AFTER);
    auk_batch_destroy(batch);
    auk_buffer_deinit(&value);
    return code;
}

static auk_code load_lease(auk_shard *shard, auk_span key, auk_span value, auk_error *err)
{
    auk_reader in = auk_reader_of(value);
    int64_t seq_no = auk_unzigzag(auk_reader_varint(&in));
    if (in.failed || key.size <= 5 || key.size > KEY_SIZE_MOST)
        return auk_fail(err, AUK_CORRUPT, "shard %u: a retention lease is damaged", shard->id);
    remember(shard, auk_span_from(key, 5), seq_no);
    return AUK_OK;
}

/* What a lease kept that is gone now is still there, until the next flush. */
static auk_code find_journal_start(auk_shard *shard, auk_error *err)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_journal_key(shard->id, 0, from);
    auk_journal_key(shard->id, shard->checkpoint + 1, to);
    auk_store_cursor *cursor =
        auk_store_scan(shard->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    if (auk_store_cursor_next(cursor, &key, &value) && key.size == AUK_JOURNAL_KEY_SIZE)
        shard->journal_from = (int64_t)auk_load_be64(key.data + 4);
    auk_code code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

auk_code auk_leases_load(auk_shard *shard, auk_error *err)
{
    char from[5], to[5];
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_store_be32(from, shard->id);
    from[4] = 'r';
    memcpy(to, from, 4);
    to[4] = 'r' + 1;
    shard->leases.count = 0;
    auk_store_cursor *cursor =
        auk_store_scan(shard->store, AUK_FAMILY_COMMIT, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value))
        code = load_lease(shard, key, value, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code == AUK_OK ? find_journal_start(shard, err) : code;
}

/* ---- calls ---- */

auk_code auk_lease_open(auk_shard *shard, auk_span name, int64_t *seq_no, auk_error *err)
{
    auk_code code = AUK_OK;
    if (name.size == 0 || name.size > AUK_LEASE_NAME_SIZE)
        return auk_fail(err, AUK_INVALID, "a lease's name has 1 to %d bytes", AUK_LEASE_NAME_SIZE);
    pthread_mutex_lock(&shard->flush_lock); /* a flush has its mind made up about the journal */
    pthread_mutex_lock(&shard->lock);
    const auk_lease *lease = find(shard, name);
    *seq_no = lease != NULL ? lease->seq_no : shard->checkpoint;
    pthread_mutex_unlock(&shard->lock);
    if (lease == NULL)
        code = write_lease(shard, name, seq_no, err);
    pthread_mutex_lock(&shard->lock);
    if (lease == NULL && code == AUK_OK)
        remember(shard, name, *seq_no);
    pthread_mutex_unlock(&shard->lock);
    pthread_mutex_unlock(&shard->flush_lock);
    return code;
}

auk_code auk_lease_advance(auk_shard *shard, auk_span name, int64_t seq_no, auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    auk_lease *lease = find(shard, name);
    bool known = lease != NULL, onwards = known && seq_no > lease->seq_no;
    pthread_mutex_unlock(&shard->lock);
    if (!known)
        return auk_fail(err, AUK_NOT_FOUND, "no lease [%.*s]", AUK_SPAN_ARG(name));
    auk_code code = onwards ? write_lease(shard, name, &seq_no, err) : AUK_OK;
    if (!onwards || code != AUK_OK)
        return code;
    pthread_mutex_lock(&shard->lock);
    lease = find(shard, name);
    if (lease != NULL)
        lease->seq_no = seq_no;
    pthread_mutex_unlock(&shard->lock);
    return AUK_OK;
}

auk_code auk_lease_close(auk_shard *shard, auk_span name, auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    auk_lease *lease = find(shard, name);
    if (lease != NULL)
        *lease = shard->leases.items[--shard->leases.count];
    pthread_mutex_unlock(&shard->lock);
    if (lease == NULL)
        return AUK_OK;
    auk_code code = write_lease(shard, name, NULL, err);
    auk_shard_request_flush(shard); /* what it kept can go */
    return code;
}

void auk_lease_list(auk_shard *shard, auk_buffer *names)
{
    pthread_mutex_lock(&shard->lock);
    for (uint32_t i = 0; i < shard->leases.count; i++) {
        const auk_lease *lease = &shard->leases.items[i];
        auk_buffer_append(names, auk_span_make(lease->name, lease->name_size));
        auk_buffer_append_byte(names, '\0');
    }
    pthread_mutex_unlock(&shard->lock);
}

/* A committed transaction, read change by change from the spool. See stream.h. */
#include <stdlib.h>

#include "stream_private.h"

/* Under the stream's lock. A whole one holds its place in the chain of all, which lets go of what
 * is before its end; a streamed one owns its chain. */
auk_transaction *auk_transaction_create(auk_stream *stream, const auk_commit_entry *entry)
{
    auk_transaction *transaction = (auk_transaction *)calloc(1, sizeof *transaction);
    if (!transaction)
        abort();
    transaction->stream = stream;
    transaction->entry = *entry;
    auk_spool_reader_init(&transaction->reader, stream->spool);
    auk_spool_reader_seek(&transaction->reader, entry->from, entry->end);
    if (entry->from.block && !entry->streamed) {
        auk_spool_hold(stream->spool, entry->from);
        transaction->is_held = true;
        auk_spool_trim(stream->spool, &stream->changes, entry->end);
    }
    stream->outstanding++;
    return transaction;
}

const auk_transaction_info *auk_transaction_read_info(const auk_transaction *transaction)
{
    return &transaction->entry.info;
}

static bool is_aborted(const auk_streamed *streamed, uint32_t xid)
{
    uint32_t low = 0, high = streamed ? streamed->aborted_count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (streamed->aborted[middle] == xid)
            return true;
        if (streamed->aborted[middle] < xid)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void reserve_datums(auk_transaction *transaction, uint32_t count)
{
    if (count <= transaction->datum_capacity)
        return;
    free(transaction->datums);
    transaction->datums = (auk_datum *)calloc(count, sizeof(auk_datum));
    if (!transaction->datums)
        abort();
    transaction->datum_capacity = count;
}

static auk_code decode(auk_transaction *transaction, const auk_spool_frame *frame,
                       auk_row_change *out, auk_error *err)
{
    *out = (auk_row_change){.xid = frame->transaction};
    if (frame->kind == 'M')
        return auk_pgoutput_read_message(frame->bytes, out, err);
    const auk_relation *relation =
        auk_relation_map_at(transaction->stream->relations, frame->relation);
    if (frame->kind == 'T') {
        out->kind = AUK_ROW_TRUNCATE;
        out->relation = relation;
        return AUK_OK;
    }
    reserve_datums(transaction, 2 * relation->column_count);
    return auk_pgoutput_read_change(frame->kind, frame->bytes, relation, transaction->datums, out,
                                    err);
}

auk_code auk_transaction_next(auk_transaction *transaction, auk_row_change *out, bool *end,
                              auk_error *err)
{
    for (;;) {
        auk_spool_frame frame;
        auk_code code = auk_spool_read(&transaction->reader, &frame, end, err);
        if (code != AUK_OK || *end)
            return code;
        if (!is_aborted(transaction->entry.streamed, frame.transaction))
            return decode(transaction, &frame, out, err);
    }
}

auk_code auk_transaction_rewind(auk_transaction *transaction, auk_error *err)
{
    (void)err;
    auk_spool_reader_seek(&transaction->reader, transaction->entry.from, transaction->entry.end);
    return AUK_OK;
}

static void forget_streamed(auk_stream *stream, auk_streamed *gone)
{
    for (auk_streamed **at = &stream->committed; *at; at = &(*at)->next)
        if (*at == gone) {
            *at = gone->next;
            return;
        }
}

void auk_transaction_release(auk_transaction *transaction)
{
    if (!transaction)
        return;
    auk_stream *stream = transaction->stream;
    auk_streamed *streamed = transaction->entry.streamed;
    auk_spool_reader_deinit(&transaction->reader);
    if (transaction->is_held)
        auk_spool_release(stream->spool, transaction->entry.from);
    pthread_mutex_lock(&stream->lock);
    stream->outstanding--;
    if (streamed)
        forget_streamed(stream, streamed);
    pthread_mutex_unlock(&stream->lock);
    if (streamed)
        auk_streamed_destroy(stream, streamed);
    free(transaction->datums);
    free(transaction);
}

/* One message of pgoutput into the spool: changes to their chain, commits to the queue. */
#include <stdlib.h>

#include "auk/clock.h"
#include "stream_private.h"
#include "wire.h"

/* ---- transactions under way ---- */

static auk_streamed *find_streamed(auk_stream *stream, uint32_t xid)
{
    auk_streamed *one = stream->under_way;
    while (one && one->xid != xid)
        one = one->next;
    return one;
}

/* Where a transaction began, and that it ended; end 0: it is none. */
static uint64_t enter_log(auk_stream *stream)
{
    if (!stream->log)
        return 0;
    auk_spool_log_enter(stream->log, auk_spool_log_file(stream->log));
    return auk_spool_log_file(stream->log);
}

static void leave_log(auk_stream *stream, uint64_t file, auk_lsn end)
{
    if (stream->log && file != 0)
        auk_spool_log_leave(stream->log, file, end);
}

static auk_streamed *open_streamed(auk_stream *stream, uint32_t xid)
{
    auk_streamed *one = find_streamed(stream, xid);
    if (one)
        return one;
    one = (auk_streamed *)calloc(1, sizeof *one);
    if (!one)
        abort();
    one->xid = xid;
    one->file = enter_log(stream);
    one->next = stream->under_way;
    stream->under_way = one;
    atomic_fetch_add(&stream->open_streamed, 1);
    return one;
}

static void unlink_streamed(auk_stream *stream, auk_streamed *gone)
{
    for (auk_streamed **at = &stream->under_way; *at; at = &(*at)->next)
        if (*at == gone) {
            *at = gone->next;
            atomic_fetch_sub(&stream->open_streamed, 1);
            return;
        }
}

void auk_streamed_destroy(auk_stream *stream, auk_streamed *streamed)
{
    auk_spool_drop(stream->spool, &streamed->chain);
    auk_relation_overlay_deinit(&streamed->relations);
    free(streamed->aborted);
    free(streamed);
}

void auk_stream_forget_under_way(auk_stream *stream)
{
    while (stream->under_way) {
        auk_streamed *next = stream->under_way->next;
        leave_log(stream, stream->under_way->file, 0);
        auk_streamed_destroy(stream, stream->under_way);
        stream->under_way = next;
    }
    if (stream->in_whole)
        leave_log(stream, stream->whole_file, 0);
    stream->in_whole = false;
    stream->streaming = NULL;
    atomic_store(&stream->open_streamed, 0);
}

static void add_aborted(auk_streamed *streamed, uint32_t xid)
{
    if (streamed->aborted_count == streamed->aborted_capacity) {
        streamed->aborted_capacity =
            streamed->aborted_capacity ? 2 * streamed->aborted_capacity : 8;
        streamed->aborted =
            (uint32_t *)realloc(streamed->aborted, streamed->aborted_capacity * sizeof(uint32_t));
        if (!streamed->aborted)
            abort();
    }
    streamed->aborted[streamed->aborted_count++] = xid;
}

static int compare_xids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* ---- the queue ---- */

void auk_stream_tell(auk_stream *stream)
{
    if (!stream->has_arrived)
        return;
    stream->has_arrived = false;
    pthread_mutex_lock(&stream->lock);
    pthread_cond_signal(&stream->arrived);
    pthread_mutex_unlock(&stream->lock);
}

/* Under the lock. The entry's bytes go through a chain as well, so that a long queue of small
 * transactions takes no more memory than a large one. */
static auk_code enqueue(auk_stream *stream, const auk_commit_entry *entry, auk_error *err)
{
    const auk_spool_frame frame = {.kind = 'c', .bytes = auk_span_make(entry, sizeof *entry)};
    auk_code code = auk_spool_append(stream->spool, &stream->commits, &frame, err);
    if (code == AUK_OK)
        stream->published = auk_spool_tail(stream->spool, &stream->commits);
    return code;
}

static auk_code commit(auk_stream *stream, auk_commit_entry *entry, auk_error *err)
{
    entry->info.received_us = (int64_t)auk_clock_monotonic_us();
    pthread_mutex_lock(&stream->lock);
    auk_code code = AUK_OK;
    if (stream->idle) /* it has something behind it now */
        code = enqueue(stream, stream->idle, err);
    stream->idle = NULL;
    if (code == AUK_OK)
        code = enqueue(stream, entry, err);
    if (code == AUK_OK) {
        if (entry->streamed) {
            entry->streamed->next = stream->committed;
            stream->committed = entry->streamed;
        }
        stream->transactions += entry->info.xid != 0;
        if (entry->info.bytes > stream->largest_bytes)
            stream->largest_bytes = entry->info.bytes;
        stream->last_end = entry->info.end_lsn;
        stream->has_arrived = true;
    }
    pthread_mutex_unlock(&stream->lock);
    return code;
}

auk_code auk_stream_take_keepalive(auk_stream *stream, auk_lsn lsn, auk_error *err)
{
    (void)err;
    if (stream->in_whole) /* it is of a place before this transaction's end */
        return AUK_OK;
    pthread_mutex_lock(&stream->lock);
    if (lsn > stream->last_end && lsn > stream->start) {
        stream->last_end = lsn;
        stream->idle_entry = (auk_commit_entry){
            .info = {.end_lsn = lsn, .received_us = (int64_t)auk_clock_monotonic_us()}};
        stream->idle = &stream->idle_entry;
        stream->has_arrived = true;
    }
    pthread_mutex_unlock(&stream->lock);
    return AUK_OK;
}

/* ---- changes ---- */

static auk_code append(auk_stream *stream, const auk_spool_frame *frame, auk_error *err)
{
    auk_streamed *streamed = stream->streaming;
    uint64_t *count = streamed ? &streamed->change_count : &stream->whole.info.change_count;
    uint64_t *bytes = streamed ? &streamed->bytes : &stream->whole.info.bytes;
    ++*count;
    *bytes += frame->bytes.size;
    return auk_spool_append(stream->spool, streamed ? &streamed->chain : &stream->changes, frame,
                            err);
}

static uint32_t xid_of(const auk_stream *stream, const auk_pgoutput_head *head)
{
    return stream->streaming ? head->xid : stream->whole.info.xid;
}

static const auk_relation_overlay *overlay_of(const auk_stream *stream)
{
    return stream->streaming ? &stream->streaming->relations : NULL;
}

static auk_code take_change(auk_stream *stream, const auk_pgoutput_head *head, auk_error *err)
{
    auk_spool_frame frame = {.transaction = xid_of(stream, head),
                             .kind = head->kind,
                             .bytes = head->body};
    auk_code code = auk_relation_map_find(stream->relations, overlay_of(stream), head->relation,
                                          &frame.relation, err);
    return code == AUK_OK ? append(stream, &frame, err) : code;
}

static auk_code take_truncate(auk_stream *stream, const auk_pgoutput_head *head, auk_error *err)
{
    auk_span relations;
    auk_code code = auk_pgoutput_read_truncate(head->body, &relations, err);
    if (code != AUK_OK)
        return code;
    auk_reader in = auk_reader_of(relations);
    while (code == AUK_OK && auk_reader_left(&in) > 0) {
        auk_spool_frame frame = {.transaction = xid_of(stream, head), .kind = 'T'};
        code = auk_relation_map_find(stream->relations, overlay_of(stream), auk_wire_u32(&in),
                                     &frame.relation, err);
        if (code == AUK_OK)
            code = append(stream, &frame, err);
    }
    return code;
}

/* One outside of transactions is a transaction of its own; its LSN is where it stands, so that what
 * was committed before it has been sent. */
static auk_code take_message(auk_stream *stream, const auk_pgoutput_head *head, auk_error *err)
{
    auk_spool_frame frame = {.transaction = xid_of(stream, head), .kind = 'M', .bytes = head->body};
    auk_row_change checked = {0};
    auk_code code = auk_pgoutput_read_message(head->body, &checked, err);
    if (code != AUK_OK || stream->streaming || stream->in_whole)
        return code == AUK_OK ? append(stream, &frame, err) : code;
    if (head->lsn <= stream->start)
        return AUK_OK;
    stream->whole = (auk_commit_entry){.info = {.commit_lsn = head->lsn, .end_lsn = head->lsn}};
    stream->whole.from = auk_spool_tail(stream->spool, &stream->changes);
    frame.transaction = 0;
    code = append(stream, &frame, err);
    stream->whole.end = auk_spool_tail(stream->spool, &stream->changes);
    return code == AUK_OK ? commit(stream, &stream->whole, err) : code;
}

/* ---- the ends of transactions ---- */

/* Nobody holds a change any more: descriptions that are not the last of their table may go. */
static void tidy_relations(auk_stream *stream)
{
    if (!auk_relation_map_is_untidy(stream->relations))
        return;
    pthread_mutex_lock(&stream->lock);
    bool empty = stream->outstanding == 0 && !stream->committed && !stream->under_way &&
                 stream->entries.at.block == stream->published.block &&
                 stream->entries.at.offset == stream->published.offset;
    if (empty)
        auk_relation_map_tidy(stream->relations);
    pthread_mutex_unlock(&stream->lock);
}

static auk_code take_begin(auk_stream *stream, const auk_pgoutput_head *head)
{
    stream->in_whole = true;
    stream->whole_file = enter_log(stream);
    tidy_relations(stream);
    stream->whole = (auk_commit_entry){.info = {.xid = head->xid}};
    stream->whole.from = auk_spool_tail(stream->spool, &stream->changes);
    return AUK_OK;
}

static void set_commit(auk_transaction_info *info, const auk_pgoutput_head *head)
{
    info->commit_lsn = head->lsn;
    info->end_lsn = head->end_lsn;
    info->commit_us = head->time_us;
}

static auk_code take_commit(auk_stream *stream, const auk_pgoutput_head *head, auk_error *err)
{
    stream->in_whole = false;
    leave_log(stream, stream->whole_file, head->end_lsn);
    set_commit(&stream->whole.info, head);
    if (head->end_lsn <= stream->start) /* applied already */
        return AUK_OK;
    stream->whole.end = auk_spool_tail(stream->spool, &stream->changes);
    return commit(stream, &stream->whole, err);
}

static auk_code take_stream_commit(auk_stream *stream, const auk_pgoutput_head *head,
                                   auk_error *err)
{
    auk_streamed *one = open_streamed(stream, head->xid); /* it may have sent nothing */
    unlink_streamed(stream, one);
    leave_log(stream, one->file, head->end_lsn);
    auk_relation_map_merge(stream->relations, &one->relations);
    if (head->end_lsn <= stream->start) {
        auk_streamed_destroy(stream, one);
        return AUK_OK;
    }
    if (one->aborted_count > 0)
        qsort(one->aborted, one->aborted_count, sizeof *one->aborted, compare_xids);
    auk_commit_entry entry = {.info = {.xid = one->xid,
                                       .change_count = one->change_count,
                                       .bytes = one->bytes},
                              .streamed = one};
    set_commit(&entry.info, head);
    entry.end = auk_spool_tail(stream->spool, &one->chain);
    entry.from = (auk_spool_place){one->chain.head, 0};
    auk_code code = commit(stream, &entry, err);
    if (code != AUK_OK)
        auk_streamed_destroy(stream, one);
    return code;
}

static void take_stream_abort(auk_stream *stream, const auk_pgoutput_head *head)
{
    auk_streamed *one = find_streamed(stream, head->xid);
    if (one && head->subxid != head->xid)
        add_aborted(one, head->subxid);
    else if (one) {
        unlink_streamed(stream, one);
        leave_log(stream, one->file, 0);
        auk_streamed_destroy(stream, one);
    }
}

static auk_code out_of_place(auk_error *err, char kind)
{
    return auk_fail(err, AUK_CORRUPT, "message '%c' of the replication stream is out of place",
                    kind);
}

/* Is the message where it may stand? S E c A B C say where a transaction's changes are. */
static bool is_in_place(const auk_stream *stream, char kind)
{
    switch (kind) {
    case 'B':
    case 'S':
    case 'c':
    case 'A':
        return !stream->in_whole && !stream->streaming;
    case 'C':
        return stream->in_whole;
    case 'E':
        return stream->streaming;
    case 'I':
    case 'U':
    case 'D':
    case 'T':
        return stream->in_whole || stream->streaming;
    default:
        return true;
    }
}

static auk_code dispatch(auk_stream *stream, const auk_pgoutput_head *head, auk_error *err)
{
    switch (head->kind) {
    case 'I':
    case 'U':
    case 'D':
        return take_change(stream, head, err);
    case 'B':
        return take_begin(stream, head);
    case 'C':
        return take_commit(stream, head, err);
    case 'R':
        return auk_relation_map_put(stream->relations,
                                    stream->streaming ? &stream->streaming->relations : NULL, head,
                                    err);
    case 'T':
        return take_truncate(stream, head, err);
    case 'M':
        return take_message(stream, head, err);
    case 'S':
        stream->streaming = open_streamed(stream, head->xid);
        return AUK_OK;
    case 'E': {
        auk_streamed *rests = stream->streaming;
        stream->streaming = NULL;
        return auk_spool_rest(stream->spool, &rests->chain, err);
    }
    case 'c':
        return take_stream_commit(stream, head, err);
    case 'A':
        take_stream_abort(stream, head);
        return AUK_OK;
    default: /* O and Y say nothing that is needed */
        return AUK_OK;
    }
}

auk_code auk_stream_take(auk_stream *stream, auk_span message, auk_error *err)
{
    auk_pgoutput_head head;
    auk_code code = auk_pgoutput_read(message, stream->streaming != NULL, &head, err);
    if (code != AUK_OK)
        return code;
    return is_in_place(stream, head.kind) ? dispatch(stream, &head, err)
                                          : out_of_place(err, head.kind);
}

/* A page becomes the writes of one bulk; what comes of them is counted, or is a failure. */
#include <time.h>

#include "by_query_private.h"

#define PAUSE_NS       20000000L
#define PAUSE_MOST_NS  640000000L
#define PATIENCE_US    60000000u /* as long as writes are refused for want of memory */
#define FAILURES_BYTES ((size_t)1 << 20)

/* ---- failures ---- */

static void write_failure(auk_buffer *text, const auk_page_item *item, auk_span index,
                          const auk_error *why)
{
    auk_json_writer out;
    if (text->size > 0)
        auk_buffer_append_byte(text, ',');
    auk_json_writer_init(&out, text, false);
    auk_json_begin_object(&out);
    auk_json_member_string(&out, "index", index);
    auk_json_member_string(&out, "id", item->id);
    auk_json_member_object(&out, "cause");
    auk_json_member_text(&out, "type", auk_error_type(why));
    auk_json_member_text(&out, "reason", why->message);
    auk_json_member_string(&out, "index", index);
    auk_json_end_object(&out);
    auk_json_member_int(&out, "status", auk_code_status(why->code));
    auk_json_end_object(&out);
}

/* Under the run's lock. A failure ends the run after the page that it is in. */
static void fail_item(auk_worker *w, const auk_page_item *item, auk_span index,
                      const auk_error *why)
{
    auk_run *run = w->run;
    bool is_conflict = why->code == AUK_CONFLICT;
    w->counts.conflicts += is_conflict;
    if (is_conflict && run->wishes.proceed)
        return;
    if (run->failures.size < FAILURES_BYTES)
        write_failure(&run->failures, item, index, why);
    atomic_store(&run->stop, true);
}

/* ---- one write ---- */

static auk_span destination_routing(const auk_destination *to, const auk_page_item *item)
{
    return to->routing_way == AUK_ROUTING_KEEP  ? item->routing
           : to->routing_way == AUK_ROUTING_SET ? to->routing
                                                : AUK_SPAN("");
}

static auk_code reshape(const auk_destination *to, auk_arena *arena, auk_write *write,
                        auk_error *err)
{
    auk_code code = AUK_OK;
    if (to->has_filter) {
        auk_buffer filtered;
        auk_buffer_init(&filtered, AUK_BUFFER_NO_LIMIT);
        code = auk_source_filter_apply(&to->filter, write->source, arena, &filtered, err);
        write->source = auk_arena_copy(arena, auk_buffer_span(&filtered));
        write->source_is_padded = false;
        auk_buffer_deinit(&filtered);
    }
    if (code == AUK_OK && to->transforms.count > 0) {
        code = auk_transforms_apply(&to->transforms, write->source, arena, &write->source, err);
        write->source_is_padded = true;
    }
    return code;
}

static auk_code prepare(const auk_run *run, const auk_page_item *item, auk_arena *arena,
                        auk_write *out, auk_error *err)
{
    const auk_destination *to = &run->wishes.destination;
    auk_write_init(out);
    out->index = item->index;
    out->id = item->id;
    out->routing = item->routing;
    out->source = item->source;
    out->source_is_padded = item->source_is_padded;
    if (run->wishes.kind != AUK_BY_QUERY_REINDEX) {
        out->kind = run->wishes.kind == AUK_BY_QUERY_DELETE ? AUK_WRITE_DELETE : AUK_WRITE_INDEX;
        out->if_seq_no = item->seq_no;
        out->if_primary_term = item->primary_term;
        return AUK_OK;
    }
    out->kind = to->create_only ? AUK_WRITE_CREATE : AUK_WRITE_INDEX;
    out->index = to->index;
    out->require_alias = to->require_alias;
    out->routing = destination_routing(to, item);
    out->version_type = to->version_type;
    out->version = to->version_type == AUK_VERSION_INTERNAL ? 0 : item->version;
    return reshape(to, arena, out, err);
}

/* ---- the page ---- */

/* Whoever wants an index anew by writing to it writes to it himself. */
static auk_code check_indices(const auk_run *run, const auk_page *page, auk_arena *arena,
                              auk_error *err)
{
    auk_span last = AUK_SPAN("");
    auk_code code = AUK_OK;
    if (run->wishes.kind == AUK_BY_QUERY_REINDEX)
        return AUK_OK;
    const auk_root *root = auk_root_acquire(run->catalog);
    for (uint32_t i = 0; i < page->count && code == AUK_OK; i++) {
        auk_resolved *resolved;
        uint32_t count;
        const auk_resolve_options options = {.expand_hidden = true};
        if (auk_span_equal(page->items[i].index, last))
            continue;
        last = page->items[i].index;
        code = auk_root_resolve(root, last, &options, arena, &resolved, &count, err);
    }
    auk_root_release(run->catalog, root);
    return code;
}

/* Memory may be short for a while. */
static bool pause_before_next(auk_worker *w, uint64_t from_us, long *pause_ns)
{
    auk_run *run = w->run;
    if (auk_run_is_over(run) || auk_clock_monotonic_us() - from_us > PATIENCE_US)
        return false;
    pthread_mutex_lock(&run->lock);
    w->counts.bulk_retries++;
    pthread_mutex_unlock(&run->lock);
    nanosleep(&(struct timespec){.tv_nsec = *pause_ns}, NULL);
    *pause_ns = *pause_ns < PAUSE_MOST_NS ? *pause_ns * 2 : *pause_ns;
    return true;
}

static auk_code write_patiently(auk_worker *w, const auk_write *writes, uint32_t count,
                                auk_written *out, auk_error *err)
{
    auk_code code;
    long pause_ns = PAUSE_NS;
    uint64_t from_us = auk_clock_monotonic_us();
    do
        code =
            auk_catalog_write(w->run->catalog, writes, count, AUK_REFRESH_NONE, w->arena, out, err);
    while (code == AUK_BUSY && pause_before_next(w, from_us, &pause_ns));
    return code;
}

static auk_code resize_patiently(auk_worker *w, const auk_page *page, auk_error *err)
{
    auk_code code;
    uint32_t shard = 0;
    long pause_ns = PAUSE_NS;
    uint64_t from_us = auk_clock_monotonic_us();
    do
        code = auk_resize_carry(w, page, &shard, err);
    while (code == AUK_BUSY && pause_before_next(w, from_us, &pause_ns));
    pthread_mutex_lock(&w->run->lock);
    w->counts.batches += code == AUK_OK;
    pthread_mutex_unlock(&w->run->lock);
    return code;
}

/* Under the run's lock. */
static void note_touched(auk_run *run, auk_span index)
{
    auk_span rest = auk_buffer_span(&run->touched), name;
    while (auk_span_cut(&rest, '\0', &name))
        if (auk_span_equal(name, index))
            return;
    auk_buffer_append(&run->touched, index);
    auk_buffer_append_byte(&run->touched, '\0');
}

/* A rebuild has put another generation in the place of the index that was read: what is there now
 * is not what was found. */
static bool was_rebuilt(const auk_run *run, auk_span index, auk_code why)
{
    if (why != AUK_FORBIDDEN || run->wishes.kind == AUK_BY_QUERY_REINDEX)
        return false;
    const auk_root *root = auk_root_acquire(run->catalog);
    const auk_index_view *view = auk_root_find(root, index);
    bool standby = view && view->standby;
    auk_root_release(run->catalog, root);
    return standby;
}

static void count_written(auk_worker *w, const auk_page_item *item, const auk_written *written)
{
    auk_error conflict = {0};
    const auk_error *why = written->error.why;
    if (written->error.code != AUK_OK) {
        if (was_rebuilt(w->run, written->index, written->error.code)) {
            auk_fail(&conflict, AUK_CONFLICT,
                     "[%.*s]: version conflict, index [%.*s] has been rebuilt since it was read",
                     AUK_SPAN_ARG(item->id), AUK_SPAN_ARG(written->index));
            why = &conflict;
        }
        fail_item(w, item, written->index, why);
        return;
    }
    w->counts.created += written->result == AUK_RESULT_CREATED;
    w->counts.updated += written->result == AUK_RESULT_UPDATED;
    w->counts.deleted += written->result == AUK_RESULT_DELETED;
    note_touched(w->run, written->index);
}

auk_code auk_carry_page(auk_worker *w, const auk_page *page, auk_error *err)
{
    auk_run *run = w->run;
    if (run->into)
        return resize_patiently(w, page, err);
    uint32_t count = 0;
    auk_write *writes = AUK_ARENA_ARRAY(w->arena, auk_write, page->count + 1);
    auk_written *written = AUK_ARENA_ARRAY(w->arena, auk_written, page->count + 1);
    const auk_page_item **items = auk_arena_alloc(w->arena, sizeof(*items) * page->count);
    auk_code code = check_indices(run, page, w->arena, err);
    for (uint32_t i = 0; i < page->count && code == AUK_OK; i++) {
        auk_error why = {0};
        items[count] = &page->items[i];
        if (prepare(run, &page->items[i], w->arena, &writes[count], &why) == AUK_OK) {
            count++;
            continue;
        }
        pthread_mutex_lock(&run->lock);
        fail_item(w, &page->items[i], run->wishes.destination.index, &why);
        pthread_mutex_unlock(&run->lock);
    }
    if (code == AUK_OK && count > 0)
        code = write_patiently(w, writes, count, written, err);
    pthread_mutex_lock(&run->lock);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        count_written(w, items[i], &written[i]);
    w->counts.batches += code == AUK_OK;
    pthread_mutex_unlock(&run->lock);
    return code;
}

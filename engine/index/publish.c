#include "shard_state.h"

#include "auk/clock.h"

/* The counted view behind the public one. */
typedef struct counted_view {
    auk_shard_view view;
    atomic_uint holders;
    auk_live **lives;
    auk_segment_view segments[];
} counted_view;

static counted_view *counted(const auk_shard_view *view)
{
    return (counted_view *)(uintptr_t)view;
}

auk_shard_view *auk_shard_view_acquire(const auk_shard_view *view)
{
    atomic_fetch_add_explicit(&counted(view)->holders, 1, memory_order_relaxed);
    return &counted(view)->view;
}

void auk_shard_view_release(const auk_shard_view *view)
{
    if (view == NULL)
        return;
    counted_view *own = counted(view);
    if (atomic_fetch_sub_explicit(&own->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < own->view.segment_count; i++) {
        auk_segment_release(own->segments[i].segment);
        auk_live_release(own->lives[i]);
    }
    free(own->lives);
    free(own);
}

static counted_view *allocate(uint32_t segment_count)
{
    counted_view *own = calloc(1, sizeof *own + segment_count * sizeof own->segments[0]);
    if (own == NULL)
        abort();
    own->lives = calloc(segment_count + 1u, sizeof(auk_live *));
    if (own->lives == NULL)
        abort();
    atomic_init(&own->holders, 1);
    own->view.segments = own->segments;
    return own;
}

auk_shard_view *auk_shard_make_view(auk_shard *shard)
{
    counted_view *own = allocate(shard->entries->count);
    auk_shard_view *view = &own->view;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        const auk_entry *entry = shard->entries->items[i].entry;
        if (!entry->is_published || entry->doc_count == 0)
            continue;
        auk_live *live = auk_live_acquire(entry->published);
        uint32_t live_count = auk_live_count(live, entry->doc_count);
        own->lives[view->segment_count] = live;
        own->segments[view->segment_count++] = (auk_segment_view){
            .segment = auk_segment_acquire(entry->segment),
            .live = live_count == entry->doc_count ? NULL : live->bits,
            .live_count = live_count,
            .in_memory = !auk_entry_is_file(entry),
            .id = auk_entry_is_file(entry) ? auk_mapped_id(entry->mapped) : 0,
        };
        view->live_count += live_count;
    }
    view->max_seq_no = shard->published_seq_no;
    view->generation = ++shard->view_generation;
    auk_shard_view_release(shard->view);
    shard->view = auk_shard_view_acquire(view);
    return view;
}

void auk_shard_publish(auk_shard *shard, auk_shard_view *view)
{
    shard->host.publish(shard->host.context, view);
}

/* ---- refresh ---- */

/* Fixes the moment that is to be published: all that is applied now, nothing later. */
static bool take_moment(auk_shard *shard, uint64_t *ordinal, int64_t *seq_no)
{
    if (!shard->is_dirty)
        return false;
    auk_shard_swap_active(shard);
    *ordinal = shard->active->ordinal - 1;
    *seq_no = shard->max_seq_no;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        auk_entry *entry = shard->entries->items[i].entry;
        auk_live_assign(&entry->snapshot, entry->current);
    }
    return true;
}

static auk_shard_view *publish_moment(auk_shard *shard, uint64_t ordinal, int64_t seq_no)
{
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        auk_entry *entry = shard->entries->items[i].entry;
        if (entry->segment == NULL || entry->ordinal > ordinal)
            continue;
        auk_live_assign(&entry->published, entry->snapshot);
        auk_live_assign(&entry->snapshot, NULL);
        entry->is_published = true;
    }
    shard->published_seq_no = seq_no;
    return auk_shard_make_view(shard);
}

bool auk_shard_seal_held(auk_shard *shard, int64_t *seq_no)
{
    uint64_t ordinal = 0;
    pthread_mutex_lock(&shard->lock);
    bool any = take_moment(shard, &ordinal, seq_no);
    pthread_mutex_unlock(&shard->lock);
    if (any)
        auk_shard_build_until(shard, ordinal);
    return any;
}

void auk_shard_show_held(auk_shard *shard, bool *changed)
{
    uint64_t ordinal = 0;
    int64_t seq_no = 0;
    uint64_t start_us = auk_clock_monotonic_us();
    pthread_mutex_lock(&shard->lock);
    *changed = take_moment(shard, &ordinal, &seq_no);
    if (*changed)
        shard->is_dirty = false;
    pthread_mutex_unlock(&shard->lock);
    if (!*changed)
        return;
    auk_shard_build_until(shard, ordinal);
    pthread_mutex_lock(&shard->lock);
    auk_shard_view *view = publish_moment(shard, ordinal, seq_no);
    auk_tombstones_collect(&shard->tombstones, seq_no - shard->options.tombstone_retention);
    auk_shard_charge_tombstones(shard);
    shard->counters.refresh_total++;
    shard->counters.refresh_time_us += auk_clock_monotonic_us() - start_us;
    pthread_mutex_unlock(&shard->lock);
    auk_shard_publish(shard, view);
}

void auk_shard_refresh_held(auk_shard *shard, bool *changed)
{
    pthread_mutex_lock(&shard->lock);
    *changed = false;
    bool waits = shard->options.shows_when_told;
    pthread_mutex_unlock(&shard->lock);
    if (!waits)
        auk_shard_show_held(shard, changed);
}

void auk_shard_show(auk_shard *shard)
{
    bool changed;
    pthread_mutex_lock(&shard->refresh_lock);
    auk_shard_show_held(shard, &changed);
    pthread_mutex_unlock(&shard->refresh_lock);
    if (changed)
        auk_shard_request_merge(shard);
}

auk_code auk_shard_refresh(auk_shard *shard, bool *changed, auk_error *err)
{
    (void)err;
    bool published = false;
    pthread_mutex_lock(&shard->refresh_lock);
    auk_shard_refresh_held(shard, &published);
    pthread_mutex_unlock(&shard->refresh_lock);
    if (changed != NULL)
        *changed = published;
    if (published)
        auk_shard_request_merge(shard);
    return AUK_OK;
}

bool auk_shard_needs_refresh(const auk_shard *shard)
{
    auk_shard *own = (auk_shard *)(uintptr_t)shard;
    pthread_mutex_lock(&own->lock);
    bool needed = own->is_dirty && !own->options.shows_when_told;
    pthread_mutex_unlock(&own->lock);
    return needed;
}

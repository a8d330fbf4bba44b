/* Read your writes: is a position applied, in what searches see? Asked again and again; nobody
 * sleeps on a thread. */
#include "source.h"

#include "auk/hash.h"

static const char owner_prefix[] = "sync:";

/* By its name, for its number is another one when it is read anew. */
static uint64_t ticket_of(const auk_source *source)
{
    return auk_hash(source->name, 0);
}

/* Acquired; NULL: nobody follows for this index. */
static auk_source *owner_of(auk_syncs *syncs, const auk_index_view *view)
{
    if (!auk_span_starts_with(view->owner, auk_span_of(owner_prefix)))
        return NULL;
    return auk_syncs_find(syncs, auk_span_from(view->owner, sizeof owner_prefix - 1));
}

/* "source:timeline:X/Y" */
static auk_code read_long_token(auk_span token, auk_sync_wait *out, auk_error *err)
{
    auk_span rest = token, name, timeline;
    uint64_t number = 0;
    if (!auk_span_cut(&rest, ':', &name) || !auk_span_cut(&rest, ':', &timeline) ||
        !auk_number_parse_uint64(timeline, &number) || !auk_lsn_parse(rest, &out->lsn))
        return auk_fail(err, AUK_INVALID,
                        "[wait_for_lsn] must be [X/Y], [source:timeline:X/Y] or [now], but is "
                        "[%.*s]",
                        AUK_SPAN_ARG(token));
    out->timeline = number <= UINT32_MAX ? (uint32_t)number : UINT32_MAX;
    return AUK_OK;
}

static auk_code read_token(auk_source *source, auk_span token, auk_sync_wait *out, auk_error *err)
{
    if (auk_lsn_parse(token, &out->lsn))
        return AUK_OK;
    if (!auk_span_is(token, "now"))
        return read_long_token(token, out, err);
    pthread_mutex_lock(&source->lock);
    out->is_now = true;
    out->asked = ++source->now_wanted;
    auk_source_nudge(source);
    pthread_mutex_unlock(&source->lock);
    return AUK_OK;
}

/* A token that names a source is for that one. */
static bool is_for(auk_span token, const auk_source *source)
{
    const char *colon = token.size ? memchr(token.data, ':', token.size) : NULL;
    return !colon ||
           auk_span_equal(source->name, auk_span_make(token.data, (size_t)(colon - token.data)));
}

/* Acquired; NULL: none, or several. */
static auk_source *choose(auk_syncs *syncs, auk_span token, const auk_index_view *const *indices,
                          uint32_t count, auk_error *err)
{
    auk_source *chosen = NULL;
    bool any = false, several = false;
    for (uint32_t i = 0; i < count; i++) {
        auk_source *owner = owner_of(syncs, indices[i]);
        any = any || owner;
        if (owner && is_for(token, owner)) {
            several = several || (chosen && owner != chosen);
            chosen = chosen ? chosen : auk_source_acquire(owner);
        }
        auk_source_release(owner);
    }
    if (!any)
        auk_fail(err, AUK_INVALID, "[wait_for_lsn] is for indices that a source owns");
    else if (!chosen)
        auk_fail(err, AUK_INVALID,
                 "[wait_for_lsn] is of a source that these indices do not "
                 "follow: [%.*s]",
                 AUK_SPAN_ARG(token));
    else if (several)
        auk_fail(err, AUK_INVALID,
                 "[wait_for_lsn] is for indices of one source; of several each "
                 "position has its source's name: [source:timeline:X/Y,..]");
    if (!several)
        return chosen;
    auk_source_release(chosen);
    return NULL;
}

auk_code auk_sync_wait_begin(auk_syncs *syncs, auk_span token, const auk_index_view *const *indices,
                             uint32_t count, auk_sync_wait *out, auk_error *err)
{
    *out = (auk_sync_wait){.began_us = auk_clock_monotonic_us()};
    auk_source *source = choose(syncs, token, indices, count, err);
    auk_code code = source ? AUK_OK : AUK_INVALID;
    if (code == AUK_OK) {
        out->source = ticket_of(source);
        code = read_token(source, token, out, err);
    }
    if (code == AUK_OK)
        atomic_fetch_add(&source->counts.waits, 1);
    auk_source_release(source);
    return code;
}

static auk_source *find_source(auk_syncs *syncs, uint64_t ticket)
{
    pthread_mutex_lock(&syncs->lock);
    auk_source *at = syncs->first;
    while (at && ticket_of(at) != ticket)
        at = at->next;
    if (at)
        auk_source_acquire(at);
    pthread_mutex_unlock(&syncs->lock);
    return at;
}

/* Positions of an earlier timeline are the same up to where the log left it; what lies behind was
 * lost in a failover. Under lock. */
static bool is_comparable(const auk_source *source, auk_sync_wait *wait)
{
    auk_lsn end;
    uint32_t now = source->position.timeline;
    if (wait->timeline == 0 || wait->timeline == now)
        return true;
    if (wait->timeline > now || source->timelines.now != now)
        return false; /* not there yet, or no connection yet that tells */
    wait->is_lost =
        !auk_timelines_find_end(&source->timelines, wait->timeline, &end) || wait->lsn > end;
    return !wait->is_lost;
}

static void note_end(auk_source *source, const auk_sync_wait *wait)
{
    atomic_fetch_add(&source->counts.wait_us, auk_clock_monotonic_us() - wait->began_us);
}

bool auk_sync_wait_reached(auk_syncs *syncs, auk_sync_wait *wait)
{
    auk_source *source = find_source(syncs, wait->source);
    if (!source)
        return false; /* gone: the time-out answers */
    pthread_mutex_lock(&source->lock);
    if (wait->is_now && source->now_answered >= wait->asked) {
        wait->lsn = source->now_lsn;
        wait->is_now = false;
    }
    bool reached = !wait->is_now && is_comparable(source, wait) && source->searchable >= wait->lsn;
    reached = reached || wait->is_lost;
    pthread_mutex_unlock(&source->lock);
    if (reached)
        note_end(source, wait);
    auk_source_release(source);
    return reached;
}

void auk_sync_wait_expired(auk_syncs *syncs, const auk_sync_wait *wait)
{
    auk_source *source = find_source(syncs, wait->source);
    if (source) {
        atomic_fetch_add(&source->counts.wait_timeouts, 1);
        note_end(source, wait);
    }
    auk_source_release(source);
}

bool auk_sync_applied(auk_syncs *syncs, const auk_index_view *index, auk_arena *arena,
                      auk_span *out)
{
    char lsn[24];
    auk_source *source = syncs ? owner_of(syncs, index) : NULL;
    if (!source)
        return false;
    pthread_mutex_lock(&source->lock);
    *out = auk_arena_printf(arena, "%.*s:%u:%s", AUK_SPAN_ARG(source->name),
                            source->position.timeline, auk_lsn_format(source->searchable, lsn));
    pthread_mutex_unlock(&source->lock);
    auk_source_release(source);
    return true;
}

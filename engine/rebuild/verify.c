/*
 * Both generations at one moment, document by document: id, routing, version and source as the new
 * one must have it go into the sum of the id's range. Equal sums and counts of all ranges mean the
 * same documents, whatever order they lie in.
 */
#include <stdlib.h>
#include <time.h>

#include "auk/document_reader.h"
#include "auk/hash.h"

#include "choose.h"
#include "run.h"

#define RANGES       1024u
#define TRIES        200
#define TRY_EVERY_NS 5000000
#define CHECK_EVERY  4096u

typedef struct sums {
    uint64_t count[RANGES], sum[RANGES];
    uint64_t documents;
} sums;

/* ---- one moment ---- */

auk_code auk_rebuild_take_views(auk_index *index, uint32_t shards, auk_shard_view **out,
                                auk_error *err)
{
    auk_code code = auk_index_refresh(index, err);
    for (uint32_t i = 0; i < shards && code == AUK_OK; i++)
        out[i] = auk_index_shard_view(index, i);
    return code;
}

void auk_rebuild_release_views(auk_shard_view **views, uint32_t shards)
{
    for (uint32_t i = 0; i < shards && views; i++)
        auk_shard_view_release(views[i]);
    free(views);
}

static bool has_reached(const auk_rebuild *r, const int64_t *moment)
{
    for (uint32_t i = 0; i < auk_rebuild_leader_shards(r); i++)
        if (r->positions[i] < moment[i])
            return false;
    return true;
}

/*
 * A number of the view may still be on its way to the journal, or was lost with a full disk and
 * never comes; then nothing follows it either.
 */
static auk_code follow_to(auk_rebuild *r, const int64_t *moment, auk_error *err)
{
    for (int i = 0; i < TRIES && !has_reached(r, moment);) {
        uint64_t applied;
        auk_code code = auk_rebuild_follow(r, moment, &applied, err);
        atomic_fetch_add(&r->counts.during_catch_up, applied);
        if (code == AUK_OK)
            code = auk_rebuild_check(r, err);
        if (code != AUK_OK)
            return code;
        if (applied > 0)
            continue;
        i++;
        nanosleep(&(struct timespec){.tv_nsec = TRY_EVERY_NS}, NULL);
    }
    return AUK_OK;
}

/* ---- sums ---- */

static void add(sums *into, const auk_stored_document *document, int64_t version, auk_span source)
{
    uint64_t id = auk_hash(document->id, 0);
    uint64_t parts[4] = {id, auk_hash(document->routing, 1), (uint64_t)version,
                         auk_hash(source, 2)};
    uint32_t at = (uint32_t)(id >> 32) % RANGES;
    into->count[at]++;
    into->sum[at] += auk_hash(auk_span_make(parts, sizeof parts), 3);
    into->documents++;
}

static auk_code add_segment(auk_rebuild *r, auk_document_reader *reader, auk_shard_view *view,
                            uint32_t number, bool is_leader, sums *into, auk_error *err)
{
    bool transforms = is_leader && r->wishes.transforms.count > 0;
    const auk_segment_view *segment = &view->segments[number];
    auk_chooser *chooser = NULL;
    auk_arena *arena = auk_arena_create(4096), *plan = auk_arena_create(4096);
    auk_code code = auk_document_reader_open(reader, segment, err);
    if (code == AUK_OK && is_leader)
        code = auk_chooser_open(r, view, number, plan, &chooser, err);
    uint32_t count = auk_segment_doc_count(segment->segment);
    for (auk_doc doc = 0; doc < count && code == AUK_OK; doc++) {
        auk_stored_document document;
        int64_t version;
        if (doc % CHECK_EVERY == 0)
            code = auk_rebuild_check(r, err);
        if (code != AUK_OK || !auk_document_is_live(segment, doc) ||
            !auk_chooser_takes(chooser, doc))
            continue;
        code = auk_document_reader_read(reader, doc, &document, &version, err);
        if (code != AUK_OK)
            break;
        if (is_leader && auk_refusals_has(&r->refusals[0], document.id))
            continue;
        auk_span source = document.source;
        if (transforms)
            code =
                auk_transforms_apply(&r->wishes.transforms, document.source, arena, &source, err);
        if (code == AUK_OK)
            add(into, &document, version, source);
        auk_arena_reset(arena);
    }
    if (code == AUK_OK)
        code = auk_chooser_status(chooser, err);
    auk_chooser_close(chooser);
    auk_arena_destroy(plan);
    auk_arena_destroy(arena);
    return code;
}

static auk_code add_views(auk_rebuild *r, auk_shard_view *const *views, uint32_t shards,
                          bool is_leader, sums *into, auk_error *err)
{
    auk_document_reader reader;
    auk_code code = AUK_OK;
    auk_document_reader_init(&reader);
    for (uint32_t s = 0; s < shards && code == AUK_OK; s++)
        for (uint32_t i = 0; i < views[s]->segment_count && code == AUK_OK; i++)
            code = add_segment(r, &reader, views[s], i, is_leader, into, err);
    auk_document_reader_deinit(&reader);
    return code;
}

static auk_code compare(const sums *old, const sums *new, auk_error *err)
{
    uint32_t differ = 0;
    for (uint32_t i = 0; i < RANGES; i++)
        differ += old->count[i] != new->count[i] || old->sum[i] != new->sum[i];
    if (differ == 0)
        return AUK_OK;
    auk_fail_type(
        err, AUK_CONFLICT, "rebuild_verification_exception",
        "the new generation is not what the old one is: [%u] of [%u] ranges of ids differ, "
        "[%llu] documents there and [%llu] here",
        differ, RANGES, (unsigned long long)new->documents, (unsigned long long)old->documents);
    auk_hint(err,
             "an id that was written with two routings is two documents only among more shards");
    return AUK_CONFLICT;
}

/* ---- all ---- */

static auk_code compare_views(auk_rebuild *r, auk_shard_view **old, auk_shard_view **new,
                              auk_error *err)
{
    sums *both = calloc(2, sizeof *both);
    if (!both)
        auk_fatal("out of memory");
    auk_code code = add_views(r, old, r->old_shards, true, &both[0], err);
    if (code == AUK_OK)
        code = add_views(r, new, r->new_shards, false, &both[1], err);
    if (code == AUK_OK)
        code = compare(&both[0], &both[1], err);
    free(both);
    return code;
}

typedef struct comparison {
    auk_rebuild *r;
    auk_shard_view **old, **new;
    auk_code code;
    auk_error err;
} comparison;

static void *run_comparison(void *context)
{
    comparison *c = context;
    pthread_setname_np(pthread_self(), "auk-verify");
    auk_rebuild_stand_back();
    c->code = compare_views(c->r, c->old, c->new, &c->err);
    return NULL;
}

/* On a thread of low priority; the rebuild's own must not have one when writers wait for it. */
static auk_code compare_aside(auk_rebuild *r, auk_shard_view **old, auk_shard_view **new,
                              auk_error *err)
{
    pthread_t thread;
    comparison c = {.r = r, .old = old, .new = new};
    if (pthread_create(&thread, NULL, run_comparison, &c) != 0)
        return compare_views(r, old, new, err);
    pthread_join(thread, NULL);
    if (c.code != AUK_OK && err)
        *err = c.err;
    return c.code;
}

auk_code auk_rebuild_verify(auk_rebuild *r, auk_error *err)
{
    auk_shard_view **old = calloc(r->old_shards, sizeof(*old));
    auk_shard_view **new = calloc(r->new_shards, sizeof(*new));
    int64_t *moment = calloc(r->old_shards, sizeof *moment);
    if (!old || !new || !moment)
        auk_fatal("out of memory");
    auk_code code = auk_rebuild_take_views(r->old, r->old_shards, old, err);
    for (uint32_t i = 0; i < r->old_shards && code == AUK_OK; i++)
        moment[i] = old[i]->max_seq_no;
    r->moment = old;
    if (code == AUK_OK)
        code = follow_to(r, moment, err);
    r->moment = NULL;
    if (code == AUK_OK)
        code = auk_rebuild_take_views(r->new, r->new_shards, new, err);
    if (code == AUK_OK)
        code = compare_aside(r, old, new, err);
    if (code == AUK_OK && r->wishes.queries)
        auk_rebuild_rank(r, old, new);
    auk_rebuild_release_views(old, r->old_shards);
    auk_rebuild_release_views(new, r->new_shards);
    free(moment);
    return code;
}

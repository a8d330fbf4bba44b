#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "source.h"

static const char prefix[] = "sync/";

/* ---- open and close ---- */

/* What streams keep beside memory lies in a directory a source below this one. */
static void make_spool_directory(const auk_syncs *syncs)
{
    auk_arena *arena = auk_arena_create(256);
    auk_span path =
        auk_arena_printf(arena, "%s/spool",
                         auk_store_directory(auk_catalog_store(syncs->options.catalog)));
    (void)mkdir(path.data, 0700); /* a stream says what is wrong with it */
    auk_arena_destroy(arena);
}

static void add_source(auk_syncs *syncs, auk_source *source)
{
    pthread_mutex_lock(&syncs->lock);
    auk_source **at = &syncs->first;
    while (*at && auk_span_compare((*at)->name, source->name) < 0)
        at = &(*at)->next;
    source->next = *at;
    *at = source;
    atomic_fetch_add(&syncs->count, 1);
    if (source->number > syncs->last_number)
        syncs->last_number = source->number;
    pthread_mutex_unlock(&syncs->lock);
}

static void remove_source(auk_syncs *syncs, auk_source *source)
{
    pthread_mutex_lock(&syncs->lock);
    auk_source **at = &syncs->first;
    while (*at && *at != source)
        at = &(*at)->next;
    if (*at) {
        *at = source->next;
        atomic_fetch_sub(&syncs->count, 1);
    }
    pthread_mutex_unlock(&syncs->lock);
}

static auk_code load_all(auk_syncs *syncs, auk_error *err)
{
    auk_span key, value, end = AUK_SPAN("sync0");
    auk_code code = AUK_OK;
    auk_store_cursor *cursor = auk_store_scan(auk_catalog_store(syncs->options.catalog),
                                              AUK_FAMILY_CATALOG, auk_span_of(prefix), end);
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        auk_source *source = auk_source_create(syncs, auk_span_from(key, sizeof prefix - 1));
        code = auk_source_load(source, value, err);
        if (code == AUK_OK)
            add_source(syncs, source);
        else
            auk_source_release(source);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

auk_code auk_syncs_open(const auk_syncs_options *options, auk_syncs **out, auk_error *err)
{
    auk_syncs *syncs = calloc(1, sizeof *syncs);
    if (!syncs)
        auk_fatal("out of memory");
    syncs->options = *options;
    pthread_mutex_init(&syncs->lock, NULL);
    pthread_mutex_init(&syncs->admin, NULL);
    auk_code code = load_all(syncs, err);
    auk_catalog_set_owner_gate(options->catalog, &(auk_owner_gate){auk_syncs_take_writes, syncs});
    if (syncs->first)
        make_spool_directory(syncs);
    for (auk_source *at = syncs->first; code == AUK_OK && at; at = at->next) {
        auk_source_hide_indices(at);
        auk_source_hide_half(at);
        if (at->wants_pause)
            auk_source_set_hold(at, AUK_HOLD_PAUSED, NULL);
        auk_source_start(at);
    }
    *out = syncs;
    if (code != AUK_OK) {
        auk_syncs_close(syncs);
        *out = NULL;
    }
    return code;
}

void auk_syncs_close(auk_syncs *syncs)
{
    if (!syncs)
        return;
    auk_catalog_set_owner_gate(syncs->options.catalog, NULL);
    pthread_mutex_lock(&syncs->lock);
    syncs->stopping = true;
    pthread_mutex_unlock(&syncs->lock);
    while (syncs->first) {
        auk_source *source = syncs->first;
        syncs->first = source->next;
        auk_source_stop(source);
        while (atomic_load(&source->references) > 1) /* a verification comes to its end */
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        auk_source_release(source);
    }
    pthread_mutex_destroy(&syncs->lock);
    pthread_mutex_destroy(&syncs->admin);
    free(syncs);
}

bool auk_syncs_has_any(const auk_syncs *syncs)
{
    return atomic_load(&syncs->count) > 0;
}

/* ---- put ---- */

auk_code auk_sync_blame(auk_code code, auk_error *err)
{
    if (code != AUK_IO && code != AUK_CANCELLED && code != AUK_FORBIDDEN)
        return code;
    if (err) {
        err->code = AUK_INVALID;
        err->type = NULL;
    }
    return auk_wrap(err, AUK_INVALID, "cannot look at the database");
}

static auk_code look_ahead(auk_source *source, bool is_new, auk_error *err)
{
    auk_pg *pg = NULL;
    auk_sync_config *expanded;
    auk_source_tables tables;
    auk_span conninfo;
    auk_preflight found;
    auk_arena *arena = auk_arena_create(8192);
    auk_code code = auk_source_conninfo(source->config, arena, &conninfo, err);
    if (code == AUK_OK)
        code = auk_source_connect(source, source->config, &pg, err);
    if (code == AUK_OK)
        code = auk_tables_expand(pg, source->config, source->known, source->known_count, arena,
                                 &expanded, err);
    if (code == AUK_OK)
        code =
            auk_tables_read(pg, expanded, source->known, source->known_count, arena, &tables, err);
    if (code == AUK_OK)
        code = auk_source_check_names(source, expanded, err);
    if (code == AUK_OK)
        code = auk_source_check_locals(expanded, &tables, err);
    if (code == AUK_OK) {
        const auk_preflight_options options = {pg, expanded, &tables, conninfo.data, is_new};
        code = auk_preflight_run(&options, arena, &found, err);
    }
    if (code == AUK_OK)
        code = auk_preflight_judge(&found, err);
    auk_pg_close(pg);
    auk_arena_destroy(arena);
    return auk_sync_blame(code, err);
}

static auk_code put_new(auk_syncs *syncs, auk_span name, const auk_json *body, auk_error *err)
{
    auk_source *source = auk_source_create(syncs, name);
    auk_code code = auk_source_configure(source, body, err);
    if (code == AUK_OK)
        code = look_ahead(source, true, err);
    if (code == AUK_OK) {
        source->number = auk_syncs_next_number(syncs);
        code = auk_source_save(source, err);
    }
    if (code != AUK_OK) {
        auk_source_release(source);
        return code;
    }
    make_spool_directory(syncs);
    add_source(syncs, source);
    auk_source_start(source);
    return AUK_OK;
}

/* Documents may be added; one that is there stays what it is. */
static auk_code check_extension(const auk_sync_config *before, const auk_sync_config *after,
                                auk_error *err)
{
    if (!auk_span_equal(before->slot, after->slot) ||
        !auk_span_equal(before->publication, after->publication))
        return auk_fail(err, AUK_INVALID, "[slot] and [publication] of a source cannot be changed");
    for (uint32_t i = 0; i < before->document_count; i++) {
        const auk_sync_document *old = &before->documents[i];
        bool found = false;
        for (uint32_t k = 0; k < after->document_count && !found; k++)
            found = auk_span_equal(old->index, after->documents[k].index);
        if (!found)
            return auk_fail(err, AUK_INVALID,
                            "documents of [%.*s] cannot be left out: delete the source and put it "
                            "anew",
                            AUK_SPAN_ARG(old->index));
    }
    return AUK_OK;
}

static auk_code put_again(auk_source *source, const auk_json *body, auk_error *err)
{
    auk_syncs *syncs = source->owner;
    auk_source *wanted = auk_source_create(syncs, source->name);
    auk_code code = auk_source_configure(wanted, body, err);
    wanted->known = source->known; /* borrowed */
    wanted->known_count = source->known_count;
    if (code == AUK_OK)
        code = check_extension(source->config, wanted->config, err);
    if (code == AUK_OK)
        code = look_ahead(wanted, false, err);
    auk_source_release(wanted);
    if (code != AUK_OK)
        return code;
    auk_source_stop(source);
    code = auk_source_configure(source, body, err);
    if (code == AUK_OK)
        code = auk_source_save(source, err);
    source->may_extend = code == AUK_OK;
    auk_source_start(source);
    return code;
}

auk_code auk_sync_put(auk_syncs *syncs, auk_span name, const auk_json *body, auk_error *err)
{
    pthread_mutex_lock(&syncs->admin);
    auk_source *source = auk_syncs_find(syncs, name);
    auk_code code = source ? put_again(source, body, err) : put_new(syncs, name, body, err);
    auk_source_release(source);
    pthread_mutex_unlock(&syncs->admin);
    return code;
}

/* ---- commands ---- */

static auk_code find_source(auk_syncs *syncs, auk_span name, auk_source **out, auk_error *err)
{
    *out = auk_syncs_find(syncs, name);
    return *out ? AUK_OK
                : auk_fail(err, AUK_NOT_FOUND, "no such source [%.*s]", AUK_SPAN_ARG(name));
}

static auk_code set_pause(auk_syncs *syncs, auk_span name, bool pause, auk_error *err)
{
    auk_source *source;
    auk_code code = find_source(syncs, name, &source, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    source->wants_pause = pause;
    source->wants_retry = !pause;
    if (pause && source->hold)
        source->hold = AUK_HOLD_PAUSED;
    auk_source_nudge(source);
    pthread_mutex_unlock(&source->lock);
    code = auk_source_save(source, err);
    auk_source_release(source);
    return code;
}

auk_code auk_sync_pause(auk_syncs *syncs, auk_span name, auk_error *err)
{
    return set_pause(syncs, name, true, err);
}

auk_code auk_sync_resume(auk_syncs *syncs, auk_span name, auk_error *err)
{
    return set_pause(syncs, name, false, err);
}

auk_code auk_sync_resync(auk_syncs *syncs, auk_span name, auk_span table, auk_error *err)
{
    auk_source *source;
    auk_code code = find_source(syncs, name, &source, err);
    if (code != AUK_OK)
        return code;
    if (table.size) {
        uint64_t task;
        code = auk_sync_verify(syncs, name, table, true, &task, err);
    } else {
        pthread_mutex_lock(&source->lock);
        source->wants_resync = true;
        auk_source_nudge(source);
        pthread_mutex_unlock(&source->lock);
        code = auk_source_save(source, err);
    }
    auk_source_release(source);
    return code;
}

/* ---- delete ---- */

static auk_code drop_on_server(auk_source *source, auk_error *err)
{
    auk_pg *pg = NULL;
    auk_slot_state slot = {0};
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = auk_source_connect(source, source->config, &pg, err);
    if (code == AUK_OK)
        code = auk_slot_read(pg, source->config->slot, arena, &slot, err);
    auk_span literal = code == AUK_OK ? auk_pg_literal(source->config->slot, arena) : AUK_SPAN("");
    if (code == AUK_OK && slot.exists && slot.active)
        code = auk_pg_run(
            pg,
            auk_arena_printf(arena, "SELECT pg_terminate_backend(%u, 5000)", slot.active_pid).data,
            err);
    if (code == AUK_OK && slot.exists)
        code = auk_pg_run(pg,
                          auk_arena_printf(arena, "SELECT pg_drop_replication_slot(%.*s)",
                                           AUK_SPAN_ARG(literal))
                              .data,
                          err);
    if (code == AUK_OK)
        code =
            auk_pg_run(pg,
                       auk_arena_printf(arena, "DROP PUBLICATION IF EXISTS %.*s",
                                        AUK_SPAN_ARG(
                                            auk_pg_identifier(source->config->publication, arena)))
                           .data,
                       err);
    auk_pg_close(pg);
    auk_arena_destroy(arena);
    if (code != AUK_OK) {
        code =
            auk_wrap(err, code, "slot [%.*s] or publication [%.*s] could not be dropped",
                     AUK_SPAN_ARG(source->config->slot), AUK_SPAN_ARG(source->config->publication));
        auk_hint(err, "keep_slot=true deletes the source alone; drop the slot by hand then, it "
                      "holds the server's log back");
    }
    return code;
}

static auk_code delete_source(auk_syncs *syncs, auk_span name, bool drop_indices, bool keep_slot,
                              auk_error *err)
{
    auk_source *source;
    auk_code code = find_source(syncs, name, &source, err);
    if (code != AUK_OK)
        return code;
    auk_source_stop(source);
    if (!keep_slot)
        code = drop_on_server(source, err);
    if (code == AUK_OK)
        code = auk_source_drop_indices(source, drop_indices, err);
    if (code == AUK_OK)
        code = auk_source_erase(source, err);
    if (code == AUK_OK) {
        remove_source(syncs, source);
        auk_source_release(source); /* the registry's */
    } else {
        auk_source_start(source);
    }
    auk_source_release(source);
    return code;
}

auk_code auk_sync_delete(auk_syncs *syncs, auk_span name, bool drop_indices, bool keep_slot,
                         auk_error *err)
{
    pthread_mutex_lock(&syncs->admin);
    auk_code code = delete_source(syncs, name, drop_indices, keep_slot, err);
    pthread_mutex_unlock(&syncs->admin);
    return code;
}

/* ---- dead letters ---- */

static auk_code enter(auk_syncs *syncs, auk_span name, auk_source **source, auk_applier **out,
                      auk_error *err)
{
    auk_code code = find_source(syncs, name, source, err);
    if (code != AUK_OK)
        return code;
    *out = auk_source_enter(*source);
    if (*out)
        return AUK_OK;
    auk_source_leave(*source);
    auk_source_release(*source);
    return auk_fail(err, AUK_BUSY, "source [%.*s] has not reached its database yet",
                    AUK_SPAN_ARG(name));
}

static auk_code leave(auk_source *source, auk_code code)
{
    auk_source_leave(source);
    auk_source_release(source);
    return code;
}

auk_code auk_sync_write_dead(auk_syncs *syncs, auk_span name, uint32_t from, uint32_t size,
                             auk_json_writer *out, auk_error *err)
{
    auk_source *source;
    auk_applier *applier;
    auk_code code = enter(syncs, name, &source, &applier, err);
    if (code != AUK_OK)
        return code;
    return leave(source, auk_applier_write_dead(applier, from, size, out, err));
}

auk_code auk_sync_retry_dead(auk_syncs *syncs, auk_span name, auk_span id, uint64_t *mended,
                             auk_error *err)
{
    auk_source *source;
    auk_applier *applier;
    auk_code code = enter(syncs, name, &source, &applier, err);
    if (code != AUK_OK)
        return code;
    return leave(source, auk_applier_retry_dead(applier, id, mended, err));
}

auk_code auk_sync_discard_dead(auk_syncs *syncs, auk_span name, auk_span id, uint64_t *discarded,
                               auk_error *err)
{
    auk_source *source;
    auk_applier *applier;
    auk_code code = enter(syncs, name, &source, &applier, err);
    if (code != AUK_OK)
        return code;
    return leave(source, auk_applier_discard_dead(applier, id, discarded, err));
}

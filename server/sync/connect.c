/* A source's connections, and what is held against what it knew of the server. */
#include <stdlib.h>

#include "source.h"
#include "spool_log.h"

#define APPLICATION_NAME 30 /* of the source's name in application_name, which ends at 63 bytes */

auk_span auk_source_application(const auk_source *source, auk_arena *arena)
{
    auk_span name = source->name;
    name.size = name.size > APPLICATION_NAME ? APPLICATION_NAME : name.size;
    return auk_arena_printf(arena, "auk %.*s %.*s",
                            AUK_SPAN_ARG(auk_catalog_cluster_uuid(source->owner->options.catalog)),
                            AUK_SPAN_ARG(name));
}

auk_code auk_source_connect(auk_source *source, const auk_sync_config *config, auk_pg **out,
                            auk_error *err)
{
    auk_span conninfo;
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = auk_source_conninfo(config, arena, &conninfo, err);
    if (code == AUK_OK) {
        const auk_pg_options options = {
            .conninfo = conninfo.data,
            .application = auk_source_application(source, arena).data,
        };
        code = auk_pg_connect(&options, out, err);
    }
    auk_arena_destroy(arena);
    return code;
}

static void set_interrupt(auk_source *source, auk_pg *pg)
{
    pthread_mutex_lock(&source->lock);
    source->interrupt = pg;
    if (pg && source->stopping)
        auk_pg_cancel(pg);
    pthread_mutex_unlock(&source->lock);
}

/* ---- tables ---- */

/* Documents keep their numbers: those of the record come first, in its order; of one whose table is
 * gone the place is kept. New ones wait until their tables are published. */
static void order_documents(auk_source *source, auk_sync_config *config, auk_arena *arena)
{
    auk_sync_document *ordered =
        AUK_ARENA_ARRAY(arena, auk_sync_document, config->document_count + source->index_count + 1);
    bool *used = AUK_ARENA_ARRAY(arena, bool, config->document_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < source->index_count; i++) {
        const auk_source_index *index = &source->indices[i];
        uint32_t k = 0;
        while (k < config->document_count &&
               (used[k] || !auk_span_equal(config->documents[k].index, index->name)))
            k++;
        if (k < config->document_count) {
            used[k] = true;
            ordered[count++] = config->documents[k];
        } else {
            ordered[count++] =
                (auk_sync_document){.index = auk_arena_copy(arena, index->name),
                                    .root = {.table = {auk_arena_copy(arena, index->schema),
                                                       auk_arena_copy(arena, index->table)},
                                             .all_columns = true},
                                    .node_count = 1};
        }
    }
    bool more = source->phase == AUK_SOURCE_NEW || source->may_extend;
    for (uint32_t k = 0; more && k < config->document_count; k++)
        if (!used[k])
            ordered[count++] = config->documents[k];
    config->documents = ordered;
    config->document_count = count;
}

static auk_code learn_types(auk_source *source, const auk_source_tables *tables, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < tables->count && code == AUK_OK; i++) {
        const auk_table *table = &tables->items[i].table;
        auk_arena *arena = auk_arena_create(1024);
        uint32_t *oids = AUK_ARENA_ARRAY(arena, uint32_t, table->column_count + 1);
        for (uint32_t k = 0; k < table->column_count; k++)
            oids[k] = table->columns[k].type;
        code = auk_pg_types_learn(source->types, source->pg, oids, table->column_count, err);
        auk_arena_destroy(arena);
    }
    return code;
}

/* What a table has become, before the first row of its new form is taken. */
static auk_code relate(void *context, const auk_relation *relation, auk_error *err)
{
    auk_source *source = context;
    return auk_source_relate(source, relation, err);
}

static auk_code open_applier(auk_source *source, const auk_sync_config *config,
                             const auk_source_tables *tables, auk_applier **out, auk_error *err)
{
    const auk_applier_options options = {
        .catalog = source->owner->options.catalog,
        .budget = source->owner->options.budget,
        .config = config,
        .source = source->number,
        .types = source->types,
        .relate = relate,
        .context = source,
        .locals = source->locals,
    };
    auk_code code = auk_applier_open(&options, out, err);
    for (uint32_t i = 0; code == AUK_OK && i < tables->count; i++)
        code = auk_applier_describe(*out, &tables->items[i].table, err);
    if (code != AUK_OK) {
        auk_applier_close(*out);
        *out = NULL;
    }
    return code;
}

void auk_source_close_applier(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    auk_applier *applier = source->applier;
    source->applier = NULL;
    pthread_mutex_unlock(&source->lock);
    auk_applier_close(applier);
}

/* Under `applying`: the applier before goes, and what it borrowed. */
static auk_code replace_applier(auk_source *source, auk_arena *arena, auk_sync_config *config,
                                const auk_source_tables *tables, auk_error *err)
{
    auk_sync_position position = {0};
    auk_applier *applier = NULL;
    auk_source_close_applier(source);
    if (!source->types)
        source->types = auk_pg_types_create();
    auk_code code = learn_types(source, tables, err);
    if (code == AUK_OK)
        code = open_applier(source, config, tables, &applier, err);
    if (code != AUK_OK)
        return code;
    auk_applier_read_position(applier, &position);
    auk_xid_window_note(source->xids, position.xid);
    auk_arena *before = source->table_arena;
    pthread_mutex_lock(&source->lock);
    source->table_arena = arena;
    source->expanded = config;
    source->tables = *tables;
    source->applier = applier;
    source->position = position;
    if (source->phase == AUK_SOURCE_STREAMING)
        source->searchable = position.applied;
    pthread_mutex_unlock(&source->lock);
    auk_arena_destroy(before);
    return AUK_OK;
}

/* What an earlier life applied may still be invisible where commits wait for a standby; elsewhere
 * it was seen before we were there again. */
static auk_code doubt_earlier(const auk_source *source, auk_error *err)
{
    static const char sql[] = "SELECT pg_snapshot_xmax(pg_current_snapshot()),"
                              " current_setting('synchronous_standby_names') <> ''";
    auk_pg_result *r;
    if (auk_xid_window_mark(source->xids).noted > 0)
        return AUK_OK;
    auk_code code = auk_pg_query(source->pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    if (auk_pg_is_true(r, 0, 1))
        auk_xid_window_doubt(source->xids, auk_pg_number(r, 0, 0));
    auk_pg_clear(r);
    return AUK_OK;
}

auk_code auk_source_read_tables(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(16384);
    auk_sync_config *expanded;
    auk_source_tables tables;
    auk_code code = doubt_earlier(source, err);
    if (code == AUK_OK)
        code = auk_tables_expand(source->pg, source->config, source->known, source->known_count,
                                 arena, &expanded, err);
    if (code == AUK_OK) {
        order_documents(source, expanded, arena);
        code = auk_tables_read(source->pg, expanded, source->known, source->known_count, arena,
                               &tables, err);
    }
    if (code == AUK_OK) {
        auk_source_lock_applier(source);
        code = replace_applier(source, arena, expanded, &tables, err);
        pthread_mutex_unlock(&source->applying);
    }
    if (code != AUK_OK)
        auk_arena_destroy(arena);
    return code;
}

/* ---- the slot ---- */

auk_code auk_source_poll_slot(auk_source *source, auk_error *err)
{
    auk_slot_state slot;
    auk_arena *arena = auk_arena_create(256);
    auk_code code = auk_slot_read(source->pg, source->config->slot, arena, &slot, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    uint64_t now_us = auk_clock_monotonic_us();
    pthread_mutex_lock(&source->lock);
    double held = (double)(slot.current - slot.restart);
    double before = (double)(source->slot.current - source->slot.restart);
    double seconds = (double)(now_us - source->slot_polled_us) / 1e6;
    bool comparable = source->slot_polled_us > 0 && source->slot.exists && slot.exists;
    if (comparable && seconds >= 1)
        source->slot_growth = source->slot_growth * 0.7 + (held - before) / seconds * 0.3;
    auk_arena *old = source->slot_arena;
    source->slot = slot;
    source->slot_arena = arena;
    source->slot_polled_us = now_us;
    pthread_mutex_unlock(&source->lock);
    auk_arena_destroy(old);
    auk_source_weigh_wal(source);
    return AUK_OK;
}

/* A walsender of a life of ours that is over keeps the slot until it notices. */
static auk_code free_slot(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(256);
    auk_span ours = auk_source_application(source, arena);
    const auk_slot_state *slot = &source->slot;
    auk_code code = AUK_OK;
    if (slot->active && auk_span_equal(slot->holder, ours)) {
        auk_pg_result *result;
        auk_span pid = auk_arena_printf(arena, "%u", slot->active_pid);
        auk_log(AUK_LOG_INFO, "ends a session of an earlier life that holds the slot",
                "source=%.*s pid=%u", AUK_SPAN_ARG(source->name), slot->active_pid);
        code = auk_pg_query(source->pg, "SELECT pg_terminate_backend($1::int, 5000)", &pid, 1,
                            &result, err);
        if (code == AUK_OK)
            auk_pg_clear(result);
    } else if (slot->active) {
        code = auk_fail(err, AUK_CONFLICT, "slot [%.*s] is in use by process %u (%.*s)",
                        AUK_SPAN_ARG(source->config->slot), slot->active_pid,
                        AUK_SPAN_ARG(slot->holder));
        auk_hint(err, "two cannot follow one slot: end the other one, or name another slot");
    }
    auk_arena_destroy(arena);
    return code;
}

/* Is it the server, and the slot, that we know? */
static auk_code check_server(auk_source *source, auk_error *err)
{
    const auk_slot_state *slot = &source->slot;
    const auk_sync_position *at = &source->position;
    if (source->phase == AUK_SOURCE_NEW)
        return AUK_OK;
    if (at->system_id && slot->system_id != at->system_id) {
        auk_fail(err, AUK_CORRUPT,
                 "this is another database system (%llu) than the one followed so far (%llu)",
                 (unsigned long long)slot->system_id, (unsigned long long)at->system_id);
        auk_hint(err, "check [connection]; _resync reads everything anew from this one");
        return AUK_CORRUPT;
    }
    auk_code code = auk_source_check_timeline(source, err);
    if (code != AUK_OK)
        return code;
    if (!slot->exists || slot->is_lost) {
        auk_fail(err, AUK_NOT_FOUND, "slot [%.*s] %s", AUK_SPAN_ARG(source->config->slot),
                 slot->exists ? "was invalidated by the server (max_slot_wal_keep_size)"
                              : "is gone from the server");
        auk_hint(err,
                 "POST /_sync/%.*s/_resync makes a new slot and reads the tables anew; "
                 "searches go on meanwhile",
                 AUK_SPAN_ARG(source->name));
        return AUK_NOT_FOUND;
    }
    if (!slot->is_ours)
        return auk_fail(err, AUK_CONFLICT, "slot [%.*s] belongs to another plugin or database",
                        AUK_SPAN_ARG(source->config->slot));
    return AUK_OK;
}

auk_code auk_source_open(auk_source *source, auk_error *err)
{
    auk_code code = auk_source_connect(source, source->config, &source->pg, err);
    if (code != AUK_OK)
        return code;
    set_interrupt(source, source->pg);
    code = auk_source_read_tables(source, err);
    if (code == AUK_OK)
        code = auk_source_poll_slot(source, err);
    if (code == AUK_OK)
        code = check_server(source, err);
    return code == AUK_OK && source->slot.exists ? free_slot(source, err) : code;
}

/* The server passes over what was confirmed without a word, so this is asked after it began; and
 * before anything is received, which would cover what is missing. */
static auk_code check_gap(auk_source *source, auk_error *err)
{
    char slot[24], ours[24];
    auk_lsn covered = auk_stream_covered(source->stream);
    const char *damage = auk_stream_damage(source->stream);
    auk_code code = auk_source_poll_slot(source, err);
    if (code != AUK_OK || source->slot.confirmed <= covered)
        return code;
    auk_fail(err, AUK_CORRUPT,
             "the slot stands at %s, we at %s: changes between were confirmed%s%s "
             "and are lost to us",
             auk_lsn_format(source->slot.confirmed, slot), auk_lsn_format(covered, ours),
             damage                         ? " from the spool, and "
             : auk_source_wants_log(source) ? " by somebody else, or from a spool that is gone,"
                                            : " by somebody else",
             damage ? damage : "");
    auk_hint(err, "POST /_sync/%.*s/_resync reads the tables anew; searches go on meanwhile",
             AUK_SPAN_ARG(source->name));
    auk_source_set_hold(source, AUK_HOLD_GAP, err);
    return AUK_CORRUPT;
}

static bool all_binary(const auk_source *source)
{
    for (uint32_t i = 0; i < source->tables.count; i++) {
        const auk_table *table = &source->tables.items[i].table;
        for (uint32_t k = 0; k < table->column_count; k++)
            if (!auk_pg_types_has_binary(source->types, table->columns[k].type))
                return false;
    }
    return true;
}

static auk_span spool_directory(const auk_source *source, const char *below, auk_arena *arena)
{
    const auk_store *store = auk_catalog_store(source->owner->options.catalog);
    return auk_arena_printf(arena, "%s/spool/%.*s%s", auk_store_directory(store),
                            AUK_SPAN_ARG(source->name), below);
}

auk_code auk_source_forget_spool(const auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = auk_spool_log_remove(spool_directory(source, "/log", arena).data, err);
    auk_arena_destroy(arena);
    return code;
}

bool auk_source_wants_log(const auk_source *source)
{
    return source->config->ack == AUK_SYNC_ACK_SPOOLED || source->phase != AUK_SOURCE_STREAMING ||
           source->wal_level >= AUK_WAL_SHORT;
}

auk_code auk_source_open_stream(auk_source *source, auk_error *err)
{
    auk_span conninfo;
    auk_arena *arena = auk_arena_create(1024);
    const auk_sync_config *config = source->config;
    const char *log = spool_directory(source, "/log", arena).data;
    bool wants_log = auk_source_wants_log(source);
    auk_code code = auk_source_conninfo(config, arena, &conninfo, err);
    if (code == AUK_OK) {
        const auk_stream_options options = {
            .conninfo = conninfo.data,
            .slot = config->slot.data,
            .publication = config->publication.data,
            .application = auk_source_application(source, arena).data,
            .system_id = source->slot.system_id,
            .timeline = source->slot.in_recovery ? 0 : source->slot.timeline,
            .start = source->position.applied,
            .spool_directory = spool_directory(source, "", arena).data,
            .log_directory = wants_log || auk_spool_log_exists(log) ? log : NULL,
            .held = true,
            .spool_memory_bytes = config->spool_memory_bytes,
            .spool_limit_bytes = config->spool_limit_bytes,
            .binary = all_binary(source),
            .budget = source->owner->options.budget,
        };
        auk_xid_window_serve(source->xids, source->slot.system_id, source->slot.timeline);
        code = auk_stream_open(&options, &source->stream, err);
    }
    if (code == AUK_OK)
        code = check_gap(source, err);
    source->logs = wants_log;
    if (code == AUK_OK && !wants_log)
        auk_stream_stop_log(source->stream);
    if (code == AUK_OK)
        code = auk_stream_let_go(source->stream, err);
    auk_arena_destroy(arena);
    return code;
}

void auk_source_close_stream(auk_source *source)
{
    if (source->pending)
        auk_transaction_release(source->pending);
    source->pending = NULL;
    auk_stream_close(source->stream);
    source->stream = NULL;
}

void auk_source_disconnect(auk_source *source)
{
    auk_source_close_stream(source);
    set_interrupt(source, NULL);
    auk_pg_close(source->pg);
    source->pg = NULL;
}

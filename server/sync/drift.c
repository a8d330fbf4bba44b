/*
 * What DDL does to followed tables without a word in the log, found by looking at the catalog now
 * and then (table_watch.h). What it may have done to rows is found by comparing them:
 *
 *   partitions came or went, a rewrite, a change of     the table is owed a comparison, which
 *   the publication, and columns with defaults          mends; noted in the record until done
 *   a table of the same name took its place, or         everything is read anew
 *   another key
 *   dropped, not published, published in part,          told, with the SQL that mends it; what was
 *   without its key                                     missed meanwhile is owed afterwards
 */
#include "source.h"
#include "table_watch.h"

/* ---- being known ---- */

static auk_known_table *find_known(auk_source *source, uint32_t id)
{
    for (uint32_t i = 0; i < source->known_count; i++)
        if (source->known[i].id == id)
            return &source->known[i];
    return NULL;
}

auk_code auk_source_note_tables(auk_source *source, auk_error *err)
{
    auk_watch watch;
    auk_arena *scratch = auk_arena_create(4096), *arena = source->plan_arena;
    uint32_t count = source->tables.count;
    auk_known_table *known = AUK_ARENA_ARRAY(arena, auk_known_table, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const auk_source_table *table = &source->tables.items[i];
        const auk_known_table *before = find_known(source, table->table.id);
        if (before)
            known[i] = *before;
        known[i].schema = auk_arena_copy(arena, table->table.schema);
        known[i].name = auk_arena_copy(arena, table->table.name);
        known[i].id = table->table.id;
        if (!before || source->phase == AUK_SOURCE_NEW) { /* it is read after this */
            known[i].heaps = auk_watch_hash_heaps(table);
            known[i].published = 0;
            known[i].owed = 0;
        }
    }
    auk_code code =
        auk_watch_read(source->pg, source->config->publication, known, count, scratch, &watch, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        if (known[i].published == 0)
            known[i].published = watch.tables[i].published;
    auk_arena_destroy(scratch);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    source->known = known;
    source->known_count = count;
    pthread_mutex_unlock(&source->lock);
    return AUK_OK;
}

/* ---- what is owed ---- */

void auk_source_owe(auk_source *source, uint32_t table, const char *why)
{
    auk_known_table *known = find_known(source, table);
    if (!known)
        return;
    pthread_mutex_lock(&source->lock);
    known->owed++;
    known->owed_after = 0;
    pthread_mutex_unlock(&source->lock);
    auk_log(AUK_LOG_INFO, why, "source=%.*s table=%.*s", AUK_SPAN_ARG(source->name),
            AUK_SPAN_ARG(known->name));
}

void auk_source_settle(auk_source *source, uint32_t table, uint32_t owed, bool is_done)
{
    auk_error err = {0};
    pthread_mutex_lock(&source->lock);
    auk_known_table *known = find_known(source, table);
    bool settles = known && is_done && known->owed == owed;
    if (known)
        known->is_compared = false;
    if (settles)
        known->owed = 0;
    pthread_mutex_unlock(&source->lock);
    if (settles && auk_source_save(source, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "a comparison will be done once more", "source=%.*s reason=\"%s\"",
                AUK_SPAN_ARG(source->name), err.message);
}

/* Transactions that wrote before the change are told neither by the stream nor by a snapshot that
 * is taken while they run. */
static void pay(auk_source *source, const auk_watch *watch)
{
    for (uint32_t i = 0; i < source->known_count; i++) {
        auk_known_table *known = &source->known[i], copy;
        auk_error err = {0};
        pthread_mutex_lock(&source->lock);
        if (known->owed && known->owed_after == 0)
            known->owed_after = watch->xmax;
        bool is_due = known->owed && !known->is_compared && known->trouble == AUK_TABLE_FINE &&
                      watch->xmin >= known->owed_after;
        known->is_compared |= is_due;
        copy = *known;
        pthread_mutex_unlock(&source->lock);
        if (is_due && auk_source_start_compare(source, &copy, &err) != AUK_OK) {
            auk_log(AUK_LOG_WARN, "a changed table could not be compared",
                    "source=%.*s table=%.*s reason=\"%s\"", AUK_SPAN_ARG(source->name),
                    AUK_SPAN_ARG(copy.name), err.message);
            auk_source_settle(source, copy.id, copy.owed, false);
        }
    }
}

/* ---- trouble ---- */

static const struct {
    const char *state, *words;
} troubles[] = {
    [AUK_TABLE_FINE] = {"followed", ""},
    [AUK_TABLE_GONE] = {"gone", "the table was dropped; its documents stay as they were. One that "
                                "is made of the same name takes its place"},
    [AUK_TABLE_UNPUBLISHED] = {"unpublished", "the publication does not tell of the table; when it "
                                              "does again, what was missed is compared"},
    [AUK_TABLE_PARTIAL] = {"partial", "the publication leaves out some of the table's rows, "
                                      "columns or kinds of changes"},
    [AUK_TABLE_KEYLESS] = {"keyless", "the table has lost its key, so the server refuses changes "
                                      "of its rows"},
};

static void set_trouble(auk_source *source, auk_known_table *known, auk_table_trouble trouble)
{
    if (known->trouble == trouble)
        return;
    pthread_mutex_lock(&source->lock);
    known->trouble = trouble;
    pthread_mutex_unlock(&source->lock);
    auk_log(trouble ? AUK_LOG_WARN : AUK_LOG_INFO,
            trouble ? troubles[trouble].words : "a table is followed again",
            "source=%.*s table=%.*s", AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(known->name));
}

void auk_source_note_key(auk_source *source, uint32_t table, bool has_key)
{
    auk_known_table *known = find_known(source, table);
    if (known)
        set_trouble(source, known, has_key ? AUK_TABLE_FINE : AUK_TABLE_KEYLESS);
}

static auk_span remedy(const auk_source *source, const auk_known_table *known, auk_arena *arena)
{
    auk_span table = auk_table_sql(known->schema, known->name, arena);
    switch (known->trouble) {
    case AUK_TABLE_UNPUBLISHED:
        for (uint32_t i = 0; i < source->tables.count; i++)
            if (source->tables.items[i].table.id == known->id &&
                source->tables.items[i].kind == 'p' && source->known_via_leaves)
                return auk_publication_sql_via_root(source->config, arena);
        return auk_publication_sql_add(source->config, table, arena);
    case AUK_TABLE_PARTIAL:
        if (!source->publishes_all)
            return auk_publication_sql_whole(source->config, arena);
        return auk_arena_printf(arena, "ALTER PUBLICATION %.*s DROP TABLE %.*s; %.*s",
                                AUK_SPAN_ARG(auk_pg_identifier(source->config->publication, arena)),
                                AUK_SPAN_ARG(table),
                                AUK_SPAN_ARG(
                                    auk_publication_sql_add(source->config, table, arena)));
    case AUK_TABLE_KEYLESS:
        return auk_arena_printf(arena, "ALTER TABLE %.*s ADD PRIMARY KEY (...);",
                                AUK_SPAN_ARG(table));
    case AUK_TABLE_FINE:
    case AUK_TABLE_GONE:
        break;
    }
    return (auk_span){0};
}

void auk_source_write_tables(const auk_source *source, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_json_member_array(out, "tables");
    for (uint32_t i = 0; i < source->known_count; i++) {
        const auk_known_table *known = &source->known[i];
        auk_span sql = remedy(source, known, arena);
        bool is_owed = known->trouble == AUK_TABLE_FINE && known->owed > 0;
        auk_json_begin_object(out);
        auk_json_member_string(out, "table",
                               auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(known->schema),
                                                AUK_SPAN_ARG(known->name)));
        auk_json_member_text(out, "state", is_owed ? "compared" : troubles[known->trouble].state);
        if (known->trouble)
            auk_json_member_text(out, "reason", troubles[known->trouble].words);
        if (sql.size)
            auk_json_member_string(out, "sql", sql);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_arena_destroy(arena);
}

/* ---- looking ---- */

void auk_source_ask_resync(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    source->wants_resync = true;
    pthread_mutex_unlock(&source->lock);
}

static auk_table_trouble judge(const auk_known_table *known, const auk_table_watch *now,
                               const auk_watch *watch)
{
    if (!now->exists)
        return AUK_TABLE_GONE;
    if (!now->is_published)
        return AUK_TABLE_UNPUBLISHED;
    if (now->is_partial || !watch->publication.is_whole)
        return AUK_TABLE_PARTIAL;
    return known->trouble == AUK_TABLE_KEYLESS ? AUK_TABLE_KEYLESS : AUK_TABLE_FINE;
}

/* A configuration names tables: who has the name is meant, be it by renaming or made anew. */
static void replace(auk_source *source, auk_known_table *known, uint32_t id)
{
    pthread_mutex_lock(&source->lock);
    known->id = id;
    known->owed = 0; /* a comparison that runs is of the other one, and settles nothing here */
    known->is_compared = false;
    pthread_mutex_unlock(&source->lock);
    atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_REPLACED], 1);
    auk_log(AUK_LOG_WARN,
            "another table has taken the name of one that is followed, all is read "
            "anew",
            "source=%.*s table=%.*s", AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(known->name));
    auk_source_ask_resync(source);
}

/* Has what we remember of it changed? Then it is remembered as it is now. */
static bool has_moved(uint64_t *before, uint64_t now)
{
    bool moved = *before != 0 && *before != now;
    *before = now;
    return moved;
}

/* *changed: the record is to be written. */
static void look_at(auk_source *source, auk_known_table *known, const auk_table_watch *now,
                    const auk_watch *watch, bool *changed)
{
    auk_table_trouble trouble = judge(known, now, watch);
    if (now->named && now->named != known->id) {
        replace(source, known, now->named);
        return;
    }
    if (trouble == AUK_TABLE_GONE && known->trouble != trouble)
        atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_GONE], 1);
    set_trouble(source, known, trouble);
    if (trouble == AUK_TABLE_GONE)
        return;
    pthread_mutex_lock(&source->lock);
    *changed |= known->heaps != now->heaps || known->published != now->published;
    bool heaps = has_moved(&known->heaps, now->heaps);
    bool published = has_moved(&known->published, now->published);
    pthread_mutex_unlock(&source->lock);
    atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_HEAPS], heaps);
    atomic_fetch_add(&source->counts.schema_changes[AUK_CHANGE_PUBLICATION], published);
    if (heaps)
        auk_source_owe(source, known->id, "partitions of a table, or its files, have changed");
    if (published)
        auk_source_owe(source, known->id, "what is published of a table has changed");
}

static auk_code take_changes(auk_source *source, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_source_lock_applier(source);
    for (uint32_t i = 0; i < source->tables.count && code == AUK_OK; i++)
        code = auk_source_take_change(source, &source->tables.items[i], err);
    pthread_mutex_unlock(&source->applying);
    return code;
}

static auk_code look_at_all(auk_source *source, auk_arena *arena, auk_error *err)
{
    auk_watch watch;
    bool changed = false;
    auk_code code = auk_watch_read(source->pg, source->config->publication, source->known,
                                   source->known_count, arena, &watch, err);
    if (code != AUK_OK)
        return code;
    if (!watch.publication.exists)
        return auk_fail(err, AUK_NOT_FOUND, "publication \"%.*s\" does not exist",
                        AUK_SPAN_ARG(source->config->publication));
    pthread_mutex_lock(&source->lock);
    source->known_via_leaves = !watch.publication.via_root;
    source->publishes_all = watch.publication.is_whole;
    for (uint32_t i = 0; i < source->known_count; i++)
        changed |= source->known[i].owed && source->known[i].owed_after == 0;
    pthread_mutex_unlock(&source->lock);
    for (uint32_t i = 0; i < source->known_count; i++)
        look_at(source, &source->known[i], &watch.tables[i], &watch, &changed);
    if (changed)
        code = auk_source_save(source, err);
    if (code == AUK_OK)
        pay(source, &watch);
    return code;
}

auk_code auk_source_look_at_tables(auk_source *source, auk_error *err)
{
    if (source->phase != AUK_SOURCE_STREAMING)
        return AUK_OK;
    auk_arena *arena = auk_arena_create(8192);
    auk_code code = take_changes(source, err);
    if (code == AUK_OK)
        code = look_at_all(source, arena, err);
    auk_arena_destroy(arena);
    return code == AUK_OK ? auk_source_look_for_new(source, err) : code;
}

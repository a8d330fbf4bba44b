#include <time.h>

#include "verify_private.h"

#define WAIT_US 600000000u
#define LOOK_NS 2000000
#define PACE_NS 50000000

/* ---- turns ---- */

auk_code auk_verify_check_stopped(const auk_verify *verify, auk_error *err)
{
    return verify->stopped(verify->context)
               ? auk_fail(err, AUK_CANCELLED, "verification was stopped")
               : AUK_OK;
}

static auk_code check_time(const auk_verify *verify, uint64_t until_us, auk_error *err)
{
    if (auk_clock_monotonic_us() > until_us)
        return auk_fail(err, AUK_BUSY, "the source does not catch up, verify it when it does");
    return auk_verify_check_stopped(verify, err);
}

static void rest(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* What waits to be shown is shown first. */
static auk_code make_quiet(auk_applier *applier, bool *quiet, auk_error *err)
{
    auk_code code = AUK_OK;
    *quiet = auk_applier_is_quiet(applier);
    if (!*quiet && auk_applier_has_group(applier)) {
        code = auk_applier_publish(applier, err);
        *quiet = code == AUK_OK && auk_applier_is_quiet(applier);
    }
    return code == AUK_BUSY || code == AUK_FULL ? AUK_OK : code;
}

/* Entered: what is there now is not what was to be verified. */
static auk_code check_same(const auk_verify *verify, auk_error *err)
{
    auk_source *source = verify->source;
    pthread_mutex_lock(&source->lock);
    bool same = source->number == verify->number && source->phase != AUK_SOURCE_NEW &&
                source->phase != AUK_SOURCE_SNAPSHOT;
    pthread_mutex_unlock(&source->lock);
    return same ? AUK_OK
                : auk_fail(err, AUK_CANCELLED, "the source is read anew, which mends all there is");
}

auk_code auk_verify_enter(const auk_verify *verify, auk_applier **out, auk_error *err)
{
    uint64_t until_us = auk_clock_monotonic_us() + WAIT_US;
    for (;;) {
        bool quiet = false;
        auk_applier *applier = auk_source_enter(verify->source);
        auk_code code = check_same(verify, err);
        if (code == AUK_OK && applier)
            code = make_quiet(applier, &quiet, err);
        if (quiet) {
            *out = applier;
            return AUK_OK;
        }
        auk_source_leave(verify->source);
        if (code == AUK_OK)
            code = check_time(verify, until_us, err);
        if (code != AUK_OK)
            return code;
        rest(LOOK_NS);
    }
}

auk_code auk_verify_wait(const auk_verify *verify, auk_lsn lsn, auk_error *err)
{
    uint64_t until_us = auk_clock_monotonic_us() + WAIT_US;
    auk_source *source = verify->source;
    for (;;) {
        pthread_mutex_lock(&source->lock);
        bool there = source->position.applied >= lsn;
        if (!there)
            source->now_wanted++; /* makes the server tell where it stands */
        pthread_mutex_unlock(&source->lock);
        if (there)
            return AUK_OK;
        auk_code code = check_time(verify, until_us, err);
        if (code != AUK_OK)
            return code;
        rest(LOOK_NS);
    }
}

auk_code auk_verify_pause(auk_verify *verify, auk_error *err)
{
    if (verify->told)
        verify->told(verify->context, verify);
    while (verify->rows_per_second > 0 && !verify->stopped(verify->context)) {
        double due = (double)verify->rows / verify->rows_per_second * 1e6;
        if ((double)(auk_clock_monotonic_us() - verify->started_us) >= due)
            break;
        rest(PACE_NS);
    }
    return auk_verify_check_stopped(verify, err);
}

/* ---- differences ---- */

void auk_verify_note(auk_verify *verify, const auk_table *table, const auk_span *key,
                     const char *kind)
{
    auk_span text = AUK_SPAN("");
    verify->missing += kind[0] == 'm';
    verify->extra += kind[0] == 'e';
    verify->different += kind[0] == 'd';
    verify->mended += verify->repair;
    if (verify->listed_count == AUK_VERIFY_LISTED)
        return;
    for (uint32_t i = 0; i < table->key_count; i++)
        text = auk_arena_printf(verify->arena, "%.*s%s%.*s", AUK_SPAN_ARG(text), i ? ":" : "",
                                AUK_SPAN_ARG(key[i]));
    verify->listed[verify->listed_count++] =
        (auk_verify_difference){auk_arena_copy(verify->arena, table->name), text, kind,
                                verify->repair};
    auk_log(AUK_LOG_WARN, "a row differs from its source",
            "source=%.*s table=%.*s key=\"%.*s\" kind=%s mended=%s",
            AUK_SPAN_ARG(verify->source->name), AUK_SPAN_ARG(table->name), AUK_SPAN_ARG(text), kind,
            verify->repair ? "true" : "false");
}

/* ---- tables ---- */

static auk_code verify_table(auk_verify *verify, auk_pg *pg, const auk_known_table *name,
                             auk_error *err)
{
    auk_arena *arena = auk_arena_create(8192);
    auk_source_table table;
    auk_verify_target target;
    bool found;
    auk_code code = auk_table_read_id(pg, name->id, arena, &table, &found, err);
    verify->table = auk_arena_copy(verify->arena, name->name);
    if (code == AUK_OK && found && table.table.key_count > 0) {
        code = auk_verify_target_read(verify, pg, &table, arena, &target, err);
        if (code == AUK_OK)
            code = target.is_ordered ? auk_verify_ranges(&target, err)
                                     : auk_verify_heaps(&target, err);
    }
    auk_arena_destroy(arena);
    return code;
}

/* The names of the tables, copied: the source may replace its own meanwhile. */
static uint32_t list_tables(auk_verify *verify, auk_span wanted, auk_arena *arena,
                            auk_known_table **out)
{
    auk_source *source = verify->source;
    uint32_t count = 0;
    pthread_mutex_lock(&source->lock);
    *out = AUK_ARENA_ARRAY(arena, auk_known_table, source->tables.count + 1);
    for (uint32_t i = 0; i < source->tables.count; i++) {
        const auk_table *table = &source->tables.items[i].table;
        auk_span full = auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                         AUK_SPAN_ARG(table->name));
        if (wanted.size && !auk_span_equal(wanted, table->name) && !auk_span_equal(wanted, full))
            continue;
        verify->total += source->tables.items[i].rows;
        (*out)[count++] = (auk_known_table){.schema = auk_arena_copy(arena, table->schema),
                                            .name = auk_arena_copy(arena, table->name),
                                            .id = table->id};
    }
    pthread_mutex_unlock(&source->lock);
    return count;
}

static void note_result(auk_source *source, const auk_verify *verify, bool is_whole)
{
    atomic_fetch_add(&source->counts.verified_rows, verify->rows);
    atomic_fetch_add(&source->counts.verified_wrong,
                     verify->missing + verify->extra + verify->different);
    atomic_fetch_add(&source->counts.verified_mended, verify->mended);
    if (!is_whole)
        return;
    pthread_mutex_lock(&source->lock);
    source->verified_ms = auk_clock_wall_ms();
    source->verified_lsn = verify->lsn;
    pthread_mutex_unlock(&source->lock);
}

/* A process that has just begun follows, by its record, and knows no table yet. */
static auk_code wait_for_tables(const auk_verify *verify, auk_error *err)
{
    auk_applier *applier;
    auk_code code = auk_verify_enter(verify, &applier, err);
    if (code == AUK_OK)
        auk_source_leave(verify->source);
    return code;
}

auk_code auk_verify_run(auk_verify *verify, auk_span table, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_known_table *names = NULL;
    auk_pg *pg = NULL;
    auk_source *source = verify->source;
    uint32_t count = 0;
    pthread_mutex_lock(&source->lock);
    verify->number = source->number;
    pthread_mutex_unlock(&source->lock);
    verify->started_us = auk_clock_monotonic_us();
    auk_code code = wait_for_tables(verify, err);
    if (code == AUK_OK)
        count = list_tables(verify, table, arena, &names);
    if (code == AUK_OK && count == 0 && table.size)
        code = auk_fail(err, AUK_NOT_FOUND, "source [%.*s] follows no table [%.*s]",
                        AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(table));
    if (code == AUK_OK)
        code = auk_source_connect(source, source->config, &pg, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        code = verify_table(verify, pg, &names[i], err);
    auk_pg_close(pg);
    auk_arena_destroy(arena);
    note_result(source, verify, code == AUK_OK && !table.size);
    return code == AUK_OK && !table.size ? auk_source_save(source, err) : code;
}

void auk_verify_write(const auk_verify *verify, auk_json_writer *out)
{
    char lsn[24];
    auk_json_begin_object(out);
    auk_json_member_uint(out, "rows", verify->rows);
    auk_json_member_uint(out, "rows_estimated", verify->total);
    auk_json_member_string(out, "table", verify->table);
    auk_json_member_uint(out, "missing", verify->missing);
    auk_json_member_uint(out, "extra", verify->extra);
    auk_json_member_uint(out, "different", verify->different);
    auk_json_member_uint(out, "repaired", verify->mended);
    auk_json_member_uint(out, "undecided", verify->undecided);
    auk_json_member_text(out, "lsn", auk_lsn_format(verify->lsn, lsn));
    auk_json_member_array(out, "differences");
    for (uint32_t i = 0; i < verify->listed_count; i++) {
        const auk_verify_difference *d = &verify->listed[i];
        auk_json_begin_object(out);
        auk_json_member_string(out, "table", d->table);
        auk_json_member_string(out, "key", d->key);
        auk_json_member_text(out, "kind", d->kind);
        auk_json_member_bool(out, "repaired", d->mended);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
}

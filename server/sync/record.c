/*
 * The record: {"format":1,"phase":..,"number":..,"paused":bool,"resync":bool,"body":{..},
 * "indices":[{"schema","table","name","serving","standby","former","torn"}],
 * "tables":[{"schema","name","id","heaps","published","owed"}],
 * "heaps":[{"table","id","filenode","blocks","rows","first","gone"}],
 * "verified":ms,"verified_lsn":"X/Y"}
 */
#include "source.h"

static const char *const phase_names[] = {"new", "snapshot", "catchup", "streaming"};

static auk_span key_of(const auk_source *source, auk_arena *arena)
{
    return auk_arena_printf(arena, "sync/%.*s", AUK_SPAN_ARG(source->name));
}

/* ---- writing ---- */

static void write_indices(const auk_source *source, auk_json_writer *out)
{
    auk_json_member_array(out, "indices");
    for (uint32_t i = 0; i < source->index_count; i++) {
        const auk_source_index *index = &source->indices[i];
        auk_json_begin_object(out);
        auk_json_member_string(out, "schema", index->schema);
        auk_json_member_string(out, "table", index->table);
        auk_json_member_string(out, "name", index->name);
        auk_json_member_string(out, "serving", index->serving);
        auk_json_member_string(out, "standby", index->standby);
        auk_json_member_string(out, "former", index->former);
        auk_json_member_bool(out, "torn", index->is_torn);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_heaps(const auk_source *source, auk_json_writer *out)
{
    auk_json_member_array(out, "heaps");
    for (uint32_t i = 0; i < source->heap_count; i++) {
        const auk_source_heap *heap = &source->heaps[i];
        auk_json_begin_object(out);
        auk_json_member_uint(out, "table", heap->table);
        auk_json_member_uint(out, "id", heap->id);
        auk_json_member_uint(out, "filenode", heap->filenode);
        auk_json_member_uint(out, "blocks", heap->blocks);
        auk_json_member_uint(out, "rows", heap->rows);
        auk_json_member_uint(out, "first", heap->first);
        auk_json_member_bool(out, "gone", heap->is_gone);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_tables(const auk_source *source, auk_json_writer *out)
{
    auk_json_member_array(out, "tables");
    for (uint32_t i = 0; i < source->known_count; i++) {
        const auk_known_table *table = &source->known[i];
        auk_json_begin_object(out);
        auk_json_member_string(out, "schema", table->schema);
        auk_json_member_string(out, "name", table->name);
        auk_json_member_uint(out, "id", table->id);
        auk_json_member_int(out, "heaps", (int64_t)table->heaps);
        auk_json_member_int(out, "published", (int64_t)table->published);
        auk_json_member_bool(out, "owed", table->owed > 0);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

void auk_source_put_record(const auk_source *source, auk_batch *batch)
{
    char lsn[24];
    auk_buffer text;
    auk_json_writer out;
    auk_arena *arena = auk_arena_create(256);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_member_text(&out, "phase", phase_names[source->phase]);
    auk_json_member_uint(&out, "number", source->number);
    auk_json_member_bool(&out, "paused", source->wants_pause);
    auk_json_member_bool(&out, "resync", source->wants_resync);
    auk_json_member_raw(&out, "body", source->body);
    write_indices(source, &out);
    write_tables(source, &out);
    write_heaps(source, &out);
    auk_json_member_int(&out, "verified", source->verified_ms);
    auk_json_member_text(&out, "verified_lsn", auk_lsn_format(source->verified_lsn, lsn));
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, key_of(source, arena), auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
}

auk_code auk_source_save(auk_source *source, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    pthread_mutex_lock(&source->saving);
    pthread_mutex_lock(&source->lock);
    auk_source_put_record(source, batch);
    pthread_mutex_unlock(&source->lock);
    auk_code code =
        auk_store_write(auk_catalog_store(source->owner->options.catalog), batch, true, err);
    pthread_mutex_unlock(&source->saving);
    auk_batch_destroy(batch);
    return code;
}

auk_code auk_source_erase(auk_source *source, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    auk_arena *arena = auk_arena_create(256);
    auk_batch_delete(batch, AUK_FAMILY_CATALOG, key_of(source, arena));
    auk_applier_erase(source->number, batch);
    auk_locals_erase(source->name, batch);
    auk_code code =
        auk_store_write(auk_catalog_store(source->owner->options.catalog), batch, true, err);
    auk_batch_destroy(batch);
    auk_arena_destroy(arena);
    return code;
}

/* ---- reading ---- */

static auk_span text_of(const auk_json *object, const char *key, auk_arena *arena)
{
    const auk_json *value = auk_json_get(object, key);
    return value ? auk_arena_copy(arena, value->text) : AUK_SPAN("");
}

static uint64_t number_of(const auk_json *object, const char *key)
{
    int64_t number = 0;
    (void)auk_json_to_int64(auk_json_get(object, key), &number);
    return number > 0 ? (uint64_t)number : 0;
}

/* All 64 bits, which JSON has with a sign. */
static uint64_t hash_of(const auk_json *object, const char *key)
{
    int64_t number = 0;
    (void)auk_json_to_int64(auk_json_get(object, key), &number);
    return (uint64_t)number;
}

static bool flag_of(const auk_json *object, const char *key)
{
    bool flag = false;
    (void)auk_json_to_bool(auk_json_get(object, key), &flag);
    return flag;
}

static void read_indices(auk_source *source, const auk_json *list)
{
    auk_arena *arena = source->plan_arena;
    source->indices = AUK_ARENA_ARRAY(arena, auk_source_index, (list ? list->count : 0) + 1);
    for (const auk_json *at = list ? list->child : NULL; at; at = at->next)
        source->indices[source->index_count++] = (auk_source_index){
            .schema = text_of(at, "schema", arena),
            .table = text_of(at, "table", arena),
            .name = text_of(at, "name", arena),
            .serving = text_of(at, "serving", arena),
            .standby = text_of(at, "standby", arena),
            .former = text_of(at, "former", arena),
            .is_torn = flag_of(at, "torn"),
        };
}

static void read_heaps(auk_source *source, const auk_json *list)
{
    source->heaps =
        AUK_ARENA_ARRAY(source->plan_arena, auk_source_heap, (list ? list->count : 0) + 1);
    for (const auk_json *at = list ? list->child : NULL; at; at = at->next)
        source->heaps[source->heap_count++] = (auk_source_heap){
            .table = (uint32_t)number_of(at, "table"),
            .id = (uint32_t)number_of(at, "id"),
            .filenode = (uint32_t)number_of(at, "filenode"),
            .blocks = number_of(at, "blocks"),
            .rows = number_of(at, "rows"),
            .first = number_of(at, "first"),
            .is_gone = flag_of(at, "gone"),
        };
}

static void read_tables(auk_source *source, const auk_json *list)
{
    auk_arena *arena = source->plan_arena;
    source->known = AUK_ARENA_ARRAY(arena, auk_known_table, (list ? list->count : 0) + 1);
    for (const auk_json *at = list ? list->child : NULL; at; at = at->next)
        source->known[source->known_count++] = (auk_known_table){
            .schema = text_of(at, "schema", arena),
            .name = text_of(at, "name", arena),
            .id = (uint32_t)number_of(at, "id"),
            .heaps = hash_of(at, "heaps"),
            .published = hash_of(at, "published"),
            .owed = flag_of(at, "owed"),
        };
}

static auk_code read_phase(auk_source *source, const auk_json *record, auk_error *err)
{
    const auk_json *phase = auk_json_get(record, "phase");
    for (int i = 0; phase && i <= AUK_SOURCE_STREAMING; i++)
        if (auk_span_is(phase->text, phase_names[i])) {
            source->phase = (auk_source_phase)i;
            return AUK_OK;
        }
    return auk_fail(err, AUK_CORRUPT, "source [%.*s] is in an unknown phase",
                    AUK_SPAN_ARG(source->name));
}

auk_code auk_source_load(auk_source *source, auk_span text, auk_error *err)
{
    const auk_json *record;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_json_parse_own(text, arena, &record, err);
    if (code == AUK_OK && number_of(record, "format") != 1)
        code =
            auk_fail(err, AUK_CORRUPT,
                     "source [%.*s] is written in format [%llu], this version reads [1]",
                     AUK_SPAN_ARG(source->name), (unsigned long long)number_of(record, "format"));
    if (code == AUK_OK)
        code = read_phase(source, record, err);
    const auk_json *body = code == AUK_OK ? auk_json_get(record, "body") : NULL;
    if (code == AUK_OK && !body)
        code = auk_fail(err, AUK_CORRUPT, "the record of source [%.*s] is damaged",
                        AUK_SPAN_ARG(source->name));
    if (code == AUK_OK)
        code = auk_source_configure(source, body, err);
    if (code == AUK_OK) {
        source->number = number_of(record, "number");
        source->wants_pause = flag_of(record, "paused");
        source->wants_resync = flag_of(record, "resync");
        source->verified_ms = (int64_t)number_of(record, "verified");
        (void)auk_lsn_parse(text_of(record, "verified_lsn", arena), &source->verified_lsn);
        read_indices(source, auk_json_get(record, "indices"));
        read_tables(source, auk_json_get(record, "tables"));
        read_heaps(source, auk_json_get(record, "heaps"));
        auk_snapshot_count(source);
    }
    auk_arena_destroy(arena);
    return code;
}

/* Rows as they are stored, against what verification reads from the source. */
#include "applier_private.h"

#include "auk/varint.h"

bool auk_applier_is_quiet(const auk_applier *applier)
{
    return !applier->has_changes && applier->taking.applied == 0 &&
           applier->whole.phase == AUK_WHOLE_NONE;
}

static auk_code begin(auk_applier *applier, uint32_t id, auk_model_table **table, auk_error *err)
{
    *table = auk_model_find(applier->model, id);
    if (!*table)
        return auk_fail(err, AUK_NOT_FOUND, "table %u is not followed", id);
    if (!auk_applier_is_quiet(applier))
        return auk_fail(err, AUK_BUSY, "transactions are being applied");
    return AUK_OK;
}

/* The key of the bound; fewer values than the key has name all keys that begin so. */
static void bound_of(const auk_applier *applier, const auk_row_table *table, const auk_span *values,
                     uint32_t count, auk_buffer *key)
{
    auk_key_begin(key, applier->source, AUK_KEY_ROW);
    auk_key_append_number(key, table->id);
    for (uint32_t i = 0; i < count && i < table->key_count; i++) {
        uint32_t type = table->columns[table->key[i]].type;
        auk_key_append_value(key, values[i], type == 20 || type == 21 || type == 23 || type == 26);
    }
}

typedef struct row_walk {
    auk_applier *applier;
    const auk_row_table *table;
    auk_store_cursor *cursor;
    auk_arena *arena; /* of a row */
    auk_row row;
    auk_span key;
} row_walk;

static void walk_open(row_walk *walk, auk_applier *applier, const auk_row_table *table,
                      const auk_key_range *range)
{
    auk_buffer from, to;
    auk_buffer_init(&from, (size_t)1 << 20);
    auk_buffer_init(&to, (size_t)1 << 20);
    bound_of(applier, table, range->from, range->from_count, &from);
    bound_of(applier, table, range->to, range->to_count, &to);
    if (range->to_count == 0)
        auk_key_end_of_prefix(&to);
    *walk = (row_walk){.applier = applier, .table = table, .arena = auk_arena_create(16384)};
    walk->cursor = auk_store_scan(applier->store, AUK_FAMILY_SYNC, auk_buffer_span(&from),
                                  auk_buffer_span(&to));
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
}

static auk_code walk_next(row_walk *walk, bool *end, auk_error *err)
{
    auk_span value;
    for (;;) {
        auk_row_writer writer;
        auk_arena_reset(walk->arena);
        *end = !auk_store_cursor_next(walk->cursor, &walk->key, &value);
        if (*end)
            return auk_store_cursor_status(walk->cursor, err);
        auk_code code = auk_row_decode_writer(value, &writer, err);
        if (code != AUK_OK)
            return code;
        if (auk_chunks_is_stale(walk->applier->chunks, walk->table->id, writer.is_chunk,
                                writer.number))
            continue;
        return auk_row_decode(value, walk->table->columns, walk->table->column_count,
                              walk->table->needed, walk->arena, &walk->row, err);
    }
}

static void walk_close(row_walk *walk)
{
    auk_store_cursor_close(walk->cursor);
    auk_arena_destroy(walk->arena);
}

static uint64_t hash_of(auk_applier *applier, const auk_row_table *table, const auk_datum *values)
{
    return auk_row_hash(table->column_count, table->needed, values, &applier->text);
}

auk_code auk_applier_sum(auk_applier *applier, uint32_t id, const auk_key_range *range,
                         auk_range_sum *out, auk_error *err)
{
    auk_model_table *table;
    row_walk walk;
    bool end = false;
    auk_code code = begin(applier, id, &table, err);
    if (code != AUK_OK)
        return code;
    *out = (auk_range_sum){0};
    walk_open(&walk, applier, &table->row, range);
    while ((code = walk_next(&walk, &end, err)) == AUK_OK && !end) {
        out->rows++;
        out->hash ^= hash_of(applier, &table->row, walk.row.values);
    }
    walk_close(&walk);
    return code;
}

auk_code auk_applier_hash_row(auk_applier *applier, uint32_t id, const auk_tuple *row,
                              uint64_t *hash, bool *counts, auk_error *err)
{
    auk_model_table *table = auk_model_find(applier->model, id);
    auk_code code = AUK_OK;
    if (!table)
        return auk_fail(err, AUK_NOT_FOUND, "table %u is not followed", id);
    auk_arena *arena = auk_arena_create(4096);
    auk_datum *values = AUK_ARENA_ARRAY(arena, auk_datum, table->row.column_count + 1);
    for (uint32_t i = 0; code == AUK_OK && i < row->count && i < table->row.column_count; i++) {
        const auk_table_column *column = &table->row.columns[i];
        values[i] = row->columns[i];
        if (values[i].state != AUK_DATUM_BINARY)
            continue;
        values[i].state = AUK_DATUM_TEXT;
        code = auk_pg_value_text(applier->options.types, column->type, column->modifier,
                                 &row->columns[i], arena, &values[i].bytes, err);
    }
    *counts = code == AUK_OK && auk_model_stores(table, values);
    *hash = code == AUK_OK ? hash_of(applier, &table->row, values) : 0;
    auk_arena_destroy(arena);
    return code;
}

static auk_row_sum sum_of(auk_applier *applier, const auk_row_table *table, const auk_row *row,
                          auk_arena *arena)
{
    auk_span *key = AUK_ARENA_ARRAY(arena, auk_span, table->key_count + 1);
    for (uint32_t i = 0; i < table->key_count; i++)
        key[i] = auk_arena_copy(arena, row->values[table->key[i]].bytes);
    return (auk_row_sum){key, table->key_count, hash_of(applier, table, row->values),
                         row->writer.is_chunk ? 0 : row->writer.xid};
}

auk_code auk_applier_list_hashes(auk_applier *applier, uint32_t id, const auk_key_range *range,
                                 uint32_t most, auk_arena *arena, auk_row_sum **out,
                                 uint32_t *count, auk_error *err)
{
    auk_model_table *table;
    row_walk walk;
    bool end = false;
    *count = 0;
    auk_code code = begin(applier, id, &table, err);
    if (code != AUK_OK)
        return code;
    *out = AUK_ARENA_ARRAY(arena, auk_row_sum, most + 1);
    walk_open(&walk, applier, &table->row, range);
    while (*count < most && (code = walk_next(&walk, &end, err)) == AUK_OK && !end)
        (*out)[(*count)++] = sum_of(applier, &table->row, &walk.row, arena);
    walk_close(&walk);
    return code;
}

auk_code auk_applier_seek(auk_applier *applier, uint32_t id, const auk_key_range *range,
                          uint64_t rows, auk_arena *arena, const auk_span **key, auk_error *err)
{
    auk_model_table *table;
    row_walk walk;
    bool end = false;
    *key = NULL;
    auk_code code = begin(applier, id, &table, err);
    if (code != AUK_OK)
        return code;
    walk_open(&walk, applier, &table->row, range);
    for (uint64_t i = 0; i <= rows && code == AUK_OK && !end; i++)
        code = walk_next(&walk, &end, err);
    if (code == AUK_OK && !end)
        *key = sum_of(applier, &table->row, &walk.row, arena).key;
    walk_close(&walk);
    return code;
}

auk_code auk_applier_find_hash(auk_applier *applier, uint32_t id, const auk_span *key,
                               uint32_t key_count, auk_row_sum *out, bool *found, auk_error *err)
{
    auk_model_table *table;
    auk_row row;
    *found = false;
    auk_code code = begin(applier, id, &table, err);
    if (code != AUK_OK)
        return code;
    if (auk_applier_row_key(applier, &table->row, key, key_count))
        code = auk_rows_get(applier->rows, &table->row, auk_buffer_span(&applier->key),
                            applier->arena, &row, found, err);
    if (code == AUK_OK && *found)
        *out = (auk_row_sum){key, key_count, hash_of(applier, &table->row, row.values),
                             row.writer.is_chunk ? 0 : row.writer.xid};
    auk_arena_reset(applier->arena);
    return code;
}

/* ---- what is compared ---- */

static bool stores_all(const auk_model_table *table)
{
    bool all = true;
    for (uint32_t i = 0; i < table->use_count; i++)
        all &= table->uses[i].as_through || table->uses[i].node->filter == NULL;
    return all || table->keeps_all;
}

auk_code auk_applier_read_needed(auk_applier *applier, const auk_table *table, auk_arena *arena,
                                 const bool **needed, bool *whole, auk_error *err)
{
    const auk_model_table *known = auk_model_find(applier->model, table->id);
    if (!known || known->use_count == 0)
        return auk_fail(err, AUK_NOT_FOUND, "table [%.*s] is not followed",
                        AUK_SPAN_ARG(table->name));
    bool same =
        known->row.column_count == table->column_count && known->row.key_count == table->key_count;
    for (uint32_t i = 0; same && i < table->column_count; i++)
        same = known->row.columns[i].number == table->columns[i].number;
    for (uint32_t i = 0; same && i < table->key_count; i++)
        same = known->row.key[i] == table->key[i];
    if (!same)
        return auk_fail(err, AUK_BUSY, "table [%.*s] is changing", AUK_SPAN_ARG(table->name));
    bool *copy = AUK_ARENA_ARRAY(arena, bool, table->column_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++)
        copy[i] = known->row.needed[i];
    *needed = copy;
    *whole = stores_all(known);
    return AUK_OK;
}

auk_code auk_applier_watch(auk_applier *applier, uint32_t id, auk_row_watch *watch, auk_error *err)
{
    auk_model_table *table = auk_model_find(applier->model, id);
    if (!table)
        return auk_fail(err, AUK_NOT_FOUND, "table %u is not followed", id);
    auk_row_watch_begin(watch, auk_rows_watches(applier->rows), id);
    return AUK_OK;
}

bool auk_applier_has_gone(auk_applier *applier, const auk_row_watch *watch, const auk_span *key,
                          uint32_t key_count)
{
    auk_model_table *table = auk_model_find(applier->model, watch->table);
    bool gone = watch->is_blind || !table ||
                !auk_applier_row_key(applier, &table->row, key, key_count) ||
                auk_key_set_has(&watch->gone, auk_buffer_span(&applier->key));
    auk_arena_reset(applier->arena);
    return gone;
}

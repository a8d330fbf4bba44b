/* Rows as they are stored, against what verification reads from the source. */
#include "applier_private.h"

#include "auk/varint.h"

static auk_code begin(auk_applier *applier, uint32_t id, auk_model_table **table, auk_error *err)
{
    *table = auk_model_find(applier->model, id);
    if (!*table)
        return auk_fail(err, AUK_NOT_FOUND, "table %u is not followed", id);
    if (applier->has_changes || applier->taking.applied != 0 ||
        applier->whole.phase != AUK_WHOLE_NONE)
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

static uint64_t hash_of(const auk_row_table *table, const auk_datum *values)
{
    return auk_row_hash(table->columns, table->column_count, table->needed, values);
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
        out->hash += hash_of(&table->row, walk.row.values);
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
    *hash = code == AUK_OK ? hash_of(&table->row, values) : 0;
    auk_arena_destroy(arena);
    return code;
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
    while (*count < most && (code = walk_next(&walk, &end, err)) == AUK_OK && !end) {
        auk_row_sum *sum = &(*out)[(*count)++];
        auk_span *key = AUK_ARENA_ARRAY(arena, auk_span, table->row.key_count + 1);
        for (uint32_t i = 0; i < table->row.key_count; i++)
            key[i] = auk_arena_copy(arena, walk.row.values[table->row.key[i]].bytes);
        *sum = (auk_row_sum){key, table->row.key_count, hash_of(&table->row, walk.row.values)};
    }
    walk_close(&walk);
    return code;
}

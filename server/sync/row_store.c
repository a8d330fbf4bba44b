#include "row_store.h"

#include <assert.h>
#include <stdlib.h>

#include "auk/hash.h"
#include "auk/varint.h"
#include "row_group.h"
#include "row_key.h"

#define SCRATCH_DEPTH 264 /* a path of 64 nodes with through-tables, twice each */
#define KEY_SIZE_MOST ((size_t)1 << 20)

struct auk_rows {
    auk_row_watch *watches;
    auk_store *store;
    uint64_t source;
    auk_chunks *chunks;
    auk_row_group group;
    auk_buffer key, value; /* of the call under way */
    auk_arena *scratch[SCRATCH_DEPTH];
    uint32_t depth;
};

auk_rows *auk_rows_create(auk_store *store, uint64_t source, auk_chunks *chunks)
{
    auk_rows *rows = (auk_rows *)calloc(1, sizeof *rows);
    if (!rows)
        abort();
    rows->store = store;
    rows->source = source;
    rows->chunks = chunks;
    auk_row_group_init(&rows->group);
    auk_buffer_init(&rows->key, KEY_SIZE_MOST);
    auk_buffer_init(&rows->value, AUK_BUFFER_NO_LIMIT);
    return rows;
}

void auk_rows_destroy(auk_rows *rows)
{
    if (!rows)
        return;
    auk_row_watch_break(rows->watches);
    auk_row_group_deinit(&rows->group);
    auk_buffer_deinit(&rows->key);
    auk_buffer_deinit(&rows->value);
    for (uint32_t i = 0; i < SCRATCH_DEPTH; i++)
        auk_arena_destroy(rows->scratch[i]);
    free(rows);
}

auk_row_watch **auk_rows_watches(auk_rows *rows)
{
    return &rows->watches;
}

auk_chunks *auk_rows_chunks(const auk_rows *rows)
{
    return rows->chunks;
}

/* ---- keys ---- */

static bool is_integer(const auk_table_column *column)
{
    return column->type == 20 || column->type == 21 || column->type == 23 || column->type == 26;
}

static void begin_row_key(const auk_rows *rows, uint32_t table, auk_buffer *key)
{
    auk_key_begin(key, rows->source, AUK_KEY_ROW);
    auk_key_append_number(key, table);
}

bool auk_rows_key(const auk_rows *rows, const auk_row_table *table, const auk_datum *values,
                  auk_buffer *key)
{
    begin_row_key(rows, table->id, key);
    for (uint32_t i = 0; i < table->key_count; i++) {
        const auk_datum *datum = &values[table->key[i]];
        if (datum->state != AUK_DATUM_TEXT)
            return false;
        auk_key_append_value(key, datum->bytes, is_integer(&table->columns[table->key[i]]));
    }
    return table->key_count > 0;
}

bool auk_rows_lookup_key(const auk_rows *rows, const auk_row_lookup *lookup,
                         const auk_datum *values, auk_buffer *key)
{
    const auk_row_table *table = lookup->table;
    begin_row_key(rows, table->id, key);
    for (uint32_t i = 0; i < table->key_count; i++) {
        const auk_datum *datum = &values[lookup->of_key[i]];
        if (datum->state != AUK_DATUM_TEXT)
            return false;
        auk_key_append_value(key, datum->bytes, is_integer(&table->columns[table->key[i]]));
    }
    return true;
}

void auk_rows_range(const auk_rows *rows, uint32_t table, auk_buffer *from, auk_buffer *to)
{
    begin_row_key(rows, table, from);
    begin_row_key(rows, table, to);
    auk_key_end_of_prefix(to);
}

/* What all edges of these columns with these values begin with; values: as many as the columns. */
static bool begin_edge(const auk_rows *rows, const auk_row_table *table, const uint16_t *positions,
                       uint32_t count, const auk_datum *const *values, auk_buffer *key)
{
    auk_key_begin(key, rows->source, AUK_KEY_EDGE);
    auk_key_append_number(key, table->id);
    auk_buffer_append_byte(key, (char)count);
    for (uint32_t i = 0; i < count; i++) {
        uint16_t number = (uint16_t)table->columns[positions[i]].number;
        auk_buffer_append_byte(key, (char)(number >> 8));
        auk_buffer_append_byte(key, (char)(number & 0xff));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (values[i]->state != AUK_DATUM_TEXT)
            return false;
        auk_key_append_value(key, values[i]->bytes, true);
    }
    return true;
}

/* The edge of a row's own values; false: it has none. */
static bool edge_of_row(const auk_rows *rows, const auk_row_table *table,
                        const auk_row_index *index, const auk_datum *values, auk_buffer *key)
{
    const auk_datum *own[AUK_SYNC_KEY_MOST];
    for (uint32_t i = 0; i < index->count; i++)
        own[i] = &values[index->positions[i]];
    return begin_edge(rows, table, index->positions, index->count, own, key);
}

/* ---- what is stored ---- */

/* Rows that an attempt left which came to no end are none. */
static auk_code is_alive(auk_rows *rows, auk_span key, auk_span value, bool *alive, auk_error *err)
{
    auk_row_writer writer;
    auk_code code = auk_row_decode_writer(value, &writer, err);
    *alive = code == AUK_OK &&
             !auk_chunks_is_stale(rows->chunks, auk_load_be32(key.data + AUK_KEY_HEAD_SIZE),
                                  writer.is_chunk, writer.number);
    return code;
}

/* Into rows->value. */
static auk_code get_stored(auk_rows *rows, auk_span key, bool *found, auk_error *err)
{
    auk_code code = auk_store_get(rows->store, AUK_FAMILY_SYNC, key, &rows->value, found, err);
    if (code != AUK_OK || !*found)
        return code;
    return is_alive(rows, key, auk_buffer_span(&rows->value), found, err);
}

static auk_code decode(const auk_row_table *table, auk_span bytes, auk_arena *arena, auk_row *out,
                       auk_error *err)
{
    return auk_row_decode(bytes, table->columns, table->column_count, table->needed, arena, out,
                          err);
}

auk_code auk_rows_get(auk_rows *rows, const auk_row_table *table, auk_span key, auk_arena *arena,
                      auk_row *out, bool *found, auk_error *err)
{
    const auk_row_entry *entry = auk_row_group_find(&rows->group, key);
    if (entry)
        return auk_rows_read(entry, true, arena, out, found, err);
    auk_code code = get_stored(rows, key, found, err);
    if (code != AUK_OK || !*found)
        return code;
    return decode(table, auk_arena_copy(arena, auk_buffer_span(&rows->value)), arena, out, err);
}

/* ---- lookups ---- */

static auk_arena *enter(auk_rows *rows)
{
    assert(rows->depth < SCRATCH_DEPTH);
    auk_arena **arena = &rows->scratch[rows->depth++];
    if (!*arena)
        *arena = auk_arena_create(4096);
    return *arena;
}

static void leave(auk_rows *rows)
{
    auk_arena_reset(rows->scratch[--rows->depth]);
}

static bool has_values(const auk_row_lookup *lookup, const auk_row *row, const auk_datum *values)
{
    for (uint32_t i = 0; i < lookup->count; i++) {
        const auk_datum *own = &row->values[lookup->positions[i]];
        if (own->state != AUK_DATUM_TEXT || !auk_span_equal(own->bytes, values[i].bytes))
            return false;
    }
    return true;
}

static auk_code visit_by_key(auk_rows *rows, const auk_row_lookup *lookup, const auk_datum *values,
                             auk_row_visitor visit, void *context, auk_arena *arena, auk_error *err)
{
    auk_row row;
    bool found = false;
    if (!auk_rows_lookup_key(rows, lookup, values, &rows->key))
        return AUK_OK;
    auk_span key = auk_arena_copy(arena, auk_buffer_span(&rows->key));
    auk_code code = auk_rows_get(rows, lookup->table, key, arena, &row, &found, err);
    return code == AUK_OK && found ? visit(context, key, &row, err) : code;
}

/* Those of the group that the edge leads to now. */
static auk_code visit_group(auk_rows *rows, const auk_row_lookup *lookup, auk_span edge,
                            const auk_datum *values, auk_row_visitor visit, void *context,
                            auk_error *err)
{
    auk_code code = AUK_OK;
    const auk_row_edge *found = auk_row_group_find_edge(&rows->group, edge);
    for (uint32_t i = 0; found && code == AUK_OK && i < found->count; i++) {
        auk_arena *arena = enter(rows);
        auk_row row;
        bool is_there;
        code = auk_rows_read(found->entries[i], true, arena, &row, &is_there, err);
        if (code == AUK_OK && is_there && has_values(lookup, &row, values))
            code = visit(context, found->entries[i]->key, &row, err);
        leave(rows);
    }
    return code;
}

/* One that was only looked at is found by its stored edges, as if there were no entry. */
static bool is_changed(const auk_row_entry *entry)
{
    return entry && entry->after.data != entry->before.data;
}

static auk_code visit_stored_row(auk_rows *rows, const auk_row_lookup *lookup, auk_span own_key,
                                 const auk_datum *values, auk_row_visitor visit, void *context,
                                 auk_error *err)
{
    auk_arena *arena = enter(rows);
    auk_row row;
    bool found = false;
    auk_code code = AUK_OK;
    begin_row_key(rows, lookup->table->id, &rows->key);
    auk_buffer_append(&rows->key, own_key);
    auk_span key = auk_arena_copy(arena, auk_buffer_span(&rows->key));
    if (!is_changed(auk_row_group_find(&rows->group, key)))
        code = auk_rows_get(rows, lookup->table, key, arena, &row, &found, err);
    if (code == AUK_OK && found && has_values(lookup, &row, values))
        code = visit(context, key, &row, err);
    leave(rows);
    return code;
}

static auk_code visit_stored(auk_rows *rows, const auk_row_lookup *lookup, auk_span edge,
                             const auk_datum *values, auk_row_visitor visit, void *context,
                             auk_arena *arena, auk_error *err)
{
    auk_span key, nothing;
    auk_buffer end;
    auk_code code = AUK_OK;
    auk_buffer_init(&end, KEY_SIZE_MOST);
    auk_buffer_append(&end, edge);
    auk_key_end_of_prefix(&end);
    auk_store_cursor *cursor = auk_store_scan(rows->store, AUK_FAMILY_SYNC, edge,
                                              auk_arena_copy(arena, auk_buffer_span(&end)));
    auk_buffer_deinit(&end);
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &nothing))
        code = visit_stored_row(rows, lookup, auk_span_from(key, edge.size), values, visit, context,
                                err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static auk_code visit_edge(auk_rows *rows, const auk_row_lookup *lookup, const auk_datum *values,
                           auk_row_visitor visit, void *context, auk_arena *arena, auk_error *err)
{
    const auk_datum *each[AUK_SYNC_KEY_MOST];
    for (uint32_t i = 0; i < lookup->count; i++)
        each[i] = &values[i];
    if (!begin_edge(rows, lookup->table, lookup->positions, lookup->count, each, &rows->key))
        return AUK_OK;
    auk_span edge = auk_arena_copy(arena, auk_buffer_span(&rows->key));
    auk_code code = visit_group(rows, lookup, edge, values, visit, context, err);
    if (code != AUK_OK)
        return code;
    return visit_stored(rows, lookup, edge, values, visit, context, arena, err);
}

auk_code auk_rows_each(auk_rows *rows, const auk_row_lookup *lookup, const auk_datum *values,
                       auk_row_visitor visit, void *context, auk_error *err)
{
    for (uint32_t i = 0; i < lookup->count; i++)
        if (values[i].state != AUK_DATUM_TEXT)
            return AUK_OK;
    if (rows->depth + 2 > SCRATCH_DEPTH)
        return auk_fail(err, AUK_INVALID, "a tree of tables is too deep");
    auk_arena *arena = enter(rows);
    auk_code code = lookup->by_key ? visit_by_key(rows, lookup, values, visit, context, arena, err)
                                   : visit_edge(rows, lookup, values, visit, context, arena, err);
    leave(rows);
    return code;
}

/* ---- the group ---- */

auk_code auk_rows_touch(auk_rows *rows, const auk_row_table *table, auk_span key, bool blind,
                        auk_row_entry **out, auk_error *err)
{
    auk_row_entry *entry = auk_row_group_find(&rows->group, key);
    auk_code code = AUK_OK;
    bool found = false;
    if (!entry) {
        if (!blind)
            code = get_stored(rows, key, &found, err);
        if (code != AUK_OK)
            return code;
        entry = auk_row_group_add(&rows->group, table, key);
        entry->is_blind = blind;
        if (found)
            entry->before = auk_arena_copy(rows->group.arena, auk_buffer_span(&rows->value));
        entry->after = entry->before;
    }
    if (entry->is_blind && !blind) { /* only now it matters */
        code = get_stored(rows, key, &found, err);
        if (code != AUK_OK)
            return code;
        entry->is_blind = false;
        if (found)
            entry->before = auk_arena_copy(rows->group.arena, auk_buffer_span(&rows->value));
    }
    *out = entry;
    return AUK_OK;
}

static void place(auk_rows *rows, auk_row_entry *entry, const auk_datum *values)
{
    for (uint32_t i = 0; i < entry->table->index_count; i++)
        if (edge_of_row(rows, entry->table, &entry->table->indexes[i], values, &rows->key))
            auk_row_group_place(&rows->group, auk_buffer_span(&rows->key), entry);
}

void auk_rows_set(auk_rows *rows, auk_row_entry *entry, const auk_row_writer *writer,
                  const auk_datum *values)
{
    const auk_row_table *table = entry->table;
    auk_buffer_reset(&rows->value);
    auk_row_encode(writer, table->columns, table->column_count, table->needed, values,
                   &rows->value);
    entry->after = auk_arena_copy(rows->group.arena, auk_buffer_span(&rows->value));
    place(rows, entry, values);
}

void auk_rows_remove(auk_row_entry *entry)
{
    entry->after = (auk_span){NULL, 0};
}

auk_code auk_rows_read(const auk_row_entry *entry, bool after, auk_arena *arena, auk_row *out,
                       bool *found, auk_error *err)
{
    auk_span bytes = after ? entry->after : entry->before;
    *found = bytes.data != NULL;
    return *found ? decode(entry->table, bytes, arena, out, err) : AUK_OK;
}

uint32_t auk_rows_entry_count(const auk_rows *rows)
{
    return rows->group.count;
}

auk_row_entry *auk_rows_entry(const auk_rows *rows, uint32_t number)
{
    return rows->group.entries[number];
}

size_t auk_rows_group_bytes(const auk_rows *rows)
{
    return auk_row_group_bytes(&rows->group);
}

void auk_rows_reset(auk_rows *rows)
{
    auk_row_group_reset(&rows->group);
}

/* Deletes (or puts) the edges that one of two states has and the other has not. */
static void describe_edges(auk_rows *rows, const auk_row_entry *entry, const auk_row *from,
                           const auk_row *to, bool put, auk_batch *batch, auk_arena *arena)
{
    const auk_row_table *table = entry->table;
    auk_span own_key = auk_span_from(entry->key, AUK_KEY_TABLE_SIZE);
    for (uint32_t i = 0; from && i < table->index_count; i++) {
        if (!edge_of_row(rows, table, &table->indexes[i], from->values, &rows->key))
            continue;
        auk_span edge = auk_arena_copy(arena, auk_buffer_span(&rows->key));
        bool same = to && edge_of_row(rows, table, &table->indexes[i], to->values, &rows->key) &&
                    auk_span_equal(edge, auk_buffer_span(&rows->key));
        if (same)
            continue;
        auk_buffer_reset(&rows->key);
        auk_buffer_append(&rows->key, edge);
        auk_buffer_append(&rows->key, own_key);
        if (put)
            auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&rows->key), AUK_SPAN(""));
        else
            auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&rows->key));
    }
}

static auk_code describe_entry(auk_rows *rows, const auk_row_entry *entry, auk_batch *batch,
                               auk_arena *arena, auk_error *err)
{
    auk_row before, after;
    bool was = false, is = false;
    auk_code code = AUK_OK;
    if (entry->after.data)
        auk_batch_put(batch, AUK_FAMILY_SYNC, entry->key, entry->after);
    else if (entry->before.data || entry->is_blind)
        auk_batch_delete(batch, AUK_FAMILY_SYNC, entry->key);
    if (entry->table->index_count == 0)
        return AUK_OK;
    code = auk_rows_read(entry, false, arena, &before, &was, err);
    if (code == AUK_OK)
        code = auk_rows_read(entry, true, arena, &after, &is, err);
    if (code != AUK_OK)
        return code;
    describe_edges(rows, entry, was ? &before : NULL, is ? &after : NULL, false, batch, arena);
    describe_edges(rows, entry, is ? &after : NULL, was ? &before : NULL, true, batch, arena);
    return AUK_OK;
}

auk_code auk_rows_describe(auk_rows *rows, auk_batch *batch, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_arena *arena = enter(rows);
    for (uint32_t i = 0; code == AUK_OK && i < rows->group.count; i++) {
        const auk_row_entry *entry = rows->group.entries[i];
        if (!entry->after.data)
            auk_row_watch_note(rows->watches, entry->table->id, entry->key);
        code = describe_entry(rows, entry, batch, arena, err);
        auk_arena_reset(arena);
    }
    leave(rows);
    return code;
}

auk_code auk_rows_rebind(auk_rows *rows, const auk_row_table *(*find)(void *context, uint32_t id),
                         void *context, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_row_group_forget_edges(&rows->group);
    for (uint32_t i = 0; code == AUK_OK && i < rows->group.count; i++) {
        auk_row_entry *entry = rows->group.entries[i];
        auk_arena *arena = enter(rows);
        auk_row row;
        bool is;
        entry->table = find(context, auk_load_be32(entry->key.data + AUK_KEY_HEAD_SIZE));
        assert(entry->table);
        code = auk_rows_read(entry, true, arena, &row, &is, err);
        if (code == AUK_OK && is && is_changed(entry))
            place(rows, entry, row.values);
        leave(rows);
    }
    return code;
}

/* ---- without a group ---- */

auk_code auk_rows_describe_gone(auk_rows *rows, const auk_row_table *table, auk_span key,
                                auk_span value, auk_batch *batch, auk_error *err)
{
    auk_row_entry entry = {.table = table, .key = key, .before = value};
    auk_arena *arena = enter(rows);
    auk_code code = describe_entry(rows, &entry, batch, arena, err);
    leave(rows);
    return code;
}

void auk_rows_write_row(const auk_rows *rows, const auk_row_table *table, auk_span key,
                        const auk_row_writer *writer, const auk_datum *values, auk_batch *batch)
{
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_row_encode(writer, table->columns, table->column_count, table->needed, values, &bytes);
    auk_batch_put(batch, AUK_FAMILY_SYNC, key, auk_buffer_span(&bytes));
    for (uint32_t i = 0; i < table->index_count; i++) {
        auk_buffer_reset(&bytes);
        if (!edge_of_row(rows, table, &table->indexes[i], values, &bytes))
            continue;
        auk_buffer_append(&bytes, auk_span_from(key, AUK_KEY_TABLE_SIZE));
        auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&bytes), AUK_SPAN(""));
    }
    auk_buffer_deinit(&bytes);
}

#include <inttypes.h>

#include "applier_private.h"

/* ---- values ---- */

/* Keys, joins and comparisons use texts, whatever form came. */
static auk_code to_text(auk_applier *applier, const auk_relation_column *column, auk_datum *datum,
                        auk_arena *arena, auk_error *err)
{
    if (datum->state != AUK_DATUM_BINARY)
        return AUK_OK;
    auk_span text;
    auk_code code = auk_pg_value_text(applier->options.types, column->type, column->modifier, datum,
                                      arena, &text, err);
    if (code == AUK_OK)
        *datum = (auk_datum){AUK_DATUM_TEXT, text};
    return code;
}

auk_code auk_applier_values(auk_applier *applier, const auk_relation_map *map,
                            const auk_relation *relation, const auk_tuple *tuple, auk_arena *arena,
                            auk_datum **out, auk_error *err)
{
    const auk_row_table *table = &map->table->row;
    auk_datum *values = AUK_ARENA_ARRAY(arena, auk_datum, table->column_count + 1);
    for (uint32_t i = 0; i < tuple->count && i < map->column_count; i++) {
        int32_t position = map->positions[i];
        if (position < 0 || !table->needed[position])
            continue;
        values[position] = tuple->columns[i];
        auk_code code = to_text(applier, &relation->columns[i], &values[position], arena, err);
        if (code != AUK_OK)
            return code;
    }
    *out = values;
    return AUK_OK;
}

/* Rows of a table without a key are told apart by where they came from. */
static bool key_of(auk_applier *applier, const auk_row_table *table, const auk_datum *values,
                   uint64_t ordinal)
{
    if (table->key_count > 0)
        return auk_rows_key(applier->rows, table, values, &applier->key);
    auk_key_begin(&applier->key, applier->source, AUK_KEY_ROW);
    auk_key_append_number(&applier->key, table->id);
    auk_key_append_value(&applier->key,
                         auk_arena_printf(applier->arena, "%" PRIX64 "-%" PRIu64,
                                          applier->taking.applied, ordinal),
                         false);
    return true;
}

/* ---- one row ---- */

/* The row as it is now, and whether it contains the transaction already. */
static auk_code read_now(auk_applier *applier, const auk_row_entry *entry, auk_row *row,
                         bool *found, bool *contains, auk_error *err)
{
    *contains = false;
    auk_code code = auk_rows_read(entry, true, applier->arena, row, found, err);
    if (code == AUK_OK && *found && row->writer.is_chunk)
        *contains = auk_chunks_ask(applier->chunks, row->writer.number, applier->taking.xid,
                                   applier->taking_commit) == AUK_CHUNK_SEES;
    return code;
}

static void note_skip(auk_applier *applier)
{
    AUK_APPLIER_COUNT(applier, skipped_visible, 1);
}

/* No look at what is stored is needed: nothing but the row itself hangs on it. */
static bool may_be_blind(const auk_applier *applier, const auk_model_table *table)
{
    return table->is_plain && table->is_named_by_key &&
           applier->taking_commit >= auk_chunks_high(applier->chunks);
}

static bool has_unchanged(const auk_row_table *table, const auk_datum *values)
{
    for (uint32_t i = 0; i < table->column_count; i++)
        if (values[i].state == AUK_DATUM_UNCHANGED && table->needed[i])
            return true;
    return false;
}

/* Values that were not sent: of the old tuple when it is whole, of our own row. */
static void fill_unchanged(auk_applier *applier, const auk_row_table *table,
                           const auk_datum *before, const auk_row *stored, auk_datum *values)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (values[i].state != AUK_DATUM_UNCHANGED || !table->needed[i])
            continue;
        if (before && before[i].state != AUK_DATUM_UNCHANGED) {
            values[i] = before[i];
        } else if (stored && stored->values[i].state != AUK_DATUM_UNCHANGED) {
            values[i] = stored->values[i];
            AUK_APPLIER_COUNT(applier, toast_from_row, 1);
        }
    }
}

static void remove_row(auk_applier *applier, auk_row_entry *entry, char op)
{
    auk_rows_remove(entry);
    entry->op = op;
    entry->xid = applier->taking.xid;
    auk_applier_note_unknown(applier, entry->key, false, 0);
}

static void set_row(auk_applier *applier, auk_model_table *table, auk_row_entry *entry,
                    const auk_datum *values, char op)
{
    auk_row_writer writer = {false, applier->taking.applied, applier->taking.xid};
    if (!auk_model_stores(table, values)) {
        remove_row(applier, entry, op);
        return;
    }
    auk_rows_set(applier->rows, entry, &writer, values);
    entry->op = op;
    entry->xid = applier->taking.xid;
    auk_applier_note_unknown(applier, entry->key, has_unchanged(&table->row, values),
                             applier->taking.xid);
}

/* ---- changes ---- */

static auk_code insert_row(auk_applier *applier, auk_model_table *table, auk_datum *values,
                           uint64_t ordinal, auk_error *err)
{
    auk_row_entry *entry;
    auk_row now;
    bool found, contains;
    if (!key_of(applier, &table->row, values, ordinal))
        return AUK_OK; /* a key has no nulls; what has is no row of ours */
    auk_code code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key),
                                   may_be_blind(applier, table), &entry, err);
    if (code == AUK_OK)
        code = read_now(applier, entry, &now, &found, &contains, err);
    if (code != AUK_OK)
        return code;
    entry->is_born = entry->is_born || entry->op == 0;
    if (contains)
        note_skip(applier);
    else
        set_row(applier, table, entry, values, 'i');
    return AUK_OK;
}

static auk_code delete_row(auk_applier *applier, auk_model_table *table, const auk_datum *values,
                           auk_error *err)
{
    auk_row_entry *entry;
    auk_row now;
    bool found, contains;
    if (table->row.key_count == 0 || !key_of(applier, &table->row, values, 0))
        return AUK_OK;
    auk_code code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key),
                                   may_be_blind(applier, table), &entry, err);
    if (code == AUK_OK)
        code = read_now(applier, entry, &now, &found, &contains, err);
    if (code != AUK_OK)
        return code;
    if (contains)
        note_skip(applier);
    else
        remove_row(applier, entry, 'd');
    return AUK_OK;
}

/* Into applier->arena: the old row's values, when the old tuple names another key. */
static bool key_moves(const auk_row_table *table, const auk_datum *before, const auk_datum *after)
{
    for (uint32_t i = 0; before && i < table->key_count; i++) {
        const auk_datum *old = &before[table->key[i]], *new = &after[table->key[i]];
        if (old->state == AUK_DATUM_TEXT && new->state == AUK_DATUM_TEXT &&
            !auk_span_equal(old->bytes, new->bytes))
            return true;
    }
    return false;
}

/* Delete and insert, each judged for itself: the chunk of one may have seen it, the other's not. */
static auk_code move_row(auk_applier *applier, auk_model_table *table, const auk_datum *before,
                         bool before_is_whole, auk_datum *values, auk_error *err)
{
    auk_row_entry *old, *new;
    auk_row old_row, new_row;
    bool had, old_contains, has, new_contains;
    if (!key_of(applier, &table->row, before, 0))
        return AUK_OK;
    auk_code code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key),
                                   false, &old, err);
    if (code == AUK_OK)
        code = read_now(applier, old, &old_row, &had, &old_contains, err);
    if (code != AUK_OK)
        return code;
    fill_unchanged(applier, &table->row, before_is_whole ? before : NULL,
                   had && !old_contains ? &old_row : NULL, values);
    if (old_contains)
        note_skip(applier);
    else
        remove_row(applier, old, 'u');
    if (!key_of(applier, &table->row, values, 0))
        return AUK_OK;
    code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key), false, &new,
                          err);
    if (code == AUK_OK)
        code = read_now(applier, new, &new_row, &has, &new_contains, err);
    if (code != AUK_OK)
        return code;
    if (new_contains)
        note_skip(applier);
    else
        set_row(applier, table, new, values, 'u');
    return AUK_OK;
}

static auk_code update_row(auk_applier *applier, auk_model_table *table, const auk_datum *before,
                           bool before_is_whole, auk_datum *values, auk_error *err)
{
    auk_row_entry *entry;
    auk_row now;
    bool found, contains;
    if (table->row.key_count == 0)
        return AUK_OK; /* insert only */
    for (uint32_t i = 0; before && i < table->row.key_count; i++) {
        uint32_t at = table->row.key[i]; /* a large key may itself lie out of line */
        if (values[at].state == AUK_DATUM_UNCHANGED)
            values[at] = before[at];
    }
    if (key_moves(&table->row, before, values))
        return move_row(applier, table, before, before_is_whole, values, err);
    if (before && before_is_whole)
        fill_unchanged(applier, &table->row, before, NULL, values);
    bool blind = may_be_blind(applier, table) && !has_unchanged(&table->row, values);
    if (!key_of(applier, &table->row, values, 0))
        return AUK_OK;
    auk_code code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key),
                                   blind, &entry, err);
    if (code == AUK_OK)
        code = read_now(applier, entry, &now, &found, &contains, err);
    if (code != AUK_OK)
        return code;
    if (contains) {
        note_skip(applier);
        return AUK_OK;
    }
    fill_unchanged(applier, &table->row, NULL, found ? &now : NULL, values);
    set_row(applier, table, entry, values, 'u');
    return AUK_OK;
}

static auk_code change_row(auk_applier *applier, const auk_relation_map *map,
                           const auk_row_change *change, uint64_t ordinal, auk_error *err)
{
    auk_datum *before = NULL, *after = NULL;
    auk_code code = AUK_OK;
    if (change->before.columns)
        code = auk_applier_values(applier, map, change->relation, &change->before, applier->arena,
                                  &before, err);
    if (code == AUK_OK && change->after.columns)
        code = auk_applier_values(applier, map, change->relation, &change->after, applier->arena,
                                  &after, err);
    if (code != AUK_OK)
        return code;
    if (change->kind == AUK_ROW_INSERT && after)
        return insert_row(applier, map->table, after, ordinal, err);
    if (change->kind == AUK_ROW_UPDATE && after)
        return update_row(applier, map->table, before, change->before_is_whole, after, err);
    if (change->kind == AUK_ROW_DELETE && before)
        return delete_row(applier, map->table, before, err);
    return AUK_OK;
}

/* ---- truncate ---- */

/* Row after row, so that documents and edges follow by the one way there is. */
static auk_code truncate_stored(auk_applier *applier, auk_model_table *table, uint32_t most,
                                uint32_t *removed, bool *left, auk_error *err)
{
    auk_buffer from, to;
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_buffer_init(&from, 64);
    auk_buffer_init(&to, 64);
    auk_rows_range(applier->rows, table->row.id, &from, &to);
    auk_store_cursor *cursor = auk_store_scan(applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&from), auk_buffer_span(&to));
    while (code == AUK_OK && !*left && auk_store_cursor_next(cursor, &key, &value)) {
        auk_row_entry *entry;
        auk_row now;
        bool found = false, contains = false;
        code = auk_rows_touch(applier->rows, &table->row, key, false, &entry, err);
        if (code == AUK_OK)
            code = read_now(applier, entry, &now, &found, &contains, err);
        if (code != AUK_OK || !found || contains)
            continue;
        remove_row(applier, entry, 't');
        *left = ++*removed == most;
        auk_arena_reset(applier->arena);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
    return code;
}

auk_code auk_applier_truncate(auk_applier *applier, auk_model_table *table, uint32_t most,
                              bool *left, auk_error *err)
{
    uint32_t removed = 0;
    *left = false;
    for (uint32_t i = 0; i < auk_rows_entry_count(applier->rows); i++) {
        auk_row_entry *entry = auk_rows_entry(applier->rows, i);
        auk_row now;
        bool found, contains;
        if (entry->table != &table->row || !entry->after.data)
            continue;
        auk_code code = read_now(applier, entry, &now, &found, &contains, err);
        if (code != AUK_OK)
            return code;
        if (!contains)
            remove_row(applier, entry, 't');
    }
    return truncate_stored(applier, table, most, &removed, left, err);
}

/* ---- all kinds ---- */

static void count_change(auk_applier *applier, const auk_relation_map *map,
                         auk_row_change_kind kind)
{
    if (kind < AUK_TABLE_CHANGES)
        (void)__atomic_fetch_add(&map->count->counts[kind], 1, __ATOMIC_RELAXED);
    switch (kind) {
    case AUK_ROW_INSERT:
        AUK_APPLIER_COUNT(applier, inserts, 1);
        break;
    case AUK_ROW_UPDATE:
        AUK_APPLIER_COUNT(applier, updates, 1);
        break;
    case AUK_ROW_DELETE:
        AUK_APPLIER_COUNT(applier, deletes, 1);
        break;
    case AUK_ROW_TRUNCATE:
        AUK_APPLIER_COUNT(applier, truncates, 1);
        break;
    case AUK_ROW_MESSAGE:
        break;
    }
}

auk_code auk_applier_change(auk_applier *applier, const auk_row_change *change, uint64_t ordinal,
                            auk_error *err)
{
    const auk_relation_map *map;
    bool left = true;
    if (change->kind == AUK_ROW_MESSAGE || !change->relation)
        return AUK_OK;
    auk_code code = auk_applier_map(applier, change->relation, &map, err);
    if (code != AUK_OK || !map)
        return code;
    if (change->kind != AUK_ROW_TRUNCATE)
        code = change_row(applier, map, change, ordinal, err);
    while (code == AUK_OK && change->kind == AUK_ROW_TRUNCATE && left) {
        code = auk_applier_truncate(applier, map->table, applier->options.group_changes_most, &left,
                                    err);
        if (code == AUK_OK && left)
            code = auk_applier_slice(applier, ordinal, err);
    }
    auk_arena_reset(applier->arena);
    if (code == AUK_OK)
        count_change(applier, map, change->kind);
    return code;
}

/* Chunks of a snapshot, several at a time, each in batches. */
#include <inttypes.h>

#include "applier_private.h"

#define BATCH_ROWS_MOST  8000
#define BATCH_BYTES_MOST ((size_t)8 << 20)

/* ---- a chunk ---- */

typedef struct loading {
    auk_applier *applier;
    const auk_chunk_source *chunk;
    const auk_model_table *table;
    uint64_t attempt, rows;
    auk_step step;
    auk_arena *arena; /* of one row */
    auk_document_builder builder;
    auk_batch *batch; /* rows of this step, when they go by themselves */
    auk_span *keys;   /* rows of this step, for the catalog's batch */
    auk_datum **values;
    uint32_t count;
    size_t bytes;
    bool last;
} loading;

static auk_row_writer writer_of(const loading *l)
{
    return (auk_row_writer){.is_chunk = true, .number = l->attempt};
}

static bool has_documents(const auk_model_table *table)
{
    for (uint32_t i = 0; i < table->use_count; i++)
        if (table->uses[i].node->tree->is_plain)
            return true;
    return false;
}

static void describe_rows(void *context, auk_batch *batch)
{
    loading *l = (loading *)context;
    auk_row_writer writer = writer_of(l);
    for (uint32_t i = 0; i < l->count; i++)
        auk_rows_write_row(l->applier->rows, &l->table->row, l->keys[i], &writer, l->values[i],
                           batch);
    if (l->last)
        auk_chunks_describe(l->applier->chunks, l->attempt, batch);
}

static void begin_step(loading *l)
{
    auk_step_init(&l->step);
    l->keys = AUK_ARENA_ARRAY(l->step.arena, auk_span, BATCH_ROWS_MOST);
    l->values = AUK_ARENA_ARRAY(l->step.arena, auk_datum *, BATCH_ROWS_MOST);
    l->count = 0;
    l->bytes = 0;
}

/* Rows without documents are written without a wait: the last batch is synced, and with it all. */
static auk_code flush(loading *l, auk_error *err)
{
    auk_code code;
    if (has_documents(l->table)) {
        auk_step_plan plan = {.step = &l->step,
                              .visible = false,
                              .describe = describe_rows,
                              .context = l};
        code = auk_applier_run_step(l->applier, &plan, err);
    } else {
        auk_batch *batch = auk_batch_create();
        describe_rows(l, batch);
        code = auk_store_write(l->applier->store, batch, l->last, err);
        auk_batch_destroy(batch);
    }
    auk_step_deinit(&l->step);
    begin_step(l);
    return code;
}

static auk_code take_values(loading *l, const auk_tuple *tuple, auk_datum **out, auk_error *err)
{
    const auk_row_table *table = &l->table->row;
    auk_datum *values = AUK_ARENA_ARRAY(l->step.arena, auk_datum, table->column_count + 1);
    for (uint32_t i = 0; i < tuple->count && i < table->column_count; i++) {
        const auk_table_column *column = &table->columns[i];
        auk_code code = AUK_OK;
        auk_span text = tuple->columns[i].bytes;
        if (!table->needed[i] || tuple->columns[i].state == AUK_DATUM_NULL)
            continue;
        if (tuple->columns[i].state == AUK_DATUM_BINARY)
            code = auk_pg_value_text(l->applier->options.types, column->type, column->modifier,
                                     &tuple->columns[i], l->arena, &text, err);
        if (code != AUK_OK)
            return code;
        values[i] = (auk_datum){AUK_DATUM_TEXT, auk_arena_copy(l->step.arena, text)};
        l->bytes += text.size;
    }
    *out = values;
    return AUK_OK;
}

static bool key_of(const loading *l, const auk_datum *values, auk_buffer *key)
{
    const auk_applier *applier = l->applier;
    const auk_row_table *table = &l->table->row;
    if (table->key_count > 0)
        return auk_rows_key(applier->rows, table, values, key);
    auk_key_begin(key, applier->source, AUK_KEY_ROW);
    auk_key_append_number(key, table->id);
    auk_key_append_value(key,
                         auk_arena_printf(l->arena, "c%" PRIu64 "-%" PRIu64, l->attempt, l->rows),
                         false);
    return true;
}

static auk_code take_row(loading *l, const auk_tuple *tuple, auk_error *err)
{
    auk_datum *values;
    auk_buffer key;
    auk_code code = take_values(l, tuple, &values, err);
    if (code != AUK_OK || !auk_model_stores(l->table, values))
        return code;
    auk_buffer_init(&key, (size_t)1 << 20);
    if (key_of(l, values, &key)) {
        auk_row row = {.writer = writer_of(l), .values = values};
        l->keys[l->count] = auk_arena_copy(l->step.arena, auk_buffer_span(&key));
        l->values[l->count] = values;
        for (uint32_t i = 0; code == AUK_OK && i < l->table->use_count; i++)
            if (l->table->uses[i].node->tree->is_plain)
                code = auk_step_add_row(l->applier, &l->step, l->table->uses[i].node->tree,
                                        l->keys[l->count], &row, &l->builder, err);
        l->count++;
        l->rows++;
    }
    auk_buffer_deinit(&key);
    return code;
}

static auk_code load_rows(loading *l, auk_error *err)
{
    for (;;) {
        auk_tuple tuple;
        bool end = false;
        auk_code code = l->chunk->next(l->chunk->context, &tuple, &end, err);
        if (code != AUK_OK)
            return code;
        l->last = end;
        if (!end)
            code = take_row(l, &tuple, err);
        auk_arena_reset(l->arena);
        if (code == AUK_OK &&
            (end || l->count == BATCH_ROWS_MOST || l->bytes + l->step.bytes > BATCH_BYTES_MOST))
            code = flush(l, err);
        if (code != AUK_OK || end)
            return code;
    }
}

auk_code auk_applier_load(auk_applier *applier, const auk_chunk_source *chunk, uint64_t *rows,
                          auk_error *err)
{
    auk_chunk state = {chunk->table, chunk->number, chunk->snapshot, chunk->high};
    loading l = {.applier = applier,
                 .chunk = chunk,
                 .table = auk_model_find(applier->model, chunk->table)};
    *rows = 0;
    if (!l.table)
        return auk_fail(err, AUK_INVALID, "table %u is not described", chunk->table);
    auk_code code = auk_chunks_begin(applier->chunks, &state, &l.attempt, err);
    if (code != AUK_OK)
        return code;
    l.arena = auk_arena_create(16384);
    l.builder = (auk_document_builder){.types = applier->options.types, .arena = l.arena};
    begin_step(&l);
    code = load_rows(&l, err);
    if (code == AUK_OK)
        auk_chunks_finish(applier->chunks, l.attempt);
    else
        auk_chunks_abandon(applier->chunks, l.attempt);
    AUK_APPLIER_COUNT(applier, unmapped_values, l.builder.unmapped);
    auk_step_deinit(&l.step);
    auk_arena_destroy(l.arena);
    *rows = l.rows;
    return code;
}

/*
 * After the last chunk: rows that no attempt vouches for go, with what was written of them; the
 * documents of trees are built, root after root; and all is shown.
 *
 *   the value of a BUILT key, version 1:  | version u8 | done u8 | index sized | last root sized |
 *   of another index it says nothing: the next generation is built from the beginning
 */
#include "applier_private.h"

#include "auk/varint.h"

#define VERSION    1
#define GONE_MOST  2000
#define ROOTS_MOST 4000

auk_code auk_applier_restart_table(auk_applier *applier, uint32_t table, auk_error *err)
{
    return auk_chunks_restart(applier->chunks, table, applier->position.applied, err);
}

/* ---- rows that are none ---- */

typedef struct purge {
    auk_applier *applier;
    const auk_model_table *table;
    auk_arena *arena;
    auk_buffer from, to;
    auk_span keys[GONE_MOST], values[GONE_MOST];
    uint32_t count;
    bool end;
} purge;

static auk_code gather_stale(purge *p, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_arena_reset(p->arena);
    p->count = 0;
    p->end = true;
    auk_store_cursor *cursor = auk_store_scan(p->applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&p->from), auk_buffer_span(&p->to));
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        auk_row_writer writer;
        code = auk_row_decode_writer(value, &writer, err);
        if (code != AUK_OK || !auk_chunks_is_stale(p->applier->chunks, p->table->row.id,
                                                   writer.is_chunk, writer.number))
            continue;
        p->keys[p->count] = auk_arena_copy(p->arena, key);
        p->values[p->count++] = auk_arena_copy(p->arena, value);
        p->end = p->count < GONE_MOST;
        if (!p->end)
            break;
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static void describe_gone(void *context, auk_batch *batch)
{
    purge *p = (purge *)context;
    for (uint32_t i = 0; i < p->count; i++)
        if (auk_rows_describe_gone(p->applier->rows, &p->table->row, p->keys[i], p->values[i],
                                   batch, NULL) != AUK_OK)
            auk_batch_delete(batch, AUK_FAMILY_SYNC, p->keys[i]);
    if (p->end)
        auk_chunks_purge(p->applier->chunks, p->table->row.id, batch);
}

static auk_code purge_pass(purge *p, auk_error *err)
{
    auk_step step;
    auk_code code = gather_stale(p, err);
    auk_step_init(&step);
    for (uint32_t i = 0; code == AUK_OK && i < p->count; i++)
        for (uint32_t k = 0; code == AUK_OK && k < p->table->use_count; k++) {
            const auk_tree_use *use = &p->table->uses[k];
            if (!use->node->parent && !use->as_through)
                code = auk_step_add_root(p->applier, &step, use->node->tree,
                                         auk_span_from(p->keys[i], AUK_KEY_TABLE_SIZE), true, err);
        }
    auk_step_plan plan = {.step = &step, .describe = describe_gone, .context = p};
    if (code == AUK_OK)
        code = auk_applier_run_step(p->applier, &plan, err);
    if (code == AUK_OK && !p->end) {
        auk_buffer_reset(&p->from);
        auk_buffer_append(&p->from, p->keys[p->count - 1]);
    }
    auk_step_deinit(&step);
    return code;
}

static auk_code purge_table(auk_applier *applier, const auk_model_table *table, auk_error *err)
{
    if (!auk_chunks_has_stale(applier->chunks, table->row.id))
        return AUK_OK;
    auk_arena *arena = auk_arena_create(65536);
    purge *p = AUK_ARENA_NEW(arena, purge);
    auk_code code = AUK_OK;
    *p = (purge){.applier = applier, .table = table, .arena = auk_arena_create(65536)};
    auk_buffer_init(&p->from, (size_t)1 << 20);
    auk_buffer_init(&p->to, 64);
    auk_rows_range(applier->rows, table->row.id, &p->from, &p->to);
    while (code == AUK_OK && !p->end)
        code = purge_pass(p, err);
    auk_buffer_deinit(&p->from);
    auk_buffer_deinit(&p->to);
    auk_arena_destroy(p->arena);
    auk_arena_destroy(arena);
    return code;
}

static bool uses_tree(const auk_model_table *table, const auk_tree *tree)
{
    for (uint32_t i = 0; i < table->use_count; i++)
        if (table->uses[i].node->tree == tree)
            return true;
    return false;
}

/* ---- documents ---- */

typedef struct building {
    auk_applier *applier;
    const auk_tree *tree;
    auk_buffer from, to, last;
    bool end;
} building;

static auk_code load_progress(building *b, bool *done, auk_error *err)
{
    auk_applier *applier = b->applier;
    bool found;
    *done = false;
    auk_rows_range(applier->rows, b->tree->root->table->id, &b->from, &b->to);
    auk_applier_root_key(applier, AUK_KEY_BUILT, b->tree->number, AUK_SPAN(""), &applier->key);
    auk_code code = auk_store_get(applier->store, AUK_FAMILY_SYNC, auk_buffer_span(&applier->key),
                                  &applier->text, &found, err);
    if (code != AUK_OK || !found)
        return code;
    auk_reader in = auk_reader_of(auk_buffer_span(&applier->text));
    uint8_t version = auk_reader_u8(&in), is_done = auk_reader_u8(&in);
    auk_span index = auk_reader_sized(&in), last = auk_reader_sized(&in);
    if (in.failed || version != VERSION || is_done > 1)
        return auk_fail(err, AUK_CORRUPT, "the record of a build is damaged");
    if (is_done || !auk_span_equal(index, auk_applier_target(applier, b->tree)))
        return AUK_OK; /* asked for again, or for another index: all of it */
    auk_buffer_append(&b->from, last);
    auk_buffer_append_byte(&b->from, 0);
    auk_buffer_append(&b->last, last);
    return AUK_OK;
}

static void describe_progress(void *context, auk_batch *batch)
{
    building *b = (building *)context;
    auk_buffer key, value;
    auk_buffer_init(&key, 64);
    auk_buffer_init(&value, (size_t)1 << 21);
    auk_applier_root_key(b->applier, AUK_KEY_BUILT, b->tree->number, AUK_SPAN(""), &key);
    auk_buffer_append_byte(&value, VERSION);
    auk_buffer_append_byte(&value, b->end ? 1 : 0);
    auk_buffer_append_sized(&value, auk_applier_target(b->applier, b->tree));
    auk_buffer_append_sized(&value, auk_buffer_span(&b->last));
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&value));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
}

static auk_code fill_pass(building *b, auk_step *step, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    uint32_t count = 0;
    b->end = true;
    auk_store_cursor *cursor = auk_store_scan(b->applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&b->from), auk_buffer_span(&b->to));
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        if (count++ == ROOTS_MOST || step->bytes > AUK_STEP_BYTES_MOST) {
            b->end = false;
            break;
        }
        auk_buffer_reset(&b->last);
        auk_buffer_append(&b->last, auk_span_from(key, AUK_KEY_TABLE_SIZE));
        code = auk_step_add_root(b->applier, step, b->tree, auk_buffer_span(&b->last), true, err);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static auk_code build_pass(building *b, auk_error *err)
{
    auk_step step;
    auk_code code = AUK_OK;
    auk_step_init(&step);
    b->end = b->tree->is_plain;
    if (!b->end)
        code = fill_pass(b, &step, err);
    auk_step_plan plan = {.step = &step,
                          .visible = b->end,
                          .shows_all = true,
                          .describe = describe_progress,
                          .context = b};
    if (code == AUK_OK)
        code = auk_applier_run_step(b->applier, &plan, err);
    if (code == AUK_OK) {
        auk_buffer_reset(&b->from);
        auk_key_begin(&b->from, b->applier->source, AUK_KEY_ROW);
        auk_key_append_number(&b->from, b->tree->root->table->id);
        auk_buffer_append(&b->from, auk_buffer_span(&b->last));
        auk_buffer_append_byte(&b->from, 0);
    }
    auk_step_deinit(&step);
    return code;
}

static auk_code build_tree(auk_applier *applier, const auk_tree *tree,
                           bool (*stopped)(void *context), void *context, auk_error *err)
{
    building b = {.applier = applier, .tree = tree};
    bool done;
    auk_buffer_init(&b.from, (size_t)1 << 20);
    auk_buffer_init(&b.to, 64);
    auk_buffer_init(&b.last, (size_t)1 << 20);
    auk_code code = load_progress(&b, &done, err);
    while (code == AUK_OK && !b.end) {
        if (stopped && stopped(context))
            code = auk_fail(err, AUK_CANCELLED, "stopped while documents were built");
        else
            code = build_pass(&b, err);
    }
    auk_buffer_deinit(&b.from);
    auk_buffer_deinit(&b.to);
    auk_buffer_deinit(&b.last);
    return code;
}

auk_code auk_applier_build(auk_applier *applier, uint32_t number, bool (*stopped)(void *context),
                           void *context, auk_error *err)
{
    auk_tree *tree = number < applier->model->tree_count ? applier->model->trees[number] : NULL;
    if (!tree)
        return auk_fail(err, AUK_INVALID, "documents [%u]: not all of their tables are described",
                        number);
    if (applier->taking.applied != 0 || applier->whole.phase == AUK_WHOLE_ROWS)
        return auk_fail(err, AUK_BUSY, "a large transaction is being applied");
    auk_code code = auk_applier_publish(applier, err);
    for (uint32_t i = 0; code == AUK_OK && i < applier->model->table_count; i++)
        if (uses_tree(&applier->model->tables[i], tree))
            code = purge_table(applier, &applier->model->tables[i], err);
    return code == AUK_OK ? build_tree(applier, tree, stopped, context, err) : code;
}

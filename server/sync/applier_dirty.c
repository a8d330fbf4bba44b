/*
 * Which documents does a changed row take part in? From the row, as it was and as it is, up every
 * path to the root.
 *
 * Above a changed row there may be others that changed too. It is enough to look at what is there
 * now: of the changed rows on a path the topmost finds its root, because above it everything is as
 * it was, and it is asked for both of its states itself.
 */
#include "applier_private.h"

typedef struct climb {
    auk_applier *applier;
    const auk_tree_node *node; /* that the rows visited belong to */
    const auk_tree_link *then; /* for rows of a through-table: the way on; else NULL */
} climb;

static auk_code climb_from(auk_applier *applier, const auk_tree_node *node, auk_span key,
                           const auk_row *row, auk_error *err);

static auk_code follow(auk_applier *applier, const auk_tree_link *link, const auk_row *row,
                       auk_row_visitor visit, void *context, auk_error *err)
{
    auk_datum values[AUK_SYNC_KEY_MOST];
    for (uint32_t i = 0; i < link->to.count; i++)
        values[i] = row->values[link->from[i]];
    return auk_rows_each(applier->rows, &link->to, values, visit, context, err);
}

static auk_code visit_parent(void *context, auk_span key, const auk_row *row, auk_error *err)
{
    climb *c = (climb *)context;
    return climb_from(c->applier, c->node->parent, key, row, err);
}

static auk_code visit_through(void *context, auk_span key, const auk_row *row, auk_error *err)
{
    climb *c = (climb *)context;
    (void)key;
    return follow(c->applier, &c->node->up, row, visit_parent, c, err);
}

static auk_code add_root(auk_applier *applier, const auk_tree_node *node, auk_span key,
                         auk_error *err)
{
    auk_buffer *root = &applier->text;
    auk_buffer_reset(root);
    auk_key_append_number(root, node->tree->number);
    auk_buffer_append(root, auk_span_from(key, AUK_KEY_TABLE_SIZE));
    if (auk_key_set_put(&applier->dirty, auk_buffer_span(root), 0))
        AUK_APPLIER_COUNT(applier, dirty_roots, 1);
    return applier->dirty.bytes > AUK_DIRTY_BYTES_MOST ? auk_applier_spill_dirty(applier, err)
                                                       : AUK_OK;
}

static auk_code climb_from(auk_applier *applier, const auk_tree_node *node, auk_span key,
                           const auk_row *row, auk_error *err)
{
    climb c = {.applier = applier, .node = node};
    if (!node->parent)
        return add_root(applier, node, key, err);
    if (auk_predicate_ask(node->filter, row->values) == AUK_PREDICATE_FALSE)
        return AUK_OK;
    if (node->through)
        return follow(applier, &node->step_up, row, visit_through, &c, err);
    return follow(applier, &node->up, row, visit_parent, &c, err);
}

static auk_code climb_state(auk_applier *applier, const auk_tree_use *use,
                            const auk_row_entry *entry, bool after, auk_error *err)
{
    climb c = {.applier = applier, .node = use->node};
    auk_row row;
    bool found;
    auk_code code = auk_rows_read(entry, after, applier->arena, &row, &found, err);
    if (code == AUK_OK && found)
        code = use->as_through ? follow(applier, &use->node->up, &row, visit_parent, &c, err)
                               : climb_from(applier, use->node, entry->key, &row, err);
    auk_arena_reset(applier->arena);
    return code;
}

static void note_fanout(auk_applier *applier, uint64_t roots)
{
    if (roots > applier->stats.fanout_most)
        __atomic_store_n(&applier->stats.fanout_most, roots, __ATOMIC_RELAXED);
}

auk_code auk_applier_collect(auk_applier *applier, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < auk_rows_entry_count(applier->rows); i++) {
        const auk_row_entry *entry = auk_rows_entry(applier->rows, i);
        const auk_model_table *table = (const auk_model_table *)(const void *)entry->table;
        uint64_t before = applier->stats.dirty_roots;
        for (uint32_t k = 0; code == AUK_OK && k < table->use_count; k++) {
            const auk_tree_use *use = &table->uses[k];
            if (use->node->tree->is_plain)
                continue;
            code = climb_state(applier, use, entry, false, err);
            if (code == AUK_OK)
                code = climb_state(applier, use, entry, true, err);
        }
        if (code != AUK_OK)
            return code;
        note_fanout(applier, applier->stats.dirty_roots - before);
    }
    return code;
}

/* A root that is to be built although nothing of it changed is built for nothing; so these keys may
 * be written ahead of the rows. */
auk_code auk_applier_spill_dirty(auk_applier *applier, auk_error *err)
{
    const auk_key_item *item;
    auk_batch *batch = auk_batch_create();
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->dirty, &at)) != NULL;) {
        auk_key_begin(&applier->key, applier->source, AUK_KEY_PENDING);
        auk_buffer_append(&applier->key, auk_span_make(item->data, item->size));
        auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&applier->key), AUK_SPAN(""));
    }
    auk_code code = auk_store_write(applier->store, batch, false, err);
    auk_batch_destroy(batch);
    if (code == AUK_OK) {
        applier->dirty_spilled = true;
        auk_key_set_reset(&applier->dirty);
    }
    return code;
}

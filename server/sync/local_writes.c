/* Clients' writes to the indices of a source: which of its documents they mean, also while it has
 * no connection, is read anew or stands. */
#include "source.h"

static const char owner_prefix[] = "sync:";

/* ---- which index ---- */

static bool is_of(const auk_sync_document *document, const auk_source_index *index)
{
    if (!auk_span_equal(document->root.table.schema, index->schema) ||
        !auk_span_equal(document->root.table.name, index->table))
        return false;
    return auk_span_equal(document->index, index->name) ||
           (document->index.size && memchr(document->index.data, '{', document->index.size));
}

/* As it was given; the expanded one needs the database. Under lock. */
static const auk_sync_document *find_document(const auk_source *source,
                                              const auk_source_index *index)
{
    static const auk_sync_document none;
    for (uint32_t i = 0; i < source->config->document_count; i++)
        if (is_of(&source->config->documents[i], index))
            return &source->config->documents[i];
    return &none; /* of a pattern: no field is local */
}

static auk_span name_of(auk_catalog *catalog, auk_span uuid, auk_arena *arena)
{
    auk_index *index = uuid.size ? auk_index_find(catalog, uuid) : NULL;
    auk_span name = index ? auk_index_name(index, arena) : AUK_SPAN("");
    auk_index_release(index);
    return name;
}

static bool reads(const auk_source *source, const auk_root *root, const auk_source_index *at,
                  auk_span concrete_index, auk_local_target *out, auk_arena *arena, auk_code *code,
                  auk_error *err)
{
    const auk_index_view *view = auk_source_find_serving(source, root, at);
    if (!view || !auk_span_equal(view->name, concrete_index))
        return false;
    *code = view->unreadable[0] ? auk_index_check(view, AUK_BLOCK_READ, err) : AUK_OK;
    *out =
        (auk_local_target){.spec = find_document(source, at),
                           .name = auk_arena_copy(arena, at->name),
                           .serving = auk_arena_copy(arena, view->name),
                           .standby = name_of(source->owner->options.catalog, at->standby, arena)};
    return true;
}

static auk_code find_target(void *context, auk_span concrete_index, auk_arena *arena,
                            auk_local_target *out, auk_error *err)
{
    auk_source *source = context;
    bool found = false;
    auk_code code = AUK_OK;
    const auk_root *root = auk_root_acquire(source->owner->options.catalog);
    pthread_mutex_lock(&source->lock);
    for (uint32_t i = 0; i < source->index_count && !found; i++)
        found = reads(source, root, &source->indices[i], concrete_index, out, arena, &code, err);
    pthread_mutex_unlock(&source->lock);
    auk_root_release(source->owner->options.catalog, root);
    return found ? code
                 : auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                                 "no such index [%.*s]", AUK_SPAN_ARG(concrete_index));
}

/* ---- the gate ---- */

static void refuse_all(auk_span owner, const auk_write *writes, auk_written *written,
                       uint32_t count, auk_arena *arena)
{
    for (uint32_t i = 0; i < count; i++) {
        auk_error *err = AUK_ARENA_NEW(arena, auk_error);
        written[i].error.code = auk_owned_refuse(writes[i].index, owner, err);
        written[i].error.why = err;
    }
}

void auk_syncs_take_writes(void *context, auk_span owner, const auk_write *writes,
                           auk_written *written, uint32_t count, auk_arena *arena)
{
    auk_syncs *syncs = context;
    auk_source *source = NULL;
    if (auk_span_starts_with(owner, auk_span_of(owner_prefix)))
        source = auk_syncs_find(syncs, auk_span_from(owner, sizeof owner_prefix - 1));
    if (!source) {
        refuse_all(owner, writes, written, count, arena);
        return;
    }
    const auk_local_updates updates = {.locals = source->locals,
                                       .find = find_target,
                                       .context = source,
                                       .writes = writes,
                                       .written = written,
                                       .count = count,
                                       .budget = syncs->options.budget,
                                       .arena = arena};
    auk_locals_update(&updates);
    auk_source_release(source);
}

/* ---- before a source is made ---- */

static auk_code refuse_field(const auk_sync_document *document, auk_span field, auk_error *err)
{
    auk_code code =
        auk_fail(err, AUK_INVALID, "documents of [%.*s]: field [%.*s] is local, and a column's too",
                 AUK_SPAN_ARG(document->index), AUK_SPAN_ARG(field));
    auk_hint(err,
             "leave the column out of [columns] with \"-%.*s\", give it another field with "
             "{\"column\", \"as\"}, or name another one in [local_fields]",
             AUK_SPAN_ARG(field));
    return code;
}

static bool is_named(const auk_sync_node *node, auk_span column)
{
    for (uint32_t i = 0; i < node->column_count; i++)
        if (auk_span_equal(node->columns[i].column, column))
            return true;
    return false;
}

static auk_code check_document(const auk_sync_document *document, const auk_table *table,
                               auk_error *err)
{
    const auk_sync_node *root = &document->root;
    for (uint32_t i = 0; i < root->column_count; i++)
        if (!auk_span_is(root->columns[i].convert, "drop") &&
            auk_local_covers(document, root->columns[i].as))
            return refuse_field(document, root->columns[i].as, err);
    for (uint32_t i = 0; i < root->child_count; i++)
        if (auk_local_covers(document, root->children[i].as))
            return refuse_field(document, root->children[i].as, err);
    for (uint32_t i = 0; root->all_columns && i < table->column_count; i++)
        if (!is_named(root, table->columns[i].name) &&
            auk_local_covers(document, table->columns[i].name))
            return refuse_field(document, table->columns[i].name, err);
    return AUK_OK;
}

auk_code auk_source_check_locals(const auk_sync_config *expanded, const auk_source_tables *tables,
                                 auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < expanded->document_count && code == AUK_OK; i++) {
        const auk_sync_document *document = &expanded->documents[i];
        for (uint32_t k = 0; k < tables->count && code == AUK_OK; k++) {
            const auk_table *table = &tables->items[k].table;
            if (document->local_field_count > 0 &&
                auk_span_equal(table->schema, document->root.table.schema) &&
                auk_span_equal(table->name, document->root.table.name))
                code = check_document(document, table, err);
        }
    }
    return code;
}

/* ---- after a reading anew ---- */

auk_code auk_source_sweep_locals(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < source->index_count && code == AUK_OK; i++) {
        const auk_source_index *at = &source->indices[i];
        auk_span name = name_of(source->owner->options.catalog, at->standby, arena);
        if (name.size)
            code = auk_locals_sweep(source->locals, at->name, name, err);
    }
    auk_arena_destroy(arena);
    return code;
}

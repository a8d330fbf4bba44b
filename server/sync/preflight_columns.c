/* Names of columns in the tree, held against the tables that are there. */
#include "preflight_private.h"

#include "auk/nearest.h"

typedef struct column_check {
    auk_preflight *out;
    const auk_source_tables *tables;
} column_check;

static const auk_table *table_of(const column_check *c, const auk_sync_table_name *name)
{
    for (uint32_t i = 0; i < c->tables->count; i++) {
        const auk_table *table = &c->tables->items[i].table;
        if (auk_span_equal(table->schema, name->schema) && auk_span_equal(table->name, name->name))
            return table;
    }
    return NULL;
}

static void check_column(const column_check *c, const auk_sync_table_name *name, auk_span column,
                         const char *where)
{
    const auk_table *table = table_of(c, name);
    if (!table || column.size == 0)
        return;
    auk_span *names = AUK_ARENA_ARRAY(c->out->arena, auk_span, table->column_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++) {
        names[i] = table->columns[i].name;
        if (auk_span_equal(names[i], column))
            return;
    }
    auk_span close = auk_nearest(column, names, table->column_count);
    auk_preflight_add(c->out, AUK_PREFLIGHT_ERROR, "column", (auk_span){0},
                      "[%s] names column [%.*s], which table [%.*s.%.*s] has not%s%.*s%s", where,
                      AUK_SPAN_ARG(column), AUK_SPAN_ARG(name->schema), AUK_SPAN_ARG(name->name),
                      close.size ? ", did you mean [" : "", AUK_SPAN_ARG(close),
                      close.size ? "]?" : "");
}

static void check_holes(const column_check *c, const auk_sync_table_name *name, auk_span text,
                        const char *where)
{
    for (size_t i = 0; i < text.size; i++) {
        const char *end = text.data[i] == '{' ? memchr(text.data + i, '}', text.size - i) : NULL;
        if (!end)
            continue;
        size_t size = (size_t)(end - text.data) - i - 1;
        check_column(c, name, auk_span_make(text.data + i + 1, size), where);
        i += size;
    }
}

static void check_edge(const column_check *c, const auk_sync_on *on,
                       const auk_sync_table_name *from, const auk_sync_table_name *to,
                       const char *where)
{
    for (uint32_t i = 0; i < on->count; i++) {
        check_column(c, from, on->from[i], where);
        check_column(c, to, on->to[i], where);
    }
}

static void check_node(const column_check *c, const auk_sync_node *node)
{
    for (uint32_t i = 0; i < node->column_count; i++)
        check_column(c, &node->table, node->columns[i].column, "columns");
    check_column(c, &node->table, node->order, "order");
    check_column(c, &node->table, node->scalar, "scalar");
    for (uint32_t i = 0; i < node->child_count; i++) {
        const auk_sync_node *child = &node->children[i];
        check_edge(c, &child->on, &node->table,
                   child->has_through ? &child->through : &child->table, "on");
        if (child->has_through)
            check_edge(c, &child->through_to, &child->through, &child->table, "through.to");
        check_node(c, child);
    }
}

auk_code auk_preflight_check_columns(const auk_sync_config *config, const auk_source_tables *tables,
                                     auk_preflight *out, auk_error *err)
{
    const column_check c = {out, tables};
    (void)err;
    for (uint32_t i = 0; i < config->document_count; i++) {
        const auk_sync_document *document = &config->documents[i];
        check_node(&c, &document->root);
        check_holes(&c, &document->root.table, document->id, "id");
        check_holes(&c, &document->root.table, document->routing, "routing");
    }
    return AUK_OK;
}

/*
 * The mapping of a document: a field a column, by its type; objects for tables below; and what the
 * configuration says of fields laid over it: a field with "properties" is merged, another one is
 * replaced.
 */
#include "source.h"

typedef struct field field;
struct field {
    auk_span name;
    auk_span mapping; /* JSON; empty: an object, or left to the first document */
    field *children, *last, *next;
};

typedef struct build {
    auk_arena *arena;
    const auk_source_tables *tables;
    const auk_pg_types *types;
    const auk_sync_document *document;
} build;

/* ---- the tree ---- */

static field *get_child(build *b, field *parent, auk_span name)
{
    for (field *at = parent->children; at; at = at->next)
        if (auk_span_equal(at->name, name))
            return at;
    field *child = AUK_ARENA_NEW(b->arena, field);
    child->name = name;
    if (parent->last)
        parent->last->next = child;
    else
        parent->children = child;
    parent->last = child;
    return child;
}

/* "a.b.c" below the parent. */
static field *get_path(build *b, field *parent, auk_span path)
{
    auk_span part;
    while (auk_span_cut(&path, '.', &part))
        parent = get_child(b, parent, part);
    return parent;
}

static const auk_table *table_of(const build *b, const auk_sync_table_name *name)
{
    for (uint32_t i = 0; i < b->tables->count; i++) {
        const auk_table *table = &b->tables->items[i].table;
        if (auk_span_equal(table->schema, name->schema) && auk_span_equal(table->name, name->name))
            return table;
    }
    return NULL;
}

static auk_span mapping_of(build *b, const auk_table_column *column, auk_span convert)
{
    auk_buffer text;
    auk_json_writer writer;
    if (auk_span_is(convert, "json"))
        return AUK_SPAN("");
    if (auk_span_is(convert, "number"))
        return AUK_SPAN("{\"type\":\"double\"}");
    if (auk_span_is(convert, "string") || auk_span_starts_with(convert, AUK_SPAN("split:")))
        return AUK_SPAN("{\"type\":\"keyword\",\"ignore_above\":8191}");
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_pg_type_write_mapping(b->types, column->type, column->modifier, &writer);
    auk_span mapping = auk_arena_copy(b->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return mapping;
}

static const auk_sync_column *find_rule(const auk_sync_node *node, auk_span column)
{
    for (uint32_t i = 0; i < node->column_count; i++)
        if (auk_span_equal(node->columns[i].column, column))
            return &node->columns[i];
    return NULL;
}

static void add_columns(build *b, const auk_sync_node *node, field *into)
{
    const auk_table *table = table_of(b, &node->table);
    for (uint32_t i = 0; table && i < table->column_count; i++) {
        const auk_table_column *column = &table->columns[i];
        const auk_sync_column *rule = find_rule(node, column->name);
        if ((!rule && !node->all_columns) || (rule && auk_span_is(rule->convert, "drop")))
            continue;
        auk_span name = rule ? rule->as : column->name;
        if (node->number == 0 && auk_local_covers(b->document, name))
            continue; /* a column that came later */
        field *at = rule ? get_path(b, into, name) : get_child(b, into, name);
        at->mapping = mapping_of(b, column, rule ? rule->convert : AUK_SPAN(""));
    }
}

static void add_scalar(build *b, const auk_sync_node *node, field *at)
{
    const auk_table *table = table_of(b, &node->table);
    for (uint32_t i = 0; table && i < table->column_count; i++)
        if (auk_span_equal(table->columns[i].name, node->scalar))
            at->mapping = mapping_of(b, &table->columns[i], AUK_SPAN(""));
}

static void add_node(build *b, const auk_sync_node *node, field *into)
{
    add_columns(b, node, into);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const auk_sync_node *child = &node->children[i];
        field *at = get_path(b, into, child->as);
        if (child->shape == AUK_SYNC_SCALAR)
            add_scalar(b, child, at);
        else
            add_node(b, child, at);
    }
}

/* ---- writing ---- */

static void write_properties(const field *parent, const auk_json *over, auk_json_writer *out);

static bool is_known(const field *parent, auk_span name)
{
    for (const field *at = parent ? parent->children : NULL; at; at = at->next)
        if (auk_span_equal(at->name, name))
            return true;
    return false;
}

static void write_field(const field *at, const auk_json *over, auk_json_writer *out)
{
    const auk_json *below = auk_json_get(over, "properties");
    if (over && (!below || !at->children)) {
        auk_json_value(out, over);
        return;
    }
    if (!at->children) {
        auk_json_raw(out, at->mapping);
        return;
    }
    auk_json_begin_object(out);
    for (const auk_json *m = over ? over->child : NULL; m; m = m->next)
        if (m != below) {
            auk_json_key(out, m->key);
            auk_json_value(out, m);
        }
    write_properties(at, below, out);
    auk_json_end_object(out);
}

static void write_properties(const field *parent, const auk_json *over, auk_json_writer *out)
{
    auk_json_member_object(out, "properties");
    for (const field *at = parent->children; at; at = at->next) {
        const auk_json *own = auk_json_find(over, at->name);
        if (!own && !at->children && at->mapping.size == 0)
            continue;
        auk_json_key(out, at->name);
        write_field(at, own, out);
    }
    for (const auk_json *m = over ? over->child : NULL; m; m = m->next)
        if (!is_known(parent, m->key)) {
            auk_json_key(out, m->key);
            auk_json_value(out, m);
        }
    auk_json_end_object(out);
}

auk_code auk_source_write_mapping(const auk_sync_document *document,
                                  const auk_source_tables *tables, const auk_pg_types *types,
                                  auk_json_writer *out, auk_error *err)
{
    build b = {auk_arena_create(4096), tables, types, document};
    const auk_json *over = NULL;
    field root = {0};
    auk_code code =
        document->mappings.size ? auk_json_parse(document->mappings, b.arena, &over, err) : AUK_OK;
    if (code == AUK_OK) {
        add_node(&b, &document->root, &root);
        auk_json_begin_object(out);
        for (const auk_json *m = over ? over->child : NULL; m; m = m->next)
            if (!auk_span_is(m->key, "properties")) {
                auk_json_key(out, m->key);
                auk_json_value(out, m);
            }
        write_properties(&root, auk_json_get(over, "properties"), out);
        auk_json_end_object(out);
    }
    auk_arena_destroy(b.arena);
    return code;
}

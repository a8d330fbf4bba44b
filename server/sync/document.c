#include "document.h"

#include <stdlib.h>

#include "auk/utf8.h"
#include "column_value.h"
#include "document_value.h"
#include "row_key.h"

#define LIST_BYTES_MOST ((size_t)64 << 20)

auk_predicate_answer auk_document_exists(const auk_tree *tree, const auk_datum *values)
{
    auk_predicate_answer takes = auk_predicate_ask(tree->root->filter, values);
    if (takes != AUK_PREDICATE_TRUE || !tree->deleted_if)
        return takes;
    switch (auk_predicate_ask(tree->deleted_if, values)) {
    case AUK_PREDICATE_TRUE:
        return AUK_PREDICATE_FALSE;
    case AUK_PREDICATE_UNSURE:
        return AUK_PREDICATE_UNSURE;
    default:
        return AUK_PREDICATE_TRUE;
    }
}

/* ---- the rows of a child ---- */

typedef struct listed {
    auk_span key;
    auk_row row;
    struct listed *next;
} listed;

typedef struct gathering {
    auk_document_builder *builder;
    const auk_tree_node *node;
    listed *first;
    uint32_t count;
} gathering;

/* What a visitor is shown does not last. */
static auk_row copy_row(auk_document_builder *b, const auk_row_table *table, const auk_row *row)
{
    auk_row copy = *row;
    copy.values = AUK_ARENA_ARRAY(b->arena, auk_datum, table->column_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++) {
        copy.values[i] = row->values[i];
        if (row->values[i].state != AUK_DATUM_TEXT || !table->needed[i])
            continue;
        copy.values[i].bytes = auk_arena_copy(b->arena, row->values[i].bytes);
        b->list_bytes += row->values[i].bytes.size;
    }
    b->list_bytes += table->column_count * sizeof *copy.values;
    return copy;
}

static auk_code gather_child(void *context, auk_span key, const auk_row *row, auk_error *err)
{
    gathering *g = (gathering *)context;
    const auk_row_table *table = g->node->table;
    auk_predicate_answer takes = auk_predicate_ask(g->node->filter, row->values);
    if (takes == AUK_PREDICATE_UNSURE)
        g->builder->unknown = true;
    if (takes != AUK_PREDICATE_TRUE)
        return AUK_OK;
    listed *made = AUK_ARENA_NEW(g->builder->arena, listed);
    made->key = auk_arena_copy(g->builder->arena, key);
    made->row = copy_row(g->builder, table, row);
    made->next = g->first;
    g->first = made;
    g->count++;
    if (g->builder->list_bytes > LIST_BYTES_MOST)
        return auk_fail(err, AUK_INVALID,
                        "the rows of table [%.*s] in one document take more "
                        "than %zu MB",
                        AUK_SPAN_ARG(table->name), LIST_BYTES_MOST >> 20);
    return AUK_OK;
}

static auk_code follow(auk_document_builder *b, const auk_tree_link *link, const auk_row *from,
                       auk_row_visitor visit, void *context, auk_error *err)
{
    auk_datum values[AUK_SYNC_KEY_MOST];
    for (uint32_t i = 0; i < link->to.count; i++) {
        values[i] = from->values[link->from[i]];
        if (values[i].state == AUK_DATUM_UNCHANGED)
            b->unknown = true;
    }
    return auk_rows_each(b->rows, &link->to, values, visit, context, err);
}

static auk_code gather_through(void *context, auk_span key, const auk_row *row, auk_error *err)
{
    gathering *g = (gathering *)context;
    (void)key;
    return follow(g->builder, &g->node->step_down, row, gather_child, g, err);
}

static int compare_by_column(const auk_tree_node *node, const listed *a, const listed *b)
{
    const auk_datum *x = &a->row.values[node->order], *y = &b->row.values[node->order];
    bool has_x = x->state == AUK_DATUM_TEXT, has_y = y->state == AUK_DATUM_TEXT;
    int order = 0;
    if (!has_x || !has_y)
        order = has_y - has_x; /* a null is greater than any value */
    else if (!auk_value_compare(auk_value_kind_of(node->table->columns[node->order].type), x->bytes,
                                y->bytes, &order))
        order = auk_span_compare(x->bytes, y->bytes);
    return node->spec->descending ? -order : order;
}

static int compare_listed(const void *a, const void *b, void *node)
{
    const listed *x = *(listed *const *)a, *y = *(listed *const *)b;
    const auk_tree_node *of = (const auk_tree_node *)node;
    int order = of->has_order ? compare_by_column(of, x, y) : 0;
    return order != 0 ? order : auk_span_compare(x->key, y->key);
}

static auk_code gather(auk_document_builder *b, const auk_tree_node *node, const auk_row *parent,
                       listed ***out, uint32_t *count, auk_error *err)
{
    gathering g = {.builder = b, .node = node};
    auk_code code =
        follow(b, &node->down, parent, node->through ? gather_through : gather_child, &g, err);
    if (code != AUK_OK)
        return code;
    *out = AUK_ARENA_ARRAY(b->arena, listed *, g.count + 1);
    *count = 0;
    for (listed *at = g.first; at; at = at->next)
        (*out)[(*count)++] = at;
    qsort_r((void *)*out, *count, sizeof **out, compare_listed, (void *)(uintptr_t)node);
    if (node->spec->limit > 0 && *count > node->spec->limit)
        *count = node->spec->limit;
    return AUK_OK;
}

/* ---- JSON ---- */

static auk_code write_row(auk_document_builder *b, const auk_tree_node *node,
                          const auk_tree_field *fields, const auk_row *row, auk_json_writer *out,
                          auk_error *err);

static auk_code write_column(auk_document_builder *b, const auk_row_table *table, uint32_t position,
                             const auk_tree_field *field, const auk_row *row, auk_json_writer *out,
                             auk_error *err)
{
    const auk_table_column *column = &table->columns[position];
    const auk_datum *datum = &row->values[position];
    auk_code code = AUK_OK;
    if (datum->state == AUK_DATUM_UNCHANGED)
        b->unknown = true;
    if (datum->state == AUK_DATUM_NULL || datum->state == AUK_DATUM_UNCHANGED)
        auk_json_null(out);
    else if (field && field->convert != AUK_CONVERT_NONE)
        code = auk_document_convert(field, datum->bytes, b->arena, out, err);
    else
        code = auk_pg_value_write(b->types, column->type, column->modifier, datum, out,
                                  &b->unmapped, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "column [%.*s] of table [%.*s]", AUK_SPAN_ARG(column->name),
                        AUK_SPAN_ARG(table->name));
    return AUK_OK;
}

static auk_code write_listed(auk_document_builder *b, const auk_tree_node *node, const listed *at,
                             auk_json_writer *out, auk_error *err)
{
    if (node->spec->shape == AUK_SYNC_SCALAR)
        return write_column(b, node->table, node->scalar, NULL, &at->row, out, err);
    return write_row(b, node, node->fields, &at->row, out, err);
}

static auk_code write_child(auk_document_builder *b, const auk_tree_node *node,
                            const auk_row *parent, auk_json_writer *out, auk_error *err)
{
    listed **rows;
    uint32_t count;
    auk_code code = gather(b, node, parent, &rows, &count, err);
    if (code != AUK_OK)
        return code;
    if (node->is_single && count == 0) {
        auk_json_null(out);
        return AUK_OK;
    }
    if (node->is_single)
        return write_listed(b, node, rows[0], out, err);
    auk_json_begin_array(out);
    for (uint32_t i = 0; code == AUK_OK && i < count; i++)
        code = write_listed(b, node, rows[i], out, err);
    auk_json_end_array(out);
    return code;
}

static auk_code write_row(auk_document_builder *b, const auk_tree_node *node,
                          const auk_tree_field *fields, const auk_row *row, auk_json_writer *out,
                          auk_error *err)
{
    auk_code code = AUK_OK;
    auk_json_begin_object(out);
    for (const auk_tree_field *at = fields; code == AUK_OK && at; at = at->next) {
        auk_json_key(out, at->name);
        switch (at->kind) {
        case AUK_FIELD_COLUMN:
            code = write_column(b, node->table, at->position, at, row, out, err);
            break;
        case AUK_FIELD_CONSTANT:
            auk_json_raw(out, at->constant);
            break;
        case AUK_FIELD_CHILD:
            code = write_child(b, at->child, row, out, err);
            break;
        case AUK_FIELD_OBJECT:
            code = write_row(b, node, at->fields, row, out, err);
            break;
        }
    }
    auk_json_end_object(out);
    return code;
}

auk_code auk_document_build(auk_document_builder *builder, const auk_tree *tree,
                            const auk_row *root, auk_buffer *out, auk_error *err)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    builder->list_bytes = 0;
    return write_row(builder, tree->root, tree->root->fields, root, &writer, err);
}

/* ---- what it is called ---- */

/* ':' joins the values of a key, so one within is escaped. */
static void append_escaped(auk_buffer *out, auk_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == ':' || text.data[i] == '\\')
            auk_buffer_append_byte(out, '\\');
        auk_buffer_append_byte(out, text.data[i]);
    }
}

auk_code auk_document_write_id(const auk_tree *tree, const auk_datum *values, auk_span key,
                               auk_buffer *out, auk_error *err)
{
    const auk_row_table *table = tree->root->table;
    if (tree->id)
        return auk_template_write(tree->id, values, out, err);
    if (table->key_count == 0) { /* | 2 | text | 0 0 |, made by us (applier_change.c) */
        size_t head = AUK_KEY_TABLE_SIZE + 1;
        if (key.size < head + 2)
            return auk_fail(err, AUK_CORRUPT, "a key of a row without a key is cut");
        auk_buffer_append(out, auk_span_make(key.data + head, key.size - head - 2));
        return AUK_OK;
    }
    if (table->key_count == 1) {
        auk_buffer_append(out, values[table->key[0]].bytes);
        return AUK_OK;
    }
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (i > 0)
            auk_buffer_append_byte(out, ':');
        append_escaped(out, values[table->key[i]].bytes);
    }
    return AUK_OK;
}

auk_code auk_document_write_routing(const auk_tree *tree, const auk_datum *values, auk_buffer *out,
                                    auk_error *err)
{
    return tree->routing ? auk_template_write(tree->routing, values, out, err) : AUK_OK;
}

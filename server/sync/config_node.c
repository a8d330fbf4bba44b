/*
 * The tree of one document: tables, columns, edges.
 *
 *   columns   "*" | "name" | "-name" (left out) | {"column", "as", "constant", "convert"}
 *   on        {"parent's column": "child's column", ...}
 *   order     "column" | "-column"
 */
#include <stddef.h>

#include "config_read.h"

typedef struct read_node {
    auk_sync_node *node;
    bool is_root;
} read_node;

/* ---- tables ---- */

auk_code auk_config_read_table(auk_config_reader *reader, const auk_json *value, const char *member,
                               auk_sync_table_name *out)
{
    auk_span text, schema;
    auk_code code = auk_config_text(reader, value, member, &text);
    if (code != AUK_OK)
        return code;
    const char *dot = memchr(text.data, '.', text.size);
    out->schema = AUK_SPAN("public");
    out->name = text;
    if (dot) {
        schema = auk_span_make(text.data, (size_t)(dot - text.data));
        out->schema = schema;
        out->name = auk_span_from(text, schema.size + 1);
    }
    if (out->schema.size == 0 || out->name.size == 0 || memchr(out->name.data, '.', out->name.size))
        return auk_config_fail(reader, "[%s] must be [table] or [schema.table], but is [%.*s]",
                               member, AUK_SPAN_ARG(text));
    return AUK_OK;
}

/* ---- columns ---- */

static const char *const conversions[] = {"lowercase", "json", "string", "number", "drop"};

static auk_code check_convert(auk_config_reader *reader, auk_span convert)
{
    if (convert.size == 0 ||
        (auk_span_starts_with(convert, AUK_SPAN("split:")) && convert.size > 6))
        return AUK_OK;
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
        if (auk_span_is(convert, conversions[i]))
            return AUK_OK;
    return auk_config_fail(
        reader,
        "[convert] must be one of [lowercase, split:x, json, string, number, drop], "
        "but is [%.*s]",
        AUK_SPAN_ARG(convert));
}

static auk_code read_column_object(auk_config_reader *reader, const auk_json *value,
                                   auk_sync_column *out)
{
    static const auk_config_member rows[] = {
        {"column", AUK_CONFIG_TEXT, offsetof(auk_sync_column, column), 0},
        {"as", AUK_CONFIG_TEXT, offsetof(auk_sync_column, as), 0},
        {"convert", AUK_CONFIG_TEXT, offsetof(auk_sync_column, convert), 0},
        {"constant", AUK_CONFIG_OWN, 0, 0},
    };
    auk_code code = auk_config_read(reader, value, rows, sizeof rows / sizeof *rows, out);
    if (code != AUK_OK)
        return code;
    const auk_json *constant = auk_json_get(value, "constant");
    if (constant) {
        auk_buffer text;
        auk_json_writer writer;
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &text, false);
        auk_json_value(&writer, constant);
        out->constant = auk_arena_copy(reader->arena, auk_buffer_span(&text));
        auk_buffer_deinit(&text);
    }
    if ((out->column.size > 0) == (out->constant.size > 0))
        return auk_config_fail(reader, "needs either [column] or [constant]");
    if (out->as.size == 0)
        out->as = out->column;
    if (out->as.size == 0)
        return auk_config_fail(reader, "needs [as], the field of the [constant]");
    return check_convert(reader, out->convert);
}

static auk_code read_columns(auk_config_reader *reader, const auk_json *list, auk_sync_node *node)
{
    if (list->type != AUK_JSON_ARRAY || list->count == 0)
        return auk_config_fail(reader, "[columns] must be a list such as [\"*\"]");
    auk_sync_column *columns = AUK_ARENA_ARRAY(reader->arena, auk_sync_column, list->count);
    auk_code code = AUK_OK;
    uint32_t number = 0;
    node->all_columns = false;
    node->columns = columns;
    for (const auk_json *at = list->child; at && code == AUK_OK; at = at->next, number++) {
        size_t before = auk_config_enter(reader, "columns", number);
        auk_sync_column *column = &columns[node->column_count];
        if (at->type == AUK_JSON_OBJECT) {
            code = read_column_object(reader, at, column);
            node->column_count++;
        } else {
            auk_span text;
            code = auk_config_text(reader, at, "column", &text);
            if (code == AUK_OK && auk_span_is(text, "*")) {
                node->all_columns = true;
            } else if (code == AUK_OK) {
                bool drop = text.data[0] == '-' && text.size > 1;
                column->column = column->as = auk_span_from(text, drop ? 1 : 0);
                column->convert = drop ? AUK_SPAN("drop") : (auk_span){0};
                node->column_count++;
            }
        }
        auk_config_leave(reader, before);
    }
    return code;
}

/* ---- edges ---- */

static auk_code read_on(auk_config_reader *reader, const auk_json *value, const char *member,
                        auk_sync_on *out)
{
    if (!value)
        return auk_config_fail(reader, "needs [%s], the columns that lead from parent to child",
                               member);
    if (value->type != AUK_JSON_OBJECT || value->count == 0 || value->count > AUK_SYNC_KEY_MOST)
        return auk_config_fail(
            reader, "[%s] must be an object of 1 to %d columns such as {\"maker_id\": \"id\"}",
            member, AUK_SYNC_KEY_MOST);
    for (const auk_json *pair = value->child; pair; pair = pair->next) {
        if (pair->key.size == 0)
            return auk_config_fail(reader, "[%s] must not have an empty name", member);
        auk_code code = auk_config_text(reader, pair, member, &out->to[out->count]);
        if (code != AUK_OK)
            return code;
        out->from[out->count++] = auk_arena_copy(reader->arena, pair->key);
    }
    return AUK_OK;
}

static auk_code read_through(auk_config_reader *reader, const auk_json *value, auk_sync_node *node)
{
    static const auk_config_member rows[] = {
        {"table", AUK_CONFIG_OWN, 0, 0},
        {"on", AUK_CONFIG_OWN, 0, 0},
        {"to", AUK_CONFIG_OWN, 0, 0},
    };
    size_t before = auk_config_enter_only(reader, "through");
    auk_code code = auk_config_read(reader, value, rows, sizeof rows / sizeof *rows, node);
    const auk_json *table = auk_json_get(value, "table");
    if (code == AUK_OK && !table)
        code = auk_config_fail(reader, "needs [table]");
    if (code == AUK_OK)
        code = auk_config_read_table(reader, table, "table", &node->through);
    if (code == AUK_OK)
        code = read_on(reader, auk_json_get(value, "on"), "on", &node->on);
    if (code == AUK_OK)
        code = read_on(reader, auk_json_get(value, "to"), "to", &node->through_to);
    auk_config_leave(reader, before);
    node->has_through = true;
    return code;
}

static auk_code read_shape(auk_config_reader *reader, const auk_json *value, auk_sync_node *node)
{
    static const char *const names[] = {"object", "array", "scalar"};
    node->shape = AUK_SYNC_ARRAY;
    if (!value)
        return AUK_OK;
    for (int i = 0; i < 3; i++)
        if (value->type == AUK_JSON_STRING && auk_span_is(value->text, names[i])) {
            node->shape = (auk_sync_shape)i;
            return AUK_OK;
        }
    return auk_config_fail(reader, "[shape] must be one of [object, array, scalar], but is [%.*s]",
                           AUK_SPAN_ARG(value->text));
}

static auk_code read_edge(auk_config_reader *reader, const auk_json *value, auk_sync_node *node)
{
    const auk_json *through = auk_json_get(value, "through");
    const auk_json *on = auk_json_get(value, "on");
    auk_code code = read_shape(reader, auk_json_get(value, "shape"), node);
    if (code == AUK_OK && through && on)
        code = auk_config_fail(reader, "takes either [on] or [through]");
    if (code == AUK_OK)
        code = through ? read_through(reader, through, node) : read_on(reader, on, "on", &node->on);
    if (code == AUK_OK && (node->shape == AUK_SYNC_SCALAR) != (node->scalar.size > 0))
        code =
            auk_config_fail(reader, "[scalar] names the column of [shape] scalar, and only of it");
    if (code == AUK_OK && node->as.size == 0)
        node->as = node->table.name;
    if (node->order.size > 1 && node->order.data[0] == '-') {
        node->descending = true;
        node->order = auk_span_from(node->order, 1);
    }
    return code;
}

/* ---- nodes ---- */

static auk_code read_children(auk_config_reader *reader, const auk_json *list, auk_sync_node *node);

/* Depth is bounded by that of JSON, and the count by AUK_SYNC_NODES_MOST. */
static auk_code read_node_of(auk_config_reader *reader, const auk_json *value, auk_sync_node *node)
{
    const auk_json *table = auk_json_get(value, "table");
    const auk_json *columns = auk_json_get(value, "columns");
    const auk_json *children = auk_json_get(value, "children");
    auk_code code = AUK_OK;
    if (reader->nodes == AUK_SYNC_NODES_MOST)
        return auk_config_fail(reader, "a document may be made of no more than %d tables",
                               AUK_SYNC_NODES_MOST);
    node->number = reader->nodes++;
    node->all_columns = true;
    if (!table)
        return auk_config_fail(reader, "needs [table]");
    code = auk_config_read_table(reader, table, "table", &node->table);
    if (code == AUK_OK && columns)
        code = read_columns(reader, columns, node);
    if (code == AUK_OK && node->number > 0)
        code = read_edge(reader, value, node);
    if (code == AUK_OK && children)
        code = read_children(reader, children, node);
    return code;
}

static auk_code read_children(auk_config_reader *reader, const auk_json *list, auk_sync_node *node)
{
    static const auk_config_member rows[] = {
        {"table", AUK_CONFIG_OWN, 0, 0},
        {"as", AUK_CONFIG_TEXT, offsetof(auk_sync_node, as), 0},
        {"shape", AUK_CONFIG_OWN, 0, 0},
        {"scalar", AUK_CONFIG_TEXT, offsetof(auk_sync_node, scalar), 0},
        {"on", AUK_CONFIG_OWN, 0, 0},
        {"through", AUK_CONFIG_OWN, 0, 0},
        {"columns", AUK_CONFIG_OWN, 0, 0},
        {"filter", AUK_CONFIG_TEXT, offsetof(auk_sync_node, filter), 0},
        {"order", AUK_CONFIG_TEXT, offsetof(auk_sync_node, order), 0},
        {"limit", AUK_CONFIG_COUNT, offsetof(auk_sync_node, limit), 0},
        {"children", AUK_CONFIG_OWN, 0, 0},
    };
    if (list->type != AUK_JSON_ARRAY)
        return auk_config_fail(reader, "[children] must be a list, but is %s",
                               auk_json_type_name(list->type));
    auk_sync_node *children = AUK_ARENA_ARRAY(reader->arena, auk_sync_node, list->count + 1);
    auk_code code = AUK_OK;
    node->children = children;
    for (const auk_json *at = list->child; at && code == AUK_OK; at = at->next) {
        auk_sync_node *child = &children[node->child_count];
        size_t before = auk_config_enter(reader, "children", node->child_count++);
        code = auk_config_read(reader, at, rows, sizeof rows / sizeof *rows, child);
        if (code == AUK_OK)
            code = read_node_of(reader, at, child);
        for (uint32_t i = 0; i + 1 < node->child_count && code == AUK_OK; i++)
            if (auk_span_equal(children[i].as, child->as))
                code = auk_config_fail(reader, "a field [%.*s] is there already",
                                       AUK_SPAN_ARG(child->as));
        auk_config_leave(reader, before);
    }
    return code;
}

auk_code auk_config_read_root(auk_config_reader *reader, const auk_json *document,
                              auk_sync_node *root)
{
    return read_node_of(reader, document, root);
}

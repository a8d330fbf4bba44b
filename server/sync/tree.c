#include "tree.h"

#include <assert.h>

#include "locals.h"

typedef struct maker {
    const auk_sync_config *config;
    auk_model *model;
    auk_arena *arena;
    auk_error *err;
    auk_tree *tree; /* under way */
    bool **needed;  /* by table of the model */
} maker;

/* ---- tables ---- */

auk_model_table *auk_model_find(const auk_model *model, uint32_t table_id)
{
    for (uint32_t i = 0; i < model->table_count; i++)
        if (model->tables[i].row.id == table_id)
            return &model->tables[i];
    return NULL;
}

static auk_model_table *find_table(const maker *m, const auk_sync_table_name *name)
{
    auk_span schema = name->schema.size > 0 ? name->schema : AUK_SPAN("public");
    for (uint32_t i = 0; i < m->model->table_count; i++) {
        auk_model_table *table = &m->model->tables[i];
        if (auk_span_equal(table->row.name, name->name) &&
            auk_span_equal(table->row.schema, schema))
            return table;
    }
    return NULL;
}

static bool *needed_of(const maker *m, const auk_row_table *table)
{
    return m->needed[(const auk_model_table *)(const void *)table - m->model->tables];
}

static void need(const maker *m, const auk_row_table *table, uint32_t position)
{
    needed_of(m, table)[position] = true;
}

static bool find_column(const auk_row_table *table, auk_span name, uint32_t *position)
{
    for (*position = 0; *position < table->column_count; ++*position)
        if (auk_span_equal(table->columns[*position].name, name))
            return true;
    return false;
}

static auk_code need_column(const maker *m, const auk_row_table *table, auk_span name,
                            uint32_t *position)
{
    if (!find_column(table, name, position))
        return auk_fail(m->err, AUK_INVALID, "table [%.*s.%.*s] has no column [%.*s]",
                        AUK_SPAN_ARG(table->schema), AUK_SPAN_ARG(table->name), AUK_SPAN_ARG(name));
    need(m, table, *position);
    return AUK_OK;
}

static void add_use(const maker *m, auk_row_table *row, const auk_tree_node *node, bool as_through)
{
    auk_model_table *table = (auk_model_table *)(void *)row;
    assert(table != NULL); /* a tree is made once its tables are described */
    auk_tree_use *more = AUK_ARENA_ARRAY(m->arena, auk_tree_use, table->use_count + 1);
    if (table->use_count > 0)
        memcpy(more, table->uses, table->use_count * sizeof *more);
    more[table->use_count++] = (auk_tree_use){node, as_through};
    table->uses = more;
}

/* ---- lookups and links ---- */

static bool is_key(auk_row_lookup *lookup)
{
    const auk_row_table *table = lookup->table;
    if (table->key_count != lookup->count)
        return false;
    for (uint32_t i = 0; i < table->key_count; i++) {
        uint8_t k = 0;
        while (k < lookup->count && lookup->positions[k] != table->key[i])
            k++;
        if (k == lookup->count)
            return false;
        lookup->of_key[i] = k;
    }
    return true;
}

static void add_index(const maker *m, auk_row_table *table, const auk_row_lookup *lookup)
{
    auk_row_index made = {.count = lookup->count};
    memcpy(made.positions, lookup->positions, sizeof made.positions);
    for (uint32_t i = 0; i < table->index_count; i++) {
        const auk_row_index *index = &table->indexes[i];
        if (index->count == made.count &&
            memcmp(index->positions, made.positions, made.count * sizeof *made.positions) == 0)
            return;
    }
    auk_row_index *more = AUK_ARENA_ARRAY(m->arena, auk_row_index, table->index_count + 1);
    if (table->index_count > 0)
        memcpy(more, table->indexes, table->index_count * sizeof *more);
    more[table->index_count++] = made;
    table->indexes = more;
}

static auk_code make_link(const maker *m, const auk_row_table *from, const auk_span *from_columns,
                          auk_row_table *to, const auk_span *to_columns, uint32_t count,
                          auk_tree_link *out)
{
    *out = (auk_tree_link){.to = {.table = to, .count = count}};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position;
        auk_code code = need_column(m, from, from_columns[i], &position);
        if (code != AUK_OK)
            return code;
        out->from[i] = (uint16_t)position;
        code = need_column(m, to, to_columns[i], &position);
        if (code != AUK_OK)
            return code;
        out->to.positions[i] = (uint16_t)position;
    }
    out->to.by_key = is_key(&out->to);
    if (!out->to.by_key)
        add_index(m, to, &out->to);
    return AUK_OK;
}

static auk_code make_links(const maker *m, auk_tree_node *node)
{
    const auk_sync_on *on = &node->spec->on, *step = &node->spec->through_to;
    auk_row_table *parent = node->parent->table;
    auk_row_table *next = node->through ? node->through : node->table;
    auk_code code = make_link(m, parent, on->from, next, on->to, on->count, &node->down);
    if (code == AUK_OK)
        code = make_link(m, next, on->to, parent, on->from, on->count, &node->up);
    if (code != AUK_OK || !node->through)
        return code;
    code = make_link(m, next, step->from, node->table, step->to, step->count, &node->step_down);
    if (code == AUK_OK)
        code = make_link(m, node->table, step->to, next, step->from, step->count, &node->step_up);
    return code;
}

/* ---- fields ---- */

static auk_tree_field *find_field(auk_tree_field *first, auk_span name)
{
    while (first && !auk_span_equal(first->name, name))
        first = first->next;
    return first;
}

static auk_tree_field *append_field(const maker *m, auk_tree_field **list, auk_span name)
{
    while (*list)
        list = &(*list)->next;
    *list = AUK_ARENA_NEW(m->arena, auk_tree_field);
    (*list)->name = name;
    return *list;
}

/* Makes the objects that the dots name, and the member itself. */
static auk_code make_field(const maker *m, auk_tree_node *node, auk_span path, auk_tree_field **out)
{
    auk_tree_field **list = &node->fields;
    const char *dot;
    for (auk_span rest = path;; rest = auk_span_from(rest, (size_t)(dot - rest.data) + 1)) {
        dot = rest.size > 0 ? memchr(rest.data, '.', rest.size) : NULL;
        auk_span name = dot ? auk_span_make(rest.data, (size_t)(dot - rest.data)) : rest;
        auk_tree_field *known = find_field(*list, name);
        if (name.size == 0)
            return auk_fail(m->err, AUK_INVALID, "field [%.*s] has an empty part in its name",
                            AUK_SPAN_ARG(path));
        if (known && (!dot || known->kind != AUK_FIELD_OBJECT))
            return auk_fail(m->err, AUK_INVALID, "table [%.*s.%.*s] would give field [%.*s] twice",
                            AUK_SPAN_ARG(node->table->schema), AUK_SPAN_ARG(node->table->name),
                            AUK_SPAN_ARG(path));
        if (!known) {
            known = append_field(m, list, name);
            known->kind = AUK_FIELD_OBJECT;
        }
        if (!dot) {
            *out = known;
            return AUK_OK;
        }
        list = &known->fields;
    }
}

static auk_code read_convert(const maker *m, auk_span text, auk_tree_field *field)
{
    static const struct {
        const char *name;
        auk_tree_convert convert;
    } all[] = {{"", AUK_CONVERT_NONE},         {"lowercase", AUK_CONVERT_LOWERCASE},
               {"json", AUK_CONVERT_JSON},     {"string", AUK_CONVERT_STRING},
               {"number", AUK_CONVERT_NUMBER}, {"drop", AUK_CONVERT_DROP}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (auk_span_is(text, all[i].name)) {
            field->convert = all[i].convert;
            return AUK_OK;
        }
    if (auk_span_starts_with(text, AUK_SPAN("split:")) && text.size > 6) {
        field->convert = AUK_CONVERT_SPLIT;
        field->separator = auk_span_from(text, 6);
        return AUK_OK;
    }
    return auk_fail(m->err, AUK_INVALID, "unknown conversion [%.*s]", AUK_SPAN_ARG(text));
}

static auk_code add_column(const maker *m, auk_tree_node *node, uint32_t position,
                           const auk_sync_column *spec)
{
    const auk_row_table *table = node->table;
    bool renamed = spec && spec->as.size > 0;
    auk_tree_field *field, probe = {0};
    auk_code code = read_convert(m, spec ? spec->convert : AUK_SPAN(""), &probe);
    if (code != AUK_OK || probe.convert == AUK_CONVERT_DROP)
        return code;
    auk_span name = renamed ? spec->as : table->columns[position].name;
    if (!node->parent && auk_local_covers(m->tree->spec, name))
        return AUK_OK; /* a column that came later */
    code = make_field(m, node, name, &field);
    if (code != AUK_OK)
        return code;
    need(m, table, position);
    field->kind = AUK_FIELD_COLUMN;
    field->position = position;
    field->convert = probe.convert;
    field->separator = probe.separator;
    return AUK_OK;
}

static const auk_sync_column *find_exception(const auk_sync_node *spec, auk_span column)
{
    for (uint32_t i = 0; i < spec->column_count; i++)
        if (spec->columns[i].constant.size == 0 && auk_span_equal(spec->columns[i].column, column))
            return &spec->columns[i];
    return NULL;
}

static auk_code add_columns(const maker *m, auk_tree_node *node)
{
    const auk_sync_node *spec = node->spec;
    auk_code code = AUK_OK;
    for (uint32_t i = 0; code == AUK_OK && spec->all_columns && i < node->table->column_count; i++)
        code = add_column(m, node, i, find_exception(spec, node->table->columns[i].name));
    for (uint32_t i = 0; code == AUK_OK && i < spec->column_count; i++) {
        const auk_sync_column *column = &spec->columns[i];
        auk_tree_field *field;
        uint32_t position;
        if (column->constant.size > 0) {
            code = make_field(m, node, column->as, &field);
            if (code != AUK_OK)
                return code;
            field->kind = AUK_FIELD_CONSTANT;
            field->constant = column->constant;
        } else if (!spec->all_columns && find_column(node->table, column->column, &position)) {
            code = add_column(m, node, position, column); /* dropped columns give no field */
        }
    }
    return code;
}

static auk_code add_children_fields(const maker *m, auk_tree_node *node)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        const auk_tree_node *child = &node->children[i];
        auk_span name = child->spec->as.size > 0 ? child->spec->as : child->spec->table.name;
        auk_tree_field *field;
        auk_code code = make_field(m, node, name, &field);
        if (code != AUK_OK)
            return code;
        field->kind = AUK_FIELD_CHILD;
        field->child = child;
    }
    return AUK_OK;
}

/* ---- predicates, templates ---- */

static auk_code make_predicate(const maker *m, const auk_row_table *table, auk_span text,
                               auk_predicate **out)
{
    if (text.size == 0)
        return AUK_OK;
    auk_code code = auk_predicate_parse(text, m->arena, out, m->err);
    if (code == AUK_OK)
        code = auk_predicate_bind(*out, table->columns, table->column_count, m->err);
    for (uint32_t i = 0; code == AUK_OK && i < auk_predicate_column_count(*out); i++) {
        uint32_t position;
        code = need_column(m, table, auk_predicate_column(*out, i), &position);
    }
    if (code != AUK_OK)
        return auk_wrap(m->err, code, "table [%.*s.%.*s]", AUK_SPAN_ARG(table->schema),
                        AUK_SPAN_ARG(table->name));
    return AUK_OK;
}

static auk_code make_template(const maker *m, const auk_row_table *table, auk_span text,
                              auk_template **out)
{
    if (text.size == 0)
        return AUK_OK;
    auk_code code = auk_template_parse(text, m->arena, out, m->err);
    if (code == AUK_OK)
        code = auk_template_bind(*out, table->columns, table->column_count, m->err);
    for (uint32_t i = 0; code == AUK_OK && i < auk_template_column_count(*out); i++) {
        uint32_t position;
        code = need_column(m, table, auk_template_column(*out, i), &position);
    }
    return code;
}

/* ---- nodes ---- */

static auk_code make_shape(const maker *m, auk_tree_node *node)
{
    const auk_sync_node *spec = node->spec;
    bool at_most_one = !node->through && node->down.to.by_key;
    node->is_single = spec->shape == AUK_SYNC_OBJECT ||
                      (spec->shape == AUK_SYNC_SCALAR && (at_most_one || spec->limit == 1));
    node->has_order = spec->order.size > 0;
    auk_code code = AUK_OK;
    if (node->has_order)
        code = need_column(m, node->table, spec->order, &node->order);
    if (code == AUK_OK && spec->shape == AUK_SYNC_SCALAR)
        code = need_column(m, node->table, spec->scalar, &node->scalar);
    return code;
}

static auk_code make_node(const maker *m, const auk_sync_node *spec, const auk_tree_node *parent,
                          auk_tree_node *out)
{
    *out = (auk_tree_node){.spec = spec,
                           .tree = m->tree,
                           .parent = parent,
                           .child_count = spec->child_count,
                           .table = &find_table(m, &spec->table)->row};
    auk_code code = AUK_OK;
    if (spec->has_through && parent) {
        out->through = &find_table(m, &spec->through)->row;
        add_use(m, out->through, out, true);
    }
    add_use(m, out->table, out, false);
    for (uint32_t i = 0; i < out->table->key_count; i++)
        need(m, out->table, out->table->key[i]);
    for (uint32_t i = 0; out->through && i < out->through->key_count; i++)
        need(m, out->through, out->through->key[i]);
    if (parent)
        code = make_links(m, out);
    if (code == AUK_OK && parent)
        code = make_shape(m, out);
    if (code == AUK_OK)
        code = make_predicate(m, out->table, spec->filter, &out->filter);
    out->children = AUK_ARENA_ARRAY(m->arena, auk_tree_node, spec->child_count + 1);
    for (uint32_t i = 0; code == AUK_OK && i < spec->child_count; i++)
        code = make_node(m, &spec->children[i], out, &out->children[i]);
    if (code == AUK_OK && spec->shape != AUK_SYNC_SCALAR)
        code = add_columns(m, out);
    return code == AUK_OK ? add_children_fields(m, out) : code;
}

static bool is_described(const maker *m, const auk_sync_node *spec)
{
    if (!find_table(m, &spec->table) || (spec->has_through && !find_table(m, &spec->through)))
        return false;
    for (uint32_t i = 0; i < spec->child_count; i++)
        if (!is_described(m, &spec->children[i]))
            return false;
    return true;
}

static auk_code make_tree(maker *m, uint32_t number)
{
    const auk_sync_document *spec = &m->config->documents[number];
    if (!is_described(m, &spec->root))
        return AUK_OK;
    auk_tree *tree = m->tree = AUK_ARENA_NEW(m->arena, auk_tree);
    *tree = (auk_tree){.number = number, .spec = spec};
    tree->root = AUK_ARENA_NEW(m->arena, auk_tree_node);
    auk_code code = make_node(m, &spec->root, NULL, tree->root);
    const auk_row_table *table = tree->root->table;
    if (code == AUK_OK)
        code = make_template(m, table, spec->id, &tree->id);
    if (code == AUK_OK)
        code = make_template(m, table, spec->routing, &tree->routing);
    if (code == AUK_OK)
        code = make_predicate(m, table, spec->deleted_if, &tree->deleted_if);
    if (code != AUK_OK)
        return code;
    tree->is_plain = spec->root.child_count == 0;
    tree->is_named_by_key =
        (!tree->id || auk_template_is_of(tree->id, table->key, table->key_count)) &&
        (!tree->routing || auk_template_is_of(tree->routing, table->key, table->key_count));
    m->model->trees[number] = tree;
    return AUK_OK;
}

static void note_plain(auk_model_table *table)
{
    table->is_plain = table->is_named_by_key = true;
    for (uint32_t i = 0; i < table->use_count; i++) {
        const auk_tree_use *use = &table->uses[i];
        if (use->as_through || use->node->parent || !use->node->tree->is_plain)
            table->is_plain = false;
        else if (!use->node->tree->is_named_by_key)
            table->is_named_by_key = false;
    }
}

/* Built in, and of one size that no row is too long for; the others may lie out of line. */
static bool is_always_inline(uint32_t type)
{
    static const uint32_t types[] = {
        16,  18,  20,  21,   23,   26,   700,  701, /* bool, "char", integers, oid, floats */
        790, 829, 774, 1082, 1083, 1114, 1184, 1186, 1266, 2950, /* money .. uuid */
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i] == type)
            return true;
    return false;
}

static void note_out_of_line(auk_model_table *table)
{
    for (uint32_t i = 0; i < table->row.column_count; i++)
        if (table->row.needed[i] && !is_always_inline(table->row.columns[i].type))
            table->keeps_all = table->row.key_count > 0;
}

auk_code auk_model_create(const auk_sync_config *config, const auk_table *tables,
                          uint32_t table_count, auk_arena *arena, auk_model **out, auk_error *err)
{
    auk_model *model = AUK_ARENA_NEW(arena, auk_model);
    maker m = {.config = config, .model = model, .arena = arena, .err = err};
    model->tables = AUK_ARENA_ARRAY(arena, auk_model_table, table_count + 1);
    model->table_count = table_count;
    model->trees = AUK_ARENA_ARRAY(arena, auk_tree *, config->document_count + 1);
    model->tree_count = config->document_count;
    m.needed = AUK_ARENA_ARRAY(arena, bool *, table_count + 1);
    for (uint32_t i = 0; i < table_count; i++) {
        const auk_table *table = &tables[i];
        m.needed[i] = AUK_ARENA_ARRAY(arena, bool, table->column_count + 1);
        model->tables[i] = (auk_model_table){.described = table,
                                             .row = {.id = table->id,
                                                     .schema = table->schema,
                                                     .name = table->name,
                                                     .columns = table->columns,
                                                     .column_count = table->column_count,
                                                     .key = table->key,
                                                     .key_count = table->key_count,
                                                     .needed = m.needed[i]}};
    }
    auk_code code = AUK_OK;
    for (uint32_t i = 0; code == AUK_OK && i < config->document_count; i++)
        code = make_tree(&m, i);
    for (uint32_t i = 0; i < table_count; i++) {
        note_plain(&model->tables[i]);
        note_out_of_line(&model->tables[i]);
    }
    if (code == AUK_OK)
        *out = model;
    return code;
}

bool auk_model_stores(const auk_model_table *table, const auk_datum *values)
{
    bool stores = table->keeps_all;
    for (uint32_t i = 0; i < table->use_count && !stores; i++) {
        const auk_tree_use *use = &table->uses[i];
        stores =
            use->as_through || auk_predicate_ask(use->node->filter, values) != AUK_PREDICATE_FALSE;
    }
    return stores;
}

/* mapping_node.c - nodes of a mapping's tree. */
#include "auk/hash.h"
#include "mapping_tree.h"

auk_node *auk_node_create(auk_arena *arena, auk_span name, auk_field_type type)
{
    auk_node *node = AUK_ARENA_NEW(arena, auk_node);
    node->field.type = type;
    node->name = auk_arena_copy(arena, name);
    node->enabled = -1;
    node->subobjects = -1;
    return node;
}

/* Names mostly come in order (a stored mapping's always do): then neither call below walks. */
static bool is_past_last(const auk_node *parent, auk_span name)
{
    return !parent->last || auk_span_compare(parent->last->name, name) < 0;
}

auk_node *auk_node_child(const auk_node *parent, auk_span name)
{
    if (is_past_last(parent, name))
        return NULL;
    for (auk_node *child = parent->child; child; child = child->next)
        if (auk_span_equal(child->name, name))
            return child;
    return NULL;
}

void auk_node_add(auk_node *parent, auk_node *child)
{
    bool append = is_past_last(parent, child->name);
    auk_node **at = append && parent->last ? &parent->last->next : &parent->child;
    while (*at && auk_span_compare((*at)->name, child->name) < 0)
        at = &(*at)->next;
    child->next = *at;
    *at = child;
    if (append)
        parent->last = child;
    parent->child_count++;
}

static void clone_params(const auk_node *node, auk_node *copy, auk_arena *arena)
{
    auk_param_value **tail = &copy->params;
    for (const auk_param_value *p = node->params; p; p = p->next) {
        *tail = AUK_ARENA_NEW(arena, auk_param_value);
        (*tail)->param = p->param;
        (*tail)->json = auk_arena_copy(arena, p->json);
        tail = &(*tail)->next;
    }
    auk_span *paths = AUK_ARENA_ARRAY(arena, auk_span, node->copy_to_count);
    for (uint16_t i = 0; i < node->copy_to_count; i++)
        paths[i] = auk_arena_copy(arena, node->copy_to[i]);
    copy->copy_to = paths;
    copy->copy_to_count = node->copy_to_count;
}

auk_node *auk_node_clone(const auk_node *node, auk_arena *arena)
{
    auk_node *copy = auk_node_create(arena, node->name, node->field.type);
    copy->field.number = node->field.number;
    copy->dynamic = node->dynamic;
    copy->enabled = node->enabled;
    copy->subobjects = node->subobjects;
    clone_params(node, copy, arena);
    auk_node **tail = &copy->child;
    for (const auk_node *child = node->child; child; child = child->next) {
        *tail = auk_node_clone(child, arena);
        copy->last = *tail;
        tail = &(*tail)->next;
    }
    copy->child_count = node->child_count;
    return copy;
}

auk_root_options auk_root_options_clone(const auk_root_options *options, auk_arena *arena)
{
    auk_root_options copy = *options;
    auk_span *texts[] = {&copy.date_formats, &copy.templates, &copy.meta};
    for (size_t i = 0; i < 3; i++)
        if (texts[i]->size > 0)
            *texts[i] = auk_arena_copy(arena, *texts[i]);
    return copy;
}

auk_span auk_node_param(const auk_node *node, auk_param param)
{
    for (const auk_param_value *p = node->params; p; p = p->next)
        if (p->param == param)
            return p->json;
    return (auk_span){NULL, 0};
}

/* json empty: takes the parameter away. The list stays in the order in which parameters are shown.
 */
void auk_node_set_param(auk_node *node, auk_param param, auk_span json, auk_arena *arena)
{
    auk_param_value **at = &node->params;
    while (*at && (*at)->param < param)
        at = &(*at)->next;
    bool present = *at && (*at)->param == param;
    if (json.size == 0) {
        if (present)
            *at = (*at)->next;
        return;
    }
    if (!present) {
        auk_param_value *value = AUK_ARENA_NEW(arena, auk_param_value);
        value->param = param;
        value->next = *at;
        *at = value;
    }
    (*at)->json = auk_arena_copy(arena, json);
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

auk_span auk_param_default(const auk_mapping *mapping, auk_field_type type, auk_param param)
{
    const auk_type_row *row = auk_type_row_of(type);
    switch (param) {
    case AUK_PARAM_NORMS:
        return auk_span_of(truth(row->norms));
    case AUK_PARAM_INDEX_OPTIONS:
        return type == AUK_TYPE_TEXT ? AUK_SPAN("\"positions\"") : AUK_SPAN("\"docs\"");
    case AUK_PARAM_IGNORE_MALFORMED:
        return auk_span_of(truth(mapping->ignore_malformed));
    case AUK_PARAM_COERCE:
        return auk_span_of(truth(mapping->coerce));
    default:
        return auk_span_of(auk_param_rows[param].standard);
    }
}

auk_node *auk_node_find(const auk_node *object, auk_span name)
{
    if (!object->slots)
        return NULL;
    for (uint32_t at = (uint32_t)auk_hash(name, 0);; at++) {
        auk_node *node = object->slots[at & object->slot_mask];
        if (!node || auk_span_equal(node->name, name))
            return node;
    }
}

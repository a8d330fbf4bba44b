/* mapping_write.c - a mapping as GET _mapping shows it: what was given and differs from the
 * default. */
#include "mapping_tree.h"

static void write_children(const auk_node *parent, const char *key, bool numbers,
                           auk_json_writer *out);

static void write_params(const auk_node *node, auk_json_writer *out)
{
    /* With another analyzer for searches, Elasticsearch shows the default one as well. */
    bool searched = auk_node_param(node, AUK_PARAM_SEARCH_ANALYZER).size > 0 &&
                    auk_node_param(node, AUK_PARAM_ANALYZER).size == 0;
    for (const auk_param_value *p = node->params; p; p = p->next) {
        if (searched && p->param >= AUK_PARAM_SEARCH_ANALYZER) {
            auk_json_member_text(out, "analyzer", "default");
            searched = false;
        }
        auk_json_member_raw(out, auk_param_rows[p->param].name, p->json);
    }
}

static void write_field(const auk_node *node, bool numbers, auk_json_writer *out)
{
    auk_json_member_text(out, "type", auk_field_type_name(node->field.type));
    write_params(node, out);
    if (numbers)
        auk_json_member_uint(out, "auk_number", node->field.number);
    write_children(node, "fields", numbers, out);
    if (node->copy_to_count == 0)
        return;
    auk_json_member_array(out, "copy_to");
    for (uint16_t i = 0; i < node->copy_to_count; i++)
        auk_json_string(out, node->copy_to[i]);
    auk_json_end_array(out);
}

static void write_object_flags(const auk_node *object, auk_json_writer *out)
{
    static const char *const dynamics[] = {[AUK_DYNAMIC_TRUE] = "true",
                                           [AUK_DYNAMIC_FALSE] = "false",
                                           [AUK_DYNAMIC_STRICT] = "strict"};
    if (object->dynamic != AUK_DYNAMIC_INHERIT)
        auk_json_member_text(out, "dynamic", dynamics[object->dynamic]);
    if (object->enabled == 0)
        auk_json_member_bool(out, "enabled", false);
    if (object->subobjects == 1)
        auk_json_member_bool(out, "subobjects", true);
}

static void write_node(const auk_node *node, bool numbers, auk_json_writer *out)
{
    auk_json_key(out, node->name);
    auk_json_begin_object(out);
    if (!auk_node_is_object(node)) {
        write_field(node, numbers, out);
    } else {
        if (!node->child)
            auk_json_member_text(out, "type", "object");
        write_object_flags(node, out);
        write_children(node, "properties", numbers, out);
    }
    auk_json_end_object(out);
}

static void write_children(const auk_node *parent, const char *key, bool numbers,
                           auk_json_writer *out)
{
    if (!parent->child)
        return;
    auk_json_member_object(out, key);
    for (const auk_node *child = parent->child; child; child = child->next)
        write_node(child, numbers, out);
    auk_json_end_object(out);
}

/* Parameters without a default that can be written down are left out. */
static void write_defaults(const auk_mapping *mapping, const auk_node *node, auk_json_writer *out)
{
    const auk_type_row *row = auk_type_row_of(node->field.type);
    for (int p = 0; p < AUK_PARAMS; p++) {
        auk_param param = (auk_param)p;
        bool known = (row->params >> p & 1) && auk_param_rows[p].form != AUK_FORM_REFUSED;
        auk_span standard =
            known ? auk_param_default(mapping, node->field.type, param) : (auk_span){NULL, 0};
        if (standard.size > 0 && auk_node_param(node, param).size == 0)
            auk_json_member_raw(out, auk_param_rows[p].name, standard);
    }
}

void auk_field_write_mapping(const auk_mapping *mapping, const auk_field *field, bool defaults,
                             auk_json_writer *out)
{
    const auk_node *node = auk_node_of(field);
    auk_json_begin_object(out);
    write_field(node, false, out);
    if (defaults)
        write_defaults(mapping, node, out);
    auk_json_end_object(out);
}

static void write_metadata(const char *name, const char *flag, bool value, auk_json_writer *out)
{
    auk_json_member_object(out, name);
    auk_json_member_bool(out, flag, value);
    auk_json_end_object(out);
}

static void write_options(const auk_root_options *o, auk_json_writer *out)
{
    if (o->date_formats.size > 0)
        auk_json_member_raw(out, "dynamic_date_formats", o->date_formats);
    if (o->templates.size > 0)
        auk_json_member_raw(out, "dynamic_templates", o->templates);
    if (o->date_detection >= 0)
        auk_json_member_bool(out, "date_detection", o->date_detection);
    if (o->numeric_detection >= 0)
        auk_json_member_bool(out, "numeric_detection", o->numeric_detection);
    if (o->meta.size > 0)
        auk_json_member_raw(out, "_meta", o->meta);
    if (o->routing_required == 1)
        write_metadata("_routing", "required", true, out);
    if (o->source_enabled == 0)
        write_metadata("_source", "enabled", false, out);
}

void auk_mapping_write(const auk_mapping *mapping, bool numbers, auk_json_writer *out)
{
    auk_json_begin_object(out);
    if (numbers)
        auk_json_member_uint(out, "auk_version", mapping->version);
    write_object_flags(mapping->root, out);
    write_options(&mapping->options, out);
    write_children(mapping->root, "properties", numbers, out);
    auk_json_end_object(out);
}

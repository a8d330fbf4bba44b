/*
 * mapping_merge.c - a new body into the tree that is there, with Elasticsearch's rules: types stay,
 * parameters that may change take the new value (or fall back to the default when they are not
 * given again), the others must be given as they were.
 */
#include "mapping_tree.h"

/* A JSON text without its quotes, for messages. */
static auk_span bare(auk_span json)
{
    if (json.size >= 2 && json.data[0] == '"')
        return (auk_span){json.data + 1, json.size - 2};
    return json;
}

/* Norms may be given up, never come back. */
static bool may_change(auk_param param, auk_span from, auk_span to)
{
    if (param == AUK_PARAM_NORMS)
        return auk_span_is(from, "true") && auk_span_is(to, "false");
    return auk_param_rows[param].may_change;
}

static auk_code merge_params(auk_mapping *mapping, auk_node *into, const auk_node *from,
                             auk_span path, auk_error *err)
{
    auk_buffer conflicts;
    auk_buffer_init(&conflicts, 4096);
    for (int p = 0; p < AUK_PARAMS; p++) {
        auk_param param = (auk_param)p;
        auk_span old = auk_node_param(into, param), new = auk_node_param(from, param);
        if (auk_span_equal(old, new))
            continue;
        auk_span standard = auk_param_default(mapping, into->field.type, param);
        auk_span was = old.size ? old : standard, is = new.size ? new : standard;
        if (may_change(param, was, is)) {
            auk_node_set_param(into, param, new, mapping->arena);
            continue;
        }
        was = bare(was);
        is = bare(is);
        auk_buffer_printf(&conflicts, "\n\tCannot update parameter [%s] from [%.*s] to [%.*s]",
                          auk_param_rows[p].name, AUK_SPAN_ARG(was), AUK_SPAN_ARG(is));
    }
    auk_code code = AUK_OK;
    if (conflicts.size > 0)
        code = auk_fail(err, AUK_INVALID, "Mapper for [%.*s] conflicts with existing mapper:%.*s",
                        AUK_SPAN_ARG(path), (int)conflicts.size, conflicts.data);
    auk_buffer_deinit(&conflicts);
    into->copy_to = from->copy_to;
    into->copy_to_count = from->copy_to_count;
    return code;
}

static auk_code merge_object_flags(auk_node *into, const auk_node *from, auk_span path,
                                   auk_error *err)
{
    if (from->dynamic != AUK_DYNAMIC_INHERIT)
        into->dynamic = from->dynamic;
    if (from->subobjects >= 0)
        into->subobjects = from->subobjects;
    if (from->enabled >= 0 && (from->enabled != 0) != (into->enabled != 0))
        return auk_fail_type(
            err, AUK_INVALID, "mapper_exception",
            "the [enabled] parameter can't be updated for the object mapping [%.*s]",
            AUK_SPAN_ARG(path));
    return AUK_OK;
}

static auk_code check_types(const auk_node *into, const auk_node *from, auk_span path,
                            auk_error *err)
{
    if (into->field.type == from->field.type)
        return AUK_OK;
    if (auk_node_is_object(into))
        return auk_fail(err, AUK_INVALID,
                        "can't merge a non object mapping [%.*s] with an object mapping",
                        AUK_SPAN_ARG(path));
    return auk_fail(err, AUK_INVALID, "mapper [%.*s] cannot be changed from type [%s] to [%s]",
                    AUK_SPAN_ARG(path), auk_field_type_name(into->field.type),
                    auk_node_is_object(from) ? "ObjectMapper"
                                             : auk_field_type_name(from->field.type));
}

auk_code auk_node_merge(auk_mapping *mapping, auk_node *into, const auk_node *from, auk_span path,
                        auk_error *err)
{
    auk_code code = check_types(into, from, path, err);
    if (code == AUK_OK)
        code = auk_node_is_object(into) ? merge_object_flags(into, from, path, err)
                                        : merge_params(mapping, into, from, path, err);
    for (const auk_node *child = from->child; child && code == AUK_OK; child = child->next) {
        auk_node *present = auk_node_child(into, child->name);
        if (!present) {
            auk_node_add(into, auk_node_clone(child, mapping->arena));
            continue;
        }
        auk_span child_path = child->name;
        if (path.size > 0)
            child_path = auk_arena_printf(mapping->arena, "%.*s.%.*s", AUK_SPAN_ARG(path),
                                          AUK_SPAN_ARG(child->name));
        code = auk_node_merge(mapping, present, child, child_path, err);
    }
    return code;
}

void auk_root_options_merge(auk_root_options *into, const auk_root_options *from)
{
    if (from->date_detection >= 0)
        into->date_detection = from->date_detection;
    if (from->numeric_detection >= 0)
        into->numeric_detection = from->numeric_detection;
    if (from->source_enabled >= 0)
        into->source_enabled = from->source_enabled;
    if (from->routing_required >= 0)
        into->routing_required = from->routing_required;
    if (from->date_formats.size > 0)
        into->date_formats = from->date_formats;
    if (from->templates.size > 0)
        into->templates = from->templates;
    if (from->meta.size > 0)
        into->meta = from->meta;
}

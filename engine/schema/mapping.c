/* mapping.c - a mapping's life and the questions that are asked of it. */
#include "auk/mapping.h"

#include "auk/hash.h"
#include "mapping_tree.h"

#define FIELD_LIMIT "index.mapping.total_fields.limit"
#define DEPTH_LIMIT "index.mapping.depth.limit"
#define NAME_LIMIT  "index.mapping.field_name_length.limit"

/* ---- life ---- */

static auk_mapping *create_empty(const auk_analysis *analysis)
{
    auk_arena *arena = auk_arena_create(8192);
    auk_mapping *mapping = AUK_ARENA_NEW(arena, auk_mapping);
    atomic_init(&mapping->references, 1);
    mapping->arena = arena;
    mapping->version = 1;
    /* Sharing counts; nothing else of an analysis ever changes. */
    mapping->analysis = auk_analysis_acquire((auk_analysis *)(uintptr_t)analysis);
    return mapping;
}

static auk_code read_settings(auk_mapping *mapping, const auk_settings *settings, auk_error *err)
{
    mapping->field_limit = 1000;
    mapping->depth_limit = 20;
    mapping->name_limit = INT32_MAX;
    mapping->coerce = true;
    if (!settings)
        return AUK_OK;
    auk_code code = auk_settings_int(settings, AUK_SPAN(FIELD_LIMIT), 1000, 0, INT64_MAX,
                                     &mapping->field_limit, err);
    if (code == AUK_OK)
        code = auk_settings_int(settings, AUK_SPAN(DEPTH_LIMIT), 20, 1, INT64_MAX,
                                &mapping->depth_limit, err);
    if (code == AUK_OK)
        code = auk_settings_int(settings, AUK_SPAN(NAME_LIMIT), INT32_MAX, 1, INT64_MAX,
                                &mapping->name_limit, err);
    if (code == AUK_OK)
        code = auk_settings_bool(settings, AUK_SPAN("index.mapping.ignore_malformed"), false,
                                 &mapping->ignore_malformed, err);
    if (code == AUK_OK)
        code = auk_settings_bool(settings, AUK_SPAN("index.mapping.coerce"), true, &mapping->coerce,
                                 err);
    return code;
}

auk_code auk_mapping_create(const auk_json *body, const auk_settings *settings,
                            const auk_analysis *analysis, auk_mapping **out, auk_error *err)
{
    auk_mapping *mapping = create_empty(analysis);
    auk_code code = read_settings(mapping, settings, err);
    if (code == AUK_OK)
        code = auk_mapping_parse_body(mapping, body, true, &mapping->root, &mapping->options, err);
    mapping->stored = auk_json_get(body, "auk_version") != NULL;
    if (code == AUK_OK)
        code = auk_mapping_build(mapping, err);
    if (code != AUK_OK) {
        auk_mapping_release(mapping);
        return code;
    }
    *out = mapping;
    return AUK_OK;
}

auk_code auk_mapping_merge(const auk_mapping *mapping, const auk_json *body, auk_mapping **out,
                           auk_error *err)
{
    auk_mapping *next = create_empty(mapping->analysis);
    next->version = mapping->version + 1;
    next->field_limit = mapping->field_limit;
    next->depth_limit = mapping->depth_limit;
    next->name_limit = mapping->name_limit;
    next->ignore_malformed = mapping->ignore_malformed;
    next->coerce = mapping->coerce;
    next->root = auk_node_clone(mapping->root, next->arena);
    next->options = auk_root_options_clone(&mapping->options, next->arena);

    auk_node *added;
    auk_root_options options;
    auk_code code = auk_mapping_parse_body(next, body, false, &added, &options, err);
    if (code == AUK_OK)
        code = auk_node_merge(next, next->root, added, (auk_span){NULL, 0}, err);
    if (code == AUK_OK) {
        auk_root_options_merge(&next->options, &options);
        next->before = mapping;
        code = auk_mapping_build(next, err);
        next->before = NULL;
    }
    if (code != AUK_OK) {
        auk_mapping_release(next);
        return code;
    }
    *out = next;
    return AUK_OK;
}

static auk_mapping *writable(const auk_mapping *mapping)
{
    /* Only the count of an otherwise immutable object is written. */
    return (auk_mapping *)(uintptr_t)mapping;
}

auk_mapping *auk_mapping_acquire(const auk_mapping *mapping)
{
    auk_mapping *shared = writable(mapping);
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    return shared;
}

void auk_mapping_release(const auk_mapping *mapping)
{
    if (!mapping)
        return;
    auk_mapping *shared = writable(mapping);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
        return;
    auk_analysis_release(shared->analysis);
    auk_arena_destroy(shared->arena);
}

/* ---- questions ---- */

uint64_t auk_mapping_version(const auk_mapping *mapping)
{
    return mapping->version;
}

bool auk_mapping_routing_required(const auk_mapping *mapping)
{
    return mapping->options.routing_required == 1;
}

bool auk_mapping_source_enabled(const auk_mapping *mapping)
{
    return mapping->options.source_enabled != 0;
}

const auk_analysis *auk_mapping_analysis(const auk_mapping *mapping)
{
    return mapping->analysis;
}

const auk_field *auk_mapping_find(const auk_mapping *mapping, auk_span path)
{
    for (uint32_t at = (uint32_t)auk_hash(path, 0);; at++) {
        const auk_node *node = mapping->path_slots[at & mapping->path_mask];
        if (!node)
            return NULL;
        if (auk_span_equal(node->field.path, path))
            return &node->field;
    }
}

const auk_field *auk_mapping_by_number(const auk_mapping *mapping, uint16_t number)
{
    return number < mapping->next_number ? mapping->by_number[number] : NULL;
}

uint32_t auk_mapping_field_count(const auk_mapping *mapping)
{
    return mapping->field_count;
}

const auk_field *auk_mapping_field_at(const auk_mapping *mapping, uint32_t index)
{
    return mapping->by_path[index];
}

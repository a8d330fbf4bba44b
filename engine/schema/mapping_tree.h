/*
 * mapping_tree.h - the inside of a mapping: a tree of nodes, and the steps that make the next
 * version of one.
 *
 *   body --parse--> tree --merge into--> a clone of the present tree --build--> fields, numbers,
 * tables
 *
 *   Lifetime  everything in the mapping's arena.
 *   Threads   one while it is made, immutable once built.
 *   Memory    the arena.
 *   Errors    AUK_INVALID, see mapping.h.
 */
#ifndef AUK_MAPPING_TREE_H
#define AUK_MAPPING_TREE_H

#include <stdatomic.h>

#include "dynamic_template.h"
#include "field_types.h"

/* Numbers below belong to the codec (segment.h: AUK_FIELD_FIRST_USER). */
#define AUK_FIRST_NUMBER 16

typedef enum auk_dynamic {
    AUK_DYNAMIC_INHERIT,
    AUK_DYNAMIC_TRUE,
    AUK_DYNAMIC_FALSE,
    AUK_DYNAMIC_STRICT
} auk_dynamic;

/* One parameter that was given and differs from its default. */
typedef struct auk_param_value auk_param_value;
struct auk_param_value {
    auk_param_value *next;
    auk_param param;
    auk_span json; /* canonical */
};

/* A field, a multi-field or an object. A const auk_field of a mapping is always the first member of
 * one. */
typedef struct auk_node auk_node;
struct auk_node {
    auk_field field;
    auk_span name;   /* last part of the path */
    auk_node *child; /* properties or multi-fields, in name order */
    auk_node *last;  /* of the children */
    auk_node *next;
    uint32_t child_count;
    auk_param_value *params;
    const auk_span *copy_to; /* paths */
    uint16_t copy_to_count;

    /* objects */
    auk_dynamic dynamic;
    int8_t enabled;    /* -1: not given */
    int8_t subobjects; /* -1: not given; 1 is the only other value */

    /* made by build */
    auk_dynamic effective_dynamic;
    auk_node **slots; /* open addressing by hash of name; objects only */
    uint32_t slot_mask;
    bool has_null; /* null_value was read into these two */
    int64_t null_number;
    auk_span null_text;
};

/* What only the root has. -1 and empty: not given. */
typedef struct auk_root_options {
    int8_t date_detection, numeric_detection;
    int8_t source_enabled, routing_required;
    auk_span date_formats; /* JSON array of texts */
    auk_span templates;    /* JSON array of rules */
    auk_span meta;         /* JSON object */
} auk_root_options;

struct auk_mapping {
    atomic_uint references;
    uint64_t version;
    auk_arena *arena;
    auk_analysis *analysis;
    int64_t field_limit, depth_limit, name_limit;
    bool ignore_malformed, coerce; /* the index's defaults */
    /* While it is made: limits are for what is added, not for what was taken before they fell. */
    const auk_mapping *before;
    bool stored;
    auk_node *root;
    auk_root_options options;

    /* made by build */
    uint32_t field_count;      /* objects too */
    const auk_field **by_path; /* in path order */
    auk_node **path_slots;
    uint32_t path_mask;
    const auk_field **by_number;
    uint32_t next_number;
    const auk_date_format **date_formats; /* for strings of new fields */
    uint32_t date_format_count;
    const auk_dynamic_template *templates;
    uint32_t template_count;
};

static inline const auk_node *auk_node_of(const auk_field *field)
{
    return (const auk_node *)(const void *)field;
}

static inline bool auk_node_is_object(const auk_node *node)
{
    return node->field.type == AUK_TYPE_OBJECT;
}

/* mapping_node.c */
auk_node *auk_node_create(auk_arena *arena, auk_span name, auk_field_type type);
auk_node *auk_node_child(const auk_node *parent, auk_span name); /* by walking; NULL: none */
void auk_node_add(auk_node *parent, auk_node *child);            /* keeps name order */
/* The same tree, owned by the other arena. */
auk_node *auk_node_clone(const auk_node *node, auk_arena *arena);
auk_root_options auk_root_options_clone(const auk_root_options *options, auk_arena *arena);
auk_span auk_node_param(const auk_node *node, auk_param param); /* empty: not given */
void auk_node_set_param(auk_node *node, auk_param param, auk_span json, auk_arena *arena);
/* What stands for a parameter that is not given; empty: nothing. */
auk_span auk_param_default(const auk_mapping *mapping, auk_field_type type, auk_param param);
/* The child of a built object, by hash. */
auk_node *auk_node_find(const auk_node *object, auk_span name);

/* mapping_parse.c: {"properties": ...} into a tree and options of their own in mapping's arena.
 * `stored`: "auk_number" and "auk_version" are taken. */
AUK_MUST_CHECK auk_code auk_mapping_parse_body(auk_mapping *mapping, const auk_json *body,
                                               bool stored, auk_node **root,
                                               auk_root_options *options, auk_error *err);
bool auk_is_metadata_name(auk_span name); /* "_id", "_source" ... */
/* mapping_param.c: checks one parameter, keeps it unless it equals the default. */
AUK_MUST_CHECK auk_code auk_param_parse(auk_mapping *mapping, auk_node *node, const auk_json *value,
                                        auk_error *err);
/* mapping_merge.c: path names `into` for messages, "" for the root. */
AUK_MUST_CHECK auk_code auk_node_merge(auk_mapping *mapping, auk_node *into, const auk_node *from,
                                       auk_span path, auk_error *err);
void auk_root_options_merge(auk_root_options *into, const auk_root_options *from);
/* mapping_build.c */
AUK_MUST_CHECK auk_code auk_mapping_build(auk_mapping *mapping, auk_error *err);

#endif

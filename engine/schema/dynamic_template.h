/*
 * dynamic_template.h - rules of a mapping's "dynamic_templates": which new fields they are for and
 * what they map them to.
 *
 * The first rule whose conditions all hold wins. In its mapping "{name}" and "{dynamic_type}" stand
 * for the new field's name and the type that JSON suggests.
 *
 *   Lifetime  in the mapping's arena.   Threads  immutable.   Memory  the arena.
 *   Errors    AUK_INVALID: mapper_parsing_exception; runtime mappings are refused.
 */
#ifndef AUK_DYNAMIC_TEMPLATE_H
#define AUK_DYNAMIC_TEMPLATE_H

#include "auk/analyzer.h"
#include "auk/arena.h"
#include "auk/json.h"

typedef struct auk_patterns {
    const auk_span *items;
    const auk_regex **regexes; /* one an item; NULL: they are patterns with '*' */
    uint32_t count;
} auk_patterns;

typedef struct auk_dynamic_template {
    auk_span name;
    auk_patterns types, not_types, match, unmatch, path_match, path_unmatch;
    bool regex; /* "match_pattern": of all but the types */
    const auk_json *mapping;
} auk_dynamic_template;

AUK_MUST_CHECK auk_code auk_dynamic_templates_parse(const auk_json *list, auk_arena *arena,
                                                    const auk_dynamic_template **out,
                                                    uint32_t *count, auk_error *err);

/* json_type: "string", "long", "double", "boolean", "date", "object". NULL: none is for this field.
 */
const auk_dynamic_template *auk_dynamic_template_find(const auk_dynamic_template *templates,
                                                      uint32_t count, auk_span json_type,
                                                      auk_span name, auk_span path);
/* The mapping of the new field, its words filled in. default_type: what "type" is when the rule
 * gives none. */
const auk_json *auk_dynamic_template_apply(const auk_dynamic_template *template, auk_span name,
                                           const char *default_type, auk_arena *arena);

/* JSON made by hand, in an arena. */
auk_json *auk_json_make_object(auk_arena *arena, auk_span key);
auk_json *auk_json_make_string(auk_arena *arena, auk_span key, auk_span text);
void auk_json_make_add(auk_json *object, auk_json **tail, auk_json *member);

#endif

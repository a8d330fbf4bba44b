/* dynamic_template.c - parses, matches and applies the rules for new fields. */
#include "dynamic_template.h"

#include "auk/mapping.h"
#include "auk/nearest.h"
#include "field_types.h"

#define PARSING "mapper_parsing_exception"

/* ---- JSON made by hand ---- */

auk_json *auk_json_make_object(auk_arena *arena, auk_span key)
{
    auk_json *object = AUK_ARENA_NEW(arena, auk_json);
    object->type = AUK_JSON_OBJECT;
    object->key = key;
    return object;
}

auk_json *auk_json_make_string(auk_arena *arena, auk_span key, auk_span text)
{
    auk_json *string = AUK_ARENA_NEW(arena, auk_json);
    string->type = AUK_JSON_STRING;
    string->key = key;
    string->text = text;
    return string;
}

void auk_json_make_add(auk_json *object, auk_json **tail, auk_json *member)
{
    member->next = NULL;
    if (object->child)
        (*tail)->next = member;
    else
        object->child = member;
    *tail = member;
    object->count++;
}

/* ---- parse ---- */

static auk_code parse_patterns(auk_arena *arena, const auk_json *value, auk_patterns *out,
                               auk_error *err)
{
    bool list = value->type == AUK_JSON_ARRAY;
    uint32_t count = list ? value->count : 1;
    auk_span *items = AUK_ARENA_ARRAY(arena, auk_span, count);
    const auk_json *one = list ? value->child : value;
    for (uint32_t i = 0; i < count; i++, one = one->next) {
        if (one->type != AUK_JSON_STRING)
            return auk_fail_type(err, AUK_INVALID, PARSING,
                                 "[%.*s] values must either be a string or list of strings",
                                 AUK_SPAN_ARG(value->key));
        items[i] = one->text;
    }
    *out = (auk_patterns){.items = items, .count = count};
    return AUK_OK;
}

static auk_code check_types(const auk_dynamic_template *rule, auk_error *err)
{
    static const auk_span known[] = {AUK_SPAN_INIT("*"),      AUK_SPAN_INIT("object"),
                                     AUK_SPAN_INIT("string"), AUK_SPAN_INIT("long"),
                                     AUK_SPAN_INIT("double"), AUK_SPAN_INIT("boolean"),
                                     AUK_SPAN_INIT("date"),   AUK_SPAN_INIT("binary")};
    const size_t count = sizeof known / sizeof *known;
    for (uint32_t i = 0; i < rule->types.count; i++) {
        auk_span name = rule->types.items[i];
        size_t k = 0;
        while (k < count && !auk_span_equal(known[k], name))
            k++;
        if (k < count)
            continue;
        auk_code code =
            auk_fail_type(err, AUK_INVALID, PARSING,
                          "No field type matched on [%.*s], possible values are [object, string, "
                          "long, double, boolean, date, binary]",
                          AUK_SPAN_ARG(name));
        auk_span nearest = auk_nearest(name, known, count);
        if (nearest.size > 0)
            auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
        return code;
    }
    return AUK_OK;
}

static auk_code check_mapping(const auk_dynamic_template *rule, auk_error *err)
{
    if (!rule->mapping || rule->mapping->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "template [%.*s] must have either mapping or runtime set",
                             AUK_SPAN_ARG(rule->name));
    const auk_json *type = auk_json_get(rule->mapping, "type");
    auk_field_type found;
    if (!type || memchr(type->text.data, '{', type->text.size) || auk_type_find(type->text, &found))
        return AUK_OK;
    auk_code code =
        auk_fail_type(err, AUK_INVALID, PARSING,
                      "Failed to parse mapping: dynamic template [%.*s] has invalid content: No "
                      "mapper found for type [%.*s]",
                      AUK_SPAN_ARG(rule->name), AUK_SPAN_ARG(type->text));
    auk_span nearest = auk_type_nearest(type->text);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

static auk_code parse_part(auk_arena *arena, const auk_json *part, auk_dynamic_template *rule,
                           auk_error *err)
{
    const struct {
        const char *name;
        auk_patterns *into;
    } lists[] = {{"match_mapping_type", &rule->types},
                 {"unmatch_mapping_type", &rule->not_types},
                 {"match", &rule->match},
                 {"unmatch", &rule->unmatch},
                 {"path_match", &rule->path_match},
                 {"path_unmatch", &rule->path_unmatch}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (auk_span_is(part->key, lists[i].name))
            return parse_patterns(arena, part, lists[i].into, err);
    if (auk_span_is(part->key, "mapping")) {
        rule->mapping = part;
        return AUK_OK;
    }
    if (auk_span_is(part->key, "match_pattern")) {
        rule->regex = auk_span_is(part->text, "regex");
        if (rule->regex || auk_span_is(part->text, "simple"))
            return AUK_OK;
        return auk_fail_type(err, AUK_INVALID, PARSING, "No matching pattern matched on [%.*s]",
                             AUK_SPAN_ARG(part->text));
    }
    if (auk_span_is(part->key, "runtime"))
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "[%.*s: %.*s] in dynamic template [%.*s] is not supported",
                             AUK_SPAN_ARG(part->key), AUK_SPAN_ARG(part->text),
                             AUK_SPAN_ARG(rule->name));
    return auk_fail_type(err, AUK_INVALID, PARSING, "Illegal dynamic template parameter: [%.*s]",
                         AUK_SPAN_ARG(part->key));
}

static auk_code compile_patterns(auk_arena *arena, const auk_dynamic_template *rule,
                                 auk_patterns *patterns, auk_error *err)
{
    patterns->regexes = AUK_ARENA_ARRAY(arena, const auk_regex *, patterns->count + 1);
    for (uint32_t i = 0; i < patterns->count; i++)
        if (auk_name_regex_create(arena, patterns->items[i], &patterns->regexes[i], NULL) != AUK_OK)
            return auk_fail_type(
                err, AUK_INVALID, PARSING,
                "Pattern [%.*s] of type [regex] is invalid. Cannot create dynamic template [%.*s].",
                AUK_SPAN_ARG(patterns->items[i]), AUK_SPAN_ARG(rule->name));
    return AUK_OK;
}

static auk_code compile_regexes(auk_arena *arena, auk_dynamic_template *rule, auk_error *err)
{
    auk_patterns *all[] = {&rule->match, &rule->unmatch, &rule->path_match, &rule->path_unmatch};
    auk_code code = AUK_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && code == AUK_OK && rule->regex; i++)
        code = compile_patterns(arena, rule, all[i], err);
    return code;
}

static auk_code parse_rule(auk_arena *arena, const auk_json *entry, auk_dynamic_template *rule,
                           auk_error *err)
{
    if (entry->type != AUK_JSON_OBJECT || entry->count != 1 ||
        entry->child->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, PARSING,
                             "A dynamic template must be defined with a name");
    rule->name = entry->child->key;
    for (const auk_json *part = entry->child->child; part; part = part->next) {
        auk_code code = parse_part(arena, part, rule, err);
        if (code != AUK_OK)
            return code;
    }
    if (!rule->types.count && !rule->not_types.count && !rule->match.count &&
        !rule->path_match.count)
        return auk_fail_type(
            err, AUK_INVALID, PARSING,
            "template must have match, path_match, match_mapping_type or unmatch_mapping_type set "
            "{%.*s}",
            AUK_SPAN_ARG(rule->name));
    auk_code code = compile_regexes(arena, rule, err);
    if (code == AUK_OK)
        code = check_types(rule, err);
    return code == AUK_OK ? check_mapping(rule, err) : code;
}

auk_code auk_dynamic_templates_parse(const auk_json *list, auk_arena *arena,
                                     const auk_dynamic_template **out, uint32_t *count,
                                     auk_error *err)
{
    if (list->type != AUK_JSON_ARRAY)
        return auk_fail_type(
            err, AUK_INVALID, PARSING,
            "Dynamic template syntax error. An array of named objects is expected.");
    auk_dynamic_template *rules = AUK_ARENA_ARRAY(arena, auk_dynamic_template, list->count);
    uint32_t n = 0;
    for (const auk_json *entry = list->child; entry; entry = entry->next) {
        auk_code code = parse_rule(arena, entry, &rules[n++], err);
        if (code != AUK_OK)
            return code;
    }
    *out = rules;
    *count = n;
    return AUK_OK;
}

/* ---- match ---- */

static bool any(const auk_patterns *patterns, auk_span text)
{
    for (uint32_t i = 0; i < patterns->count; i++)
        if (patterns->regexes ? auk_name_regex_matches(patterns->regexes[i], text)
                              : auk_pattern_matches(patterns->items[i], text))
            return true;
    return false;
}

static bool allows(const auk_patterns *wanted, const auk_patterns *unwanted, auk_span text)
{
    return (wanted->count == 0 || any(wanted, text)) && !any(unwanted, text);
}

const auk_dynamic_template *auk_dynamic_template_find(const auk_dynamic_template *templates,
                                                      uint32_t count, auk_span json_type,
                                                      auk_span name, auk_span path)
{
    for (uint32_t i = 0; i < count; i++) {
        const auk_dynamic_template *t = &templates[i];
        if (allows(&t->types, &t->not_types, json_type) && allows(&t->match, &t->unmatch, name) &&
            allows(&t->path_match, &t->path_unmatch, path))
            return t;
    }
    return NULL;
}

/* ---- apply ---- */

typedef struct words {
    auk_span name, dynamic_type;
    auk_arena *arena;
} words;

static auk_span fill(const words *w, auk_span text)
{
    if (!text.size || !memchr(text.data, '{', text.size))
        return text;
    const struct {
        auk_span from, to;
    } pairs[] = {{AUK_SPAN("{name}"), w->name},
                 {AUK_SPAN("{dynamic_type}"), w->dynamic_type},
                 {AUK_SPAN("{dynamicType}"), w->dynamic_type}};
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0; i < text.size;) {
        size_t p = 0;
        while (p < 3 && !auk_span_starts_with(auk_span_from(text, i), pairs[p].from))
            p++;
        if (p < 3) {
            auk_buffer_append(&out, pairs[p].to);
            i += pairs[p].from.size;
        } else {
            auk_buffer_append_byte(&out, text.data[i++]);
        }
    }
    auk_span copy = auk_arena_copy(w->arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return copy;
}

static auk_json *copy_filled(const words *w, const auk_json *value)
{
    auk_json *copy = AUK_ARENA_NEW(w->arena, auk_json);
    *copy = *value;
    copy->key = fill(w, value->key);
    copy->next = NULL;
    if (value->type == AUK_JSON_STRING)
        copy->text = fill(w, value->text);
    copy->child = NULL;
    copy->count = 0;
    auk_json *tail = NULL;
    for (const auk_json *child = value->child; child; child = child->next)
        auk_json_make_add(copy, &tail, copy_filled(w, child));
    return copy;
}

const auk_json *auk_dynamic_template_apply(const auk_dynamic_template *template, auk_span name,
                                           const char *default_type, auk_arena *arena)
{
    words w = {name, auk_span_of(default_type), arena};
    auk_json *mapping = copy_filled(&w, template->mapping);
    mapping->key = name;
    if (auk_json_get(mapping, "type"))
        return mapping;
    auk_json *type = auk_json_make_string(arena, AUK_SPAN("type"), auk_span_of(default_type));
    type->next = mapping->child;
    mapping->child = type;
    mapping->count++;
    return mapping;
}

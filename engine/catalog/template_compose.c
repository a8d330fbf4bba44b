/*
 * template_compose.c - layers of settings, mappings and aliases become one body.
 *
 * A layer is laid over what is there: settings by key, aliases by name. In mappings objects are
 * merged, and every other field is replaced as a whole; named dynamic templates are replaced where
 * they stand, new ones follow.
 */
#include <stdlib.h>

#include "template_private.h"

typedef struct layers {
    auk_arena *arena;
    auk_span index; /* for "{index}" in names of aliases */
    auk_settings *settings;
    const auk_json *mappings; /* NULL: none yet */
    const auk_json **aliases; /* each with its name as key */
    uint32_t alias_count, alias_capacity;
} layers;

/* ---- mappings ---- */

static const auk_json *member_of(const auk_json *object, auk_span key)
{
    return object && object->type == AUK_JSON_OBJECT ? auk_json_find(object, key) : NULL;
}

static bool is_object_field(const auk_json *field)
{
    const auk_json *type = auk_json_get(field, "type");
    return field->type == AUK_JSON_OBJECT &&
           (!type || auk_span_is(type->text, "object") || auk_span_is(type->text, "nested"));
}

static void write_merged(const auk_json *base, const auk_json *over, auk_json_writer *out);

static void write_fields(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    auk_json_begin_object(out);
    for (const auk_json *field = base->child; field; field = field->next) {
        const auk_json *later = member_of(over, field->key);
        auk_json_key(out, field->key);
        if (later && is_object_field(field) && is_object_field(later))
            write_merged(field, later, out);
        else
            auk_json_value(out, later ? later : field);
    }
    for (const auk_json *field = over->child; field; field = field->next) {
        if (member_of(base, field->key))
            continue;
        auk_json_key(out, field->key);
        auk_json_value(out, field);
    }
    auk_json_end_object(out);
}

static const auk_json *rule_named(const auk_json *list, auk_span name)
{
    for (const auk_json *rule = list->child; rule; rule = rule->next)
        if (rule->type == AUK_JSON_OBJECT && rule->child && auk_span_equal(rule->child->key, name))
            return rule;
    return NULL;
}

static auk_span name_of(const auk_json *rule)
{
    return rule->type == AUK_JSON_OBJECT && rule->child ? rule->child->key : AUK_SPAN("");
}

static void write_rules(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    auk_json_begin_array(out);
    for (const auk_json *rule = base->child; rule; rule = rule->next) {
        const auk_json *later = rule_named(over, name_of(rule));
        auk_json_value(out, later ? later : rule);
    }
    for (const auk_json *rule = over->child; rule; rule = rule->next)
        if (!rule_named(base, name_of(rule)))
            auk_json_value(out, rule);
    auk_json_end_array(out);
}

static void write_member(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    bool objects = base->type == AUK_JSON_OBJECT && over->type == AUK_JSON_OBJECT;
    bool lists = base->type == AUK_JSON_ARRAY && over->type == AUK_JSON_ARRAY;
    auk_json_key(out, base->key);
    if (objects && auk_span_is(base->key, "properties"))
        write_fields(base, over, out);
    else if (objects && auk_span_is(base->key, "_meta"))
        write_merged(base, over, out);
    else if (lists && auk_span_is(base->key, "dynamic_templates"))
        write_rules(base, over, out);
    else
        auk_json_value(out, over);
}

/* A mapping, or an object in it. Depth is bounded by the JSON reader's limit. */
static void write_merged(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    auk_json_begin_object(out);
    for (const auk_json *m = base->child; m; m = m->next) {
        const auk_json *later = member_of(over, m->key);
        if (later) {
            write_member(m, later, out);
            continue;
        }
        auk_json_key(out, m->key);
        auk_json_value(out, m);
    }
    for (const auk_json *m = over->child; m; m = m->next) {
        if (member_of(base, m->key))
            continue;
        auk_json_key(out, m->key);
        auk_json_value(out, m);
    }
    auk_json_end_object(out);
}

static auk_code lay_mappings(layers *l, const auk_json *over, auk_error *err)
{
    if (!over || over->type == AUK_JSON_NULL)
        return AUK_OK;
    if (!l->mappings || over->type != AUK_JSON_OBJECT) { /* what is no object is refused later */
        l->mappings = over;
        return AUK_OK;
    }
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    write_merged(l->mappings, over, &out);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), l->arena, &l->mappings, err);
    auk_buffer_deinit(&text);
    return code;
}

/* ---- aliases ---- */

static auk_span name_for(const layers *l, auk_span name)
{
    static const char mark[] = "{index}";
    const char *at = memmem(name.data, name.size, mark, sizeof mark - 1);
    if (!at || !l->index.size)
        return name;
    size_t before = (size_t)(at - name.data);
    return auk_arena_printf(l->arena, "%.*s%.*s%.*s", (int)before, name.data,
                            AUK_SPAN_ARG(l->index),
                            AUK_SPAN_ARG(auk_span_from(name, before + sizeof mark - 1)));
}

static void lay_alias(layers *l, const auk_json *alias)
{
    auk_json *named = AUK_ARENA_NEW(l->arena, auk_json);
    uint32_t at = 0;
    *named = *alias;
    named->key = name_for(l, alias->key);
    while (at < l->alias_count && !auk_span_equal(l->aliases[at]->key, named->key))
        at++;
    if (at == l->alias_capacity) {
        l->alias_capacity = l->alias_capacity * 2 + 8;
        const auk_json **grown = AUK_ARENA_ARRAY(l->arena, const auk_json *, l->alias_capacity);
        if (at > 0)
            memcpy(grown, l->aliases, sizeof(*grown) * at);
        l->aliases = grown;
    }
    l->aliases[at] = named;
    l->alias_count += at == l->alias_count;
}

/* ---- a layer, and all of them ---- */

static auk_code lay(layers *l, const auk_json *layer, auk_error *err)
{
    const auk_json *aliases = auk_json_get(layer, "aliases");
    auk_code code = auk_index_settings_from_json(auk_json_get(layer, "settings"), l->settings, err);
    if (code == AUK_OK)
        code = lay_mappings(l, auk_json_get(layer, "mappings"), err);
    if (code == AUK_OK && aliases && aliases->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "[aliases] must be an object");
    for (const auk_json *one = aliases ? aliases->child : NULL; one; one = one->next)
        lay_alias(l, one);
    return code;
}

static auk_code write_body(const layers *l, const auk_json **out, auk_error *err)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    auk_json_key(&writer, AUK_SPAN("settings"));
    auk_settings_write_flat(l->settings, &writer);
    auk_json_key(&writer, AUK_SPAN("mappings"));
    if (l->mappings)
        auk_json_value(&writer, l->mappings);
    else
        auk_json_raw(&writer, AUK_SPAN("{}"));
    auk_json_member_object(&writer, "aliases");
    for (uint32_t i = 0; i < l->alias_count; i++) {
        auk_json_key(&writer, l->aliases[i]->key);
        auk_json_value(&writer, l->aliases[i]);
    }
    auk_json_end_object(&writer);
    auk_json_end_object(&writer);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), l->arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

static auk_code lay_components(layers *l, const struct auk_templates *templates,
                               const auk_template *template, const auk_template *changed,
                               auk_error *err)
{
    auk_code code = AUK_OK;
    for (const auk_json *one = auk_template_texts(template, "composed_of"); one && code == AUK_OK;
         one = one->next) {
        const auk_template *component =
            changed && auk_span_equal(changed->name, one->text)
                ? changed
                : auk_templates_find(templates, AUK_TEMPLATE_COMPONENT, one->text);
        if (component) /* one that may be missing is; all others were there when it was put */
            code = lay(l, auk_json_get(component->body, "template"), err);
    }
    return code;
}

static auk_code lay_template(layers *l, const struct auk_templates *templates,
                             const auk_template *template, const auk_template *changed,
                             auk_error *err)
{
    auk_code code = lay_components(l, templates, template, changed, err);
    return code == AUK_OK ? lay(l, auk_json_get(template->body, "template"), err) : code;
}

static int by_order(const void *a, const void *b)
{
    const auk_template *left = *(const auk_template *const *)a;
    const auk_template *right = *(const auk_template *const *)b;
    if (left->priority != right->priority)
        return left->priority < right->priority ? -1 : 1;
    return auk_span_compare(left->name, right->name);
}

static auk_code lay_legacy(layers *l, const struct auk_templates *templates, bool hidden,
                           auk_error *err)
{
    uint32_t count = 0, most = templates->counts[AUK_TEMPLATE_LEGACY];
    const auk_template **found = AUK_ARENA_ARRAY(l->arena, const auk_template *, most + 1);
    for (uint32_t i = 0; i < most; i++) {
        const auk_template *one = templates->items[AUK_TEMPLATE_LEGACY][i];
        if (auk_template_matches(one, l->index, hidden))
            found[count++] = one;
    }
    if (count)
        qsort(found, count, sizeof(*found), by_order);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        code = lay(l, found[i]->body, err);
    return code;
}

auk_code auk_template_compose(const struct auk_templates *templates, const auk_template *template,
                              const auk_template *changed, auk_span index, auk_arena *arena,
                              const auk_json **out, auk_error *err)
{
    layers l = {.arena = arena, .index = index, .settings = auk_settings_create()};
    auk_code code = lay_template(&l, templates, template, changed, err);
    if (code == AUK_OK)
        code = write_body(&l, out, err);
    auk_settings_destroy(l.settings);
    return code;
}

static bool asks_to_hide(const auk_json *body)
{
    bool hidden = false;
    auk_settings *settings = auk_settings_create();
    if (auk_index_settings_from_json(auk_json_get(body, "settings"), settings, NULL) == AUK_OK)
        hidden = auk_span_is(auk_settings_text(settings, AUK_SPAN("index.hidden"), AUK_SPAN("")),
                             "true");
    auk_settings_destroy(settings);
    return hidden;
}

auk_code auk_templates_apply(const struct auk_templates *templates, auk_span index,
                             const auk_json *body, auk_arena *arena, const auk_json **out,
                             auk_error *err)
{
    bool hidden = asks_to_hide(body);
    const auk_template *chosen = auk_templates_choose(templates, index, hidden, NULL);
    *out = body;
    if (!chosen && templates->counts[AUK_TEMPLATE_LEGACY] == 0)
        return AUK_OK;
    layers l = {.arena = arena, .index = index, .settings = auk_settings_create()};
    auk_code code = chosen ? lay_template(&l, templates, chosen, NULL, err)
                           : lay_legacy(&l, templates, hidden, err);
    if (code == AUK_OK)
        code = lay(&l, body, err);
    if (code == AUK_OK)
        code = write_body(&l, out, err);
    auk_settings_destroy(l.settings);
    return code;
}

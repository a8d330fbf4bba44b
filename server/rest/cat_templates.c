/* cat_templates.c - _cat/templates and _cat/component_templates. */
#include "cat_templates.h"

#include "auk/template.h"

static const auk_cat_column template_columns[] = {
    {"name", "n", "template name", false, false},
    {"index_patterns", "t", "template index patterns", false, false},
    {"order", "o,p", "template application order/priority number", true, false},
    {"version", "v", "version", true, false},
    {"composed_of", "c", "component templates comprising index template", false, false},
};

static const auk_cat_column component_columns[] = {
    {"name", "n", "component template name", false, false},
    {"version", "v", "component template version", true, false},
    {"alias_count", "a", "number of aliases", true, false},
    {"mapping_count", "m", "number of mappings", true, false},
    {"settings_count", "s", "number of settings", true, false},
    {"metadata_count", "me", "number of metadata", true, false},
    {"included_in", "i", "index templates that hold it", false, false},
};

#define COLUMNS(list) (list), (uint32_t)(sizeof(list) / sizeof((list)[0]))

/* "[a, b]" */
static auk_span texts_of(const auk_call *call, const auk_json *list)
{
    auk_span text = AUK_SPAN("[");
    for (const auk_json *one = list ? list->child : NULL; one; one = one->next)
        text = auk_arena_printf(call->arena, "%.*s%s%.*s", AUK_SPAN_ARG(text),
                                text.size > 1 ? ", " : "", AUK_SPAN_ARG(one->text));
    return auk_arena_printf(call->arena, "%.*s]", AUK_SPAN_ARG(text));
}

static void put_number(auk_cat *table, const auk_json *value)
{
    auk_cat_text(table, value ? value->text : AUK_SPAN(""));
}

static auk_code add_rows(auk_call *call, auk_cat *table, auk_template_kind kind, auk_error *err)
{
    auk_template_view *all;
    uint32_t count;
    auk_span wanted = auk_call_variable(call, "name");
    const char *order = kind == AUK_TEMPLATE_INDEX ? "priority" : "order";
    auk_code code =
        auk_template_list(call->rest->options.catalog, kind, call->arena, &all, &count, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        if (wanted.size && !auk_list_matches(wanted, all[i].name))
            continue;
        const auk_json *given = auk_json_get(all[i].body, order);
        auk_cat_row(table);
        auk_cat_text(table, all[i].name);
        auk_cat_text(table, texts_of(call, auk_json_get(all[i].body, "index_patterns")));
        auk_cat_text(table, given ? given->text : AUK_SPAN("0"));
        put_number(table, auk_json_get(all[i].body, "version"));
        auk_cat_text(table, kind == AUK_TEMPLATE_INDEX
                                ? texts_of(call, auk_json_get(all[i].body, "composed_of"))
                                : AUK_SPAN(""));
    }
    return code;
}

auk_code auk_cat_templates(auk_call *call, auk_error *err)
{
    auk_cat *table = auk_cat_create(call, COLUMNS(template_columns));
    auk_code code = add_rows(call, table, AUK_TEMPLATE_INDEX, err);
    if (code == AUK_OK)
        code = add_rows(call, table, AUK_TEMPLATE_LEGACY, err);
    return code == AUK_OK ? auk_cat_finish(table, err) : code;
}

/* ---- components ---- */

static uint32_t count_of(const auk_json *object, const char *key)
{
    const auk_json *member = auk_json_get(object, key);
    return member ? member->count : 0;
}

/* The index templates that name it. */
static auk_span users_of(const auk_call *call, const auk_template_view *all, uint32_t count,
                         auk_span name)
{
    auk_span users = AUK_SPAN("[");
    for (uint32_t i = 0; i < count; i++) {
        const auk_json *list = auk_json_get(all[i].body, "composed_of");
        const auk_json *one = list ? list->child : NULL;
        while (one && !auk_span_equal(one->text, name))
            one = one->next;
        if (one)
            users = auk_arena_printf(call->arena, "%.*s%s%.*s", AUK_SPAN_ARG(users),
                                     users.size > 1 ? "," : "", AUK_SPAN_ARG(all[i].name));
    }
    return auk_arena_printf(call->arena, "%.*s]", AUK_SPAN_ARG(users));
}

auk_code auk_cat_components(auk_call *call, auk_error *err)
{
    auk_template_view *all, *users;
    uint32_t count, user_count = 0;
    auk_catalog *catalog = call->rest->options.catalog;
    auk_span wanted = auk_call_variable(call, "name");
    auk_cat *table = auk_cat_create(call, COLUMNS(component_columns));
    auk_code code =
        auk_template_list(catalog, AUK_TEMPLATE_COMPONENT, call->arena, &all, &count, err);
    if (code == AUK_OK)
        code =
            auk_template_list(catalog, AUK_TEMPLATE_INDEX, call->arena, &users, &user_count, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        const auk_json *inner = auk_json_get(all[i].body, "template");
        if (wanted.size && !auk_list_matches(wanted, all[i].name))
            continue;
        auk_cat_row(table);
        auk_cat_text(table, all[i].name);
        put_number(table, auk_json_get(all[i].body, "version"));
        auk_cat_number(table, count_of(inner, "aliases"));
        auk_cat_number(table, count_of(auk_json_get(inner, "mappings"), "properties"));
        auk_cat_number(table, count_of(inner, "settings"));
        auk_cat_number(table, count_of(all[i].body, "_meta"));
        auk_cat_text(table, users_of(call, users, user_count, all[i].name));
    }
    return code == AUK_OK ? auk_cat_finish(table, err) : code;
}

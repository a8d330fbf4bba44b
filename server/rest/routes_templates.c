/* Templates of new indices: index templates, their components, legacy ones, and what they give. */
#include "admin.h"
#include "auk/template.h"

/* ---- show ---- */

/* Members of the answer; NULL: by name. */
typedef struct answer_form {
    const char *list, *one;
} answer_form;

static const answer_form forms[] = {
    {"index_templates", "index_template"},
    {"component_templates", "component_template"},
    {NULL, NULL},
};

static auk_code write_settings(auk_call *call, const auk_json *flat, bool as_flat, auk_error *err)
{
    auk_settings *settings = auk_settings_create();
    auk_code code = auk_settings_from_json(flat, settings, err);
    auk_json_key(&call->out, AUK_SPAN("settings"));
    auk_settings_write(settings, AUK_SPAN(""), as_flat, &call->out);
    auk_settings_destroy(settings);
    return code;
}

static auk_code write_members(auk_call *call, const auk_json *body, bool flat, auk_error *err)
{
    auk_code code = AUK_OK;
    for (const auk_json *m = body->child; m && code == AUK_OK; m = m->next) {
        if (auk_span_is(m->key, "settings")) {
            code = write_settings(call, m, flat, err);
            continue;
        }
        auk_json_key(&call->out, m->key);
        if (!auk_span_is(m->key, "template")) {
            auk_json_value(&call->out, m);
            continue;
        }
        auk_json_begin_object(&call->out);
        code = write_members(call, m, flat, err);
        auk_json_end_object(&call->out);
    }
    return code;
}

/* Members that Elasticsearch shows also where nobody gave them. */
static void write_defaults(auk_call *call, auk_template_kind kind, const auk_json *body)
{
    static const char *const objects[] = {"settings", "mappings", "aliases"};
    if (kind == AUK_TEMPLATE_INDEX && !auk_json_get(body, "composed_of")) {
        auk_json_member_array(&call->out, "composed_of");
        auk_json_end_array(&call->out);
    }
    if (kind != AUK_TEMPLATE_LEGACY)
        return;
    if (!auk_json_get(body, "order"))
        auk_json_member_int(&call->out, "order", 0);
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        if (auk_json_get(body, objects[i]))
            continue;
        auk_json_member_object(&call->out, objects[i]);
        auk_json_end_object(&call->out);
    }
}

/* As it is kept, its settings in the form that was asked for. */
static auk_code write_template(auk_call *call, auk_template_kind kind, const auk_json *body,
                               bool flat, auk_error *err)
{
    auk_json_begin_object(&call->out);
    auk_code code = write_members(call, body, flat, err);
    write_defaults(call, kind, body);
    auk_json_end_object(&call->out);
    return code;
}

static auk_code write_each(auk_call *call, auk_template_kind kind, const auk_template_view *all,
                           uint32_t count, auk_error *err)
{
    const answer_form *form = &forms[kind];
    bool flat;
    auk_span names = auk_call_variable(call, "name");
    auk_code code = auk_call_bool(call, "flat_settings", false, &flat, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        if (names.size && !auk_list_matches(names, all[i].name))
            continue;
        if (form->one) {
            auk_json_begin_object(&call->out);
            auk_json_member_string(&call->out, "name", all[i].name);
        }
        auk_json_key(&call->out, form->one ? auk_span_of(form->one) : all[i].name);
        code = write_template(call, kind, all[i].body, flat, err);
        if (form->one)
            auk_json_end_object(&call->out);
    }
    return code;
}

/* A name without a wildcard must be there. */
static auk_span find_missing(auk_span names, const auk_template_view *all, uint32_t count)
{
    auk_span one;
    while (auk_span_cut(&names, ',', &one)) {
        bool found = one.size == 0 || one.data[0] == '-' || memchr(one.data, '*', one.size) ||
                     auk_span_is(one, "_all");
        for (uint32_t i = 0; i < count && !found; i++)
            found = auk_span_equal(all[i].name, one);
        if (!found)
            return one;
    }
    return AUK_SPAN("");
}

static auk_code show(auk_call *call, auk_template_kind kind, auk_error *err)
{
    const answer_form *form = &forms[kind];
    auk_template_view *all;
    uint32_t count;
    auk_code code =
        auk_template_list(call->rest->options.catalog, kind, call->arena, &all, &count, err);
    if (code != AUK_OK)
        return code;
    auk_span missing = find_missing(auk_call_variable(call, "name"), all, count);
    if (missing.size && form->one)
        return auk_fail(err, AUK_NOT_FOUND,
                        kind == AUK_TEMPLATE_INDEX ? "index template matching [%.*s] not found"
                                                   : "component template matching [%.*s] not found",
                        AUK_SPAN_ARG(missing));
    if (missing.size) /* legacy ones are shown as far as they are there */
        call->status = 404;
    auk_json_begin_object(&call->out);
    if (form->list)
        auk_json_member_array(&call->out, form->list);
    code = write_each(call, kind, all, count, err);
    if (form->list)
        auk_json_end_array(&call->out);
    auk_json_end_object(&call->out);
    return code;
}

static auk_code get_index_template(auk_call *call, auk_error *err)
{
    return show(call, AUK_TEMPLATE_INDEX, err);
}

static auk_code get_component(auk_call *call, auk_error *err)
{
    return show(call, AUK_TEMPLATE_COMPONENT, err);
}

static auk_code get_legacy(auk_call *call, auk_error *err)
{
    return show(call, AUK_TEMPLATE_LEGACY, err);
}

/* ---- change ---- */

/* ?order= of a legacy template whose body says none. */
static auk_code add_order(auk_call *call, const auk_json **body, auk_error *err)
{
    int64_t order;
    auk_code code = auk_call_int(call, "order", 0, &order, err);
    if (code != AUK_OK || !auk_call_has(call, "order") || auk_json_get(*body, "order") ||
        (*body)->type != AUK_JSON_OBJECT)
        return code;
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "order", order);
    for (const auk_json *m = (*body)->child; m; m = m->next) {
        auk_json_key(&out, m->key);
        auk_json_value(&out, m);
    }
    auk_json_end_object(&out);
    code = auk_json_parse_own(auk_buffer_span(&text), call->arena, body, err);
    auk_buffer_deinit(&text);
    return code;
}

static auk_code put(auk_call *call, auk_template_kind kind, auk_error *err)
{
    const auk_json *body;
    bool create;
    auk_code code = auk_call_bool(call, "create", false, &create, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK && kind == AUK_TEMPLATE_LEGACY)
        code = add_order(call, &body, err);
    if (code == AUK_OK) {
        const auk_json *inner = auk_json_get(body, "template");
        code = auk_call_check_aliases(call, auk_json_get(inner ? inner : body, "aliases"), err);
    }
    if (code == AUK_OK)
        code = auk_template_put(call->rest->options.catalog, kind, auk_call_variable(call, "name"),
                                body, create, err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code put_index_template(auk_call *call, auk_error *err)
{
    return put(call, AUK_TEMPLATE_INDEX, err);
}

static auk_code put_component(auk_call *call, auk_error *err)
{
    return put(call, AUK_TEMPLATE_COMPONENT, err);
}

static auk_code put_legacy(auk_call *call, auk_error *err)
{
    return put(call, AUK_TEMPLATE_LEGACY, err);
}

static auk_code drop(auk_call *call, auk_template_kind kind, auk_error *err)
{
    auk_span list = auk_call_variable(call, "name"), one;
    uint32_t count = 0;
    auk_span *names = AUK_ARENA_ARRAY(call->arena, auk_span, list.size + 1);
    while (auk_span_cut(&list, ',', &one))
        names[count++] = one;
    auk_code code = auk_template_delete(call->rest->options.catalog, kind, names, count, err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code delete_index_template(auk_call *call, auk_error *err)
{
    return drop(call, AUK_TEMPLATE_INDEX, err);
}

static auk_code delete_component(auk_call *call, auk_error *err)
{
    return drop(call, AUK_TEMPLATE_COMPONENT, err);
}

static auk_code delete_legacy(auk_call *call, auk_error *err)
{
    return drop(call, AUK_TEMPLATE_LEGACY, err);
}

/* ---- simulate ---- */

static auk_code write_simulation(auk_call *call, const auk_template_simulation *found,
                                 auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_code code = AUK_OK;
    if (found->body) {
        auk_json_member_object(out, "template");
        code = write_members(call, found->body, false, err);
        auk_json_end_object(out);
        auk_json_member_array(out, "overlapping");
        for (uint32_t i = 0; i < found->overlapping_count; i++) {
            auk_json_begin_object(out);
            auk_json_member_string(out, "name", found->overlapping[i].name);
            auk_json_key(out, AUK_SPAN("index_patterns"));
            auk_json_value(out, auk_json_get(found->overlapping[i].body, "index_patterns"));
            auk_json_end_object(out);
        }
        auk_json_end_array(out);
    }
    auk_json_end_object(out);
    return code;
}

static auk_code simulate(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_template_simulation found;
    auk_span name = auk_call_variable(call, "name");
    auk_code code =
        name.size ? auk_call_body(call, &body, err) : auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_template_simulate(call->rest->options.catalog, name, body, call->arena, &found,
                                     err);
    return code == AUK_OK ? write_simulation(call, &found, err) : code;
}

static auk_code simulate_index(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_template_simulation found;
    auk_span name;
    auk_code code = auk_call_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_index_name_resolve(auk_call_variable(call, "name"), call->arena, &name, err);
    if (code == AUK_OK)
        code = auk_template_simulate_index(call->rest->options.catalog, name, body, call->arena,
                                           &found, err);
    return code == AUK_OK ? write_simulation(call, &found, err) : code;
}

/* ---- routes ---- */

#define SHOW_PARAMETERS     "local master_timeout flat_settings include_defaults"
#define PUT_PARAMETERS      "create cause " AUK_TIMEOUT_PARAMETERS
#define SIMULATE_PARAMETERS "create cause include_defaults " AUK_TIMEOUT_PARAMETERS

#define SHOW(path, run)                                                                            \
    {                                                                                              \
        AUK_M_GET | AUK_M_HEAD, path, SHOW_PARAMETERS, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR    \
    }
#define CHANGE(methods, path, parameters, run)                                                     \
    {                                                                                              \
        methods, path, parameters, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                         \
    }

static const auk_route rows[] = {
    SHOW("/_index_template", get_index_template),
    SHOW("/_index_template/{name}", get_index_template),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/_index_template/{name}", PUT_PARAMETERS, put_index_template),
    CHANGE(AUK_M_DELETE, "/_index_template/{name}", AUK_TIMEOUT_PARAMETERS, delete_index_template),
    CHANGE(AUK_M_POST, "/_index_template/_simulate", SIMULATE_PARAMETERS, simulate),
    CHANGE(AUK_M_POST, "/_index_template/_simulate/{name}", SIMULATE_PARAMETERS, simulate),
    CHANGE(AUK_M_POST, "/_index_template/_simulate_index/{name}", SIMULATE_PARAMETERS,
           simulate_index),
    SHOW("/_component_template", get_component),
    SHOW("/_component_template/{name}", get_component),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/_component_template/{name}", PUT_PARAMETERS, put_component),
    CHANGE(AUK_M_DELETE, "/_component_template/{name}", AUK_TIMEOUT_PARAMETERS, delete_component),
    SHOW("/_template", get_legacy),
    SHOW("/_template/{name}", get_legacy),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/_template/{name}", PUT_PARAMETERS " order", put_legacy),
    CHANGE(AUK_M_DELETE, "/_template/{name}", AUK_TIMEOUT_PARAMETERS, delete_legacy),
};

const auk_route_table auk_routes_templates = {rows, sizeof rows / sizeof rows[0]};

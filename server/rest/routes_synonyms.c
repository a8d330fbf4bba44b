/* Named sets of synonyms, single rules, and analyzers of searches compiled anew. */
#include "admin.h"

#define PAGE 10 /* Elasticsearch's, where no size is asked for */

/* ---- reading bodies ---- */

static auk_code read_text(const auk_json *object, const char *key, auk_span *out, auk_error *err)
{
    const auk_json *value = auk_json_get(object, key);
    *out = AUK_SPAN("");
    if (!value)
        return AUK_OK;
    if (value->type != AUK_JSON_STRING)
        return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                             "[synonym_rule] %s doesn't support values of type: %s", key,
                             auk_json_type_name(value->type));
    *out = value->text;
    return AUK_OK;
}

static auk_code invalid_rule(auk_error *err, const char *what, auk_span rule)
{
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: %s: [%.*s];", what, AUK_SPAN_ARG(rule));
}

static bool is_blank(auk_span text)
{
    bool blank = true;
    for (size_t i = 0; i < text.size && blank; i++)
        blank = strchr(" \t\r\n", text.data[i]) != NULL;
    return blank;
}

static auk_code check_rule(auk_span rule, auk_error *err)
{
    uint32_t arrows = 0;
    size_t at = 0;
    for (size_t i = 0; i + 1 < rule.size; i++)
        if (rule.data[i] == '=' && rule.data[i + 1] == '>') {
            arrows++;
            at = i++;
        }
    if (is_blank(rule))
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: [synonyms] field can't be empty;");
    if (arrows > 1)
        return invalid_rule(err,
                            "More than one explicit mapping specified in the same synonyms rule",
                            rule);
    if (arrows == 1 &&
        (is_blank(auk_span_make(rule.data, at)) || is_blank(auk_span_from(rule, at + 2))))
        return invalid_rule(err, "Incorrect syntax for the explicit mapping of a synonyms rule",
                            rule);
    return AUK_OK;
}

static auk_code read_rule(const auk_json *object, const char *names, auk_synonym_rule *out,
                          auk_error *err)
{
    if (object->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                             "[synonym_rule] Expected START_OBJECT but was: %s",
                             auk_json_type_name(object->type));
    auk_code code = auk_body_check(object, "synonym_rule", names, err);
    if (code == AUK_OK)
        code = read_text(object, "id", &out->id, err);
    if (code == AUK_OK)
        code = read_text(object, "synonyms", &out->synonyms, err);
    if (code == AUK_OK && !auk_json_get(object, "synonyms"))
        code = auk_fail_type(err, AUK_INVALID, "illegal_argument_exception", "Required [synonyms]");
    return code == AUK_OK ? check_rule(out->synonyms, err) : code;
}

static auk_code read_rules(auk_call *call, auk_synonym_rule **out, uint32_t *count, auk_error *err)
{
    const auk_json *body, *list = NULL;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_body_check(body, "synonyms_set", "synonyms_set", err);
    if (code == AUK_OK && !(list = auk_json_get(body, "synonyms_set")))
        code = auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "Required [synonyms_set]");
    if (code != AUK_OK)
        return code;
    bool single = list->type != AUK_JSON_ARRAY;
    *out = AUK_ARENA_ARRAY(call->arena, auk_synonym_rule, (single ? 1 : list->count) + 1);
    *count = 0;
    for (const auk_json *item = single ? list : list->child; item && code == AUK_OK;
         item = single ? NULL : item->next)
        code = read_rule(item, "id synonyms", &(*out)[(*count)++], err);
    return code;
}

/* ---- writing ---- */

static void write_reloaded(auk_call *call, const auk_reloaded *reloaded, uint32_t count)
{
    auk_json_writer *out = &call->out;
    auk_json_member_array(out, "reload_details");
    for (uint32_t i = 0; i < count; i++) {
        auk_json_begin_object(out);
        auk_json_member_string(out, "index", reloaded[i].index);
        auk_json_member_array(out, "reloaded_analyzers");
        for (uint32_t j = 0; j < reloaded[i].analyzer_count; j++)
            auk_json_string(out, reloaded[i].analyzers[j]);
        auk_json_end_array(out);
        auk_json_member_array(out, "reloaded_node_ids");
        auk_json_string(out, call->rest->node_id);
        auk_json_end_array(out);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_change(auk_call *call, const char *result, const auk_synonym_change *change)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_string(out, "result", auk_span_of(result));
    auk_json_member_object(out, "reload_analyzers_details");
    auk_call_write_shards(call, change->reloaded_count, false);
    write_reloaded(call, change->reloaded, change->reloaded_count);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_put(auk_call *call, const auk_synonym_change *change)
{
    call->status = change->found ? 200 : 201;
    write_change(call, change->found ? "updated" : "created", change);
}

static void write_rule(auk_call *call, const auk_synonym_rule *rule)
{
    auk_json_begin_object(&call->out);
    auk_json_member_string(&call->out, "id", rule->id);
    auk_json_member_string(&call->out, "synonyms", rule->synonyms);
    auk_json_end_object(&call->out);
}

/* ---- sets ---- */

static auk_code put_set(auk_call *call, auk_error *err)
{
    auk_synonym_rule *rules;
    uint32_t count;
    auk_synonym_change change = {0};
    auk_code code = read_rules(call, &rules, &count, err);
    if (code == AUK_OK)
        code = auk_catalog_put_synonyms(call->rest->options.catalog, auk_call_variable(call, "set"),
                                        rules, count, call->arena, &change, err);
    if (code == AUK_OK)
        write_put(call, &change);
    return code;
}

/* from and size as first and behind the last of count. */
static auk_code read_page(auk_call *call, uint32_t count, uint32_t *first, uint32_t *end,
                          auk_error *err)
{
    int64_t from, size;
    auk_code code = auk_call_int(call, "from", 0, &from, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "size", PAGE, &size, err);
    if (code != AUK_OK)
        return code;
    if (from < 0 || size < 0 || from > AUK_SYNONYM_RULES_MOST || size > AUK_SYNONYM_RULES_MOST)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: [from] and [size] must be between 0 and %d;",
                             AUK_SYNONYM_RULES_MOST);
    *first = (uint32_t)from < count ? (uint32_t)from : count;
    *end = (uint32_t)size < count - *first ? *first + (uint32_t)size : count;
    return AUK_OK;
}

static auk_code get_set(auk_call *call, auk_error *err)
{
    auk_synonym_rule *rules;
    uint32_t count, first, end;
    auk_code code =
        auk_catalog_get_synonyms(call->rest->options.catalog, auk_call_variable(call, "set"),
                                 call->arena, &rules, &count, err);
    if (code == AUK_OK)
        code = read_page(call, count, &first, &end, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_json_member_uint(&call->out, "count", count);
    auk_json_member_array(&call->out, "synonyms_set");
    for (uint32_t i = first; i < end; i++)
        write_rule(call, &rules[i]);
    auk_json_end_array(&call->out);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code list_sets(auk_call *call, auk_error *err)
{
    auk_synonym_summary *sets;
    uint32_t count, first, end;
    auk_catalog_list_synonyms(call->rest->options.catalog, call->arena, &sets, &count);
    auk_code code = read_page(call, count, &first, &end, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_json_member_uint(&call->out, "count", count);
    auk_json_member_array(&call->out, "results");
    for (uint32_t i = first; i < end; i++) {
        auk_json_begin_object(&call->out);
        auk_json_member_string(&call->out, "synonyms_set", sets[i].name);
        auk_json_member_uint(&call->out, "count", sets[i].count);
        auk_json_end_object(&call->out);
    }
    auk_json_end_array(&call->out);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code delete_set(auk_call *call, auk_error *err)
{
    auk_code code = auk_catalog_delete_synonyms(call->rest->options.catalog,
                                                auk_call_variable(call, "set"), err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

/* ---- rules ---- */

static auk_code put_rule(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_synonym_rule rule;
    auk_synonym_change change = {0};
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = read_rule(body, "synonyms", &rule, err);
    rule.id = auk_call_variable(call, "rule");
    if (code == AUK_OK)
        code = auk_catalog_put_synonym_rule(call->rest->options.catalog,
                                            auk_call_variable(call, "set"), &rule, call->arena,
                                            &change, err);
    if (code == AUK_OK)
        write_put(call, &change);
    return code;
}

static auk_code get_rule(auk_call *call, auk_error *err)
{
    auk_synonym_rule *rules;
    uint32_t count;
    auk_span set = auk_call_variable(call, "set"), id = auk_call_variable(call, "rule");
    auk_code code = auk_catalog_get_synonyms(call->rest->options.catalog, set, call->arena, &rules,
                                             &count, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < count; i++)
        if (auk_span_equal(rules[i].id, id)) {
            write_rule(call, &rules[i]);
            return AUK_OK;
        }
    return auk_fail_type(err, AUK_NOT_FOUND, "resource_not_found_exception",
                         "synonym rule [%.*s] not found on synonyms set [%.*s]", AUK_SPAN_ARG(id),
                         AUK_SPAN_ARG(set));
}

static auk_code delete_rule(auk_call *call, auk_error *err)
{
    auk_synonym_change change = {0};
    auk_code code =
        auk_catalog_delete_synonym_rule(call->rest->options.catalog, auk_call_variable(call, "set"),
                                        auk_call_variable(call, "rule"), call->arena, &change, err);
    if (code == AUK_OK)
        write_change(call, "deleted", &change);
    return code;
}

/* ---- _reload_search_analyzers ---- */

static auk_code reload(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_reloaded *reloaded;
    uint32_t count, shards = 0;
    auk_code code = auk_selection_open(call, false, &chosen, err);
    auk_span *names = AUK_ARENA_ARRAY(call->arena, auk_span, chosen.count + 1);
    for (uint32_t i = 0; code == AUK_OK && i < chosen.count; i++) {
        names[i] = auk_arena_copy(call->arena, chosen.items[i].view->name);
        shards += chosen.items[i].view->shard_count;
    }
    uint32_t name_count = code == AUK_OK ? chosen.count : 0;
    auk_selection_close(call, &chosen);
    if (code == AUK_OK)
        code = auk_catalog_reload_analyzers(call->rest->options.catalog, names, name_count,
                                            call->arena, &reloaded, &count, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_call_write_shards(call, shards, false);
    write_reloaded(call, reloaded, count);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static const auk_route rows[] = {
    {AUK_M_GET, "/_synonyms", "from size", list_sets, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_PUT, "/_synonyms/{set}", "", put_set, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_GET, "/_synonyms/{set}", "from size", get_set, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_DELETE, "/_synonyms/{set}", "", delete_set, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_PUT, "/_synonyms/{set}/{rule}", "", put_rule, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_GET, "/_synonyms/{set}/{rule}", "", get_rule, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_DELETE, "/_synonyms/{set}/{rule}", "", delete_rule, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_GET | AUK_M_POST, "/{index}/_reload_search_analyzers", AUK_SELECT_PARAMETERS, reload,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
};

const auk_route_table auk_routes_synonyms = {rows, sizeof rows / sizeof rows[0]};

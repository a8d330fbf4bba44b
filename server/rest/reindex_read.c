/* The body of _reindex: {"source": ..., "dest": ..., "conflicts", "max_docs", "transforms"}. */
#include "admin.h"
#include "by_query.h"
#include "remote.h"

static auk_code refuse(const char *what, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: %s;", what);
}

/* ---- dest ---- */

static auk_span text_of(const auk_json *object, const char *name)
{
    const auk_json *value = auk_json_get(object, name);
    return value ? value->text : AUK_SPAN("");
}

static auk_code read_version_type(auk_span text, auk_version_type *out, auk_error *err)
{
    *out = AUK_VERSION_INTERNAL;
    if (text.size == 0 || auk_span_is(text, "internal"))
        return AUK_OK;
    *out = AUK_VERSION_EXTERNAL;
    if (auk_span_is(text, "external") || auk_span_is(text, "external_gt"))
        return AUK_OK;
    *out = AUK_VERSION_EXTERNAL_GTE;
    if (auk_span_is(text, "external_gte"))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "No version type match [%.*s]", AUK_SPAN_ARG(text));
}

static auk_code read_routing(auk_span text, auk_destination *out, auk_error *err)
{
    bool discard = auk_span_is(text, "discard"), sets = text.size > 0 && text.data[0] == '=';
    out->routing_way = discard ? AUK_ROUTING_DISCARD : sets ? AUK_ROUTING_SET : AUK_ROUTING_KEEP;
    out->routing = sets ? auk_span_from(text, 1) : AUK_SPAN("");
    if (discard || sets || text.size == 0 || auk_span_is(text, "keep"))
        return AUK_OK;
    return refuse("routing must be unset, [keep], [discard] or [=<some new value>]", err);
}

static auk_code read_destination(const auk_json *dest, auk_destination *out, auk_error *err)
{
    auk_span op_type = text_of(dest, "op_type");
    auk_code code =
        dest ? auk_body_check(dest, "dest", "index version_type op_type routing pipeline type", err)
             : AUK_OK;
    if (code == AUK_OK && auk_json_get(dest, "pipeline"))
        code = auk_by_query_refuse("pipeline", err);
    if (code != AUK_OK)
        return code;
    out->index = text_of(dest, "index");
    if (out->index.size == 0)
        return refuse("index must be specified", err);
    out->create_only = auk_span_is(op_type, "create");
    if (op_type.size && !out->create_only && !auk_span_is(op_type, "index"))
        return auk_fail(err, AUK_INVALID, "opType must be 'create' or 'index', found: [%.*s]",
                        AUK_SPAN_ARG(op_type));
    code = read_version_type(text_of(dest, "version_type"), &out->version_type, err);
    if (code == AUK_OK && out->create_only && out->version_type != AUK_VERSION_INTERNAL)
        return refuse("create operations only support internal versioning. use index instead", err);
    return code == AUK_OK ? read_routing(text_of(dest, "routing"), out, err) : code;
}

/* ---- source ---- */

/* "a", or ["a", "b*"]: as one expression */
static auk_code read_indices(const auk_json *index, auk_arena *arena, auk_span *out, auk_error *err)
{
    *out = AUK_SPAN("");
    if (index && index->type == AUK_JSON_STRING)
        *out = index->text;
    for (const auk_json *item = index && index->type == AUK_JSON_ARRAY ? index->child : NULL; item;
         item = item->next)
        *out = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(*out), out->size ? "," : "",
                                AUK_SPAN_ARG(item->text));
    if (out->size > 0)
        return AUK_OK;
    return refuse("use _all if you really want to copy from all existing indexes", err);
}

static auk_code read_source(const auk_json *source, auk_search_plan *plan, auk_by_query_wishes *out,
                            auk_error *err)
{
    int64_t size = 1000;
    const auk_json *given = auk_json_get(source, "size");
    auk_code code =
        auk_body_check(source, "source", "index query sort size slice _source remote type", err);
    if (code == AUK_OK)
        code =
            read_indices(auk_json_get(source, "index"), out->arena, &plan->scope.expression, err);
    if (code == AUK_OK && given && !auk_json_to_int64(given, &size))
        code = auk_fail(err, AUK_INVALID, "failed to parse field [size]");
    if (code == AUK_OK)
        code = auk_by_query_page_size(size, &out->page_size, err);
    /* what another server understands is its business */
    if (code == AUK_OK && !auk_json_get(source, "remote"))
        code = auk_by_query_read_search(source, plan, out->arena, err);
    const auk_json *filter = auk_json_get(source, "_source");
    if (code != AUK_OK || !filter)
        return code;
    code = auk_source_filter_parse(filter, out->arena, &out->destination.filter, err);
    out->destination.has_filter = filter->type != AUK_JSON_TRUE;
    if (code == AUK_OK && !out->destination.filter.enabled)
        return refuse("_source:false is not supported in this context", err);
    return code;
}

/* ---- both ---- */

/* Whether what is written to is what is read. */
static auk_code check_loop(const auk_call *call, const auk_by_query_wishes *wishes, auk_error *err)
{
    auk_resolved *resolved;
    uint32_t count = 0;
    auk_code code = AUK_OK;
    const auk_resolve_options options = {.ignore_unavailable = true,
                                         .allow_no_indices = true,
                                         .expand_hidden = true};
    auk_catalog *catalog = call->rest->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    auk_span dest = wishes->destination.index;
    if (auk_root_resolve(root, dest, &options, wishes->arena, &resolved, &count, NULL) != AUK_OK)
        count = 0;
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        bool writes = count == 1 || (resolved[i].alias && resolved[i].alias->is_write_index);
        for (uint32_t t = 0; writes && t < wishes->target_count && code == AUK_OK; t++)
            if (auk_span_equal(wishes->targets[t].index, resolved[i].view->name))
                code = auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                                     "Validation Failed: 1: reindex cannot write into an index its "
                                     "reading from [%.*s];",
                                     AUK_SPAN_ARG(dest));
    }
    auk_root_release(catalog, root);
    return code;
}

static auk_code read_whole(const auk_json *body, auk_search_plan *plan, auk_by_query_wishes *out,
                           auk_error *err)
{
    const auk_json *source = auk_json_get(body, "source");
    auk_code code =
        auk_body_check(body, "reindex", "source dest max_docs conflicts script transforms", err);
    if (code == AUK_OK && auk_json_get(body, "script"))
        code = auk_by_query_refuse("script", err);
    if (code == AUK_OK && !source)
        code = refuse("use _all if you really want to copy from all existing indexes", err);
    if (code == AUK_OK)
        code = read_source(source, plan, out, err);
    if (code == AUK_OK)
        code = read_destination(auk_json_get(body, "dest"), &out->destination, err);
    if (code == AUK_OK)
        code = auk_by_query_read_members(body, auk_json_get(source, "slice"), out, err);
    if (code == AUK_OK)
        code = auk_transforms_read(auk_json_get(body, "transforms"), out->arena,
                                   &out->destination.transforms, err);
    return code;
}

static auk_code open_local(const auk_call *call, auk_search_plan *plan, auk_by_query_wishes *out,
                           auk_error *err)
{
    auk_code code = auk_by_query_open_scope(call, plan, out, err);
    if (code != AUK_OK)
        return code;
    code = check_loop(call, out, err);
    if (code != AUK_OK)
        out->release(out->context);
    return code;
}

/* Where both read from is known by then. */
static auk_code open_source(const auk_call *call, const auk_json *source, auk_search_plan *plan,
                            auk_by_query_wishes *out, auk_error *err)
{
    const auk_json *remote = auk_json_get(source, "remote");
    const char *from = "";
    auk_span host = AUK_SPAN("");
    if (remote) {
        from = "[host=";
        host = auk_json_get(remote, "host") ? auk_json_get(remote, "host")->text : host;
    }
    out->description = auk_arena_printf(out->arena, "reindex from %s%.*s%s[%.*s] to [%.*s]", from,
                                        AUK_SPAN_ARG(host), remote ? "]" : "",
                                        AUK_SPAN_ARG(plan->scope.expression),
                                        AUK_SPAN_ARG(out->destination.index));
    if (remote)
        return auk_remote_open(call, source, plan->scope.expression, out, err);
    return open_local(call, plan, out, err);
}

auk_code auk_reindex_read(const auk_call *call, auk_by_query_wishes *out, auk_error *err)
{
    auk_search_plan plan;
    const auk_json *body = NULL;
    auk_span text = auk_call_body_text(call);
    out->kind = AUK_BY_QUERY_REINDEX;
    auk_search_plan_init(&plan);
    auk_code code = auk_by_query_read_url(call, out, err);
    if (code == AUK_OK && text.size == 0)
        return refuse("use _all if you really want to copy from all existing indexes", err);
    if (code == AUK_OK)
        code = auk_json_parse(text, out->arena, &body, err);
    if (code == AUK_OK)
        code = read_whole(body, &plan, out, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "require_alias", false, &out->destination.require_alias, err);
    if (code == AUK_OK)
        code = auk_by_query_check(out, err);
    if (code == AUK_OK)
        code = open_source(call, auk_json_get(body, "source"), &plan, out, err);
    return code;
}

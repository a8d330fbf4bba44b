#include "by_query.h"

#include <math.h>

#include "admin.h"

#define PAGE_MOST    10000
#define PINNED_BYTES ((size_t)4 << 20) /* in memory; more is flushed first */
#define AUTO_MOST    20

/* ---- numbers ---- */

auk_code auk_by_query_rate(const auk_call *call, bool must, double *out, auk_error *err)
{
    auk_span given = auk_call_parameter(call, "requests_per_second");
    *out = INFINITY;
    if (must && given.size == 0)
        return auk_fail(err, AUK_INVALID, "requests_per_second is a required parameter");
    if (given.size == 0 || auk_span_is(given, "-1"))
        return AUK_OK;
    if (auk_number_parse_double(given, out) && *out > 0)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "[requests_per_second] must be a float greater than 0. Use -1 to disable "
                    "throttling.");
}

static auk_code put_max_docs(int64_t number, auk_by_query_wishes *out, auk_error *err)
{
    if (number < 0)
        return auk_fail(err, AUK_INVALID, "[max_docs] parameter cannot be negative, found [%lld]",
                        (long long)number);
    if (number == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: maxDocs should be greater than 0 if the "
                             "request is limited to some number of documents or -1 if it isn't but "
                             "it was [0];");
    if (out->max_docs != UINT64_MAX && out->max_docs != (uint64_t)number)
        return auk_fail(err, AUK_INVALID,
                        "[max_docs] set to two different values [%llu] and [%lld]",
                        (unsigned long long)out->max_docs, (long long)number);
    out->max_docs = (uint64_t)number;
    return AUK_OK;
}

auk_code auk_by_query_page_size(int64_t size, uint32_t *out, auk_error *err)
{
    if (size <= 0)
        return auk_fail(err, AUK_INVALID, "[size] parameter must be greater than 0, found [%lld]",
                        (long long)size);
    if (size > PAGE_MOST)
        return auk_fail(err, AUK_INVALID,
                        "Batch size is too large, size must be less than or equal to: [%d] but was "
                        "[%lld]. Scroll batch sizes cost as much memory as result windows so they "
                        "are controlled by the [index.max_result_window] index level setting.",
                        PAGE_MOST, (long long)size);
    *out = (uint32_t)size;
    return AUK_OK;
}

#define AUTO_SLICES 0u /* until the shards are known */

static auk_code read_slices(const auk_call *call, auk_by_query_wishes *out, auk_error *err)
{
    auk_span given = auk_call_parameter(call, "slices");
    int64_t number;
    if (given.size == 0)
        return AUK_OK;
    if (auk_span_is(given, "auto")) {
        out->slices = AUTO_SLICES;
        return AUK_OK;
    }
    if (!auk_number_parse_int64(given, &number))
        return auk_fail(err, AUK_INVALID,
                        "[slices] must be a positive integer or the string \"auto\", but was "
                        "[%.*s]",
                        AUK_SPAN_ARG(given));
    if (number < 1)
        return auk_fail(err, AUK_INVALID, "[slices] must be at least 1 but was [%lld]",
                        (long long)number);
    out->slices = number > AUK_SLICES_MOST ? AUK_SLICES_MOST : (unsigned)number;
    return AUK_OK;
}

/* ---- the URL ---- */

auk_code auk_by_query_read_url(const auk_call *call, auk_by_query_wishes *out, auk_error *err)
{
    int64_t unused, max_docs = 0;
    bool wait = true;
    auk_code code = auk_call_bool(call, "refresh", false, &out->refresh, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "wait_for_completion", true, &wait, err);
    if (code == AUK_OK)
        code = auk_call_time(call, "timeout", 60000, &unused, err);
    if (code == AUK_OK)
        code = auk_by_query_rate(call, false, &out->rate, err);
    if (code == AUK_OK)
        code = read_slices(call, out, err);
    if (code == AUK_OK && auk_call_parameter(call, "max_docs").size) {
        code = auk_call_int(call, "max_docs", 0, &max_docs, err);
        if (code == AUK_OK)
            code = put_max_docs(max_docs, out, err);
    }
    out->is_awaited = wait;
    return code;
}

/* ---- the body ---- */

auk_code auk_by_query_refuse(const char *what, auk_error *err)
{
    auk_fail(err, AUK_INVALID, "[%s] is not supported", what);
    auk_hint(err, "_reindex takes [transforms] that rename, copy, remove, set, split, join, "
                  "lowercase and convert fields");
    return AUK_INVALID;
}

static auk_code read_conflicts(auk_span text, auk_by_query_wishes *out, auk_error *err)
{
    out->proceed = auk_span_is(text, "proceed");
    if (out->proceed || auk_span_is(text, "abort"))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "conflicts may only be \"proceed\" or \"abort\" but was [%.*s]",
                    AUK_SPAN_ARG(text));
}

static auk_code read_slice(const auk_json *slice, auk_slice *out, auk_error *err)
{
    int64_t id = -1, max = 0;
    auk_code code = auk_body_check(slice, "slice", "field id max", err);
    if (code != AUK_OK)
        return code;
    (void)auk_json_to_int64(auk_json_get(slice, "id"), &id);
    (void)auk_json_to_int64(auk_json_get(slice, "max"), &max);
    if (id < 0)
        return auk_fail(err, AUK_INVALID, "id must be greater than or equal to 0");
    if (max <= 1)
        return auk_fail(err, AUK_INVALID, "max must be greater than 1");
    if (max <= id)
        return auk_fail(err, AUK_INVALID, "max must be greater than id");
    if (max > 1024)
        return auk_fail(err, AUK_INVALID,
                        "The number of slices [%lld] is too large. It must be less than [1024]. "
                        "This limit can be set by changing the [index.max_slices_per_scroll] index "
                        "level setting.",
                        (long long)max);
    *out = (auk_slice){(uint32_t)id, (uint32_t)max};
    return AUK_OK;
}

auk_code auk_by_query_read_members(const auk_json *body, const auk_json *slice,
                                   auk_by_query_wishes *out, auk_error *err)
{
    const auk_json *conflicts = auk_json_get(body, "conflicts");
    const auk_json *max_docs = auk_json_get(body, "max_docs");
    int64_t number;
    auk_code code = conflicts ? read_conflicts(conflicts->text, out, err) : AUK_OK;
    if (code == AUK_OK && max_docs && !auk_json_to_int64(max_docs, &number))
        code = auk_fail(err, AUK_INVALID, "failed to parse field [max_docs]");
    else if (code == AUK_OK && max_docs)
        code = put_max_docs(number, out, err);
    if (code == AUK_OK && slice)
        code = read_slice(slice, &out->slice, err);
    return code;
}

auk_code auk_by_query_read_search(const auk_json *body, auk_search_plan *plan, auk_arena *arena,
                                  auk_error *err)
{
    const auk_json *search = NULL;
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    for (const auk_json *member = body->child; member; member = member->next) {
        if (!auk_span_is(member->key, "query") && !auk_span_is(member->key, "sort") &&
            !auk_span_is(member->key, "_source"))
            continue;
        auk_json_key(&out, member->key);
        auk_json_value(&out, member);
    }
    auk_json_end_object(&out);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, &search, err);
    if (code == AUK_OK)
        code = auk_search_plan_body(plan, search, arena, err);
    auk_buffer_deinit(&text);
    return code;
}

/* ---- what it looks at ---- */

static void close_scope(void *context)
{
    auk_search_scope_close(context);
}

auk_code auk_by_query_open_scope(const auk_call *call, auk_search_plan *plan,
                                 auk_by_query_wishes *out, auk_error *err)
{
    auk_catalog *catalog = call->rest->options.catalog;
    auk_search_scope *scope = AUK_ARENA_NEW(out->arena, auk_search_scope);
    auk_code code = auk_search_scope_open(catalog, &plan->scope, out->arena, scope, err);
    if (code == AUK_OK && auk_search_scope_pinned_bytes(scope) > PINNED_BYTES) {
        auk_search_scope_close(scope);
        plan->scope.flush = true;
        code = auk_search_scope_open(catalog, &plan->scope, out->arena, scope, err);
    }
    if (code != AUK_OK)
        return code;
    auk_search_scope_detach(scope);
    out->targets = scope->targets;
    out->target_count = scope->target_count;
    out->query = plan->request.query;
    out->sort = plan->request.sort;
    out->sort_count = plan->request.sort_count;
    if (out->slices == AUTO_SLICES)
        out->slices = scope->shard_count > AUTO_MOST ? AUTO_MOST
                      : scope->shard_count > 0       ? scope->shard_count
                                                     : 1;
    out->release = close_scope;
    out->context = scope;
    return AUK_OK;
}

auk_code auk_by_query_check(const auk_by_query_wishes *wishes, auk_error *err)
{
    if (wishes->slice.max > 0 && wishes->slices != 1)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: can't specify both manual and automatic "
                             "slicing at the same time;");
    if (wishes->max_docs < wishes->slices)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: [max_docs] should be >= [slices];");
    return AUK_OK;
}

/* ---- _update_by_query, _delete_by_query ---- */

static auk_code read_body(const auk_call *call, auk_by_query_kind kind, auk_search_plan *plan,
                          auk_by_query_wishes *out, auk_error *err)
{
    const auk_json *body = NULL;
    auk_span text = auk_call_body_text(call);
    auk_code code = text.size ? auk_json_parse(text, out->arena, &body, err) : AUK_OK;
    if (code != AUK_OK || !body)
        return code;
    code = auk_body_check(body, kind == AUK_BY_QUERY_UPDATE ? "update_by_query" : "delete_by_query",
                          "query max_docs conflicts slice sort script", err);
    if (code == AUK_OK && auk_json_get(body, "script"))
        code = auk_by_query_refuse("script", err);
    if (code == AUK_OK)
        code = auk_by_query_read_members(body, auk_json_get(body, "slice"), out, err);
    return code == AUK_OK ? auk_by_query_read_search(body, plan, out->arena, err) : code;
}

static auk_code read_own_parameters(const auk_call *call, auk_by_query_wishes *out, auk_error *err)
{
    int64_t size;
    auk_span conflicts = auk_call_parameter(call, "conflicts");
    auk_code code = auk_call_int(call, "scroll_size", 1000, &size, err);
    if (code == AUK_OK && conflicts.size)
        code = read_conflicts(conflicts, out, err);
    if (code == AUK_OK && auk_call_has(call, "pipeline"))
        code = auk_by_query_refuse("pipeline", err);
    return code == AUK_OK ? auk_by_query_page_size(size, &out->page_size, err) : code;
}

auk_code auk_by_query_read(const auk_call *call, auk_by_query_kind kind, auk_by_query_wishes *out,
                           auk_error *err)
{
    auk_search_plan plan;
    out->kind = kind;
    auk_search_plan_init(&plan);
    plan.ignores = "search_type timeout scroll version";
    auk_code code = auk_by_query_read_url(call, out, err);
    if (code == AUK_OK)
        code = read_own_parameters(call, out, err);
    if (code == AUK_OK)
        code = read_body(call, kind, &plan, out, err);
    if (code == AUK_OK)
        code = auk_search_plan_url(&plan, call, out->arena, err);
    if (code == AUK_OK && kind == AUK_BY_QUERY_DELETE && !plan.request.query)
        code = auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: query is missing;");
    out->description =
        auk_arena_printf(out->arena, "%s [%.*s]",
                         kind == AUK_BY_QUERY_UPDATE ? "update-by-query" : "delete-by-query",
                         AUK_SPAN_ARG(plan.scope.expression));
    if (code == AUK_OK)
        code = auk_by_query_check(out, err);
    return code == AUK_OK ? auk_by_query_open_scope(call, &plan, out, err) : code;
}

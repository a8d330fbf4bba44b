#include "msearch.h"

#include "lsn_wait.h"
#include "search_run.h"

/* A line; the last one must end like all others. */
static auk_code next_line(auk_span *rest, auk_span *line, auk_error *err)
{
    const char *newline = memchr(rest->data, '\n', rest->size);
    if (!newline)
        return auk_fail(err, AUK_INVALID,
                        "The msearch request must be terminated by a newline [\\n]");
    size_t size = (size_t)(newline - rest->data);
    *line = auk_span_make(rest->data, size);
    *rest = auk_span_from(*rest, size + 1);
    return AUK_OK;
}

static bool is_blank(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!auk_byte_among(text.data[i], " \t\r\n"))
            return false;
    return true;
}

/* ---- the line that says where ---- */

/* "a", ["a", "b"], 5 and true as one text, as a URL would have it. */
static auk_code header_value(const auk_json *value, auk_arena *arena, auk_span *out, auk_error *err)
{
    if (value->type == AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "key [%.*s] cannot be an object in the metadata section",
                        AUK_SPAN_ARG(value->key));
    *out = value->type == AUK_JSON_NULL ? AUK_SPAN("") : value->text;
    if (value->type != AUK_JSON_ARRAY)
        return AUK_OK;
    *out = AUK_SPAN("");
    for (const auk_json *item = value->child; item; item = item->next)
        *out = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(*out), out->size ? "," : "",
                                AUK_SPAN_ARG(item->text));
    return AUK_OK;
}

static auk_code read_header_member(const auk_json *m, auk_arena *arena, auk_search_plan *plan,
                                   auk_error *err)
{
    static const char *const allowed[] = {"search_type",
                                          "request_cache",
                                          "preference",
                                          "routing",
                                          "allow_no_indices",
                                          "ignore_unavailable",
                                          "expand_wildcards",
                                          "ignore_throttled",
                                          "allow_partial_search_results",
                                          "ccs_minimize_roundtrips"};
    auk_span value;
    bool known = false;
    auk_code code = header_value(m, arena, &value, err);
    if (code != AUK_OK || m->type == AUK_JSON_NULL)
        return code;
    if (auk_span_is(m->key, "index") || auk_span_is(m->key, "indices")) {
        plan->scope.expression = value;
        plan->has_expression = value.size > 0;
        return AUK_OK;
    }
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (auk_span_is(m->key, allowed[i]))
            return auk_search_plan_parameter(plan, m->key, value, arena, &known, err);
    return auk_fail(err, AUK_INVALID, "key [%.*s] is not supported in the metadata section",
                    AUK_SPAN_ARG(m->key));
}

static auk_code read_header(auk_span line, auk_arena *arena, auk_search_plan *plan, auk_error *err)
{
    const auk_json *header;
    if (is_blank(line))
        return AUK_OK;
    auk_code code = auk_json_parse_padded(line, arena, &header, err);
    if (code == AUK_OK && header->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "the metadata section must be an object");
    const auk_json *m = code == AUK_OK ? header->child : NULL;
    for (; m && code == AUK_OK; m = m->next)
        code = read_header_member(m, arena, plan, err);
    return code;
}

/* ---- one search ---- */

static auk_code read_body(auk_span line, auk_arena *arena, auk_search_plan *plan, auk_error *err)
{
    const auk_json *body = NULL;
    auk_code code = is_blank(line) ? AUK_OK : auk_json_parse_padded(line, arena, &body, err);
    return code == AUK_OK ? auk_search_plan_body(plan, body, arena, err) : code;
}

static void write_failure(auk_call *call, const auk_error *why)
{
    auk_json_begin_object(&call->out);
    auk_error_write(&call->out, why, call->error_trace);
    auk_json_member_int(&call->out, "status", auk_code_status(why->code));
    auk_json_end_object(&call->out);
}

/* A failed search leaves nothing of what it had written, but its error. */
static auk_code run_one(auk_call *call, auk_span header, auk_span body, auk_search_moment *moment,
                        auk_error *err)
{
    auk_search_plan plan;
    auk_error why = {0};
    auk_search_plan_init(&plan);
    auk_code code = auk_search_plan_url(&plan, call, call->arena, err);
    if (code == AUK_OK)
        code = read_header(header, call->arena, &plan, err);
    if (code != AUK_OK)
        return code;
    plan.scope.moment = moment;
    auk_json_writer before = call->out;
    size_t size = call->out.out->size;
    code = read_body(body, call->arena, &plan, &why);
    if (code == AUK_OK)
        code = auk_search_run_plan(call, &plan, 200, &why);
    if (code == AUK_OK)
        return AUK_OK;
    if (code == AUK_CANCELLED) { /* nobody waits for the others either */
        *err = why;
        return code;
    }
    call->out = before;
    call->out.out->size = size;
    why.code = why.code == AUK_OK ? code : why.code;
    write_failure(call, &why);
    return AUK_OK;
}

/* The answers as one array into call->out, all of one moment. */
static auk_code run_all(auk_call *call, auk_error *err)
{
    auk_span rest = call->request->body, header, body;
    auk_search_moment moment = {0};
    auk_code code = AUK_OK;
    auk_json_begin_array(&call->out);
    while (code == AUK_OK && !is_blank(rest)) {
        code = next_line(&rest, &header, err);
        if (code == AUK_OK)
            code = next_line(&rest, &body, err);
        if (code == AUK_OK)
            code = run_one(call, header, body, &moment, err);
    }
    auk_search_moment_end(&moment, call->rest->options.catalog);
    auk_json_end_array(&call->out);
    return code == AUK_OK ? auk_buffer_explain(call->out.out, err) : code;
}

/* The indices of all searches; what is wrong with a line is said when it is run. */
static auk_code wait(auk_call *call, bool *parked, auk_error *err)
{
    auk_span rest = call->request->body, line, path = auk_call_variable(call, "index");
    uint32_t lines = 1, count = 0;
    *parked = false;
    if (!auk_lsn_is_asked(call))
        return AUK_OK;
    for (size_t i = 0; i < rest.size; i++)
        lines += rest.data[i] == '\n';
    auk_span *names = AUK_ARENA_ARRAY(call->arena, auk_span, lines);
    for (uint32_t number = 0; auk_span_cut(&rest, '\n', &line) && count < lines; number++) {
        auk_search_plan plan;
        auk_search_plan_init(&plan);
        if (number % 2 == 1 || (is_blank(line) && is_blank(rest)) ||
            read_header(line, call->arena, &plan, NULL) != AUK_OK)
            continue;
        auk_span name = plan.has_expression ? plan.scope.expression : path;
        if (count == 0 || !auk_span_equal(names[count - 1], name))
            names[count++] = name;
    }
    return auk_lsn_wait_for(call, names, count, parked, err);
}

/* "took" comes first and is known last, so the answers wait in a buffer of their own. */
auk_code auk_msearch(auk_call *call, auk_error *err)
{
    uint64_t started_us = auk_clock_monotonic_us();
    auk_json_writer out = call->out;
    auk_buffer answers;
    if (is_blank(call->request->body))
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: no requests added;");
    bool parked;
    auk_code code = wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    auk_buffer_init(&answers, out.out->maximum);
    auk_buffer_set_budget(&answers, out.out->budget, out.out->purpose);
    auk_json_writer_init(&call->out, &answers, false);
    code = run_all(call, err);
    call->out = out;
    if (code == AUK_OK) {
        auk_json_begin_object(&call->out);
        auk_json_member_uint(&call->out, "took", (auk_clock_monotonic_us() - started_us) / 1000);
        auk_json_member_raw(&call->out, "responses", auk_buffer_span(&answers));
        auk_json_end_object(&call->out);
    }
    auk_buffer_deinit(&answers);
    return code;
}

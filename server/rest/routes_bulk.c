/*
 * _bulk. Overload refuses the whole request before anything is applied, because shippers take a
 * mixed answer for success; what is wrong with one document is the answer of its item.
 */
#include "bulk.h"
#include "call.h"
#include "written.h"

/* What an item costs beside its parsed line and the body's bytes, up to its part of the answer. */
#define ANSWER_BYTES 240
#define ITEM_BYTES   (sizeof(auk_written) + ANSWER_BYTES)

static auk_code read_defaults(const auk_call *call, auk_bulk_defaults *out, auk_error *err)
{
    *out = (auk_bulk_defaults){.index = auk_call_variable(call, "index"),
                               .routing = auk_call_parameter(call, "routing")};
    auk_code code = auk_call_bool(call, "_source", false, &out->want_source, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "require_alias", false, &out->require_alias, err);
    return code;
}

static void write_answer(const auk_bulk *bulk, const auk_written *written, uint64_t started_us,
                         bool forced_refresh, auk_buffer *out)
{
    bool errors = false;
    for (uint32_t i = 0; i < bulk->count && !errors; i++)
        errors = written[i].error.code != AUK_OK;
    if (out->maximum / ANSWER_BYTES > bulk->count)
        (void)auk_buffer_reserve(out, (size_t)bulk->count * ANSWER_BYTES);
    auk_buffer_printf(out, "{\"took\":%llu,\"errors\":%s,\"items\":[",
                      (unsigned long long)((auk_clock_monotonic_us() - started_us) / 1000),
                      errors ? "true" : "false");
    for (uint32_t i = 0; i < bulk->count; i++) {
        if (i > 0)
            auk_buffer_append_byte(out, ',');
        auk_written_append_item(&bulk->writes[i], &written[i], forced_refresh, out);
    }
    auk_buffer_append_text(out, "]}");
}

static void answer(auk_call *call, const auk_bulk *bulk, const auk_written *written,
                   uint64_t started_us, bool forced_refresh)
{
    auk_buffer *body = &call->exchange->response.body;
    if (!call->pretty) {
        write_answer(bulk, written, started_us, forced_refresh, body);
        return;
    }
    auk_buffer compact;
    auk_buffer_init(&compact, body->maximum);
    write_answer(bulk, written, started_us, forced_refresh, &compact);
    if (auk_buffer_status(&compact) == AUK_OK)
        auk_json_raw(&call->out, auk_buffer_span(&compact));
    else
        body->overflowed = true;
    auk_buffer_deinit(&compact);
}

static auk_code charge(const auk_call *call, size_t bytes, size_t *charged, auk_error *err)
{
    auk_code code = auk_budget_charge(call->rest->options.budget, AUK_PURPOSE_REQUESTS, bytes, err);
    *charged += code == AUK_OK ? bytes : 0;
    return code;
}

static auk_code run_bulk(auk_call *call, const auk_bulk_defaults *defaults,
                         auk_refresh_policy refresh, size_t *charged, auk_error *err)
{
    uint64_t started_us = auk_clock_monotonic_us();
    auk_span body = call->request->body;
    auk_bulk bulk;
    auk_code code = charge(call, sizeof(auk_write) * auk_bulk_item_limit(body), charged, err);
    if (code == AUK_OK)
        code = auk_bulk_parse(body, defaults, call->arena, &bulk, err);
    if (code == AUK_OK)
        code = charge(call, ITEM_BYTES * bulk.count, charged, err);
    if (code != AUK_OK)
        return code;
    auk_written *written = auk_arena_alloc(call->arena, sizeof(auk_written) * bulk.count);
    code = auk_write_run(call, bulk.writes, bulk.count, refresh, written, err);
    if (code == AUK_OK)
        answer(call, &bulk, written, started_us, refresh == AUK_REFRESH_NOW);
    return code;
}

static auk_code post_bulk(auk_call *call, auk_error *err)
{
    auk_bulk_defaults defaults;
    auk_refresh_policy refresh;
    if (call->request->body.size == 0)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body is required");
    auk_code code = auk_write_check_parameters(call, err);
    if (code == AUK_OK)
        code = auk_refresh_read(call, &refresh, err);
    if (code == AUK_OK)
        code = read_defaults(call, &defaults, err);
    if (code != AUK_OK)
        return code;
    size_t charged = 0;
    code = run_bulk(call, &defaults, refresh, &charged, err);
    auk_budget_release(call->rest->options.budget, AUK_PURPOSE_REQUESTS, charged);
    return code;
}

#define PARAMETERS                                                                                 \
    "refresh routing timeout wait_for_active_shards pipeline require_alias require_data_stream "   \
    "list_executed_pipelines type _source"

static const auk_route rows[] = {
    {AUK_M_POST | AUK_M_PUT, "/_bulk", PARAMETERS, post_bulk, AUK_ROUTE_WRITE, AUK_RIGHT_WRITE},
    {AUK_M_POST | AUK_M_PUT, "/{index}/_bulk", PARAMETERS, post_bulk, AUK_ROUTE_WRITE,
     AUK_RIGHT_WRITE},
};

const auk_route_table auk_routes_bulk = {rows, sizeof rows / sizeof rows[0]};

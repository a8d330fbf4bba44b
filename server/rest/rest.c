/*
 *   event loop                         pool of the route                 event loop
 *   auk_rest_handle: find the row, --> run_call: the row's function, --> the HTTP server sends
 *   check parameters, media types      render, auk_http_respond
 */
#include <stdio.h>
#include <stdlib.h>

#include "auk/log.h"
#include "call.h"
#include "waits.h"

const uint32_t auk_histogram_bounds_us[AUK_HISTOGRAM_BUCKETS] = {
    100,   250,    500,    1000,   2500,    5000,    10000,    25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 10000000, UINT32_MAX};

auk_rest *auk_rest_create(const auk_rest_options *options)
{
    auk_rest *rest = calloc(1, sizeof *rest);
    if (!rest)
        auk_fatal("out of memory");
    rest->options = *options;
    rest->stats = calloc(auk_route_count(), sizeof *rest->stats);
    if (!rest->stats)
        auk_fatal("out of memory");
    snprintf(rest->node_name, sizeof rest->node_name, "%s",
             options->node_name ? options->node_name : "auk");
    rest->node_id =
        auk_catalog_cluster_uuid(options->catalog); /* one node a cluster: one id does for both */
    rest->started_us = auk_clock_monotonic_us();
    rest->started_ms = auk_clock_wall_ms();
    rest->contexts = auk_contexts_create(rest);
    rest->waits = auk_waits_create(rest);
    return rest;
}

void auk_rest_destroy(auk_rest *rest)
{
    if (!rest)
        return;
    auk_waits_destroy(rest->waits);
    auk_contexts_destroy(rest->contexts);
    free(rest->stats);
    free(rest);
}

void auk_rest_set_port(auk_rest *rest, uint16_t port)
{
    atomic_store(&rest->port, port);
}

void auk_rest_set_ready(auk_rest *rest, bool ready)
{
    atomic_store(&rest->ready, ready);
}

void auk_rest_set_observer(auk_rest *rest, auk_rest_observer observer)
{
    rest->observer = observer;
}

/* ---- the end of a call ---- */

static void count_call(auk_call *call, uint64_t took_us)
{
    auk_route_stats *stats = call->stats;
    if (!stats)
        return;
    unsigned bucket = 0;
    while (bucket + 1 < AUK_HISTOGRAM_BUCKETS && took_us > auk_histogram_bounds_us[bucket])
        bucket++;
    atomic_fetch_add(&stats->count, 1);
    atomic_fetch_add(&stats->sum_us, took_us);
    atomic_fetch_add(&stats->buckets[bucket], 1);
    if (call->status >= 500 || call->status == 429)
        atomic_fetch_add(&stats->errors, 1);
}

/* What a client marked its request with comes back, so that it finds it again in logs on both
 * sides. */
static void echo_header(auk_call *call, const char *name)
{
    const auk_http_field *given = auk_http_request_header(call->request, name);
    if (given && given->value.size <= 256)
        auk_http_response_add(call->exchange, auk_span_of(name), given->value);
}

void auk_call_finish(auk_call *call)
{
    auk_http_response *response = &call->exchange->response;
    uint64_t took_us = auk_clock_monotonic_us() - call->request->started_us;
    echo_header(call, "X-Opaque-Id");
    if (!call->is_text && call->pretty && !call->yaml)
        auk_buffer_append_byte(&response->body, '\n');
    response->status = call->status;
    response->content_type = auk_media_answer_type(call);
    count_call(call, took_us);
    if (call->rest->observer)
        call->rest->observer(call->request, call->status, took_us);
    auk_http_respond(call->exchange);
}

static void fail_call(auk_call *call, auk_error *err)
{
    auk_error_render(call, err);
    auk_call_finish(call);
}

static void run_call(void *context)
{
    auk_call *call = context;
    auk_error err = {0};
    auk_code code = auk_http_exchange_gone(call->exchange)
                        ? auk_fail(&err, AUK_CANCELLED, "the client has gone")
                        : call->route->run(call, &err);
    if (code == AUK_OK && auk_wait_is_again(call)) {
        auk_waits_park(call->rest->waits, call);
        return;
    }
    if (code == AUK_OK)
        code = auk_buffer_explain(&call->exchange->response.body, &err);
    if (code == AUK_OK)
        code = auk_render_finish(call, &err);
    if (code == AUK_OK && call->wait) {
        auk_waits_park(call->rest->waits, call);
        return;
    }
    if (code == AUK_OK) {
        auk_call_finish(call);
        return;
    }
    auk_wait_drop(call);
    if (err.code == AUK_OK)
        err.code = code;
    fail_call(call, &err);
}

/* ---- the beginning of a call ---- */

static auk_span method_names(auk_call *call, unsigned methods)
{
    auk_span names = AUK_SPAN("");
    for (unsigned m = 0; m < AUK_HTTP_METHOD_COUNT; m++)
        if (methods & 1u << m)
            names =
                auk_arena_printf(call->arena, "%.*s%s%s", AUK_SPAN_ARG(names),
                                 names.size ? ", " : "", auk_http_method_name((auk_http_method)m));
    return names;
}

/* OPTIONS asks what a path takes and needs no row of its own. */
static auk_code answer_options(auk_call *call, auk_error *err)
{
    (void)err;
    call->is_text = true;
    return AUK_OK;
}

static const auk_route options_route = {
    1u << AUK_HTTP_OPTIONS, "*", "", answer_options, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR};

static auk_code no_route(auk_call *call, unsigned allowed, auk_error *err)
{
    const auk_http_request *request = call->request;
    const char *method = auk_http_method_name(request->method);
    bool whole_server = auk_span_is(request->path, "*");
    auk_span names = method_names(call, allowed);
    if (allowed)
        auk_http_response_add(call->exchange, AUK_SPAN("Allow"), names);
    if (request->method == AUK_HTTP_OPTIONS && (allowed || whole_server)) {
        call->route = &options_route;
        return AUK_OK;
    }
    if (!allowed) {
        auk_fail(err, AUK_INVALID, "no handler found for uri [%.*s] and method [%s]",
                 AUK_SPAN_ARG(request->path), method);
        auk_route_hint(call, err);
        return AUK_INVALID;
    }
    call->status = 405;
    return auk_fail(err, AUK_INVALID,
                    "Incorrect HTTP method for uri [%.*s] and method [%s], allowed: [%.*s]",
                    AUK_SPAN_ARG(request->path), method, AUK_SPAN_ARG(names));
}

static auk_code read_general_parameters(auk_call *call, auk_error *err)
{
    auk_code code = auk_call_bool(call, "pretty", false, &call->pretty, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "human", false, &call->human, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "error_trace", false, &call->error_trace, err);
    call->filter_path = auk_call_parameter(call, "filter_path");
    return code;
}

static auk_code begin(auk_call *call, auk_error *err)
{
    size_t number = 0;
    unsigned allowed = 0;
    auk_code code = read_general_parameters(call, err);
    if (code != AUK_OK)
        return code;
    call->route = auk_route_find(call, &number, &allowed);
    if (!call->route)
        return no_route(call, allowed, err);
    call->stats = &call->rest->stats[number];
    code = auk_route_check_parameters(call, err);
    if (code == AUK_OK)
        code = auk_media_check(call, err);
    auk_json_writer_init(&call->out, &call->exchange->response.body, call->pretty);
    /* what has been done must be told, or the client does it again */
    if (call->route->right == AUK_RIGHT_WRITE || call->route->right == AUK_RIGHT_MANAGE)
        auk_buffer_set_owed(&call->exchange->response.body);
    return code;
}

static auk_pool *pool_of(const auk_call *call)
{
    const auk_rest_options *options = &call->rest->options;
    switch (call->route->pool) {
    case AUK_ROUTE_SEARCH:
        return options->search_pool;
    case AUK_ROUTE_WRITE:
        return options->write_pool;
    case AUK_ROUTE_MANAGE:
        return options->manage_pool;
    default:
        return NULL;
    }
}

void auk_call_run_again(auk_call *call)
{
    auk_error err = {0};
    call->waited = true;
    if (auk_pool_submit(pool_of(call), run_call, call, &err) != AUK_OK)
        fail_call(call, &err);
}

void auk_rest_handle(auk_http_exchange *exchange, void *context)
{
    auk_call *call = AUK_ARENA_NEW(exchange->request.arena, auk_call);
    auk_error err = {0};
    call->rest = context;
    call->exchange = exchange;
    call->request = &exchange->request;
    call->arena = exchange->request.arena;
    call->status = 200;
    auk_code code = begin(call, &err);
    auk_pool *pool = code == AUK_OK ? pool_of(call) : NULL;
    if (code == AUK_OK && !pool) {
        run_call(call);
        return;
    }
    if (code == AUK_OK)
        code = auk_pool_submit(pool, run_call, call, &err);
    if (code != AUK_OK)
        fail_call(call, &err);
}

/* A request's way to its route and back, without a server: exchanges are made by hand. */
#include "test.h"

#include "auk/rest.h"

#include "catalog_support.h"
#include "contexts.h"

typedef struct given {
    const char *method, *target, *body;
    const char *type, *accept;
} given;

typedef struct stage {
    support_catalog *at;
    auk_rest *rest;
    auk_pool *pool;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    auk_http_exchange exchange;
} stage;

static void note_answer(auk_http_exchange *exchange)
{
    stage *s = exchange->user;
    pthread_mutex_lock(&s->lock);
    s->done = true;
    pthread_cond_signal(&s->answered);
    pthread_mutex_unlock(&s->lock);
}

static int setup(void **state)
{
    stage *s = calloc(1, sizeof *s);
    void *catalog;
    support_catalog_setup(&catalog);
    s->at = catalog;
    s->pool = auk_pool_create("test", 1, 16);
    auk_rest_options options = {.catalog = s->at->catalog,
                                .budget = s->at->budget,
                                .search_pool = s->pool,
                                .write_pool = s->pool,
                                .manage_pool = s->pool,
                                .node_name = "node",
                                .host = "127.0.0.1"};
    s->rest = auk_rest_create(&options);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->answered, NULL);
    *state = s;
    return 0;
}

static void drop_exchange(stage *s)
{
    if (!s->exchange.request.arena)
        return;
    auk_buffer_deinit(&s->exchange.response.body);
    auk_arena_destroy(s->exchange.request.arena);
    s->exchange = (auk_http_exchange){0};
}

static int teardown(void **state)
{
    stage *s = *state;
    void *catalog = s->at;
    drop_exchange(s);
    auk_rest_destroy(s->rest);
    auk_pool_destroy(s->pool);
    support_catalog_teardown(&catalog);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->answered);
    free(s);
    return 0;
}

static auk_http_method method_named(const char *name)
{
    int method = 0;
    while (strcmp(auk_http_method_name((auk_http_method)method), name) != 0)
        method++;
    return (auk_http_method)method;
}

/* The answer's body, terminated; s->exchange.response has the rest until the next call. */
static const char *ask(stage *s, given what)
{
    drop_exchange(s);
    auk_http_request *request = &s->exchange.request;
    request->arena = auk_arena_create(4096);
    request->method = method_named(what.method);
    assert_true(auk_http_request_set_target(request, auk_span_of(what.target)));
    size_t size = what.body ? strlen(what.body) : 0;
    char *body = auk_arena_zalloc(request->arena, size + AUK_JSON_PADDING);
    memcpy(body, what.body ? what.body : "", size);
    request->body = auk_span_make(body, size);
    auk_http_field *headers = AUK_ARENA_ARRAY(request->arena, auk_http_field, 3);
    if (what.type || size)
        headers[request->header_count++] =
            (auk_http_field){AUK_SPAN("Content-Type"),
                             auk_span_of(what.type ? what.type : "application/json")};
    if (what.accept)
        headers[request->header_count++] =
            (auk_http_field){AUK_SPAN("Accept"), auk_span_of(what.accept)};
    request->headers = headers;
    request->started_us = 0;
    s->exchange.response.status = 200;
    auk_buffer_init(&s->exchange.response.body, (size_t)1 << 24);
    s->exchange.user = s;
    s->exchange.finish = note_answer;
    s->done = false;
    auk_rest_handle(&s->exchange, s->rest);
    pthread_mutex_lock(&s->lock);
    while (!s->done)
        pthread_cond_wait(&s->answered, &s->lock);
    pthread_mutex_unlock(&s->lock);
    auk_span text = auk_buffer_span(&s->exchange.response.body);
    return auk_arena_copy(request->arena, text).data;
}

static int status_of(const stage *s)
{
    return s->exchange.response.status;
}

static const char *content_type(const stage *s)
{
    return auk_arena_copy(s->exchange.request.arena, s->exchange.response.content_type).data;
}

static void finds_routes(void **state)
{
    static const struct {
        const char *method, *target, *path;
    } rows[] = {
        {"GET", "/", "/"},
        {"GET", "/_search", "/_search"},
        {"POST", "/a/_search", "/{index}/_search"},
        {"POST", "/_search/scroll", "/_search/scroll"},
        {"GET", "/a", "/{index}"},
        {"GET", "/_all", "/{index}"},
        {"GET", "/_all/_mapping", "/{index}/_mapping"},
        {"GET", "/a/_doc/_search", "/{index}/_doc/{id}"},
        {"GET", "/a//_doc/1/", "/{index}/_doc/{id}"},
        {"GET", "/_cat/indices/", "/_cat/indices"},
        {"GET", "/_nodes/stats", "/_nodes/stats"},
        {"GET", "/_nodes/_all/http", "/_nodes/{node}/{metric}"},
        {"GET", "/_nodes/x/stats", "/_nodes/{node}/stats"},
        {"GET", "/_alias/x", "/_alias/{name}"},
        {"GET", "/a/_alias/x", "/{index}/_alias/{name}"},
        {"GET", "/metrics", "/metrics"},
        {"PUT", "/metrics", "/{index}"},
        {"GET", "/_nothing", NULL},
        {"GET", "/a/_doc", NULL},
        {"GET", "/a/b", NULL},
        {"GET", "/_mapping/a/b/c/d", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_http_request request = {.arena = auk_arena_create(1024),
                                    .method = method_named(rows[i].method)};
        auk_call call = {.request = &request, .arena = request.arena};
        size_t number;
        unsigned allowed;
        assert_true(auk_http_request_set_target(&request, auk_span_of(rows[i].target)));
        const auk_route *route = auk_route_find(&call, &number, &allowed);
        if (!rows[i].path) {
            assert_null(route);
        } else {
            assert_non_null(route);
            assert_string_equal(route->path, rows[i].path);
            assert_ptr_equal(auk_route_at(number), route);
        }
        auk_arena_destroy(request.arena);
    }
}

static void fills_variables(void **state)
{
    auk_http_request request = {.arena = auk_arena_create(1024), .method = AUK_HTTP_GET};
    auk_call call = {.request = &request, .arena = request.arena};
    size_t number;
    unsigned allowed;
    (void)state;
    assert_true(auk_http_request_set_target(&request, AUK_SPAN("/a%2Cb/_doc/x%2Fy")));
    assert_non_null(auk_route_find(&call, &number, &allowed));
    assert_true(auk_span_is(auk_call_variable(&call, "index"), "a,b"));
    assert_true(auk_span_is(auk_call_variable(&call, "id"), "x/y"));
    assert_int_equal(auk_call_variable(&call, "name").size, 0);
    auk_arena_destroy(request.arena);
}

static void names_what_it_does_not_know(void **state)
{
    static const struct {
        given what;
        int status;
        const char *part;
    } rows[] = {
        {{.method = "GET", .target = "/a/_mappin"}, 400, "did you mean [_mapping]?"},
        {{.method = "GET", .target = "/_zzzzzzzzzzzzzzzz"}, 400, "there is no [_zzzzzzzzzzzzzzzz]"},
        {{.method = "PATCH", .target = "/a"}, 405, "allowed: [GET, HEAD, PUT, DELETE]"},
        {{.method = "PATCH", .target = "/a"}, 405, "\"status\":405"},
        {{.method = "GET", .target = "/_cluster/health?levl=x"}, 400, "did you mean [level]?"},
        {{.method = "GET", .target = "/_cluster/health?zzz"},
         400,
         "contains unrecognized parameter: [zzz]\""},
        {{.method = "GET", .target = "/_cluster/health?pretty=x"},
         400,
         "as only [true] or [false] are allowed"},
        {{.method = "GET", .target = "/a"}, 404, "\"index\":\"a\""},
    };
    stage *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *answer = ask(s, rows[i].what);
        assert_int_equal(status_of(s), rows[i].status);
        if (!strstr(answer, rows[i].part))
            fail_msg("[%s] is not in %s", rows[i].part, answer);
    }
}

static void filters_paths(void **state)
{
    static const struct {
        const char *filter, *answer;
    } rows[] = {
        {"persistent", "{\"persistent\":{}}"},
        {"-defaults,-trans*", "{\"persistent\":{}}"},
        {"p*,defaults.search.*",
         "{\"persistent\":{},\"defaults\":{\"search\":{\"default_search_timeout\":\"-1\","
         "\"max_buckets\":\"65536\",\"max_open_scroll_context\":\"500\"}}}"},
        {"*t,-pers*", "{\"transient\":{}}"},
        {"nothing", "{}"},
        {"**.max_buckets", "{\"defaults\":{\"search\":{\"max_buckets\":\"65536\"}}}"},
    };
    static const struct {
        const char *filter, *answer;
    } deep[] = {
        {"x.mappings.properties.*.type", "{\"x\":{\"mappings\":{\"properties\":{\"t\":{\"type\":"
                                         "\"text\"}}}}}"},
        {"**.raw", "{\"x\":{\"mappings\":{\"properties\":{\"t\":{\"fields\":{\"raw\":{\"type\":"
                   "\"keyword\"}}}}}}}"},
        {"*.mappings.**.type,-**.fields",
         "{\"x\":{\"mappings\":{\"properties\":{\"t\":{\"type\":\"text\"}}}}}"},
        {"x.nothing", "{}"},
    };
    stage *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char target[128];
        snprintf(target, sizeof target, "/_cluster/settings?include_defaults&filter_path=%s",
                 rows[i].filter);
        assert_string_equal(ask(s, (given){.method = "GET", .target = target}), rows[i].answer);
    }
    (void)ask(s,
              (given){.method = "PUT",
                      .target = "/x",
                      .body = "{\"mappings\":{\"properties\":{\"t\":{\"type\":\"text\",\"fields\":"
                              "{\"raw\":{\"type\":\"keyword\"}}}}}}"});
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        char target[128];
        snprintf(target, sizeof target, "/x/_mapping?filter_path=%s", deep[i].filter);
        assert_string_equal(ask(s, (given){.method = "GET", .target = target}), deep[i].answer);
    }
}

static void writes_yaml(void **state)
{
    stage *s = *state;
    (void)ask(s, (given){.method = "PUT",
                         .target = "/x",
                         .body = "{\"mappings\":{\"properties\":{\"a b\":{\"type\":\"text\"}}},"
                                 "\"aliases\":{\"y\":{\"routing\":\"1: #\"}}}"});
    assert_string_equal(ask(s, (given){.method = "GET",
                                       .target = "/x?format=yaml&features=mappings,aliases"}),
                        "---\nx:\n  aliases:\n    y:\n      index_routing: \"1: #\"\n"
                        "      search_routing: \"1: #\"\n  mappings:\n    properties:\n"
                        "      \"a b\":\n        type: \"text\"\n");
    assert_string_equal(content_type(s), "application/yaml");
    assert_string_equal(ask(s, (given){.method = "GET",
                                       .target = "/_cat/aliases?h=alias,index",
                                       .accept = "application/yaml"}),
                        "---\n- alias: \"y\"\n  index: \"x\"\n");
    assert_string_equal(ask(s, (given){.method = "GET",
                                       .target = "/x/_alias/y?format=yaml&filter_path=zz"}),
                        "---\n");
}

static void prints_pretty(void **state)
{
    stage *s = *state;
    assert_string_equal(ask(s, (given){.method = "PUT", .target = "/x?pretty&filter_path=index"}),
                        "{\n  \"index\" : \"x\"\n}\n");
}

static void answers_in_the_type_asked_for(void **state)
{
    static const struct {
        given what;
        int status;
        const char *type;
    } rows[] = {
        {{.method = "GET", .target = "/"}, 200, "application/json"},
        {{.method = "GET", .target = "/", .accept = "*/*"}, 200, "application/json"},
        {{.method = "GET",
          .target = "/",
          .accept = "application/vnd.elasticsearch+json; compatible-with=8"},
         200,
         "application/vnd.elasticsearch+json;compatible-with=8"},
        {{.method = "GET",
          .target = "/",
          .accept = "application/vnd.elasticsearch+json;compatible-with=9"},
         200,
         "application/vnd.elasticsearch+json;compatible-with=9"},
        {{.method = "GET",
          .target = "/_cat/health",
          .accept = "application/vnd.elasticsearch+json; compatible-with=8,text/plain"},
         200,
         "text/plain; charset=UTF-8"},
        {{.method = "GET", .target = "/_cat/health", .accept = "application/json"},
         200,
         "application/json"},
        {{.method = "GET", .target = "/_cat/health?format=json"}, 200, "application/json"},
        {{.method = "GET", .target = "/_cat/health"}, 200, "text/plain; charset=UTF-8"},
        {{.method = "GET", .target = "/metrics"}, 200, "text/plain; charset=UTF-8"},
        {{.method = "GET",
          .target = "/",
          .type = "application/vnd.elasticsearch+json; compatible-with=9"},
         200,
         "application/vnd.elasticsearch+json;compatible-with=9"},
        {{.method = "POST",
          .target = "/_analyze",
          .body = "{\"text\":\"a\"}",
          .type = "application/json; charset=UTF-8"},
         200,
         "application/json"},
        {{.method = "POST",
          .target = "/_analyze",
          .body = "{\"text\":\"a\"}",
          .type = "application/vnd.elasticsearch+json; compatible-with=7"},
         200,
         "application/vnd.elasticsearch+json;compatible-with=7"},
        {{.method = "POST", .target = "/_analyze", .body = "{\"text\":\"a\"}", .type = "text/html"},
         406,
         "application/json"},
        {{.method = "POST",
          .target = "/_analyze",
          .body = "{\"text\":\"a\"}",
          .type = "application/vnd.elasticsearch+json; compatible-with=6"},
         406,
         "application/json"},
        {{.method = "GET", .target = "/?format=xml"}, 400, "application/json"},
    };
    stage *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)ask(s, rows[i].what);
        if (status_of(s) != rows[i].status || strcmp(content_type(s), rows[i].type) != 0)
            fail_msg("row %zu: %d %s", i, status_of(s), content_type(s));
    }
}

static void counts_calls(void **state)
{
    stage *s = *state;
    for (unsigned i = 0; i < 3; i++)
        (void)ask(s, (given){.method = "GET", .target = "/_health/live"});
    assert_int_equal(status_of(s), 200);
    (void)ask(s, (given){.method = "GET", .target = "/_health/ready"});
    assert_int_equal(status_of(s), 503);
    auk_rest_set_ready(s->rest, true);
    (void)ask(s, (given){.method = "GET", .target = "/_health/ready"});
    assert_int_equal(status_of(s), 200);
    const char *metrics = ask(s, (given){.method = "GET", .target = "/metrics"});
    static const char *const lines[] = {
        "\nauk_ready 1\n",
        "\nauk_http_requests_total{route=\"/_health/live\",method=\"GET,HEAD\"} 3\n",
        "\nauk_http_request_errors_total{route=\"/_health/ready\",method=\"GET,HEAD\"} 1\n",
        "\",method=\"GET,HEAD\",le=\"+Inf\"} 3\n",
        "\nauk_memory_limit_bytes{purpose=\"indexing\"} ",
        "\nauk_open_contexts{kind=\"scroll\"} 0\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (!strstr(metrics, lines[i]))
            fail_msg("[%s] is not in %s", lines[i], metrics);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_routes),
        cmocka_unit_test(fills_variables),
        TEST(names_what_it_does_not_know),
        TEST(filters_paths),
        TEST(writes_yaml),
        TEST(prints_pretty),
        TEST(answers_in_the_type_asked_for),
        TEST(counts_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

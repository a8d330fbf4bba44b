/*
 * The first page is a search with a scroll, the next ones go on with the scroll's id, and the last
 * one is followed by its end. An answer is kept until the next page is asked for: the documents lie
 * in it.
 */
#include "remote.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "admin.h"
#include "auk/http_client.h"
#include "auk/log.h"

#define ANSWER_BYTES    ((size_t)100 << 20)
#define TIMEOUT_MS      30000
#define TIMEOUT_MOST_MS (3600 * 1000)
#define SCROLL_MS       (5 * 60 * 1000)
#define SCROLL_MOST_MS  (24 * 3600 * 1000)
#define HEADERS_MOST    32
#define TRIES           10u
#define PAUSE_NS        500000000

typedef struct remote {
    auk_http_client *client;
    auk_http_client_options options;
    auk_arena *arena;     /* of the request */
    auk_span target;      /* of the first page, up to the scroll's time */
    auk_span search;      /* its body */
    auk_buffer scroll_id; /* empty: not begun */
    auk_http_field headers[HEADERS_MOST];
    uint32_t header_count;
    int64_t keep_ms;
} remote;

/* ---- talking ---- */

/* What went wrong over there, as it says it. */
static auk_code refused(const remote *r, const auk_http_answer *answer, auk_error *err)
{
    auk_span words = answer->body;
    words.size = words.size > 300 ? 300 : words.size;
    return auk_fail_type(err, answer->status == 404 ? AUK_NOT_FOUND : AUK_INVALID,
                         "remote_transport_exception", "[%.*s] answered %d: %.*s",
                         AUK_SPAN_ARG(auk_http_client_address(r->client)), answer->status,
                         AUK_SPAN_ARG(words));
}

static auk_code ask(remote *r, auk_http_method method, auk_span target, auk_span body,
                    uint32_t *retries, auk_http_answer *out, auk_error *err)
{
    auk_code code = AUK_OK;
    if (!r->client)
        code = auk_http_client_open(&r->options, &r->client, err);
    for (*retries = 0; code == AUK_OK; ++*retries) {
        code = auk_http_client_call(r->client, method, target, r->headers, r->header_count, body,
                                    out, err);
        if (code != AUK_OK || out->status != 429 || *retries == TRIES)
            break;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    if (code == AUK_OK && out->status != 200)
        code = refused(r, out, err);
    return code;
}

static auk_code fetch(remote *r, uint32_t most, auk_arena *arena, uint32_t *retries,
                      auk_http_answer *out, auk_error *err)
{
    auk_buffer body;
    auk_json_writer writer;
    int64_t seconds = r->keep_ms / 1000;
    if (r->scroll_id.size == 0)
        return ask(r, AUK_HTTP_POST,
                   auk_arena_printf(arena, "%.*s%llds&size=%u", AUK_SPAN_ARG(r->target),
                                    (long long)seconds, most),
                   r->search, retries, out, err);
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &body, false);
    auk_json_begin_object(&writer);
    auk_json_member_string(&writer, "scroll", auk_arena_printf(arena, "%llds", (long long)seconds));
    auk_json_member_string(&writer, "scroll_id", auk_buffer_span(&r->scroll_id));
    auk_json_end_object(&writer);
    auk_code code = ask(r, AUK_HTTP_POST, AUK_SPAN("/_search/scroll"), auk_buffer_span(&body),
                        retries, out, err);
    auk_buffer_deinit(&body);
    return code;
}

/* ---- reading ---- */

static auk_code malformed(const remote *r, const char *what, auk_error *err)
{
    return auk_fail(err, AUK_CORRUPT, "[%.*s] answered a search without %s",
                    AUK_SPAN_ARG(auk_http_client_address(r->client)), what);
}

static auk_span text_of(const auk_json *object, const char *key)
{
    const auk_json *value = auk_json_get(object, key);
    return value && value->type != AUK_JSON_NULL ? value->text : AUK_SPAN("");
}

static auk_code read_hit(const remote *r, const auk_json *hit, auk_page_item *out, auk_error *err)
{
    const auk_json *source = auk_json_get(hit, "_source");
    *out = (auk_page_item){.index = text_of(hit, "_index"),
                           .id = text_of(hit, "_id"),
                           .routing = text_of(hit, "_routing"),
                           .seq_no = -1,
                           .version = 1};
    if (out->id.size == 0)
        return malformed(r, "[_id]", err);
    if (!source || source->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "[%.*s][%.*s] didn't store _source",
                        AUK_SPAN_ARG(out->index), AUK_SPAN_ARG(out->id));
    out->source = source->text;
    (void)auk_json_to_int64(auk_json_get(hit, "_version"), &out->version);
    return AUK_OK;
}

static uint64_t read_total(const auk_json *hits)
{
    int64_t total = 0;
    const auk_json *given = auk_json_get(hits, "total");
    if (given && given->type == AUK_JSON_OBJECT) /* since version 7 */
        given = auk_json_get(given, "value");
    (void)auk_json_to_int64(given, &total);
    return total > 0 ? (uint64_t)total : 0;
}

/* Shards that failed would be documents that are missing without a word. */
static auk_code check_shards(const remote *r, const auk_json *answer, auk_error *err)
{
    int64_t failed = 0;
    bool timed_out = false;
    const auk_json *shards = auk_json_get(answer, "_shards");
    (void)auk_json_to_int64(auk_json_get(shards, "failed"), &failed);
    (void)auk_json_to_bool(auk_json_get(answer, "timed_out"), &timed_out);
    if (failed == 0 && !timed_out)
        return AUK_OK;
    return auk_fail(err, AUK_IO, "a search of [%.*s] %s",
                    AUK_SPAN_ARG(auk_http_client_address(r->client)),
                    failed ? "failed on some of its shards" : "took longer than it may");
}

static auk_code read_page(remote *r, auk_span body, auk_arena *arena, auk_page *out, auk_error *err)
{
    const auk_json *answer;
    auk_code code = auk_json_parse_padded(body, arena, &answer, err);
    if (code == AUK_OK)
        code = check_shards(r, answer, err);
    if (code != AUK_OK)
        return code;
    auk_span id = text_of(answer, "_scroll_id");
    const auk_json *hits = auk_json_get(answer, "hits");
    const auk_json *list = auk_json_get(hits, "hits");
    if (!list || list->type != AUK_JSON_ARRAY || id.size == 0)
        return malformed(r, list ? "[_scroll_id]" : "[hits]", err);
    auk_buffer_reset(&r->scroll_id);
    auk_buffer_append(&r->scroll_id, id);
    out->total = read_total(hits);
    out->items = AUK_ARENA_ARRAY(arena, auk_page_item, list->count + 1);
    for (const auk_json *hit = list->child; hit && code == AUK_OK; hit = hit->next)
        code = read_hit(r, hit, &out->items[out->count++], err);
    return code;
}

static auk_code next_page(void *context, unsigned reader, uint32_t most, auk_arena *arena,
                          auk_page *out, auk_error *err)
{
    remote *r = context;
    auk_http_answer answer;
    (void)reader;
    *out = (auk_page){0};
    auk_code code = fetch(r, most, arena, &out->retries, &answer, err);
    if (code == AUK_OK)
        code = read_page(r, answer.body, arena, out, err);
    if (code == AUK_OK && out->count > most) /* pages of a scroll stay as large as the first one */
        out->count = most;
    return code;
}

/* ---- the end ---- */

static void end_scroll(remote *r)
{
    auk_buffer body;
    auk_json_writer writer;
    auk_http_answer answer;
    uint32_t retries;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &body, false);
    auk_json_begin_object(&writer);
    auk_json_member_string(&writer, "scroll_id", auk_buffer_span(&r->scroll_id));
    auk_json_end_object(&writer);
    (void)!ask(r, AUK_HTTP_DELETE, AUK_SPAN("/_search/scroll"), auk_buffer_span(&body), &retries,
               &answer, NULL); /* it ends by itself, too */
    auk_buffer_deinit(&body);
}

static void release(void *context)
{
    remote *r = context;
    if (r->client && r->scroll_id.size)
        end_scroll(r);
    auk_http_client_close(r->client);
    auk_buffer_deinit(&r->scroll_id);
    free(r);
}

/* ---- what is asked for ---- */

/* "http://host:port/prefix": the part that is checked against the list. */
static auk_code read_host(auk_span url, auk_span *authority, auk_error *err)
{
    auk_span rest =
        auk_span_starts_with(url, AUK_SPAN("http://")) ? auk_span_from(url, 7) : AUK_SPAN("");
    const char *slash = rest.size ? memchr(rest.data, '/', rest.size) : NULL;
    if (auk_span_starts_with(url, AUK_SPAN("https://"))) {
        auk_fail(err, AUK_INVALID, "[host] of scheme [https] is not supported");
        auk_hint(err, "reach it over plain http, for instance through a proxy beside this server");
        return AUK_INVALID;
    }
    *authority = auk_span_make(rest.data, slash ? (size_t)(slash - rest.data) : rest.size);
    if (authority->size > 0 && memchr(authority->data, ':', authority->size))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "[host] must be of the form [scheme]://[host]:[port](/[pathPrefix])? but was "
                    "[%.*s]",
                    AUK_SPAN_ARG(url));
}

static auk_span trim(auk_span text)
{
    while (text.size && text.data[0] == ' ')
        text = auk_span_from(text, 1);
    while (text.size && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

static auk_code check_listed(const auk_call *call, auk_span authority, auk_error *err)
{
    const char *list = call->rest->options.reindex_remote_whitelist;
    auk_span rest = auk_span_of(list ? list : ""), one;
    while (auk_span_cut(&rest, ',', &one))
        if (trim(one).size && auk_pattern_matches(trim(one), authority))
            return AUK_OK;
    auk_fail(err, AUK_INVALID, "[%.*s] not whitelisted in reindex.remote.whitelist",
             AUK_SPAN_ARG(authority));
    auk_hint(err, "start auk serve with --reindex-remote-whitelist %.*s", AUK_SPAN_ARG(authority));
    return AUK_INVALID;
}

static auk_code read_time(const auk_json *object, const char *key, uint32_t *out, auk_error *err)
{
    int64_t ms = TIMEOUT_MS;
    const auk_json *given = auk_json_get(object, key);
    if (given && (!auk_time_parse_ms(given->text, &ms) || ms <= 0 || ms > TIMEOUT_MOST_MS))
        return auk_fail(err, AUK_INVALID,
                        "failed to parse setting [%s] with value [%.*s] as a time value: unit is "
                        "missing or unrecognized",
                        key, AUK_SPAN_ARG(given->text));
    *out = (uint32_t)ms;
    return AUK_OK;
}

/* ---- headers ---- */

/* No byte of it may end a header or begin another one. */
static bool is_plain(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return true;
}

static bool is_name(auk_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_')
            return false;
    }
    return text.size > 0;
}

static auk_code add_header(remote *r, auk_span name, auk_span value, auk_error *err)
{
    static const char *const ours[] = {"host", "content-length", "connection", "transfer-encoding",
                                       "content-type"};
    bool is_ours = false;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        is_ours = is_ours || auk_span_is(auk_text_lowercase(name, r->arena), ours[i]);
    if (!is_name(name) || !is_plain(value) || is_ours || r->header_count == HEADERS_MOST)
        return auk_fail(err, AUK_INVALID, "[headers] cannot hold [%.*s]", AUK_SPAN_ARG(name));
    r->headers[r->header_count++] = (auk_http_field){name, value};
    return AUK_OK;
}

/* RFC 4648, with its padding. */
static auk_span base64(auk_span bytes, auk_arena *arena)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = auk_arena_alloc(arena, bytes.size / 3 * 4 + 5), *to = out;
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.data[i] << 16;
        three |= left > 1 ? (uint32_t)(unsigned char)bytes.data[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)(unsigned char)bytes.data[i + 2] : 0;
        *to++ = digits[three >> 18];
        *to++ = digits[three >> 12 & 63];
        *to++ = left > 1 ? digits[three >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[three & 63] : '=';
    }
    return auk_span_make(out, (size_t)(to - out));
}

static auk_code read_headers(remote *r, const auk_json *given, auk_error *err)
{
    const auk_json *headers = auk_json_get(given, "headers");
    auk_span user = text_of(given, "username"), password = text_of(given, "password");
    r->headers[r->header_count++] =
        (auk_http_field){AUK_SPAN("content-type"), AUK_SPAN("application/json")};
    if (headers && headers->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "[headers] must be an object");
    auk_code code = AUK_OK;
    for (const auk_json *h = headers ? headers->child : NULL; h && code == AUK_OK; h = h->next)
        code = add_header(r, h->key, h->text, err);
    if (code != AUK_OK || user.size == 0)
        return code;
    auk_span pair =
        auk_arena_printf(r->arena, "%.*s:%.*s", AUK_SPAN_ARG(user), AUK_SPAN_ARG(password));
    return add_header(r, AUK_SPAN("authorization"),
                      auk_arena_printf(r->arena, "Basic %.*s",
                                       AUK_SPAN_ARG(base64(pair, r->arena))),
                      err);
}

/* ---- the search ---- */

static void write_target(remote *r, auk_span indices)
{
    auk_buffer target;
    auk_span one, rest = indices;
    auk_buffer_init(&target, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(&target, '/');
    while (auk_span_cut(&rest, ',', &one)) {
        if (target.size > 1)
            auk_buffer_append_byte(&target, ',');
        auk_http_encode(&target, one);
    }
    auk_buffer_append_text(&target, "/_search?scroll=");
    r->target = auk_arena_copy(r->arena, auk_buffer_span(&target));
    auk_buffer_deinit(&target);
}

static void write_search(remote *r, const auk_json *source)
{
    static const char *const names[] = {"query", "sort", "_source", "slice"};
    auk_buffer body;
    auk_json_writer out;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &body, false);
    auk_json_begin_object(&out);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!auk_json_get(source, names[i]))
            continue;
        auk_json_key(&out, auk_span_of(names[i]));
        auk_json_value(&out, auk_json_get(source, names[i]));
    }
    if (!auk_json_get(source, "sort"))
        auk_json_member_raw(&out, "sort", AUK_SPAN("[\"_doc\"]"));
    auk_json_member_bool(&out, "version", true);
    auk_json_end_object(&out);
    r->search = auk_arena_copy(r->arena, auk_buffer_span(&body));
    auk_buffer_deinit(&body);
}

static auk_code read_remote(const auk_call *call, remote *r, const auk_json *given, auk_error *err)
{
    auk_span authority, url = text_of(given, "host");
    auk_code code =
        auk_body_check(given, "remote",
                       "host username password headers socket_timeout connect_timeout", err);
    if (code == AUK_OK && url.size == 0)
        code =
            auk_fail(err, AUK_INVALID, "[host] must be specified to reindex from a remote cluster");
    if (code == AUK_OK)
        code = read_host(url, &authority, err);
    if (code == AUK_OK)
        code = check_listed(call, authority, err);
    if (code == AUK_OK)
        code = read_time(given, "socket_timeout", &r->options.silence_timeout_ms, err);
    if (code == AUK_OK)
        code = read_time(given, "connect_timeout", &r->options.connect_timeout_ms, err);
    r->options.url = url;
    r->options.answer_limit_bytes = ANSWER_BYTES;
    return code == AUK_OK ? read_headers(r, given, err) : code;
}

auk_code auk_remote_open(const auk_call *call, const auk_json *source, auk_span indices,
                         auk_by_query_wishes *out, auk_error *err)
{
    if (out->slices != 1)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: reindex from remote sources doesn't support "
                             "slices > 1 but was [%u];",
                             out->slices);
    remote *r = calloc(1, sizeof *r);
    if (!r)
        auk_fatal("out of memory");
    r->arena = out->arena;
    auk_buffer_init(&r->scroll_id, AUK_BUFFER_NO_LIMIT);
    auk_code code = read_remote(call, r, auk_json_get(source, "remote"), err);
    if (code != AUK_OK) {
        release(r);
        return code;
    }
    double wait_ms = isfinite(out->rate) ? out->page_size / out->rate * 1000 : 0;
    r->keep_ms = SCROLL_MS + (wait_ms < SCROLL_MOST_MS ? (int64_t)wait_ms : SCROLL_MOST_MS);
    r->keep_ms = r->keep_ms > SCROLL_MOST_MS ? SCROLL_MOST_MS : r->keep_ms;
    write_target(r, indices);
    write_search(r, source);
    out->slice = (auk_slice){0}; /* it is asked for over there */
    out->other = (auk_page_source){.context = r, .next = next_page};
    out->release = release;
    out->context = r;
    return AUK_OK;
}

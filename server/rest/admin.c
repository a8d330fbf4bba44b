#include "admin.h"

#include <stdio.h>

#include "auk/nearest.h"

auk_code auk_selection_open_with(auk_call *call, auk_resolve_options options, auk_selection *out,
                                 auk_error *err)
{
    *out = (auk_selection){0};
    auk_code code = auk_call_resolve_options(call, &options, err);
    if (code != AUK_OK)
        return code;
    out->root = auk_root_acquire(call->rest->options.catalog);
    return auk_root_resolve(out->root, auk_call_variable(call, "index"), &options, call->arena,
                            &out->items, &out->count, err);
}

auk_code auk_selection_open(auk_call *call, bool strict, auk_selection *out, auk_error *err)
{
    auk_resolve_options options = {.allow_no_indices = !strict, .expand_open = true};
    return auk_selection_open_with(call, options, out, err);
}

void auk_selection_close(auk_call *call, auk_selection *selection)
{
    auk_root_release(call->rest->options.catalog, selection->root);
}

auk_span *auk_selection_names(auk_call *call, const auk_selection *selection)
{
    auk_span *names = AUK_ARENA_ARRAY(call->arena, auk_span, selection->count + 1);
    for (uint32_t i = 0; i < selection->count; i++)
        names[i] = auk_arena_copy(call->arena, selection->items[i].view->name);
    return names;
}

auk_code auk_call_needs_names(auk_call *call, auk_span expression, auk_error *err)
{
    bool several = expression.size == 0 || auk_span_is(expression, "_all") ||
                   memchr(expression.data, '*', expression.size);
    auk_span strict =
        auk_catalog_cluster_setting(call->rest->options.catalog,
                                    AUK_SPAN("action.destructive_requires_name"), call->arena);
    if (!several || !auk_span_is(strict, "true"))
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "Wildcard expressions or all indices are not allowed");
    auk_hint(err, "name the indices, or set action.destructive_requires_name to false in "
                  "_cluster/settings");
    return AUK_INVALID;
}

void auk_stats_add(auk_shard_stats *sum, const auk_shard_stats *more)
{
    sum->doc_count += more->doc_count;
    sum->deleted_count += more->deleted_count;
    sum->segment_count += more->segment_count;
    sum->memory_segment_count += more->memory_segment_count;
    sum->segment_bytes += more->segment_bytes;
    sum->memory_bytes += more->memory_bytes;
    sum->journal_bytes += more->journal_bytes;
    sum->journal_operations += more->journal_operations;
    sum->index_total += more->index_total;
    sum->delete_total += more->delete_total;
    sum->index_time_us += more->index_time_us;
    sum->index_failed += more->index_failed;
    sum->get_total += more->get_total;
    sum->refresh_total += more->refresh_total;
    sum->refresh_time_us += more->refresh_time_us;
    sum->flush_total += more->flush_total;
    sum->flush_time_us += more->flush_time_us;
    sum->merge_total += more->merge_total;
    sum->merge_time_us += more->merge_time_us;
    sum->merge_docs += more->merge_docs;
    sum->merge_bytes += more->merge_bytes;
    sum->reorder_total += more->reorder_total;
    sum->reorder_time_us += more->reorder_time_us;
    sum->merges_running += more->merges_running;
    sum->flush_failed += more->flush_failed;
    sum->merge_failed += more->merge_failed;
}

void auk_stats_of_index(const auk_index_view *view, auk_shard_stats *sum)
{
    memset(sum, 0, sizeof *sum);
    for (uint32_t i = 0; i < view->shard_count; i++) {
        auk_shard_stats one;
        auk_index_read_stats(view->index, i, &one);
        auk_stats_add(sum, &one);
    }
}

bool auk_list_matches(auk_span list, auk_span name)
{
    bool matches = false;
    auk_span one;
    while (auk_span_cut(&list, ',', &one)) {
        bool minus = one.size > 1 && one.data[0] == '-';
        if (minus)
            one = auk_span_from(one, 1);
        if (auk_span_is(one, "_all") || auk_pattern_matches(one, name))
            matches = !minus;
    }
    return matches;
}

auk_code auk_body_check(const auk_json *object, const char *what, const char *names, auk_error *err)
{
    auk_span known[32], rest = auk_span_of(names);
    size_t count = 0;
    while (count < 32 && auk_span_cut(&rest, ' ', &known[count]))
        count++;
    if (object->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "[%s] expected an object but found %s", what,
                             auk_json_type_name(object->type));
    for (const auk_json *member = object->child; member; member = member->next) {
        size_t i = 0;
        while (i < count && !auk_span_equal(known[i], member->key))
            i++;
        if (i < count)
            continue;
        auk_span close = auk_nearest(member->key, known, count);
        auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                      "[%s] unknown field [%.*s]%s%.*s%s", what, AUK_SPAN_ARG(member->key),
                      close.size ? " did you mean [" : "", AUK_SPAN_ARG(close),
                      close.size ? "]?" : "");
        auk_hint(err, "takes %s", names);
        return AUK_INVALID;
    }
    return AUK_OK;
}

/* ---- the node ---- */

auk_span auk_node_version(const auk_call *call)
{
    const char *version = call->rest->options.compat_version;
    return version && version[0] ? auk_span_of(version) : AUK_SPAN("8.19.0");
}

static bool is_every_address(auk_span host)
{
    return host.size == 0 || auk_span_is(host, "0.0.0.0") || auk_span_is(host, "::") ||
           auk_span_is(host, "[::]") || auk_span_is(host, "*");
}

auk_span auk_node_host(const auk_call *call)
{
    auk_span host = auk_span_of(call->rest->options.host);
    if (!is_every_address(host))
        return host;
    const auk_http_field *named = auk_http_request_header(call->request, "host");
    if (!named || named->value.size == 0)
        return AUK_SPAN("127.0.0.1");
    host = named->value;
    /* [::1]:9200, name:9200, name */
    const char *bracket = memchr(host.data, ']', host.size);
    const char *colon = memchr(host.data, ':', host.size);
    if (bracket)
        return auk_span_make(host.data, (size_t)(bracket - host.data) + 1);
    return colon ? auk_span_make(host.data, (size_t)(colon - host.data)) : host;
}

auk_span auk_node_publish_address(const auk_call *call)
{
    auk_span host = auk_node_host(call);
    bool bare_v6 = host.data[0] != '[' && memchr(host.data, ':', host.size);
    return auk_arena_printf(call->arena, bare_v6 ? "[%.*s]:%u" : "%.*s:%u", AUK_SPAN_ARG(host),
                            atomic_load(&call->rest->port));
}

void auk_node_write_header(auk_call *call)
{
    auk_json_member_object(&call->out, "_nodes");
    auk_json_member_int(&call->out, "total", 1);
    auk_json_member_int(&call->out, "successful", 1);
    auk_json_member_int(&call->out, "failed", 0);
    auk_json_end_object(&call->out);
    auk_json_member_string(&call->out, "cluster_name",
                           auk_catalog_cluster_name(call->rest->options.catalog));
}

bool auk_node_pool(const auk_rest *rest, size_t number, const char **name, auk_pool_stats *stats)
{
    const struct {
        const char *name;
        auk_pool *pool;
    } pools[AUK_NODE_POOLS] = {{"search", rest->options.search_pool},
                               {"write", rest->options.write_pool},
                               {"management", rest->options.manage_pool},
                               {"background", rest->options.background_pool},
                               {"merge", rest->options.merge_pool}};
    if (!pools[number].pool)
        return false;
    *name = pools[number].name;
    auk_pool_read_stats(pools[number].pool, stats);
    return true;
}

/* ---- figures ---- */

void auk_write_bytes(auk_call *call, const char *name, uint64_t bytes)
{
    char key[64], text[16];
    if (call->human) {
        auk_bytes_format(bytes, text);
        auk_json_member_text(&call->out, name, text);
    }
    snprintf(key, sizeof key, "%s_in_bytes", name);
    auk_json_member_uint(&call->out, key, bytes);
}

void auk_write_time(auk_call *call, const char *name, uint64_t us)
{
    char key[64], text[16];
    if (call->human) {
        auk_time_format(us, text);
        auk_json_member_text(&call->out, name, text);
    }
    snprintf(key, sizeof key, "%s_in_millis", name);
    auk_json_member_uint(&call->out, key, us / 1000);
}

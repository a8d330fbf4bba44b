#include "search_scope.h"

/* ---- filters of aliases ---- */

static auk_code parse_filter(auk_span text, auk_arena *arena, const auk_query **out, auk_error *err)
{
    const auk_json *tree;
    auk_code code = auk_json_parse(text, arena, &tree, err);
    return code == AUK_OK ? auk_query_parse(tree, arena, out, err) : code;
}

/* Reached through several filtered aliases: what any of them lets through. */
static auk_code read_filter(const auk_resolved *from, auk_arena *arena, const auk_query **out,
                            auk_error *err)
{
    *out = NULL;
    for (uint32_t i = 0; i < from->via_count; i++)
        if (from->via[i]->filter.size == 0)
            return AUK_OK;
    if (!from->alias || from->via_count == 0)
        return AUK_OK;
    if (from->via_count == 1)
        return parse_filter(from->via[0]->filter, arena, out, err);
    auk_query *any = AUK_ARENA_NEW(arena, auk_query);
    any->kind = AUK_QUERY_BOOL;
    any->boost = 1;
    any->u.boolean.should.items = AUK_ARENA_ARRAY(arena, const auk_query *, from->via_count);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < from->via_count && code == AUK_OK; i++)
        code = parse_filter(from->via[i]->filter, arena, &any->u.boolean.should.items[i], err);
    any->u.boolean.should.count = from->via_count;
    *out = any;
    return code;
}

/* ---- shards ---- */

static void mark_routed(auk_span list, uint32_t shard_count, bool *wanted)
{
    auk_span value;
    while (auk_call_list_next(&list, &value))
        if (value.size)
            wanted[auk_route_shard(value, shard_count)] = true;
}

static bool lists(auk_span list, auk_span value)
{
    auk_span one;
    while (auk_call_list_next(&list, &one))
        if (auk_span_equal(one, value))
            return true;
    return false;
}

/* The aliases' routing holds when each of them has one; of what the request asks for, as far as it
 * is among it. */
static bool mark_by_aliases(const auk_resolved *from, auk_span routing, bool *wanted)
{
    for (uint32_t i = 0; i < from->via_count; i++)
        if (from->via[i]->search_routing.size == 0)
            return false;
    for (uint32_t i = 0; i < from->via_count; i++) {
        auk_span own = from->via[i]->search_routing, value;
        while (auk_call_list_next(&own, &value))
            if (!routing.size || lists(routing, value))
                mark_routed(value, from->view->shard_count, wanted);
    }
    return from->via_count > 0;
}

static void choose_shards(const auk_resolved *from, auk_span routing, auk_arena *arena,
                          auk_search_target *target)
{
    const auk_index_view *view = from->view;
    bool *wanted = AUK_ARENA_ARRAY(arena, bool, view->shard_count + 1);
    bool narrowed = from->alias && mark_by_aliases(from, routing, wanted);
    if (!narrowed && routing.size > 0) {
        mark_routed(routing, view->shard_count, wanted);
        narrowed = true;
    }
    auk_shard_view **shards = AUK_ARENA_ARRAY(arena, auk_shard_view *, view->shard_count + 1);
    target->shard_count = 0;
    for (uint32_t i = 0; i < view->shard_count; i++)
        if (!narrowed || wanted[i])
            shards[target->shard_count++] = view->shards[i];
    target->shards = shards;
}

/* What index.query.default_field names; the context of a scroll outlives the settings it is from.
 */
static auk_code read_default_fields(const auk_settings *settings, auk_arena *arena,
                                    auk_search_target *target, auk_error *err)
{
    const auk_setting *given = auk_settings_find(settings, AUK_SPAN("index.query.default_field"));
    auk_code code = AUK_OK;
    if (!given || given->count == 0)
        return AUK_OK;
    auk_query_field *fields = AUK_ARENA_ARRAY(arena, auk_query_field, given->count);
    for (uint32_t i = 0; i < given->count && code == AUK_OK; i++)
        code = auk_query_field_read(auk_arena_copy(arena, given->values[i]), &fields[i], err);
    target->default_fields = fields;
    target->default_field_count = given->count;
    return code;
}

static auk_code fill_target(const auk_resolved *from, auk_span routing, uint32_t max_buckets,
                            auk_arena *arena, auk_search_target *target, auk_error *err)
{
    int64_t window, terms = 0, regex = 0;
    const auk_index_view *view = from->view;
    auk_code code = auk_settings_int(view->settings, AUK_SPAN("index.max_result_window"), 10000, 1,
                                     INT32_MAX, &window, err);
    if (code == AUK_OK)
        code = auk_settings_int(view->settings, AUK_SPAN("index.max_terms_count"), 65536, 1,
                                INT32_MAX, &terms, err);
    if (code == AUK_OK)
        code = auk_settings_int(view->settings, AUK_SPAN("index.max_regex_length"), 1000, 1,
                                INT32_MAX, &regex, err);
    if (code != AUK_OK)
        return code;
    *target = (auk_search_target){.index = view->name,
                                  .mapping = view->mapping,
                                  .max_result_window = (uint32_t)window,
                                  .max_terms_count = (uint32_t)terms,
                                  .max_regex_length = (uint32_t)regex,
                                  .max_buckets = max_buckets};
    code = read_default_fields(view->settings, arena, target, err);
    if (code != AUK_OK)
        return code;
    choose_shards(from, routing, arena, target);
    return read_filter(from, arena, &target->filter, err);
}

/* ---- open ---- */

static void take_root(auk_search_scope *scope, auk_search_moment *moment)
{
    scope->shares_root = moment != NULL;
    if (!moment) {
        scope->root = auk_root_acquire(scope->catalog);
        return;
    }
    if (!moment->root)
        moment->root = auk_root_acquire(scope->catalog);
    scope->root = moment->root;
}

void auk_search_moment_end(auk_search_moment *moment, auk_catalog *catalog)
{
    if (moment->root)
        auk_root_release(catalog, moment->root);
    moment->root = NULL;
}

static void give_back_root(auk_search_scope *scope)
{
    if (scope->root && !scope->shares_root)
        auk_root_release(scope->catalog, scope->root);
    scope->root = NULL;
}

static auk_code resolve(auk_search_scope *scope, const auk_search_scope_options *options,
                        auk_resolved **resolved, uint32_t *count, auk_error *err)
{
    auk_resolve_options how = options->resolve;
    take_root(scope, options->moment);
    scope->missing_count = 0;
    how.passed_over = &scope->missing_count;
    auk_code code = auk_root_resolve(scope->root, options->expression, &how, scope->arena, resolved,
                                     count, err);
    for (uint32_t i = 0; code == AUK_OK && i < *count; i++)
        code = auk_index_check((*resolved)[i].view, AUK_BLOCK_READ, err);
    return code;
}

/* True: something has been published since the root was taken. */
static auk_code make_ready(const auk_resolved *resolved, uint32_t count, bool flush, bool *again,
                           auk_error *err)
{
    auk_code code = AUK_OK;
    *again = flush;
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        *again = auk_index_wake(resolved[i].view->index) || *again;
        if (flush)
            code = auk_index_flush(resolved[i].view->index, err);
    }
    return code;
}

auk_code auk_search_scope_open(auk_catalog *catalog, const auk_search_scope_options *options,
                               auk_arena *arena, auk_search_scope *out, auk_error *err)
{
    auk_resolved *resolved;
    uint32_t count;
    bool again = false;
    uint32_t max_buckets = auk_catalog_search_limits(catalog).max_buckets;
    *out = (auk_search_scope){.catalog = catalog, .arena = arena};
    auk_code code = resolve(out, options, &resolved, &count, err);
    if (code == AUK_OK)
        code = make_ready(resolved, count, options->flush, &again, err);
    if (code == AUK_OK && again) {
        give_back_root(out);
        if (options->moment)
            auk_search_moment_end(options->moment, catalog);
        code = resolve(out, options, &resolved, &count, err);
    }
    if (code == AUK_OK)
        out->targets = AUK_ARENA_ARRAY(arena, auk_search_target, count + 1);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        code =
            fill_target(&resolved[i], options->routing, max_buckets, arena, &out->targets[i], err);
        out->shard_count += out->targets[i].shard_count;
        out->target_count++;
    }
    if (code != AUK_OK) {
        give_back_root(out);
        *out = (auk_search_scope){0};
    }
    return code;
}

void auk_search_scope_detach(auk_search_scope *scope)
{
    for (uint32_t i = 0; i < scope->target_count; i++) {
        auk_search_target *target = &scope->targets[i];
        target->index = auk_arena_copy(scope->arena, target->index);
        target->mapping = auk_mapping_acquire(target->mapping);
        for (uint32_t k = 0; k < target->shard_count; k++)
            (void)auk_shard_view_acquire(target->shards[k]);
    }
    give_back_root(scope);
}

static void release_views(const auk_search_scope *scope)
{
    for (uint32_t i = 0; i < scope->target_count; i++) {
        const auk_search_target *target = &scope->targets[i];
        for (uint32_t k = 0; k < target->shard_count; k++)
            auk_shard_view_release(target->shards[k]);
        auk_mapping_release(target->mapping);
    }
}

void auk_search_scope_close(auk_search_scope *scope)
{
    if (scope->root)
        give_back_root(scope);
    else
        release_views(scope);
    *scope = (auk_search_scope){0};
}

void auk_search_scope_note(const auk_search_scope *scope, uint64_t took_us)
{
    const auk_root *root = scope->root ? scope->root : auk_root_acquire(scope->catalog);
    for (uint32_t i = 0; i < scope->target_count; i++) {
        const auk_index_view *view = auk_root_find(root, scope->targets[i].index);
        if (view)
            auk_index_note_search(view->index, took_us);
    }
    if (root != scope->root)
        auk_root_release(scope->catalog, root);
}

size_t auk_search_scope_pinned_bytes(const auk_search_scope *scope)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < scope->target_count; i++) {
        for (uint32_t k = 0; k < scope->targets[i].shard_count; k++) {
            const auk_shard_view *view = scope->targets[i].shards[k];
            for (uint32_t s = 0; s < view->segment_count; s++) {
                const auk_segment_view *segment = &view->segments[s];
                bytes += 512 + auk_segment_doc_count(segment->segment) / 8;
                if (segment->in_memory)
                    bytes += auk_segment_bytes(segment->segment);
            }
        }
    }
    return bytes;
}

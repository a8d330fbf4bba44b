#include <stdlib.h>

#include "catalog_private.h"

/* What an expression has gathered so far: a mark and the aliases for each index of the root. */
typedef struct gathered {
    const auk_root *root;
    const auk_resolve_options *options;
    auk_arena *arena;
    bool *chosen;
    bool *direct; /* chosen by its own name or pattern: no alias filter applies */
    const auk_alias ***via;
    uint32_t *via_count;
    bool any_wildcard;
} gathered;

static bool is_wildcard(auk_span part)
{
    return part.size > 0 && memchr(part.data, '*', part.size) != NULL;
}

static void choose_alias(gathered *g, uint32_t i, const auk_alias *alias)
{
    const auk_index_view *view = g->root->indices[i];
    g->chosen[i] = true;
    if (!g->via[i])
        g->via[i] = AUK_ARENA_ARRAY(g->arena, const auk_alias *, view->alias_count + 1);
    for (uint32_t k = 0; k < g->via_count[i]; k++)
        if (g->via[i][k] == alias)
            return;
    g->via[i][g->via_count[i]++] = alias;
}

static const auk_index_view *pass_over(const gathered *g, const auk_index_view *view)
{
    if (g->options->passed_over)
        *g->options->passed_over += auk_index_view_primaries(view);
    return view;
}

/* A wildcard passes over what hides, unless it begins with a dot as such names do. */
static bool is_seen(const gathered *g, auk_span pattern, bool hidden)
{
    bool dotted = pattern.size > 0 && pattern.data[0] == '.';
    return !hidden || g->options->expand_hidden || dotted;
}

static bool has_alias(const gathered *g, const auk_index_view *view, auk_span pattern)
{
    bool has = false;
    for (uint32_t k = 0; k < view->alias_count && !g->options->no_aliases && !has; k++)
        has = is_seen(g, pattern, view->aliases[k].is_hidden) &&
              auk_pattern_matches(pattern, view->aliases[k].name);
    return has;
}

static void choose_pattern(gathered *g, auk_span pattern)
{
    for (uint32_t i = 0; i < g->root->index_count; i++) {
        const auk_index_view *view = g->root->indices[i];
        if (view->closed ? !g->options->expand_closed : !g->options->expand_open)
            continue;
        bool by_name =
            is_seen(g, pattern, view->hidden) && auk_pattern_matches(pattern, view->name);
        if (view->unopened && !g->options->with_unopened) {
            if (by_name || has_alias(g, view, pattern))
                (void)pass_over(g, view);
            continue;
        }
        if (by_name) {
            g->chosen[i] = true;
            g->direct[i] = true;
        }
        for (uint32_t k = 0; k < view->alias_count && !g->options->no_aliases; k++)
            if (is_seen(g, pattern, view->aliases[k].is_hidden) &&
                auk_pattern_matches(pattern, view->aliases[k].name))
                choose_alias(g, i, &view->aliases[k]);
    }
}

/* An alias takes its indices along. */
static bool is_named(const gathered *g, const auk_index_view *view, auk_span pattern)
{
    bool named = auk_pattern_matches(pattern, view->name);
    for (uint32_t k = 0; k < view->alias_count && !named && !g->options->no_aliases; k++)
        named = auk_pattern_matches(pattern, view->aliases[k].name);
    return named;
}

static void exclude_pattern(gathered *g, auk_span pattern)
{
    for (uint32_t i = 0; i < g->root->index_count; i++)
        if (is_named(g, g->root->indices[i], pattern))
            g->chosen[i] = g->direct[i] = false;
}

static auk_code no_such_index(auk_span name, auk_error *err)
{
    return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception", "no such index [%.*s]",
                         AUK_SPAN_ARG(name));
}

/* Indices behind a name that are not open are passed over where others are, as are shards that fail
 * in Elasticsearch; by themselves they are refused. */
static auk_code choose_name(gathered *g, auk_span name, auk_error *err)
{
    bool found = false;
    const auk_index_view *closed = NULL;
    for (uint32_t i = 0; i < g->root->index_count; i++) {
        const auk_index_view *view = g->root->indices[i];
        bool is_closed = view->unopened && !g->options->with_unopened;
        if (auk_span_equal(view->name, name)) {
            if (is_closed)
                closed = pass_over(g, view);
            else
                g->chosen[i] = g->direct[i] = found = true;
            break;
        }
        for (uint32_t k = 0; k < view->alias_count; k++) {
            if (!auk_span_equal(view->aliases[k].name, name))
                continue;
            if (g->options->no_aliases)
                return auk_fail(
                    err, AUK_INVALID,
                    "The provided expression [%.*s] matches an alias, specify the corresponding "
                    "concrete indices instead.",
                    AUK_SPAN_ARG(name));
            if (is_closed) {
                closed = pass_over(g, view);
                break;
            }
            choose_alias(g, i, &view->aliases[k]);
            found = true;
        }
    }
    if (found || g->options->ignore_unavailable)
        return AUK_OK;
    return closed ? auk_index_refuse_unopened(closed->name, closed->unopened, err)
                  : no_such_index(name, err);
}

static auk_code choose_part(gathered *g, auk_span part, auk_error *err)
{
    if (part.size > 1 && part.data[0] == '-' && g->any_wildcard) {
        exclude_pattern(g, auk_span_from(part, 1));
        return AUK_OK;
    }
    if (auk_span_is(part, "_all"))
        part = AUK_SPAN("*");
    auk_code code = auk_index_name_resolve(part, g->arena, &part, err);
    if (code != AUK_OK)
        return code;
    if (!is_wildcard(part))
        return choose_name(g, part, err);
    g->any_wildcard = true;
    choose_pattern(g, part);
    return AUK_OK;
}

static auk_code choose_all_parts(gathered *g, auk_span expression, auk_error *err)
{
    auk_span part;
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_span_cut(&expression, ',', &part))
        code = part.size ? choose_part(g, part, err) : AUK_OK;
    return code;
}

/* Reached through aliases only, and one of them narrows: its filter and routing hold. */
static const auk_alias *narrowing(const gathered *g, uint32_t i)
{
    if (g->direct[i])
        return NULL;
    const auk_alias *narrow = NULL;
    for (uint32_t k = 0; k < g->via_count[i]; k++) {
        const auk_alias *alias = g->via[i][k];
        if (!alias->filter.size && !alias->search_routing.size)
            return NULL; /* one that lets everything through wins, as in Elasticsearch */
        narrow = alias;
    }
    return narrow;
}

auk_code auk_root_resolve(const auk_root *root, auk_span expression,
                          const auk_resolve_options *options, auk_arena *arena, auk_resolved **out,
                          uint32_t *count, auk_error *err)
{
    uint32_t total = root->index_count;
    gathered g = {.root = root, .options = options, .arena = arena};
    g.chosen = AUK_ARENA_ARRAY(arena, bool, total + 1);
    g.direct = AUK_ARENA_ARRAY(arena, bool, total + 1);
    g.via = AUK_ARENA_ARRAY(arena, const auk_alias **, total + 1);
    g.via_count = AUK_ARENA_ARRAY(arena, uint32_t, total + 1);
    auk_span wanted = expression.size ? expression : AUK_SPAN("*");
    auk_code code = choose_all_parts(&g, wanted, err);
    if (code != AUK_OK)
        return code;
    auk_resolved *list = AUK_ARENA_ARRAY(arena, auk_resolved, total + 1);
    uint32_t used = 0;
    for (uint32_t i = 0; i < total; i++) {
        if (!g.chosen[i])
            continue;
        bool refused = root->indices[i]->closed && !options->with_closed;
        if (refused && !options->ignore_unavailable)
            return auk_fail_closed(root->indices[i]->name, err);
        if (!refused)
            list[used++] =
                (auk_resolved){root->indices[i], narrowing(&g, i), g.via[i], g.via_count[i]};
    }
    if (used == 0 && !options->allow_no_indices)
        return no_such_index(wanted, err);
    if (options->single && used != 1)
        return auk_fail(
            err, AUK_INVALID,
            "Alias [%.*s] has more than one index associated with it, can't execute a single index "
            "operation",
            AUK_SPAN_ARG(wanted));
    *out = list;
    *count = used;
    return AUK_OK;
}

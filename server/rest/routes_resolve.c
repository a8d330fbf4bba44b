/* What names stand for: indices and aliases, each by its own name. */
#include <stdlib.h>

#include "admin.h"

/* An alias and the indices that bear it, in name order. */
typedef struct named_alias {
    auk_span name;
    const auk_index_view **indices;
    uint32_t count;
} named_alias;

typedef struct found {
    auk_call *call;
    const auk_root *root;
    bool *indices; /* of the root */
    named_alias *aliases;
    uint32_t alias_count;
    auk_resolve_options options;
} found;

/* ---- finding ---- */

static void add_alias(found *f, auk_span name)
{
    const auk_root *root = f->root;
    for (uint32_t i = 0; i < f->alias_count; i++)
        if (auk_span_equal(f->aliases[i].name, name))
            return;
    named_alias *alias = &f->aliases[f->alias_count++];
    *alias = (named_alias){.name = name};
    alias->indices = AUK_ARENA_ARRAY(f->call->arena, const auk_index_view *, root->index_count);
    for (uint32_t i = 0; i < root->index_count; i++)
        for (uint32_t k = 0; k < root->indices[i]->alias_count; k++)
            if (auk_span_equal(root->indices[i]->aliases[k].name, name))
                alias->indices[alias->count++] = root->indices[i];
}

/* A name finds what hides, too. */
static bool find_part(found *f, auk_span part)
{
    bool any = false, wild = memchr(part.data, '*', part.size) != NULL;
    bool hidden = !wild || f->options.expand_hidden || part.data[0] == '.';
    for (uint32_t i = 0; i < f->root->index_count; i++) {
        const auk_index_view *view = f->root->indices[i];
        bool wanted = view->closed ? f->options.expand_closed : f->options.expand_open;
        if ((!wild || wanted) && (hidden || !view->hidden) && auk_pattern_matches(part, view->name))
            any = f->indices[i] = true;
        for (uint32_t k = 0; k < view->alias_count; k++) {
            if ((!hidden && view->aliases[k].is_hidden) ||
                !auk_pattern_matches(part, view->aliases[k].name))
                continue;
            add_alias(f, view->aliases[k].name);
            any = true;
        }
    }
    return any || wild;
}

static void leave_out(found *f, auk_span pattern)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < f->root->index_count; i++)
        f->indices[i] = f->indices[i] && !auk_pattern_matches(pattern, f->root->indices[i]->name);
    for (uint32_t i = 0; i < f->alias_count; i++)
        if (!auk_pattern_matches(pattern, f->aliases[i].name))
            f->aliases[kept++] = f->aliases[i];
    f->alias_count = kept;
}

static auk_code find_all(found *f, auk_error *err)
{
    auk_span list = auk_call_variable(f->call, "name"), part;
    bool later = false;
    while (auk_span_cut(&list, ',', &part)) {
        auk_code code = auk_index_name_resolve(part, f->call->arena, &part, err);
        if (code != AUK_OK)
            return code;
        if (part.size == 0)
            continue;
        if (later && part.data[0] == '-')
            leave_out(f, auk_span_from(part, 1));
        else if (!find_part(f, auk_span_is(part, "_all") ? AUK_SPAN("*") : part) &&
                 !f->options.ignore_unavailable)
            return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                                 "no such index [%.*s]", AUK_SPAN_ARG(part));
        later = true;
    }
    return AUK_OK;
}

/* ---- telling ---- */

static void write_index(found *f, const auk_index_view *view)
{
    auk_json_writer *out = &f->call->out;
    auk_json_begin_object(out);
    auk_json_member_string(out, "name", view->name);
    if (view->alias_count > 0) {
        auk_json_member_array(out, "aliases");
        for (uint32_t i = 0; i < view->alias_count; i++)
            auk_json_string(out, view->aliases[i].name);
        auk_json_end_array(out);
    }
    auk_json_member_array(out, "attributes");
    if (view->hidden)
        auk_json_string(out, AUK_SPAN("hidden"));
    auk_json_string(out, view->closed ? AUK_SPAN("closed") : AUK_SPAN("open"));
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static void write_aliases(found *f)
{
    auk_json_writer *out = &f->call->out;
    auk_json_member_array(out, "aliases");
    for (uint32_t i = 0; i < f->alias_count; i++) {
        auk_json_begin_object(out);
        auk_json_member_string(out, "name", f->aliases[i].name);
        auk_json_member_array(out, "indices");
        for (uint32_t k = 0; k < f->aliases[i].count; k++)
            auk_json_string(out, f->aliases[i].indices[k]->name);
        auk_json_end_array(out);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static int by_name(const void *a, const void *b)
{
    return auk_span_compare(((const named_alias *)a)->name, ((const named_alias *)b)->name);
}

static void write_found(found *f)
{
    auk_json_writer *out = &f->call->out;
    if (f->alias_count)
        qsort(f->aliases, f->alias_count, sizeof *f->aliases, by_name);
    auk_json_begin_object(out);
    auk_json_member_array(out, "indices");
    for (uint32_t i = 0; i < f->root->index_count; i++)
        if (f->indices[i])
            write_index(f, f->root->indices[i]);
    auk_json_end_array(out);
    write_aliases(f);
    auk_json_member_array(out, "data_streams");
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static auk_code resolve_index(auk_call *call, auk_error *err)
{
    found f = {.call = call, .options = {.expand_open = true, .allow_no_indices = true}};
    auk_code code = auk_call_resolve_options(call, &f.options, err);
    if (code != AUK_OK)
        return code;
    uint32_t aliases = 0;
    f.root = auk_root_acquire(call->rest->options.catalog);
    for (uint32_t i = 0; i < f.root->index_count; i++)
        aliases += f.root->indices[i]->alias_count;
    f.indices = AUK_ARENA_ARRAY(call->arena, bool, f.root->index_count + 1);
    f.aliases = AUK_ARENA_ARRAY(call->arena, named_alias, aliases + 1);
    code = find_all(&f, err);
    if (code == AUK_OK)
        write_found(&f);
    auk_root_release(call->rest->options.catalog, f.root);
    return code;
}

static auk_code refuse_cluster(auk_call *call, auk_error *err)
{
    (void)call;
    auk_fail(err, AUK_INVALID, "[_resolve/cluster] is not supported: there are no other clusters");
    auk_hint(err, "GET /_resolve/index/{name} says what a name stands for here");
    return AUK_INVALID;
}

/* ---- routes ---- */

#define SHOW(path, run)                                                                            \
    {                                                                                              \
        AUK_M_GET, path, AUK_SELECT_PARAMETERS, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR           \
    }

static const auk_route rows[] = {
    SHOW("/_resolve/index/{name}", resolve_index),
    SHOW("/_resolve/cluster", refuse_cluster),
    SHOW("/_resolve/cluster/{name}", refuse_cluster),
};

const auk_route_table auk_routes_resolve = {rows, sizeof rows / sizeof rows[0]};

/* Alias actions: all of one call are worked out on copies, then applied as one batch and one root.
 */
#include <stdlib.h>

#include "catalog_private.h"

static auk_code read_text(const auk_json *value, auk_span *out, const char *name, auk_error *err)
{
    if (value->type != AUK_JSON_STRING && value->type != AUK_JSON_NUMBER)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception", "[alias] [%s] must be a text",
                             name);
    *out = value->text;
    return AUK_OK;
}

/* The options of one alias; `name` itself and index names are the caller's. */
auk_code auk_alias_read(auk_span name, const auk_json *options, auk_alias *out, auk_error *err)
{
    *out = (auk_alias){.name = name};
    auk_code code = AUK_OK;
    for (const auk_json *m = options->child; m && code == AUK_OK; m = m->next) {
        bool flag = false;
        if (auk_span_is(m->key, "filter")) {
            if (m->type != AUK_JSON_OBJECT && m->type != AUK_JSON_NULL)
                return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                     "[alias] [filter] must be an object");
            if (m->count > 0)
                out->filter = m->text;
        } else if (auk_span_is(m->key, "routing")) {
            code = read_text(m, &out->index_routing, "routing", err);
            out->search_routing = out->index_routing;
        } else if (auk_span_is(m->key, "index_routing")) {
            code = read_text(m, &out->index_routing, "index_routing", err);
        } else if (auk_span_is(m->key, "search_routing")) {
            code = read_text(m, &out->search_routing, "search_routing", err);
        } else if (auk_span_is(m->key, "is_write_index") || auk_span_is(m->key, "is_hidden")) {
            if (m->type != AUK_JSON_NULL && !auk_json_to_bool(m, &flag))
                return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                     "[alias] [%.*s] must be a boolean", AUK_SPAN_ARG(m->key));
            if (auk_span_is(m->key, "is_hidden")) {
                out->is_hidden = flag;
            } else {
                out->is_write_index = flag;
                out->has_write_index = m->type != AUK_JSON_NULL;
            }
        } else if (!auk_span_is(m->key, "index") && !auk_span_is(m->key, "indices") &&
                   !auk_span_is(m->key, "alias") && !auk_span_is(m->key, "aliases") &&
                   !auk_span_is(m->key, "must_exist")) {
            return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                                 "[alias] unknown field [%.*s]", AUK_SPAN_ARG(m->key));
        }
    }
    return code;
}

void auk_alias_write(const auk_alias *alias, auk_json_writer *out)
{
    auk_json_key(out, alias->name);
    auk_json_begin_object(out);
    if (alias->filter.size)
        auk_json_member_raw(out, "filter", alias->filter);
    if (alias->index_routing.size)
        auk_json_member_string(out, "index_routing", alias->index_routing);
    if (alias->search_routing.size)
        auk_json_member_string(out, "search_routing", alias->search_routing);
    if (alias->has_write_index)
        auk_json_member_bool(out, "is_write_index", alias->is_write_index);
    if (alias->is_hidden)
        auk_json_member_bool(out, "is_hidden", true);
    auk_json_end_object(out);
}

/* The root, and the alias with it, goes before the routing does. */
auk_code auk_alias_route(const auk_alias *alias, auk_span name, auk_span *routing, auk_arena *arena,
                         auk_error *err)
{
    if (!alias || !alias->index_routing.size)
        return AUK_OK;
    auk_span own = alias->index_routing;
    if (memchr(own.data, ',', own.size))
        return auk_fail(err, AUK_INVALID,
                        "index/alias [%.*s] provided with routing value [%.*s] that resolved to "
                        "several routing values, rejecting operation",
                        AUK_SPAN_ARG(name), AUK_SPAN_ARG(own));
    if (routing->size && !auk_span_equal(*routing, own))
        return auk_fail(
            err, AUK_INVALID,
            "Alias [%.*s] has index routing associated with it [%.*s], and was provided "
            "with routing value [%.*s], rejecting operation",
            AUK_SPAN_ARG(name), AUK_SPAN_ARG(own), AUK_SPAN_ARG(*routing));
    *routing = auk_arena_copy(arena, own);
    return AUK_OK;
}

/* ---- the state that actions work on ---- */

typedef struct draft {
    auk_index *index; /* acquired */
    auk_alias *aliases;
    uint32_t count, capacity;
    bool changed, doomed;
} draft;

typedef struct drafts {
    draft *items;
    uint32_t count;
    const auk_root *root;
    auk_arena *arena;
    auk_span missed; /* the last aliases that were not there */
} drafts;

static void drafts_load(auk_catalog *catalog, drafts *d)
{
    pthread_mutex_lock(&catalog->root_lock);
    d->count = catalog->index_count;
    d->items = AUK_ARENA_ARRAY(d->arena, draft, d->count + 1);
    for (uint32_t i = 0; i < d->count; i++) {
        const auk_definition *definition = catalog->indices[i]->definition;
        draft *item = &d->items[i];
        item->index = auk_index_acquire(catalog->indices[i]);
        item->count = item->capacity = definition->alias_count;
        item->aliases = AUK_ARENA_ARRAY(d->arena, auk_alias, item->count + 1);
        memcpy(item->aliases, definition->aliases, sizeof(auk_alias) * item->count);
    }
    pthread_mutex_unlock(&catalog->root_lock);
}

static void drafts_release(drafts *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        auk_index_release(d->items[i].index);
}

static auk_span name_of(const draft *item)
{
    return item->index->identity->name;
}

static draft *draft_of(drafts *d, auk_span name)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (auk_span_equal(name_of(&d->items[i]), name))
            return &d->items[i];
    return NULL;
}

static void add_alias(drafts *d, draft *item, const auk_alias *alias)
{
    item->changed = true;
    for (uint32_t i = 0; i < item->count; i++) {
        if (auk_span_equal(item->aliases[i].name, alias->name)) {
            item->aliases[i] = *alias;
            return;
        }
    }
    if (item->count == item->capacity) {
        auk_alias *grown = AUK_ARENA_ARRAY(d->arena, auk_alias, item->capacity * 2 + 4);
        memcpy(grown, item->aliases, sizeof(auk_alias) * item->count);
        item->aliases = grown;
        item->capacity = item->capacity * 2 + 4;
    }
    item->aliases[item->count++] = *alias;
}

static uint32_t remove_aliases(draft *item, auk_span pattern)
{
    uint32_t kept = 0, removed = 0;
    for (uint32_t i = 0; i < item->count; i++) {
        if (auk_span_is(pattern, "_all") || auk_pattern_matches(pattern, item->aliases[i].name))
            removed++;
        else
            item->aliases[kept++] = item->aliases[i];
    }
    item->count = kept;
    item->changed = item->changed || removed > 0;
    return removed;
}

/* ---- one action ---- */

/* A text or a list of texts under either of two keys. */
static auk_code read_names(const auk_json *action, const char *one, const char *many,
                           auk_arena *arena, auk_span **out, uint32_t *count, auk_error *err)
{
    const auk_json *value =
        auk_json_get(action, one) ? auk_json_get(action, one) : auk_json_get(action, many);
    *count = 0;
    if (!value)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "One of [%s] or [%s] is required", one, many);
    bool list = value->type == AUK_JSON_ARRAY;
    *out = AUK_ARENA_ARRAY(arena, auk_span, (list ? value->count : 1) + 1);
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        if (item->type != AUK_JSON_STRING)
            return auk_fail_type(err, AUK_INVALID, "parsing_exception", "[%s] must hold texts",
                                 one);
        (*out)[(*count)++] = item->text;
    }
    return AUK_OK;
}

typedef struct selection {
    draft **items;
    uint32_t count;
} selection;

static auk_code select_indices(drafts *d, const auk_span *names, uint32_t count, selection *out,
                               auk_error *err)
{
    auk_resolve_options options = {.allow_no_indices = false,
                                   .expand_open = true,
                                   .expand_closed = true,
                                   .expand_hidden = true,
                                   .with_closed = true,
                                   .no_aliases = true};
    out->items = AUK_ARENA_ARRAY(d->arena, draft *, d->count + 1);
    out->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        auk_resolved *found;
        uint32_t found_count;
        auk_code code =
            auk_root_resolve(d->root, names[i], &options, d->arena, &found, &found_count, err);
        if (code != AUK_OK)
            return code;
        for (uint32_t k = 0; k < found_count && out->count < d->count; k++) {
            draft *item = draft_of(d, found[k].view->name);
            if (item)
                out->items[out->count++] = item;
        }
    }
    return AUK_OK;
}

/* Of the other verb. */
static auk_code refuse_options(const auk_json *action, const char *const *names, size_t count,
                               const char *verb, auk_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (auk_json_get(action, names[i]))
            return auk_fail(err, AUK_INVALID, "[%s] is unsupported for [%s]", names[i], verb);
    return AUK_OK;
}

static auk_code act_add(drafts *d, const auk_json *action, const selection *on, auk_error *err)
{
    static const char *const others[] = {"must_exist"};
    auk_span *aliases;
    uint32_t count = 0;
    auk_code code = refuse_options(action, others, 1, "ADD", err);
    if (code == AUK_OK)
        code = read_names(action, "alias", "aliases", d->arena, &aliases, &count, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        auk_alias alias;
        code = auk_alias_name_check(aliases[i], err);
        if (code == AUK_OK)
            code = auk_alias_read(aliases[i], action, &alias, err);
        for (uint32_t k = 0; k < on->count && code == AUK_OK; k++)
            add_alias(d, on->items[k], &alias);
    }
    return code;
}

/* "a,b" */
static auk_span join(drafts *d, const auk_span *names, uint32_t count)
{
    auk_span list = AUK_SPAN("");
    for (uint32_t i = 0; i < count; i++)
        list = auk_arena_printf(d->arena, "%.*s%s%.*s", AUK_SPAN_ARG(list), i ? "," : "",
                                AUK_SPAN_ARG(names[i]));
    return list;
}

/*
 * What is not there need not be removed, so that a first deployment can say what every later one
 * says; it is told beside the answer. *missed: nothing was removed, and nobody said that this is
 * all right.
 */
static auk_code act_remove(drafts *d, const auk_json *action, const selection *on, bool *missed,
                           auk_error *err)
{
    static const char *const others[] = {"filter",         "routing",        "index_routing",
                                         "search_routing", "is_write_index", "is_hidden"};
    auk_span *aliases;
    uint32_t count = 0, removed = 0;
    bool must_exist = false;
    const auk_json *must = auk_json_get(action, "must_exist");
    if (must && !auk_json_to_bool(must, &must_exist))
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "[must_exist] must be a boolean");
    auk_code code = refuse_options(action, others, sizeof others / sizeof *others, "REMOVE", err);
    if (code == AUK_OK)
        code = read_names(action, "alias", "aliases", d->arena, &aliases, &count, err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        for (uint32_t k = 0; k < on->count; k++)
            removed += remove_aliases(on->items[k], aliases[i]);
    if (code != AUK_OK || removed > 0)
        return code;
    *missed = !must;
    d->missed = join(d, aliases, count);
    if (!must_exist)
        return AUK_OK;
    return auk_fail_type(err, AUK_NOT_FOUND, "aliases_not_found_exception",
                         "aliases [%.*s] missing", AUK_SPAN_ARG(d->missed));
}

static auk_code act(drafts *d, const auk_json *entry, bool *missed, auk_error *err)
{
    const auk_json *action =
        entry->type == AUK_JSON_OBJECT && entry->count == 1 ? entry->child : NULL;
    if (!action || action->type != AUK_JSON_OBJECT)
        return auk_fail_type(
            err, AUK_INVALID, "parsing_exception",
            "[aliases] an action is an object with one member: add, remove or remove_index");
    auk_span *names;
    uint32_t count;
    selection on;
    auk_code code = read_names(action, "index", "indices", d->arena, &names, &count, err);
    if (code == AUK_OK)
        code = select_indices(d, names, count, &on, err);
    if (code != AUK_OK)
        return code;
    if (auk_span_is(action->key, "add"))
        return act_add(d, action, &on, err);
    if (auk_span_is(action->key, "remove"))
        return act_remove(d, action, &on, missed, err);
    if (!auk_span_is(action->key, "remove_index")) {
        auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                      "[alias_action] unknown field [%.*s]", AUK_SPAN_ARG(action->key));
        auk_hint(err, "actions are add, remove and remove_index");
        return AUK_INVALID;
    }
    for (uint32_t k = 0; k < on.count; k++)
        on.items[k]->doomed = true;
    return AUK_OK;
}

/* ---- what must hold at the end ---- */

static const auk_alias *alias_of(const draft *item, auk_span name)
{
    for (uint32_t k = 0; k < item->count && !item->doomed; k++)
        if (auk_span_equal(item->aliases[k].name, name))
            return &item->aliases[k];
    return NULL;
}

static auk_code check_one(drafts *d, auk_span alias, auk_error *err)
{
    auk_span *writers = AUK_ARENA_ARRAY(d->arena, auk_span, d->count + 1);
    uint32_t count = 0, hidden = 0, holders = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const draft *item = &d->items[i];
        const auk_alias *own = alias_of(item, alias);
        if (!item->doomed && auk_span_equal(name_of(item), alias))
            return auk_fail_type(
                err, AUK_INVALID, "invalid_alias_name_exception",
                "Invalid alias name [%.*s]: an index or data stream exists with the same name as "
                "the alias",
                AUK_SPAN_ARG(alias));
        if (own && own->is_write_index)
            writers[count++] = name_of(item);
        holders += own != NULL;
        hidden += own && own->is_hidden;
    }
    if (count > 1)
        return auk_fail_type(err, AUK_INVALID, "illegal_state_exception",
                             "alias [%.*s] has more than one write index [%.*s]",
                             AUK_SPAN_ARG(alias), AUK_SPAN_ARG(join(d, writers, count)));
    if (hidden > 0 && hidden < holders)
        return auk_fail_type(err, AUK_INVALID, "illegal_state_exception",
                             "alias [%.*s] has is_hidden set to true on some of its indices; alias "
                             "must have the same is_hidden setting on all indices",
                             AUK_SPAN_ARG(alias));
    return AUK_OK;
}

static auk_code check_all(drafts *d, auk_error *err)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const auk_definition *definition = d->items[i].index->definition;
        auk_code blocked = AUK_OK;
        if (d->items[i].doomed)
            blocked = auk_definition_check(definition, AUK_BLOCK_DELETE, err);
        else if (d->items[i].changed)
            blocked = auk_definition_check(definition, AUK_BLOCK_METADATA_WRITE, err);
        if (blocked != AUK_OK)
            return blocked;
        bool asks = d->items[i].changed && !d->items[i].doomed;
        for (uint32_t k = 0; k < d->items[i].count && asks; k++) {
            auk_code code = check_one(d, d->items[i].aliases[k].name, err);
            if (code != AUK_OK)
                return code;
        }
    }
    return AUK_OK;
}

static auk_code apply(auk_catalog *catalog, drafts *d, auk_error *err)
{
    auk_index **victims = AUK_ARENA_ARRAY(d->arena, auk_index *, d->count + 1);
    auk_index **changed = AUK_ARENA_ARRAY(d->arena, auk_index *, d->count + 1);
    auk_definition **definitions = AUK_ARENA_ARRAY(d->arena, auk_definition *, d->count + 1);
    uint32_t victim_count = 0, changed_count = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        draft *item = &d->items[i];
        const auk_definition *old = item->index->definition;
        if (item->doomed) {
            victims[victim_count++] = item->index;
        } else if (item->changed) {
            changed[changed_count] = item->index;
            definitions[changed_count++] =
                auk_definition_next(old, old->name, auk_settings_clone(old->settings),
                                    item->aliases, item->count);
        }
    }
    return auk_admin_apply(catalog, victims, victim_count, changed, definitions, changed_count,
                           err);
}

static auk_code update_locked(auk_catalog *catalog, const auk_json *actions, drafts *d,
                              bool *missed, auk_error *err)
{
    auk_code code = AUK_OK;
    uint32_t done = 0, voids = 0;
    for (const auk_json *entry = actions->child; entry && code == AUK_OK; entry = entry->next) {
        code = act(d, entry, &missed[done], err);
        voids += missed[done++];
    }
    if (code == AUK_OK && voids == done)
        code = auk_fail_type(err, AUK_NOT_FOUND, "aliases_not_found_exception",
                             "aliases [%.*s] missing", AUK_SPAN_ARG(d->missed));
    if (code == AUK_OK)
        code = check_all(d, err);
    if (code == AUK_OK)
        code = apply(catalog, d, err);
    return code;
}

auk_code auk_catalog_change_aliases(auk_catalog *catalog, const auk_json *body, auk_arena *arena,
                                    bool **missed, auk_error *err)
{
    const auk_json *actions = auk_json_get(body, "actions");
    if (!actions || actions->type != AUK_JSON_ARRAY || actions->count == 0)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception", "No action specified");
    drafts d = {.arena = auk_arena_create(4096)};
    *missed = AUK_ARENA_ARRAY(arena, bool, actions->count);
    pthread_mutex_lock(&catalog->admin_lock);
    d.root = auk_root_acquire(catalog);
    drafts_load(catalog, &d);
    auk_code code = update_locked(catalog, actions, &d, *missed, err);
    drafts_release(&d);
    auk_root_release(catalog, d.root);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(d.arena);
    return code;
}

auk_code auk_catalog_update_aliases(auk_catalog *catalog, const auk_json *body, auk_error *err)
{
    bool *missed;
    auk_arena *arena = auk_arena_create(256);
    auk_code code = auk_catalog_change_aliases(catalog, body, arena, &missed, err);
    auk_arena_destroy(arena);
    return code;
}

#include "auk/rollover.h"

#include "catalog_private.h"

#define NUMBERS_MOST 999999u

/* ---- names ---- */

/* "logs-000001", or "<logs-{now/d}-000001>": where the digits begin. */
static bool find_digits(auk_span provided, auk_span resolved, size_t *from, size_t *to)
{
    bool has_date = provided.size > 1 && provided.data[0] == '<';
    size_t at = resolved.size;
    while (at > 0 && resolved.data[at - 1] >= '0' && resolved.data[at - 1] <= '9')
        at--;
    if (at == resolved.size || at == 0 || resolved.data[at - 1] != '-')
        return false;
    *to = provided.size - has_date;
    *from = *to;
    while (*from > 0 && provided.data[*from - 1] >= '0' && provided.data[*from - 1] <= '9')
        --*from;
    return *from < *to;
}

static bool is_taken(const auk_root *root, auk_span name)
{
    if (auk_root_find(root, name))
        return true;
    for (uint32_t i = 0; i < root->index_count; i++)
        for (uint32_t k = 0; k < root->indices[i]->alias_count; k++)
            if (auk_span_equal(root->indices[i]->aliases[k].name, name))
                return true;
    return false;
}

/* The next number whose name is free: a generation of a rebuild may have taken one. */
static auk_code count_on(const auk_root *root, const auk_index_view *from, auk_arena *arena,
                         auk_rollover *out, auk_error *err)
{
    auk_span provided =
        auk_settings_text(from->settings, AUK_SPAN("index.provided_name"), from->name);
    auk_span resolved;
    size_t digits, end;
    uint64_t number = 0;
    auk_code code = auk_index_name_resolve(provided, arena, &resolved, err);
    if (code != AUK_OK)
        return code;
    if (!find_digits(provided, resolved, &digits, &end) ||
        !auk_number_parse_uint64(auk_span_make(provided.data + digits, end - digits), &number))
        return auk_fail(err, AUK_INVALID, "index name [%.*s] does not match pattern '^.*-\\d+$'",
                        AUK_SPAN_ARG(from->name));
    for (number++; number <= NUMBERS_MOST; number++) {
        out->provided =
            auk_arena_printf(arena, "%.*s%06llu%s", (int)digits, provided.data,
                             (unsigned long long)number, end < provided.size ? ">" : "");
        code = auk_index_name_resolve(out->provided, arena, &out->name, err);
        if (code != AUK_OK || !is_taken(root, out->name))
            return code;
    }
    return auk_fail(err, AUK_INVALID, "no name is free behind index [%.*s]",
                    AUK_SPAN_ARG(from->name));
}

/* ---- who is asked ---- */

static const auk_alias *alias_of(const auk_index_view *view, auk_span name)
{
    for (uint32_t i = 0; i < view->alias_count; i++)
        if (auk_span_equal(view->aliases[i].name, name))
            return &view->aliases[i];
    return NULL;
}

static auk_code find_writer(const auk_root *root, auk_span target, auk_rollover *out,
                            auk_error *err)
{
    uint32_t holders = 0;
    bool says = false;
    *out = (auk_rollover){0};
    if (auk_root_find(root, target))
        return auk_fail(err, AUK_INVALID,
                        "rollover target is a [concrete index] but one of [alias,data_stream] was "
                        "expected");
    for (uint32_t i = 0; i < root->index_count; i++) {
        const auk_alias *alias = alias_of(root->indices[i], target);
        holders += alias != NULL;
        if (!alias || (says && !alias->is_write_index))
            continue;
        says = alias->is_write_index;
        out->from = root->indices[i];
        out->alias = alias;
    }
    if (holders == 0)
        return auk_fail(err, AUK_INVALID, "rollover target [%.*s] does not exist",
                        AUK_SPAN_ARG(target));
    bool refuses = out->alias->has_write_index && !out->alias->is_write_index;
    if (!says && (holders > 1 || refuses))
        return auk_fail(err, AUK_INVALID, "rollover target [%.*s] does not point to a write index",
                        AUK_SPAN_ARG(target));
    return AUK_OK;
}

auk_code auk_rollover_find(const auk_root *root, auk_span target, auk_span name, auk_arena *arena,
                           auk_rollover *out, auk_error *err)
{
    auk_code code = find_writer(root, target, out, err);
    if (code != AUK_OK)
        return code;
    if (name.size == 0)
        return count_on(root, out->from, arena, out, err);
    out->provided = name;
    return auk_index_name_resolve(name, arena, &out->name, err);
}

/* ---- the step ---- */

static auk_code check_locked(auk_catalog *catalog, const auk_rollover *r, const auk_json *body,
                             auk_error *err)
{
    auk_code code = auk_index_name_check(r->name, err);
    if (code == AUK_OK)
        code = auk_admin_name_is_free(catalog, r->name, err);
    if (code == AUK_OK)
        code = auk_index_check(r->from, AUK_BLOCK_METADATA_WRITE, err);
    if (code == AUK_OK && body)
        code = auk_admin_check_body(catalog, body, err);
    if (code == AUK_OK && auk_json_find(auk_json_get(body, "aliases"), r->alias->name))
        code = auk_fail(err, AUK_INVALID,
                        "Rollover alias [%.*s] can point to multiple indices, found duplicated "
                        "alias [[%.*s]] in the body",
                        AUK_SPAN_ARG(r->alias->name), AUK_SPAN_ARG(r->alias->name));
    return code;
}

auk_code auk_rollover_check(auk_catalog *catalog, const auk_rollover *rollover,
                            const auk_json *body, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = check_locked(catalog, rollover, body, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

/* The old index as it will be: its alias writes no longer, or is gone. */
static auk_definition *define_left(const auk_definition *old, const auk_alias *alias,
                                   auk_arena *arena)
{
    uint32_t count = 0;
    auk_alias *aliases = AUK_ARENA_ARRAY(arena, auk_alias, old->alias_count + 1);
    for (uint32_t i = 0; i < old->alias_count; i++) {
        if (!auk_span_equal(old->aliases[i].name, alias->name)) {
            aliases[count++] = old->aliases[i];
        } else if (alias->is_write_index) {
            aliases[count] = old->aliases[i];
            aliases[count++].is_write_index = false;
        }
    }
    return auk_definition_next(old, old->name, auk_settings_clone(old->settings), aliases, count);
}

/* Under the admin lock: the alias must be as it was when it was looked at. */
static auk_code check_still(auk_catalog *catalog, const auk_rollover *r, auk_error *err)
{
    pthread_mutex_lock(&catalog->root_lock);
    const auk_definition *now = r->from->index->definition;
    const auk_alias *alias = auk_definition_alias(now, r->alias->name);
    bool still = auk_root_index(catalog, now->name) == r->from->index && alias &&
                 alias->is_write_index == r->alias->is_write_index &&
                 alias->has_write_index == r->alias->has_write_index;
    pthread_mutex_unlock(&catalog->root_lock);
    if (still)
        return AUK_OK;
    return auk_fail_type(err, AUK_CONFLICT, "illegal_state_exception",
                         "alias [%.*s] was changed while it was rolled over",
                         AUK_SPAN_ARG(r->alias->name));
}

static auk_code run_locked(auk_catalog *catalog, const auk_rollover *r, const auk_json *body,
                           auk_arena *arena, auk_error *err)
{
    auk_code code = check_still(catalog, r, err);
    if (code == AUK_OK)
        code = check_locked(catalog, r, body, err);
    if (code != AUK_OK)
        return code;
    auk_index *from = r->from->index;
    auk_alias_move move = {.from = from,
                           .left = define_left(from->definition, r->alias, arena),
                           .alias = *r->alias};
    auk_index_request request = {.name = r->name,
                                 .provided = r->provided,
                                 .body = body,
                                 .move = &move};
    return auk_admin_create(catalog, &request, arena, NULL, err);
}

auk_code auk_rollover_run(auk_catalog *catalog, const auk_rollover *rollover, const auk_json *body,
                          auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = run_locked(catalog, rollover, body, arena, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

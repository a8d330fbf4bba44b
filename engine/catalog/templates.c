/* templates.c - the templates there are: a key of the catalog each, and all of them in memory. */
#include <assert.h>
#include <stdlib.h>

#include "auk/fault_point.h"
#include "template_private.h"

static const char *const key_prefixes[] = {"template/index/", "template/component/",
                                           "template/legacy/"};
/* as messages call them */
static const char *const kind_words[] = {"index template", "component template", "index_template"};

/* ---- the lists ---- */

/* Where it is, or would be. */
static uint32_t place_of(const struct auk_templates *all, auk_template_kind kind, auk_span name,
                         bool *found)
{
    uint32_t at = 0;
    while (at < all->counts[kind] && auk_span_compare(all->items[kind][at]->name, name) < 0)
        at++;
    *found = at < all->counts[kind] && auk_span_equal(all->items[kind][at]->name, name);
    return at;
}

/* In place of the one of its name, which is gone then. */
static void keep(struct auk_templates *all, auk_template_kind kind, auk_template *template)
{
    bool found;
    uint32_t at = place_of(all, kind, template->name, &found);
    if (found) {
        assert(all->items[kind] != NULL);
        auk_template_destroy(all->items[kind][at]);
        all->items[kind][at] = template;
        return;
    }
    uint32_t count = all->counts[kind]++;
    all->items[kind] = realloc(all->items[kind], sizeof(auk_template *) * (count + 1));
    if (!all->items[kind])
        auk_fatal("out of memory");
    memmove(all->items[kind] + at + 1, all->items[kind] + at,
            sizeof(auk_template *) * (count - at));
    all->items[kind][at] = template;
}

static void forget(struct auk_templates *all, auk_template_kind kind, const auk_template *template)
{
    bool found;
    uint32_t at = place_of(all, kind, template->name, &found);
    auk_template_destroy(all->items[kind][at]);
    all->counts[kind]--;
    memmove(all->items[kind] + at, all->items[kind] + at + 1,
            sizeof(auk_template *) * (all->counts[kind] - at));
}

/* ---- on disk ---- */

static void put_record(auk_template_kind kind, const auk_template *template, auk_batch *batch)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_member_raw(&out, "body", template->text);
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG,
                  auk_catalog_key(template->arena, key_prefixes[kind], template->name),
                  auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static auk_code write_batch(auk_catalog *catalog, auk_batch *batch, auk_error *err)
{
    AUK_FAULT_POINT(TEMPLATE_WRITE_BEFORE);
    auk_code code = auk_store_write(catalog->store, batch, true, err);
    AUK_FAULT_POINT(TEMPLATE_WRITE_AFTER);
    return code;
}

static auk_code read_record(auk_template_kind kind, auk_span name, auk_span value,
                            auk_template **out, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    const auk_json *record, *body = NULL;
    int64_t format = 0;
    auk_code code = auk_json_parse_own(value, arena, &record, err);
    if (code == AUK_OK && (!auk_json_to_int64(auk_json_get(record, "format"), &format) ||
                           format != 1 || !(body = auk_json_get(record, "body"))))
        code = auk_fail(err, AUK_CORRUPT, "the record of %s [%.*s] is damaged", kind_words[kind],
                        AUK_SPAN_ARG(name));
    if (code == AUK_OK)
        code = auk_template_restore(kind, name, body->text, out, err);
    auk_arena_destroy(arena);
    return code;
}

static auk_code read_kind(auk_catalog *catalog, auk_template_kind kind, auk_error *err)
{
    auk_span prefix = auk_span_of(key_prefixes[kind]), key, value;
    auk_arena *arena = auk_arena_create(256);
    auk_span end = auk_arena_printf(arena, "%.*s0", (int)prefix.size - 1, prefix.data);
    auk_store_cursor *cursor =
        auk_store_scan(catalog->store, AUK_FAMILY_CATALOG, prefix, end); /* '0' follows '/' */
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value)) {
        auk_template *template;
        code = read_record(kind, auk_span_from(key, prefix.size), value, &template, err);
        if (code == AUK_OK)
            keep(catalog->templates, kind, template);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_templates_open(auk_catalog *catalog, auk_error *err)
{
    auk_code code = AUK_OK;
    catalog->templates = calloc(1, sizeof *catalog->templates);
    if (!catalog->templates)
        auk_fatal("out of memory");
    for (unsigned kind = 0; kind < AUK_TEMPLATE_KINDS && code == AUK_OK; kind++)
        code = read_kind(catalog, (auk_template_kind)kind, err);
    return code;
}

void auk_templates_close(auk_catalog *catalog)
{
    struct auk_templates *all = catalog->templates;
    for (unsigned kind = 0; all && kind < AUK_TEMPLATE_KINDS; kind++) {
        for (uint32_t i = 0; i < all->counts[kind]; i++)
            auk_template_destroy(all->items[kind][i]);
        free(all->items[kind]);
    }
    free(all);
    catalog->templates = NULL;
}

/* ---- what must hold before one is kept ---- */

static auk_code check_components(const struct auk_templates *all, const auk_template *template,
                                 auk_error *err)
{
    auk_span missing = AUK_SPAN("");
    for (const auk_json *one = auk_template_texts(template, "composed_of"); one; one = one->next) {
        if (auk_templates_find(all, AUK_TEMPLATE_COMPONENT, one->text) ||
            auk_template_lists(template, "ignore_missing_component_templates", one->text))
            continue;
        missing = auk_arena_printf(template->arena, "%.*s%s%.*s", AUK_SPAN_ARG(missing),
                                   missing.size ? ", " : "", AUK_SPAN_ARG(one->text));
    }
    if (!missing.size)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "invalid_index_template_exception",
                         "index_template [%.*s] invalid, cause [index template [%.*s] specifies "
                         "component templates [%.*s] that do not exist]",
                         AUK_SPAN_ARG(template->name), AUK_SPAN_ARG(template->name),
                         AUK_SPAN_ARG(missing));
}

static auk_span list_patterns(const auk_template *template, auk_arena *arena)
{
    auk_span list = AUK_SPAN("");
    for (const auk_json *one = auk_template_texts(template, "index_patterns"); one; one = one->next)
        list = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(list), list.size ? ", " : "",
                                AUK_SPAN_ARG(one->text));
    return list;
}

/* Two of one priority for one name would leave it open which one holds. */
static auk_code check_priority(const struct auk_templates *all, const auk_template *template,
                               auk_error *err)
{
    for (uint32_t i = 0; i < all->counts[AUK_TEMPLATE_INDEX]; i++) {
        const auk_template *other = all->items[AUK_TEMPLATE_INDEX][i];
        if (other->priority != template->priority || auk_span_equal(other->name, template->name) ||
            !auk_templates_overlap(template, other))
            continue;
        auk_arena *arena = auk_arena_create(512);
        auk_fail(err, AUK_INVALID,
                 "index template [%.*s] has index patterns [%.*s] matching patterns from existing "
                 "templates [%.*s] with patterns (%.*s => [%.*s]) that have the same priority "
                 "[%lld], multiple index templates may not match during index creation, please use "
                 "a different priority",
                 AUK_SPAN_ARG(template->name), AUK_SPAN_ARG(list_patterns(template, arena)),
                 AUK_SPAN_ARG(other->name), AUK_SPAN_ARG(other->name),
                 AUK_SPAN_ARG(list_patterns(other, arena)), (long long)template->priority);
        auk_arena_destroy(arena);
        return AUK_INVALID;
    }
    return AUK_OK;
}

/* Could an index be made of it? */
static auk_code check_composed(auk_catalog *catalog, const auk_template *template,
                               const auk_template *changed, auk_error *err)
{
    const auk_json *body;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_template_compose(catalog->templates, template, changed, AUK_SPAN(""), arena,
                                         &body, err);
    if (code == AUK_OK)
        code = auk_admin_check_body(catalog, body, err);
    auk_arena_destroy(arena);
    return code;
}

static auk_code check_index_template(auk_catalog *catalog, const auk_template *template,
                                     auk_error *err)
{
    auk_code code = check_components(catalog->templates, template, err);
    if (code == AUK_OK)
        code = check_priority(catalog->templates, template, err);
    if (code != AUK_OK)
        return code;
    code = check_composed(catalog, template, NULL, err);
    return code == AUK_OK
               ? AUK_OK
               : auk_wrap(err, code,
                          "composable template [%.*s] template after composition is invalid",
                          AUK_SPAN_ARG(template->name));
}

/* By itself, and in every index template that it is a part of. */
static auk_code check_component(auk_catalog *catalog, const auk_template *component, auk_error *err)
{
    const struct auk_templates *all = catalog->templates;
    auk_code code = auk_admin_check_body(catalog, auk_json_get(component->body, "template"), err);
    for (uint32_t i = 0; i < all->counts[AUK_TEMPLATE_INDEX] && code == AUK_OK; i++) {
        const auk_template *user = all->items[AUK_TEMPLATE_INDEX][i];
        if (!auk_template_lists(user, "composed_of", component->name))
            continue;
        code = check_composed(catalog, user, component, err);
        if (code != AUK_OK)
            return auk_wrap(err, code,
                            "updating component template [%.*s] results in invalid composable "
                            "template [%.*s] after templates are merged",
                            AUK_SPAN_ARG(component->name), AUK_SPAN_ARG(user->name));
    }
    return code;
}

/* Parts of a legacy one are those of an index's body, beside others. */
static auk_code check_legacy(auk_catalog *catalog, const auk_template *template, auk_error *err)
{
    const auk_json *body;
    auk_arena *arena = auk_arena_create(4096);
    struct auk_templates alone = {0};
    auk_template *items[1] = {(auk_template *)(uintptr_t) template};
    alone.items[AUK_TEMPLATE_LEGACY] = items;
    alone.counts[AUK_TEMPLATE_LEGACY] = 1;
    auk_code code =
        auk_templates_apply(&alone, auk_template_texts(template, "index_patterns")->text, NULL,
                            arena, &body, err);
    if (code == AUK_OK)
        code = auk_admin_check_body(catalog, body, err);
    auk_arena_destroy(arena);
    return code;
}

static auk_code check(auk_catalog *catalog, auk_template_kind kind, const auk_template *template,
                      auk_error *err)
{
    if (kind == AUK_TEMPLATE_INDEX)
        return check_index_template(catalog, template, err);
    return kind == AUK_TEMPLATE_COMPONENT ? check_component(catalog, template, err)
                                          : check_legacy(catalog, template, err);
}

/* ---- changes ---- */

static auk_code put_locked(auk_catalog *catalog, auk_template_kind kind, auk_template *template,
                           bool create, auk_error *err)
{
    if (create && auk_templates_find(catalog->templates, kind, template->name))
        return auk_fail(err, AUK_INVALID, "%s [%.*s] already exists", kind_words[kind],
                        AUK_SPAN_ARG(template->name));
    auk_code code = check(catalog, kind, template, err);
    if (code != AUK_OK)
        return code;
    auk_batch *batch = auk_batch_create();
    put_record(kind, template, batch);
    code = write_batch(catalog, batch, err);
    auk_batch_destroy(batch);
    return code;
}

auk_code auk_template_put(auk_catalog *catalog, auk_template_kind kind, auk_span name,
                          const auk_json *body, bool create, auk_error *err)
{
    auk_template *template;
    auk_code code = auk_template_read(kind, name, body, &template, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->admin_lock);
    code = put_locked(catalog, kind, template, create, err);
    if (code == AUK_OK)
        keep(catalog->templates, kind, template);
    else
        auk_template_destroy(template);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

static auk_code missing(auk_template_kind kind, auk_span name, auk_error *err)
{
    if (kind == AUK_TEMPLATE_COMPONENT)
        return auk_fail(err, AUK_NOT_FOUND, "%.*s", AUK_SPAN_ARG(name));
    return auk_fail_type(err, AUK_NOT_FOUND, "index_template_missing_exception",
                         "index_template [%.*s] missing", AUK_SPAN_ARG(name));
}

/* A pattern is one only where it is the only name; "*" finds what there is, be it nothing. */
static auk_code select_named(const struct auk_templates *all, auk_template_kind kind,
                             const auk_span *names, uint32_t count, auk_template **out,
                             uint32_t *found, auk_error *err)
{
    *found = 0;
    for (uint32_t i = 0; i < all->counts[kind]; i++) {
        auk_template *one = all->items[kind][i];
        bool named = false;
        for (uint32_t k = 0; k < count && !named; k++)
            named = auk_span_equal(names[k], one->name) ||
                    (count == 1 && auk_pattern_matches(names[k], one->name));
        if (named)
            out[(*found)++] = one;
    }
    if (count == 1)
        return *found || auk_span_is(names[0], "*") ? AUK_OK : missing(kind, names[0], err);
    for (uint32_t k = 0; k < count; k++)
        if (!auk_templates_find(all, kind, names[k]))
            return missing(kind, names[k], err);
    return AUK_OK;
}

static auk_code check_unused(const struct auk_templates *all, auk_template **components,
                             uint32_t count, auk_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < all->counts[AUK_TEMPLATE_INDEX]; k++) {
            const auk_template *user = all->items[AUK_TEMPLATE_INDEX][k];
            if (auk_template_lists(user, "composed_of", components[i]->name) &&
                !auk_template_lists(user, "ignore_missing_component_templates",
                                    components[i]->name))
                return auk_fail(err, AUK_INVALID,
                                "component templates [%.*s] cannot be removed as they are still in "
                                "use by index templates [%.*s]",
                                AUK_SPAN_ARG(components[i]->name), AUK_SPAN_ARG(user->name));
        }
    }
    return AUK_OK;
}

static auk_code delete_locked(auk_catalog *catalog, auk_template_kind kind, const auk_span *names,
                              uint32_t count, auk_arena *arena, auk_error *err)
{
    struct auk_templates *all = catalog->templates;
    auk_template **victims = AUK_ARENA_ARRAY(arena, auk_template *, all->counts[kind] + 1);
    uint32_t found;
    auk_code code = select_named(all, kind, names, count, victims, &found, err);
    if (code == AUK_OK && kind == AUK_TEMPLATE_COMPONENT)
        code = check_unused(all, victims, found, err);
    if (code != AUK_OK || found == 0)
        return code;
    auk_batch *batch = auk_batch_create();
    for (uint32_t i = 0; i < found; i++)
        auk_batch_delete(batch, AUK_FAMILY_CATALOG,
                         auk_catalog_key(arena, key_prefixes[kind], victims[i]->name));
    code = write_batch(catalog, batch, err);
    auk_batch_destroy(batch);
    for (uint32_t i = 0; i < found && code == AUK_OK; i++)
        forget(all, kind, victims[i]);
    return code;
}

auk_code auk_template_delete(auk_catalog *catalog, auk_template_kind kind, const auk_span *names,
                             uint32_t count, auk_error *err)
{
    auk_arena *arena = auk_arena_create(512);
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = delete_locked(catalog, kind, names, count, arena, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

/* ---- reading ---- */

static auk_code copy_view(const auk_template *template, auk_arena *arena, auk_template_view *out,
                          auk_error *err)
{
    out->name = auk_arena_copy(arena, template->name);
    return auk_json_parse_own(template->text, arena, &out->body, err);
}

auk_code auk_template_list(auk_catalog *catalog, auk_template_kind kind, auk_arena *arena,
                           auk_template_view **out, uint32_t *count, auk_error *err)
{
    auk_code code = AUK_OK;
    pthread_mutex_lock(&catalog->admin_lock);
    const struct auk_templates *all = catalog->templates;
    *count = 0;
    *out = AUK_ARENA_ARRAY(arena, auk_template_view, all->counts[kind] + 1);
    for (; *count < all->counts[kind] && code == AUK_OK; ++*count)
        code = copy_view(all->items[kind][*count], arena, &(*out)[*count], err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

/* ---- simulation ---- */

static auk_code list_overlapping(const struct auk_templates *all, const auk_template *chosen,
                                 auk_arena *arena, auk_template_simulation *out, auk_error *err)
{
    static const auk_template_kind kinds[] = {AUK_TEMPLATE_LEGACY, AUK_TEMPLATE_INDEX};
    uint32_t most = all->counts[AUK_TEMPLATE_LEGACY] + all->counts[AUK_TEMPLATE_INDEX];
    auk_code code = AUK_OK;
    out->overlapping = AUK_ARENA_ARRAY(arena, auk_template_view, most + 1);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        for (uint32_t i = 0; i < all->counts[kinds[k]] && code == AUK_OK; i++) {
            const auk_template *one = all->items[kinds[k]][i];
            bool self = kinds[k] == AUK_TEMPLATE_INDEX && auk_span_equal(one->name, chosen->name);
            if (!self && auk_templates_overlap(one, chosen))
                code = copy_view(one, arena, &out->overlapping[out->overlapping_count++], err);
        }
    }
    return code;
}

static auk_code simulate(auk_catalog *catalog, const auk_template *chosen, auk_span index,
                         auk_arena *arena, auk_template_simulation *out, auk_error *err)
{
    if (!chosen)
        return AUK_OK;
    auk_code code =
        auk_template_compose(catalog->templates, chosen, NULL, index, arena, &out->body, err);
    return code == AUK_OK ? list_overlapping(catalog->templates, chosen, arena, out, err) : code;
}

auk_code auk_template_simulate_index(auk_catalog *catalog, auk_span index, const auk_json *extra,
                                     auk_arena *arena, auk_template_simulation *out, auk_error *err)
{
    auk_template *given = NULL;
    auk_code code = AUK_OK;
    *out = (auk_template_simulation){0};
    if (extra)
        code = auk_template_read(AUK_TEMPLATE_INDEX, AUK_SPAN("simulate_index_template"), extra,
                                 &given, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->admin_lock);
    if (given)
        code = check_index_template(catalog, given, err);
    if (code == AUK_OK)
        code = simulate(catalog, auk_templates_choose(catalog->templates, index, false, given),
                        index, arena, out, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_template_destroy(given);
    return code;
}

auk_code auk_template_simulate(auk_catalog *catalog, auk_span name, const auk_json *body,
                               auk_arena *arena, auk_template_simulation *out, auk_error *err)
{
    auk_template *given = NULL;
    const auk_template *chosen = NULL;
    auk_code code = AUK_OK;
    *out = (auk_template_simulation){0};
    if (body)
        code =
            auk_template_read(AUK_TEMPLATE_INDEX, name.size ? name : AUK_SPAN("simulate_template"),
                              body, &given, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->admin_lock);
    chosen = given ? given : auk_templates_find(catalog->templates, AUK_TEMPLATE_INDEX, name);
    if (given)
        code = check_index_template(catalog, given, err);
    else if (!chosen)
        code = auk_fail(err, AUK_INVALID, "unable to simulate template [%.*s] that does not exist",
                        AUK_SPAN_ARG(name));
    if (code == AUK_OK)
        code = simulate(catalog, chosen, AUK_SPAN(""), arena, out, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_template_destroy(given);
    return code;
}

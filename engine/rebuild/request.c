#include <stdio.h>

#include "auk/nearest.h"
#include "auk/query.h"
#include "auk/units.h"

#include "rebuild_private.h"

#define KEEP_OLD_MS ((int64_t)24 * 3600 * 1000)

/* ---- wishes ---- */

static const char *const members[] = {
    "settings", "mappings",     "merge", "transforms", "max_docs_per_second", "keep_old", "verify",
    "promote",  "max_rejected", "query", "queries"};
#define MEMBERS (sizeof members / sizeof members[0])

static auk_code unknown_member(auk_span key, auk_error *err)
{
    auk_span known[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++)
        known[i] = auk_span_of(members[i]);
    auk_span close = auk_nearest(key, known, MEMBERS);
    auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                  "[rebuild] unknown field [%.*s]%s%.*s%s", AUK_SPAN_ARG(key),
                  close.size ? " did you mean [" : "", AUK_SPAN_ARG(close), close.size ? "]?" : "");
    auk_hint(err, "takes settings, mappings, merge, transforms, max_docs_per_second, keep_old, "
                  "verify, promote, max_rejected, query, queries");
    return AUK_INVALID;
}

static auk_code check_members(const auk_json *body, auk_error *err)
{
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "[rebuild] expected an object but found %s",
                             auk_json_type_name(body->type));
    for (const auk_json *member = body->child; member; member = member->next) {
        size_t i = 0;
        while (i < MEMBERS && !auk_span_is(member->key, members[i]))
            i++;
        if (i == MEMBERS)
            return unknown_member(member->key, err);
    }
    return AUK_OK;
}

static auk_code read_flag(const auk_json *body, const char *name, bool fallback, bool *out,
                          auk_error *err)
{
    const auk_json *value = auk_json_get(body, name);
    *out = fallback;
    if (!value || auk_json_to_bool(value, out))
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "parsing_exception", "[%s] must be a boolean", name);
}

static auk_code read_count(const auk_json *body, const char *name, uint64_t *out, auk_error *err)
{
    const auk_json *value = auk_json_get(body, name);
    int64_t number = 0;
    if (value && (!auk_json_to_int64(value, &number) || number < 0))
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "[%s] must be a number that is not negative", name);
    *out = (uint64_t)number;
    return AUK_OK;
}

static auk_code read_texts(const auk_json *body, auk_rebuild_wishes *out, auk_error *err)
{
    const auk_json *keep = auk_json_get(body, "keep_old"), *promote = auk_json_get(body, "promote");
    out->keep_old_ms = KEEP_OLD_MS;
    if (keep && (!auk_time_parse_ms(keep->text, &out->keep_old_ms) || out->keep_old_ms < 0))
        return auk_fail(err, AUK_INVALID,
                        "failed to parse setting [keep_old] with value [%.*s] as a time value: "
                        "unit is missing or unrecognized",
                        AUK_SPAN_ARG(keep->text));
    out->manual = promote && auk_span_is(promote->text, "manual");
    if (promote && !out->manual && !auk_span_is(promote->text, "auto"))
        return auk_fail(err, AUK_INVALID,
                        "[promote] must be one of [auto] or [manual] but was [%.*s]",
                        AUK_SPAN_ARG(promote->text));
    return AUK_OK;
}

auk_code auk_rebuild_read_wishes(const auk_json *body, auk_arena *arena, auk_rebuild_wishes *out,
                                 auk_error *err)
{
    *out = (auk_rebuild_wishes){0};
    auk_code code = check_members(body, err);
    if (code == AUK_OK)
        code = read_flag(body, "verify", true, &out->verify, err);
    if (code == AUK_OK)
        code = read_count(body, "max_docs_per_second", &out->docs_per_second, err);
    if (code == AUK_OK)
        code = read_count(body, "max_rejected", &out->max_rejected, err);
    if (code == AUK_OK)
        code = read_texts(body, out, err);
    if (code == AUK_OK)
        code = auk_transforms_read(auk_json_get(body, "transforms"), arena, &out->transforms, err);
    if (code == AUK_OK && auk_json_get(body, "query"))
        code = auk_query_parse(auk_json_get(body, "query"), arena, &out->query, err);
    out->queries = auk_json_get(body, "queries");
    if (code == AUK_OK && out->queries && out->queries->type != AUK_JSON_ARRAY)
        code = auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "[queries] must be a list of searches");
    return code;
}

/* ---- the next generation's body ---- */

static const auk_index_view *view_of(const auk_root *root, const auk_index *index)
{
    for (uint32_t i = 0; i < root->index_count; i++)
        if (root->indices[i]->index == index)
            return root->indices[i];
    return NULL;
}

auk_code auk_rebuild_make_body(auk_rebuild *r, auk_arena *arena, const auk_json **out,
                               auk_error *err)
{
    const auk_json *body;
    bool merge = false;
    const auk_root *root = auk_root_acquire(r->catalog);
    const auk_index_view *view = view_of(root, r->old);
    auk_code code = view ? auk_json_parse_own(r->body, arena, &body, err)
                         : auk_fail(err, AUK_NOT_FOUND, "the index is gone");
    if (code == AUK_OK)
        code = read_flag(body, "merge", false, &merge, err);
    if (code == AUK_OK)
        code = auk_generation_body(view, auk_json_get(body, "settings"),
                                   auk_json_get(body, "mappings"), merge, arena, out, err);
    auk_root_release(r->catalog, root);
    return code;
}

/* ---- names ---- */

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

/* "base-000012": answers 12 and the base; 0: no such name. */
static uint64_t number_of(auk_span name, auk_span *base)
{
    uint64_t number = 0;
    *base = name;
    if (name.size < 8 || name.data[name.size - 7] != '-' ||
        !auk_number_parse_uint64(auk_span_from(name, name.size - 6), &number))
        return 0;
    base->size = name.size - 7;
    return number;
}

static auk_code free_name(const auk_root *root, auk_span base, uint64_t *number, auk_arena *arena,
                          auk_span *out, auk_error *err)
{
    for (; *number <= 999999; ++*number) {
        *out =
            auk_arena_printf(arena, "%.*s-%06llu", AUK_SPAN_ARG(base), (unsigned long long)*number);
        if (!is_taken(root, *out))
            return AUK_OK;
    }
    return auk_fail(err, AUK_INVALID, "no name is free for a generation of [%.*s]",
                    AUK_SPAN_ARG(base));
}

/*
 * An index that is numbered and called by aliases keeps its name. Any other may be called by its
 * own, which has to become an alias.
 */
auk_code auk_rebuild_choose_names(auk_catalog *catalog, const auk_index_view *old, auk_arena *arena,
                                  auk_span *new_name, auk_span *rename, auk_error *err)
{
    auk_span base;
    auk_code code = AUK_OK;
    const auk_root *root = auk_root_acquire(catalog);
    uint64_t number = number_of(old->name, &base);
    *rename = AUK_SPAN("");
    if (number == 0 || old->alias_count == 0) {
        base = old->name;
        number = 1;
        code = free_name(root, base, &number, arena, rename, err);
    }
    number++;
    if (code == AUK_OK)
        code = free_name(root, base, &number, arena, new_name, err);
    auk_root_release(catalog, root);
    return code;
}

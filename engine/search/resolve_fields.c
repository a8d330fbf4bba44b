/* One query over several fields, named or by pattern: the best of them. */
#include "resolve_private.h"

typedef struct each_field {
    auk_resolver *resolver;
    const auk_query *leaf;
    float boost;
    bool lenient;
    auk_plan_list plans;
    const auk_plan *vacuous; /* what a field made of a text without words */
} each_field;

/* What a pattern may stand for: objects hold no values, reserved fields are named in full. */
static bool searchable(const auk_field *field)
{
    return field->type != AUK_TYPE_OBJECT && field->indexed && field->type != AUK_TYPE_BOOLEAN;
}

static void put_field(auk_query *leaf, auk_span path, bool lenient)
{
    switch (leaf->kind) {
    case AUK_QUERY_RANGE:
        leaf->u.range.field = path;
        break;
    case AUK_QUERY_TERM:
    case AUK_QUERY_PREFIX:
    case AUK_QUERY_WILDCARD:
    case AUK_QUERY_FUZZY:
    case AUK_QUERY_REGEXP:
        leaf->u.term.field = path;
        break;
    default:
        leaf->u.match.field = path;
        leaf->u.match.options.lenient = lenient;
        break;
    }
}

static auk_code add_field(each_field *each, const auk_weighted_field *in, auk_error *err)
{
    auk_query leaf = *each->leaf;
    const auk_plan *plan;
    put_field(&leaf, in->field->path, each->lenient);
    auk_code code = auk_resolve_one(each->resolver, &leaf, each->boost * in->boost, &plan, err);
    if (code == AUK_INVALID && each->lenient)
        return AUK_OK;
    if (code != AUK_OK)
        return code;
    if (plan->vacuous)
        each->vacuous = plan;
    else if (plan->kind != AUK_PLAN_NONE)
        auk_plan_list_push(each->resolver, &each->plans, plan);
    return AUK_OK;
}

/* ---- which fields ---- */

typedef struct listing {
    auk_resolver *resolver;
    auk_span suffix;
    auk_weighted_field *items;
    uint32_t count, capacity;
} listing;

/* The field, or the one whose name has the suffix behind it. */
static void list_field(listing *to, const auk_field *field, float boost)
{
    auk_arena *arena = to->resolver->arena;
    if (to->suffix.size) {
        auk_span name = auk_arena_printf(arena, "%.*s%.*s", AUK_SPAN_ARG(field->path),
                                         AUK_SPAN_ARG(to->suffix));
        const auk_field *other = auk_resolver_field(to->resolver, name);
        field = other && other->type != AUK_TYPE_OBJECT ? other : field;
    }
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 8;
        auk_weighted_field *items = AUK_ARENA_ARRAY(arena, auk_weighted_field, to->capacity);
        if (to->count)
            memcpy(items, to->items, sizeof *items * to->count);
        to->items = items;
    }
    to->items[to->count++] = (auk_weighted_field){field, boost};
}

static void list_pattern(listing *to, const auk_query_field *pattern)
{
    const auk_mapping *mapping = to->resolver->mapping;
    bool wild = pattern->name.size && memchr(pattern->name.data, '*', pattern->name.size);
    if (!wild) {
        const auk_field *field = auk_resolver_field(to->resolver, pattern->name);
        if (field && field->type != AUK_TYPE_OBJECT)
            list_field(to, field, pattern->boost);
        return;
    }
    for (uint32_t i = 0, count = auk_mapping_field_count(mapping); i < count; i++) {
        const auk_field *field = auk_mapping_field_at(mapping, i);
        if (searchable(field) && auk_pattern_matches(pattern->name, field->path))
            list_field(to, field, pattern->boost);
    }
}

void auk_resolver_list_fields(auk_resolver *resolver, const auk_query_field *names, uint32_t count,
                              auk_span suffix, auk_weighted_field **out, uint32_t *out_count,
                              bool *lenient)
{
    static const auk_query_field all = {AUK_SPAN_INIT("*"), 1.0f};
    listing to = {.resolver = resolver, .suffix = suffix};
    if (count == 0) {
        names = resolver->default_field_count ? resolver->default_fields : &all;
        count = resolver->default_field_count ? resolver->default_field_count : 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        *lenient = *lenient || auk_span_is(names[i].name, "*");
        list_pattern(&to, &names[i]);
    }
    *out = to.items;
    *out_count = to.count;
}

/* ---- all of them ---- */

auk_code auk_resolve_each_field(auk_resolver *resolver, const auk_query *query, float boost,
                                const auk_plan **out, auk_error *err)
{
    each_field each = {resolver,  query->u.each_field.leaf,
                       boost,     query->u.each_field.lenient,
                       {NULL, 0}, NULL};
    auk_weighted_field *fields;
    uint32_t count;
    auk_resolver_list_fields(resolver, query->u.each_field.fields, query->u.each_field.field_count,
                             query->u.each_field.suffix, &fields, &count, &each.lenient);
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = add_field(&each, &fields[i], err);
        if (code != AUK_OK)
            return code;
    }
    if (each.plans.count == 0) {
        *out = each.vacuous ? each.vacuous : auk_plan_none(resolver);
        return AUK_OK;
    }
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_DIS_MAX, boost);
    plan->u.dis_max.tie_breaker = query->u.each_field.tie_breaker;
    plan->u.dis_max.list = each.plans;
    *out = each.plans.count == 1 ? each.plans.items[0] : plan;
    return AUK_OK;
}

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
        leaf->u.term.field = path;
        break;
    default:
        leaf->u.match.field = path;
        leaf->u.match.options.lenient = lenient;
        break;
    }
}

static auk_code add_field(each_field *each, const auk_field *field, float boost, auk_error *err)
{
    auk_query leaf = *each->leaf;
    const auk_plan *plan;
    put_field(&leaf, field->path, each->lenient);
    auk_code code = auk_resolve_one(each->resolver, &leaf, boost, &plan, err);
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

static auk_code add_pattern(each_field *each, const auk_query_field *pattern, auk_error *err)
{
    const auk_mapping *mapping = each->resolver->mapping;
    float boost = each->boost * pattern->boost;
    bool wild = pattern->name.size && memchr(pattern->name.data, '*', pattern->name.size);
    if (!wild) {
        const auk_field *field = auk_resolver_field(each->resolver, pattern->name);
        bool none = !field || field->type == AUK_TYPE_OBJECT;
        return none ? AUK_OK : add_field(each, field, boost, err);
    }
    for (uint32_t i = 0, count = auk_mapping_field_count(mapping); i < count; i++) {
        const auk_field *field = auk_mapping_field_at(mapping, i);
        if (!searchable(field) || !auk_pattern_matches(pattern->name, field->path))
            continue;
        auk_code code = add_field(each, field, boost, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_resolve_each_field(auk_resolver *resolver, const auk_query *query, float boost,
                                const auk_plan **out, auk_error *err)
{
    static const auk_query_field all = {AUK_SPAN_INIT("*"), 1.0f};
    const auk_query_field *fields = query->u.each_field.fields;
    uint32_t count = query->u.each_field.field_count;
    each_field each = {resolver,  query->u.each_field.leaf,
                       boost,     query->u.each_field.lenient,
                       {NULL, 0}, NULL};
    if (count == 0) {
        fields = resolver->default_field_count ? resolver->default_fields : &all;
        count = resolver->default_field_count ? resolver->default_field_count : 1;
    }
    for (uint32_t i = 0; i < count; i++)
        each.lenient = each.lenient || auk_span_is(fields[i].name, "*");
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = add_pattern(&each, &fields[i], err);
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

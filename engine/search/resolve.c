#include "auk/json.h"
#include "resolve_private.h"

/* ---- reserved fields, as far as queries and sorts may name them ---- */

#define RESERVED(name, id, kind, has_terms, has_column)                                            \
    {                                                                                              \
        .path = AUK_SPAN_INIT(name), .number = id, .type = kind, .indexed = has_terms,             \
        .doc_values = has_column, .enabled = true                                                  \
    }

static const auk_field reserved[] = {
    RESERVED("_id", AUK_FIELD_ID, AUK_TYPE_KEYWORD, true, false),
    RESERVED("_seq_no", AUK_FIELD_SEQ_NO, AUK_TYPE_LONG, false, true),
    RESERVED("_version", AUK_FIELD_VERSION, AUK_TYPE_LONG, false, true),
    RESERVED("_primary_term", AUK_FIELD_PRIMARY_TERM, AUK_TYPE_LONG, false, true),
    RESERVED("_field_names", AUK_FIELD_FIELD_NAMES, AUK_TYPE_KEYWORD, true, false),
    RESERVED("_routing", AUK_FIELD_ROUTING, AUK_TYPE_KEYWORD, true, false),
    RESERVED("_ignored", AUK_FIELD_IGNORED, AUK_TYPE_KEYWORD, true, false),
};

const auk_field *auk_resolver_field(const auk_resolver *resolver, auk_span path)
{
    if (path.size && path.data[0] == '_') {
        for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
            if (auk_span_equal(path, reserved[i].path))
                return &reserved[i];
    }
    return auk_mapping_find(resolver->mapping, path);
}

/* ---- making nodes ---- */

void auk_resolver_init(auk_resolver *resolver, const auk_mapping *mapping, auk_span index,
                       int64_t now_ms, auk_arena *arena)
{
    *resolver = (auk_resolver){
        .mapping = mapping,
        .index = index,
        .scratch = auk_resolver_scratch(),
        .now_ms = now_ms,
        .arena = arena,
    };
}

auk_plan *auk_plan_create(auk_resolver *resolver, auk_plan_kind kind, float boost)
{
    auk_plan *plan = AUK_ARENA_NEW(resolver->arena, auk_plan);
    plan->kind = kind;
    plan->boost = boost;
    return plan;
}

auk_plan *auk_plan_none(auk_resolver *resolver)
{
    return auk_plan_create(resolver, AUK_PLAN_NONE, 0);
}

uint32_t auk_plan_slot_add(auk_resolver *resolver, uint16_t number, auk_span text)
{
    if (resolver->slot_count == resolver->slot_capacity) {
        uint32_t capacity = resolver->slot_capacity ? resolver->slot_capacity * 2 : 4;
        auk_plan_slot *slots = AUK_ARENA_ARRAY(resolver->arena, auk_plan_slot, capacity);
        if (resolver->slot_count)
            memcpy(slots, resolver->slots, sizeof *slots * resolver->slot_count);
        resolver->slots = slots;
        resolver->slot_capacity = capacity;
    }
    resolver->slots[resolver->slot_count] = (auk_plan_slot){.number = number, .text = text};
    return resolver->slot_count++;
}

auk_plan *auk_plan_term_create(auk_resolver *resolver, const auk_field *field, auk_span text,
                               float boost)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_TERM, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.term.text = auk_arena_copy(resolver->arena, text);
    plan->u.term.slot = auk_plan_slot_add(resolver, field->number, plan->u.term.text);
    return plan;
}

auk_plan_list auk_plan_list_create(auk_resolver *resolver, uint32_t capacity)
{
    return (auk_plan_list){AUK_ARENA_ARRAY(resolver->arena, const auk_plan *, capacity + 1), 0};
}

void auk_plan_list_add(auk_plan_list *list, const auk_plan *plan)
{
    list->items[list->count++] = plan;
}

void auk_plan_list_push(auk_resolver *resolver, auk_plan_list *list, const auk_plan *plan)
{
    if ((list->count & (list->count - 1)) == 0) { /* 0 or a power of two: full */
        auk_plan_list more = auk_plan_list_create(resolver, list->count * 2 + 1);
        if (list->count)
            memcpy(more.items, list->items, sizeof *more.items * list->count);
        list->items = more.items;
    }
    auk_plan_list_add(list, plan);
}

auk_code auk_resolver_count_clause(auk_resolver *resolver, auk_error *err)
{
    if (++resolver->clause_count <= AUK_QUERY_CLAUSE_LIMIT)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "too_many_clauses", "maxClauseCount is set to %d",
                         AUK_QUERY_CLAUSE_LIMIT);
}

auk_code auk_resolver_fail(auk_error *err, auk_code code)
{
    bool value = err && err->type && strcmp(err->type, "number_format_exception") == 0;
    if (err && code == AUK_INVALID && (err->type == NULL || value))
        err->type = "query_shard_exception"; /* which is what clients look for */
    return auk_wrap(err, code, "failed to create query");
}

size_t auk_resolver_letters(auk_span text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.size; i++)
        letters += ((uint8_t)text.data[i] & 0xc0) != 0x80;
    return letters;
}

/* ---- compounds ---- */

static auk_code resolve_list(auk_resolver *resolver, const auk_query_list *queries, float boost,
                             auk_plan_list *out, auk_error *err)
{
    *out = (auk_plan_list){NULL, 0};
    if (queries->count == 0)
        return AUK_OK;
    *out = auk_plan_list_create(resolver, queries->count);
    for (uint32_t i = 0; i < queries->count; i++) {
        const auk_plan *plan;
        auk_code code = auk_resolve_one(resolver, queries->items[i], boost, &plan, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_add(out, plan);
    }
    return AUK_OK;
}

const auk_plan *auk_plan_simplify(auk_resolver *resolver, auk_plan *plan)
{
    const auk_plan_list *must = &plan->u.boolean.must, *filter = &plan->u.boolean.filter;
    const auk_plan_list *should = &plan->u.boolean.should;
    uint32_t all = must->count + filter->count + should->count + plan->u.boolean.must_not.count;
    if (all != 1)
        return plan;
    if (must->count)
        return must->items[0];
    if (should->count && plan->u.boolean.minimum <= 1)
        return should->items[0];
    if (filter->count) {
        auk_plan *constant = auk_plan_create(resolver, AUK_PLAN_CONSTANT, 0);
        constant->u.constant.child = filter->items[0];
        return constant;
    }
    return plan;
}

/* The clause of a bool that has but one, and is that clause; NULL: it takes more to make it. */
static const auk_query *only_clause(const auk_query *query)
{
    const auk_query_list *must = &query->u.boolean.must, *should = &query->u.boolean.should;
    if (must->count + should->count != 1 || query->u.boolean.minimum_should_match.size > 0 ||
        query->u.boolean.filter.count + query->u.boolean.must_not.count > 0)
        return NULL;
    return must->count ? must->items[0] : should->items[0];
}

static auk_code resolve_bool(auk_resolver *resolver, const auk_query *query, float boost,
                             const auk_plan **out, auk_error *err)
{
    const auk_query *only = only_clause(query);
    if (only)
        return auk_resolve_one(resolver, only, boost, out, err);
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    struct {
        const auk_query_list *from;
        auk_plan_list *to;
    } lists[] = {
        {&query->u.boolean.must, &plan->u.boolean.must},
        {&query->u.boolean.filter, &plan->u.boolean.filter},
        {&query->u.boolean.should, &plan->u.boolean.should},
        {&query->u.boolean.must_not, &plan->u.boolean.must_not},
    };
    for (size_t i = 0; i < 4; i++) {
        auk_code code = resolve_list(resolver, lists[i].from, boost, lists[i].to, err);
        if (code != AUK_OK)
            return code;
    }
    bool required = plan->u.boolean.must.count + plan->u.boolean.filter.count > 0;
    uint32_t optional = plan->u.boolean.should.count;
    if (!required && optional == 0) {
        auk_plan *all = auk_plan_create(resolver, AUK_PLAN_ALL, boost);
        *out = all;
        if (plan->u.boolean.must_not.count == 0)
            return AUK_OK;
        plan->u.boolean.filter = auk_plan_list_create(resolver, 1);
        auk_plan_list_add(&plan->u.boolean.filter, all);
    }
    if (query->u.boolean.minimum_should_match.size) {
        auk_code code = auk_minimum_should_match(query->u.boolean.minimum_should_match, optional,
                                                 &plan->u.boolean.minimum, err);
        if (code != AUK_OK)
            return code;
    }
    if (!required && optional && plan->u.boolean.minimum == 0)
        plan->u.boolean.minimum = 1;
    *out = auk_plan_simplify(resolver, plan);
    return AUK_OK;
}

static auk_code resolve_dis_max(auk_resolver *resolver, const auk_query *query, float boost,
                                const auk_plan **out, auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_DIS_MAX, boost);
    plan->u.dis_max.tie_breaker = query->u.dis_max.tie_breaker;
    *out = plan;
    auk_code code =
        resolve_list(resolver, &query->u.dis_max.queries, boost, &plan->u.dis_max.list, err);
    if (code == AUK_OK && plan->u.dis_max.list.count == 1)
        *out = plan->u.dis_max.list.items[0];
    return code;
}

static auk_code resolve_constant(auk_resolver *resolver, const auk_query *query, float boost,
                                 const auk_plan **out, auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_CONSTANT, boost);
    *out = plan;
    return auk_resolve_one(resolver, query->u.constant_score.filter, boost, &plan->u.constant.child,
                           err);
}

static auk_code resolve_all(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err)
{
    (void)query, (void)err;
    *out = auk_plan_create(resolver, AUK_PLAN_ALL, boost);
    return AUK_OK;
}

static auk_code resolve_none(auk_resolver *resolver, const auk_query *query, float boost,
                             const auk_plan **out, auk_error *err)
{
    (void)query, (void)err, (void)boost;
    *out = auk_plan_none(resolver);
    return AUK_OK;
}

/* ---- dispatch ---- */

typedef auk_code (*resolve_function)(auk_resolver *, const auk_query *, float, const auk_plan **,
                                     auk_error *);

static const resolve_function functions[] = {
    [AUK_QUERY_MATCH_ALL] = resolve_all,
    [AUK_QUERY_MATCH_NONE] = resolve_none,
    [AUK_QUERY_MATCH] = auk_resolve_match,
    [AUK_QUERY_MATCH_PHRASE] = auk_resolve_match,
    [AUK_QUERY_MATCH_PHRASE_PREFIX] = auk_resolve_match,
    [AUK_QUERY_MATCH_BOOL_PREFIX] = auk_resolve_match,
    [AUK_QUERY_MULTI_MATCH] = auk_resolve_multi_match,
    [AUK_QUERY_TERM] = auk_resolve_term,
    [AUK_QUERY_TERMS] = auk_resolve_terms,
    [AUK_QUERY_RANGE] = auk_resolve_range,
    [AUK_QUERY_PREFIX] = auk_resolve_prefix,
    [AUK_QUERY_WILDCARD] = auk_resolve_wildcard,
    [AUK_QUERY_FUZZY] = auk_resolve_fuzzy,
    [AUK_QUERY_REGEXP] = auk_resolve_regexp,
    [AUK_QUERY_EXISTS] = auk_resolve_exists,
    [AUK_QUERY_IDS] = auk_resolve_ids,
    [AUK_QUERY_BOOL] = resolve_bool,
    [AUK_QUERY_CONSTANT_SCORE] = resolve_constant,
    [AUK_QUERY_DIS_MAX] = resolve_dis_max,
    [AUK_QUERY_EACH_FIELD] = auk_resolve_each_field,
    [AUK_QUERY_CHAIN] = auk_resolve_chain,
    [AUK_QUERY_STEPS] = auk_resolve_steps,
};

auk_code auk_resolve_one(auk_resolver *resolver, const auk_query *query, float boost,
                         const auk_plan **out, auk_error *err)
{
    const auk_plan *plan = NULL;
    auk_code code = auk_resolver_count_clause(resolver, err);
    if (code == AUK_OK)
        code = functions[query->kind](resolver, query, boost * query->boost, &plan, err);
    if (code != AUK_OK)
        return code;
    if (query->name.size) {
        /* A wrapper of its own: the plan may be that of a clause with another name. */
        auk_plan *named = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, plan->boost);
        named->name = query->name;
        named->u.boolean.must = auk_plan_list_create(resolver, 1);
        auk_plan_list_add(&named->u.boolean.must, plan);
        plan = named;
    }
    *out = plan;
    return AUK_OK;
}

auk_code auk_resolve(auk_resolver *resolver, const auk_query *query, const auk_plan **out,
                     auk_error *err)
{
    if (query)
        return auk_resolve_one(resolver, query, 1.0f, out, err);
    *out = auk_plan_create(resolver, AUK_PLAN_ALL, 1.0f);
    return AUK_OK;
}

const auk_plan *auk_plan_filtered(auk_resolver *resolver, const auk_plan *plan,
                                  const auk_plan *filter)
{
    if (!filter)
        return plan;
    auk_plan *both = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, plan->boost);
    both->u.boolean.must = auk_plan_list_create(resolver, 1);
    both->u.boolean.filter = auk_plan_list_create(resolver, 1);
    auk_plan_list_add(&both->u.boolean.must, plan);
    auk_plan_list_add(&both->u.boolean.filter, filter);
    return both;
}

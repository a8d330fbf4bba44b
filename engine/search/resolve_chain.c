/* The clauses of query strings become bools, as Lucene's two parsers make them. */
#include "resolve_private.h"

/* ---- query_string ---- */

typedef enum occur { OCCUR_SHOULD, OCCUR_MUST, OCCUR_MUST_NOT } occur;

typedef struct clause {
    const auk_plan *plan;
    occur occur;
} clause;

typedef struct clauses {
    clause *items;
    uint32_t count, capacity;
    auk_arena *arena;
} clauses;

static void add(clauses *to, const auk_plan *plan, occur how)
{
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 8;
        clause *items = AUK_ARENA_ARRAY(to->arena, clause, to->capacity);
        if (to->count)
            memcpy(items, to->items, sizeof *items * to->count);
        to->items = items;
    }
    to->items[to->count++] = (clause){plan, how};
}

/* What AND and OR say about the clause in front of them. */
static void amend_last(clauses *to, const auk_query_link *link, bool all)
{
    clause *last = to->count ? &to->items[to->count - 1] : NULL;
    if (!last || last->occur == OCCUR_MUST_NOT)
        return;
    if (link->with_and)
        last->occur = OCCUR_MUST;
    else if (all && link->with_or)
        last->occur = OCCUR_SHOULD;
}

static occur occur_of(const auk_query_link *link, bool all)
{
    if (link->prohibited)
        return OCCUR_MUST_NOT;
    bool required = all ? !link->with_or : link->required || link->with_and;
    return required ? OCCUR_MUST : OCCUR_SHOULD;
}

/* Of a plan of words in a row on one field: its clauses; NULL: it is one itself. */
static const auk_plan_list *parts_of(const auk_plan *plan)
{
    if (plan->kind != AUK_PLAN_BOOLEAN || plan->name.size || plan->u.boolean.filter.count ||
        plan->u.boolean.must_not.count || plan->u.boolean.minimum > 1)
        return NULL;
    if (plan->u.boolean.must.count)
        return plan->u.boolean.should.count ? NULL : &plan->u.boolean.must;
    return &plan->u.boolean.should;
}

static void add_words(clauses *to, const auk_plan *plan, bool all)
{
    const auk_plan_list *parts = parts_of(plan);
    if (!parts) {
        add(to, plan, all ? OCCUR_MUST : OCCUR_SHOULD);
        return;
    }
    for (uint32_t i = 0; i < parts->count; i++)
        add(to, parts->items[i], all ? OCCUR_MUST : OCCUR_SHOULD);
}

static auk_code gather(auk_resolver *resolver, const auk_query *query, float boost, clauses *to,
                       const auk_plan **first, auk_error *err)
{
    bool all = query->u.chain.operator== AUK_OPERATOR_AND;
    for (uint32_t i = 0; i < query->u.chain.count; i++) {
        const auk_query_link *link = &query->u.chain.items[i];
        const auk_plan *plan;
        auk_code code = auk_resolve_one(resolver, link->query, boost, &plan, err);
        if (code != AUK_OK)
            return code;
        amend_last(to, link, all);
        if (plan->vacuous)
            continue;
        if (i == 0 && !link->required && !link->prohibited)
            *first = plan;
        if (link->several)
            add_words(to, plan, all);
        else
            add(to, plan, occur_of(link, all));
    }
    return AUK_OK;
}

static const auk_plan *says_nothing(auk_resolver *resolver)
{
    auk_plan *none = auk_plan_none(resolver);
    none->vacuous = true;
    return none;
}

/* Of a query string that only says what is not wanted: everything else; of a part of one: nothing,
 * as in Lucene. */
static void only_prohibited(auk_resolver *resolver, const auk_query *query, auk_plan *plan)
{
    auk_plan *other =
        query->u.chain.whole ? auk_plan_create(resolver, AUK_PLAN_ALL, 0) : auk_plan_none(resolver);
    plan->u.boolean.filter = auk_plan_list_create(resolver, 1);
    auk_plan_list_add(&plan->u.boolean.filter, other);
}

static auk_code bool_of(auk_resolver *resolver, const auk_query *query, const clauses *from,
                        float boost, const auk_plan **out, auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    auk_plan_list *lists[] = {
        [OCCUR_SHOULD] = &plan->u.boolean.should,
        [OCCUR_MUST] = &plan->u.boolean.must,
        [OCCUR_MUST_NOT] = &plan->u.boolean.must_not,
    };
    for (uint32_t i = 0; i < from->count; i++)
        auk_plan_list_push(resolver, lists[from->items[i].occur], from->items[i].plan);
    uint32_t optional = plan->u.boolean.should.count;
    if (plan->u.boolean.must.count + optional == 0)
        only_prohibited(resolver, query, plan);
    if (query->u.chain.minimum_should_match.size && optional) {
        auk_code code = auk_minimum_should_match(query->u.chain.minimum_should_match, optional,
                                                 &plan->u.boolean.minimum, err);
        if (code != AUK_OK)
            return code;
    }
    if (plan->u.boolean.must.count == 0 && optional && plan->u.boolean.minimum == 0)
        plan->u.boolean.minimum = 1;
    *out = auk_plan_simplify(resolver, plan);
    return AUK_OK;
}

auk_code auk_resolve_chain(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    clauses found = {.arena = resolver->arena};
    const auk_plan *first = NULL;
    auk_code code = gather(resolver, query, boost, &found, &first, err);
    if (code != AUK_OK)
        return code;
    if (found.count == 0) {
        *out = says_nothing(resolver);
        return AUK_OK;
    }
    if (found.count == 1 && first) {
        *out = first;
        return AUK_OK;
    }
    return bool_of(resolver, query, &found, boost, out, err);
}

/* ---- simple_query_string ---- */

typedef struct tree {
    auk_resolver *resolver;
    float boost;
    const auk_plan *top;
    auk_plan *open; /* top, while clauses of its kind are added */
    enum { NO_STEP, STEP_AND, STEP_OR } last, next;
} tree;

static const auk_plan *negated(const tree *at, const auk_plan *plan)
{
    auk_plan *not = auk_plan_create(at->resolver, AUK_PLAN_BOOLEAN, at->boost);
    not ->u.boolean.minimum = 1;
    auk_plan_list_push(at->resolver, &not ->u.boolean.must_not, plan);
    auk_plan_list_push(at->resolver, &not ->u.boolean.should,
                       auk_plan_create(at->resolver, AUK_PLAN_ALL, at->boost));
    return not ;
}

static void push(tree *at, const auk_plan *plan)
{
    auk_plan_list *list =
        at->next == STEP_AND ? &at->open->u.boolean.must : &at->open->u.boolean.should;
    auk_plan_list_push(at->resolver, list, plan);
}

/* A change of operators makes what is there a clause of a new bool. */
static void grow(tree *at, const auk_plan *plan)
{
    if (!at->top) {
        at->top = plan;
    } else {
        if (at->last != at->next) {
            const auk_plan *before = at->top;
            at->top = at->open = auk_plan_create(at->resolver, AUK_PLAN_BOOLEAN, at->boost);
            at->open->u.boolean.minimum = at->next == STEP_OR ? 1 : 0;
            push(at, before);
        }
        push(at, plan);
        at->last = at->next;
    }
    at->next = NO_STEP;
}

static auk_code enough(const auk_query *query, tree *at, auk_error *err)
{
    if (!query->u.chain.minimum_should_match.size || !at->open || at->open != at->top ||
        at->open->u.boolean.should.count == 0)
        return AUK_OK;
    uint32_t minimum;
    auk_code code = auk_minimum_should_match(query->u.chain.minimum_should_match,
                                             at->open->u.boolean.should.count, &minimum, err);
    if (code == AUK_OK && minimum > 0)
        at->open->u.boolean.minimum = minimum;
    return code;
}

auk_code auk_resolve_steps(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    tree at = {.resolver = resolver, .boost = boost};
    bool all = query->u.chain.operator== AUK_OPERATOR_AND;
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < query->u.chain.count && code == AUK_OK; i++) {
        const auk_query_link *link = &query->u.chain.items[i];
        const auk_plan *plan = NULL;
        if (at.top && at.next == NO_STEP && (link->with_and || link->with_or))
            at.next = link->with_and ? STEP_AND : STEP_OR;
        if (!link->query) {
            at.next = NO_STEP;
            continue;
        }
        code = auk_resolve_one(resolver, link->query, boost, &plan, err);
        if (code != AUK_OK || plan->vacuous)
            continue;
        if (at.top && at.next == NO_STEP)
            at.next = all ? STEP_AND : STEP_OR;
        grow(&at, link->prohibited ? negated(&at, plan) : plan);
    }
    if (code == AUK_OK)
        code = enough(query, &at, err);
    *out = at.top ? at.top : says_nothing(resolver);
    return code;
}

/* The seam of aggregation.h while no kind of aggregation is known: each is refused by its name. */
#include "aggregation.h"

auk_code auk_aggregation_charge(const auk_aggregation_environment *environment, size_t bytes,
                                auk_error *err)
{
    auk_code code = auk_budget_charge(environment->budget, AUK_PURPOSE_SEARCH, bytes, err);
    if (code == AUK_OK)
        atomic_fetch_add(environment->charged, bytes);
    return code;
}

auk_code auk_aggregations_parse(const auk_json *body, auk_arena *arena, const auk_aggregation **out,
                                uint32_t *count, auk_error *err)
{
    (void)arena;
    *out = NULL;
    *count = 0;
    const auk_json *first = body->child;
    if (!first)
        return AUK_OK;
    auk_span kind = first->child ? first->child->key : first->key;
    return auk_fail_type(err, AUK_INVALID, "parsing_exception", "Unknown aggregation type [%.*s]",
                         AUK_SPAN_ARG(kind));
}

static auk_code refuse(auk_error *err)
{
    return auk_fail(err, AUK_INVALID, "no kind of aggregation is known");
}

auk_code auk_aggregations_prepare(const auk_aggregation *aggregations, uint32_t count,
                                  auk_resolver *resolver,
                                  const auk_aggregation_environment *environment,
                                  const auk_aggregation_set **out, auk_error *err)
{
    (void)aggregations, (void)count, (void)resolver, (void)environment, (void)out;
    return refuse(err);
}

auk_code auk_aggregation_open(const auk_aggregation_set *set, const auk_segment_view *view,
                              auk_arena *arena, auk_aggregation_collector **out, auk_error *err)
{
    (void)set, (void)view, (void)arena, (void)out;
    return refuse(err);
}

auk_code auk_aggregation_collect(auk_aggregation_collector *collector, const auk_doc *docs,
                                 uint32_t count, auk_error *err)
{
    (void)collector, (void)docs, (void)count;
    return refuse(err);
}

auk_code auk_aggregation_finish(auk_aggregation_collector *collector, auk_aggregation_result **out,
                                auk_error *err)
{
    (void)collector, (void)out;
    return refuse(err);
}

auk_code auk_aggregations_merge(const auk_aggregation *aggregations, uint32_t count,
                                auk_aggregation_result *const *results, uint32_t result_count,
                                const auk_aggregation_environment *environment, auk_arena *arena,
                                auk_aggregation_result **out, auk_error *err)
{
    (void)aggregations, (void)count, (void)results, (void)result_count, (void)environment;
    (void)arena, (void)out;
    return refuse(err);
}

auk_code auk_aggregations_write(const auk_aggregation *aggregations, uint32_t count,
                                const auk_aggregation_result *result, bool typed_keys,
                                auk_json_writer *out, auk_error *err)
{
    (void)aggregations, (void)count, (void)result, (void)typed_keys, (void)out;
    return refuse(err);
}

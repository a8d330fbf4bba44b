#include "auk/search.h"

#include "filter.h"

struct auk_matcher {
    auk_filter *filter;
};

auk_code auk_matcher_open(const auk_search_target *target, uint32_t segment, const auk_query *query,
                          int64_t now_ms, auk_arena *arena, auk_matcher **out, auk_error *err)
{
    auk_resolver resolver;
    const auk_plan *plan;
    auk_matcher *matcher = AUK_ARENA_NEW(arena, auk_matcher);
    auk_resolver_init(&resolver, target->mapping, target->index, now_ms, arena);
    resolver.shards = target->shards;
    resolver.shard_count = target->shard_count;
    resolver.max_terms_count = target->max_terms_count;
    resolver.max_regex_length = target->max_regex_length;
    *out = matcher;
    auk_code code = auk_resolve(&resolver, query, &plan, err);
    if (code != AUK_OK)
        return code;
    return auk_filter_open(plan, &target->shards[0]->segments[segment], arena, &matcher->filter,
                           err);
}

uint32_t auk_matcher_keep(auk_matcher *matcher, const auk_doc *docs, uint32_t count, auk_doc *out)
{
    return auk_filter_keep(matcher->filter, docs, count, out);
}

auk_code auk_matcher_status(const auk_matcher *matcher, auk_error *err)
{
    return auk_filter_status(matcher->filter, err);
}

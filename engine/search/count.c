/* How many match: a search that wants no hit. */
#include "auk/search.h"

auk_code auk_search_count(const auk_search_target *targets, uint32_t target_count,
                          const auk_query *query, const auk_search_context *context,
                          auk_arena *arena, uint64_t *out, auk_error *err)
{
    auk_search_request request;
    auk_search_result result;
    auk_search_request_init(&request);
    request.query = query;
    request.size = 0;
    request.track_total_hits = INT64_MAX;
    auk_code code = auk_search_run(targets, target_count, &request, context, arena, &result, err);
    if (code == AUK_OK)
        *out = result.total;
    return code;
}

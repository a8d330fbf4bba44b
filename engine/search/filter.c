#include "filter.h"

#include "scorer.h"

struct auk_filter {
    auk_scorer *scorer; /* NULL: nothing matches */
};

auk_code auk_filter_open(const auk_plan *plan, const auk_segment_view *view, auk_arena *arena,
                         auk_filter **out, auk_error *err)
{
    auk_filter *filter = AUK_ARENA_NEW(arena, auk_filter);
    auk_scorer_context context = {.view = view, .arena = arena};
    *out = filter;
    return auk_scorer_open(plan, &context, &filter->scorer, err);
}

uint32_t auk_filter_keep(auk_filter *filter, const auk_doc *docs, uint32_t count, auk_doc *out)
{
    if (!filter->scorer || count == 0)
        return 0;
    memcpy(out, docs, sizeof *out * count);
    return auk_scorer_retain(filter->scorer, out, NULL, count, true);
}

auk_code auk_filter_status(const auk_filter *filter, auk_error *err)
{
    auk_code code = auk_scorer_status(filter->scorer);
    return code == AUK_OK ? code : auk_fail(err, code, "a list of a filter is damaged");
}

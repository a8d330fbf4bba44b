#include "binding.h"

#include "auk/error.h"

auk_code auk_analyzer_bind(const auk_builder *builder, auk_analyzer *analyzer, auk_error *err)
{
    for (size_t i = 0; i < analyzer->filter_count; i++) {
        auk_component *filter = &analyzer->filters[i];
        if (!filter->type->bind)
            continue;
        auk_analyzer before = *analyzer;
        before.filter_count = i;
        auk_binding binding = {builder, &before, builder->arena};
        auk_code code = filter->type->bind(&binding, filter->state, &filter->state, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_binding_chain_for_synonyms(const auk_binding *binding, auk_analyzer *out,
                                        auk_error *err)
{
    *out = *binding->before;
    out->filters = AUK_ARENA_ARRAY(binding->arena, auk_component, out->filter_count + 1);
    out->filter_count = 0;
    for (size_t i = 0; i < binding->before->filter_count; i++) {
        const auk_component *filter = &binding->before->filters[i];
        if (filter->type->flags & AUK_COMPONENT_SPLITTING)
            return auk_fail(err, AUK_INVALID,
                            "Token filter [%.*s] cannot be used to parse synonyms",
                            AUK_SPAN_ARG(filter->name));
        if (!(filter->type->flags & AUK_COMPONENT_NOT_FOR_SYNONYMS))
            out->filters[out->filter_count++] = *filter;
    }
    return AUK_OK;
}

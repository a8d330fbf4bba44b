#include "binding.h"

#include "auk/error.h"
#include "filters/filters.h"
#include "tokenizers/tokenizers.h"

#define DEPTH_LIMIT  16
#define NESTED_LIMIT 4096

/* How long a plain word may be for auk_analyzer_run_word. */
static size_t word_most(const auk_analyzer *analyzer)
{
    if (analyzer->char_filter_count > 0 || analyzer->filter_count != 1 ||
        analyzer->tokenizer.type != &auk_tokenizer_standard ||
        !auk_filter_is_plain_lowercase(&analyzer->filters[0]))
        return 0;
    size_t most = auk_tokenizer_standard_most(analyzer->tokenizer.state);
    return most < AUK_ANALYZER_WORD_MOST ? most : AUK_ANALYZER_WORD_MOST;
}

auk_code auk_analyzer_bind(const auk_builder *builder, auk_analyzer *analyzer, auk_error *err)
{
    unsigned nested = 0;
    for (size_t i = 0; i < analyzer->filter_count; i++) {
        auk_component *filter = &analyzer->filters[i];
        if (!filter->type->bind)
            continue;
        auk_analyzer before = *analyzer;
        before.filter_count = i;
        auk_binding binding = {.builder = builder,
                               .before = &before,
                               .arena = builder->arena,
                               .name = filter->name,
                               .nested = &nested};
        auk_code code = filter->type->bind(&binding, filter->state, &filter->state, err);
        if (code != AUK_OK)
            return code;
    }
    analyzer->word_most = word_most(analyzer);
    return AUK_OK;
}

static auk_code check_nesting(const auk_binding *binding, auk_span name, auk_error *err)
{
    unsigned depth = 1;
    for (const auk_binding *outer = binding; outer; outer = outer->outer, depth++)
        if (auk_span_equal(outer->name, name))
            return auk_fail(err, AUK_INVALID, "Token filter [%.*s] refers to itself",
                            AUK_SPAN_ARG(name));
    if (depth > DEPTH_LIMIT)
        return auk_fail(err, AUK_INVALID,
                        "Token filter [%.*s] is nested more than [%d] levels deep",
                        AUK_SPAN_ARG(name), DEPTH_LIMIT);
    return AUK_OK;
}

auk_code auk_binding_nest(const auk_binding *binding, auk_span name, auk_component *out,
                          auk_error *err)
{
    if (++*binding->nested > NESTED_LIMIT)
        return auk_fail(err, AUK_INVALID,
                        "Token filter [%.*s] brings more than [%d] filters within filters",
                        AUK_SPAN_ARG(binding->name), NESTED_LIMIT);
    auk_code code = auk_builder_find(binding->builder, AUK_COMPONENT_FILTER, name, out, err);
    if (code != AUK_OK || !out->type || !out->type->bind)
        return code;
    code = check_nesting(binding, name, err);
    if (code != AUK_OK)
        return code;
    auk_binding inner = *binding;
    inner.name = name;
    inner.outer = binding;
    return out->type->bind(&inner, out->state, &out->state, err);
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

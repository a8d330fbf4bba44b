/* Words at one place in several fields that are searched as one. */
#include <stdlib.h>

#include "words.h"

const auk_plan *auk_words_best(const auk_words *words, const auk_plan_list *plans)
{
    if (plans->count == 0)
        return auk_plan_none(words->resolver);
    if (plans->count == 1)
        return plans->items[0];
    auk_plan *best = auk_plan_create(words->resolver, AUK_PLAN_DIS_MAX, words->boost);
    best->u.dis_max.tie_breaker = words->across->tie_breaker;
    best->u.dis_max.list = *plans;
    return best;
}

static bool holds_words(const auk_field *field)
{
    return field->type == AUK_TYPE_TEXT || field->type == AUK_TYPE_KEYWORD;
}

/* Terms that share their statistics; their slots follow each other. */
static auk_code blended_of(const auk_words *words, const auk_token *tokens, size_t count,
                           auk_plan_list *out, auk_error *err)
{
    auk_resolver *resolver = words->resolver;
    resolver->blend_count++;
    for (uint32_t f = 0; f < words->across->count; f++) {
        const auk_weighted_field *in = &words->across->fields[f];
        for (size_t i = 0; holds_words(in->field) && i < count; i++) {
            auk_plan *term = auk_plan_term_create(resolver, in->field, auk_token_text(&tokens[i]),
                                                  words->boost * in->boost);
            resolver->slots[term->u.term.slot].blend = resolver->blend_count;
            resolver->slots[term->u.term.slot].blends_fields = true;
            auk_plan_list_push(resolver, out, term);
            auk_code code = auk_resolver_count_clause(resolver, err);
            if (code != AUK_OK)
                return code;
        }
    }
    return AUK_OK;
}

/* Numbers, dates: a word is a value there. */
static auk_code values_of(const auk_words *words, const auk_token *tokens, size_t count,
                          auk_plan_list *out, auk_error *err)
{
    auk_resolver *resolver = words->resolver;
    for (uint32_t f = 0; f < words->across->count; f++) {
        const auk_weighted_field *in = &words->across->fields[f];
        for (size_t i = 0; !holds_words(in->field) && i < count; i++) {
            const auk_plan *plan;
            auk_json *value = AUK_ARENA_NEW(resolver->arena, auk_json);
            value->type = AUK_JSON_STRING;
            value->text = auk_arena_copy(resolver->arena, auk_token_text(&tokens[i]));
            auk_code code =
                auk_resolve_value(resolver, in->field, value, words->boost * in->boost, &plan, err);
            if (code == AUK_INVALID && words->across->lenient)
                continue;
            if (code != AUK_OK)
                return code;
            auk_plan_list_push(resolver, out, plan);
        }
    }
    return AUK_OK;
}

static int by_word(const void *a, const void *b)
{
    return auk_span_compare(auk_token_text(a), auk_token_text(b));
}

auk_code auk_words_place_across(const auk_words *words, const auk_token *items, size_t count,
                                const auk_plan **out, auk_error *err)
{
    auk_plan_list blended = {NULL, 0}, all = {NULL, 0};
    auk_token *tokens = AUK_ARENA_ARRAY(words->resolver->arena, auk_token, count);
    memcpy(tokens, items, count * sizeof *tokens);
    qsort(tokens, count, sizeof *tokens, by_word); /* the same words, the same clause */
    auk_code code = blended_of(words, tokens, count, &blended, err);
    if (code == AUK_OK)
        code = values_of(words, tokens, count, &all, err);
    if (code != AUK_OK)
        return code;
    if (blended.count)
        auk_plan_list_push(words->resolver, &all, auk_words_best(words, &blended));
    *out = auk_words_best(words, &all);
    return AUK_OK;
}

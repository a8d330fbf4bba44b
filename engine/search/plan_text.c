#include "plan_text.h"

auk_span auk_plan_shown_float(auk_arena *arena, float value)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, 64);
    auk_json_writer_init(&writer, &text, false);
    auk_json_float(&writer, value);
    auk_span shown = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return shown;
}

static auk_span field_name(const auk_plan *plan)
{
    return plan->field ? plan->field->path : AUK_SPAN("_field_names");
}

/* A term as it is shown: numbers as numbers. */
static auk_span shown_term(auk_arena *arena, const auk_plan *plan, auk_span term)
{
    if (!plan->field ||
        (plan->field->type != AUK_TYPE_IP && !auk_field_type_is_numeric(plan->field->type)))
        return term;
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, 4096);
    auk_json_writer_init(&writer, &text, false);
    auk_field_write_term(plan->field, term, &writer);
    auk_span shown = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return shown;
}

static void describe(auk_arena *arena, const auk_plan *plan, auk_buffer *out);

static void describe_list(auk_arena *arena, const auk_plan_list *list, const char *mark,
                          auk_buffer *out)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (out->size && out->data[out->size - 1] != '(')
            auk_buffer_append_byte(out, ' ');
        auk_buffer_append_text(out, mark);
        bool nested = list->items[i]->kind == AUK_PLAN_BOOLEAN;
        if (nested)
            auk_buffer_append_byte(out, '(');
        describe(arena, list->items[i], out);
        if (nested)
            auk_buffer_append_byte(out, ')');
    }
}

static void describe_phrase(const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_printf(out, "%.*s:\"", AUK_SPAN_ARG(field));
    uint32_t position = plan->u.phrase.terms[0].position;
    for (uint32_t i = 0; i < plan->u.phrase.count; i++) {
        const auk_plan_term *term = &plan->u.phrase.terms[i];
        for (; i > 0 && position < term->position; position++)
            auk_buffer_append_text(out, position + 1 == term->position ? " " : " ?");
        auk_buffer_append(out, term->text);
    }
    auk_buffer_append_byte(out, '"');
    if (plan->u.phrase.slop)
        auk_buffer_printf(out, "~%u", plan->u.phrase.slop);
}

static void describe_synonym(const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_append_text(out, "Synonym(");
    for (uint32_t i = 0; i < plan->u.synonym.count; i++) {
        auk_buffer_printf(out, "%s%.*s:", i ? " " : "", AUK_SPAN_ARG(field));
        auk_buffer_append(out, plan->u.synonym.terms[i].text);
    }
    auk_buffer_append_byte(out, ')');
}

static void describe_terms(auk_arena *arena, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_printf(out, "%.*s:", AUK_SPAN_ARG(field));
    if (plan->u.terms.count != 1)
        auk_buffer_append_byte(out, '(');
    for (uint32_t i = 0; i < plan->u.terms.count; i++) {
        if (i)
            auk_buffer_append_byte(out, ' ');
        auk_buffer_append(out, shown_term(arena, plan, plan->u.terms.items[i]));
    }
    if (plan->u.terms.count != 1)
        auk_buffer_append_byte(out, ')');
}

static void describe_end(auk_arena *arena, const auk_plan *plan, bool lower, auk_buffer *out)
{
    auk_span term = lower ? plan->u.range.from_term : plan->u.range.to_term;
    if (plan->u.range.numeric) {
        char bytes[8];
        auk_number_to_term(lower ? plan->u.range.from : plan->u.range.to, bytes);
        term = auk_span_make(bytes, sizeof bytes);
    }
    if (term.data)
        auk_buffer_append(out, shown_term(arena, plan, term));
    else
        auk_buffer_append_byte(out, '*');
}

static void describe_range(auk_arena *arena, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    bool numeric = plan->u.range.numeric;
    auk_buffer_printf(out, "%.*s:%c", AUK_SPAN_ARG(field),
                      numeric || plan->u.range.include_from ? '[' : '{');
    describe_end(arena, plan, true, out);
    auk_buffer_append_text(out, " TO ");
    describe_end(arena, plan, false, out);
    auk_buffer_append_byte(out, numeric || plan->u.range.include_to ? ']' : '}');
}

static void describe_dis_max(auk_arena *arena, const auk_plan *plan, auk_buffer *out)
{
    auk_buffer_append_byte(out, '(');
    for (uint32_t i = 0; i < plan->u.dis_max.list.count; i++) {
        if (i)
            auk_buffer_append_text(out, " | ");
        describe(arena, plan->u.dis_max.list.items[i], out);
    }
    auk_buffer_append_byte(out, ')');
    if (plan->u.dis_max.tie_breaker != 0)
        auk_buffer_printf(out, "~%.*s",
                          AUK_SPAN_ARG(auk_plan_shown_float(arena, plan->u.dis_max.tie_breaker)));
}

static void describe(auk_arena *arena, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    switch (plan->kind) {
    case AUK_PLAN_NONE:
        auk_buffer_append_text(out, "MatchNoDocsQuery(\"\")");
        break;
    case AUK_PLAN_ALL:
        auk_buffer_append_text(out, "*:*");
        break;
    case AUK_PLAN_TERM:
        auk_buffer_printf(out, "%.*s:", AUK_SPAN_ARG(field));
        auk_buffer_append(out, shown_term(arena, plan, plan->u.term.text));
        break;
    case AUK_PLAN_SYNONYM:
        describe_synonym(plan, out);
        break;
    case AUK_PLAN_PHRASE:
        describe_phrase(plan, out);
        break;
    case AUK_PLAN_BOOLEAN:
        describe_list(arena, &plan->u.boolean.must, "+", out);
        describe_list(arena, &plan->u.boolean.filter, "#", out);
        describe_list(arena, &plan->u.boolean.should, "", out);
        describe_list(arena, &plan->u.boolean.must_not, "-", out);
        break;
    case AUK_PLAN_DIS_MAX:
        describe_dis_max(arena, plan, out);
        break;
    case AUK_PLAN_CONSTANT:
        auk_buffer_append_text(out, "ConstantScore(");
        describe(arena, plan->u.constant.child, out);
        auk_buffer_append_byte(out, ')');
        break;
    case AUK_PLAN_TERMS:
    case AUK_PLAN_IDS:
        describe_terms(arena, plan, out);
        break;
    case AUK_PLAN_PREFIX:
        auk_buffer_printf(out, "%.*s:%.*s*", AUK_SPAN_ARG(field),
                          AUK_SPAN_ARG(plan->u.prefix.text));
        break;
    case AUK_PLAN_WILDCARD:
        auk_buffer_printf(out, "%.*s:%.*s", AUK_SPAN_ARG(field), AUK_SPAN_ARG(plan->u.prefix.text));
        break;
    case AUK_PLAN_REGEXP:
        auk_buffer_printf(out, "%.*s:/%.*s/", AUK_SPAN_ARG(field),
                          AUK_SPAN_ARG(plan->u.regexp.text));
        break;
    case AUK_PLAN_RANGE:
        describe_range(arena, plan, out);
        break;
    }
}

auk_span auk_plan_text(auk_arena *arena, const auk_plan *plan, const char *before,
                       const char *after)
{
    auk_buffer text;
    auk_buffer_init(&text, 1 << 20);
    auk_buffer_append_text(&text, before);
    describe(arena, plan, &text);
    auk_buffer_append_text(&text, after);
    auk_span result = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return result;
}

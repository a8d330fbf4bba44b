#include "fetch_parts.h"

void auk_fetch_number(const auk_segment *segment, auk_doc doc, uint16_t field, const char *key,
                      auk_arena *arena, auk_json_writer *out)
{
    const auk_column *column = auk_segment_column(segment, field);
    const int64_t *values;
    if (!column)
        return;
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    if (auk_column_cursor_values(cursor, doc, &values) > 0)
        auk_json_member_int(out, key, values[0]);
}

auk_code auk_fetch_ignored(const auk_segment *segment, auk_doc doc, auk_arena *arena,
                           auk_json_writer *out, auk_error *err)
{
    const auk_terms *terms = auk_segment_terms(segment, AUK_FIELD_IGNORED);
    bool open = false;
    if (!terms)
        return AUK_OK;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    for (bool more = auk_terms_cursor_seek(cursor, (auk_span){0}); more;
         more = auk_terms_cursor_next(cursor)) {
        auk_postings *postings;
        auk_code code =
            auk_postings_open(auk_terms_cursor_term(cursor), AUK_WANT_DOCS, arena, &postings, err);
        if (code != AUK_OK)
            return code;
        if (auk_postings_seek(postings, doc) != doc)
            continue;
        if (!open)
            auk_json_member_array(out, "_ignored");
        open = true;
        auk_json_string(out, auk_terms_cursor_text(cursor));
    }
    if (open)
        auk_json_end_array(out);
    return AUK_OK;
}

/* ---- matched queries ---- */

typedef struct naming {
    const auk_run_unit *unit;
    auk_doc doc;
    auk_arena *arena;
    auk_json_writer *out;
    auk_error *err;
    bool open;
} naming;

static auk_code name_plan(naming *state, const auk_plan *plan)
{
    auk_scorer_context context = {
        .view = state->unit->view,
        .statistics = state->unit->shard->statistics,
        .segment = state->unit->segment,
        .arena = state->arena,
    };
    auk_scorer *scorer;
    auk_code code = auk_scorer_open(plan, &context, &scorer, state->err);
    if (code != AUK_OK || !scorer || !auk_scorer_matches(scorer, state->doc))
        return code;
    if (!state->open)
        auk_json_member_array(state->out, "matched_queries");
    state->open = true;
    auk_json_string(state->out, plan->name);
    return AUK_OK;
}

static auk_code name_all(naming *state, const auk_plan *plan);

static auk_code name_list(naming *state, const auk_plan_list *list)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < list->count && code == AUK_OK; i++)
        code = name_all(state, list->items[i]);
    return code;
}

static auk_code name_all(naming *state, const auk_plan *plan)
{
    auk_code code = plan->name.size ? name_plan(state, plan) : AUK_OK;
    if (code != AUK_OK)
        return code;
    if (plan->kind == AUK_PLAN_CONSTANT)
        return name_all(state, plan->u.constant.child);
    if (plan->kind == AUK_PLAN_DIS_MAX)
        return name_list(state, &plan->u.dis_max.list);
    if (plan->kind != AUK_PLAN_BOOLEAN)
        return AUK_OK;
    const auk_plan_list *lists[] = {&plan->u.boolean.must, &plan->u.boolean.filter,
                                    &plan->u.boolean.should, &plan->u.boolean.must_not};
    for (size_t i = 0; i < 4 && code == AUK_OK; i++)
        code = name_list(state, lists[i]);
    return code;
}

auk_code auk_fetch_matched_queries(const auk_plan *plan, const auk_run_unit *unit, auk_doc doc,
                                   auk_arena *arena, auk_json_writer *out, auk_error *err)
{
    naming state = {unit, doc, arena, out, err, false};
    auk_code code = name_all(&state, plan);
    if (state.open)
        auk_json_end_array(out);
    return code;
}

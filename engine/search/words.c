#include "words.h"

#include <stdlib.h>

#include "fuzzy.h"
#include "token_graph.h"

/* ---- clauses ---- */

static int by_text(const void *a, const void *b)
{
    return auk_span_compare(((const auk_plan_term *)a)->text, ((const auk_plan_term *)b)->text);
}

static bool same_terms(const auk_plan_term *a, const auk_plan_term *b, uint32_t count)
{
    bool same = true;
    for (uint32_t i = 0; i < count && same; i++)
        same = a[i].position == b[i].position && auk_span_equal(a[i].text, b[i].text);
    return same;
}

static bool is_disjunction(const auk_plan *plan)
{
    return plan->kind == AUK_PLAN_BOOLEAN && plan->u.boolean.minimum <= 1 && !plan->name.size &&
           plan->u.boolean.must.count + plan->u.boolean.filter.count +
                   plan->u.boolean.must_not.count ==
               0;
}

static bool same_clauses(const auk_plan_list *a, const auk_plan_list *b);

/* Do both match and score alike, but for their boosts? Of one field, or of the best of several. */
static bool same_clause(const auk_plan *a, const auk_plan *b)
{
    if (a->kind != b->kind || a->number != b->number)
        return false;
    switch (a->kind) {
    case AUK_PLAN_TERM:
        return auk_span_equal(a->u.term.text, b->u.term.text);
    case AUK_PLAN_SYNONYM:
        return a->u.synonym.count == b->u.synonym.count &&
               same_terms(a->u.synonym.terms, b->u.synonym.terms, a->u.synonym.count);
    case AUK_PLAN_PHRASE:
        return a->u.phrase.count == b->u.phrase.count && a->u.phrase.slop == b->u.phrase.slop &&
               same_terms(a->u.phrase.terms, b->u.phrase.terms, a->u.phrase.count);
    case AUK_PLAN_DIS_MAX:
        return a->u.dis_max.tie_breaker == b->u.dis_max.tie_breaker &&
               same_clauses(&a->u.dis_max.list, &b->u.dis_max.list);
    case AUK_PLAN_BOOLEAN:
        return is_disjunction(a) && is_disjunction(b) &&
               same_clauses(&a->u.boolean.should, &b->u.boolean.should);
    default:
        return false;
    }
}

static bool same_clauses(const auk_plan_list *a, const auk_plan_list *b)
{
    bool same = a->count == b->count;
    for (uint32_t i = 0; i < a->count && same; i++)
        same = same_clause(a->items[i], b->items[i]);
    return same;
}

static void join_all(const auk_words *words, const auk_plan_list *a, const auk_plan_list *b,
                     auk_plan_list *out);

/* One clause for two that are the same, by the sum of their boosts. */
static const auk_plan *join(const auk_words *words, const auk_plan *a, const auk_plan *b)
{
    auk_plan *joined = AUK_ARENA_NEW(words->resolver->arena, auk_plan);
    *joined = *a;
    joined->joined_boost = (a->joined_boost != 0 ? a->joined_boost : (double)a->boost) +
                           (b->joined_boost != 0 ? b->joined_boost : (double)b->boost);
    joined->boost = (float)joined->joined_boost;
    if (a->kind == AUK_PLAN_DIS_MAX)
        join_all(words, &a->u.dis_max.list, &b->u.dis_max.list, &joined->u.dis_max.list);
    if (a->kind == AUK_PLAN_BOOLEAN)
        join_all(words, &a->u.boolean.should, &b->u.boolean.should, &joined->u.boolean.should);
    return joined;
}

static void join_all(const auk_words *words, const auk_plan_list *a, const auk_plan_list *b,
                     auk_plan_list *out)
{
    *out = auk_plan_list_create(words->resolver, a->count);
    for (uint32_t i = 0; i < a->count; i++)
        auk_plan_list_add(out, join(words, a->items[i], b->items[i]));
}

/* A clause that is there already counts by its boost, as Lucene rewrites it. */
static bool join_repeated(const auk_words *words, auk_plan_list *list, const auk_plan *plan)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!same_clause(list->items[i], plan))
            continue;
        list->items[i] = join(words, list->items[i], plan);
        return true;
    }
    return false;
}

/* Lists of more clauses than this are not looked through for repeated ones: nobody repeats a word
 * that often. */
#define JOINED_MOST 512

static void add_clause(const auk_words *words, auk_plan_list *list, const auk_plan *plan,
                       bool joins)
{
    if (!joins || list->count > JOINED_MOST || !join_repeated(words, list, plan))
        auk_plan_list_push(words->resolver, list, plan);
}

/* All of them, or at least `minimum`; a disjunction in a disjunction is part of it, unless it is
 * there twice: then it counts by its boost, as a whole. */
static const auk_plan *bool_of(const auk_words *words, const auk_plan_list *clauses, bool all,
                               uint32_t minimum)
{
    auk_plan *plan = auk_plan_create(words->resolver, AUK_PLAN_BOOLEAN, words->boost);
    auk_plan_list *list = all ? &plan->u.boolean.must : &plan->u.boolean.should;
    auk_plan_list single = {NULL, 0};
    for (uint32_t i = 0; i < clauses->count; i++)
        add_clause(words, &single, clauses->items[i], minimum <= 1);
    for (uint32_t i = 0; i < single.count; i++) {
        const auk_plan *clause = single.items[i];
        if (all || minimum > 1 || !is_disjunction(clause) || clause->joined_boost != 0) {
            add_clause(words, list, clause, minimum <= 1);
            continue;
        }
        for (uint32_t j = 0; j < clause->u.boolean.should.count; j++)
            add_clause(words, list, clause->u.boolean.should.items[j], true);
    }
    plan->u.boolean.minimum = all ? 0 : minimum > 1 ? minimum : 1;
    return list->count == 1 && minimum <= 1 ? list->items[0] : plan;
}

static auk_code bool_of_clauses(const auk_words *words, const auk_plan_list *clauses,
                                const auk_plan **out, auk_error *err)
{
    uint32_t minimum = 0;
    if (!words->all && words->minimum_should_match.size) {
        auk_code code =
            auk_minimum_should_match(words->minimum_should_match, clauses->count, &minimum, err);
        if (code != AUK_OK)
            return code;
    }
    *out = bool_of(words, clauses, words->all, minimum);
    return AUK_OK;
}

/* ---- words at one place ---- */

static const auk_plan *prefix_of(const auk_words *words, auk_span text)
{
    auk_plan *plan = auk_plan_create(words->resolver, AUK_PLAN_PREFIX, words->boost);
    plan->field = words->field;
    plan->number = words->field->number;
    plan->u.prefix.text = auk_arena_copy(words->resolver->arena, text);
    return plan;
}

static auk_code add_term(const auk_words *words, auk_span text, uint32_t position,
                         auk_plan_term *out, auk_error *err)
{
    auk_resolver *resolver = words->resolver;
    out->text = auk_arena_copy(resolver->arena, text);
    out->position = position;
    out->slot = auk_plan_slot_add(resolver, words->field->number, out->text);
    return auk_resolver_count_clause(resolver, err);
}

static auk_code synonym_of(const auk_words *words, const auk_token *tokens, size_t count,
                           const auk_plan **out, auk_error *err)
{
    auk_plan *plan = auk_plan_create(words->resolver, AUK_PLAN_SYNONYM, words->boost);
    plan->field = words->field;
    plan->number = words->field->number;
    plan->u.synonym.terms = AUK_ARENA_ARRAY(words->resolver->arena, auk_plan_term, count);
    plan->u.synonym.count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        auk_code code =
            add_term(words, auk_token_text(&tokens[i]), 0, &plan->u.synonym.terms[i], err);
        if (code != AUK_OK)
            return code;
    }
    qsort(plan->u.synonym.terms, count, sizeof *plan->u.synonym.terms, by_text);
    *out = plan;
    return AUK_OK;
}

/* A prefix stands alone: one of several words is none. */
static auk_code place_of(const auk_words *words, const auk_token *tokens, size_t count, bool prefix,
                         const auk_plan **out, auk_error *err)
{
    if (words->across)
        return auk_words_place_across(words, tokens, count, out, err);
    if (count > 1)
        return synonym_of(words, tokens, count, out, err);
    auk_span text = auk_token_text(tokens);
    if (words->fuzzy && !prefix)
        return auk_fuzzy_plan(words->resolver, words->field, text,
                              auk_fuzziness_edits(&words->fuzzy->fuzziness,
                                                  auk_resolver_letters(text)),
                              words->fuzzy, words->boost, out, err);
    if (prefix)
        *out = prefix_of(words, text);
    else
        *out = auk_plan_term_create(words->resolver, words->field, text, words->boost);
    return auk_resolver_count_clause(words->resolver, err);
}

static size_t same_place(const auk_token *tokens, size_t count, size_t from)
{
    size_t next = from + 1;
    while (next < count && tokens[next].position == tokens[from].position)
        next++;
    return next;
}

/* One after another. */
static auk_code row_of(const auk_words *words, const auk_token *tokens, size_t count,
                       bool last_is_prefix, auk_plan_list *out, auk_error *err)
{
    *out = (auk_plan_list){NULL, 0};
    for (size_t i = 0, next; i < count; i = next) {
        const auk_plan *plan = NULL;
        next = same_place(tokens, count, i);
        auk_code code =
            place_of(words, &tokens[i], next - i, last_is_prefix && next == count, &plan, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_push(words->resolver, out, plan);
    }
    return AUK_OK;
}

/* ---- phrases ---- */

/* Terms at one place: any of them, each by itself, as Lucene rewrites a phrase of one place. */
static const auk_plan *any_of(const auk_words *words, const auk_plan *phrase)
{
    auk_plan_list clauses = {NULL, 0};
    for (uint32_t i = 0; i < phrase->u.phrase.count; i++) {
        auk_plan *term = auk_plan_create(words->resolver, AUK_PLAN_TERM, words->boost);
        term->field = words->field;
        term->number = words->field->number;
        term->u.term = phrase->u.phrase.terms[i];
        auk_plan_list_push(words->resolver, &clauses, term);
    }
    return bool_of(words, &clauses, false, 0);
}

static auk_code add_expansions(const auk_words *words, const auk_token *tokens, size_t count,
                               auk_plan *plan, auk_error *err)
{
    for (size_t i = 0; i < count; i++) {
        auk_span *items;
        uint32_t found;
        auk_code code = auk_words_expand(words->resolver, words->field, auk_token_text(&tokens[i]),
                                         words->max_expansions, &items, &found, err);
        if (code != AUK_OK)
            return code;
        auk_plan_term *more = AUK_ARENA_ARRAY(words->resolver->arena, auk_plan_term,
                                              plan->u.phrase.count + found + count);
        if (plan->u.phrase.count)
            memcpy(more, plan->u.phrase.terms, sizeof *more * plan->u.phrase.count);
        plan->u.phrase.terms = more;
        for (uint32_t j = 0; j < found && code == AUK_OK; j++)
            code = add_term(words, items[j], tokens[i].position,
                            &plan->u.phrase.terms[plan->u.phrase.count++], err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code phrase_across(const auk_words *words, const auk_token *tokens, size_t count,
                              bool last_is_prefix, const auk_plan **out, auk_error *err);

static auk_code phrase_of(const auk_words *words, const auk_token *tokens, size_t count,
                          bool last_is_prefix, const auk_plan **out, auk_error *err)
{
    if (words->across)
        return phrase_across(words, tokens, count, last_is_prefix, out, err);
    if (!words->field->positions)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "failed to create query: field:[%.*s] was indexed without position "
                             "data; cannot run PhraseQuery",
                             AUK_SPAN_ARG(words->field->path));
    auk_plan *plan = auk_plan_create(words->resolver, AUK_PLAN_PHRASE, words->boost);
    plan->field = words->field;
    plan->number = words->field->number;
    plan->u.phrase.slop = words->slop;
    plan->u.phrase.terms = AUK_ARENA_ARRAY(words->resolver->arena, auk_plan_term, count + 1);
    size_t last = 0;
    for (size_t next = 0; last_is_prefix && next < count;)
        last = next, next = same_place(tokens, count, last);
    size_t whole = last_is_prefix ? last : count;
    auk_code code = AUK_OK;
    for (size_t i = 0; i < whole && code == AUK_OK; i++)
        code = add_term(words, auk_token_text(&tokens[i]), tokens[i].position,
                        &plan->u.phrase.terms[plan->u.phrase.count++], err);
    if (code == AUK_OK && last_is_prefix)
        code = add_expansions(words, tokens + last, count - last, plan, err);
    if (code != AUK_OK)
        return code;
    const auk_plan_term *terms = plan->u.phrase.terms;
    if (last_is_prefix && plan->u.phrase.count == whole)
        *out = auk_plan_none(words->resolver);
    else if (terms[0].position == terms[plan->u.phrase.count - 1].position)
        *out = any_of(words, plan);
    else
        *out = plan;
    return AUK_OK;
}

static auk_code phrase_across(const auk_words *words, const auk_token *tokens, size_t count,
                              bool last_is_prefix, const auk_plan **out, auk_error *err)
{
    auk_plan_list plans = {NULL, 0};
    for (uint32_t f = 0; f < words->across->count; f++) {
        const auk_plan *plan;
        auk_words one = *words;
        one.across = NULL;
        one.field = words->across->fields[f].field;
        one.boost = words->boost * words->across->fields[f].boost;
        auk_code code = phrase_of(&one, tokens, count, last_is_prefix, &plan, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_push(words->resolver, &plans, plan);
    }
    *out = auk_words_best(words, &plans);
    return AUK_OK;
}

/* ---- graphs ---- */

typedef struct path_list {
    const auk_words *words;
    auk_words_mode mode;
    auk_plan_list plans;
    auk_error *err;
} path_list;

static auk_code add_path(void *context, const auk_token *tokens, uint32_t count)
{
    path_list *paths = context;
    const auk_words *words = paths->words;
    const auk_plan *plan = NULL;
    auk_plan_list row;
    auk_code code;
    if (paths->mode == AUK_WORDS_PHRASE_PREFIX) {
        code = phrase_of(words, tokens, count, true, &plan, paths->err);
    } else if (count == 1) {
        code = place_of(words, tokens, 1, false, &plan, paths->err);
    } else if (paths->mode == AUK_WORDS_PHRASE) {
        code = phrase_of(words, tokens, count, false, &plan, paths->err);
    } else {
        code = row_of(words, tokens, count, false, &row, paths->err);
        if (code == AUK_OK)
            plan = bool_of(words, &row, true, 0);
    }
    if (code == AUK_OK)
        auk_plan_list_push(words->resolver, &paths->plans, plan);
    return code;
}

static auk_code any_path(const auk_words *words, const auk_token_graph *graph, uint32_t from,
                         uint32_t to, auk_words_mode mode, const auk_plan **out, auk_error *err)
{
    path_list paths = {words, mode, {NULL, 0}, err};
    auk_code code = auk_token_graph_paths(graph, from, to, add_path, &paths);
    if (code == AUK_OK)
        *out = bool_of(words, &paths.plans, false, 0);
    return code;
}

static auk_words_mode side_mode(const auk_words *words, bool prefix)
{
    if (!words->paths_as_phrases)
        return AUK_WORDS_BOOLEAN;
    return prefix ? AUK_WORDS_PHRASE_PREFIX : AUK_WORDS_PHRASE;
}

/* Between two cuts. */
static auk_code stretch_of(const auk_words *words, const auk_token_graph *graph, uint32_t from,
                           uint32_t to, bool prefix, const auk_plan **out, auk_error *err)
{
    if (auk_token_graph_has_side_path(graph, from)) {
        auk_words part = *words;
        part.slop = 0;
        return any_path(&part, graph, from, to, side_mode(words, prefix), out, err);
    }
    auk_token *here = AUK_ARENA_ARRAY(words->resolver->arena, auk_token, graph->count);
    uint32_t count = auk_token_graph_starting(graph, from, here);
    return count ? place_of(words, here, count, prefix, out, err) : AUK_OK;
}

static auk_code graph_row(const auk_words *words, const auk_token_graph *graph, bool prefix,
                          const auk_plan **out, auk_error *err)
{
    auk_plan_list clauses = {NULL, 0};
    uint32_t from = 0;
    for (uint32_t i = 0; i <= graph->cut_count; i++) {
        uint32_t to = i < graph->cut_count ? graph->cuts[i] : graph->last;
        const auk_plan *plan = NULL;
        auk_code code =
            stretch_of(words, graph, from, to, prefix && i == graph->cut_count, &plan, err);
        if (code != AUK_OK)
            return code;
        if (plan)
            auk_plan_list_push(words->resolver, &clauses, plan);
        from = to;
    }
    return bool_of_clauses(words, &clauses, out, err);
}

/* ---- all of it ---- */

/* Shingles of several sizes, and bigrams beside characters, overlap without being alternatives:
 * their paths would say nothing and multiply. */
static bool overlaps(const auk_tokens *tokens)
{
    bool shingles = false, others = false, pairs = false;
    uint16_t length = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        bool shingle = token->type == AUK_TOKEN_SHINGLE;
        others = others || !shingle || (shingles && token->position_length != length);
        shingles = shingles || shingle;
        pairs = pairs || (token->type == AUK_TOKEN_DOUBLE && token->position_length > 1);
        length = shingle ? token->position_length : length;
    }
    return (shingles && others) || pairs;
}

static auk_code list_plan(const auk_words *words, const auk_tokens *tokens, bool prefix,
                          const auk_plan **out, auk_error *err)
{
    const auk_token *items = tokens->items;
    size_t count = tokens->count;
    bool one_place = same_place(items, count, 0) == count && items[0].position == 0;
    if (words->mode == AUK_WORDS_PHRASE_PREFIX)
        return phrase_of(words, items, count, true, out, err);
    if (count == 1)
        return place_of(words, items, 1, prefix, out, err);
    if (words->mode == AUK_WORDS_PHRASE && !one_place)
        return phrase_of(words, items, count, false, out, err);
    if (one_place)
        return place_of(words, items, count, false, out, err);
    auk_plan_list row;
    auk_code code = row_of(words, items, count, prefix, &row, err);
    return code == AUK_OK ? bool_of_clauses(words, &row, out, err) : code;
}

auk_code auk_words_plan(const auk_words *words, const auk_tokens *tokens, const auk_plan **out,
                        auk_error *err)
{
    *out = NULL;
    if (tokens->count == 0)
        return AUK_OK;
    bool phrase = words->mode == AUK_WORDS_PHRASE || words->mode == AUK_WORDS_PHRASE_PREFIX;
    bool prefix = words->mode == AUK_WORDS_BOOLEAN_PREFIX;
    if (tokens->count == 1 || !auk_tokens_are_graph(tokens->items, tokens->count) ||
        overlaps(tokens)) {
        /* what stands behind the last word ends it: "fox " asks for the word */
        bool open = tokens->items[tokens->count - 1].end == tokens->end_offset;
        return list_plan(words, tokens, prefix && open, out, err);
    }
    auk_token_graph graph;
    auk_token_graph_init(&graph, tokens->items, tokens->count, words->resolver->arena);
    return phrase ? any_path(words, &graph, 0, graph.last, words->mode, out, err)
                  : graph_row(words, &graph, prefix, out, err);
}

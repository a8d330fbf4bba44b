/*
 * Sets of terms as one scorer: terms, prefix, wildcard, regexp, range, ids.
 *
 * One term is walked as it is. More are poured into a bit a document: documents are few beside
 * postings, and everything above then works on bits. A range over numbers looks at its column
 * instead where the dictionary has many terms between the ends.
 */
#include <ctype.h>

#include "auk/regexp.h"

#include "scorer.h"
#include "terms_walk.h"
#include "wildcard.h"

/* A range of more terms than this goes through the column, if there is one. */
#define RANGE_TERMS_LIMIT 64

typedef struct gathered {
    const auk_scorer_context *context;
    float score;
    auk_term first; /* while there is one term */
    uint32_t terms;
    uint64_t *bits; /* from the second on */
    uint64_t cost;
    uint32_t doc_count;
} gathered;

static auk_code pour(gathered *to, const auk_term *term, auk_error *err)
{
    auk_postings *postings;
    const auk_doc *docs;
    auk_code code = auk_postings_open(term, AUK_WANT_DOCS, to->context->arena, &postings, err);
    if (code != AUK_OK)
        return code;
    auk_doc target = 0;
    for (uint32_t count; (count = auk_postings_block(postings, target, &docs, NULL)) > 0;) {
        for (uint32_t i = 0; i < count; i++)
            to->bits[docs[i] / 64] |= UINT64_C(1) << (docs[i] % 64);
        target = docs[count - 1] + 1;
    }
    code = auk_postings_status(postings);
    return code == AUK_OK ? code : auk_fail(err, code, "a posting list is damaged");
}

/* Most terms of a long set are in one document: those need no reader. */
static auk_code pour_apart(gathered *to, const auk_term *term, auk_error *err)
{
    if (term->doc_freq == 1) {
        if (term->single_doc >= to->doc_count)
            return auk_fail(err, AUK_CORRUPT, "a posting list is damaged");
        to->bits[term->single_doc / 64] |= UINT64_C(1) << (term->single_doc % 64);
        return AUK_OK;
    }
    return pour(to, term, err);
}

static void need_bits(gathered *to)
{
    if (!to->bits)
        to->bits = AUK_ARENA_ARRAY(to->context->arena, uint64_t, to->doc_count / 64 + 1);
}

static auk_code gather(gathered *to, const auk_term *term, auk_error *err)
{
    auk_code code = AUK_OK;
    to->cost += term->doc_freq;
    if (++to->terms == 1) {
        to->first = *term;
        return AUK_OK;
    }
    if (to->terms == 2) {
        need_bits(to);
        code = pour_apart(to, &to->first, err);
    }
    return code == AUK_OK ? pour_apart(to, term, err) : code;
}

static auk_code scorer_of(gathered *from, const auk_plan *plan, auk_scorer **out, auk_error *err)
{
    if (from->terms == 0)
        return AUK_OK;
    if (from->terms == 1)
        return auk_scorer_term(&from->first, from->context->view, NULL, plan->number, from->score,
                               false, from->context->arena, out, err);
    uint64_t cost = from->cost < from->doc_count ? from->cost : from->doc_count;
    *out = auk_scorer_bits(from->bits, from->doc_count, cost, from->score, from->context->arena);
    return AUK_OK;
}

/* ---- lists ---- */

static auk_code gather_list(const auk_plan *plan, const auk_terms *terms, gathered *to,
                            auk_error *err)
{
    for (uint32_t i = 0; i < plan->u.terms.count; i++) {
        auk_term term;
        bool found;
        auk_code code = auk_terms_find(terms, plan->u.terms.items[i], &term, &found, err);
        if (code == AUK_OK && found)
            code = gather(to, &term, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code gather_ids(const auk_plan *plan, gathered *to, auk_error *err)
{
    for (uint32_t i = 0; i < plan->u.terms.count; i++) {
        auk_doc doc;
        bool found;
        auk_code code = auk_segment_find_id(to->context->view->segment, plan->u.terms.items[i],
                                            &doc, &found, err);
        if (code != AUK_OK)
            return code;
        if (!found)
            continue;
        need_bits(to);
        to->bits[doc / 64] |= UINT64_C(1) << (doc % 64);
        to->cost++;
        to->terms = 2;
    }
    return AUK_OK;
}

/* ---- prefixes ---- */

static bool same_letter(unsigned char a, unsigned char b)
{
    return tolower(a) == tolower(b);
}

/* In any case: that of ASCII letters. */
static bool begins(auk_span text, auk_span prefix, bool any_case)
{
    if (!any_case)
        return auk_span_starts_with(text, prefix);
    if (text.size < prefix.size)
        return false;
    for (size_t i = 0; i < prefix.size; i++)
        if (!same_letter((unsigned char)text.data[i], (unsigned char)prefix.data[i]))
            return false;
    return true;
}

static auk_code gather_prefix(const auk_plan *plan, const auk_terms *terms, gathered *to,
                              auk_error *err)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, to->context->arena);
    auk_span prefix = plan->u.prefix.text;
    bool any_case = plan->u.prefix.case_insensitive;
    bool more = auk_terms_cursor_seek(cursor, any_case ? AUK_SPAN("") : prefix);
    for (; more; more = auk_terms_cursor_next(cursor)) {
        auk_span text = auk_terms_cursor_text(cursor);
        bool fits = begins(text, prefix, any_case);
        if (!fits && !any_case)
            break;
        if (!fits || (plan->whole && text.size != prefix.size))
            continue;
        auk_code code = gather(to, auk_terms_cursor_term(cursor), err);
        if (code != AUK_OK)
            return code;
    }
    auk_code code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

/* ---- wildcards ---- */

static auk_code gather_wildcard(const auk_plan *plan, const auk_terms *terms, gathered *to,
                                auk_error *err)
{
    auk_arena *arena = to->context->arena;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    auk_span pattern = plan->u.prefix.text;
    bool any_case = plan->u.prefix.case_insensitive;
    auk_span beginning = any_case ? AUK_SPAN("") : auk_wildcard_beginning(pattern, arena);
    size_t least = auk_wildcard_least(pattern);
    bool more = auk_terms_cursor_seek(cursor, beginning);
    for (; more; more = auk_terms_cursor_next(cursor)) {
        auk_span text = auk_terms_cursor_text(cursor);
        if (!auk_span_starts_with(text, beginning))
            break;
        if (text.size < least || !auk_wildcard_matches(pattern, text, any_case))
            continue;
        auk_code code = gather(to, auk_terms_cursor_term(cursor), err);
        if (code != AUK_OK)
            return code;
    }
    auk_code code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

/* ---- regular expressions ---- */

enum { DEAD_MOST = 256 }; /* longer fronts are not passed over at once */

static auk_code gather_regexp(const auk_plan *plan, const auk_terms *terms, gathered *to,
                              auk_error *err)
{
    const auk_regexp *regexp = plan->u.regexp.compiled;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, to->context->arena);
    auk_span beginning = auk_regexp_beginning(regexp);
    auk_code code = AUK_OK;
    bool more = auk_terms_cursor_seek(cursor, beginning);
    while (more && code == AUK_OK) {
        char front[DEAD_MOST];
        size_t dead;
        auk_span text = auk_terms_cursor_text(cursor);
        if (!auk_span_starts_with(text, beginning))
            break;
        if (auk_regexp_fits(regexp, text, &dead))
            code = gather(to, auk_terms_cursor_term(cursor), err);
        if (dead == 0 || dead > DEAD_MOST) {
            more = auk_terms_cursor_next(cursor);
            continue;
        }
        memcpy(front, text.data, dead);
        more = auk_terms_pass(cursor, front, dead);
    }
    if (code != AUK_OK)
        return code;
    code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

/* ---- ranges ---- */

typedef struct interval {
    auk_span from, to; /* empty data: open */
    bool include_from, include_to;
    char from_bytes[8], to_bytes[8];
} interval;

static void interval_init(interval *out, const auk_plan *plan)
{
    out->include_from = out->include_to = true;
    if (!plan->u.range.numeric) {
        out->from = plan->u.range.from_term;
        out->to = plan->u.range.to_term;
        out->include_from = plan->u.range.include_from;
        out->include_to = plan->u.range.include_to;
        return;
    }
    auk_number_to_term(plan->u.range.from, out->from_bytes);
    auk_number_to_term(plan->u.range.to, out->to_bytes);
    out->from = auk_span_make(out->from_bytes, 8);
    out->to = auk_span_make(out->to_bytes, 8);
}

static bool above(auk_span text, const interval *range)
{
    if (!range->to.data)
        return false;
    int order = auk_span_compare(text, range->to);
    return order > 0 || (order == 0 && !range->include_to);
}

/* *complete false: more than `most` terms lie in the range, and nothing was gathered. */
static auk_code gather_range(const interval *range, const auk_terms *terms, uint64_t most,
                             gathered *to, bool *complete, auk_error *err)
{
    auk_arena *arena = to->context->arena;
    *complete = true;
    for (int pass = most == UINT64_MAX ? 1 : 0; pass < 2; pass++) {
        auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
        bool more = auk_terms_cursor_seek(cursor, range->from);
        if (more && !range->include_from && range->from.data &&
            auk_span_equal(auk_terms_cursor_text(cursor), range->from))
            more = auk_terms_cursor_next(cursor);
        uint64_t met = 0;
        for (; more && !above(auk_terms_cursor_text(cursor), range);
             more = auk_terms_cursor_next(cursor)) {
            if (pass == 0 && ++met > most) {
                *complete = false;
                return AUK_OK;
            }
            auk_code code = pass == 0 ? AUK_OK : gather(to, auk_terms_cursor_term(cursor), err);
            if (code != AUK_OK)
                return code;
        }
        auk_code code = auk_terms_cursor_status(cursor);
        if (code != AUK_OK)
            return auk_fail(err, code, "a dictionary is damaged");
    }
    return AUK_OK;
}

/* Columns of ordinals need terms anyway, so a column is looked at for numbers alone. */
static auk_code expand_range(const auk_plan *plan, gathered *to, auk_scorer **out, auk_error *err)
{
    const auk_segment *segment = to->context->view->segment;
    const auk_terms *terms = auk_segment_terms(segment, plan->number);
    const auk_column *column =
        plan->u.range.numeric ? auk_segment_column(segment, plan->number) : NULL;
    interval range;
    interval_init(&range, plan);
    if (terms) {
        bool complete;
        auk_code code = gather_range(&range, terms, column ? RANGE_TERMS_LIMIT : UINT64_MAX, to,
                                     &complete, err);
        if (code != AUK_OK)
            return code;
        if (complete)
            return scorer_of(to, plan, out, err);
    }
    if (column)
        *out = auk_scorer_column_range(column, to->doc_count, plan->u.range.from, plan->u.range.to,
                                       to->score, to->context->arena);
    return AUK_OK;
}

auk_code auk_scorer_expand(const auk_plan *plan, const auk_scorer_context *context,
                           auk_scorer **out, auk_error *err)
{
    gathered to = {
        .context = context,
        .score = context->scores ? plan->boost : 0,
        .doc_count = auk_segment_doc_count(context->view->segment),
    };
    const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
    auk_code code = AUK_OK;
    *out = NULL;
    if (plan->kind == AUK_PLAN_RANGE)
        return expand_range(plan, &to, out, err);
    if (plan->kind == AUK_PLAN_IDS)
        code = gather_ids(plan, &to, err);
    else if (!terms)
        return AUK_OK;
    else if (plan->kind == AUK_PLAN_TERMS)
        code = gather_list(plan, terms, &to, err);
    else if (plan->kind == AUK_PLAN_WILDCARD)
        code = gather_wildcard(plan, terms, &to, err);
    else if (plan->kind == AUK_PLAN_REGEXP)
        code = gather_regexp(plan, terms, &to, err);
    else
        code = gather_prefix(plan, terms, &to, err);
    return code == AUK_OK ? scorer_of(&to, plan, out, err) : code;
}

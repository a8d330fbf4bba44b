#include "terms_choice.h"

#include <stdlib.h>

/* ---- prepare ---- */

/* A regular expression that is nothing but a text, or a text and ".*". */
static auk_code read_pattern(auk_aggregation_preparer *preparer, auk_span pattern,
                             auk_terms_choice *out)
{
    auk_span text = pattern;
    bool open = text.size >= 2 && memcmp(text.data + text.size - 2, ".*", 2) == 0;
    if (open)
        text.size -= 2;
    char *plain = auk_arena_alloc(preparer->resolver->arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool escaped = text.data[i] == '\\' && i + 1 < text.size;
        if (!escaped && auk_byte_among(text.data[i], ".?+*|{}[]()\"\\#@&<>~"))
            return auk_fail(preparer->err, AUK_INVALID,
                            "regular expression [%.*s] is not supported in [include] and "
                            "[exclude]: only a list of values, or a prefix followed by .*",
                            AUK_SPAN_ARG(pattern));
        i += escaped;
        plain[size++] = text.data[i];
    }
    auk_span *one = AUK_ARENA_NEW(preparer->resolver->arena, auk_span);
    *one = auk_span_make(plain, size);
    out->is_prefix = open;
    out->prefix = *one;
    out->terms = one;
    out->count = 1;
    return AUK_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static auk_code read_values(auk_aggregation_preparer *preparer, const auk_aggregation_plan *plan,
                            const auk_json *list, auk_terms_choice *out)
{
    auk_arena *arena = preparer->resolver->arena;
    auk_value_options options = {.format = plan->shape.date_format,
                                 .time_zone = plan->shape.time_zone,
                                 .now_ms = preparer->environment->now_ms,
                                 .coerce = true};
    int64_t *numbers = AUK_ARENA_ARRAY(arena, int64_t, list->count + 1u);
    auk_span *terms = AUK_ARENA_ARRAY(arena, auk_span, list->count + 1u);
    bool by_term = plan->shape.form == AUK_FORM_TERM;
    for (const auk_json *one = list->child; one; one = one->next) {
        if (!plan->shape.field) { /* only "missing" can be meant */
            terms[out->count++] = one->text;
            continue;
        }
        auk_code code =
            by_term ? auk_field_term(plan->shape.field, one, &options, preparer->resolver->scratch,
                                     arena, &terms[out->count], preparer->err)
                    : auk_field_number(plan->shape.field, one, &options, &numbers[out->count],
                                       preparer->err);
        if (code != AUK_OK)
            return code;
        out->count++;
    }
    qsort(numbers, out->count, sizeof *numbers, compare_numbers);
    out->terms = terms;
    out->numbers = numbers;
    return AUK_OK;
}

static auk_code prepare_choice(auk_aggregation_preparer *preparer, const auk_aggregation_plan *plan,
                               const auk_json *given, auk_terms_choice *out)
{
    if (!given)
        return AUK_OK;
    out->given = true;
    if (given->type == AUK_JSON_ARRAY)
        return read_values(preparer, plan, given, out);
    if (plan->shape.form != AUK_FORM_TERM && plan->shape.form != AUK_FORM_NONE)
        return auk_fail(preparer->err, AUK_INVALID,
                        "Aggregation [%.*s] cannot support regular expression style include/exclude"
                        " settings as they can only be applied to string fields. Use an array of "
                        "values for include/exclude clauses",
                        AUK_SPAN_ARG(plan->spec->name));
    return read_pattern(preparer, given->text, out);
}

auk_code auk_terms_choices_prepare(auk_aggregation_preparer *preparer,
                                   const auk_aggregation_plan *plan, auk_terms_choices *out)
{
    auk_code code = prepare_choice(preparer, plan, plan->spec->u.terms.include, &out->include);
    if (code == AUK_OK)
        code = prepare_choice(preparer, plan, plan->spec->u.terms.exclude, &out->exclude);
    return code;
}

/* ---- collect ---- */

static void set_bits(uint64_t *bits, uint64_t from, uint64_t to, bool value)
{
    for (uint64_t i = from; i < to; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        bits[i / 64] = value ? bits[i / 64] | bit : bits[i / 64] & ~bit;
    }
}

/* First ordinal whose term is >= text, or > all that begin with it. */
static uint64_t seek_ordinal(auk_terms_cursor *cursor, auk_span text, uint64_t none)
{
    return auk_terms_cursor_seek(cursor, text) ? auk_terms_cursor_term(cursor)->ordinal : none;
}

static uint64_t end_of_prefix(auk_aggregation_collector *collector, auk_terms_cursor *cursor,
                              auk_span prefix, uint64_t none)
{
    char *next = auk_arena_alloc(collector->arena, prefix.size + 1);
    size_t size = prefix.size;
    memcpy(next, prefix.data ? prefix.data : "", size);
    while (size && (uint8_t)next[size - 1] == 0xff)
        size--;
    if (size == 0)
        return none;
    next[size - 1] = (char)((uint8_t)next[size - 1] + 1);
    return seek_ordinal(cursor, auk_span_make(next, size), none);
}

static void mark_choice(uint64_t *accepted, auk_value_reader *reader, const auk_terms_choice *which,
                        bool value)
{
    auk_aggregation_collector *collector = reader->collector;
    if (reader->terms && which->is_prefix) {
        auk_terms_cursor *cursor = auk_terms_cursor_open(reader->terms, collector->arena);
        uint64_t from = seek_ordinal(cursor, which->prefix, reader->term_count);
        uint64_t to = end_of_prefix(collector, cursor, which->prefix, reader->term_count);
        set_bits(accepted, from, to, value);
        if (auk_terms_cursor_status(cursor) != AUK_OK)
            auk_aggregation_fail(collector, AUK_CORRUPT, "the terms of a field are damaged");
    } else if (reader->terms) {
        for (uint32_t i = 0; i < which->count && collector->status == AUK_OK; i++) {
            auk_term term;
            bool found;
            collector->status =
                auk_terms_find(reader->terms, which->terms[i], &term, &found, &collector->error);
            if (collector->status == AUK_OK && found)
                set_bits(accepted, term.ordinal, term.ordinal + 1, value);
        }
    }
}

static bool names_extra(const auk_terms_choice *which, auk_span term)
{
    if (which->is_prefix)
        return auk_span_starts_with(term, which->prefix);
    for (uint32_t i = 0; i < which->count; i++)
        if (auk_span_equal(which->terms[i], term))
            return true;
    return false;
}

uint64_t *auk_terms_choices_mark(const auk_terms_choices *choices, auk_value_reader *reader,
                                 auk_span missing_term)
{
    uint64_t count = reader->term_count + reader->extra;
    uint64_t *accepted = auk_aggregation_alloc(reader->collector, count / 64 + 1, sizeof *accepted);
    if (!accepted)
        return NULL;
    if (choices->include.given)
        mark_choice(accepted, reader, &choices->include, true);
    else
        set_bits(accepted, 0, count, true);
    if (choices->exclude.given)
        mark_choice(accepted, reader, &choices->exclude, false);
    if (!reader->extra)
        return accepted;
    bool wanted = (!choices->include.given || names_extra(&choices->include, missing_term)) &&
                  !(choices->exclude.given && names_extra(&choices->exclude, missing_term));
    set_bits(accepted, reader->term_count, count, wanted);
    return accepted;
}

static bool has_number(const auk_terms_choice *which, int64_t number)
{
    return bsearch(&number, which->numbers, which->count, sizeof number, compare_numbers) != NULL;
}

bool auk_terms_choices_accept_number(const auk_terms_choices *choices, int64_t number)
{
    return (!choices->include.given || has_number(&choices->include, number)) &&
           !(choices->exclude.given && has_number(&choices->exclude, number));
}

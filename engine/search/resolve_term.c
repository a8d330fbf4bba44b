/* term, terms, range, prefix, wildcard, exists, ids: values become numbers, terms and intervals. */
#include <stdlib.h>

#include "auk/date_format.h"
#include "resolve_private.h"

#define MOST_TERMS 65536 /* Elasticsearch's index.max_terms_count where nothing else is set */

static bool is_meta(auk_span path, const char *name)
{
    return auk_span_is(path, name);
}

static bool is_integer(auk_field_type type)
{
    return type == AUK_TYPE_LONG || type == AUK_TYPE_INTEGER || type == AUK_TYPE_SHORT ||
           type == AUK_TYPE_BYTE;
}

static auk_code check_searchable(const auk_field *field, auk_error *err)
{
    if (field->type == AUK_TYPE_OBJECT || field->indexed || field->doc_values)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                         "failed to create query: Cannot search on field [%.*s] since it is not "
                         "indexed nor has doc values.",
                         AUK_SPAN_ARG(field->path));
}

/* ---- exact values ---- */

static int compare_spans(const void *a, const void *b)
{
    return auk_span_compare(*(const auk_span *)a, *(const auk_span *)b);
}

auk_plan *auk_plan_terms_create(auk_resolver *resolver, const auk_field *field, auk_span *items,
                                uint32_t count, float boost)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_TERMS, boost);
    uint32_t kept = 0;
    if (count > 1)
        qsort(items, count, sizeof *items, compare_spans);
    for (uint32_t i = 0; i < count; i++)
        if (kept == 0 || !auk_span_equal(items[kept - 1], items[i]))
            items[kept++] = items[i];
    plan->field = field;
    plan->number = field->number;
    plan->u.terms.items = items;
    plan->u.terms.count = kept;
    return plan;
}

static auk_plan *number_range(auk_resolver *resolver, const auk_field *field, int64_t from,
                              int64_t to, float boost)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_RANGE, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.range.numeric = true;
    plan->u.range.from = from;
    plan->u.range.to = to;
    return plan;
}

/* An integer field holds no 4.5 and no 10^30: such a value matches nothing. */
static bool is_number_beyond(const auk_field *field, const auk_json *value)
{
    double number;
    return is_integer(field->type) && auk_json_to_double(value, &number);
}

static auk_code date_value(auk_resolver *resolver, const auk_field *field, const auk_json *value,
                           float boost, const auk_plan **out, auk_error *err)
{
    int64_t from, to;
    auk_value_options options = {.rounding = AUK_ROUND_DOWN, .now_ms = resolver->now_ms};
    auk_code code = auk_field_number(field, value, &options, &from, err);
    options.rounding = AUK_ROUND_UP;
    if (code == AUK_OK)
        code = auk_field_number(field, value, &options, &to, err);
    if (code == AUK_OK)
        *out = number_range(resolver, field, from, to, boost);
    return code;
}

static auk_code number_value(auk_resolver *resolver, const auk_field *field, const auk_json *value,
                             float boost, const auk_plan **out, auk_error *err)
{
    auk_value_options options = {.now_ms = resolver->now_ms};
    int64_t number;
    if (field->type == AUK_TYPE_DATE)
        return date_value(resolver, field, value, boost, out, err);
    auk_code code = auk_field_number(field, value, &options, &number, err);
    if (code == AUK_INVALID && is_number_beyond(field, value)) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    if (code != AUK_OK)
        return code;
    char term[8];
    auk_number_to_term(number, term);
    auk_span text = auk_span_make(term, sizeof term);
    if (field->type == AUK_TYPE_BOOLEAN && field->indexed)
        *out = auk_plan_term_create(resolver, field, text, boost);
    else
        *out = number_range(resolver, field, number, number, boost);
    return AUK_OK;
}

/* "10.0.0.0/8": all addresses of a network. */
static bool is_network(const auk_field *field, const auk_json *value)
{
    return field->type == AUK_TYPE_IP && value->type == AUK_JSON_STRING && value->text.size &&
           memchr(value->text.data, '/', value->text.size);
}

static auk_code network_value(auk_resolver *resolver, const auk_field *field, const auk_json *value,
                              float boost, const auk_plan **out, auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_RANGE, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.range.include_from = plan->u.range.include_to = true;
    *out = plan;
    auk_code code = auk_network_terms(value->text, resolver->arena, &plan->u.range.from_term,
                                      &plan->u.range.to_term, err);
    return code == AUK_OK ? AUK_OK : auk_resolver_fail(err, code);
}

auk_code auk_resolve_value(auk_resolver *resolver, const auk_field *field, const auk_json *value,
                           float boost, const auk_plan **out, auk_error *err)
{
    auk_code code = check_searchable(field, err);
    if (code != AUK_OK)
        return code;
    if (field->type == AUK_TYPE_OBJECT) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    if (auk_field_type_is_numeric(field->type)) {
        code = number_value(resolver, field, value, boost, out, err);
        return code == AUK_OK ? AUK_OK : auk_resolver_fail(err, code);
    }
    if (is_network(field, value))
        return network_value(resolver, field, value, boost, out, err);
    auk_span text;
    code = auk_field_term(field, value, NULL, resolver->scratch, resolver->arena, &text, err);
    if (code != AUK_OK)
        return auk_resolver_fail(err, code);
    if (field->type == AUK_TYPE_IP || !field->indexed || field->number < AUK_FIELD_FIRST_USER) {
        auk_span *items = AUK_ARENA_ARRAY(resolver->arena, auk_span, 1);
        items[0] = text;
        *out = auk_plan_terms_create(resolver, field, items, 1, boost);
    } else {
        *out = auk_plan_term_create(resolver, field, text, boost);
    }
    return AUK_OK;
}

/* ---- term and terms ---- */

static const auk_plan *index_plan(auk_resolver *resolver, bool matches, float boost)
{
    return matches ? auk_plan_create(resolver, AUK_PLAN_ALL, boost) : auk_plan_none(resolver);
}

static auk_plan *ids_plan(auk_resolver *resolver, auk_span *ids, uint32_t count, float boost)
{
    auk_plan *plan = auk_plan_terms_create(resolver, auk_resolver_field(resolver, AUK_SPAN("_id")),
                                           ids, count, boost);
    plan->kind = AUK_PLAN_IDS;
    return plan;
}

auk_code auk_resolve_term(auk_resolver *resolver, const auk_query *query, float boost,
                          const auk_plan **out, auk_error *err)
{
    const auk_json *value = query->u.term.value;
    if (is_meta(query->u.term.field, "_index")) {
        *out = index_plan(resolver, auk_pattern_matches(value->text, resolver->index), boost);
        return AUK_OK;
    }
    if (is_meta(query->u.term.field, "_id")) {
        auk_span *ids = AUK_ARENA_ARRAY(resolver->arena, auk_span, 1);
        ids[0] = value->text;
        *out = ids_plan(resolver, ids, 1, boost);
        return AUK_OK;
    }
    const auk_field *field = auk_resolver_field(resolver, query->u.term.field);
    if (!field) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    bool textual = field->type == AUK_TYPE_TEXT || field->type == AUK_TYPE_KEYWORD;
    if (!query->u.term.case_insensitive || !textual)
        return auk_resolve_value(resolver, field, value, boost, out, err);
    auk_code code = auk_resolve_prefix(resolver, query, boost, out, err);
    if (code == AUK_OK && (*out)->kind == AUK_PLAN_PREFIX) {
        auk_plan *whole = AUK_ARENA_NEW(resolver->arena, auk_plan);
        *whole = **out;
        whole->whole = true;
        *out = whole;
    }
    return code;
}

/* Dates and networks are intervals; values of other kinds are one list of terms. */
static bool has_intervals(const auk_field *field, const auk_query *query)
{
    bool found = field->type == AUK_TYPE_DATE;
    for (uint32_t i = 0; i < query->u.terms.count && !found; i++)
        found = is_network(field, query->u.terms.values[i]);
    return found;
}

static auk_code any_value(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                          float boost, const auk_plan **out, auk_error *err)
{
    auk_plan *any = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    any->u.boolean.minimum = 1;
    any->u.boolean.should = auk_plan_list_create(resolver, query->u.terms.count);
    for (uint32_t i = 0; i < query->u.terms.count; i++) {
        const auk_plan *plan = NULL;
        auk_code code =
            auk_resolve_value(resolver, field, query->u.terms.values[i], 1.0f, &plan, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_add(&any->u.boolean.should, plan);
    }
    auk_plan *constant = auk_plan_create(resolver, AUK_PLAN_CONSTANT, boost);
    constant->u.constant.child = any;
    *out = constant;
    return AUK_OK;
}

static auk_code terms_of_values(auk_resolver *resolver, const auk_query *query,
                                const auk_field *field, auk_span *items, uint32_t *count,
                                auk_error *err)
{
    auk_value_options options = {.now_ms = resolver->now_ms};
    *count = 0;
    for (uint32_t i = 0; i < query->u.terms.count; i++) {
        const auk_json *value = query->u.terms.values[i];
        auk_code code = auk_field_term(field, value, &options, resolver->scratch, resolver->arena,
                                       &items[*count], err);
        if (code == AUK_OK)
            ++*count;
        else if (code != AUK_INVALID || !is_number_beyond(field, value))
            return auk_resolver_fail(err, code);
    }
    return AUK_OK;
}

auk_code auk_resolve_terms(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    uint32_t count = query->u.terms.count;
    uint32_t most = resolver->max_terms_count ? resolver->max_terms_count : MOST_TERMS;
    if (count > most)
        return auk_fail_type(
            err, AUK_INVALID, "illegal_argument_exception",
            "The number of terms [%u] used in the Terms Query request has exceeded the allowed "
            "maximum of [%u]. This maximum can be set by changing the [index.max_terms_count] "
            "index level setting.",
            count, most);
    auk_span *items = AUK_ARENA_ARRAY(resolver->arena, auk_span, count + 1);
    for (uint32_t i = 0; i < count; i++)
        items[i] = query->u.terms.values[i]->text;
    if (is_meta(query->u.terms.field, "_id")) {
        *out = ids_plan(resolver, items, count, boost);
        return AUK_OK;
    }
    if (is_meta(query->u.terms.field, "_index")) {
        bool matches = false;
        for (uint32_t i = 0; i < count; i++)
            matches = matches || auk_pattern_matches(items[i], resolver->index);
        *out = index_plan(resolver, matches, boost);
        return AUK_OK;
    }
    const auk_field *field = auk_resolver_field(resolver, query->u.terms.field);
    if (!field || field->type == AUK_TYPE_OBJECT) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    auk_code code = check_searchable(field, err);
    if (code != AUK_OK)
        return code;
    if (has_intervals(field, query))
        return any_value(resolver, query, field, boost, out, err);
    code = terms_of_values(resolver, query, field, items, &count, err);
    if (code == AUK_OK)
        *out = auk_plan_terms_create(resolver, field, items, count, boost);
    return code;
}

auk_code auk_resolve_ids(auk_resolver *resolver, const auk_query *query, float boost,
                         const auk_plan **out, auk_error *err)
{
    (void)err;
    uint32_t count = query->u.ids.count;
    auk_span *ids = AUK_ARENA_ARRAY(resolver->arena, auk_span, count + 1);
    for (uint32_t i = 0; i < count; i++)
        ids[i] = query->u.ids.values[i];
    *out = ids_plan(resolver, ids, count, boost);
    return AUK_OK;
}

/* ---- exists ---- */

auk_code auk_resolve_exists(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err)
{
    (void)err;
    auk_span path = query->u.exists.field;
    static const char *const always[] = {"_id",     "_index",   "_source",
                                         "_seq_no", "_version", "_primary_term"};
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (is_meta(path, always[i])) {
            *out = auk_plan_create(resolver, AUK_PLAN_ALL, boost);
            return AUK_OK;
        }
    const auk_field *names = auk_resolver_field(resolver, AUK_SPAN("_field_names"));
    const auk_field *field = auk_resolver_field(resolver, path);
    if (!field) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    if (field->type != AUK_TYPE_OBJECT && field->number >= AUK_FIELD_FIRST_USER) {
        auk_span *items = AUK_ARENA_ARRAY(resolver->arena, auk_span, 1);
        items[0] = field->path;
        *out = auk_plan_terms_create(resolver, names, items, 1, boost);
        return AUK_OK;
    }
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_PREFIX, boost);
    bool reserved = field->number > 0 && field->number < AUK_FIELD_FIRST_USER;
    plan->field = reserved ? field : names;
    plan->number = plan->field->number;
    if (!reserved)
        plan->u.prefix.text = auk_arena_printf(resolver->arena, "%.*s.", AUK_SPAN_ARG(path));
    *out = plan;
    return AUK_OK;
}

/* ---- range ---- */

/*
 * A date bound that is exclusive starts behind what it leaves open ("gt 2024": after the year), an
 * inclusive one in front; an integer bound with a fraction is the other way round ("gt 4.5": from
 * 5).
 */
static auk_rounding rounding_of(const auk_field *field, bool lower, bool inclusive)
{
    bool up = field->type == AUK_TYPE_DATE ? lower != inclusive : lower == inclusive;
    return up ? AUK_ROUND_UP : AUK_ROUND_DOWN;
}

static auk_code read_bound(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                           const auk_date_format *format, bool lower, int64_t *out, bool *empty,
                           auk_error *err)
{
    const auk_json *value = lower ? query->u.range.from : query->u.range.to;
    bool inclusive = lower ? query->u.range.include_from : query->u.range.include_to;
    *out = lower ? INT64_MIN : INT64_MAX;
    if (!value)
        return AUK_OK;
    auk_value_options options = {
        .rounding = rounding_of(field, lower, inclusive),
        .format = format,
        .time_zone = query->u.range.time_zone,
        .now_ms = resolver->now_ms,
    };
    auk_code code = auk_field_number(field, value, &options, out, err);
    if (code != AUK_OK || inclusive)
        return code;
    if (*out == (lower ? INT64_MAX : INT64_MIN))
        *empty = true;
    else
        *out += lower ? 1 : -1;
    return AUK_OK;
}

static auk_code number_interval(auk_resolver *resolver, const auk_query *query,
                                const auk_field *field, float boost, const auk_plan **out,
                                auk_error *err)
{
    auk_date_format *format = NULL;
    int64_t from = 0, to = 0;
    bool empty = false;
    auk_code code = AUK_OK;
    if (query->u.range.format.size && field->type == AUK_TYPE_DATE)
        code = auk_date_format_create(query->u.range.format, &format, err);
    if (code == AUK_OK)
        code = read_bound(resolver, query, field, format, true, &from, &empty, err);
    if (code == AUK_OK)
        code = read_bound(resolver, query, field, format, false, &to, &empty, err);
    if (format)
        auk_date_format_destroy(format);
    if (code != AUK_OK)
        return auk_resolver_fail(err, code);
    *out = empty || from > to ? auk_plan_none(resolver)
                              : number_range(resolver, field, from, to, boost);
    return AUK_OK;
}

static auk_code term_interval(auk_resolver *resolver, const auk_query *query,
                              const auk_field *field, float boost, const auk_plan **out,
                              auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_RANGE, boost);
    auk_span *ends[] = {&plan->u.range.from_term, &plan->u.range.to_term};
    const auk_json *values[] = {query->u.range.from, query->u.range.to};
    plan->field = field;
    plan->number = field->number;
    plan->u.range.include_from = query->u.range.include_from;
    plan->u.range.include_to = query->u.range.include_to;
    *out = plan;
    for (int i = 0; i < 2; i++) {
        if (!values[i])
            continue;
        auk_code code = auk_field_term(field, values[i], NULL, resolver->scratch, resolver->arena,
                                       ends[i], err);
        if (code != AUK_OK)
            return auk_resolver_fail(err, code);
    }
    return AUK_OK;
}

auk_code auk_resolve_range(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    const auk_field *field = auk_resolver_field(resolver, query->u.range.field);
    if (!field || field->type == AUK_TYPE_OBJECT) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    auk_code code = check_searchable(field, err);
    if (code != AUK_OK)
        return code;
    if (query->u.range.time_zone.size && field->type != AUK_TYPE_DATE &&
        !query->u.range.zone_of_dates)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "failed to create query: Field [%.*s] of type [%s] does not support "
                             "time zones",
                             AUK_SPAN_ARG(field->path), auk_field_type_name(field->type));
    if (auk_field_type_is_numeric(field->type))
        return number_interval(resolver, query, field, boost, out, err);
    return term_interval(resolver, query, field, boost, out, err);
}

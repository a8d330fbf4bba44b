/* prefix, wildcard, fuzzy, regexp: patterns of terms, normalized as their field's terms are. */
#include "auk/regexp.h"
#include "auk/utf8.h"
#include "fuzzy.h"

#define MOST_REGEX 1000 /* Elasticsearch's index.max_regex_length where nothing else is set */

static auk_code refuse_type(const auk_field *field, const char *kind, auk_error *err)
{
    bool few = kind[0] == 'f' || kind[0] == 'r';
    return auk_fail_type(
        err, AUK_INVALID, "query_shard_exception",
        "failed to create query: Can only use %s queries on keyword%s fields - not on [%.*s] which "
        "is of type [%s]",
        kind, few ? " and text" : ", text and wildcard", AUK_SPAN_ARG(field->path),
        auk_field_type_name(field->type));
}

static auk_code check_indexed(const auk_field *field, auk_error *err)
{
    if (field->indexed || field->doc_values)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                         "failed to create query: Cannot search on field [%.*s] since it is not "
                         "indexed nor has doc values.",
                         AUK_SPAN_ARG(field->path));
}

/* A keyword's own normalizer always; an analyzer where the query asks for it. NULL: neither. */
static auk_code choose_normalizer(const auk_resolver *resolver, const auk_query *query,
                                  const auk_field *field, const auk_analyzer **out, auk_error *err)
{
    *out = field->type == AUK_TYPE_KEYWORD ? field->normalizer : NULL;
    if (!query->u.term.normalized)
        return AUK_OK;
    if (query->u.term.analyzer.size)
        return auk_resolver_find_analyzer(resolver, query->u.term.analyzer, "query_string", out,
                                          err);
    if (field->type == AUK_TYPE_TEXT)
        *out = field->search_analyzer;
    return AUK_OK;
}

static auk_code normalize(auk_resolver *resolver, const auk_analyzer *normalizer, auk_span text,
                          auk_span *out, auk_error *err)
{
    *out = text;
    if (!normalizer || text.size == 0)
        return AUK_OK;
    return auk_analyzer_normalize(normalizer, resolver->scratch, text, resolver->arena, out, err);
}

/* What stands between wildcards is normalized piece by piece; an escaped character is a piece's
 * own. */
static auk_code normalize_pattern(auk_resolver *resolver, const auk_analyzer *normalizer,
                                  auk_span text, auk_span *out, auk_error *err)
{
    auk_buffer made;
    auk_code code = AUK_OK;
    if (!normalizer) {
        *out = text;
        return AUK_OK;
    }
    auk_buffer_init(&made, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0, end; i < text.size && code == AUK_OK; i = end) {
        auk_span piece;
        end = i;
        while (end < text.size && !strchr("*?\\", text.data[end]))
            end++;
        code = normalize(resolver, normalizer, auk_span_make(text.data + i, end - i), &piece, err);
        if (code == AUK_OK)
            auk_buffer_append(&made, piece);
        if (code != AUK_OK || end == text.size)
            continue;
        size_t marks = text.data[end] == '\\' && end + 1 < text.size ? 2 : 1;
        auk_buffer_append(&made, auk_span_make(text.data + end, marks));
        end += marks;
    }
    *out = auk_arena_copy(resolver->arena, auk_buffer_span(&made));
    auk_buffer_deinit(&made);
    return code;
}

/* The field of a query that is about words, and its word as the field has it; *field NULL: none. */
static auk_code prepare(auk_resolver *resolver, const auk_query *query, const char *kind,
                        const auk_field **field, const auk_analyzer **normalizer, auk_error *err)
{
    *field = auk_resolver_field(resolver, query->u.term.field);
    if (!*field || (*field)->type == AUK_TYPE_OBJECT) {
        *field = NULL;
        return AUK_OK;
    }
    if ((*field)->type != AUK_TYPE_TEXT && (*field)->type != AUK_TYPE_KEYWORD)
        return refuse_type(*field, kind, err);
    auk_code code = check_indexed(*field, err);
    return code == AUK_OK ? choose_normalizer(resolver, query, *field, normalizer, err) : code;
}

static auk_code resolve_pattern(auk_resolver *resolver, const auk_query *query, bool wildcard,
                                float boost, const auk_plan **out, auk_error *err)
{
    const auk_field *field;
    const auk_analyzer *normalizer;
    auk_span text = query->u.term.value->text;
    *out = auk_plan_none(resolver);
    auk_code code =
        prepare(resolver, query, wildcard ? "wildcard" : "prefix", &field, &normalizer, err);
    if (code != AUK_OK || !field)
        return code;
    code = wildcard ? normalize_pattern(resolver, normalizer, text, &text, err)
                    : normalize(resolver, normalizer, text, &text, err);
    if (code != AUK_OK)
        return code;
    auk_plan *plan =
        auk_plan_create(resolver, wildcard ? AUK_PLAN_WILDCARD : AUK_PLAN_PREFIX, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.prefix.text = auk_arena_copy(resolver->arena, text);
    plan->u.prefix.case_insensitive = query->u.term.case_insensitive;
    *out = plan;
    return AUK_OK;
}

auk_code auk_resolve_prefix(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err)
{
    return resolve_pattern(resolver, query, false, boost, out, err);
}

auk_code auk_resolve_wildcard(auk_resolver *resolver, const auk_query *query, float boost,
                              const auk_plan **out, auk_error *err)
{
    return resolve_pattern(resolver, query, true, boost, out, err);
}

/* The length that AUTO goes by is that of the word as it was given. */
auk_code auk_resolve_fuzzy(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    const auk_field *field;
    const auk_analyzer *normalizer;
    const auk_fuzzy_options *options = &query->u.term.fuzzy;
    auk_span text = query->u.term.value->text;
    *out = auk_plan_none(resolver);
    auk_code code = prepare(resolver, query, "fuzzy", &field, &normalizer, err);
    if (code != AUK_OK || !field)
        return code;
    uint8_t edits = auk_fuzziness_edits(&options->fuzziness, auk_resolver_letters(text));
    code = normalize(resolver, normalizer, text, &text, err);
    return code == AUK_OK ? auk_fuzzy_plan(resolver, field, text, edits, options, boost, out, err)
                          : code;
}

/* ---- regular expressions ---- */

_Static_assert(AUK_OPERATOR_ALL == (int)AUK_REGEXP_ALL &&
                   AUK_OPERATOR_INTERSECTION == (int)AUK_REGEXP_INTERSECTION &&
                   AUK_OPERATOR_INTERVAL == (int)AUK_REGEXP_INTERVAL,
               "operators are numbered alike");

static auk_code check_length(const auk_resolver *resolver, const auk_query *query, auk_error *err)
{
    size_t most = resolver->max_regex_length ? resolver->max_regex_length : MOST_REGEX;
    size_t length = auk_utf8_utf16_length(query->u.term.value->text);
    if (length <= most)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "The length of regex [%zu] used in the [%s] has exceeded the allowed maximum "
                    "of [%zu]. This maximum can be set by changing the [index.max_regex_length] "
                    "index level setting.",
                    length, query->u.term.normalized ? "query_string" : "Regexp Query request",
                    most);
}

auk_code auk_resolve_regexp(auk_resolver *resolver, const auk_query *query, float boost,
                            const auk_plan **out, auk_error *err)
{
    const auk_field *field = NULL;
    const auk_analyzer *normalizer = NULL;
    *out = auk_plan_none(resolver);
    auk_code code = check_length(resolver, query, err);
    if (code == AUK_OK)
        code = prepare(resolver, query, "regexp", &field, &normalizer, err);
    if (code != AUK_OK || !field)
        return code;
    auk_span text = query->u.term.value->text;
    if (field->type == AUK_TYPE_KEYWORD) /* as the whole text, not piece by piece */
        code = normalize(resolver, field->normalizer, text, &text, err);
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_REGEXP, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.regexp.text = auk_arena_copy(resolver->arena, text);
    if (code == AUK_OK)
        code = auk_regexp_compile(text, query->u.term.operators, query->u.term.case_insensitive,
                                  resolver->arena, &plan->u.regexp.compiled, err);
    if (code != AUK_OK)
        return auk_resolver_fail(err, code);
    *out = plan;
    return auk_arena_status(resolver->arena, err); /* of many, each may be megabytes */
}

/* fuzzy and regexp: words near a word, and words of a pattern. */
#include <ctype.h>
#include <string.h>

#include "parse.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- fuzziness ---- */

static bool is_word(auk_span text, const char *upper)
{
    bool same = text.size == strlen(upper);
    for (size_t i = 0; i < text.size && same; i++)
        same = toupper((unsigned char)text.data[i]) == upper[i];
    return same;
}

static bool read_length(auk_span text, uint32_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
        if (number > INT32_MAX)
            return false;
    }
    *out = (uint32_t)number;
    return text.size > 0;
}

/* "AUTO:3,6" */
static auk_code read_lengths(auk_span text, auk_fuzziness *out, auk_error *err)
{
    auk_span rest = auk_span_from(text, strlen("AUTO:")), low = {0}, high = {0};
    if (!auk_span_cut(&rest, ',', &low) || !auk_span_cut(&rest, ',', &high) || rest.size > 0)
        return auk_fail(err, AUK_INVALID, "failed to find low and high distance values");
    if (!read_length(low, &out->low) || !read_length(high, &out->high))
        return auk_fail(err, AUK_INVALID, "failed to parse [%.*s] as a \"auto:int,int\"",
                        AUK_SPAN_ARG(text));
    if (out->low == 0 || out->high == 0 || out->low > out->high)
        return auk_fail(err, AUK_INVALID,
                        "fuzziness wrongly configured, must be: lowDistance > 0, highDistance > 0 "
                        "and lowDistance <= highDistance ");
    return AUK_OK;
}

auk_code auk_fuzziness_read(auk_span text, auk_fuzziness *out, auk_error *err)
{
    double number;
    *out = (auk_fuzziness){.given = true, .low = 3, .high = 6};
    if (text.size == 0)
        return auk_fail(err, AUK_INVALID, "fuzzinessString cannot be null or empty.");
    out->by_length = is_word(text.size > 5 ? auk_span_make(text.data, 4) : text, "AUTO");
    if (out->by_length && text.size == 4)
        return AUK_OK;
    if (out->by_length && text.data[4] == ':')
        return read_lengths(text, out, err);
    out->by_length = false;
    if (!auk_number_parse_double(text, &number))
        return auk_fail(err, AUK_INVALID, "fuzziness cannot be [%.*s].", AUK_SPAN_ARG(text));
    if (number > 0 && number < 3 && number != 1 && number != 2)
        return auk_fail(err, AUK_INVALID, "fuzziness needs to be one of 0.0, 1.0 or 2.0 but was %g",
                        number);
    if (!(number >= 0 && number <= 2))
        return auk_fail(err, AUK_INVALID, "Valid edit distances are [0, 1, 2] but was [%.*s]",
                        AUK_SPAN_ARG(text));
    out->edits = (uint8_t)number;
    return AUK_OK;
}

uint8_t auk_fuzziness_edits(const auk_fuzziness *fuzziness, size_t characters)
{
    if (!fuzziness->by_length)
        return fuzziness->edits;
    return characters < fuzziness->low ? 0 : characters < fuzziness->high ? 1 : 2;
}

auk_code auk_query_read_fuzziness(auk_query_parser *parser, const char *kind, const auk_json *value,
                                  auk_fuzziness *out)
{
    auk_span text;
    auk_code code = auk_query_read_text(parser, kind, value, &text);
    return code == AUK_OK ? auk_fuzziness_read(text, out, parser->err) : code;
}

auk_code auk_query_read_count(auk_query_parser *parser, const char *kind, const auk_json *value,
                              uint32_t most, uint32_t *out)
{
    int64_t number;
    if (!auk_json_to_int64(value, &number) || number < 0 || number > INT32_MAX)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] [%.*s] must be a whole number that is not negative", kind,
                             AUK_SPAN_ARG(value->key));
    *out = number > most ? most : (uint32_t)number;
    return AUK_OK;
}

/* ---- rewrites ---- */

static bool is_constant(auk_span text)
{
    return auk_span_is(text, "constant_score") || auk_span_is(text, "constant_score_blended") ||
           auk_span_is(text, "constant_score_boolean") ||
           auk_span_is(text, "constant_score_auto") || auk_span_is(text, "constant_score_filter");
}

static auk_code refuse_rewrite(auk_query_parser *parser, const char *kind, auk_span text)
{
    bool blends = strstr(kind, "fuzzy") || strstr(kind, "match") || strstr(kind, "string");
    if (auk_span_is(text, "scoring_boolean") ||
        auk_span_starts_with(text, AUK_SPAN("top_terms_"))) {
        auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                      "[%s] rewrite [%.*s] is not supported", kind, AUK_SPAN_ARG(text));
        auk_hint(parser->err, blends ? "there are constant_score and top_terms_blended_freqs_N"
                                     : "there is constant_score");
        return AUK_INVALID;
    }
    return auk_fail(parser->err, AUK_INVALID, "Failed to parse rewrite_method [%.*s]",
                    AUK_SPAN_ARG(text));
}

auk_code auk_query_read_rewrite(auk_query_parser *parser, const char *kind, const auk_json *value)
{
    auk_span text;
    auk_code code = auk_query_read_text(parser, kind, value, &text);
    return code != AUK_OK || is_constant(text) ? code : refuse_rewrite(parser, kind, text);
}

auk_code auk_query_read_fuzzy_rewrite(auk_query_parser *parser, const char *kind,
                                      const auk_json *value, auk_fuzzy_options *out)
{
    auk_span text, blended = AUK_SPAN("top_terms_blended_freqs_");
    auk_code code = auk_query_read_text(parser, kind, value, &text);
    if (code != AUK_OK)
        return code;
    out->constant = is_constant(text);
    if (out->constant || (auk_span_starts_with(text, blended) &&
                          read_length(auk_span_from(text, blended.size), &out->max_expansions)))
        return AUK_OK;
    return refuse_rewrite(parser, kind, text);
}

/* ---- fuzzy ---- */

static auk_code read_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    auk_span text;
    query->u.term.value = value;
    return auk_query_read_text(parser, query->kind == AUK_QUERY_FUZZY ? "fuzzy" : "regexp", value,
                               &text);
}

static auk_code read_fuzziness(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_fuzziness(parser, "fuzzy", value, &query->u.term.fuzzy.fuzziness);
}

static auk_code read_prefix_length(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_count(parser, "fuzzy", value, INT32_MAX,
                                &query->u.term.fuzzy.prefix_length);
}

static auk_code read_max_expansions(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    return auk_query_read_count(parser, "fuzzy", value, AUK_FUZZY_MOST,
                                &query->u.term.fuzzy.max_expansions);
}

static auk_code read_transpositions(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    bool allowed = true;
    auk_code code = auk_query_read_bool(parser, "fuzzy", value, &allowed);
    query->u.term.fuzzy.no_transpositions = !allowed;
    return code;
}

static auk_code read_fuzzy_rewrite(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_fuzzy_rewrite(parser, "fuzzy", value, &query->u.term.fuzzy);
}

static const auk_query_member fuzzy_members[] = {
    {"value", read_value},
    {"fuzziness", read_fuzziness},
    {"prefix_length", read_prefix_length},
    {"max_expansions", read_max_expansions},
    {"transpositions", read_transpositions},
    {"rewrite", read_fuzzy_rewrite},
};

static auk_code need_value(auk_query_parser *parser, const char *kind, const auk_query *query)
{
    if (query->u.term.field.size == 0)
        return auk_fail(parser->err, AUK_INVALID, "field name is null or empty");
    if (!query->u.term.value)
        return auk_fail(parser->err, AUK_INVALID, "%s in [%s]",
                        query->kind == AUK_QUERY_FUZZY ? "query value cannot be null"
                                                       : "value cannot be null",
                        kind);
    return AUK_OK;
}

auk_code auk_query_parse_fuzzy(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                               auk_query *query)
{
    (void)depth;
    query->u.term.fuzzy.fuzziness = (auk_fuzziness){true, true, 0, 3, 6};
    auk_code code = auk_query_read_field(parser, "fuzzy", value, &query->u.term.field,
                                         fuzzy_members, ROWS(fuzzy_members), read_value, query);
    return code == AUK_OK ? need_value(parser, "fuzzy", query) : code;
}

/* ---- regexp ---- */

static const struct {
    const char *name;
    unsigned operators;
} flags[] = {
    {"ALL", AUK_OPERATOR_ALL},
    {"NONE", 0},
    {"INTERSECTION", AUK_OPERATOR_INTERSECTION},
    {"COMPLEMENT", AUK_OPERATOR_COMPLEMENT},
    {"EMPTY", AUK_OPERATOR_EMPTY},
    {"ANYSTRING", AUK_OPERATOR_ANYSTRING},
    {"AUTOMATON", AUK_OPERATOR_AUTOMATON},
    {"INTERVAL", AUK_OPERATOR_INTERVAL},
};

static auk_code read_flags(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    auk_span text, one;
    auk_code code = auk_query_read_text(parser, "regexp", value, &text);
    if (code != AUK_OK || text.size == 0)
        return code;
    query->u.term.operators = 0;
    while (auk_span_cut(&text, '|', &one)) {
        size_t i = 0;
        while (i < ROWS(flags) && !is_word(one, flags[i].name))
            i++;
        if (i == ROWS(flags)) {
            auk_fail(parser->err, AUK_INVALID, "Unknown regexp flag [%.*s]", AUK_SPAN_ARG(one));
            auk_hint(parser->err, "flags are ALL, NONE, INTERSECTION, COMPLEMENT, EMPTY, "
                                  "ANYSTRING, AUTOMATON and INTERVAL");
            return AUK_INVALID;
        }
        query->u.term.operators |= flags[i].operators;
    }
    return AUK_OK;
}

static auk_code read_flags_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    uint32_t number;
    auk_code code = auk_query_read_count(parser, "regexp", value, INT32_MAX, &number);
    if (code == AUK_OK)
        query->u.term.operators = number & AUK_OPERATOR_ALL;
    return code;
}

static auk_code read_any_case(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_bool(parser, "regexp", value, &query->u.term.case_insensitive);
}

/* Automata are bounded by bytes here. */
static auk_code read_states(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    uint32_t ignored;
    (void)query;
    return auk_query_read_count(parser, "regexp", value, INT32_MAX, &ignored);
}

static auk_code read_rewrite(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    (void)query;
    return auk_query_read_rewrite(parser, "regexp", value);
}

static const auk_query_member regexp_members[] = {
    {"value", read_value},
    {"flags", read_flags},
    {"flags_value", read_flags_value},
    {"case_insensitive", read_any_case},
    {"max_determinized_states", read_states},
    {"rewrite", read_rewrite},
};

auk_code auk_query_parse_regexp(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                auk_query *query)
{
    (void)depth;
    query->u.term.operators = AUK_OPERATOR_ALL;
    auk_code code = auk_query_read_field(parser, "regexp", value, &query->u.term.field,
                                         regexp_members, ROWS(regexp_members), read_value, query);
    return code == AUK_OK ? need_value(parser, "regexp", query) : code;
}

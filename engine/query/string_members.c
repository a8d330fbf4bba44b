/* query_string and simple_query_string in the DSL, and a query string by itself (?q=). */
#include "auk/nearest.h"
#include "string_query.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* AUTO */
#define BY_LENGTH ((auk_fuzziness){.given = true, .by_length = true, .low = 3, .high = 6})

typedef auk_code (*read_member)(auk_string_query *string, const auk_json *value);

typedef struct string_member {
    const char *name;
    read_member read;
} string_member;

static auk_code read_text(auk_string_query *string, const auk_json *value, auk_span *out)
{
    return auk_query_read_text(string->parser, string->kind, value, out);
}

static auk_code read_flag(auk_string_query *string, const auk_json *value, bool *out)
{
    return auk_query_read_bool(string->parser, string->kind, value, out);
}

/* ---- members of both ---- */

static auk_code read_query(auk_string_query *string, const auk_json *value)
{
    string->given = true;
    return read_text(string, value, &string->text);
}

static auk_code read_fields(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_fields(string->parser, string->kind, value, &string->fields,
                                 &string->field_count);
}

static auk_code read_operator(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_operator(string->parser, value, &string->options.operator);
}

static auk_code read_analyzer(auk_string_query *string, const auk_json *value)
{
    return read_text(string, value, &string->options.analyzer);
}

static auk_code read_minimum(auk_string_query *string, const auk_json *value)
{
    return read_text(string, value, &string->options.minimum_should_match);
}

static auk_code read_lenient(auk_string_query *string, const auk_json *value)
{
    return read_flag(string, value, &string->options.lenient);
}

static auk_code read_analyze_wildcard(auk_string_query *string, const auk_json *value)
{
    return read_flag(string, value, &string->analyze_wildcard);
}

static auk_code read_phrase_paths(auk_string_query *string, const auk_json *value)
{
    bool phrases = true;
    auk_code code = read_flag(string, value, &phrases);
    string->options.paths_as_words = !phrases;
    return code;
}

static auk_code read_suffix(auk_string_query *string, const auk_json *value)
{
    return read_text(string, value, &string->quote_suffix);
}

static auk_code read_fuzziness(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_fuzziness(string->parser, string->kind, value, &string->fuzzy.fuzziness);
}

static auk_code read_fuzzy_prefix(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_count(string->parser, string->kind, value, INT32_MAX,
                                &string->fuzzy.prefix_length);
}

static auk_code read_fuzzy_most(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_count(string->parser, string->kind, value, AUK_FUZZY_MOST,
                                &string->fuzzy.max_expansions);
}

static auk_code read_transpositions(auk_string_query *string, const auk_json *value)
{
    bool allowed = true;
    auk_code code = read_flag(string, value, &allowed);
    string->fuzzy.no_transpositions = !allowed;
    return code;
}

/* ---- query_string ---- */

static auk_code read_default_field(auk_string_query *string, const auk_json *value)
{
    auk_span text;
    auk_code code = read_text(string, value, &text);
    if (code != AUK_OK)
        return code;
    string->default_field = AUK_ARENA_ARRAY(string->parser->arena, auk_query_field, 1);
    return auk_query_field_read(text, string->default_field, string->parser->err);
}

static auk_code read_quote_analyzer(auk_string_query *string, const auk_json *value)
{
    return read_text(string, value, &string->quote_analyzer);
}

static auk_code read_leading(auk_string_query *string, const auk_json *value)
{
    bool allowed = true;
    auk_code code = read_flag(string, value, &allowed);
    string->no_leading_wildcard = !allowed;
    return code;
}

static auk_code read_escape(auk_string_query *string, const auk_json *value)
{
    return read_flag(string, value, &string->escape);
}

static auk_code read_slop(auk_string_query *string, const auk_json *value)
{
    int64_t slop;
    if (!auk_json_to_int64(value, &slop) || slop < 0 || slop > INT32_MAX)
        return auk_fail_type(string->parser->err, AUK_INVALID, "illegal_argument_exception",
                             "No negative slop allowed.");
    string->options.slop = (int32_t)slop;
    return AUK_OK;
}

static auk_code read_type(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_multi_type(string->parser, string->kind, value, &string->type);
}

static auk_code read_tie_breaker(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_float(string->parser, string->kind, value, &string->tie_breaker);
}

static auk_code read_time_zone(auk_string_query *string, const auk_json *value)
{
    return read_text(string, value, &string->time_zone);
}

static auk_code read_rewrite(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_rewrite(string->parser, string->kind, value);
}

static auk_code read_fuzzy_rewrite(auk_string_query *string, const auk_json *value)
{
    return auk_query_read_fuzzy_rewrite(string->parser, string->kind, value, &string->fuzzy);
}

/* Automata are bounded by bytes here. */
static auk_code read_how(auk_string_query *string, const auk_json *value)
{
    auk_span ignored;
    return read_text(string, value, &ignored);
}

static auk_code read_holes(auk_string_query *string, const auk_json *value)
{
    bool holes = true;
    auk_code code = read_flag(string, value, &holes);
    if (code == AUK_OK && !holes)
        code = auk_fail_type(string->parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] [enable_position_increments] is not supported other than [true]",
                             string->kind);
    return code;
}

static const string_member classic_members[] = {
    {"query", read_query},
    {"default_field", read_default_field},
    {"fields", read_fields},
    {"default_operator", read_operator},
    {"analyzer", read_analyzer},
    {"quote_analyzer", read_quote_analyzer},
    {"allow_leading_wildcard", read_leading},
    {"analyze_wildcard", read_analyze_wildcard},
    {"auto_generate_synonyms_phrase_query", read_phrase_paths},
    {"enable_position_increments", read_holes},
    {"escape", read_escape},
    {"lenient", read_lenient},
    {"max_determinized_states", read_how},
    {"minimum_should_match", read_minimum},
    {"phrase_slop", read_slop},
    {"quote_field_suffix", read_suffix},
    {"rewrite", read_rewrite},
    {"fuzziness", read_fuzziness},
    {"fuzzy_prefix_length", read_fuzzy_prefix},
    {"fuzzy_max_expansions", read_fuzzy_most},
    {"fuzzy_transpositions", read_transpositions},
    {"fuzzy_rewrite", read_fuzzy_rewrite},
    {"tie_breaker", read_tie_breaker},
    {"time_zone", read_time_zone},
    {"type", read_type},
};

/* ---- simple_query_string ---- */

static const struct {
    const char *name;
    unsigned flags;
} flags[] = {
    {"ALL", AUK_SIMPLE_ALL},       {"NONE", 0},
    {"AND", AUK_SIMPLE_AND},       {"NOT", AUK_SIMPLE_NOT},
    {"OR", AUK_SIMPLE_OR},         {"PREFIX", AUK_SIMPLE_PREFIX},
    {"PHRASE", AUK_SIMPLE_PHRASE}, {"PRECEDENCE", AUK_SIMPLE_PRECEDENCE},
    {"ESCAPE", AUK_SIMPLE_ESCAPE}, {"WHITESPACE", AUK_SIMPLE_WHITESPACE},
    {"FUZZY", AUK_SIMPLE_FUZZY},   {"NEAR", AUK_SIMPLE_NEAR},
    {"SLOP", AUK_SIMPLE_NEAR},
};

static bool same_word(auk_span text, const char *name)
{
    bool same = text.size == strlen(name);
    for (size_t i = 0; i < text.size && same; i++) {
        char byte = text.data[i];
        same = (byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte) == name[i];
    }
    return same;
}

static auk_code read_flags(auk_string_query *string, const auk_json *value)
{
    int64_t number;
    auk_span rest = value->text, one;
    if (auk_json_to_int64(value, &number)) {
        string->flags = number < 0 ? AUK_SIMPLE_ALL : (unsigned)(number & AUK_SIMPLE_ALL);
        return AUK_OK;
    }
    string->flags = 0;
    while (auk_span_cut(&rest, '|', &one)) {
        size_t i = 0;
        while (i < ROWS(flags) && !same_word(one, flags[i].name))
            i++;
        if (i == ROWS(flags))
            return auk_fail_type(string->parser->err, AUK_INVALID, "illegal_argument_exception",
                                 "Unknown simple_query_string flag [%.*s]", AUK_SPAN_ARG(one));
        string->flags |= flags[i].flags;
    }
    return AUK_OK;
}

static const string_member simple_members[] = {
    {"query", read_query},
    {"fields", read_fields},
    {"flags", read_flags},
    {"default_operator", read_operator},
    {"analyzer", read_analyzer},
    {"analyze_wildcard", read_analyze_wildcard},
    {"auto_generate_synonyms_phrase_query", read_phrase_paths},
    {"lenient", read_lenient},
    {"minimum_should_match", read_minimum},
    {"quote_field_suffix", read_suffix},
    {"fuzzy_prefix_length", read_fuzzy_prefix},
    {"fuzzy_max_expansions", read_fuzzy_most},
    {"fuzzy_transpositions", read_transpositions},
};

/* ---- reading ---- */

static auk_code unknown_member(const auk_string_query *string, auk_span name,
                               const string_member *table, size_t rows)
{
    auk_span names[32];
    for (size_t i = 0; i < rows; i++)
        names[i] = auk_span_of(table[i].name);
    auk_span close = auk_nearest(name, names, rows);
    auk_fail_type(string->parser->err, AUK_INVALID, "parsing_exception",
                  "[%s] query does not support [%.*s]", string->kind, AUK_SPAN_ARG(name));
    if (close.size)
        auk_hint(string->parser->err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code read_member_of(auk_string_query *string, const auk_json *member,
                               const string_member *table, size_t rows, auk_query *query)
{
    for (size_t i = 0; i < rows; i++)
        if (auk_span_is(member->key, table[i].name))
            return table[i].read(string, member);
    if (auk_span_is(member->key, "boost"))
        return auk_query_read_float(string->parser, string->kind, member, &query->boost);
    if (auk_span_is(member->key, "_name"))
        return auk_query_read_text(string->parser, string->kind, member, &query->name);
    return unknown_member(string, member->key, table, rows);
}

static auk_code read_members(auk_string_query *string, const auk_json *object,
                             const string_member *table, size_t rows, auk_query *query)
{
    auk_code code = AUK_OK;
    for (const auk_json *member = object->child; member && code == AUK_OK; member = member->next)
        code = read_member_of(string, member, table, rows, query);
    if (code == AUK_OK && !string->given)
        code = auk_fail_type(string->parser->err, AUK_INVALID, "parsing_exception", "[%s] %s",
                             string->kind,
                             table == simple_members ? "query text missing"
                                                     : "must be provided with a [query]");
    if (code == AUK_OK && string->default_field && string->field_count)
        code = auk_fail_type(string->parser->err, AUK_INVALID, "illegal_argument_exception",
                             "cannot use [fields] parameter in conjunction with [default_field]");
    return code;
}

/* The query keeps its boost and name and becomes what the string says. */
static auk_code become(const auk_string_query *string, bool simple, auk_query *query)
{
    auk_query *said = NULL;
    if (string->text.size > AUK_QUERY_STRING_LIMIT)
        return auk_fail_type(string->parser->err, AUK_INVALID, "illegal_argument_exception",
                             "The query string is too long: [%zu] bytes, at most [%d] are read",
                             string->text.size, AUK_QUERY_STRING_LIMIT);
    float boost = query->boost;
    auk_span name = query->name;
    auk_code code = simple ? auk_simple_parse(string, &said) : auk_classic_parse(string, &said);
    if (code != AUK_OK)
        return code;
    if (said)
        *query = *said;
    else
        query->kind = AUK_QUERY_MATCH_NONE;
    query->boost = said ? said->boost * boost : boost;
    query->name = name;
    return AUK_OK;
}

static void use_default_field(auk_string_query *string)
{
    if (!string->default_field)
        return;
    string->fields = string->default_field;
    string->field_count = 1;
}

auk_code auk_query_parse_query_string(auk_query_parser *parser, const auk_json *value,
                                      uint32_t depth, auk_query *query)
{
    auk_string_query string = {.parser = parser,
                               .kind = "query_string",
                               .tie_breaker = -1,
                               .fuzzy.fuzziness = BY_LENGTH};
    (void)depth;
    auk_code code = read_members(&string, value, classic_members, ROWS(classic_members), query);
    use_default_field(&string);
    return code == AUK_OK ? become(&string, false, query) : code;
}

auk_code auk_query_parse_simple_query_string(auk_query_parser *parser, const auk_json *value,
                                             uint32_t depth, auk_query *query)
{
    auk_string_query string = {.parser = parser,
                               .kind = "simple_query_string",
                               .tie_breaker = -1,
                               .type = AUK_MULTI_MOST_FIELDS,
                               .fuzzy.fuzziness = BY_LENGTH,
                               .flags = AUK_SIMPLE_ALL};
    (void)depth;
    auk_code code = read_members(&string, value, simple_members, ROWS(simple_members), query);
    return code == AUK_OK ? become(&string, true, query) : code;
}

auk_code auk_query_from_string(const auk_query_string *given, auk_arena *arena,
                               const auk_query **out, auk_error *err)
{
    auk_query_parser parser = {.arena = arena, .err = err};
    auk_string_query string = {.parser = &parser,
                               .kind = "query_string",
                               .text = given->text,
                               .fuzzy.fuzziness = BY_LENGTH,
                               .tie_breaker = -1,
                               .analyze_wildcard = given->analyze_wildcard};
    string.options.lenient = given->lenient;
    string.options.analyzer = given->analyzer;
    string.options.operator= given->operator;
    auk_query *query = AUK_ARENA_NEW(arena, auk_query);
    query->boost = 1.0f;
    *out = query;
    if (given->default_field.size) {
        string.default_field = AUK_ARENA_ARRAY(arena, auk_query_field, 1);
        auk_code code = auk_query_field_read(given->default_field, string.default_field, err);
        if (code != AUK_OK)
            return code;
        use_default_field(&string);
    }
    return become(&string, false, query);
}

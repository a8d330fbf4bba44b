/* The body of _search and its URL parameters: rows of a table, all others refused. */
#include <math.h>

#include "aggregation.h"
#include "auk/nearest.h"
#include "auk/units.h"
#include "sort.h"

typedef struct request_parser {
    auk_search_request *request;
    auk_arena *arena;
    auk_error *err;
} request_parser;

void auk_search_request_init(auk_search_request *request)
{
    *request = (auk_search_request){
        .size = 10,
        .track_total_hits = 10000,
        .source = {.enabled = true},
        .timeout_ms = -1,
    };
}

static const char *token_name(const auk_json *value)
{
    switch (value->type) {
    case AUK_JSON_NULL:
        return "VALUE_NULL";
    case AUK_JSON_FALSE:
    case AUK_JSON_TRUE:
        return "VALUE_BOOLEAN";
    case AUK_JSON_NUMBER:
        return "VALUE_NUMBER";
    case AUK_JSON_STRING:
        return "VALUE_STRING";
    case AUK_JSON_ARRAY:
        return "START_ARRAY";
    case AUK_JSON_OBJECT:
        return "START_OBJECT";
    }
    return "";
}

/* ---- values ---- */

static auk_code not_a(request_parser *parser, const auk_json *value, const char *what)
{
    return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                         "Failed to parse value [%.*s] of [%.*s] as %s", AUK_SPAN_ARG(value->text),
                         AUK_SPAN_ARG(value->key), what);
}

static auk_code read_bool(request_parser *parser, const auk_json *value, bool *out)
{
    return auk_json_to_bool(value, out) ? AUK_OK : not_a(parser, value, "a boolean");
}

static auk_code read_count(request_parser *parser, const auk_json *value, uint32_t *out)
{
    int64_t number;
    if (!auk_json_to_int64(value, &number))
        return not_a(parser, value, "an integer");
    if (number < 0)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "[%.*s] parameter cannot be negative, found [%lld]",
                             AUK_SPAN_ARG(value->key), (long long)number);
    if (number > INT32_MAX)
        return not_a(parser, value, "an integer");
    *out = (uint32_t)number;
    return AUK_OK;
}

/* ---- members ---- */

static auk_code read_query(request_parser *parser, const auk_json *value)
{
    return auk_query_parse(value, parser->arena, &parser->request->query, parser->err);
}

static auk_code read_post_filter(request_parser *parser, const auk_json *value)
{
    return auk_query_parse(value, parser->arena, &parser->request->post_filter, parser->err);
}

static auk_code read_from(request_parser *parser, const auk_json *value)
{
    parser->request->from_given = true;
    return read_count(parser, value, &parser->request->from);
}

static auk_code read_size(request_parser *parser, const auk_json *value)
{
    parser->request->size_given = true;
    return read_count(parser, value, &parser->request->size);
}

static auk_code read_sort(request_parser *parser, const auk_json *value)
{
    return auk_sort_parse(value, parser->arena, &parser->request->sort,
                          &parser->request->sort_count, parser->err);
}

static auk_code read_search_after(request_parser *parser, const auk_json *value)
{
    if (value->type != AUK_JSON_ARRAY)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Expected [START_ARRAY] in [search_after] but found [%s] inside "
                             "search_after.",
                             token_name(value));
    if (value->count == 0)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "Values must contains at least one value.");
    parser->request->search_after = value;
    return AUK_OK;
}

static auk_code read_track_total_hits(request_parser *parser, const auk_json *value)
{
    bool tracked;
    int64_t limit;
    if (auk_json_to_bool(value, &tracked)) {
        parser->request->track_total_hits = tracked ? INT64_MAX : 0;
        return AUK_OK;
    }
    if (!auk_json_to_int64(value, &limit))
        return not_a(parser, value, "a boolean or an integer");
    if (limit < -1)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "[track_total_hits] parameter must be positive or equals to -1, got "
                             "%lld",
                             (long long)limit);
    parser->request->track_total_hits = limit == -1 ? 0 : limit;
    return AUK_OK;
}

static auk_code read_min_score(request_parser *parser, const auk_json *value)
{
    double score;
    if (!auk_json_to_double(value, &score))
        return not_a(parser, value, "a number");
    parser->request->has_min_score = true;
    parser->request->min_score = (float)score;
    return AUK_OK;
}

static auk_code read_source(request_parser *parser, const auk_json *value)
{
    return auk_source_filter_parse(value, parser->arena, &parser->request->source, parser->err);
}

static auk_code read_explain(request_parser *parser, const auk_json *value)
{
    return read_bool(parser, value, &parser->request->explain);
}

static auk_code read_profile(request_parser *parser, const auk_json *value)
{
    return read_bool(parser, value, &parser->request->profile);
}

static auk_code read_version(request_parser *parser, const auk_json *value)
{
    return read_bool(parser, value, &parser->request->version);
}

static auk_code read_seq_no(request_parser *parser, const auk_json *value)
{
    return read_bool(parser, value, &parser->request->seq_no_primary_term);
}

static auk_code read_track_scores(request_parser *parser, const auk_json *value)
{
    return read_bool(parser, value, &parser->request->track_scores);
}

static auk_code read_aggregations(request_parser *parser, const auk_json *value)
{
    if (value->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unknown key for a %s in [%.*s].", token_name(value),
                             AUK_SPAN_ARG(value->key));
    return auk_aggregations_parse(value, parser->arena, &parser->request->aggregations,
                                  &parser->request->aggregation_count, parser->err);
}

static auk_code read_timeout(request_parser *parser, const auk_json *value)
{
    if (!auk_time_parse_ms(value->text, &parser->request->timeout_ms))
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "failed to parse setting [timeout] with value [%.*s] as a time value: "
                             "unit is missing or unrecognized",
                             AUK_SPAN_ARG(value->text));
    return AUK_OK;
}

static auk_code read_terminate_after(request_parser *parser, const auk_json *value)
{
    uint32_t count = 0;
    auk_code code = read_count(parser, value, &count);
    parser->request->terminate_after = count;
    return code;
}

static auk_code read_pit(request_parser *parser, const auk_json *value)
{
    auk_search_request *request = parser->request;
    if (value->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unknown key for a %s in [pit].", token_name(value));
    request->pit = value;
    for (const auk_json *member = value->child; member; member = member->next) {
        if (auk_span_is(member->key, "id"))
            request->pit_id = member->text;
        else if (auk_span_is(member->key, "keep_alive"))
            request->pit_keep_alive = member->text;
        else
            return auk_fail_type(parser->err, AUK_INVALID, "x_content_parse_exception",
                                 "[pit] unknown field [%.*s]", AUK_SPAN_ARG(member->key));
    }
    if (request->pit_id.size == 0)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "point in time id is not provided");
    return AUK_OK;
}

/* Groups of statistics, which nobody keeps here: taken and left, as clients send them. */
static auk_code read_stats(request_parser *parser, const auk_json *value)
{
    (void)parser, (void)value;
    return AUK_OK;
}

/* Nothing is stored beside the source: a list without a name asks for hits without it. */
static auk_code read_stored_fields(request_parser *parser, const auk_json *value)
{
    bool none = value->type == AUK_JSON_STRING && auk_span_is(value->text, "_none_");
    if (!none && !(value->type == AUK_JSON_ARRAY && value->count == 0))
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "[stored_fields] supports [] and [_none_] only: fields come from "
                             "[_source]");
    parser->request->source.enabled = false;
    return AUK_OK;
}

typedef struct member_row {
    const char *name;
    auk_code (*read)(request_parser *parser, const auk_json *value); /* NULL: known and refused */
} member_row;

static const member_row members[] = {
    {"query", read_query},
    {"post_filter", read_post_filter},
    {"from", read_from},
    {"size", read_size},
    {"sort", read_sort},
    {"search_after", read_search_after},
    {"track_total_hits", read_track_total_hits},
    {"track_scores", read_track_scores},
    {"min_score", read_min_score},
    {"_source", read_source},
    {"stored_fields", read_stored_fields},
    {"explain", read_explain},
    {"profile", read_profile},
    {"version", read_version},
    {"seq_no_primary_term", read_seq_no},
    {"aggs", read_aggregations},
    {"aggregations", read_aggregations},
    {"timeout", read_timeout},
    {"terminate_after", read_terminate_after},
    {"pit", read_pit},
    {"stats", read_stats},
    {"highlight", NULL},
    {"suggest", NULL},
    {"rescore", NULL},
    {"collapse", NULL},
    {"fields", NULL},
    {"docvalue_fields", NULL},
    {"script_fields", NULL},
    {"indices_boost", NULL},
    {"runtime_mappings", NULL},
    {"slice", NULL},
    {"knn", NULL},
    {"rank", NULL},
    {"retriever", NULL},
    {"ext", NULL},
};
#define MEMBERS (sizeof members / sizeof members[0])

static auk_code refuse_member(request_parser *parser, const auk_json *member)
{
    auk_span names[MEMBERS];
    size_t count = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        if (members[i].read)
            names[count++] = auk_span_of(members[i].name);
    auk_span close = auk_nearest(member->key, names, count);
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception", "Unknown key for a %s in [%.*s].",
                  token_name(member), AUK_SPAN_ARG(member->key));
    if (close.size)
        auk_hint(parser->err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code read_member(request_parser *parser, const auk_json *member)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!auk_span_is(member->key, members[i].name))
            continue;
        if (members[i].read)
            return members[i].read(parser, member);
        bool off = member->type == AUK_JSON_FALSE || member->type == AUK_JSON_NULL ||
                   ((member->type == AUK_JSON_ARRAY || member->type == AUK_JSON_OBJECT) &&
                    member->count == 0);
        if (off)
            return AUK_OK;
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "[%.*s] is not supported in a search request",
                             AUK_SPAN_ARG(member->key));
    }
    return refuse_member(parser, member);
}

/* Searches over a point in time break ties by place, so that pages neither repeat nor lose a hit.
 */
static auk_code add_tie_breaker(request_parser *parser)
{
    auk_search_request *request = parser->request;
    if (!request->pit || !request->sort)
        return AUK_OK;
    for (uint32_t i = 0; i < request->sort_count; i++)
        if (request->sort[i].by == AUK_SORT_SHARD_DOC || request->sort[i].by == AUK_SORT_DOC)
            return AUK_OK;
    auk_sort_key *keys =
        AUK_ARENA_ARRAY(parser->arena, auk_sort_key, (size_t)request->sort_count + 1);
    memcpy(keys, request->sort, sizeof *keys * request->sort_count);
    keys[request->sort_count++] =
        (auk_sort_key){.by = AUK_SORT_SHARD_DOC, .field = AUK_SPAN("_shard_doc")};
    request->sort = keys;
    return AUK_OK;
}

auk_code auk_search_request_parse(const auk_json *body, auk_arena *arena,
                                  auk_search_request *request, auk_error *err)
{
    request_parser parser = {request, arena, err};
    if (!body)
        return AUK_OK;
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "Expected [START_OBJECT] but found [%s]", token_name(body));
    for (const auk_json *member = body->child; member; member = member->next) {
        auk_code code = read_member(&parser, member);
        if (code != AUK_OK)
            return code;
    }
    return add_tie_breaker(&parser);
}

/* ---- URL parameters ---- */

static void split_list(auk_span text, auk_arena *arena, const auk_span **out, uint32_t *count)
{
    size_t commas = 1;
    for (size_t i = 0; i < text.size; i++)
        commas += text.data[i] == ',';
    auk_span *items = AUK_ARENA_ARRAY(arena, auk_span, commas);
    uint32_t used = 0;
    while (text.size) {
        const char *comma = memchr(text.data, ',', text.size);
        size_t size = comma ? (size_t)(comma - text.data) : text.size;
        if (size)
            items[used++] = auk_span_make(text.data, size);
        text = auk_span_from(text, comma ? size + 1 : size);
    }
    *out = items;
    *count = used;
}

static auk_code set_source(request_parser *parser, auk_span value)
{
    auk_source_filter *source = &parser->request->source;
    const auk_json text = {.type = AUK_JSON_STRING, .text = value};
    bool shown;
    if (auk_json_to_bool(&text, &shown)) {
        source->enabled = shown;
        return AUK_OK;
    }
    source->enabled = true;
    split_list(value, parser->arena, &source->includes, &source->include_count);
    return AUK_OK;
}

static auk_code set_includes(request_parser *parser, auk_span value)
{
    auk_source_filter *source = &parser->request->source;
    split_list(value, parser->arena, &source->includes, &source->include_count);
    return AUK_OK;
}

static auk_code set_excludes(request_parser *parser, auk_span value)
{
    auk_source_filter *source = &parser->request->source;
    split_list(value, parser->arena, &source->excludes, &source->exclude_count);
    return AUK_OK;
}

static auk_code set_sort(request_parser *parser, auk_span value)
{
    return auk_sort_parse_text(value, parser->arena, &parser->request->sort,
                               &parser->request->sort_count, parser->err);
}

/* A flag without a value is set. */
static auk_code set_flag(request_parser *parser, const char *name, auk_span value, bool *out)
{
    const auk_json text = {.type = AUK_JSON_STRING, .key = auk_span_of(name), .text = value};
    if (value.size == 0) {
        *out = true;
        return AUK_OK;
    }
    return read_bool(parser, &text, out);
}

static auk_code set_typed_keys(request_parser *parser, auk_span value)
{
    return set_flag(parser, "typed_keys", value, &parser->request->typed_keys);
}

static auk_code set_total_as_int(request_parser *parser, auk_span value)
{
    return set_flag(parser, "rest_total_hits_as_int", value, &parser->request->total_hits_as_int);
}

static const struct {
    const char *name;
    auk_code (*set)(request_parser *parser, auk_span value);
} parameters[] = {
    {"_source", set_source},           {"_source_includes", set_includes},
    {"_source_include", set_includes}, {"_source_excludes", set_excludes},
    {"_source_exclude", set_excludes}, {"sort", set_sort},
    {"typed_keys", set_typed_keys},    {"rest_total_hits_as_int", set_total_as_int},
};

/* Parameters that are the body's members by the same name. */
static const char *const shared[] = {
    "from",    "size",    "track_total_hits",    "track_scores",    "min_score", "explain",
    "version", "timeout", "seq_no_primary_term", "terminate_after", "stats"};

auk_code auk_search_request_parameter(auk_search_request *request, auk_span name, auk_span value,
                                      auk_arena *arena, bool *known, auk_error *err)
{
    request_parser parser = {request, arena, err};
    *known = true;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (auk_span_is(name, parameters[i].name))
            return parameters[i].set(&parser, value);
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        if (!auk_span_is(name, shared[i]))
            continue;
        auk_json *text = AUK_ARENA_NEW(arena, auk_json);
        *text = (auk_json){.type = AUK_JSON_STRING, .key = name, .text = value};
        if (value.size == 0)
            *text = (auk_json){.type = AUK_JSON_TRUE, .key = name, .text = AUK_SPAN("true")};
        return read_member(&parser, text);
    }
    *known = false;
    return AUK_OK;
}

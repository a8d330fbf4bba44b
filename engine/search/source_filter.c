/* _source filtering: which members of a source an answer shows. */
#include "auk/mapping.h"
#include "auk/search.h"

/* Each member of each hit is held against each pattern. */
#define PATTERN_LIMIT      1024u
#define PATTERN_SIZE_LIMIT 4096u

/* ---- parsing ---- */

static auk_code parse_patterns(const auk_json *value, auk_arena *arena, const auk_span **out,
                               uint32_t *count, auk_error *err)
{
    bool list = value->type == AUK_JSON_ARRAY;
    if (list && value->count > PATTERN_LIMIT)
        return auk_fail(err, AUK_INVALID, "too many patterns in [_source]: at most %u",
                        PATTERN_LIMIT);
    auk_span *patterns = AUK_ARENA_ARRAY(arena, auk_span, (list ? value->count : 1) + 1);
    *count = 0;
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        if (item->type != AUK_JSON_STRING)
            return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                 "Unknown key for a %s in [_source].",
                                 auk_json_type_name(item->type));
        if (item->text.size > PATTERN_SIZE_LIMIT)
            return auk_fail(err, AUK_INVALID, "a pattern in [_source] is longer than %u bytes",
                            PATTERN_SIZE_LIMIT);
        patterns[(*count)++] = item->text;
    }
    *out = patterns;
    return AUK_OK;
}

static auk_code parse_object(const auk_json *value, auk_arena *arena, auk_source_filter *out,
                             auk_error *err)
{
    for (const auk_json *member = value->child; member; member = member->next) {
        auk_code code;
        if (auk_span_is(member->key, "includes") || auk_span_is(member->key, "include"))
            code = parse_patterns(member, arena, &out->includes, &out->include_count, err);
        else if (auk_span_is(member->key, "excludes") || auk_span_is(member->key, "exclude"))
            code = parse_patterns(member, arena, &out->excludes, &out->exclude_count, err);
        else
            code = auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                 "Unknown key for a %s in [%.*s].",
                                 auk_json_type_name(member->type), AUK_SPAN_ARG(member->key));
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_source_filter_parse(const auk_json *value, auk_arena *arena, auk_source_filter *out,
                                 auk_error *err)
{
    bool shown;
    *out = (auk_source_filter){.enabled = true};
    switch (value->type) {
    case AUK_JSON_OBJECT:
        return parse_object(value, arena, out, err);
    case AUK_JSON_STRING:
        if (auk_json_to_bool(value, &shown)) {
            out->enabled = shown;
            return AUK_OK;
        }
        return parse_patterns(value, arena, &out->includes, &out->include_count, err);
    case AUK_JSON_ARRAY:
        return parse_patterns(value, arena, &out->includes, &out->include_count, err);
    case AUK_JSON_TRUE:
    case AUK_JSON_FALSE:
        out->enabled = value->type == AUK_JSON_TRUE;
        return AUK_OK;
    default:
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [%s]",
                             auk_json_type_name(value->type));
    }
}

/* ---- applying ---- */

typedef struct filtering {
    const auk_source_filter *filter;
    auk_json_writer *out;
    auk_buffer path; /* of the member in hand */
} filtering;

static bool covered(const auk_span *patterns, uint32_t count, auk_span path)
{
    for (uint32_t i = 0; i < count; i++)
        if (auk_pattern_covers(patterns[i], path))
            return true;
    return false;
}

/* May something below path match the pattern? Its first parts must match the path's. */
static bool leads_to(auk_span pattern, auk_span path)
{
    size_t dots = 1, end = 0;
    for (size_t i = 0; i < path.size; i++)
        dots += path.data[i] == '.';
    const char *star = pattern.size ? memchr(pattern.data, '*', pattern.size) : NULL;
    while (end < pattern.size && dots > 0)
        dots -= pattern.data[end++] == '.';
    if (dots == 0 && auk_pattern_matches(auk_span_make(pattern.data, end - 1), path))
        return true;
    /* A star matches dots too: what stands in front of it decides. */
    if (!star)
        return false;
    size_t fixed = (size_t)(star - pattern.data);
    size_t shared = fixed < path.size ? fixed : path.size;
    return memcmp(pattern.data, path.data, shared) == 0;
}

static bool led_to(const auk_span *patterns, uint32_t count, auk_span path)
{
    for (uint32_t i = 0; i < count; i++)
        if (leads_to(patterns[i], path))
            return true;
    return false;
}

static void write_value(filtering *state, const auk_json *value, bool included);

static void write_members(filtering *state, const auk_json *object, bool included)
{
    const auk_source_filter *filter = state->filter;
    size_t size = state->path.size;
    auk_json_begin_object(state->out);
    for (const auk_json *member = object->child; member; member = member->next) {
        state->path.size = size;
        if (size)
            auk_buffer_append_byte(&state->path, '.');
        auk_buffer_append(&state->path, member->key);
        auk_span path = auk_buffer_span(&state->path);
        if (covered(filter->excludes, filter->exclude_count, path))
            continue;
        bool whole = included || covered(filter->includes, filter->include_count, path);
        bool deep = member->type == AUK_JSON_OBJECT || member->type == AUK_JSON_ARRAY;
        if (!whole && !(deep && led_to(filter->includes, filter->include_count, path)))
            continue;
        auk_json_key(state->out, member->key);
        write_value(state, member, whole);
    }
    state->path.size = size;
    auk_json_end_object(state->out);
}

static void write_items(filtering *state, const auk_json *array, bool included)
{
    auk_json_begin_array(state->out);
    for (const auk_json *item = array->child; item; item = item->next) {
        bool deep = item->type == AUK_JSON_OBJECT || item->type == AUK_JSON_ARRAY;
        if (included || deep)
            write_value(state, item, included);
    }
    auk_json_end_array(state->out);
}

static void write_value(filtering *state, const auk_json *value, bool included)
{
    if (value->type == AUK_JSON_OBJECT)
        write_members(state, value, included);
    else if (value->type == AUK_JSON_ARRAY)
        write_items(state, value, included);
    else
        auk_json_value(state->out, value);
}

auk_code auk_source_filter_apply(const auk_source_filter *filter, auk_span source, auk_arena *arena,
                                 auk_buffer *out, auk_error *err)
{
    const auk_json *value;
    if (filter->include_count == 0 && filter->exclude_count == 0) {
        auk_buffer_append(out, source);
        return auk_buffer_explain(out, err);
    }
    auk_code code = auk_json_parse(source, arena, &value, err);
    if (code != AUK_OK)
        return code;
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    filtering state = {.filter = filter, .out = &writer};
    auk_buffer_init(&state.path, 1 << 16);
    write_value(&state, value, filter->include_count == 0);
    auk_buffer_deinit(&state.path);
    return auk_buffer_explain(out, err);
}

/*
 * _analyze: what a text becomes. Texts of a list follow each other as values of one field do: the
 * analyzer's gap between their positions, one character between their offsets.
 */
#include "admin.h"

#include "auk/analyzer.h"
#include "auk/utf8.h"

#define DEFAULT_TOKEN_LIMIT 10000

typedef struct request {
    const auk_json *analyzer, *tokenizer, *filters, *char_filters, *normalizer, *field, *text;
    const auk_json *attributes;
    bool explain;
} request;

/* What the request resolves to. */
typedef struct setup {
    auk_call *call;
    request asked;
    const auk_root *root;
    const auk_index_view *view; /* NULL: no index was named */
    auk_analysis *analysis;     /* counted */
    const auk_analyzer *chain;
    auk_analyzer *built; /* to be destroyed; NULL */
    auk_analyzer_scratch *scratch;
    int64_t token_limit;
    uint64_t token_count;
} setup;

/* ---- the body ---- */

static auk_code invalid(const char *why, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: %s;", why);
}

static auk_code check_request(const request *asked, bool has_index, auk_error *err)
{
    bool parts = asked->tokenizer || asked->filters || asked->char_filters;
    if (!asked->text || (asked->text->type == AUK_JSON_ARRAY && asked->text->count == 0))
        return invalid("text is missing", err);
    if (asked->normalizer && !has_index)
        return invalid("index is required if normalizer is specified", err);
    if (asked->normalizer && (asked->tokenizer || asked->analyzer))
        return invalid("tokenizer/analyze should be null if normalizer is specified", err);
    if (asked->analyzer && parts)
        return invalid("cannot define extra components on a named analyzer", err);
    if (asked->normalizer && parts)
        return invalid("cannot define extra components on a named normalizer", err);
    if (asked->field && parts)
        return invalid("cannot define extra components on a field-specific analyzer", err);
    if (asked->field && !has_index)
        return auk_fail(err, AUK_INVALID, "analysis based on a specific field requires an index");
    return AUK_OK;
}

static auk_code need_text(const auk_json *value, const char *name, auk_error *err)
{
    if (!value || value->type == AUK_JSON_STRING)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "%s should be a text, not %s", name,
                    auk_json_type_name(value->type));
}

static auk_code need_texts(const auk_json *value, const char *name, auk_error *err)
{
    bool list = value && value->type == AUK_JSON_ARRAY;
    auk_code code = AUK_OK;
    for (const auk_json *item = list ? value->child : value; item && code == AUK_OK;
         item = list ? item->next : NULL)
        if (item->type == AUK_JSON_ARRAY || item->type == AUK_JSON_OBJECT ||
            item->type == AUK_JSON_NULL)
            code = auk_fail(err, AUK_INVALID, "%s should hold texts, not %s", name,
                            auk_json_type_name(item->type));
    return code;
}

static auk_code read_request(auk_call *call, request *out, auk_error *err)
{
    const auk_json *body;
    *out = (request){0};
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_body_check(
            body, "analyze_request",
            "analyzer tokenizer filter char_filter normalizer field text explain attributes", err);
    if (code != AUK_OK)
        return code;
    out->analyzer = auk_json_get(body, "analyzer");
    out->tokenizer = auk_json_get(body, "tokenizer");
    out->filters = auk_json_get(body, "filter");
    out->char_filters = auk_json_get(body, "char_filter");
    out->normalizer = auk_json_get(body, "normalizer");
    out->field = auk_json_get(body, "field");
    out->text = auk_json_get(body, "text");
    out->attributes = auk_json_get(body, "attributes");
    const auk_json *explain = auk_json_get(body, "explain");
    if (explain && !auk_json_to_bool(explain, &out->explain))
        return auk_fail(err, AUK_INVALID, "explain must be either 'true' or 'false'");
    code = need_text(out->analyzer, "analyzer", err);
    if (code == AUK_OK)
        code = need_text(out->normalizer, "normalizer", err);
    if (code == AUK_OK)
        code = need_text(out->field, "field", err);
    if (code == AUK_OK)
        code = need_texts(out->text, "text", err);
    if (code == AUK_OK)
        code = need_texts(out->attributes, "attributes", err);
    return code;
}

/* ---- which chain ---- */

/* A name, or a definition with its keys below prefix. */
static auk_code put_component(const auk_json *value, auk_span key, auk_arena *arena,
                              auk_settings *spec, auk_error *err)
{
    if (value->type == AUK_JSON_STRING) {
        auk_settings_put(spec, key, value->text);
        return AUK_OK;
    }
    if (value->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "[%.*s] should be a name or a definition, not %s",
                        AUK_SPAN_ARG(key), auk_json_type_name(value->type));
    auk_settings *flat = auk_settings_create();
    auk_code code = auk_settings_from_json(value, flat, err);
    for (uint32_t i = 0; code == AUK_OK && i < auk_settings_count(flat); i++) {
        const auk_setting *setting = auk_settings_at(flat, i);
        auk_span whole =
            auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(key), AUK_SPAN_ARG(setting->key));
        if (setting->is_list)
            auk_settings_put_list(spec, whole, setting->values, setting->count);
        else
            auk_settings_put(spec, whole, setting->values[0]);
    }
    auk_settings_destroy(flat);
    return code;
}

static auk_code put_components(const auk_json *value, const char *key, auk_arena *arena,
                               auk_settings *spec, auk_error *err)
{
    bool list = value && value->type == AUK_JSON_ARRAY;
    unsigned number = 0;
    auk_code code = AUK_OK;
    for (const auk_json *item = list ? value->child : value; item && code == AUK_OK;
         item = list ? item->next : NULL)
        code =
            put_component(item, auk_arena_printf(arena, "%s.%u", key, number++), arena, spec, err);
    return code;
}

/* What the index allows its own components it allows those of a request. */
static void put_limits(const setup *s, auk_settings *spec)
{
    static const auk_span keys[] = {AUK_SPAN_INIT("index.max_ngram_diff"),
                                    AUK_SPAN_INIT("index.max_shingle_diff")};
    for (size_t i = 0; s->view && i < sizeof keys / sizeof keys[0]; i++) {
        const auk_setting *limit = auk_settings_find(s->view->settings, keys[i]);
        if (limit && limit->count)
            auk_settings_put(spec, keys[i], limit->values[0]);
    }
}

static auk_code build_chain(setup *s, auk_error *err)
{
    auk_arena *arena = s->call->arena;
    auk_settings *spec = auk_settings_create();
    auk_code code = AUK_OK;
    put_limits(s, spec);
    if (s->asked.tokenizer)
        code = put_component(s->asked.tokenizer, AUK_SPAN("tokenizer"), arena, spec, err);
    if (code == AUK_OK)
        code = put_components(s->asked.char_filters, "char_filter", arena, spec, err);
    if (code == AUK_OK)
        code = put_components(s->asked.filters, "filter", arena, spec, err);
    if (code == AUK_OK)
        code = auk_catalog_build_analyzer(s->call->rest->options.catalog, spec,
                                          s->view ? s->analysis : NULL, &s->built, err);
    auk_settings_destroy(spec);
    s->chain = s->built;
    return code;
}

static auk_code find_chain(setup *s, auk_span name, bool normalizer, auk_error *err)
{
    const char *what = normalizer ? "normalizer" : "analyzer";
    s->chain = normalizer ? auk_analysis_find_normalizer(s->analysis, name)
                          : auk_analysis_find(s->analysis, name);
    if (s->chain)
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "failed to find %s%s [%.*s]", s->view ? "" : "global ", what,
             AUK_SPAN_ARG(name));
    auk_span close = auk_analysis_nearest(s->analysis, name, normalizer);
    if (!normalizer && auk_analysis_hint_missing(name, err))
        return AUK_INVALID;
    if (close.size)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code chain_of_field(setup *s, auk_error *err)
{
    auk_span path = s->asked.field->text;
    const auk_field *field = auk_mapping_find(s->view->mapping, path);
    if (!field)
        return find_chain(s, AUK_SPAN("default"), false, err);
    if (field->type == AUK_TYPE_TEXT) {
        s->chain = field->analyzer;
        return AUK_OK;
    }
    if (field->type != AUK_TYPE_KEYWORD)
        return auk_fail(err, AUK_INVALID,
                        "Can't process field [%.*s], Analysis requests are only supported on "
                        "tokenized fields",
                        AUK_SPAN_ARG(path));
    s->chain = field->normalizer;
    return s->chain ? AUK_OK : find_chain(s, AUK_SPAN("keyword"), false, err);
}

static auk_code choose_chain(setup *s, auk_error *err)
{
    const request *asked = &s->asked;
    if (asked->analyzer)
        return find_chain(s, asked->analyzer->text, false, err);
    if (asked->normalizer)
        return find_chain(s, asked->normalizer->text, true, err);
    if (asked->tokenizer || asked->filters || asked->char_filters)
        return build_chain(s, err);
    if (asked->field)
        return chain_of_field(s, err);
    return find_chain(s, AUK_SPAN("default"), false, err);
}

static auk_code find_index(setup *s, auk_span name, auk_error *err)
{
    auk_resolve_options options = {.single = true};
    auk_resolved *found;
    uint32_t count;
    s->root = auk_root_acquire(s->call->rest->options.catalog);
    auk_code code = auk_root_resolve(s->root, name, &options, s->call->arena, &found, &count, err);
    if (code != AUK_OK)
        return code;
    s->view = found[0].view;
    s->analysis =
        auk_analysis_acquire((auk_analysis *)(uintptr_t)auk_mapping_analysis(s->view->mapping));
    return auk_settings_int(s->view->settings, AUK_SPAN("index.analyze.max_token_count"),
                            DEFAULT_TOKEN_LIMIT, 1, INT32_MAX, &s->token_limit, err);
}

/* ---- tokens as JSON ---- */

/* Offsets count UTF-16 units of the text; tokens come nearly in order, so counting goes on. */
typedef struct unit_counter {
    auk_span text;
    size_t bytes;
    uint64_t units;
} unit_counter;

static uint64_t units_at(unit_counter *counter, size_t offset)
{
    if (offset < counter->bytes)
        counter->bytes = counter->units = 0;
    if (offset > counter->text.size)
        offset = counter->text.size;
    counter->units += auk_utf8_utf16_length(
        auk_span_make(counter->text.data + counter->bytes, offset - counter->bytes));
    counter->bytes = offset;
    return counter->units;
}

/* Where the next text of a list begins. */
typedef struct base {
    uint64_t position, offset;
} base;

typedef enum detail { DETAIL_NONE, DETAIL_TOKENIZER, DETAIL_FILTER } detail;

static bool wants(const request *asked, const char *attribute)
{
    const auk_json *list = asked->attributes;
    if (!list || (list->type == AUK_JSON_ARRAY && list->count == 0))
        return true;
    if (list->type != AUK_JSON_ARRAY)
        return list->text.size == strlen(attribute) &&
               strncasecmp(list->text.data, attribute, list->text.size) == 0;
    for (const auk_json *item = list->child; item; item = item->next)
        if (item->text.size == strlen(attribute) &&
            strncasecmp(item->text.data, attribute, item->text.size) == 0)
            return true;
    return false;
}

static void write_bytes(auk_call *call, auk_span text)
{
    auk_buffer hex;
    auk_buffer_init(&hex, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0; i < text.size; i++)
        auk_buffer_printf(&hex, "%s%x", i ? " " : "[", auk_span_bytes(text)[i]);
    auk_buffer_append_text(&hex, text.size ? "]" : "[]");
    auk_json_member_string(&call->out, "bytes", auk_buffer_span(&hex));
    auk_buffer_deinit(&hex);
}

static void write_token(const setup *s, const auk_token *token, detail form, const base *from,
                        unit_counter *counter)
{
    auk_json_writer *out = &s->call->out;
    auk_json_begin_object(out);
    auk_json_member_string(out, "token", auk_token_text(token));
    auk_json_member_uint(out, "start_offset", from->offset + units_at(counter, token->start));
    auk_json_member_uint(out, "end_offset", from->offset + units_at(counter, token->end));
    auk_json_member_text(out, "type", auk_token_type_name(token->type));
    auk_json_member_uint(out, "position", from->position + token->position);
    if (form != DETAIL_NONE && wants(&s->asked, "bytes"))
        write_bytes(s->call, auk_token_text(token));
    if (form == DETAIL_FILTER && wants(&s->asked, "keyword"))
        auk_json_member_bool(out, "keyword", token->flags & AUK_TOKEN_KEYWORD);
    if (form == DETAIL_NONE ? token->position_length > 1 : wants(&s->asked, "positionLength"))
        auk_json_member_uint(out, "positionLength", token->position_length);
    if (form != DETAIL_NONE && wants(&s->asked, "termFrequency"))
        auk_json_member_uint(out, "termFrequency", 1);
    auk_json_end_object(out);
}

static auk_code write_tokens(setup *s, const auk_token *items, size_t count, detail form,
                             const base *from, auk_span text, auk_error *err)
{
    unit_counter counter = {text, 0, 0};
    s->token_count += count;
    if (s->token_count > (uint64_t)s->token_limit)
        return auk_fail_type(
            err, AUK_INVALID, "illegal_state_exception",
            "The number of tokens produced by calling _analyze has exceeded the allowed maximum of "
            "[%lld]. This limit can be set by changing the [index.analyze.max_token_count] index "
            "level setting.",
            (long long)s->token_limit);
    for (size_t i = 0; i < count; i++)
        write_token(s, &items[i], form, from, &counter);
    return AUK_OK;
}

static void step_base(const setup *s, base *from, uint64_t end_position, auk_span text)
{
    from->position += end_position + auk_analyzer_position_gap(s->chain);
    from->offset += auk_utf8_utf16_length(text) + 1;
}

static auk_span text_at(const request *asked, uint32_t number)
{
    if (asked->text->type != AUK_JSON_ARRAY)
        return asked->text->text;
    const auk_json *item = asked->text->child;
    while (number-- > 0)
        item = item->next;
    return item->text;
}

static uint32_t text_count(const request *asked)
{
    return asked->text->type == AUK_JSON_ARRAY ? asked->text->count : 1;
}

static auk_code analyze_whole(setup *s, detail form, auk_error *err)
{
    base from = {0, 0};
    auk_tokens tokens;
    auk_code code = AUK_OK;
    auk_tokens_init(&tokens);
    auk_tokens_allow(&tokens, AUK_TOKENS_LIMIT, 0, s->call->arena);
    auk_json_member_array(&s->call->out, "tokens");
    for (uint32_t i = 0; i < text_count(&s->asked) && code == AUK_OK; i++) {
        auk_span text = text_at(&s->asked, i);
        code = auk_analyzer_run(s->chain, s->scratch, text, &tokens, err);
        if (code == AUK_OK)
            code = write_tokens(s, tokens.items, tokens.count, form, &from, text, err);
        step_base(s, &from, tokens.end_position, text);
    }
    auk_json_end_array(&s->call->out);
    auk_tokens_deinit(&tokens);
    return code;
}

/* ---- explain: stage by stage ---- */

/* stages[t][i]: what text t became in stage i. */
typedef struct staged {
    const auk_stage **stages;
    size_t stage_count;
} staged;

static auk_code run_stages(setup *s, staged *out, auk_error *err)
{
    uint32_t count = text_count(&s->asked);
    auk_code code = AUK_OK;
    out->stages = AUK_ARENA_ARRAY(s->call->arena, const auk_stage *, count + 1);
    out->stage_count = 0;
    for (uint32_t t = 0; t < count && code == AUK_OK; t++)
        code = auk_analyzer_run_stages(s->chain, s->scratch, text_at(&s->asked, t), s->call->arena,
                                       &out->stages[t], &out->stage_count, err);
    return code;
}

static void write_filtered_texts(setup *s, const staged *all, size_t stage)
{
    auk_json_writer *out = &s->call->out;
    auk_json_begin_object(out);
    auk_json_member_string(out, "name", all->stages[0][stage].name);
    auk_json_member_array(out, "filtered_text");
    for (uint32_t t = 0; t < text_count(&s->asked); t++)
        auk_json_string(out, all->stages[t][stage].text);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

/* The members of an object that is open already. */
static auk_code write_stage(setup *s, const staged *all, size_t stage, detail form, auk_error *err)
{
    base from = {0, 0};
    auk_code code = AUK_OK;
    s->token_count = 0;
    auk_json_member_string(&s->call->out, "name", all->stages[0][stage].name);
    auk_json_member_array(&s->call->out, "tokens");
    for (uint32_t t = 0; t < text_count(&s->asked) && code == AUK_OK; t++) {
        const auk_stage *one = &all->stages[t][stage];
        auk_span text = text_at(&s->asked, t);
        code = write_tokens(s, one->items, one->count, form, &from, text, err);
        step_base(s, &from, one->end_position, text);
    }
    auk_json_end_array(&s->call->out);
    return code;
}

static auk_code explain_stages(setup *s, auk_error *err)
{
    staged all;
    auk_json_writer *out = &s->call->out;
    auk_code code = run_stages(s, &all, err);
    size_t i = 0;
    if (code != AUK_OK)
        return code;
    auk_json_member_array(out, "charfilters");
    for (; i < all.stage_count && all.stages[0][i].kind == AUK_STAGE_CHAR_FILTER; i++)
        write_filtered_texts(s, &all, i);
    auk_json_end_array(out);
    auk_json_member_object(out, "tokenizer");
    if (i < all.stage_count)
        code = write_stage(s, &all, i++, DETAIL_TOKENIZER, err);
    auk_json_end_object(out);
    auk_json_member_array(out, "tokenfilters");
    for (; i < all.stage_count && code == AUK_OK; i++) {
        auk_json_begin_object(out);
        code = write_stage(s, &all, i, DETAIL_FILTER, err);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    return code;
}

static auk_code explain(setup *s, auk_error *err)
{
    auk_json_writer *out = &s->call->out;
    bool custom = auk_analyzer_is_custom(s->chain);
    auk_code code;
    auk_json_member_object(out, "detail");
    auk_json_member_bool(out, "custom_analyzer", custom);
    if (custom) {
        code = explain_stages(s, err);
    } else {
        auk_json_member_object(out, "analyzer");
        auk_json_member_string(out, "name", auk_analyzer_name(s->chain));
        code = analyze_whole(s, DETAIL_TOKENIZER, err);
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    return code;
}

/* ---- the route ---- */

static auk_code prepare(setup *s, auk_error *err)
{
    auk_span index = auk_call_variable(s->call, "index");
    if (!index.size)
        index = auk_call_parameter(s->call, "index");
    auk_code code = read_request(s->call, &s->asked, err);
    if (code == AUK_OK)
        code = check_request(&s->asked, index.size > 0, err);
    if (code == AUK_OK)
        code =
            index.size ? find_index(s, index, err) : auk_analysis_create(NULL, &s->analysis, err);
    if (code == AUK_OK)
        code = choose_chain(s, err);
    return code;
}

static auk_code analyze(auk_call *call, auk_error *err)
{
    setup s = {.call = call, .token_limit = DEFAULT_TOKEN_LIMIT};
    auk_code code = prepare(&s, err);
    if (code == AUK_OK) {
        s.scratch = auk_analyzer_scratch_create();
        auk_json_begin_object(&call->out);
        code = s.asked.explain ? explain(&s, err) : analyze_whole(&s, DETAIL_NONE, err);
        auk_json_end_object(&call->out);
    }
    auk_analyzer_scratch_destroy(s.scratch);
    auk_analyzer_destroy(s.built);
    auk_analysis_release(s.analysis);
    auk_root_release(call->rest->options.catalog, s.root);
    return code;
}

static const auk_route rows[] = {
    {AUK_M_GET | AUK_M_POST, "/_analyze", "index", analyze, AUK_ROUTE_MANAGE, AUK_RIGHT_READ},
    {AUK_M_GET | AUK_M_POST, "/{index}/_analyze", "index", analyze, AUK_ROUTE_MANAGE,
     AUK_RIGHT_READ},
};

const auk_route_table auk_routes_analyze = {rows, sizeof rows / sizeof rows[0]};

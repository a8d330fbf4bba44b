/* template_body.c - what a template may say: checked when it is put, kept in one form. */
#include <stdlib.h>

#include "auk/nearest.h"
#include "template_private.h"

static const char *const kind_words[] = {"index_template", "component_template", "put_template"};

typedef struct reading {
    auk_template_kind kind;
    auk_span name;
    auk_json_writer out;
} reading;

/* ---- names and patterns ---- */

static auk_code invalid(const reading *r, auk_error *err, const char *why)
{
    return auk_fail_type(err, AUK_INVALID, "invalid_index_template_exception",
                         "index_template [%.*s] invalid, cause [Validation Failed: 1: %s;]",
                         AUK_SPAN_ARG(r->name), why);
}

static auk_code check_name(const reading *r, auk_error *err)
{
    auk_span name = r->name;
    if (name.size == 0)
        return invalid(r, err, "name is missing");
    if (memchr(name.data, ' ', name.size))
        return invalid(r, err, "name must not contain a space");
    if (memchr(name.data, ',', name.size))
        return invalid(r, err, "name must not contain a ','");
    if (memchr(name.data, '#', name.size))
        return invalid(r, err, "name must not contain a '#'");
    if (memchr(name.data, '*', name.size))
        return invalid(r, err, "name must not contain a '*'");
    if (name.data[0] == '_')
        return invalid(r, err, "name must not start with '_'");
    if (name.size > 255)
        return invalid(r, err, "name is too long, must be at most 255 bytes");
    if (!auk_text_is_lowercase(name) && r->kind != AUK_TEMPLATE_LEGACY)
        return invalid(r, err, "name must be lower cased");
    return AUK_OK;
}

static auk_code check_pattern(const reading *r, auk_span pattern, auk_error *err)
{
    if (pattern.size == 0)
        return invalid(r, err, "index_patterns must not contain an empty pattern");
    if (memchr(pattern.data, ' ', pattern.size))
        return invalid(r, err, "index_patterns must not contain a space");
    if (memchr(pattern.data, ',', pattern.size))
        return invalid(r, err, "index_patterns must not contain a ','");
    if (memchr(pattern.data, '#', pattern.size))
        return invalid(r, err, "index_patterns must not contain a '#'");
    if (memchr(pattern.data, ':', pattern.size))
        return invalid(r, err, "index_patterns must not contain a ':'");
    if (pattern.data[0] == '_')
        return invalid(r, err, "index_patterns must not start with '_'");
    for (size_t i = 0; i < pattern.size; i++)
        if (auk_byte_among(pattern.data[i], "\\/?\"<>|"))
            return invalid(r, err,
                           "index_patterns must not contain the following characters "
                           "[' ','\"','*',',','/','<','>','?','\\','|']");
    if (pattern.size > 255)
        return invalid(r, err, "index_patterns must be at most 255 bytes long each");
    return AUK_OK;
}

/* ---- members ---- */

static auk_code wrong_type(const reading *r, const auk_json *member, const char *wanted,
                           auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                         "[%s] [%.*s] must be %s, not %s", kind_words[r->kind],
                         AUK_SPAN_ARG(member->key), wanted, auk_json_type_name(member->type));
}

/* A text stands for a list of one. */
static auk_code read_texts(reading *r, const auk_json *member, auk_error *err)
{
    bool list = member->type == AUK_JSON_ARRAY;
    bool patterns = auk_span_is(member->key, "index_patterns");
    auk_code code = AUK_OK;
    auk_json_key(&r->out, member->key);
    auk_json_begin_array(&r->out);
    for (const auk_json *one = list ? member->child : member; one && code == AUK_OK;
         one = list ? one->next : NULL) {
        if (one->type != AUK_JSON_STRING)
            return wrong_type(r, member, "a list of texts", err);
        if (patterns)
            code = check_pattern(r, one->text, err);
        auk_json_string(&r->out, one->text);
    }
    auk_json_end_array(&r->out);
    return code;
}

static auk_code read_number(reading *r, const auk_json *member, auk_error *err)
{
    int64_t number;
    if (!auk_json_to_int64(member, &number))
        return wrong_type(r, member, "a number", err);
    if (auk_span_is(member->key, "priority") && number < 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: index template priority must be >= 0;");
    auk_json_key(&r->out, member->key);
    auk_json_int(&r->out, number);
    return AUK_OK;
}

static auk_code read_flag(reading *r, const auk_json *member, auk_error *err)
{
    bool flag;
    if (!auk_json_to_bool(member, &flag))
        return wrong_type(r, member, "a boolean", err);
    auk_json_key(&r->out, member->key);
    auk_json_bool(&r->out, flag);
    return AUK_OK;
}

static auk_code read_object(reading *r, const auk_json *member, auk_error *err)
{
    if (member->type != AUK_JSON_OBJECT)
        return wrong_type(r, member, "an object", err);
    auk_json_key(&r->out, member->key);
    auk_json_value(&r->out, member);
    return AUK_OK;
}

static auk_code refuse_member(reading *r, const auk_json *member, auk_error *err)
{
    (void)r;
    auk_fail(err, AUK_INVALID, "[%.*s] is not supported", AUK_SPAN_ARG(member->key));
    auk_hint(err, "auk has no data streams and no index life cycles");
    return AUK_INVALID;
}

static auk_code read_settings(reading *r, const auk_json *member, auk_error *err)
{
    auk_settings *settings = auk_settings_create();
    auk_code code = auk_index_settings_from_json(member, settings, err);
    if (code == AUK_OK)
        code = auk_index_settings_check(settings, err);
    if (code == AUK_OK) {
        auk_json_key(&r->out, member->key);
        auk_settings_write_flat(settings, &r->out);
    }
    auk_settings_destroy(settings);
    return code;
}

static auk_code read_aliases(reading *r, const auk_json *member, auk_error *err)
{
    if (member->type != AUK_JSON_OBJECT)
        return wrong_type(r, member, "an object", err);
    auk_code code = AUK_OK;
    auk_json_key(&r->out, member->key);
    auk_json_begin_object(&r->out);
    for (const auk_json *one = member->child; one && code == AUK_OK; one = one->next) {
        auk_alias alias;
        code = auk_alias_name_check(one->key, err);
        if (code == AUK_OK)
            code = auk_alias_read(one->key, one, &alias, err);
        if (code == AUK_OK)
            auk_alias_write(&alias, &r->out);
    }
    auk_json_end_object(&r->out);
    return code;
}

typedef struct member_row {
    const char *name;
    auk_code (*read)(reading *r, const auk_json *member, auk_error *err);
} member_row;

static auk_code read_template(reading *r, const auk_json *member, auk_error *err);

static const member_row template_rows[] = {
    {"settings", read_settings},
    {"mappings", read_object},
    {"aliases", read_aliases},
    {"lifecycle", refuse_member},
    {"data_stream_options", refuse_member},
    {NULL, NULL},
};
static const member_row index_rows[] = {
    {"index_patterns", read_texts},
    {"template", read_template},
    {"composed_of", read_texts},
    {"ignore_missing_component_templates", read_texts},
    {"priority", read_number},
    {"version", read_number},
    {"_meta", read_object},
    {"allow_auto_create", read_flag},
    {"deprecated", read_flag},
    {"data_stream", refuse_member},
    {NULL, NULL},
};
static const member_row component_rows[] = {
    {"template", read_template},
    {"version", read_number},
    {"_meta", read_object},
    {"deprecated", read_flag},
    {NULL, NULL},
};
static const member_row legacy_rows[] = {
    {"order", read_number},
    {"version", read_number},
    {"index_patterns", read_texts},
    {"settings", read_settings},
    {"mappings", read_object},
    {"aliases", read_aliases},
    {NULL, NULL},
};
static const member_row *const rows_of[] = {index_rows, component_rows, legacy_rows};

#define ROWS_MOST 10

static auk_code unknown_member(const reading *r, const member_row *rows, auk_span key,
                               auk_error *err)
{
    auk_span names[ROWS_MOST];
    size_t count = 0;
    for (; rows[count].name; count++)
        names[count] = auk_span_of(rows[count].name);
    auk_span close = auk_nearest(key, names, count);
    auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                  "[%s] unknown field [%.*s]%s%.*s%s",
                  rows == template_rows ? "template" : kind_words[r->kind], AUK_SPAN_ARG(key),
                  close.size ? " did you mean [" : "", AUK_SPAN_ARG(close), close.size ? "]?" : "");
    return AUK_INVALID;
}

/* null is as if it were not there. */
static auk_code read_members(reading *r, const member_row *rows, const auk_json *body,
                             auk_error *err)
{
    auk_code code = AUK_OK;
    auk_json_begin_object(&r->out);
    for (const auk_json *m = body->child; m && code == AUK_OK; m = m->next) {
        const member_row *row = rows;
        while (row->name && !auk_span_is(m->key, row->name))
            row++;
        if (!row->name)
            return unknown_member(r, rows, m->key, err);
        if (m->type != AUK_JSON_NULL)
            code = row->read(r, m, err);
    }
    auk_json_end_object(&r->out);
    return code;
}

static auk_code read_template(reading *r, const auk_json *member, auk_error *err)
{
    if (member->type != AUK_JSON_OBJECT)
        return wrong_type(r, member, "an object", err);
    auk_json_key(&r->out, member->key);
    return read_members(r, template_rows, member, err);
}

static auk_code check_needed(const reading *r, const auk_json *body, auk_error *err)
{
    const auk_json *patterns = auk_json_get(body, "index_patterns");
    bool some = patterns && (patterns->type == AUK_JSON_STRING || patterns->count > 0);
    if (r->kind == AUK_TEMPLATE_COMPONENT) {
        if (auk_json_get(body, "template"))
            return AUK_OK;
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception", "Required [template]");
    }
    if (some)
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: index patterns are missing;");
}

/* One that is for everything must not hide everything. */
static auk_code check_hidden(const auk_template *template, auk_error *err)
{
    const auk_json *inner = auk_json_get(template->body, "template");
    const auk_json *settings = auk_json_get(inner ? inner : template->body, "settings");
    if (!auk_json_get(settings, "index.hidden") ||
        !auk_template_lists(template, "index_patterns", AUK_SPAN("*")))
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "invalid_index_template_exception",
                         "index_template [%.*s] invalid, cause [Validation Failed: 1: global "
                         "composable templates may not specify the setting index.hidden;]",
                         AUK_SPAN_ARG(template->name));
}

/* ---- whole templates ---- */

void auk_template_destroy(auk_template *template)
{
    if (template)
        auk_arena_destroy(template->arena);
}

auk_code auk_template_restore(auk_template_kind kind, auk_span name, auk_span text,
                              auk_template **out, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_template *template = AUK_ARENA_NEW(arena, auk_template);
    template->arena = arena;
    template->name = auk_arena_copy(arena, name);
    template->text = auk_arena_copy(arena, text);
    auk_code code = auk_json_parse_own(template->text, arena, &template->body, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    const char *key = kind == AUK_TEMPLATE_LEGACY ? "order" : "priority";
    (void)auk_json_to_int64(auk_json_get(template->body, key), &template->priority);
    *out = template;
    return AUK_OK;
}

auk_code auk_template_read(auk_template_kind kind, auk_span name, const auk_json *body,
                           auk_template **out, auk_error *err)
{
    reading r = {.kind = kind, .name = name};
    if (!body || body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body is required");
    auk_code code = check_name(&r, err);
    if (code == AUK_OK)
        code = check_needed(&r, body, err);
    if (code != AUK_OK)
        return code;
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&r.out, &text, false);
    code = read_members(&r, rows_of[kind], body, err);
    if (code == AUK_OK)
        code = auk_template_restore(kind, name, auk_buffer_span(&text), out, err);
    auk_buffer_deinit(&text);
    if (code != AUK_OK)
        return code;
    code = check_hidden(*out, err);
    if (code != AUK_OK)
        auk_template_destroy(*out);
    return code;
}

const auk_json *auk_template_texts(const auk_template *template, const char *key)
{
    const auk_json *list = auk_json_get(template->body, key);
    return list ? list->child : NULL;
}

bool auk_template_lists(const auk_template *template, const char *key, auk_span text)
{
    for (const auk_json *one = auk_template_texts(template, key); one; one = one->next)
        if (auk_span_equal(one->text, text))
            return true;
    return false;
}

#include "bulk_line.h"

#include "auk/nearest.h"
#include "document_check.h"

/* ---- one member, from either reader ---- */

typedef enum member {
    MEMBER_INDEX,
    MEMBER_ID,
    MEMBER_ROUTING,
    MEMBER_TYPE,
    MEMBER_OP_TYPE,
    MEMBER_VERSION,
    MEMBER_VERSION_TYPE,
    MEMBER_IF_SEQ_NO,
    MEMBER_IF_PRIMARY_TERM,
    MEMBER_RETRY,
    MEMBER_REQUIRE_ALIAS,
    MEMBER_PIPELINE,
    MEMBER_SOURCE,
    MEMBER_DYNAMIC_TEMPLATES,
    MEMBER_IGNORED,
    MEMBER_UNKNOWN,
} member;

/* Old clients write an underscore in front of some names. */
static const struct {
    auk_span name;
    member is;
} members[] = {
    {AUK_SPAN_INIT("_index"), MEMBER_INDEX},
    {AUK_SPAN_INIT("_id"), MEMBER_ID},
    {AUK_SPAN_INIT("routing"), MEMBER_ROUTING},
    {AUK_SPAN_INIT("_routing"), MEMBER_ROUTING},
    {AUK_SPAN_INIT("_type"), MEMBER_TYPE},
    {AUK_SPAN_INIT("op_type"), MEMBER_OP_TYPE},
    {AUK_SPAN_INIT("version"), MEMBER_VERSION},
    {AUK_SPAN_INIT("_version"), MEMBER_VERSION},
    {AUK_SPAN_INIT("version_type"), MEMBER_VERSION_TYPE},
    {AUK_SPAN_INIT("_version_type"), MEMBER_VERSION_TYPE},
    {AUK_SPAN_INIT("if_seq_no"), MEMBER_IF_SEQ_NO},
    {AUK_SPAN_INIT("if_primary_term"), MEMBER_IF_PRIMARY_TERM},
    {AUK_SPAN_INIT("retry_on_conflict"), MEMBER_RETRY},
    {AUK_SPAN_INIT("_retry_on_conflict"), MEMBER_RETRY},
    {AUK_SPAN_INIT("require_alias"), MEMBER_REQUIRE_ALIAS},
    {AUK_SPAN_INIT("pipeline"), MEMBER_PIPELINE},
    {AUK_SPAN_INIT("_source"), MEMBER_SOURCE},
    {AUK_SPAN_INIT("dynamic_templates"), MEMBER_DYNAMIC_TEMPLATES},
    {AUK_SPAN_INIT("require_data_stream"), MEMBER_IGNORED},
    {AUK_SPAN_INIT("list_executed_pipelines"), MEMBER_IGNORED},
};
#define MEMBERS (sizeof members / sizeof members[0])

static member member_named(auk_span name)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (auk_span_equal(members[i].name, name))
            return members[i].is;
    return MEMBER_UNKNOWN;
}

static bool kind_named(auk_span name, auk_write_kind *out)
{
    if (auk_span_is(name, "index"))
        *out = AUK_WRITE_INDEX;
    else if (auk_span_is(name, "create"))
        *out = AUK_WRITE_CREATE;
    else if (auk_span_is(name, "update"))
        *out = AUK_WRITE_UPDATE;
    else if (auk_span_is(name, "delete"))
        *out = AUK_WRITE_DELETE;
    else
        return false;
    return true;
}

static auk_code finish(auk_write *write, uint32_t number, bool version_given, auk_error *err)
{
    auk_code code = auk_document_check(write, version_given, err);
    if (code != AUK_OK)
        auk_hint(err, "it is the action on line %u", number);
    return code;
}

/* ---- the usual shape: {"index":{"_index":"a","_id":"b"}} ---- */

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* A text of printable ASCII without escapes; NULL when it is anything else. Bytes behind the line
 * are readable and a line feed or zero byte ends every loop. */
static const char *plain_text(const char *at, auk_span *out)
{
    if (*at != '"')
        return NULL;
    const char *start = ++at;
    while ((unsigned char)(*at - 0x20) < 0x5F && *at != '"' && *at != '\\')
        at++;
    if (*at != '"')
        return NULL;
    *out = auk_span_make(start, (size_t)(at - start));
    return skip_blanks(at + 1);
}

static const char *expect(const char *at, char byte)
{
    return at && *at == byte ? skip_blanks(at + 1) : NULL;
}

/* False also when the member was there before: a duplicate is the JSON reader's to complain of. */
static bool put_plain(auk_span name, auk_span text, auk_write *write, unsigned *seen)
{
    member is = member_named(name);
    if (*seen & 1u << is)
        return false;
    *seen |= 1u << is;
    switch (is) {
    case MEMBER_INDEX:
        write->index = text;
        return true;
    case MEMBER_ID:
        write->id = text;
        return text.size > 0;
    case MEMBER_ROUTING:
        write->routing = text;
        return true;
    case MEMBER_TYPE:
        return true;
    default:
        return false;
    }
}

/* False: not of the usual shape, *write is as it was. */
static bool read_plain(auk_span line, auk_write *write)
{
    auk_span name, text;
    auk_write found = *write;
    const char *at = expect(skip_blanks(line.data), '{');
    at = at ? plain_text(at, &name) : NULL;
    at = expect(expect(at, ':'), '{');
    if (!at || !kind_named(name, &found.kind))
        return false;
    unsigned seen = 0;
    while (*at != '}') {
        if (seen != 0)
            at = expect(at, ',');
        at = at ? expect(plain_text(at, &name), ':') : NULL;
        at = at ? plain_text(at, &text) : NULL;
        if (!at || !put_plain(name, text, &found, &seen))
            return false;
    }
    at = expect(expect(at, '}'), '}');
    if (!at || at != line.data + line.size)
        return false;
    *write = found;
    return true;
}

/* ---- every other shape ---- */

static const char *token_name(const auk_json *value)
{
    static const char *const names[] = {
        [AUK_JSON_NULL] = "VALUE_NULL",     [AUK_JSON_FALSE] = "VALUE_BOOLEAN",
        [AUK_JSON_TRUE] = "VALUE_BOOLEAN",  [AUK_JSON_NUMBER] = "VALUE_NUMBER",
        [AUK_JSON_STRING] = "VALUE_STRING", [AUK_JSON_ARRAY] = "START_ARRAY",
        [AUK_JSON_OBJECT] = "START_OBJECT",
    };
    return names[value->type];
}

typedef struct line_reader {
    auk_write *write;
    uint32_t number;
    bool version_given;
    auk_error *err;
} line_reader;

static auk_code unknown_member(const line_reader *r, auk_span name)
{
    auk_span known[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++)
        known[i] = members[i].name;
    auk_span close = auk_nearest(name, known, MEMBERS);
    auk_fail(r->err, AUK_INVALID, "Action/metadata line [%u] contains an unknown parameter [%.*s]",
             r->number, AUK_SPAN_ARG(name));
    if (close.size)
        auk_hint(r->err, "the nearest valid name is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code wrong_value(const line_reader *r, const auk_json *value)
{
    return auk_fail(r->err, AUK_INVALID,
                    "Malformed action/metadata line [%u], field [%.*s] has a value that it cannot "
                    "have: [%.*s]",
                    r->number, AUK_SPAN_ARG(value->key), AUK_SPAN_ARG(value->text));
}

static auk_code put_number(const line_reader *r, const auk_json *value, int64_t least, int64_t *out)
{
    return auk_json_to_int64(value, out) && *out >= least ? AUK_OK : wrong_value(r, value);
}

static auk_code put_object(line_reader *r, const auk_json *value, member is)
{
    if (is == MEMBER_SOURCE)
        return auk_json_to_bool(value, &r->write->want_source) ? AUK_OK : wrong_value(r, value);
    if (value->count == 0)
        return AUK_OK;
    return auk_fail(r->err, AUK_INVALID,
                    "Action/metadata line [%u]: [dynamic_templates] is not supported", r->number);
}

static auk_code put_retries(line_reader *r, const auk_json *value)
{
    int64_t retries = 0;
    auk_code code = put_number(r, value, 0, &retries);
    r->write->retry_on_conflict = retries > 100 ? 100 : (uint32_t)retries;
    return code;
}

/* Numbers are fine as ids, as in Elasticsearch: their text counts. */
static auk_code put_text(const line_reader *r, const auk_json *value, member is)
{
    auk_write *write = r->write;
    if (is == MEMBER_INDEX)
        write->index = value->text;
    else if (is == MEMBER_ROUTING)
        write->routing = value->text;
    else if (value->text.size > 0)
        write->id = value->text;
    else
        return auk_fail(r->err, AUK_INVALID,
                        "if _id is specified it must not be empty (action on line %u)", r->number);
    return AUK_OK;
}

static auk_code put_op_type(const line_reader *r, const auk_json *value)
{
    if (r->write->kind == AUK_WRITE_INDEX && auk_span_is(value->text, "create"))
        r->write->kind = AUK_WRITE_CREATE;
    else if (!auk_span_is(value->text, "index") && !auk_span_is(value->text, "create"))
        return wrong_value(r, value);
    return AUK_OK;
}

static auk_code put_member(line_reader *r, const auk_json *value)
{
    auk_write *write = r->write;
    member is = member_named(value->key);
    if (is == MEMBER_UNKNOWN)
        return unknown_member(r, value->key);
    if (is == MEMBER_SOURCE || is == MEMBER_DYNAMIC_TEMPLATES)
        return put_object(r, value, is);
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
        return auk_fail(r->err, AUK_INVALID,
                        "Malformed action/metadata line [%u], expected a simple value for field "
                        "[%.*s] but found [%s]",
                        r->number, AUK_SPAN_ARG(value->key), token_name(value));
    if (value->type == AUK_JSON_NULL)
        return AUK_OK;
    switch (is) {
    case MEMBER_INDEX:
    case MEMBER_ID:
    case MEMBER_ROUTING:
        return put_text(r, value, is);
    case MEMBER_OP_TYPE:
        return put_op_type(r, value);
    case MEMBER_VERSION:
        r->version_given = true;
        return put_number(r, value, INT64_MIN, &write->version);
    case MEMBER_VERSION_TYPE:
        return auk_version_type_read(value->text, &write->version_type, r->err);
    case MEMBER_IF_SEQ_NO:
        return put_number(r, value, 0, &write->if_seq_no);
    case MEMBER_IF_PRIMARY_TERM:
        return put_number(r, value, 0, &write->if_primary_term);
    case MEMBER_RETRY:
        return put_retries(r, value);
    case MEMBER_REQUIRE_ALIAS:
        return auk_json_to_bool(value, &write->require_alias) ? AUK_OK : wrong_value(r, value);
    case MEMBER_PIPELINE:
        return auk_pipeline_check(value->text, r->err);
    default:
        return AUK_OK;
    }
}

static auk_code malformed(const line_reader *r, const char *expected, const char *found)
{
    return auk_fail(r->err, AUK_INVALID,
                    "Malformed action/metadata line [%u], expected %s but found [%s]", r->number,
                    expected, found);
}

static auk_code read_any(const auk_json *line, line_reader *r)
{
    if (line->type != AUK_JSON_OBJECT)
        return malformed(r, "START_OBJECT", token_name(line));
    if (line->count == 0)
        return malformed(r, "FIELD_NAME", "END_OBJECT");
    const auk_json *action = line->child;
    if (!kind_named(action->key, &r->write->kind))
        return auk_fail(r->err, AUK_INVALID,
                        "Malformed action/metadata line [%u], expected field [create], [delete], "
                        "[index] or [update] but found [%.*s]",
                        r->number, AUK_SPAN_ARG(action->key));
    if (action->type != AUK_JSON_OBJECT)
        return malformed(r, "START_OBJECT", token_name(action));
    if (action->next)
        return malformed(r, "END_OBJECT", "FIELD_NAME");
    auk_code code = AUK_OK;
    for (const auk_json *m = action->child; m && code == AUK_OK; m = m->next)
        code = put_member(r, m);
    return code;
}

auk_code auk_bulk_line_read(auk_span line, uint32_t number, auk_arena *arena, auk_write *write,
                            auk_error *err)
{
    if (read_plain(line, write))
        return finish(write, number, false, err);
    const auk_json *tree;
    auk_code code = auk_json_parse_padded(line, arena, &tree, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "Malformed action/metadata line [%u]", number);
    line_reader r = {write, number, false, err};
    code = read_any(tree, &r);
    return code == AUK_OK ? finish(write, number, r.version_given, err) : code;
}

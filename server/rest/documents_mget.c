/* _mget: {"docs": [{"_index":.., "_id":..}, ..]} or {"ids": [..]}. What fails for one document is
 * told in its place. */
#include "auk/nearest.h"
#include "document_check.h"
#include "document_read.h"
#include "documents.h"
#include "lsn_wait.h"

#define DOCUMENT_LIMIT 100000

static auk_code unknown_member(auk_span name, auk_error *err)
{
    static const auk_span known[] = {
        AUK_SPAN_INIT("_index"),  AUK_SPAN_INIT("_id"),     AUK_SPAN_INIT("routing"),
        AUK_SPAN_INIT("_source"), AUK_SPAN_INIT("version"), AUK_SPAN_INIT("version_type"),
    };
    auk_span close = auk_nearest(name, known, sizeof known / sizeof known[0]);
    auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                  "unexpected field [%.*s] in a document of [_mget]", AUK_SPAN_ARG(name));
    if (close.size)
        auk_hint(err, "the nearest valid name is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code wrong_value(const auk_json *member, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                         "[_mget] failed to parse field [%.*s]", AUK_SPAN_ARG(member->key));
}

static bool is_scalar(const auk_json *value)
{
    return value->type == AUK_JSON_STRING || value->type == AUK_JSON_NUMBER;
}

static auk_code read_member(auk_call *call, const auk_json *m, auk_document_wish *wish,
                            auk_error *err)
{
    if (auk_span_is(m->key, "_source"))
        return auk_source_filter_parse(m, call->arena, &wish->source, err);
    if (auk_span_is(m->key, "version")) {
        wish->version_given = true;
        return auk_json_to_int64(m, &wish->version) ? AUK_OK : wrong_value(m, err);
    }
    if (auk_span_is(m->key, "_type") || auk_span_is(m->key, "stored_fields"))
        return m->type == AUK_JSON_STRING && auk_span_is(m->key, "_type") ? AUK_OK
                                                                          : wrong_value(m, err);
    if (!is_scalar(m))
        return wrong_value(m, err);
    if (auk_span_is(m->key, "_index"))
        wish->index = m->text;
    else if (auk_span_is(m->key, "_id"))
        wish->id = m->text;
    else if (auk_span_is(m->key, "routing") || auk_span_is(m->key, "_routing"))
        wish->routing = m->text;
    else if (auk_span_is(m->key, "version_type"))
        return auk_version_type_read(m->text, &wish->version_type, err);
    else
        return unknown_member(m->key, err);
    return AUK_OK;
}

static auk_code read_wish(auk_call *call, const auk_json *item, const auk_document_wish *defaults,
                          auk_document_wish *wish, auk_error *err)
{
    auk_code code = AUK_OK;
    *wish = *defaults;
    if (is_scalar(item))
        wish->id = item->text;
    else if (item->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "docs array element should include an object");
    else
        for (const auk_json *m = item->child; m && code == AUK_OK; m = m->next)
            code = read_member(call, m, wish, err);
    return code;
}

static auk_code check(const auk_document_wish *wishes, uint32_t count, auk_error *err)
{
    if (count == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: no documents to get;");
    for (uint32_t i = 0; i < count; i++) {
        const char *missing = wishes[i].index.size == 0 ? "index" : NULL;
        if (wishes[i].id.size == 0)
            missing = "id";
        if (missing)
            return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                                 "Validation Failed: 1: %s is missing for doc %u;", missing, i);
    }
    return AUK_OK;
}

static void write_failure(auk_call *call, const auk_document_wish *wish, const auk_error *why)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_string(out, "_index", wish->index);
    auk_json_member_string(out, "_id", wish->id);
    auk_error_write(out, why, call->error_trace);
    auk_json_end_object(out);
}

static auk_code write_all(auk_call *call, const auk_document_wish *wishes, uint32_t count,
                          auk_error *err)
{
    auk_code code = AUK_OK;
    auk_json_begin_object(&call->out);
    auk_json_member_array(&call->out, "docs");
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        auk_found_document document;
        auk_error why = {0};
        if (auk_document_find(call, &wishes[i], &document, &why) != AUK_OK)
            write_failure(call, &wishes[i], &why);
        else
            code = auk_document_write(call, &wishes[i], &document, err);
    }
    auk_json_end_array(&call->out);
    auk_json_end_object(&call->out);
    return code;
}

static auk_code read_list(auk_call *call, const auk_json *body, const auk_document_wish *defaults,
                          auk_document_wish **out, uint32_t *count, auk_error *err)
{
    const auk_json *docs = auk_json_get(body, "docs"), *ids = auk_json_get(body, "ids");
    for (const auk_json *m = body->child; m; m = m->next)
        if (m != docs && m != ids)
            return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                                 "unknown key [%.*s] for a %s, expected [docs] or [ids]",
                                 AUK_SPAN_ARG(m->key), auk_json_type_name(m->type));
    const auk_json *lists[] = {docs, ids};
    size_t total = (docs ? docs->count : 0) + (ids ? ids->count : 0);
    if (total > DOCUMENT_LIMIT)
        return auk_fail(err, AUK_INVALID, "[_mget] takes at most %d documents, but there are %zu",
                        DOCUMENT_LIMIT, total);
    auk_document_wish *wishes = AUK_ARENA_ARRAY(call->arena, auk_document_wish, total + 1);
    auk_code code = AUK_OK;
    *count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (lists[i] && lists[i]->type != AUK_JSON_ARRAY)
            return wrong_value(lists[i], err);
        const auk_json *item = lists[i] ? lists[i]->child : NULL;
        for (; item && code == AUK_OK; item = item->next)
            code = read_wish(call, item, defaults, &wishes[(*count)++], err);
    }
    *out = wishes;
    return code == AUK_OK ? check(wishes, *count, err) : code;
}

static auk_code wait(auk_call *call, const auk_document_wish *wishes, uint32_t count, bool *parked,
                     auk_error *err)
{
    uint32_t name_count = 0;
    *parked = false;
    if (!auk_lsn_is_asked(call))
        return AUK_OK;
    auk_span *names = AUK_ARENA_ARRAY(call->arena, auk_span, count + 1);
    for (uint32_t i = 0; i < count; i++) /* mostly they are all the same */
        if (name_count == 0 || !auk_span_equal(names[name_count - 1], wishes[i].index))
            names[name_count++] = wishes[i].index;
    return auk_lsn_wait_for(call, names, name_count, parked, err);
}

auk_code auk_documents_mget(auk_call *call, auk_error *err)
{
    auk_document_wish defaults, *wishes = NULL;
    const auk_json *body;
    uint32_t count = 0;
    bool parked = false;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK && body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "unexpected token [%s], expected [START_OBJECT]",
                             auk_json_type_name(body->type));
    if (code == AUK_OK)
        code = auk_document_wish_read(call, &defaults, err);
    if (code == AUK_OK)
        code = read_list(call, body, &defaults, &wishes, &count, err);
    if (code == AUK_OK)
        code = wait(call, wishes, count, &parked, err);
    return code == AUK_OK && !parked ? write_all(call, wishes, count, err) : code;
}

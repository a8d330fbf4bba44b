/* A partial update: the stored source with `doc` laid over it, as an index operation guarded by
 * if_seq_no. */
#include "catalog_private.h"

typedef struct update_body {
    const auk_json *doc, *upsert;
    bool doc_as_upsert, detect_noop;
} update_body;

static auk_code read_flag(const auk_json *member, bool *out, auk_error *err)
{
    if (auk_json_to_bool(member, out))
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                         "[UpdateRequest] [%.*s] must be a boolean", AUK_SPAN_ARG(member->key));
}

static auk_code read_body(const auk_json *json, update_body *out, auk_error *err)
{
    *out = (update_body){.detect_noop = true};
    if (json->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception", "an update must be an object");
    auk_code code = AUK_OK;
    for (const auk_json *m = json->child; m && code == AUK_OK; m = m->next) {
        if (auk_span_is(m->key, "doc")) {
            out->doc = m;
        } else if (auk_span_is(m->key, "upsert")) {
            out->upsert = m;
        } else if (auk_span_is(m->key, "doc_as_upsert")) {
            code = read_flag(m, &out->doc_as_upsert, err);
        } else if (auk_span_is(m->key, "detect_noop")) {
            code = read_flag(m, &out->detect_noop, err);
        } else if (auk_span_is(m->key, "script") || auk_span_is(m->key, "scripted_upsert")) {
            auk_fail(err, AUK_INVALID, "[%.*s] is not supported: auk has no scripts",
                     AUK_SPAN_ARG(m->key));
            auk_hint(err, "send the changed fields as \"doc\"");
            return AUK_INVALID;
        } else if (!auk_span_is(m->key, "_source") && !auk_span_is(m->key, "if_seq_no") &&
                   !auk_span_is(m->key, "if_primary_term")) {
            return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                                 "[UpdateRequest] unknown field [%.*s]", AUK_SPAN_ARG(m->key));
        }
    }
    if (code == AUK_OK && !out->doc && !out->upsert)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: script or doc is missing;");
    if (code == AUK_OK && ((out->doc && out->doc->type != AUK_JSON_OBJECT) ||
                           (out->upsert && out->upsert->type != AUK_JSON_OBJECT)))
        return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                             "[UpdateRequest] doc and upsert must be objects");
    return code;
}

/* A copy with the padding that the JSON reader wants behind it. */
static auk_span padded_copy(auk_arena *arena, auk_span text)
{
    char *copy = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    memcpy(copy, text.data, text.size);
    memset(copy + text.size, 0, AUK_JSON_PADDING);
    return auk_span_make(copy, text.size);
}

static auk_code merge(const auk_shard_document *current, const update_body *body, auk_arena *arena,
                      auk_operation *operation, bool *noop, auk_error *err)
{
    const auk_json *base;
    bool changed;
    auk_code code = auk_json_parse(current->source, arena, &base, err);
    if (code != AUK_OK)
        return code;
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    changed = auk_json_merge(base, body->doc, &out);
    operation->source = padded_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    *noop = body->detect_noop && !changed;
    operation->kind = AUK_OPERATION_INDEX;
    operation->if_seq_no = current->seq_no;
    operation->if_primary_term = current->primary_term;
    return AUK_OK;
}

/*
 * current NULL: there is no such document. *operation gets kind, source, guards; *noop: nothing
 * would change.
 */
auk_code auk_update_prepare(const auk_write *write, const auk_shard_document *current,
                            auk_arena *arena, auk_operation *operation, bool *noop, auk_error *err)
{
    const auk_json *json;
    update_body body;
    *noop = false;
    auk_code code = auk_json_parse(write->source, arena, &json, err);
    if (code == AUK_OK)
        code = read_body(json, &body, err);
    if (code != AUK_OK)
        return code;
    operation->source_is_padded = true;
    if (!current) {
        const auk_json *fresh = body.doc_as_upsert ? body.doc : body.upsert;
        if (!fresh || write->if_seq_no >= 0)
            return auk_fail_type(err, AUK_NOT_FOUND, "document_missing_exception",
                                 "[%.*s]: document missing", AUK_SPAN_ARG(write->id));
        operation->kind = AUK_OPERATION_CREATE;
        operation->source = padded_copy(arena, fresh->text);
        return AUK_OK;
    }
    if (write->if_seq_no >= 0 &&
        (write->if_seq_no != current->seq_no || write->if_primary_term != current->primary_term))
        return auk_fail(err, AUK_CONFLICT,
                        "[%.*s]: version conflict, required seqNo [%lld], primary term [%lld]. "
                        "current document "
                        "has seqNo [%lld] and primary term [%lld]",
                        AUK_SPAN_ARG(write->id), (long long)write->if_seq_no,
                        (long long)write->if_primary_term, (long long)current->seq_no,
                        (long long)current->primary_term);
    if (current->source.size == 0)
        return auk_fail_type(err, AUK_INVALID, "document_source_missing_exception",
                             "[%.*s]: document source missing", AUK_SPAN_ARG(write->id));
    if (!body.doc) { /* an upsert alone finds the document there: nothing to do */
        *noop = true;
        operation->source = current->source;
        return AUK_OK;
    }
    return merge(current, &body, arena, operation, noop, err);
}

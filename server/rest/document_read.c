#include "document_read.h"

#include "document_check.h"

static auk_code read_source_parameters(auk_call *call, auk_source_filter *out, auk_error *err)
{
    static const char *const names[] = {"_source", "_source_includes", "_source_excludes"};
    auk_search_request request;
    auk_search_request_init(&request);
    auk_code code = AUK_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && code == AUK_OK; i++) {
        auk_span value = auk_call_parameter(call, names[i]);
        bool known;
        if (value.data)
            code = auk_search_request_parameter(&request, auk_span_of(names[i]), value, call->arena,
                                                &known, err);
    }
    *out = request.source;
    return code;
}

static auk_code check_stored_fields(const auk_call *call, auk_source_filter *source, auk_error *err)
{
    auk_span fields = auk_call_parameter(call, "stored_fields");
    if (auk_span_is(fields, "_none_"))
        source->enabled = false;
    if (fields.size == 0 || auk_span_is(fields, "_none_"))
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "[stored_fields] is not supported: no field is stored by itself");
    auk_hint(err, "use _source_includes");
    return AUK_INVALID;
}

auk_code auk_document_wish_read(auk_call *call, auk_document_wish *out, auk_error *err)
{
    bool unused;
    auk_span type = auk_call_parameter(call, "version_type");
    *out = (auk_document_wish){.index = auk_call_variable(call, "index"),
                               .id = auk_call_variable(call, "id"),
                               .routing = auk_call_parameter(call, "routing"),
                               .version_given = auk_call_has(call, "version")};
    auk_code code = read_source_parameters(call, &out->source, err);
    if (code == AUK_OK)
        code = check_stored_fields(call, &out->source, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "version", 0, &out->version, err);
    if (code == AUK_OK && type.data)
        code = auk_version_type_read(type, &out->version_type, err);
    if (code == AUK_OK) /* what is newest is always a right answer, also without realtime */
        code = auk_call_bool(call, "realtime", true, &unused, err);
    return code;
}

static auk_code check_version(const auk_document_wish *wish, const auk_shard_document *stored,
                              auk_error *err)
{
    if (!wish->version_given || wish->version == stored->version ||
        (wish->version_type == AUK_VERSION_EXTERNAL_GTE && wish->version <= stored->version))
        return AUK_OK;
    return auk_fail(err, AUK_CONFLICT,
                    "[%.*s]: version conflict, current version [%lld] is different than the one "
                    "provided [%lld]",
                    AUK_SPAN_ARG(wish->id), (long long)stored->version, (long long)wish->version);
}

auk_code auk_document_find(auk_call *call, const auk_document_wish *wish, auk_found_document *out,
                           auk_error *err)
{
    *out = (auk_found_document){.index = wish->index};
    auk_code code =
        auk_catalog_get(call->rest->options.catalog, wish->index, wish->id, wish->routing,
                        call->arena, &out->index, &out->stored, &out->found, err);
    return code == AUK_OK && out->found ? check_version(wish, &out->stored, err) : code;
}

static void deinit_buffer(void *buffer)
{
    auk_buffer_deinit(buffer);
}

auk_code auk_document_filter(auk_call *call, const auk_source_filter *filter, auk_span source,
                             auk_span *out, auk_error *err)
{
    *out = source;
    if (filter->include_count == 0 && filter->exclude_count == 0)
        return AUK_OK;
    auk_buffer *text = AUK_ARENA_NEW(call->arena, auk_buffer);
    auk_buffer_init(text, AUK_BUFFER_NO_LIMIT);
    auk_arena_defer(call->arena, deinit_buffer, text);
    auk_code code = auk_source_filter_apply(filter, source, call->arena, text, err);
    *out = auk_buffer_span(text);
    return code;
}

auk_code auk_document_write(auk_call *call, const auk_document_wish *wish,
                            const auk_found_document *document, auk_error *err)
{
    auk_json_writer *out = &call->out;
    const auk_shard_document *stored = &document->stored;
    auk_span source = {NULL, 0};
    if (document->found && wish->source.enabled && stored->source.size) {
        auk_code code = auk_document_filter(call, &wish->source, stored->source, &source, err);
        if (code != AUK_OK)
            return code;
    }
    auk_json_begin_object(out);
    auk_json_member_string(out, "_index", document->index);
    auk_json_member_string(out, "_id", wish->id);
    if (document->found) {
        auk_json_member_int(out, "_version", stored->version);
        auk_json_member_int(out, "_seq_no", stored->seq_no);
        auk_json_member_int(out, "_primary_term", stored->primary_term);
        if (stored->routing.size)
            auk_json_member_string(out, "_routing", stored->routing);
    }
    auk_json_member_bool(out, "found", document->found);
    if (source.data)
        auk_json_member_raw(out, "_source", source);
    auk_json_end_object(out);
    return AUK_OK;
}

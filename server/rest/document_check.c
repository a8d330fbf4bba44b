#include "document_check.h"

auk_code auk_version_type_read(auk_span text, auk_version_type *out, auk_error *err)
{
    if (auk_span_is(text, "internal"))
        *out = AUK_VERSION_INTERNAL;
    else if (auk_span_is(text, "external") || auk_span_is(text, "external_gt"))
        *out = AUK_VERSION_EXTERNAL;
    else if (auk_span_is(text, "external_gte"))
        *out = AUK_VERSION_EXTERNAL_GTE;
    else
        return auk_fail(err, AUK_INVALID, "No version type match [%.*s]", AUK_SPAN_ARG(text));
    return AUK_OK;
}

auk_code auk_pipeline_check(auk_span pipeline, auk_error *err)
{
    if (pipeline.size == 0 || auk_span_is(pipeline, "_none"))
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "pipeline with id [%.*s] does not exist", AUK_SPAN_ARG(pipeline));
    auk_hint(err, "auk has no ingest pipelines: leave the parameter out");
    return AUK_INVALID;
}

static auk_code refuse(auk_error *err, const char *reason)
{
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: %s;", reason);
}

static auk_code check_create(const auk_write *write, bool version_given, auk_error *err)
{
    if (write->version_type != AUK_VERSION_INTERNAL)
        return refuse(err, "create operations only support internal versioning. use index instead");
    if (version_given)
        return refuse(err, "create operations do not support explicit versions. use index instead");
    if (write->if_seq_no >= 0 || write->if_primary_term > 0)
        return refuse(err, "create operations do not support compare and set. use index instead");
    return AUK_OK;
}

static auk_code check_guards(const auk_write *write, bool version_given, auk_error *err)
{
    bool internal = write->version_type == AUK_VERSION_INTERNAL;
    if (internal && version_given)
        return refuse(err, "internal versioning can not be used for optimistic concurrency "
                           "control. Please use `if_seq_no` and `if_primary_term` instead");
    if (!internal && (!version_given || write->version < 0))
        return auk_fail_type(
            err, AUK_INVALID, "action_request_validation_exception",
            "Validation Failed: 1: illegal version value [%lld] for version type [%s];",
            version_given ? (long long)write->version : -3LL,
            write->version_type == AUK_VERSION_EXTERNAL ? "EXTERNAL" : "EXTERNAL_GTE");
    if (write->if_seq_no >= 0 && !internal)
        return refuse(err, "compare and write operations can not use versioning");
    if (write->if_seq_no >= 0 && write->if_primary_term <= 0)
        return refuse(err, "ifSeqNo is set, but primary term is [0]");
    if (write->if_seq_no < 0 && write->if_primary_term > 0)
        return auk_fail_type(
            err, AUK_INVALID, "action_request_validation_exception",
            "Validation Failed: 1: ifSeqNo is unassigned, but primary term is [%lld];",
            (long long)write->if_primary_term);
    return AUK_OK;
}

auk_code auk_document_check(const auk_write *write, bool version_given, auk_error *err)
{
    if (write->index.size == 0)
        return refuse(err, "index is missing");
    bool needs_id = write->kind == AUK_WRITE_UPDATE || write->kind == AUK_WRITE_DELETE;
    if (needs_id && write->id.size == 0)
        return refuse(err, "id is missing");
    if (write->kind == AUK_WRITE_CREATE)
        return check_create(write, version_given, err);
    if (write->kind == AUK_WRITE_UPDATE && write->version_type != AUK_VERSION_INTERNAL)
        return refuse(err, "update requests do not support versioning");
    if (write->id.size == 0 && (version_given || write->version_type != AUK_VERSION_INTERNAL))
        return refuse(err, "an id must be provided if version type or value are set");
    return check_guards(write, version_given, err);
}

/*
 * document_check.h - what a write must not ask for, alone or together; the same for a request on
 * one document and an item of a bulk.
 *
 *   Errors    AUK_INVALID, action_request_validation_exception, as Elasticsearch words it.
 */
#ifndef AUK_REST_DOCUMENT_CHECK_H
#define AUK_REST_DOCUMENT_CHECK_H

#include "auk/catalog.h"

/* version_type=external and the like. */
AUK_MUST_CHECK auk_code auk_version_type_read(auk_span text, auk_version_type *out, auk_error *err);

AUK_MUST_CHECK auk_code auk_document_check(const auk_write *write, bool version_given,
                                           auk_error *err);

/* There are no ingest pipelines: only "_none" may be named. */
AUK_MUST_CHECK auk_code auk_pipeline_check(auk_span pipeline, auk_error *err);

#endif

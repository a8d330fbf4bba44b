/*
 * document_read.h - one document as GET and _mget show it.
 *
 *   Lifetime  the call's arena.  Threads  one.  Memory  arena.  Errors  as the catalog's.
 */
#ifndef AUK_REST_DOCUMENT_READ_H
#define AUK_REST_DOCUMENT_READ_H

#include "auk/search.h"
#include "call.h"

typedef struct auk_document_wish {
    auk_span index, id, routing;
    auk_source_filter source;
    bool version_given;
    int64_t version;
    auk_version_type version_type;
} auk_document_wish;

/* _source, _source_includes, _source_excludes; refuses stored_fields; reads version and routing. */
AUK_MUST_CHECK auk_code auk_document_wish_read(auk_call *call, auk_document_wish *out,
                                               auk_error *err);

typedef struct auk_found_document {
    auk_span index; /* concrete */
    auk_shard_document stored;
    bool found;
} auk_found_document;

AUK_MUST_CHECK auk_code auk_document_find(auk_call *call, const auk_document_wish *wish,
                                          auk_found_document *out, auk_error *err);

/* {"_index":.., "_id":.., "found":.., "_source":..} */
AUK_MUST_CHECK auk_code auk_document_write(auk_call *call, const auk_document_wish *wish,
                                           const auk_found_document *document, auk_error *err);

/* The source as the filter leaves it, as JSON text in the arena; it may be the stored bytes. */
AUK_MUST_CHECK auk_code auk_document_filter(auk_call *call, const auk_source_filter *filter,
                                            auk_span source, auk_span *out, auk_error *err);

#endif

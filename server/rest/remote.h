/* remote.h - pages of another server that speaks Elasticsearch's search and scroll. Plain HTTP. */
#ifndef AUK_REST_REMOTE_H
#define AUK_REST_REMOTE_H

#include "by_query.h"

/*
 * {"remote": {"host": "http://other:9200", "username", "password", "headers", "socket_timeout",
 * "connect_timeout"}, "query", "sort", "size"} of a reindex. The host must be among those that the
 * server was told to trust. Nothing is asked before the run begins. out->other is set, and
 * out->release lets go of it.
 */
AUK_MUST_CHECK auk_code auk_remote_open(const auk_call *call, const auk_json *source,
                                        auk_span indices, auk_by_query_wishes *out, auk_error *err);

#endif

/*
 * documents.h - requests on one document or a list of ids: the functions behind the rows of
 * routes_documents.c.
 */
#ifndef AUK_REST_DOCUMENTS_H
#define AUK_REST_DOCUMENTS_H

#include "call.h"

/* documents_write.c */
auk_code auk_document_put(auk_call *call, auk_error *err);    /* _doc, with or without id */
auk_code auk_document_create(auk_call *call, auk_error *err); /* _create */
auk_code auk_document_update(auk_call *call, auk_error *err);
auk_code auk_document_delete(auk_call *call, auk_error *err);

/* documents_read.c */
auk_code auk_document_get(auk_call *call, auk_error *err);
auk_code auk_document_source(auk_call *call, auk_error *err);
/* documents_mget.c */
auk_code auk_documents_mget(auk_call *call, auk_error *err);

#endif

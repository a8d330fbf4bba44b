#include "documents.h"
#include "lsn_wait.h"

#define WRITE "routing timeout wait_for_active_shards refresh version version_type "
#define GUARD "if_seq_no if_primary_term "
#define READ  "routing preference realtime refresh version version_type "
#define SHOW  "_source _source_includes _source_excludes stored_fields "

static const auk_route rows[] = {
    {AUK_M_PUT | AUK_M_POST, "/{index}/_doc/{id}",
     WRITE GUARD "op_type pipeline require_alias require_data_stream", auk_document_put,
     AUK_ROUTE_WRITE, AUK_RIGHT_WRITE},
    {AUK_M_POST, "/{index}/_doc", WRITE GUARD "op_type pipeline require_alias require_data_stream",
     auk_document_put, AUK_ROUTE_WRITE, AUK_RIGHT_WRITE},
    {AUK_M_PUT | AUK_M_POST, "/{index}/_create/{id}",
     WRITE GUARD "pipeline require_alias require_data_stream", auk_document_create, AUK_ROUTE_WRITE,
     AUK_RIGHT_WRITE},
    {AUK_M_POST, "/{index}/_update/{id}",
     WRITE GUARD "retry_on_conflict require_alias lang _source _source_includes _source_excludes",
     auk_document_update, AUK_ROUTE_WRITE, AUK_RIGHT_WRITE},
    {AUK_M_DELETE, "/{index}/_doc/{id}", WRITE GUARD, auk_document_delete, AUK_ROUTE_WRITE,
     AUK_RIGHT_WRITE},
    {AUK_M_GET | AUK_M_HEAD, "/{index}/_doc/{id}", READ SHOW AUK_LSN_PARAMETERS, auk_document_get,
     AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_GET | AUK_M_HEAD, "/{index}/_source/{id}", READ SHOW AUK_LSN_PARAMETERS,
     auk_document_source, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_GET | AUK_M_POST, "/_mget", READ SHOW AUK_LSN_PARAMETERS, auk_documents_mget,
     AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_GET | AUK_M_POST, "/{index}/_mget", READ SHOW AUK_LSN_PARAMETERS, auk_documents_mget,
     AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
};

const auk_route_table auk_routes_documents = {rows, sizeof rows / sizeof rows[0]};

#include "document_read.h"
#include "documents.h"
#include "lsn_wait.h"

/* A get sees the newest document anyway; who asks for a refresh wants searches to see it too. */
static auk_code refresh_first(auk_call *call, auk_span index, auk_error *err)
{
    bool wanted;
    auk_code code = auk_call_bool(call, "refresh", false, &wanted, err);
    if (code != AUK_OK || !wanted)
        return code;
    auk_resolve_options options = {.single = true, .expand_hidden = true};
    auk_resolved *resolved;
    uint32_t count;
    auk_catalog *catalog = call->rest->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    code = auk_root_resolve(root, index, &options, call->arena, &resolved, &count, err);
    if (code == AUK_OK)
        code = auk_index_refresh(resolved[0].view->index, err);
    auk_root_release(catalog, root);
    return code;
}

static auk_code find(auk_call *call, auk_document_wish *wish, auk_found_document *document,
                     auk_error *err)
{
    auk_code code = auk_document_wish_read(call, wish, err);
    if (code == AUK_OK)
        code = refresh_first(call, wish->index, err);
    return code == AUK_OK ? auk_document_find(call, wish, document, err) : code;
}

auk_code auk_document_get(auk_call *call, auk_error *err)
{
    auk_document_wish wish;
    auk_found_document document;
    bool parked;
    auk_code code = auk_lsn_wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    code = find(call, &wish, &document, err);
    if (code != AUK_OK)
        return code;
    call->status = document.found ? 200 : 404;
    return auk_document_write(call, &wish, &document, err);
}

auk_code auk_document_source(auk_call *call, auk_error *err)
{
    auk_document_wish wish;
    auk_found_document document;
    auk_span source;
    bool parked;
    auk_code code = auk_lsn_wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    code = find(call, &wish, &document, err);
    if (code != AUK_OK)
        return code;
    if (!document.found)
        return auk_fail_type(err, AUK_NOT_FOUND, "resource_not_found_exception",
                             "Document not found [%.*s]/[%.*s]", AUK_SPAN_ARG(wish.index),
                             AUK_SPAN_ARG(wish.id));
    if (document.stored.source.size == 0 || !wish.source.enabled)
        return auk_fail_type(err, AUK_NOT_FOUND, "resource_not_found_exception",
                             "Source not found [%.*s]/[%.*s]", AUK_SPAN_ARG(wish.index),
                             AUK_SPAN_ARG(wish.id));
    code = auk_document_filter(call, &wish.source, document.stored.source, &source, err);
    if (code == AUK_OK)
        auk_json_raw(&call->out, source);
    return code;
}

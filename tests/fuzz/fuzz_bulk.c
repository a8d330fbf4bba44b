/*
 * Any bytes as the body of _bulk: no crash, and what is accepted keeps its promises: items within
 * the foreseen number, sources within the body and in their order.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bulk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const auk_bulk *bulk, auk_span body)
{
    const char *at = body.data;
    if (bulk->count == 0 || bulk->count > auk_bulk_item_limit(body))
        abort();
    for (uint32_t i = 0; i < bulk->count; i++) {
        const auk_write *write = &bulk->writes[i];
        bool has_source = write->kind != AUK_WRITE_DELETE;
        if (write->index.size == 0 || has_source != (write->source.data != NULL))
            abort();
        if (!has_source)
            continue;
        if (write->source.data < at ||
            write->source.data + write->source.size >= body.data + body.size)
            abort();
        if (memchr(write->source.data, '\n', write->source.size))
            abort();
        at = write->source.data + write->source.size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = calloc(1, size + AUK_JSON_PADDING);
    auk_arena *arena = auk_arena_create(4096);
    auk_bulk_defaults defaults = {.index = AUK_SPAN("d")};
    auk_error err = {0};
    auk_bulk bulk;
    if (size)
        memcpy(bytes, data, size);
    auk_span body = auk_span_make(bytes, size);
    if (auk_bulk_parse(body, &defaults, arena, &bulk, &err) == AUK_OK)
        check(&bulk, body);
    auk_arena_destroy(arena);
    free(bytes);
    return 0;
}

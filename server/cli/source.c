#include "source.h"

#include <stdlib.h>

void auk_source_init(auk_source *source, auk_source_reader read, void *context)
{
    *source = (auk_source){.read = read, .context = context, .line = 1};
    source->capacity = AUK_SOURCE_WINDOW;
    source->data = malloc(source->capacity);
    if (source->data == NULL)
        abort();
}

void auk_source_deinit(auk_source *source)
{
    free(source->data);
    *source = (auk_source){0};
}

static auk_code make_room(auk_source *source, auk_error *err)
{
    if (source->from > 0) {
        memmove(source->data, source->data + source->from, source->to - source->from);
        source->to -= source->from;
        source->from = 0;
    }
    if (source->to < source->capacity / 2)
        return AUK_OK;
    if (source->capacity >= AUK_RECORD_LIMIT)
        return auk_fail(err, AUK_TOO_LARGE, "the document at line %llu is larger than %zu MiB",
                        (unsigned long long)source->line, AUK_RECORD_LIMIT >> 20);
    source->capacity *= 2;
    source->data = realloc(source->data, source->capacity);
    if (source->data == NULL)
        abort();
    return AUK_OK;
}

auk_code auk_source_more(auk_source *source, auk_error *err)
{
    size_t size = 0;
    auk_code code = make_room(source, err);
    if (code == AUK_OK)
        code = source->read(source->context, source->data + source->to,
                            source->capacity - source->to, &size, err);
    source->to += size;
    source->at_end = code == AUK_OK && size == 0;
    return code;
}

#include <stdlib.h>
#include <string.h>

#include "auk/segment_writer.h"

struct auk_memory_sink {
    auk_value *values; /* each with a malloc block of its own */
    uint32_t count;
    uint32_t capacity;
    uint64_t bytes;
};

auk_memory_sink *auk_memory_sink_create(void)
{
    auk_memory_sink *memory = calloc(1, sizeof *memory);
    if (!memory)
        abort();
    return memory;
}

void auk_memory_sink_destroy(auk_memory_sink *memory)
{
    if (!memory)
        return;
    for (uint32_t i = 0; i < memory->count; i++)
        free((void *)(uintptr_t)memory->values[i].bytes.data);
    free(memory->values);
    free(memory);
}

static auk_code put(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                    auk_error *err)
{
    (void)err;
    auk_memory_sink *memory = context;
    if (memory->count == memory->capacity) {
        memory->capacity = memory->capacity ? memory->capacity * 2 : 32;
        memory->values = realloc(memory->values, memory->capacity * sizeof *memory->values);
        if (!memory->values)
            abort();
    }
    char *copy = malloc(bytes.size ? bytes.size : 1);
    if (!copy)
        abort();
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    memory->values[memory->count++] =
        (auk_value){.kind = kind, .field = field, .part = part, .bytes = {copy, bytes.size}};
    memory->bytes += bytes.size;
    /* cppcheck-suppress memleak; the sink has it */
    return AUK_OK;
}

auk_sink auk_memory_sink_interface(auk_memory_sink *memory)
{
    return (auk_sink){put, memory};
}

uint64_t auk_memory_sink_bytes(const auk_memory_sink *memory)
{
    return memory->bytes;
}

static void release(void *owner)
{
    auk_memory_sink_destroy(owner);
}

auk_code auk_memory_sink_open(auk_memory_sink *memory, auk_segment **out, auk_error *err)
{
    auk_code code = auk_segment_open(memory->values, memory->count, release, memory, out, err);
    if (code != AUK_OK)
        auk_memory_sink_destroy(memory);
    return code;
}

#include "guard.h"

#include <stdlib.h>

#include "auk/hash.h"
#include "auk/log.h"

#define PIECE_BYTES ((size_t)256 * 1024)

/* False when the file cannot be read. */
static bool sum_up(const auk_guard *guard, auk_span bytes, uint32_t *sum)
{
    bool read = true;
    *sum = 0;
    if (guard->read == NULL) {
        *sum = auk_crc32c(0, bytes);
        return true;
    }
    size_t most = bytes.size < PIECE_BYTES ? bytes.size : PIECE_BYTES;
    char *piece = malloc(most + 1);
    if (piece == NULL)
        abort();
    for (size_t at = 0; read && at < bytes.size; at += most) {
        size_t size = bytes.size - at < most ? bytes.size - at : most;
        read = guard->read(guard->owner, auk_span_make(bytes.data + at, size), piece);
        if (read)
            *sum = auk_crc32c(*sum, auk_span_make(piece, size));
    }
    free(piece);
    return read;
}

bool auk_guard_compare(auk_guard *guard, size_t value)
{
    uint32_t sum;
    bool sound = sum_up(guard, guard->spans[value], &sum) && sum == guard->checksums[value];
    atomic_store_explicit(&guard->states[value], sound ? AUK_GUARD_SOUND : AUK_GUARD_DAMAGED,
                          memory_order_relaxed);
    if (!sound && !atomic_exchange(&guard->is_damaged, true))
        auk_log(AUK_LOG_ERROR, "a file is damaged; auk check --repair keeps what can be kept",
                "file=\"%s\" kind=%u field=%u part=%u", guard->file, guard->values[value].kind,
                guard->values[value].field, guard->values[value].part);
    return sound;
}

auk_code auk_guard_explain(const auk_guard *guard, auk_code code, auk_error *err)
{
    if (code != AUK_CORRUPT || guard == NULL || guard->states == NULL ||
        !atomic_load(&guard->is_damaged))
        return code;
    for (uint32_t i = 0; i < guard->count; i++) {
        const auk_value *value = &guard->values[i];
        if (atomic_load_explicit(&guard->states[i], memory_order_relaxed) != AUK_GUARD_DAMAGED)
            continue;
        auk_fail(err, code,
                 "file \"%s\" is damaged: its value of kind %u, field %u, part %u differs from "
                 "its checksum",
                 guard->file, value->kind, value->field, value->part);
        auk_hint(err, "auk check --repair keeps what can be kept");
        return code;
    }
    return code;
}

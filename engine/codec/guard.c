#include "guard.h"

#include "auk/hash.h"
#include "auk/log.h"

bool auk_guard_compare(auk_guard *guard, size_t value)
{
    auk_span bytes = guard->spans[value];
    if (guard->prefetch != NULL)
        guard->prefetch(guard->owner, bytes);
    bool sound = auk_crc32c(0, bytes) == guard->checksums[value];
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

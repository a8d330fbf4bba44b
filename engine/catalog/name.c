#include <sys/random.h>

#include "auk/analyzer.h"
#include "catalog_private.h"

static auk_code refuse_name(auk_span name, const char *why, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "invalid_index_name_exception",
                         "Invalid index name [%.*s], %s", AUK_SPAN_ARG(name), why);
}

static bool has_any(auk_span name, const char *characters)
{
    for (size_t i = 0; i < name.size; i++)
        if (auk_byte_among(name.data[i], characters))
            return true;
    return false;
}

/* They would tear tables, metrics and logs apart. */
static bool has_control(auk_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f)
            return true;
    return false;
}

static const char *name_fault(auk_span name)
{
    if (name.size == 0)
        return "must not be empty";
    if (has_any(name, "\\/*?\"<>| ,"))
        return "must not contain the following characters [' "
               "','\"','*',',','/','<','>','?','\\','|']";
    if (has_control(name))
        return "must not contain control characters";
    if (has_any(name, "#"))
        return "must not contain '#'";
    if (has_any(name, ":"))
        return "must not contain ':'";
    if (auk_byte_among(name.data[0], "_-+"))
        return "must not start with '_', '-', or '+'";
    if (name.size > 255)
        return "index name is too long, must be at most 255 bytes";
    if (auk_span_is(name, ".") || auk_span_is(name, ".."))
        return "must not be '.' or '..'";
    return NULL;
}

auk_code auk_index_name_check(auk_span name, auk_error *err)
{
    const char *fault = name_fault(name);
    if (fault)
        return refuse_name(name, fault, err);
    return auk_text_is_lowercase(name) ? AUK_OK : refuse_name(name, "must be lowercase", err);
}

auk_code auk_alias_name_check(auk_span name, auk_error *err)
{
    const char *fault = name_fault(name);
    if (fault)
        return auk_fail_type(err, AUK_INVALID, "invalid_alias_name_exception",
                             "Invalid alias name [%.*s]: %s", AUK_SPAN_ARG(name), fault);
    return AUK_OK;
}

static auk_span base64url(auk_arena *arena, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = auk_arena_alloc(arena, size * 4 / 3 + 2);
    size_t used = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 6; count -= 6)
            out[used++] = digits[bits >> (count - 6) & 63];
    }
    if (count > 0)
        out[used++] = digits[bits << (6 - count) & 63];
    return auk_span_make(out, used);
}

static void random_bytes(uint8_t *out, size_t size)
{
    if (getrandom(out, size, 0) != (ssize_t)size)
        auk_fatal("getrandom failed");
}

auk_span auk_uuid_make(auk_arena *arena)
{
    uint8_t bytes[16];
    random_bytes(bytes, sizeof bytes);
    return base64url(arena, bytes, sizeof bytes);
}

/*
 * Six bytes of milliseconds, six of this process, three of a counter: ids made one after the other
 * share a long prefix, which front coding and the id filter of a segment like.
 */
auk_span auk_document_id_make(auk_arena *arena)
{
    static atomic_uint_least64_t process = 0;
    static atomic_uint_least32_t counter = 0;
    uint64_t self = atomic_load(&process);
    if (self == 0) {
        uint64_t fresh = 0;
        random_bytes((uint8_t *)&fresh, sizeof fresh);
        fresh |= (uint64_t)1 << 63;
        self =
            atomic_compare_exchange_strong(&process, &self, fresh) ? fresh : atomic_load(&process);
    }
    uint64_t now = (uint64_t)auk_clock_wall_ms();
    uint32_t count = atomic_fetch_add(&counter, 1);
    uint8_t bytes[15];
    for (unsigned i = 0; i < 6; i++) {
        bytes[i] = (uint8_t)(now >> (40 - 8 * i));
        bytes[6 + i] = (uint8_t)(self >> (40 - 8 * i));
    }
    for (unsigned i = 0; i < 3; i++)
        bytes[12 + i] = (uint8_t)(count >> (16 - 8 * i));
    return base64url(arena, bytes, sizeof bytes);
}

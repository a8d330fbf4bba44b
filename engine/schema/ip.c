/* ip.c - addresses as 16 bytes, in the order of the addresses; v4 as ::ffff:a.b.c.d. */
#include <arpa/inet.h>

#include "field_types.h"

static const char v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff};

bool auk_ip_parse(auk_span text, char out[16])
{
    char terminated[INET6_ADDRSTRLEN + 1];
    if (text.size == 0 || text.size > INET6_ADDRSTRLEN || memchr(text.data, '\0', text.size))
        return false;
    memcpy(terminated, text.data, text.size);
    terminated[text.size] = '\0';
    if (inet_pton(AF_INET, terminated, out + 12) == 1) {
        memcpy(out, v4_prefix, sizeof v4_prefix);
        return true;
    }
    return inet_pton(AF_INET6, terminated, out) == 1;
}

void auk_ip_write(const char address[16], auk_buffer *out)
{
    char text[INET6_ADDRSTRLEN];
    bool v4 = memcmp(address, v4_prefix, sizeof v4_prefix) == 0;
    if (inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? address + 12 : address, text, sizeof text))
        auk_buffer_append_text(out, text);
}

/* Sets or clears the bits behind the first `bits`. */
static void fill_behind(char address[16], unsigned bits, bool set)
{
    for (unsigned i = bits; i < 128; i++) {
        char bit = (char)(0x80 >> (i % 8));
        address[i / 8] = (char)(set ? address[i / 8] | bit : address[i / 8] & ~bit);
    }
}

static bool read_bits(auk_span text, unsigned most, unsigned *out)
{
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (unsigned)(text.data[i] - '0');
    }
    return text.size > 0 && text.size <= 3 && *out <= most;
}

auk_code auk_network_terms(auk_span text, auk_arena *arena, auk_span *first, auk_span *last,
                           auk_error *err)
{
    char from[16], to[16];
    unsigned bits = 0;
    const char *slash = text.size ? memchr(text.data, '/', text.size) : NULL;
    size_t size = slash ? (size_t)(slash - text.data) : text.size;
    bool known = slash && auk_ip_parse(auk_span_make(text.data, size), from);
    bool v4 = known && !memchr(text.data, ':', size);
    if (!known || !read_bits(auk_span_from(text, size + 1), v4 ? 32 : 128, &bits))
        return auk_fail(err, AUK_INVALID,
                        "'%.*s' is not a network: expected address/length, such as 10.0.0.0/8",
                        AUK_SPAN_ARG(text));
    bits += v4 ? 96 : 0;
    memcpy(to, from, sizeof to);
    fill_behind(from, bits, false);
    fill_behind(to, bits, true);
    *first = auk_arena_copy(arena, auk_span_make(from, sizeof from));
    *last = auk_arena_copy(arena, auk_span_make(to, sizeof to));
    return AUK_OK;
}

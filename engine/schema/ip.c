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

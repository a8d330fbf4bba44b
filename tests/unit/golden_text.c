#include "test.h"

#include "golden_text.h"

#include "auk/utf8.h"

static uint32_t read_hex(auk_span text)
{
    char digits[5] = {0};
    memcpy(digits, text.data, 4);
    return (uint32_t)strtoul(digits, NULL, 16);
}

auk_span golden_unescape(auk_arena *arena, auk_span line)
{
    char *out = auk_arena_alloc(arena, line.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < line.size; i++) {
        char byte = line.data[i];
        if (byte != '\\' || i + 1 == line.size) {
            out[size++] = byte;
            continue;
        }
        byte = line.data[++i];
        if (byte == 'u' && line.size - i > 4) {
            size += auk_utf8_encode(read_hex(auk_span_from(line, i + 1)), out + size);
            i += 4;
        } else {
            out[size++] = (char)(byte == 'n'   ? '\n'
                                 : byte == 't' ? '\t'
                                 : byte == 'r' ? '\r'
                                               : byte);
        }
    }
    return auk_span_make(out, size);
}

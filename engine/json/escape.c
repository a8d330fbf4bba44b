#include "auk/json.h"

#include "auk/utf8.h"
#include "auk/varint.h"

#define EACH_BYTE(byte) (0x0101010101010101u * (byte))

static bool must_escape(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

/* High bits set where a byte of word is zero; exact for the lowest one, which is enough for "any".
 */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH_BYTE(0x01)) & ~word & EACH_BYTE(0x80);
}

static bool any_must_escape(uint64_t word)
{
    uint64_t control = (word - EACH_BYTE(0x20)) & ~word & EACH_BYTE(0x80);
    return (control | zero_bytes(word ^ EACH_BYTE('"')) | zero_bytes(word ^ EACH_BYTE('\\'))) != 0;
}

/* How many bytes may be copied as they are. */
static size_t plain_size(auk_span text)
{
    size_t at = 0;
    while (text.size - at >= 8 && !any_must_escape(auk_load_u64(text.data + at)))
        at += 8;
    while (at < text.size && !must_escape((unsigned char)text.data[at]))
        at++;
    return at;
}

static void append_escape(auk_buffer *out, unsigned char byte)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char hex[] = "0123456789ABCDEF";
    char letter = byte == '"' || byte == '\\' ? (char)byte
                  : byte < sizeof letters     ? letters[byte]
                                              : '\0';
    if (letter != '\0') {
        char pair[2] = {'\\', letter};
        auk_buffer_append(out, auk_span_make(pair, sizeof pair));
        return;
    }
    char unicode[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    auk_buffer_append(out, auk_span_make(unicode, sizeof unicode));
}

static void append_escaped(auk_buffer *out, auk_span text)
{
    for (;;) {
        size_t plain = plain_size(text);
        auk_buffer_append(out, auk_span_make(text.data, plain));
        if (plain == text.size)
            return;
        append_escape(out, (unsigned char)text.data[plain]);
        text = auk_span_from(text, plain + 1);
    }
}

/* Slow, for bytes that should not have come this far: what is broken is replaced, so that the
 * answer stays JSON. */
static void append_repaired(auk_buffer *out, auk_span text)
{
    while (text.size > 0) {
        uint32_t code_point;
        size_t used = auk_utf8_decode(text, &code_point);
        if (used == 0)
            auk_buffer_append(out, AUK_SPAN("\xEF\xBF\xBD"));
        else
            append_escaped(out, auk_span_make(text.data, used));
        text = auk_span_from(text, used == 0 ? 1 : used);
    }
}

void auk_json_escape(auk_buffer *out, auk_span text)
{
    auk_buffer_append_byte(out, '"');
    if (auk_utf8_valid(text))
        append_escaped(out, text);
    else
        append_repaired(out, text);
    auk_buffer_append_byte(out, '"');
}

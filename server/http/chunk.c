#include "chunk.h"

#include "characters.h"

enum state {
    SIZE,
    EXTENSION_SPACE, /* after a size or a value: only ';' may follow */
    NAME_START,
    NAME,
    NAME_SPACE,
    VALUE_START,
    VALUE,
    QUOTED,
    QUOTED_ESCAPE,
    QUOTED_END,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    END,
    BAD,
};

/* 15 hex digits stay below 2^60, so a size never overflows. */
#define DIGIT_LIMIT 15

static uint8_t on_size(auk_http_chunked *chunked, char byte)
{
    int digit = auk_http_hex(byte);
    if (digit >= 0) {
        if (chunked->digits == DIGIT_LIMIT)
            return BAD;
        chunked->digits++;
        chunked->left = chunked->left * 16 + (uint64_t)digit;
        return SIZE;
    }
    if (!chunked->digits)
        return BAD;
    if (byte == '\r')
        return SIZE_LF;
    if (byte == ';')
        return NAME_START;
    return auk_http_is_space(byte) ? EXTENSION_SPACE : BAD;
}

/* After a complete name or value: another extension, the end of the line, or space. */
static uint8_t after_extension(char byte, uint8_t when_space)
{
    if (byte == '\r')
        return SIZE_LF;
    if (byte == ';')
        return NAME_START;
    return auk_http_is_space(byte) ? when_space : BAD;
}

static uint8_t on_extension(uint8_t state, char byte)
{
    bool space = auk_http_is_space(byte);
    bool token = auk_http_is_token(byte);
    switch (state) {
    case EXTENSION_SPACE:
        return space ? EXTENSION_SPACE : byte == ';' ? NAME_START : BAD;
    case NAME_START:
        return space ? NAME_START : token ? NAME : BAD;
    case NAME:
        return token ? NAME : byte == '=' ? VALUE_START : after_extension(byte, NAME_SPACE);
    case NAME_SPACE:
        return space ? NAME_SPACE : byte == '=' ? VALUE_START : byte == ';' ? NAME_START : BAD;
    case VALUE_START:
        return space ? VALUE_START : byte == '"' ? QUOTED : token ? VALUE : BAD;
    case VALUE:
        return token ? VALUE : after_extension(byte, EXTENSION_SPACE);
    case QUOTED:
        return byte == '"'              ? QUOTED_END
               : byte == '\\'           ? QUOTED_ESCAPE
               : auk_http_is_text(byte) ? QUOTED
                                        : BAD;
    case QUOTED_ESCAPE:
        return auk_http_is_text(byte) ? QUOTED : BAD;
    default:
        return after_extension(byte, EXTENSION_SPACE);
    }
}

static uint8_t on_size_end(auk_http_chunked *chunked, char byte)
{
    if (byte != '\n')
        return BAD;
    chunked->digits = 0;
    chunked->last = chunked->left == 0;
    return chunked->last ? TRAILER : DATA;
}

static uint8_t on_trailer(uint8_t state, char byte)
{
    switch (state) {
    case TRAILER:
        return byte == '\r' ? END_LF : auk_http_is_token(byte) ? TRAILER_NAME : BAD;
    case TRAILER_NAME:
        return byte == ':' ? TRAILER_VALUE : auk_http_is_token(byte) ? TRAILER_NAME : BAD;
    case TRAILER_VALUE:
        return byte == '\r' ? TRAILER_LF : auk_http_is_text(byte) ? TRAILER_VALUE : BAD;
    case TRAILER_LF:
        return byte == '\n' ? TRAILER : BAD;
    default:
        return byte == '\n' ? END : BAD;
    }
}

static uint8_t next_state(auk_http_chunked *chunked, char byte)
{
    switch (chunked->state) {
    case SIZE:
        return on_size(chunked, byte);
    case SIZE_LF:
        return on_size_end(chunked, byte);
    case DATA_CR:
        return byte == '\r' ? DATA_LF : BAD;
    case DATA_LF:
        return byte == '\n' ? SIZE : BAD;
    case TRAILER:
    case TRAILER_NAME:
    case TRAILER_VALUE:
    case TRAILER_LF:
    case END_LF:
        chunked->trailer_bytes++;
        return on_trailer(chunked->state, byte);
    default:
        chunked->extension_bytes++;
        return on_extension(chunked->state, byte);
    }
}

static auk_http_step refused(auk_http_chunked *chunked, auk_http_refusal *refusal, int status,
                             const char *reason)
{
    chunked->state = BAD;
    auk_http_refuse(refusal, status, "%s", reason);
    return AUK_HTTP_REFUSED;
}

static void take_data(auk_http_chunked *chunked, auk_span *in, auk_span *data)
{
    size_t size = chunked->left < in->size ? (size_t)chunked->left : in->size;
    *data = (auk_span){in->data, size};
    *in = auk_span_from(*in, size);
    chunked->left -= size;
    if (!chunked->left)
        chunked->state = DATA_CR;
}

auk_http_step auk_http_chunked_take(auk_http_chunked *chunked, auk_span *in, auk_span *data,
                                    auk_http_refusal *refusal)
{
    *data = (auk_span){0};
    while (chunked->state != END && in->size) {
        if (chunked->state == DATA) {
            take_data(chunked, in, data);
            return AUK_HTTP_MORE;
        }
        chunked->state = next_state(chunked, in->data[0]);
        *in = auk_span_from(*in, 1);
        if (chunked->state == BAD)
            return refused(chunked, refusal, 400, "malformed chunked body");
        if (chunked->extension_bytes > AUK_HTTP_EXTENSION_LIMIT)
            return refused(chunked, refusal, 431, "chunk extensions are too large");
        if (chunked->trailer_bytes > AUK_HTTP_TRAILER_LIMIT)
            return refused(chunked, refusal, 431, "trailers are too large");
    }
    return chunked->state == END ? AUK_HTTP_DONE : AUK_HTTP_MORE;
}

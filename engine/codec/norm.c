#include "auk/segment_writer.h"

/*
 * Lengths 0 .. 23 are their own code. Above, what exceeds 24 is a float of four significant bits:
 * three after the leading one, and a five-bit exponent, which covers lengths up to 2^31 - 1.
 */
enum { PLAIN_CODES = 24, MANTISSA_BITS = 3 };

uint8_t auk_norm_encode(uint32_t length)
{
    if (length > INT32_MAX)
        length = INT32_MAX;
    if (length < PLAIN_CODES)
        return (uint8_t)length;

    uint32_t rest = length - PLAIN_CODES;
    if (rest < 1u << MANTISSA_BITS)
        return (uint8_t)(PLAIN_CODES + rest);
    unsigned shift = 31u - (unsigned)__builtin_clz(rest) - MANTISSA_BITS;
    uint32_t mantissa = (rest >> shift) & ((1u << MANTISSA_BITS) - 1);
    return (uint8_t)(PLAIN_CODES + ((shift + 1) << MANTISSA_BITS | mantissa));
}

uint32_t auk_norm_decode(uint8_t code)
{
    if (code < PLAIN_CODES)
        return code;
    uint32_t rest = (uint32_t)code - PLAIN_CODES;
    uint32_t mantissa = rest & ((1u << MANTISSA_BITS) - 1);
    uint32_t exponent = rest >> MANTISSA_BITS;
    if (exponent == 0)
        return PLAIN_CODES + mantissa;
    return PLAIN_CODES + ((mantissa | 1u << MANTISSA_BITS) << (exponent - 1));
}

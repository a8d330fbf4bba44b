/* number.c - numbers as int64 and as 8-byte terms, both in the order of their values. */
#include "auk/mapping.h"
#include "auk/varint.h"

#define SIGN_BIT UINT64_C(0x8000000000000000)

/* A negative double's bits grow as it falls: flipping all but the sign turns them round. Its own
 * inverse. */
static int64_t flip_negative(int64_t bits)
{
    return bits < 0 ? (int64_t)(~(uint64_t)bits | SIGN_BIT) : bits;
}

int64_t auk_double_to_sortable(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return flip_negative(bits);
}

double auk_double_from_sortable(int64_t value)
{
    int64_t bits = flip_negative(value);
    double result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

void auk_number_to_term(int64_t value, char term[8])
{
    uint64_t bits = __builtin_bswap64((uint64_t)value ^ SIGN_BIT);
    memcpy(term, &bits, sizeof bits);
}

int64_t auk_number_from_term(const char term[8])
{
    return (int64_t)(auk_load_be64(term) ^ SIGN_BIT);
}

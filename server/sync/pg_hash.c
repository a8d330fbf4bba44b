#include "pg_hash.h"

#define BEGIN UINT32_C(0x9e3779b9)
#define BASE  UINT32_C(3923095)

static uint32_t turned(uint32_t x, unsigned by)
{
    return x << by | x >> (32 - by);
}

typedef struct state {
    uint32_t a, b, c;
} state;

static void mix(state *s)
{
    s->a = (s->a - s->c) ^ turned(s->c, 4);
    s->c += s->b;
    s->b = (s->b - s->a) ^ turned(s->a, 6);
    s->a += s->c;
    s->c = (s->c - s->b) ^ turned(s->b, 8);
    s->b += s->a;
    s->a = (s->a - s->c) ^ turned(s->c, 16);
    s->c += s->b;
    s->b = (s->b - s->a) ^ turned(s->a, 19);
    s->a += s->c;
    s->c = (s->c - s->b) ^ turned(s->b, 4);
    s->b += s->a;
}

static void finish(state *s)
{
    s->c = (s->c ^ s->b) - turned(s->b, 14);
    s->a = (s->a ^ s->c) - turned(s->c, 11);
    s->b = (s->b ^ s->a) - turned(s->a, 25);
    s->c = (s->c ^ s->b) - turned(s->b, 16);
    s->a = (s->a ^ s->c) - turned(s->c, 4);
    s->b = (s->b ^ s->a) - turned(s->a, 14);
    s->c = (s->c ^ s->b) - turned(s->b, 24);
}

/* Up to four bytes, the lowest first. */
static uint32_t word(const char *bytes, size_t count)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count && i < 4; i++)
        value |= (uint32_t)(uint8_t)bytes[i] << (8 * i);
    return value;
}

uint64_t auk_pg_hash(auk_span bytes)
{
    uint32_t begin = BEGIN + (uint32_t)bytes.size + BASE;
    state s = {begin, begin, begin};
    const char *at = bytes.data;
    size_t left = bytes.size;
    for (; left >= 12; at += 12, left -= 12) {
        s.a += word(at, 4);
        s.b += word(at + 4, 4);
        s.c += word(at + 8, 4);
        mix(&s);
    }
    /* The lowest byte of the third word is the length's. */
    s.a += word(at, left);
    s.b += left > 4 ? word(at + 4, left - 4) : 0;
    s.c += left > 8 ? word(at + 8, left - 8) << 8 : 0;
    finish(&s);
    return (uint64_t)s.b << 32 | s.c;
}

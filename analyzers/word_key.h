/*
 * word_key.h - a short word as 16 bytes in two registers, for tables that compare in two
 * instructions.
 *
 *      byte  0 .......................... 14   15
 *           | the word, zeros behind it      | size |
 *
 *   Lifetime, Threads, Memory, Errors  none.
 */
#ifndef AUK_WORD_KEY_H
#define AUK_WORD_KEY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AUK_WORD_KEY_MAX 15

typedef struct auk_word_key {
    uint64_t low;
    uint64_t high;
} auk_word_key;

/* size is at most AUK_WORD_KEY_MAX; reads no byte outside of the word. */
static inline auk_word_key auk_word_key_of(const char *word, size_t size)
{
    auk_word_key key = {0, (uint64_t)size << 56};
    if (size >= 8) {
        uint64_t tail;
        memcpy(&key.low, word, 8);
        memcpy(&tail, word + size - 8, 8);
        /* Two shifts: for eight bytes the whole tail goes, and a shift by 64 is not defined. */
        key.high |= tail >> (8 * (15 - size)) >> 8;
    } else if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, word, 4);
        memcpy(&last, word + size - 4, 4);
        key.low = first | (uint64_t)last << (8 * (size - 4));
    } else if (size > 0) {
        const uint8_t *bytes = (const uint8_t *)word;
        key.low = bytes[0] | (uint64_t)bytes[size / 2] << (8 * (size / 2)) |
                  (uint64_t)bytes[size - 1] << (8 * (size - 1));
    }
    return key;
}

static inline uint64_t auk_word_key_hash(auk_word_key key)
{
    uint64_t mixed = (key.low ^ (key.high << 29 | key.high >> 35)) * UINT64_C(0x9e3779b97f4a7c15);
    return (mixed ^ mixed >> 32) * UINT64_C(0xd6e8feb86659fd93) >> 20;
}

#endif

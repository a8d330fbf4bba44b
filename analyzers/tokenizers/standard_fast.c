/* The fast path in plain C, and the choice of it. */
#include "standard_fast.h"

#include "auk/cpu.h"
#include "standard_steps.h"

static bool is_two_byte_lead(uint8_t byte)
{
    return byte >= 0xc0 && byte < 0xe0;
}

static void classify_ascii(char byte, uint64_t bit, struct classes *out)
{
    if ((uint8_t)((byte | 0x20) - 'a') < 26)
        out->letters |= bit;
    else if ((uint8_t)(byte - '0') < 10)
        out->digits |= bit;
    else if (byte == '_')
        out->joins |= bit;
    else if (byte == '.' || byte == '\'')
        out->mid_letters |= bit, out->mid_digits |= bit;
    else if (byte == ':')
        out->mid_letters |= bit;
    else if (byte == ',' || byte == ';')
        out->mid_digits |= bit;
}

static inline void classify(const char *bytes, uint8_t before, uint8_t after, struct classes *out)
{
    const uint64_t *letters = auk_text_rows_table.letters;
    *out = (struct classes){0};
    bool continues = is_two_byte_lead(before) && auk_text_has(letters, before, (uint8_t)bytes[0]);
    out->letters = continues ? 1 : 0;
    for (unsigned i = 0; i < STEP; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        uint64_t bit = UINT64_C(1) << i;
        if (byte < 0x80) {
            classify_ascii(bytes[i], bit, out);
            continue;
        }
        out->high |= bit;
        uint8_t second = i + 1 < STEP ? (uint8_t)bytes[i + 1] : after;
        if (is_two_byte_lead(byte) && auk_text_has(letters, byte, second))
            out->letters |= bit | bit << 1;
    }
}

void auk_standard_fast_portable(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                                auk_tokens *tokens)
{
    tokenize(text, from, to, max_length, tokens);
}

void auk_standard_fast(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                       auk_tokens *tokens)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2) {
        auk_standard_fast_avx2(text, from, to, max_length, tokens);
        return;
    }
#endif
    auk_standard_fast_portable(text, from, to, max_length, tokens);
}

size_t auk_standard_plain_prefix(const char *text, size_t size)
{
    return auk_text_kernels_best()->plain_prefix(text, size);
}

/* Compiled for AVX2, BMI2 and POPCNT (CMakeLists.txt); empty on other machines. */
#include "standard_fast.h"

#if defined(__AVX2__)

#include "standard_steps.h"
#include "text_chunk.h"

static inline uint64_t high_letters(struct auk_text_chunk chunk, const char *bytes, uint8_t before,
                                    uint8_t after)
{
    const uint64_t *rows = auk_text_rows_table.letters;
    uint64_t leads = auk_text_two_byte_leads(chunk);
    uint64_t seconds = auk_text_seconds_in(chunk, bytes, leads, rows);
    uint64_t letters = seconds | seconds >> 1;
    if (before >= 0xc0 && before < 0xe0)
        letters |= auk_text_has(rows, before, (uint8_t)bytes[0]);
    if (leads >> (STEP - 1) != 0 && auk_text_has(rows, (uint8_t)bytes[STEP - 1], after))
        letters |= UINT64_C(1) << (STEP - 1);
    return letters;
}

static inline void classify(const char *bytes, uint8_t before, uint8_t after, struct classes *out)
{
    struct auk_text_chunk chunk = auk_text_load(bytes);
    const __m256i small = _mm256_set1_epi8(0x20);
    struct auk_text_chunk folded = {_mm256_or_si256(chunk.low, small),
                                    _mm256_or_si256(chunk.high, small)};
    uint64_t both = auk_text_equal(chunk, '.') | auk_text_equal(chunk, '\'');
    out->letters = auk_text_in_range(folded, 'a', 26);
    out->digits = auk_text_in_range(chunk, '0', 10);
    out->joins = auk_text_equal(chunk, '_');
    out->mid_letters = both | auk_text_equal(chunk, ':');
    out->mid_digits = both | auk_text_equal(chunk, ',') | auk_text_equal(chunk, ';');
    out->high = auk_text_high_bits(chunk);
    if (out->high != 0)
        out->letters |= high_letters(chunk, bytes, before, after);
}

void auk_standard_fast_avx2(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                            auk_tokens *tokens)
{
    tokenize(text, from, to, max_length, tokens);
}

#endif

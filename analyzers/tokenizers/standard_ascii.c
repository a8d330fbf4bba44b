#include "standard_ascii.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "token_list.h"

enum { STEP = 64 };

/* What the 64 bytes are, a bit each. */
struct classes {
    uint64_t letters;
    uint64_t digits;
    uint64_t joins;       /* _ */
    uint64_t mid_letters; /* . : ' */
    uint64_t mid_digits;  /* . , ; ' */
};

/* A word that began in this step or an earlier one. */
struct word {
    bool open;
    bool has_letter;
    bool has_digit;
    uint32_t start;
};

static bool is_letter(char byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26;
}

static bool is_digit(char byte)
{
    return (uint8_t)(byte - '0') < 10;
}

static bool is_middle(char byte)
{
    return byte == '.' || byte == ':' || byte == ',' || byte == ';' || byte == '\'';
}

#if defined(__SSE2__)

static uint64_t mask_of(__m128i bytes)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(bytes);
}

/* Bytes in [first, first + count): moved so that the range begins at the least signed byte. */
static __m128i in_range(__m128i bytes, char first, int count)
{
    __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8((char)(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8((char)(-128 + count)));
}

static struct classes classify(const char *bytes)
{
    struct classes classes = {0, 0, 0, 0, 0};
    for (unsigned i = 0; i < STEP; i += 16) {
        __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m128i letters = in_range(_mm_or_si128(chunk, _mm_set1_epi8(0x20)), 'a', 26);
        __m128i digits = in_range(chunk, '0', 10);
        __m128i joins = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('_'));
        __m128i both = _mm_or_si128(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('.')),
                                    _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\'')));
        __m128i mid_letters = _mm_or_si128(both, _mm_cmpeq_epi8(chunk, _mm_set1_epi8(':')));
        __m128i mid_digits =
            _mm_or_si128(both, _mm_or_si128(_mm_cmpeq_epi8(chunk, _mm_set1_epi8(',')),
                                            _mm_cmpeq_epi8(chunk, _mm_set1_epi8(';'))));
        classes.letters |= mask_of(letters) << i;
        classes.digits |= mask_of(digits) << i;
        classes.joins |= mask_of(joins) << i;
        classes.mid_letters |= mask_of(mid_letters) << i;
        classes.mid_digits |= mask_of(mid_digits) << i;
    }
    return classes;
}

#else

static struct classes classify(const char *bytes)
{
    struct classes classes = {0, 0, 0, 0, 0};
    for (unsigned i = 0; i < STEP; i++) {
        char byte = bytes[i];
        uint64_t bit = UINT64_C(1) << i;
        if (is_letter(byte))
            classes.letters |= bit;
        else if (is_digit(byte))
            classes.digits |= bit;
        else if (byte == '_')
            classes.joins |= bit;
        else if (byte == '.' || byte == '\'')
            classes.mid_letters |= bit, classes.mid_digits |= bit;
        else if (byte == ':')
            classes.mid_letters |= bit;
        else if (byte == ',' || byte == ';')
            classes.mid_digits |= bit;
    }
    return classes;
}

#endif

static void emit(auk_tokens *tokens, const char *text, uint32_t start, uint32_t end, uint8_t type)
{
    tokens->items[tokens->count++] = (auk_token){.text = text + start,
                                                 .size = end - start,
                                                 .start = start,
                                                 .end = end,
                                                 .position = tokens->end_position++,
                                                 .position_length = 1,
                                                 .type = type,
                                                 .flags = AUK_TOKEN_ASCII};
}

static uint8_t type_of(const char *text, uint32_t start, uint32_t end)
{
    for (; start < end; start++)
        if (is_letter(text[start]))
            return AUK_TOKEN_ALPHANUM;
    return AUK_TOKEN_NUM;
}

/* A long run: standard.c's split() says which tokens it has. */
static void emit_split(auk_tokens *tokens, const char *text, uint32_t from, uint32_t to,
                       uint32_t max_length)
{
    while (from < to) {
        if (is_middle(text[from])) {
            from++;
            continue;
        }
        uint32_t first = from; /* the letter or digit that makes it a word */
        while (first < to && text[first] == '_')
            first++;
        if (first == to)
            return;
        if (first - from >= max_length)
            from = first - max_length + 1;
        uint32_t end = to - from > max_length ? from + max_length : to;
        if (end < to && is_middle(text[end - 1]))
            end--;
        auk_tokens_reserve(tokens, 1);
        emit(tokens, text, from, end, type_of(text, from, end));
        from = end;
    }
}

static inline void close_word(struct word *word, const char *text, uint32_t end,
                              uint32_t max_length, auk_tokens *tokens)
{
    word->open = false;
    if (end - word->start > max_length) {
        emit_split(tokens, text, word->start, end, max_length);
        auk_tokens_reserve(tokens, STEP / 2 + 1); /* what the caller had reserved */
    } else if (word->has_letter || word->has_digit) {
        emit(tokens, text, word->start, end, word->has_letter ? AUK_TOKEN_ALPHANUM : AUK_TOKEN_NUM);
    }
}

/* One step: bits of word tell which bytes belong to a word; base is the offset of the first. */
static void walk(const struct classes *classes, uint64_t members, uint32_t base, const char *text,
                 uint32_t max_length, struct word *word, auk_tokens *tokens)
{
    uint64_t edges = members ^ (members << 1 | (word->open ? 1 : 0));
    unsigned begin = 0; /* where the open word begins in this step */
    while (edges != 0) {
        unsigned at = (unsigned)__builtin_ctzll(edges);
        edges &= edges - 1;
        if (!word->open) {
            *word = (struct word){.open = true, .start = base + at};
            begin = at;
            continue;
        }
        uint64_t inside = (UINT64_C(1) << at) - (UINT64_C(1) << begin);
        word->has_letter |= (classes->letters & inside) != 0;
        word->has_digit |= (classes->digits & inside) != 0;
        close_word(word, text, base + at, max_length, tokens);
    }
    if (word->open) {
        uint64_t inside = ~UINT64_C(0) << begin;
        word->has_letter |= (classes->letters & inside) != 0;
        word->has_digit |= (classes->digits & inside) != 0;
    }
}

void auk_standard_ascii(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                        auk_tokens *tokens)
{
    struct word word = {false, false, false, 0};
    uint64_t letter_before = 0, digit_before = 0;
    for (uint32_t base = from; base < to; base += STEP) {
        const char *bytes = text.data + base;
        char last[STEP];
        uint64_t letter_after = 0, digit_after = 0;
        if (to - base < STEP) {
            memset(last, ' ', sizeof last);
            memcpy(last, bytes, to - base);
            bytes = last;
        } else if (to - base > STEP) {
            letter_after = (uint64_t)is_letter(bytes[STEP]) << (STEP - 1);
            digit_after = (uint64_t)is_digit(bytes[STEP]) << (STEP - 1);
        }
        struct classes is = classify(bytes);
        uint64_t members = is.letters | is.digits | is.joins;
        members |=
            is.mid_letters & (is.letters << 1 | letter_before) & (is.letters >> 1 | letter_after);
        members |= is.mid_digits & (is.digits << 1 | digit_before) & (is.digits >> 1 | digit_after);
        letter_before = is.letters >> (STEP - 1);
        digit_before = is.digits >> (STEP - 1);

        auk_tokens_reserve(tokens, STEP / 2 + 1);
        walk(&is, members, base, text.data, max_length, &word, tokens);
        if (to - base <= STEP)
            break; /* base + STEP may not fit */
    }
    if (word.open) {
        auk_tokens_reserve(tokens, 1);
        close_word(&word, text.data, to, max_length, tokens);
    }
}

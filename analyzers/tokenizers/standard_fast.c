#include "standard_fast.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "auk/varint.h"
#include "token_list.h"
#include "unicode.h"

enum { STEP = 64 };

/* What the 64 bytes are, a bit each. */
struct classes {
    uint64_t letters;
    uint64_t digits;
    uint64_t joins;       /* _ */
    uint64_t mid_letters; /* . : ' */
    uint64_t mid_digits;  /* . , ; ' */
    uint64_t high;        /* beyond ASCII */
    uint64_t leads;       /* of characters of two bytes */
    uint64_t cyrillic;    /* those of U+0400 to U+047F, which are all letters */
};

/* A word that began in this step or an earlier one. */
struct word {
    bool open;
    bool has_letter;
    bool has_digit;
    bool has_high;
    uint32_t start;
};

/* What a character of two bytes, or one of U+2000..U+20FF, is to the rules. */
enum kind { OTHER, LETTER, NOT_PLAIN }; /* bits of NOT_PLAIN are in none of the others */

enum { TWO_BYTES = 0x800, GENERAL = 0x2000, GENERAL_COUNT = 0x100 };

static pthread_once_t made = PTHREAD_ONCE_INIT;
static uint8_t two_byte_kinds[TWO_BYTES];
static uint8_t general_kinds[GENERAL_COUNT];

static uint8_t kind_of(UChar32 character)
{
    if (u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC) ||
        u_hasBinaryProperty(character, UCHAR_EMOJI) ||
        u_getIntPropertyValue(character, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
        return NOT_PLAIN;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(character, &status);
    if (U_FAILURE(status) || script == USCRIPT_HANGUL || script == USCRIPT_HAN ||
        script == USCRIPT_HIRAGANA)
        return NOT_PLAIN;
    switch (u_getIntPropertyValue(character, UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
        return LETTER;
    case U_WB_OTHER:
    case U_WB_NEWLINE:
    case U_WB_WSEGSPACE:
        return OTHER;
    default:
        return NOT_PLAIN;
    }
}

static void make_kinds(void)
{
    for (UChar32 i = 0x80; i < TWO_BYTES; i++)
        two_byte_kinds[i] = kind_of(i);
    for (UChar32 i = 0; i < GENERAL_COUNT; i++) {
        uint8_t kind = kind_of(GENERAL + i);
        general_kinds[i] = kind == OTHER ? OTHER : NOT_PLAIN; /* letters here are two bytes long */
    }
}

static uint8_t two_byte_kind(const char *at)
{
    return two_byte_kinds[((uint8_t)at[0] & 0x1f) << 6 | ((uint8_t)at[1] & 0x3f)];
}

/* Bytes of the plain character at text, which is not ASCII, or 0. */
static size_t plain_bytes(const char *text, size_t size)
{
    uint8_t lead = (uint8_t)text[0];
    if (lead < 0xe0)
        return size >= 2 && two_byte_kind(text) != NOT_PLAIN ? 2 : 0;
    uint32_t character;
    if (lead != 0xe2 || auk_unicode_next(text, text + size, &character) != 3 ||
        character >= GENERAL + GENERAL_COUNT)
        return 0;
    return general_kinds[character - GENERAL] == OTHER ? 3 : 0;
}

/* Are the eight bytes four plain characters of two bytes? */
static bool are_four_plain(const char *text)
{
    uint64_t word = auk_load_u64(text);
    if ((word & 0xC0E0C0E0C0E0C0E0u) != 0x80C080C080C080C0u)
        return false;
    unsigned others = 0; /* one question about all four */
    for (unsigned i = 0; i < 64; i += 16)
        others |= two_byte_kinds[(word >> i & 0x1f) << 6 | (word >> (i + 8) & 0x3f)];
    return (others & NOT_PLAIN) == 0;
}

size_t auk_standard_plain_prefix(const char *text, size_t size)
{
    size_t at = auk_unicode_ascii_prefix(text, size);
    if (at == size)
        return at;
    pthread_once(&made, make_kinds);
    while (at < size) {
        if ((uint8_t)text[at] < 0x80) {
            at++;
            if (size - at >= 32 && (uint8_t)text[at] < 0x80)
                at += auk_unicode_ascii_prefix(text + at, size - at);
            continue;
        }
        if (size - at >= 8 && are_four_plain(text + at)) {
            at += 8;
            continue;
        }
        size_t bytes = plain_bytes(text + at, size - at);
        if (bytes == 0)
            break;
        at += bytes;
    }
    return at;
}

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
    struct classes classes = {0};
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
        uint64_t high = mask_of(chunk);
        if (high != 0) {
            classes.high |= high << i;
            classes.leads |= mask_of(in_range(chunk, (char)0xc0, 32)) << i;
            classes.cyrillic |= mask_of(in_range(chunk, (char)0xd0, 2)) << i;
        }
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
    struct classes classes = {0};
    for (unsigned i = 0; i < STEP; i++) {
        char byte = bytes[i];
        uint64_t bit = UINT64_C(1) << i;
        bool is_lead = (uint8_t)byte >= 0xc0 && (uint8_t)byte < 0xe0;
        classes.leads |= is_lead ? bit : 0;
        classes.cyrillic |= ((uint8_t)byte & 0xfe) == 0xd0 ? bit : 0;
        if ((uint8_t)byte >= 0x80)
            classes.high |= bit;
        else if (is_letter(byte))
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

/* Every byte of a letter of two bytes is a letter; a step may begin or end between them. */
static uint64_t high_letters(const struct classes *classes, const char *bytes, bool continues,
                             bool goes_on)
{
    uint64_t letters = 0, leads = classes->leads & ~classes->cyrillic;
    if (continues)
        letters = (uint8_t)bytes[-1] < 0xe0 && (uint8_t)bytes[-1] >= 0xc0 &&
                  two_byte_kind(bytes - 1) == LETTER;
    if (!goes_on) /* not in valid text */
        leads &= ~(UINT64_C(1) << (STEP - 1));
    letters |= classes->cyrillic | classes->cyrillic << 1;
    for (; leads != 0; leads &= leads - 1) {
        unsigned at = (unsigned)__builtin_ctzll(leads);
        if (two_byte_kind(bytes + at) == LETTER)
            letters |= UINT64_C(3) << at;
    }
    return letters;
}

static bool is_letter_at(const char *bytes)
{
    if ((uint8_t)bytes[0] < 0x80)
        return is_letter(bytes[0]);
    return (uint8_t)bytes[0] >= 0xc0 && (uint8_t)bytes[0] < 0xe0 && two_byte_kind(bytes) == LETTER;
}

static void emit(auk_tokens *tokens, const char *text, uint32_t start, uint32_t end, uint8_t type,
                 bool high)
{
    tokens->items[tokens->count++] = (auk_token){.text = text + start,
                                                 .size = end - start,
                                                 .start = start,
                                                 .end = end,
                                                 .position = tokens->end_position++,
                                                 .position_length = 1,
                                                 .type = type,
                                                 .flags = high ? 0 : AUK_TOKEN_ASCII};
}

/* Bytes beyond ASCII are letters here, since they are in a word. */
static uint8_t type_of(const char *text, uint32_t start, uint32_t end)
{
    for (; start < end; start++)
        if ((uint8_t)text[start] >= 0x80 || is_letter(text[start]))
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
        auk_span rest = {text + from, to - from};
        uint32_t end = from + (uint32_t)auk_unicode_cut_units(rest, max_length);
        if (end < to && is_middle(text[end - 1]))
            end--;
        auk_tokens_reserve(tokens, 1);
        rest.size = end - from;
        emit(tokens, text, from, end, type_of(text, from, end), !auk_unicode_is_ascii(rest));
        from = end;
    }
}

static inline void close_word(struct word *word, const char *text, uint32_t end,
                              uint32_t max_length, auk_tokens *tokens)
{
    word->open = false;
    if (end - word->start > max_length &&
        auk_unicode_units((auk_span){text + word->start, end - word->start}) > max_length) {
        emit_split(tokens, text, word->start, end, max_length);
        auk_tokens_reserve(tokens, STEP / 2 + 1); /* what the caller had reserved */
    } else if (word->has_letter || word->has_digit) {
        emit(tokens, text, word->start, end, word->has_letter ? AUK_TOKEN_ALPHANUM : AUK_TOKEN_NUM,
             word->has_high);
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
        word->has_high |= (classes->high & inside) != 0;
        close_word(word, text, base + at, max_length, tokens);
    }
    if (word->open) {
        uint64_t inside = ~UINT64_C(0) << begin;
        word->has_letter |= (classes->letters & inside) != 0;
        word->has_digit |= (classes->digits & inside) != 0;
        word->has_high |= (classes->high & inside) != 0;
    }
}

void auk_standard_fast(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                       auk_tokens *tokens)
{
    struct word word = {.open = false};
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
            letter_after = (uint64_t)is_letter_at(bytes + STEP) << (STEP - 1);
            digit_after = (uint64_t)is_digit(bytes[STEP]) << (STEP - 1);
        }
        struct classes is = classify(bytes);
        if (is.high != 0)
            is.letters |=
                high_letters(&is, text.data + base, base > from && auk_unicode_continues(bytes[0]),
                             to - base > STEP);
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

/*
 * standard_steps.h - the steps of the fast path, compiled once a level of cpu.h.
 *
 * Included by the file of a level, which gives it the one function that levels differ in: classify,
 * what 64 bytes of plain text are. Everything is static: tokenize() is what that file hands out.
 */
#ifndef AUK_STANDARD_STEPS_H
#define AUK_STANDARD_STEPS_H

#include <string.h>

#include "standard_fast.h"
#include "text_kernels.h"
#include "token_list.h"
#include "unicode.h"

enum { STEP = AUK_TEXT_STEP };

/* What the bytes of a step are, a bit each; every byte of a letter is one. */
struct classes {
    uint64_t letters;
    uint64_t digits;
    uint64_t joins;       /* _ */
    uint64_t mid_letters; /* . : ' */
    uint64_t mid_digits;  /* . , ; ' */
    uint64_t high;        /* beyond ASCII */
};

/* before and after: the bytes around the step. */
static inline void classify(const char *bytes, uint8_t before, uint8_t after, struct classes *out);

/* A word that goes on at the end of a step. */
struct word {
    bool open;
    bool has_letter;
    bool has_digit;
    bool has_high;
    uint32_t start;
};

struct run {
    const char *text;
    uint32_t max_length;
    auk_tokens *tokens;
    struct word word;
    uint64_t letter_before, digit_before; /* was the last byte of the step before one? */
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

/* Plain text, so a byte beyond ASCII that begins a letter is the first of two. */
static bool is_letter_at(const char *bytes)
{
    if ((uint8_t)bytes[0] < 0x80)
        return is_letter(bytes[0]);
    return (uint8_t)bytes[0] < 0xe0 &&
           auk_text_has(auk_text_rows_table.letters, (uint8_t)bytes[0], (uint8_t)bytes[1]);
}

static inline void put(auk_token *token, const char *text, uint32_t start, uint32_t end,
                       uint32_t position, uint8_t type, bool high)
{
    *token = (auk_token){.text = text + start,
                         .size = end - start,
                         .start = start,
                         .end = end,
                         .position = position,
                         .position_length = 1,
                         .type = type,
                         .flags = high ? 0 : AUK_TOKEN_ASCII};
}

static void emit(auk_tokens *tokens, const char *text, uint32_t start, uint32_t end, uint8_t type,
                 bool high)
{
    put(&tokens->items[tokens->count++], text, start, end, tokens->end_position++, type, high);
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

static bool is_too_long(const struct run *run, uint32_t start, uint32_t end)
{
    return end - start > run->max_length &&
           auk_unicode_units((auk_span){run->text + start, end - start}) > run->max_length;
}

/* Out of the way of the others. */
static __attribute__((noinline)) void split_word(struct run *run, uint32_t end)
{
    emit_split(run->tokens, run->text, run->word.start, end, run->max_length);
    auk_tokens_reserve(run->tokens, STEP / 2 + 1); /* what the caller had reserved */
}

static inline void close_word(struct run *run, uint32_t end)
{
    struct word *word = &run->word;
    word->open = false;
    if (is_too_long(run, word->start, end)) {
        split_word(run, end);
    } else if (word->has_letter || word->has_digit) {
        emit(run->tokens, run->text, word->start, end,
             word->has_letter ? AUK_TOKEN_ALPHANUM : AUK_TOKEN_NUM, word->has_high);
    }
}

static inline void note(struct word *word, const struct classes *is, uint64_t inside)
{
    word->has_letter |= (is->letters & inside) != 0;
    word->has_digit |= (is->digits & inside) != 0;
    word->has_high |= (is->high & inside) != 0;
}

/* The words that begin and end in this step, whose first byte is at base. */
static void emit_inner(struct run *run, const struct classes *is, uint64_t starts, uint64_t ends,
                       uint32_t base)
{
    auk_tokens *tokens = run->tokens;
    auk_token *out = tokens->items + tokens->count;
    uint32_t position = tokens->end_position;
    for (; ends != 0; ends &= ends - 1, starts &= starts - 1) {
        uint64_t first = starts & -starts, behind = ends & -ends;
        uint64_t inside = behind - first;
        uint32_t start = base + (uint32_t)__builtin_ctzll(starts);
        uint32_t end = base + (uint32_t)__builtin_ctzll(ends);
        if (((is->letters | is->digits) & inside) == 0)
            continue;
        put(out++, run->text, start, end, position++,
            (is->letters & inside) != 0 ? AUK_TOKEN_ALPHANUM : AUK_TOKEN_NUM,
            (is->high & inside) != 0);
    }
    tokens->count = (size_t)(out - tokens->items);
    tokens->end_position = position;
}

/* The same where some may be longer than allowed. */
static void emit_short(struct run *run, const struct classes *is, uint64_t starts, uint64_t ends,
                       uint32_t base)
{
    for (; ends != 0; ends &= ends - 1, starts &= starts - 1) {
        run->word = (struct word){.open = true, .start = base + (uint32_t)__builtin_ctzll(starts)};
        note(&run->word, is, (ends & -ends) - (starts & -starts));
        close_word(run, base + (uint32_t)__builtin_ctzll(ends));
    }
}

/* One step: bits of members tell which bytes belong to a word. */
static void walk(struct run *run, const struct classes *is, uint64_t members, uint32_t base)
{
    uint64_t before = members << 1 | (run->word.open ? 1 : 0);
    uint64_t starts = members & ~before, ends = ~members & before;
    if (run->word.open) {
        uint64_t behind = ends & -ends; /* 0: the word fills the step */
        note(&run->word, is, behind - 1);
        if (behind == 0)
            return;
        close_word(run, base + (uint32_t)__builtin_ctzll(ends));
        ends &= ends - 1;
    }
    if (run->max_length >= STEP)
        emit_inner(run, is, starts, ends, base);
    else
        emit_short(run, is, starts, ends, base);
    if (members >> (STEP - 1) != 0) { /* the last word goes on: it has a start and no end */
        unsigned last = STEP - 1 - (unsigned)__builtin_clzll(starts);
        run->word = (struct word){.open = true, .start = base + last};
        note(&run->word, is, ~UINT64_C(0) << last);
    }
}

/* A step of 64 bytes, after which there are `left` more. */
static inline void take_step(struct run *run, const char *bytes, uint32_t base, bool first,
                             size_t left)
{
    struct classes is;
    const char *next = run->text + base + STEP; /* not looked at when nothing is left */
    classify(bytes, first ? 0 : (uint8_t)run->text[base - 1], left > 0 ? (uint8_t)next[0] : 0, &is);
    uint64_t letter_after = left > 0 ? (uint64_t)is_letter_at(next) << (STEP - 1) : 0;
    uint64_t digit_after = left > 0 ? (uint64_t)is_digit(next[0]) << (STEP - 1) : 0;
    uint64_t members = is.letters | is.digits | is.joins;
    members |=
        is.mid_letters & (is.letters << 1 | run->letter_before) & (is.letters >> 1 | letter_after);
    members |=
        is.mid_digits & (is.digits << 1 | run->digit_before) & (is.digits >> 1 | digit_after);
    run->letter_before = is.letters >> (STEP - 1);
    run->digit_before = is.digits >> (STEP - 1);
    auk_tokens_reserve(run->tokens, STEP / 2 + 1);
    walk(run, &is, members, base);
}

static void tokenize(auk_span text, uint32_t from, uint32_t to, uint32_t max_length,
                     auk_tokens *tokens)
{
    struct run run = {.text = text.data, .max_length = max_length, .tokens = tokens};
    uint32_t base = from;
    for (; to - base >= STEP; base += STEP)
        take_step(&run, text.data + base, base, base == from, to - base - STEP);
    if (base < to) {
        char last[STEP];
        memset(last, ' ', sizeof last);
        memcpy(last, text.data + base, to - base);
        take_step(&run, last, base, base == from, 0);
    }
    if (run.word.open) {
        auk_tokens_reserve(tokens, 1);
        close_word(&run, to);
    }
}

#endif

/*
 * word_break.h - the boundaries of plain UAX #29 and Lucene's types of words, by ICU.
 *
 * ICU runs rules of our own (word_break.c): its stock rules keep "foo@bar.com" whole and split
 * "a:b", Lucene's grammar does the opposite. The rules are compiled once a process, at first use,
 * and cloned for each thread. Properties are those of ICU's Unicode version (ICU 72: Unicode 15.0).
 *
 *   Lifetime  _create .. _destroy; _start borrows the text until the next _start or _destroy.
 *   Threads   one.   Memory  some 10 KB.   Errors  AUK_IO with ICU's name of the failure.
 */
#ifndef AUK_WORD_BREAK_H
#define AUK_WORD_BREAK_H

#include "auk/analyzer.h"

typedef struct auk_word_break auk_word_break;

typedef enum auk_word_break_kind {
    AUK_WORD_BREAK_PLAIN,      /* the standard tokenizer's */
    AUK_WORD_BREAK_DICTIONARY, /* with ICU's dictionaries of Thai, Lao, Khmer and Burmese */
    AUK_WORD_BREAK_CJK,        /* ICU's stock rules with its dictionary of Chinese and Japanese */
    AUK_WORD_BREAK_KINDS,
    AUK_WORD_BREAK_CUSTOM = AUK_WORD_BREAK_KINDS /* see auk_word_break_of_rules */
} auk_word_break_kind;

/* Rules in ICU's own syntax, which somebody else wrote; they live in the arena. */
typedef struct auk_word_rules auk_word_rules;
AUK_MUST_CHECK auk_code auk_word_rules_compile(auk_arena *arena, auk_span text,
                                               const auk_word_rules **out, auk_error *err);
uint64_t auk_word_rules_id(
    const auk_word_rules *rules); /* that of a thread's clone in its scratch */
AUK_MUST_CHECK auk_code auk_word_break_of_rules(const auk_word_rules *rules, auk_word_break **out,
                                                auk_error *err);

AUK_MUST_CHECK auk_code auk_word_break_create(auk_word_break_kind kind, auk_word_break **out,
                                              auk_error *err);
void auk_word_break_destroy(auk_word_break *breaker);

/* text is valid UTF-8 below AUK_ANALYZER_TEXT_LIMIT. */
AUK_MUST_CHECK auk_code auk_word_break_start(auk_word_break *breaker, auk_span text,
                                             auk_error *err);

/* The next word; what is no word is stepped over. False at the end. */
bool auk_word_break_next(auk_word_break *breaker, uint32_t *start, uint32_t *end, uint8_t *type);

#endif

/*
 * automaton.h - regular expressions in Lucene's syntax as a table that steps a character at a time.
 *
 * Unlike regex.h's, these match in one pass without going back: an expression is made into a
 * deterministic automaton, whose size is bounded when it is compiled. Several expressions may
 * compile into one automaton, which then tells the first of them that a text fits: a scanner.
 *
 *      |  &  ~  ?  *  +  {n}  {n,}  {n,m}  ( )  [a-z]  [^a]  .  @  #  "text"  \d \D \s \S \w \W
 *      <n-m>  a number between      <name>  a part: named by the caller
 *
 *   Lifetime  that of the arena.   Threads  any, once compiled.
 *   Memory    two bytes a state and class of characters, at most 8 MB.
 *   Errors    AUK_INVALID in Lucene's words for broken syntax and for what grows too large.
 */
#ifndef AUK_AUTOMATON_H
#define AUK_AUTOMATON_H

#include <stdbool.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/span.h"

#define AUK_AUTOMATON_START 0u
#define AUK_AUTOMATON_DEAD  UINT16_MAX

/* What "<name>" stands for: an expression, or a set of characters as ICU writes them. */
typedef struct auk_automaton_part {
    const char *name;
    const char *expression;
    const char *set;
} auk_automaton_part;

/* Operators that may be left out: they are characters like others then. As Lucene numbers them. */
enum {
    AUK_SYNTAX_INTERSECTION = 1,
    AUK_SYNTAX_COMPLEMENT = 2,
    AUK_SYNTAX_EMPTY = 4,
    AUK_SYNTAX_ANYSTRING = 8,
    AUK_SYNTAX_AUTOMATON = 16,
    AUK_SYNTAX_INTERVAL = 32
};

typedef struct auk_automaton_syntax {
    unsigned without;
    bool any_case; /* letters of ASCII stand for both of their cases, but for those of ranges */
} auk_automaton_syntax;

typedef struct auk_automaton {
    uint16_t ascii[128];     /* classes of characters */
    const uint32_t *starts;  /* beyond ASCII: where intervals begin, ascending */
    const uint16_t *classes; /* and the class of each */
    uint32_t interval_count;
    uint32_t class_count;
    uint32_t state_count;
    const uint16_t *next;   /* by state * class_count + class */
    const uint8_t *accepts; /* by state: 0, or 1 + the index of the first expression that fits */
} auk_automaton;

/* parts end with a row whose name is NULL; NULL: none. At most 255 expressions. */
AUK_MUST_CHECK auk_code auk_automaton_compile(auk_arena *arena, const auk_span *expressions,
                                              size_t count, const auk_automaton_part *parts,
                                              const auk_automaton **out, auk_error *err);

/* One expression in another syntax. */
AUK_MUST_CHECK auk_code auk_automaton_compile_one(auk_arena *arena, auk_span expression,
                                                  auk_automaton_syntax syntax,
                                                  const auk_automaton **out, auk_error *err);

uint16_t auk_automaton_class_beyond(const auk_automaton *automaton, uint32_t character);

/* The state behind a character, or AUK_AUTOMATON_DEAD: nothing that goes on like this fits. */
static inline uint16_t auk_automaton_step(const auk_automaton *automaton, uint16_t state,
                                          uint32_t character)
{
    uint16_t of = character < 0x80 ? automaton->ascii[character]
                                   : auk_automaton_class_beyond(automaton, character);
    return automaton->next[(size_t)state * automaton->class_count + of];
}

/* The longest front of a text that fits; never an empty one. */
typedef struct auk_automaton_match {
    size_t size;   /* bytes, 0: none */
    size_t walked; /* bytes that were looked at */
    bool ran_out;  /* the text ended where more of it could have fitted */
    uint8_t which; /* 1 + the index of the expression */
} auk_automaton_match;

auk_automaton_match auk_automaton_longest(const auk_automaton *automaton, auk_span text);

#endif

/*
 * classic_lexer.h - Lucene's classic query syntax as tokens.
 *
 * The longest piece counts, and of equally long ones the kind that comes first here. What a bracket
 * opens is read by other rules up to the bracket that closes, and so is what follows a '^'.
 *
 *   Lifetime  borrows the text.   Threads  one.   Memory  none.   Errors  a piece of kind BROKEN.
 */
#ifndef AUK_CLASSIC_LEXER_H
#define AUK_CLASSIC_LEXER_H

#include "auk/span.h"

typedef enum auk_classic_kind {
    AUK_CLASSIC_END,
    AUK_CLASSIC_BROKEN,
    AUK_CLASSIC_AND,
    AUK_CLASSIC_OR,
    AUK_CLASSIC_NOT,
    AUK_CLASSIC_PLUS,
    AUK_CLASSIC_MINUS,
    AUK_CLASSIC_BARE_OPERATOR, /* an operator with a space behind it: a word */
    AUK_CLASSIC_OPEN,
    AUK_CLASSIC_CLOSE,
    AUK_CLASSIC_COLON,
    AUK_CLASSIC_STAR,
    AUK_CLASSIC_CARET,
    AUK_CLASSIC_QUOTED,
    AUK_CLASSIC_TERM,
    AUK_CLASSIC_FUZZY,
    AUK_CLASSIC_PREFIX,
    AUK_CLASSIC_WILDCARD,
    AUK_CLASSIC_REGEXP,
    AUK_CLASSIC_RANGE_IN,  /* [ */
    AUK_CLASSIC_RANGE_OUT, /* { */
    AUK_CLASSIC_NUMBER,
    AUK_CLASSIC_TO,
    AUK_CLASSIC_RANGE_END_IN,
    AUK_CLASSIC_RANGE_END_OUT,
    AUK_CLASSIC_RANGE_QUOTED,
    AUK_CLASSIC_RANGE_VALUE,
} auk_classic_kind;

typedef struct auk_classic_token {
    auk_classic_kind kind;
    auk_span text;
} auk_classic_token;

typedef enum auk_classic_state {
    AUK_CLASSIC_DEFAULT,
    AUK_CLASSIC_IN_RANGE,
    AUK_CLASSIC_IN_BOOST
} auk_classic_state;

typedef struct auk_classic_lexer {
    auk_span text;
    size_t at;
    auk_classic_state state;
} auk_classic_lexer;

auk_classic_token auk_classic_next(auk_classic_lexer *lexer);

#endif

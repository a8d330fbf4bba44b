/* predicate_private.h - the tree of a condition: made by predicate_parse.c, run by predicate.c. */
#ifndef AUK_SYNC_PREDICATE_PRIVATE_H
#define AUK_SYNC_PREDICATE_PRIVATE_H

#include "column_value.h"
#include "predicate.h"

#define AUK_PREDICATE_DEPTH 64
#define AUK_PREDICATE_PARTS 4096

typedef enum auk_part_kind {
    AUK_PART_AND,
    AUK_PART_OR,
    AUK_PART_NOT,
    AUK_PART_CONSTANT, /* literal true or false */
    AUK_PART_COLUMN,   /* a boolean column by itself */
    AUK_PART_COMPARE,
    AUK_PART_IN,
    AUK_PART_IS_NULL,
    AUK_PART_IS_TRUE,
    AUK_PART_IS_FALSE,
} auk_part_kind;

typedef enum auk_comparison {
    AUK_EQUAL,
    AUK_UNEQUAL,
    AUK_LESS,
    AUK_LESS_EQUAL,
    AUK_GREATER,
    AUK_GREATER_EQUAL
} auk_comparison;

typedef struct auk_literal {
    enum { AUK_LITERAL_TEXT, AUK_LITERAL_NUMBER, AUK_LITERAL_BOOL } form;
    auk_span text;
    uint32_t at; /* position in the condition */
} auk_literal;

typedef struct auk_part auk_part;
struct auk_part {
    auk_part_kind kind;
    auk_comparison comparison;
    auk_part *left, *right;
    auk_span column;
    uint32_t at;
    const auk_literal *literals;
    uint32_t literal_count;
    uint32_t position; /* of the column, once bound */
    auk_value_kind value_kind;
    auk_part *next_with_column;
};

struct auk_predicate {
    auk_part *root;
    auk_part *columns; /* those that name one, linked */
    uint32_t column_count;
};

#endif

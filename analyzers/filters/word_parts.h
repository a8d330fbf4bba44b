/*
 * word_parts.h - the parts of a word: between delimiters, where case changes, where digits begin.
 *
 * What word_delimiter and word_delimiter_graph share: their settings, and the walk over one token.
 *
 *   Lifetime  a walk borrows its token's text.   Threads  none of its own.
 *   Memory    _compile: in the definition's arena.   Errors  _compile: AUK_INVALID.
 */
#ifndef AUK_WORD_PARTS_H
#define AUK_WORD_PARTS_H

#include "component.h"
#include "word_set.h"

enum {
    AUK_PART_LOWER = 1,
    AUK_PART_UPPER = 2,
    AUK_PART_ALPHA = 3,
    AUK_PART_DIGIT = 4,
    AUK_PART_ALPHANUM = 7,
    AUK_PART_DELIMITER = 8
};

typedef struct auk_part_rules {
    bool word_parts;
    bool number_parts;
    bool catenate_words;
    bool catenate_numbers;
    bool catenate_all;
    bool split_on_case;
    bool split_on_numerics;
    bool preserve_original;
    bool possessive;
    bool adjust_offsets;
    bool ignore_keywords;
    const auk_word_set *spared; /* NULL: none */
    uint8_t types[256];
    struct auk_part_type *others; /* beyond U+00FF */
    size_t other_count;
} auk_part_rules;

AUK_MUST_CHECK auk_code auk_part_rules_compile(const auk_definition *definition, const void **state,
                                               auk_error *err);

/* One part: bytes [start, end) of the text. */
typedef struct auk_part_walk {
    const auk_part_rules *rules;
    auk_span text;
    size_t first; /* the text without delimiters around it */
    size_t last;
    size_t start;
    size_t end;
    bool done;
    bool skip_possessive;
    bool final_possessive;
} auk_part_walk;

/* Stands at the first part then. */
void auk_part_walk_start(auk_part_walk *walk, const auk_part_rules *rules, auk_span text);
void auk_part_walk_next(auk_part_walk *walk);
/* AUK_PART_*; letters of either case are AUK_PART_ALPHA. */
uint8_t auk_part_walk_type(const auk_part_walk *walk);
/* The part is all that there is between the delimiters around it. */
bool auk_part_walk_is_single(const auk_part_walk *walk);

static inline bool auk_part_is_wanted(const auk_part_rules *rules, uint8_t type)
{
    return (rules->word_parts && (type & AUK_PART_ALPHA)) ||
           (rules->number_parts && (type & AUK_PART_DIGIT));
}

static inline bool auk_part_is_catenated(const auk_part_rules *rules, uint8_t type)
{
    return (rules->catenate_words && (type & AUK_PART_ALPHA)) ||
           (rules->catenate_numbers && (type & AUK_PART_DIGIT));
}

/* Parts put together, in the room that the filter gave. */
typedef struct auk_part_join {
    char *text;
    size_t size;
    size_t start; /* bytes of the token */
    size_t end;
    uint32_t position; /* of its first part */
    uint32_t count;
    uint8_t type;
} auk_part_join;

void auk_part_join_add(auk_part_join *join, const auk_part_walk *walk, uint32_t position);
/* Empties it; the next one begins behind it. */
void auk_part_join_clear(auk_part_join *join);

#endif

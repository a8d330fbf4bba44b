/*
 * terms_choice.h - include and exclude of a terms aggregation: which values become buckets.
 *
 * Given as a prefix of terms or as a list of values. Terms are settled once a segment, as a bit an
 * ordinal; numbers are looked up in the sorted list.
 *
 *   Lifetime  choices: the plan's arena; bits: the collector's.   Threads  immutable.
 *   Memory    a bit a term of the segment, charged.
 *   Errors    AUK_INVALID for patterns beyond a prefix; damaged terms fail the collector.
 */
#ifndef AUK_TERMS_CHOICE_H
#define AUK_TERMS_CHOICE_H

#include "value_reader.h"

/* Either a prefix of terms or a sorted list of values. */
typedef struct auk_terms_choice {
    bool given;
    bool is_prefix;
    auk_span prefix;
    const auk_span *terms;
    const int64_t *numbers;
    uint32_t count;
} auk_terms_choice;

typedef struct auk_terms_choices {
    auk_terms_choice include, exclude;
} auk_terms_choices;

AUK_MUST_CHECK auk_code auk_terms_choices_prepare(auk_aggregation_preparer *preparer,
                                                  const auk_aggregation_plan *plan,
                                                  auk_terms_choices *out);
/* A bit an ordinal; NULL when the collector has failed. */
uint64_t *auk_terms_choices_mark(const auk_terms_choices *choices, auk_value_reader *reader,
                                 auk_span missing_term);
bool auk_terms_choices_accept_number(const auk_terms_choices *choices, int64_t number);
static inline bool auk_terms_choices_given(const auk_terms_choices *choices)
{
    return choices->include.given || choices->exclude.given;
}

#endif

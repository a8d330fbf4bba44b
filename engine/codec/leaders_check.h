/*
 * leaders_check.h - what a list keeps as its best documents, compared with all of its documents.
 *
 * Begin with a term, show it each document of the list, ask at the end.
 *
 *   Lifetime  plain values; the term's segment outlives them.   Threads  one.   Memory  none else.
 *   Errors    told in words.
 */
#ifndef AUK_LEADERS_CHECK_H
#define AUK_LEADERS_CHECK_H

#include "auk/segment.h"

typedef struct auk_leaders_check {
    auk_leaders leaders;
    bool found;                     /* there are leaders */
    bool broken;                    /* .. that cannot be read */
    auk_doc docs[AUK_LEADERS_ROOM]; /* by rising document */
    uint8_t pairs[AUK_LEADERS_ROOM];
    uint32_t met;
    float shares[AUK_LEADERS_PAIRS]; /* tf / K of each pair under the written average */
    float best_other;                /* the greatest of documents that are no leaders */
} auk_leaders_check;

void auk_leaders_check_begin(auk_leaders_check *check, const auk_term *term);
void auk_leaders_check_see(auk_leaders_check *check, auk_doc doc, uint32_t freq);
/* NULL, or what is wrong. */
const char *auk_leaders_check_end(const auk_leaders_check *check);

#endif

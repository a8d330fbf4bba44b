/*
 * leaders.h - the documents of a long list that may be among its best, kept with the list.
 *
 * For one term the order of two documents by score depends on their frequencies and lengths and on
 * the field's average length alone, which at query time is seldom the one that the segment was
 * written with. A document dominates another when its share tf / (tf + K) (bound.h) is the greater
 * one by more than a score is rounded by, at both ends of a range of averages: then it is so all
 * the way between, since K / tf is linear in 1 / average. Of documents of one frequency and length
 * the lower one dominates. Leaders are the documents with fewer than k dominators, so that, for any
 * average in the range, the best k are among them, ties by document included; where d leaders do
 * not count (deleted ones), the best k - d that do.
 *
 * They are grouped by pairs of frequency and length code, the greatest share under the written
 * average first, so that a few hits take the first few pairs.
 *
 * Format, inside a list of postings.h; numbers little endian, unaligned:
 *
 *   u8 k | u8 p | u8 n        n leaders of p pairs; 1 .. AUK_LEADERS_MOST and AUK_LEADERS_PAIRS
 *   u8  norm[p]               length codes
 *   u8  count[p]              leaders of each pair
 *   u16 freq[p]
 *   StreamVByte (kernels.h) of n numbers: of each pair the first document and then gaps less one
 *
 *   Always true: documents of a pair rise and lie below doc_count; frequencies and counts are at
 *   least 1; the counts' sum is n.
 *
 *   Lifetime  plain values.   Threads  one.   Memory  none but those.
 *   Errors    none: a list whose leaders would be too many has none.
 */
#ifndef AUK_LEADERS_H
#define AUK_LEADERS_H

#include "auk/segment_writer.h"
#include "bound.h"

/* The range of averages, as parts of the written one. */
#define AUK_LEADERS_AVERAGE_LEAST 0.85
#define AUK_LEADERS_AVERAGE_MOST  1.18

#define AUK_LEADERS_HEAD          3u
#define AUK_LEADERS_SIZE_MOST                                                                      \
    (AUK_LEADERS_HEAD + 4u * AUK_LEADERS_PAIRS + 5u * (AUK_LEADERS_MOST + 3))

#define AUK_LEADERS_AMONG 1000u /* the best so many documents are looked at */

/* What leaders of a field are found by. */
typedef struct auk_leaders_model {
    const uint8_t *norms;         /* NULL: there are none */
    bool has[256];                /* length codes that documents have */
    double least[256], most[256]; /* K by length code, at the ends of the range */
    const auk_bound_model *bounds;
} auk_leaders_model;

/* bounds: borrowed as long as the model is used. */
void auk_leaders_model_init(auk_leaders_model *model, const auk_terms_options *options,
                            uint32_t doc_count, const auk_bound_model *bounds);

/* What k may be: the second where the first would be too many, or where the list is short. */
#define AUK_LEADERS_MANY 100u
#define AUK_LEADERS_SOME 10u

/*
 * Finds and writes the leaders of a list. codes: of its best documents, the bits of tf / K under
 * the written average above the complement of the document, so that of equal ones the lower
 * document is greater; they are sorted here. all: the list has no others. Answers the size of what
 * was written to out, which has room for AUK_LEADERS_SIZE_MOST; 0: the list is to have none.
 */
uint32_t auk_leaders_write(const auk_leaders_model *model, uint64_t *codes, uint32_t count,
                           bool all, uint32_t k, uint8_t *out);

#endif

/*
 * sample_segment.h - a segment with something of every kind in it, and a walk over all of it.
 *
 * What the sample holds follows from a document's number, so a test computes what it must read. The
 * walk uses every call of auk/segment.h and looks at every byte that they hand out, for damage
 * tests and fuzzing.
 *
 *   Lifetime  the segment is counted as usual.   Threads  none of its own.   Memory  heap.
 *   Errors    sample_segment_create asserts; sample_segment_walk ignores them.
 */
#ifndef AUK_SAMPLE_SEGMENT_H
#define AUK_SAMPLE_SEGMENT_H

#include "auk/segment_writer.h"

#define SAMPLE_TEXT    16 /* terms with frequencies, positions and norms */
#define SAMPLE_KEYWORD 17 /* terms, and their ordinals as a column of up to two values */
#define SAMPLE_NUMBER  18 /* a column; every third document has none */
#define SAMPLE_MAX_SEQ 70000

/* Documents have at most this many words, of these: */
#define SAMPLE_WORDS      12
#define SAMPLE_MAX_LENGTH 9
extern const char *const sample_words[SAMPLE_WORDS]; /* in byte order */

/* What document `doc` of `count` holds. */
uint32_t sample_length(uint32_t doc);
uint32_t sample_word(uint32_t doc, uint32_t position); /* index into sample_words */
bool sample_has_keyword(uint32_t doc, uint32_t word);
int64_t sample_number(uint32_t doc); /* where doc % 3 != 0 */
auk_span sample_id(uint32_t doc, uint32_t count, char text[32]);
auk_span sample_source(uint32_t doc, char text[64]);
auk_tombstone sample_tombstone(uint32_t index, char text[32]); /* there are three */

/* Into the sink; the code of _finish. */
auk_code sample_segment_write(const auk_sink *sink, uint32_t count, auk_error *err);
auk_segment *sample_segment_create(uint32_t count);

/*
 * Long lists and nothing else: SAMPLE_LISTS documents of whose SAMPLE_TEXT "all" is in each,
 * "dense" in every second or so, "packed" in one of twelve or so, with frequencies up to 30, "rare"
 * in one of fifty. The first three have best documents (segment.h, auk_term_leaders); between them
 * they have blocks of every encoding.
 */
#define SAMPLE_LISTS 6000
auk_segment *sample_lists_create(void);

/* A sum over all there is, so that no read is left out. At most `limit` terms, postings and
 * documents of each. */
uint64_t sample_segment_walk(const auk_segment *segment, uint32_t limit);

#endif

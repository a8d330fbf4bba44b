/*
 * merge_columns.h - the column and the length codes of one field of several segments, merged into a
 * writer (merge.h).
 *
 *   Lifetime  none.   Threads  one.
 *   Memory    a byte a document for length codes; where documents are reordered 8 bytes a value,
 *             and 8 a document of a field of several values.
 *   Errors    as merge.h.
 */
#ifndef AUK_MERGE_COLUMNS_H
#define AUK_MERGE_COLUMNS_H

#include "merge_terms.h"

/* One byte a document of the result, to be freed; NULL: no source keeps them for the field. */
uint8_t *auk_merge_norms(const auk_merge_plan *plan, uint16_t field);

/* True when some source has a column of the field. */
bool auk_merge_has_column(const auk_merge_plan *plan, uint16_t field, bool *ordinals);

/* terms: just merged, for a column of ordinals; NULL: numbers. */
AUK_MUST_CHECK auk_code auk_merge_column(const auk_merge_plan *plan, auk_segment_writer *writer,
                                         uint16_t field, const auk_merge_terms *terms,
                                         auk_error *err);

#endif

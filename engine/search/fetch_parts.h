/* fetch_parts.h - the parts of a hit that come from the index instead of its source. */
#ifndef AUK_FETCH_PARTS_H
#define AUK_FETCH_PARTS_H

#include "run.h"

/* The first value of a reserved column as a member; nothing where there is none. */
void auk_fetch_number(const auk_segment *segment, auk_doc doc, uint16_t field, const char *key,
                      auk_arena *arena, auk_json_writer *out);
/* "_ignored": [..] where a value of the document was ignored. */
AUK_MUST_CHECK auk_code auk_fetch_ignored(const auk_segment *segment, auk_doc doc, auk_arena *arena,
                                          auk_json_writer *out, auk_error *err);
/* "matched_queries": [..] where clauses have names. */
AUK_MUST_CHECK auk_code auk_fetch_matched_queries(const auk_plan *plan, const auk_run_unit *unit,
                                                  auk_doc doc, auk_arena *arena,
                                                  auk_json_writer *out, auk_error *err);

#endif

/* explain.h - why a document has its score, as Lucene's tree of explanations. */
#ifndef AUK_EXPLAIN_H
#define AUK_EXPLAIN_H

#include "run.h"

/* Writes {"value": .., "description": .., "details": [..]}; *matched (may be NULL): does it match?
 */
AUK_MUST_CHECK auk_code auk_explain(const auk_plan *plan, const auk_run_unit *unit, auk_doc doc,
                                    auk_arena *arena, auk_json_writer *out, bool *matched,
                                    auk_error *err);

#endif

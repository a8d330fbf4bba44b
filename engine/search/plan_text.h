/*
 * plan_text.h - what a plan would be called in Lucene, for explanations.
 *
 *   Lifetime  the arena's.   Threads  any, an arena each.   Memory  the arena; texts end at a MiB.
 *   Errors    none.
 */
#ifndef AUK_PLAN_TEXT_H
#define AUK_PLAN_TEXT_H

#include "run.h"

/* The plan's words between two others. */
auk_span auk_plan_text(auk_arena *arena, const auk_plan *plan, const char *before,
                       const char *after);
/* As Java prints it: 1.0, 0.5. */
auk_span auk_plan_shown_float(auk_arena *arena, float value);

#endif

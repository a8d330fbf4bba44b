/* run.h - the steps of run.c that have files of their own: the switch, and what the task is told.
 */
#ifndef AUK_REBUILD_RUN_H
#define AUK_REBUILD_RUN_H

#include "rebuild_private.h"

/* run.c: until few operations are left; *applied counts them. */
AUK_MUST_CHECK auk_code auk_rebuild_catch_up(auk_rebuild *r, uint64_t *applied, auk_error *err);
/* disk_full_exception: so much more does not fit. */
AUK_MUST_CHECK auk_code auk_rebuild_check_disk(const auk_rebuild *r, uint64_t wanted,
                                               auk_error *err);

/* switch.c: the other one leads; ends the task when it is the first switch. */
AUK_MUST_CHECK auk_code auk_rebuild_switch(auk_rebuild *r, auk_error *err);

/* rank.c: asks the wished searches of both; into r->ranks. */
void auk_rebuild_rank(auk_rebuild *r, auk_shard_view **old, auk_shard_view **new);

/* report.c: tells the task how far it is; and the answer of one that is done. */
void auk_rebuild_tell(auk_rebuild *r);
void auk_rebuild_finish(auk_rebuild *r);

#endif

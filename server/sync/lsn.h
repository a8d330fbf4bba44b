/*
 * lsn.h - positions in Postgres's log as people write them: "16/B374D848".
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  false for what is no position.
 */
#ifndef AUK_SYNC_LSN_H
#define AUK_SYNC_LSN_H

#include "row_change.h"

bool auk_lsn_parse(auk_span text, auk_lsn *out);
/* Terminated; answers out. */
const char *auk_lsn_format(auk_lsn lsn, char out[24]);

#endif

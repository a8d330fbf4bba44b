/* preflight_private.h - findings, for the files preflight*.c. */
#ifndef AUK_SYNC_PREFLIGHT_PRIVATE_H
#define AUK_SYNC_PREFLIGHT_PRIVATE_H

#include "preflight.h"

void auk_preflight_add(auk_preflight *preflight, auk_preflight_weight weight, const char *check,
                       auk_span sql, const char *format, ...) AUK_PRINTF(5, 6);

#endif

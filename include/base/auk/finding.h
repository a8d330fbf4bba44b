/*
 * finding.h - what an inspection comes upon, told one by one to whoever asked for it.
 *
 * An inspection does not end at the first thing that is wrong: it tells and goes on. A finding says
 * where (a file, or a place within an index) and what.
 *
 *   Lifetime  a finding's texts are borrowed until `tell` returns.
 *   Threads   one inspection a thread.
 *   Memory    none.
 *   Errors    none: that something is wrong is what findings are for.
 */
#ifndef AUK_FINDING_H
#define AUK_FINDING_H

#include <stdint.h>

#include "auk/error.h"

typedef enum auk_finding_kind {
    AUK_FINDING_STEP,     /* progress: this is looked at now */
    AUK_FINDING_NOTE,     /* odd, but nothing is wrong with the data */
    AUK_FINDING_DAMAGE,   /* bytes are not what was written, or do not fit each other */
    AUK_FINDING_REPAIRED, /* done about it, nothing was lost */
    AUK_FINDING_LOST,     /* done about it, and this is gone */
} auk_finding_kind;

typedef struct auk_finding {
    auk_finding_kind kind;
    const char *where;
    const char *message;
} auk_finding;

typedef struct auk_findings {
    void (*tell)(void *context, const auk_finding *finding); /* NULL: only counted */
    void *context;
    uint64_t count[AUK_FINDING_LOST + 1];
} auk_findings;

void auk_findings_add(auk_findings *findings, auk_finding_kind kind, const char *where,
                      const char *format, ...) AUK_PRINTF(4, 5);

#endif

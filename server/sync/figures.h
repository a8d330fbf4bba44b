/*
 * figures.h - what a source counts, gathered for those who show it (stats.c, metrics.c).
 *
 *   Lifetime  plain data.   Threads  _gather under the source's lock.   Memory  none.
 *   Errors    none.
 */
#ifndef AUK_SYNC_FIGURES_H
#define AUK_SYNC_FIGURES_H

#include "source.h"

typedef struct auk_source_figures {
    auk_applier_stats applier;
    auk_stream_stats stream;
    uint64_t chunks_done, rows;
    double rows_per_second; /* of the snapshot */
    double lag_seconds;     /* commit -> applied, of the newest */
} auk_source_figures;

void auk_source_gather(auk_source *source, auk_source_figures *out);
/* Seconds since all rows were last compared; -1: never. */
double auk_source_verified_age(const auk_source *source);
/* Until the slot may hold back no more, as it grows now; -1: not known, or never. */
double auk_source_slot_eta(const auk_source *source);
uint64_t auk_lsn_distance(auk_lsn from, auk_lsn to); /* 0 when `to` is not ahead */
/* Calls for each source, acquired, without the registry's lock. */
void auk_syncs_each(auk_syncs *syncs, void (*call)(auk_source *source, void *context),
                    void *context);

#endif

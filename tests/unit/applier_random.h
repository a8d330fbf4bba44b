/*
 * applier_random.h - random transactions over the tables of applier_support.h, the same for the
 * same seed.
 */
#ifndef AUK_APPLIER_RANDOM_H
#define AUK_APPLIER_RANDOM_H

#include "applier_support.h"

typedef struct chance {
    uint64_t state;
} chance;

uint32_t chance_below(chance *c, uint32_t limit);

/* One transaction, begun and filled; `most` changes. It is in w->transaction. */
void random_transaction(world *w, chance *c, uint32_t most);

#endif

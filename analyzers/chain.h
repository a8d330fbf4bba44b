/*
 * chain.h - an analyzer from the inside: its components in the order in which they run.
 *
 *   Lifetime  that of its analysis, or _build .. _destroy.   Threads  immutable.
 *   Memory    in the arena of its owner.   Errors  none.
 */
#ifndef AUK_CHAIN_H
#define AUK_CHAIN_H

#include "component.h"

struct auk_analyzer {
    auk_span name;
    uint32_t position_gap;
    bool custom;
    auk_component *char_filters;
    size_t char_filter_count;
    auk_component tokenizer;
    auk_component *filters;
    size_t filter_count;
    size_t word_most; /* bytes of a plain word that is but written small; 0: it may be more */

    /* of _build only */
    auk_arena *arena;
    auk_analysis *analysis;
};

#endif

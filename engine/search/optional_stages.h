/*
 * optional_stages.h - a required word with optional ones, those that are rarer than it first.
 *
 * What an optional word adds is the more the rarer it is, so the best documents are mostly among
 * those that have the rarest. These are taken first, then those that have the next rarer word but
 * not that one, and so on; with the floor that they make, what is left often cannot hold a hit, and
 * the required word's list, the longest of all, is never walked. Documents come in no order.
 *
 *   Lifetime  arena; the scorers are borrowed, and rewound at the begin of each stage.
 *   Threads   one.   Memory  arena at _create.   Errors  the scorers' own.
 */
#ifndef AUK_OPTIONAL_STAGES_H
#define AUK_OPTIONAL_STAGES_H

#include "scorer.h"

typedef struct auk_optional_stages auk_optional_stages;

/* NULL: no optional word is rarer by far, or one of all cannot be rewound. */
auk_optional_stages *auk_optional_stages_create(auk_scorer *required, auk_scorer *const *optional,
                                                uint32_t count, auk_arena *arena);
/* The next documents that have one of the rarer words, as a _fill_best gives them; 0: no more. */
uint32_t auk_optional_stages_take(auk_optional_stages *stages, float floor, auk_doc *docs,
                                  float *scores);
/* When there are no more: can a document without any of the rarer words reach floor? Then all is
 * rewound, *rest are the other words as one, or NULL where there are none. */
bool auk_optional_stages_leave(auk_optional_stages *stages, float floor, auk_scorer **rest);
/* Behind _leave, of ascending documents: keeps those without the rarer words. */
uint32_t auk_optional_stages_keep_new(const auk_optional_stages *stages, auk_doc *docs,
                                      float *scores, uint32_t count);

#endif

/*
 * Portuguese and Galician by RSLP: V. M. Orengo and C. Huyck, "A Stemming Algorithm for the
 * Portuguese Language", SPIRE 2001. The minimal stemmers are its first step alone.
 */
#include "rslp.h"

static bool spares(const auk_rslp_step *step, const auk_rslp_rule *rule, const auk_stem_word *word)
{
    if (!rule->spares)
        return false;
    return step->exact ? auk_stem_is_one_of(word, rule->spares)
                       : auk_stem_ends_in(word, rule->spares) > 0;
}

/* Did the size change? What only spells the word anew does not count. */
static bool apply(auk_stem_word *word, const auk_rslp_step *step)
{
    size_t before = word->size;
    if (before < step->least || (step->only && auk_stem_ends_in(word, step->only) == 0))
        return false;
    for (const auk_rslp_rule *rule = step->rules; rule < step->rules + step->count; rule++) {
        size_t size = auk_stem_length(rule->ending);
        if (before < size + rule->least || !auk_stem_ends(word, rule->ending) ||
            spares(step, rule, word))
            continue;
        auk_stem_replace(word, size, rule->with);
        return word->size != before;
    }
    return false;
}

void auk_stem_portuguese_rslp(auk_stem_word *word)
{
    const auk_rslp_step *steps = auk_rslp_portuguese;
    (void)apply(word, &steps[AUK_RSLP_PLURAL]);
    (void)apply(word, &steps[AUK_RSLP_ADVERB]);
    (void)apply(word, &steps[AUK_RSLP_SECOND]);
    (void)apply(word, &steps[AUK_RSLP_AUGMENTATIVE]);
    if (!apply(word, &steps[AUK_RSLP_NOUN]) && !apply(word, &steps[AUK_RSLP_VERB]))
        (void)apply(word, &steps[AUK_RSLP_VOWEL]);
    auk_stem_map(word, u"àaáaâaãaäaåaçcèeéeêeëeìiíiîiïiñnòoóoôoõoöoùuúuûuüuýyÿy");
}

void auk_stem_galician(auk_stem_word *word)
{
    const auk_rslp_step *steps = auk_rslp_galician;
    (void)apply(word, &steps[AUK_RSLP_PLURAL]);
    (void)apply(word, &steps[AUK_RSLP_SECOND]);
    (void)apply(word, &steps[AUK_RSLP_ADVERB]);
    while (apply(word, &steps[AUK_RSLP_AUGMENTATIVE]))
        continue;
    if (!apply(word, &steps[AUK_RSLP_NOUN]))
        (void)apply(word, &steps[AUK_RSLP_VERB]);
    (void)apply(word, &steps[AUK_RSLP_VOWEL]);
    auk_stem_map(word, u"áaéeêeíióoúu");
}

void auk_stem_minimal_portuguese(auk_stem_word *word)
{
    (void)apply(word, &auk_rslp_portuguese[AUK_RSLP_PLURAL]);
}

void auk_stem_minimal_galician(auk_stem_word *word)
{
    (void)apply(word, &auk_rslp_galician[AUK_RSLP_PLURAL]);
}

#include "leaders_check.h"

#include "bound.h"
#include "terms.h"

static float share_of(const auk_terms *terms, uint8_t norm, uint32_t freq)
{
    return (float)freq * auk_bound_inverse(terms->k1, terms->b, terms->average, norm);
}

/* By insertion: they are a few runs that rise. */
static void sort(auk_leaders_check *check, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        auk_doc doc = check->docs[i];
        uint8_t pair = check->pairs[i];
        uint32_t at = i;
        for (; at > 0 && check->docs[at - 1] > doc; at--) {
            check->docs[at] = check->docs[at - 1];
            check->pairs[at] = check->pairs[at - 1];
        }
        check->docs[at] = doc;
        check->pairs[at] = pair;
    }
}

void auk_leaders_check_begin(auk_leaders_check *check, const auk_term *term)
{
    const auk_terms *terms = term->terms;
    auk_leaders *leaders = &check->leaders;
    check->met = 0;
    check->best_other = 0;
    check->broken = auk_term_leaders(term, terms->average, leaders, &check->found, NULL) != AUK_OK;
    if (check->broken || !check->found)
        return;
    check->broken = auk_leaders_docs(leaders, leaders->pair_count, check->docs) == 0;
    for (uint32_t i = 0, at = 0; i < leaders->pair_count; i++) {
        check->shares[i] = share_of(terms, leaders->norms[i], leaders->freqs[i]);
        for (uint32_t end = at + leaders->counts[i]; at < end; at++)
            check->pairs[at] = (uint8_t)i;
    }
    sort(check, leaders->doc_count);
}

void auk_leaders_check_see(auk_leaders_check *check, auk_doc doc, uint32_t freq)
{
    if (!check->found || check->broken)
        return;
    const auk_terms *terms = check->leaders.terms;
    uint8_t norm = AUK_BOUND_NORM_ABSENT;
    if (terms->values.norms.size > doc)
        norm = auk_span_bytes(terms->values.norms)[doc];
    if (check->met < check->leaders.doc_count && check->docs[check->met] == doc) {
        uint32_t pair = check->pairs[check->met++];
        check->broken = check->leaders.freqs[pair] != freq || check->leaders.norms[pair] != norm;
        return;
    }
    float share = share_of(terms, norm, freq);
    check->best_other = share > check->best_other ? share : check->best_other;
}

/* None of the others is better than the k-th of the leaders; they rank by falling share. */
static bool are_best(const auk_leaders_check *check)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < check->leaders.pair_count; i++) {
        sum += check->leaders.counts[i];
        if (sum >= check->leaders.k)
            return check->best_other <= check->shares[i];
    }
    return false;
}

const char *auk_leaders_check_end(const auk_leaders_check *check)
{
    if (check->broken)
        return "keeps best documents that are not those of its list";
    if (check->found && (check->met != check->leaders.doc_count || !are_best(check)))
        return "keeps best documents that are not its best";
    return NULL;
}

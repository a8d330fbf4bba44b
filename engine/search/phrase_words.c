#include "phrase_words.h"

#include <stdlib.h>

/* ---- opening ---- */

static auk_code find_term(const auk_plan *plan, const auk_plan_term *term,
                          const auk_scorer_context *context, auk_term *out, bool *found,
                          auk_error *err)
{
    *found = false;
    if (context->statistics) {
        const auk_term *known =
            auk_statistics_term(context->statistics, context->segment, term->slot);
        *found = known != NULL;
        if (known)
            *out = *known;
        return AUK_OK;
    }
    const auk_terms *terms = auk_segment_terms(context->view->segment, plan->number);
    return terms ? auk_terms_find(terms, term->text, out, found, err) : AUK_OK;
}

static auk_code open_term(const auk_plan *plan, const auk_plan_term *term,
                          const auk_scorer_context *context, auk_phrase_word *word, auk_error *err)
{
    auk_term at;
    bool found;
    auk_code code = find_term(plan, term, context, &at, &found, err);
    if (code != AUK_OK || !found)
        return code;
    code = auk_postings_open(&at, AUK_WANT_POSITIONS, context->arena,
                             &word->terms[word->term_count], err);
    if (code != AUK_OK)
        return code;
    word->term_count++;
    word->cost += at.doc_freq;
    return AUK_OK;
}

auk_code auk_phrase_words_open(const auk_plan *plan, const auk_scorer_context *context,
                               auk_phrase_word **out, uint32_t *count, bool *found, auk_error *err)
{
    const auk_plan_term *terms = plan->u.phrase.terms;
    uint32_t all = plan->u.phrase.count;
    auk_phrase_word *words = AUK_ARENA_ARRAY(context->arena, auk_phrase_word, all);
    *out = words;
    *count = 0;
    *found = true;
    for (uint32_t i = 0, next; i < all && *found; i = next) {
        auk_phrase_word *word = &words[(*count)++];
        for (next = i + 1; next < all && terms[next].position == terms[i].position;)
            next++;
        word->terms = AUK_ARENA_ARRAY(context->arena, auk_postings *, next - i);
        word->first = &terms[i];
        word->named = next - i;
        word->offset = terms[i].position - terms[0].position;
        for (uint32_t j = i; j < next; j++) {
            auk_code code = open_term(plan, &terms[j], context, word, err);
            if (code != AUK_OK)
                return code;
        }
        *found = word->term_count > 0;
    }
    return AUK_OK;
}

/* ---- documents and positions ---- */

auk_doc auk_phrase_word_seek(auk_phrase_word *word, auk_doc target)
{
    word->doc = AUK_DOC_END;
    for (uint32_t i = 0; i < word->term_count; i++) {
        auk_doc doc = auk_postings_seek(word->terms[i], target);
        if (doc < word->doc)
            word->doc = doc;
    }
    return word->doc;
}

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static bool merge(auk_phrase_word *word, auk_arena *arena)
{
    uint64_t total = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < word->term_count; i++)
        if (auk_postings_doc(word->terms[i]) == word->doc)
            total += auk_postings_freq(word->terms[i]);
    if (total > word->capacity) {
        word->capacity = (uint32_t)(total < UINT32_MAX / 2 ? total * 2 : UINT32_MAX);
        word->merged = auk_arena_alloc(arena, sizeof(uint32_t) * word->capacity);
    }
    for (uint32_t i = 0; i < word->term_count; i++) {
        if (auk_postings_doc(word->terms[i]) != word->doc)
            continue;
        const uint32_t *positions = auk_postings_positions(word->terms[i]);
        uint32_t freq = positions ? auk_postings_freq(word->terms[i]) : 0;
        if (!positions || freq > word->capacity - count)
            return false;
        memcpy(word->merged + count, positions, sizeof *positions * freq);
        count += freq;
    }
    qsort(word->merged, count, sizeof *word->merged, by_number);
    word->positions = word->merged;
    word->count = count;
    return true;
}

bool auk_phrase_word_load(auk_phrase_word *word, auk_arena *arena)
{
    word->at = 0;
    if (word->term_count > 1)
        return merge(word, arena);
    word->positions = auk_postings_positions(word->terms[0]);
    word->count = word->positions ? auk_postings_freq(word->terms[0]) : 0;
    return word->positions != NULL;
}

auk_code auk_phrase_words_status(const auk_phrase_word *words, uint32_t count)
{
    auk_code code = AUK_OK;
    for (uint32_t w = 0; w < count; w++)
        for (uint32_t i = 0; i < words[w].term_count && code == AUK_OK; i++)
            code = auk_postings_status(words[w].terms[i]);
    return code;
}

/* ---- in a row ---- */

/* Moves the word to its first position >= target; false: it has none. */
static bool reach(auk_phrase_word *word, uint64_t target)
{
    while (word->at < word->count && word->positions[word->at] < target)
        word->at++;
    return word->at < word->count;
}

bool auk_phrase_pair_fits(const auk_phrase_word *a, const auk_phrase_word *b)
{
    for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
        uint64_t left = (uint64_t)a->positions[i] + b->offset;
        uint64_t right = (uint64_t)b->positions[j] + a->offset;
        if (left == right)
            return true;
        i += left < right;
        j += right < left;
    }
    return false;
}

float auk_phrase_exact_freq(auk_phrase_word *words, uint32_t count, bool first_only)
{
    auk_phrase_word *lead = &words[0];
    uint32_t found = 0;
    for (uint32_t i = 0; i < lead->count; i++) {
        if (lead->positions[i] < lead->offset)
            continue;
        uint64_t start = (uint64_t)lead->positions[i] - lead->offset;
        bool fits = true;
        for (uint32_t w = 1; w < count && fits; w++) {
            if (!reach(&words[w], start + words[w].offset))
                return (float)found;
            fits = words[w].positions[words[w].at] == start + words[w].offset;
        }
        found += fits;
        if (fits && first_only)
            break;
    }
    return (float)found;
}

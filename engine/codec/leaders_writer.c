#include "leaders.h"

#include "auk/select.h"
#include "bits.h"
#include "kernels.h"

/* Among so many times k of the best first, and so many pairs at most. */
enum { FEW = 3, PAIRS_AMONG = 256 };

/* What a share must be greater by. A score is a share times a weight, and off by at most a quarter
 * of this part of the weight: five roundings of numbers that are no greater than the weight. */
static const double margin = 1e-6;
/* Above this K / tf the margin says too little about lower frequencies of the same length. */
static const double worst = 1e5;

/* Documents of one frequency and length. */
typedef struct pair {
    uint32_t freq, count;
    float share; /* tf / K under the written average */
    uint8_t norm;
    double least, most; /* K / tf at both ends of the range */
    uint32_t taken;     /* leaders */
} pair;

/* The best of a list, by falling share and rising document. */
typedef struct best_docs {
    const auk_leaders_model *model;
    const uint64_t *codes;
    uint32_t count;
    bool all; /* there are no documents behind them */
    uint32_t pair_count;
    pair pairs[PAIRS_AMONG];
    uint8_t pair_of[AUK_LEADERS_AMONG];
} best_docs;

void auk_leaders_model_init(auk_leaders_model *model, const auk_terms_options *options,
                            uint32_t doc_count, const auk_bound_model *bounds)
{
    *model = (auk_leaders_model){.norms = options->norms, .bounds = bounds};
    double average = options->average_length, k1 = (double)options->k1, b = (double)options->b;
    if (!options->norms)
        model->has[AUK_BOUND_NORM_ABSENT] = true;
    for (uint32_t doc = 0; options->norms && doc < doc_count; doc++)
        model->has[options->norms[doc]] = true;
    for (unsigned norm = 0; norm < 256; norm++) {
        double length = (double)auk_norm_decode((uint8_t)norm) / average;
        model->least[norm] = k1 * (1 - b + b * length / AUK_LEADERS_AVERAGE_MOST);
        model->most[norm] = k1 * (1 - b + b * length / AUK_LEADERS_AVERAGE_LEAST);
    }
}

static uint8_t norm_of(const auk_leaders_model *model, auk_doc doc)
{
    return model->norms ? model->norms[doc] : AUK_BOUND_NORM_ABSENT;
}

static void set_pair(const auk_leaders_model *model, uint8_t norm, uint32_t freq, pair *out)
{
    *out = (pair){.freq = freq, .norm = norm};
    out->share = (float)freq * model->bounds->inverse[norm];
    out->least = model->least[norm] / freq;
    out->most = model->most[norm] / freq;
}

/* At both ends; most is the greater one of both. */
static bool dominates(const pair *a, const pair *b)
{
    double apart = margin * (1 + a->most) * (1 + b->most);
    return b->most - a->most > apart && b->least - a->least > apart && a->most < worst;
}

/* The number of the pair of a document, which is made when it is new; false: there is no room, or
 * the frequency is past what is kept. */
static bool find_pair(best_docs *best, uint64_t code, uint8_t *out)
{
    const auk_leaders_model *model = best->model;
    uint32_t bits = (uint32_t)(code >> 32), number = best->pair_count;
    uint8_t norm = norm_of(model, ~(uint32_t)code);
    float share;
    memcpy(&share, &bits, sizeof share);
    while (number-- > 0 && best->pairs[number].share <= share)
        if (best->pairs[number].share == share && best->pairs[number].norm == norm) {
            *out = (uint8_t)number;
            return true;
        }
    float freq = share / model->bounds->inverse[norm] + 0.5f;
    if (best->pair_count == PAIRS_AMONG || !(freq >= 1 && freq <= UINT16_MAX))
        return false;
    *out = (uint8_t)best->pair_count;
    pair *made = &best->pairs[best->pair_count++];
    set_pair(model, norm, (uint32_t)freq, made);
    return made->share == share;
}

/* As many of the codes as there is room for the pairs of. */
static void rank(best_docs *best, const auk_leaders_model *model, const uint64_t *codes,
                 uint32_t count, bool all)
{
    best->model = model;
    best->codes = codes;
    best->pair_count = best->count = 0;
    for (uint32_t i = 0; i < count && find_pair(best, codes[i], &best->pair_of[i]); i++) {
        best->pairs[best->pair_of[i]].count++;
        best->count++;
    }
    best->all = all && best->count == count;
}

/* Dominators of a pair among the first `among`, as far as k. */
static uint32_t count_dominators(const best_docs *best, const pair *of, uint32_t among, uint32_t k)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < among && found < k; i++)
        found += dominates(&best->pairs[i], of) ? best->pairs[i].count : 0;
    return found;
}

static uint32_t count_of(const best_docs *best, const pair *like)
{
    for (uint32_t i = 0; i < best->pair_count; i++)
        if (best->pairs[i].norm == like->norm && best->pairs[i].freq == like->freq)
            return best->pairs[i].count;
    return 0;
}

/* Have all documents of that length behind the ranking k dominators? Those of the greatest
 * frequency that may be there have them, or are dominated by lower documents of their pair; then
 * those of the next lower one decide, since what dominates a frequency dominates all below it. */
static bool is_closed_for(const best_docs *best, uint8_t norm, uint32_t k)
{
    const auk_leaders_model *model = best->model;
    float inverse = model->bounds->inverse[norm];
    float last = best->pairs[best->pair_of[best->count - 1]].share;
    if (!(last / inverse < UINT16_MAX))
        return false;
    uint32_t freq = (uint32_t)(last / inverse) + 1;
    while (freq > 0 && (float)freq * inverse > last)
        freq--;
    if (freq == 0)
        return true;
    pair behind;
    set_pair(model, norm, freq, &behind);
    uint32_t dominators = count_dominators(best, &behind, best->pair_count, k);
    if (dominators >= k)
        return true;
    if (dominators + count_of(best, &behind) < k)
        return false;
    if (freq > 1)
        set_pair(model, norm, freq - 1, &behind);
    return freq == 1 || count_dominators(best, &behind, best->pair_count, k) >= k;
}

static bool is_closed(const best_docs *best, uint32_t k)
{
    if (best->count == 0)
        return false;
    for (unsigned norm = 0; norm < 256 && !best->all; norm++)
        if (best->model->has[norm] && !is_closed_for(best, (uint8_t)norm, k))
            return false;
    return true;
}

/* False: there are too many. */
static bool take(best_docs *best, uint32_t k, uint32_t *pair_count, uint32_t *doc_count)
{
    *pair_count = *doc_count = 0;
    for (uint32_t i = 0; i < best->pair_count; i++) {
        pair *at = &best->pairs[i];
        uint32_t left = k - count_dominators(best, at, i, k);
        if (left > k) /* the last step went past k */
            left = 0;
        at->taken = at->count < left ? at->count : left;
        *doc_count += at->taken;
        *pair_count += at->taken > 0;
    }
    return *doc_count <= AUK_LEADERS_MOST && *pair_count <= AUK_LEADERS_PAIRS;
}

/* ---- writing ---- */

/* The numbers of one pair after the other. */
static uint32_t list_gaps(const best_docs *best, uint32_t *gaps)
{
    uint32_t starts[PAIRS_AMONG], sizes[PAIRS_AMONG] = {0}, total = 0;
    uint32_t befores[PAIRS_AMONG] = {0};
    for (uint32_t i = 0; i < best->pair_count; i++) {
        starts[i] = total;
        total += best->pairs[i].taken;
    }
    for (uint32_t i = 0; i < best->count; i++) {
        uint32_t number = best->pair_of[i], doc = ~(uint32_t)best->codes[i];
        if (sizes[number] == best->pairs[number].taken)
            continue;
        gaps[starts[number] + sizes[number]++] = doc - befores[number];
        befores[number] = doc + 1;
    }
    return total;
}

static uint32_t write_list(const best_docs *best, uint32_t k, uint32_t pair_count, uint8_t *out)
{
    uint32_t gaps[AUK_LEADERS_MOST], count = list_gaps(best, gaps), number = 0;
    uint8_t *norms = out + AUK_LEADERS_HEAD, *counts = norms + pair_count;
    uint8_t *freqs = counts + pair_count;
    out[0] = (uint8_t)k;
    out[1] = (uint8_t)pair_count;
    out[2] = (uint8_t)count;
    for (uint32_t i = 0; i < best->pair_count; i++) {
        const pair *at = &best->pairs[i];
        if (at->taken == 0)
            continue;
        uint16_t freq = (uint16_t)at->freq;
        norms[number] = at->norm;
        counts[number] = (uint8_t)at->taken;
        memcpy(freqs + (size_t)number * 2, &freq, sizeof freq);
        number++;
    }
    uint8_t *at = freqs + (size_t)pair_count * 2;
    return (uint32_t)(at - out) + (uint32_t)auk_vbyte_encode(gaps, count, at);
}

static uint32_t try_list(best_docs *best, uint32_t k, uint8_t *out)
{
    uint32_t pair_count, doc_count;
    if (!is_closed(best, k) || !take(best, k, &pair_count, &doc_count))
        return 0;
    return write_list(best, k, pair_count, out);
}

uint32_t auk_leaders_write(const auk_leaders_model *model, uint64_t *codes, uint32_t count,
                           bool all, uint32_t k, uint8_t *out)
{
    best_docs best;
    uint64_t spare[AUK_LEADERS_AMONG];
    uint32_t size, few = FEW * k;
    if (count > few) {
        (void)auk_select_greatest(codes, count, few);
        auk_sort_falling(codes, few, spare);
        rank(&best, model, codes, few, false);
        size = try_list(&best, k, out);
        if (size > 0)
            return size;
    }
    auk_sort_falling(codes, count, spare);
    rank(&best, model, codes, count, all);
    size = try_list(&best, k, out);
    return size > 0 || k == AUK_LEADERS_SOME ? size : try_list(&best, AUK_LEADERS_SOME, out);
}

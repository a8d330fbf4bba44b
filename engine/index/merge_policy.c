#include "merge_policy.h"

#include <stdlib.h>

typedef struct sized {
    uint32_t index;
    uint64_t bytes; /* without deleted documents, at least the floor */
    uint64_t true_bytes;
} sized;

static uint64_t live_bytes(const auk_merge_candidate *candidate)
{
    if (candidate->doc_count == 0)
        return 0;
    return (uint64_t)((double)candidate->bytes * candidate->live_count / candidate->doc_count);
}

static int larger_first(const void *a, const void *b)
{
    const sized *x = a;
    const sized *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    if (x->true_bytes != y->true_bytes)
        return x->true_bytes > y->true_bytes ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* How many segments tiers allow: per_tier of the floor's size, as many of per_tier times that, and
 * so on. */
static uint32_t allowed(const sized *sizes, uint32_t count, const auk_merge_limits *limits)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += sizes[i].bytes;
    uint64_t level = limits->floor_bytes;
    double segments = 0;
    while (total > 0) {
        double at_level = (double)total / (double)level;
        if (at_level < limits->per_tier || level >= limits->most_bytes) {
            segments += at_level + 1;
            break;
        }
        segments += limits->per_tier;
        total -= level * limits->per_tier;
        level *= limits->per_tier;
        if (level > limits->most_bytes)
            level = limits->most_bytes;
    }
    return segments > limits->per_tier ? (uint32_t)segments : limits->per_tier;
}

/* Lower is better: a group of even sizes costs little for what it joins. */
static double score_of(const sized *group, uint32_t count, const auk_merge_limits *limits)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += group[i].bytes;
    if (total > limits->most_bytes)
        return -1;
    double skew = (double)group[0].bytes / (double)total;
    double weight = 1 + (double)total / (double)limits->most_bytes;
    return skew * weight;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t pick_group(const sized *sizes, uint32_t count, const auk_merge_limits *limits,
                           uint32_t picked[AUK_MERGE_GROUP_MOST])
{
    uint32_t group =
        limits->per_tier < AUK_MERGE_GROUP_MOST ? limits->per_tier : AUK_MERGE_GROUP_MOST;
    double best = -1;
    uint32_t best_start = 0;
    for (uint32_t start = 0; start + group <= count; start++) {
        double score = score_of(sizes + start, group, limits);
        /* Among equals the last, which is the smallest. */
        if (score >= 0 && (best < 0 || score <= best)) {
            best = score;
            best_start = start;
        }
    }
    if (best < 0)
        return 0;
    for (uint32_t i = 0; i < group; i++)
        picked[i] = sizes[best_start + i].index;
    qsort(picked, group, sizeof *picked, ascending);
    return group;
}

/* A segment of which much is deleted is written anew by itself. */
static uint32_t pick_deleted(const auk_merge_candidate *candidates, uint32_t count,
                             uint32_t picked[AUK_MERGE_GROUP_MOST])
{
    for (uint32_t i = 0; i < count; i++) {
        const auk_merge_candidate *candidate = &candidates[i];
        uint32_t deleted = candidate->doc_count - candidate->live_count;
        if (!candidate->is_merging && deleted > candidate->doc_count / 3) {
            picked[0] = i;
            return 1;
        }
    }
    return 0;
}

/* Those that tiers are made of, in no order; to be freed. */
static sized *find_eligible(const auk_merge_candidate *candidates, uint32_t count,
                            const auk_merge_limits *limits, bool merging, uint32_t *eligible)
{
    sized *sizes = calloc(count + 1u, sizeof *sizes);
    if (sizes == NULL)
        abort();
    *eligible = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bytes = live_bytes(&candidates[i]);
        if ((candidates[i].is_merging && !merging) || bytes > limits->most_bytes / 2)
            continue;
        sizes[(*eligible)++] =
            (sized){i, bytes < limits->floor_bytes ? limits->floor_bytes : bytes, bytes};
    }
    return sizes;
}

uint32_t auk_merge_policy_excess(const auk_merge_candidate *candidates, uint32_t count,
                                 const auk_merge_limits *limits)
{
    uint32_t eligible;
    sized *sizes = find_eligible(candidates, count, limits, true, &eligible);
    uint32_t most = allowed(sizes, eligible, limits);
    free(sizes);
    return eligible > most ? eligible - most : 0;
}

uint32_t auk_merge_policy_pick(const auk_merge_candidate *candidates, uint32_t count,
                               const auk_merge_limits *limits,
                               uint32_t picked[AUK_MERGE_GROUP_MOST])
{
    uint32_t eligible;
    sized *sizes = find_eligible(candidates, count, limits, false, &eligible);
    qsort(sizes, eligible, sizeof *sizes, larger_first);
    uint32_t result = 0;
    if (eligible >= limits->per_tier && eligible > allowed(sizes, eligible, limits))
        result = pick_group(sizes, eligible, limits, picked);
    free(sizes);
    return result != 0 ? result : pick_deleted(candidates, count, picked);
}

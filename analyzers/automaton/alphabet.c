/* Sets of characters, and the classes of characters that none of them tells apart. */
#include <stdlib.h>
#include <string.h>

#include "auk/error.h"
#include "tree.h"

static int by_first(const void *left, const void *right)
{
    const auk_interval *a = left, *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

static bool is_same(const auk_character_set *set, const auk_interval *intervals, uint32_t count)
{
    return set->count == count &&
           (count == 0 || memcmp(set->intervals, intervals, count * sizeof *intervals) == 0);
}

uint32_t auk_alphabet_add(auk_alphabet *alphabet, const auk_interval *intervals, uint32_t count)
{
    auk_interval *sorted = AUK_ARENA_ARRAY(alphabet->arena, auk_interval, count + 1);
    if (count > 0)
        memcpy(sorted, intervals, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_first);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept > 0 && sorted[i].first <= sorted[kept - 1].last + 1) {
            if (sorted[i].last > sorted[kept - 1].last)
                sorted[kept - 1].last = sorted[i].last;
        } else {
            sorted[kept++] = sorted[i];
        }
    }
    for (uint32_t i = 0; i < alphabet->set_count; i++)
        if (is_same(&alphabet->sets[i], sorted, kept))
            return i;
    if (alphabet->set_count == alphabet->set_capacity) {
        uint32_t capacity = alphabet->set_capacity ? alphabet->set_capacity * 2 : 16;
        auk_character_set *grown = AUK_ARENA_ARRAY(alphabet->arena, auk_character_set, capacity);
        if (alphabet->set_count > 0)
            memcpy(grown, alphabet->sets, alphabet->set_count * sizeof *grown);
        alphabet->sets = grown;
        alphabet->set_capacity = capacity;
    }
    alphabet->sets[alphabet->set_count] = (auk_character_set){sorted, kept};
    return alphabet->set_count++;
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Where any set begins or ends. */
static void find_starts(auk_alphabet *alphabet)
{
    size_t most = 1, count = 0, kept = 0;
    for (uint32_t i = 0; i < alphabet->set_count; i++)
        most += 2 * (size_t)alphabet->sets[i].count;
    uint32_t *starts = AUK_ARENA_ARRAY(alphabet->arena, uint32_t, most);
    starts[count++] = 0;
    for (uint32_t i = 0; i < alphabet->set_count; i++)
        for (uint32_t j = 0; j < alphabet->sets[i].count; j++) {
            starts[count++] = alphabet->sets[i].intervals[j].first;
            if (alphabet->sets[i].intervals[j].last < AUK_LAST_CHARACTER)
                starts[count++] = alphabet->sets[i].intervals[j].last + 1;
        }
    qsort(starts, count, sizeof *starts, by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || starts[i] != starts[kept - 1])
            starts[kept++] = starts[i];
    alphabet->starts = starts;
    alphabet->interval_count = (uint32_t)kept;
}

static uint32_t interval_of(const auk_alphabet *alphabet, uint32_t character)
{
    uint32_t low = 0, high = alphabet->interval_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (alphabet->starts[middle] <= character)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Members of the set leave their classes for new ones; then classes are numbered without gaps. */
static void refine(auk_alphabet *alphabet, const auk_character_set *set, uint32_t *class_of,
                   uint32_t *moved_to, uint32_t *count)
{
    uint32_t next = *count;
    memset(moved_to, 0, 2 * (size_t)alphabet->interval_count * sizeof *moved_to);
    for (uint32_t i = 0; i < set->count; i++)
        for (uint32_t at = interval_of(alphabet, set->intervals[i].first);
             at < alphabet->interval_count && alphabet->starts[at] <= set->intervals[i].last;
             at++) {
            uint32_t *to = &moved_to[class_of[at]];
            if (*to == 0)
                *to = next++;
            class_of[at] = *to;
        }
    memset(moved_to, 0, 2 * (size_t)alphabet->interval_count * sizeof *moved_to);
    *count = 0;
    for (uint32_t at = 0; at < alphabet->interval_count; at++) {
        uint32_t *to = &moved_to[class_of[at]];
        if (*to == 0)
            *to = ++*count;
        class_of[at] = *to - 1;
    }
}

static void mark_members(auk_alphabet *alphabet)
{
    alphabet->members =
        AUK_ARENA_ARRAY(alphabet->arena, bool, (size_t)alphabet->set_count * alphabet->class_count);
    for (uint32_t i = 0; i < alphabet->set_count; i++)
        for (uint32_t j = 0; j < alphabet->sets[i].count; j++) {
            const auk_interval *interval = &alphabet->sets[i].intervals[j];
            for (uint32_t at = interval_of(alphabet, interval->first);
                 at < alphabet->interval_count && alphabet->starts[at] <= interval->last; at++)
                alphabet->members[i * alphabet->class_count + alphabet->classes[at]] = true;
        }
}

auk_code auk_alphabet_finish(auk_alphabet *alphabet, auk_error *err)
{
    find_starts(alphabet);
    uint32_t intervals = alphabet->interval_count, count = 1;
    uint32_t *class_of = AUK_ARENA_ARRAY(alphabet->arena, uint32_t, intervals);
    uint32_t *moved_to = AUK_ARENA_ARRAY(alphabet->arena, uint32_t, 2 * (size_t)intervals);
    for (uint32_t i = 0; i < alphabet->set_count; i++)
        refine(alphabet, &alphabet->sets[i], class_of, moved_to, &count);
    if (count > UINT16_MAX)
        return auk_fail(err, AUK_INVALID, "expression with more than %d kinds of characters",
                        UINT16_MAX);
    alphabet->class_count = count;
    alphabet->classes = AUK_ARENA_ARRAY(alphabet->arena, uint16_t, intervals);
    for (uint32_t i = 0; i < intervals; i++)
        alphabet->classes[i] = (uint16_t)class_of[i];
    mark_members(alphabet);
    return AUK_OK;
}

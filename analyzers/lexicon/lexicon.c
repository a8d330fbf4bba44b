#include "lexicon.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auk/log.h"
#include "lexicon_words.h"

/* The words come in order, so those with a common front lie side by side. */
enum {
    MOST_COST = 0x3fe,
    MOST_CELLS = 0x3fff, /* of a front that is not empty */
    MOST_START = 0xffffff,
    MOST_LENGTH = 64
};

struct words {
    uint16_t *units;
    size_t unit_count, unit_capacity;
    struct word {
        uint32_t start;
        uint16_t length;
        uint16_t cost; /* plus one */
    } * items;
    size_t count, capacity;
    bool unfit; /* a word that the cells cannot hold */
};

/* The words from .. to, which begin alike. */
struct range {
    uint32_t from, to;
};

struct builder {
    const struct words *words;
    uint64_t *cells;
    size_t count, capacity;
    bool full;
};

/* Room for one more. */
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 1024;
    void *grown = realloc(items, *capacity * size);
    if (!grown)
        auk_fatal("no memory for a dictionary of %zu entries", *capacity);
    return grown;
}

static void add_word(void *context, const uint16_t *units, size_t count, int32_t cost)
{
    struct words *words = context;
    if (count == 0 || count > MOST_LENGTH || cost < 0 || cost > MOST_COST) {
        words->unfit = true;
        return;
    }
    words->items = grow(words->items, words->count, &words->capacity, sizeof *words->items);
    words->items[words->count++] =
        (struct word){(uint32_t)words->unit_count, (uint16_t)count, (uint16_t)(cost + 1)};
    for (size_t i = 0; i < count; i++) {
        words->units =
            grow(words->units, words->unit_count, &words->unit_capacity, sizeof *words->units);
        words->units[words->unit_count++] = units[i];
    }
}

static uint16_t unit_of(const struct words *words, uint32_t word, uint32_t depth)
{
    return words->units[words->items[word].start + depth];
}

/* The words of a range that have more than depth characters; a word that is all front is first. */
static uint32_t first_longer(const struct words *words, const struct range *range, uint32_t depth)
{
    return range->from + (words->items[range->from].length == depth);
}

static uint32_t end_of_follower(const struct words *words, uint32_t from, uint32_t to,
                                uint32_t depth)
{
    uint16_t unit = unit_of(words, from, depth);
    while (from < to && unit_of(words, from, depth) == unit)
        from++;
    return from;
}

struct follower {
    uint32_t hash;
    struct range words;
};

static int by_hash(const void *a, const void *b)
{
    const struct follower *x = a, *y = b;
    return x->hash < y->hash ? -1 : 1;
}

/* What follows a front, by hash; freed by the caller. */
static struct follower *collect(const struct words *words, const struct range *range,
                                uint32_t depth, size_t *count)
{
    struct follower *followers = NULL;
    size_t capacity = 0;
    *count = 0;
    for (uint32_t at = first_longer(words, range, depth); at < range->to;) {
        uint32_t end = end_of_follower(words, at, range->to, depth);
        followers = grow(followers, *count, &capacity, sizeof *followers);
        followers[(*count)++] =
            (struct follower){auk_lexicon_hash(unit_of(words, at, depth)), {at, end}};
        at = end;
    }
    if (*count > 0)
        qsort(followers, *count, sizeof *followers, by_hash);
    return followers;
}

/* The place of the follower behind one at `last` among so many cells. */
static size_t place_of(const struct follower *follower, size_t cells, size_t last)
{
    size_t place = follower->hash * cells >> 16;
    return place > last ? place : last + 1;
}

/* How many cells they need: all full for a few, about an eighth free for many. */
static size_t count_cells(const struct follower *followers, size_t count)
{
    for (size_t cells = count + count / 8;; cells += 1 + cells / 16) {
        size_t last = SIZE_MAX;
        for (size_t i = 0; i < count; i++)
            last = i == 0 ? followers[0].hash * cells >> 16 : place_of(&followers[i], cells, last);
        if (last < cells)
            return cells;
    }
}

/* Makes the region of a front, and those of all longer ones; returns the cell's lower half. */
static uint64_t place(struct builder *builder, const struct range *range, uint32_t depth)
{
    const struct words *words = builder->words;
    size_t count;
    struct follower *followers = collect(words, range, depth, &count);
    if (count == 0)
        return 0;
    size_t cells = count_cells(followers, count), start = builder->count, last = SIZE_MAX;
    builder->full |= start + cells > MOST_START || (depth > 0 && cells > MOST_CELLS);
    for (size_t i = 0; i < cells; i++) {
        builder->cells =
            grow(builder->cells, builder->count, &builder->capacity, sizeof *builder->cells);
        builder->cells[builder->count++] = 0;
    }
    for (size_t i = 0; i < count && !builder->full; i++) {
        const struct follower *follower = &followers[i];
        const struct word *word = &words->items[follower->words.from];
        last = i == 0 ? follower->hash * cells >> 16 : place_of(follower, cells, last);
        uint64_t cost = word->length == depth + 1 ? word->cost : 0;
        uint64_t longer = place(builder, &follower->words, depth + 1);
        builder->cells[start + last] = (uint64_t)follower->hash << 48 | cost << 38 | longer;
    }
    free(followers);
    return cells << 24 | start;
}

static void build(const struct words *words, auk_lexicon *out)
{
    struct builder builder = {.words = words};
    struct range all = {0, (uint32_t)words->count};
    uint64_t first = place(&builder, &all, 0);
    if (builder.full || builder.count == 0) {
        free(builder.cells);
        return;
    }
    uint64_t *shrunk = realloc(builder.cells, builder.count * sizeof *shrunk);
    if (shrunk)
        builder.cells = shrunk;
    *out = (auk_lexicon){builder.cells, builder.count, (uint32_t)(first >> 24)};
}

static auk_lexicon dictionaries[AUK_LEXICON_COUNT]; /* without cells: none */

static void make(auk_lexicon_id id)
{
    static const char *const scripts[AUK_LEXICON_COUNT] = {"Hani", "Thai", "Laoo", "Khmr", "Mymr"};
    struct words words = {0};
    if (auk_lexicon_each_word(scripts[id], add_word, &words) && words.count > 0 && !words.unfit)
        build(&words, &dictionaries[id]);
    free(words.units);
    free(words.items);
}

static void make_cj(void)
{
    make(AUK_LEXICON_CJ);
}

static void make_thai(void)
{
    make(AUK_LEXICON_THAI);
}

static void make_lao(void)
{
    make(AUK_LEXICON_LAO);
}

static void make_khmer(void)
{
    make(AUK_LEXICON_KHMER);
}

static void make_burmese(void)
{
    make(AUK_LEXICON_BURMESE);
}

const auk_lexicon *auk_lexicon_get(auk_lexicon_id id)
{
    static pthread_once_t made[AUK_LEXICON_COUNT] = {PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT,
                                                     PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT,
                                                     PTHREAD_ONCE_INIT};
    static void (*const makers[AUK_LEXICON_COUNT])(void) = {make_cj, make_thai, make_lao,
                                                            make_khmer, make_burmese};
    pthread_once(&made[id], makers[id]);
    return dictionaries[id].cells ? &dictionaries[id] : NULL;
}

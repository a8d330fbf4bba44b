/*
 * Chinese and Japanese: the cheapest way through the words.
 *
 * Every word of the dictionary has a cost, a character that is no word the highest. A run of
 * katakana, which is mostly one foreign word, may be a word as a whole, at a cost by its length.
 * Place by place, the least cost of all ways up to there is known, and from where the last word of
 * that way begins; of two equal ways the one found first is kept, whose last word is longer.
 *
 * Where no word reaches over a place, every way leads through it: the words up to there are told,
 * and the costs begin anew. So the tables stay short, however long the text is.
 */
#include <stdlib.h>
#include <string.h>

#include "auk/log.h"
#include "divide.h"

enum {
    UNKNOWN_COST = 255,
    LONGEST_WORD = 20,
    LONGEST_KATAKANA = 20, /* from here on a run is no word as a whole */
    ON_STACK = 256
};

#define NO_WAY UINT32_MAX

struct way {
    uint32_t cost;
    uint32_t before; /* where its last word begins; when told: where the word from here ends */
};

struct ways {
    struct way *items; /* by place from base on */
    uint32_t capacity;
    uint32_t reach; /* the last place that some way leads to */
    uint32_t base;
    struct way few[ON_STACK];
};

static bool is_katakana(uint32_t character)
{
    return character >= 0x30a1 && character <= 0x30fe && character != 0x30fb;
}

static uint32_t katakana_cost(uint32_t length)
{
    static const uint16_t costs[] = {0, 984, 408, 240, 204, 252, 300, 372, 480};
    return length < sizeof costs / sizeof costs[0] ? costs[length] : 8192;
}

static void grow(struct ways *ways)
{
    uint32_t capacity = ways->capacity * 2;
    struct way *items =
        realloc(ways->items == ways->few ? NULL : ways->items, capacity * sizeof *items);
    if (!items)
        auk_fatal("no memory for words of %u characters", capacity);
    if (ways->items == ways->few)
        memcpy(items, ways->few, sizeof ways->few);
    ways->items = items;
    ways->capacity = capacity;
}

/* A word from one place to another. */
static inline void relax(struct ways *ways, uint32_t from, uint32_t to, uint32_t cost)
{
    while (ways->reach < to)
        ways->items[++ways->reach].cost = NO_WAY;
    cost += ways->items[from].cost;
    if (cost < ways->items[to].cost)
        ways->items[to] = (struct way){cost, from};
}

static void relax_dictionary(struct ways *ways, const auk_lexicon *dictionary, const char *text,
                             uint32_t from, uint32_t count)
{
    auk_lexicon_front front = auk_lexicon_begin(dictionary);
    uint32_t most = count < LONGEST_WORD ? count : LONGEST_WORD;
    bool alone = false; /* is the character a word? */
    for (uint32_t i = 0; i < most; i++) {
        if (!auk_lexicon_step(dictionary, &front, auk_divide_character(text, i)))
            break;
        if (front.cost == 0)
            continue;
        alone |= i == 0;
        relax(ways, from, from + i + 1, front.cost - 1);
    }
    if (!alone)
        relax(ways, from, from + 1, UNKNOWN_COST);
}

static void relax_katakana(struct ways *ways, const char *text, uint32_t from, uint32_t count)
{
    uint32_t length = 1;
    while (length < count && length < LONGEST_KATAKANA &&
           is_katakana(auk_divide_character(text, length)))
        length++;
    if (length < LONGEST_KATAKANA)
        relax(ways, from, from + length, katakana_cost(length));
}

/* The words of the best way from the base to its reach, which is the new base. */
static void tell(struct ways *ways, auk_divide_word word, void *context)
{
    struct way *items = ways->items;
    for (uint32_t at = ways->reach, before; at > 0; at = before) {
        before = items[at].before;
        items[before].cost = at; /* the way there is walked from its end: turned around */
    }
    for (uint32_t at = 0; at < ways->reach; at = items[at].cost)
        word(context, (ways->base + at) * 3, (ways->base + items[at].cost) * 3);
    ways->base += ways->reach;
    ways->reach = 0;
    items[0].cost = 0;
}

void auk_divide_cj(const auk_lexicon *dictionary, auk_span text, auk_divide_word word,
                   void *context)
{
    struct ways ways;
    ways.items = ways.few;
    ways.capacity = ON_STACK;
    ways.reach = ways.base = 0;
    ways.items[0].cost = 0;
    uint32_t count = (uint32_t)(text.size / 3);
    bool after_katakana = false;
    for (uint32_t at = 0; at < count; at++) {
        uint32_t from = at - ways.base;
        const char *rest = text.data + (size_t)at * 3;
        if (ways.capacity - from <= LONGEST_WORD)
            grow(&ways);
        relax_dictionary(&ways, dictionary, rest, from, count - at);
        bool katakana = is_katakana(auk_divide_character(rest, 0));
        if (katakana && !after_katakana)
            relax_katakana(&ways, rest, from, count - at);
        after_katakana = katakana;
        if (ways.reach == from + 1)
            tell(&ways, word, context);
    }
    if (ways.items != ways.few)
        free(ways.items);
}

/*
 * Thai, Lao, Khmer and Burmese: word by word.
 *
 * Of the words of the dictionary that begin at a place the longest is taken behind which another
 * begins and behind that a third; else the shortest behind which another begins; else the longest.
 * What is no word is skipped up to where a word may begin, and goes with a short word before it.
 * No word begins with a mark, and some signs stay with the word before them.
 */
#include <string.h>

#include "divide.h"
#include "kinds.h"

enum {
    MOST_WORDS = 20,
    SHORT_WORD = 3,  /* a word of fewer characters takes in what is no word behind it, */
    ANY_FRONT = 3,   /* unless that begins like a word, so many characters long */
    REMEMBERED = 128 /* places; more than three of the longest words have characters */
};

static const auk_divide_script scripts[AUK_LEXICON_COUNT] = {
    [AUK_LEXICON_THAI] = {.shortest = 5,
                          .begins = {{0xe01, 0xe2e}, {0xe40, 0xe44}},
                          .no_end = {{0xe31, 0xe31}, {0xe40, 0xe44}},
                          .shortening = 0xe2f,
                          .repetition = 0xe46},
    [AUK_LEXICON_LAO] = {.shortest = 4,
                         .begins = {{0xe81, 0xeae}, {0xedc, 0xedd}, {0xec0, 0xec4}},
                         .no_end = {{0xec0, 0xec4}}},
    [AUK_LEXICON_KHMER] = {.shortest = 4,
                           .begins = {{0x1780, 0x17b3}},
                           .no_end = {{0x17d2, 0x17d2}}},
    [AUK_LEXICON_BURMESE] = {.shortest = 4, .begins = {{0x1000, 0x102a}}},
};

const auk_divide_script *auk_divide_script_of(auk_lexicon_id id)
{
    return scripts[id].shortest > 0 ? &scripts[id] : NULL;
}

/* The words that begin at a place. */
struct found {
    uint32_t place; /* one more than it; 0: nothing looked up yet */
    uint8_t count;
    uint8_t front;              /* characters looked at until no word began like them */
    uint8_t length[MOST_WORDS]; /* in characters, ascending */
};

struct walk {
    const auk_lexicon *dictionary;
    const auk_divide_script *script;
    const char *text;
    uint32_t count; /* characters */
    struct found found[REMEMBERED];
};

static uint32_t character(const struct walk *walk, uint32_t at)
{
    return auk_divide_character(walk->text, at);
}

static void look_up(const struct walk *walk, uint32_t at, struct found *found)
{
    auk_lexicon_front front = auk_lexicon_begin(walk->dictionary);
    uint32_t length = 0, count = 0, left = walk->count - at;
    while (length < left) {
        bool begins = auk_lexicon_step(walk->dictionary, &front, character(walk, at + length));
        length++;
        if (!begins)
            break;
        if (front.cost != 0 && count < MOST_WORDS)
            found->length[count++] = (uint8_t)length;
        if (front.cells == 0)
            break;
    }
    found->count = (uint8_t)count;
    found->front = (uint8_t)length;
}

static inline const struct found *look(struct walk *walk, uint32_t at)
{
    struct found *found = &walk->found[at % REMEMBERED];
    if (found->place != at + 1) {
        found->place = at + 1;
        look_up(walk, at, found);
    }
    return found;
}

/* Does a word that begins at the place end where another begins? */
static bool leads_on(struct walk *walk, uint32_t at, const struct found *found)
{
    for (unsigned i = found->count; i-- > 0;)
        if (look(walk, at + found->length[i])->count > 0)
            return true;
    return false;
}

/* How long the word from the place on is; 0: none begins there. */
static uint32_t choose(struct walk *walk, uint32_t at)
{
    const struct found *first = look(walk, at);
    if (first->count == 0)
        return 0;
    uint32_t chosen = first->length[first->count - 1u];
    if (first->count == 1 || at + chosen == walk->count)
        return chosen;
    for (unsigned i = first->count; i-- > 0;) {
        uint32_t next = at + first->length[i];
        const struct found *second = look(walk, next);
        if (second->count == 0)
            continue;
        chosen = first->length[i];
        if (next + second->length[second->count - 1u] == walk->count ||
            leads_on(walk, next, second))
            break;
    }
    return chosen;
}

static bool is_in(uint32_t c, const uint32_t (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1] && c != 0)
            return true;
    return false;
}

/* The next place behind `at` where a word may begin: that of a word, or the end. */
static uint32_t skip(struct walk *walk, uint32_t at)
{
    const auk_divide_script *script = walk->script;
    for (at++; at < walk->count; at++)
        if (!is_in(character(walk, at - 1), script->no_end, 2) &&
            is_in(character(walk, at), script->begins, 3) && look(walk, at)->count > 0)
            break;
    return at;
}

/* Where a word that ends at `at` ends with the signs that stay with it. */
static uint32_t with_signs(struct walk *walk, uint32_t at)
{
    const auk_divide_script *script = walk->script;
    uint32_t sign = at < walk->count ? character(walk, at) : 0, last = character(walk, at - 1);
    if (sign == 0 || (sign != script->shortening && sign != script->repetition) ||
        look(walk, at)->count > 0)
        return at;
    if (sign == script->shortening && last != script->shortening && last != script->repetition) {
        at++;
        last = sign;
        sign = at < walk->count ? character(walk, at) : 0;
    }
    return at + (sign == script->repetition && last != script->repetition);
}

/* Where the piece from the place on ends. */
static uint32_t next_end(struct walk *walk, uint32_t at)
{
    uint32_t length = choose(walk, at), end = at + length;
    if (end < walk->count && length < SHORT_WORD) {
        const struct found *next = look(walk, end);
        if (next->count == 0 && (length == 0 || next->front < ANY_FRONT))
            end = skip(walk, end);
    }
    while (end < walk->count && auk_word_kind_of(character(walk, end)) == AUK_WORD_KIND_MARK)
        end++;
    return with_signs(walk, end);
}

void auk_divide_southeast(const auk_lexicon *dictionary, const auk_divide_script *script,
                          auk_span text, auk_divide_word word, void *context)
{
    struct walk walk;
    walk.dictionary = dictionary;
    walk.script = script;
    walk.text = text.data;
    walk.count = (uint32_t)(text.size / 3);
    uint32_t used = walk.count < REMEMBERED ? walk.count + 1 : REMEMBERED;
    memset(walk.found, 0, used * sizeof walk.found[0]);
    uint32_t at = 0;
    while (walk.count >= script->shortest && at < walk.count) {
        uint32_t end = next_end(&walk, at);
        word(context, at * 3, end * 3);
        at = end;
    }
    if (at < walk.count)
        word(context, 0, walk.count * 3);
}

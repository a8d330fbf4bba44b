#include "word_set.h"

#include <stdlib.h>

#include "auk/hash.h"
#include "auk/utf8.h"
#include "unicode.h"
#include "word_key.h"

enum { LONG_WORDS = AUK_WORD_KEY_MAX + 1, LOWERED_MAX = 256 };

struct auk_word_set {
    auk_word_key *keys; /* short words; a key of zeros is free */
    size_t key_mask;
    auk_span *words; /* longer ones; an empty span is free */
    size_t word_mask;
    bool ignore_case;
    bool has_empty;
    uint64_t marks[LONG_WORDS + 1]; /* by size, longer ones together: see mark_of */
};

/* A bit that a word's first and last byte choose: most words that are not there have one of their
 * own. */
static inline uint64_t mark_of(auk_span word)
{
    unsigned first = (uint8_t)word.data[0], last = (uint8_t)word.data[word.size - 1];
    return UINT64_C(1) << ((first + 11 * last) & 63);
}

static inline size_t size_class(auk_span word)
{
    return word.size <= AUK_WORD_KEY_MAX ? word.size : (size_t)LONG_WORDS;
}

static size_t table_size(size_t count)
{
    size_t size = 8;
    while (size < count * 2 + 1)
        size *= 2;
    return size;
}

/* In lower case, character by character; may be longer than it was: room is 3/2 of the size. */
static size_t lower_word(auk_span word, char *out)
{
    const char *end = word.data + word.size;
    size_t size = 0;
    for (const char *at = word.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        size += auk_utf8_encode(auk_unicode_lower(character), out + size);
    }
    return size;
}

static void add_short(auk_word_set *set, auk_span word)
{
    auk_word_key key = auk_word_key_of(word.data, word.size);
    size_t slot = auk_word_key_hash(key) & set->key_mask;
    while (set->keys[slot].high != 0)
        slot = (slot + 1) & set->key_mask;
    set->keys[slot] = key;
}

static void add_long(auk_word_set *set, auk_span word)
{
    size_t slot = auk_hash(word, 0) & set->word_mask;
    while (set->words[slot].size != 0)
        slot = (slot + 1) & set->word_mask;
    set->words[slot] = word;
}

const auk_word_set *auk_word_set_create(auk_arena *arena, const auk_span *words, size_t count,
                                        bool ignore_case)
{
    auk_word_set *set = AUK_ARENA_NEW(arena, auk_word_set);
    size_t size = table_size(count);
    set->ignore_case = ignore_case;
    set->key_mask = set->word_mask = size - 1;
    set->keys = AUK_ARENA_ARRAY(arena, auk_word_key, size);
    set->words = AUK_ARENA_ARRAY(arena, auk_span, size);

    for (size_t i = 0; i < count; i++) {
        auk_span word = words[i];
        if (ignore_case) {
            char *lowered = auk_arena_alloc(arena, word.size * 3 / 2 + 4);
            word = auk_span_make(lowered, lower_word(word, lowered));
        } else {
            word = auk_arena_copy(arena, word);
        }
        if (auk_word_set_has(set, word))
            continue;
        if (word.size == 0) {
            set->has_empty = true;
            continue;
        }
        set->marks[size_class(word)] |= mark_of(word);
        if (word.size <= AUK_WORD_KEY_MAX)
            add_short(set, word);
        else
            add_long(set, word);
    }
    return set;
}

static bool has_long(const auk_word_set *set, auk_span word)
{
    size_t slot = auk_hash(word, 0) & set->word_mask;
    for (; set->words[slot].size != 0; slot = (slot + 1) & set->word_mask)
        if (auk_span_equal(set->words[slot], word))
            return true;
    return false;
}

static bool has_short(const auk_word_set *set, auk_span word)
{
    auk_word_key key = auk_word_key_of(word.data, word.size);
    size_t slot = auk_word_key_hash(key) & set->key_mask;
    for (; set->keys[slot].high != 0; slot = (slot + 1) & set->key_mask)
        if (set->keys[slot].low == key.low && set->keys[slot].high == key.high)
            return true;
    return false;
}

static inline bool has_exactly(const auk_word_set *set, auk_span word)
{
    if (word.size == 0)
        return set->has_empty;
    if (!(set->marks[size_class(word)] & mark_of(word)))
        return false;
    return word.size <= AUK_WORD_KEY_MAX ? has_short(set, word) : has_long(set, word);
}

/* Apart, so that the others need no room for the copy. */
static __attribute__((noinline)) bool has_lowered(const auk_word_set *set, auk_span word)
{
    char small[LOWERED_MAX];
    size_t room = word.size * 3 / 2 + 4;
    char *lowered = room <= sizeof small ? small : malloc(room);
    if (!lowered)
        return false;
    bool found = has_exactly(set, auk_span_make(lowered, lower_word(word, lowered)));
    if (lowered != small)
        free(lowered);
    return found;
}

bool auk_word_set_has(const auk_word_set *set, auk_span word)
{
    return set->ignore_case ? has_lowered(set, word) : has_exactly(set, word);
}

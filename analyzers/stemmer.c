#include "stemmer.h"

#include <libstemmer.h>
#include <stdlib.h>

#include "auk/log.h"
#include "auk/utf8.h"
#include "languages/light_stemmers.h"
#include "languages/normalize.h"
#include "porter.h"
#include "unicode.h"
#include "word_key.h"

enum { CACHE_ROWS = 16384, CACHED_WORD = AUK_WORD_KEY_MAX - 1, SMALL_WORD = 256 };

/*
 * A word with its size in the last byte, as auk_word_key has it, and in the byte before what its
 * stem is: the size, with FRONT when the stem is the word's front, which most are. Zeros: free.
 */
struct row {
    uint64_t low;
    uint64_t high;
};

enum { FRONT = 0x80, STEM_SHIFT = 48 };

enum { CACHE_LINE = 64, WAYS = 4 };

_Static_assert(sizeof(struct row) * WAYS == CACHE_LINE, "one look at memory a word");

struct stem {
    char bytes[16]; /* of a row whose stem is no front */
};

struct auk_stemmer {
    auk_stemmer_id id;
    struct sb_stemmer *snowball; /* NULL: one of our own */
    char *room;                  /* what our own write to */
    size_t room_size;
    auk_stem_function *own; /* NULL: Snowball alone, or one of the two below */
    struct row *rows;       /* CACHE_ROWS of them, aligned */
    struct stem *stems;     /* likewise; both in tables */
    char *tables;
    unsigned newcomers;
};

static const struct {
    const char *algorithm;
    auk_stem_function *own;
} stemmers[] = {
#define X(name, algorithm, own) {algorithm, own},
    AUK_STEMMER_MAP(X)
#undef X
};

/* Zeros that the system gives when they are touched: what a short text does not need is not held.
 */
static void make_tables(auk_stemmer *stemmer)
{
    stemmer->tables =
        calloc(1, CACHE_ROWS * (sizeof(struct row) + sizeof(struct stem)) + CACHE_LINE);
    if (!stemmer->tables)
        auk_fatal("no memory for the cache of a stemmer");
    size_t skip = CACHE_LINE - (uintptr_t)stemmer->tables % CACHE_LINE;
    stemmer->rows = (struct row *)(void *)(stemmer->tables + skip);
    stemmer->stems = (struct stem *)(void *)(stemmer->rows + CACHE_ROWS);
}

auk_code auk_stemmer_create(auk_stemmer_id id, auk_stemmer **out, auk_error *err)
{
    auk_stemmer *stemmer = calloc(1, sizeof *stemmer);
    if (!stemmer)
        auk_fatal("no memory for a stemmer");
    stemmer->id = id;
    stemmer->own = stemmers[id].own;
    const char *algorithm = stemmers[id].algorithm;
    if (algorithm) {
        stemmer->snowball = sb_stemmer_new(algorithm, "UTF_8");
        if (!stemmer->snowball) {
            free(stemmer);
            return auk_fail(err, AUK_INVALID, "Snowball has no stemmer [%s] here", algorithm);
        }
    }
    make_tables(stemmer);
    *out = stemmer;
    return AUK_OK;
}

void auk_stemmer_destroy(auk_stemmer *stemmer)
{
    if (!stemmer)
        return;
    if (stemmer->snowball)
        sb_stemmer_delete(stemmer->snowball);
    free(stemmer->room);
    free(stemmer->tables);
    free(stemmer);
}

static char *room_for(auk_stemmer *stemmer, size_t size)
{
    if (stemmer->room_size < size) {
        size_t grown = size < SMALL_WORD ? (size_t)SMALL_WORD : size;
        free(stemmer->room);
        stemmer->room = malloc(grown);
        if (!stemmer->room)
            auk_fatal("no memory for a word of %zu bytes", size);
        stemmer->room_size = grown;
    }
    return stemmer->room;
}

/*
 * The algorithm compares single characters, so each one beyond ASCII becomes a byte of its own (the
 * same byte for the same character), and the front that was kept is cut from the word itself.
 */
static auk_span porter_beyond_ascii(auk_stemmer *stemmer, auk_span word)
{
    char *room = room_for(stemmer, word.size * 2);
    uint32_t seen[64];
    size_t seen_count = 0, size = 0;
    const char *end = word.data + word.size;
    for (const char *at = word.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        if (character < 0x80) {
            room[size++] = (char)character;
            continue;
        }
        size_t i = 0;
        while (i < seen_count && seen[i] != character)
            i++;
        if (i == seen_count && seen_count < 63)
            seen[seen_count++] = character;
        room[size++] = (char)(0x80 + i);
        if (character > 0xffff) /* two UTF-16 units */
            room[size++] = (char)0xff;
    }
    char *original = room + word.size;
    memcpy(original, room, size);
    size_t stem_size = auk_porter_stem(room, size);

    /* What the stem shares with the word, in the word's own bytes; what follows is ASCII. */
    size_t shared = 0, bytes = 0;
    while (shared < stem_size && room[shared] == original[shared]) {
        if ((uint8_t)room[shared] != 0xff) {
            uint32_t character;
            bytes += auk_unicode_next(word.data + bytes, end, &character);
        }
        shared++;
    }
    if (shared == stem_size)
        return auk_span_make(word.data, bytes);
    memmove(room + bytes, room + shared, stem_size - shared);
    memcpy(room, word.data, bytes);
    return auk_span_make(room, bytes + stem_size - shared);
}

static auk_span porter(auk_stemmer *stemmer, auk_span word)
{
    if (!auk_unicode_is_ascii(word))
        return porter_beyond_ascii(stemmer, word);
    char *room = room_for(stemmer, word.size);
    if (word.size > 0)
        memcpy(room, word.data, word.size);
    return auk_span_make(room, auk_porter_stem(room, word.size));
}

/* D. Harman, "How effective is suffixing?", 1991: the S-stemmer, which only takes plurals away. */
static auk_span minimal_english(auk_stemmer *stemmer, auk_span word)
{
    const char *at = word.data;
    size_t size = word.size;
    if (size < 3 || at[size - 1] != 's')
        return word;
    char before = at[size - 2];
    if (before == 'u' || before == 's')
        return word;
    if (before == 'e') {
        if (size > 3 && at[size - 3] == 'i' && at[size - 4] != 'a' && at[size - 4] != 'e') {
            char *room = room_for(stemmer, size);
            memcpy(room, at, size - 3);
            room[size - 3] = 'y';
            return auk_span_make(room, size - 2);
        }
        if (at[size - 3] == 'i' || at[size - 3] == 'a' || at[size - 3] == 'o' ||
            at[size - 3] == 'e')
            return word;
    }
    return auk_span_make(at, size - 1);
}

static size_t write_units(char16_t *units, auk_span word)
{
    size_t size = 0;
    const char *end = word.data + word.size;
    for (const char *at = word.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        if (character > 0xffff) {
            units[size++] = (char16_t)(0xd7c0 + (character >> 10));
            character = 0xdc00 | (character & 0x3ff);
        }
        units[size++] = (char16_t)character;
    }
    return size;
}

/* Half of a pair, which only a rule that cut the other half can leave, becomes U+FFFD. */
static size_t write_text(char *text, const auk_stem_word *word)
{
    size_t size = 0;
    for (size_t i = 0; i < word->size; i++) {
        uint32_t character = word->at[i];
        bool pairs = character >> 10 == 0x36 && i + 1 < word->size && word->at[i + 1] >> 10 == 0x37;
        if (pairs)
            character = 0x10000 + ((character & 0x3ff) << 10) + (word->at[++i] & 0x3ffu);
        else if (character >> 11 == 0x1b)
            character = 0xfffd;
        size += auk_utf8_encode(character, text + size);
    }
    return size;
}

/* The room holds the word in UTF-16 and behind it what became of it. */
static auk_span run_own(auk_stemmer *stemmer, auk_span word)
{
    size_t units = 2 * (word.size + AUK_STEM_WORD_ROOM);
    char16_t *room = (char16_t *)(void *)room_for(stemmer, units * (sizeof *room + 3));
    auk_stem_word own = {.at = room, .size = write_units(room, word)};
    stemmer->own(&own);
    char *text = (char *)(room + units);
    return auk_span_make(text, write_text(text, &own));
}

static auk_span compute(auk_stemmer *stemmer, auk_span word)
{
    if (stemmer->own)
        word = run_own(stemmer, word);
    if (stemmer->own && !stemmer->snowball)
        return word;
    if (stemmer->id == AUK_STEMMER_PORTER_LUCENE)
        return porter(stemmer, word);
    if (stemmer->id == AUK_STEMMER_MINIMAL_ENGLISH)
        return minimal_english(stemmer, word);

    const sb_symbol *stem =
        sb_stemmer_stem(stemmer->snowball, (const sb_symbol *)word.data, (int)word.size);
    if (!stem) /* only when memory is gone */
        auk_fatal("no memory to stem a word of %zu bytes", word.size);
    return auk_span_make(stem, (size_t)sb_stemmer_length(stemmer->snowball));
}

static bool is_front(auk_span stem, auk_span word)
{
    return stem.size <= word.size && memcmp(stem.data, word.data, stem.size) == 0;
}

static inline bool is_of(const struct row *row, auk_word_key key)
{
    uint64_t high = row->high & ~(UINT64_C(0xff) << STEM_SHIFT);
    return ((row->low ^ key.low) | (high ^ key.high)) == 0;
}

static auk_span compute_uncached(auk_stemmer *stemmer, auk_span word)
{
    auk_span stem = compute(stemmer, word);
    return is_front(stem, word) ? auk_span_make(word.data, stem.size) : stem;
}

/* Newcomers take the rows of their set in turn. */
static auk_span keep(auk_stemmer *stemmer, auk_stem_place place, auk_span word)
{
    auk_span stem = compute(stemmer, word);
    bool front = is_front(stem, word);
    size_t row = place.row + stemmer->newcomers++ % WAYS;
    char *bytes = stemmer->stems[row].bytes;
    if (stem.size > sizeof stemmer->stems[row].bytes)
        return stem;
    uint64_t what = stem.size | (front ? FRONT : 0);
    stemmer->rows[row] = (struct row){place.key.low, place.key.high | what << STEM_SHIFT};
    if (front)
        return auk_span_make(word.data, stem.size);
    memcpy(bytes, stem.data, stem.size);
    return auk_span_make(bytes, stem.size);
}

auk_stem_place auk_stemmer_place(const auk_stemmer *stemmer, auk_span word)
{
    auk_stem_place place = {{0, 0}, 0};
    if (word.size > CACHED_WORD)
        return place;
    place.key = auk_word_key_of(word.data, word.size);
    place.row = (uint32_t)(auk_word_key_hash(place.key) % (CACHE_ROWS / WAYS)) * WAYS;
    __builtin_prefetch(&stemmer->rows[place.row]);
    return place;
}

auk_span auk_stemmer_stem_at(auk_stemmer *stemmer, auk_span word, auk_stem_place place)
{
    if (word.size == 0)
        return word;
    if (word.size > CACHED_WORD)
        return compute_uncached(stemmer, word);
    const struct row *rows = &stemmer->rows[place.row];
    unsigned found = 0; /* a bit a row: which one it is nobody can foretell */
    for (unsigned i = 0; i < WAYS; i++)
        found |= (unsigned)is_of(&rows[i], place.key) << i;
    if (found == 0)
        return keep(stemmer, place, word);
    unsigned way = (unsigned)__builtin_ctz(found);
    unsigned what = rows[way].high >> STEM_SHIFT & 0xff;
    if (what & FRONT)
        return auk_span_make(word.data, what & ~(unsigned)FRONT);
    return auk_span_make(stemmer->stems[place.row + way].bytes, what);
}

auk_span auk_stemmer_stem(auk_stemmer *stemmer, auk_span word)
{
    return auk_stemmer_stem_at(stemmer, word, auk_stemmer_place(stemmer, word));
}

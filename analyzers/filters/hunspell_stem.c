/*
 * hunspell: words to what a dictionary of libhunspell calls their stems. Words repeat, and
 * libhunspell takes one caller at a time: each thread keeps what it was told last.
 */
#include <stdlib.h>

#include "auk/error.h"
#include "auk/hash.h"
#include "auk/log.h"
#include "filters.h"
#include "hunspell.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

enum { CACHE_ROWS = 2048, ROW_ROOM = 60 };

typedef struct hunspell_state {
    auk_hunspell *dictionary;
    bool longest_only;
} hunspell_state;

/* A word and behind it its stems, a zero byte after each. */
struct row {
    uint8_t word_size; /* 0: free */
    uint8_t stems_size;
    uint8_t count;
    char text[ROW_ROOM + 1];
};

_Static_assert(sizeof(struct row) == 64, "a cache line");

static void close_dictionary(void *dictionary)
{
    auk_hunspell_close(dictionary);
}

static auk_code read_locale(const auk_definition *definition, auk_span *out, auk_error *err)
{
    static const char *const keys[] = {"locale", "language", "lang"};
    for (size_t i = 0; i < 3; i++)
        if (auk_definition_find(definition, keys[i])) {
            *out = auk_definition_text(definition, keys[i], AUK_SPAN(""));
            return AUK_OK;
        }
    return auk_fail(err, AUK_INVALID,
                    "missing [locale | language | lang] configuration for hunspell token filter");
}

static auk_code compile(const auk_definition *definition, const void **out, auk_error *err)
{
    hunspell_state *state = AUK_ARENA_NEW(definition->arena, hunspell_state);
    *out = state;
    auk_span locale = AUK_SPAN(""), folder;
    size_t count;
    bool dedup;
    auk_span *only = auk_definition_list(definition, "dictionary", &count);
    auk_code code = read_locale(definition, &locale, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "dedup", true, &dedup, err);
    if (code == AUK_OK && !dedup)
        return auk_fail(err, AUK_INVALID,
                        "[dedup] cannot be false: libhunspell names each stem once");
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "longest_only", false, &state->longest_only, err);
    if (code == AUK_OK)
        code = auk_definition_folder(definition, "hunspell", &folder, err);
    if (code == AUK_OK)
        code = auk_hunspell_open(folder, locale, only, count, &state->dictionary, err);
    if (code == AUK_OK)
        auk_arena_defer(definition->arena, close_dictionary, state->dictionary);
    return code;
}

static struct row *cache_of(const hunspell_state *state, auk_analyzer_scratch *scratch)
{
    uint64_t id = auk_hunspell_id(state->dictionary);
    struct row *rows = auk_scratch_local(scratch, id);
    if (!rows) {
        rows = calloc(CACHE_ROWS, sizeof *rows);
        if (!rows)
            auk_fatal("no memory for stems");
        auk_scratch_keep_local(scratch, id, rows, free);
    }
    return rows;
}

/* The stems of a word: in the cache, or in the scratch's text. */
static auk_span stems_of(const hunspell_state *state, auk_analyzer_scratch *scratch,
                         struct row *rows, auk_span word, size_t *count)
{
    struct row *row = &rows[auk_hash(word, 0) % CACHE_ROWS];
    if (row->word_size == word.size && word.size > 0 &&
        memcmp(row->text, word.data, word.size) == 0) {
        *count = row->count;
        return auk_span_make(row->text + row->word_size, row->stems_size);
    }
    auk_buffer_reset(&scratch->text);
    *count = auk_hunspell_stems(state->dictionary, word, &scratch->text);
    auk_span stems = auk_buffer_span(&scratch->text);
    if (word.size > 0 && word.size + stems.size <= ROW_ROOM) {
        row->word_size = (uint8_t)word.size;
        row->stems_size = (uint8_t)stems.size;
        row->count = (uint8_t)*count;
        memcpy(row->text, word.data, word.size);
        if (stems.size > 0)
            memcpy(row->text + word.size, stems.data, stems.size);
    }
    return stems;
}

/* Of those that are as long, the one that sorts last, as in Lucene. */
static auk_span longest_of(auk_span stems)
{
    auk_span longest = AUK_SPAN(""), stem;
    size_t most = 0;
    while (auk_span_cut(&stems, '\0', &stem)) {
        size_t units = auk_unicode_units(stem);
        if (units > most || (units == most && auk_span_compare(stem, longest) > 0)) {
            longest = stem;
            most = units;
        }
    }
    return longest;
}

static auk_code run(const void *of, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)err;
    const hunspell_state *state = of;
    struct row *rows = cache_of(state, scratch);
    size_t count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        auk_token token = tokens->items[i];
        size_t found = 0;
        auk_span stems = AUK_SPAN(""), stem;
        if (!(token.flags & AUK_TOKEN_KEYWORD))
            stems = stems_of(state, scratch, rows, auk_token_text(&token), &found);
        if (found == 0) {
            auk_tokens_push(tokens, &count, &token);
        } else if (state->longest_only) {
            auk_tokens_set_text(tokens, auk_tokens_push(tokens, &count, &token), longest_of(stems));
        } else {
            while (auk_span_cut(&stems, '\0', &stem))
                auk_tokens_set_text(tokens, auk_tokens_push(tokens, &count, &token), stem);
        }
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static const char *const settings[] = {"locale", "language",     "lang", "dictionary",
                                       "dedup",  "longest_only", NULL};

const auk_component_type auk_filter_hunspell = {
    .name = "hunspell",
    .settings = settings,
    .compile = compile,
    .filter = run,
};

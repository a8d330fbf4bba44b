/*
 * Dictionaries are sorted, so a term shares its beginning with the one before, and with it the rows
 * of the table that counts edits (Wagner and Fischer, in the band that so few edits can reach; with
 * neighbours changed, as in Lowrance and Wagner, each letter in one edit at most). A row that is
 * above the limit everywhere is the end of all terms that begin so. These are the words that a
 * Levenshtein automaton (Schulz and Mihov 2002) accepts, at the cost of a row a letter.
 */
#include "fuzzy.h"

#include <stdlib.h>

#include "auk/utf8.h"

#include "terms_walk.h"

enum { MOST_EDITS = 2, BAND = 2 * MOST_EDITS + 1, MOST_LETTERS = 32766 };

typedef struct near_word {
    auk_span text;
    float boost;
} near_word;

/* The nearest first; of equals the first in the dictionary. */
typedef struct nearest {
    near_word *items;
    uint32_t count, capacity;
    uint32_t most; /* 0: all of them */
    auk_arena *arena;
} nearest;

typedef struct reach {
    auk_span beginning;      /* what does not differ */
    const uint32_t *letters; /* behind that */
    size_t count;            /* of them */
    size_t whole_count;      /* letters of the word, beginning included */
    int edits;
    bool transpositions;
    /* Of the term that was read last, behind the beginning: what stands in rows. */
    uint8_t (*rows)[BAND]; /* row i: edits to i letters of it, around column i */
    uint32_t *read;        /* letter i, from 1 */
    size_t *ends;          /* bytes up to letter i, the beginning included */
    size_t depth;          /* rows that hold for the term before */
    char *before;          /* its bytes */
    size_t before_size;
    char *dead; /* room for the front of a term that leads nowhere */
} reach;

/* ---- counting edits ---- */

static uint8_t least_of(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static uint8_t cell(const reach *r, size_t row, size_t column)
{
    size_t edits = (size_t)r->edits, far = (size_t)r->edits + 1;
    if (column > r->count || column + edits < row || column > row + edits)
        return (uint8_t)far;
    return r->rows[row][column + edits - row];
}

/* Row `row` from those above it. */
static void count_row(reach *r, size_t row)
{
    uint32_t letter = r->read[row];
    for (int i = 0; i <= 2 * r->edits; i++) {
        size_t column = row + (size_t)i;
        uint8_t least = (uint8_t)(r->edits + 1);
        if (column < (size_t)r->edits || (column -= (size_t)r->edits) > r->count) {
            r->rows[row][i] = least;
            continue;
        }
        least = least_of(least, (uint8_t)(cell(r, row - 1, column) + 1));
        if (column > 0) {
            bool same = r->letters[column - 1] == letter;
            if (i > 0)
                least = least_of(least, (uint8_t)(r->rows[row][i - 1] + 1));
            least = least_of(least, (uint8_t)(cell(r, row - 1, column - 1) + !same));
        }
        if (r->transpositions && row > 1 && column > 1 && r->letters[column - 2] == letter &&
            r->letters[column - 1] == r->read[row - 1])
            least = least_of(least, (uint8_t)(cell(r, row - 2, column - 2) + 1));
        r->rows[row][i] = least;
    }
}

static uint8_t row_least(const reach *r, size_t row)
{
    uint8_t least = UINT8_MAX;
    for (int i = 0; i <= 2 * r->edits; i++)
        least = least_of(least, r->rows[row][i]);
    return least;
}

/* Can nothing that begins with these letters be near? Two neighbours may still change places. */
static bool is_dead(const reach *r, size_t row)
{
    if (row_least(r, row) <= r->edits)
        return false;
    return !r->transpositions || row_least(r, row - 1) >= r->edits;
}

static void keep_shared_rows(reach *r, auk_span term)
{
    size_t shared = 0, most = term.size < r->before_size ? term.size : r->before_size;
    while (shared < most && term.data[shared] == r->before[shared])
        shared++;
    while (r->depth > 0 && r->ends[r->depth] > shared)
        r->depth--;
}

/* The edits to a term that begins as it should; above the limit: *dead as in regexp.h. */
static int edits_to(reach *r, auk_span term, size_t *dead)
{
    *dead = 0;
    keep_shared_rows(r, term);
    size_t at = r->depth > 0 ? r->ends[r->depth] : r->beginning.size;
    while (at < term.size) {
        size_t row = r->depth + 1;
        uint32_t letter = 0;
        size_t bytes = auk_utf8_decode(auk_span_from(term, at), &letter);
        at += bytes ? bytes : 1;
        r->read[row] = letter;
        r->ends[row] = at;
        count_row(r, row);
        if (is_dead(r, row)) {
            *dead = at;
            break;
        }
        r->depth = row;
    }
    r->before_size = at;
    memcpy(r->before, term.data, at);
    return *dead ? r->edits + 1 : cell(r, r->depth, r->count);
}

/* ---- the nearest ---- */

static int compare(const near_word *a, const near_word *b)
{
    if (a->boost != b->boost)
        return a->boost > b->boost ? -1 : 1;
    return auk_span_compare(a->text, b->text);
}

static void insert(nearest *to, auk_span text, float boost)
{
    near_word word = {text, boost};
    bool full = to->most && to->count == to->most;
    if (full && compare(&word, &to->items[to->count - 1]) >= 0)
        return;
    uint32_t low = 0, high = to->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(&to->items[middle], &word);
        if (order == 0)
            return; /* another segment has it too */
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!full && to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 64;
        near_word *items = AUK_ARENA_ARRAY(to->arena, near_word, to->capacity);
        if (to->count)
            memcpy(items, to->items, sizeof *items * to->count);
        to->items = items;
    }
    to->count += !full;
    memmove(to->items + low + 1, to->items + low, sizeof *to->items * (to->count - 1 - low));
    word.text = auk_arena_copy(to->arena, text);
    to->items[low] = word;
}

/* Of the term that was read last. */
static float boost_of(const reach *r, int edits)
{
    if (edits == 0)
        return 1.0f;
    size_t letters = r->whole_count - r->count + r->depth;
    size_t shorter = letters < r->whole_count ? letters : r->whole_count;
    return 1.0f - (float)edits / (float)shorter;
}

static auk_code search_segment(reach *r, const auk_terms *terms, nearest *to, auk_error *err)
{
    size_t dead;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, to->arena);
    r->depth = r->before_size = 0;
    bool more = auk_terms_cursor_seek(cursor, r->beginning);
    while (more) {
        auk_span term = auk_terms_cursor_text(cursor);
        if (!auk_span_starts_with(term, r->beginning))
            break;
        int edits = edits_to(r, term, &dead);
        if (edits <= r->edits)
            insert(to, term, boost_of(r, edits));
        if (dead)
            memcpy(r->dead, r->before, dead);
        more = dead ? auk_terms_pass(cursor, r->dead, dead) : auk_terms_cursor_next(cursor);
    }
    auk_code code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

/* ---- a word ---- */

static void reach_init(reach *r, auk_span text, uint8_t edits, const auk_fuzzy_options *options,
                       auk_arena *arena)
{
    uint32_t *letters = AUK_ARENA_ARRAY(arena, uint32_t, text.size + 1);
    *r = (reach){.edits = edits, .transpositions = !options->no_transpositions};
    for (size_t at = 0; at < text.size;) {
        uint32_t letter = 0;
        size_t bytes = auk_utf8_decode(auk_span_from(text, at), &letter);
        at += bytes ? bytes : 1;
        if (r->whole_count++ < options->prefix_length)
            r->beginning = auk_span_make(text.data, at);
        else
            letters[r->count++] = letter;
    }
    r->letters = letters;
    size_t rows = r->count + MOST_EDITS + 2;
    r->rows = auk_arena_zalloc(arena, rows * sizeof *r->rows);
    r->read = AUK_ARENA_ARRAY(arena, uint32_t, rows);
    r->ends = AUK_ARENA_ARRAY(arena, size_t, rows);
    r->before = auk_arena_alloc(arena, r->beginning.size + rows * 4 + 1);
    r->dead = auk_arena_alloc(arena, r->beginning.size + rows * 4 + 1);
    if (!r->beginning.data)
        r->beginning = AUK_SPAN("");
    for (int i = 0; i <= 2 * r->edits; i++) /* row 0: as many as letters are missing */
        r->rows[0][i] = (uint8_t)(i < r->edits ? r->edits + 1 : i - r->edits);
}

static void join(nearest *all, const nearest *shard)
{
    for (uint32_t i = 0; i < shard->count; i++)
        insert(all, shard->items[i].text, shard->items[i].boost);
}

static auk_code find_all(auk_resolver *resolver, const auk_field *field, reach *r, uint32_t most,
                         nearest *all, auk_error *err)
{
    for (uint32_t s = 0; s < resolver->shard_count; s++) {
        const auk_shard_view *view = resolver->shards[s];
        nearest shard = {.most = most, .arena = resolver->arena};
        for (uint32_t i = 0; i < view->segment_count; i++) {
            const auk_terms *terms = auk_segment_terms(view->segments[i].segment, field->number);
            auk_code code = terms ? search_segment(r, terms, &shard, err) : AUK_OK;
            if (code != AUK_OK)
                return code;
        }
        join(all, &shard);
    }
    return AUK_OK;
}

static int by_text(const void *a, const void *b)
{
    return auk_span_compare(((const near_word *)a)->text, ((const near_word *)b)->text);
}

static const auk_plan *constant_plan(auk_resolver *resolver, const auk_field *field,
                                     const nearest *all, float boost)
{
    auk_span *items = AUK_ARENA_ARRAY(resolver->arena, auk_span, all->count + 1);
    for (uint32_t i = 0; i < all->count; i++)
        items[i] = all->items[i].text;
    return auk_plan_terms_create(resolver, field, items, all->count, boost);
}

static auk_code scored_plan(auk_resolver *resolver, const auk_field *field, const nearest *all,
                            float boost, const auk_plan **out, auk_error *err)
{
    auk_plan *any = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    any->u.boolean.minimum = 1;
    any->u.boolean.should = auk_plan_list_create(resolver, all->count);
    resolver->blend_count++;
    for (uint32_t i = 0; i < all->count; i++) {
        const near_word *word = &all->items[i];
        float nearness = word->boost > 0 ? word->boost : 0;
        auk_plan *term = auk_plan_term_create(resolver, field, word->text, boost * nearness);
        resolver->slots[term->u.term.slot].blend = resolver->blend_count;
        auk_plan_list_add(&any->u.boolean.should, term);
        auk_code code = auk_resolver_count_clause(resolver, err);
        if (code != AUK_OK)
            return code;
    }
    *out = all->count == 1 ? any->u.boolean.should.items[0] : any;
    return AUK_OK;
}

auk_code auk_fuzzy_plan(auk_resolver *resolver, const auk_field *field, auk_span text,
                        uint8_t edits, const auk_fuzzy_options *options, float boost,
                        const auk_plan **out, auk_error *err)
{
    reach r;
    nearest all = {.arena = resolver->arena};
    uint32_t most = options->max_expansions ? options->max_expansions : AUK_FUZZY_EXPANSIONS;
    if (text.size > MOST_LETTERS || (edits == 0 && !options->constant)) {
        *out = auk_plan_term_create(resolver, field, text, boost);
        return AUK_OK;
    }
    reach_init(&r, text, edits, options, resolver->arena);
    most = most < AUK_FUZZY_MOST ? most : AUK_FUZZY_MOST;
    auk_code code = find_all(resolver, field, &r, options->constant ? 0 : most, &all, err);
    if (code != AUK_OK)
        return code;
    if (all.count == 0) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    if (options->constant) {
        *out = constant_plan(resolver, field, &all, boost);
        return AUK_OK;
    }
    qsort(all.items, all.count, sizeof *all.items, by_text);
    return scored_plan(resolver, field, &all, boost, out, err);
}

#include "terms_reader.h"

#include "bits.h"
#include "dictionary_block.h"
#include "terms.h"

/* ---- opening ---- */

static auk_code broken(auk_error *err, const char *what)
{
    return auk_fail(err, AUK_CORRUPT, "term dictionary broken: %s", what);
}

static double read_double(auk_reader *reader)
{
    uint64_t bits = auk_reader_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float read_float(auk_reader *reader)
{
    uint32_t bits = auk_reader_u32(reader);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static auk_code read_index(auk_terms *terms, auk_error *err)
{
    auk_reader reader = auk_reader_of(terms->values.index);
    if (auk_reader_u8(&reader) != AUK_DICTIONARY_VERSION)
        return broken(err, "unknown version");
    terms->flags = auk_reader_u8(&reader);
    (void)auk_reader_u16(&reader);
    terms->block_count = auk_reader_u32(&reader);
    uint32_t parts = auk_reader_u32(&reader);
    terms->longest = auk_reader_u32(&reader);
    uint32_t common_size = auk_reader_u32(&reader);

    terms->stats.term_count = auk_reader_u64(&reader);
    terms->stats.doc_count = auk_reader_u64(&reader);
    terms->stats.sum_doc_freq = auk_reader_u64(&reader);
    terms->stats.sum_total_freq = auk_reader_u64(&reader);
    terms->stats.has_freqs = (terms->flags & AUK_DICTIONARY_FREQS) != 0;
    terms->stats.has_positions = (terms->flags & AUK_DICTIONARY_POSITIONS) != 0;
    terms->average = read_double(&reader);
    terms->k1 = read_float(&reader);
    terms->b = read_float(&reader);

    terms->common = auk_reader_bytes(&reader, common_size);
    terms->part_firsts = auk_span_bytes(auk_reader_bytes(&reader, (size_t)parts * 4));
    terms->offsets = auk_span_bytes(auk_reader_bytes(&reader, (size_t)terms->block_count * 4));
    terms->prefixes = auk_span_bytes(auk_reader_bytes(&reader, (size_t)terms->block_count * 8));
    if (reader.failed || auk_reader_left(&reader) != 0)
        return broken(err, "index is cut or too long");
    if (parts != terms->values.block_parts)
        return broken(err, "parts of blocks are missing");
    return AUK_OK;
}

static auk_code check_index(const auk_terms *terms, auk_error *err)
{
    if ((terms->flags & ~(AUK_DICTIONARY_FREQS | AUK_DICTIONARY_POSITIONS)) != 0 ||
        (terms->stats.has_positions && !terms->stats.has_freqs))
        return broken(err, "unknown flags");
    if (terms->longest > AUK_TERM_SIZE_LIMIT || terms->common.size > terms->longest)
        return broken(err, "impossible sizes");
    uint64_t blocks = terms->stats.term_count / AUK_DICTIONARY_BLOCK +
                      (terms->stats.term_count % AUK_DICTIONARY_BLOCK != 0);
    if (blocks != terms->block_count || (blocks > 0) != (terms->values.block_parts > 0))
        return broken(err, "count of terms does not fit the blocks");
    if (terms->values.block_parts > 0 && auk_load_u32(terms->part_firsts) != 0)
        return broken(err, "first part does not hold the first block");
    if (terms->stats.doc_count > terms->values.doc_count)
        return broken(err, "more documents than the segment has");
    if (terms->values.norms.size != 0 && terms->values.norms.size < terms->values.doc_count)
        return broken(err, "norms are cut");
    return AUK_OK;
}

auk_code auk_terms_open(const auk_terms_values *values, auk_arena *arena, const auk_terms **out,
                        auk_error *err)
{
    auk_terms *terms = AUK_ARENA_NEW(arena, auk_terms);
    terms->values = *values;
    terms->kernels = auk_kernels_best();
    auk_code code = read_index(terms, err);
    if (code == AUK_OK)
        code = check_index(terms, err);
    if (code != AUK_OK)
        return code;
    terms->samples = auk_terms_samples_create(terms->block_count, arena);
    *out = terms;
    return AUK_OK;
}

const auk_terms_stats *auk_terms_read_stats(const auk_terms *terms)
{
    return &terms->stats;
}

double auk_terms_written_average(const auk_terms *terms)
{
    return terms->average;
}

bool auk_terms_check(const auk_terms *terms, const auk_term *term)
{
    uint32_t doc_count = terms->values.doc_count;
    if (term->doc_freq == 1)
        return term->single_doc < doc_count && term->single_freq >= 1 && term->total_freq >= 1;
    return term->doc_freq >= 2 && term->doc_freq <= doc_count && term->total_freq >= term->doc_freq;
}

/* ---- blocks ---- */

static bool is_index_sound(const auk_terms *terms)
{
    const auk_terms_values *values = &terms->values;
    return auk_guard_passes(values->guard, values->index_value) &&
           auk_guard_passes(values->guard, values->norms_value);
}

/* Begins to load as many lines as most blocks have, all at once. */
static void expect_block(const uint8_t *at, const uint8_t *limit)
{
    enum { LINE = 64, MOST = 5 * LINE };
    size_t left = (size_t)(limit - at);
    for (size_t i = 0; i < left && i < MOST; i += LINE)
        __builtin_prefetch(at + i);
}

/* Where a block lies, and in which part. */
static bool resolve_block(const auk_terms *terms, uint32_t number, const uint8_t **at,
                          const uint8_t **limit, uint32_t *part)
{
    /* The last part that starts at or before the block. */
    uint32_t low = 0, high = terms->values.block_parts;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (auk_load_u32(terms->part_firsts + (size_t)middle * 4) <= number)
            low = middle;
        else
            high = middle;
    }

    *part = low;
    uint64_t address = (uint64_t)low << 32 | auk_load_u32(terms->offsets + (size_t)number * 4);
    return auk_part_resolve(terms->values.blocks, terms->values.block_parts, address, at, limit);
}

static bool open_block(const auk_terms *terms, uint32_t number, auk_dictionary_block *block)
{
    const uint8_t *at, *limit;
    uint32_t part;
    if (!is_index_sound(terms) || !resolve_block(terms, number, &at, &limit, &part))
        return false;
    expect_block(at, limit);
    if (!auk_guard_passes(terms->values.guard, &terms->values.blocks[part]) ||
        !auk_dictionary_block_open(block, terms->flags, at, limit))
        return false;
    uint64_t left = terms->stats.term_count - (uint64_t)number * AUK_DICTIONARY_BLOCK;
    return block->count == (left < AUK_DICTIONARY_BLOCK ? left : AUK_DICTIONARY_BLOCK);
}

static uint64_t prefix_at(const auk_terms *terms, uint32_t block)
{
    return auk_load_be64(terms->prefixes + (size_t)block * 8);
}

/* The first block whose prefix is above key. */
static uint32_t first_above(const auk_terms *terms, uint64_t key)
{
    uint32_t from, length;
    auk_terms_samples_narrow(terms->samples, terms->prefixes, terms->block_count, key, &from,
                             &length);
    /* whichever it is, where it lies is asked for next */
    for (uint32_t i = 0; length > 0 && i <= length; i += 16)
        __builtin_prefetch(terms->offsets + (size_t)(from + i) * 4);
    while (length > 0) {
        uint32_t half = length / 2;
        bool above = prefix_at(terms, from + half) > key;
        from = above ? from : from + half + 1;
        length = above ? half : length - half - 1;
    }
    return from;
}

static uint64_t prefix_of(auk_span rest)
{
    uint8_t first[8] = {0};
    if (rest.size > 0)
        memcpy(first, rest.data, rest.size < 8 ? rest.size : 8);
    return auk_load_be64(first);
}

/* Do prefixes tell which is the last block that begins at or before the term? high: the first whose
 * prefix is above the term's. */
static bool is_told_by_prefix(const auk_terms *terms, uint32_t high, uint64_t key, uint32_t *block)
{
    *block = high == 0 ? 0 : high - 1;
    return high == 0 || prefix_at(terms, high - 1) != key;
}

/*
 * *block: the last one whose first term is <= text, or 0 when there is none. Prefixes decide, but
 * for blocks whose prefix equals the text's: there the first terms themselves do.
 */
static bool find_block(const auk_terms *terms, auk_span rest, uint32_t *block)
{
    uint64_t key = prefix_of(rest);
    uint32_t high = first_above(terms, key);
    if (is_told_by_prefix(terms, high, key, block))
        return true;

    uint32_t low = key == 0 ? 0 : first_above(terms, key - 1);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        auk_dictionary_block view;
        auk_span text;
        if (!open_block(terms, middle, &view) || !auk_dictionary_block_first(&view, &text) ||
            text.size < terms->common.size)
            return false;
        if (auk_span_compare(auk_span_from(text, terms->common.size), rest) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    *block = low == 0 ? 0 : low - 1;
    return true;
}

#define UNKNOWN UINT32_MAX

typedef struct place {
    uint32_t block;
    uint32_t row; /* may be the block's count: then the answer is the next block's first */
    bool exact;
    bool past_end;
    auk_dictionary_block view;
} place;

/* The first term >= text. expected: the block, or UNKNOWN. */
static bool find_place(const auk_terms *terms, uint32_t expected, auk_span text, place *out)
{
    out->block = expected == UNKNOWN ? 0 : expected;
    out->row = 0;
    out->exact = false;
    out->past_end = terms->block_count == 0;
    if (expected != UNKNOWN)
        return open_block(terms, expected, &out->view) &&
               auk_dictionary_block_find(&out->view, text, &out->row, &out->exact);
    if (!is_index_sound(terms))
        return false;
    if (out->past_end)
        return true;

    size_t shared = text.size < terms->common.size ? text.size : terms->common.size;
    int order = shared == 0 ? 0 : memcmp(text.data, terms->common.data, shared);
    if (order > 0) {
        out->past_end = true;
        return true;
    }
    if (order < 0 || text.size < terms->common.size)
        return open_block(terms, 0, &out->view);

    return find_block(terms, auk_span_from(text, terms->common.size), &out->block) &&
           open_block(terms, out->block, &out->view) &&
           auk_dictionary_block_find(&out->view, text, &out->row, &out->exact);
}

/* ---- one term ---- */

static bool read_term(const auk_terms *terms, const auk_dictionary_block *block, uint64_t ordinal,
                      auk_term *out)
{
    auk_dictionary_columns columns;
    if (!auk_dictionary_columns_open(&columns, terms->flags, block))
        return false;
    auk_dictionary_columns_read(&columns, block, (uint32_t)(ordinal % AUK_DICTIONARY_BLOCK), out);
    out->terms = terms;
    out->ordinal = ordinal;
    return auk_terms_check(terms, out);
}

uint32_t auk_terms_expect(const auk_terms *terms, auk_span text)
{
    uint32_t block, part;
    const uint8_t *at, *limit;
    if (terms->block_count == 0 || !is_index_sound(terms) ||
        !auk_span_starts_with(text, terms->common))
        return UNKNOWN;
    uint64_t key = prefix_of(auk_span_from(text, terms->common.size));
    if (!is_told_by_prefix(terms, first_above(terms, key), key, &block))
        return UNKNOWN;
    if (resolve_block(terms, block, &at, &limit, &part))
        expect_block(at, limit);
    return block;
}

auk_code auk_terms_find(const auk_terms *terms, auk_span text, auk_term *out, bool *found,
                        auk_error *err)
{
    return auk_terms_find_at(terms, UNKNOWN, text, out, found, err);
}

auk_code auk_terms_find_at(const auk_terms *terms, uint32_t expected, auk_span text, auk_term *out,
                           bool *found, auk_error *err)
{
    place where;
    *found = false;
    if (!find_place(terms, expected, text, &where))
        return auk_guard_explain(terms->values.guard, broken(err, "block does not parse"), err);
    if (!where.exact)
        return AUK_OK;
    uint64_t ordinal = (uint64_t)where.block * AUK_DICTIONARY_BLOCK + where.row;
    if (!read_term(terms, &where.view, ordinal, out))
        return broken(err, "impossible row");
    *found = true;
    return AUK_OK;
}

void auk_term_expect(const auk_term *term)
{
    enum { LINE = 64, MOST = 3 * LINE };
    const auk_terms_values *values = &term->terms->values;
    const uint8_t *at, *limit;
    if (term->doc_freq < 2 ||
        !auk_part_resolve(values->postings, values->postings_parts, term->postings, &at, &limit))
        return;
    for (size_t i = 0; i < (size_t)(limit - at) && i < MOST; i += LINE)
        __builtin_prefetch(at + i);
}

_Static_assert(AUK_TERMS_ROW == AUK_DICTIONARY_BLOCK, "a row of terms is a block");

uint32_t auk_terms_doc_freqs(const auk_terms *terms, uint64_t ordinal, uint32_t out[AUK_TERMS_ROW])
{
    auk_dictionary_block block;
    auk_dictionary_columns columns;
    if (ordinal >= terms->stats.term_count ||
        !open_block(terms, (uint32_t)(ordinal / AUK_DICTIONARY_BLOCK), &block) ||
        !auk_dictionary_columns_open(&columns, terms->flags, &block))
        return 0;
    return auk_dictionary_columns_doc_freqs(&columns, &block, terms->values.doc_count, out)
               ? block.count
               : 0;
}

auk_code auk_terms_text(const auk_terms *terms, uint64_t ordinal, auk_arena *arena, auk_span *out,
                        auk_error *err)
{
    if (ordinal >= terms->stats.term_count)
        return broken(err, "no term of this rank");
    auk_dictionary_block block;
    auk_dictionary_step steps[AUK_DICTIONARY_BLOCK];
    uint32_t row = (uint32_t)(ordinal % AUK_DICTIONARY_BLOCK), size;
    const uint8_t *next;
    if (!open_block(terms, (uint32_t)(ordinal / AUK_DICTIONARY_BLOCK), &block) ||
        !auk_dictionary_block_walk(&block, row, steps, &size, &next))
        return auk_guard_explain(terms->values.guard, broken(err, "block does not parse"), err);

    char *text = auk_arena_alloc(arena, (size_t)size + 1);
    auk_dictionary_block_spell(steps, row, size, text);
    text[size] = '\0';
    *out = auk_span_make(text, size);
    return AUK_OK;
}

/* ---- cursor ---- */

/* A term is read when it is asked for, behind a const cursor. */
typedef struct cursor_term {
    auk_term term;
    auk_dictionary_columns columns;
    bool columns_ready, ready, broken;
} cursor_term;

struct auk_terms_cursor {
    const auk_terms *terms;
    auk_dictionary_block block;
    uint32_t number; /* of the block */
    uint32_t row;
    bool standing;
    bool broken;
    const uint8_t *next; /* text of the row after */
    char *text;
    uint32_t size;
    cursor_term *current;
};

auk_terms_cursor *auk_terms_cursor_open(const auk_terms *terms, auk_arena *arena)
{
    auk_terms_cursor *cursor = AUK_ARENA_NEW(arena, auk_terms_cursor);
    cursor->terms = terms;
    cursor->text = auk_arena_alloc(arena, (size_t)terms->longest + 1);
    cursor->current = AUK_ARENA_NEW(arena, cursor_term);
    return cursor;
}

static bool cursor_stop(auk_terms_cursor *cursor, bool is_broken)
{
    cursor->standing = false;
    cursor->broken = cursor->broken || is_broken;
    cursor->size = 0;
    return false;
}

/* Takes the next row of the block; what comes before it is in cursor->text. */
static bool cursor_step(auk_terms_cursor *cursor)
{
    auk_dictionary_step step;
    if (!auk_dictionary_block_step(&cursor->block, cursor->row, &cursor->next, &step) ||
        step.shared > cursor->size || step.shared + step.rest_size > cursor->terms->longest)
        return cursor_stop(cursor, true);
    memcpy(cursor->text + step.shared, step.rest, step.rest_size);
    cursor->size = step.shared + step.rest_size;
    cursor->current->ready = false;
    cursor->standing = true;
    return true;
}

static bool cursor_enter(auk_terms_cursor *cursor, uint32_t number)
{
    if (number >= cursor->terms->block_count)
        return cursor_stop(cursor, false);
    if (!open_block(cursor->terms, number, &cursor->block))
        return cursor_stop(cursor, true);
    cursor->number = number;
    cursor->row = 0;
    cursor->size = 0;
    cursor->next = cursor->block.text;
    cursor->current->columns_ready = false;
    return cursor_step(cursor);
}

bool auk_terms_cursor_seek(auk_terms_cursor *cursor, auk_span text)
{
    if (cursor->broken)
        return false;
    place where;
    if (!find_place(cursor->terms, UNKNOWN, text, &where))
        return cursor_stop(cursor, true);
    if (where.past_end)
        return cursor_stop(cursor, false);
    if (where.row == where.view.count)
        return cursor_enter(cursor, where.block + 1);

    auk_dictionary_step steps[AUK_DICTIONARY_BLOCK];
    uint32_t size;
    if (!auk_dictionary_block_walk(&where.view, where.row, steps, &size, &cursor->next) ||
        size > cursor->terms->longest)
        return cursor_stop(cursor, true);
    auk_dictionary_block_spell(steps, where.row, size, cursor->text);
    cursor->block = where.view;
    cursor->number = where.block;
    cursor->row = where.row;
    cursor->size = size;
    cursor->standing = true;
    cursor->current->ready = false;
    cursor->current->columns_ready = false;
    return true;
}

bool auk_terms_cursor_next(auk_terms_cursor *cursor)
{
    if (!cursor->standing)
        return false;
    if (++cursor->row == cursor->block.count)
        return cursor_enter(cursor, cursor->number + 1);
    return cursor_step(cursor);
}

auk_span auk_terms_cursor_text(const auk_terms_cursor *cursor)
{
    return auk_span_make(cursor->text, cursor->size);
}

const auk_term *auk_terms_cursor_term(const auk_terms_cursor *cursor)
{
    cursor_term *current = cursor->current;
    if (!cursor->standing || current->ready)
        return &current->term;

    if (!current->columns_ready)
        current->columns_ready =
            auk_dictionary_columns_open(&current->columns, cursor->terms->flags, &cursor->block);
    if (current->columns_ready)
        auk_dictionary_columns_read(&current->columns, &cursor->block, cursor->row, &current->term);
    current->term.terms = cursor->terms;
    current->term.ordinal = (uint64_t)cursor->number * AUK_DICTIONARY_BLOCK + cursor->row;
    current->ready = true;
    if (!current->columns_ready || !auk_terms_check(cursor->terms, &current->term)) {
        /* A term without documents is what a caller can use safely; the status tells. */
        current->broken = true;
        current->term.doc_freq = 0;
        current->term.total_freq = 0;
    }
    return &current->term;
}

auk_code auk_terms_cursor_status(const auk_terms_cursor *cursor)
{
    return cursor->broken || cursor->current->broken ? AUK_CORRUPT : AUK_OK;
}

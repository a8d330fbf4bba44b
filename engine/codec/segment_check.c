#include "auk/segment_check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "auk/hash.h"

#include "column.h"
#include "leaders_check.h"
#include "meta.h"

#define ARENA_MOST ((size_t)1 << 20) /* then it is emptied */
#define PROBE      31u               /* every so many terms are looked up by their text */

typedef struct check {
    const auk_segment *segment;
    const char *where;
    auk_findings *findings;
    uint32_t doc_count;
    auk_arena *arena;
    uint8_t *seen; /* a bit a document */
} check;

#define tell(c, ...) auk_findings_add((c)->findings, AUK_FINDING_DAMAGE, (c)->where, __VA_ARGS__)

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {"?",        "META",         "TERM_INDEX", "TERM_BLOCKS",
                                        "POSTINGS", "POSITIONS",    "NORMS",      "COLUMN",
                                        "STORED",   "STORED_INDEX", "ID_FILTER",  "TOMBSTONES",
                                        "HEAD",     "RANKS"};
    return kind < sizeof names / sizeof *names ? names[kind] : names[0];
}

/* ---- values ---- */

static bool check_values(check *c)
{
    uint32_t count;
    const auk_value *values = auk_segment_values(c->segment, &count);
    auk_meta meta;
    auk_error err;
    if (auk_meta_read(values[count - 1].bytes, &meta, &err) != AUK_OK) {
        tell(c, "%s", err.message);
        return false;
    }
    bool sound = true;
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (auk_crc32c(0, values[i].bytes) == auk_meta_value_at(&meta, i).checksum)
            continue;
        tell(c, "%s of field %u, part %u, differs from its checksum", kind_name(values[i].kind),
             values[i].field, values[i].part);
        sound = false;
    }
    return sound;
}

/* ---- terms ---- */

typedef struct term_sums {
    uint64_t terms, doc_freq, total_freq;
    uint32_t docs; /* with a term */
} term_sums;

static void see(check *c, auk_doc doc, term_sums *sums)
{
    uint8_t bit = (uint8_t)(1u << (doc % 8));
    sums->docs += (c->seen[doc / 8] & bit) == 0;
    c->seen[doc / 8] |= bit;
}

static bool positions_rise(auk_postings *postings, uint32_t freq)
{
    const uint32_t *positions = auk_postings_positions(postings);
    for (uint32_t i = 1; positions != NULL && i < freq; i++)
        if (positions[i] < positions[i - 1])
            return false;
    return positions != NULL;
}

/* NULL, or what is wrong with the list of a term. */
static const char *check_list(check *c, const auk_term *term, const auk_terms_stats *stats,
                              term_sums *sums)
{
    auk_postings *postings;
    auk_postings_want want = stats->has_positions ? AUK_WANT_POSITIONS
                             : stats->has_freqs   ? AUK_WANT_FREQS
                                                  : AUK_WANT_DOCS;
    if (auk_postings_open(term, want, c->arena, &postings, NULL) != AUK_OK)
        return "has no list where the dictionary says";
    uint64_t docs = 0, freqs = 0;
    int64_t before = -1;
    auk_leaders_check leaders;
    auk_leaders_check_begin(&leaders, term);
    for (auk_doc doc; (doc = auk_postings_next(postings)) != AUK_DOC_END; before = doc) {
        if (doc <= before || doc >= c->doc_count)
            return "has documents that do not rise";
        uint32_t freq = auk_postings_freq(postings);
        if (stats->has_positions && !positions_rise(postings, freq))
            return "has positions that do not rise, or none";
        docs++;
        freqs += freq;
        see(c, doc, sums);
        auk_leaders_check_see(&leaders, doc, freq);
    }
    if (auk_postings_status(postings) != AUK_OK)
        return "has a list that breaks its format";
    if (docs != term->doc_freq || (stats->has_freqs && freqs != term->total_freq))
        return "has a list of another length than the dictionary says";
    return auk_leaders_check_end(&leaders);
}

static const char *check_place(check *c, const auk_terms *terms, auk_span text, uint64_t ordinal)
{
    auk_term found;
    bool is_there = false;
    if (ordinal % PROBE != 0)
        return NULL;
    if (auk_terms_find(terms, text, &found, &is_there, NULL) != AUK_OK || !is_there ||
        found.ordinal != ordinal)
        return "is not found under its text";
    (void)c;
    return NULL;
}

/* False: the walk cannot go on. */
static bool check_term(check *c, uint16_t field, const auk_terms *terms, auk_terms_cursor *cursor,
                       auk_buffer *before, term_sums *sums)
{
    const auk_terms_stats *stats = auk_terms_read_stats(terms);
    auk_span text = auk_terms_cursor_text(cursor);
    const auk_term *term = auk_terms_cursor_term(cursor);
    const char *problem = NULL;
    if (auk_terms_cursor_status(cursor) != AUK_OK)
        return false;
    if (sums->terms > 0 && auk_span_compare(auk_buffer_span(before), text) >= 0)
        problem = "does not rise above the one before";
    if (problem == NULL)
        problem = check_list(c, term, stats, sums);
    if (problem == NULL)
        problem = check_place(c, terms, text, term->ordinal);
    if (problem != NULL)
        tell(c, "field %u: term %" PRIu64 " %s", field, sums->terms, problem);
    sums->terms++;
    sums->doc_freq += term->doc_freq;
    sums->total_freq += term->total_freq;
    auk_buffer_reset(before);
    auk_buffer_append(before, text);
    return problem == NULL;
}

static void check_norms(check *c, uint16_t field)
{
    const uint8_t *norms = auk_segment_norms(c->segment, field);
    for (uint32_t doc = 0; norms != NULL && doc < c->doc_count; doc++) {
        bool has_term = c->seen[doc / 8] >> (doc % 8) & 1;
        if (has_term == (norms[doc] != 0))
            continue;
        tell(c, "field %u: document %u has %s", field, doc,
             has_term ? "terms but no norm" : "a norm but no terms");
        return;
    }
}

static void compare_sums(check *c, uint16_t field, const auk_terms_stats *stats,
                         const term_sums *sums)
{
    bool same = sums->terms == stats->term_count && sums->doc_freq == stats->sum_doc_freq &&
                sums->docs == stats->doc_count &&
                (!stats->has_freqs || sums->total_freq == stats->sum_total_freq);
    if (!same)
        tell(c,
             "field %u: the index says %" PRIu64 " terms, %" PRIu64 " documents, %" PRIu64
             " and %" PRIu64 " in sum; there are %" PRIu64 ", %u, %" PRIu64 " and %" PRIu64,
             field, stats->term_count, stats->doc_count, stats->sum_doc_freq, stats->sum_total_freq,
             sums->terms, sums->docs, sums->doc_freq, sums->total_freq);
}

static void check_terms(check *c, uint16_t field)
{
    const auk_terms *terms = auk_segment_terms(c->segment, field);
    if (terms == NULL)
        return;
    term_sums sums = {0};
    auk_buffer before;
    auk_buffer_init(&before, 2 * AUK_TERM_SIZE_LIMIT);
    memset(c->seen, 0, c->doc_count / 8 + 1);
    auk_arena *own = auk_arena_create(4096);
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, own);
    bool more = auk_terms_cursor_seek(cursor, (auk_span){0});
    while (more && check_term(c, field, terms, cursor, &before, &sums)) {
        if (auk_arena_size(c->arena) > ARENA_MOST)
            auk_arena_reset(c->arena);
        more = auk_terms_cursor_next(cursor);
    }
    if (auk_terms_cursor_status(cursor) != AUK_OK) {
        tell(c, "field %u: the dictionary breaks its format at term %" PRIu64, field, sums.terms);
    } else if (!more) {
        compare_sums(c, field, auk_terms_read_stats(terms), &sums);
        check_norms(c, field);
    }
    auk_arena_destroy(own);
    auk_arena_reset(c->arena);
    auk_buffer_deinit(&before);
}

/* ---- columns ---- */

typedef struct column_sums {
    uint64_t values;
    uint32_t docs;
    int64_t min, max;
    uint64_t mixed; /* the same in whatever order they come */
} column_sums;

static uint64_t mix_value(int64_t value)
{
    uint64_t bits = (uint64_t)value * UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ bits >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return bits ^ bits >> 32;
}

/* NULL, or what is wrong with a document's values. */
static const char *check_row(const auk_column *column, uint32_t doc, const int64_t *values,
                             uint32_t count, column_sums *sums)
{
    int64_t min, max;
    if (count == 0)
        return NULL;
    if (!auk_column_zone(column, doc / AUK_COLUMN_BLOCK, &min, &max))
        return "has values in a block that says it has none";
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && values[i] < values[i - 1])
            return "has values that do not rise";
        if (values[i] < min || values[i] > max)
            return "has a value past the bounds of its block";
        sums->min = values[i] < sums->min ? values[i] : sums->min;
        sums->max = values[i] > sums->max ? values[i] : sums->max;
        sums->mixed += mix_value(values[i]);
    }
    sums->docs++;
    sums->values += count;
    return NULL;
}

static void compare_column(check *c, uint16_t field, const auk_column *column,
                           const column_sums *sums)
{
    const auk_column_stats *stats = auk_column_read_stats(column);
    const auk_terms *terms = auk_segment_terms(c->segment, field);
    if (stats->doc_count != sums->docs || stats->value_count != sums->values ||
        stats->min != sums->min || stats->max != sums->max)
        tell(c, "field %u: the column has other counts or bounds than its directory says", field);
    if (!stats->ordinals)
        return;
    if (terms == NULL || sums->min < 0 ||
        (uint64_t)sums->max >= auk_terms_read_stats(terms)->term_count)
        tell(c, "field %u: the column names terms that are not there", field);
    else if (auk_terms_read_stats(terms)->sum_doc_freq != sums->values)
        tell(c, "field %u: documents have %" PRIu64 " terms, the column has %" PRIu64, field,
             auk_terms_read_stats(terms)->sum_doc_freq, sums->values);
}

/* The values sorted are those of the column, and rise. */
static void check_ranks(check *c, uint16_t field, const auk_column *column, const column_sums *sums)
{
    int64_t values[AUK_RANKS_BLOCK], last = INT64_MIN;
    const auk_ranks *ranks = auk_column_ranks(column);
    uint64_t mixed = 0, met = 0;
    bool rises = true;
    uint32_t some = 1;
    for (uint32_t block = 0; ranks != NULL && some > 0; block++) {
        some = auk_ranks_block(ranks, block, values);
        for (uint32_t i = 0; i < some; i++) {
            rises = rises && values[i] >= last;
            last = values[i];
            mixed += mix_value(last);
        }
        met += some;
    }
    if (ranks != NULL && (!rises || met != sums->values || mixed != sums->mixed))
        tell(c, "field %u: the sorted values are not those of the column", field);
}

static void check_column(check *c, uint16_t field)
{
    const auk_column *column = auk_segment_column(c->segment, field);
    if (column == NULL)
        return;
    column_sums sums = {.min = INT64_MAX, .max = INT64_MIN};
    auk_column_cursor *cursor = auk_column_cursor_open(column, c->arena);
    const char *problem = NULL;
    for (uint32_t doc = 0; doc < c->doc_count && problem == NULL; doc++) {
        const int64_t *values = NULL;
        uint32_t count = auk_column_cursor_values(cursor, doc, &values);
        problem = check_row(column, doc, values, count, &sums);
        if (problem != NULL)
            tell(c, "field %u: document %u %s", field, doc, problem);
    }
    if (auk_column_cursor_status(cursor) != AUK_OK)
        tell(c, "field %u: the column breaks its format", field);
    if (auk_column_cursor_status(cursor) == AUK_OK && problem == NULL) {
        compare_column(c, field, column, &sums);
        check_ranks(c, field, column, &sums);
    }
    auk_arena_reset(c->arena);
}

/* ---- documents ---- */

/* Columns that each document has one value in; the greatest sequence number lies in META. */
static void check_numbers(check *c)
{
    for (uint16_t field = AUK_FIELD_SEQ_NO; field <= AUK_FIELD_PRIMARY_TERM; field++) {
        const auk_column *column = auk_segment_column(c->segment, field);
        if (column == NULL) {
            if (c->doc_count > 0)
                tell(c, "column %u of all documents is missing", field);
            continue;
        }
        const auk_column_stats *stats = auk_column_read_stats(column);
        if (!stats->dense || !stats->single)
            tell(c, "column %u does not have one value a document", field);
        if (field == AUK_FIELD_SEQ_NO && stats->max > auk_segment_max_seq_no(c->segment))
            tell(c, "sequence number %" PRId64 " is above the greatest, %" PRId64, stats->max,
                 auk_segment_max_seq_no(c->segment));
    }
}

static bool check_document(check *c, uint32_t doc, auk_stored_cache *cache, uint64_t *routed)
{
    auk_stored_document stored;
    auk_error err = {0};
    auk_doc found_doc = 0;
    bool found = false;
    if (auk_segment_read_stored(c->segment, doc, cache, NULL, &stored, &err) != AUK_OK) {
        tell(c, "document %u: %s", doc, err.message);
        return false;
    }
    *routed += stored.routing.size > 0;
    if (auk_segment_find_id(c->segment, stored.id, &found_doc, &found, &err) != AUK_OK)
        tell(c, "document %u: %s", doc, err.message);
    else if (!found || found_doc != doc)
        tell(c, "document %u [%.*s]: its id leads to %s", doc, AUK_SPAN_ARG(stored.id),
             found ? "another" : "none");
    else
        return true;
    return false;
}

static void check_documents(check *c)
{
    const auk_terms *ids = auk_segment_terms(c->segment, AUK_FIELD_ID);
    const auk_terms *routings = auk_segment_terms(c->segment, AUK_FIELD_ROUTING);
    uint64_t routed = 0;
    if ((ids ? auk_terms_read_stats(ids)->term_count : 0) != c->doc_count)
        tell(c, "there are %" PRIu64 " ids for %u documents",
             ids ? auk_terms_read_stats(ids)->term_count : 0, c->doc_count);
    auk_stored_cache *cache = auk_stored_cache_create(c->arena);
    uint32_t doc = 0;
    while (doc < c->doc_count && check_document(c, doc, cache, &routed))
        doc++;
    if (doc == c->doc_count && routed != (routings ? auk_terms_read_stats(routings)->doc_count : 0))
        tell(c, "%" PRIu64 " documents have a routing, the terms say otherwise", routed);
    auk_arena_reset(c->arena);
}

static void check_tombstones(check *c)
{
    for (uint32_t i = 0; i < auk_segment_tombstone_count(c->segment); i++) {
        auk_tombstone tombstone;
        auk_error err = {0};
        if (auk_segment_tombstone(c->segment, i, &tombstone, &err) == AUK_OK &&
            tombstone.id.size > 0 && tombstone.seq_no >= 0)
            continue;
        tell(c, "tombstone %u: %s", i, err.message[0] ? err.message : "breaks its format");
        return;
    }
}

/* ---- all ---- */

static void check_fields(check *c)
{
    uint32_t count;
    const auk_value *values = auk_segment_values(c->segment, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].kind == AUK_KIND_TERM_INDEX)
            check_terms(c, values[i].field);
        else if (values[i].kind == AUK_KIND_COLUMN && values[i].part == 0)
            check_column(c, values[i].field);
    }
}

void auk_segment_check(const auk_segment *segment, const char *where, auk_findings *findings)
{
    check c = {.segment = segment,
               .where = where,
               .findings = findings,
               .doc_count = auk_segment_doc_count(segment),
               .arena = auk_arena_create(1 << 16)};
    c.seen = calloc(1, c.doc_count / 8 + 1);
    if (c.seen == NULL)
        abort();
    /* Of damaged values nothing else is asked: that they do not fit is no news. */
    if (check_values(&c)) {
        check_fields(&c);
        check_numbers(&c);
        check_documents(&c);
        check_tombstones(&c);
    }
    free(c.seen);
    auk_arena_destroy(c.arena);
}

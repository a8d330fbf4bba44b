#include "sample_segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sample_words[SAMPLE_WORDS] = {"auk",  "beak",  "cold",  "colony",
                                                "egg",  "great", "north", "sea",
                                                "ship", "stone", "wing",  "winter"};

static uint32_t mix(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* ---- what a document holds ---- */

uint32_t sample_length(uint32_t doc)
{
    return mix(doc) % (SAMPLE_MAX_LENGTH + 1);
}

uint32_t sample_word(uint32_t doc, uint32_t position)
{
    uint32_t a = mix(doc * 16 + position) % SAMPLE_WORDS;
    uint32_t b = mix(doc * 16 + position + 77) % SAMPLE_WORDS;
    return a < b ? a : b; /* some words are rarer than others */
}

bool sample_has_keyword(uint32_t doc, uint32_t word)
{
    return word == doc % SAMPLE_WORDS || (doc % 4 == 0 && word == doc / 4 % SAMPLE_WORDS);
}

int64_t sample_number(uint32_t doc)
{
    return (int64_t)mix(doc) - 0x7fffffff;
}

auk_span sample_id(uint32_t doc, uint32_t count, char text[32])
{
    return auk_span_make(text, (size_t)snprintf(text, 32, "id-%06u", count - 1 - doc));
}

auk_span sample_source(uint32_t doc, char text[64])
{
    return auk_span_make(text, (size_t)snprintf(text, 64, "{\"n\":%u,\"m\":%u}", doc, mix(doc)));
}

auk_tombstone sample_tombstone(uint32_t index, char text[32])
{
    return (auk_tombstone){.id = auk_span_make(text, (size_t)snprintf(text, 32, "gone-%u", index)),
                           .seq_no = index + 5,
                           .version = index + 1,
                           .primary_term = 2,
                           .time_ms = 1700000000000 + index};
}

/* ---- write ---- */

static void write_ids(auk_segment_writer *writer, uint32_t count)
{
    auk_terms_options options = {.field = AUK_FIELD_ID};
    auk_segment_writer_begin_terms(writer, &options);
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        auk_doc doc = count - 1 - i;
        auk_segment_writer_begin_term(writer, sample_id(doc, count, text));
        auk_segment_writer_posting(writer, doc, 1, NULL);
        auk_segment_writer_end_term(writer);
    }
    auk_segment_writer_end_terms(writer, count);
}

static void write_text(auk_segment_writer *writer, uint32_t count)
{
    uint8_t *norms = malloc(count + 1u);
    uint64_t sum = 0, with = 0;
    for (uint32_t doc = 0; doc < count; doc++) {
        norms[doc] = auk_norm_encode(sample_length(doc));
        sum += sample_length(doc);
        with += sample_length(doc) > 0;
    }
    auk_segment_writer_norms(writer, SAMPLE_TEXT, norms);
    auk_terms_options options = {.field = SAMPLE_TEXT,
                                 .has_freqs = true,
                                 .has_positions = true,
                                 .norms = norms,
                                 .average_length = with ? (double)sum / (double)with : 0,
                                 .k1 = 1.2f,
                                 .b = 0.75f};
    auk_segment_writer_begin_terms(writer, &options);
    for (uint32_t word = 0; word < SAMPLE_WORDS; word++) {
        auk_segment_writer_begin_term(writer, auk_span_of(sample_words[word]));
        for (uint32_t doc = 0; doc < count; doc++) {
            uint32_t positions[SAMPLE_MAX_LENGTH], freq = 0;
            for (uint32_t i = 0; i < sample_length(doc); i++)
                if (sample_word(doc, i) == word)
                    positions[freq++] = i;
            if (freq)
                auk_segment_writer_posting(writer, doc, freq, positions);
        }
        auk_segment_writer_end_term(writer);
    }
    auk_segment_writer_end_terms(writer, with);
    free(norms);
}

static void write_keywords(auk_segment_writer *writer, uint32_t count)
{
    /* Only words that a document has are terms; ordinals count those. */
    int64_t ordinals[SAMPLE_WORDS], next = 0;
    auk_terms_options options = {.field = SAMPLE_KEYWORD};
    auk_segment_writer_begin_terms(writer, &options);
    for (uint32_t word = 0; word < SAMPLE_WORDS; word++) {
        bool any = false;
        auk_segment_writer_begin_term(writer, auk_span_of(sample_words[word]));
        for (uint32_t doc = 0; doc < count; doc++) {
            if (!sample_has_keyword(doc, word))
                continue;
            any = true;
            auk_segment_writer_posting(writer, doc, 1, NULL);
        }
        auk_segment_writer_end_term(writer);
        ordinals[word] = next;
        next += any;
    }
    auk_segment_writer_end_terms(writer, count);
    auk_segment_writer_begin_column(writer, SAMPLE_KEYWORD, true);
    for (uint32_t doc = 0; doc < count; doc++)
        for (uint32_t word = 0; word < SAMPLE_WORDS; word++)
            if (sample_has_keyword(doc, word))
                auk_segment_writer_column_value(writer, doc, ordinals[word]);
    auk_segment_writer_end_column(writer);
}

static void write_numbers(auk_segment_writer *writer, uint32_t count)
{
    auk_segment_writer_begin_column(writer, SAMPLE_NUMBER, false);
    for (uint32_t doc = 0; doc < count; doc++)
        if (doc % 3 != 0)
            auk_segment_writer_column_value(writer, doc, sample_number(doc));
    auk_segment_writer_end_column(writer);
}

static void write_documents(auk_segment_writer *writer, uint32_t count)
{
    for (uint32_t doc = 0; doc < count; doc++) {
        char id[32], source[64];
        auk_stored_document document = {.id = sample_id(doc, count, id),
                                        .routing = doc % 5 ? (auk_span){0} : AUK_SPAN("r"),
                                        .source = sample_source(doc, source)};
        auk_segment_writer_document(writer, &document);
    }
}

auk_code sample_segment_write(const auk_sink *sink, uint32_t count, auk_error *err)
{
    auk_segment_writer_options options = {.doc_count = count};
    auk_segment_writer *writer = auk_segment_writer_create(sink, &options);
    write_ids(writer, count);
    auk_segment_writer_begin_column(writer, AUK_FIELD_SEQ_NO, false);
    for (uint32_t doc = 0; doc < count; doc++)
        auk_segment_writer_column_value(writer, doc, (int64_t)doc + 100);
    auk_segment_writer_end_column(writer);
    write_text(writer, count);
    write_documents(writer, count);
    write_keywords(writer, count);
    write_numbers(writer, count);
    for (uint32_t i = 0; i < 3; i++) {
        char text[32];
        auk_tombstone tombstone = sample_tombstone(i, text);
        auk_segment_writer_tombstone(writer, &tombstone);
    }
    auk_code code = auk_segment_writer_finish(writer, SAMPLE_MAX_SEQ, err);
    auk_segment_writer_destroy(writer);
    return code;
}

/* How often document `doc` has word `word` of "all", "dense", "packed", "rare". */
static uint32_t list_freq(uint32_t doc, uint32_t word)
{
    uint32_t chance = mix(doc * 4 + word), often = mix(doc * 4 + word + 99);
    switch (word) {
    case 0:
        return 1;
    case 1:
        return chance % 2 ? 1 + often % 3 : 0;
    case 2:
        return chance % 12 ? 0 : 1 + often % (often % 16 ? 6 : 30);
    default:
        return chance % 50 ? 0 : 1 + often % 2;
    }
}

static void write_list(auk_segment_writer *writer, uint32_t word)
{
    uint32_t positions[32];
    for (uint32_t doc = 0; doc < SAMPLE_LISTS; doc++) {
        uint32_t freq = list_freq(doc, word);
        for (uint32_t i = 0; i < freq; i++)
            positions[i] = word + i * (1 + mix(doc) % 40);
        if (freq > 0)
            auk_segment_writer_posting(writer, doc, freq, positions);
    }
}

static auk_code write_lists(const auk_sink *sink, auk_error *err)
{
    static const char *const words[] = {"all", "dense", "packed", "rare"};
    auk_segment_writer_options options = {.doc_count = SAMPLE_LISTS};
    auk_segment_writer *writer = auk_segment_writer_create(sink, &options);
    uint8_t *norms = malloc(SAMPLE_LISTS);
    if (norms == NULL)
        abort();
    for (uint32_t doc = 0; doc < SAMPLE_LISTS; doc++)
        norms[doc] = auk_norm_encode(30 + mix(doc) % 300);
    auk_segment_writer_norms(writer, SAMPLE_TEXT, norms);
    auk_terms_options terms = {.field = SAMPLE_TEXT,
                               .has_freqs = true,
                               .has_positions = true,
                               .norms = norms,
                               .average_length = 180,
                               .k1 = 1.2f,
                               .b = 0.75f};
    auk_segment_writer_begin_terms(writer, &terms);
    for (uint32_t word = 0; word < sizeof words / sizeof *words; word++) {
        auk_segment_writer_begin_term(writer, auk_span_of(words[word]));
        write_list(writer, word);
        auk_segment_writer_end_term(writer);
    }
    auk_segment_writer_end_terms(writer, SAMPLE_LISTS);
    auk_code code = auk_segment_writer_finish(writer, SAMPLE_MAX_SEQ, err);
    auk_segment_writer_destroy(writer);
    free(norms);
    return code;
}

static auk_segment *open_written(auk_memory_sink *memory, auk_code code, auk_error *err)
{
    auk_segment *segment = NULL;
    if (code != AUK_OK || auk_memory_sink_open(memory, &segment, err) != AUK_OK) {
        fprintf(stderr, "sample segment: %s\n", err->message);
        abort();
    }
    return segment;
}

auk_segment *sample_lists_create(void)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_error err;
    return open_written(memory, write_lists(&sink, &err), &err);
}

auk_segment *sample_segment_create(uint32_t count)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_error err;
    return open_written(memory, sample_segment_write(&sink, count, &err), &err);
}

/* ---- walk ---- */

static uint64_t sum_span(auk_span span)
{
    uint64_t sum = span.size;
    for (size_t i = 0; i < span.size; i++)
        sum = sum * 31 + (uint8_t)span.data[i];
    return sum;
}

/* What a segment keeps of a list's best documents, and its blocks by number. */
static uint64_t walk_best(const auk_term *term, double average, auk_arena *arena, uint32_t limit)
{
    static const double shares[] = {0.8, 0.9, 1, 1.1, 1.2};
    uint64_t sum = 0;
    auk_error err;
    for (uint32_t rank = 1; rank <= 1000; rank *= 10)
        sum += (uint64_t)(auk_term_reached(term, rank) * 1000);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        auk_leaders leaders;
        auk_doc docs[AUK_LEADERS_ROOM];
        bool found = false;
        if (auk_term_leaders(term, average * shares[i], &leaders, &found, &err) != AUK_OK || !found)
            continue;
        for (uint32_t at = auk_leaders_docs(&leaders, leaders.pair_count, docs); at-- > 0;)
            sum += docs[at];
        for (uint32_t pair = 0; pair < leaders.pair_count; pair++)
            sum += leaders.freqs[pair] + leaders.norms[pair] + leaders.counts[pair];
    }
    auk_postings *postings;
    uint32_t blocks = 0;
    if (auk_postings_open(term, AUK_WANT_FREQS, arena, &postings, &err) != AUK_OK)
        return sum;
    const uint8_t *bounds = auk_postings_bounds(postings, &blocks);
    for (uint32_t block = 0; bounds && block < blocks && block < limit; block++) {
        auk_frequent often;
        auk_postings_block_frequent(postings, block, 1 + bounds[block] % 3, &often);
        for (uint32_t i = 0; i < often.count; i++)
            sum += often.docs[often.indices[i]] + often.freqs[often.indices[i]] + often.more;
    }
    return sum;
}

/* As bits of windows, and places of positions of what another list might name. */
static uint64_t walk_windows(const auk_term *term, auk_arena *arena)
{
    uint64_t sum = 0, bits[64];
    auk_postings *postings;
    auk_error err;
    if (auk_postings_open(term, AUK_WANT_DOCS, arena, &postings, &err) == AUK_OK)
        for (auk_doc base = 0; base < 2 * 4096; base += 4096) {
            memset(bits, 0, sizeof bits);
            sum += auk_postings_mark(postings, base, base + 4096, bits);
            for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
                sum = sum * 31 + bits[i];
        }
    if (auk_postings_open(term, AUK_WANT_POSITIONS, arena, &postings, &err) == AUK_OK) {
        auk_doc wanted[AUK_BLOCK_DOCS];
        uint8_t numbers[AUK_BLOCK_DOCS + 1];
        auk_position_places *places = auk_arena_alloc(arena, sizeof *places);
        auk_position_rows *rows = auk_arena_alloc(arena, sizeof *rows);
        for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
            wanted[i] = i * 7;
        memset(rows, 0, sizeof *rows);
        uint32_t found = auk_postings_locate(postings, wanted, AUK_BLOCK_DOCS, numbers, places);
        if (found && auk_postings_read_places(postings, places, rows))
            for (uint32_t row = 0; row < rows->count; row++)
                for (uint32_t i = 0; i < rows->counts[row]; i++)
                    sum += rows->positions[rows->starts[row] + i];
    }
    return sum;
}

static uint64_t walk_postings(const auk_term *term, auk_arena *arena, uint32_t limit)
{
    auk_postings *postings;
    auk_error err;
    uint64_t sum = (uint64_t)(auk_term_bound(term) * 1000);
    if (auk_postings_open(term, AUK_WANT_POSITIONS, arena, &postings, &err) == AUK_OK) {
        for (uint32_t i = 0; i < limit && auk_postings_next(postings) != AUK_DOC_END; i++) {
            uint32_t freq = auk_postings_freq(postings);
            const uint32_t *positions = auk_postings_positions(postings);
            sum += auk_postings_doc(postings) + freq;
            for (uint32_t at = 0; positions && at < freq; at++)
                sum += positions[at];
        }
        sum += auk_postings_status(postings);
    }
    if (auk_postings_open(term, AUK_WANT_FREQS, arena, &postings, &err) == AUK_OK) {
        const auk_doc *docs;
        const uint32_t *freqs;
        auk_doc target = 0, last = 0;
        for (uint32_t i = 0; i < limit; i++) {
            sum += (uint64_t)(auk_postings_bound(postings, target, &last) * 1000) + last;
            uint32_t count = auk_postings_block(postings, target, &docs, &freqs);
            if (count == 0 || docs[count - 1] == AUK_DOC_END)
                break;
            for (uint32_t at = 0; at < count; at++)
                sum += docs[at] + (freqs ? freqs[at] : 0);
            target = docs[count - 1] + 1;
        }
    }
    if (auk_postings_open(term, AUK_WANT_DOCS, arena, &postings, &err) == AUK_OK)
        for (auk_doc doc = 0; (doc = auk_postings_seek(postings, doc)) < limit; doc += 3)
            sum += doc;
    return sum;
}

static uint64_t walk_terms(const auk_terms *terms, uint32_t limit)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    auk_error err;
    uint64_t sum = auk_terms_read_stats(terms)->term_count;
    bool more = auk_terms_cursor_seek(cursor, (auk_span){0});
    for (uint32_t i = 0; more && i < limit; i++, more = auk_terms_cursor_next(cursor)) {
        const auk_term *term = auk_terms_cursor_term(cursor);
        auk_span text = auk_terms_cursor_text(cursor), again = {0};
        auk_term found_term;
        bool found = false;
        sum += sum_span(text) + walk_postings(term, arena, limit);
        sum += walk_best(term, auk_terms_written_average(terms), arena, limit);
        sum += walk_windows(term, arena);
        if (auk_terms_find(terms, text, &found_term, &found, &err) == AUK_OK && found)
            sum += found_term.ordinal;
        if (auk_terms_text(terms, term->ordinal, arena, &again, &err) == AUK_OK)
            sum += sum_span(again);
    }
    sum += auk_terms_cursor_seek(cursor, AUK_SPAN("north"));
    sum += auk_terms_cursor_status(cursor);
    auk_arena_destroy(arena);
    return sum;
}

static uint64_t walk_column(const auk_column *column, uint32_t doc_count)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_column_cursor *rows = auk_column_cursor_open(column, arena);
    auk_column_cursor *blocks = auk_column_cursor_open(column, arena);
    const int64_t *values;
    const uint64_t *present;
    uint64_t sum = auk_column_read_stats(column)->value_count;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        for (uint32_t i = auk_column_cursor_values(rows, doc, &values); i-- > 0;)
            sum += (uint64_t)values[i];
    for (uint32_t block = 0; block * AUK_COLUMN_BLOCK < doc_count; block++) {
        int64_t min, max;
        if (auk_column_zone(column, block, &min, &max))
            sum += (uint64_t)min ^ (uint64_t)max;
        for (uint32_t i = auk_column_cursor_block(blocks, block, &values, &present); i-- > 0;)
            sum += (uint64_t)values[i] + (present ? present[i / 64] : 1);
    }
    auk_arena_destroy(arena);
    return sum;
}

static uint64_t walk_documents(const auk_segment *segment, uint32_t limit)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_stored_cache *cache = auk_stored_cache_create(arena);
    uint64_t sum = 0;
    uint32_t doc_count = auk_segment_doc_count(segment);
    for (auk_doc doc = 0; doc < doc_count && doc < limit; doc++) {
        auk_stored_document document;
        auk_error err;
        auk_doc found_doc;
        bool found = false;
        if (auk_segment_read_stored(segment, doc, cache, doc % 2 ? arena : NULL, &document, &err) !=
            AUK_OK)
            continue;
        sum += sum_span(document.id) + sum_span(document.routing) + sum_span(document.source);
        if (auk_segment_find_id(segment, document.id, &found_doc, &found, &err) == AUK_OK && found)
            sum += found_doc;
    }
    auk_arena_destroy(arena);
    return sum;
}

uint64_t sample_segment_walk(const auk_segment *segment, uint32_t limit)
{
    static const uint16_t fields[] = {AUK_FIELD_ID, AUK_FIELD_SEQ_NO, SAMPLE_TEXT, SAMPLE_KEYWORD,
                                      SAMPLE_NUMBER};
    uint32_t doc_count = auk_segment_doc_count(segment);
    uint64_t sum = auk_segment_bytes(segment);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const auk_terms *terms = auk_segment_terms(segment, fields[i]);
        const uint8_t *norms = auk_segment_norms(segment, fields[i]);
        const auk_column *column = auk_segment_column(segment, fields[i]);
        if (terms)
            sum += walk_terms(terms, limit);
        if (norms)
            sum += sum_span(auk_span_make(norms, doc_count));
        if (column)
            sum += walk_column(column, doc_count);
    }
    sum += walk_documents(segment, limit);
    for (uint32_t i = 0; i < auk_segment_tombstone_count(segment) && i < limit; i++) {
        auk_tombstone tombstone;
        auk_error err;
        if (auk_segment_tombstone(segment, i, &tombstone, &err) == AUK_OK)
            sum += sum_span(tombstone.id) + (uint64_t)tombstone.seq_no;
    }
    return sum;
}
